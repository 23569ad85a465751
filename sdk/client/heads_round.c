/* SPDX-License-Identifier: Apache-2.0 */
/* A round of proofs: one head after the other, on the driver's thread. */
#include "client/heads_internal.h"

#include "base/status.h"
#include "client/client_internal.h"

#include <string.h>

enum { HEADS_CALL_MS = 10000 };
#define HEADS_PAUSE_NS 1000000000

/* The smallest that waits, so that trust moves forward in small steps. */
static bool next_take(struct lf__heads *h, struct lf__log_heads *log, struct lf__seen *out)
{
    size_t least = 0;
    (void)pthread_mutex_lock(&h->lock);
    bool has = log->count > 0 || log->is_top_new;
    for (size_t i = 1; i < log->count; i++) {
        least = log->waiting[i].head.size < log->waiting[least].head.size ? i : least;
    }
    if (log->count > 0) {
        *out = log->waiting[least];
        log->waiting[least] = log->waiting[--log->count];
    } else if (has) {
        *out = log->top;
        log->is_top_new = false;
    }
    log->over = log->count == 0 ? 0 : log->over;
    (void)pthread_mutex_unlock(&h->lock);
    return has;
}

static void waiting_return(struct lf__heads *h, struct lf__log_heads *log,
                           const struct lf__seen *seen)
{
    (void)pthread_mutex_lock(&h->lock);
    if (lf__seen_eq(&log->top, seen)) {
        log->is_top_new = true;
    } else if (log->count < HEADS_WAITING) {
        log->waiting[log->count++] = *seen;
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void round_end(struct lf__heads *h, const lf_error *failure)
{
    h->in_round = false;
    h->next_ns = h->client->driver.now() + HEADS_PAUSE_NS;
    (void)pthread_mutex_lock(&h->lock);
    h->is_urgent =
        failure == NULL && h->is_urgent && lf__heads_have_work(h); /* what came meanwhile */
    if (failure != NULL) {
        h->failures++;
        h->failure = *failure;
    }
    (void)pthread_cond_broadcast(&h->moved);
    (void)pthread_mutex_unlock(&h->lock);
}

static void proof_ask(struct lf__heads *h, const struct lf__log_heads *log)
{
    LF_BUF request;
    struct lf__wire *wire = h->client->driver.wire;
    uint64_t a = log->trusted.head.size;
    uint64_t b = h->asked.head.size;
    struct px_range range = {h->log == 0 ? PX_LOG_LEDGER : PX_LOG_ACCESS, a < b ? a : b,
                             a < b ? b : a};
    lf__buf_init(&request, 64);
    (void)px_range_encode(&range, &request);
    lf__buf_clear(&h->call.answer);
    h->is_flying = true;
    wire->ops->start(wire, &h->call, "/lianfang.v1.Ledger/ProveConsistency",
                     lf__buf_bytes(&request), HEADS_CALL_MS);
}

static void trust_step(struct lf__log_heads *log, const struct lf__seen *seen)
{
    if (log->trusted.len == 0 || seen->head.size > log->trusted.head.size) {
        log->trusted = *seen;
    }
}

static bool is_nothing(const struct lf__merkle_head *head)
{
    struct lf__hash empty = lf__merkle_empty();
    return head->size == 0 && lf__hash_eq(&head->root, &empty);
}

/* A head needs a proof unless it is the trusted one, is empty, or is the first. */
static void head_look(struct lf__heads *h, struct lf__log_heads *log)
{
    const struct lf__seen *t = &log->trusted;
    const struct lf__seen *s = &h->asked;
    const struct lf__seen *small = t->head.size < s->head.size ? t : s;
    if (lf__seen_contradicts(t, s)) {
        lf__heads_fork(h, "the gateway signed two roots for one size of its log", t, s);
    } else if (t->len == 0 || lf__seen_eq(t, s) || is_nothing(&small->head)) {
        trust_step(log, s);
    } else if (small->head.size > 0) {
        proof_ask(h, log);
    } else {
        lf__heads_fork(h, "the gateway signed a root of nothing that is not the empty one", t, s);
    }
}

void lf__heads_proof_landed(struct lf__call *call)
{
    struct lf__heads *h = LF_CONTAINER_OF(call, struct lf__heads, call);
    struct lf__log_heads *log = &h->logs[h->log];
    const struct lf__seen *t = &log->trusted;
    const struct lf__seen *s = &h->asked;
    bool is_newer = s->head.size > t->head.size;
    struct lf__hash none;
    struct lf__proof proof;
    lf_error error = call->error;
    h->is_flying = false;
    lf_status rc = call->status;
    bool is_disowned = rc != LF_OK && strcmp(error.reason, "INDEX_RANGE") == 0;
    rc = rc == LF_OK ? px_proof_decode(lf__buf_bytes(&call->answer), false, &none, &proof, &error)
                     : rc;
    bool is_proof = rc == LF_OK;
    rc = rc == LF_OK ? lf__merkle_verify_consistency(is_newer ? &t->head : &s->head,
                                                     is_newer ? &s->head : &t->head, &proof, &error)
                     : rc;
    if (rc == LF_OK) {
        trust_step(log, s);
    } else if (is_proof) {
        lf__heads_fork(h,
                       "the gateway's log was rewritten: two heads that it signed are of different "
                       "histories",
                       t, s);
    } else if (is_disowned) {
        lf__heads_fork(h, "the gateway disowns a size of its log that it has signed", t, s);
    } else {
        waiting_return(h, log, s);
        round_end(h, &error);
    }
}

/* Another process may have gone further: its head is one more to be proven. */
static bool stored_move(struct lf__heads *h, struct lf__log_heads *log, lf_error *err)
{
    struct lf__seen other = {.len = 0};
    if (h->dir[0] == '\0' || lf__seen_eq(&log->stored, &log->trusted)) {
        return true;
    }
    if (lf__trust_move(h->dir, log->chain, &log->stored, &log->trusted, &other, err) != LF_OK) {
        lf__client_log(h->client, LF_LOG_WARN, "state.unwritable", "%s", err->message);
        log->stored = log->trusted; /* said once; what is in memory goes on */
        return true;
    }
    log->stored = other.len > 0 ? other : log->trusted;
    if (other.len > 0) {
        waiting_return(h, log, &other);
    }
    return other.len == 0;
}

static void round_go(struct lf__heads *h)
{
    lf_error error = LF_ERROR_INIT;
    if (!h->in_round) {
        h->in_round = true;
        lf__heads_mark_look(h);
    }
    for (h->log = 0; h->log < HEADS_LOGS; h->log++) {
        struct lf__log_heads *log = &h->logs[h->log];
        while (lf__heads_check(h, NULL) == LF_OK && next_take(h, log, &h->asked)) {
            head_look(h, log);
            if (h->is_flying) {
                return;
            }
        }
    }
    bool is_whole = lf__heads_check(h, NULL) != LF_OK;
    for (size_t i = 0; !is_whole && i < HEADS_LOGS; i++) {
        if (!stored_move(h, &h->logs[i], &error)) {
            return; /* the next turn goes on with what came */
        }
    }
    round_end(h, NULL);
}

int64_t lf__heads_turn(struct lf__source *source, int64_t now_ns, bool is_closing)
{
    struct lf__heads *h = LF_CONTAINER_OF(source, struct lf__heads, source);
    if (is_closing && h->is_flying) {
        h->client->driver.wire->ops->cancel(h->client->driver.wire, &h->call);
    }
    if (is_closing || h->is_flying) {
        return INT64_MAX;
    }
    (void)pthread_mutex_lock(&h->lock);
    bool is_due = h->is_urgent || h->in_round || h->next_ns <= now_ns;
    bool has = lf__heads_have_work(h) || h->in_round || h->is_urgent;
    (void)pthread_mutex_unlock(&h->lock);
    if (has && is_due) {
        round_go(h);
        return h->is_flying ? INT64_MAX : h->in_round ? now_ns : h->next_ns;
    }
    return has ? h->next_ns : INT64_MAX;
}

bool lf__heads_are_idle(const struct lf__source *source)
{
    const struct lf__heads *h =
        (const void *)((const char *)source - offsetof(struct lf__heads, source));
    return !h->is_flying;
}
