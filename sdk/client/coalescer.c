/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told, when, and with whom a record travels. */
#include "client/coalescer.h"

#include "base/status.h"
#include "client/trip.h"

#include <stdlib.h>

/* Submits under one signature. It holds a reference to each until it ends, told or not. */
struct lf__group {
    struct lf__trip trip;
    struct lf__group *next;
    struct lf__coalescer *coalescer;
    int64_t until_ns; /* the earliest of those not told */
    size_t count;
    const struct lf__record *records[];
};

#define NS_IN_US 1000
enum { COALESCER_LOOK_NS = 100000000 }; /* how late a deadline behind a full house may be told */

static void queue_put(struct lf__queue *queue, lf_submit *submit)
{
    submit->next = NULL;
    if (queue->tail == NULL) {
        queue->head = submit;
    } else {
        queue->tail->next = submit;
    }
    queue->tail = submit;
    queue->count++;
    queue->weight += lf__bundle_weight(&submit->record);
}

static lf_submit *queue_take(struct lf__queue *queue)
{
    lf_submit *submit = queue->head;
    queue->head = submit->next;
    queue->tail = queue->head == NULL ? NULL : queue->tail;
    queue->count--;
    queue->weight -= lf__bundle_weight(&submit->record);
    return submit;
}

static lf_submit *submit_of(const struct lf__record *record)
{
    return record->user;
}

/* ---- telling ---- */

static void submit_tell(struct lf__coalescer *c, lf_submit *submit, const lf_result *result)
{
    lf_result told = *result;
    lf_result_cb done = submit->done;
    void *user = submit->user;
    told.user = user;
    atomic_store(&submit->is_told, true);
    (void)pthread_mutex_lock(&c->lock);
    c->pending--;
    (void)pthread_mutex_unlock(&c->lock);
    done(&told, user);
}

static void submit_fail(struct lf__coalescer *c, lf_submit *submit, const lf_error *error)
{
    /* What a gateway refused as a whole it did not keep; of the rest nobody knows. */
    lf_result result = {.outcome = lf_status_kind(error->status) == LF_KIND_PEER &&
                                           error->status != LF_E_SIGNATURE &&
                                           error->status != LF_E_FORMAT
                                       ? LF_REFUSED
                                       : LF_UNANSWERED,
                        .receipt = "",
                        .error = *error};
    submit_tell(c, submit, &result);
}

/* Why a submit ends before its answer; false when it does not. */
static bool ends_early(const lf_submit *submit, int64_t now_ns, bool is_closing, lf_error *out)
{
    if (is_closing) {
        (void)lf__fail(out, LF_E_CLOSED, "submit: the client was closed");
    } else if (atomic_load(&submit->is_cancelled)) {
        (void)lf__fail(out, LF_E_CANCELED, "submit: canceled");
    } else if (submit->until_ns <= now_ns) {
        (void)lf__fail(out, LF_E_DEADLINE, "submit: no answer in time");
    } else {
        return false;
    }
    return true;
}

static void waiting_sweep(struct lf__coalescer *c, int64_t now_ns, bool is_closing)
{
    struct lf__queue all = c->waiting;
    c->waiting = (struct lf__queue){.count = 0};
    while (all.head != NULL) {
        lf_submit *submit = queue_take(&all);
        lf_error error = LF_ERROR_INIT;
        if (ends_early(submit, now_ns, is_closing, &error)) {
            submit_fail(c, submit, &error);
            lf_submit_unref(submit);
        } else {
            queue_put(&c->waiting, submit);
        }
    }
}

static void group_sweep(struct lf__coalescer *c, struct lf__group *group, int64_t now_ns,
                        bool is_closing)
{
    group->until_ns = INT64_MAX;
    for (size_t i = 0; i < group->count; i++) {
        lf_submit *submit = submit_of(group->records[i]);
        lf_error error = LF_ERROR_INIT;
        if (atomic_load(&submit->is_told)) {
            continue;
        }
        if (ends_early(submit, now_ns, is_closing, &error)) {
            submit_fail(c, submit, &error);
        } else if (submit->until_ns < group->until_ns) {
            group->until_ns = submit->until_ns;
        }
    }
}

/* ---- groups ---- */

