/* SPDX-License-Identifier: Apache-2.0 */
/* One unary call in gRPC core: all six operations in one batch, one completion. */
#include "client/transport/transport_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/status.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/support/time.h>
#include <stdio.h>

/* The inverse of the gateway's table: one switch without default. */
static lf_status status_of(grpc_status_code code)
{
    switch (code) {
    case GRPC_STATUS_OK:
        return LF_OK;
    case GRPC_STATUS_INVALID_ARGUMENT:
    case GRPC_STATUS_OUT_OF_RANGE:
        return LF_E_REJECTED;
    case GRPC_STATUS_UNAUTHENTICATED:
        return LF_E_UNAUTHENTICATED;
    case GRPC_STATUS_PERMISSION_DENIED:
        return LF_E_DENIED;
    case GRPC_STATUS_NOT_FOUND:
        return LF_E_NOT_FOUND;
    case GRPC_STATUS_ALREADY_EXISTS:
        return LF_E_EXISTS;
    case GRPC_STATUS_FAILED_PRECONDITION:
        return LF_E_PRECONDITION;
    case GRPC_STATUS_RESOURCE_EXHAUSTED:
        return LF_E_BUSY;
    case GRPC_STATUS_UNAVAILABLE:
    case GRPC_STATUS_ABORTED:
        return LF_E_UNAVAILABLE;
    case GRPC_STATUS_DEADLINE_EXCEEDED:
        return LF_E_DEADLINE;
    case GRPC_STATUS_CANCELLED:
        return LF_E_CANCELED;
    case GRPC_STATUS_UNIMPLEMENTED:
        return LF_E_UNIMPLEMENTED;
    case GRPC_STATUS_DATA_LOSS:
        return LF_E_CORRUPT;
    case GRPC_STATUS_UNKNOWN:
    case GRPC_STATUS_INTERNAL:
    case GRPC_STATUS__DO_NOT_USE:
        return LF_E_IO;
    }
    return LF_E_IO;
}

void lf__unary_start(struct lf__unary *u, const struct lf__channel *channel,
                     const struct lf__unary_request *request, grpc_completion_queue *queue,
                     void *tag)
{
    gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                         gpr_time_from_millis(request->timeout_ms, GPR_TIMESPAN));
    grpc_slice body =
        grpc_slice_from_copied_buffer((const char *)request->body.ptr, request->body.len);
    grpc_op ops[6] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_MESSAGE},           {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    *u = (struct lf__unary){.code = GRPC_STATUS_UNKNOWN};
    u->text = grpc_empty_slice();
    grpc_metadata_array_init(&u->initial);
    grpc_metadata_array_init(&u->trailing);
    u->request = grpc_raw_byte_buffer_create(&body, 1);
    grpc_slice_unref(body);
    u->call = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue,
                                       grpc_slice_from_static_string(request->method), NULL,
                                       deadline, NULL);
    ops[1].data.send_message.send_message = u->request;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &u->initial;
    ops[4].data.recv_message.recv_message = &u->reply;
    ops[5].data.recv_status_on_client.trailing_metadata = &u->trailing;
    ops[5].data.recv_status_on_client.status = &u->code;
    ops[5].data.recv_status_on_client.status_details = &u->text;
    LF_BUG_IF(grpc_call_start_batch(u->call, ops, LF_COUNT(ops), tag, NULL) != GRPC_CALL_OK);
}

void lf__unary_done(struct lf__unary *u)
{
    grpc_call_unref(u->call);
    grpc_byte_buffer_destroy(u->request);
    grpc_byte_buffer_destroy(u->reply);
    grpc_metadata_array_destroy(&u->initial);
    grpc_metadata_array_destroy(&u->trailing);
    grpc_slice_unref(u->text);
}

lf_status lf__reply_read(grpc_byte_buffer *reply, struct lf__buf *answer, lf_error *err)
{
    grpc_byte_buffer_reader reader;
    grpc_slice slice;
    if (reply == NULL || grpc_byte_buffer_reader_init(&reader, reply) != 1) {
        return lf__fail(err, LF_E_FORMAT, "gateway: answered with nothing");
    }
    while (grpc_byte_buffer_reader_next(&reader, &slice) != 0) {
        (void)lf__buf_append(answer,
                             (lf_bytes){GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice)});
        grpc_slice_unref(slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    return lf__buf_status(answer, err);
}

/* gRPC tells a failed handshake from a refused connection in words only. They decide how soon we give
 * up, and nothing else. */
static bool is_handshake(lf_bytes text)
{
    static const char word[] = "andshak";
    for (size_t i = 0; i + sizeof word - 1 <= text.len; i++) {
        if (lf__bytes_eq_str(lf__bytes_slice(text, i, sizeof word - 1), word)) {
            return true;
        }
    }
    return false;
}

static lf_status refusal_read(const struct lf__unary *u, uint32_t *retry_ms, lf_error *err)
{
    lf_error detail = LF_ERROR_INIT;
    lf_status rc = status_of(u->code);
    lf_bytes text = {GRPC_SLICE_START_PTR(u->text), GRPC_SLICE_LENGTH(u->text)};
    (void)lf__copy_str(detail.message, sizeof detail.message,
                       lf__bytes_slice(text, 0, sizeof detail.message - 1));
    for (size_t i = 0; i < u->trailing.count; i++) {
        grpc_slice value = u->trailing.metadata[i].value;
        if (grpc_slice_str_cmp(u->trailing.metadata[i].key, "grpc-status-details-bin") == 0) {
            (void)px_status_decode(
                (lf_bytes){GRPC_SLICE_START_PTR(value), GRPC_SLICE_LENGTH(value)}, &detail,
                retry_ms, NULL);
        }
    }
    detail.cause = (int)u->code;
    if (rc == LF_E_CANCELED && !u->is_given_up) { /* the end of a server overtook the call */
        rc = LF_E_UNAVAILABLE;
        (void)snprintf(detail.message, sizeof detail.message, "gateway: gave the call up");
    }
    if (u->code == GRPC_STATUS_UNAVAILABLE && is_handshake(text)) {
        detail.cause = LF_CAUSE_HANDSHAKE;
        (void)snprintf(detail.message, sizeof detail.message,
                       "gateway: no TLS with it; is its certificate the one in the profile");
    }
    detail.status = rc;
    if (err != NULL) {
        *err = detail;
    }
    return rc;
}

lf_status lf__unary_read(const struct lf__unary *u, struct lf__buf *answer, uint32_t *retry_ms,
                         lf_error *err)
{
    return u->code == GRPC_STATUS_OK ? lf__reply_read(u->reply, answer, err)
                                     : refusal_read(u, retry_ms, err);
}
