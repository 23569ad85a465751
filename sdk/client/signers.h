/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/signers.h - who could sign what, as an audit finds it in the log itself: the members table, rebuilt from
 * genesis and member records, entry by entry. Threads: one at a time.
 */
#ifndef LF__SIGNERS_H
#define LF__SIGNERS_H

#include "core/note.h"
#include "core/roster.h"
#include "protos/codec/log_key.h"

struct lf__signers {
    struct lf__roster_row *rows; /* ascend by key id, as under members_root */
    struct lf__public_key *keys; /* of each row */
    size_t count;
    size_t room;
    struct lf__hash root;
    struct lf__public_key own[2];       /* of ledger and access log, by LogKey records the newest */
    char gateway[LF_NOTE_NAME_MAX + 1]; /* as the genesis names it */
    unsigned number;                    /* of its logs */
    struct px_signature batch; /* the last one that verified over a batch; size 0: none yet */
    uint8_t batch_signature[LF_ED25519_SIGNATURE];
};
void lf__signers_init(struct lf__signers *signers);
void lf__signers_done(struct lf__signers *signers);

/* Before the entry is taken: the table is the one that its leaf names, and each of its signatures is by a key of its
 * issuer in that table, and verifies. Entry 0 is signed by the keys that it names, a LogKey record by the log's key of then and
 * the new one. E_SIGNATURE. */
lf_status lf__signers_check(struct lf__signers *signers, const struct px_envelope *envelope,
                            lf_bytes leaf, uint64_t index, lf_error *err);
/* What the entry changes in the table. */
lf_status lf__signers_take(struct lf__signers *signers, struct lf__arena *arena,
                           const struct px_envelope *envelope, uint64_t index, lf_error *err);

#endif
