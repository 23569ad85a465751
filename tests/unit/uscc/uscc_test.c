/* SPDX-License-Identifier: Apache-2.0 */
/* Merchant codes: every trap, every substitution, and the codes seen in public. */
#include <lianfang/uscc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALPHABET "0123456789ABCDEFGHJKLMNPQRTUWXY"

static const lf_uscc_options test_profile = {sizeof(lf_uscc_options), true};

static void expect_accepted(const char *text, lf_uscc_verdict verdict, const char *code)
{
    lf_uscc out = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    if (lf_uscc_check(text, strlen(text), &test_profile, &out, &err) != LF_OK) {
        fail_msg("%s refused: %s %s", text, err.reason, err.message);
    }
    assert_int_equal(out.verdict, verdict);
    assert_string_equal(out.code, code);
    assert_int_equal(out.normalised, strcmp(text, code) != 0);
    assert_int_equal(err.status, LF_OK);
}

/* Refused with this reason, output untouched, the input not in the message. */
static lf_error expect_refused(const char *text, const char *reason)
{
    lf_uscc out;
    lf_uscc before;
    memset(&out, 0x5a, sizeof out);
    memset(&before, 0x5a, sizeof before);
    lf_error err = LF_ERROR_INIT;
    if (lf_uscc_check(text, strlen(text), NULL, &out, &err) != LF_E_REJECTED) {
        fail_msg("%s was not refused", text);
    }
    if (strcmp(err.reason, reason) != 0) {
        fail_msg("%s: %s instead of %s", text, err.reason, reason);
    }
    assert_memory_equal(&out, &before, sizeof out);
    assert_true(*text == '\0' || strstr(err.message, text) == NULL);
    return err;
}

static void published_codes_are_valid(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "91330106673959654P", "9144030071526726XG", "9152000071430580XT", "91310115342050446K",
        "91310000741627329A", "91110105MA003A481G", "914403001922038216", "91110108551385082Q",
        "91110108562144110X", "91110000802100433B", "91100000100003962T", "91110000710926094P",
        "91440400192548256N", "91350100M000100Y43", "91110108MA00000070", "91110108MA0000074X",
        "91110108MA0000197Y",
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        expect_accepted(codes[i], LF_USCC_VALID, codes[i]);
    }
}

static void fixtures_need_the_test_profile(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "91999999MA00000154", "91999999MA0000023Y", "91999999MA0000031R", "91999999MA000004XH",
        "91999999MA0000058H", "91999999MA0000066C", "91999999MA00000747", "91999999MA00000822",
        "91999999MA0000090W", "91999999MA0000103J", "92999999MA00000151", "92999999MA0000023U",
        "92999999MA0000031N", "92999999MA000004XE", "92999999MA0000058E", "93999999MA0000015X",
        "93999999MA0000023Q",
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        expect_accepted(codes[i], LF_USCC_VALID, codes[i]);
        expect_refused(codes[i], LF_USCC_TEST_DIVISION);
    }
}

static void parts_are_reported(void **state)
{
    (void)state;
    lf_uscc out = LF_USCC_INIT;
    assert_int_equal(lf_uscc_check("9144030071526726XGtail", 18, NULL, &out, NULL), LF_OK);
    assert_int_equal(out.department, '9');
    assert_int_equal(out.category, '1');
    assert_string_equal(out.division, "440300");
    assert_string_equal(out.orgcode, "71526726X");
    assert_true(out.orgcode_matches);
    assert_false(out.normalised);
}

static void forms_are_normalised(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "91330106673959654p",
        "９１３３０１０６６７３９５９６５４Ｐ",
        " 9133 0106 6739 59654P\u200b",
        "\ufeff91330106673959654P\r\n",
        "91330106\u3000673959654\u00a0\uff50\t",
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        expect_accepted(forms[i], LF_USCC_VALID, "91330106673959654P");
    }
}

