/* SPDX-License-Identifier: Apache-2.0 */
/* A stream in gRPC core: a batch to begin, one that waits for the status, and one for each message either way. */
#include "client/transport/stream.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/transport/transport_internal.h"

#include <grpc/byte_buffer.h>
#include <grpc/support/time.h>
#include <stdlib.h>

enum stream_tag { TAG_BEGIN, TAG_STATUS, TAG_MESSAGE, TAG_SEND, TAG_FINISH, TAG_COUNT };

struct lf__stream {
    struct lf__unary u; /* its reply is the last message */
    grpc_completion_queue *queue;
    char tags[TAG_COUNT];
    bool is_over; /* the status is here */
    bool is_sending;
    bool is_finished;
};

static void batch_start(struct lf__stream *s, enum stream_tag tag, const grpc_op *ops, size_t count)
{
    LF_BUG_IF(grpc_call_start_batch(s->u.call, ops, count, &s->tags[tag], NULL) != GRPC_CALL_OK);
}

static bool tag_wait(struct lf__stream *s, enum stream_tag tag, gpr_timespec until)
{
    return grpc_completion_queue_pluck(s->queue, &s->tags[tag], until, NULL).type ==
           GRPC_OP_COMPLETE;
}

static void tag_await(struct lf__stream *s, enum stream_tag tag)
{
    (void)tag_wait(s, tag, gpr_inf_future(GPR_CLOCK_REALTIME));
}

lf_status lf__stream_begin(struct lf__channel *channel, const char *method, struct lf__stream **out,
                           lf_error *err)
{
    grpc_op begin[2] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                        {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    grpc_op end = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    struct lf__stream *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    s->u.code = GRPC_STATUS_UNKNOWN;
    s->u.text = grpc_empty_slice();
    grpc_metadata_array_init(&s->u.initial);
    grpc_metadata_array_init(&s->u.trailing);
    s->queue = grpc_completion_queue_create_for_pluck(NULL);
    s->u.call = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, s->queue,
                                         grpc_slice_from_static_string(method), NULL,
                                         gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    begin[1].data.recv_initial_metadata.recv_initial_metadata = &s->u.initial;
    end.data.recv_status_on_client.trailing_metadata = &s->u.trailing;
    end.data.recv_status_on_client.status = &s->u.code;
    end.data.recv_status_on_client.status_details = &s->u.text;
    batch_start(s, TAG_BEGIN, begin, LF_COUNT(begin));
    batch_start(s, TAG_STATUS, &end, 1);
    *out = s;
    return LF_OK;
}

static gpr_timespec silence_end(int64_t silence_ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                        gpr_time_from_millis(silence_ms, GPR_TIMESPAN));
}

/* At most one message is on its way out. Its failure is the stream's end, of which the status tells. */
static bool sent_wait(struct lf__stream *s, gpr_timespec until)
{
    if (s->is_sending && !tag_wait(s, TAG_SEND, until)) {
        return false;
    }
    s->is_sending = false;
    grpc_byte_buffer_destroy(s->u.request);
    s->u.request = NULL;
    return true;
}

lf_status lf__stream_send(struct lf__stream *s, lf_bytes request, int64_t silence_ms, lf_error *err)
{
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    if (!sent_wait(s, silence_end(silence_ms))) {
        return lf__fail(err, LF_E_DEADLINE, "gateway: has taken nothing for %lld ms",
                        (long long)silence_ms);
    }
    grpc_slice body = grpc_slice_from_copied_buffer((const char *)request.ptr, request.len);
    s->u.request = grpc_raw_byte_buffer_create(&body, 1);
    grpc_slice_unref(body);
    op.data.send_message.send_message = s->u.request;
    s->is_sending = true;
    batch_start(s, TAG_SEND, &op, 1);
    return LF_OK;
}

void lf__stream_finish(struct lf__stream *s)
{
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    if (!s->is_finished) {
        s->is_finished = true;
        batch_start(s, TAG_FINISH, &op, 1);
    }
}

lf_status lf__stream_open(struct lf__channel *channel, const char *method, lf_bytes request,
                          struct lf__stream **out, lf_error *err)
{
    lf_status rc = lf__stream_begin(channel, method, out, err);
    if (rc == LF_OK) {
        rc = lf__stream_send(*out, request, 0, err); /* the first waits for nothing */
        lf__stream_finish(*out);
    }
    return rc;
}

static lf_status end_read(struct lf__stream *s, struct lf__buf *message, uint32_t *retry_ms,
                          lf_error *err)
{
    if (!s->is_over) {
        tag_await(s, TAG_STATUS);
        s->is_over = true;
    }
    return s->u.code == GRPC_STATUS_OK ? lf__fail(err, LF_E_CLOSED, "gateway: ended the stream")
                                       : lf__unary_read(&s->u, message, retry_ms, err);
}

lf_status lf__stream_next(struct lf__stream *s, int64_t silence_ms, struct lf__buf *message,
                          uint32_t *retry_ms, lf_error *err)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    gpr_timespec until = silence_end(silence_ms);
    *retry_ms = 0;
    if (s->is_over) {
        return end_read(s, message, retry_ms, err);
    }
    op.data.recv_message.recv_message = &s->u.reply;
    batch_start(s, TAG_MESSAGE, &op, 1);
    bool is_silent = !tag_wait(s, TAG_MESSAGE, until);
    if (is_silent) {
        (void)grpc_call_cancel(s->u.call, NULL);
        tag_await(s, TAG_MESSAGE);
    }
    if (s->u.reply == NULL || is_silent) {
        lf_status rc = end_read(s, message, retry_ms, err);
        return is_silent ? lf__fail(err, LF_E_DEADLINE, "gateway: has been silent for %lld ms",
                                    (long long)silence_ms)
                         : rc;
    }
    lf__buf_clear(message);
    lf_status rc = lf__reply_read(s->u.reply, message, err);
    grpc_byte_buffer_destroy(s->u.reply);
    s->u.reply = NULL;
    return rc;
}

void lf__stream_cancel(struct lf__stream *s)
{
    (void)grpc_call_cancel(s->u.call, NULL);
}

void lf__stream_close(struct lf__stream *s)
{
    if (s == NULL) {
        return;
    }
    (void)grpc_call_cancel(s->u.call, NULL);
    if (!s->is_over) {
        tag_await(s, TAG_STATUS);
    }
    tag_await(s, TAG_BEGIN);
    (void)sent_wait(s, gpr_inf_future(GPR_CLOCK_REALTIME));
    if (s->is_finished) {
        tag_await(s, TAG_FINISH);
    }
    lf__unary_done(&s->u);
    grpc_completion_queue_shutdown(s->queue);
    (void)grpc_completion_queue_pluck(s->queue, NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    grpc_completion_queue_destroy(s->queue);
    free(s);
}
