/* SPDX-License-Identifier: Apache-2.0 */
/* Small trees, the members table, and receipts there and back with every byte flipped. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/receipt.h"
#include "core/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void small_trees_prove(void **state)
{
    (void)state;
    struct lf__hash leaves[70];
    for (uint8_t i = 0; i < LF_COUNT(leaves); i++) {
        leaves[i] = lf__merkle_leaf((lf_bytes){&i, 1});
    }
    for (size_t n = 0; n <= LF_COUNT(leaves); n++) {
        LF_MEMTREE tree = {0, NULL};
        assert_int_equal(lf__memtree_init(&tree, leaves, n, NULL), LF_OK);
        struct lf__hash root = lf__memtree_root(&tree);
        struct lf__tree view = lf__memtree_view(&tree);
        for (uint64_t i = 0; i < n; i++) {
            struct lf__proof proof;
            assert_int_equal(lf__merkle_prove_inclusion(&view, i, &proof, NULL), LF_OK);
            assert_int_equal(lf__merkle_verify_inclusion(&leaves[i], i, n, &proof, &root, NULL),
                             LF_OK);
        }
    }
    LF_MEMTREE tree = {0, NULL};
    assert_int_equal(lf__memtree_init(&tree, leaves, LF_MEMTREE_MAX + 1, NULL), LF_E_TOO_BIG);
}

static void roster_binds_every_field(void **state)
{
    (void)state;
    struct lf__roster_row rows[2] = {
        {.key_id = {{1}}, .member = "platform-01", .role = 1, .status = 1, .since_index = 4},
        {.key_id = {{2}}, .member = "regulator", .role = 2, .status = 1, .since_index = 1}};
    struct lf__hash root;
    struct lf__hash other;
    assert_int_equal(lf__roster_root(rows, 0, &root, NULL), LF_OK);
    other = lf__merkle_empty();
    assert_true(lf__hash_eq(&root, &other));
    uint8_t raw[32 + 1 + 11 + 2 + 8] = {1};
    raw[32] = 11;
    memcpy(raw + 33, "platform-01", 11);
    raw[44] = 1;
    raw[45] = 1;
    raw[53] = 4;
    assert_int_equal(lf__roster_root(rows, 1, &root, NULL), LF_OK);
    other = lf__merkle_leaf(LF_BYTES_ARRAY(raw));
    assert_true(lf__hash_eq(&root, &other));
    assert_int_equal(lf__roster_root(rows, 2, &root, NULL), LF_OK);
    rows[1].status = 2;
    assert_int_equal(lf__roster_root(rows, 2, &other, NULL), LF_OK);
    assert_false(lf__hash_eq(&root, &other));
}

static void receipts(void **state)
{
    (void)state;
    LF_SECRET *seed = lf__secret_new(32);
    struct lf__note_key key;
    struct lf__public_key public_key = lf__sign_public(seed);
    struct lf__hash members = {{3}};
    struct lf__receipt_claim claim = {.pae_hash = {{4}}, .signature_block = lf__bytes_str("block")};
    struct lf__receipt receipt = {.index = 2};
    struct lf__hash leaves[5] = {{{0}}};
    assert_int_equal(lf__note_key_make("test/ledger", &public_key, &key, NULL), LF_OK);
    lf__ledger_leaf(77, &members, &claim.pae_hash, claim.signature_block, receipt.leaf);
    leaves[2] = lf__merkle_leaf(LF_BYTES_ARRAY(receipt.leaf));
    LF_MEMTREE tree = {0, NULL};
    assert_int_equal(lf__memtree_init(&tree, leaves, 5, NULL), LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    struct lf__merkle_head head = {5, lf__memtree_root(&tree)};
    assert_int_equal(lf__merkle_prove_inclusion(&view, 2, &receipt.proof, NULL), LF_OK);
    LF_BUF note;
    LF_BUF text;
    lf__buf_init(&note, 1000);
    lf__buf_init(&text, 8000);
    assert_true(lf__checkpoint_sign(&head, &key, seed, &note));
    receipt.checkpoint = lf__buf_bytes(&note);
    assert_true(lf__receipt_format(&receipt, &text));
    struct lf__receipt got;
    struct lf__merkle_head against;
    assert_int_equal(lf__receipt_parse(lf__buf_bytes(&text), &got, NULL), LF_OK);
    assert_int_equal(lf__receipt_verify(&got, &claim, &key, &against, NULL), LF_OK);
    assert_int_equal(against.size, 5);
    for (size_t i = 0; i < text.len; i++) { /* no flipped byte goes through */
        lf_error err = LF_ERROR_INIT;
        text.ptr[i] ^= 1;
        lf_status rc = lf__receipt_parse(lf__buf_bytes(&text), &got, &err);
        rc = rc == LF_OK ? lf__receipt_verify(&got, &claim, &key, &against, &err) : rc;
        assert_true(rc == LF_E_FORMAT || rc == LF_E_SIGNATURE);
        assert_true(err.reason[0] != '\0');
        text.ptr[i] ^= 1;
        assert_true(lf__receipt_parse((lf_bytes){text.ptr, i}, &got, NULL) != LF_OK ||
                    lf__receipt_verify(&got, &claim, &key, &against, NULL) != LF_OK);
    }
    assert_int_equal(lf__receipt_parse(lf__buf_bytes(&text), &got, NULL), LF_OK);
    claim.pae_hash.bytes[0] ^= 1; /* the receipt of another record */
    assert_int_equal(lf__receipt_verify(&got, &claim, &key, &against, NULL), LF_E_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_trees_prove),
        cmocka_unit_test(roster_binds_every_field),
        cmocka_unit_test(receipts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
