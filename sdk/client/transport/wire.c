/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that one thread waits for, on one completion queue. A tag is a call's flight, or the wire
 * itself for a wake: gRPC core has no alarm in C, but an empty batch puts its tag on the queue at
 * once, so a call that is never sent is kept for that. And gRPC goes on connecting only while
 * somebody waits for something on the channel, so while the gateway is away its state is watched.
 */
#include "client/transport/transport_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <grpc/support/time.h>
#include <pthread.h>
#include <stdlib.h>

enum { WIRE_WATCH_MS = 250 }; /* a watch cannot be cancelled: close waits for it */

struct grpc_wire {
    struct lf__wire wire;
    struct lf__channel *channel;
    grpc_completion_queue *queue;
    pthread_mutex_t lock; /* over the next two: a batch may start on a call from one thread only */
    grpc_call *bell;
    bool is_rung; /* the bell's tag is on the queue */
    bool is_away; /* the last call found nobody */
    bool is_watched;
};

struct flight {
    struct lf__unary unary;
    struct lf__call *call;
};

static struct grpc_wire *wire_of(struct lf__wire *wire)
{
    return LF_CONTAINER_OF(wire, struct grpc_wire, wire);
}

static void wire_start(struct lf__wire *wire, struct lf__call *call, const char *method,
                       lf_bytes request, int64_t timeout_ms)
{
    struct grpc_wire *w = wire_of(wire);
    struct lf__unary_request asked = {method, request, timeout_ms};
    struct flight *flight = calloc(1, sizeof *flight);
    LF_BUG_IF(flight == NULL); /* gRPC would abort for as little */
    flight->call = call;
    call->transport = flight;
    call->retry_ms = 0;
    call->error = (lf_error)LF_ERROR_INIT;
    lf__unary_start(&flight->unary, w->channel, &asked, w->queue, flight);
}

static void wire_cancel(struct lf__wire *wire, struct lf__call *call)
{
    struct flight *flight = call->transport;
    (void)wire;
    flight->unary.is_given_up = true;
    (void)grpc_call_cancel(flight->unary.call, NULL);
}

static void wire_wake(struct lf__wire *wire)
{
    struct grpc_wire *w = wire_of(wire);
    (void)pthread_mutex_lock(&w->lock);
    if (!w->is_rung) {
        w->is_rung = true;
        LF_BUG_IF(grpc_call_start_batch(w->bell, NULL, 0, w, NULL) != GRPC_CALL_OK);
    }
    (void)pthread_mutex_unlock(&w->lock);
}

static void watch_start(struct grpc_wire *w)
{
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(w->channel->channel, 1);
    w->is_away = state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_SHUTDOWN;
    if (w->is_away) {
        w->is_watched = true;
        grpc_channel_watch_connectivity_state(
            w->channel->channel, state,
            gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                         gpr_time_from_millis(WIRE_WATCH_MS, GPR_TIMESPAN)),
            w->queue, &w->is_watched);
    }
}

static void flight_land(struct grpc_wire *w, struct flight *flight)
{
    struct lf__call *call = flight->call;
    call->status = lf__unary_read(&flight->unary, &call->answer, &call->retry_ms, &call->error);
    lf__unary_done(&flight->unary);
    free(flight);
    w->is_away = call->status == LF_E_UNAVAILABLE;
    call->transport = NULL;
    call->done(call);
}

static void wire_wait(struct lf__wire *wire, int64_t until_ns)
{
    struct grpc_wire *w = wire_of(wire);
    gpr_timespec until = until_ns == INT64_MAX ? gpr_inf_future(GPR_CLOCK_MONOTONIC)
                                               : gpr_time_from_nanos(until_ns, GPR_CLOCK_MONOTONIC);
    if (w->is_away && !w->is_watched) {
        watch_start(w);
    }
    grpc_event event = grpc_completion_queue_next(w->queue, until, NULL);
    if (event.type != GRPC_OP_COMPLETE) {
        return;
    }
    if (event.tag == w) {
        (void)pthread_mutex_lock(&w->lock);
        w->is_rung = false;
        (void)pthread_mutex_unlock(&w->lock);
    } else if (event.tag == &w->is_watched) {
        w->is_watched = false;
    } else {
        flight_land(w, event.tag);
    }
}

static void wire_close(struct lf__wire *wire)
{
    struct grpc_wire *w = wire_of(wire);
    const gpr_timespec forever = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    grpc_call_unref(w->bell);
    grpc_completion_queue_shutdown(w->queue);
    while (grpc_completion_queue_next(w->queue, forever, NULL).type != GRPC_QUEUE_SHUTDOWN) {
        /* a last wake or watch */
    }
    grpc_completion_queue_destroy(w->queue);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

static const struct lf__wire_ops wire_ops = {wire_start, wire_cancel, wire_wake, wire_wait,
                                             wire_close};

lf_status lf__channel_wire(struct lf__channel *channel, struct lf__wire **out, lf_error *err)
{
    struct grpc_wire *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    w->wire.ops = &wire_ops;
    w->channel = channel;
    w->queue = grpc_completion_queue_create_for_next(NULL);
    w->bell = grpc_channel_create_call(channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, w->queue,
                                       grpc_slice_from_static_string("/wake"), NULL,
                                       gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    (void)pthread_mutex_init(&w->lock, NULL);
    *out = &w->wire;
    return LF_OK;
}
