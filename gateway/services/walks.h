/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/services/walks.h - answers that go through the ledger, on threads of their own, so that no other call waits for them; of one
 * member one at a time, members in turn, and so many wait and no more.
 * Threads: any.
 */
#ifndef GW_WALKS_H
#define GW_WALKS_H

#include "base/bytes.h"

enum {
    GW_WALK_THREADS = 2,     /* one member keeps one of them busy at most */
    GW_WALKS_MEMBER_MAX = 8, /* under way or waiting, of one member */
    GW_WALKS_MAX = 256       /* and of all */
};

struct gw_walks;

/* One answer to be made; the caller's, unmoved until `run`, with which it is over: that owes the reply, and may free it. */
struct gw_walk {
    lf_bytes member; /* whose it is; borrowed until `run` */
    void (*run)(struct gw_walk *walk);
    struct gw_walk *next; /* the walks' own */
};

/* `what` is what errors call them; static. */
LF_MUST_USE lf_status gw_walks_new(const char *what, struct gw_walks **out, lf_error *err);
/* Runs what waits, then ends; nothing may be added any more. NULL allowed. */
void gw_walks_free(struct gw_walks *walks);
/* E_BUSY (QUEUE_FULL) when the member, or all together, have as many as they may: `run` is not called then. */
LF_MUST_USE lf_status gw_walks_add(struct gw_walks *walks, struct gw_walk *walk, lf_error *err);

#endif
