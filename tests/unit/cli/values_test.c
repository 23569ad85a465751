/* SPDX-License-Identifier: Apache-2.0 */
/* What cells of published lists mean: every way of writing a date that was seen, and some that are none. */
#include "cli/fold.h"
#include "cli/values.h"
#include "cli/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void dates_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *date; /* "" for none, NULL for no date */
    } table[] = {
        {"2017-7-7", "2017-07-07"},
        {"2024-07-08", "2024-07-08"},
        {"2016-7-1 0:01:30", "2016-07-01"},
        {"2016-7-1  23:59", "2016-07-01"},
        {"2016-07-01 00:00:00.0", "2016-07-01"},
        {"2018/7/9", "2018-07-09"},
        {"2022.7.4", "2022-07-04"},
        {"2024年7月8日", "2024-07-08"},
        {"2024年7月8日 10:00", "2024-07-08"},
        {"20240708", "2024-07-08"},
        {"20240708 12:00:00", "2024-07-08"},
        {"２０２４－０７－０８", "2024-07-08"},
        {"\xef\xbb\xbf 2024-07-08\xe2\x80\x8b", "2024-07-08"},
        {"1499356800000", "2017-07-07"}, /* 2017-07-07T00:00+08:00 */
        {"1499443199999", "2017-07-07"}, /* its last millisecond */
        {"1499443200000", "2017-07-08"}, /* and the next */
        {"915120000000", "1999-01-01"},  /* 12 digits */
        {"2025-03-04T00:00:00+08:00", "2025-03-04"},
        {"2025-03-03T16:00:00Z", "2025-03-04"}, /* an instant: the next day in Shanghai */
        {"2025-03-03T15:59:59.999Z", "2025-03-03"},
        {"2025-03-04T01:00:00 +0900", "2025-03-04"},
        {"2025-03-04T00:30:00+09:00", "2025-03-03"},
        {"2024-02-29", "2024-02-29"},
        {"9999-9-9", ""},
        {"9999-12-31 00:00:00", ""},
        {"99990909", ""},
        {"", ""},
        {" ", ""},
        {"null", ""},
        {"NULL", ""},
        {"\\n", ""},
        {"\\N", ""},
        {"--", ""},
        {"-", ""},
        {"长期", ""},
        {"0000-00-00", ""},
        {"2023-02-29", NULL},
        {"2024-13-01", NULL},
        {"2024-0-1", NULL},
        {"2024-7-32", NULL},
        {"24-7-8", NULL},
        {"7/8/2024", NULL},
        {"08.07.2024", NULL},
        {"2024-07", NULL},
        {"2024-7/8", NULL},
        {"2024-07-08x", NULL},
        {"2024-07-08 25:00", NULL},
        {"2024-07-08 10", NULL},
        {"45481", NULL}, /* a spreadsheet's day number */
        {"202407081", NULL},
        {"1948-12-31", NULL},
        {"昨天", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char date[VALUE_DATE_SIZE];
        enum value_date got = value_date(table[i].text, date);
        enum value_date want = table[i].date == NULL      ? VALUE_DATE_BAD
                               : table[i].date[0] == '\0' ? VALUE_DATE_NONE
                                                          : VALUE_DATE_GOOD;
        if (got != want || strcmp(date, table[i].date == NULL ? "" : table[i].date) != 0) {
            fail_msg("'%s' is read as %d '%s'", table[i].text, (int)got, date);
        }
    }
}

static void a_missing_cell_is_no_date(void **state)
{
    char date[VALUE_DATE_SIZE] = "x";
    (void)state;
    assert_int_equal(value_date(NULL, date), VALUE_DATE_NONE);
    assert_string_equal(date, "");
}

static void nulls_say_nothing(void **state)
{
    static const char *const nulls[] = {"",  "  ", "null", "Null", "\\N", "\\n",
                                        "-", "--", "无",   "N/A",  "——"};
    static const char *const texts[] = {"0", "无法联系", "n", "--x", "空调"};
    (void)state;
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        assert_true(value_is_null(nulls[i]));
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_false(value_is_null(texts[i]));
    }
}

