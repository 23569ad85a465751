/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gateway behind the client's wire: it checks the batch's signature, keeps a ledger, signs heads, and
 * does what the test says about when it answers. One thread, and a clock that moves when all wait.
 */
#ifndef FAKE_GATEWAY_H
#define FAKE_GATEWAY_H

#include "client/bundle.h"
#include "client/client_internal.h"

enum { FAKE_ENTRIES = 4096, FAKE_CALLS = 64, FAKE_BATCHES = 256 };

struct fake_gateway {
    struct lf__wire wire;
    struct lf__note_key key;
    struct lf__secret *seed;
    struct lf__public_key member_key;
    int64_t now_ns;
    bool is_still;     /* the clock does not move: somebody will wake the client before */
    bool holds;        /* answers only when fake_land() says so */
    lf_error fails[8]; /* what the next calls come back with, instead of an answer */
    uint32_t fail_retry_ms;
    size_t fail_count;
    bool lies; /* a leaf that is not the record's */
    bool is_closed;
    size_t size; /* of the ledger */
    struct lf__hash digests[FAKE_ENTRIES];
    uint8_t leaves[FAKE_ENTRIES][LF_LEDGER_LEAF_BYTES];
    struct lf__call *calls[FAKE_CALLS]; /* in flight, oldest first */
    struct lf__buf requests[FAKE_CALLS];
    bool cancelled[FAKE_CALLS];
    size_t call_count;
    size_t batches[FAKE_BATCHES]; /* how many records each call had */
    struct lf__hash sums[FAKE_BATCHES];
    size_t batch_count;
    unsigned wakes;
};

/* A client of this gateway that the test drives by lf__driver_step(). */
lf_client *fake_open(struct fake_gateway *gateway);
/* The oldest call, or the one at `i`, comes back. */
void fake_land(struct fake_gateway *gateway, size_t i);
void fake_close(struct fake_gateway *gateway, lf_client *client); /* client NULL: closed before */
/* One of the gateway's entries is this record. */
bool fake_has(const struct fake_gateway *gateway, const struct lf__hash *digest);

#endif
