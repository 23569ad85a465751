/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a connection, and blocking calls: a queue of its own for each, plucked for its one batch. */
#include "client/transport/transport_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/limits.h"

#include <grpc/compression.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdlib.h>

/* gRPC's own waits between connections grow to two minutes; a gateway that restarts is back within
 * seconds. CHANNEL_CONNECT_MS is how long one attempt may take, which gRPC calls the minimal wait. */
enum {
    CHANNEL_BACKOFF_MS = 100,
    CHANNEL_BACKOFF_MAX_MS = 1000,
    CHANNEL_CONNECT_MS = 5000,
    CHANNEL_KEEPALIVE_MS = 310000, /* servers call more than one ping in 300 s abuse */
    CHANNEL_KEEPALIVE_TIMEOUT_MS = 20000
};

static grpc_arg arg_integer(const char *key, int value)
{
    grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key};
    arg.value.integer = value;
    return arg;
}

static grpc_arg arg_text(const char *key, const char *value)
{
    grpc_arg arg = {.type = GRPC_ARG_STRING, .key = (char *)(uintptr_t)key};
    arg.value.string = (char *)(uintptr_t)value;
    return arg;
}

static grpc_channel *channel_create(const struct lf__channel_options *options)
{
    grpc_ssl_pem_key_cert_pair pair = {options->key, options->cert};
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create_ex(options->server_cert, &pair, NULL, NULL);
    grpc_arg args[] = {
        arg_text(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options->server_name),
        arg_integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, PX_MESSAGE_MAX + 65536),
        arg_integer(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, CHANNEL_BACKOFF_MS),
        arg_integer(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, CHANNEL_BACKOFF_MAX_MS),
        arg_integer(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, CHANNEL_CONNECT_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_TIME_MS, CHANNEL_KEEPALIVE_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, CHANNEL_KEEPALIVE_TIMEOUT_MS),
        arg_integer(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0),
        arg_integer(GRPC_COMPRESSION_CHANNEL_DEFAULT_ALGORITHM, GRPC_COMPRESS_NONE),
        /* We retry ourselves, where it is safe; two clients are two connections; no DNS lookups
         * for configuration. */
        arg_integer(GRPC_ARG_ENABLE_RETRIES, 0), arg_integer(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        arg_integer(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1)};
    grpc_channel_args list = {LF_COUNT(args), args};
    if (credentials == NULL) {
        return NULL;
    }
    grpc_channel *channel = grpc_channel_create(options->address, credentials, &list);
    grpc_channel_credentials_release(credentials);
    return channel;
}

lf_status lf__channel_open(const struct lf__channel_options *options, struct lf__channel **out,
                           lf_error *err)
{
    struct lf__channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    grpc_init();
    channel->channel = channel_create(options);
    if (channel->channel == NULL) {
        lf__channel_close(channel);
        return lf__fail(err, LF_E_ARG, "client: key or certificates cannot be used");
    }
    *out = channel;
    return LF_OK;
}

void lf__channel_close(struct lf__channel *channel)
{
    if (channel != NULL) {
        if (channel->channel != NULL) {
            grpc_channel_destroy(channel->channel);
        }
        free(channel);
        grpc_shutdown();
    }
}

lf_status lf__channel_call(struct lf__channel *channel, const char *method, lf_bytes request,
                           int64_t timeout_ms, struct lf__buf *answer, uint32_t *retry_ms,
                           lf_error *err)
{
    const gpr_timespec forever = gpr_inf_future(GPR_CLOCK_REALTIME);
    struct lf__unary u;
    struct lf__unary_request asked = {method, request, timeout_ms};
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    *retry_ms = 0;
    lf__unary_start(&u, channel, &asked, queue, &u);
    (void)grpc_completion_queue_pluck(queue, &u, forever, NULL);
    lf_status rc = lf__unary_read(&u, answer, retry_ms, err);
    lf__unary_done(&u);
    grpc_completion_queue_shutdown(queue);
    (void)grpc_completion_queue_pluck(queue, NULL, forever, NULL);
    grpc_completion_queue_destroy(queue);
    return rc;
}

void lf__channel_pause(struct lf__channel *channel, int64_t until_ns)
{
    const gpr_timespec until = gpr_time_from_nanos(until_ns, GPR_CLOCK_MONOTONIC);
    const gpr_timespec forever = gpr_inf_future(GPR_CLOCK_REALTIME);
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel->channel, 1);
    bool has_time = true;
    if (state == GRPC_CHANNEL_READY) { /* it is up, and asked us to wait */
        gpr_sleep_until(until);
    }
    while (has_time && state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_SHUTDOWN) {
        grpc_channel_watch_connectivity_state(channel->channel, state, until, queue, queue);
        has_time = grpc_completion_queue_pluck(queue, queue, forever, NULL).success != 0;
        state = grpc_channel_check_connectivity_state(channel->channel, 1);
    }
    grpc_completion_queue_shutdown(queue);
    (void)grpc_completion_queue_pluck(queue, NULL, forever, NULL);
    grpc_completion_queue_destroy(queue);
}
