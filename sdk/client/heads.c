/* SPDX-License-Identifier: Apache-2.0 */
#include "client/heads.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/heads_internal.h"

#include <string.h>
#include <time.h>

enum { HEADS_ANSWER_MAX = 65536 };
#define NS_IN_MS 1000000
#define NS_IN_S  1000000000

static unsigned slot_of(enum px_log log)
{
    return log == PX_LOG_ACCESS ? 1 : 0;
}

/* ---- the fork ---- */

void lf__heads_fork(struct lf__heads *h, const char *why, const struct lf__seen *one,
                    const struct lf__seen *other)
{
    char path[TRUST_NAME_MAX] = "";
    lf_error error = LF_ERROR_INIT;
    lf_error unsaved = LF_ERROR_INIT;
    lf_status rc =
        h->dir[0] == '\0' ? LF_OK : lf__trust_mark(h->dir, why, one, other, path, &unsaved);
    (void)lf__refuse(&error, LF_E_SIGNATURE, "LOG_FORKED", "checkpoint", "%s%s%s", why,
                     path[0] != '\0' ? "; both signed heads are in " : "",
                     rc == LF_OK ? path : "; the evidence could not be saved");
    (void)pthread_mutex_lock(&h->lock);
    bool is_first = !h->is_forked;
    h->fork = is_first ? error : h->fork;
    h->is_forked = true;
    (void)pthread_cond_broadcast(&h->moved);
    (void)pthread_mutex_unlock(&h->lock);
    if (is_first) {
        lf__client_log(h->client, LF_LOG_WARN, "log.forked", "%s", error.message);
    }
    if (rc != LF_OK) {
        lf__client_log(h->client, LF_LOG_WARN, "state.unwritable", "%s", unsaved.message);
    }
}

lf_status lf__heads_check(struct lf__heads *h, lf_error *err)
{
    if (h->client == NULL) {
        return LF_OK;
    }
    (void)pthread_mutex_lock(&h->lock);
    lf_status rc = h->is_forked ? LF_E_SIGNATURE : LF_OK;
    if (rc != LF_OK && err != NULL) {
        *err = h->fork;
    }
    (void)pthread_mutex_unlock(&h->lock);
    return rc;
}

void lf__heads_mark_look(struct lf__heads *h)
{
    lf_error error = LF_ERROR_INIT;
    if (h->dir[0] != '\0' && lf__trust_check(h->dir, &error) != LF_OK) {
        (void)pthread_mutex_lock(&h->lock);
        h->fork = h->is_forked ? h->fork : error;
        h->is_forked = true;
        (void)pthread_mutex_unlock(&h->lock);
    }
}

/* ---- heads as they come ---- */

bool lf__seen_contradicts(const struct lf__seen *a, const struct lf__seen *b)
{
    return a->len > 0 && a->head.size == b->head.size && !lf__seen_eq(a, b);
}

/* Under the lock: a head that contradicts `seen` by itself. */
static const struct lf__seen *contradicted(const struct lf__log_heads *log,
                                           const struct lf__seen *seen, uint64_t floor)
{
    if (seen->head.size < floor || lf__seen_contradicts(&log->top, seen)) {
        return &log->top;
    }
    for (size_t i = 0; i < log->count; i++) {
        if (lf__seen_contradicts(&log->waiting[i], seen)) {
            return &log->waiting[i];
        }
    }
    return NULL;
}

static bool is_known(const struct lf__log_heads *log, const struct lf__seen *seen)
{
    bool known = lf__seen_eq(&log->top, seen);
    for (size_t i = 0; !known && i < log->count; i++) {
        known = lf__seen_eq(&log->waiting[i], seen);
    }
    return known;
}

static void waiting_put(struct lf__log_heads *log, const struct lf__seen *seen)
{
    uint64_t draw = log->count;
    if (log->count == HEADS_WAITING) { /* each of all that came is as likely to be looked at */
        lf__random(&draw, sizeof draw);
        draw %= HEADS_WAITING + ++log->over;
    } else {
        log->count++;
    }
    if (draw < HEADS_WAITING) {
        log->waiting[draw] = *seen;
    }
}

