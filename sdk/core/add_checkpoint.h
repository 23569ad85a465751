/* SPDX-License-Identifier: Apache-2.0 */
/* core/add_checkpoint.h - the body of C2SP tlog-witness add-checkpoint, both ways. Threads: any. */
#ifndef LF__ADD_CHECKPOINT_H
#define LF__ADD_CHECKPOINT_H

#include "core/checkpoint.h"

enum { LF_ADD_PROOF_MAX = 63, LF_ADD_BODY_MAX = 65536 /* bytes */ };

struct lf__add_checkpoint {
    uint64_t old_size;
    struct lf__proof proof;
    lf_bytes note; /* borrowed from the body, as `text` and `origin` are */
    lf_bytes text; /* of the note: what is signed */
    lf_bytes origin;
    struct lf__merkle_head head;
};

/* Form only, nothing verified: old size, at most 63 hashes, an empty line, a note of exactly three lines with at
 * least one signature line, old <= size. E_FORMAT. */
lf_status lf__add_checkpoint_parse(lf_bytes body, struct lf__add_checkpoint *out, lf_error *err);
bool lf__add_checkpoint_format(uint64_t old_size, const struct lf__proof *proof, lf_bytes note,
                               struct lf__buf *out);

/* Whether the new head extends the old one as a witness demands: from size 0 with no proof (and the empty tree only
 * with its own root), to the same size only with the same root. E_SIGNATURE (PROOF_BAD). */
lf_status lf__witness_verify(const struct lf__merkle_head *older,
                             const struct lf__merkle_head *newer, const struct lf__proof *proof,
                             lf_error *err);

#endif
