/* SPDX-License-Identifier: Apache-2.0 */
/* One completion queue, two pollers, limits on what a connection may do, and an end in a fixed order. */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/limits.h"

#include <errno.h>
#include <grpc/compression.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <time.h>

enum {
    /* A larger message is cut off by gRPC itself, with its own words; up to here we say what is wrong. */
    SERVER_MESSAGE_MAX = 2 * PX_MESSAGE_MAX,
    SERVER_METADATA_MAX = 16384, /* bytes of all headers of a call */
    SERVER_HANDSHAKE_MS = 10000, /* a connection that has not proven itself by then is closed */
    SERVER_IDLE_MS = 3600000,    /* a connection without a call */
    SERVER_KEEPALIVE_MS = 60000,
    SERVER_KEEPALIVE_TIMEOUT_MS = 20000,
    SERVER_PING_MIN_MS = 10000, /* a client that pings more often, */
    SERVER_PING_STRIKES = 2,    /* so many times, is sent away (too_many_pings) */
    SERVER_OFFERS = 8, /* calls on offer a method; each that is taken is replaced at once */
    SERVER_OFFERS_UNKNOWN = 2
};

static void *server_poll(void *user)
{
    struct gw_server *server = user;
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        struct gw_tag *tag = event.tag;
        tag->on_event(tag, event.success != 0);
    }
}

void gw__server_wake(struct gw_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
}

static void server_shut_down(struct gw_tag *tag, bool ok)
{
    struct gw_server *server = LF_CONTAINER_OF(tag, struct gw_server, shutdown_tag);
    (void)ok;
    (void)pthread_mutex_lock(&server->lock);
    server->is_shut_down = true;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
}

static grpc_arg arg_integer(const char *key, int value)
{
    grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key};
    arg.value.integer = value;
    return arg;
}

static grpc_server *server_create(void)
{
    grpc_arg args[] = {
        arg_integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, SERVER_MESSAGE_MAX),
        arg_integer(GRPC_ARG_MAX_CONCURRENT_STREAMS, GW_STREAMS_MAX),
        arg_integer(GRPC_ARG_MAX_METADATA_SIZE, SERVER_METADATA_MAX),
        arg_integer(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, SERVER_HANDSHAKE_MS),
        arg_integer(GRPC_ARG_MAX_CONNECTION_IDLE_MS, SERVER_IDLE_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_TIME_MS, SERVER_KEEPALIVE_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, SERVER_KEEPALIVE_TIMEOUT_MS),
        arg_integer(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, SERVER_PING_MIN_MS),
        arg_integer(GRPC_ARG_HTTP2_MAX_PING_STRIKES, SERVER_PING_STRIKES),
        arg_integer(GRPC_ARG_ALLOW_REUSEPORT, 0),
        /* A few compressed bytes could become gigabytes: nobody may compress. */
        arg_integer(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                    (int)LF_BIT(GRPC_COMPRESS_NONE)),
    };
    grpc_channel_args list = {LF_COUNT(args), args};
    return grpc_server_create(&list, NULL);
}

static void methods_register(struct gw_server *server)
{
    for (size_t i = 0; i < server->method_count; i++) {
        server->registered[i] = grpc_server_register_method(
            server->server, server->methods[i].path, NULL,
            server->methods[i].stream != NULL ? GRPC_SRM_PAYLOAD_NONE
                                              : GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
            0);
        LF_BUG_IF(server->registered[i] == NULL); /* a path that stands twice */
    }
}

static void calls_offer(struct gw_server *server)
{
    for (size_t i = 0; i < server->method_count; i++) {
        for (unsigned n = 0; n < SERVER_OFFERS; n++) {
            if (server->methods[i].stream != NULL) {
                gw__stream_offer(server, i);
            } else {
                gw__unary_offer(server, i);
            }
        }
    }
    for (unsigned n = 0; n < SERVER_OFFERS_UNKNOWN; n++) {
        gw__unary_offer(server, server->method_count);
    }
}

static lf_status server_bind(struct gw_server *server, const struct gw_server_options *options,
                             lf_error *err)
{
    lf_status rc = gw__tls_set(&server->tls, options->key_pem, options->cert_pem, err);
    if (rc != LF_OK) {
        return rc;
    }
    grpc_server_credentials *credentials = gw__tls_credentials(&server->tls);
    server->port = grpc_server_add_http2_port(server->server, options->address, credentials);
    grpc_server_credentials_release(credentials);
    return server->port > 0
               ? LF_OK
               : lf__fail(err, LF_E_UNAVAILABLE, "%s: cannot be bound", options->address);
}

