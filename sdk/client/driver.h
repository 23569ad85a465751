/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/driver.h - the one background thread of a client. It waits on the wire, runs what came, and
 * gives each source of work its turn. It starts with the first use.
 *
 * Threads: a source's functions run on the driver's thread only; the rest may be called from any.
 */
#ifndef LF__DRIVER_H
#define LF__DRIVER_H

#include "client/wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Embedded in what it serves. */
struct lf__source {
    struct lf__source *next;
    /* Does what is due; gives the monotonic instant of the next turn. `is_closing`: ends all work. */
    int64_t (*turn)(struct lf__source *source, int64_t now_ns, bool is_closing);
    bool (*is_idle)(const struct lf__source *source); /* nothing of it is in flight */
    bool is_leaving;                                  /* wants to be removed once idle */
    bool is_gone;
};

struct lf__driver {
    struct lf__wire *wire; /* NULL until first used */
    int64_t (*now)(void);  /* monotonic; the tests have a clock of their own */
    pthread_mutex_t lock;  /* over what follows */
    pthread_cond_t left;   /* a source is gone */
    struct lf__source *sources;
    pthread_t thread;
    bool is_running;
    atomic_bool is_closing;
};

void lf__driver_init(struct lf__driver *driver);
/* Over `wire`, which is moved; the thread starts with it. E_NOMEM, and `wire` is closed. */
lf_status lf__driver_run(struct lf__driver *driver, struct lf__wire *wire, lf_error *err);
/* Ends all sources and the thread; blocks for it. Not on the driver's own thread. */
void lf__driver_done(struct lf__driver *driver);

void lf__driver_add(struct lf__driver *driver, struct lf__source *source);
/* Blocks until the source is idle and no turn of it will come. Not on the driver's own thread. */
void lf__driver_remove(struct lf__driver *driver, struct lf__source *source);
/* Gives the sources a turn soon; nothing on the driver's own thread, where one comes anyway. */
void lf__driver_wake(struct lf__driver *driver);
bool lf__driver_is_self(const struct lf__driver *driver);

/* One round: turns, then a wait. False when it is over. The thread does nothing else. */
bool lf__driver_step(struct lf__driver *driver);

#endif
