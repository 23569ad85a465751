/* SPDX-License-Identifier: Apache-2.0 */
/* Covers gw_policy_load, lf__rules_load and lf__calendar_load: the tables of rights, codes and days. Input: a piece and the rest.
 * Nothing that a file says gives a right to role NONE or outside the tables. */
#include "fuzz/fuzz.h"

#include "gateway/policy/policy.h"
#include "rules/calendar.h"

static void days_read(lf_bytes text)
{
    struct lf__calendar *calendar = NULL;
    FUZZ_REQUIRE((lf__calendar_load(text, &calendar, NULL) == LF_OK) == (calendar != NULL));
    lf__calendar_free(calendar);
}

static void codes_read(lf_bytes text)
{
    struct lf__rules *rules = NULL;
    FUZZ_REQUIRE((lf__rules_load(text, &rules, NULL) == LF_OK) == (rules != NULL));
    FUZZ_REQUIRE(rules == NULL || !lf__rules_knows(rules, "", LF_BYTES_NONE));
    lf__rules_free(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    struct gw_policy *policy = NULL;
    lf_bytes roles = fuzz_piece(&r);
    codes_read(r.rest);
    days_read(r.rest);
    if (gw_policy_load(roles, r.rest, &policy, NULL) != LF_OK) {
        FUZZ_REQUIRE(policy == NULL);
        return 0;
    }
    for (unsigned kind = 0; kind < PX_KIND_COUNT; kind++) {
        FUZZ_REQUIRE(!gw_policy_may(policy, PX_ROLE_NONE, 0, (enum px_kind)kind, GW_MAY_ISSUE));
    }
    FUZZ_REQUIRE(!gw_policy_may(policy, PX_ROLE_PLATFORM, 0, PX_KIND_NONE, GW_MAY_READ));
    FUZZ_REQUIRE(!gw_policy_may(policy, PX_ROLE_COUNT, 0, PX_KIND_MEMBER, GW_MAY_READ));
    gw_policy_free(policy);
    return 0;
}
