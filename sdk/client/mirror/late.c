/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was withheld when the feed came by and is no longer: the accusation that a regulator released, the record whose
 * restriction was lifted, all that was kept from a suspended member. Whatever was said of it meanwhile was withheld with it, so
 * the feed is read once more from there. What is still to be done is kept in the store: a sync that is killed is gone on with.
 */
#include "client/mirror/sync.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/log_read.h"
#include "protos/codec/members.h"

#include <string.h>

enum { LATE_FETCH_MS = 30000, LATE_WANTED_AT_ONCE = 256 };

/* ---- marks ---- */

lf_status lf__mirror_want(const struct mirror_entry *e, const struct mirror_key *record,
                          lf_error *err)
{
    uint8_t value[8];
    lf__put_u64be(value, e->index);
    return st_put(e->txn, MIRROR_WANTED, mirror_key(record), LF_BYTES_ARRAY(value), err);
}

lf_status lf__mirror_again(const lf_mirror *mirror, struct st_txn *txn, uint64_t from,
                           uint64_t until, lf_error *err)
{
    uint64_t last = lf__mirror_meta_number(txn, "again_until");
    uint64_t first = lf__mirror_meta_number(txn, "again");
    if (from >= until || (from >= mirror->told_from && until < mirror->told_until)) {
        return LF_OK;
    }
    lf_status rc =
        lf__mirror_meta_put_number(txn, "again", last != 0 && first < from ? first : from, err);
    return rc == LF_OK
               ? lf__mirror_meta_put_number(txn, "again_until", last > until ? last : until, err)
               : rc;
}

/* ---- one late entry ---- */

static lf_status leaf_check(struct mirror_sync *s, struct st_txn *txn, const struct px_entry *entry,
                            lf_error *err)
{
    struct lf__hash stored;
    if (entry->index >= s->frontier.size) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "index",
                          "entry %llu: is past the mirror", (unsigned long long)entry->index);
    }
    struct lf__hash leaf = lf__merkle_leaf(entry->leaf);
    lf_status rc = lf__mirror_leaf_get(txn, entry->index, &stored, err);
    return rc == LF_OK && !lf__hash_eq(&leaf, &stored)
               ? lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                            "entry %llu: has another leaf than it had",
                            (unsigned long long)entry->index)
               : rc;
}

/* Once, whichever way it was asked for; believed when it is what the leaf at its place commits to. */
static lf_status late_store(struct mirror_sync *s, struct st_txn *txn, const struct px_entry *entry,
                            lf_error *err)
{
    lf_bytes there;
    bool has = false;
    struct mirror_key key = lf__mirror_number(entry->index);
    lf_status rc = lf__mirror_find(txn, MIRROR_ENTRIES, mirror_key(&key), &there, &has, err);
    if (rc != LF_OK || has) {
        return rc;
    }
    rc = lf__entry_check(entry, err);
    rc = rc == LF_OK ? leaf_check(s, txn, entry, err) : rc;
    return rc == LF_OK ? lf__sync_entry_store(s, txn, entry, err) : rc;
}

/* ---- what is wanted, by its identity ---- */

struct wanted {
    struct mirror_key keys[LATE_WANTED_AT_ONCE];
    uint64_t by[LATE_WANTED_AT_ONCE]; /* where we learned that it is no longer withheld */
    size_t count;
};

static bool wanted_each(const struct st_pair *pair, void *user)
{
    struct wanted *w = user;
    struct mirror_key *key = &w->keys[w->count];
    if (pair->key.len <= sizeof key->bytes) {
        lf__copy(key->bytes, pair->key.ptr, pair->key.len);
        key->len = pair->key.len;
        w->by[w->count++] = pair->value.len == 8 ? lf__get_u64be(pair->value.ptr) : 0;
    }
    return w->count < LATE_WANTED_AT_ONCE;
}

static lf_status wanted_list(struct mirror_sync *s, struct wanted *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    out->count = 0;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    return rc == LF_OK ? lf__mirror_each(txn, MIRROR_WANTED, LF_BYTES_NONE, wanted_each, out, err)
                       : rc;
}

static lf_status wanted_get(struct mirror_sync *s, struct lf__arena *arena,
                            const struct mirror_key *key, struct px_entry *out, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct px_evidence evidence;
    size_t issuer = strnlen((const char *)key->bytes, key->len);
    lf__buf_init(&request, 256);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    (void)px_evidence_request_encode((lf_bytes){key->bytes, issuer},
                                     lf__bytes_slice(mirror_key(key), issuer + 1, key->len),
                                     &request);
    lf_status rc = lf__client_call(s->client, "/lianfang.v1.Ledger/GetEvidence",
                                   lf__buf_bytes(&request), LATE_FETCH_MS, &answer, err);
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK ? lf__arena_status(arena, err) : rc;
    rc = rc == LF_OK ? px_evidence_decode(arena, kept, &evidence, err) : rc;
    if (rc == LF_OK) {
        *out = (struct px_entry){
            .index = evidence.index, .leaf = evidence.leaf, .envelope = evidence.envelope};
    }
    return rc;
}

