/* SPDX-License-Identifier: Apache-2.0 */
/* Witness policies: what is read, what is refused by line, and which cosignatures suffice. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/cosign.h"
#include "core/witness_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WITNESSES = 4 };
#define TEXT "log.example/one\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

struct world {
    struct lf__secret *seeds[WITNESSES + 1]; /* the last is the log's */
    struct lf__note_key keys[WITNESSES + 1];
    char vkeys[WITNESSES + 1][160];
};

static int setup(void **state)
{
    static struct world w;
    for (uint8_t i = 0; i <= WITNESSES; i++) {
        char name[24];
        LF_BUF text;
        lf__buf_init(&text, 160);
        w.seeds[i] = lf__secret_new(32);
        lf__secret_bytes(w.seeds[i])[0] = (uint8_t)(i + 1);
        struct lf__public_key key = lf__sign_public(w.seeds[i]);
        (void)snprintf(name, sizeof name, i < WITNESSES ? "w%d.example" : "log.example/one", i);
        assert_int_equal(i < WITNESSES ? lf__note_key_make_cosigner(name, &key, &w.keys[i], NULL)
                                       : lf__note_key_make(name, &key, &w.keys[i], NULL),
                         LF_OK);
        assert_true(lf__note_key_format(&w.keys[i], &text));
        (void)lf__copy_str(w.vkeys[i], sizeof w.vkeys[i], lf__buf_bytes(&text));
    }
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    for (int i = 0; i <= WITNESSES; i++) {
        lf__secret_free(w->seeds[i]);
    }
    return 0;
}

/* The log, four witnesses, and the given last lines. */
static lf_status policy_of(const struct world *w, const char *rest, struct lf__witness_policy **out,
                           lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, LF_POLICY_TEXT_MAX);
    (void)lf__buf_printf(&text, "# test\n\nlog %s https://log.example/\n", w->vkeys[WITNESSES]);
    for (int i = 0; i < WITNESSES; i++) {
        (void)lf__buf_printf(&text, "witness w%d\t%s http://127.0.0.1:1/w\n", i, w->vkeys[i]);
    }
    (void)lf__buf_str(&text, rest);
    return lf__witness_policy_parse(lf__buf_bytes(&text), out, err);
}

/* A note cosigned by the witnesses whose bit is set, at 1000, 1001, ... */
static void note_make(const struct world *w, unsigned bits, struct lf__buf *out)
{
    lf__buf_init(out, 8192);
    assert_true(lf__note_sign(lf__bytes_str(TEXT), &w->keys[WITNESSES], w->seeds[WITNESSES], out));
    for (int i = 0; i < WITNESSES; i++) {
        if ((bits & LF_BIT(i)) != 0) {
            assert_true(lf__cosign(lf__bytes_str(TEXT), 1000 + i, &w->keys[i], w->seeds[i], out));
        }
    }
}

static bool suffices(const struct world *w, const char *rest, unsigned bits)
{
    LF_BUF note;
    struct lf__witness_policy *policy = NULL;
    lf_error err = LF_ERROR_INIT;
    int64_t oldest = 0;
    note_make(w, bits, &note);
    assert_int_equal(policy_of(w, rest, &policy, &err), LF_OK);
    lf_status rc = lf__witness_policy_check(policy, lf__buf_bytes(&note), &oldest, &err);
    assert_true(rc == LF_OK || strcmp(err.reason, "QUORUM_MISSING") == 0);
    assert_true(bits == 0 || rc != LF_OK || oldest == 1000 + __builtin_ctz(bits));
    lf__witness_policy_free(policy);
    return rc == LF_OK;
}

