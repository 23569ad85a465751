/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a client, and calling with patience. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "client/patience.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_LINGER_US = 1000,
    OPTION_LINGER_MAX_US = 1000000,
    OPTION_BATCH_RECORDS = 512,
    OPTION_BATCHES = 4,
    OPTION_BATCHES_MAX = 64,
    OPTION_PENDING = 16384,
    OPTION_PENDING_MAX = 1 << 24
};
#define NS_IN_MS 1000000

static lf_status option_take(uint32_t *value, uint32_t usual, uint32_t max, const char *name,
                             lf_error *err)
{
    *value = *value == 0 ? usual : *value;
    return *value <= max ? LF_OK
                         : lf__refuse(err, LF_E_ARG, "TOO_BIG", name, "%s: at most %u", name, max);
}

static lf_status options_take(const lf_client_options *given, lf_client_options *out, lf_error *err)
{
    static const lf_client_options none = LF_CLIENT_OPTIONS_INIT;
    lf_status rc =
        lf__struct_take(out, sizeof *out, given == NULL ? &none : given, "client options", err);
    rc = rc == LF_OK ? option_take(&out->linger_us, OPTION_LINGER_US, OPTION_LINGER_MAX_US,
                                   "linger_us", err)
                     : rc;
    rc = rc == LF_OK ? option_take(&out->batch_records, OPTION_BATCH_RECORDS, OPTION_BATCH_RECORDS,
                                   "batch_records", err)
                     : rc;
    rc = rc == LF_OK
             ? option_take(&out->batches, OPTION_BATCHES, OPTION_BATCHES_MAX, "batches", err)
             : rc;
    return rc == LF_OK
               ? option_take(&out->pending, OPTION_PENDING, OPTION_PENDING_MAX, "pending", err)
               : rc;
}

void lf__client_init(lf_client *client)
{
    (void)pthread_mutex_init(&client->start_lock, NULL);
    lf__driver_init(&client->driver);
    lf__coalescer_init(&client->coalescer, client);
    lf__heads_init(&client->heads);
    (void)pthread_mutex_init(&client->keys_lock, NULL);
    lf__buf_init(&client->keys_answer, CLIENT_KEYS_MAX);
    lf__driver_add(&client->driver, &client->coalescer.source);
}

static lf_status driver_start(lf_client *client, lf_error *err)
{
    struct lf__wire *wire = NULL;
    lf_status rc = lf__channel_wire(client->channel, &wire, err);
    rc = rc == LF_OK ? lf__driver_run(&client->driver, wire, err) : rc;
    if (rc == LF_OK) {
        atomic_store(&client->is_driven, true);
    }
    return rc;
}

lf_status lf__client_drive(lf_client *client, lf_error *err)
{
    if (atomic_load(&client->is_driven)) {
        return LF_OK;
    }
    (void)pthread_mutex_lock(&client->start_lock);
    lf_status rc = atomic_load(&client->is_driven) ? LF_OK : driver_start(client, err);
    (void)pthread_mutex_unlock(&client->start_lock);
    return rc;
}

static lf_status channel_open(lf_client *client, lf_error *err)
{
    const struct lf__profile *p = &client->profile;
    struct lf__channel_options options = {
        p->address, p->server_name, (const char *)p->server_cert.ptr, (const char *)p->tls_key.ptr,
        (const char *)p->tls_cert.ptr};
    return lf__channel_open(&options, &client->channel, err);
}

/* Beside the profile, unless the program says where. */
static lf_status heads_open(lf_client *client, const char *profile, lf_error *err)
{
    char dir[LF__PROFILE_PATH_MAX];
    const char *slash = strrchr(profile, '/');
    if (client->options.state_dir != NULL) {
        return lf__heads_open(&client->heads, client, client->options.state_dir, err);
    }
    int n = snprintf(dir, sizeof dir, "%.*sstate", slash == NULL ? 0 : (int)(slash + 1 - profile),
                     profile);
    return n > 0 && (size_t)n < sizeof dir ? lf__heads_open(&client->heads, client, dir, err)
                                           : lf__fail(err, LF_E_ARG, "profile: path is too long");
}

