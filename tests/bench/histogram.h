/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/histogram.h - latencies in microseconds, within 3 % of each. Threads: one at a time. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum { BENCH_HISTOGRAM_SLOTS = 32 * 34 };

struct bench_histogram {
    uint64_t counts[BENCH_HISTOGRAM_SLOTS];
    uint64_t total;
};

void bench_histogram_add(struct bench_histogram *h, uint64_t us, uint64_t count);
void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from);
/* The lower edge of the slot that holds the `part`-th of all, 0 <= part <= 1. */
uint64_t bench_histogram_at(const struct bench_histogram *h, double part);

#endif
