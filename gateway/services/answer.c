/* SPDX-License-Identifier: Apache-2.0 */
/* What all services do at their beginning and end. */
#include "gateway/services/services.h"
#include "gateway/services/walks.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/origin.h"

#include <stdio.h>

enum { STRANGER_QUIET_MS = 1000 };

lf_status gw_services_open(struct gw_services *services, struct gw_exchange *exchange,
                           struct gw_access *access, const char *name, lf_error *err)
{
    *services = (struct gw_services){.exchange = exchange, .access = access};
    lf_status rc =
        lf__origin_make(name, "ledger", gw_exchange_number(exchange), services->origin, err);
    rc = rc == LF_OK ? gw_health_new(&services->health, err) : rc;
    rc = rc == LF_OK ? gw_feed_new(services, &services->feed, err) : rc;
    rc = rc == LF_OK ? gw_crosses_new(services, &services->crosses, err) : rc;
    rc = rc == LF_OK ? gw_walks_new("report", &services->reports, err) : rc;
    rc = rc == LF_OK ? gw_walks_new("tasks", &services->tasks, err) : rc;
    rc = rc == LF_OK ? gw_streams_new(services, &services->streams, err)
                     : rc; /* it listens for both */
    if (rc != LF_OK) {
        gw_services_close(services);
    }
    return rc;
}

void gw_services_close(struct gw_services *services)
{
    if (services->streams != NULL) {
        gw_exchange_on_settled(services->exchange, NULL, NULL);
    }
    gw_streams_free(services->streams);
    gw_feed_free(services->feed);
    gw_crosses_free(services->crosses);
    gw_walks_free(services->reports);
    gw_walks_free(services->tasks);
    gw_health_free(services->health);
    services->streams = NULL;
    services->feed = NULL;
    services->crosses = NULL;
    services->reports = NULL;
    services->tasks = NULL;
    services->health = NULL;
}

/* Strangers may call as often as they like, but they fill no disk: one line a second at most. */
static void tell_stranger(struct gw_services *services, const struct gw_peer *peer, int64_t now_ms)
{
    char text[128];
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    int_least64_t last = atomic_load(&services->stranger_ms);
    if (services->tell == NULL || now_ms - last < STRANGER_QUIET_MS ||
        !atomic_compare_exchange_strong(&services->stranger_ms, &last, now_ms)) {
        return;
    }
    (void)lf__hex(lf__hash_bytes(&peer->spki), hex, sizeof hex);
    (void)snprintf(text, sizeof text, "reason=CERTIFICATE_UNKNOWN spki=%s", hex);
    services->tell("peer-unknown", text);
}

lf_status gw_services_admit_peer(void *user, const struct gw_peer *peer, lf_error *err)
{
    struct gw_services *services = user;
    struct gw_standing who;
    int64_t now_ms = lf__clock_utc_ms();
    lf_status rc =
        gw_roster_by_pin(gw_exchange_roster(services->exchange), &peer->spki, now_ms, &who, err);
    if (rc != LF_OK) {
        tell_stranger(services, peer, now_ms);
    }
    return rc;
}

lf_status gw_caller(struct gw_services *services, struct gw_call *call,
                    struct gw_standing *standing, struct gw_reader *reader, lf_error *err)
{
    lf_status rc = gw_roster_by_pin(gw_exchange_roster(services->exchange),
                                    &gw_call_peer(call)->spki, lf__clock_utc_ms(), standing, err);
    if (rc == LF_OK && standing->status != PX_MEMBER_ACTIVE) {
        bool has_left = standing->status == PX_MEMBER_RETIRED;
        rc = lf__refuse(err, LF_E_DENIED, has_left ? "MEMBER_RETIRED" : "MEMBER_SUSPENDED", "",
                        "member: is not active, and may only correct and withdraw");
    }
    if (rc == LF_OK) {
        *reader = (struct gw_reader){.member = lf__bytes_str(standing->member),
                                     .role = standing->role,
                                     .level = standing->level};
    }
    return rc;
}

void gw_tell_refused(struct gw_call *call, size_t count, const lf_error *err)
{
    const struct gw_services *services = gw_call_service(call);
    struct gw_standing who = {.member = ""};
    char text[512];
    if (services->tell == NULL) {
        return;
    }
    (void)gw_roster_by_pin(gw_exchange_roster(services->exchange), &gw_call_peer(call)->spki,
                           lf__clock_utc_ms(), &who, NULL);
    int n =
        snprintf(text, sizeof text, "member=%s method=%s status=%s reason=%s field=%s", who.member,
                 gw_call_path(call), lf_status_name(err->status), err->reason, err->field);
    if (count > 0 && n > 0 && (size_t)n < sizeof text) {
        (void)snprintf(text + n, sizeof text - (size_t)n, " records=%zu", count);
    }
    services->tell(count > 0 ? "records-refused" : "call-refused", text);
}

void gw_refuse(struct gw_call *call, const lf_error *err)
{
    gw_tell_refused(call, 0, err);
    gw_call_fail(call, err);
}

void gw_answer(struct gw_call *call, lf_status rc, const lf_error *err, struct lf__buf *reply)
{
    lf_error failed = *err;
    failed.status = rc;
    if (rc == LF_OK && !reply->failed) {
        gw_call_reply(call, lf__buf_bytes(reply));
        return;
    }
    if (rc == LF_OK) {
        (void)lf__refuse(&failed, LF_E_TOO_BIG, "TOO_BIG", "",
                         "answer: over the limit of a message; ask for less");
    }
    gw_refuse(call, &failed);
}
