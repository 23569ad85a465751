/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/services/crosscheck_internal.h - a CrossCheck under way: crosscheck.c takes requests and answers lists, crosscheck_bulk.c
 * goes through the whole ledger.
 */
#ifndef GW_CROSSCHECK_SERVICE_H
#define GW_CROSSCHECK_SERVICE_H

#include "gateway/exchange/crosscheck/crosscheck.h"
#include "gateway/services/question.h"
#include "protos/codec/crosscheck.h"

#include <stdatomic.h>

enum { GW_CROSS_WINDOW = 4 }; /* messages on the way to the client */
struct cross_bulk;

/* An open stream; in the call's arena. One message of it at a time is handled, and `finished` comes after the last. */
struct crosser {
    struct gw_services *services;
    struct gw_standing standing;
    struct gw_reader reader;   /* borrows from `standing` */
    struct gw_purpose purpose; /* of the first request, copied */
    unsigned omit;
    int64_t at_ms;
    bool has_purpose;
    bool is_listed;
    bool is_refused;
    lf_error refusal;
    char last_code[64]; /* of the list */
    uint64_t totals[PX_FINDINGS];
    uint64_t access_index; /* of the last answer */
    /* Answers that are still to come, and one more until nothing follows: whoever is the last then ends the
     * stream, or tells the summary. */
    atomic_uint waiting;
    struct cross_bulk *bulk; /* under the lock of `crosses`; NULL: none */
};

/* A row into the reply unless it is left out, counted in any case. Gives whether it was told. */
bool gw__cross_put(const struct gw_cross_row *row, unsigned omit, uint64_t totals[PX_FINDINGS],
                   struct lf__buf *reply);
/* The ledger's head, and the totals (NULL: more follows). */
void gw__cross_end_put(const struct crosser *crosser, const uint64_t *totals,
                       struct lf__buf *reply);

/* One request with lines, and what comes of it. `what` lacks the result's digest. */
struct cross_list {
    struct crosser *crosser;
    struct lf__arena *arena;
    const struct px_cross_request *request;
    struct lf__buf *reply;
    struct px_access *what;
};
lf_status gw__cross_list(const struct cross_list *list, lf_error *err);

/* Ends the stream, and tells of it. */
void gw__cross_fail(struct gw_call *call, lf_status status, const lf_error *err);

/* The whole ledger, from here on by a thread of its own. E_BUSY (QUEUE_FULL). */
lf_status gw__cross_bulk_begin(struct gw_call *call, struct crosser *crosser, lf_error *err);
void gw__cross_bulk_sent(struct gw_crosses *crosses, struct crosser *crosser);
void gw__cross_bulk_ended(struct gw_crosses *crosses, struct crosser *crosser);

#endif
