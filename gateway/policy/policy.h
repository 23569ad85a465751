/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/policy/policy.h - who may say and read what, and which codes are known: data, not code.
 *
 * Loaded once and never changed: share it between threads. Deny by default.
 */
#ifndef GW_POLICY_H
#define GW_POLICY_H

#include "protos/codec/kinds.h"

enum gw_right {
    GW_MAY_ISSUE = 1,
    GW_MAY_CORRECT = 2, /* others' records of this kind */
    GW_MAY_READ = 4,    /* whatever has no narrower audience */
    GW_MAY_READ_CASE =
        8,              /* only what names the reader in its audience, or in a case with a number */
    GW_MAY_SUBMIT = 16, /* hands in what others have signed */
    GW_MAY_READ_NAMED = 32 /* only what names the reader in its audience */
};
/* What a limit or term is counted in. */
enum gw_unit {
    GW_UNIT_NONE,
    GW_UNIT_HOURS,
    GW_UNIT_DAYS,
    GW_UNIT_WORKDAYS,
    GW_UNIT_MONTHS,
    GW_UNIT_YEARS
};
struct gw_term {
    uint64_t number;
    enum gw_unit unit;
};
enum { GW_CERTAINTIES = 7 }; /* lianfang.v1.Certainty, 0 included */
enum { GW_LEVELS = 5 };      /* lianfang.v1.Level: none, national, province, city, county */

struct gw_policy;
struct gw_calendar;
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
/* Whether `table` (violation, measure, status, purpose, ...) has this code. */
bool gw_policy_knows(const struct gw_policy *policy, const char *table, lf_bytes code);
/* Whether a role may claim this certainty (1 and up), and whether its accusations wait for a relay. */
bool gw_policy_may_claim(const struct gw_policy *policy, enum px_role role, unsigned certainty);
bool gw_policy_waits(const struct gw_policy *policy, enum px_role role);
uint64_t gw_policy_number(const struct gw_policy *policy, const char *table, const char *code,
                          uint64_t otherwise);
/* The word for a certainty (1 and up) as the tables spell it; "" for none. */
const char *gw_policy_certainty(unsigned certainty);
/* Whether the table lets a role have this report, whatever else it may read. */
bool gw_policy_opens(const struct gw_policy *policy, enum px_role role, lf_bytes report);
/* Of a table whose codes are numbers, the row with the smallest that is not below `value`; false past the last. */
bool gw_policy_step(const struct gw_policy *policy, const char *table, uint64_t value,
                    uint64_t *out);
/* A row with number and unit, such as limit APPEAL_FILE; false when there is none. */
bool gw_policy_term(const struct gw_policy *policy, const char *table, const char *code,
                    struct gw_term *out);
/* How long a listing of that day counts, by its reason where that matters; false: until taken off. */
bool gw_policy_list_term(const struct gw_policy *policy, lf_bytes list, lf_bytes reason,
                         lf_bytes listed_on, struct gw_term *out);
/* Whether a reason or violation that an authority named is of the violation's kind. */
bool gw_policy_maps(const struct gw_policy *policy, lf_bytes violation, lf_bytes code);
/* The working days; borrowed from the policy. */
const struct gw_calendar *gw_policy_calendar(const struct gw_policy *policy);
bool gw_policy_knows_reason(const struct gw_policy *policy, lf_bytes list, lf_bytes reason);

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
