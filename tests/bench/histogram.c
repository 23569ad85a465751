/* SPDX-License-Identifier: Apache-2.0 */
/* Exact below 64, then 32 slots an octave. */
#include "bench/histogram.h"

#include <stddef.h>

static size_t slot_of(uint64_t us)
{
    if (us < 64) {
        return (size_t)us;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(us); /* 6 and up */
    size_t slot = (size_t)(octave - 4) * 32 + (size_t)((us >> (octave - 5)) & 31);
    return slot < BENCH_HISTOGRAM_SLOTS ? slot : BENCH_HISTOGRAM_SLOTS - 1;
}

static uint64_t edge_of(size_t slot)
{
    if (slot < 64) {
        return slot;
    }
    unsigned octave = (unsigned)(slot / 32) + 4;
    return ((uint64_t)32 + slot % 32) << (octave - 5);
}

void bench_histogram_add(struct bench_histogram *h, uint64_t us, uint64_t count)
{
    h->counts[slot_of(us)] += count;
    h->total += count;
}

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from)
{
    for (size_t i = 0; i < BENCH_HISTOGRAM_SLOTS; i++) {
        into->counts[i] += from->counts[i];
    }
    into->total += from->total;
}

uint64_t bench_histogram_at(const struct bench_histogram *h, double part)
{
    uint64_t want = (uint64_t)(part * (double)h->total);
    uint64_t seen = 0;
    for (size_t i = 0; i < BENCH_HISTOGRAM_SLOTS; i++) {
        seen += h->counts[i];
        if (seen > want || seen == h->total) {
            return edge_of(i);
        }
    }
    return 0;
}
