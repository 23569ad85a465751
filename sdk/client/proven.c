/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9162 section 2.1.3.2, with an early end. */
#include "client/proven.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

void lf__proven_init(struct lf__proven *proven, const struct lf__merkle_head *head)
{
    proven->head = *head;
    for (size_t i = 0; i < PROVEN_LEVELS; i++) {
        proven->nodes[i].is_known = false;
    }
}

/* Where a proof stands: node `at` of `level`, in a tree whose last node there is `last`. */
struct walk {
    uint64_t at;
    uint64_t last;
    unsigned level;
    struct lf__hash hash;
};

static void walk_up(struct walk *w, const struct lf__hash *sibling)
{
    bool is_right = (w->at & 1) != 0 || w->at == w->last;
    w->hash = is_right ? lf__merkle_node(sibling, &w->hash) : lf__merkle_node(&w->hash, sibling);
    while (is_right && (w->at & 1) == 0 && w->at != 0) {
        w->at >>= 1; /* a last node without a sibling is its own parent */
        w->last >>= 1;
        w->level++;
    }
    w->at >>= 1;
    w->last >>= 1;
    w->level++;
}

/* `path` are the hashes to come. Only a path that goes on as the earlier one did is proven by it. */
static bool is_proven(const struct lf__proven *p, const struct walk *w, const struct lf__hash *path,
                      size_t rest)
{
    const struct lf__proven_node *node = &p->nodes[w->level];
    if (!node->is_known || node->at != w->at || node->rest != rest ||
        !lf__hash_eq(&node->hash, &w->hash)) {
        return false;
    }
    for (size_t i = 0; i < rest; i++) {
        if (!lf__hash_eq(&path[rest - 1 - i], &p->path[i])) {
            return false;
        }
    }
    return true;
}

/* All known nodes lie on the way of the last proof: what it left below the node where it met an
 * earlier one is forgotten, because its hashes to the root are no longer kept. */
static void nodes_keep(struct lf__proven *p, const struct walk *steps, size_t taken,
                       unsigned met_level, const struct lf__hash *path, size_t count)
{
    for (unsigned i = 0; i < met_level; i++) {
        p->nodes[i].is_known = false;
    }
    for (size_t i = 0; i < taken; i++) {
        p->nodes[steps[i].level] =
            (struct lf__proven_node){steps[i].at, steps[i].hash, count - i, true};
        p->path[count - 1 - i] = path[i];
    }
}

static lf_status bad(lf_error *err)
{
    return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "receipt.path",
                      "receipt: its path does not lead to the signed root");
}

lf_status lf__proven_check(struct lf__proven *proven, const struct lf__hash *leaf, uint64_t index,
                           const struct lf__hash *path, size_t count, lf_error *err)
{
    struct walk steps[PROVEN_LEVELS];
    struct walk w = {index, proven->head.size - 1, 0, *leaf};
    size_t taken = 0;
    if (index >= proven->head.size || count >= PROVEN_LEVELS) {
        return bad(err);
    }
    while (taken < count && !is_proven(proven, &w, path + taken, count - taken)) {
        if (w.last == 0) {
            return bad(err); /* longer than the tree is high */
        }
        steps[taken] = w;
        walk_up(&w, &path[taken++]);
    }
    if (taken == count && (w.last != 0 || !lf__hash_eq(&w.hash, &proven->head.root))) {
        return bad(err);
    }
    nodes_keep(proven, steps, taken, taken == count ? PROVEN_LEVELS : w.level, path, count);
    return LF_OK;
}
