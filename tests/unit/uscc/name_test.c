/* SPDX-License-Identifier: Apache-2.0 */
/* Spellings of one name, and names that are others. */
#include "base/bytes.h"
#include "uscc/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool same(const char *a, const char *b)
{
    bool is = lf__name_is_same(lf__bytes_str(a), lf__bytes_str(b));
    assert_true(is == lf__name_is_same(lf__bytes_str(b), lf__bytes_str(a)));
    return is;
}

static void spellings(void **state)
{
    (void)state;
    assert_true(same("京东（中国）有限公司", "京东(中国)有限公司"));
    assert_true(same("测试 商贸一号有限公司", "测试商贸一号有限责任公司"));
    assert_true(same("ＡＢＣ贸易有限公司", "abc贸易有限公司"));
    assert_true(same("阿·里商贸", "阿里商贸"));
    assert_true(same("\xef\xbb\xbf测试\xe2\x80\x8b商贸", "测试商贸"));
    assert_true(same("张*百货店", "李四百货店")); /* masked: says nothing */
    assert_true(same("\xff\xfe", "测试商贸"));
}

static void others(void **state)
{
    (void)state;
    assert_false(same("测试商贸有限公司", "测试商贸有限公司朝阳分公司"));
    assert_false(same("测试股份有限公司", "测试有限公司"));
    assert_false(same("测试商贸一号", "测试商贸二号"));
    char longer[LF__NAME_MAX + 2];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(same(longer, longer)); /* over the limit it is nobody's name */
    longer[sizeof longer - 2] = '\0';
    assert_true(same(longer, longer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spellings), cmocka_unit_test(others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