static void traps_are_told_apart(void **state)
{
    (void)state;
    static const char *const traps[][2] = {
        {"91310115MA1G4L1WXK", LF_USCC_CHECK_DIGIT},
        {"9.14403E+17", LF_USCC_SPREADSHEET_DAMAGE},
        {"9.14403e17", LF_USCC_SPREADSHEET_DAMAGE},
        {"9E+17", LF_USCC_SPREADSHEET_DAMAGE},
        {"914403001922038000", LF_USCC_SPREADSHEET_DAMAGE},
        {"9133010667395965P", LF_USCC_LENGTH},
        {"91330106673959654PP", LF_USCC_LENGTH},
        {"", LF_USCC_LENGTH},
        {"9.E+", LF_USCC_LENGTH},
        {"E17", LF_USCC_LENGTH},
        {"110000000343473", LF_USCC_IS_REGNO},
        {"110108001130366", LF_USCC_LENGTH},
        {"71526726X", LF_USCC_IS_ORGCODE},
        {"71526726-X", LF_USCC_IS_ORGCODE},
        {"71526726-I", LF_USCC_LENGTH},
        {"11010519491231002X", LF_USCC_IS_ID_NUMBER},
        {"11010519491231002x", LF_USCC_IS_ID_NUMBER},
        {"110105 19491231 002X", LF_USCC_IS_ID_NUMBER},
        {"身份证11010519491231002X", LF_USCC_IS_ID_NUMBER},
        {"000000000000000000", LF_USCC_DEPARTMENT},
        {"B1330106673959654P", LF_USCC_DEPARTMENT},
        {"96330106673959654P", LF_USCC_CATEGORY},
        {"Y2330106673959654P", LF_USCC_CATEGORY},
        {"91660106673959654P", LF_USCC_DIVISION},
        {"91010213775253664R", LF_USCC_DIVISION},
        {"9133A106673959654P", LF_USCC_DIVISION},
        {"91999998673959654P", LF_USCC_DIVISION},
        {"H-4601043500387-21", LF_USCC_BAD_CHAR},
        {"9133010667395965\xff\xfe", LF_USCC_BAD_CHAR},
        {"91330106673959中4P", LF_USCC_LENGTH},
        {"91330106673959中54P", LF_USCC_BAD_CHAR},
    };
    for (size_t i = 0; i < COUNT(traps); i++) {
        expect_refused(traps[i][0], traps[i][1]);
    }
    assert_non_null(
        strstr(expect_refused("91310115MA1G4L1WXK", LF_USCC_CHECK_DIGIT).message, "'7'"));
}

static void confused_letters_get_a_suggestion(void **state)
{
    (void)state;
    static const char pairs[][2] = {{'I', '1'}, {'O', '0'}, {'S', '5'}, {'V', 'U'}, {'Z', '2'}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        for (size_t at = 0; at < LF_USCC_LEN; at++) {
            char code[] = "91350100M000100Y43";
            char want[] = "perhaps '?'";
            code[at] = pairs[i][0];
            want[9] = pairs[i][1];
            assert_non_null(strstr(expect_refused(code, LF_USCC_BAD_CHAR).message, want));
        }
    }
}

static void registry_exception_is_accepted(void **state)
{
    (void)state;
    expect_accepted("91350203M0001QAY9B", LF_USCC_EXCEPTION, "91350203M0001QAY9B");
    expect_accepted("91350203m0001qay9b", LF_USCC_EXCEPTION, "91350203M0001QAY9B");
    expect_accepted("91350203M0001QAY99", LF_USCC_VALID, "91350203M0001QAY99");
}

static void every_substitution_is_detected(void **state)
{
    (void)state;
    static const char *const codes[] = {"91330106673959654P", "9144030071526726XG",
                                        "914403001922038216", "91110108MA00000070"};
    lf_uscc out = LF_USCC_INIT;
    for (size_t i = 0; i < COUNT(codes) * LF_USCC_LEN * 31; i++) {
        char code[LF_USCC_LEN + 1];
        const char *from = codes[i / 31 / LF_USCC_LEN];
        size_t at = i / 31 % LF_USCC_LEN;
        memcpy(code, from, sizeof code);
        code[at] = ALPHABET[i % 31];
        lf_status want = code[at] == from[at] ? LF_OK : LF_E_REJECTED;
        assert_int_equal(lf_uscc_check(code, LF_USCC_LEN, &test_profile, &out, NULL), want);
    }
}