static void group_free(struct lf__group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        lf_submit_unref(submit_of(group->records[i]));
    }
    lf__trip_done(&group->trip);
    free(group);
}

static void group_unlink(struct lf__group *group)
{
    struct lf__group **at = &group->coalescer->groups;
    while (*at != group) {
        at = &(*at)->next;
    }
    *at = group->next;
    group->coalescer->group_count--;
}

static void group_each(const lf_result *result, void *user)
{
    lf_submit *submit = result->user;
    if (!atomic_load(&submit->is_told)) {
        submit_tell(user, submit, result);
    }
}

static void group_fail(struct lf__group *group, const lf_error *error)
{
    for (size_t i = 0; i < group->count; i++) {
        lf_submit *submit = submit_of(group->records[i]);
        if (!atomic_load(&submit->is_told)) {
            submit_fail(group->coalescer, submit, error);
        }
    }
}

static void group_ended(struct lf__trip *trip)
{
    struct lf__group *group = LF_CONTAINER_OF(trip, struct lf__group, trip);
    lf_error error = trip->call.error;
    lf_status rc = trip->call.status;
    if (rc == LF_OK) {
        rc = lf__bundle_read(&trip->bundle, lf__buf_bytes(&trip->call.answer), group_each,
                             group->coalescer, &error);
    }
    if (rc != LF_OK) {
        lf__client_log(trip->client, LF_LOG_WARN, "submit.failed", "%zu records: %s", group->count,
                       error.message);
        group_fail(group, &error);
    }
    group_unlink(group);
    group_free(group);
}

static struct lf__group *group_new(struct lf__coalescer *c)
{
    size_t room = c->waiting.count < c->client->options.batch_records
                      ? c->waiting.count
                      : c->client->options.batch_records;
    struct lf__group *group = calloc(1, sizeof *group + room * sizeof(struct lf__record *));
    size_t weight = 0;
    while (group != NULL && group->count < room) {
        weight += lf__bundle_weight(&c->waiting.head->record);
        if (group->count > 0 && weight > BUNDLE_BYTES_MAX) {
            break;
        }
        group->records[group->count++] = &queue_take(&c->waiting)->record;
    }
    return group;
}

static bool group_send(struct lf__coalescer *c)
{
    lf_error error = LF_ERROR_INIT;
    int64_t until_ns = 0;
    struct lf__group *group = group_new(c);
    if (group == NULL) {
        return false; /* later: the queue is bounded */
    }
    group->coalescer = c;
    group->until_ns = INT64_MAX;
    group->trip.ended = group_ended;
    for (size_t i = 0; i < group->count; i++) {
        int64_t until = submit_of(group->records[i])->until_ns;
        until_ns = until > until_ns ? until : until_ns;
        group->until_ns = until < group->until_ns ? until : group->until_ns;
    }
    group->next = c->groups;
    c->groups = group;
    c->group_count++;
    lf_status rc =
        lf__trip_start(&group->trip, c->client, group->records, group->count, until_ns, &error);
    if (rc != LF_OK) {
        group_fail(group, &error);
        group_unlink(group);
        group_free(group);
    }
    return true;
}

static int64_t groups_turn(struct lf__coalescer *c, int64_t now_ns, bool sweep, bool is_closing)
{
    int64_t next = INT64_MAX;
    for (struct lf__group *group = c->groups, *after; group != NULL; group = after) {
        after = group->next; /* a cancelled one may end here */
        if (sweep || group->until_ns <= now_ns) {
            group_sweep(c, group, now_ns, is_closing);
        }
        lf__trip_turn(&group->trip, now_ns);
        int64_t at =
            group->until_ns < group->trip.again_ns ? group->until_ns : group->trip.again_ns;
        next = at < next ? at : next;
        if (is_closing) {
            lf__trip_cancel(&group->trip);
        }
    }
    return next;
}

/* ---- the turn ---- */

static void incoming_take(struct lf__coalescer *c)
{
    (void)pthread_mutex_lock(&c->lock);
    struct lf__queue taken = c->incoming;
    c->incoming = (struct lf__queue){.count = 0};
    c->bell_at = SIZE_MAX; /* we are awake */
    (void)pthread_mutex_unlock(&c->lock);
    while (taken.head != NULL) {
        queue_put(&c->waiting, queue_take(&taken));
    }
}

