/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream, of one request or of many, as named states. Reading and writing go on side by side, one
 * batch each at most; after every event stream_pump() starts what may be started. Handlers run
 * without the lock, one at a time, and no message is read while its forerunner is being handled.
 */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <grpc/byte_buffer.h>
#include <stdlib.h>

enum stream_state {
    STREAM_WAIT_CALL,   /* offered to the server, no client yet */
    STREAM_WAIT_OPEN,   /* the answer's headers handed to gRPC */
    STREAM_OPEN,        /* messages both ways */
    STREAM_HALF_CLOSED, /* the client sends no more; answers are owed */
    STREAM_ENDING,      /* the end is decided; what waits is sent first */
    STREAM_WAIT_SENT,   /* the status handed to gRPC */
    STREAM_DONE         /* over as soon as nothing is pending */
};

static const unsigned stream_next[] = {
    [STREAM_WAIT_CALL] = LF_BIT(STREAM_WAIT_OPEN) | LF_BIT(STREAM_WAIT_SENT) | LF_BIT(STREAM_DONE),
    [STREAM_WAIT_OPEN] = LF_BIT(STREAM_OPEN) | LF_BIT(STREAM_DONE),
    [STREAM_OPEN] = LF_BIT(STREAM_HALF_CLOSED) | LF_BIT(STREAM_ENDING) | LF_BIT(STREAM_DONE),
    [STREAM_HALF_CLOSED] = LF_BIT(STREAM_ENDING) | LF_BIT(STREAM_DONE),
    [STREAM_ENDING] = LF_BIT(STREAM_WAIT_SENT) | LF_BIT(STREAM_DONE),
    [STREAM_WAIT_SENT] = LF_BIT(STREAM_DONE),
    [STREAM_DONE] = 0,
};
static const char *const stream_names[] = {[STREAM_WAIT_CALL] = "WAIT_CALL",
                                           [STREAM_WAIT_OPEN] = "WAIT_OPEN",
                                           [STREAM_OPEN] = "OPEN",
                                           [STREAM_HALF_CLOSED] = "HALF_CLOSED",
                                           [STREAM_ENDING] = "ENDING",
                                           [STREAM_WAIT_SENT] = "WAIT_SENT",
                                           [STREAM_DONE] = "DONE"};

struct gw_stream {
    struct gw_call base;
    size_t index; /* of the method, to offer the next one */
    struct gw_tag read;
    struct gw_tag write;
    grpc_byte_buffer *incoming;
    grpc_byte_buffer **queue; /* a ring in the arena; its head is on the wire while is_writing */
    unsigned queue_size;
    unsigned head;
    unsigned count;
    unsigned open;   /* messages taken, their answers not yet on the wire */
    bool has_taken;  /* a message, at all */
    bool is_reading; /* a read is in flight, or its message is with the handler */
    bool is_writing;
    bool has_end;      /* and the status to end with is set */
    bool is_opened;    /* the handler's `open` said yes, so `ended` is owed */
    atomic_uint holds; /* the machine's own, and the service's */
    void *context;
    struct gw_stream *next; /* of the server's list, under its lock */
    struct gw_stream *prev;
};

static struct gw_stream *stream_of(struct gw_call *call)
{
    return LF_CONTAINER_OF(call, struct gw_stream, base);
}

static bool is_live(const struct gw_stream *s)
{
    return s->base.state == STREAM_WAIT_OPEN || s->base.state == STREAM_OPEN ||
           s->base.state == STREAM_HALF_CLOSED;
}

static void end_with(struct gw_stream *s, const lf_error *error)
{
    if (!s->has_end) {
        s->has_end = true;
        if (error != NULL) {
            gw__call_set_status(&s->base, error);
        }
    }
}

static void write_start(struct gw_stream *s)
{
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = s->queue[s->head];
    /* More follows at once: let gRPC gather what goes out in one packet. */
    op.flags = s->count > 1 ? GRPC_WRITE_BUFFER_HINT : 0;
    s->is_writing = true;
    gw__call_start(&s->base, &s->write, &op, 1);
}

static void read_start(struct gw_stream *s)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &s->incoming;
    s->is_reading = true;
    gw__call_start(&s->base, &s->read, &op, 1);
}

static void status_send(struct gw_stream *s)
{
    grpc_op ops[2] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}};
    bool has_headers = s->base.state != STREAM_WAIT_CALL;
    ops[1] = gw__call_status_op(&s->base);
    gw__call_enter(&s->base, STREAM_WAIT_SENT);
    gw__call_start(&s->base, &s->base.step, has_headers ? &ops[1] : ops, has_headers ? 1 : 2);
}

