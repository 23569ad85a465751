/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/campaigns_internal.h - campaigns, for admit.c, apply.c and redact.c (sequencer). */
#ifndef GW_CAMPAIGNS_INTERNAL_H
#define GW_CAMPAIGNS_INTERNAL_H

#include "gateway/exchange/exchange_internal.h"

/* A Campaign record may stand: E_REJECTED (CAMPAIGN_NAME) for a name that is another issuer's. */
lf_status gw__campaign_admit(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct px_envelope *said,
                             lf_error *err);
lf_status gw__campaign_apply(struct st_txn *txn, struct lf__arena *arena,
                             const struct px_envelope *envelope, uint64_t index, lf_error *err);
/* An event may belong to the campaign that it names, if any: E_REJECTED (CAMPAIGN_UNKNOWN), whatever the cause. */
lf_status gw__campaign_admit_event(struct gw_exchange *exchange, struct st_txn *txn,
                                   struct lf__arena *arena, const struct px_header *header,
                                   const struct px_event *event, lf_error *err);
/* Whether events of that name took effect without a relay when entry `before` came in. "" is no campaign. */
lf_status gw__campaign_is_automatic(struct st_txn *txn, lf_bytes name, uint64_t before, bool *out,
                                    lf_error *err);

#endif
