/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once an interval: take the log's durable head, ask every witness for a cosignature from where it last stood, publish
 * head and cosignatures. A head without enough of them is published all the same, and asked for again.
 */
#include "gateway/federation/publisher.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "core/add_checkpoint.h"
#include "core/cosign.h"
#include "gateway/federation/http_post.h"
#include "gateway/federation/witness_keys.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    PUBLISHER_URL_MAX = LF_POLICY_URL_MAX + 96,
    PUBLISHER_ROUNDS = 3,
    HTTP_OK = 200,
    HTTP_REFUSED = 403
};

struct gw_publisher {
    struct gw_publisher_options options;
    char origin[256];
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    bool is_stopping;
    struct lf__buf note;
    uint64_t size;
    struct gw_publisher_counts counts;
    /* the thread's own */
    uint64_t known[LF_POLICY_ITEMS_MAX]; /* each witness's size, as far as it told */
    bool is_told[LF_POLICY_ITEMS_MAX];   /* it had the announcements of our keys */
    bool is_late;
    bool has_judged; /* at least once */
};

/* One round of asking: the head, its note as it grows, and a request for each witness. */
struct asking {
    struct lf__merkle_head head;
    struct lf__buf note;
    struct gw_http_post posts[LF_POLICY_ITEMS_MAX];
    char urls[LF_POLICY_ITEMS_MAX][PUBLISHER_URL_MAX];
    struct lf__buf bodies[LF_POLICY_ITEMS_MAX];
    unsigned items[LF_POLICY_ITEMS_MAX]; /* whose item of the policy it is */
    size_t count;
    struct lf__buf keys;                    /* the announcements, once they are needed */
    bool has_answered[LF_POLICY_ITEMS_MAX]; /* this item; and */
    bool is_refused[LF_POLICY_ITEMS_MAX];   /* that it knows no key which signed */
};

static lf_status request_make(struct gw_publisher *p, struct asking *a, unsigned item,
                              lf_error *err)
{
    struct lf__proof proof = {.count = 0};
    uint64_t old = p->known[item] <= a->head.size ? p->known[item] : a->head.size;
    size_t i = a->count;
    lf_status rc =
        old == 0 ? LF_OK
                 : st_ledger_prove_consistency(p->options.ledger, old, a->head.size, &proof, err);
    if (rc != LF_OK) {
        return rc;
    }
    const char *url = p->options.witnesses->items[item].url;
    lf__buf_init(&a->bodies[i], LF_ADD_BODY_MAX);
    (void)lf__add_checkpoint_format(old, &proof, lf__buf_bytes(&a->note), &a->bodies[i]);
    (void)snprintf(a->urls[i], sizeof a->urls[i], "%s/add-checkpoint", url);
    a->items[i] = item;
    a->posts[i] = (struct gw_http_post){.url = a->urls[i], .body = lf__buf_bytes(&a->bodies[i])};
    a->count++;
    return LF_OK;
}

/* 200 brings a line, 409 tells where the witness stands; anything else is nothing. */
static bool answer_take(struct gw_publisher *p, struct asking *a, size_t i)
{
    unsigned item = a->items[i];
    lf_bytes told = lf__buf_bytes(&a->posts[i].answer);
    uint64_t size = 0;
    a->has_answered[item] = a->posts[i].status != 0;
    a->is_refused[item] = a->posts[i].status == HTTP_REFUSED;
    p->is_told[item] = p->is_told[item] && !a->is_refused[item];
    if (a->posts[i].status == 409 && told.len > 0 &&
        lf__text_u64(lf__bytes_slice(told, 0, told.len - 1), &size)) {
        bool is_news = size != p->known[item] && size <= a->head.size;
        p->known[item] = size;
        return is_news;
    }
    LF_BUF with;
    int64_t time_s = 0;
    lf__buf_init(&with, GW_PUBLISHED_MAX);
    (void)lf__buf_append(&with, lf__buf_bytes(&a->note));
    (void)lf__buf_append(&with, told);
    const struct lf__note_key *key = &p->options.witnesses->items[item].key;
    if (a->posts[i].status == 200 && !with.failed &&
        lf__cosign_verify(lf__buf_bytes(&with), key, &time_s, NULL) == LF_OK) {
        p->known[item] = a->head.size;
        (void)lf__buf_append(&a->note, told);
    }
    return false;
}

