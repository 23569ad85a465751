/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screening.CrossCheck: for regulators and police. Each request with lines of a list is answered by its rows once the access log has
 * it; what the list says is compared and forgotten. A stream without a list has the whole ledger checked (crosscheck_bulk.c).
 */
#include "gateway/services/crosscheck_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/wire.h"

#include <stdlib.h>

enum { CROSS_MEMORY = 16 << 20 };

/* One request with lines of a list. Holds the call. */
struct cross_job {
    struct gw_access_note note;
    struct gw_call *call;
    struct lf__arena arena;
    struct lf__buf reply;
};

bool gw__cross_put(const struct gw_cross_row *row, unsigned omit, uint64_t totals[PX_FINDINGS],
                   struct lf__buf *reply)
{
    _Static_assert((unsigned)GW_FINDINGS == (unsigned)PX_FINDINGS, "one table of findings");
    bool is_told = row->finding != GW_FINDING_NONE && (omit & LF_BIT((unsigned)row->finding)) == 0;
    totals[row->finding]++;
    if (is_told) {
        struct px_cross_row told = {.uscc = lf__bytes_str(row->uscc),
                                    .finding = (unsigned)row->finding,
                                    .explanation = lf__bytes_str(row->explanation),
                                    .indexes = row->indexes,
                                    .index_count = row->index_count,
                                    .name = lf__bytes_str(row->name)};
        reply->failed = !px_cross_row_encode(&told, reply) || reply->failed;
    }
    return is_told;
}

void gw__cross_end_put(const struct crosser *crosser, const uint64_t *totals, struct lf__buf *reply)
{
    LF_BUF note;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    (void)st_ledger_head(gw_exchange_ledger(crosser->services->exchange), &note);
    reply->failed = !px_cross_reply_end(totals, lf__buf_bytes(&note), reply) || reply->failed;
}

void gw__cross_fail(struct gw_call *call, lf_status status, const lf_error *err)
{
    lf_error why = *err;
    why.status = status;
    gw_tell_refused(call, 0, &why);
    gw_stream_end(call, &why);
}

static lf_status cross_open(void *user, struct gw_call *call, lf_error *err)
{
    struct crosser *crosser = lf__arena_alloc(gw_call_arena(call), sizeof *crosser);
    if (crosser == NULL) {
        return lf__fail(err, LF_E_NOMEM, "stream: out of memory");
    }
    *crosser = (struct crosser){.services = user, .at_ms = lf__clock_utc_ms()};
    atomic_init(&crosser->waiting, 1);
    gw_stream_set_context(call, crosser);
    return LF_OK;
}

/* ---- the end of a list ---- */

/* Of a list all was recorded with its rows: the sums say nothing more of anybody. */
static void summary_send(struct gw_call *call, const struct crosser *crosser)
{
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    gw__cross_end_put(crosser, crosser->totals, &reply);
    (void)px_wire_u64(&reply, PX_CROSS_ACCESS_INDEX, crosser->access_index);
    lf_status rc = lf__buf_status(&reply, &err);
    if (rc != LF_OK) {
        gw__cross_fail(call, rc, &err);
        return;
    }
    (void)gw_stream_send(call, lf__buf_bytes(&reply), NULL); /* ended: nobody wants it */
}

/* One fewer is waiting. */
static void crosser_settle(struct gw_call *call)
{
    struct crosser *crosser = gw_stream_context(call);
    if (atomic_fetch_sub(&crosser->waiting, 1) != 1) {
        return;
    }
    if (crosser->is_refused) {
        gw_stream_end(call, &crosser->refusal);
    } else {
        summary_send(call, crosser);
    }
}

static void crosser_refuse(struct gw_call *call, lf_status status, const lf_error *err)
{
    struct crosser *crosser = gw_stream_context(call);
    crosser->is_refused = true;
    crosser->refusal = *err;
    crosser->refusal.status = status;
    gw_tell_refused(call, 0, &crosser->refusal);
    crosser_settle(call);
}

/* ---- one request ---- */

static void job_free(struct cross_job *job)
{
    struct gw_call *call = job->call;
    lf__arena_done(&job->arena);
    lf__buf_done(&job->reply);
    free(job);
    gw_stream_release(call);
}

static struct cross_job *job_new(struct gw_call *call)
{
    struct cross_job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        job->call = call;
        lf__arena_init(&job->arena, CROSS_MEMORY);
        lf__buf_init(&job->reply, PX_MESSAGE_MAX);
        gw_stream_hold(call);
    }
    return job;
}

static void job_told(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct cross_job *job = LF_CONTAINER_OF(note, struct cross_job, note);
    struct crosser *crosser = gw_stream_context(job->call);
    lf_error why = LF_ERROR_INIT;
    crosser->access_index = note->index;
    (void)px_wire_u64(&job->reply, PX_CROSS_ACCESS_INDEX, note->index);
    lf_status rc = status == LF_OK ? lf__buf_status(&job->reply, &why) : status;
    if (rc != LF_OK) {
        gw__cross_fail(job->call, rc, status == LF_OK ? &why : err);
    } else {
        (void)gw_stream_send(job->call, lf__buf_bytes(&job->reply), NULL);
    }
    crosser_settle(job->call);
    job_free(job);
}

