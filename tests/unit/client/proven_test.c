/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs checked in a row say what each would say alone, and no earlier proof lends itself to a false one. */
#include "client/proven.h"

#include "base/bytes.h"
#include "core/memtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { LEAVES_MAX = 70 };

static struct lf__hash leaf_of(uint64_t i)
{
    uint8_t bytes[8];
    lf__put_u64be(bytes, i);
    return lf__merkle_leaf(LF_BYTES_ARRAY(bytes));
}

struct grove {
    struct lf__memtree tree;
    struct lf__merkle_head head;
    struct lf__hash leaves[LEAVES_MAX];
};

static void grove_open(struct grove *g, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        g->leaves[i] = leaf_of(i);
    }
    assert_int_equal(lf__memtree_init(&g->tree, g->leaves, size, NULL), LF_OK);
    g->head = (struct lf__merkle_head){size, lf__memtree_root(&g->tree)};
}

static struct lf__proof proof_of(struct grove *g, uint64_t index)
{
    struct lf__proof proof;
    struct lf__tree view = lf__memtree_view(&g->tree);
    assert_int_equal(lf__merkle_prove_inclusion(&view, index, &proof, NULL), LF_OK);
    return proof;
}

static lf_status check(struct lf__proven *p, const struct grove *g, uint64_t index,
                       const struct lf__proof *proof)
{
    lf_error err = LF_ERROR_INIT;
    lf_status rc = lf__proven_check(p, &g->leaves[index], index, proof->hashes, proof->count, &err);
    assert_true(rc == LF_OK || (rc == LF_E_SIGNATURE && err.reason[0] != '\0'));
    return rc;
}

/* Every size, in steps that meet each other in all ways. */
static void test_all_hold(void **state)
{
    static const uint64_t strides[] = {1, 2, 3, 5, 7};
    (void)state;
    for (uint64_t size = 1; size <= LEAVES_MAX; size++) {
        struct grove g;
        struct lf__proven p;
        grove_open(&g, size);
        for (size_t s = 0; s < 5; s++) {
            lf__proven_init(&p, &g.head);
            for (uint64_t n = 0, i = 0; n < 2 * size; n++, i = (i + strides[s]) % size) {
                struct lf__proof proof = proof_of(&g, i);
                assert_int_equal(check(&p, &g, i, &proof), LF_OK);
            }
        }
        lf__memtree_done(&g.tree);
    }
}

/* After any earlier proof: one wrong hash anywhere, one too few or too many, another's path or leaf. */
static void falsify(struct grove *g, uint64_t before, uint64_t index)
{
    struct lf__proven fresh;
    struct lf__proof first = proof_of(g, before);
    struct lf__proof good = proof_of(g, index);
    lf__proven_init(&fresh, &g->head);
    assert_int_equal(check(&fresh, g, before, &first), LF_OK);
    for (size_t i = 0; i < good.count; i++) {
        struct lf__proven p = fresh;
        struct lf__proof bad = good;
        bad.hashes[i].bytes[3] ^= 1;
        assert_int_equal(check(&p, g, index, &bad), LF_E_SIGNATURE);
        assert_int_equal(check(&p, g, index, &good), LF_OK);
    }
    struct lf__proven p = fresh;
    struct lf__proof bad = good;
    bad.count--;
    assert_int_equal(good.count == 0 ? LF_E_SIGNATURE : check(&p, g, index, &bad), LF_E_SIGNATURE);
    bad.count = good.count + 1;
    bad.hashes[good.count] = g->head.root;
    assert_int_equal(check(&p, g, index, &bad), LF_E_SIGNATURE);
    if (before != index) {
        assert_int_equal(check(&p, g, index, &first), LF_E_SIGNATURE);
    }
}

static void test_false_ones(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 20; size++) {
        struct grove g;
        grove_open(&g, size);
        for (uint64_t a = 0; a < size; a++) {
            for (uint64_t b = 0; b < size; b++) {
                falsify(&g, a, b);
            }
        }
        lf__memtree_done(&g.tree);
    }
}

/* An earlier leaf must not be proven by the path of the one in between. */
static void test_forgotten(void **state)
{
    struct grove g;
    struct lf__proven p;
    (void)state;
    grove_open(&g, 8);
    struct lf__proof zero = proof_of(&g, 0);
    struct lf__proof five = proof_of(&g, 5);
    lf__proven_init(&p, &g.head);
    assert_int_equal(check(&p, &g, 0, &zero), LF_OK);
    assert_int_equal(check(&p, &g, 5, &five), LF_OK);
    assert_int_equal(check(&p, &g, 0, &five), LF_E_SIGNATURE);
    assert_int_equal(lf__proven_check(&p, &g.leaves[0], 8, zero.hashes, zero.count, NULL),
                     LF_E_SIGNATURE);
    lf__memtree_done(&g.tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_hold),
        cmocka_unit_test(test_false_ones),
        cmocka_unit_test(test_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
