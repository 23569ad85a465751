/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/roster/roster_internal.h - shared by roster.c (writing) and roster_read.c (asking). */
#ifndef GW_ROSTER_INTERNAL_H
#define GW_ROSTER_INTERNAL_H

#include "core/note.h"
#include "gateway/exchange/roster/roster.h"

#include <pthread.h>
#include <stdatomic.h>

/* The authority's keys stand in the same table, under this name, which no member id can be. */
#define ROSTER_AUTHORITY "_authority"

/* Where a key or a pin stands: which member, and which of its own. */
struct roster_place {
    struct lf__hash hash;
    uint32_t member;
    uint32_t at;
};

struct gw_roster {
    pthread_rwlock_t lock;
    struct gw_member *members; /* sorted by id */
    size_t count;
    struct roster_place *keys; /* sorted by key id, each once */
    size_t key_count;
    struct roster_place
        *pins; /* sorted by hash; a retired member's may stand beside an active one's */
    size_t pin_count;
    struct lf__roster_row *rows; /* beside `keys`, one each: the table under members_root */
    struct lf__hash root;
    atomic_uint_least64_t generation;
    unsigned threshold;
    bool is_test;
    struct lf__hash
        own_keys[GW_OWN_KEYS]; /* ids of the gateway's keys, which nobody else may have */
    char own_origins[GW_OWN_KEYS][LF_NOTE_NAME_MAX + 1]; /* set once, by entry 0 */
};

/* The lock is held. NULL when there is none; the first of its run. */
const struct roster_place *gw__place_find(const struct roster_place *list, size_t count,
                                          const struct lf__hash *hash);
/* The lock is held. Position of the first id not below `id`. */
size_t gw__member_from(const struct gw_roster *roster, const char *id);
const struct gw_member *gw__member_find(const struct gw_roster *roster, const char *id);

#endif
