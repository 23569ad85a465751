/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/cursors.h - how far each member has come with the feed, as it says itself. Operational state beside the
 * ledger, durable before it is answered, written by a thread of its own: a commit may wait for the disk, and calls must not.
 * Threads: any, but for new and free.
 */
#ifndef GW_CURSORS_H
#define GW_CURSORS_H

#include "gateway/exchange/exchange.h"

enum { GW_CURSOR_JOBS_MAX = 4096 }; /* that wait */

struct gw_cursors;
LF_MUST_USE lf_status gw_cursors_new(struct gw_exchange *exchange, struct gw_cursors **out,
                                     lf_error *err);
void gw_cursors_free(struct gw_cursors *cursors); /* finishes what waits; NULL allowed */

/* One acknowledgement. The caller's, unmoved until `done`. */
struct gw_cursor_job {
    char member[41];
    uint64_t cursor;
    void *user;
    /* Called exactly once, on the cursors' thread. OK: durable. E_ARG: CURSOR_AHEAD, CURSOR_BEHIND. */
    void (*done)(struct gw_cursor_job *job, const lf_error *err);
    /* the cursors' own */
    struct gw_cursor_job *next;
    lf_error error;
};
/* E_BUSY (QUEUE_FULL); `done` is then not called. */
LF_MUST_USE lf_status gw_cursor_keep(struct gw_cursors *cursors, struct gw_cursor_job *job,
                                     lf_error *err);
/* 0 for a member that has not said anything. */
LF_MUST_USE lf_status gw_cursor_of(struct gw_exchange *exchange, lf_bytes member, uint64_t *out,
                                   lf_error *err);

#endif
