/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch is a frontier that moves: of all positions that were told or passed by. It moves record by record as they are told, so
 * whatever happens in between, the next request begins behind the last one, and everything is told once.
 */
#include "client/evidence/evidence.h"
#include "client/feed_check.h"
#include "client/patience.h"
#include "client/transport/stream.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/spell.h"

#include <lianfang/watch.h>
#include <stdlib.h>
#include <string.h>

enum {
    WATCH_SILENCE_MS = 60000,
    WATCH_LOOK_MS = 200, /* how often a pause looks whether it is to stop */
    WATCH_POLL_MS = 30000,
    WATCH_ACKNOWLEDGE_MS = 30000
};
#define NS_IN_MS 1000000

struct lf_watch {
    lf_client *client;
    uint64_t kinds;
    uint32_t silence_ms;
    uint64_t start;
    bool resume;
    bool is_placed; /* `frontier` is that of the cursor */
    bool has_news;  /* more was told than others' Acknowledgements, and not confirmed */
    struct lf__frontier frontier;
    struct lf__merkle_head head;
    pthread_mutex_t lock; /* over the next two */
    struct lf__stream *stream;
    bool is_stopped;
};

/* Who is told, and what came of it. */
struct telling {
    lf_watched_cb each;
    void *user;
    bool is_enough; /* the callback said no */
    uint64_t floor; /* of the next head */
};

static lf_status kinds_read(const lf_watch_options *options, uint64_t *out, lf_error *err)
{
    *out = 0;
    for (size_t i = 0; i < options->kind_count; i++) {
        unsigned kind = px_kind_of(lf__bytes_str(options->kinds[i]));
        for (unsigned k = 1; kind == PX_KIND_NONE && k < PX_KIND_COUNT; k++) {
            kind = strcmp(lf__word_kind(k), options->kinds[i]) == 0 ? k : kind;
        }
        if (kind == PX_KIND_NONE) {
            return lf__refuse(err, LF_E_ARG, "KIND_UNKNOWN", "kinds", "kinds: %s is no kind",
                              options->kinds[i]);
        }
        *out |= UINT64_C(1) << kind;
    }
    return LF_OK;
}

lf_status lf_watch_open(lf_client *client, const lf_watch_options *options, lf_watch **out,
                        lf_error *err)
{
    lf_watch_options o;
    uint64_t kinds = 0;
    static const lf_watch_options none = LF_WATCH_OPTIONS_INIT;
    lf_status rc =
        lf__struct_take(&o, sizeof o, options == NULL ? &none : options, "watch options", err);
    rc = rc == LF_OK ? kinds_read(&o, &kinds, err) : rc;
    lf_watch *watch = rc == LF_OK ? calloc(1, sizeof *watch) : NULL;
    if (watch == NULL) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_NOMEM, "watch: out of memory");
    }
    watch->client = client;
    watch->kinds = kinds;
    watch->silence_ms = o.silence_ms > 0 ? o.silence_ms : WATCH_SILENCE_MS;
    watch->start = o.resume ? 0 : o.cursor;
    watch->resume = o.resume;
    (void)pthread_mutex_init(&watch->lock, NULL);
    *out = watch;
    return LF_OK;
}

void lf_watch_close(lf_watch *watch)
{
    if (watch != NULL) {
        (void)pthread_mutex_destroy(&watch->lock);
        free(watch);
    }
}

uint64_t lf_watch_cursor(const lf_watch *watch)
{
    return watch->is_placed ? watch->frontier.size : watch->start;
}

uint64_t lf_watch_head(const lf_watch *watch)
{
    return watch->head.size;
}

void lf_watch_stop(lf_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    watch->is_stopped = true;
    if (watch->stream != NULL) {
        lf__stream_cancel(watch->stream);
    }
    (void)pthread_mutex_unlock(&watch->lock);
}

static bool is_stopped(lf_watch *watch)
{
    (void)pthread_mutex_lock(&watch->lock);
    bool stopped = watch->is_stopped;
    (void)pthread_mutex_unlock(&watch->lock);
    return stopped;
}

/* ---- telling ---- */

static const char *audience_tell(struct lf__arena *arena, const struct px_header *header)
{
    LF_BUF list;
    lf__buf_init(&list, PX_AUDIENCE_MAX * 64);
    for (size_t i = 0; i < header->audience_count; i++) {
        (void)lf__buf_str(&list, i == 0 ? "" : ";");
        (void)lf__buf_append(&list, header->audience[i]);
    }
    return lf__told(arena, lf__buf_bytes(&list));
}

