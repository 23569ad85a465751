/* SPDX-License-Identifier: Apache-2.0 */
/* rules/rules_internal.h - the tables as they were read: load.c fills them, rules.c asks. */
#ifndef LF__RULES_INTERNAL_H
#define LF__RULES_INTERNAL_H

#include "rules/calendar.h"

enum { RULES_CODES_MAX = 512, RULES_WORD_MAX = 48, RULES_TEXT_MAX = 96, RULES_SLOTS = 2048 };

struct rules_code {
    char table[RULES_WORD_MAX];
    char code[RULES_WORD_MAX];
    char text[RULES_TEXT_MAX]; /* for people; "" when it is longer */
    struct lf__term term;      /* when the text begins with a number, and with a unit */
};

struct lf__rules {
    struct rules_code codes[RULES_CODES_MAX];
    size_t code_count;
    uint16_t slots[RULES_SLOTS];    /* hash of table and code -> 1 + its place in `codes` */
    uint32_t claims[PX_ROLE_COUNT]; /* bit by Certainty: may be claimed by the role */
    bool waits[PX_ROLE_COUNT];
    struct lf__calendar *calendar;
};

/* NULL when the table does not have the code. */
const struct rules_code *lf__rules_find(const struct lf__rules *rules, const char *table,
                                        lf_bytes code);

#endif
