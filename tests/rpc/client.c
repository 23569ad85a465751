/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/client.h"

#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "protos/codec/status.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct test_client {
    grpc_channel *channel;
    grpc_completion_queue *queue;
    const char *header; /* NULL: none */
    lf_bytes value;
};

void test_identity_make(struct test_identity *identity, const char *name)
{
    lf__buf_init(&identity->key, 8192);
    lf__buf_init(&identity->cert, 8192);
    LF_BUG_IF(lf__cert_make(name, 30, &identity->key, &identity->cert, NULL) != LF_OK);
    (void)lf__buf_u8(&identity->key, 0);
    (void)lf__buf_u8(&identity->cert, 0);
}

void test_identity_done(struct test_identity *identity)
{
    lf__buf_done(&identity->key);
    lf__buf_done(&identity->cert);
}

struct test_client *test_client_open(int port, const struct test_identity *server,
                                     const struct test_identity *identity)
{
    return test_client_open_pinging(port, server, identity, INT_MAX);
}

struct test_client *test_client_open_pinging(int port, const struct test_identity *server,
                                             const struct test_identity *identity, int every_ms)
{
    static char name_key[] = GRPC_SSL_TARGET_NAME_OVERRIDE_ARG;
    static char name[] = "gateway";
    char target[64];
    struct test_client *client = calloc(1, sizeof *client);
    LF_BUG_IF(client == NULL);
    grpc_init();
    (void)snprintf(target, sizeof target, "127.0.0.1:%d", port);
    grpc_ssl_pem_key_cert_pair pair = {identity == NULL ? NULL : (const char *)identity->key.ptr,
                                       identity == NULL ? NULL : (const char *)identity->cert.ptr};
    grpc_channel_credentials *credentials = grpc_ssl_credentials_create_ex(
        (const char *)server->cert.ptr, identity == NULL ? NULL : &pair, NULL, NULL);
    static char pool_key[] = GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL;
    static char ping_key[] = GRPC_ARG_KEEPALIVE_TIME_MS;
    static char without_data_key[] = GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA;
    grpc_arg args[4] = {{.type = GRPC_ARG_STRING, .key = name_key},
                        {.type = GRPC_ARG_INTEGER, .key = pool_key},
                        {.type = GRPC_ARG_INTEGER, .key = ping_key},
                        {.type = GRPC_ARG_INTEGER, .key = without_data_key}};
    args[0].value.string = name;
    args[1].value.integer = 1;
    args[2].value.integer = every_ms;
    args[3].value.integer = 0; /* as many as it likes */
    grpc_channel_args list = {4, args};
    client->channel = grpc_channel_create(target, credentials, &list);
    grpc_channel_credentials_release(credentials);
    client->queue = grpc_completion_queue_create_for_pluck(NULL);
    return client;
}

void test_client_set_header(struct test_client *client, const char *key, lf_bytes value)
{
    client->header = key;
    client->value = value;
}

void test_client_close(struct test_client *client)
{
    grpc_channel_destroy(client->channel);
    grpc_completion_queue_shutdown(client->queue);
    (void)grpc_completion_queue_pluck(client->queue, NULL, gpr_inf_future(GPR_CLOCK_REALTIME),
                                      NULL);
    grpc_completion_queue_destroy(client->queue);
    free(client);
    grpc_shutdown();
}