static lf_status record_tell(struct telling *t, const struct px_entry *entry, bool is_last,
                             lf_error *err)
{
    LF_ARENA arena;
    struct lf__exhibit exhibit = {.decision = ""};
    lf_evidence_record record = {.index = entry->index};
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = px_envelope_decode(&arena, entry->envelope, &exhibit.envelope, err);
    rc = rc == LF_OK ? lf__exhibit_tell(&arena, &exhibit, &record, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    lf_watched watched = {.index = entry->index,
                          .accepted_at_ms = (int64_t)lf__get_u64be(entry->leaf.ptr + 1),
                          .issuer = record.issuer,
                          .kind = record.kind,
                          .ref = record.ref,
                          .version = record.version,
                          .certainty = record.certainty,
                          .fields = record.fields,
                          .field_count = record.field_count,
                          .envelope = entry->envelope,
                          .is_last = is_last,
                          .audience = audience_tell(&arena, &exhibit.envelope.header)};
    lf__copy(watched.record_id, record.record_id, sizeof watched.record_id);
    t->is_enough = !t->each(&watched, t->user);
    return LF_OK;
}

/* The batch is proven. What is told moves the frontier before the next one is. */
static lf_status batch_tell(lf_watch *watch, const struct px_feed_batch *batch, struct telling *t,
                            lf_error *err)
{
    struct lf__feed_walk walk = lf__feed_walk(batch);
    struct lf__hash leaf;
    const struct px_entry *entry = NULL;
    lf_status rc = LF_OK;
    while (rc == LF_OK && !t->is_enough) {
        rc = lf__feed_next(&walk, &leaf, &entry, err);
        if (rc == LF_OK && entry != NULL) {
            rc = record_tell(t, entry, walk.entry == batch->entry_count, err);
            watch->has_news =
                watch->has_news || px_envelope_kind(entry->envelope) != PX_KIND_ACKNOWLEDGEMENT;
        }
        if (rc == LF_OK) {
            lf__frontier_add(&watch->frontier, &leaf);
        }
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status batch_take(lf_watch *watch, lf_bytes bytes, struct telling *t, lf_error *err)
{
    LF_ARENA arena;
    struct px_feed_batch batch;
    struct lf__frontier after;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = px_feed_batch_decode(&arena, bytes, &batch, err);
    if (rc == LF_OK && !watch->is_placed) {
        rc = lf__feed_place(watch->client, watch->resume ? batch.cursor : watch->start,
                            &watch->frontier, err);
        watch->is_placed = rc == LF_OK;
    }
    rc = rc == LF_OK ? lf__feed_check(watch->client, &watch->frontier, &batch, t->floor, &after,
                                      &watch->head, err)
                     : rc;
    if (rc == LF_OK) {
        t->floor = watch->head.size;
        rc = batch_tell(watch, &batch, t, err);
    }
    return rc;
}

/* ---- asking ---- */

static void request_put(const lf_watch *watch, uint32_t wait_ms, struct lf__buf *out)
{
    struct px_feed_request request = {.cursor = lf_watch_cursor(watch),
                                      .resume = watch->resume && !watch->is_placed,
                                      .kinds = watch->kinds,
                                      .wait_ms = wait_ms};
    lf__buf_init(out, 1024);
    (void)px_feed_request_encode(&request, out);
}

/* False when the watch is stopped already. */
static bool stream_keep(lf_watch *watch, struct lf__stream *stream)
{
    (void)pthread_mutex_lock(&watch->lock);
    bool may = !watch->is_stopped || stream == NULL;
    watch->stream = may ? stream : NULL;
    (void)pthread_mutex_unlock(&watch->lock);
    return may;
}

/* Until the stream ends, or the callback has enough: then OK. */
static lf_status stream_read(lf_watch *watch, struct lf__stream *stream, struct telling *t,
                             uint32_t *retry_ms, lf_error *err)
{
    LF_BUF message;
    lf__buf_init(&message, CLIENT_ANSWER_MAX);
    lf_status rc = LF_OK;
    while (rc == LF_OK && !t->is_enough) {
        rc = lf__stream_next(stream, watch->silence_ms, &message, retry_ms, err);
        rc = rc == LF_OK ? batch_take(watch, lf__buf_bytes(&message), t, err) : rc;
    }
    return rc == LF_E_CLOSED ? lf__fail(err, LF_E_UNAVAILABLE, "gateway: ended the feed") : rc;
}

static lf_status stream_run(lf_watch *watch, struct telling *t, uint32_t *retry_ms, lf_error *err)
{
    LF_BUF request;
    struct lf__stream *stream = NULL;
    request_put(watch, 0, &request);
    t->floor = lf__heads_floor(&watch->client->heads, PX_LOG_LEDGER);
    lf_status rc = lf__heads_check(&watch->client->heads, err);
    rc = rc == LF_OK ? lf__stream_open(watch->client->channel, "/lianfang.v1.Feed/Subscribe",
                                       lf__buf_bytes(&request), &stream, err)
                     : rc;
    if (rc == LF_OK && stream_keep(watch, stream)) {
        rc = stream_read(watch, stream, t, retry_ms, err);
        (void)stream_keep(watch, NULL);
    }
    lf__stream_close(stream);
    return rc;
}

static void pause_until(lf_watch *watch, int64_t at_ns)
{
    int64_t now_ns = lf__clock_monotonic_ns();
    while (now_ns < at_ns && !is_stopped(watch)) {
        int64_t look_ns = now_ns + (int64_t)WATCH_LOOK_MS * NS_IN_MS;
        lf__channel_pause(watch->client->channel, look_ns < at_ns ? look_ns : at_ns);
        now_ns = lf__clock_monotonic_ns();
    }
}

lf_status lf_watch_run(lf_watch *watch, lf_watched_cb each, void *user, lf_error *err)
{
    struct telling t = {.each = each, .user = user};
    struct lf__patience patience = lf__patience_until(INT64_MAX);
    for (;;) {
        int64_t at_ns = 0;
        uint32_t retry_ms = 0;
        lf_error failure = LF_ERROR_INIT;
        uint64_t before = lf_watch_cursor(watch);
        lf_status rc = stream_run(watch, &t, &retry_ms, &failure);
        if (t.is_enough) {
            return LF_OK;
        }
        if (is_stopped(watch)) {
            return lf__fail(err, LF_E_CANCELED, "watch: was stopped");
        }
        if (lf_watch_cursor(watch) != before) {
            patience = lf__patience_until(INT64_MAX); /* it was good for something */
        }
        failure.status = rc;
        if (!lf__patience_again(&patience, &failure, retry_ms, lf__clock_monotonic_ns(), &at_ns)) {
            if (err != NULL) {
                *err = failure;
            }
            return rc;
        }
        lf__client_log(watch->client, LF_LOG_INFO, "watch.again", "from %llu: %s",
                       (unsigned long long)lf_watch_cursor(watch), failure.message);
        pause_until(watch, at_ns);
    }
}

lf_status lf_watch_poll(lf_watch *watch, uint32_t wait_ms, lf_watched_cb each, void *user,
                        lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct telling t = {
        .each = each, .user = user, .floor = lf__heads_floor(&watch->client->heads, PX_LOG_LEDGER)};
    if (wait_ms > PX_FEED_WAIT_MAX_MS) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "wait_ms", "wait_ms: more than %d",
                          PX_FEED_WAIT_MAX_MS);
    }
    if (is_stopped(watch)) {
        return lf__fail(err, LF_E_CANCELED, "watch: was stopped");
    }
    request_put(watch, wait_ms, &request);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf_status rc = lf__client_call(watch->client, "/lianfang.v1.Feed/Poll", lf__buf_bytes(&request),
                                   (int64_t)WATCH_POLL_MS + wait_ms, &answer, err);
    return rc == LF_OK ? batch_take(watch, lf__buf_bytes(&answer), &t, err) : rc;
}

lf_status lf_watch_acknowledge(lf_client *client, uint64_t cursor, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    uint64_t kept = 0;
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, 1024);
    (void)px_acknowledge_encode(cursor, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Feed/Acknowledge", lf__buf_bytes(&request),
                                   WATCH_ACKNOWLEDGE_MS, &answer, err);
    return rc == LF_OK ? px_acknowledge_decode(lf__buf_bytes(&answer), &kept, err) : rc;
}

lf_status lf_watch_confirm(lf_watch *watch, bool *has_said, lf_error *err)
{
    *has_said = false;
    if (!watch->is_placed || watch->kinds != 0) {
        return lf__refuse(err, LF_E_PRECONDITION, "", "watch",
                          "watch: only who was told everything can confirm it");
    }
    lf_status rc = watch->has_news ? lf__confirm(watch->client, &watch->frontier, err) : LF_OK;
    *has_said = rc == LF_OK && watch->has_news;
    watch->has_news = watch->has_news && rc != LF_OK;
    return rc;
}
