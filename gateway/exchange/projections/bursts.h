/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/bursts.h - how many accusations each member sends, and when that is more than it may at once. By the times of the
 * ledger's entries alone, so that replaying them decides the same.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_BURSTS_H
#define GW_PROJECTION_BURSTS_H

#include "rules/rules.h"
#include "storage/ledger.h"

/* By the rules' table `burst`, and by what the Policy in force says instead. */
struct gw_burst_limit {
    uint64_t floor;
    uint64_t multiple;
    int64_t window_ms;
    unsigned usual_days;
};
struct gw_burst_limit gw_burst_limit(const struct lf__rules *rules, const struct px_burst *said);

/* One more accusation of the member: *is_too_many when it is to be quarantined; it then counts for nothing but the total. */
lf_status gw_burst_take(struct st_txn *txn, lf_bytes member, const struct gw_burst_limit *limit,
                        int64_t at_ms, bool *is_too_many, lf_error *err);
/* How many of all members' accusations were ever quarantined. */
lf_status gw_burst_total(struct st_txn *txn, uint64_t *out, lf_error *err);

#endif
