/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few thousand members at most, changed a few times a day and asked for every record: a flat table
 * of keys and one of pins, both sorted, behind a read-write lock.
 */
#include "gateway/exchange/roster.h"

#include "base/bytes.h"
#include "base/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The authority's keys stand in the same table, under this name, which no member id can be. */
static const char roster_authority[] = "_authority";

struct roster_member {
    char member[41];
    enum px_role role;
    unsigned level;
    enum px_member_status status;
    struct px_pin pins[PX_PINS_MAX];
    size_t pin_count;
    struct px_member_key keys[PX_KEYS_MAX];
    struct lf__hash key_ids[PX_KEYS_MAX];
    size_t key_count;
    uint64_t since_index;
};

struct gw_roster {
    pthread_rwlock_t lock;
    struct roster_member *members;
    size_t count;
    struct lf__roster_row *rows; /* sorted by key id */
    size_t row_count;
    struct lf__hash root;
    uint64_t generation;
    unsigned threshold;
    bool is_test;
};

lf_status gw_roster_new(struct gw_roster **out, lf_error *err)
{
    struct gw_roster *roster = calloc(1, sizeof *roster);
    if (roster == NULL) {
        return lf__fail(err, LF_E_NOMEM, "roster: out of memory");
    }
    (void)pthread_rwlock_init(&roster->lock, NULL);
    roster->root = lf__merkle_empty();
    *out = roster;
    return LF_OK;
}

void gw_roster_free(struct gw_roster *roster)
{
    if (roster != NULL) {
        (void)pthread_rwlock_destroy(&roster->lock);
        free(roster->members);
        free(roster->rows);
        free(roster);
    }
}

static struct roster_member *member_find(const struct gw_roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->members[i].member, name) == 0) {
            return &roster->members[i];
        }
    }
    return NULL;
}

static int row_order(const void *a, const void *b)
{
    return memcmp(((const struct lf__roster_row *)a)->key_id.bytes,
                  ((const struct lf__roster_row *)b)->key_id.bytes, LF_HASH_BYTES);
}

/* Rebuilt whole: a change a day is no reason for an incremental tree. */
static lf_status rows_rebuild(struct gw_roster *roster, lf_error *err)
{
    struct lf__roster_row *rows = calloc(roster->count * PX_KEYS_MAX + 1, sizeof *rows);
    size_t n = 0;
    if (rows == NULL) {
        return lf__fail(err, LF_E_NOMEM, "roster: out of memory");
    }
    for (size_t m = 0; m < roster->count; m++) {
        const struct roster_member *member = &roster->members[m];
        for (size_t k = 0; k < member->key_count; k++) {
            rows[n] = (struct lf__roster_row){.key_id = member->key_ids[k],
                                              .role = (uint8_t)member->role,
                                              .status = (uint8_t)member->status,
                                              .since_index = member->since_index};
            (void)lf__copy_str(rows[n++].member, sizeof rows->member,
                               lf__bytes_str(member->member));
        }
    }
    qsort(rows, n, sizeof *rows, row_order);
    lf_status rc = lf__roster_root(rows, n, &roster->root, err);
    free(roster->rows);
    roster->rows = rows;
    roster->row_count = n;
    roster->generation++;
    return rc;
}

static void keys_set(struct roster_member *to, const struct px_member_key *keys, size_t count)
{
    to->key_count = count;
    for (size_t i = 0; i < count; i++) {
        to->keys[i] = keys[i];
        to->key_ids[i] = lf__key_id(&keys[i].key);
    }
}