/* Before the wait: what would be worth a wake. False when something came in the meantime. */
static bool bell_set(struct lf__coalescer *c)
{
    size_t full = c->client->options.batch_records;
    size_t bell = c->waiting.count == 0 ? 1 : SIZE_MAX;
    if (c->waiting.count > 0 && c->group_count < c->client->options.batches) {
        bell = full > c->waiting.count ? full - c->waiting.count : 1;
    }
    (void)pthread_mutex_lock(&c->lock);
    bool is_quiet = c->incoming.count == 0;
    c->bell_at = bell;
    (void)pthread_mutex_unlock(&c->lock);
    return is_quiet;
}

static int64_t linger_end(const struct lf__coalescer *c)
{
    return c->waiting.head->queued_ns + (int64_t)c->client->options.linger_us * NS_IN_US;
}

static bool may_send(const struct lf__coalescer *c, int64_t now_ns)
{
    return c->waiting.count > 0 && c->group_count < c->client->options.batches &&
           (c->group_count == 0 || c->waiting.count >= c->client->options.batch_records ||
            c->waiting.weight >= BUNDLE_BYTES_MAX || linger_end(c) <= now_ns);
}

static bool waiting_is_due(const struct lf__coalescer *c, int64_t now_ns)
{
    for (const lf_submit *s = c->waiting.head; s != NULL; s = s->next) {
        if (s->until_ns <= now_ns) {
            return true;
        }
    }
    return false;
}

static int64_t coalescer_turn(struct lf__source *source, int64_t now_ns, bool is_closing)
{
    struct lf__coalescer *c = LF_CONTAINER_OF(source, struct lf__coalescer, source);
    int64_t next;
    do {
        bool sweep = atomic_exchange(&c->has_cancelled, false) || is_closing;
        incoming_take(c);
        while (!is_closing && may_send(c, now_ns) && group_send(c)) {
            /* until the house is full or the rest may wait */
        }
        if (sweep || waiting_is_due(c, now_ns)) {
            waiting_sweep(c, now_ns, is_closing);
        }
        next = groups_turn(c, now_ns, sweep, is_closing);
    } while (!bell_set(c));
    if (c->waiting.count > 0) {
        int64_t look = now_ns + COALESCER_LOOK_NS;
        int64_t linger = c->group_count < c->client->options.batches ? linger_end(c) : look;
        next = linger < next ? linger : next;
        next = look < next ? look : next;
    }
    return next;
}

static bool coalescer_is_idle(const struct lf__source *source)
{
    const struct lf__coalescer *c =
        (const void *)((const char *)source - offsetof(struct lf__coalescer, source));
    return c->groups == NULL && c->waiting.count == 0;
}

void lf__coalescer_init(struct lf__coalescer *coalescer, lf_client *client)
{
    *coalescer =
        (struct lf__coalescer){.source = {.turn = coalescer_turn, .is_idle = coalescer_is_idle},
                               .client = client,
                               .bell_at = 1};
    (void)pthread_mutex_init(&coalescer->lock, NULL);
}

void lf__coalescer_done(struct lf__coalescer *coalescer)
{
    (void)pthread_mutex_destroy(&coalescer->lock);
}

lf_status lf__coalescer_take(struct lf__coalescer *c, lf_submit *submit, lf_error *err)
{
    (void)pthread_mutex_lock(&c->lock);
    bool is_closing = atomic_load(&c->client->driver.is_closing);
    bool is_full = c->pending >= c->client->options.pending;
    bool rings = false;
    if (!is_full && !is_closing) {
        c->pending++;
        queue_put(&c->incoming, submit);
        rings = c->incoming.count >= c->bell_at;
        c->bell_at = rings ? SIZE_MAX : c->bell_at;
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (is_full || is_closing) {
        return is_closing ? lf__fail(err, LF_E_CLOSED, "submit: the client is closing")
                          : lf__fail(err, LF_E_BUSY, "submit: %u records await their answers",
                                     c->client->options.pending);
    }
    if (rings) {
        lf__driver_wake(&c->client->driver);
    }
    return LF_OK;
}
