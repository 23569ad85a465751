/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/rpc/call_internal.h - one struct a call, shared by the files that speak gRPC. */
#ifndef GW_CALL_INTERNAL_H
#define GW_CALL_INTERNAL_H

#include "gateway/rpc/server.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <pthread.h>
#include <stdatomic.h>

/* What a queue event calls: the tag is this struct's address, and the queue loop knows no method. */
struct gw_tag {
    void (*on_event)(struct gw_tag *tag, bool ok);
};

enum call_state {
    CALL_WAIT_CALL,    /* offered to the server, no client yet */
    CALL_WAIT_REQUEST, /* a client called; its message is on the way */
    CALL_WAIT_HANDLER, /* the handler owes the reply */
    CALL_WAIT_SENT,    /* reply or error handed to gRPC */
    CALL_DONE          /* freed as soon as nothing is pending */
};

struct gw_call {
    struct gw_server *server;
    const struct gw_method *method; /* NULL until known */
    pthread_mutex_t lock;           /* guards state, pending, is_cancelled */
    enum call_state state;
    unsigned pending; /* batches in flight */
    bool is_cancelled;

    struct gw_tag step;   /* the main line */
    struct gw_tag closed; /* RECV_CLOSE_ON_SERVER */
    grpc_call *call;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    grpc_byte_buffer *reply;
    grpc_slice status_text;
    grpc_metadata status_details;
    int cancelled;
    struct gw_peer peer;
    struct lf__arena arena;
};

struct gw_server {
    grpc_server *server;
    grpc_completion_queue *queue;
    const struct gw_method *methods;
    size_t method_count;
    lf_status (*admit_peer)(void *user, const struct gw_peer *peer, lf_error *err);
    void *user;
    pthread_t pollers[GW_POLLERS];
    unsigned poller_count;
    int port;
    struct gw_tag shutdown_tag;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    unsigned live; /* calls not yet freed, offered ones included */
    bool is_stopping;
    bool is_shut_down;
};

/* call.c: life */
struct gw_call *gw__call_new(struct gw_server *server);
/* Checks the move against the table, the only writer of `state`. The lock is held. */
void gw__call_enter(struct gw_call *call, enum call_state next);
/* Starts a batch on `tag` and counts it. The lock is held. A refused batch is our own bug. */
void gw__call_start(struct gw_call *call, struct gw_tag *tag, const grpc_op *ops, size_t count);
/* Unlocks, and frees the call when it is done and nothing is pending. */
void gw__call_unlock(struct gw_call *call);
lf_status gw__call_read_request(struct gw_call *call, lf_bytes *out, lf_error *err);

/* unary.c: offers one call to the server, which then goes its way by itself */
void gw__unary_offer(struct gw_server *server);
/* peer.c: the pinned key of the client's certificate */
lf_status gw__peer_of(grpc_call *call, struct gw_peer *out, lf_error *err);
/* status.c */
grpc_status_code gw__status_code(lf_status status);

#endif
