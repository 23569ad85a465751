/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/wire.h - the seam between what a client sends and how it travels. The product's wire is
 * gRPC (transport/); the tests put a small gateway of their own behind it.
 *
 * Threads: the one that drives the client starts, cancels and waits, and `done` is called from inside
 * wait only. Any thread may wake.
 */
#ifndef LF__WIRE_H
#define LF__WIRE_H

#include "base/buf.h"

/* In lf_error.cause beside E_UNAVAILABLE: somebody answers there, but no TLS came about. */
enum { LF_CAUSE_HANDSHAKE = 525 };

/* One call in flight; embedded in what waits for it, and owned by that until `done`. */
struct lf__call {
    void (*done)(struct lf__call *call);
    struct lf__buf answer; /* of LF_OK; initialised by the caller */
    lf_status status;
    lf_error error;
    uint32_t retry_ms; /* what the gateway asked to wait, or 0 */
    void *transport;   /* the wire's own, valid until `done` */
};

struct lf__wire;
struct lf__wire_ops {
    /* Copies the request; `done` follows exactly once, whatever happens. */
    void (*start)(struct lf__wire *wire, struct lf__call *call, const char *method,
                  lf_bytes request, int64_t timeout_ms);
    /* `done` comes soon with E_CANCELED, or with what had come before. */
    void (*cancel)(struct lf__wire *wire, struct lf__call *call);
    /* Ends a wait, or the next one. */
    void (*wake)(struct lf__wire *wire);
    /* Until a call is done, a wake, or the monotonic instant. */
    void (*wait)(struct lf__wire *wire, int64_t until_ns);
    void (*close)(struct lf__wire *wire); /* with no call in flight */
};
struct lf__wire {
    const struct lf__wire_ops *ops;
};

#endif
