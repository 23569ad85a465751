/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/receipt.h - that an entry is in the log, in the form of a C2SP tlog-proof whose `extra` line
 * holds the leaf. Threads: any.
 */
#ifndef LF__RECEIPT_H
#define LF__RECEIPT_H

#include "core/checkpoint.h"
#include "core/leaf.h"

struct lf__receipt {
    uint64_t index;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    struct lf__proof proof;
    lf_bytes checkpoint; /* borrowed from what was read */
};

bool lf__receipt_format(const struct lf__receipt *receipt, struct lf__buf *out);
/* E_FORMAT (reason PROOF_BAD). `out` borrows from `text`. */
lf_status lf__receipt_parse(lf_bytes text, struct lf__receipt *out, lf_error *err);

/* What a leaf commits to beside time and members: SHA-256(SHA-256(PAE) || signature block). */
struct lf__receipt_claim {
    struct lf__hash pae_hash;
    lf_bytes signature_block;
};
/* The checkpoint is signed by `key`, the leaf is in its tree at the index, and the leaf is of this
 * record with these signatures. E_FORMAT, E_SIGNATURE. `head` is the head it was proven against. */
lf_status lf__receipt_verify(const struct lf__receipt *receipt,
                             const struct lf__receipt_claim *claim, const struct lf__note_key *key,
                             struct lf__merkle_head *head, lf_error *err);

#endif
