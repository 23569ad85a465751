/* SPDX-License-Identifier: Apache-2.0 */
/* Two small text files: rights (role level kind rights) and codes (table code text). */
#include "gateway/policy/policy_internal.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const unsigned char gw_policy_roles[];
extern const size_t gw_policy_roles_size;
extern const unsigned char gw_policy_codes[];
extern const size_t gw_policy_codes_size;

static const char *const role_names[PX_ROLE_COUNT] = {
    "",    "PLATFORM", "REGULATOR",      "POLICE",   "COMMERCE", "ASSOCIATION",
    "LAB", "BRAND",    "LICENCE_ISSUER", "OBSERVER", "AUDITOR"};
static const char *const level_names[GW_LEVELS] = {"", "NATIONAL", "PROVINCE", "CITY", "COUNTY"};
static const char *const unit_names[] = {"", "HOURS", "DAYS", "WORKDAYS", "MONTHS", "YEARS"};
static const char *const certainty_names[] = {"",
                                              "SUSPECTED",
                                              "TEST_ABNORMAL",
                                              "ESTABLISHED_BY_PLATFORM",
                                              "ESTABLISHED_BY_BRAND",
                                              "ADMIN_DECISION",
                                              "COURT"};

/* 0 when the word is not in the list. */
static size_t name_find(const char *const *names, size_t count, lf_bytes word)
{
    for (size_t i = 1; i < count; i++) {
        if (lf__bytes_eq_str(word, names[i])) {
            return i;
        }
    }
    return 0;
}

static size_t kind_find(lf_bytes word)
{
    for (unsigned kind = 1; kind < PX_KIND_COUNT; kind++) {
        if (lf__bytes_eq_str(word, px_kind_name((enum px_kind)kind))) {
            return kind;
        }
    }
    return 0;
}

