/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/federation/publisher.h - the published checkpoint of one log: it moves at most once an interval, so that
 * witnesses keep up, and carries the cosignatures of those that answered in time.
 *
 * Outside the path of records: a late witness is counted and told, and stops nothing. Threads: reading from any;
 * start and stop from one; one thread of its own.
 */
#ifndef GW_PUBLISHER_H
#define GW_PUBLISHER_H

#include "core/witness_policy.h"
#include "storage/ledger.h"

#include <stdatomic.h>

enum { GW_PUBLISH_INTERVAL_MS = 1000, GW_WITNESS_TIMEOUT_MS = 1000, GW_PUBLISHED_MAX = 32768 };

struct gw_publisher;

struct gw_publisher_options {
    struct st_ledger *ledger; /* borrowed until stop, as the others are */
    const char *origin;
    const struct lf__witness_policy *witnesses; /* NULL: nobody cosigns */
    unsigned interval_ms;                       /* 0: GW_PUBLISH_INTERVAL_MS */
    unsigned timeout_ms;                        /* 0: GW_WITNESS_TIMEOUT_MS */
    /* Told on the publisher's thread when a published head has too few cosignatures, and when one has again
     * enough; NULL allowed. */
    void (*on_late)(void *user, const char *origin, bool is_late, const lf_error *err);
    /* What leads to the newest keys (the answer of GetLogKeys; empty: none was ever changed), for witnesses that know an older one;
     * likewise. NULL: witnesses are not told. */
    lf_status (*log_keys)(void *user, struct lf__buf *out, lf_error *err);
    const char *ledger_origin; /* by which they are addressed; of the access log's publisher too */
    void *user;
};
LF_MUST_USE lf_status gw_publisher_start(const struct gw_publisher_options *options,
                                         struct gw_publisher **out, lf_error *err);
void gw_publisher_stop(struct gw_publisher *publisher); /* NULL allowed */

/* Appends the published note: the log's line first, witnesses' after it. Returns its size. */
uint64_t gw_publisher_note(struct gw_publisher *publisher, struct lf__buf *out);

struct gw_publisher_counts {
    uint64_t published;     /* heads */
    uint64_t cosigned;      /* of them with enough cosignatures */
    uint64_t late;          /* of them published without */
    uint64_t cosigned_size; /* of the last head with enough */
};
struct gw_publisher_counts gw_publisher_counts(struct gw_publisher *publisher);

#endif
