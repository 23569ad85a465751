/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/feed.h - a range of the ledger as one reader may see it: entries through the one may-read
 * function, and of all other positions the leaf hash and nothing else, so that the reader can count them and
 * compute the root. Threads: any.
 */
#ifndef GW_FEED_H
#define GW_FEED_H

#include "gateway/exchange/exchange.h"

enum {
    GW_FEED_POSITIONS_MAX = 4096,     /* looked at in one go: 128 KiB of hashes */
    GW_FEED_ENTRY_BYTES_MAX = 1 << 20 /* of a batch; the last entry may go past it */
};

struct gw_feed_ask {
    struct gw_reader reader; /* text borrowed for the call */
    uint64_t kinds;          /* 1 << an enum px_kind for each that is wanted; 0: all */
    bool is_none;            /* and not even those */
    uint64_t cursor;
    uint32_t max_entries;
    size_t max_bytes;
};
struct gw_feed_page {
    uint64_t next;
    uint64_t told;       /* entries */
    uint64_t told_until; /* after the last of them */
    uint64_t size;       /* of the ledger */
    unsigned classes;    /* LF_BIT(an enum px_class) of what was told */
    bool is_cut;         /* ended at a limit, not at the head */
};
/* Appends a FeedBatch. A cursor past the head: E_ARG (CURSOR_AHEAD). */
LF_MUST_USE lf_status gw_feed_read(struct gw_exchange *exchange, const struct gw_feed_ask *ask,
                                   struct lf__buf *out, struct gw_feed_page *page, lf_error *err);
/* Moves *at to the first position that would be told, or as far as the limit or the head. */
LF_MUST_USE lf_status gw_feed_seek(struct gw_exchange *exchange, const struct gw_feed_ask *ask,
                                   uint64_t *at, bool *found, lf_error *err);

#endif
