/* SPDX-License-Identifier: Apache-2.0 */
/* The names of logs and of those that succeed them, and what a checkpoint of one is to who knows the other. */
#include "base/bytes.h"
#include "base/secret.h"
#include "base/status.h"
#include "core/checkpoint.h"
#include "core/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void names_are_made_and_read(void **state)
{
    char out[LF_NOTE_NAME_MAX + 1];
    char longest[LF_NOTE_NAME_MAX + 1];
    (void)state;
    assert_int_equal(lf__origin_make("a.example", "ledger", 1, out, NULL), LF_OK);
    assert_string_equal(out, "a.example/ledger");
    assert_int_equal(lf__origin_number(lf__bytes_str(out), "a.example", "ledger"), 1);
    assert_int_equal(lf__origin_make("a.example", "access", 12, out, NULL), LF_OK);
    assert_string_equal(out, "a.example/access/12");
    assert_int_equal(lf__origin_number(lf__bytes_str(out), "a.example", "access"), 12);
    assert_int_equal(lf__origin_number(lf__bytes_str(out), "a.example", "ledger"), 0);
    assert_int_equal(lf__origin_number(lf__bytes_str(out), "b.example", "access"), 0);
    memset(longest, 'x', sizeof longest - 8);
    longest[sizeof longest - 8] = '\0';
    assert_int_equal(lf__origin_make(longest, "ledger", 1, out, NULL), LF_OK);
    assert_int_equal(lf__origin_make(longest, "ledger", 2, out, NULL), LF_E_ARG);
}

static void only_plain_numbers_from_two_on(void **state)
{
    static const char *const bad[] = {"a/ledger/1",   "a/ledger/0",  "a/ledger/02", "a/ledger/",
                                      "a/ledger/2x",  "a/ledger/-2", "a/ledger2",   "a/ledger/1000",
                                      "a/ledger/2/3", "a/ledger/ 2", "a/ledgers",   ""};
    (void)state;
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        assert_int_equal(lf__origin_number(lf__bytes_str(bad[i]), "a", "ledger"), 0);
        assert_false(lf__origin_succeeds(lf__bytes_str(bad[i]), "a/ledger"));
    }
    assert_true(lf__origin_succeeds(lf__bytes_str("a/ledger/2"), "a/ledger"));
    assert_true(lf__origin_succeeds(lf__bytes_str("a/ledger/10"), "a/ledger/9"));
    assert_false(lf__origin_succeeds(lf__bytes_str("a/ledger"), "a/ledger"));
    assert_false(lf__origin_succeeds(lf__bytes_str("a/ledger"), "a/ledger/2"));
    assert_false(lf__origin_succeeds(lf__bytes_str("a/ledger/2"), "a/ledger/2"));
    assert_false(lf__origin_succeeds(lf__bytes_str("a/access/2"), "a/ledger"));
    assert_false(lf__origin_succeeds(lf__bytes_str("b/ledger/2"), "a/ledger"));
}

/* A head of the new log is no head of the old one, even under the same key, and the reason says which it is. */
static void a_succeeding_head_is_named(void **state)
{
    LF_BUF note;
    LF_SECRET *seed = lf__secret_new(32);
    struct lf__note_key old;
    struct lf__note_key fresh;
    struct lf__note_key other;
    struct lf__merkle_head head = {.size = 0, .root = lf__merkle_empty()};
    struct lf__merkle_head out = {.size = 77};
    lf_error err = LF_ERROR_INIT;
    (void)state;
    lf__buf_init(&note, 4096);
    assert_non_null(seed);
    struct lf__public_key key = lf__sign_public(seed);
    assert_int_equal(lf__note_key_make("a/ledger", &key, &old, NULL), LF_OK);
    assert_int_equal(lf__note_key_make("a/ledger/2", &key, &fresh, NULL), LF_OK);
    assert_int_equal(lf__note_key_make("b/ledger", &key, &other, NULL), LF_OK);
    assert_true(lf__checkpoint_sign(&head, &fresh, seed, &note));
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &fresh, &out, &err), LF_OK);
    out.size = 77;
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &old, &out, &err), LF_E_SIGNATURE);
    assert_string_equal(err.reason, "LOG_SUCCEEDED");
    assert_non_null(strstr(err.message, "a/ledger was succeeded by a/ledger/2"));
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &other, &out, &err), LF_E_SIGNATURE);
    assert_string_equal(err.reason, "SIGNATURE_MISSING");
    assert_int_equal(out.size, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_made_and_read),
        cmocka_unit_test(only_plain_numbers_from_two_on),
        cmocka_unit_test(a_succeeding_head_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
