/* SPDX-License-Identifier: Apache-2.0 */
/* The standard eight leaves of RFC 6962 logs with their published nodes and proofs, every way to spoil
 * a proof, and trees too large to build leaf by leaf. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/memtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 8, LEVELS = 40 };

static const char *const leaf_data[LEAVES] = {"",
                                              "00",
                                              "10",
                                              "2021",
                                              "3031",
                                              "40414243",
                                              "5051525354555657",
                                              "606162636465666768696a6b6c6d6e6f"};
static const char *const leaf_hash[LEAVES] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
    "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"};
static const char *const root_hash[LEAVES] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
#define NODE_01   "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define NODE_23   "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define NODE_45   "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define NODE_67   "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define NODE_0123 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define NODE_4567 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

static struct lf__hash of_hex(const char *hex)
{
    struct lf__hash hash;
    size_t len = 0;
    assert_true(lf__unhex(lf__bytes_str(hex), hash.bytes, sizeof hash.bytes, &len) && len == 32);
    return hash;
}

static void assert_is(struct lf__hash hash, const char *hex)
{
    struct lf__hash want = of_hex(hex);
    assert_true(lf__hash_eq(&hash, &want));
}

static void tree_make(struct lf__memtree *tree, size_t size)
{
    struct lf__hash leaves[LEAVES];
    for (size_t i = 0; i < size; i++) {
        uint8_t data[16];
        size_t len = 0;
        assert_true(lf__unhex(lf__bytes_str(leaf_data[i]), data, sizeof data, &len));
        leaves[i] = lf__merkle_leaf((lf_bytes){data, len});
    }
    assert_int_equal(lf__memtree_init(tree, leaves, size, NULL), LF_OK);
}

static void hasher_and_eight_leaves(void **state)
{
    (void)state;
    assert_is(lf__merkle_empty(),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_is(lf__merkle_leaf(lf__bytes_str("L123456")),
              "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    lf_bytes node[] = {{(const uint8_t *)"\1", 1}, lf__bytes_str("N123"), lf__bytes_str("N456")};
    assert_is(lf__sha256_parts(node, LF_COUNT(node)),
              "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
    for (size_t size = 1; size <= LEAVES; size++) {
        LF_MEMTREE tree = {0, NULL};
        tree_make(&tree, size);
        assert_is(tree.nodes[size - 1], leaf_hash[size - 1]);
        assert_is(lf__memtree_root(&tree), root_hash[size - 1]);
    }
}

static void inner_nodes(void **state)
{
    (void)state;
    static const struct {
        unsigned level;
        uint64_t index;
        const char *hash;
    } rows[] = {{1, 0, NODE_01}, {1, 1, NODE_23},   {1, 2, NODE_45},
                {1, 3, NODE_67}, {2, 0, NODE_0123}, {2, 1, NODE_4567}};
    LF_MEMTREE tree = {0, NULL};
    tree_make(&tree, LEAVES);
    struct lf__tree view = lf__memtree_view(&tree);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__hash hash;
        assert_int_equal(view.fetch(view.user, rows[i].level, rows[i].index, &hash, NULL), LF_OK);
        assert_is(hash, rows[i].hash);
    }
}

/* What a published proof says: `a` is the leaf's index or the old size, `b` the (new) size. */
struct published {
    uint64_t a;
    uint64_t b;
    const char *path[4];
};
static const struct published inclusions[] = {
    {0, 1, {NULL}},
    {0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", NODE_23, NODE_4567}},
    {5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", NODE_67, NODE_0123}},
    {2, 3, {NODE_01}},
    {1,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", NODE_23,
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};
static const struct published consistencies[] = {
    {1, 1, {NULL}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", NODE_23, NODE_4567}},
    {6, 8, {NODE_45, NODE_67, NODE_0123}},
    {2, 5, {NODE_23, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    {6,
     7,
     {NODE_45, "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f", NODE_0123}},
};

static void assert_path(const struct lf__proof *proof, const struct published *row)
{
    size_t n = 0;
    for (; row->path[n] != NULL; n++) {
        assert_is(proof->hashes[n], row->path[n]);
    }
    assert_int_equal(proof->count, n);
}

static void published_proofs(void **state)
{
    (void)state;
    struct lf__proof proof;
    for (size_t i = 0; i < LF_COUNT(inclusions); i++) {
        const struct published *row = &inclusions[i];
        LF_MEMTREE tree = {0, NULL};
        tree_make(&tree, row->b);
        struct lf__tree view = lf__memtree_view(&tree);
        struct lf__hash leaf = of_hex(leaf_hash[row->a]);
        struct lf__hash root = of_hex(root_hash[row->b - 1]);
        assert_int_equal(lf__merkle_prove_inclusion(&view, row->a, &proof, NULL), LF_OK);
        assert_path(&proof, row);
        assert_int_equal(lf__merkle_verify_inclusion(&leaf, row->a, row->b, &proof, &root, NULL),
                         LF_OK);
    }
    for (size_t i = 0; i < LF_COUNT(consistencies); i++) {
        const struct published *row = &consistencies[i];
        LF_MEMTREE tree = {0, NULL};
        tree_make(&tree, row->b);
        struct lf__tree view = lf__memtree_view(&tree);
        struct lf__merkle_head older = {row->a, of_hex(root_hash[row->a - 1])};
        struct lf__merkle_head newer = {row->b, of_hex(root_hash[row->b - 1])};
        assert_int_equal(lf__merkle_prove_consistency(&view, row->a, &proof, NULL), LF_OK);
        assert_path(&proof, row);
        assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, NULL), LF_OK);
    }
}

/* The kinds of damage that published probes try on a proof. False when this one does not apply. */
static bool path_spoil(struct lf__proof *proof, unsigned kind, const struct lf__hash *root)
{
    size_t n = proof->count;
    switch (kind) {
    case 0: /* one bit in each component, the last one in its last byte */
        return n > 0 && (proof->hashes[n - 1].bytes[31] ^= 1, true);
    case 1:
        return n > 0 && (proof->hashes[0].bytes[0] ^= 0x80, true);
    case 2: /* a component after the end, garbage and the root */
        proof->hashes[proof->count++] = (struct lf__hash){{0x5a}};
        return true;
    case 3:
        proof->hashes[proof->count++] = *root;
        return true;
    case 4: /* before the beginning */
    case 5:
        memmove(proof->hashes + 1, proof->hashes, n * sizeof *proof->hashes);
        proof->hashes[0] = kind == 4 ? (struct lf__hash){{0x5a}} : *root;
        proof->count++;
        return true;
    case 6: /* truncated, empty, the first one gone */
        proof->count -= n > 0 ? 1 : 0;
        return n > 0;
    case 7:
        proof->count = 0;
        return n > 0;
    case 8:
        memmove(proof->hashes, proof->hashes + 1, (n > 0 ? n - 1 : 0) * sizeof *proof->hashes);
        proof->count -= n > 0 ? 1 : 0;
        return n > 0;
    case 9: /* one component in the middle twice */
        memmove(proof->hashes + n / 2 + 1, proof->hashes + n / 2,
                (n - n / 2) * sizeof *proof->hashes);
        proof->count++;
        return n > 0;
    case 10: { /* two components swapped */
        struct lf__hash first = proof->hashes[0];
        proof->hashes[0] = proof->hashes[n > 0 ? n - 1 : 0];
        proof->hashes[n > 0 ? n - 1 : 0] = first;
        return n > 1;
    }
    default:
        return false;
    }
}
enum { SPOILS = 11 };

static void spoiled_inclusion(uint64_t index, uint64_t size, const struct lf__proof *good)
{
    struct lf__hash leaf = of_hex(leaf_hash[index]);
    struct lf__hash root = of_hex(root_hash[size - 1]);
    struct lf__hash random = {{0x77, 0x66}};
    for (unsigned kind = 0; kind < SPOILS; kind++) {
        struct lf__proof bad = *good;
        lf_error err = LF_ERROR_INIT;
        if (path_spoil(&bad, kind, &root)) {
            assert_int_equal(lf__merkle_verify_inclusion(&leaf, index, size, &bad, &root, &err),
                             LF_E_SIGNATURE);
            assert_string_equal(err.reason, "PROOF_BAD");
        }
    }
    const struct {
        uint64_t index;
        uint64_t size;
        const struct lf__hash *leaf;
        const struct lf__hash *root;
    } rows[] = {{index - 1, size, &leaf, &root},  {index + 1, size, &leaf, &root},
                {index ^ 2, size, &leaf, &root},  {index, size * 2, &leaf, &root},
                {index, size / 2, &leaf, &root},  {index, size, &random, &root},
                {index, size, &leaf, &random},    {index, 0, &leaf, &root},
                {UINT64_MAX, size, &leaf, &root}, {size, size, &leaf, &root}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        assert_int_equal(lf__merkle_verify_inclusion(rows[i].leaf, rows[i].index, rows[i].size,
                                                     good, rows[i].root, NULL),
                         LF_E_SIGNATURE);
    }
}

static void spoiled_consistency(const struct published *row, const struct lf__proof *good)
{
    struct lf__merkle_head older = {row->a, of_hex(root_hash[row->a - 1])};
    struct lf__merkle_head newer = {row->b, of_hex(root_hash[row->b - 1])};
    struct lf__hash random = {{0x77, 0x66}};
    for (unsigned kind = 0; kind < SPOILS; kind++) {
        struct lf__proof bad = *good;
        if (path_spoil(&bad, kind, &newer.root)) {
            assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &bad, NULL),
                             LF_E_SIGNATURE);
        }
    }
    const struct {
        struct lf__merkle_head older;
        struct lf__merkle_head newer;
    } rows[] = {{{row->a, newer.root}, {row->b, older.root}}, /* roots swapped */
                {newer, older},
                {{row->a, random}, newer},
                {older, {row->b, random}},
                {{row->a - 1, older.root}, newer},
                {{row->a + 1, older.root}, newer},
                {older, {row->b * 2, newer.root}},
                {older, {row->b / 2, newer.root}},
                {{0, lf__merkle_empty()}, newer}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (row->a != row->b || i > 1) { /* of one tree the swap changes nothing */
            assert_int_equal(
                lf__merkle_verify_consistency(&rows[i].older, &rows[i].newer, good, NULL),
                LF_E_SIGNATURE);
        }
    }
}

static void spoiled_proofs_are_refused(void **state)
{
    (void)state;
    struct lf__proof proof;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        LF_MEMTREE tree = {0, NULL};
        tree_make(&tree, size);
        struct lf__tree view = lf__memtree_view(&tree);
        for (uint64_t i = 0; i < size; i++) {
            assert_int_equal(lf__merkle_prove_inclusion(&view, i, &proof, NULL), LF_OK);
            spoiled_inclusion(i, size, &proof);
            struct published row = {i + 1, size, {NULL}};
            assert_int_equal(lf__merkle_prove_consistency(&view, i + 1, &proof, NULL), LF_OK);
            spoiled_consistency(&row, &proof);
        }
    }
}

/* A log of equal leaves needs one hash a level, so its size is free to be anything. */
static struct lf__hash level_hash[LEVELS];

static lf_status level_fetch(void *user, unsigned level, uint64_t index, struct lf__hash *out,
                             lf_error *err)
{
    (void)err;
    assert_true(level < LEVELS && (index + 1) << level <= *(const uint64_t *)user);
    *out = level_hash[level];
    return LF_OK;
}

static struct lf__hash equal_root(uint64_t size)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        if (size == (uint64_t)1 << level) {
            return level_hash[level];
        }
    }
    uint64_t k = 1;
    while (k * 2 < size) {
        k *= 2;
    }
    struct lf__hash left = equal_root(k);
    struct lf__hash right = equal_root(size - k);
    return lf__merkle_node(&left, &right);
}