/* Under the lock. The largest has a place of its own, so that it is never drawn out. */
static void seen_put(struct lf__log_heads *log, const struct lf__seen *seen)
{
    if (is_known(log, seen)) {
        return;
    }
    if (log->top.len > 0 && seen->head.size < log->top.head.size) {
        waiting_put(log, seen);
        return;
    }
    if (log->is_top_new) {
        waiting_put(log, &log->top);
    }
    log->top = *seen;
    log->is_top_new = true;
}

bool lf__heads_have_work(const struct lf__heads *h)
{
    bool has = false;
    for (size_t i = 0; i < HEADS_LOGS; i++) {
        has = has || h->logs[i].is_top_new || h->logs[i].count > 0;
    }
    return has && !h->is_forked;
}

uint64_t lf__heads_floor(struct lf__heads *h, enum px_log log)
{
    uint64_t floor = 0;
    if (h->client != NULL) {
        (void)pthread_mutex_lock(&h->lock);
        floor = h->logs[slot_of(log)].top.head.size;
        (void)pthread_mutex_unlock(&h->lock);
    }
    return floor;
}

/* Only the log's own signature is kept: witnesses' lines may be many. */
static lf_status seen_make(const struct lf__log_heads *log, lf_bytes note,
                           const struct lf__merkle_head *head, struct lf__seen *out, lf_error *err)
{
    LF_BUF reduced;
    lf__buf_init(&reduced, SEEN_NOTE_MAX);
    lf_status rc = lf__key_chain_reduce(log->chain, note, &reduced, err);
    if (rc == LF_OK && !lf__seen_set(out, lf__buf_bytes(&reduced), head)) {
        rc = lf__fail(err, LF_E_TOO_BIG, "checkpoint: more than %d bytes", SEEN_NOTE_MAX);
    }
    return rc;
}

/* Most answers between two commits name the same head. */
static bool is_top(struct lf__heads *h, const struct lf__log_heads *log,
                   const struct lf__merkle_head *head, uint64_t floor)
{
    (void)pthread_mutex_lock(&h->lock);
    bool is = log->top.len > 0 && head->size >= floor && head->size == log->top.head.size &&
              lf__hash_eq(&head->root, &log->top.head.root);
    (void)pthread_mutex_unlock(&h->lock);
    return is;
}

lf_status lf__heads_saw_note(struct lf__heads *h, enum px_log log, lf_bytes note, uint64_t floor,
                             lf_error *err)
{
    struct lf__merkle_head head;
    if (h->client == NULL) {
        return LF_OK;
    }
    lf_status rc = lf__head_open(h->client, log, note, &head, err);
    return rc == LF_OK ? lf__heads_saw(h, log, note, &head, floor, err) : rc;
}

lf_status lf__heads_saw(struct lf__heads *h, enum px_log log, lf_bytes note,
                        const struct lf__merkle_head *head, uint64_t floor, lf_error *err)
{
    struct lf__seen seen;
    struct lf__seen other = {.len = 0};
    struct lf__log_heads *mine = &h->logs[slot_of(log)];
    if (h->client == NULL) {
        return LF_OK;
    }
    if (is_top(h, mine, head, floor)) {
        return lf__heads_check(h, err);
    }
    lf_status rc = seen_make(mine, note, head, &seen, err);
    if (rc != LF_OK) {
        return rc;
    }
    (void)pthread_mutex_lock(&h->lock);
    const struct lf__seen *against = contradicted(mine, &seen, floor);
    bool had_work = lf__heads_have_work(h);
    if (against != NULL) {
        other = *against;
    } else {
        seen_put(mine, &seen);
    }
    bool rings = !had_work && lf__heads_have_work(h);
    (void)pthread_mutex_unlock(&h->lock);
    if (other.len > 0) {
        lf__heads_fork(h,
                       other.head.size == seen.head.size
                           ? "the gateway signed two roots for one size of its log"
                           : "the gateway's log is shorter than it was: it was rolled back",
                       &other, &seen);
    }
    if (rings && lf__client_drive(h->client, NULL) == LF_OK) {
        lf__driver_wake(&h->client->driver);
    }
    return lf__heads_check(h, err);
}

