/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls about one record. It is made on the caller's thread, sent and told on the client's. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>

#define NS_IN_MS 1000000

/* The bytes are copied behind the submit: one block for all that it needs. */
static lf_status submit_new(lf_client *client, const struct lf__record *record, lf_submit **out,
                            lf_error *err)
{
    lf_submit *submit = malloc(sizeof *submit + record->bare.len);
    if (submit == NULL) {
        return lf__fail(err, LF_E_NOMEM, "submit: out of memory");
    }
    *submit = (lf_submit){.client = client, .record = *record};
    lf__copy(submit->bytes, record->bare.ptr, record->bare.len);
    submit->record.bare.ptr = submit->bytes;
    submit->record.user = submit;
    atomic_init(&submit->refs, 1);
    *out = submit;
    return LF_OK;
}

lf_status lf__submit_record(lf_client *client, const struct lf__record *record,
                            const struct lf__submit_how *how, lf_submit **out, lf_error *err)
{
    lf_submit *submit = NULL;
    lf_status rc = lf__client_drive(client, err);
    rc = rc == LF_OK ? submit_new(client, record, &submit, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    uint32_t timeout_ms = how->timeout_ms > 0 ? how->timeout_ms : CLIENT_TIMEOUT_MS;
    submit->done = how->done;
    submit->user = how->user;
    submit->queued_ns = client->driver.now();
    submit->until_ns = submit->queued_ns + (int64_t)timeout_ms * NS_IN_MS;
    if (out != NULL) { /* before anybody could tell it and let it go */
        atomic_store(&submit->refs, 2);
    }
    rc = lf__coalescer_take(&client->coalescer, submit, err);
    if (rc != LF_OK) {
        free(submit);
        return rc;
    }
    if (out != NULL) {
        *out = submit;
    }
    return LF_OK;
}

lf_status lf_submit_start(lf_client *client, const lf_submit_request *given, lf_submit **out,
                          lf_error *err)
{
    LF_ARENA arena;
    lf_submit_request request;
    struct lf__record record;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__struct_take(&request, sizeof request, given, "submit request", err);
    if (rc == LF_OK && request.done == NULL) {
        rc = lf__fail(err, LF_E_ARG, "submit: done is required");
    }
    rc =
        rc == LF_OK ? lf__record_make(&client->profile, &arena, &request.record, &record, err) : rc;
    struct lf__submit_how how = {request.timeout_ms, request.done, request.user};
    return rc == LF_OK ? lf__submit_record(client, &record, &how, out, err) : rc;
}

void lf_submit_cancel(lf_submit *submit)
{
    atomic_store(&submit->is_cancelled, true);
    if (!atomic_load(&submit->is_told)) {
        atomic_store(&submit->client->coalescer.has_cancelled, true);
        lf__driver_wake(&submit->client->driver);
    }
}

void lf_submit_unref(lf_submit *submit)
{
    if (submit != NULL && atomic_fetch_sub(&submit->refs, 1) == 1) {
        free(submit);
    }
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool is_over;
    lf_result_cb each;
    void *user;
    lf_error error;
};

static void waiting_told(const lf_result *result, void *user)
{
    struct waiting *w = user;
    if (result->outcome != LF_UNANSWERED) {
        lf_result told = *result;
        told.user = w->user;
        w->each(&told, w->user);
    }
    (void)pthread_mutex_lock(&w->lock);
    w->error = result->outcome == LF_UNANSWERED ? result->error : (lf_error)LF_ERROR_INIT;
    w->is_over = true;
    (void)pthread_cond_signal(&w->over);
    (void)pthread_mutex_unlock(&w->lock);
}

lf_status lf__submit_record_wait(lf_client *client, const struct lf__record *record,
                                 const struct lf__submit_how *given, lf_error *err)
{
    struct waiting w = {.each = given->done, .user = given->user};
    struct lf__submit_how how = {given->timeout_ms, waiting_told, &w};
    LF_BUG_IF(lf__driver_is_self(&client->driver)); /* it would wait for itself */
    (void)pthread_mutex_init(&w.lock, NULL);
    (void)pthread_cond_init(&w.over, NULL);
    lf_status rc = lf__submit_record(client, record, &how, NULL, err);
    if (rc == LF_OK) {
        (void)pthread_mutex_lock(&w.lock);
        while (!w.is_over) {
            (void)pthread_cond_wait(&w.over, &w.lock);
        }
        (void)pthread_mutex_unlock(&w.lock);
        rc = w.error.status;
        if (rc != LF_OK && err != NULL) {
            *err = w.error;
        }
    }
    (void)pthread_cond_destroy(&w.over);
    (void)pthread_mutex_destroy(&w.lock);
    return rc;
}

lf_status lf_submit_wait(lf_client *client, const lf_record *record, uint32_t timeout_ms,
                         lf_result_cb each, void *user, lf_error *err)
{
    LF_ARENA arena;
    struct lf__record made;
    struct lf__submit_how how = {timeout_ms, each, user};
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__record_make(&client->profile, &arena, record, &made, err);
    return rc == LF_OK ? lf__submit_record_wait(client, &made, &how, err) : rc;
}
