/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch is composed once, spooled, and always sent in that composition: so even what had arrived
 * before a crash comes back as a duplicate under the very signature that we make, and its receipt
 * proves our envelope.
 */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "client/spool.h"
#include "client/trip.h"

#include <lianfang/push.h>
#include <stdlib.h>
#include <time.h>

enum { PUSH_RECORDS = LF_PUSH_BATCH_RECORDS, PUSH_UNANSWERED = 65536 };
_Static_assert(LF_PUSH_BATCH_BYTES <= BUNDLE_BYTES_MAX, "as the header promises");
#define NS_IN_MS 1000000

/* One spooled batch on its way. */
struct voyage {
    struct lf__trip trip;
    lf_push *push;
    struct voyage *next; /* in the order of sequences */
    uint64_t sequence;
    bool is_back;
    struct lf__buf payload;
    size_t count;
    struct lf__record records[PUSH_RECORDS];
    const struct lf__record *list[PUSH_RECORDS];
};

struct lf_push {
    struct lf__source source;
    lf_client *client;
    lf_push_options options; /* defaults filled in */
    struct lf__spool *spool;
    struct lf__buf open; /* the payload that is composed: the adding thread's */
    size_t open_count;
    size_t open_weight;
    pthread_mutex_t lock; /* over the next three */
    pthread_cond_t moved;
    uint64_t unanswered;
    lf_error failure;       /* that ended the push; OK while it runs */
    struct voyage *voyages; /* the rest is the driver's */
    size_t voyage_count;
    uint64_t sent; /* the last sequence sent */
};

/* ---- payload: u64be tag || u32be length || bare envelope, and so on ---- */

static lf_status payload_read(struct voyage *v, lf_error *err)
{
    struct lf__reader r = {lf__buf_bytes(&v->payload)};
    uint64_t tag;
    uint32_t len;
    lf_bytes bare;
    while (v->count < PUSH_RECORDS && lf__read_u64be(&r, &tag) && lf__read_u32be(&r, &len) &&
           lf__read_bytes(&r, len, &bare)) {
        struct lf__record *record = &v->records[v->count];
        lf_status rc = lf__record_read(bare, record, err);
        if (rc != LF_OK) {
            return rc;
        }
        record->tag = tag;
        record->is_resumed = v->sequence <= lf__spool_inherited(v->push->spool);
        v->list[v->count++] = record;
    }
    return lf__read_finished(&r) && v->count > 0
               ? LF_OK
               : lf__fail(err, LF_E_CORRUPT, "spool: batch %llu is not a list of records",
                          (unsigned long long)v->sequence);
}

static lf_status payload_count(lf_push *push, uint64_t sequence, size_t *out, lf_error *err)
{
    LF_BUF payload;
    lf__buf_init(&payload, SPOOL_PAYLOAD_MAX);
    lf_status rc = lf__spool_read(push->spool, sequence, &payload, err);
    struct lf__reader r = {lf__buf_bytes(&payload)};
    uint64_t tag;
    uint32_t len;
    lf_bytes bare;
    while (rc == LF_OK && lf__read_u64be(&r, &tag) && lf__read_u32be(&r, &len) &&
           lf__read_bytes(&r, len, &bare)) {
        (*out)++;
    }
    return rc;
}

/* ---- the driver's side ---- */

static bool push_has_ended(lf_push *push)
{
    (void)pthread_mutex_lock(&push->lock);
    bool ended = push->failure.status != LF_OK;
    (void)pthread_mutex_unlock(&push->lock);
    return ended;
}

static void push_end(lf_push *push, const lf_error *error)
{
    (void)pthread_mutex_lock(&push->lock);
    if (push->failure.status == LF_OK) {
        push->failure = *error;
        if (error->status ==
            LF_E_DEADLINE) { /* of a call; a wait's own deadline is another thing */
            push->failure.status = LF_E_UNAVAILABLE;
        }
    }
    (void)pthread_cond_broadcast(&push->moved);
    (void)pthread_mutex_unlock(&push->lock);
}

