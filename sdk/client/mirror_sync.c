/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mirror follows the feed batch by batch. A batch is proven (client/feed_check.h), then it goes into one transaction together
 * with the frontier behind it, so a sync that is killed has done some batches whole and nothing of the next.
 */
#include "client/feed_check.h"
#include "client/log_read.h"
#include "client/mirror_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/members.h"

#include <string.h>

enum { SYNC_POLL_MS = 60000, SYNC_FETCH_MS = 30000, SYNC_WANTED_AT_ONCE = 256 };

struct syncing {
    lf_mirror *mirror;
    lf_client *client;
    struct lf__frontier frontier; /* of what is stored */
    struct lf__merkle_head head;
    uint64_t readable;
    uint64_t began;     /* where this sync began */
    uint64_t news;      /* behind the last record that is more than somebody's Acknowledgement */
    uint64_t heard;     /* behind the last record that nobody tells a suspended member */
    uint64_t confirmed; /* how far the member has said in the ledger that it is */
    bool goes_on;
};

static lf_status number_put(struct st_txn *txn, const char *name, uint64_t number, lf_error *err)
{
    uint8_t value[8];
    lf__put_u64be(value, number);
    return lf__mirror_meta_put(txn, name, LF_BYTES_ARRAY(value), err);
}

static lf_status commit(struct st_txn **txn, lf_error *err)
{
    struct st_txn *done = *txn;
    *txn = NULL;
    return st_txn_commit(done, err);
}

/* ---- whose copy it is ---- */

static lf_status is_same(struct st_txn *txn, const char *name, const char *ours, lf_error *err)
{
    lf_bytes value;
    lf_status rc = lf__mirror_meta_get(txn, name, &value, err);
    return rc == LF_OK && !lf__bytes_eq_str(value, ours)
               ? lf__refuse(err, LF_E_PRECONDITION, "", "dir",
                            "mirror: the directory holds the copy of another %s", name)
               : rc;
}

static lf_status owner_put(struct syncing *s, struct st_txn *txn, lf_error *err)
{
    uint8_t salt[LF_SALT_BYTES];
    const struct lf__profile *p = &s->client->profile;
    lf__random(salt, sizeof salt);
    lf_status rc = lf__mirror_meta_put(txn, "ledger", lf__bytes_str(p->ledger_text), err);
    rc = rc == LF_OK ? lf__mirror_meta_put(txn, "member", lf__bytes_str(p->member), err) : rc;
    return rc == LF_OK ? lf__mirror_meta_put(txn, "salt", LF_BYTES_ARRAY(salt), err) : rc;
}

