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
#include <stdio.h>
#include <stdlib.h>

struct test_client {
    grpc_channel *channel;
    grpc_completion_queue *queue;
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
    grpc_arg args[2] = {{.type = GRPC_ARG_STRING, .key = name_key},
                        {.type = GRPC_ARG_INTEGER, .key = pool_key}};
    args[0].value.string = name;
    args[1].value.integer = 1;
    grpc_channel_args list = {2, args};
    client->channel = grpc_channel_create(target, credentials, &list);
    grpc_channel_credentials_release(credentials);
    client->queue = grpc_completion_queue_create_for_pluck(NULL);
    return client;
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

static void answer_details(struct test_answer *answer, const grpc_metadata_array *trailing)
{
    for (size_t i = 0; i < trailing->count; i++) {
        grpc_slice value = trailing->metadata[i].value;
        if (grpc_slice_str_cmp(trailing->metadata[i].key, "grpc-status-details-bin") == 0) {
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
