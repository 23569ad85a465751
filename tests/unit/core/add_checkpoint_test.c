/* SPDX-License-Identifier: Apache-2.0 */
/* The body that a log sends to its witnesses: there and back, cut anywhere, and over its limits. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/add_checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void body_make(size_t hashes, uint64_t old_size, uint64_t size, struct lf__buf *out)
{
    LF_SECRET *seed = lf__secret_new(LF_ED25519_SEED);
    LF_BUF note;
    struct lf__note_key key;
    struct lf__proof proof = {.count = hashes};
    struct lf__merkle_head head = {size, {{5}}};
    assert_non_null(seed);
    lf__buf_init(&note, 4096);
    lf__buf_init(out, LF_ADD_BODY_MAX);
    struct lf__public_key public_key = lf__sign_public(seed);
    assert_int_equal(lf__note_key_make("log.example/ledger", &public_key, &key, NULL), LF_OK);
    assert_true(lf__checkpoint_sign(&head, &key, seed, &note));
    assert_true(lf__add_checkpoint_format(old_size, &proof, lf__buf_bytes(&note), out));
}

static void there_and_back(void **state)
{
    (void)state;
    LF_BUF body;
    struct lf__add_checkpoint add;
    body_make(3, 5, 9, &body);
    assert_int_equal(lf__add_checkpoint_parse(lf__buf_bytes(&body), &add, NULL), LF_OK);
    assert_true(add.old_size == 5 && add.proof.count == 3 && add.head.size == 9);
    assert_true(lf__bytes_eq_str(add.origin, "log.example/ledger") && add.head.root.bytes[0] == 5);
    for (size_t i = 0; i < body.len; i++) {
        struct lf__add_checkpoint untouched = {.old_size = 77};
        assert_int_equal(lf__add_checkpoint_parse((lf_bytes){body.ptr, i}, &untouched, NULL),
                         LF_E_FORMAT);
        assert_int_equal(untouched.old_size, 77);
    }
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        size_t hashes;
        uint64_t old_size;
        uint64_t size;
        lf_status status;
    } rows[] = {{LF_ADD_PROOF_MAX, 1, 2, LF_OK},
                {LF_ADD_PROOF_MAX + 1, 1, 2, LF_E_FORMAT},
                {0, 9, 9, LF_OK},
                {0, 10, 9, LF_E_FORMAT}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF body;
        struct lf__add_checkpoint add;
        body_make(rows[i].hashes, rows[i].old_size, rows[i].size, &body);
        assert_int_equal(lf__add_checkpoint_parse(lf__buf_bytes(&body), &add, NULL),
                         rows[i].status);
    }
    static const char *const bad[] = {"", "old 1\n", "old 01\n\nnote\n", "new 1\n\nnote\n",
                                      "old 1\n\nlog\n1\nAAAA\n\n"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        struct lf__add_checkpoint add;
        assert_int_equal(lf__add_checkpoint_parse(lf__bytes_str(bad[i]), &add, NULL), LF_E_FORMAT);
    }
}

static void a_witness_starts_from_nothing_or_from_a_proof(void **state)
{
    (void)state;
    struct lf__merkle_head nothing = {0, lf__merkle_empty()};
    struct lf__merkle_head forged = {0, {{1}}};
    struct lf__merkle_head one = {1, {{1}}};
    struct lf__merkle_head other = {1, {{2}}};
    struct lf__proof none = {.count = 0};
    struct lf__proof some = {.count = 1};
    assert_int_equal(lf__witness_verify(&nothing, &one, &none, NULL), LF_OK);
    assert_int_equal(lf__witness_verify(&nothing, &nothing, &none, NULL), LF_OK);
    assert_int_equal(lf__witness_verify(&nothing, &one, &some, NULL), LF_E_SIGNATURE);
    assert_int_equal(lf__witness_verify(&nothing, &forged, &none, NULL), LF_E_SIGNATURE);
    assert_int_equal(lf__witness_verify(&one, &one, &none, NULL), LF_OK);
    assert_int_equal(lf__witness_verify(&one, &other, &none, NULL), LF_E_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(limits),
        cmocka_unit_test(a_witness_starts_from_nothing_or_from_a_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
