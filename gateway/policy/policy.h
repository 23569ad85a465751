/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/policy/policy.h - who may say and read what: data, not code. With the rules (sdk/rules) that go with it.
 *
 * Loaded once and never changed: share it between threads. Deny by default.
 */
#ifndef GW_POLICY_H
#define GW_POLICY_H

#include "rules/rules.h"

enum gw_right {
    GW_MAY_ISSUE = 1,
    GW_MAY_CORRECT = 2, /* others' records of this kind */
    GW_MAY_READ = 4,    /* whatever has no narrower audience */
    GW_MAY_READ_CASE =
        8,              /* only what names the reader in its audience, or in a case with a number */
    GW_MAY_SUBMIT = 16, /* hands in what others have signed */
    GW_MAY_READ_NAMED = 32 /* only what names the reader in its audience */
};
enum { GW_LEVELS = 5 }; /* lianfang.v1.Level: none, national, province, city, county */

struct gw_policy;
/* Both texts are borrowed for the call. E_FORMAT with the line. *out is owned: gw_policy_free(). */
LF_MUST_USE lf_status gw_policy_load(lf_bytes roles, lf_bytes codes, struct gw_policy **out,
                                     lf_error *err);
/* The tables that the program was built with. */
LF_MUST_USE lf_status gw_policy_load_default(struct gw_policy **out, lf_error *err);
void gw_policy_free(struct gw_policy *policy); /* NULL allowed */

bool gw_policy_may(const struct gw_policy *policy, enum px_role role, unsigned level,
                   enum px_kind kind, enum gw_right right);
/* State organs have a level (1 and up), others have none: any other pair is no role at all. */
bool gw_policy_role_has_level(enum px_role role, unsigned level);
/* Whether the table `report` lets a role have this report, whatever else it may read. */
bool gw_policy_opens(const struct gw_policy *policy, enum px_role role, lf_bytes report);
/* Which codes there are and what they mean; borrowed from the policy. */
const struct lf__rules *gw_policy_rules(const struct gw_policy *policy);

/* Who asks. */
struct gw_reader {
    lf_bytes member;
    enum px_role role;
    unsigned level;
    bool has_case; /* gave a case number */
};
/* The classes (bits, LF_BIT of enum px_class) of a record that the reader may see, by role, audience
 * and purpose; 0 for none. gateway/exchange/may_read.h asks this and what depends on the ledger. */
unsigned gw_policy_classes(const struct gw_policy *policy, const struct gw_reader *reader,
                           const struct px_header *header);

#endif
