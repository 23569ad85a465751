/* SPDX-License-Identifier: Apache-2.0 */
/* Which names of firms are compared as one, and which never are. */
#include "names/names.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct lf__names *names;

static int open_names(void **state)
{
    (void)state;
    return lf__names_open(&names, NULL) == LF_OK ? 0 : -1;
}

static int free_names(void **state)
{
    (void)state;
    lf__names_free(names);
    return 0;
}

static bool are_one(const char *a, const char *b)
{
    LF_BUF left;
    LF_BUF right;
    lf__buf_init(&left, 8 * LF_NAME_MAX);
    lf__buf_init(&right, 8 * LF_NAME_MAX);
    assert_int_equal(lf__names_fold(names, lf__bytes_str(a), &left, NULL), LF_OK);
    assert_int_equal(lf__names_fold(names, lf__bytes_str(b), &right, NULL), LF_OK);
    return left.len > 0 && lf__bytes_eq(lf__buf_bytes(&left), lf__buf_bytes(&right));
}

static void test_one_firm_written_in_two_ways(void **state)
{
    (void)state;
    assert_true(are_one("测试（中国）有限公司", "测试(中国)有限公司"));
    assert_true(are_one("测试(中国)有限公司", "测试中国有限公司"));
    assert_true(are_one("北京阿裏商貿有限公司", "北京阿里商贸有限公司"));
    assert_true(are_one("测试有限责任公司", "测试有限公司"));
    assert_true(are_one("ＡＢＣ　测试有限公司", "abc测试有限公司"));
    assert_true(are_one("\xef\xbb\xbf测\xe2\x80\x8b试·有限公司", "测试有限公司"));
    assert_true(are_one("\xe2\xbb\xa2氏测试", "马氏测试")); /* U+2EE2, a radical */
    assert_true(are_one("臺北電子", "台北电子"));
}

static void test_two_firms(void **state)
{
    (void)state;
    assert_false(are_one("测试有限公司", "测试有限公司朝阳分公司"));
    assert_false(are_one("测试股份有限公司", "测试有限公司"));
    assert_false(are_one("测试一有限公司", "测试二有限公司"));
}

static void test_nothing_is_left(void **state)
{
    LF_BUF out;
    (void)state;
    const char *const none[] = {"", "()", " \t", "\xff\xfe", "（　）"};
    lf__buf_init(&out, 8 * LF_NAME_MAX);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(lf__names_fold(names, lf__bytes_str(none[i]), &out, NULL), LF_OK);
        assert_int_equal(out.len, 0);
    }
}

/* Longer than any name: cut between two characters, so that what is left is still text. */
static void test_long(void **state)
{
    LF_BUF in;
    LF_BUF out;
    (void)state;
    lf__buf_init(&in, 1 << 16);
    lf__buf_init(&out, 8 * LF_NAME_MAX);
    for (size_t i = 0; i < 5000; i++) {
        (void)lf__buf_str(&in, "测");
    }
    assert_int_equal(lf__names_fold(names, lf__buf_bytes(&in), &out, NULL), LF_OK);
    assert_int_equal(out.len, LF_NAME_MAX / 3 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_firm_written_in_two_ways),
        cmocka_unit_test(test_two_firms),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, open_names, free_names);
}