/* Every subset of witnesses against the rule said in plain words. */
static void quorums(void **state)
{
    const struct world *w = *state;
    for (unsigned bits = 0; bits < LF_BIT(WITNESSES); bits++) {
        int count = __builtin_popcount(bits);
        assert_true(suffices(w, "quorum none\n", bits));
        assert_int_equal(suffices(w, "quorum w2\n", bits), (bits & LF_BIT(2)) != 0);
        assert_int_equal(suffices(w, "group g any w0 w1 w2 w3\nquorum g\n", bits), count >= 1);
        assert_int_equal(suffices(w, "group g all w0 w1 w2 w3\nquorum g\n", bits), count == 4);
        assert_int_equal(suffices(w, "group g 3 w0 w1 w2 w3\nquorum g", bits), count >= 3);
        bool nested = ((bits & 3) == 3) || ((bits & 12) != 0);
        assert_int_equal(
            suffices(w, "group a all w0 w1\ngroup b 1 w2 w3\ngroup g any a b\nquorum g\n", bits),
            nested);
    }
}

/* A cosignature by a known witness that does not verify spoils the note, whatever the others say. */
static void spoiled(void **state)
{
    const struct world *w = *state;
    LF_BUF note;
    struct lf__witness_policy *policy = NULL;
    lf_error err = LF_ERROR_INIT;
    note_make(w, 3, &note);
    note.ptr[note.len - 20] = note.ptr[note.len - 20] == 'A' ? 'B' : 'A';
    assert_int_equal(policy_of(w, "group g any w0 w1\nquorum g\n", &policy, &err), LF_OK);
    assert_int_equal(lf__witness_policy_check(policy, lf__buf_bytes(&note), NULL, &err),
                     LF_E_SIGNATURE);
    assert_ptr_equal(lf__witness_policy_log(policy, lf__bytes_str("log.example/one")),
                     &policy->logs[0]);
    assert_null(lf__witness_policy_log(policy, lf__bytes_str("log.example/on")));
    assert_string_equal(policy->logs[0].url, "https://log.example/");
    assert_string_equal(policy->items[3].url, "http://127.0.0.1:1/w");
    lf__witness_policy_free(policy);
}

static void refused(void **state)
{
    const struct world *w = *state;
    char twice[256];
    char as_log[256];
    char wrong_type[256];
    (void)snprintf(twice, sizeof twice, "witness again %s\nquorum none\n", w->vkeys[0]);
    (void)snprintf(as_log, sizeof as_log, "log %s\nquorum none\n", w->vkeys[0]);
    (void)snprintf(wrong_type, sizeof wrong_type, "witness other %s\nquorum none\n",
                   w->vkeys[WITNESSES]);
    const char *const rests[] = {
        "",                                           /* no quorum */
        "quorum none\nquorum none\n",                 /* two */
        "quorum nobody\n",                            /* not named */
        "quorum w0 w1\n",                             /* too many words */
        "group g 2 w0\nquorum g\n",                   /* more than there are */
        "group g 0 w0\nquorum g\n",                   /* nobody */
        "group g any\nquorum g\n",                    /* no members */
        "group g any later\nquorum g\n",              /* used before named */
        "group g any w0 w0\nquorum g\n",              /* a member twice */
        "group a any w0\ngroup b any w0\nquorum b\n", /* a member of two groups */
        "group w0 any w1\nquorum w0\n",               /* a name twice */
        "group none any w1\nquorum none\n",           /* the word none */
        "group g most w0 w1\nquorum g\n",             /* no such count */
        "group g 01 w0 w1\nquorum g\n",               /* leading zero */
        "witness w9 nokey\nquorum none\n",            /* no vkey */
        "quorum none # no comment here\n",            /* comments are whole lines */
        "mirror x\nquorum none\n",                    /* unknown statement */
        "quorum none\r\n",                            /* CR */
        twice,
        as_log,
        wrong_type,
    };
    for (size_t i = 0; i < LF_COUNT(rests); i++) {
        struct lf__witness_policy *policy = NULL;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(policy_of(w, rests[i], &policy, &err), LF_E_FORMAT);
        assert_string_equal(err.reason, "POLICY_BAD");
        assert_non_null(strstr(err.message, "line "));
        assert_null(policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quorums), cmocka_unit_test(spoiled),
                                       cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
