/* SPDX-License-Identifier: Apache-2.0 */
/* The tree against published roots and proofs, and against a naive model at every small size. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/frontier.h"
#include "core/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MODEL_MAX = 70000, MODEL_LEVELS = 17 };

/* Every complete node, computed once: what the ledger keeps in tiles. */
static struct lf__hash *nodes[MODEL_LEVELS];

static void model_build(size_t count)
{
    for (unsigned level = 0; level < MODEL_LEVELS; level++) {
        size_t n = count >> level;
        nodes[level] = calloc(n + 1, sizeof **nodes);
        assert_non_null(nodes[level]);
        for (size_t i = 0; i < n; i++) {
            char text[24];
            (void)snprintf(text, sizeof text, "%zu", i);
            nodes[level][i] = level == 0 ? lf__merkle_leaf(lf__bytes_str(text))
                                         : lf__merkle_node(&nodes[level - 1][2 * i],
                                                           &nodes[level - 1][2 * i + 1]);
        }
    }
}

static lf_status model_fetch(void *user, unsigned level, uint64_t index, struct lf__hash *out,
                             lf_error *err)
{
    (void)err;
    const struct lf__tree *tree = user;
    assert_true(((index + 1) << level) <= tree->size); /* never beyond the tree */
    *out = nodes[level][index];
    return LF_OK;
}

/* RFC 6962 2.1 as written: no shared code with the fast one but the two hash functions. */
static struct lf__hash naive_root(size_t from, size_t to)
{
    if (to - from == 1) {
        return nodes[0][from];
    }
    size_t k = 1;
    while (k * 2 < to - from) {
        k *= 2;
    }
    struct lf__hash left = naive_root(from, from + k);
    struct lf__hash right = naive_root(from + k, to);
    return lf__merkle_node(&left, &right);
}

static struct lf__tree tree_of(struct lf__tree *tree, uint64_t size)
{
    *tree = (struct lf__tree){size, model_fetch, tree};
    return *tree;
}

static void assert_hex(const struct lf__hash *hash, const char *want)
{
    char text[65];
    (void)lf__hex(lf__hash_bytes(hash), text, sizeof text);
    assert_string_equal(text, want);
}

static void published_roots(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        const char *root;
    } rows[] = {
        {255, "32f85bcaa87d7bcd05728f09e9aeba350ba6a2f733830087f0597682848be5cb"},
        {256, "828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1"},
        {257, "1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4"},
        {512, "d4b2162495ca609dc06390d353ca0c55107765c609e0226eb747d89105dc8d55"},
        {70000, "1a4cdfcb66374a0c0dcbef49acbd4976d13ee864fb3cb241fc943cad04f02f7e"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__tree tree;
        struct lf__hash root;
        (void)tree_of(&tree, rows[i].size);
        assert_int_equal(lf__merkle_root(&tree, &root, NULL), LF_OK);
        assert_hex(&root, rows[i].root);
    }
    struct lf__hash leaf = lf__merkle_leaf(lf__bytes_str("L123456"));
    assert_hex(&leaf, "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    struct lf__hash empty = lf__merkle_empty();
    assert_hex(&empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void every_inclusion(uint64_t size, uint64_t step)
{
    struct lf__tree tree;
    struct lf__hash root;
    (void)tree_of(&tree, size);
    assert_int_equal(lf__merkle_root(&tree, &root, NULL), LF_OK);
    struct lf__hash naive = naive_root(0, (size_t)size);
    assert_true(lf__hash_eq(&root, &naive));
    for (uint64_t i = 0; i < size; i += step) {
        struct lf__proof proof;
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(lf__merkle_prove_inclusion(&tree, i, &proof, &err), LF_OK);
        assert_int_equal(lf__merkle_verify_inclusion(&nodes[0][i], i, size, &proof, &root, &err),
                         LF_OK);
        assert_int_equal(
            lf__merkle_verify_inclusion(&nodes[0][i + 1], i, size, &proof, &root, &err),
            LF_E_SIGNATURE);
        if (proof.count > 0) {
            proof.hashes[i % proof.count].bytes[i % 32] ^= 1;
            assert_int_equal(
                lf__merkle_verify_inclusion(&nodes[0][i], i, size, &proof, &root, &err),
                LF_E_SIGNATURE);
            proof.hashes[i % proof.count].bytes[i % 32] ^= 1;
            proof.count--;
            assert_int_equal(
                lf__merkle_verify_inclusion(&nodes[0][i], i, size, &proof, &root, &err),
                LF_E_SIGNATURE);
            proof.count++;
        }
        proof.hashes[proof.count++] = root;
        assert_int_equal(lf__merkle_verify_inclusion(&nodes[0][i], i, size, &proof, &root, &err),
                         LF_E_SIGNATURE);
    }
}

static void one_consistency(uint64_t old_size, uint64_t size)
{
    struct lf__tree tree;
    struct lf__merkle_head older = {.size = old_size};
    struct lf__merkle_head newer = {.size = size};
    struct lf__proof proof;
    lf_error err = LF_ERROR_INIT;
    (void)tree_of(&tree, old_size);
    assert_int_equal(lf__merkle_root(&tree, &older.root, NULL), LF_OK);
    (void)tree_of(&tree, size);
    assert_int_equal(lf__merkle_root(&tree, &newer.root, NULL), LF_OK);
    assert_int_equal(lf__merkle_prove_consistency(&tree, old_size, &proof, &err), LF_OK);
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, &err), LF_OK);
    older.root.bytes[0] ^= 1;
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, &err), LF_E_SIGNATURE);
    older.root.bytes[0] ^= 1;
    newer.root.bytes[31] ^= 1;
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, &err), LF_E_SIGNATURE);
    newer.root.bytes[31] ^= 1;
    proof.hashes[proof.count++] = newer.root;
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, &err), LF_E_SIGNATURE);
}