static void voyage_free(struct voyage *v)
{
    v->push->voyage_count--;
    lf__trip_done(&v->trip);
    lf__buf_done(&v->payload);
    free(v);
}

static void each_told(const lf_result *result, void *user)
{
    lf_push *push = user;
    lf_result told = *result;
    told.user = push->options.user;
    push->options.done(&told, push->options.user);
}

static lf_status settle(lf_push *push, lf_error *err)
{
    lf_status rc = push->options.settle == NULL ? LF_OK : push->options.settle(push->options.user);
    return rc == LF_OK ? rc : lf__fail(err, rc, "push: its results could not be kept");
}

/* Told, made durable by the program, and only then forgotten. */
static lf_status voyage_tell(struct voyage *v, lf_error *err)
{
    lf_push *push = v->push;
    lf_error trim = LF_ERROR_INIT;
    if (v->trip.call.status != LF_OK) {
        *err = v->trip.call.error;
        return v->trip.call.status;
    }
    lf_status rc =
        lf__bundle_read(&v->trip.bundle, lf__buf_bytes(&v->trip.call.answer), each_told, push, err);
    rc = rc == LF_OK ? settle(push, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (lf__spool_answered(push->spool, v->sequence, &trim) != LF_OK) {
        lf__client_log(push->client, LF_LOG_WARN, "push.trim", "%s", trim.message);
    }
    (void)pthread_mutex_lock(&push->lock);
    push->unanswered -= v->count;
    (void)pthread_cond_broadcast(&push->moved);
    (void)pthread_mutex_unlock(&push->lock);
    return LF_OK;
}

/* Answers that came out of order wait for the earlier ones. */
static void voyages_tell(lf_push *push)
{
    while (push->voyages != NULL && push->voyages->is_back) {
        struct voyage *v = push->voyages;
        lf_error error = LF_ERROR_INIT;
        push->voyages = v->next;
        if (!push_has_ended(push) && voyage_tell(v, &error) != LF_OK) {
            push_end(push, &error);
        }
        voyage_free(v);
    }
}

static void voyage_ended(struct lf__trip *trip)
{
    struct voyage *v = LF_CONTAINER_OF(trip, struct voyage, trip);
    v->is_back = true; /* told on the next turn, which follows at once */
}

static void voyage_add(lf_push *push, struct voyage *v)
{
    struct voyage **at = &push->voyages;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = v;
    push->voyage_count++;
}

static lf_status voyage_start(lf_push *push, uint64_t sequence, int64_t now_ns, lf_error *err)
{
    struct voyage *v = calloc(1, sizeof *v);
    if (v == NULL) {
        return lf__fail(err, LF_E_NOMEM, "push: out of memory");
    }
    v->push = push;
    v->sequence = sequence;
    v->trip.ended = voyage_ended;
    lf__buf_init(&v->payload, SPOOL_PAYLOAD_MAX);
    voyage_add(push, v);
    lf_status rc = lf__spool_read(push->spool, sequence, &v->payload, err);
    rc = rc == LF_OK ? payload_read(v, err) : rc;
    rc = rc == LF_OK ? lf__trip_start(&v->trip, push->client, v->list, v->count,
                                      now_ns + (int64_t)push->options.patience_ms * NS_IN_MS, err)
                     : rc;
    if (rc != LF_OK) {
        v->trip.call.status = rc;
        v->trip.call.error = *err;
        v->is_back = true;
        return rc;
    }
    push->sent = sequence;
    return LF_OK;
}

static void voyages_start(lf_push *push, int64_t now_ns)
{
    lf_error error = LF_ERROR_INIT;
    uint64_t sequence = 0;
    while (push->voyage_count < push->client->options.batches &&
           lf__spool_next(push->spool, push->sent, &sequence) &&
           voyage_start(push, sequence, now_ns, &error) == LF_OK) {
        /* until the house is full or the spool is empty */
    }
    if (error.status != LF_OK) {
        push_end(push, &error);
    }
}

static void voyages_cancel(lf_push *push)
{
    for (struct voyage *v = push->voyages; v != NULL; v = v->next) {
        if (!v->is_back) {
            lf__trip_cancel(&v->trip);
        }
    }
}

static int64_t push_turn(struct lf__source *source, int64_t now_ns, bool is_closing)
{
    lf_push *push = LF_CONTAINER_OF(source, struct lf_push, source);
    int64_t next = INT64_MAX;
    if (is_closing) {
        lf_error error = LF_ERROR_INIT;
        (void)lf__fail(&error, LF_E_CLOSED, "push: was closed");
        push_end(push, &error);
    }
    voyages_tell(push);
    if (push_has_ended(push)) {
        voyages_cancel(push);
        voyages_tell(push);
        return next;
    }
    voyages_start(push, now_ns);
    for (struct voyage *v = push->voyages; v != NULL; v = v->next) {
        lf__trip_turn(&v->trip, now_ns);
        next = v->trip.again_ns < next ? v->trip.again_ns : next;
    }
    return push_has_ended(push) ? now_ns : next;
}

static bool push_is_idle(const struct lf__source *source)
{
    const lf_push *push = (const void *)((const char *)source - offsetof(struct lf_push, source));
    return push->voyages == NULL;
}

/* ---- the caller's side ---- */

static lf_status options_take(lf_push *push, const lf_push_options *given, lf_error *err)
{
    lf_push_options *o = &push->options;
    lf_status rc = lf__struct_take(o, sizeof *o, given, "push options", err);
    if (rc == LF_OK && (o->spool == NULL || o->done == NULL)) {
        rc = lf__fail(err, LF_E_ARG, "push: spool and done are required");
    }
    uint32_t usual_ms = push->client->options.timeout_ms;
    usual_ms = usual_ms == 0 ? CLIENT_TIMEOUT_MS : usual_ms;
    o->patience_ms = o->patience_ms == 0 ? usual_ms : o->patience_ms;
    o->unanswered = o->unanswered == 0 ? PUSH_UNANSWERED : o->unanswered;
    return rc;
}

static lf_status inherited_count(lf_push *push, lf_error *err)
{
    lf_status rc = LF_OK;
    uint64_t sequence = 0;
    size_t count = 0;
    while (rc == LF_OK && lf__spool_next(push->spool, sequence, &sequence)) {
        rc = payload_count(push, sequence, &count, err);
    }
    push->unanswered = count;
    if (count > 0) {
        lf__client_log(push->client, LF_LOG_INFO, "push.resumed", "%zu records", count);
    }
    return rc;
}

static void push_free(lf_push *push)
{
    lf__spool_close(push->spool);
    lf__buf_done(&push->open);
    (void)pthread_cond_destroy(&push->moved);
    (void)pthread_mutex_destroy(&push->lock);
    free(push);
}

static void lock_init(lf_push *push)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&push->moved, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&push->lock, NULL);
}

