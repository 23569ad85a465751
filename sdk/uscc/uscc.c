/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/uscc.c - checks merchant codes (GB 32100) and tells every wrong form apart.
 */
#include <base/status.h>
#include <lianfang/uscc.h>
#include <uscc/plain.h>

#include <string.h>

#include "exceptions.inc"

#define USCC_ALPHABET "0123456789ABCDEFGHJKLMNPQRTUWXY"

/* GB 32100 tables: departments with their categories, province prefixes. */
static const struct {
    char department;
    const char *categories;
} uscc_departments[] = {
    {'1', "1239"}, {'2', "19"}, {'3', "123459"}, {'4', "19"}, {'5', "1239"}, {'6', "129"},
    {'7', "129"},  {'8', "19"}, {'9', "1239"},   {'A', "19"}, {'N', "1239"}, {'Y', "1"},
};
static const bool uscc_provinces[100] = {
    [10] = true, [11] = true, [12] = true, [13] = true, [14] = true, [15] = true, [21] = true,
    [22] = true, [23] = true, [31] = true, [32] = true, [33] = true, [34] = true, [35] = true,
    [36] = true, [37] = true, [41] = true, [42] = true, [43] = true, [44] = true, [45] = true,
    [46] = true, [50] = true, [51] = true, [52] = true, [53] = true, [54] = true, [61] = true,
    [62] = true, [63] = true, [64] = true, [65] = true, [71] = true, [81] = true, [82] = true,
};
/* Place in the alphabet, plus one: looked up for each character of each code that is screened. */
static const uint8_t uscc_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['L'] = 21, ['M'] = 22, ['N'] = 23, ['P'] = 24,
    ['Q'] = 25, ['R'] = 26, ['T'] = 27, ['U'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31,
};

