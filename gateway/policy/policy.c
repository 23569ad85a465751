/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables say. */
#include "gateway/policy/policy_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { DATE_LEN = 10 };

bool gw_policy_may(const struct gw_policy *policy, enum px_role role, unsigned level,
                   enum px_kind kind, enum gw_right right)
{
    if ((unsigned)role >= PX_ROLE_COUNT || level >= GW_LEVELS || (unsigned)kind >= PX_KIND_COUNT) {
        return false;
    }
    return (policy->rights[role][level][kind] & (unsigned)right) != 0;
}

bool gw_policy_knows(const struct gw_policy *policy, const char *table, lf_bytes code)
{
    return gw__code_find(policy, table, code) != NULL;
}

uint64_t gw_policy_number(const struct gw_policy *policy, const char *table, const char *code,
                          uint64_t otherwise)
{
    const struct policy_code *found = gw__code_find(policy, table, lf__bytes_str(code));
    return found == NULL ? otherwise : found->term.number;
}

bool gw_policy_step(const struct gw_policy *policy, const char *table, uint64_t value,
                    uint64_t *out)
{
    uint64_t best = 0;
    const struct policy_code *found = NULL;
    for (size_t i = 0; i < policy->code_count; i++) {
        uint64_t step = 0;
        const struct policy_code *code = &policy->codes[i];
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

bool gw_policy_term(const struct gw_policy *policy, const char *table, const char *code,
                    struct gw_term *out)
{
    const struct policy_code *found = gw__code_find(policy, table, lf__bytes_str(code));
    if (found == NULL || found->term.unit == GW_UNIT_NONE) {
        return false;
    }
    *out = found->term;
    return true;
}

/* Dates of this form are in the order of their text. */
static const struct policy_code *newest_before(const struct gw_policy *policy, const char *table,
                                               lf_bytes date)
{
    const struct policy_code *best = NULL;
    for (size_t i = 0; i < policy->code_count; i++) {
        const struct policy_code *code = &policy->codes[i];
        if (strcmp(code->table, table) == 0 && strlen(code->code) == DATE_LEN &&
            memcmp(code->code, date.ptr, DATE_LEN) <= 0 &&
            (best == NULL || strcmp(code->code, best->code) > 0)) {
            best = code;
        }
    }
    return best;
}

bool gw_policy_list_term(const struct gw_policy *policy, lf_bytes list, lf_bytes reason,
                         lf_bytes listed_on, struct gw_term *out)
{
    char table[POLICY_WORD_MAX];
    const struct policy_code *found = NULL;
    if (listed_on.len != DATE_LEN || list.len + reason.len + 16 > sizeof table) {
        return false;
    }
    (void)snprintf(table, sizeof table, "list_term_%.*s.%.*s", (int)list.len,
                   (const char *)list.ptr, (int)reason.len, (const char *)reason.ptr);
    found = newest_before(policy, table, listed_on);
    table[strlen(table) - reason.len - 1] = '\0'; /* without the reason */
    found = found != NULL ? found : newest_before(policy, table, listed_on);
    if (found == NULL) {
        return false;
    }
    *out = found->term;
    return true;
}

const struct gw_calendar *gw_policy_calendar(const struct gw_policy *policy)
{
    return policy->calendar;
}

bool gw_policy_maps(const struct gw_policy *policy, lf_bytes violation, lf_bytes code)
{
    char pair[POLICY_WORD_MAX];
    int n = snprintf(pair, sizeof pair, "%.*s.%.*s", (int)violation.len,
                     (const char *)violation.ptr, (int)code.len, (const char *)code.ptr);
    return code.len > 0 && (lf__bytes_eq(violation, code) ||
                            (n > 0 && (size_t)n < sizeof pair &&
                             gw_policy_knows(policy, "mapped", lf__bytes_str(pair))));
}

bool gw_policy_knows_reason(const struct gw_policy *policy, lf_bytes list, lf_bytes reason)
{
    char table[POLICY_WORD_MAX];
    int n =
        snprintf(table, sizeof table, "list_reason_%.*s", (int)list.len, (const char *)list.ptr);
    return n > 0 && (size_t)n < sizeof table && gw_policy_knows(policy, table, reason);
}

bool gw_policy_may_claim(const struct gw_policy *policy, enum px_role role, unsigned certainty)
{
    return (unsigned)role < PX_ROLE_COUNT && certainty < GW_CERTAINTIES &&
           (policy->claims[role] & LF_BIT(certainty)) != 0;
}

bool gw_policy_waits(const struct gw_policy *policy, enum px_role role)
{
    return (unsigned)role < PX_ROLE_COUNT && policy->waits[role];
}

static bool is_named(const struct px_header *header, lf_bytes member)
{
    for (size_t i = 0; i < header->audience_count; i++) {
        if (lf__bytes_eq(header->audience[i], member)) {
            return true;
        }
    }
    return false;
}

/* The issuer reads its own words; regulators see every audience, because they supervise it. */
static bool reads_at_all(const struct gw_policy *policy, const struct gw_reader *reader,
                         const struct px_header *header)
{
    bool named = is_named(header, reader->member);
    if (gw_policy_may(policy, reader->role, reader->level, header->kind, GW_MAY_READ)) {
        return named || header->audience_count == 0 || reader->role == PX_ROLE_REGULATOR;
    }
    enum px_kind kind = header->kind;
    bool is_case = reader->has_case && header->audience_count == 0;
    return (gw_policy_may(policy, reader->role, reader->level, kind, GW_MAY_READ_CASE) &&
            (named || is_case)) ||
           (gw_policy_may(policy, reader->role, reader->level, kind, GW_MAY_READ_NAMED) && named);
}

unsigned gw_policy_classes(const struct gw_policy *policy, const struct gw_reader *reader,
                           const struct px_header *header)
{
    bool is_organ = reader->role == PX_ROLE_REGULATOR || reader->role == PX_ROLE_POLICE;
    unsigned classes = LF_BIT(PX_CLASS_PUBLIC) | LF_BIT(PX_CLASS_MEMBERS);
    if (lf__bytes_eq(header->issuer, reader->member)) {
        return classes | LF_BIT(PX_CLASS_REGULATOR) | LF_BIT(PX_CLASS_PERSONAL);
    }
    if (!reads_at_all(policy, reader, header)) {
        return 0;
    }
    classes |= is_organ ? LF_BIT(PX_CLASS_REGULATOR) : 0;
    return classes | (is_organ && reader->has_case ? LF_BIT(PX_CLASS_PERSONAL) : 0);
}
