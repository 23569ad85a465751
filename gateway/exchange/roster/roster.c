/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few thousand members at most, changed a few times a day and asked for every record: flat tables,
 * sorted once a change and searched by halves, behind a read-write lock.
 */
#include "gateway/exchange/roster/roster_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/exchange/roster/genesis.h"

#include <stdlib.h>
#include <string.h>

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
        free(roster->keys);
        free(roster->pins);
        free(roster->rows);
        free(roster);
    }
}

static int place_order(const void *a, const void *b)
{
    return memcmp(((const struct roster_place *)a)->hash.bytes,
                  ((const struct roster_place *)b)->hash.bytes, LF_HASH_BYTES);
}

const struct roster_place *gw__place_find(const struct roster_place *list, size_t count,
                                          const struct lf__hash *hash)
{
    size_t from = 0;
    size_t to = count;
    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (memcmp(list[half].hash.bytes, hash->bytes, LF_HASH_BYTES) < 0) {
            from = half + 1;
        } else {
            to = half;
        }
    }
    return from < count && lf__hash_eq(&list[from].hash, hash) ? &list[from] : NULL;
}

size_t gw__member_from(const struct gw_roster *roster, const char *id)
{
    size_t from = 0;
    size_t to = roster->count;
    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (strcmp(roster->members[half].id, id) < 0) {
            from = half + 1;
        } else {
            to = half;
        }
    }
    return from;
}

const struct gw_member *gw__member_find(const struct gw_roster *roster, const char *id)
{
    size_t at = gw__member_from(roster, id);
    return at < roster->count && strcmp(roster->members[at].id, id) == 0 ? &roster->members[at]
                                                                         : NULL;
}

static void places_fill(const struct gw_roster *roster, struct roster_place *keys,
                        struct roster_place *pins)
{
    size_t k = 0;
    size_t p = 0;
    for (uint32_t m = 0; m < roster->count; m++) {
        const struct gw_member *member = &roster->members[m];
        for (uint32_t i = 0; i < member->key_count; i++) {
            keys[k++] = (struct roster_place){member->key_ids[i], m, i};
        }
        for (uint32_t i = 0; i < member->pin_count; i++) {
            pins[p++] = (struct roster_place){member->pins[i].spki, m, i};
        }
    }
    qsort(keys, k, sizeof *keys, place_order);
    qsort(pins, p, sizeof *pins, place_order);
}

static void row_fill(const struct gw_roster *roster, const struct roster_place *place,
                     struct lf__roster_row *out)
{
    const struct gw_member *member = &roster->members[place->member];
    bool is_revoked = member->keys[place->at].revoked_at_ms != 0;
    *out = (struct lf__roster_row){.key_id = place->hash,
                                   .role = (uint8_t)member->role,
                                   .status =
                                       (uint8_t)(is_revoked ? PX_MEMBER_RETIRED : member->status),
                                   .since_index = member->since_index};
    (void)lf__copy_str(out->member, sizeof out->member, lf__bytes_str(member->id));
}

/* Rebuilt whole: a change a day is no reason for an incremental tree. The lock is held. */
static lf_status tables_rebuild(struct gw_roster *roster, lf_error *err)
{
    size_t k = 0;
    size_t p = 0;
    for (size_t m = 0; m < roster->count; m++) {
        k += roster->members[m].key_count;
        p += roster->members[m].pin_count;
    }
    struct roster_place *keys = calloc(k + 1, sizeof *keys);
    struct roster_place *pins = calloc(p + 1, sizeof *pins);
    struct lf__roster_row *rows = calloc(k + 1, sizeof *rows);
    struct lf__hash root;
    if (keys == NULL || pins == NULL || rows == NULL) {
        free(keys);
        free(pins);
        free(rows);
        return lf__fail(err, LF_E_NOMEM, "roster: out of memory");
    }
    places_fill(roster, keys, pins);
    for (size_t i = 0; i < k; i++) {
        row_fill(roster, &keys[i], &rows[i]);
    }
    lf_status rc = lf__roster_root(rows, k, &root, err);
    free(roster->keys);
    free(roster->pins);
    free(roster->rows);
    roster->keys = keys;
    roster->pins = pins;
    roster->rows = rows;
    roster->key_count = k;
    roster->pin_count = p;
    roster->root = rc == LF_OK ? root : roster->root;
    (void)atomic_fetch_add(&roster->generation, 1);
    return rc;
}