lf_status lf_push_open(lf_client *client, const lf_push_options *options, lf_push **out,
                       lf_error *err)
{
    lf_push *push = calloc(1, sizeof *push);
    if (push == NULL) {
        return lf__fail(err, LF_E_NOMEM, "push: out of memory");
    }
    push->client = client;
    push->source = (struct lf__source){.turn = push_turn, .is_idle = push_is_idle};
    lock_init(push);
    lf__buf_init(&push->open, SPOOL_PAYLOAD_MAX);
    lf_status rc = options_take(push, options, err);
    rc = rc == LF_OK ? lf__client_drive(client, err) : rc;
    rc = rc == LF_OK ? lf__spool_open(push->options.spool, &push->spool, err) : rc;
    rc = rc == LF_OK ? inherited_count(push, err) : rc;
    if (rc != LF_OK) {
        push_free(push);
        return rc;
    }
    push->options.spool = NULL; /* the spool has its own copy */
    lf__driver_add(&client->driver, &push->source);
    *out = push;
    return LF_OK;
}

void lf_push_close(lf_push *push)
{
    if (push != NULL) {
        lf__driver_remove(&push->client->driver, &push->source);
        push_free(push);
    }
}

uint64_t lf_push_unanswered(lf_push *push)
{
    (void)pthread_mutex_lock(&push->lock);
    uint64_t unanswered = push->unanswered;
    (void)pthread_mutex_unlock(&push->lock);
    return unanswered;
}

