/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/rpc/server.h - gRPC in C: methods, calls, streams and their peers, with no gRPC type in sight.
 *
 * Threads: handlers run on the server's poller threads and must not block; what a call is answered
 * with may come from any thread. Errors reach the client as a canonical status with details.
 */
#ifndef GW_SERVER_H
#define GW_SERVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto/hash.h"

enum {
    GW_POLLERS = 2, /* measured fastest on one queue (architecture section 9) */
    GW_METHODS_MAX = 64,
    GW_CALL_MEMORY_MAX = 16 << 20, /* bytes of one call's arena */
    GW_RETRY_MS = 200,             /* told to a client that met a full queue */
    GW_STREAMS_MAX = 256,          /* concurrent calls on one connection */
    GW_STREAM_QUEUE_MAX = 16,      /* messages that wait on a stream without a window */
    /* One member's share (guarantee 7): a unit is an open call, a place in a stream's window, or
     * one more record that a call carries. All who call as nobody share one more such account. */
    GW_PEER_UNITS_MAX = 2048
};

struct gw_server;
struct gw_call;

/* Who is on the other end: the SHA-256 of its certificate's public key. */
struct gw_peer {
    struct lf__hash spki;
};

/* What a stream does with its messages. */
struct gw_stream_handler {
    /* Messages taken without an answer on the wire; at so many no more is read, so that a client which
     * does not read its answers waits for itself alone. Each message is owed exactly one
     * gw_stream_send(), in any order, and the stream ends well once the client has half-closed and
     * has them all. 0 is a server stream: one message is read, then any number sent. */
    unsigned window;
    /* First, before anything can be sent. May refuse the stream. What it allocates in the call's arena
     * lives as long as the call. NULL: nothing to do. */
    lf_status (*open)(void *service, struct gw_call *call, lf_error *err);
    /* One message at a time, in order, borrowed for the call. */
    void (*message)(void *service, struct gw_call *call, lf_bytes message);
    /* After the last message, when the client sends no more: owes one gw_stream_send() more. NULL: nothing is owed then. */
    void (*finished)(void *service, struct gw_call *call);
    /* After a message has gone out to the network, so far as the reader's window let it. NULL: nothing to do. */
    void (*sent)(void *service, struct gw_call *call);
    /* Last, exactly once for each stream that was opened. NULL: nothing to do. */
    void (*ended)(void *service, struct gw_call *call);
};

struct gw_method {
    const char *path;   /* "/package.Service/Method"; static */
    size_t request_max; /* bytes */
    bool needs_member;  /* false: any client with a certificate (health, reflection) */
    void (*handle)(void *service, struct gw_call *call, lf_bytes request); /* unary; else NULL */
    void *service;                          /* borrowed until the server is freed */
    const struct gw_stream_handler *stream; /* NULL: a unary call */
};

struct gw_server_options {
    const char *address; /* HOST:PORT; port 0 takes a free one */
    lf_bytes key_pem;    /* borrowed for the call */
    lf_bytes cert_pem;
    const struct gw_method *methods; /* borrowed until the server is freed */
    size_t method_count;
    /* Called once a call, before the handler: E_UNAUTHENTICATED for a certificate nobody pinned. */
    lf_status (*admit_peer)(void *user, const struct gw_peer *peer, lf_error *err);
    void *user;
    /* Told of each move of each call, by the setter and under the call's lock. NULL: nobody. */
    void (*trace)(void *user, const char *path, const char *state);
};

/* For the whole process, before the first server: where gRPC's own words go. Of them only failed
 * handshakes, at most one line a second, and failed assertions are passed on; NULL drops those too. */
void gw_server_log(void (*log)(const char *level, const char *event, const char *text));

/* *out is owned: stop and free it. E_UNAVAILABLE when the address cannot be bound, E_ARG for a key
 * that is not the certificate's. */
LF_MUST_USE lf_status gw_server_start(const struct gw_server_options *options,
                                      struct gw_server **out, lf_error *err);
int gw_server_port(const struct gw_server *server);
/* For new connections. After a failure the old pair goes on. */
LF_MUST_USE lf_status gw_server_reload(struct gw_server *server, lf_bytes key_pem,
                                       lf_bytes cert_pem, lf_error *err);

/* The end has two steps, so that the sequencer can drain between them (architecture section 9).
 * Drain: waits up to grace_ms for the unary calls under way, refuses new calls, and ends each stream
 * with UNAVAILABLE once it has the answers it is owed. Stop: drains if nobody has, gives the calls under
 * way up to grace_ms, cancels the rest, and returns when no call is left. A handler that still owes a
 * reply must be able to give it meanwhile. */
void gw_server_drain(struct gw_server *server, int64_t grace_ms);
void gw_server_stop(struct gw_server *server, int64_t grace_ms);
void gw_server_free(struct gw_server *server); /* after stop; NULL allowed */

/* Of a call, until its reply; of a stream, while it is held: */
const struct gw_peer *gw_call_peer(const struct gw_call *call);
struct lf__arena *gw_call_arena(struct gw_call *call);
const char *gw_call_path(const struct gw_call *call); /* "/package.Service/Method" */
void *gw_call_service(const struct gw_call *call);
/* Nobody waits any more: cancelled, or past its deadline. A reply is still owed. */
bool gw_call_is_cancelled(struct gw_call *call);
/* So many units more, given back when the call is over. E_BUSY (QUOTA_EXCEEDED) past the peer's share. */
LF_MUST_USE lf_status gw_call_charge(struct gw_call *call, unsigned units, lf_error *err);

/* The canonical gRPC code of a status. */
int gw_grpc_code(lf_status status);

/* End a unary call; it must not be touched afterwards. `reply` is copied. */
void gw_call_reply(struct gw_call *call, lf_bytes reply);
void gw_call_fail(struct gw_call *call, const lf_error *error);

/* A stream. Who keeps one past the handler's return holds it: */
void gw_stream_hold(struct gw_call *call);
void gw_stream_release(struct gw_call *call);
/* `message` is copied. E_CLOSED when the stream has ended, E_BUSY when too many messages wait. */
lf_status gw_stream_send(struct gw_call *call, lf_bytes message, lf_error *err);
/* One gw_stream_send() more is owed, so that the stream does not end before it: for an answer of several messages. */
void gw_stream_owe(struct gw_call *call);
/* Reads no more, sends what waits, then ends with `error`, or well when it is NULL. The first end counts. */
void gw_stream_end(struct gw_call *call, const lf_error *error);
/* Ends at once with ABORTED and `text`, past what waits: for a reader that does not take it. */
void gw_stream_cut(struct gw_call *call, const char *text);
/* The service's own, NULL at first. Set it in `open`. */
void gw_stream_set_context(struct gw_call *call, void *context);
void *gw_stream_context(const struct gw_call *call);

#endif