static void keys_set(struct gw_member *to, const struct px_member_key *keys, size_t count)
{
    to->key_count = count;
    for (size_t i = 0; i < count; i++) {
        to->keys[i] = keys[i];
        to->key_ids[i] = lf__key_id(&keys[i].key);
    }
}

/* The lock is held. A new member gets its place in order, a known one keeps its own. */
static lf_status member_put(struct gw_roster *roster, const struct gw_member *value, lf_error *err)
{
    size_t at = gw__member_from(roster, value->id);
    if (at == roster->count || strcmp(roster->members[at].id, value->id) != 0) {
        struct gw_member *grown =
            roster->count == GW_MEMBERS_MAX
                ? NULL
                : realloc(roster->members, (roster->count + 1) * sizeof *grown);
        if (grown == NULL) {
            return lf__fail(err, LF_E_FULL, "roster: more than %d members", GW_MEMBERS_MAX);
        }
        roster->members = grown;
        memmove(&grown[at + 1], &grown[at], (roster->count - at) * sizeof *grown);
        roster->count++;
    }
    roster->members[at] = *value;
    return LF_OK;
}

static lf_status member_set(struct gw_roster *roster, const struct gw_member *value, bool is_last,
                            lf_error *err)
{
    (void)pthread_rwlock_wrlock(&roster->lock);
    lf_status rc = member_put(roster, value, err);
    rc = rc == LF_OK && is_last ? tables_rebuild(roster, err) : rc;
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}

lf_status gw_roster_seal(struct gw_roster *roster, lf_error *err)
{
    (void)pthread_rwlock_wrlock(&roster->lock);
    lf_status rc = tables_rebuild(roster, err);
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}

static struct lf__hash raw_key_id(const struct lf__hash *raw)
{
    struct lf__public_key key = {.alg = LF_ALG_ED25519};
    lf__copy(key.bytes, raw->bytes, sizeof key.bytes);
    return lf__key_id(&key);
}

/* "" where the names make none, which then no LogKey record can be of. */
static void origins_set(struct gw_roster *roster, const struct px_genesis *genesis)
{
    static const char *const logs[GW_OWN_KEYS] = {"ledger", "access"};
    char name[LF_NOTE_NAME_MAX + 1];
    unsigned number = 1;
    bool good = lf__copy_str(name, sizeof name, genesis->gateway) &&
                gw_genesis_number(genesis, &number, NULL) == LF_OK;
    for (size_t i = 0; i < GW_OWN_KEYS; i++) {
        roster->own_origins[i][0] = '\0';
        if (good && lf__origin_make(name, logs[i], number, roster->own_origins[i], NULL) != LF_OK) {
            roster->own_origins[i][0] = '\0';
        }
    }
}

void gw_roster_own_change(struct gw_roster *roster, enum gw_own_key which,
                          const struct lf__public_key *key)
{
    (void)pthread_rwlock_wrlock(&roster->lock);
    roster->own_keys[which] = lf__key_id(key);
    (void)pthread_rwlock_unlock(&roster->lock);
}

lf_status gw_roster_genesis(struct gw_roster *roster, const struct px_genesis *genesis,
                            lf_error *err)
{
    struct gw_member authority = {.id = ROSTER_AUTHORITY, .status = PX_MEMBER_ACTIVE};
    keys_set(&authority, genesis->keys, genesis->key_count);
    roster->threshold = genesis->threshold;
    roster->is_test = genesis->is_test;
    roster->own_keys[GW_OWN_LEDGER] = raw_key_id(&genesis->ledger_key);
    roster->own_keys[GW_OWN_ACCESS] = raw_key_id(&genesis->access_key);
    origins_set(roster, genesis);
    return member_set(roster, &authority, true, err);
}

static void member_make(const struct px_member *member, const struct px_header *header,
                        uint64_t index, struct gw_member *out)
{
    *out = (struct gw_member){.role = member->role,
                              .level = member->level,
                              .status = member->status,
                              .pin_count = member->pin_count,
                              .since_index = index,
                              .version = header->version};
    (void)lf__copy_str(out->id, sizeof out->id, member->member);
    (void)lf__copy_str(out->name, sizeof out->name, member->name);
    (void)lf__copy_str(out->division, sizeof out->division, member->division);
    lf__copy(out->record_id, header->record_id.ptr, sizeof out->record_id);
    keys_set(out, member->keys, member->key_count);
    lf__copy(out->pins, member->pins, member->pin_count * sizeof *out->pins);
}

