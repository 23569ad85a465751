/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mirror follows the feed batch by batch. A batch is proven (client/feed_check.h), then it goes into one transaction together
 * with the frontier behind it, so a sync that is killed has done some batches whole and nothing of the next.
 */
#include "client/mirror/sync.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <string.h>

enum { SYNC_POLL_MS = 60000 };

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

static lf_status owner_put(struct mirror_sync *s, struct st_txn *txn, lf_error *err)
{
    uint8_t salt[LF_SALT_BYTES];
    const struct lf__profile *p = &s->client->profile;
    lf__random(salt, sizeof salt);
    lf_status rc = lf__mirror_meta_put(txn, "ledger", lf__bytes_str(p->ledger_text), err);
    rc = rc == LF_OK ? lf__mirror_meta_put(txn, "member", lf__bytes_str(p->member), err) : rc;
    return rc == LF_OK ? lf__mirror_meta_put(txn, "salt", LF_BYTES_ARRAY(salt), err) : rc;
}

static lf_status owner_check(struct mirror_sync *s, lf_error *err)
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
    rc = rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
    return rc == LF_OK ? lf__mirror_load(s->mirror, err) : rc;
}

/* ---- batches ---- */

/* Suspended, a member is told only what takes back or erases; so once it is active again, everything from the last record of
 * another kind on is read again. */
static lf_status again_put(const struct mirror_sync *s, struct st_txn *txn, uint64_t until,
                           lf_error *err)
{
    return s->began > 0
               ? lf__mirror_again(s->mirror, txn, lf__mirror_meta_number(txn, "heard"), until, err)
               : LF_OK;
}

static void behind(uint64_t *mark, uint64_t index)
{
    *mark = index + 1 > *mark ? index + 1 : *mark;
}

static lf_status noted(struct mirror_sync *s, struct st_txn *txn, const struct px_entry *entry,
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

lf_status lf__sync_entry_store(struct mirror_sync *s, struct st_txn *txn,
                               const struct px_entry *entry, lf_error *err)
{
    lf_status rc = lf__mirror_entry_put(txn, entry->index, entry->leaf, entry->envelope, err);
    rc = rc == LF_OK ? lf__mirror_apply(s->mirror, txn, entry, err) : rc;
    s->readable += rc == LF_OK ? 1 : 0;
    return rc == LF_OK ? noted(s, txn, entry, err) : rc;
}

static lf_status positions_store(struct mirror_sync *s, struct st_txn *txn, struct lf__arena *arena,
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
        rc = rc == LF_OK && entry != NULL ? lf__sync_entry_store(s, txn, entry, err) : rc;
    }
    return rc == LF_E_NOT_FOUND && at == count
               ? lf__mirror_leaves_add(txn, batch->cursor, leaves, count, err)
               : rc;
}

static lf_status state_put(const struct mirror_sync *s, struct st_txn *txn,
                           const struct lf__frontier *frontier, lf_bytes note, lf_error *err)
{
    lf_status rc = lf__mirror_frontier_put(txn, frontier, err);
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "head_size", s->head.size, err) : rc;
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "readable", s->readable, err) : rc;
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "news", s->news, err) : rc;
    rc = rc == LF_OK ? lf__mirror_meta_put(txn, "head", note, err) : rc;
    rc = rc == LF_OK ? lf__mirror_keys_put(s->client, txn, err) : rc;
    return rc == LF_OK && frontier->size == s->head.size
               ? lf__mirror_meta_put_number(txn, "synced_at", (uint64_t)lf__clock_utc_ms(), err)
               : rc;
}

static lf_status batch_store(struct mirror_sync *s, struct lf__arena *arena,
                             const struct px_feed_batch *batch, const struct lf__frontier *after,
                             lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? positions_store(s, txn, arena, batch, err) : rc;
    rc = rc == LF_OK ? state_put(s, txn, after, batch->checkpoint, err) : rc;
    rc = rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
    if (rc == LF_OK) {
        s->frontier = *after;
    }
    return rc;
}

