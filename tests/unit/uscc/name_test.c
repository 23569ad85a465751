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

static void masked_is(const char *name, const char *operator_name, const char *want)
{
    struct lf__buf out;
    lf__buf_init(&out, 4096);
    lf__name_mask(lf__bytes_str(name), lf__bytes_str(operator_name), &out);
    if (!lf__bytes_eq_str(lf__buf_bytes(&out), want)) {
        print_error("%s: %.*s\n", name, (int)out.len, (const char *)out.ptr);
    }
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&out), want));
    lf__buf_done(&out);
}

static void masks(void **state)
{
    (void)state;
    masked_is("张三", "张三", "张*"); /* of two, three and four characters */
    masked_is("王小明", "王小明", "王**");
    masked_is("欧阳娜娜", "欧阳娜娜", "欧***");
    masked_is("买买提·阿不都", "买买提·阿不都", "买**·***");
    masked_is("买买提•阿不都", "买买提•阿不都", "买**•***");
    masked_is("杭州市西湖区张三丰水果店", "张三丰", "杭州市西湖区张**水果店");
    masked_is("张三小店（张三）", "张三", "张*小店（张*）");
    masked_is("好运来水果店", "张三", "好运来水果店"); /* is not his name */
    masked_is("张三小店", "", "张***");                /* not known: nothing but the first */
    masked_is("张", "", "张***");
    masked_is("张*小店", "", "张*小店"); /* is masked already */
    masked_is("张***", "张三", "张***");
    masked_is("", "张三", "");
    masked_is("", "", "");
    masked_is("\xe5\xbc", "\xe5", "\xe5\xbc"); /* no UTF-8: no character is cut */
}

static bool holds(const char *text, const char *part)
{
    return lf__text_holds(lf__bytes_str(text), lf__bytes_str(part));
}

static void texts(void **state)
{
    (void)state;
    const char *code = "92999999MA000004XE";
    assert_true(holds("号 92999999 MA000004XE", code));
    assert_true(holds("号９２９９９９９９ｍａ００００-０４ｘｅ号", code));
    assert_true(holds("9\u03362999999MA\u200b0000\u00a004XE", code));
    assert_true(holds("关于 测试（北京）商贸 的裁定", "测试(北京)商贸"));
    assert_false(holds("号 92999999MA000004X", code));
    assert_false(holds("号 92999999MA000004XF", code));
    assert_false(holds("关于92999999，MA000004号", code));
    assert_false(holds("张家口市某法院", "张***")); /* only what is masked like it */
    assert_true(holds("关于张＊＊＊的裁定", "张***"));
    assert_false(holds("(2026)京01执1号", ""));
    assert_false(holds("(2026)京01执1号", "（）"));
    assert_true(holds("号（）", "（）"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spellings), cmocka_unit_test(others),
                                       cmocka_unit_test(masks), cmocka_unit_test(texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
