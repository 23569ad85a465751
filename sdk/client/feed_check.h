/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/feed_check.h - a batch of the feed is believed when nothing of it can be otherwise: positions without a gap, each record
 * what its leaf commits to, all leaves under a signed head. Shared by whoever follows the ledger (watch, mirror).
 * Threads: any, one batch at a time.
 */
#ifndef LF__FEED_CHECK_H
#define LF__FEED_CHECK_H

#include "client/client_internal.h"
#include "core/frontier.h"
#include "protos/codec/feed.h"

/* Walks the positions of a batch in order. */
struct lf__feed_walk {
    const struct px_feed_batch *batch;
    uint64_t at;
    size_t entry;
    size_t range;
    size_t hash; /* of the range */
};
struct lf__feed_walk lf__feed_walk(const struct px_feed_batch *batch);
/* The next position's leaf hash, and its record (NULL: withheld). OK; E_NOT_FOUND at the end; E_SIGNATURE (PROOF_BAD) for a position
 * that is missing, or there twice. */
lf_status lf__feed_next(struct lf__feed_walk *walk, struct lf__hash *leaf,
                        const struct px_entry **entry, lf_error *err);

/* The frontier of the first `cursor` positions, as the gateway says it is: the first batch that is checked against it proves or
 * disproves it. */
lf_status lf__feed_place(lf_client *client, uint64_t cursor, struct lf__frontier *out,
                         lf_error *err);
/* The same from what proves the last leaf of a tree of `size` (1 and up) in it; false for a proof of another length. */
bool lf__feed_frontier(const struct lf__hash *leaf, uint64_t size, const struct lf__proof *proof,
                       struct lf__frontier *out);
/* Without a network: positions and records, from `from` (of batch->cursor positions) to *to. */
lf_status lf__feed_take(const struct lf__frontier *from, const struct px_feed_batch *batch,
                        struct lf__frontier *to, lf_error *err);
/* All of it: also that *to is what the signed head says, by its root or, when the head is further on, by a proof that is asked for;
 * and the head passes the client's suspicion, with `floor` as lf__heads_saw(). `head` gets it. On failure nothing is touched. */
lf_status lf__feed_check(lf_client *client, const struct lf__frontier *from,
                         const struct px_feed_batch *batch, uint64_t floor, struct lf__frontier *to,
                         struct lf__merkle_head *head, lf_error *err);

#endif
