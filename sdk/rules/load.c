/* SPDX-License-Identifier: Apache-2.0 */
/* The table of codes as text: table code text, or table code number unit text. */
#include "rules/rules_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "rules/table.h"
#include "rules/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const unsigned char lf__rules_codes_data[];
extern const size_t lf__rules_codes_data_size;

static const char *const unit_names[] = {"", "HOURS", "DAYS", "WORKDAYS", "MONTHS", "YEARS"};

static enum lf__unit unit_of(lf_bytes word)
{
    size_t unit = LF_COUNT(unit_names) - 1;
    while (unit > 0 && !lf__bytes_eq_str(word, unit_names[unit])) {
        unit--;
    }
    return (enum lf__unit)unit;
}

static bool code_line(void *user, lf_bytes line)
{
    struct lf__rules *rules = user;
    if (rules->code_count == RULES_CODES_MAX) {
        return false;
    }
    struct rules_code *code = &rules->codes[rules->code_count++];
    lf_bytes table = lf__table_word(&line);
    lf_bytes name = lf__table_word(&line);
    lf_bytes text = line;
    if (lf__text_u64(lf__table_word(&line), &code->term.number)) {
        text = line;
        code->term.unit = unit_of(lf__table_word(&line));
        text = code->term.unit == LF__UNIT_NONE ? text : line;
    }
    text = lf__bytes_slice(text, text.len > 0 ? 1 : 0, text.len); /* behind the blank */
    (void)lf__copy_str(code->text, sizeof code->text, text);
    return name.len > 0 && lf__copy_str(code->table, sizeof code->table, table) &&
           lf__copy_str(code->code, sizeof code->code, name);
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
    return (hash ^ hash >> 15) % RULES_SLOTS;
}

const struct rules_code *lf__rules_find(const struct lf__rules *rules, const char *table,
                                        lf_bytes code)
{
    size_t slot = slot_of(table, code);
    for (; rules->slots[slot] != 0; slot = (slot + 1) % RULES_SLOTS) {
        const struct rules_code *found = &rules->codes[rules->slots[slot] - 1];
        if (strcmp(found->table, table) == 0 && lf__bytes_eq_str(code, found->code)) {
            return found;
        }
    }
    return NULL;
}

static lf_status codes_index(struct lf__rules *rules, lf_error *err)
{
    for (size_t i = 0; i < rules->code_count; i++) {
        const struct rules_code *code = &rules->codes[i];
        if (lf__rules_find(rules, code->table, lf__bytes_str(code->code)) != NULL) {
            return lf__fail(err, LF_E_FORMAT, "codes: %s %s stands twice", code->table, code->code);
        }
        size_t slot = slot_of(code->table, lf__bytes_str(code->code));
        while (rules->slots[slot] != 0) {
            slot = (slot + 1) % RULES_SLOTS;
        }
        rules->slots[slot] = (uint16_t)(i + 1);
    }
    return LF_OK;
}

/* "ROLE.WORD" in a table. */
static bool role_knows(const struct lf__rules *rules, const char *table, unsigned role,
                       const char *word)
{
    char code[RULES_WORD_MAX];
    int n = snprintf(code, sizeof code, "%s%s%s", lf__word_role(role), word[0] != '\0' ? "." : "",
                     word);
    return n > 0 && (size_t)n < sizeof code &&
           lf__rules_find(rules, table, lf__bytes_str(code)) != NULL;
}

/* What every event is asked for, answered once. */
static void roles_ask(struct lf__rules *rules)
{
    for (unsigned role = 0; role < PX_ROLE_COUNT; role++) {
        rules->waits[role] = role_knows(rules, "waits", role, "");
        for (unsigned c = 1; c < LF__CERTAINTIES; c++) {
            bool may = role_knows(rules, "certainty", role, lf__word_certainty(c));
            rules->claims[role] |= may ? LF_BIT(c) : 0;
        }
    }
}

lf_status lf__rules_load(lf_bytes codes, struct lf__rules **out, lf_error *err)
{
    struct lf__rules *rules = calloc(1, sizeof *rules);
    if (rules == NULL) {
        return lf__fail(err, LF_E_NOMEM, "rules: out of memory");
    }
    lf_status rc = lf__table_each(codes, "codes", code_line, rules, err);
    rc = rc == LF_OK ? codes_index(rules, err) : rc;
    rc = rc == LF_OK ? lf__calendar_load_default(&rules->calendar, err) : rc;
    if (rc != LF_OK) {
        lf__rules_free(rules);
        return rc;
    }
    roles_ask(rules);
    *out = rules;
    return LF_OK;
}

lf_status lf__rules_load_default(struct lf__rules **out, lf_error *err)
{
    return lf__rules_load((lf_bytes){lf__rules_codes_data, lf__rules_codes_data_size}, out, err);
}

void lf__rules_free(struct lf__rules *rules)
{
    if (rules != NULL) {
        lf__calendar_free(rules->calendar);
        free(rules);
    }
}
