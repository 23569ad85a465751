/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/validate/validate.h - is what a record says well formed and allowed? Threads: any. */
#ifndef GW_VALIDATE_H
#define GW_VALIDATE_H

#include "gateway/exchange/roster/roster.h"
#include "gateway/policy/policy.h"

enum { GW_CLOCK_SKEW_MS = 300 * 1000 };

struct gw_validate {
    const struct gw_policy *policy;
    bool is_test; /* division 999999 is allowed */
    int64_t now_ms;
    struct lf__arena *keep;        /* NULL allowed: where a decoded event is left */
    const struct px_event **event; /* with `keep`: set to that event */
};

/* Role, clock, codes, dates and free text. E_DENIED or E_REJECTED with reason and field; an ID number
 * in a text is never repeated in the message. */
lf_status gw_validate(const struct gw_validate *rules, const struct px_envelope *envelope,
                      const struct gw_standing *issuer, lf_error *err);
/* The role's part of it, which a change of membership may undo. */
lf_status gw_validate_role(const struct gw_policy *policy, const struct px_envelope *envelope,
                           const struct gw_standing *issuer, lf_error *err);

#endif
