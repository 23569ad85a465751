/* SPDX-License-Identifier: Apache-2.0 */
/* core/memtree.h - a whole small tree in memory: batches, the members table. Threads: one at a time. */
#ifndef LF__MEMTREE_H
#define LF__MEMTREE_H

#include "core/merkle.h"

enum { LF_MEMTREE_MAX = 1 << 20 }; /* leaves */

struct lf__memtree {
    uint64_t size;
    struct lf__hash *nodes; /* level after level, complete nodes only */
};

/* Copies the leaf hashes. E_TOO_BIG, E_NOMEM. Release with lf__memtree_done(). */
lf_status lf__memtree_init(struct lf__memtree *tree, const struct lf__hash *leaves, size_t count,
                           lf_error *err);
void lf__memtree_done(struct lf__memtree *tree);
#define LF_MEMTREE __attribute__((cleanup(lf__memtree_done))) struct lf__memtree
/* For core/merkle.h; borrowed from the tree. */
struct lf__tree lf__memtree_view(struct lf__memtree *tree);
struct lf__hash lf__memtree_root(struct lf__memtree *tree);

#endif
