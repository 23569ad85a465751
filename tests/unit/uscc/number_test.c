/* SPDX-License-Identifier: Apache-2.0 */
/* Registration numbers, organisation codes, and ID numbers in text. */
#include <lianfang/uscc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool regno_ok(const char *text)
{
    return lf_regno_check(text, strlen(text), NULL, NULL) == LF_OK;
}

static void registration_numbers(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "110000000343473", "330203000030639", "440104000023833", "440106000074636",
        "330200600002522", "330200400070010", "310141000157096", "310000400311804",
        "999999000000019", "999999400000010", "999999600000014", " １10000000343473",
    };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_true(regno_ok(numbers[i]));
    }
    assert_false(regno_ok("110108001130366"));
    assert_false(regno_ok("11000000034347"));
    assert_false(regno_ok("11000000034347X"));
    char out[LF_REGNO_LEN + 1];
    assert_int_equal(lf_regno_check("1100 00000343473", 16, out, NULL), LF_OK);
    assert_string_equal(out, "110000000343473");
}

static bool orgcode_ok(const char *text)
{
    char out[LF_ORGCODE_LEN + 1] = "";
    bool ok = lf_orgcode_check(text, strlen(text), out, NULL) == LF_OK;
    assert_int_equal(strlen(out), ok ? LF_ORGCODE_LEN : 0);
    return ok;
}

static void organisation_codes(void **state)
{
    (void)state;
    assert_true(orgcode_ok("71526726-X"));
    assert_true(orgcode_ok("71526726x"));
    assert_true(orgcode_ok("673959654"));
    assert_true(orgcode_ok("MA0000090"));
    assert_false(orgcode_ok("71526726-1"));
    assert_false(orgcode_ok("MA1G4L1WX"));
    assert_false(orgcode_ok("7152672-6X"));
    assert_false(orgcode_ok("71526726X-"));
    assert_false(orgcode_ok(""));
}

static bool has_id(const char *text)
{
    return lf_text_has_id_number(text, strlen(text));
}

static void id_numbers_are_found(void **state)
{
    (void)state;
    assert_true(has_id("11010519491231002X"));
    assert_true(has_id("经营者张某，身份证号11010519491231002x，已停业"));
    assert_true(has_id("１１０１０５１９４９１２３１００２Ｘ"));
    assert_true(has_id("110105\u200b19491231\u200b002X"));
    assert_true(has_id("110105-19491231-002X"));
    assert_true(has_id("tel 13800000000 110105 1949 1231 002X"));
    assert_true(has_id("440524188001010014"));
    assert_true(has_id("99440524188001010014007"));
    assert_true(has_id("\xff"
                       "11010519491231002X\xff"));
    assert_true(has_id("110105200002290013")); /* 2000 was a leap year */
}

static void other_numbers_are_not_ids(void **state)
{
    (void)state;
    assert_false(lf_text_has_id_number(NULL, 5));
    assert_false(has_id(""));
    assert_false(has_id("110105194912310021"));
    assert_false(has_id("11010519491231002"));
    assert_false(has_id("110105\n19491231\n002X"));
    assert_false(has_id("110105a19491231002X"));
    assert_false(has_id("914403001922038216 914403001922038216"));
    static const char digits[] = "0123456789X";
    for (size_t i = 0; i < sizeof digits - 1; i++) {
        char none[] = "110105190002290010"; /* 1900 was no leap year */
        char month[] = "110105199013010010";
        char region[] = "700105199001010010";
        none[17] = month[17] = region[17] = digits[i];
        assert_false(has_id(none) || has_id(month) || has_id(region));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registration_numbers),
        cmocka_unit_test(organisation_codes),
        cmocka_unit_test(id_numbers_are_found),
        cmocka_unit_test(other_numbers_are_not_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