/* ---- opening and ending ---- */

void lf__heads_init(struct lf__heads *h)
{
    pthread_condattr_t attributes;
    h->source = (struct lf__source){.turn = lf__heads_turn, .is_idle = lf__heads_are_idle};
    h->call.done = lf__heads_proof_landed;
    lf__buf_init(&h->call.answer, HEADS_ANSWER_MAX);
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&h->moved, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

void lf__heads_done(struct lf__heads *h)
{
    lf__buf_done(&h->call.answer);
    (void)pthread_cond_destroy(&h->moved);
    (void)pthread_mutex_destroy(&h->lock);
}

static lf_status stored_read(struct lf__heads *h, struct lf__log_heads *log, lf_error *err)
{
    lf_status rc = h->dir[0] == '\0' || atomic_load(&log->chain->count) == 0
                       ? LF_E_NOT_FOUND
                       : lf__trust_read(h->dir, log->chain, &log->stored, err);
    if (rc == LF_OK) {
        log->trusted = log->stored;
        log->top = log->stored;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status lf__heads_open(struct lf__heads *h, struct lf_client *client, const char *dir,
                         lf_error *err)
{
    if (!lf__copy_str(h->dir, sizeof h->dir, lf__bytes_str(dir))) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "state_dir", "state_dir: path is too long");
    }
    h->logs[0].chain = &client->chains[0];
    h->logs[1].chain = &client->chains[1];
    lf_status rc = lf__client_keys_begin(client, dir, err);
    rc = rc == LF_OK ? stored_read(h, &h->logs[0], err) : rc;
    rc = rc == LF_OK ? stored_read(h, &h->logs[1], err) : rc;
    if (rc == LF_OK) {
        h->client = client;
        lf__heads_mark_look(h);
        lf__driver_add(&client->driver, &h->source);
    }
    return rc;
}

static struct timespec instant_in(int64_t timeout_ms)
{
    int64_t ns = lf__clock_monotonic_ns() + timeout_ms * NS_IN_MS;
    return (struct timespec){(time_t)(ns / NS_IN_S), (long)(ns % NS_IN_S)};
}

lf_status lf__heads_settle(struct lf__heads *h, int64_t timeout_ms, lf_error *err)
{
    const struct timespec until = instant_in(timeout_ms);
    if (h->client == NULL || !atomic_load(&h->client->is_driven)) {
        return lf__heads_check(h, err); /* no head was seen, or a mark was there */
    }
    LF_BUG_IF(lf__driver_is_self(&h->client->driver));
    (void)pthread_mutex_lock(&h->lock);
    uint64_t failures = h->failures;
    int timed_out = 0;
    h->is_urgent = !h->is_forked;
    (void)pthread_mutex_unlock(&h->lock);
    lf__driver_wake(&h->client->driver);
    (void)pthread_mutex_lock(&h->lock);
    while (h->is_urgent && !h->is_forked && timed_out == 0) {
        timed_out = pthread_cond_timedwait(&h->moved, &h->lock, &until);
    }
    bool has_failed = h->failures != failures;
    lf_error failure = h->failure;
    (void)pthread_mutex_unlock(&h->lock);
    lf_status rc = lf__heads_check(h, err);
    if (rc == LF_OK && (has_failed || timed_out != 0)) {
        rc = has_failed ? failure.status : LF_E_DEADLINE;
        if (has_failed && err != NULL) {
            *err = failure;
        } else {
            rc = lf__fail(err, rc, "checkpoint: was not proven consistent in time");
        }
    }
    return rc;
}