static gpr_timespec in_ms(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

static void answer_read(struct test_answer *answer, grpc_byte_buffer *reply)
{
    grpc_byte_buffer_reader reader;
    grpc_slice slice;
    if (reply == NULL || grpc_byte_buffer_reader_init(&reader, reply) != 1) {
        return;
    }
    while (grpc_byte_buffer_reader_next(&reader, &slice) != 0) {
        (void)lf__buf_append(&answer->reply,
                             (lf_bytes){GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice)});
        grpc_slice_unref(slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
}

/* The status message, for those that come without details. */
static void answer_text(struct test_answer *answer, grpc_slice text)
{
    (void)snprintf(answer->error.message, sizeof answer->error.message, "%.*s",
                   (int)GRPC_SLICE_LENGTH(text), (const char *)GRPC_SLICE_START_PTR(text));
}

static void answer_details(struct test_answer *answer, const grpc_metadata_array *trailing)
{
    for (size_t i = 0; i < trailing->count; i++) {
        grpc_slice value = trailing->metadata[i].value;
        if (grpc_slice_str_cmp(trailing->metadata[i].key, "grpc-status-details-bin") == 0) {
            LF_BUG_IF(GRPC_SLICE_LENGTH(value) > sizeof answer->details);
            answer->details_len = GRPC_SLICE_LENGTH(value);
            lf__copy(answer->details, GRPC_SLICE_START_PTR(value), answer->details_len);
            LF_BUG_IF(
                px_status_decode((lf_bytes){GRPC_SLICE_START_PTR(value), GRPC_SLICE_LENGTH(value)},
                                 &answer->error, &answer->retry_ms, NULL) != LF_OK);
        }
    }
}

void test_client_call(struct test_client *client, const struct test_ask *ask,
                      struct test_answer *answer)
{
    static int tag;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *reply = NULL;
    grpc_status_code code = GRPC_STATUS_UNKNOWN;
    grpc_slice text = grpc_empty_slice();
    *answer = (struct test_answer){.code = 0};
    lf__buf_init(&answer->reply, (size_t)1 << 24);
    grpc_metadata_array_init(&initial);
    grpc_metadata_array_init(&trailing);
    grpc_slice body =
        grpc_slice_from_copied_buffer((const char *)ask->request.ptr, ask->request.len);
    grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&body, 1);
    grpc_call *call = grpc_channel_create_call(
        client->channel, NULL, GRPC_PROPAGATE_DEFAULTS, client->queue,
        grpc_slice_from_static_string(ask->path), NULL, in_ms(ask->timeout_ms), NULL);
    grpc_op ops[6] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_MESSAGE},           {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    grpc_metadata header = {
        .key = grpc_slice_from_copied_string(client->header == NULL ? "" : client->header),
        .value = grpc_slice_from_copied_buffer((const char *)client->value.ptr, client->value.len)};
    ops[0].data.send_initial_metadata.count = client->header != NULL ? 1 : 0;
    ops[0].data.send_initial_metadata.metadata = &header;
    ops[1].data.send_message.send_message = request;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &initial;
    ops[4].data.recv_message.recv_message = &reply;
    ops[5].data.recv_status_on_client.trailing_metadata = &trailing;
    ops[5].data.recv_status_on_client.status = &code;
    ops[5].data.recv_status_on_client.status_details = &text;
    LF_BUG_IF(grpc_call_start_batch(call, ops, 6, &tag, NULL) != GRPC_CALL_OK);
    if (ask->cancel_after_ms >= 0) {
        grpc_event early =
            grpc_completion_queue_pluck(client->queue, &tag, in_ms(ask->cancel_after_ms), NULL);
        if (early.type == GRPC_QUEUE_TIMEOUT) {
            (void)grpc_call_cancel(call, NULL);
            (void)grpc_completion_queue_pluck(client->queue, &tag,
                                              gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        }
    } else {
        (void)grpc_completion_queue_pluck(client->queue, &tag, gpr_inf_future(GPR_CLOCK_REALTIME),
                                          NULL);
    }
    answer->code = (int)code;
    answer_read(answer, reply);
    answer_details(answer, &trailing);
    grpc_slice_unref(text);
    grpc_slice_unref(header.key);
    grpc_slice_unref(header.value);
    grpc_slice_unref(body);
    grpc_byte_buffer_destroy(request);
    grpc_byte_buffer_destroy(reply);
    grpc_metadata_array_destroy(&initial);
    grpc_metadata_array_destroy(&trailing);
    grpc_call_unref(call);
}

void test_answer_done(struct test_answer *answer)
{
    lf__buf_done(&answer->reply);
}

/* Four batches of a stream may be in flight: their tags are the places of these. */
enum stream_tag { TAG_OPEN, TAG_SEND, TAG_RECEIVE, TAG_STATUS, TAG_COUNT };

struct test_stream {
    grpc_completion_queue *queue;
    grpc_call *call;
    char tags[TAG_COUNT];
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *message;
    grpc_status_code code;
    grpc_slice text;
};

static void stream_start(struct test_stream *stream, enum stream_tag tag, const grpc_op *ops,
                         size_t count)
{
    LF_BUG_IF(grpc_call_start_batch(stream->call, ops, count, &stream->tags[tag], NULL) !=
              GRPC_CALL_OK);
}

static bool stream_wait(struct test_stream *stream, enum stream_tag tag)
{
    grpc_event event = grpc_completion_queue_pluck(stream->queue, &stream->tags[tag],
                                                   gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    return event.success != 0;
}

struct test_stream *test_stream_open(struct test_client *client, const char *path,
                                     int64_t timeout_ms)
{
    struct test_stream *stream = calloc(1, sizeof *stream);
    LF_BUG_IF(stream == NULL);
    stream->queue = client->queue;
    grpc_metadata_array_init(&stream->initial);
    grpc_metadata_array_init(&stream->trailing);
    stream->call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                            client->queue, grpc_slice_from_static_string(path),
                                            NULL, in_ms(timeout_ms), NULL);
    grpc_op opening[2] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                          {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    opening[1].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    stream_start(stream, TAG_OPEN, opening, 2);
    grpc_op ending = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    ending.data.recv_status_on_client.trailing_metadata = &stream->trailing;
    ending.data.recv_status_on_client.status = &stream->code;
    ending.data.recv_status_on_client.status_details = &stream->text;
    stream_start(stream, TAG_STATUS, &ending, 1);
    return stream;
}

bool test_stream_send(struct test_stream *stream, lf_bytes message)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)message.ptr, message.len);
    grpc_byte_buffer *bytes = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = bytes;
    stream_start(stream, TAG_SEND, &op, 1);
    bool good = stream_wait(stream, TAG_SEND);
    grpc_byte_buffer_destroy(bytes);
    grpc_slice_unref(slice);
    return good;
}

void test_stream_half_close(struct test_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    stream_start(stream, TAG_SEND, &op, 1);
    (void)stream_wait(stream, TAG_SEND);
}

bool test_stream_receive(struct test_stream *stream, struct lf__buf *out)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    struct test_answer answer;
    op.data.recv_message.recv_message = &stream->message;
    stream_start(stream, TAG_RECEIVE, &op, 1);
    bool good = stream_wait(stream, TAG_RECEIVE) && stream->message != NULL;
    lf__buf_init(&answer.reply, 8 << 20);
    answer_read(&answer, stream->message);
    grpc_byte_buffer_destroy(stream->message);
    stream->message = NULL;
    lf__buf_done(out);
    *out = answer.reply;
    return good;
}

void test_stream_cancel(struct test_stream *stream)
{
    (void)grpc_call_cancel(stream->call, NULL);
}

void test_stream_finish(struct test_stream *stream, struct test_answer *answer)
{
    (void)stream_wait(stream, TAG_STATUS);
    (void)stream_wait(stream, TAG_OPEN);
    *answer = (struct test_answer){.code = (int)stream->code};
    answer_text(answer, stream->text);
    answer_details(answer, &stream->trailing);
    grpc_slice_unref(stream->text);
    grpc_metadata_array_destroy(&stream->initial);
    grpc_metadata_array_destroy(&stream->trailing);
    grpc_call_unref(stream->call);
    free(stream);
}