/* Who may, and why; of the first request. */
static lf_status purpose_take(struct crosser *crosser, struct gw_call *call,
                              const struct px_cross_request *request, lf_error *err)
{
    struct lf__arena *arena = gw_call_arena(call);
    struct gw_purpose asked = {request->purpose, request->case_number, request->legal_basis};
    if (crosser->has_purpose) {
        return crosser->is_listed && request->count > 0
                   ? LF_OK
                   : lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "listed",
                                "listed: no line, and the stream has begun");
    }
    lf_status rc = gw_purpose_check(crosser->services, &asked, &crosser->reader, err);
    crosser->purpose =
        (struct gw_purpose){lf__arena_copy(arena, asked.purpose),
                            lf__arena_copy(arena, asked.case_number), asked.legal_basis};
    if (rc == LF_OK && (crosser->purpose.purpose.ptr == NULL ||
                        (asked.case_number.len > 0 && crosser->purpose.case_number.ptr == NULL))) {
        return lf__fail(err, LF_E_NOMEM, "stream: out of memory");
    }
    crosser->omit = request->omit;
    crosser->is_listed = request->count > 0;
    crosser->has_purpose = rc == LF_OK;
    return rc;
}

/* Asked again with each request: a member may have been suspended meanwhile. */
static lf_status caller_take(struct crosser *crosser, struct gw_call *call, lf_error *err)
{
    bool has_case = crosser->reader.has_case;
    lf_status rc = gw_caller(crosser->services, call, &crosser->standing, &crosser->reader, err);
    crosser->reader.has_case = has_case;
    enum px_role role = crosser->reader.role;
    if (rc == LF_OK && role != PX_ROLE_REGULATOR && role != PX_ROLE_POLICE) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                          "crosscheck: is for regulators and police");
    }
    return rc;
}

static lf_status request_answer(struct crosser *crosser, struct cross_job *job, lf_bytes message,
                                struct px_access *what, lf_error *err)
{
    struct px_cross_request request;
    lf_status rc = caller_take(crosser, job->call, err);
    rc = rc == LF_OK ? px_cross_request_decode(&job->arena, message, &request, err) : rc;
    rc = rc == LF_OK ? purpose_take(crosser, job->call, &request, err) : rc;
    if (rc != LF_OK || !crosser->is_listed) {
        return rc;
    }
    struct cross_list list = {crosser, &job->arena, &request, &job->reply, what};
    return gw__cross_list(&list, err);
}

static void cross_message(void *user, struct gw_call *call, lf_bytes message)
{
    struct gw_services *services = user;
    struct crosser *crosser = gw_stream_context(call);
    struct px_access what;
    if (crosser->is_refused) {
        return; /* nothing more is answered */
    }
    struct cross_job *job = job_new(call);
    lf_error err = LF_ERROR_INIT;
    if (job == NULL) {
        gw__cross_fail(call, lf__fail(&err, LF_E_NOMEM, "stream: out of memory"), &err);
        return;
    }
    lf_status rc = request_answer(crosser, job, message, &what, &err);
    if (rc != LF_OK) {
        crosser_refuse(call, rc, &err);
        job_free(job);
    } else if (!crosser->is_listed) {
        (void)gw_stream_send(call, LF_BYTES_NONE, NULL); /* nothing is told yet */
        job_free(job);
    } else {
        job->note.done = job_told;
        (void)atomic_fetch_add(&crosser->waiting, 1);
        what.result = lf__sha256(lf__buf_bytes(&job->reply));
        gw_access_record(services->access, &what, &job->note);
    }
}

static void cross_finished(void *user, struct gw_call *call)
{
    struct crosser *crosser = gw_stream_context(call);
    lf_error err = LF_ERROR_INIT;
    (void)user;
    if (crosser->is_refused) {
        return;
    }
    if (!crosser->has_purpose) {
        crosser_refuse(call,
                       lf__refuse(&err, LF_E_FORMAT, "FIELD_MISSING", "", "request: none was sent"),
                       &err);
    } else if (crosser->is_listed) {
        crosser_settle(call);
    } else {
        lf_status rc = gw__cross_bulk_begin(call, crosser, &err);
        if (rc != LF_OK) {
            crosser_refuse(call, rc, &err);
        }
    }
}

static void cross_sent(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    gw__cross_bulk_sent(services->crosses, gw_stream_context(call));
}

static void cross_ended(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    gw__cross_bulk_ended(services->crosses, gw_stream_context(call));
}

const struct gw_stream_handler gw_stream_cross_check = {.window = GW_CROSS_WINDOW,
                                                        .open = cross_open,
                                                        .message = cross_message,
                                                        .finished = cross_finished,
                                                        .sent = cross_sent,
                                                        .ended = cross_ended};
