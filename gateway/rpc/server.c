/* SPDX-License-Identifier: Apache-2.0 */
/* One completion queue, two pollers, TLS with pinned clients, and an end in a fixed order. */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/status.h"
#include "protos/codec/limits.h"

#include <errno.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <time.h>

enum {
    SERVER_KEEPALIVE_MS = 60000,
    SERVER_KEEPALIVE_TIMEOUT_MS = 20000,
    SERVER_METADATA_MAX = 16384
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

static void server_shut_down(struct gw_tag *tag, bool ok)
{
    struct gw_server *server = LF_CONTAINER_OF(tag, struct gw_server, shutdown_tag);
    (void)ok;
    (void)pthread_mutex_lock(&server->lock);
    server->is_shut_down = true;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
}

/* The client must show a certificate and prove its key; which keys are good is the member table's word. */
static grpc_server_credentials *server_credentials(const struct gw_server_options *options)
{
    LF_BUF key;
    LF_BUF cert;
    lf__buf_init(&key, options->key_pem.len + 1);
    lf__buf_init(&cert, options->cert_pem.len + 1);
    (void)lf__buf_append(&key, options->key_pem);
    (void)lf__buf_append(&cert, options->cert_pem);
    bool good = lf__buf_u8(&key, 0) && lf__buf_u8(&cert, 0); /* gRPC wants C strings */
    grpc_ssl_pem_key_cert_pair pair = {(const char *)key.ptr, (const char *)cert.ptr};
    grpc_server_credentials *credentials =
        good ? grpc_ssl_server_credentials_create_ex(
                   NULL, &pair, 1, GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY,
                   NULL)
             : NULL;
    if (key.ptr != NULL) {
        lf__secret_wipe(key.ptr, key.len);
    }
    return credentials;
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
        arg_integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, PX_MESSAGE_MAX),
        arg_integer(GRPC_ARG_MAX_CONCURRENT_STREAMS, GW_STREAMS_MAX),
        arg_integer(GRPC_ARG_MAX_METADATA_SIZE, SERVER_METADATA_MAX),
        arg_integer(GRPC_ARG_KEEPALIVE_TIME_MS, SERVER_KEEPALIVE_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, SERVER_KEEPALIVE_TIMEOUT_MS),
        arg_integer(GRPC_ARG_ALLOW_REUSEPORT, 0),
    };
    grpc_channel_args list = {LF_COUNT(args), args};
    return grpc_server_create(&list, NULL);
}

static lf_status server_bind(struct gw_server *server, const struct gw_server_options *options,
                             lf_error *err)
{
    grpc_server_credentials *credentials = server_credentials(options);
    if (credentials == NULL) {
        return lf__fail(err, LF_E_ARG, "tls: key or certificate cannot be used");
    }
    server->port = grpc_server_add_http2_port(server->server, options->address, credentials);
    grpc_server_credentials_release(credentials);
    return server->port > 0
               ? LF_OK
               : lf__fail(err, LF_E_UNAVAILABLE, "%s: cannot be bound", options->address);
}

lf_status gw_server_start(const struct gw_server_options *options, struct gw_server **out,
                          lf_error *err)
{
    struct gw_server *server = calloc(1, sizeof *server);
    LF_BUG_IF(server == NULL || options->method_count > GW_METHODS_MAX);
    grpc_init();
    server->methods = options->methods;
    server->method_count = options->method_count;
    server->admit_peer = options->admit_peer;
    server->user = options->user;
    server->shutdown_tag.on_event = server_shut_down;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_cond_init(&server->changed, NULL);
    server->server = server_create();
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
    for (unsigned i = 0; i < 2 * GW_POLLERS; i++) {
        gw__unary_offer(server);
    }
    *out = server;
    return LF_OK;
}

int gw_server_port(const struct gw_server *server)
{
    return server->port;
}

/* True when all is over; false when the time was up first. The lock is held. */
static bool server_wait(struct gw_server *server, int64_t wait_ms)
{
    struct timespec until;
    int64_t until_ms = lf__clock_utc_ms() + wait_ms;
    until.tv_sec = (time_t)(until_ms / 1000);
    until.tv_nsec = (long)(until_ms % 1000) * 1000000;
    int rc = 0;
    while (rc != ETIMEDOUT && (server->live > 0 || !server->is_shut_down)) {
        rc = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    }
    return server->live == 0 && server->is_shut_down;
}

void gw_server_stop(struct gw_server *server, int64_t grace_ms)
{
    grpc_server_shutdown_and_notify(server->server, server->queue, &server->shutdown_tag);
    (void)pthread_mutex_lock(&server->lock);
    bool is_over = server_wait(server, grace_ms);
    (void)pthread_mutex_unlock(&server->lock);
    if (!is_over) {
        grpc_server_cancel_all_calls(server->server);
    }
    (void)pthread_mutex_lock(&server->lock);
    while (server->live > 0 || !server->is_shut_down) { /* a handler may still owe its reply */
        (void)pthread_cond_wait(&server->changed, &server->lock);
    }
    (void)pthread_mutex_unlock(&server->lock);
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
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
    grpc_shutdown();
}
