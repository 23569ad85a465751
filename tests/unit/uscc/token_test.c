/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: which spellings are one value, what is none, and that no clear text is left behind. */
#include <lianfang/token.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];
static lf_token_key *key;
static lf_token_key *other;

static void path_of(const char *name, char out[static 128])
{
    (void)snprintf(out, 128, "%s/%s", directory, name);
}

/* What stood there is gone, whatever came of it. */
static lf_status make(const lf_token_key *with, lf_token_of of, const char *text, char out[65],
                      lf_error *err)
{
    char clear[256];
    size_t len = strlen(text);
    memcpy(clear, text, len);
    lf_status rc = lf_token_make(with, of, clear, len, out, err);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(clear[i], 0);
    }
    return rc;
}

static void one_value_one_token(void **state)
{
    static const struct {
        lf_token_of of;
        const char *a;
        const char *b;
    } rows[] = {
        {LF_TOKEN_LEGAL_REP, "11010519491231002X", " 110105 1949 1231 002x\xe2\x80\x8b"},
        {LF_TOKEN_LEGAL_REP, "11010519491231002X", "１１０１０５１９４９１２３１００２Ｘ"},
        {LF_TOKEN_LEGAL_REP, "11010519491231002X", "110105491231002"}, /* before 1999 */
        {LF_TOKEN_LEGAL_REP, "E12345678", "e1234-5678"},
        {LF_TOKEN_LEGAL_REP, "C123456A", "C123456（A）"},
        {LF_TOKEN_LEGAL_REP, "91999999MA00000154", "91999999ma00000154"},
        {LF_TOKEN_ACCOUNT, "6222020200112233445", "6222 0202 0011 2233 445"},
        {LF_TOKEN_ACCOUNT, "shop@example.com", "SHOP@EXAMPLE.COM"},
        {LF_TOKEN_PHONE, "13800138000", "+86 138-0013-8000"},
        {LF_TOKEN_PHONE, "13800138000", "0086-13800138000"},
        {LF_TOKEN_PHONE, "01012345678", "(010) 12345678"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char a[65];
        char b[65];
        assert_int_equal(make(key, rows[i].of, rows[i].a, a, NULL), LF_OK);
        assert_int_equal(make(key, rows[i].of, rows[i].b, b, NULL), LF_OK);
        assert_string_equal(a, b);
        assert_int_equal(strlen(a), LF_TOKEN_HEX_LEN);
        assert_int_equal(make(other, rows[i].of, rows[i].a, b, NULL), LF_OK);
        assert_string_not_equal(a, b);
    }
}

/* The same digits as an account and as a telephone are not the same thing. */
static void what_it_is_of_counts(void **state)
{
    char a[65];
    char b[65];
    (void)state;
    assert_int_equal(make(key, LF_TOKEN_ACCOUNT, "13800138000", a, NULL), LF_OK);
    assert_int_equal(make(key, LF_TOKEN_PHONE, "13800138000", b, NULL), LF_OK);
    assert_string_not_equal(a, b);
    assert_int_equal(make(key, LF_TOKEN_PHONE, "13800138001", a, NULL), LF_OK);
    assert_string_not_equal(a, b);
}

static void what_is_none(void **state)
{
    static const struct {
        lf_token_of of;
        const char *text;
    } rows[] = {
        {LF_TOKEN_LEGAL_REP, ""},
        {LF_TOKEN_LEGAL_REP, "欧阳某某"},           /* a name is no document */
        {LF_TOKEN_LEGAL_REP, "110105194912310021"}, /* wrong check digit */
        {LF_TOKEN_LEGAL_REP, "110105491331002"},    /* no such month */
        {LF_TOKEN_LEGAL_REP, "1234"},
        {LF_TOKEN_LEGAL_REP, "E123456789012345678901234567890123"},
        {LF_TOKEN_LEGAL_REP, "E1234/5678"},
        {LF_TOKEN_ACCOUNT, "12"},
        {LF_TOKEN_ACCOUNT, "6222,0202"},
        {LF_TOKEN_ACCOUNT, "12345678901234567890123456789012345678901234567890123456789012345"},
        {LF_TOKEN_PHONE, "123456"},
        {LF_TOKEN_PHONE, "1380013800O"},
        {LF_TOKEN_PHONE, "1234567890123456"},
        {(lf_token_of)0, "13800138000"},
        {(lf_token_of)4, "13800138000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[65] = "untouched";
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(make(key, rows[i].of, rows[i].text, out, &err), LF_E_REJECTED);
        assert_string_equal(err.reason, "TOKEN_VALUE");
        assert_string_equal(out, "untouched");
        assert_true(rows[i].text[0] == '\0' || strstr(err.message, rows[i].text) == NULL);
    }
    char out[65];
    char clear[] = "13800138000";
    assert_int_equal(lf_token_make(NULL, LF_TOKEN_PHONE, clear, 11, out, NULL), LF_E_ARG);
    assert_int_equal(lf_token_make(key, LF_TOKEN_PHONE, NULL, 0, out, NULL), LF_E_ARG);
}

static void keys_in_files(void **state)
{
    char path[128];
    struct stat there;
    lf_token_key *none = NULL;
    (void)state;
    path_of("a", path);
    assert_int_equal(lf_token_key_make(path, NULL), LF_E_EXISTS);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    path_of("none", path);
    assert_int_not_equal(lf_token_key_load(path, &none, NULL), LF_OK);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("abcd\n", file);
    (void)fclose(file);
    assert_int_equal(lf_token_key_load(path, &none, NULL), LF_E_FORMAT);
    assert_null(none);
    assert_int_equal(lf_token_key_load(NULL, &none, NULL), LF_E_ARG);
    assert_int_equal(lf_token_key_make(NULL, NULL), LF_E_ARG);
    (void)unlink(path);
    lf_token_key_free(NULL);
}

static int open_all(void **state)
{
    char path[128];
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/lf-token-XXXXXX");
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    path_of("a", path);
    bool good =
        lf_token_key_make(path, NULL) == LF_OK && lf_token_key_load(path, &key, NULL) == LF_OK;
    path_of("b", path);
    good = good && lf_token_key_make(path, NULL) == LF_OK &&
           lf_token_key_load(path, &other, NULL) == LF_OK;
    return good ? 0 : 1;
}

static int close_all(void **state)
{
    char path[128];
    (void)state;
    lf_token_key_free(key);
    lf_token_key_free(other);
    path_of("a", path);
    (void)unlink(path);
    path_of("b", path);
    (void)unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_one_token),
        cmocka_unit_test(what_it_is_of_counts),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(keys_in_files),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
