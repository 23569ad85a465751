/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/access/access_internal.h - shared by access.c (entries) and meter.c (counts). */
#ifndef GW_ACCESS_INTERNAL_H
#define GW_ACCESS_INTERNAL_H

#include "gateway/access/access.h"

#include <pthread.h>

enum { GW_METER_SUMS = 32, GW_QUOTA_BUCKETS = 64 };

/* Subjects of one member and purpose on one day, not yet written. */
struct gw_meter_sum {
    uint32_t day;
    char member[41];
    char purpose[64];
    uint64_t subjects;
};

/* What was taken of the quotas of one day. */
struct gw_quotas_used {
    pthread_mutex_t lock; /* of all that follows */
    uint32_t day;
    struct gw_quota *buckets[GW_QUOTA_BUCKETS]; /* by member */
};

struct gw_access {
    struct st_engine *engine;
    struct st_ledger *ledger;
    const struct lf__secret *token_key;
    unsigned meter_table;
    struct gw_quotas_used quotas;
    /* the sequencer's own */
    struct gw_meter_sum sums[GW_METER_SUMS];
    size_t sum_count;
};

/* Adds to the counts of the note's member, inside the transaction that takes its entry. Most is only remembered, because
 * a commit holds many entries of few members: gw__meter_settle() writes it, before the transaction is committed. */
lf_status gw__meter_add(struct gw_access *access, struct st_txn *txn,
                        const struct gw_access_note *note, int64_t at_ms, lf_error *err);
/* What a mirror's report is, by whatever key it is signed: its count, which the member's own salt makes unlike any other. False for
 * what cannot be read. */
bool gw__report_identity(lf_bytes report, struct lf__hash *out);
/* Days of Asia/Shanghai since 1970. */
uint32_t gw__meter_day(int64_t at_ms);
void gw__quotas_free(struct gw_access *access);
lf_status gw__meter_settle(struct gw_access *access, struct st_txn *txn, lf_error *err);

#endif
