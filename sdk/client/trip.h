/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/trip.h - one bundle on its way to the gateway, again and again until it is answered or its
 * time is over. Threads: the driver's.
 */
#ifndef LF__TRIP_H
#define LF__TRIP_H

#include "client/bundle.h"
#include "client/client_internal.h"
#include "client/patience.h"

struct lf__trip {
    struct lf__call call; /* after the end: what came of it */
    lf_client *client;
    struct lf__bundle bundle;
    struct lf__buf request;
    struct lf__patience patience;
    int64_t again_ns; /* the next try; INT64_MAX while in flight or over */
    bool is_flying;
    /* Exactly once, never inside start: call.status is OK and call.answer the answer, or a failure. */
    void (*ended)(struct lf__trip *trip);
};

/* Signs and sends; the records are borrowed until done. After a failure nothing was started. */
lf_status lf__trip_start(struct lf__trip *trip, lf_client *client,
                         const struct lf__record *const *records, size_t count, int64_t until_ns,
                         lf_error *err);
/* Sends again when it is time. */
void lf__trip_turn(struct lf__trip *trip, int64_t now_ns);
/* Ends it soon: `ended` comes with E_CANCELED, at once when it is between two tries. */
void lf__trip_cancel(struct lf__trip *trip);
void lf__trip_done(struct lf__trip *trip); /* after its end; also of a zeroed one */

#endif
