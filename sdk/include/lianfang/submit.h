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
LF_API LF_MUST_USE lf_status lf_batch_add(lf_batch *batch, const lf_record *record, void *user, lf_error *err);
/* Sends all, calls `each` once a record on this thread, in the order of adding, and empties the batch.
 * Tries again with back-off until timeout_ms (0: 60000). After a failure the records are still there,
 * and sending again is safe: those that were told are told again. */
LF_API LF_MUST_USE lf_status lf_batch_send(lf_batch *batch, uint32_t timeout_ms, lf_result_cb each, void *user, lf_error *err);

LF_END_DECLS
#endif