static void flags_are_yes_no_or_neither(void **state)
{
    (void)state;
    assert_int_equal(value_flag("1"), 1);
    assert_int_equal(value_flag("是"), 1);
    assert_int_equal(value_flag(" TRUE "), 1);
    assert_int_equal(value_flag("0"), 0);
    assert_int_equal(value_flag("否"), 0);
    assert_int_equal(value_flag("也许"), -1);
}

static void amounts_are_exact(void **state)
{
    int64_t value = -1;
    (void)state;
    assert_true(value_decimal("2.500000", 6, &value));
    assert_int_equal(value, 2500000);
    assert_true(value_decimal("0.1", 6, &value));
    assert_int_equal(value, 100000);
    assert_true(value_decimal("12", 0, &value));
    assert_int_equal(value, 12);
    assert_true(value_decimal("12.00", 0, &value));
    assert_int_equal(value, 12);
    assert_false(value_decimal("12.5", 0, &value));
    assert_false(value_decimal("-1", 0, &value));
    assert_false(value_decimal("1.2.3", 6, &value));
    assert_false(value_decimal("", 0, &value));
    assert_false(value_decimal("9999999999999999999", 6, &value));
}

static void comparison_drops_width_case_and_blanks(void **state)
{
    char out[64];
    char small[6];
    (void)state;
    assert_string_equal(fold_text(" 作出决定机关（移出） ", out, sizeof out), "作出决定机关(移出)");
    assert_string_equal(fold_text("ＡｂＣ　1", out, sizeof out), "abc1");
    assert_string_equal(fold_words(" a   b ", out, sizeof out), "a b");
    assert_string_equal(fold_text("作出决定", small, sizeof small),
                        "作"); /* never half a character */
}

static void reasons_have_codes(void **state)
{
    static const char *const table[][3] = {
        {"ABNORMAL", "未依照《企业信息公示暂行条例》第八条规定的期限公示年度报告的",
         "ABN_ANNUAL_REPORT"},
        {"ABNORMAL",
         "未在登记机关依照《企业信息公示暂行条例》第十条规定责令的期限内公示有关企业信息的",
         "ABN_IMMEDIATE_INFO"},
        {"ABNORMAL", "公示企业信息隐瞒真实情况、弄虚作假的", "ABN_FALSE_INFO"},
        {"ABNORMAL", "通过登记的住所或者经营场所无法联系的", "ABN_UNREACHABLE"},
        {"ABNORMAL", "通过登记的住所（经营场所）无法联系", "ABN_UNREACHABLE"},
        {"ABNORMAL_MARK", "未按规定报送年度报告", "MARK_ANNUAL_REPORT"},
        {"ABNORMAL_MARK", "年度报告隐瞒真实情况、弄虚作假", "MARK_FALSE_INFO"},
        {"SERIOUS", "使用非食品原料生产食品", "SER_FOOD_ILLEGAL_MATERIAL"},
        {"PENALTY", "罚款50000元，没收违法所得3000元", "PEN_FINE"},
        {"PENALTY", "吊销营业执照，罚款1元", "PEN_REVOKE"},
        {"ABNORMAL", "其他不予公示的原因", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char name[64];
        char code[WORDS_CODE_MAX];
        (void)snprintf(name, sizeof name, "reason.%s", table[i][0]);
        assert_string_equal(words_part(name, table[i][1], code), table[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(a_missing_cell_is_no_date),
        cmocka_unit_test(nulls_say_nothing),
        cmocka_unit_test(flags_are_yes_no_or_neither),
        cmocka_unit_test(amounts_are_exact),
        cmocka_unit_test(comparison_drops_width_case_and_blanks),
        cmocka_unit_test(reasons_have_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
