/* SPDX-License-Identifier: Apache-2.0 */
/* client/log_read.h - reading a log without believing it; shared by prove.c, audit.c, lift.c and evidence_export.c. Threads: any. */
#ifndef LF__LOG_READ_H
#define LF__LOG_READ_H

#include "client/client_internal.h"
#include "core/receipt.h"

/* The key that the profile trusts for a log; of no use when the profile names none. */
const struct lf__note_key *lf__log_key(const lf_client *client, enum px_log log);
/* The newest head, verified; the signed note is appended to `note`. */
lf_status lf__head_get(lf_client *client, enum px_log log, struct lf__buf *note,
                       struct lf__merkle_head *head, lf_error *err);
/* What the gateway says of place->index in the ledger of place->size; not verified. */
lf_status lf__inclusion_get(lf_client *client, const lf_proof *place, struct lf__hash *leaf,
                            struct lf__proof *proof, lf_error *err);
/* The published one, with its witnesses' lines. */
lf_status lf__head_published(lf_client *client, enum px_log log, struct lf__buf *note,
                             struct lf__merkle_head *head, lf_error *err);
/* What a receipt of the record has to be of; its signature block goes into `block`. */
lf_status lf__claim_of(struct lf__arena *arena, lf_bytes envelope, struct lf__buf *block,
                       struct lf__receipt_claim *out, lf_error *err);
/* E_SIGNATURE unless the readable record of a ledger entry is the one that its leaf commits to. */
lf_status lf__entry_check(const struct px_entry *entry, lf_error *err);
/* As lf_log_prove(), with the record where this member may read it (else out->issuer is ""), kept in `arena`. */
lf_status lf__entry_prove(lf_client *client, struct lf__arena *arena, uint64_t index, lf_proof *out,
                          struct px_envelope *envelope, lf_error *err);

#endif
