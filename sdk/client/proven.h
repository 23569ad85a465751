/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/proven.h - inclusion proofs under one head, checked one after the other. Neighbours share
 * most of their paths, so a proof needs to be computed only up to a node that an earlier one proved;
 * from there on it must be the same hashes.
 * Threads: one at a time.
 */
#ifndef LF__PROVEN_H
#define LF__PROVEN_H

#include "core/merkle.h"

#include <stdbool.h>

enum { PROVEN_LEVELS = 64 };

/* The last node proven on each level, with the hashes from it to the root. */
struct lf__proven {
    struct lf__merkle_head head;
    struct lf__proven_node {
        uint64_t at;
        struct lf__hash hash;
        size_t rest; /* hashes of the path still to come; how many of `path`, from its end */
        bool is_known;
    } nodes[PROVEN_LEVELS];
    struct lf__hash path[PROVEN_LEVELS]; /* of the last proof, from its end: [0] is the last hash */
};

void lf__proven_init(struct lf__proven *proven, const struct lf__merkle_head *head);
/* As lf__merkle_verify_inclusion(). */
lf_status lf__proven_check(struct lf__proven *proven, const struct lf__hash *leaf, uint64_t index,
                           const struct lf__hash *path, size_t count, lf_error *err);

#endif