/* Has the stream come to its end by itself, or by the server's? */
static void end_check(struct gw_stream *s)
{
    lf_error err = LF_ERROR_INIT;
    bool is_even = s->open == 0 && s->count == 0;
    if (s->base.state == STREAM_HALF_CLOSED && is_even) {
        end_with(s, NULL);
    } else if (is_even && atomic_load(&s->base.server->is_draining)) {
        (void)lf__refuse(&err, LF_E_UNAVAILABLE, "DRAINING", "", "gateway: is shutting down");
        end_with(s, &err);
    }
}

static bool may_read(const struct gw_stream *s)
{
    unsigned window = s->base.method->stream->window;
    return !s->is_reading && !atomic_load(&s->base.server->is_draining) &&
           (window == 0 ? !s->has_taken : s->open < window);
}

/* Starts whatever may be started now. The lock is held. */
static void stream_pump(struct gw_stream *s)
{
    if (s->base.state == STREAM_OPEN || s->base.state == STREAM_HALF_CLOSED) {
        end_check(s);
        if (s->has_end) {
            gw__call_enter(&s->base, STREAM_ENDING);
        }
    }
    bool may_write = s->base.state >= STREAM_OPEN && s->base.state <= STREAM_ENDING;
    if (may_write && !s->is_writing && s->count > 0) {
        write_start(s);
    }
    if (s->base.state == STREAM_OPEN && may_read(s)) {
        read_start(s);
    }
    if (s->base.state == STREAM_ENDING && s->count == 0) {
        status_send(s);
    }
}

static void list_enter(struct gw_stream *s)
{
    struct gw_server *server = s->base.server;
    (void)pthread_mutex_lock(&server->lock);
    s->next = server->streams;
    if (s->next != NULL) {
        s->next->prev = s;
    }
    server->streams = s;
    (void)pthread_mutex_unlock(&server->lock);
}

static void list_leave(struct gw_stream *s)
{
    struct gw_server *server = s->base.server;
    (void)pthread_mutex_lock(&server->lock);
    if (s->prev != NULL) {
        s->prev->next = s->next;
    } else {
        server->streams = s->next;
    }
    if (s->next != NULL) {
        s->next->prev = s->prev;
    }
    (void)pthread_mutex_unlock(&server->lock);
}

/* The count goes down under the lock, as this may be a thread that the server's end does not join. */
static void stream_free(struct gw_stream *s)
{
    struct gw_server *server = s->base.server;
    for (; s->count > 0; s->count--) {
        grpc_byte_buffer_destroy(s->queue[s->head]);
        s->head = (s->head + 1) % s->queue_size;
    }
    grpc_byte_buffer_destroy(s->incoming);
    gw__call_done(&s->base);
    (void)pthread_mutex_lock(&server->lock);
    (void)atomic_fetch_sub(&server->live, 1);
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
    free(s);
}

void gw_stream_hold(struct gw_call *call)
{
    (void)atomic_fetch_add(&stream_of(call)->holds, 1);
}

void gw_stream_release(struct gw_call *call)
{
    if (atomic_fetch_sub(&stream_of(call)->holds, 1) == 1) {
        stream_free(stream_of(call));
    }
}

static void stream_over(struct gw_call *call)
{
    if (stream_of(call)->is_opened) {
        list_leave(stream_of(call)); /* while still held: who is in the list is alive */
        if (call->method->stream->ended != NULL) {
            call->method->stream->ended(call->method->service, call);
        }
    }
    gw_stream_release(call);
}

static const struct gw_machine stream_machine = {stream_next, stream_names, STREAM_DONE,
                                                 stream_over};

static lf_status stream_admit(struct gw_stream *s, lf_error *err)
{
    const struct gw_stream_handler *handler = s->base.method->stream;
    unsigned units = handler->window > 0 ? handler->window : 1;
    s->queue_size = handler->window > 0 ? handler->window : GW_STREAM_QUEUE_MAX;
    lf_status rc = gw__call_admit(&s->base, units, err);
    if (rc == LF_OK && atomic_load(&s->base.server->is_draining)) {
        rc = lf__refuse(err, LF_E_UNAVAILABLE, "DRAINING", "", "gateway: is shutting down");
    }
    s->queue =
        rc == LF_OK ? lf__arena_array(&s->base.arena, s->queue_size, sizeof *s->queue) : NULL;
    rc = rc == LF_OK && s->queue == NULL ? lf__fail(err, LF_E_NOMEM, "stream: out of memory") : rc;
    return rc == LF_OK && handler->open != NULL
               ? handler->open(s->base.method->service, &s->base, err)
               : rc;
}

/* A client called. The lock is held, though nobody else knows of the stream yet. */
static void on_call(struct gw_stream *s)
{
    lf_error err = LF_ERROR_INIT;
    s->base.is_accepted = true;
    gw__stream_offer(s->base.server, s->index); /* some are always on offer */
    if (stream_admit(s, &err) != LF_OK) {
        gw__call_set_status(&s->base, &err);
        status_send(s);
        return;
    }
    s->is_opened = true;
    grpc_op headers = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    gw__call_enter(&s->base, STREAM_WAIT_OPEN);
    gw__call_start(&s->base, &s->base.step, &headers, 1);
    list_enter(s); /* from here a drain finds it */
}

