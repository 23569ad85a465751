/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/submit.h - handing in records: one at a time, asynchronously or not, and as batches.
 *
 * Records that are submitted at the same time travel together under one signature, and each stays
 * provable alone: its envelope carries its path to the signature. A record goes out at once when
 * nothing is in flight; otherwise it waits for company, at most the client's `linger_us`.
 * Threads: lf_submit_* may be called from any thread, from callbacks too; callbacks come on the
 * client's own thread, one after the other, and should be quick. A batch belongs to one thread.
 * Errors: as in lianfang/client.h. Handing the same record in again is always safe.
 */
#ifndef LF_SUBMIT_H
#define LF_SUBMIT_H

#include <lianfang/client.h>
#include <lianfang/record.h>

LF_BEGIN_DECLS

/* ---- one record ---- */

typedef struct lf_submit lf_submit;

/* What to submit. Start from LF_SUBMIT_REQUEST_INIT; zero means the default. */
typedef struct lf_submit_request {
    size_t size;         /* of this struct; set by LF_SUBMIT_REQUEST_INIT */
    lf_record record;    /* required; copied */
    uint32_t timeout_ms; /* until it is told UNANSWERED; default 60000 */
    lf_result_cb done;   /* required */
    void *user;          /* handed to `done` twice: as its `user` and as result->user */
} lf_submit_request;
#define LF_SUBMIT_REQUEST_INIT                                                                     \
    {                                                                                              \
        sizeof(lf_submit_request), LF_RECORD_INIT, 0, NULL, NULL                                   \
    }

/* Start a submit. Does not block. `done` comes exactly once after a success, never from inside this
 * call, and never after a failure. `out` may be NULL; otherwise *out is owned: release with
 * lf_submit_unref(). E_ARG names a missing or malformed field, E_TOO_BIG a field over its limit,
 * E_BUSY when the client's `pending` records await their answers, E_NOMEM; E_CLOSED once the client
 * is closing. */
LF_API LF_MUST_USE lf_status lf_submit_start(lf_client *client, const lf_submit_request *request,
                                             lf_submit **out, lf_error *err);
/* Ask for an early end: `done` then tells UNANSWERED with E_CANCELED, and a record that had been sent
 * may be in the ledger all the same. No effect when over. */
LF_API void lf_submit_cancel(lf_submit *submit);
/* Drop the caller's reference. NULL is allowed. Does not cancel. */
LF_API void lf_submit_unref(lf_submit *submit);

/* Submit and wait. `each` is called once, on the client's thread, before this returns OK: the record
 * was answered (ACCEPTED, DUPLICATE or REFUSED). Otherwise the status says why there was no answer, and
 * `each` is not called. timeout_ms 0: 60000. Not from a callback. Errors as lf_submit_start(), and
 * E_UNAVAILABLE, E_DEADLINE, E_SIGNATURE (an answer that does not prove what it says). */
LF_API LF_MUST_USE lf_status lf_submit_wait(lf_client *client, const lf_record *record,
                                            uint32_t timeout_ms, lf_result_cb each, void *user,
                                            lf_error *err);

/* ---- many at once ---- */

typedef struct lf_batch lf_batch;

#define LF_BATCH_MAX 512

/* Up to LF_BATCH_MAX records under one signature. *out is owned: lf_batch_free(). `client` is borrowed
 * until then. E_NOMEM. */
LF_API LF_MUST_USE lf_status lf_batch_new(lf_client *client, lf_batch **out, lf_error *err);
LF_API void lf_batch_free(lf_batch *batch); /* NULL is allowed */
LF_API size_t lf_batch_count(const lf_batch *batch);
/* Adds one; copies what it needs. `user` comes back in its result. E_FULL when the batch must be sent
 * first; E_ARG and E_TOO_BIG name the field. */
LF_API LF_MUST_USE lf_status lf_batch_add(lf_batch *batch, const lf_record *record, void *user,
                                          lf_error *err);
/* Sends all, calls `each` once a record on this thread, in the order of adding, and empties the batch.
 * Tries again with back-off until timeout_ms (0: 60000). After a failure the records are still there,
 * and sending again is safe: those that were told are told again. */
LF_API LF_MUST_USE lf_status lf_batch_send(lf_batch *batch, uint32_t timeout_ms, lf_result_cb each,
                                           void *user, lf_error *err);

LF_END_DECLS
#endif
