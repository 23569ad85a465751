/* SPDX-License-Identifier: Apache-2.0 */
/* Trust files: every malformed one named, and heads that are of the trusted log, or not. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/checkpoint.h"
#include "core/trust_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ZERO_GENESIS "genesis 0000000000000000000000000000000000000000000000000000000000000000\n"

static const struct {
    const char *text;
    const char *reason;
} bad[] = {
    {"", "TRUST_BAD"},
    {"lianfang-trust/v2\n", "TRUST_BAD"},
    {"lianfang-trust/v1 \norigin a/ledger\n", "TRUST_BAD"},
    {"lianfang-trust/v1\n" ZERO_GENESIS, "TRUST_BAD"},
    {"lianfang-trust/v1\norigin \n" ZERO_GENESIS "\nquorum none\n", "TRUST_BAD"},
    {"lianfang-trust/v1\norigin a/ledger\ngenesis 00\n\nquorum none\n", "TRUST_BAD"},
    {"lianfang-trust/v1\norigin a/ledger\n" ZERO_GENESIS "quorum none\n", "TRUST_BAD"},
    {"lianfang-trust/v1\norigin a/ledger\n" ZERO_GENESIS "\nquorum none\n", "TRUST_BAD"},
    {"lianfang-trust/v1\norigin a/ledger\n" ZERO_GENESIS "\nlog x\nquorum none\n", "POLICY_BAD"},
    {"lianfang-trust/v1\norigin a/ledger\n" ZERO_GENESIS "\n", "POLICY_BAD"},
};

static void malformed_ones_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        struct lf__trust_file *trust = NULL;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(lf__trust_file_parse(lf__bytes_str(bad[i].text), &trust, &err),
                         LF_E_FORMAT);
        assert_string_equal(err.reason, bad[i].reason);
        assert_null(trust);
    }
}

static struct lf__note_key key_make(const char *origin, uint8_t first, struct lf__secret **seed)
{
    struct lf__note_key key;
    *seed = lf__secret_new(LF_ED25519_SEED);
    assert_non_null(*seed);
    lf__secret_bytes(*seed)[0] = first;
    struct lf__public_key public_key = lf__sign_public(*seed);
    assert_int_equal(lf__note_key_make(origin, &public_key, &key, NULL), LF_OK);
    return key;
}

static void heads_of_the_log_and_others(void **state)
{
    (void)state;
    LF_BUF text;
    LF_BUF note;
    LF_SECRET *first = NULL;
    LF_SECRET *second = NULL;
    LF_SECRET *other = NULL;
    struct lf__trust_file *trust = NULL;
    struct lf__trusted_head opened;
    struct lf__merkle_head head = {5, {{9}}};
    lf_error err = LF_ERROR_INIT;
    struct lf__note_key keys[] = {key_make("a/ledger", 1, &first), key_make("a/ledger", 2, &second),
                                  key_make("b/ledger", 3, &other)};
    lf__buf_init(&text, 4096);
    lf__buf_init(&note, 4096);
    (void)lf__buf_str(&text, "# ours\nlianfang-trust/v1\norigin a/ledger\n" ZERO_GENESIS "\n");
    for (size_t i = 0; i < LF_COUNT(keys); i++) {
        (void)lf__buf_str(&text, "log ");
        (void)lf__note_key_format(&keys[i], &text);
        (void)lf__buf_str(&text, "\n");
    }
    (void)lf__buf_str(&text, "quorum none\n");
    assert_int_equal(lf__trust_file_parse(lf__buf_bytes(&text), &trust, &err), LF_OK);
    assert_true(lf__checkpoint_sign(&head, &keys[1], second, &note)); /* the key that came later */
    assert_int_equal(lf__trust_file_head(trust, lf__buf_bytes(&note), &opened, &err), LF_OK);
    assert_string_equal(err.message, "");
    assert_true(opened.head.size == 5 && opened.key->id == keys[1].id && opened.witness_count == 0);
    lf__buf_clear(&note);
    assert_true(lf__checkpoint_sign(&head, &keys[2], other, &note)); /* in the policy, not ours */
    assert_int_equal(lf__trust_file_head(trust, lf__buf_bytes(&note), &opened, &err),
                     LF_E_SIGNATURE);
    assert_string_equal(err.reason, "CHECKPOINT_BAD");
    lf__buf_clear(&note);
    assert_true(lf__checkpoint_sign(&head, &keys[0], other, &note)); /* our id, another's hand */
    assert_int_equal(lf__trust_file_head(trust, lf__buf_bytes(&note), &opened, &err),
                     LF_E_SIGNATURE);
    assert_string_equal(err.reason, "SIGNATURE_BAD");
    lf__trust_file_free(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_ones_are_named),
        cmocka_unit_test(heads_of_the_log_and_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
