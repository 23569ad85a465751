/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the roster. What is answered is a copy: the tables may be rebuilt a moment later. */
#include "gateway/exchange/roster/roster_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/memtree.h"

#include <stdlib.h>
#include <string.h>

uint64_t gw_roster_generation(struct gw_roster *roster)
{
    return atomic_load_explicit(&roster->generation, memory_order_acquire);
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

struct lf__hash gw_roster_own_key(struct gw_roster *roster, enum gw_own_key which)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    struct lf__hash id = roster->own_keys[which];
    (void)pthread_rwlock_unlock(&roster->lock);
    return id;
}

const char *gw_roster_own_origin(const struct gw_roster *roster, enum gw_own_key which)
{
    return roster->own_origins[which];
}

static void standing_of(const struct gw_member *member, struct gw_standing *out)
{
    *out = (struct gw_standing){.role = member->role,
                                .level = member->level,
                                .status = member->status,
                                .is_authority = member->id[0] == ROSTER_AUTHORITY[0]};
    (void)lf__copy_str(out->member, sizeof out->member, lf__bytes_str(member->id));
}

static bool is_within(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
    return now_ms >= from_ms && (until_ms == 0 || now_ms < until_ms);
}

/* The lock is held. Of those who have pinned it, the one that has not left. */
static const struct gw_member *pin_owner(const struct gw_roster *roster,
                                         const struct lf__hash *spki, int64_t now_ms)
{
    const struct gw_member *found = NULL;
    const struct roster_place *end = roster->pins + roster->pin_count;
    const struct roster_place *place = gw__place_find(roster->pins, roster->pin_count, spki);
    for (; place != NULL && place < end && lf__hash_eq(&place->hash, spki); place++) {
        const struct gw_member *member = &roster->members[place->member];
        const struct px_pin *pin = &member->pins[place->at];
        if (is_within(pin->from_ms, pin->until_ms, now_ms) &&
            (found == NULL || member->status < found->status)) {
            found = member;
        }
    }
    return found;
}

lf_status gw_roster_by_pin(struct gw_roster *roster, const struct lf__hash *spki, int64_t now_ms,
                           struct gw_standing *out, lf_error *err)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct gw_member *member = pin_owner(roster, spki, now_ms);
    if (member != NULL) {
        standing_of(member, out);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return member != NULL ? LF_OK
                          : lf__refuse(err, LF_E_UNAUTHENTICATED, "CERTIFICATE_UNKNOWN", "",
                                       "peer: no member has pinned this certificate");
}

lf_status gw_roster_by_key(struct gw_roster *roster, const struct lf__hash *key_id, int64_t now_ms,
                           struct gw_standing *out, struct lf__public_key *key, lf_error *err)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct roster_place *place = gw__place_find(roster->keys, roster->key_count, key_id);
    const struct px_member_key *found =
        place == NULL ? NULL : &roster->members[place->member].keys[place->at];
    bool is_good = found != NULL && found->use != PX_KEY_SEALING && found->revoked_at_ms == 0 &&
                   is_within(found->from_ms, found->until_ms, now_ms);
    if (is_good) {
        *key = found->key;
        standing_of(&roster->members[place->member], out);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    if (place == NULL) {
        return lf__refuse(err, LF_E_REJECTED, "KEY_UNKNOWN", "signatures.key_id",
                          "key: no member has it");
    }
    return is_good ? LF_OK
                   : lf__refuse(err, LF_E_REJECTED, "KEY_RETIRED", "signatures.key_id",
                                "key: does not sign records at this time");
}

static lf_status member_unknown(lf_error *err)
{
    return lf__refuse(err, LF_E_NOT_FOUND, "MEMBER_UNKNOWN", "member", "member: not known here");
}

