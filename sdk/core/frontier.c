/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6962 section 2.1, read from the left: two subtrees of one size become one of the next. */
#include "core/frontier.h"

void lf__frontier_add(struct lf__frontier *f, const struct lf__hash *leaf)
{
    struct lf__hash hash = *leaf;
    for (uint64_t n = f->size; (n & 1) != 0; n >>= 1) {
        hash = lf__merkle_node(&f->hashes[--f->count], &hash);
    }
    f->hashes[f->count++] = hash;
    f->size++;
}

struct lf__hash lf__frontier_root(const struct lf__frontier *f)
{
    if (f->count == 0) {
        return lf__merkle_empty();
    }
    struct lf__hash root = f->hashes[f->count - 1];
    for (size_t i = f->count - 1; i > 0; i--) {
        root = lf__merkle_node(&f->hashes[i - 1], &root);
    }
    return root;
}