static bool uscc_has(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* The check character of 17 characters, all of them in the alphabet. */
static char uscc_check_char(const char *code)
{
    unsigned sum = 0;
    unsigned weight = 1;
    for (size_t i = 0; i < LF_USCC_LEN - 1; i++) {
        sum += (uscc_values[(uint8_t)code[i]] - 1u) * weight;
        weight = weight * 3 % 31;
    }
    return USCC_ALPHABET[(31 - sum % 31) % 31];
}

/* The first character outside the alphabet, LF_USCC_LEN when there is none. */
static size_t uscc_bad_char(const char *code)
{
    size_t i = 0;
    while (i < LF_USCC_LEN && uscc_values[(uint8_t)code[i]] != 0) {
        i++;
    }
    return i;
}

static const char *uscc_categories(char department)
{
    for (size_t i = 0; i < LF_COUNT(uscc_departments); i++) {
        if (uscc_departments[i].department == department) {
            return uscc_departments[i].categories;
        }
    }
    return NULL;
}

static bool uscc_is_test_division(const char *division)
{
    return strncmp(division, "999999", 6) == 0;
}

static bool uscc_division_exists(const char *division)
{
    if (lf__plain_digits(division, 6) < 6) {
        return false;
    }
    return uscc_provinces[(division[0] - '0') * 10 + (division[1] - '0')] ||
           uscc_is_test_division(division);
}

static bool uscc_structure_holds(const char *code)
{
    const char *categories = uscc_categories(code[0]);
    return categories != NULL && uscc_has(categories, code[1]) && uscc_division_exists(code + 2);
}

bool lf__uscc_is_valid(const char code[static LF_USCC_LEN])
{
    return uscc_bad_char(code) == LF_USCC_LEN && uscc_structure_holds(code) &&
           uscc_check_char(code) == code[LF_USCC_LEN - 1];
}

static bool uscc_is_exception(const char *code)
{
    for (size_t i = 0; i < LF_COUNT(uscc_exceptions); i++) {
        if (strncmp(code, uscc_exceptions[i], LF_USCC_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* 9.14403E+17: what a spreadsheet shows for a long number. */
static bool uscc_is_float(const struct lf__plain *t)
{
    const char *at = t->chars + lf__plain_digits(t->chars, LF__PLAIN_KEPT);
    if (at == t->chars || t->len > LF__PLAIN_KEPT) {
        return false;
    }
    if (*at == '.') {
        at += 1 + lf__plain_digits(at + 1, strlen(at + 1));
    }
    if (*at != 'E') {
        return false;
    }
    at += at[1] == '+' ? 2 : 1;
    size_t exponent = lf__plain_digits(at, strlen(at));
    return exponent > 0 && at[exponent] == '\0';
}

static lf_status uscc_refuse(lf_error *err, const char *reason, const char *message)
{
    return lf__refuse(err, LF_E_REJECTED, reason, "", "%s", message);
}

static lf_status uscc_refuse_length(const struct lf__plain *t, lf_error *err)
{
    char orgcode[LF_ORGCODE_LEN + 1];
    if (uscc_is_float(t)) {
        return uscc_refuse(err, LF_USCC_SPREADSHEET_DAMAGE,
                           "code was made a number by a spreadsheet");
    }
    if (lf__regno_holds(t->chars, t->len)) {
        return uscc_refuse(err, LF_USCC_IS_REGNO, "code is a 15-digit registration number");
    }
    if (lf__orgcode_take(t, orgcode)) {
        return uscc_refuse(err, LF_USCC_IS_ORGCODE, "code is an organisation code only");
    }
    return lf__refuse(err, LF_E_REJECTED, LF_USCC_LENGTH, "", "code has %zu characters, not %d",
                      t->len, LF_USCC_LEN);
}

static lf_status uscc_refuse_char(const char *code, size_t at, lf_error *err)
{
    static const char confused[][2] = {{'I', '1'}, {'O', '0'}, {'S', '5'}, {'V', 'U'}, {'Z', '2'}};
    for (size_t i = 0; i < LF_COUNT(confused); i++) {
        if (code[at] == confused[i][0]) {
            return lf__refuse(err, LF_E_REJECTED, LF_USCC_BAD_CHAR, "",
                              "code's character %zu is '%c', which no code has; perhaps '%c'",
                              at + 1, confused[i][0], confused[i][1]);
        }
    }
    return lf__refuse(err, LF_E_REJECTED, LF_USCC_BAD_CHAR, "",
                      "code's character %zu is no digit or letter that codes have", at + 1);
}

static lf_status uscc_check_structure(const char *code, bool allow_test, lf_error *err)
{
    const char *categories = uscc_categories(code[0]);
    if (categories == NULL) {
        return uscc_refuse(err, LF_USCC_DEPARTMENT, "code's department (character 1) is unknown");
    }
    if (!uscc_has(categories, code[1])) {
        return uscc_refuse(err, LF_USCC_CATEGORY,
                           "code's category (character 2) is not its department's");
    }
    if (!uscc_division_exists(code + 2)) {
        return uscc_refuse(err, LF_USCC_DIVISION,
                           "code's division (characters 3 to 8) is in no province");
    }
    if (uscc_is_test_division(code + 2) && !allow_test) {
        return uscc_refuse(err, LF_USCC_TEST_DIVISION, "code's division 999999 is for tests only");
    }
    return LF_OK;
}

static lf_status uscc_check_digit(const char *code, lf_error *err)
{
    char want = uscc_check_char(code);
    if (want == code[LF_USCC_LEN - 1] || uscc_is_exception(code)) {
        return LF_OK;
    }
    if (lf__plain_digits(code, LF_USCC_LEN) == LF_USCC_LEN && strncmp(code + 15, "000", 3) == 0) {
        return uscc_refuse(err, LF_USCC_SPREADSHEET_DAMAGE,
                           "code's last digits were lost in a spreadsheet");
    }
    return lf__refuse(err, LF_E_REJECTED, LF_USCC_CHECK_DIGIT, "",
                      "code's check character does not fit; computed '%c'", want);
}

static lf_status uscc_check_plain(const struct lf__plain *t, bool allow_test, lf_error *err)
{
    if (t->len != LF_USCC_LEN) {
        return uscc_refuse_length(t, err);
    }
    size_t bad = uscc_bad_char(t->chars);
    if (bad < LF_USCC_LEN) {
        return uscc_refuse_char(t->chars, bad, err);
    }
    lf_status rc = uscc_check_structure(t->chars, allow_test, err);
    return rc != LF_OK ? rc : uscc_check_digit(t->chars, err);
}

static void uscc_fill(lf_uscc *out, const char *code, bool normalised)
{
    *out = (lf_uscc)LF_USCC_INIT;
    out->verdict = uscc_is_exception(code) ? LF_USCC_EXCEPTION : LF_USCC_VALID;
    out->normalised = normalised;
    out->orgcode_matches = lf__orgcode_holds(code + 8);
    out->department = code[0];
    out->category = code[1];
    lf__copy(out->division, code + 2, 6);
    lf__copy(out->orgcode, code + 8, LF_ORGCODE_LEN);
    lf__copy(out->code, code, LF_USCC_LEN);
}

lf_status lf_uscc_check(const char *text, size_t len, const lf_uscc_options *options, lf_uscc *out,
                        lf_error *err)
{
    if (text == NULL || out == NULL) {
        return lf__fail(err, LF_E_ARG, "code or its output is NULL");
    }
    struct lf__plain plain = lf__plain_read(text, len);
    bool is_id = plain.len == LF_USCC_LEN && lf__id_number_is(plain.chars);
    bool is_valid = plain.len == LF_USCC_LEN && lf__uscc_is_valid(plain.chars);
    if (is_id || (!is_valid && lf_text_has_id_number(text, len))) {
        return uscc_refuse(err, LF_USCC_IS_ID_NUMBER, "code is a personal ID number");
    }
    lf_status rc = uscc_check_plain(&plain, options != NULL && options->allow_test_division, err);
    if (rc == LF_OK) {
        uscc_fill(out, plain.chars, len != LF_USCC_LEN || strncmp(text, plain.chars, len) != 0);
    }
    return rc;
}