/* The lock is held. A new member gets a place, a known one keeps its own. */
static struct roster_member *member_place(struct gw_roster *roster, const char *name)
{
    struct roster_member *known = member_find(roster, name);
    if (known != NULL || roster->count == GW_MEMBERS_MAX) {
        return known;
    }
    struct roster_member *grown = realloc(roster->members, (roster->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    roster->members = grown;
    return &grown[roster->count++];
}

static lf_status member_set(struct gw_roster *roster, const struct roster_member *value,
                            lf_error *err)
{
    (void)pthread_rwlock_wrlock(&roster->lock);
    struct roster_member *place = member_place(roster, value->member);
    lf_status rc = place == NULL
                       ? lf__fail(err, LF_E_FULL, "roster: more than %d members", GW_MEMBERS_MAX)
                       : LF_OK;
    if (rc == LF_OK) {
        *place = *value;
        rc = rows_rebuild(roster, err);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}

lf_status gw_roster_genesis(struct gw_roster *roster, const struct px_genesis *genesis,
                            lf_error *err)
{
    struct roster_member authority = {.status = PX_MEMBER_ACTIVE};
    (void)lf__copy_str(authority.member, sizeof authority.member, lf__bytes_str(roster_authority));
    keys_set(&authority, genesis->keys, genesis->key_count);
    roster->threshold = genesis->threshold;
    roster->is_test = genesis->is_test;
    return member_set(roster, &authority, err);
}

lf_status gw_roster_apply(struct gw_roster *roster, const struct px_member *member, uint64_t index,
                          lf_error *err)
{
    struct roster_member value = {.role = member->role,
                                  .level = member->level,
                                  .status = member->status,
                                  .pin_count = member->pin_count,
                                  .since_index = index};
    (void)lf__copy_str(value.member, sizeof value.member, member->member);
    keys_set(&value, member->keys, member->key_count);
    lf__copy(value.pins, member->pins, member->pin_count * sizeof *value.pins);
    return member_set(roster, &value, err);
}

uint64_t gw_roster_generation(struct gw_roster *roster)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    uint64_t generation = roster->generation;
    (void)pthread_rwlock_unlock(&roster->lock);
    return generation;
}

struct lf__hash gw_roster_root(struct gw_roster *roster)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    struct lf__hash root = roster->root;
    (void)pthread_rwlock_unlock(&roster->lock);
    return root;
}

unsigned gw_roster_threshold(struct gw_roster *roster)
{
    return roster->threshold; /* set once, by entry 0, before any reader */
}

bool gw_roster_is_test(struct gw_roster *roster)
{
    return roster->is_test;
}

static void standing_of(const struct roster_member *member, struct gw_standing *out)
{
    *out = (struct gw_standing){.role = member->role,
                                .level = member->level,
                                .status = member->status,
                                .is_authority = strcmp(member->member, roster_authority) == 0};
    (void)lf__copy_str(out->member, sizeof out->member, lf__bytes_str(member->member));
}

static bool is_within(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
    return now_ms >= from_ms && (until_ms == 0 || now_ms < until_ms);
}

static const struct roster_member *pin_find(const struct gw_roster *roster,
                                            const struct lf__hash *spki, int64_t now_ms)
{
    for (size_t m = 0; m < roster->count; m++) {
        for (size_t p = 0; p < roster->members[m].pin_count; p++) {
            const struct px_pin *pin = &roster->members[m].pins[p];
            if (lf__hash_eq(&pin->spki, spki) && is_within(pin->from_ms, pin->until_ms, now_ms)) {
                return &roster->members[m];
            }
        }
    }
    return NULL;
}

lf_status gw_roster_by_pin(struct gw_roster *roster, const struct lf__hash *spki, int64_t now_ms,
                           struct gw_standing *out, lf_error *err)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct roster_member *member = pin_find(roster, spki, now_ms);
    if (member != NULL) {
        standing_of(member, out);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return member != NULL ? LF_OK
                          : lf__refuse(err, LF_E_UNAUTHENTICATED, "CERTIFICATE_UNKNOWN", "",
                                       "peer: no member has pinned this certificate");
}

/* The lock is held. */
static lf_status key_take(const struct gw_roster *roster, const struct lf__roster_row *row,
                          int64_t now_ms, struct gw_standing *out, struct lf__public_key *key,
                          lf_error *err)
{
    const struct roster_member *member = member_find(roster, row->member);
    size_t k = 0;
    while (!lf__hash_eq(&member->key_ids[k], &row->key_id)) {
        k++;
    }
    if (!is_within(member->keys[k].from_ms, member->keys[k].until_ms, now_ms) ||
        member->keys[k].use == 2) {
        return lf__refuse(err, LF_E_REJECTED, "KEY_RETIRED", "signatures.key_id",
                          "key: does not sign records at this time");
    }
    *key = member->keys[k].key;
    standing_of(member, out);
    return LF_OK;
}

lf_status gw_roster_by_key(struct gw_roster *roster, const struct lf__hash *key_id, int64_t now_ms,
                           struct gw_standing *out, struct lf__public_key *key, lf_error *err)
{
    struct lf__roster_row want = {.key_id = *key_id};
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct lf__roster_row *row =
        roster->row_count == 0
            ? NULL
            : bsearch(&want, roster->rows, roster->row_count, sizeof want, row_order);
    lf_status rc = row == NULL ? lf__refuse(err, LF_E_REJECTED, "KEY_UNKNOWN", "signatures.key_id",
                                            "key: no member has it")
                               : key_take(roster, row, now_ms, out, key, err);
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}

lf_status gw_roster_by_name(struct gw_roster *roster, lf_bytes member, struct gw_standing *out,
                            lf_error *err)
{
    char name[41];
    (void)lf__copy_str(name, sizeof name, member);
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct roster_member *found = member_find(roster, name);
    if (found != NULL) {
        standing_of(found, out);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return found != NULL ? LF_OK
                         : lf__refuse(err, LF_E_NOT_FOUND, "MEMBER_UNKNOWN", "member",
                                      "member: not known here");
}
