/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a client, and calling with patience. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdlib.h>
#include <time.h>

enum { CALL_BACKOFF_MS = 50, CALL_BACKOFF_MAX_MS = 5000 };

lf_status lf_client_open(const char *profile, lf_client **out, lf_error *err)
{
    lf_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    lf_status rc = lf__profile_load(profile, &client->profile, err);
    if (rc != LF_OK) {
        free(client);
        return rc;
    }
    const struct lf__profile *p = &client->profile;
    struct lf__channel_options options = {
        p->address, p->server_name, (const char *)p->server_cert.ptr, (const char *)p->tls_key.ptr,
        (const char *)p->tls_cert.ptr};
    rc = lf__channel_open(&options, &client->channel, err);
    if (rc != LF_OK) {
        lf_client_close(client);
        return rc;
    }
    *out = client;
    return LF_OK;
}

void lf_client_close(lf_client *client)
{
    if (client != NULL) {
        lf__channel_close(client->channel);
        lf__profile_done(&client->profile);
        free(client);
    }
}

const char *lf_client_member(const lf_client *client)
{
    return client->profile.member;
}

const char *lf_client_ledger_key(const lf_client *client)
{
    return client->profile.ledger_text;
}

static void sleep_ms(int64_t ms)
{
    struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Doubling, at least what the gateway asked for, with a random half so that a crowd spreads out. */
static int64_t backoff(unsigned attempt, uint32_t asked_ms)
{
    uint16_t dice;
    int64_t ms = attempt > 6 ? CALL_BACKOFF_MAX_MS : (int64_t)CALL_BACKOFF_MS << attempt;
    lf__random(&dice, sizeof dice);
    ms = ms > (int64_t)asked_ms ? ms : (int64_t)asked_ms;
    return ms / 2 + ms * dice / (2 * 65536);
}

lf_status lf__client_call(lf_client *client, const char *method, lf_bytes request,
                          int64_t timeout_ms, struct lf__buf *answer, lf_error *err)
{
    int64_t until = lf__clock_monotonic_ns() / 1000000 + timeout_ms;
    for (unsigned attempt = 0;; attempt++) {
        uint32_t asked_ms = 0;
        int64_t left = until - lf__clock_monotonic_ns() / 1000000;
        lf__buf_clear(answer);
        lf_status rc = lf__channel_call(client->channel, method, request, left > 1 ? left : 1,
                                        answer, &asked_ms, err);
        int64_t wait = backoff(attempt, asked_ms);
        bool may_help = rc == LF_E_UNAVAILABLE || rc == LF_E_BUSY;
        if (!may_help || until - lf__clock_monotonic_ns() / 1000000 <= wait) {
            return rc;
        }
        sleep_ms(wait);
    }
}
