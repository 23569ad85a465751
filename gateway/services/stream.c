/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchange.SubmitStream: each message is a record on its way by itself, answered when it is known. What
 * a full queue refuses is parked, not answered: the stream's window fills up, and no more is read of
 * it until the sequencer has made room.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/services/services.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { STREAM_WINDOW = 128, STREAM_RECORD_MEMORY = 4 * (PX_RECORD_MAX + PX_PARTS_BYTES_MAX) };

/* An open stream. Lives in the call's arena, and in the list while the call does. */
struct submitter {
    struct gw_call *call;
    struct gw_services *services;
    struct gw_standing member;
    atomic_uint refused; /* records */
    struct submitter *next;
};

/* One record of a stream. Holds the call. */
struct stream_job {
    struct submitter *from;
    uint64_t tag;
    struct gw_group group;
    struct gw_submission submission;
    struct lf__arena arena;
    unsigned seen; /* how many records had left the queue before this was last tried */
    struct stream_job *next;
};

struct gw_streams {
    struct gw_services *services;
    pthread_mutex_t lock; /* guards the lists */
    struct submitter *submitters;
    struct stream_job *parked; /* first to last */
    struct stream_job **parked_end;
    bool is_retrying;
    bool is_called_again;
    atomic_uint parked_count;
    atomic_uint settled; /* how often records have left the queue */
};

static void job_free(struct stream_job *job)
{
    struct gw_call *call = job->from->call;
    lf__arena_done(&job->arena);
    free(job);
    gw_stream_release(call);
}

/* The first, the second, the fourth, ...: an endless stream of bad records fills no disk. */
static void tell_refused(const struct stream_job *job)
{
    if (job->submission.status == LF_OK) {
        return;
    }
    unsigned count = atomic_fetch_add(&job->from->refused, 1) + 1;
    if ((count & (count - 1)) == 0) {
        lf_error why = job->submission.error;
        why.status = job->submission.status;
        gw_tell_refused(job->from->call, count, &why);
    }
}

static void job_answer(struct stream_job *job)
{
    const struct gw_submission *s = &job->submission;
    struct gw_call *call = job->from->call;
    struct px_result result = {.outcome = PX_OUTCOME_NONE};
    lf_error err = s->error;
    LF_BUF answer;
    lf_kind kind = lf_status_kind(s->status);
    lf__buf_init(&answer, PX_MESSAGE_MAX);
    if (kind == LF_KIND_BUSY || kind == LF_KIND_LOCAL || kind == LF_KIND_BUG) {
        err.status = s->status; /* a drain or a broken disk is the whole stream's trouble */
        gw_stream_end(call, &err);
        return;
    }
    tell_refused(job);
    gw_result_of(job->from->services, s, &result);
    lf_bytes note = {job->group.checkpoint, s->status == LF_OK ? job->group.checkpoint_len : 0};
    if (!px_stream_answer_encode(job->tag, &result, note, &answer)) {
        (void)lf__fail(&err, LF_E_BUG, "answer: cannot be written");
        gw_stream_end(call, &err);
        return;
    }
    (void)gw_stream_send(call, lf__buf_bytes(&answer), &err); /* ended: nobody wants it */
}

static void parked_push(struct gw_streams *streams, struct stream_job *job)
{
    job->next = NULL;
    *streams->parked_end = job;
    streams->parked_end = &job->next;
    (void)atomic_fetch_add(&streams->parked_count, 1);
}

static struct stream_job *parked_take(struct gw_streams *streams)
{
    struct stream_job *list = streams->parked;
    streams->parked = NULL;
    streams->parked_end = &streams->parked;
    atomic_store(&streams->parked_count, 0);
    return list;
}

/* Tries what is parked once more, in its order. Whoever comes meanwhile leaves it to the first. */
static void parked_retry(struct gw_streams *streams)
{
    (void)pthread_mutex_lock(&streams->lock);
    streams->is_called_again = true;
    while (!streams->is_retrying && streams->is_called_again) {
        struct stream_job *job = parked_take(streams);
        streams->is_called_again = false;
        streams->is_retrying = true;
        (void)pthread_mutex_unlock(&streams->lock);
        while (job != NULL) {
            struct stream_job *next = job->next;
            job->seen = atomic_load(&streams->settled);
            gw_exchange_retry(streams->services->exchange, &job->group); /* may park it again */
            job = next;
        }
        (void)pthread_mutex_lock(&streams->lock);
        streams->is_retrying = false;
    }
    (void)pthread_mutex_unlock(&streams->lock);
}

/* The queue was full, so there is a record in it that will settle after `seen` was read: either its
 * settling finds this job here, or we see that it has been. */
static void job_park(struct stream_job *job)
{
    struct gw_streams *streams = job->from->services->streams;
    unsigned seen = job->seen;
    (void)pthread_mutex_lock(&streams->lock);
    parked_push(streams, job);
    (void)pthread_mutex_unlock(&streams->lock);
    if (atomic_load(&streams->settled) != seen) {
        parked_retry(streams);
    }
}

static void job_done(struct gw_group *group)
{
    struct stream_job *job = group->user;
    if (job->submission.status == LF_E_BUSY) {
        job_park(job);
        return;
    }
    job_answer(job);
    job_free(job);
}

