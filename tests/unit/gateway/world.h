/* SPDX-License-Identifier: Apache-2.0 */
/* A small federation on a real store, for the tests of the exchange: who speaks, and what was answered. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/receipt.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/screen.h"
#include "protos/codec/words.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum who { AUTHORITY, SECOND, PLATFORM, OTHER, REGULATOR, LEDGER, BRAND, WHO_COUNT };
extern const char *const names[WHO_COUNT];
extern const char m1[];
extern const char m2[];

struct world {
    char path[64];
    struct lf__secret *seeds[WHO_COUNT];
    struct px_member_key keys[WHO_COUNT];
    struct gw_policy *policy;
    struct gw_exchange *exchange;
    uint8_t next_id;
    const struct gw_standing *caller; /* who hands records in; NULL: the gateway itself */
    uint32_t threshold;               /* of the authority: with 2 both its keys sign what it says */
};
extern struct world w;
extern bool names_ledger; /* its key, in the genesis */

struct told {
    struct lf__arena arena;
    struct gw_submission s;
    struct gw_group group;
    struct lf__buf wire;
    sem_t done;
};

extern struct told *said; /* the last one */

void envelope_sign(enum who who, struct px_header *header, struct px_part *parts, size_t count,
                   struct lf__buf *wire);
void submit(struct told *told);
/* Several as one request, in the arena of `told`. */
void submit_group(struct told *told, struct gw_submission *list, size_t count);
/* Says something once: the id is fresh unless header->record_id is set. */
struct told *say(enum who who, struct px_header *header, struct px_part *parts, size_t count);
struct told *say_event(enum who who, const char *uscc, unsigned certainty, const char *measure);
struct told *say_target(enum who who, enum px_kind kind, const char *issuer, uint8_t id_byte,
                        unsigned decision);
/* A struct of protos/codec/words.h; `audience` may be empty. */
struct told *say_named(enum who who, enum px_kind kind, const void *value, const char *audience);
struct told *say_registry(const char *uscc, const char *status);
struct px_member member_of(enum who who, enum px_role role, enum px_member_status status);
struct told *say_member_value(enum who who, const struct px_member *member);
struct told *say_member(enum who who, enum px_role role, enum px_member_status status);
/* The same for all. */
struct told *say_words(enum who who, enum px_kind kind, const void *value);
struct told *say_policy(unsigned relay_below);
struct told *say_policy_value(const struct px_policy *policy);
void exchange_open(const lf_bytes *genesis, lf_status want);
void genesis_make(struct lf__buf *wire);
int setup(void **state);
int setup_two(void **state); /* threshold 2 */
int teardown(void **state);
struct gw_screened screen(enum who who, const char *uscc);
struct gw_screened screen_asked(enum who who, const struct gw_asked *asked);

/* The store of the closed exchange. */
struct st_engine *engine_open(void);
/* The first damage that a check finds, or "". */
const char *check_store(struct st_engine *engine);
/* Checked, rebuilt, checked: what the sequencer derived is what the entries as they are now say. */
void assert_sound(void);

#endif