lf_status lf_push_check(lf_push *push, lf_error *err)
{
    (void)pthread_mutex_lock(&push->lock);
    lf_error failure = push->failure;
    (void)pthread_mutex_unlock(&push->lock);
    if (failure.status != LF_OK && err != NULL) {
        *err = failure;
    }
    return failure.status;
}

static lf_status room_check(lf_push *push, lf_error *err)
{
    lf_status rc = lf_push_check(push, err);
    return rc != LF_OK || lf_push_unanswered(push) < push->options.unanswered
               ? rc
               : lf__fail(err, LF_E_BUSY, "push: %u records await their answers",
                          push->options.unanswered);
}

lf_status lf_push_commit(lf_push *push, lf_error *err)
{
    if (push->open_count == 0) {
        return LF_OK;
    }
    lf_status rc = lf__buf_status(&push->open, err);
    rc = rc == LF_OK ? lf__spool_append(push->spool, lf__buf_bytes(&push->open), err) : rc;
    if (rc == LF_OK) {
        lf__buf_clear(&push->open);
        push->open_count = 0;
        push->open_weight = 0;
        lf__driver_wake(&push->client->driver);
    }
    return rc;
}

lf_status lf_push_add(lf_push *push, const lf_record *given, uint64_t tag, lf_error *err)
{
    LF_ARENA arena;
    struct lf__record record;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = room_check(push, err);
    rc = rc == LF_OK ? lf__record_make(&push->client->profile, &arena, given, &record, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (push->open_count == PUSH_RECORDS ||
        push->open_weight + lf__bundle_weight(&record) > BUNDLE_BYTES_MAX) {
        rc = lf_push_commit(push, err);
    }
    if (rc != LF_OK) {
        return rc;
    }
    (void)lf__buf_u64be(&push->open, tag);
    (void)lf__buf_u32be(&push->open, (uint32_t)record.bare.len);
    (void)lf__buf_append(&push->open, record.bare);
    push->open_count++;
    push->open_weight += lf__bundle_weight(&record);
    (void)pthread_mutex_lock(&push->lock);
    push->unanswered++;
    (void)pthread_mutex_unlock(&push->lock);
    return LF_OK;
}

static struct timespec instant_in(uint32_t timeout_ms)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ns = now.tv_nsec + (int64_t)(timeout_ms % 1000) * NS_IN_MS;
    return (struct timespec){now.tv_sec + (time_t)(timeout_ms / 1000) + (time_t)(ns / 1000000000),
                             (long)(ns % 1000000000)};
}

lf_status lf_push_wait(lf_push *push, uint64_t most, uint32_t timeout_ms, lf_error *err)
{
    const struct timespec until = instant_in(timeout_ms);
    LF_BUG_IF(lf__driver_is_self(&push->client->driver)); /* it would wait for itself */
    lf_status rc = lf_push_commit(push, err);
    if (rc != LF_OK) {
        return rc;
    }
    (void)pthread_mutex_lock(&push->lock);
    int timed_out = 0;
    while (push->unanswered > most && push->failure.status == LF_OK && timed_out == 0) {
        timed_out = pthread_cond_timedwait(&push->moved, &push->lock, &until);
    }
    bool is_done = push->unanswered <= most;
    (void)pthread_mutex_unlock(&push->lock);
    rc = is_done ? LF_OK : lf_push_check(push, err);
    return is_done || rc != LF_OK
               ? rc
               : lf__fail(err, LF_E_DEADLINE, "push: more than %llu records are not answered yet",
                          (unsigned long long)most);
}
