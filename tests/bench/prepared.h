/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/prepared.h - requests made before a round begins, on all cores, so that a round measures
 * who answers and not who asks. Threads: taking from any, the rest from one.
 */
#ifndef BENCH_PREPARED_H
#define BENCH_PREPARED_H

#include "base/buf.h"

#include <grpc/slice.h>

struct bench_prepared {
    grpc_slice *list;
    uint64_t count;
    bool repeats; /* begin again when all are taken */
};

/* Calls make(user, n, out) for n = 0 .. count - 1, each once. False when one could not be made. */
bool bench_prepare(uint64_t count, bool (*make)(void *user, uint64_t n, struct lf__buf *out),
                   void *user, struct bench_prepared *out);
/* For load_work.request, with the prepared list as its user. */
bool bench_prepared_take(void *prepared, uint64_t n, grpc_slice *out);
void bench_prepared_free(struct bench_prepared *prepared);

#endif
