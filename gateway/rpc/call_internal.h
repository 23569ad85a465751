/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/rpc/call_internal.h - what a call is, shared by the files that speak gRPC. */
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

struct gw_call;

/* The states of one kind of call, and what happens at its end. */
struct gw_machine {
    const unsigned *next;     /* by state: LF_BIT of each state that may follow */
    const char *const *names; /* by state */
    unsigned done;            /* the state in which no batch is started any more */
    /* Once, when the call is done and no batch is in flight. Frees it, at once or later. */
    void (*over)(struct gw_call *call);
};

/* How many units a member has in use. Never freed before the server: there are few members. */
struct gw_meter {
    struct gw_meter *next;
    struct lf__hash spki;
    atomic_uint units;
};

/* What all kinds of calls have; embedded first in struct unary_call and struct gw_stream. */
struct gw_call {
    struct gw_server *server;
    const struct gw_method *method; /* NULL: a path that is not offered */
    const struct gw_machine *machine;
    pthread_mutex_t lock; /* guards what can change once a client has called */
    unsigned state;
    unsigned pending; /* batches in flight, and a stream's handler at work */
    bool is_accepted; /* a client called */
    bool is_over;     /* the machine was told */
    bool is_cancelled;

    struct gw_tag step;   /* the main line */
    struct gw_tag closed; /* RECV_CLOSE_ON_SERVER */
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_status_code code;
    grpc_slice status_text;
    grpc_metadata status_details;
    size_t details_count;
    int cancelled;
    struct gw_peer peer;
    struct gw_meter *meter;
    unsigned units;
    struct lf__arena arena;
};

struct gw_tls {
    int fd; /* of a file in memory with key and certificate; -1 before the first */
};

enum { GW_METER_BUCKETS = 256 };

struct gw_server {
    grpc_server *server;
    grpc_completion_queue *queue;
    const struct gw_method *methods;
    void *registered[GW_METHODS_MAX]; /* gRPC's handle of each method */
    size_t method_count;
    lf_status (*admit_peer)(void *user, const struct gw_peer *peer, lf_error *err);
    void (*trace)(void *user, const char *path, const char *state);
    void *user;
    struct gw_tls tls;
    pthread_mutex_t meters_lock;
    struct gw_meter *meters[GW_METER_BUCKETS];
    struct gw_meter guests; /* whoever no member is */
    pthread_t pollers[GW_POLLERS];
    unsigned poller_count;
    int port;
    struct gw_tag shutdown_tag;
    atomic_uint live;       /* calls not yet freed, offered ones included */
    atomic_uint unary;      /* unary calls under way */
    atomic_bool is_waiting; /* somebody waits for one of the two to become 0 */
    atomic_bool is_draining;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    struct gw_stream *streams; /* that a client has opened */
    bool is_shut_down;
};

/* call.c: life */
void gw__call_init(struct gw_call *call, struct gw_server *server, const struct gw_method *method,
                   const struct gw_machine *machine);
void gw__call_done(struct gw_call *call);
/* Checks the move against the table, the only writer of `state`. The lock is held. */
void gw__call_enter(struct gw_call *call, unsigned next);
/* Starts a batch on `tag` and counts it. The lock is held. A refused batch is our own bug. */
void gw__call_start(struct gw_call *call, struct gw_tag *tag, const grpc_op *ops, size_t count);
/* Unlocks, and hands the call to its machine's `over` when it is done and nothing is in flight. */
void gw__call_unlock(struct gw_call *call);
/* Starts the wait for the client's going, then: who calls, may he, has he time and share left? The lock
 * is held. `units` are charged. */
lf_status gw__call_admit(struct gw_call *call, unsigned units, lf_error *err);
/* Keeps how the call will end. The lock is held. */
void gw__call_set_status(struct gw_call *call, const lf_error *error);
grpc_op gw__call_status_op(struct gw_call *call);
/* The message's bytes, in place or in the call's arena. E_TOO_BIG past the method's limit. */
lf_status gw__message_read(struct lf__arena *arena, grpc_byte_buffer *message, size_t max,
                           lf_bytes *out, lf_error *err);
grpc_byte_buffer *gw__message_new(lf_bytes bytes);

/* unary.c and stream.c: offer one call to the server, which then goes its way by itself. `index` is the
 * method's; method_count of the server stands for all paths that are not offered. */
void gw__unary_offer(struct gw_server *server, size_t index);
void gw__stream_offer(struct gw_server *server, size_t index);
/* Ends every open stream, now or once it has its answers. */
void gw__streams_drain(struct gw_server *server);
/* server.c: one of the counts became 0 */
void gw__server_wake(struct gw_server *server);
/* meter.c */
lf_status gw__meter_take(struct gw_call *call, unsigned units, lf_error *err);
void gw__meter_give(struct gw_call *call);
struct gw_meter *gw__meter_of(struct gw_server *server, const struct lf__hash *spki);
void gw__meters_free(struct gw_server *server);
/* tls.c */
void gw__tls_init(struct gw_tls *tls);
void gw__tls_done(struct gw_tls *tls);
lf_status gw__tls_set(struct gw_tls *tls, lf_bytes key_pem, lf_bytes cert_pem, lf_error *err);
/* Borrows `tls` until the server is destroyed. NULL when the pair cannot be used. */
grpc_server_credentials *gw__tls_credentials(struct gw_tls *tls);
/* peer.c: the pinned key of the client's certificate */
lf_status gw__peer_of(grpc_call *call, struct gw_peer *out, lf_error *err);
/* status.c */
grpc_status_code gw__status_code(lf_status status);

#endif