static void huge_check(uint64_t old_size, uint64_t size)
{
    struct lf__tree tree = {size, level_fetch, &size};
    struct lf__merkle_head older = {old_size, equal_root(old_size)};
    struct lf__merkle_head newer = {size, equal_root(size)};
    struct lf__hash root;
    struct lf__proof proof;
    const uint64_t at[] = {0, size / 2, size - 1, old_size - 1};
    assert_int_equal(lf__merkle_root(&tree, &root, NULL), LF_OK);
    assert_true(lf__hash_eq(&root, &newer.root));
    for (size_t i = 0; i < LF_COUNT(at); i++) {
        assert_int_equal(lf__merkle_prove_inclusion(&tree, at[i], &proof, NULL), LF_OK);
        assert_int_equal(
            lf__merkle_verify_inclusion(&level_hash[0], at[i], size, &proof, &root, NULL), LF_OK);
        proof.hashes[proof.count - 1].bytes[7] ^= 4;
        assert_int_equal(
            lf__merkle_verify_inclusion(&level_hash[0], at[i], size, &proof, &root, NULL),
            LF_E_SIGNATURE);
    }
    assert_int_equal(lf__merkle_prove_consistency(&tree, old_size, &proof, NULL), LF_OK);
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, NULL), LF_OK);
    older.size++;
    assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, NULL), LF_E_SIGNATURE);
}

static void around_every_power_of_256(void **state)
{
    (void)state;
    level_hash[0] = lf__merkle_leaf(lf__bytes_str("same"));
    for (unsigned level = 1; level < LEVELS; level++) {
        level_hash[level] = lf__merkle_node(&level_hash[level - 1], &level_hash[level - 1]);
    }
    for (unsigned k = 1; k <= 4; k++) {
        uint64_t full = (uint64_t)1 << (8 * k);
        for (uint64_t size = full - 1; size <= full + 1; size++) {
            huge_check(full / 2 + 3, size);
            huge_check(full - 1, size + 1);
            huge_check(3, size);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hasher_and_eight_leaves),   cmocka_unit_test(inner_nodes),
        cmocka_unit_test(published_proofs),          cmocka_unit_test(spoiled_proofs_are_refused),
        cmocka_unit_test(around_every_power_of_256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
