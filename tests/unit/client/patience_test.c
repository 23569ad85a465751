/* SPDX-License-Identifier: Apache-2.0 */
/* When a client tries again, on a clock of the test's own. */
#include "client/patience.h"

#include "client/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS INT64_C(1000000)

static const lf_error away = {.status = LF_E_UNAVAILABLE, .cause = 14};
static const lf_error stranger = {.status = LF_E_UNAVAILABLE, .cause = LF_CAUSE_HANDSHAKE};

static void test_what_may_help(void **state)
{
    (void)state;
    for (int s = LF_OK + 1; s <= LF_E_BUG; s++) {
        struct lf__patience p = lf__patience_until(INT64_MAX);
        lf_error error = {.status = (lf_status)s};
        int64_t at = -7;
        bool again = lf__patience_again(&p, &error, 0, 0, &at);
        assert_int_equal(again, s == LF_E_UNAVAILABLE || s == LF_E_BUSY || s == LF_E_DEADLINE);
        assert_true(again ? at > 0 : at == -7);
    }
}

/* Waits double within their random half, up to five seconds, and never pass the end. */
static void test_waits(void **state)
{
    (void)state;
    struct lf__patience p = lf__patience_until(60000 * MS);
    int64_t now = 0;
    int64_t usual = 50;
    int64_t at = 0;
    unsigned tries = 0;
    while (lf__patience_again(&p, &away, 0, now, &at)) {
        int64_t waited = (at - now) / MS;
        assert_in_range(waited, usual / 2, usual);
        assert_true(at < 60000 * MS);
        usual = usual * 2 < 5000 ? usual * 2 : 5000;
        now = at;
        tries++;
    }
    assert_in_range(tries, 15, 40);
}

static void test_asked(void **state)
{
    (void)state;
    struct lf__patience p = lf__patience_until(INT64_MAX);
    const lf_error busy = {.status = LF_E_BUSY};
    int64_t at = 0;
    assert_true(lf__patience_again(&p, &busy, 700, 0, &at));
    assert_in_range(at / MS, 725, 750);
    assert_true(
        lf__patience_again(&p, &busy, UINT32_MAX, 0, &at)); /* nobody silences us for ever */
    assert_in_range(at / MS, 60000, 60100);
}

/* Two seconds of failed handshakes in a row are the wrong server; one in between is an accident. */
static void test_stranger(void **state)
{
    (void)state;
    struct lf__patience p = lf__patience_until(INT64_MAX);
    int64_t at = 0;
    assert_true(lf__patience_again(&p, &stranger, 0, 0, &at));
    assert_true(lf__patience_again(&p, &stranger, 0, 1900 * MS, &at));
    assert_true(lf__patience_again(&p, &away, 0, 1950 * MS, &at));
    assert_true(lf__patience_again(&p, &stranger, 0, 2500 * MS, &at));
    assert_true(lf__patience_again(&p, &stranger, 0, 4400 * MS, &at));
    assert_false(lf__patience_again(&p, &stranger, 0, 4500 * MS, &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_help),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_stranger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
