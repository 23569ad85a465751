/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screening.ScreenStream: each message a question, answered as by Screen and in the order asked, once the access
 * log has it. Questions of a stream come one after another and the log takes them in that order, so their
 * answers leave in it. What Screen would refuse ends the stream, after the answers before it.
 */
#include "gateway/services/question.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/wire.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { SCREEN_WINDOW = 4, SCREEN_MEMORY = 16 << 20 };

/* An open stream; in the call's arena. */
struct screener {
    struct gw_purpose purpose; /* of the first request, copied */
    bool has_purpose;
    /* Questions without their answer, and one more until a question is refused: whoever is the last then ends
     * the stream, so that no answer is lost to a later mistake. */
    atomic_uint waiting;
    bool is_refused;
    lf_error refusal;
};

/* One question of it. Holds the call. */
struct screen_job {
    struct gw_access_note note;
    struct gw_call *call;
    struct lf__arena arena;
    struct lf__buf reply;
};

static lf_status screen_open(void *user, struct gw_call *call, lf_error *err)
{
    (void)user;
    struct screener *screener = lf__arena_alloc(gw_call_arena(call), sizeof *screener);
    if (screener == NULL) {
        return lf__fail(err, LF_E_NOMEM, "stream: out of memory");
    }
    *screener = (struct screener){.has_purpose = false};
    atomic_init(&screener->waiting, 1);
    gw_stream_set_context(call, screener);
    return LF_OK;
}

/* One fewer is waiting. */
static void screener_settle(struct gw_call *call)
{
    struct screener *screener = gw_stream_context(call);
    if (atomic_fetch_sub(&screener->waiting, 1) == 1) {
        gw_stream_end(call, &screener->refusal);
    }
}

static void screener_refuse(struct gw_call *call, lf_status status, const lf_error *err)
{
    struct screener *screener = gw_stream_context(call);
    screener->is_refused = true;
    screener->refusal = *err;
    screener->refusal.status = status;
    gw_tell_refused(call, 0, &screener->refusal);
    screener_settle(call);
}

static void job_free(struct screen_job *job)
{
    struct gw_call *call = job->call;
    lf__arena_done(&job->arena);
    lf__buf_done(&job->reply);
    free(job);
    gw_stream_release(call);
}

static struct screen_job *job_new(struct gw_call *call)
{
    struct screen_job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        job->call = call;
        lf__arena_init(&job->arena, SCREEN_MEMORY);
        lf__buf_init(&job->reply, PX_MESSAGE_MAX);
        gw_stream_hold(call);
    }
    return job;
}

static void job_told(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct screen_job *job = LF_CONTAINER_OF(note, struct screen_job, note);
    lf_error why = LF_ERROR_INIT;
    (void)px_wire_u64(&job->reply, PX_SCREEN_ACCESS_INDEX, note->index);
    lf_status rc = status == LF_OK ? lf__buf_status(&job->reply, &why) : status;
    if (rc != LF_OK) {
        why = status == LF_OK ? why : *err;
        why.status = rc;
        gw_stream_end(job->call, &why);
    } else {
        (void)gw_stream_send(job->call, lf__buf_bytes(&job->reply),
                             NULL); /* ended: nobody wants it */
    }
    screener_settle(job->call);
    job_free(job);
}

static bool purpose_keep(struct screener *screener, struct gw_call *call,
                         const struct px_screen_request *request)
{
    struct lf__arena *arena = gw_call_arena(call);
    if (screener->has_purpose) {
        return true;
    }
    screener->purpose =
        (struct gw_purpose){lf__arena_copy(arena, request->purpose),
                            lf__arena_copy(arena, request->case_number), request->legal_basis};
    screener->has_purpose = true;
    return screener->purpose.purpose.ptr != NULL && screener->purpose.case_number.ptr != NULL;
}

static void screen_message(void *user, struct gw_call *call, lf_bytes message)
{
    struct gw_services *services = user;
    struct screener *screener = gw_stream_context(call);
    if (screener->is_refused) {
        return; /* nothing more is answered */
    }
    struct screen_job *job = job_new(call);
    lf_error err = LF_ERROR_INIT;
    if (job == NULL) {
        (void)lf__fail(&err, LF_E_NOMEM, "stream: out of memory");
        gw_stream_end(call, &err);
        return;
    }
    struct gw_question q = {.services = services, .arena = &job->arena, .reply = &job->reply};
    lf_status rc = gw_question_answer(&q, call, message,
                                      screener->has_purpose ? &screener->purpose : NULL, &err);
    rc = rc == LF_OK ? lf__buf_status(&job->reply, &err) : rc;
    if (rc == LF_OK && !purpose_keep(screener, call, &q.request)) {
        rc = lf__fail(&err, LF_E_NOMEM, "stream: out of memory");
    }
    if (rc != LF_OK) {
        screener_refuse(call, rc, &err);
        job_free(job);
        return;
    }
    job->note.done = job_told;
    (void)atomic_fetch_add(&screener->waiting, 1);
    q.what.result = lf__sha256(lf__buf_bytes(&job->reply));
    gw_access_record(services->access, &q.what, &job->note);
}

const struct gw_stream_handler gw_stream_screen = {
    .window = SCREEN_WINDOW, .open = screen_open, .message = screen_message};
