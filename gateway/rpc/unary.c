/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unary call as named states: offered, called, handed to the handler, answered, done. The handler
 * runs without the lock and owes exactly one reply, which may come from another thread.
 */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/status.h"

#include <grpc/byte_buffer.h>
#include <string.h>

static void unary_step(struct gw_tag *tag, bool ok);
static void unary_closed(struct gw_tag *tag, bool ok);

void gw__unary_offer(struct gw_server *server)
{
    struct gw_call *call = gw__call_new(server);
    call->step.on_event = unary_step;
    call->closed.on_event = unary_closed;
    (void)pthread_mutex_lock(&call->lock);
    call->pending++;
    grpc_call_error refused =
        grpc_server_request_call(server->server, &call->call, &call->details, &call->metadata,
                                 server->queue, server->queue, &call->step);
    LF_BUG_IF(refused != GRPC_CALL_OK);
    (void)pthread_mutex_unlock(&call->lock);
}

static const struct gw_method *method_find(const struct gw_server *server, grpc_slice path)
{
    for (size_t i = 0; i < server->method_count; i++) {
        if (grpc_slice_str_cmp(path, server->methods[i].path) == 0) {
            return &server->methods[i];
        }
    }
    return NULL;
}

/* Sends what the call ends with; message only on success. The lock is held. */
static void send_end(struct gw_call *call, grpc_status_code code, size_t details)
{
    grpc_op ops[3] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}};
    size_t count = 1;
    if (call->reply != NULL) {
        ops[count].op = GRPC_OP_SEND_MESSAGE;
        ops[count++].data.send_message.send_message = call->reply;
    }
    ops[count].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
    ops[count].data.send_status_from_server.status = code;
    ops[count].data.send_status_from_server.status_details = &call->status_text;
    ops[count].data.send_status_from_server.trailing_metadata_count = details;
    ops[count++].data.send_status_from_server.trailing_metadata = &call->status_details;
    gw__call_enter(call, CALL_WAIT_SENT);
    gw__call_start(call, &call->step, ops, count);
}

/* The lock is held. */
static void send_error(struct gw_call *call, const lf_error *error)
{
    LF_BUF details;
    grpc_status_code code = gw__status_code(error->status == LF_OK ? LF_E_BUG : error->status);
    lf__buf_init(&details, PX_STATUS_BYTES_MAX);
    uint32_t retry_ms = error->status == LF_E_BUSY ? GW_RETRY_MS : 0;
    bool has_details = px_status_encode(error, (int32_t)code, retry_ms, &details);
    call->status_text = grpc_slice_from_copied_string(error->message);
    if (has_details) {
        call->status_details.key = grpc_slice_from_static_string("grpc-status-details-bin");
        call->status_details.value =
            grpc_slice_from_copied_buffer((const char *)details.ptr, details.len);
    }
    send_end(call, code, has_details ? 1 : 0);
}

/* The lock is held. False when the call was answered with an error instead. */
static bool call_admit(struct gw_call *call, lf_error *err)
{
    call->method = method_find(call->server, call->details.method);
    if (call->method == NULL) {
        (void)lf__fail(err, LF_E_UNIMPLEMENTED, "method: not offered by this server");
        return false;
    }
    lf_status rc = gw__peer_of(call->call, &call->peer, err);
    if (rc == LF_OK && call->method->needs_member && call->server->admit_peer != NULL) {
        rc = call->server->admit_peer(call->server->user, &call->peer, err);
    }
    return rc == LF_OK;
}

/* A client called. The lock is held. */
static void on_call(struct gw_call *call)
{
    lf_error err = LF_ERROR_INIT;
    grpc_op closing = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    closing.data.recv_close_on_server.cancelled = &call->cancelled;
    gw__call_start(call, &call->closed, &closing, 1);
    if (!call_admit(call, &err)) {
        send_error(call, &err);
        return;
    }
    grpc_op receive = {.op = GRPC_OP_RECV_MESSAGE};
    receive.data.recv_message.recv_message = &call->request;
    gw__call_enter(call, CALL_WAIT_REQUEST);
    gw__call_start(call, &call->step, &receive, 1);
}

/* The message is here, or the client gave none. The lock is held; true when a handler is to run. */
static bool on_request(struct gw_call *call, lf_bytes *request)
{
    lf_error err = LF_ERROR_INIT;
    lf_status rc = call->request == NULL ? lf__fail(&err, LF_E_FORMAT, "request: none was sent")
                                         : gw__call_read_request(call, request, &err);
    if (rc != LF_OK) {
        send_error(call, &err);
        return false;
    }
    gw__call_enter(call, CALL_WAIT_HANDLER);
    return true;
}

/* `ok` is false when the server shuts down or the transport is gone: then nobody is left to answer. */
static void unary_step(struct gw_tag *tag, bool ok)
{
    struct gw_call *call = LF_CONTAINER_OF(tag, struct gw_call, step);
    lf_bytes request = LF_BYTES_NONE;
    bool runs_handler = false;
    (void)pthread_mutex_lock(&call->lock);
    call->pending--;
    switch (call->state) {
    case CALL_WAIT_CALL:
        if (ok) {
            gw__unary_offer(call->server); /* one call is always on offer */
            on_call(call);
        } else {
            gw__call_enter(call, CALL_DONE);
        }
        break;
    case CALL_WAIT_REQUEST:
        if (ok) {
            runs_handler = on_request(call, &request);
        } else {
            gw__call_enter(call, CALL_DONE);
        }
        break;
    case CALL_WAIT_SENT:
        gw__call_enter(call, CALL_DONE);
        break;
    case CALL_WAIT_HANDLER:
    case CALL_DONE:
        LF_BUG_IF(true); /* nothing is in flight in these states */
    }
    if (runs_handler) { /* the reply that it owes keeps the call alive */
        (void)pthread_mutex_unlock(&call->lock);
        call->method->handle(call->method->service, call, request);
        return;
    }
    gw__call_unlock(call);
}

static void unary_closed(struct gw_tag *tag, bool ok)
{
    struct gw_call *call = LF_CONTAINER_OF(tag, struct gw_call, closed);
    (void)pthread_mutex_lock(&call->lock);
    call->pending--;
    call->is_cancelled = !ok || call->cancelled != 0;
    gw__call_unlock(call);
}

void gw_call_reply(struct gw_call *call, lf_bytes reply)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)reply.ptr, reply.len);
    (void)pthread_mutex_lock(&call->lock);
    call->reply = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    send_end(call, GRPC_STATUS_OK, 0);
    gw__call_unlock(call);
}

void gw_call_fail(struct gw_call *call, const lf_error *error)
{
    (void)pthread_mutex_lock(&call->lock);
    send_error(call, error);
    gw__call_unlock(call);
}
