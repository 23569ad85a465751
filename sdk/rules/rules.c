/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables say. */
#include "rules/rules_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { DATE_LEN = 10 };

bool lf__rules_knows(const struct lf__rules *rules, const char *table, lf_bytes code)
{
    return lf__rules_find(rules, table, code) != NULL;
}

lf_bytes lf__rules_text(const struct lf__rules *rules, const char *table, lf_bytes code)
{
    const struct rules_code *found = lf__rules_find(rules, table, code);
    return found == NULL || found->text[0] == '\0' ? code : lf__bytes_str(found->text);
}

uint64_t lf__rules_number(const struct lf__rules *rules, const char *table, const char *code,
                          uint64_t otherwise)
{
    const struct rules_code *found = lf__rules_find(rules, table, lf__bytes_str(code));
    return found == NULL ? otherwise : found->term.number;
}

bool lf__rules_step(const struct lf__rules *rules, const char *table, uint64_t value, uint64_t *out)
{
    uint64_t best = 0;
    const struct rules_code *found = NULL;
    for (size_t i = 0; i < rules->code_count; i++) {
        uint64_t step = 0;
        const struct rules_code *code = &rules->codes[i];
        if (strcmp(code->table, table) == 0 && lf__text_u64(lf__bytes_str(code->code), &step) &&
            step >= value && (found == NULL || step < best)) {
            best = step;
            found = code;
        }
    }
    if (found == NULL) {
        return false;
    }
    *out = found->term.number;
    return true;
}

bool lf__rules_term(const struct lf__rules *rules, const char *table, const char *code,
                    struct lf__term *out)
{
    const struct rules_code *found = lf__rules_find(rules, table, lf__bytes_str(code));
    if (found == NULL || found->term.unit == LF__UNIT_NONE) {
        return false;
    }
    *out = found->term;
    return true;
}

/* Dates of this form are in the order of their text. */
static const struct rules_code *newest_before(const struct lf__rules *rules, const char *table,
                                              lf_bytes date)
{
    const struct rules_code *best = NULL;
    for (size_t i = 0; i < rules->code_count; i++) {
        const struct rules_code *code = &rules->codes[i];
        if (strcmp(code->table, table) == 0 && strlen(code->code) == DATE_LEN &&
            memcmp(code->code, date.ptr, DATE_LEN) <= 0 &&
            (best == NULL || strcmp(code->code, best->code) > 0)) {
            best = code;
        }
    }
    return best;
}

bool lf__rules_list_term(const struct lf__rules *rules, lf_bytes list, lf_bytes reason,
                         lf_bytes listed_on, struct lf__term *out)
{
    char table[RULES_WORD_MAX];
    const struct rules_code *found = NULL;
    if (listed_on.len != DATE_LEN || list.len + reason.len + 16 > sizeof table) {
        return false;
    }
    (void)snprintf(table, sizeof table, "list_term_%.*s.%.*s", (int)list.len,
                   (const char *)list.ptr, (int)reason.len, (const char *)reason.ptr);
    found = newest_before(rules, table, listed_on);
    table[strlen(table) - reason.len - 1] = '\0'; /* without the reason */
    found = found != NULL ? found : newest_before(rules, table, listed_on);
    if (found == NULL) {
        return false;
    }
    *out = found->term;
    return true;
}

const struct lf__calendar *lf__rules_calendar(const struct lf__rules *rules)
{
    return rules->calendar;
}

bool lf__rules_limits_are_known(const struct lf__rules *rules, int64_t from_ms)
{
    bool are_known = true;
    for (size_t i = 0; i < rules->code_count; i++) {
        const struct rules_code *code = &rules->codes[i];
        are_known =
            are_known && (strcmp(code->table, "limit") != 0 ||
                          !lf__calendar_due(rules->calendar, from_ms, code->term).is_provisional);
    }
    return are_known;
}

bool lf__rules_maps(const struct lf__rules *rules, lf_bytes violation, lf_bytes code)
{
    char pair[RULES_WORD_MAX];
    int n = snprintf(pair, sizeof pair, "%.*s.%.*s", (int)violation.len,
                     (const char *)violation.ptr, (int)code.len, (const char *)code.ptr);
    return code.len > 0 && (lf__bytes_eq(violation, code) ||
                            (n > 0 && (size_t)n < sizeof pair &&
                             lf__rules_knows(rules, "mapped", lf__bytes_str(pair))));
}

bool lf__rules_knows_reason(const struct lf__rules *rules, lf_bytes list, lf_bytes reason)
{
    char table[RULES_WORD_MAX];
    int n =
        snprintf(table, sizeof table, "list_reason_%.*s", (int)list.len, (const char *)list.ptr);
    return n > 0 && (size_t)n < sizeof table && lf__rules_knows(rules, table, reason);
}

bool lf__rules_may_claim(const struct lf__rules *rules, enum px_role role, unsigned certainty)
{
    return (unsigned)role < PX_ROLE_COUNT && certainty < LF__CERTAINTIES &&
           (rules->claims[role] & LF_BIT(certainty)) != 0;
}

bool lf__rules_waits(const struct lf__rules *rules, enum px_role role)
{
    return (unsigned)role < PX_ROLE_COUNT && rules->waits[role];
}
