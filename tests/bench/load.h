/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/load.h - unary calls against any gRPC server, as many at a time as told, from one
 * process: asynchronous gRPC core, a completion queue and a thread for every group of connections.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "base/buf.h"
#include "bench/histogram.h"

#include <grpc/slice.h>
#include <stdbool.h>

enum { LOAD_CONNECTIONS_MAX = 64, LOAD_THREADS = 2 };

/* The gateway's certificate and a member's own, each ending with NUL. */
struct load_pems {
    struct lf__buf root;
    struct lf__buf key;
    struct lf__buf cert;
};
/* From DIR and DIR/members/MEMBER. Release with load_pems_done(), also after a failure. */
bool load_pems_read(const char *dir, const char *member, struct load_pems *out);
void load_pems_done(struct load_pems *pems);

/* PEM texts; `root` NULL means no TLS. */
struct load_tls {
    const char *root;
    const char *key;
    const char *cert;
};

struct load_tls load_pems_tls(const struct load_pems *pems); /* borrows */

struct load_target {
    const char *address; /* HOST:PORT */
    const char *method;  /* "/package.Service/Method" */
    struct load_tls tls;
    unsigned connections;
    unsigned in_flight; /* calls */
};

struct load_work {
    /* Request `n` of this run, a reference of the caller's; false when there are no more. Called from
     * every thread of the load; each n once. */
    bool (*request)(void *user, uint64_t n, grpc_slice *out);
    /* Whether the answer is what it should be. NULL: any answer of status OK. */
    bool (*check)(void *user, lf_bytes answer);
    void *user;
    uint64_t records; /* in one call */
};

struct load_result {
    uint64_t calls;  /* answered well within the time that counts */
    uint64_t failed; /* over the whole run */
    uint64_t records;
    double seconds; /* that count */
    struct bench_histogram latency;
    uint64_t answer_bytes; /* of the last answer */
    char first_error[256];
};

/* Runs `warm` seconds that do not count, then `seconds`, or until the requests run out; then waits for
 * what is still in flight. False when nothing could be run. */
bool load_run(const struct load_target *target, const struct load_work *work, double warm,
              double seconds, struct load_result *out);

double bench_now(void); /* seconds, monotonic */

#endif
