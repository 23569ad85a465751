/* SPDX-License-Identifier: Apache-2.0 */
/* core/frontier.h - the root of a growing tree, from its leaves in order and nothing else. Threads: one at a time. */
#ifndef LF__FRONTIER_H
#define LF__FRONTIER_H

#include "core/merkle.h"

enum { LF_FRONTIER_MAX = 64 };

/* The roots of complete subtrees from left to right, one a set bit of the size. Zeroed is the empty tree. */
struct lf__frontier {
    struct lf__hash hashes[LF_FRONTIER_MAX];
    size_t count;
    uint64_t size;
};

/* `leaf` is a leaf's hash. */
void lf__frontier_add(struct lf__frontier *frontier, const struct lf__hash *leaf);
struct lf__hash lf__frontier_root(const struct lf__frontier *frontier);

#endif
