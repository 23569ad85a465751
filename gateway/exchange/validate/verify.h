/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/validate/verify.h - is a record signed by whom it says? Threads: any. */
#ifndef GW_VERIFY_H
#define GW_VERIFY_H

#include "gateway/exchange/roster/roster.h"

/* A batch whose signature was verified and whose root was computed from these very records, each at its
 * place: saves following a path and verifying the same signature for each of them. */
struct gw_batch_proof {
    struct lf__hash root;
    struct lf__hash key_id;
    lf_bytes signature;
    uint32_t size;
};

/* Every signature must verify, by an active key of the issuer; records of the authority need as many
 * distinct authority keys as the threshold. E_REJECTED or E_SIGNATURE or E_DENIED with the reason.
 * A member that is suspended or has left is told apart (MEMBER_SUSPENDED, MEMBER_RETIRED) unless the
 * record is a Correction; that it then speaks of its own records is admitted by the sequencer.
 * `issuer` is the signer's standing. `verified` (NULL allowed) is a batch known to be good. */
lf_status gw_verify_envelope(struct gw_roster *roster, const struct px_envelope *envelope,
                             int64_t now_ms, const struct gw_batch_proof *verified,
                             struct gw_standing *issuer, lf_error *err);
/* The same for a proposal: authority keys all, but one is enough. */
lf_status gw_verify_proposal(struct gw_roster *roster, const struct px_envelope *envelope,
                             int64_t now_ms, struct gw_standing *issuer, lf_error *err);
/* The key that signs a whole batch: E_REJECTED, E_SIGNATURE with the reason. `out` borrows from
 * `signature`. */
lf_status gw_verify_batch(struct gw_roster *roster, const struct px_signature *signature,
                          int64_t now_ms, struct gw_batch_proof *out, lf_error *err);

#endif