static void sizes_0_to_1100(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 1100; size++) {
        every_inclusion(size, size < 140 ? 1 : 37);
        for (uint64_t old = 1; old <= size; old += size < 140 ? 1 : 29) {
            one_consistency(old, size);
        }
    }
}

static void sizes_around_powers_of_256(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {255, 256, 257, 65535, 65536, 65537};
    for (size_t i = 0; i < LF_COUNT(sizes); i++) {
        every_inclusion(sizes[i], 251);
        for (size_t k = 0; k <= i; k++) {
            one_consistency(sizes[k], sizes[i]);
        }
    }
}

/* What an audit counts from the leaves alone is what the ledger computes from its nodes. */
static void a_frontier_has_the_root_of_every_size(void **state)
{
    (void)state;
    struct lf__frontier frontier = {0};
    struct lf__tree tree;
    struct lf__hash want = lf__merkle_empty();
    struct lf__hash got = lf__frontier_root(&frontier);
    assert_true(lf__hash_eq(&got, &want));
    for (uint64_t size = 1; size <= MODEL_MAX; size++) {
        lf__frontier_add(&frontier, &nodes[0][size - 1]);
        if (size > 1100 && size % 997 != 0 && size < MODEL_MAX) {
            continue;
        }
        (void)tree_of(&tree, size);
        assert_int_equal(lf__merkle_root(&tree, &want, NULL), LF_OK);
        got = lf__frontier_root(&frontier);
        assert_true(lf__hash_eq(&got, &want));
        assert_int_equal(frontier.size, size);
        assert_int_equal(frontier.count, (size_t)__builtin_popcountll(size));
    }
}

static void bad_ranges_leave_outputs_alone(void **state)
{
    (void)state;
    struct lf__tree tree;
    struct lf__proof proof = {.count = 42};
    lf_error err = LF_ERROR_INIT;
    (void)tree_of(&tree, 5);
    assert_int_equal(lf__merkle_prove_inclusion(&tree, 5, &proof, &err), LF_E_ARG);
    assert_int_equal(lf__merkle_prove_consistency(&tree, 0, &proof, &err), LF_E_ARG);
    assert_int_equal(lf__merkle_prove_consistency(&tree, 6, &proof, &err), LF_E_ARG);
    assert_int_equal(proof.count, 42);
    struct lf__merkle_head none = {.size = 0, .root = lf__merkle_empty()};
    proof.count = 0;
    assert_int_equal(lf__merkle_verify_consistency(&none, &none, &proof, &err), LF_E_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_roots),
        cmocka_unit_test(sizes_0_to_1100),
        cmocka_unit_test(sizes_around_powers_of_256),
        cmocka_unit_test(a_frontier_has_the_root_of_every_size),
        cmocka_unit_test(bad_ranges_leave_outputs_alone),
    };
    model_build(MODEL_MAX);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (unsigned level = 0; level < MODEL_LEVELS; level++) {
        free(nodes[level]);
    }
    return failed;
}