static lf_bytes word_take(lf_bytes *line)
{
    size_t from = 0;
    while (from < line->len && line->ptr[from] == ' ') {
        from++;
    }
    size_t to = from;
    while (to < line->len && line->ptr[to] != ' ') {
        to++;
    }
    lf_bytes word = lf__bytes_slice(*line, from, to - from);
    *line = lf__bytes_slice(*line, to, line->len);
    return word;
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

static bool role_line(struct gw_policy *policy, lf_bytes line)
{
    size_t role = name_find(role_names, PX_ROLE_COUNT, word_take(&line));
    lf_bytes level_word = word_take(&line);
    bool any_level = lf__bytes_eq_str(level_word, "*");
    size_t level = any_level ? 0 : name_find(level_names, GW_LEVELS, level_word);
    size_t kind = kind_find(word_take(&line));
    uint8_t rights = 0;
    if (role == 0 || kind == 0 || (!any_level && level == 0) ||
        !rights_read(word_take(&line), &rights)) {
        return false;
    }
    for (unsigned i = 0; i < GW_LEVELS; i++) {
        if ((any_level || i == level) && gw_policy_role_has_level((enum px_role)role, i)) {
            policy->rights[role][i][kind] = rights;
        }
    }
    return any_level || gw_policy_role_has_level((enum px_role)role, (unsigned)level);
}

static bool code_line(struct gw_policy *policy, lf_bytes line)
{
    if (policy->code_count == POLICY_CODES_MAX) {
        return false;
    }
    struct policy_code *code = &policy->codes[policy->code_count++];
    lf_bytes table = word_take(&line);
    lf_bytes name = word_take(&line);
    if (lf__text_u64(word_take(&line), &code->term.number)) {
        code->term.unit =
            (enum gw_unit)name_find(unit_names, LF_COUNT(unit_names), word_take(&line));
    }
    return name.len > 0 && lf__copy_str(code->table, sizeof code->table, table) &&
           lf__copy_str(code->code, sizeof code->code, name);
}

static lf_status lines_read(struct gw_policy *policy, lf_bytes text,
                            bool (*take)(struct gw_policy *, lf_bytes), lf_error *err)
{
    struct lf__reader r = {text};
    lf_bytes line;
    for (unsigned number = 1; lf__read_line(&r, &line); number++) {
        bool is_note = line.len == 0 || line.ptr[0] == '#' ||
                       lf__bytes_eq_str(lf__bytes_slice(line, 0, 8), "version ");
        if (!is_note && !take(policy, line)) {
            return lf__fail(err, LF_E_FORMAT, "policy: line %u is not understood", number);
        }
    }
    return lf__read_finished(&r) ? LF_OK
                                 : lf__fail(err, LF_E_FORMAT, "policy: the last line does not end");
}

static size_t slot_of(const char *table, lf_bytes code)
{
    uint32_t hash = 2166136261u; /* FNV-1a: our own tables, nobody chooses collisions */
    for (const char *c = table; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    for (size_t i = 0; i < code.len; i++) {
        hash = (hash ^ code.ptr[i]) * 16777619u;
    }
    return (hash ^ hash >> 15) % POLICY_SLOTS;
}

const struct policy_code *gw__code_find(const struct gw_policy *policy, const char *table,
                                        lf_bytes code)
{
    size_t slot = slot_of(table, code);
    for (; policy->slots[slot] != 0; slot = (slot + 1) % POLICY_SLOTS) {
        const struct policy_code *found = &policy->codes[policy->slots[slot] - 1];
        if (strcmp(found->table, table) == 0 && lf__bytes_eq_str(code, found->code)) {
            return found;
        }
    }
    return NULL;
}

static lf_status codes_index(struct gw_policy *policy, lf_error *err)
{
    for (size_t i = 0; i < policy->code_count; i++) {
        const struct policy_code *code = &policy->codes[i];
        if (gw__code_find(policy, code->table, lf__bytes_str(code->code)) != NULL) {
            return lf__fail(err, LF_E_FORMAT, "policy: %s %s stands twice", code->table,
                            code->code);
        }
        size_t slot = slot_of(code->table, lf__bytes_str(code->code));
        while (policy->slots[slot] != 0) {
            slot = (slot + 1) % POLICY_SLOTS;
        }
        policy->slots[slot] = (uint16_t)(i + 1);
    }
    return LF_OK;
}

const char *gw_policy_certainty(unsigned certainty)
{
    return certainty < LF_COUNT(certainty_names) ? certainty_names[certainty] : "";
}

bool gw_policy_opens(const struct gw_policy *policy, enum px_role role, lf_bytes report)
{
    char code[POLICY_WORD_MAX];
    if ((unsigned)role >= PX_ROLE_COUNT || report.len > POLICY_WORD_MAX) {
        return false;
    }
    int n = snprintf(code, sizeof code, "%.*s.%s", (int)report.len, (const char *)report.ptr,
                     role_names[role]);
    return n > 0 && (size_t)n < sizeof code &&
           gw_policy_knows(policy, "report", lf__bytes_str(code));
}

/* "ROLE.WORD" in a table. */
static bool role_knows(const struct gw_policy *policy, const char *table, size_t role,
                       const char *word)
{
    char code[POLICY_WORD_MAX];
    int n =
        snprintf(code, sizeof code, "%s%s%s", role_names[role], word[0] != '\0' ? "." : "", word);
    return n > 0 && (size_t)n < sizeof code &&
           gw__code_find(policy, table, lf__bytes_str(code)) != NULL;
}

/* What every event is asked for, answered once. */
static void roles_ask(struct gw_policy *policy)
{
    for (size_t role = 0; role < PX_ROLE_COUNT; role++) {
        policy->waits[role] = role_knows(policy, "waits", role, "");
        for (unsigned c = 1; c < LF_COUNT(certainty_names); c++) {
            bool may = role_knows(policy, "certainty", role, certainty_names[c]);
            policy->claims[role] |= may ? LF_BIT(c) : 0;
        }
    }
}

lf_status gw_policy_load(lf_bytes roles, lf_bytes codes, struct gw_policy **out, lf_error *err)
{
    struct gw_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL) {
        return lf__fail(err, LF_E_NOMEM, "policy: out of memory");
    }
    lf_status rc = lines_read(policy, roles, role_line, err);
    rc = rc == LF_OK ? lines_read(policy, codes, code_line, err) : rc;
    rc = rc == LF_OK ? codes_index(policy, err) : rc;
    rc = rc == LF_OK ? gw_calendar_load_default(&policy->calendar, err) : rc;
    if (rc != LF_OK) {
        gw_policy_free(policy);
        return rc;
    }
    roles_ask(policy);
    *out = policy;
    return LF_OK;
}

lf_status gw_policy_load_default(struct gw_policy **out, lf_error *err)
{
    return gw_policy_load((lf_bytes){gw_policy_roles, gw_policy_roles_size},
                          (lf_bytes){gw_policy_codes, gw_policy_codes_size}, out, err);
}

void gw_policy_free(struct gw_policy *policy)
{
    if (policy != NULL) {
        gw_calendar_free(policy->calendar);
        free(policy);
    }
}