static struct stream_job *job_new(struct submitter *from, uint64_t tag, lf_bytes envelope)
{
    struct stream_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    job->from = from;
    job->tag = tag;
    lf__arena_init(&job->arena, STREAM_RECORD_MEMORY);
    job->submission.envelope = lf__arena_copy(&job->arena, envelope);
    job->group = (struct gw_group){.arena = &job->arena,
                                   .list = &job->submission,
                                   .count = 1,
                                   .caller = &from->member,
                                   .user = job,
                                   .done = job_done};
    gw_stream_hold(from->call);
    if (job->submission.envelope.ptr == NULL) {
        job_free(job);
        return NULL;
    }
    return job;
}

static void submit_message(void *user, struct gw_call *call, lf_bytes message)
{
    struct gw_services *services = user;
    struct submitter *from = gw_stream_context(call);
    uint64_t tag = 0;
    lf_bytes envelope = LF_BYTES_NONE;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = px_stream_request_decode(message, &tag, &envelope, &err);
    struct stream_job *job = rc == LF_OK ? job_new(from, tag, envelope) : NULL;
    if (rc == LF_OK && job == NULL) {
        rc = lf__refuse(&err, LF_E_TOO_BIG, "TOO_BIG", "envelope", "envelope: over its limit");
    }
    if (rc != LF_OK) {
        gw_stream_end(call, &err);
        return;
    }
    job->seen = atomic_load(&services->streams->settled);
    gw_exchange_submit(services->exchange, &job->group);
}

/* Under one lock with the sweep below: a member suspended meanwhile is either seen here or there. */
static lf_status submit_open(void *user, struct gw_call *call, lf_error *err)
{
    struct gw_services *services = user;
    struct gw_streams *streams = services->streams;
    struct gw_reader reader;
    struct submitter *from = lf__arena_alloc(gw_call_arena(call), sizeof *from);
    if (from == NULL) {
        return lf__fail(err, LF_E_NOMEM, "stream: out of memory");
    }
    from->call = call;
    from->services = services;
    gw_stream_set_context(call, from);
    (void)pthread_mutex_lock(&streams->lock);
    lf_status rc = gw_caller(services, call, &from->member, &reader, err);
    if (rc == LF_OK) {
        from->next = streams->submitters;
        streams->submitters = from;
    }
    (void)pthread_mutex_unlock(&streams->lock);
    return rc;
}

/* Out of the list of parked jobs goes what belongs to a stream that is over. */
static struct stream_job *parked_leave(struct gw_streams *streams, const struct submitter *from)
{
    struct stream_job *gone = NULL;
    struct stream_job *job = parked_take(streams);
    while (job != NULL) {
        struct stream_job *next = job->next;
        if (job->from == from) {
            job->next = gone;
            gone = job;
        } else {
            parked_push(streams, job);
        }
        job = next;
    }
    return gone;
}

static void submit_ended(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    struct gw_streams *streams = services->streams;
    struct submitter *from = gw_stream_context(call);
    (void)pthread_mutex_lock(&streams->lock);
    struct submitter **at = &streams->submitters;
    while (*at != from) {
        at = &(*at)->next;
    }
    *at = from->next;
    struct stream_job *job = parked_leave(streams, from);
    (void)pthread_mutex_unlock(&streams->lock);
    while (job != NULL) {
        struct stream_job *next = job->next;
        job_free(job);
        job = next;
    }
}

const struct gw_stream_handler gw_stream_submit = {
    .window = STREAM_WINDOW, .open = submit_open, .message = submit_message, .ended = submit_ended};

/* The roster has changed: whoever may not submit any more loses its streams. */
static void streams_sweep(struct gw_streams *streams)
{
    (void)pthread_mutex_lock(&streams->lock);
    for (struct submitter *from = streams->submitters; from != NULL; from = from->next) {
        struct gw_standing now;
        struct gw_reader reader;
        lf_error err = LF_ERROR_INIT;
        lf_status rc = gw_caller(streams->services, from->call, &now, &reader, &err);
        if (rc != LF_OK) {
            gw_stream_end(from->call, &err);
        }
    }
    (void)pthread_mutex_unlock(&streams->lock);
}

/* On the sequencer, after the answers of what it took together. */
static void streams_settled(void *user, bool is_roster)
{
    struct gw_streams *streams = user;
    (void)atomic_fetch_add(&streams->settled, 1);
    gw_feed_settled(streams->services->feed, is_roster);
    if (is_roster) {
        streams_sweep(streams);
    }
    if (atomic_load(&streams->parked_count) > 0) {
        parked_retry(streams);
    }
}

lf_status gw_streams_new(struct gw_services *services, struct gw_streams **out, lf_error *err)
{
    struct gw_streams *streams = calloc(1, sizeof *streams);
    if (streams == NULL) {
        return lf__fail(err, LF_E_NOMEM, "streams: out of memory");
    }
    streams->services = services;
    streams->parked_end = &streams->parked;
    (void)pthread_mutex_init(&streams->lock, NULL);
    gw_exchange_on_settled(services->exchange, streams_settled, streams);
    *out = streams;
    return LF_OK;
}

void gw_streams_free(struct gw_streams *streams)
{
    if (streams != NULL) {
        LF_BUG_IF(streams->submitters != NULL || streams->parked != NULL);
        (void)pthread_mutex_destroy(&streams->lock);
        free(streams);
    }
}
