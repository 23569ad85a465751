/* SPDX-License-Identifier: Apache-2.0 */
/* What all services do at their beginning and end. */
#include "gateway/services/services.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdio.h>

lf_status gw_services_open(struct gw_services *services, struct gw_exchange *exchange,
                           struct gw_access *access, const char *name, lf_error *err)
{
    *services = (struct gw_services){.exchange = exchange, .access = access};
    int n = snprintf(services->origin, sizeof services->origin, "%s/ledger", name);
    if (n < 0 || (size_t)n >= sizeof services->origin) {
        return lf__fail(err, LF_E_ARG, "gateway: name is too long");
    }
    lf_status rc = gw_health_new(&services->health, err);
    rc = rc == LF_OK ? gw_streams_new(services, &services->streams, err) : rc;
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
    gw_health_free(services->health);
    services->streams = NULL;
    services->health = NULL;
}

lf_status gw_services_admit_peer(void *user, const struct gw_peer *peer, lf_error *err)
{
    struct gw_services *services = user;
    struct gw_standing who;
    return gw_roster_by_pin(gw_exchange_roster(services->exchange), &peer->spki, lf__clock_utc_ms(),
                            &who, err);
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

void gw_answer(struct gw_call *call, lf_status rc, const lf_error *err, struct lf__buf *reply)
{
    lf_error failed = *err;
    if (rc == LF_OK && !reply->failed) {
        gw_call_reply(call, lf__buf_bytes(reply));
        return;
    }
    if (rc == LF_OK) {
        (void)lf__refuse(&failed, LF_E_TOO_BIG, "TOO_BIG", "",
                         "answer: over the limit of a message; ask for less");
    }
    gw_call_fail(call, &failed);
}