static void asking_done(struct asking *a)
{
    for (size_t i = 0; i < a->count; i++) {
        lf__buf_done(&a->bodies[i]);
        lf__buf_done(&a->posts[i].answer);
    }
    a->count = 0;
}

/* Asks the marked items; marks again those that told a size we did not know. */
static bool round_run(struct gw_publisher *p, struct asking *a,
                      bool wanted[static LF_POLICY_ITEMS_MAX])
{
    lf_error err = LF_ERROR_INIT;
    bool again = false;
    lf_status rc = LF_OK;
    for (unsigned item = 0; rc == LF_OK && item < p->options.witnesses->item_count; item++) {
        rc = wanted[item] ? request_make(p, a, item, &err) : LF_OK;
        wanted[item] = false;
    }
    rc = rc == LF_OK ? gw_http_post_all(a->posts, a->count, p->options.timeout_ms, &err) : rc;
    for (size_t i = 0; rc == LF_OK && i < a->count; i++) {
        wanted[a->items[i]] = answer_take(p, a, i);
        again = again || wanted[a->items[i]];
    }
    asking_done(a);
    return again;
}

static bool keys_have(struct gw_publisher *p, struct asking *a)
{
    return a->keys.len > 0 || (p->options.log_keys != NULL &&
                               p->options.log_keys(p->options.user, &a->keys, NULL) == LF_OK &&
                               a->keys.len > 0 && !a->keys.failed);
}

static void keys_add(struct gw_publisher *p, struct asking *a, unsigned item)
{
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    struct lf__hash ledger = lf__sha256(lf__bytes_str(p->options.ledger_origin));
    size_t i = a->count++;
    (void)lf__hex(lf__hash_bytes(&ledger), hex, sizeof hex);
    (void)snprintf(a->urls[i], sizeof a->urls[i], "%s/%s/log-keys",
                   p->options.witnesses->items[item].url, hex);
    lf__buf_init(&a->bodies[i], 0);
    a->items[i] = item;
    a->posts[i] = (struct gw_http_post){.url = a->urls[i], .body = lf__buf_bytes(&a->keys)};
}

/* Whoever answers and was not told since the start, or knows our key no more, gets what leads to it: a witness that was away while
 * a key was changed goes on without anybody's doing. Marks those that refused, and may not any longer. */
static bool keys_tell(struct gw_publisher *p, struct asking *a,
                      bool wanted[static LF_POLICY_ITEMS_MAX])
{
    bool again = false;
    for (unsigned item = 0; item < p->options.witnesses->item_count; item++) {
        bool is_due = a->has_answered[item] && !p->is_told[item];
        if (is_due && keys_have(p, a)) {
            keys_add(p, a, item);
        } else if (is_due) {
            p->is_told[item] = true; /* no key was ever changed, and none is while this runs */
        }
    }
    lf_status rc = a->count == 0
                       ? LF_E_NOT_FOUND
                       : gw_http_post_all(a->posts, a->count, p->options.timeout_ms, NULL);
    for (size_t i = 0; rc == LF_OK && i < a->count; i++) {
        unsigned item = a->items[i];
        p->is_told[item] = a->posts[i].status != 0; /* one that does not want them is not asked */
        wanted[item] = wanted[item] || (a->is_refused[item] && a->posts[i].status == HTTP_OK);
        again = again || wanted[item];
    }
    asking_done(a);
    return again;
}

static void witnesses_ask(struct gw_publisher *p, struct asking *a)
{
    bool wanted[LF_POLICY_ITEMS_MAX] = {false};
    const struct lf__witness_policy *policy = p->options.witnesses;
    for (unsigned i = 0; i < policy->item_count; i++) {
        wanted[i] = !policy->items[i].is_group && policy->items[i].url[0] != '\0';
    }
    bool again = true; /* from the size that it told, or with the key that it was told */
    for (int i = 0; again && i < PUBLISHER_ROUNDS; i++) {
        again = round_run(p, a, wanted);
        again = keys_tell(p, a, wanted) || again;
    }
}

static bool judge(struct gw_publisher *p, const struct asking *a, lf_error *err)
{
    return p->options.witnesses == NULL ||
           lf__witness_policy_check(p->options.witnesses, lf__buf_bytes(&a->note), NULL, err) ==
               LF_OK;
}

