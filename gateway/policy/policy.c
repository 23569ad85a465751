/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rights as text, role level kind rights, and what it says. */
#include "gateway/policy/policy.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/words.h"
#include "rules/table.h"
#include "rules/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROLE_WORD_MAX = 24, REPORT_CODE_MAX = 48 };

struct gw_policy {
    uint8_t rights[PX_ROLE_COUNT][GW_LEVELS][PX_KIND_COUNT];
    struct lf__rules *rules;
};

extern const unsigned char gw_policy_roles[];
extern const size_t gw_policy_roles_size;

static unsigned kind_find(lf_bytes word)
{
    for (unsigned kind = 1; kind < PX_KIND_COUNT; kind++) {
        if (lf__bytes_eq_str(word, px_kind_name((enum px_kind)kind))) {
            return kind;
        }
    }
    return 0;
}

static bool rights_read(lf_bytes words, uint8_t *out)
{
    static const struct {
        const char *name;
        uint8_t right;
    } rows[] = {
        {"issue", GW_MAY_ISSUE},          {"correct", GW_MAY_CORRECT}, {"read", GW_MAY_READ},
        {"read-case", GW_MAY_READ_CASE},  {"submit", GW_MAY_SUBMIT},   {"-", 0},
        {"read-named", GW_MAY_READ_NAMED}};
    *out = 0;
    for (size_t from = 0; from < words.len;) {
        size_t to = from;
        while (to < words.len && words.ptr[to] != ',') {
            to++;
        }
        lf_bytes word = lf__bytes_slice(words, from, to - from);
        size_t i = 0;
        while (i < LF_COUNT(rows) && !lf__bytes_eq_str(word, rows[i].name)) {
            i++;
        }
        if (i == LF_COUNT(rows)) {
            return false;
        }
        *out |= rows[i].right;
        from = to + 1;
    }
    return words.len > 0;
}

bool gw_policy_role_has_level(enum px_role role, unsigned level)
{
    bool is_organ = role == PX_ROLE_REGULATOR || role == PX_ROLE_POLICE || role == PX_ROLE_COMMERCE;
    return is_organ ? level > 0 && level < GW_LEVELS : level == 0;
}

static bool role_line(void *user, lf_bytes line)
{
    struct gw_policy *policy = user;
    char role_word[ROLE_WORD_MAX];
    char level_word[ROLE_WORD_MAX];
    (void)lf__copy_str(role_word, sizeof role_word, lf__table_word(&line));
    (void)lf__copy_str(level_word, sizeof level_word, lf__table_word(&line));
    bool any_level = strcmp(level_word, "*") == 0;
    unsigned role = lf__number_role(role_word);
    unsigned level = any_level ? 0 : lf__number_level(level_word);
    unsigned kind = kind_find(lf__table_word(&line));
    uint8_t rights = 0;
    if (role == 0 || kind == 0 || (!any_level && level == 0) ||
        !rights_read(lf__table_word(&line), &rights)) {
        return false;
    }
    for (unsigned i = 0; i < GW_LEVELS; i++) {
        if ((any_level || i == level) && gw_policy_role_has_level((enum px_role)role, i)) {
            policy->rights[role][i][kind] = rights;
        }
    }
    return any_level || gw_policy_role_has_level((enum px_role)role, level);
}

/* `rules` is moved, whatever comes of it. */
static lf_status policy_make(lf_bytes roles, struct lf__rules *rules, struct gw_policy **out,
                             lf_error *err)
{
    struct gw_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL) {
        lf__rules_free(rules);
        return lf__fail(err, LF_E_NOMEM, "policy: out of memory");
    }
    policy->rules = rules;
    lf_status rc = lf__table_each(roles, "roles", role_line, policy, err);
    if (rc != LF_OK) {
        gw_policy_free(policy);
        return rc;
    }
    *out = policy;
    return LF_OK;
}

lf_status gw_policy_load(lf_bytes roles, lf_bytes codes, struct gw_policy **out, lf_error *err)
{
    struct lf__rules *rules = NULL;
    lf_status rc = lf__rules_load(codes, &rules, err);
    return rc == LF_OK ? policy_make(roles, rules, out, err) : rc;
}

lf_status gw_policy_load_default(struct gw_policy **out, lf_error *err)
{
    struct lf__rules *rules = NULL;
    lf_bytes roles = {gw_policy_roles, gw_policy_roles_size};
    lf_status rc = lf__rules_load_default(&rules, err);
    return rc == LF_OK ? policy_make(roles, rules, out, err) : rc;
}

void gw_policy_free(struct gw_policy *policy)
{
    if (policy != NULL) {
        lf__rules_free(policy->rules);
        free(policy);
    }
}

const struct lf__rules *gw_policy_rules(const struct gw_policy *policy)
{
    return policy->rules;
}

bool gw_policy_may(const struct gw_policy *policy, enum px_role role, unsigned level,
                   enum px_kind kind, enum gw_right right)
{
    if ((unsigned)role >= PX_ROLE_COUNT || level >= GW_LEVELS || (unsigned)kind >= PX_KIND_COUNT) {
        return false;
    }
    return (policy->rights[role][level][kind] & (unsigned)right) != 0;
}

bool gw_policy_opens(const struct gw_policy *policy, enum px_role role, lf_bytes report)
{
    char code[REPORT_CODE_MAX];
    if (report.len >= sizeof code) {
        return false;
    }
    int n = snprintf(code, sizeof code, "%.*s.%s", (int)report.len, (const char *)report.ptr,
                     lf__word_role(role));
    return n > 0 && (size_t)n < sizeof code &&
           lf__rules_knows(policy->rules, "report", lf__bytes_str(code));
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