static lf_status owner_check(struct syncing *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    const struct lf__profile *p = &s->client->profile;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? lf__mirror_frontier_get(txn, &s->frontier, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (s->mirror->member[0] != '\0') {
        rc =
            lf__mirror_is_of(txn, &p->ledger) ? LF_OK : is_same(txn, "ledger", p->ledger_text, err);
        return rc == LF_OK ? is_same(txn, "member", p->member, err) : rc;
    }
    rc = owner_put(s, txn, err);
    rc = rc == LF_OK ? commit(&txn, err) : rc;
    return rc == LF_OK ? lf__mirror_load(s->mirror, err) : rc;
}

/* ---- batches ---- */

/* Suspended, a member is told only what takes back or erases; so once it is active again, everything from the last record of
 * another kind on is read again. */
static lf_status again_put(const struct syncing *s, struct st_txn *txn, uint64_t until,
                           lf_error *err)
{
    lf_status rc = LF_OK;
    if (s->began > 0 && lf__mirror_meta_number(txn, "again_until") == 0) {
        rc = number_put(txn, "again", lf__mirror_meta_number(txn, "heard"), err);
    }
    return rc == LF_OK && s->began > 0 ? number_put(txn, "again_until", until, err) : rc;
}

static void behind(uint64_t *mark, uint64_t index)
{
    *mark = index + 1 > *mark ? index + 1 : *mark;
}

static lf_status noted(struct syncing *s, struct st_txn *txn, const struct px_entry *entry,
                       lf_error *err)
{
    enum px_kind kind = px_envelope_kind(entry->envelope);
    bool takes_back = kind == PX_KIND_CORRECTION || kind == PX_KIND_REDACTION ||
                      kind == PX_KIND_LIST_REMOVAL || kind == PX_KIND_APPEAL;
    bool is_admitted = s->mirror->is_admitted;
    s->mirror->is_admitted = false;
    if (kind != PX_KIND_ACKNOWLEDGEMENT) {
        behind(&s->news, entry->index);
    }
    if (!takes_back) {
        behind(&s->heard, entry->index);
    }
    return is_admitted ? again_put(s, txn, entry->index, err) : LF_OK;
}

static lf_status entry_store(struct syncing *s, struct st_txn *txn, const struct px_entry *entry,
                             lf_error *err)
{
    lf_status rc = lf__mirror_entry_put(txn, entry->index, entry->leaf, entry->envelope, err);
    rc = rc == LF_OK ? lf__mirror_apply(s->mirror, txn, entry, err) : rc;
    s->readable += rc == LF_OK ? 1 : 0;
    return rc == LF_OK ? noted(s, txn, entry, err) : rc;
}

static lf_status positions_store(struct syncing *s, struct st_txn *txn, struct lf__arena *arena,
                                 const struct px_feed_batch *batch, lf_error *err)
{
    struct lf__feed_walk walk = lf__feed_walk(batch);
    const struct px_entry *entry = NULL;
    size_t count = (size_t)(batch->next_cursor - batch->cursor);
    struct lf__hash *leaves = lf__arena_array(arena, count + 1, sizeof *leaves);
    lf_status rc = leaves == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory") : LF_OK;
    size_t at = 0;
    while (rc == LF_OK) {
        rc = lf__feed_next(&walk, &leaves[at], &entry, err);
        at += rc == LF_OK ? 1 : 0;
        rc = rc == LF_OK && entry != NULL ? entry_store(s, txn, entry, err) : rc;
    }
    return rc == LF_E_NOT_FOUND && at == count
               ? lf__mirror_leaves_add(txn, batch->cursor, leaves, count, err)
               : rc;
}

static lf_status state_put(const struct syncing *s, struct st_txn *txn,
                           const struct lf__frontier *frontier, lf_bytes note, lf_error *err)
{
    lf_status rc = lf__mirror_frontier_put(txn, frontier, err);
    rc = rc == LF_OK ? number_put(txn, "head_size", s->head.size, err) : rc;
    rc = rc == LF_OK ? number_put(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? number_put(txn, "news", s->news, err) : rc;
    rc = rc == LF_OK ? lf__mirror_meta_put(txn, "head", note, err) : rc;
    rc = rc == LF_OK ? lf__mirror_keys_put(s->client, txn, err) : rc;
    return rc == LF_OK && frontier->size == s->head.size
               ? number_put(txn, "synced_at", (uint64_t)lf__clock_utc_ms(), err)
               : rc;
}

static lf_status batch_store(struct syncing *s, struct lf__arena *arena,
                             const struct px_feed_batch *batch, const struct lf__frontier *after,
                             lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? positions_store(s, txn, arena, batch, err) : rc;
    rc = rc == LF_OK ? state_put(s, txn, after, batch->checkpoint, err) : rc;
    rc = rc == LF_OK ? commit(&txn, err) : rc;
    if (rc == LF_OK) {
        s->frontier = *after;
    }
    return rc;
}

static lf_status batch_get(struct syncing *s, struct lf__arena *arena, uint64_t cursor,
                           struct lf__buf *answer, struct px_feed_batch *out, lf_error *err)
{
    LF_BUF request;
    struct px_feed_request ask = {.cursor = cursor, .max_entries = PX_FEED_ENTRIES_MAX};
    lf__buf_init(&request, 1024);
    (void)px_feed_request_encode(&ask, &request);
    lf_status rc = lf__client_call(s->client, "/lianfang.v1.Feed/Poll", lf__buf_bytes(&request),
                                   SYNC_POLL_MS, answer, err);
    return rc == LF_OK ? px_feed_batch_decode(arena, lf__buf_bytes(answer), out, err) : rc;
}

static lf_status batch_do(struct syncing *s, lf_error *err)
{
    LF_BUF answer;
    LF_ARENA arena;
    struct px_feed_batch batch;
    struct lf__frontier after;
    uint64_t floor = lf__heads_floor(&s->client->heads, PX_LOG_LEDGER);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = batch_get(s, &arena, s->frontier.size, &answer, &batch, err);
    rc = rc == LF_OK ? lf__feed_check(s->client, &s->frontier, &batch, floor, &after, &s->head, err)
                     : rc;
    return rc == LF_OK ? batch_store(s, &arena, &batch, &after, err) : rc;
}

/* ---- what was let see later ---- */

/* Suspended, a member may neither ask nor report: what there is of it waits until the member is active again. */
static bool is_of_suspension(lf_status rc, const lf_error *why)
{
    return rc == LF_E_DENIED && strcmp(why->reason, "MEMBER_SUSPENDED") == 0;
}

struct wanted {
    struct mirror_key keys[SYNC_WANTED_AT_ONCE];
    size_t count;
};

static bool wanted_each(const struct st_pair *pair, void *user)
{
    struct wanted *w = user;
    struct mirror_key *key = &w->keys[w->count];
    if (pair->key.len <= sizeof key->bytes) {
        lf__copy(key->bytes, pair->key.ptr, pair->key.len);
        key->len = pair->key.len;
        w->count++;
    }
    return w->count < SYNC_WANTED_AT_ONCE;
}

/* Asked for by its identity; believed when it is what the leaf at its place commits to. */
static lf_status wanted_get(struct syncing *s, struct lf__arena *arena,
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
                                   lf__buf_bytes(&request), SYNC_FETCH_MS, &answer, err);
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK ? lf__arena_status(arena, err) : rc;
    rc = rc == LF_OK ? px_evidence_decode(arena, kept, &evidence, err) : rc;
    if (rc == LF_OK) {
        *out = (struct px_entry){
            .index = evidence.index, .leaf = evidence.leaf, .envelope = evidence.envelope};
        rc = lf__entry_check(out, err);
    }
    return rc;
}

static lf_status leaf_check(struct syncing *s, struct st_txn *txn, const struct px_entry *entry,
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

/* Once, whichever way it was asked for. */
static lf_status late_store(struct syncing *s, struct st_txn *txn, const struct px_entry *entry,
                            lf_error *err)
{
    lf_bytes there;
    bool has = false;
    struct mirror_key key = lf__mirror_number(entry->index);
    lf_status rc = lf__mirror_find(txn, MIRROR_ENTRIES, mirror_key(&key), &there, &has, err);
    if (rc != LF_OK || has) {
        return rc;
    }
    rc = leaf_check(s, txn, entry, err);
    return rc == LF_OK ? entry_store(s, txn, entry, err) : rc;
}

/* `entry` NULL: it is not for us. */
static lf_status wanted_store(struct syncing *s, const struct mirror_key *key,
                              const struct px_entry *entry, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK && entry != NULL ? late_store(s, txn, entry, err) : rc;
    rc = rc == LF_OK ? number_put(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? st_delete(txn, MIRROR_WANTED, mirror_key(key), err) : rc;
    rc = rc == LF_OK ? commit(&txn, err) : rc;
    return rc;
}

/* The positions of a run: what of them is for us, a page at a time; `rest` is where the next begins. */
struct page {
    struct px_entry *entries;
    size_t count;
    uint64_t rest;
};

static lf_status page_get(struct syncing *s, struct lf__arena *arena, uint64_t first, uint64_t last,
                          struct page *out, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    lf_bytes note;
    uint64_t most = last - first + 1;
    struct px_range range = {PX_LOG_LEDGER, first, most < PX_ENTRIES_MAX ? most : PX_ENTRIES_MAX};
    uint64_t floor = lf__heads_floor(&s->client->heads, PX_LOG_LEDGER);
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    (void)px_entries_request_encode(&range, false, &request);
    lf_status rc = lf__client_call(s->client, "/lianfang.v1.Ledger/GetEntries",
                                   lf__buf_bytes(&request), SYNC_FETCH_MS, &answer, err);
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK ? lf__arena_status(arena, err) : rc;
    rc = rc == LF_OK
             ? px_entries_decode(arena, kept, &out->entries, &out->count, &out->rest, &note, err)
             : rc;
    rc = rc == LF_OK ? lf__heads_saw_note(&s->client->heads, PX_LOG_LEDGER, note, floor, err) : rc;
    return rc == LF_OK && out->rest <= first
               ? lf__fail(err, LF_E_SIGNATURE, "log: entry %llu is not given",
                          (unsigned long long)first)
               : rc;
}

static lf_status page_store(struct syncing *s, const struct mirror_key *key, uint64_t last,
                            const struct page *page, lf_error *err)
{
    ST_TXN *txn = NULL;
    uint8_t next[MIRROR_RUN_BYTES];
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    for (size_t i = 0; rc == LF_OK && i < page->count; i++) {
        const struct px_entry *entry = &page->entries[i];
        if (entry->envelope.len > 0 && entry->index <= last) {
            rc = lf__entry_check(entry, err);
            rc = rc == LF_OK ? late_store(s, txn, entry, err) : rc;
        }
    }
    lf__put_u64be(next, page->rest);
    lf__put_u64be(next + 8, last);
    rc = rc == LF_OK ? number_put(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? st_delete(txn, MIRROR_WANTED, mirror_key(key), err) : rc;
    rc = rc == LF_OK && page->rest <= last
             ? st_put(txn, MIRROR_WANTED, LF_BYTES_ARRAY(next), LF_BYTES_NONE, err)
             : rc;
    if (rc == LF_OK) {
        struct st_txn *done = txn;
        txn = NULL;
        rc = st_txn_commit(done, err);
    }
    return rc;
}

static lf_status run_fetch(struct syncing *s, const struct mirror_key *key, lf_error *err)
{
    LF_ARENA arena;
    struct page page = {.count = 0};
    uint64_t first = lf__get_u64be(key->bytes);
    uint64_t last = lf__get_u64be(key->bytes + 8);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = page_get(s, &arena, first, last, &page, err);
    return rc == LF_OK ? page_store(s, key, last, &page, err) : rc;
}

static lf_status wanted_fetch(struct syncing *s, const struct mirror_key *key, lf_error *err)
{
    LF_ARENA arena;
    struct px_entry entry;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_error why = LF_ERROR_INIT;
    lf_status rc = wanted_get(s, &arena, key, &entry, &why);
    bool is_refused = rc == LF_E_NOT_FOUND || (rc == LF_E_DENIED && !is_of_suspension(rc, &why));
    if (rc != LF_OK && !is_refused && err != NULL) {
        *err = why;
    }
    return rc == LF_OK || is_refused ? wanted_store(s, key, is_refused ? NULL : &entry, err) : rc;
}

static lf_status wanted_list(struct syncing *s, struct wanted *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    out->count = 0;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    return rc == LF_OK ? lf__mirror_each(txn, MIRROR_WANTED, LF_BYTES_NONE, wanted_each, out, err)
                       : rc;
}

/* ---- what was withheld while the member was suspended ---- */

/* One late entry, if it is not here yet. */
static lf_status again_store(struct syncing *s, struct st_txn *txn, const struct px_entry *entry,
                             lf_error *err)
{
    lf_bytes leaf;
    lf_bytes envelope;
    lf_status rc = lf__mirror_entry_get(txn, entry->index, &leaf, &envelope, err);
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    rc = lf__entry_check(entry, err);
    rc = rc == LF_OK ? leaf_check(s, txn, entry, err) : rc;
    return rc == LF_OK ? entry_store(s, txn, entry, err) : rc;
}

static lf_status again_batch(struct syncing *s, struct st_txn *txn,
                             const struct px_feed_batch *batch, uint64_t until, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < batch->entry_count; i++) {
        if (batch->entries[i].index < until) {
            rc = again_store(s, txn, &batch->entries[i], err);
        }
    }
    rc = rc == LF_OK ? number_put(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? number_put(txn, "news", s->news, err) : rc;
    rc = rc == LF_OK ? number_put(txn, "again", batch->next_cursor, err) : rc;
    return rc == LF_OK && batch->next_cursor >= until ? number_put(txn, "again_until", 0, err) : rc;
}

static lf_status again_take(struct syncing *s, uint64_t from, uint64_t until, lf_error *err)
{
    LF_BUF answer;
    LF_ARENA arena;
    ST_TXN *txn = NULL;
    struct px_feed_batch batch;
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = batch_get(s, &arena, from, &answer, &batch, err);
    if (rc == LF_OK && (batch.cursor != from || batch.next_cursor <= from)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "cursor",
                          "feed: does not go on from %llu", (unsigned long long)from);
    }
    rc = rc == LF_OK ? st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err) : rc;
    rc = rc == LF_OK ? again_batch(s, txn, &batch, until, err) : rc;
    return rc == LF_OK ? commit(&txn, err) : rc;
}

static lf_status again_where(struct syncing *s, uint64_t *from, uint64_t *until, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    if (rc == LF_OK) {
        *from = lf__mirror_meta_number(txn, "again");
        *until = lf__mirror_meta_number(txn, "again_until");
    }
    return rc;
}

/* Batch after batch, each a whole step: killed in between, the next sync goes on. */
static lf_status again_do(struct syncing *s, lf_error *err)
{
    uint64_t from = 0;
    uint64_t until = 0;
    lf_status rc = again_where(s, &from, &until, err);
    while (rc == LF_OK && from < until) {
        rc = again_take(s, from, until, err);
        rc = rc == LF_OK ? again_where(s, &from, &until, err) : rc;
    }
    return rc;
}

/* What was heard counts once a sync has come to its end: one that was killed tells less than it had. */
static lf_status heard_put(struct syncing *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? number_put(txn, "heard", s->heard, err) : rc;
    return rc == LF_OK ? commit(&txn, err) : rc;
}

static lf_status wanted_do(struct syncing *s, lf_error *err)
{
    struct wanted list;
    lf_status rc = wanted_list(s, &list, err);
    while (rc == LF_OK && list.count > 0) {
        for (size_t i = 0; rc == LF_OK && i < list.count; i++) {
            const struct mirror_key *key = &list.keys[i];
            rc = key->len == MIRROR_RUN_BYTES ? run_fetch(s, key, err) : wanted_fetch(s, key, err);
        }
        rc = rc == LF_OK ? wanted_list(s, &list, err) : rc;
    }
    return rc;
}

/* ---- what was erased leaves the file ---- */

static lf_status compact_is_due(lf_mirror *mirror, bool *due, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_bytes value;
    lf_status rc = st_txn_begin(mirror->engine, ST_READ, &txn, err);
    return rc == LF_OK
               ? lf__mirror_find(txn, MIRROR_META, lf__bytes_str("compact"), &value, due, err)
               : rc;
}

static lf_status compact_forget(lf_mirror *mirror, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? st_delete(txn, MIRROR_META, lf__bytes_str("compact"), err) : rc;
    rc = rc == LF_OK ? commit(&txn, err) : rc;
    return rc;
}

/* The mark stays until it is done: killed in between, the next sync does it again. */
static lf_status compact_do(lf_mirror *mirror, lf_error *err)
{
    bool due = false;
    struct st_options options = {.path = mirror->dir};
    lf_status rc = compact_is_due(mirror, &due, err);
    if (rc != LF_OK || !due) {
        return rc;
    }
    st_engine_close(mirror->engine);
    mirror->engine = NULL;
    rc = st_compact(&options, err);
    lf_status opened = lf__mirror_engine_open(mirror, rc == LF_OK ? err : NULL);
    rc = rc == LF_OK ? opened : rc;
    return rc == LF_OK ? compact_forget(mirror, err) : rc;
}

static lf_status marks_read(struct syncing *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    if (rc == LF_OK) {
        s->began = s->frontier.size;
        s->readable = lf__mirror_meta_number(txn, "readable");
        s->news = lf__mirror_meta_number(txn, "news");
        s->heard = lf__mirror_meta_number(txn, "heard");
        s->confirmed = lf__mirror_meta_number(txn, "confirmed");
    }
    return rc;
}

static lf_status ask_and_report(struct syncing *s, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = wanted_do(s, &why);
    rc = rc == LF_OK ? lf__mirror_report(s->mirror, s->client, &why) : rc;
    if (is_of_suspension(rc, &why)) {
        return LF_OK;
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

static lf_status sync_run(struct syncing *s, lf_mirror_progress_cb each, void *user, lf_error *err)
{
    lf_status rc = LF_OK;
    do {
        rc = batch_do(s, err);
        s->goes_on = each == NULL || rc != LF_OK || each(s->frontier.size, s->head.size, user);
    } while (rc == LF_OK && s->goes_on && s->frontier.size < s->head.size);
    rc = rc == LF_OK && s->goes_on ? again_do(s, err) : rc;
    rc = rc == LF_OK && s->goes_on ? heard_put(s, err) : rc;
    rc = rc == LF_OK && s->goes_on ? ask_and_report(s, err) : rc;
    return rc == LF_OK ? lf__heads_settle(&s->client->heads, CLIENT_SETTLE_MS, err) : rc;
}

lf_status lf_mirror_sync(lf_mirror *mirror, lf_client *client, lf_mirror_progress_cb each,
                         void *user, lf_error *err)
{
    struct syncing s = {.mirror = mirror, .client = client};
    lf_status rc = owner_check(&s, err);
    rc = rc == LF_OK ? marks_read(&s, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = sync_run(&s, each, user, err);
    if (rc != LF_OK) {
        (void)lf__mirror_load(mirror, NULL); /* of the last whole batch */
        return rc;
    }
    return compact_do(mirror, err);
}

static lf_status confirmed_put(struct syncing *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? number_put(txn, "confirmed", s->frontier.size, err) : rc;
    return rc == LF_OK ? commit(&txn, err) : rc;
}

lf_status lf_mirror_confirm(lf_mirror *mirror, lf_client *client, bool *has_said, lf_error *err)
{
    struct syncing s = {.mirror = mirror, .client = client};
    *has_said = false;
    lf_status rc = owner_check(&s, err);
    rc = rc == LF_OK ? marks_read(&s, err) : rc;
    if (rc != LF_OK || s.news <= s.confirmed) {
        return rc;
    }
    rc = lf__confirm(client, &s.frontier, err);
    rc = rc == LF_OK ? confirmed_put(&s, err) : rc;
    *has_said = rc == LF_OK;
    return rc;
}