/* Every swap but 1 with 18 is detected; that one only the registry can tell. */
static void swaps_are_detected_but_one(void **state)
{
    (void)state;
    const char *from = "91110108MA0000197Y";
    lf_uscc out = LF_USCC_INIT;
    for (size_t i = 0; i < LF_USCC_LEN * LF_USCC_LEN; i++) {
        char code[LF_USCC_LEN + 1];
        size_t a = i / LF_USCC_LEN;
        size_t b = i % LF_USCC_LEN;
        memcpy(code, from, sizeof code);
        code[a] = from[b];
        code[b] = from[a];
        bool same = from[a] == from[b] || a + b == 17 * (size_t)(a == 0 || b == 0);
        lf_status want = same ? LF_OK : LF_E_REJECTED;
        assert_int_equal(lf_uscc_check(code, LF_USCC_LEN, NULL, &out, NULL), want);
    }
    expect_accepted("Y1110108MA00001979", LF_USCC_VALID, "Y1110108MA00001979");
}

static void null_is_refused(void **state)
{
    (void)state;
    lf_uscc out = LF_USCC_INIT;
    assert_int_equal(lf_uscc_check(NULL, 0, NULL, &out, NULL), LF_E_ARG);
    assert_int_equal(lf_uscc_check("", 0, NULL, NULL, NULL), LF_E_ARG);
    assert_int_equal(lf_regno_check(NULL, 0, NULL, NULL), LF_E_ARG);
    assert_int_equal(lf_orgcode_check(NULL, 0, NULL, NULL), LF_E_ARG);
}

/* Call `check` with each line up to its first comma or blank; return how many. */
static size_t each_line(const char *name, void (*check)(const char *code))
{
    char path[512];
    char line[1024];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/%s", LF_TEST_DATA_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, ",\r\n")] = '\0';
        if (strcmp(line, "uscc") != 0) {
            check(line);
            n++;
        }
    }
    (void)fclose(file);
    return n;
}

static void line_is_valid(const char *code)
{
    expect_accepted(code, LF_USCC_VALID, code);
    assert_false(lf_text_has_id_number(code, strlen(code)));
}

static void line_is_normalised(const char *code)
{
    lf_uscc out = LF_USCC_INIT;
    assert_int_equal(lf_uscc_check(code, strlen(code), NULL, &out, NULL), LF_OK);
    assert_int_equal(out.verdict, LF_USCC_VALID);
    assert_true(out.normalised);
}

static void line_is_invalid(const char *code)
{
    lf_uscc out = LF_USCC_INIT;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = lf_uscc_check(code, strlen(code), NULL, &out, &err);
    assert_true(rc == LF_E_REJECTED || (rc == LF_OK && out.verdict == LF_USCC_EXCEPTION));
    assert_true(rc == LF_OK || strncmp(err.reason, "USCC_", 5) == 0);
}

static void real_data_is_judged(void **state)
{
    (void)state;
    assert_int_equal(each_line("registry-sample.csv", line_is_valid), 2000);
    assert_int_equal(each_line("uscc-lowercase-seen.txt", line_is_normalised), 115);
    assert_int_equal(each_line("uscc-failing-seen.txt", line_is_invalid), 85);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_codes_are_valid),
        cmocka_unit_test(fixtures_need_the_test_profile),
        cmocka_unit_test(parts_are_reported),
        cmocka_unit_test(forms_are_normalised),
        cmocka_unit_test(traps_are_told_apart),
        cmocka_unit_test(confused_letters_get_a_suggestion),
        cmocka_unit_test(registry_exception_is_accepted),
        cmocka_unit_test(every_substitution_is_detected),
        cmocka_unit_test(swaps_are_detected_but_one),
        cmocka_unit_test(null_is_refused),
        cmocka_unit_test(real_data_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
