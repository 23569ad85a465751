/* SPDX-License-Identifier: Apache-2.0 */
/* A batch that the caller composes and sends by itself. */
#include "client/bundle.h"
#include "client/client_internal.h"

#include "base/status.h"

#include <lianfang/submit.h>
#include <stdlib.h>

_Static_assert(LF_BATCH_MAX == BUNDLE_RECORDS_MAX, "the header tells the bundle's limit");

struct lf_batch {
    lf_client *client;
    struct lf__arena arena;
    struct lf__record records[LF_BATCH_MAX];
    const struct lf__record *list[LF_BATCH_MAX];
    size_t count;
    size_t bytes;
};

lf_status lf_batch_new(lf_client *client, lf_batch **out, lf_error *err)
{
    lf_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return lf__fail(err, LF_E_NOMEM, "batch: out of memory");
    }
    batch->client = client;
    lf__arena_init(&batch->arena, CLIENT_ARENA_MAX);
    *out = batch;
    return LF_OK;
}

static void batch_clear(lf_batch *batch)
{
    lf__arena_done(&batch->arena);
    batch->count = 0;
    batch->bytes = 0;
}

void lf_batch_free(lf_batch *batch)
{
    if (batch != NULL) {
        batch_clear(batch);
        free(batch);
    }
}

size_t lf_batch_count(const lf_batch *batch)
{
    return batch->count;
}

lf_status lf_batch_add(lf_batch *batch, const lf_record *record, void *user, lf_error *err)
{
    struct lf__record made;
    if (batch->count == LF_BATCH_MAX) {
        return lf__fail(err, LF_E_FULL, "batch: is full; send it first");
    }
    lf_status rc = lf__record_make(&batch->client->profile, &batch->arena, record, &made, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (batch->count > 0 && batch->bytes + lf__bundle_weight(&made) > BUNDLE_BYTES_MAX) {
        return lf__fail(err, LF_E_FULL, "batch: is full; send it first");
    }
    made.user = user;
    batch->bytes += lf__bundle_weight(&made);
    batch->records[batch->count] = made;
    batch->list[batch->count] = &batch->records[batch->count];
    batch->count++;
    return LF_OK;
}

lf_status lf_batch_send(lf_batch *batch, uint32_t timeout_ms, lf_result_cb each, void *user,
                        lf_error *err)
{
    LF_BUNDLE bundle = {.count = 0};
    LF_BUF request;
    LF_BUF answer;
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    if (batch->count == 0) {
        return LF_OK;
    }
    lf_status rc =
        lf__bundle_sign(&bundle, &batch->client->profile, batch->list, batch->count, err);
    lf__bundle_asks(&bundle, &batch->client->heads);
    rc = rc == LF_OK ? lf__bundle_request(&bundle, &request, err) : rc;
    rc = rc == LF_OK
             ? lf__client_call(batch->client, LF_METHOD_SUBMIT_BATCH, lf__buf_bytes(&request),
                               timeout_ms > 0 ? timeout_ms : CLIENT_TIMEOUT_MS, &answer, err)
             : rc;
    rc = rc == LF_OK ? lf__bundle_read(&bundle, lf__buf_bytes(&answer), each, user, err) : rc;
    if (rc == LF_OK) {
        batch_clear(batch);
    }
    return rc;
}