lf_status lf__sync_batch_get(struct mirror_sync *s, struct lf__arena *arena, uint64_t cursor,
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

static lf_status batch_do(struct mirror_sync *s, lf_error *err)
{
    LF_BUF answer;
    LF_ARENA arena;
    struct px_feed_batch batch;
    struct lf__frontier after;
    uint64_t floor = lf__heads_floor(&s->client->heads, PX_LOG_LEDGER);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__sync_batch_get(s, &arena, s->frontier.size, &answer, &batch, err);
    rc = rc == LF_OK ? lf__feed_check(s->client, &s->frontier, &batch, floor, &after, &s->head, err)
                     : rc;
    if (rc == LF_OK && s->mirror->told_until == 0) {
        s->mirror->told_until = s->head.size;
    }
    return rc == LF_OK ? batch_store(s, &arena, &batch, &after, err) : rc;
}

/* What was heard counts once a sync has come to its end: one that was killed tells less than it had. And of what it looked back at
 * a suspended member was told only what takes back: what lies there counts as heard by the next. */
static lf_status heard_put(struct mirror_sync *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    uint64_t heard = s->looked < s->heard ? s->looked : s->heard;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "heard", heard, err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
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
    rc = rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
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

static lf_status marks_read(struct mirror_sync *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_READ, &txn, err);
    if (rc == LF_OK) {
        s->began = s->frontier.size;
        s->mirror->told_from = s->began;
        s->mirror->told_until = 0;
        s->readable = lf__mirror_meta_number(txn, "readable");
        s->news = lf__mirror_meta_number(txn, "news");
        s->heard = lf__mirror_meta_number(txn, "heard");
        s->looked = UINT64_MAX;
        s->confirmed = lf__mirror_meta_number(txn, "confirmed");
    }
    return rc;
}

bool lf__sync_is_suspended(lf_status rc, const lf_error *why)
{
    return rc == LF_E_DENIED && strcmp(why->reason, "MEMBER_SUSPENDED") == 0;
}

static lf_status ask_and_report(struct mirror_sync *s, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    lf_status rc = lf__sync_late(s, &why);
    rc = rc == LF_OK ? lf__mirror_report(s->mirror, s->client, &why) : rc;
    if (lf__sync_is_suspended(rc, &why)) {
        return LF_OK;
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

static lf_status sync_run(struct mirror_sync *s, lf_mirror_progress_cb each, void *user,
                          lf_error *err)
{
    lf_status rc = LF_OK;
    do {
        rc = batch_do(s, err);
        s->goes_on = each == NULL || rc != LF_OK || each(s->frontier.size, s->head.size, user);
    } while (rc == LF_OK && s->goes_on && s->frontier.size < s->head.size);
    rc = rc == LF_OK && s->goes_on ? lf__sync_again(s, err) : rc;
    rc = rc == LF_OK && s->goes_on ? ask_and_report(s, err) : rc;
    rc = rc == LF_OK && s->goes_on ? heard_put(s, err) : rc;
    return rc == LF_OK ? lf__heads_settle(&s->client->heads, CLIENT_SETTLE_MS, err) : rc;
}

lf_status lf_mirror_sync(lf_mirror *mirror, lf_client *client, lf_mirror_progress_cb each,
                         void *user, lf_error *err)
{
    struct mirror_sync s = {.mirror = mirror, .client = client};
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

static lf_status confirmed_put(struct mirror_sync *s, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(s->mirror->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? lf__mirror_meta_put_number(txn, "confirmed", s->frontier.size, err) : rc;
    return rc == LF_OK ? lf__mirror_commit(&txn, err) : rc;
}

lf_status lf_mirror_confirm(lf_mirror *mirror, lf_client *client, bool *has_said, lf_error *err)
{
    struct mirror_sync s = {.mirror = mirror, .client = client};
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
