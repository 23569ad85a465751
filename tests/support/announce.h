/* SPDX-License-Identifier: Apache-2.0 */
/* tests/support/announce.h - LogKey records with their proofs, good and forged, in a small log of their own. One thread. */
#ifndef TEST_ANNOUNCE_H
#define TEST_ANNOUNCE_H

#include "base/arena.h"
#include "base/secret.h"
#include "core/checkpoint.h"
#include "protos/codec/log_key.h"

enum { ANNOUNCE_ENTRIES = 40 };

struct announcement {
    unsigned log; /* an enum px_log */
    const char *origin;
    uint64_t index;
    uint64_t from_size;
    unsigned reason; /* an enum px_log_key_reason */
    uint64_t since_size;
    const struct lf__secret *old_seed;
    const struct lf__secret *new_seed;
    /* who really signs; NULL: nobody */
    const struct lf__secret *first;
    const struct lf__secret *second;
    /* of the head that it stands under: of a ledger of this origin */
    const char *ledger;
    const struct lf__secret *head;
};
/* As the gateway makes it: the old key signs first, the new one second, and the old one the head after it. */
struct announcement announce_good(const char *ledger, uint64_t index,
                                  const struct lf__secret *old_seed,
                                  const struct lf__secret *new_seed);
/* Borrowed from the arena. Aborts when it cannot be made. */
struct px_log_key_proof announce(struct lf__arena *arena, const struct announcement *a);
/* A note of a head of so many entries, by one key or two (`too` NULL). */
lf_bytes announce_head(struct lf__arena *arena, const char *origin, uint64_t size,
                       const struct lf__secret *seed, const struct lf__secret *too);
/* A seed that is the same in every run. Owned. */
struct lf__secret *announce_seed(uint8_t number);
struct lf__note_key announce_key(const char *origin, const struct lf__secret *seed);

#endif