lf_status gw_roster_by_name(struct gw_roster *roster, lf_bytes member, struct gw_standing *out,
                            lf_error *err)
{
    char id[41];
    (void)lf__copy_str(id, sizeof id, member);
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct gw_member *found = gw__member_find(roster, id);
    if (found != NULL) {
        standing_of(found, out);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return found != NULL ? LF_OK : member_unknown(err);
}

lf_status gw_roster_get(struct gw_roster *roster, lf_bytes member, struct gw_member *out,
                        lf_error *err)
{
    char id[41];
    (void)lf__copy_str(id, sizeof id, member);
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct gw_member *found = gw__member_find(roster, id);
    bool is_member = found != NULL && found->role != PX_ROLE_NONE;
    if (is_member) {
        *out = *found;
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return is_member ? LF_OK : member_unknown(err);
}

size_t gw_roster_list(struct gw_roster *roster, enum px_role role, lf_bytes after,
                      struct gw_member *out, size_t max, bool *more)
{
    char id[41];
    size_t n = 0;
    (void)lf__copy_str(id, sizeof id, after);
    (void)pthread_rwlock_rdlock(&roster->lock);
    size_t at = gw__member_from(roster, id);
    *more = false;
    for (; at < roster->count && !*more; at++) {
        const struct gw_member *member = &roster->members[at];
        if (member->role == PX_ROLE_NONE || strcmp(member->id, id) == 0 ||
            (role != PX_ROLE_NONE && member->role != role)) {
            continue;
        }
        *more = n == max;
        if (!*more) {
            out[n++] = *member;
        }
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return n;
}

lf_status gw_roster_each(struct gw_roster *roster, enum px_role role,
                         lf_status (*each)(void *user, const struct gw_member *member,
                                           lf_error *err),
                         void *user, lf_error *err)
{
    struct gw_member member = {.id = ""};
    bool more = true;
    lf_status rc = LF_OK;
    while (rc == LF_OK && more) {
        size_t got = gw_roster_list(roster, role, lf__bytes_str(member.id), &member, 1, &more);
        rc = got == 1 ? each(user, &member, err) : rc;
    }
    return rc;
}

/* The lock is held. */
static lf_status row_prove(const struct gw_roster *roster, uint64_t at, struct lf__proof *out,
                           lf_error *err)
{
    LF_MEMTREE tree = {0, NULL};
    struct lf__hash *leaves = calloc(roster->key_count, sizeof *leaves);
    if (leaves == NULL) {
        return lf__fail(err, LF_E_NOMEM, "roster: out of memory");
    }
    for (size_t i = 0; i < roster->key_count; i++) {
        leaves[i] = lf__roster_leaf(&roster->rows[i]);
    }
    lf_status rc = lf__memtree_init(&tree, leaves, roster->key_count, err);
    free(leaves);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__tree view = lf__memtree_view(&tree);
    return lf__merkle_prove_inclusion(&view, at, out, err);
}

void gw_roster_revocation(struct gw_roster *roster, const struct lf__hash *key_id, int64_t *at_ms,
                          unsigned *reason)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct roster_place *place = gw__place_find(roster->keys, roster->key_count, key_id);
    const struct px_member_key *key =
        place == NULL ? NULL : &roster->members[place->member].keys[place->at];
    *at_ms = key == NULL ? 0 : key->revoked_at_ms;
    *reason = key == NULL ? PX_REVOKED_NOT : key->revocation;
    (void)pthread_rwlock_unlock(&roster->lock);
}

lf_status gw_roster_prove(struct gw_roster *roster, const struct lf__hash *key_id,
                          struct gw_key_proof *out, lf_error *err)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
    const struct roster_place *place = gw__place_find(roster->keys, roster->key_count, key_id);
    lf_status rc = place == NULL ? lf__refuse(err, LF_E_NOT_FOUND, "KEY_UNKNOWN", "key_id",
                                              "key: stood in no row of this table")
                                 : LF_OK;
    if (rc == LF_OK) {
        out->at = (uint64_t)(place - roster->keys);
        out->row = roster->rows[out->at];
        out->rows = roster->key_count;
        out->key = roster->members[place->member].keys[place->at].key;
        rc = row_prove(roster, out->at, &out->path, err);
    }
    (void)pthread_rwlock_unlock(&roster->lock);
    return rc;
}
