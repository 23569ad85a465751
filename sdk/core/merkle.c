/* SPDX-License-Identifier: Apache-2.0 */
/* Subtree ranges are [from, to); a range is `complete` when it is one node of the stored tree. */
#include "core/merkle.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdbool.h>

struct lf__hash lf__merkle_empty(void)
{
    return lf__sha256(LF_BYTES_NONE);
}

struct lf__hash lf__merkle_leaf(lf_bytes entry)
{
    static const uint8_t tag = 0;
    lf_bytes pieces[] = {{&tag, 1}, entry};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}

struct lf__hash lf__merkle_node(const struct lf__hash *left, const struct lf__hash *right)
{
    uint8_t joined[1 + 2 * LF_HASH_BYTES] = {1};
    lf__copy(joined + 1, left->bytes, LF_HASH_BYTES);
    lf__copy(joined + 1 + LF_HASH_BYTES, right->bytes, LF_HASH_BYTES);
    return lf__sha256(LF_BYTES_ARRAY(joined));
}

/* The largest power of two strictly below n, for n > 1 (RFC 6962's k). */
static uint64_t merkle_split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static bool merkle_is_power(uint64_t n)
{
    return (n & (n - 1)) == 0;
}

/* MTH(D[from:to]). Splitting from the left meets complete subtrees only, but for the right edge. */
static lf_status range_root(const struct lf__tree *tree, uint64_t from, uint64_t to,
                            struct lf__hash *out, lf_error *err)
{
    uint64_t n = to - from;
    if (merkle_is_power(n)) {
        unsigned level = (unsigned)__builtin_ctzll(n);
        return tree->fetch(tree->user, level, from >> level, out, err);
    }
    struct lf__hash left;
    struct lf__hash right;
    uint64_t k = merkle_split(n);
    lf_status rc = range_root(tree, from, from + k, &left, err);
    if (rc == LF_OK) {
        rc = range_root(tree, from + k, to, &right, err);
    }
    if (rc == LF_OK) {
        *out = lf__merkle_node(&left, &right);
    }
    return rc;
}

lf_status lf__merkle_root(const struct lf__tree *tree, struct lf__hash *out, lf_error *err)
{
    if (tree->size == 0) {
        *out = lf__merkle_empty();
        return LF_OK;
    }
    return range_root(tree, 0, tree->size, out, err);
}

static void proof_reverse(struct lf__proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct lf__hash kept = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = kept;
    }
}

/* Going down from the root, the sibling of each step; reversed at the end. */
lf_status lf__merkle_prove_inclusion(const struct lf__tree *tree, uint64_t index,
                                     struct lf__proof *out, lf_error *err)
{
    if (index >= tree->size) {
        return lf__fail(err, LF_E_ARG, "proof: index %llu is not below size %llu",
                        (unsigned long long)index, (unsigned long long)tree->size);
    }
    struct lf__proof proof = {.count = 0};
    uint64_t from = 0;
    uint64_t to = tree->size;
    while (to - from > 1) {
        uint64_t middle = from + merkle_split(to - from);
        bool left = index < middle;
        lf_status rc = range_root(tree, left ? middle : from, left ? to : middle,
                                  &proof.hashes[proof.count], err);
        if (rc != LF_OK) {
            return rc;
        }
        proof.count++;
        from = left ? from : middle;
        to = left ? middle : to;
    }
    proof_reverse(&proof);
    *out = proof;
    return LF_OK;
}

/* RFC 6962 2.1.2: SUBPROOF; `whole` is its b, true while the old tree is the range's own left edge. */
lf_status lf__merkle_prove_consistency(const struct lf__tree *tree, uint64_t old_size,
                                       struct lf__proof *out, lf_error *err)
{
    if (old_size == 0 || old_size > tree->size) {
        return lf__fail(err, LF_E_ARG, "proof: old size %llu is not within 1 and %llu",
                        (unsigned long long)old_size, (unsigned long long)tree->size);
    }
    struct lf__proof proof = {.count = 0};
    uint64_t from = 0;
    uint64_t to = tree->size;
    bool whole = true;
    lf_status rc = LF_OK;
    while (rc == LF_OK && to != old_size) {
        uint64_t middle = from + merkle_split(to - from);
        bool left = old_size <= middle;
        rc = range_root(tree, left ? middle : from, left ? to : middle, &proof.hashes[proof.count],
                        err);
        proof.count++;
        whole = whole && left;
        from = left ? from : middle;
        to = left ? middle : to;
    }
    if (rc == LF_OK && !whole) {
        rc = range_root(tree, from, to, &proof.hashes[proof.count++], err);
    }
    if (rc != LF_OK) {
        return rc;
    }
    proof_reverse(&proof);
    *out = proof;
    return LF_OK;
}

static lf_status proof_bad(lf_error *err, const char *why)
{
    return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "proof", "proof: %s", why);
}

lf_status lf__merkle_verify_inclusion(const struct lf__hash *leaf, uint64_t index, uint64_t size,
                                      const struct lf__proof *proof, const struct lf__hash *root,
                                      lf_error *err)
{
    if (index >= size) {
        return proof_bad(err, "index is not below the size");
    }
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct lf__hash r = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0) {
            return proof_bad(err, "too long");
        }
        const struct lf__hash *p = &proof->hashes[i];
        if ((fn & 1) != 0 || fn == sn) {
            r = lf__merkle_node(p, &r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = lf__merkle_node(&r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || !lf__hash_eq(&r, root)) {
        return proof_bad(err, "does not lead to the root");
    }
    return LF_OK;
}

static lf_status consistency_walk(const struct lf__merkle_head *older,
                                  const struct lf__merkle_head *newer,
                                  const struct lf__proof *proof, lf_error *err)
{
    uint64_t fn = older->size - 1;
    uint64_t sn = newer->size - 1;
    unsigned shift = (unsigned)__builtin_ctzll(~fn);
    fn >>= shift;
    sn >>= shift;
    size_t i = merkle_is_power(older->size) ? 0 : 1;
    struct lf__hash fr = i == 0 ? older->root : proof->hashes[0];
    struct lf__hash sr = fr;
    for (; i < proof->count; i++) {
        const struct lf__hash *c = &proof->hashes[i];
        if (sn == 0) {
            return proof_bad(err, "too long");
        }
        if ((fn & 1) != 0 || fn == sn) {
            fr = lf__merkle_node(c, &fr);
            sr = lf__merkle_node(c, &sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = lf__merkle_node(&sr, c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    bool good = sn == 0 && lf__hash_eq(&fr, &older->root) && lf__hash_eq(&sr, &newer->root);
    return good ? LF_OK : proof_bad(err, "does not join the two roots");
}

lf_status lf__merkle_verify_consistency(const struct lf__merkle_head *older,
                                        const struct lf__merkle_head *newer,
                                        const struct lf__proof *proof, lf_error *err)
{
    if (older->size == 0 || older->size > newer->size) {
        return proof_bad(err, "old size is not within 1 and the new size");
    }
    if (older->size == newer->size) {
        bool same = proof->count == 0 && lf__hash_eq(&older->root, &newer->root);
        return same ? LF_OK : proof_bad(err, "one size, two roots");
    }
    if (proof->count == 0) {
        return proof_bad(err, "empty");
    }
    return consistency_walk(older, newer, proof, err);
}