/* Of the wanted one at `at`; `entry` NULL: it is not for us. */
static lf_status wanted_store(struct mirror_sync *s, const struct wanted *w, size_t at,
                              const struct px_entry *entry, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    if (rc == LF_OK && entry != NULL) {
        rc = lf__mirror_is_told(txn, entry->index, w->by[at], err);
        rc = rc == LF_OK ? late_store(s, txn, entry, err) : rc;
        rc = rc == LF_OK ? lf__mirror_again(s->mirror, txn, entry->index, w->by[at], err) : rc;
    }
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? st_delete(txn, MIRROR_WANTED, mirror_key(&w->keys[at]), err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
}

static lf_status wanted_fetch(struct mirror_sync *s, const struct wanted *w, size_t at,
                              lf_error *err)
{
    LF_ARENA arena;
    struct px_entry entry;
    lf_error why = LF_ERROR_INIT;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = wanted_get(s, &arena, &w->keys[at], &entry, &why);
    bool is_refused =
        rc == LF_E_NOT_FOUND || (rc == LF_E_DENIED && !lf__sync_is_suspended(rc, &why));
    if (rc != LF_OK && !is_refused && err != NULL) {
        *err = why;
    }
    return rc == LF_OK || is_refused ? wanted_store(s, w, at, is_refused ? NULL : &entry, err) : rc;
}

static lf_status wanted_do(struct mirror_sync *s, lf_error *err)
{
    struct wanted list;
    lf_status rc = wanted_list(s, &list, err);
    while (rc == LF_OK && list.count > 0) {
        for (size_t i = 0; rc == LF_OK && i < list.count; i++) {
            rc = wanted_fetch(s, &list, i, err);
        }
        rc = rc == LF_OK ? wanted_list(s, &list, err) : rc;
    }
    return rc;
}

/* ---- what is read once more, by where it is ---- */

static lf_status again_batch(struct mirror_sync *s, struct st_txn *txn,
                             const struct px_feed_batch *batch, uint64_t until, lf_error *err)
{
    lf_status rc = lf__mirror_meta_put_number(txn, "again", batch->next_cursor, err);
    if (rc == LF_OK && batch->next_cursor >= until) {
        rc = lf__mirror_meta_put_number(txn, "again_until", 0, err);
    }
    for (size_t i = 0; rc == LF_OK && i < batch->entry_count; i++) { /* may want it once more */
        if (batch->entries[i].index < until) {
            rc = late_store(s, txn, &batch->entries[i], err);
        }
    }
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "readable", s->readable, err) : rc;
    return rc == LF_OK ? lf__mirror_meta_put_number(txn, "news", s->news, err) : rc;
}

static lf_status again_take(struct mirror_sync *s, uint64_t from, uint64_t until, lf_error *err)
{
    LF_BUF answer;
    LF_ARENA arena;
    ST_TXN *txn = NULL;
    struct px_feed_batch batch;
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__sync_batch_get(s, &arena, from, &answer, &batch, err);
    if (rc == LF_OK && (batch.cursor != from || batch.next_cursor <= from)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "cursor",
                          "feed: does not go on from %llu", (unsigned long long)from);
    }
    rc = rc == LF_OK ? st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err) : rc;
    rc = rc == LF_OK ? again_batch(s, txn, &batch, until, err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
}

static lf_status again_where(struct mirror_sync *s, uint64_t *from, uint64_t *until, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    if (rc == LF_OK) {
        *from = lf__mirror_meta_number(txn, "again");
        *until = lf__mirror_meta_number(txn, "again_until");
    }
    return rc;
}

lf_status lf__sync_again(struct mirror_sync *s, lf_error *err)
{
    uint64_t from = 0;
    uint64_t until = 0;
    lf_status rc = again_where(s, &from, &until, err);
    while (rc == LF_OK && from < until) {
        s->looked = from < s->looked ? from : s->looked;
        rc = again_take(s, from, until, err);
        rc = rc == LF_OK ? again_where(s, &from, &until, err) : rc;
    }
    return rc;
}

/* What is read once more may itself want something. */
lf_status lf__sync_late(struct mirror_sync *s, lf_error *err)
{
    uint64_t from = 0;
    uint64_t until = 0;
    lf_status rc = wanted_do(s, err);
    rc = rc == LF_OK ? again_where(s, &from, &until, err) : rc;
    while (rc == LF_OK && from < until) {
        rc = lf__sync_again(s, err);
        rc = rc == LF_OK ? wanted_do(s, err) : rc;
        rc = rc == LF_OK ? again_where(s, &from, &until, err) : rc;
    }
    return rc;
}