lf_status lf_client_open_with(const char *profile, const lf_client_options *options,
                              lf_client **out, lf_error *err)
{
    lf_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    lf__client_init(client);
    lf_status rc = options_take(options, &client->options, err);
    rc = rc == LF_OK ? lf__profile_load(profile, &client->profile, err) : rc;
    rc = rc == LF_OK ? channel_open(client, err) : rc;
    rc = rc == LF_OK ? heads_open(client, profile, err) : rc;
    client->options.state_dir = NULL; /* has its own copy */
    if (rc != LF_OK) {
        lf_client_close(client);
        return rc;
    }
    *out = client;
    return LF_OK;
}

lf_status lf_client_open(const char *profile, lf_client **out, lf_error *err)
{
    return lf_client_open_with(profile, NULL, out, err);
}

void lf_client_close(lf_client *client)
{
    if (client != NULL) {
        (void)lf__heads_settle(&client->heads, CLIENT_SETTLE_MS, NULL);
        lf__driver_done(&client->driver);
        lf__coalescer_done(&client->coalescer);
        lf__heads_done(&client->heads);
        lf__buf_done(&client->keys_answer);
        (void)pthread_mutex_destroy(&client->keys_lock);
        (void)pthread_mutex_destroy(&client->start_lock);
        lf__channel_close(client->channel);
        lf__profile_done(&client->profile);
        free(client);
    }
}

lf_status lf_client_settle(lf_client *client, uint32_t timeout_ms, lf_error *err)
{
    return lf__heads_settle(&client->heads, timeout_ms > 0 ? timeout_ms : CLIENT_SETTLE_MS, err);
}

const char *lf_client_member(const lf_client *client)
{
    return client->profile.member;
}

const char *lf_client_access_key(const lf_client *client)
{
    return client->profile.access_text;
}

const char *lf_client_witness_key(const lf_client *client)
{
    return client->profile.witness_text;
}

const char *lf_client_ledger_key(const lf_client *client)
{
    return client->profile.ledger_text;
}

void lf__client_log(const lf_client *client, lf_log_level level, const char *event,
                    const char *format, ...)
{
    char detail[256];
    va_list args;
    const lf_client_options *o = &client->options;
    if (o->log == NULL || level > (o->log_level == 0 ? LF_LOG_WARN : o->log_level)) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    o->log(level, event, detail, o->log_user);
}

lf_status lf__client_call(lf_client *client, const char *method, lf_bytes request,
                          int64_t timeout_ms, struct lf__buf *answer, lf_error *err)
{
    int64_t most_ms = client->options.timeout_ms == 0 ? INT64_MAX : client->options.timeout_ms;
    int64_t time_ms = timeout_ms < most_ms ? timeout_ms : most_ms;
    struct lf__patience patience =
        lf__patience_until(lf__clock_monotonic_ns() + time_ms * NS_IN_MS);
    lf_status forked = lf__heads_check(&client->heads, err);
    while (forked == LF_OK) {
        uint32_t asked_ms = 0;
        int64_t at_ns = 0;
        lf_error failure = LF_ERROR_INIT;
        int64_t left = (patience.until_ns - lf__clock_monotonic_ns()) / NS_IN_MS;
        lf__buf_clear(answer);
        lf_status rc = lf__channel_call(client->channel, method, request, left > 1 ? left : 1,
                                        answer, &asked_ms, &failure);
        if (rc == LF_OK) {
            return rc;
        }
        if (!lf__patience_again(&patience, &failure, asked_ms, lf__clock_monotonic_ns(), &at_ns)) {
            if (err != NULL) {
                *err = failure;
            }
            return rc;
        }
        lf__client_log(client, LF_LOG_INFO, "call.retry", "%s: %s", method, failure.message);
        lf__channel_pause(client->channel, at_ns);
    }
    return forked;
}
