/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/coalescer.h - single submits, gathered into bundles. A record goes at once when nothing is in
 * flight; otherwise when the linger is over or a bundle is full, with a bounded number in flight.
 *
 * Threads: submits are handed in and cancelled on any thread; everything else is the driver's.
 */
#ifndef LF__COALESCER_H
#define LF__COALESCER_H

#include "client/driver.h"
#include "client/records.h"

#include <lianfang/submit.h>

struct lf__group;
struct lf_submit {
    atomic_uint refs;
    atomic_bool is_cancelled;
    atomic_bool is_told;
    lf_client *client; /* not touched once told */
    lf_submit *next;
    struct lf__record record; /* its user is the submit */
    lf_result_cb done;
    void *user;
    int64_t queued_ns;
    int64_t until_ns;
    uint8_t bytes[]; /* of the record */
};

struct lf__queue {
    lf_submit *head;
    lf_submit *tail;
    size_t count;
    size_t weight;
};

struct lf__coalescer {
    struct lf__source source;
    lf_client *client;
    pthread_mutex_t lock; /* over the next three */
    struct lf__queue incoming;
    size_t bell_at; /* so many incoming ones wake the driver */
    size_t pending; /* started and not told */
    atomic_bool has_cancelled;
    struct lf__queue waiting; /* the rest is the driver's */
    struct lf__group *groups;
    size_t group_count;
};

void lf__coalescer_init(struct lf__coalescer *coalescer, lf_client *client);
void lf__coalescer_done(struct lf__coalescer *coalescer);
/* E_BUSY or E_CLOSED, and then the submit is still the caller's. */
lf_status lf__coalescer_take(struct lf__coalescer *coalescer, lf_submit *submit, lf_error *err);

#endif
