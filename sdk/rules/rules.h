/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/rules.h - which codes there are and what they mean: violations, measures, lists, terms, limits, advice. Data, not code, and
 * the same for a gateway and for a member's mirror.
 *
 * Loaded once and never changed: share it between threads.
 */
#ifndef LF__RULES_H
#define LF__RULES_H

#include "protos/codec/kinds.h"

/* What a limit or term is counted in. */
enum lf__unit {
    LF__UNIT_NONE,
    LF__UNIT_HOURS,
    LF__UNIT_DAYS,
    LF__UNIT_WORKDAYS,
    LF__UNIT_MONTHS,
    LF__UNIT_YEARS
};
struct lf__term {
    uint64_t number;
    enum lf__unit unit;
};
enum { LF__CERTAINTIES = 7 }; /* lianfang.v1.Certainty, 0 included */

struct lf__rules;
struct lf__calendar;
/* `codes` as in data/codes.txt, borrowed for the call. E_FORMAT with the line. *out is owned: lf__rules_free(). */
LF_MUST_USE lf_status lf__rules_load(lf_bytes codes, struct lf__rules **out, lf_error *err);
/* The tables that the program was built with. */
LF_MUST_USE lf_status lf__rules_load_default(struct lf__rules **out, lf_error *err);
void lf__rules_free(struct lf__rules *rules); /* NULL allowed */

/* Whether `table` (violation, measure, status, purpose, ...) has this code. */
bool lf__rules_knows(const struct lf__rules *rules, const char *table, lf_bytes code);
/* What people call it; the code itself where the table has no name for it. Borrowed from the rules, or `code`. */
lf_bytes lf__rules_text(const struct lf__rules *rules, const char *table, lf_bytes code);
/* Whether a role may claim this certainty (1 and up), and whether its accusations wait for a relay. */
bool lf__rules_may_claim(const struct lf__rules *rules, enum px_role role, unsigned certainty);
bool lf__rules_waits(const struct lf__rules *rules, enum px_role role);
uint64_t lf__rules_number(const struct lf__rules *rules, const char *table, const char *code,
                          uint64_t otherwise);
/* Of a table whose codes are numbers, the row with the smallest that is not below `value`; false past the last. */
bool lf__rules_step(const struct lf__rules *rules, const char *table, uint64_t value,
                    uint64_t *out);
/* A row with number and unit, such as limit APPEAL_FILE; false when there is none. */
bool lf__rules_term(const struct lf__rules *rules, const char *table, const char *code,
                    struct lf__term *out);
/* How long a listing of that day counts, by its reason where that matters; false: until taken off. */
bool lf__rules_list_term(const struct lf__rules *rules, lf_bytes list, lf_bytes reason,
                         lf_bytes listed_on, struct lf__term *out);
/* Whether a reason or violation that an authority named is of the violation's kind. */
bool lf__rules_maps(const struct lf__rules *rules, lf_bytes violation, lf_bytes code);
/* Whether every limit that begins at that instant ends within the days that are announced: what is beyond them is
 * provisional, and somebody has to bring next year's holidays. */
bool lf__rules_limits_are_known(const struct lf__rules *rules, int64_t from_ms);
bool lf__rules_knows_reason(const struct lf__rules *rules, lf_bytes list, lf_bytes reason);
/* The working days; borrowed from the rules. */
const struct lf__calendar *lf__rules_calendar(const struct lf__rules *rules);

#endif
