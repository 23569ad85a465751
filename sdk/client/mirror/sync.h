/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/mirror/sync.h - one sync of a mirror: mirror_sync.c goes on from where the copy stands, mirror_late.c looks back.
 */
#ifndef LF__MIRROR_SYNC_H
#define LF__MIRROR_SYNC_H

#include "client/feed_check.h"
#include "client/mirror/mirror_internal.h"

struct mirror_sync {
    lf_mirror *mirror;
    lf_client *client;
    struct lf__frontier frontier; /* of what is stored */
    struct lf__merkle_head head;
    uint64_t readable;
    uint64_t began;     /* where this sync began */
    uint64_t news;      /* behind the last record that is more than somebody's Acknowledgement */
    uint64_t heard;     /* behind the last record that nobody tells a suspended member */
    uint64_t looked;    /* from where on this sync looked back; UINT64_MAX: it did not */
    uint64_t confirmed; /* how far the member has said in the ledger that it is */
    bool goes_on;
};

/* Suspended, a member may neither ask nor report: what there is of it waits until the member is active again. */
bool lf__sync_is_suspended(lf_status rc, const lf_error *why);
/* What the feed has from `cursor` on, as the gateway says it. `answer` and the arena own it. */
lf_status lf__sync_batch_get(struct mirror_sync *s, struct lf__arena *arena, uint64_t cursor,
                             struct lf__buf *answer, struct px_feed_batch *out, lf_error *err);
/* An entry that was proven to be at its index, into the copy. */
lf_status lf__sync_entry_store(struct mirror_sync *s, struct st_txn *txn,
                               const struct px_entry *entry, lf_error *err);
/* Reads once more what was withheld when it was read; batch after batch, each a whole step. */
lf_status lf__sync_again(struct mirror_sync *s, lf_error *err);
/* Fetches what is wanted, and all that was said of it meanwhile. */
lf_status lf__sync_late(struct mirror_sync *s, lf_error *err);

#endif
