/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/policy/policy_internal.h - the tables as they were read: load.c fills them, policy.c asks. */
#ifndef GW_POLICY_INTERNAL_H
#define GW_POLICY_INTERNAL_H

#include "gateway/policy/calendar.h"

enum { POLICY_CODES_MAX = 512, POLICY_WORD_MAX = 48, POLICY_SLOTS = 2048 };

struct policy_code {
    char table[POLICY_WORD_MAX];
    char code[POLICY_WORD_MAX];
    struct gw_term term; /* when the text begins with a number, and with a unit */
};

struct gw_policy {
    uint8_t rights[PX_ROLE_COUNT][GW_LEVELS][PX_KIND_COUNT];
    struct policy_code codes[POLICY_CODES_MAX];
    size_t code_count;
    uint16_t slots[POLICY_SLOTS];   /* hash of table and code -> 1 + its place in `codes` */
    uint32_t claims[PX_ROLE_COUNT]; /* bit by Certainty: may be claimed by the role */
    bool waits[PX_ROLE_COUNT];
    struct gw_calendar *calendar;
};

/* NULL when the table does not have the code. */
const struct policy_code *gw__code_find(const struct gw_policy *policy, const char *table,
                                        lf_bytes code);

#endif