static struct gw_server *server_new(const struct gw_server_options *options)
{
    struct gw_server *server = calloc(1, sizeof *server);
    LF_BUG_IF(server == NULL || options->method_count > GW_METHODS_MAX);
    server->methods = options->methods;
    server->method_count = options->method_count;
    server->admit_peer = options->admit_peer;
    server->trace = options->trace;
    server->user = options->user;
    server->shutdown_tag.on_event = server_shut_down;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_mutex_init(&server->meters_lock, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&server->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    gw__tls_init(&server->tls);
    return server;
}

lf_status gw_server_start(const struct gw_server_options *options, struct gw_server **out,
                          lf_error *err)
{
    struct gw_server *server = server_new(options);
    grpc_init();
    server->server = server_create();
    methods_register(server);
    server->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server->server, server->queue, NULL);
    lf_status rc = server_bind(server, options, err);
    grpc_server_start(server->server); /* even unbound: shutdown wants a started server */
    while (server->poller_count < GW_POLLERS &&
           pthread_create(&server->pollers[server->poller_count], NULL, server_poll, server) == 0) {
        server->poller_count++;
    }
    LF_BUG_IF(server->poller_count == 0);
    if (rc != LF_OK) {
        gw_server_stop(server, 0);
        gw_server_free(server);
        return rc;
    }
    calls_offer(server);
    *out = server;
    return LF_OK;
}

int gw_server_port(const struct gw_server *server)
{
    return server->port;
}

lf_status gw_server_reload(struct gw_server *server, lf_bytes key_pem, lf_bytes cert_pem,
                           lf_error *err)
{
    return gw__tls_set(&server->tls, key_pem, cert_pem, err);
}

static bool no_unary(const struct gw_server *server)
{
    return atomic_load(&server->unary) == 0;
}

static bool all_over(const struct gw_server *server)
{
    return atomic_load(&server->live) == 0 && server->is_shut_down;
}

/* Waits until it is so; below 0 without end, else at most so long. */
static void server_wait(struct gw_server *server, bool (*is_so)(const struct gw_server *),
                        int64_t wait_ms)
{
    struct timespec until;
    int64_t until_ns = lf__clock_monotonic_ns() + (int64_t)wait_ms * 1000000;
    until.tv_sec = (time_t)(until_ns / 1000000000);
    until.tv_nsec = (long)(until_ns % 1000000000);
    int rc = 0;
    (void)pthread_mutex_lock(&server->lock);
    atomic_store(&server->is_waiting, true);
    while (rc != ETIMEDOUT && !is_so(server)) {
        rc = wait_ms < 0 ? pthread_cond_wait(&server->changed, &server->lock)
                         : pthread_cond_timedwait(&server->changed, &server->lock, &until);
    }
    (void)pthread_mutex_unlock(&server->lock);
}

void gw_server_drain(struct gw_server *server, int64_t grace_ms)
{
    server_wait(server, no_unary, grace_ms);
    grpc_server_shutdown_and_notify(server->server, server->queue, &server->shutdown_tag);
    atomic_store(&server->is_draining, true);
    gw__streams_drain(server);
}

void gw_server_stop(struct gw_server *server, int64_t grace_ms)
{
    if (!atomic_load(&server->is_draining)) {
        gw_server_drain(server, 0);
    }
    server_wait(server, all_over, grace_ms);
    grpc_server_cancel_all_calls(server->server);  /* of which there may be none */
    server_wait(server, all_over, -1);             /* a handler may still owe its reply */
    grpc_completion_queue_shutdown(server->queue); /* no call is left that could start a batch */
    for (unsigned i = 0; i < server->poller_count; i++) {
        (void)pthread_join(server->pollers[i], NULL);
    }
}

void gw_server_free(struct gw_server *server)
{
    if (server == NULL) {
        return;
    }
    grpc_server_destroy(server->server);
    grpc_completion_queue_destroy(server->queue);
    gw__meters_free(server);
    gw__tls_done(&server->tls);
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_mutex_destroy(&server->meters_lock);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
    grpc_shutdown();
}
