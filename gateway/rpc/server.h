/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/rpc/server.h - gRPC in C: methods, calls and their peers, with no gRPC type in sight.
 *
 * Threads: handlers run on the server's poller threads and must not block; a reply may come from any
 * thread, exactly once for each call. Errors reach the client as a canonical status with details.
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
    GW_STREAMS_MAX = 256           /* concurrent calls on one connection */
};

struct gw_server;
struct gw_call;

/* Who is on the other end: the SHA-256 of its certificate's public key. */
struct gw_peer {
    struct lf__hash spki;
};

struct gw_method {
    const char *path;   /* "/package.Service/Method"; static */
    size_t request_max; /* bytes */
    bool needs_member;  /* false: any client with a certificate (health, reflection) */
    void (*handle)(void *service, struct gw_call *call, lf_bytes request);
    void *service; /* borrowed until the server is freed */
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
};

/* *out is owned: stop and free it. E_UNAVAILABLE when the address cannot be bound. */
LF_MUST_USE lf_status gw_server_start(const struct gw_server_options *options,
                                      struct gw_server **out, lf_error *err);
int gw_server_port(const struct gw_server *server);
/* Refuses new calls, waits up to grace_ms for those under way, cancels the rest, and returns when no
 * call is left. A handler that still owes a reply must be able to give it meanwhile. */
void gw_server_stop(struct gw_server *server, int64_t grace_ms);
void gw_server_free(struct gw_server *server); /* after stop; NULL allowed */

/* Of a call, until its reply: */
const struct gw_peer *gw_call_peer(const struct gw_call *call);
struct lf__arena *gw_call_arena(struct gw_call *call);
void *gw_call_service(const struct gw_call *call);
bool gw_call_is_cancelled(struct gw_call *call); /* nobody waits any more; a reply is still owed */

/* The canonical gRPC code of a status. */
int gw_grpc_code(lf_status status);

/* End the call; it must not be touched afterwards. `reply` is copied. */
void gw_call_reply(struct gw_call *call, lf_bytes reply);
void gw_call_fail(struct gw_call *call, const lf_error *error);

#endif