/* `ok` is false when the server shuts down or the transport is gone. */
static void stream_step(struct gw_tag *tag, bool ok)
{
    struct gw_stream *s = stream_of(LF_CONTAINER_OF(tag, struct gw_call, step));
    (void)pthread_mutex_lock(&s->base.lock);
    s->base.pending--;
    switch ((enum stream_state)s->base.state) {
    case STREAM_WAIT_CALL:
        if (ok) {
            on_call(s);
        } else {
            gw__call_enter(&s->base, STREAM_DONE);
        }
        break;
    case STREAM_WAIT_OPEN:
        gw__call_enter(&s->base, ok ? STREAM_OPEN : STREAM_DONE);
        stream_pump(s);
        break;
    case STREAM_WAIT_SENT:
        gw__call_enter(&s->base, STREAM_DONE);
        break;
    case STREAM_DONE: /* cancelled meanwhile */
        break;
    case STREAM_OPEN:
    case STREAM_HALF_CLOSED:
    case STREAM_ENDING:
        LF_BUG_IF(true); /* nothing is in flight on this tag */
    }
    gw__call_unlock(&s->base);
}

/* The lock is held, and let go while the handler runs. */
static void finished_tell(struct gw_stream *s)
{
    const struct gw_method *method = s->base.method;
    s->open++;
    s->base.pending++; /* keeps the end away from the handler */
    (void)pthread_mutex_unlock(&s->base.lock);
    method->stream->finished(method->service, &s->base);
    (void)pthread_mutex_lock(&s->base.lock);
    s->base.pending--;
}

/* The client sends no more, or is gone. A server stream wants its one request. The lock is held. */
static void on_half_close(struct gw_stream *s)
{
    lf_error err = LF_ERROR_INIT;
    if (s->base.state != STREAM_OPEN) {
        return;
    }
    gw__call_enter(&s->base, STREAM_HALF_CLOSED);
    if (s->base.method->stream->window == 0) {
        (void)lf__refuse(&err, LF_E_FORMAT, "FIELD_MISSING", "", "request: none was sent");
        end_with(s, &err);
    } else if (s->base.method->stream->finished != NULL && !s->has_end) {
        finished_tell(s);
    }
}

/* The lock is held, and let go while the handler runs. */
static void on_message(struct gw_stream *s)
{
    const struct gw_method *method = s->base.method;
    lf_error err = LF_ERROR_INIT;
    lf_bytes message = LF_BYTES_NONE;
    LF_ARENA joined; /* the call's own would grow without end */
    lf__arena_init(&joined, method->request_max);
    lf_status rc = gw__message_read(&joined, s->incoming, method->request_max, &message, &err);
    if (rc != LF_OK) {
        end_with(s, &err);
    } else {
        s->has_taken = true;
        s->open += method->stream->window > 0 ? 1 : 0;
        s->base.pending++; /* keeps the end away from the handler */
        (void)pthread_mutex_unlock(&s->base.lock);
        method->stream->message(method->service, &s->base, message);
        (void)pthread_mutex_lock(&s->base.lock);
        s->base.pending--;
    }
    grpc_byte_buffer_destroy(s->incoming);
    s->incoming = NULL;
}

static void stream_read(struct gw_tag *tag, bool ok)
{
    struct gw_stream *s = LF_CONTAINER_OF(tag, struct gw_stream, read);
    (void)ok; /* a read that failed has no message either */
    (void)pthread_mutex_lock(&s->base.lock);
    s->base.pending--;
    if (s->incoming == NULL) {
        on_half_close(s);
    } else if (s->base.state == STREAM_OPEN && !s->has_end) {
        on_message(s);
    }
    s->is_reading = false;
    stream_pump(s);
    gw__call_unlock(&s->base);
}

/* The lock is held, and let go while the handler runs. */
static void sent_tell(struct gw_stream *s)
{
    const struct gw_method *method = s->base.method;
    if (method->stream->sent != NULL && is_live(s) && !s->has_end) {
        s->base.pending++; /* keeps the end away from the handler */
        (void)pthread_mutex_unlock(&s->base.lock);
        method->stream->sent(method->service, &s->base);
        (void)pthread_mutex_lock(&s->base.lock);
        s->base.pending--;
    }
}

