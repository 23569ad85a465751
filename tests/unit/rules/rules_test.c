/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of codes say, and tables with faults. */
#include "base/bytes.h"
#include "base/status.h"
#include "rules/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Who may be how sure, from SUSPECTED to COURT. */
static const char *const sure[PX_ROLE_COUNT] = {
    [PX_ROLE_PLATFORM] = "1234", [PX_ROLE_REGULATOR] = "1256", [PX_ROLE_BRAND] = "124"};

static struct lf__rules *rules_default(void)
{
    struct lf__rules *rules = NULL;
    assert_int_equal(lf__rules_load_default(&rules, NULL), LF_OK);
    return rules;
}

static void every_certainty(void **state)
{
    (void)state;
    struct lf__rules *rules = rules_default();
    for (unsigned role = 0; role <= PX_ROLE_COUNT; role++) {
        for (unsigned certainty = 0; certainty <= 7; certainty++) {
            const char *may = role < PX_ROLE_COUNT && sure[role] != NULL ? sure[role] : "";
            bool expected = certainty > 0 && strchr(may, (int)('0' + certainty)) != NULL;
            assert_int_equal(lf__rules_may_claim(rules, (enum px_role)role, certainty), expected);
        }
        assert_int_equal(lf__rules_waits(rules, (enum px_role)role),
                         role == PX_ROLE_PLATFORM || role == PX_ROLE_BRAND);
    }
    lf__rules_free(rules);
}

static void codes(void **state)
{
    (void)state;
    struct lf__rules *rules = rules_default();
    assert_true(lf__rules_knows(rules, "violation", lf__bytes_str("COUNTERFEIT")));
    assert_false(lf__rules_knows(rules, "violation", lf__bytes_str("REMOVAL")));
    assert_true(lf__rules_knows(rules, "measure", lf__bytes_str("REMOVAL")));
    assert_false(lf__rules_knows(rules, "measure", lf__bytes_str("")));
    assert_int_equal(lf__rules_number(rules, "term_days", "DEFAULT", 7), 365);
    assert_int_equal(lf__rules_number(rules, "term_days", "OTHER", 7), 7);
    lf__rules_free(rules);
}

static void terms(void **state)
{
    (void)state;
    static const struct {
        const char *list, *reason, *on;
        uint64_t number;
        enum lf__unit unit; /* NONE: until it is taken off */
    } rows[] = {{"SERIOUS", "SER_IP", "2021-08-31", 5, LF__UNIT_YEARS},
                {"SERIOUS", "", "2021-09-01", 3, LF__UNIT_YEARS},
                {"SERIOUS", "SER_IP", "2014-09-30", 0, LF__UNIT_NONE},
                {"PENALTY", "PEN_FINE", "2022-01-01", 3, LF__UNIT_YEARS},
                {"PENALTY", "PEN_CRITICISM", "2022-01-01", 3, LF__UNIT_MONTHS},
                {"ABNORMAL", "ABN_UNREACHABLE", "2022-01-01", 0, LF__UNIT_NONE},
                {"SERIOUS", "", "2022", 0, LF__UNIT_NONE}};
    struct lf__rules *rules = rules_default();
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__term term = {0, LF__UNIT_NONE};
        assert_int_equal(lf__rules_list_term(rules, lf__bytes_str(rows[i].list),
                                             lf__bytes_str(rows[i].reason),
                                             lf__bytes_str(rows[i].on), &term),
                         rows[i].unit != LF__UNIT_NONE);
        assert_true(term.number == rows[i].number && term.unit == rows[i].unit);
    }
    struct lf__term term;
    assert_true(lf__rules_term(rules, "limit", "APPEAL_FILE", &term));
    assert_true(term.number == 7 && term.unit == LF__UNIT_DAYS);
    assert_true(lf__rules_term(rules, "limit", "APPEAL_DECIDE", &term));
    assert_true(term.number == 15 && term.unit == LF__UNIT_WORKDAYS);
    assert_true(lf__rules_term(rules, "limit", "TASK_EVENT", &term));
    assert_true(term.number == 72 && term.unit == LF__UNIT_HOURS);
    assert_false(lf__rules_term(rules, "limit", "NOTHING", &term));
    assert_false(lf__rules_term(rules, "term_days", "DEFAULT", &term)); /* states no unit */
    lf__rules_free(rules);
}

static bool maps(const struct lf__rules *rules, const char *violation, const char *code)
{
    return lf__rules_maps(rules, lf__bytes_str(violation), lf__bytes_str(code));
}

static void reasons_belong_to_their_list(void **state)
{
    (void)state;
    struct lf__rules *rules = rules_default();
    lf_bytes abnormal = lf__bytes_str("ABNORMAL");
    assert_true(lf__rules_knows_reason(rules, abnormal, lf__bytes_str("ABN_UNREACHABLE")));
    assert_false(lf__rules_knows_reason(rules, abnormal, lf__bytes_str("SER_IP")));
    assert_int_equal(lf__rules_number(rules, "list_reason_ABNORMAL", "ABN_UNREACHABLE", 0), 4);
    assert_true(maps(rules, "COUNTERFEIT", "SER_IP") && maps(rules, "COUNTERFEIT", "COUNTERFEIT"));
    assert_false(maps(rules, "COUNTERFEIT", "SER_PRICE_GOUGE"));
    assert_false(maps(rules, "COUNTERFEIT", "ABN_ANNUAL_REPORT"));
    assert_false(maps(rules, "", ""));
    lf__rules_free(rules);
}

static void steps(void **state)
{
    static const struct {
        uint64_t age;
        uint64_t points; /* 0: past the last row */
    } rows[] = {{0, 15}, {30, 15}, {31, 10}, {90, 10}, {91, 5}, {365, 5}, {366, 0}};
    uint64_t points = 7;
    (void)state;
    struct lf__rules *rules = rules_default();
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        bool found = lf__rules_step(rules, "rank_age", rows[i].age, &points);
        assert_int_equal(found, rows[i].points > 0);
        assert_int_equal(found ? points : 0, rows[i].points);
    }
    assert_false(lf__rules_step(rules, "measure", 0, &points)); /* no numbers there */
    lf__rules_free(rules);
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(lf__word_certainty(3), "ESTABLISHED_BY_PLATFORM");
    assert_string_equal(lf__word_certainty(LF__CERTAINTIES), "");
    assert_int_equal(lf__number_role("AUDITOR"), PX_ROLE_AUDITOR);
    assert_int_equal(lf__number_role(""), PX_ROLE_NONE);
    assert_int_equal(lf__number_role(NULL), PX_ROLE_NONE);
}

static void faulty_tables_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {{"measure WARN 1\nmeasure WARN 2\n", "codes: measure WARN stands twice"},
               {"# a\n\nmeasure\n", "codes: line 3 is not understood"},
               {"measure WARN 1", "codes: the last line does not end"}};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        struct lf__rules *rules = NULL;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(lf__rules_load(lf__bytes_str(bad[i].text), &rules, &err), LF_E_FORMAT);
        assert_string_equal(err.message, bad[i].message);
        assert_null(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_certainty),
        cmocka_unit_test(codes),
        cmocka_unit_test(terms),
        cmocka_unit_test(reasons_belong_to_their_list),
        cmocka_unit_test(steps),
        cmocka_unit_test(words),
        cmocka_unit_test(faulty_tables_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
