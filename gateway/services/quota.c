/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many subjects a member may ask about for a purpose on one Shanghai day: gateway.conf says, or the table. The onboarding
 * reserve is for questions about one subject, an application that somebody waits for: no bulk question uses it up.
 */
#include "gateway/services/question.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <string.h>

static uint64_t limit_of(const struct gw_services *services, const char *purpose)
{
    const struct {
        const char *purpose;
        uint64_t number;
    } said[] = {{"ONBOARDING", services->quotas.onboarding},
                {"ONBOARDING_RESERVE", services->quotas.onboarding_reserve},
                {"RESCREENING", services->quotas.rescreening},
                {"INVESTIGATION", services->quotas.investigation},
                {"ENFORCEMENT", services->quotas.enforcement},
                {"AUDIT", services->quotas.audit},
                {"SUBJECT_REQUEST", services->quotas.subject_request}};
    for (size_t i = 0; i < LF_COUNT(said); i++) {
        if (strcmp(said[i].purpose, purpose) == 0 && said[i].number != 0) {
            return said[i].number;
        }
    }
    return lf__rules_number(gw_exchange_rules(services->exchange), "quota", purpose, UINT64_MAX);
}

struct gw_access_want gw_quota_want(const struct gw_services *services, lf_bytes member,
                                    lf_bytes purpose_asked, uint32_t subjects)
{
    char purpose[64];
    uint64_t reserve = 0;
    bool fits = lf__copy_str(purpose, sizeof purpose, purpose_asked);
    LF_BUG_IF(!fits); /* it is in the table of purposes */
    uint64_t limit = limit_of(services, purpose);
    if (strcmp(purpose, "ONBOARDING") == 0 && subjects == 1 && limit != UINT64_MAX) {
        reserve = limit_of(services, "ONBOARDING_RESERVE");
        reserve = reserve == UINT64_MAX ? 0 : reserve;
    }
    return (struct gw_access_want){.member = member,
                                   .purpose = purpose_asked,
                                   .at_ms = lf__clock_utc_ms(),
                                   .limit = limit + reserve,
                                   .subjects = subjects};
}

lf_status gw_question_take(struct gw_question *q, lf_error *err)
{
    q->want = gw_quota_want(q->services, q->reader.member, q->request.purpose,
                            (uint32_t)q->request.count);
    return gw_access_take(q->services->access, &q->want, &q->granted, err);
}

void gw_question_give_back(struct gw_question *q)
{
    if (q->granted > 0 && q->want.limit != UINT64_MAX) {
        gw_access_give_back(q->services->access, &q->want, q->granted);
    }
    q->granted = 0;
}