static void stream_write(struct gw_tag *tag, bool ok)
{
    struct gw_stream *s = LF_CONTAINER_OF(tag, struct gw_stream, write);
    (void)pthread_mutex_lock(&s->base.lock);
    s->base.pending--;
    s->is_writing = false;
    grpc_byte_buffer_destroy(s->queue[s->head]);
    s->head = (s->head + 1) % s->queue_size;
    s->count--;
    s->open -= s->open > 0 ? 1 : 0;
    if (!ok &&
        s->base.state != STREAM_DONE) { /* the client is gone; let it be the end of the call */
        (void)grpc_call_cancel(s->base.call, NULL);
        gw__call_enter(&s->base, STREAM_DONE);
    }
    sent_tell(s);
    stream_pump(s);
    gw__call_unlock(&s->base);
}

static void stream_closed(struct gw_tag *tag, bool ok)
{
    struct gw_stream *s = stream_of(LF_CONTAINER_OF(tag, struct gw_call, closed));
    (void)pthread_mutex_lock(&s->base.lock);
    s->base.pending--;
    s->base.is_cancelled = !ok || s->base.cancelled != 0;
    if (s->base.is_cancelled && s->base.state != STREAM_DONE) {
        gw__call_enter(&s->base, STREAM_DONE);
    }
    gw__call_unlock(&s->base);
}

void gw__stream_offer(struct gw_server *server, size_t index)
{
    struct gw_stream *s = calloc(1, sizeof *s);
    LF_BUG_IF(s == NULL); /* gRPC aborts on exhausted memory as well */
    gw__call_init(&s->base, server, &server->methods[index], &stream_machine);
    s->index = index;
    s->holds = 1;
    s->base.step.on_event = stream_step;
    s->base.closed.on_event = stream_closed;
    s->read.on_event = stream_read;
    s->write.on_event = stream_write;
    s->base.pending = 1;
    grpc_call_error refused = grpc_server_request_registered_call(
        server->server, server->registered[index], &s->base.call, &s->base.deadline,
        &s->base.metadata, NULL, server->queue, server->queue, &s->base.step);
    LF_BUG_IF(refused != GRPC_CALL_OK);
}

lf_status gw_stream_send(struct gw_call *call, lf_bytes message, lf_error *err)
{
    struct gw_stream *s = stream_of(call);
    lf_status rc = LF_OK;
    grpc_byte_buffer *bytes = gw__message_new(message);
    (void)pthread_mutex_lock(&call->lock);
    if (!is_live(s) || s->has_end) {
        rc = lf__fail(err, LF_E_CLOSED, "stream: has ended");
    } else if (s->count == s->queue_size) {
        rc = lf__fail(err, LF_E_BUSY, "stream: %u messages wait already", s->count);
    } else {
        s->queue[(s->head + s->count++) % s->queue_size] = bytes;
        bytes = NULL;
        stream_pump(s);
    }
    gw__call_unlock(call);
    grpc_byte_buffer_destroy(bytes);
    return rc;
}

void gw_stream_owe(struct gw_call *call)
{
    (void)pthread_mutex_lock(&call->lock);
    stream_of(call)->open++;
    gw__call_unlock(call);
}

void gw_stream_end(struct gw_call *call, const lf_error *error)
{
    struct gw_stream *s = stream_of(call);
    (void)pthread_mutex_lock(&call->lock);
    if (is_live(s)) {
        end_with(s, error);
        stream_pump(s);
    }
    gw__call_unlock(call);
}

void gw_stream_cut(struct gw_call *call, const char *text)
{
    struct gw_stream *s = stream_of(call);
    (void)pthread_mutex_lock(&call->lock);
    if (is_live(s) && !s->has_end) { /* an end that is decided waits for its reader; let it */
        s->has_end = true;
        (void)grpc_call_cancel_with_status(call->call, GRPC_STATUS_ABORTED, text, NULL);
        gw__call_enter(call, STREAM_DONE);
    }
    gw__call_unlock(call);
}

void gw_stream_set_context(struct gw_call *call, void *context)
{
    stream_of(call)->context = context;
}

void *gw_stream_context(const struct gw_call *call)
{
    return LF_CONTAINER_OF(call, const struct gw_stream, base)->context;
}

void gw__streams_drain(struct gw_server *server)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&server->lock);
    for (struct gw_stream *s = server->streams; s != NULL; s = s->next) {
        count++;
    }
    struct gw_stream **list = calloc(count + 1, sizeof *list);
    LF_BUG_IF(list == NULL);
    count = 0;
    for (struct gw_stream *s = server->streams; s != NULL; s = s->next) {
        gw_stream_hold(&s->base);
        list[count++] = s;
    }
    (void)pthread_mutex_unlock(&server->lock); /* the two kinds of lock never nest */
    for (size_t i = 0; i < count; i++) {
        (void)pthread_mutex_lock(&list[i]->base.lock);
        stream_pump(list[i]);
        gw__call_unlock(&list[i]->base);
        gw_stream_release(&list[i]->base);
    }
    free(list);
}
