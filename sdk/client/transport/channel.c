/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC core, blocking: a queue of its own for each call, plucked for its one batch. */
#include "client/transport/channel.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/limits.h"
#include "protos/codec/status.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdlib.h>

struct lf__channel {
    grpc_channel *channel;
};

lf_status lf__channel_open(const struct lf__channel_options *options, struct lf__channel **out,
                           lf_error *err)
{
    struct lf__channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    grpc_init();
    grpc_ssl_pem_key_cert_pair pair = {options->key, options->cert};
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create_ex(options->server_cert, &pair, NULL, NULL);
    grpc_arg args[] = {
        {.type = GRPC_ARG_STRING, .key = (char *)(uintptr_t)GRPC_SSL_TARGET_NAME_OVERRIDE_ARG},
        {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH}};
    args[0].value.string = (char *)(uintptr_t)options->server_name;
    args[1].value.integer = PX_MESSAGE_MAX + 65536;
    grpc_channel_args list = {LF_COUNT(args), args};
    channel->channel =
        credentials == NULL ? NULL : grpc_channel_create(options->address, credentials, &list);
    if (credentials != NULL) {
        grpc_channel_credentials_release(credentials);
    }
    if (channel->channel == NULL) {
        lf__channel_close(channel);
        return lf__fail(err, LF_E_ARG, "client: key or certificates cannot be used");
    }
    *out = channel;
    return LF_OK;
}

void lf__channel_close(struct lf__channel *channel)
{
    if (channel != NULL) {
        if (channel->channel != NULL) {
            grpc_channel_destroy(channel->channel);
        }
        free(channel);
        grpc_shutdown();
    }
}

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

/* Everything that one call holds; all of it released in call_done(). */
struct unary {
    grpc_completion_queue *queue;
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_byte_buffer *reply;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code code;
    grpc_slice text;
};

static void unary_start(struct unary *u, struct lf__channel *channel, const char *method,
                        lf_bytes request, int64_t timeout_ms)
{
    gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
    grpc_slice body = grpc_slice_from_copied_buffer((const char *)request.ptr, request.len);
    *u = (struct unary){.code = GRPC_STATUS_UNKNOWN};
    u->text = grpc_empty_slice();
    grpc_metadata_array_init(&u->initial);
    grpc_metadata_array_init(&u->trailing);
    u->queue = grpc_completion_queue_create_for_pluck(NULL);
    u->request = grpc_raw_byte_buffer_create(&body, 1);
    grpc_slice_unref(body);
    u->call = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, u->queue,
                                       grpc_slice_from_static_string(method), NULL, deadline, NULL);
}

static void unary_run(struct unary *u)
{
    grpc_op ops[6] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_MESSAGE},           {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    ops[1].data.send_message.send_message = u->request;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &u->initial;
    ops[4].data.recv_message.recv_message = &u->reply;
    ops[5].data.recv_status_on_client.trailing_metadata = &u->trailing;
    ops[5].data.recv_status_on_client.status = &u->code;
    ops[5].data.recv_status_on_client.status_details = &u->text;
    LF_BUG_IF(grpc_call_start_batch(u->call, ops, LF_COUNT(ops), u, NULL) != GRPC_CALL_OK);
    (void)grpc_completion_queue_pluck(u->queue, u, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
}

static void unary_done(struct unary *u)
{
    grpc_call_unref(u->call);
    grpc_completion_queue_shutdown(u->queue);
    (void)grpc_completion_queue_pluck(u->queue, NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    grpc_completion_queue_destroy(u->queue);
    grpc_byte_buffer_destroy(u->request);
    grpc_byte_buffer_destroy(u->reply);
    grpc_metadata_array_destroy(&u->initial);
    grpc_metadata_array_destroy(&u->trailing);
    grpc_slice_unref(u->text);
}

static lf_status reply_read(const struct unary *u, struct lf__buf *answer, lf_error *err)
{
    grpc_byte_buffer_reader reader;
    grpc_slice slice;
    if (u->reply == NULL || grpc_byte_buffer_reader_init(&reader, u->reply) != 1) {
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

static lf_status refusal_read(const struct unary *u, uint32_t *retry_ms, lf_error *err)
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
    detail.status = rc;
    detail.cause = (int)u->code;
    if (err != NULL) {
        *err = detail;
    }
    return rc;
}

lf_status lf__channel_call(struct lf__channel *channel, const char *method, lf_bytes request,
                           int64_t timeout_ms, struct lf__buf *answer, uint32_t *retry_ms,
                           lf_error *err)
{
    struct unary u;
    *retry_ms = 0;
    unary_start(&u, channel, method, request, timeout_ms);
    unary_run(&u);
    lf_status rc =
        u.code == GRPC_STATUS_OK ? reply_read(&u, answer, err) : refusal_read(&u, retry_ms, err);
    unary_done(&u);
    return rc;
}
