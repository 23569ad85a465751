/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/log_keys_internal.h - LogKey records on the sequencer and in the replay. */
#ifndef GW_LOG_KEYS_INTERNAL_H
#define GW_LOG_KEYS_INTERNAL_H

#include "gateway/exchange/exchange.h"
#include "gateway/exchange/log_keys.h"

/* Signed by both keys, the old one being the one in force, and of this log. Replayed, it may be of the log that this one
 * succeeds. E_REJECTED, E_SIGNATURE (LOG_KEY_BAD). */
lf_status gw__log_key_check(struct gw_roster *roster, struct lf__arena *arena,
                            const struct px_envelope *envelope, uint64_t index, bool is_replayed,
                            lf_error *err);
/* And nobody ever had the new key. */
lf_status gw__log_key_admit(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct gw_submission *s,
                            const struct st_position *at, lf_error *err);
lf_status gw__log_key_apply(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct px_envelope *envelope,
                            uint64_t index, lf_error *err);
/* What the genesis named is replaced by the newest. */
lf_status gw__log_keys_reload(struct gw_exchange *exchange, struct st_txn *txn, lf_error *err);

#endif