lf_status gw_roster_apply(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, uint64_t index, lf_error *err)
{
    struct gw_member value;
    member_make(member, header, index, &value);
    return member_set(roster, &value, true, err);
}

lf_status gw_roster_stage(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, uint64_t index, lf_error *err)
{
    struct gw_member value;
    member_make(member, header, index, &value);
    return member_set(roster, &value, false, err);
}

/* The lock is held. The state that a change was made from must be the one in force, or two changes
 * under way at once would undo each other: a rotation must not reinstate whom another suspended. */
static lf_status check_state(const struct gw_roster *roster, const struct gw_member *known,
                             const struct px_member *member, const struct px_header *header,
                             lf_error *err)
{
    if (known == NULL) {
        return header->version != 1
                   ? lf__refuse(err, LF_E_PRECONDITION, "PREDECESSOR_UNKNOWN", "header.predecessor",
                                "member: not known yet, so there is nothing to replace")
               : roster->count == GW_MEMBERS_MAX
                   ? lf__refuse(err, LF_E_REJECTED, "TOO_BIG", "member",
                                "member: %d are enrolled, and no more fit", GW_MEMBERS_MAX)
                   : LF_OK;
    }
    if (known->status == PX_MEMBER_RETIRED) {
        return lf__refuse(err, LF_E_PRECONDITION, "MEMBER_RETIRED", "member",
                          "member: has left, and its id is never used again");
    }
    if (known->role != member->role) {
        return lf__refuse(err, LF_E_PRECONDITION, "MEMBER_ID", "role",
                          "member: this id belongs to a member of another role");
    }
    lf_bytes in_force = LF_BYTES_ARRAY(known->record_id);
    if (header->version != known->version + 1 || !lf__bytes_eq(header->predecessor, in_force)) {
        return lf__refuse(err, LF_E_PRECONDITION, "PREDECESSOR_UNKNOWN", "header.predecessor",
                          "member: was made from another state than the one in force");
    }
    return LF_OK;
}

static lf_status check_keys(const struct gw_roster *roster, const struct px_member *member,
                            lf_error *err)
{
    for (size_t i = 0; i < member->key_count; i++) {
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        const struct roster_place *place = gw__place_find(roster->keys, roster->key_count, &id);
        bool is_own =
            place != NULL && lf__bytes_eq_str(member->member, roster->members[place->member].id);
        if ((place != NULL && !is_own) || lf__hash_eq(&id, &roster->own_keys[0]) ||
            lf__hash_eq(&id, &roster->own_keys[1])) {
            return lf__refuse(err, LF_E_REJECTED, "KEY_IN_USE", "keys",
                              "keys: key %zu belongs to somebody else", i + 1);
        }
    }
    return LF_OK;
}

static lf_status check_pins(const struct gw_roster *roster, const struct px_member *member,
                            lf_error *err)
{
    for (size_t i = 0; member->status != PX_MEMBER_RETIRED && i < member->pin_count; i++) {
        const struct roster_place *end = roster->pins + roster->pin_count;
        const struct roster_place *place =
            gw__place_find(roster->pins, roster->pin_count, &member->pins[i].spki);
        for (; place != NULL && place < end && lf__hash_eq(&place->hash, &member->pins[i].spki);
             place++) {
            const struct gw_member *owner = &roster->members[place->member];
            if (owner->status != PX_MEMBER_RETIRED &&
                !lf__bytes_eq_str(member->member, owner->id)) {
                return lf__refuse(err, LF_E_REJECTED, "PIN_IN_USE", "tls_spki",
                                  "tls_spki: pin %zu belongs to another member", i + 1);
            }
        }
    }
    return LF_OK;
}

lf_status gw_roster_check(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, lf_error *err)
{
    char id[41];
    (void)lf__copy_str(id, sizeof id, member->member);
    (void)pthread_rwlock_rdlock(&roster->lock);
    lf_status rc = check_state(roster, gw__member_find(roster, id), member, header, err);
    rc = rc == LF_OK ? check_keys(roster, member, err) : rc;
    rc = rc == LF_OK ? check_pins(roster, member, err) : rc;
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}
