/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unary call as named states: offered, handed to the handler, answered, done. gRPC registers the
 * method and brings call and message in one event; one batch answers. The handler runs without the
 * lock and owes exactly one reply, which may come from another thread.
 */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <grpc/byte_buffer.h>
#include <stdlib.h>

enum unary_state {
    UNARY_WAIT_CALL,    /* offered to the server, no client yet */
    UNARY_WAIT_HANDLER, /* the handler owes the reply */
    UNARY_WAIT_SENT,    /* reply or error handed to gRPC */
    UNARY_DONE          /* freed as soon as nothing is pending */
};

static const unsigned unary_next[] = {
    [UNARY_WAIT_CALL] = LF_BIT(UNARY_WAIT_HANDLER) | LF_BIT(UNARY_WAIT_SENT) | LF_BIT(UNARY_DONE),
    [UNARY_WAIT_HANDLER] = LF_BIT(UNARY_WAIT_SENT),
    [UNARY_WAIT_SENT] = LF_BIT(UNARY_DONE),
    [UNARY_DONE] = 0,
};
static const char *const unary_names[] = {[UNARY_WAIT_CALL] = "WAIT_CALL",
                                          [UNARY_WAIT_HANDLER] = "WAIT_HANDLER",
                                          [UNARY_WAIT_SENT] = "WAIT_SENT",
                                          [UNARY_DONE] = "DONE"};

struct unary_call {
    struct gw_call base;
    size_t index;              /* of the method, to offer the next one */
    grpc_call_details details; /* of a path that is not offered */
    grpc_byte_buffer *request;
    grpc_byte_buffer *reply;
};

static void unary_over(struct gw_call *base)
{
    struct unary_call *call = LF_CONTAINER_OF(base, struct unary_call, base);
    struct gw_server *server = base->server;
    bool was_accepted = base->is_accepted;
    gw__call_done(base);
    grpc_byte_buffer_destroy(call->request);
    grpc_byte_buffer_destroy(call->reply);
    grpc_call_details_destroy(&call->details);
    free(call);
    bool is_last = was_accepted && atomic_fetch_sub(&server->unary, 1) == 1;
    is_last = atomic_fetch_sub(&server->live, 1) == 1 || is_last;
    if (is_last && atomic_load(&server->is_waiting)) {
        gw__server_wake(server);
    }
}

static const struct gw_machine unary_machine = {unary_next, unary_names, UNARY_DONE, unary_over};

static void unary_step(struct gw_tag *tag, bool ok);
static void unary_closed(struct gw_tag *tag, bool ok);

void gw__unary_offer(struct gw_server *server, size_t index)
{
    struct unary_call *call = calloc(1, sizeof *call);
    LF_BUG_IF(call == NULL); /* gRPC aborts on exhausted memory as well */
    bool is_known = index < server->method_count;
    gw__call_init(&call->base, server, is_known ? &server->methods[index] : NULL, &unary_machine);
    grpc_call_details_init(&call->details);
    call->index = index;
    call->base.step.on_event = unary_step;
    call->base.closed.on_event = unary_closed;
    call->base.pending = 1;
    grpc_call_error refused =
        is_known
            ? grpc_server_request_registered_call(server->server, server->registered[index],
                                                  &call->base.call, &call->base.deadline,
                                                  &call->base.metadata, &call->request,
                                                  server->queue, server->queue, &call->base.step)
            : grpc_server_request_call(server->server, &call->base.call, &call->details,
                                       &call->base.metadata, server->queue, server->queue,
                                       &call->base.step);
    LF_BUG_IF(refused != GRPC_CALL_OK);
}

/* Sends all that the call ends with. The lock is held. */
static void unary_send(struct unary_call *call)
{
    grpc_op ops[3] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}};
    size_t count = 1;
    if (call->reply != NULL) {
        ops[count].op = GRPC_OP_SEND_MESSAGE;
        ops[count++].data.send_message.send_message = call->reply;
    }
    ops[count++] = gw__call_status_op(&call->base);
    gw__call_enter(&call->base, UNARY_WAIT_SENT);
    gw__call_start(&call->base, &call->base.step, ops, count);
}

static lf_status request_take(struct unary_call *call, lf_bytes *request, lf_error *err)
{
    lf_status rc = gw__call_admit(&call->base, 1, err);
    if (rc == LF_OK && call->request == NULL) {
        rc = lf__refuse(err, LF_E_FORMAT, "FIELD_MISSING", "", "request: none was sent");
    }
    return rc == LF_OK ? gw__message_read(&call->base.arena, call->request,
                                          call->base.method->request_max, request, err)
                       : rc;
}

/* A client called. The lock is held; true when a handler is to run. */
static bool on_call(struct unary_call *call, lf_bytes *request)
{
    lf_error err = LF_ERROR_INIT;
    call->base.is_accepted = true;
    (void)atomic_fetch_add(&call->base.server->unary, 1);
    gw__unary_offer(call->base.server, call->index); /* some are always on offer */
    if (request_take(call, request, &err) != LF_OK) {
        gw__call_set_status(&call->base, &err);
        unary_send(call);
        return false;
    }
    gw__call_enter(&call->base, UNARY_WAIT_HANDLER);
    return true;
}

/* `ok` is false when the server shuts down or the transport is gone: then nobody is left to answer. */
static void unary_step(struct gw_tag *tag, bool ok)
{
    struct gw_call *base = LF_CONTAINER_OF(tag, struct gw_call, step);
    struct unary_call *call = LF_CONTAINER_OF(base, struct unary_call, base);
    lf_bytes request = LF_BYTES_NONE;
    bool runs_handler = false;
    (void)pthread_mutex_lock(&base->lock);
    base->pending--;
    switch ((enum unary_state)base->state) {
    case UNARY_WAIT_CALL:
        runs_handler = ok && on_call(call, &request);
        if (!ok) {
            gw__call_enter(base, UNARY_DONE);
        }
        break;
    case UNARY_WAIT_SENT:
        gw__call_enter(base, UNARY_DONE);
        break;
    case UNARY_WAIT_HANDLER:
    case UNARY_DONE:
        LF_BUG_IF(true); /* nothing is in flight on this tag */
    }
    if (runs_handler) { /* the reply that it owes keeps the call alive */
        (void)pthread_mutex_unlock(&base->lock);
        base->method->handle(base->method->service, base, request);
        return;
    }
    gw__call_unlock(base);
}

static void unary_closed(struct gw_tag *tag, bool ok)
{
    struct gw_call *base = LF_CONTAINER_OF(tag, struct gw_call, closed);
    (void)pthread_mutex_lock(&base->lock);
    base->pending--;
    base->is_cancelled = !ok || base->cancelled != 0;
    gw__call_unlock(base);
}

void gw_call_reply(struct gw_call *base, lf_bytes reply)
{
    struct unary_call *call = LF_CONTAINER_OF(base, struct unary_call, base);
    grpc_byte_buffer *message = gw__message_new(reply);
    (void)pthread_mutex_lock(&base->lock);
    call->reply = message;
    unary_send(call);
    gw__call_unlock(base);
}

void gw_call_fail(struct gw_call *base, const lf_error *error)
{
    struct unary_call *call = LF_CONTAINER_OF(base, struct unary_call, base);
    (void)pthread_mutex_lock(&base->lock);
    gw__call_set_status(base, error);
    unary_send(call);
    gw__call_unlock(base);
}
