/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/verify.h - is a record signed by whom it says? Threads: any. */
#ifndef GW_VERIFY_H
#define GW_VERIFY_H

#include "gateway/exchange/roster.h"

/* A batch whose root was already computed and its signature verified: saves doing it for each record. */
struct gw_batch_proof {
    struct lf__hash root;
    struct lf__hash key_id;
    lf_bytes signature;
    uint32_t size;
};

/* Every signature must verify, by an active key of the issuer; records of the authority need as many
 * distinct authority keys as the threshold. E_REJECTED or E_SIGNATURE or E_DENIED with the reason.
 * A suspended member is told apart (MEMBER_SUSPENDED) unless the record is a Correction.
 * `issuer` is the signer's standing. `verified` (NULL allowed) is a batch known to be good. */
lf_status gw_verify_envelope(struct gw_roster *roster, const struct px_envelope *envelope,
                             int64_t now_ms, const struct gw_batch_proof *verified,
                             struct gw_standing *issuer, lf_error *err);
/* The bytes that a batch signature signs: PAE(batch type, u32be n || root). */
bool gw_batch_pae(struct lf__buf *out, uint32_t size, const struct lf__hash *root);
/* The signature block of an envelope, for its ledger leaf. */
bool gw_signature_block(const struct px_envelope *envelope, struct lf__buf *out);

#endif
