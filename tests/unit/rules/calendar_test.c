/* SPDX-License-Identifier: Apache-2.0 */
/* Working days and when limits run out: China's calendar of 2026, month ends, and what nobody knows yet. */
#include "rules/calendar.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

/* "2026-03-06T17:00" in Shanghai, as an instant. */
static int64_t at(const char *text)
{
    struct tm t = {0};
    assert_int_equal(
        sscanf(text, "%d-%d-%dT%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min),
        5);
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return ((int64_t)timegm(&t) - 8 * 3600) * 1000;
}

static int setup(void **state)
{
    struct lf__calendar *calendar = NULL;
    assert_int_equal(lf__calendar_load_default(&calendar, NULL), LF_OK);
    *state = calendar;
    return 0;
}

static int teardown(void **state)
{
    lf__calendar_free(*state);
    return 0;
}

static void workdays(void **state)
{
    static const struct {
        const char *day;
        bool is_worked;
    } days[] = {{"2026-03-06", true},  {"2026-03-07", false}, {"2026-02-14", true},
                {"2026-02-16", false}, {"2026-02-28", true},  {"2026-10-01", false},
                {"2026-10-10", true},  {"2025-01-26", true},  {"2024-02-18", true},
                {"2024-02-29", true}};
    bool known = false;
    for (size_t i = 0; i < LF_COUNT(days); i++) {
        assert_int_equal(lf__calendar_is_workday(*state, lf__bytes_str(days[i].day), &known),
                         days[i].is_worked);
        assert_true(known);
    }
    assert_true(
        lf__calendar_is_workday(*state, lf__bytes_str("2027-01-04"), &known)); /* a Monday */
    assert_false(known);
    assert_false(lf__calendar_is_workday(*state, lf__bytes_str("2027-01-03"), NULL));
    assert_false(lf__calendar_is_workday(*state, lf__bytes_str("1969-12-28"), NULL)); /* a Sunday */
}

static void limits(void **state)
{
    static const struct {
        const char *from;
        uint64_t number;
        enum lf__unit unit;
        const char *due; /* the first instant that is late */
        bool is_provisional;
    } rows[] = {
        /* decided on Friday, one working day: all of Monday is in time, Tuesday 00:00 is late */
        {"2026-03-06T17:00", 1, LF__UNIT_WORKDAYS, "2026-03-10T00:00", false},
        {"2026-03-06T00:00", 1, LF__UNIT_WORKDAYS, "2026-03-10T00:00", false},
        {"2026-03-06T17:00", 72, LF__UNIT_HOURS, "2026-03-09T17:00", false},
        {"2026-02-13T09:00", 1, LF__UNIT_WORKDAYS, "2026-02-15T00:00",
         false}, /* a worked Saturday */
        {"2026-02-14T09:00", 1, LF__UNIT_WORKDAYS, "2026-02-25T00:00",
         false}, /* past the festival */
        {"2026-03-04T09:00", 7, LF__UNIT_DAYS, "2026-03-12T00:00", false},
        {"2026-01-31T09:00", 1, LF__UNIT_MONTHS, "2026-03-01T00:00", false},
        {"2024-02-29T09:00", 1, LF__UNIT_YEARS, "2025-03-01T00:00", false},
        {"2026-11-30T09:00", 3, LF__UNIT_MONTHS, "2027-03-01T00:00", false},
        {"2026-12-31T09:00", 1, LF__UNIT_WORKDAYS, "2027-01-02T00:00", true},
        {"2026-12-30T09:00", 1, LF__UNIT_WORKDAYS, "2027-01-01T00:00", false},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__term term = {rows[i].number, rows[i].unit};
        struct lf__due due = lf__calendar_due(*state, at(rows[i].from), term);
        if (due.at_ms != at(rows[i].due)) {
            print_error("row %zu\n", i);
        }
        assert_int_equal(due.at_ms, at(rows[i].due));
        assert_int_equal(due.is_provisional, rows[i].is_provisional);
    }
    assert_true(at("2026-03-09T23:59") < lf__calendar_due(*state, at("2026-03-06T17:00"),
                                                          (struct lf__term){1, LF__UNIT_WORKDAYS})
                                             .at_ms);
}

/* The alarm that a calendar ends comes while the longest limit still fits, and not before it does not. */
static void the_known_days_end(void **state)
{
    struct lf__rules *rules = NULL;
    struct lf__calendar *empty = NULL;
    assert_int_equal(lf__calendar_end(*state), at("2027-01-01T00:00"));
    assert_int_equal(lf__calendar_load(lf__bytes_str("version 1\n"), &empty, NULL), LF_OK);
    assert_int_equal(lf__calendar_end(empty), 0);
    lf__calendar_free(empty);
    assert_int_equal(lf__rules_load_default(&rules, NULL), LF_OK);
    assert_true(lf__rules_limits_are_known(rules, at("2026-03-06T17:00")));
    assert_true(lf__rules_limits_are_known(rules, at("2026-12-10T23:59"))); /* 15 working days */
    assert_false(lf__rules_limits_are_known(rules, at("2026-12-11T00:00")));
    assert_false(lf__rules_limits_are_known(rules, at("2027-02-01T00:00")));
    lf__rules_free(rules);
}

static void bad_data(void **state)
{
    static const char *const bad[] = {"off 2026-02-30 x\n",
                                      "off 2026-01-02\noff 2026-01-01\n",
                                      "work 2026-01-02\noff 2026-01-02\n",
                                      "year 20260\n",
                                      "holiday 2026-01-01\n",
                                      "year 2026"};
    struct lf__calendar *calendar = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        assert_int_equal(lf__calendar_load(lf__bytes_str(bad[i]), &calendar, &err), LF_E_FORMAT);
        assert_null(calendar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workdays, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(the_known_days_end, setup, teardown),
        cmocka_unit_test(bad_data)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
