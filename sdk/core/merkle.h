/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/merkle.h - RFC 6962 section 2.1 tree over SHA-256: appending, roots, proofs, verification.
 *
 * A tree is read through `lf__node_fetch`, so that the same code serves nodes kept in memory and
 * nodes kept in tiles. Threads: any; the functions keep no state.
 */
#ifndef LF__MERKLE_H
#define LF__MERKLE_H

#include "base/crypto/hash.h"

enum { LF_MERKLE_PROOF_MAX = 64 * 2 }; /* consistency proofs of 2^63 leaves stay below this */

struct lf__proof {
    size_t count;
    struct lf__hash hashes[LF_MERKLE_PROOF_MAX];
};

struct lf__hash lf__merkle_empty(void);
struct lf__hash lf__merkle_leaf(lf_bytes entry);
struct lf__hash lf__merkle_node(const struct lf__hash *left, const struct lf__hash *right);

/* The root of the complete subtree of 2^level leaves that starts at leaf index << level. Only asked
 * for subtrees that lie wholly inside the tree. */
typedef lf_status (*lf__node_fetch)(void *user, unsigned level, uint64_t index,
                                    struct lf__hash *out, lf_error *err);
struct lf__tree {
    uint64_t size;
    lf__node_fetch fetch;
    void *user;
};

lf_status lf__merkle_root(const struct lf__tree *tree, struct lf__hash *out, lf_error *err);
/* E_ARG unless index < size. Leaf's sibling first. */
lf_status lf__merkle_prove_inclusion(const struct lf__tree *tree, uint64_t index,
                                     struct lf__proof *out, lf_error *err);
/* E_ARG unless 1 <= old_size <= size. Empty when equal. */
lf_status lf__merkle_prove_consistency(const struct lf__tree *tree, uint64_t old_size,
                                       struct lf__proof *out, lf_error *err);

/* RFC 9162 2.1.3.2 and 2.1.4.2. OK or E_SIGNATURE (reason PROOF_BAD). */
lf_status lf__merkle_verify_inclusion(const struct lf__hash *leaf, uint64_t index, uint64_t size,
                                      const struct lf__proof *proof, const struct lf__hash *root,
                                      lf_error *err);
struct lf__merkle_head {
    uint64_t size;
    struct lf__hash root;
};
/* An old size of 0 is an error here: nothing is consistent with nothing. */
lf_status lf__merkle_verify_consistency(const struct lf__merkle_head *older,
                                        const struct lf__merkle_head *newer,
                                        const struct lf__proof *proof, lf_error *err);

#endif
