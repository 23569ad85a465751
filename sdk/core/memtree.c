/* SPDX-License-Identifier: Apache-2.0 */
/* At most 2 n hashes: level k holds the n >> k complete nodes of that height. */
#include "core/memtree.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>

static size_t level_offset(const struct lf__memtree *tree, unsigned level)
{
    size_t at = 0;
    for (unsigned i = 0; i < level; i++) {
        at += (size_t)(tree->size >> i);
    }
    return at;
}

lf_status lf__memtree_init(struct lf__memtree *tree, const struct lf__hash *leaves, size_t count,
                           lf_error *err)
{
    if (count > LF_MEMTREE_MAX) {
        return lf__fail(err, LF_E_TOO_BIG, "tree: more than %d leaves", LF_MEMTREE_MAX);
    }
    struct lf__hash *nodes = malloc((2 * count + 1) * sizeof *nodes);
    if (nodes == NULL) {
        return lf__fail(err, LF_E_NOMEM, "tree: out of memory");
    }
    lf__copy(nodes, leaves, count * sizeof *nodes);
    const struct lf__hash *below = nodes;
    for (size_t n = count; n > 1; n /= 2) {
        struct lf__hash *here = (struct lf__hash *)(uintptr_t)below + n;
        for (size_t i = 0; i < n / 2; i++) {
            here[i] = lf__merkle_node(&below[2 * i], &below[2 * i + 1]);
        }
        below = here;
    }
    *tree = (struct lf__memtree){count, nodes};
    return LF_OK;
}

void lf__memtree_done(struct lf__memtree *tree)
{
    free(tree->nodes);
    *tree = (struct lf__memtree){0, NULL};
}

static lf_status memtree_fetch(void *user, unsigned level, uint64_t index, struct lf__hash *out,
                               lf_error *err)
{
    const struct lf__memtree *tree = user;
    (void)err;
    *out = tree->nodes[level_offset(tree, level) + (size_t)index];
    return LF_OK;
}

struct lf__tree lf__memtree_view(struct lf__memtree *tree)
{
    return (struct lf__tree){tree->size, memtree_fetch, tree};
}

struct lf__hash lf__memtree_root(struct lf__memtree *tree)
{
    struct lf__hash root;
    struct lf__tree view = lf__memtree_view(tree);
    LF_BUG_IF(lf__merkle_root(&view, &root, NULL) != LF_OK); /* the fetch cannot fail */
    return root;
}
