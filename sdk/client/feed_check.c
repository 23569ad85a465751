/* SPDX-License-Identifier: Apache-2.0 */
#include "client/feed_check.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/log_read.h"

enum { FEED_PROOF_MS = 30000, FEED_PROOF_MAX = 65536 };

struct lf__feed_walk lf__feed_walk(const struct px_feed_batch *batch)
{
    return (struct lf__feed_walk){.batch = batch, .at = batch->cursor};
}

static lf_status feed_bad(lf_error *err, uint64_t at, const char *what)
{
    return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "batch", "feed: position %llu %s",
                      (unsigned long long)at, what);
}

static bool range_next(struct lf__feed_walk *walk, struct lf__hash *leaf)
{
    const struct px_skipped *range = &walk->batch->skipped[walk->range];
    if (walk->range == walk->batch->skipped_count || (walk->hash == 0 && range->from != walk->at)) {
        return false;
    }
    lf__copy(leaf->bytes, range->leaf_hashes.ptr + walk->hash * LF_HASH_BYTES, LF_HASH_BYTES);
    walk->hash++;
    if (walk->hash * LF_HASH_BYTES >= range->leaf_hashes.len) {
        walk->range++;
        walk->hash = 0;
    }
    return true;
}

lf_status lf__feed_next(struct lf__feed_walk *walk, struct lf__hash *leaf,
                        const struct px_entry **entry, lf_error *err)
{
    const struct px_feed_batch *b = walk->batch;
    if (walk->at == b->next_cursor) {
        bool is_all = walk->entry == b->entry_count && walk->range == b->skipped_count;
        return is_all ? LF_E_NOT_FOUND : feed_bad(err, walk->at, "is told of, and past the end");
    }
    bool is_entry = walk->hash == 0 && walk->entry < b->entry_count &&
                    b->entries[walk->entry].index == walk->at;
    *entry = is_entry ? &b->entries[walk->entry] : NULL;
    if (is_entry) {
        *leaf = lf__merkle_leaf(b->entries[walk->entry++].leaf);
    } else if (!range_next(walk, leaf)) {
        return feed_bad(err, walk->at, "is not accounted for");
    }
    walk->at++;
    return LF_OK;
}

lf_status lf__feed_take(const struct lf__frontier *from, const struct px_feed_batch *batch,
                        struct lf__frontier *to, lf_error *err)
{
    struct lf__feed_walk walk = lf__feed_walk(batch);
    struct lf__frontier frontier = *from;
    struct lf__hash leaf;
    const struct px_entry *entry = NULL;
    if (batch->cursor != from->size || batch->next_cursor < batch->cursor) {
        return feed_bad(err, batch->cursor, "is not where the last batch ended");
    }
    lf_status rc = lf__feed_next(&walk, &leaf, &entry, err);
    while (rc == LF_OK) {
        rc = entry == NULL ? LF_OK : lf__entry_check(entry, err);
        lf__frontier_add(&frontier, &leaf);
        rc = rc == LF_OK ? lf__feed_next(&walk, &leaf, &entry, err) : rc;
    }
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    *to = frontier;
    return LF_OK;
}

/* The way of the last leaf to the root of a tree that ends with it has nothing but left siblings: first those inside its own complete
 * subtree, then the complete subtrees before it. */
bool lf__feed_frontier(const struct lf__hash *leaf, uint64_t size, const struct lf__proof *proof,
                       struct lf__frontier *out)
{
    size_t inside = (size_t)__builtin_ctzll(size);
    size_t count = (size_t)__builtin_popcountll(size);
    struct lf__hash node = *leaf;
    if (proof->count != inside + count - 1) {
        return false;
    }
    for (size_t i = 0; i < inside; i++) {
        node = lf__merkle_node(&proof->hashes[i], &node);
    }
    *out = (struct lf__frontier){.count = count, .size = size};
    out->hashes[count - 1] = node;
    for (size_t i = 1; i < count; i++) {
        out->hashes[count - 1 - i] = proof->hashes[inside + i - 1];
    }
    return true;
}

lf_status lf__feed_place(lf_client *client, uint64_t cursor, struct lf__frontier *out,
                         lf_error *err)
{
    struct lf__hash leaf;
    struct lf__proof proof;
    lf_proof place = {.index = cursor - 1, .size = cursor};
    if (cursor == 0) {
        *out = (struct lf__frontier){.size = 0};
        return LF_OK;
    }
    lf_status rc = lf__inclusion_get(client, &place, &leaf, &proof, err);
    return rc == LF_OK && !lf__feed_frontier(&leaf, cursor, &proof, out)
               ? feed_bad(err, cursor, "has no proof of its place")
               : rc;
}

static lf_status further_check(lf_client *client, const struct lf__merkle_head *here,
                               const struct lf__merkle_head *head, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct lf__hash none;
    struct lf__proof proof;
    struct px_range range = {PX_LOG_LEDGER, here->size, head->size};
    if (here->size == 0) {
        return LF_OK; /* nothing was told */
    }
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, FEED_PROOF_MAX);
    (void)px_range_encode(&range, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Ledger/ProveConsistency",
                                   lf__buf_bytes(&request), FEED_PROOF_MS, &answer, err);
    rc = rc == LF_OK ? px_proof_decode(lf__buf_bytes(&answer), false, &none, &proof, err) : rc;
    return rc == LF_OK ? lf__merkle_verify_consistency(here, head, &proof, err) : rc;
}

lf_status lf__feed_check(lf_client *client, const struct lf__frontier *from,
                         const struct px_feed_batch *batch, uint64_t floor, struct lf__frontier *to,
                         struct lf__merkle_head *head, lf_error *err)
{
    struct lf__frontier after;
    struct lf__merkle_head signed_head;
    lf_status rc = lf__feed_take(from, batch, &after, err);
    rc = rc == LF_OK ? lf__head_open(client, PX_LOG_LEDGER, batch->checkpoint, &signed_head, err)
                     : rc;
    rc = rc == LF_OK ? lf__heads_saw(&client->heads, PX_LOG_LEDGER, batch->checkpoint, &signed_head,
                                     floor, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__merkle_head here = {after.size, lf__frontier_root(&after)};
    if (signed_head.size < here.size ||
        (signed_head.size == here.size && !lf__hash_eq(&here.root, &signed_head.root))) {
        return feed_bad(err, here.size, "is not under the head that the gateway signed");
    }
    rc = signed_head.size == here.size ? LF_OK : further_check(client, &here, &signed_head, err);
    if (rc == LF_OK) {
        *to = after;
        *head = signed_head;
    }
    return rc;
}