static void published_set(struct gw_publisher *p, const struct asking *a, bool is_enough)
{
    (void)pthread_mutex_lock(&p->lock);
    p->counts.published += a->head.size != p->size ? 1 : 0;
    p->counts.cosigned += is_enough ? 1 : 0;
    p->counts.late += is_enough ? 0 : 1;
    p->counts.cosigned_size = is_enough ? a->head.size : p->counts.cosigned_size;
    p->size = a->head.size;
    lf__buf_clear(&p->note);
    (void)lf__buf_append(&p->note, lf__buf_bytes(&a->note));
    (void)pthread_mutex_unlock(&p->lock);
}

static void publish(struct gw_publisher *p)
{
    struct asking *a = calloc(1, sizeof *a); /* tens of kilobytes: not for a stack */
    lf_error err = LF_ERROR_INIT;
    LF_BUG_IF(a == NULL);
    lf__buf_init(&a->note, GW_PUBLISHED_MAX);
    lf__buf_init(&a->keys, GW_LOG_KEYS_BODY_MAX);
    a->head = st_ledger_head(p->options.ledger, &a->note);
    if (p->options.witnesses != NULL) {
        witnesses_ask(p, a);
    }
    bool is_enough = judge(p, a, &err);
    published_set(p, a, is_enough);
    bool is_news = is_enough == p->is_late || (!is_enough && !p->has_judged);
    if (is_news && p->options.on_late != NULL) {
        p->options.on_late(p->options.user, p->origin, !is_enough, &err);
    }
    p->is_late = !is_enough;
    p->has_judged = true;
    lf__buf_done(&a->note);
    lf__buf_done(&a->keys);
    free(a);
}

/* False when it is time to end. */
static bool interval_wait(struct gw_publisher *p)
{
    struct timespec until;
    int64_t until_ns = lf__clock_monotonic_ns() + (int64_t)p->options.interval_ms * 1000000;
    until.tv_sec = (time_t)(until_ns / 1000000000);
    until.tv_nsec = (long)(until_ns % 1000000000);
    int rc = 0;
    (void)pthread_mutex_lock(&p->lock);
    while (rc != ETIMEDOUT && !p->is_stopping) {
        rc = pthread_cond_timedwait(&p->wake, &p->lock, &until);
    }
    bool goes_on = !p->is_stopping;
    (void)pthread_mutex_unlock(&p->lock);
    return goes_on;
}

static void *publisher_run(void *user)
{
    struct gw_publisher *p = user;
    while (interval_wait(p)) {
        if (p->is_late || st_ledger_head(p->options.ledger, NULL).size != p->size) {
            publish(p);
        }
    }
    return NULL;
}

lf_status gw_publisher_start(const struct gw_publisher_options *options, struct gw_publisher **out,
                             lf_error *err)
{
    struct gw_publisher *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return lf__fail(err, LF_E_NOMEM, "publisher: out of memory");
    }
    p->options = *options;
    p->options.interval_ms =
        options->interval_ms != 0 ? options->interval_ms : GW_PUBLISH_INTERVAL_MS;
    p->options.timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : GW_WITNESS_TIMEOUT_MS;
    (void)lf__copy_str(p->origin, sizeof p->origin, lf__bytes_str(options->origin));
    (void)pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&p->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    lf__buf_init(&p->note, GW_PUBLISHED_MAX);
    p->size = st_ledger_head(options->ledger, &p->note).size; /* there is always a head to show */
    p->is_late = options->witnesses != NULL && options->witnesses->quorum >= 0;
    int code = pthread_create(&p->thread, NULL, publisher_run, p);
    if (code != 0) {
        lf__buf_done(&p->note);
        free(p);
        return lf__fail_cause(err, LF_E_NOMEM, code, "publisher: no thread");
    }
    *out = p;
    return LF_OK;
}

void gw_publisher_stop(struct gw_publisher *p)
{
    if (p == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    (void)pthread_cond_signal(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_mutex_destroy(&p->lock);
    lf__buf_done(&p->note);
    free(p);
}

uint64_t gw_publisher_note(struct gw_publisher *p, struct lf__buf *out)
{
    (void)pthread_mutex_lock(&p->lock);
    (void)lf__buf_append(out, lf__buf_bytes(&p->note));
    uint64_t size = p->size;
    (void)pthread_mutex_unlock(&p->lock);
    return size;
}

struct gw_publisher_counts gw_publisher_counts(struct gw_publisher *p)
{
    (void)pthread_mutex_lock(&p->lock);
    struct gw_publisher_counts counts = p->counts;
    (void)pthread_mutex_unlock(&p->lock);
    return counts;
}
