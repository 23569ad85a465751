/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/feed.h - the Feed service, both ways; see lianfang/v1/feed.proto.
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_FEED_H
#define PX_FEED_H

#include "protos/codec/services.h"

enum { PX_FEED_ENTRIES_MAX = 1000, PX_FEED_WAIT_MAX_MS = 30000 };

/* SubscribeRequest, and PollRequest with the last two. */
struct px_feed_request {
    uint64_t cursor;
    bool resume;
    uint64_t kinds; /* 1 << an enum px_kind for each that is wanted; 0: all */
    uint32_t max_entries;
    uint32_t wait_ms;
};
bool px_feed_request_encode(const struct px_feed_request *request, struct lf__buf *out);
lf_status px_subscribe_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                      struct px_feed_request *out, lf_error *err);
/* A max_entries of 0 comes out as the most. */
lf_status px_poll_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_feed_request *out, lf_error *err);

/* The positions from `from` on, of which only the leaf hashes are told. */
struct px_skipped {
    uint64_t from;
    lf_bytes leaf_hashes; /* LF_HASH_BYTES each */
};
struct px_feed_batch {
    uint64_t cursor;
    uint64_t next_cursor;
    const struct px_entry *entries; /* index, leaf and envelope */
    size_t entry_count;
    const struct px_skipped *skipped;
    size_t skipped_count;
    lf_bytes checkpoint;
    bool is_heartbeat;
};
/* One entry or range at a time, in any order, then all but the two lists. */
bool px_feed_entry_encode(const struct px_entry *entry, struct lf__buf *out);
bool px_feed_skipped_encode(const struct px_skipped *skipped, struct lf__buf *out);
bool px_feed_batch_end(const struct px_feed_batch *batch, struct lf__buf *out);
/* Reads; whether it is all true is for the client to find out. */
lf_status px_feed_batch_decode(struct lf__arena *arena, lf_bytes bytes, struct px_feed_batch *out,
                               lf_error *err);

/* AcknowledgeRequest and AcknowledgeResponse, which are alike. */
bool px_acknowledge_encode(uint64_t cursor, struct lf__buf *out);
lf_status px_acknowledge_decode(lf_bytes bytes, uint64_t *cursor, lf_error *err);

/* ReportMirror: what is signed, and what carries it. */
#define PX_MIRROR_COUNT_TYPE "application/vnd.lianfang.mirror-count.v1+protobuf"
struct px_mirror_count {
    lf_bytes member;
    lf_bytes day;
    uint64_t number;
    uint32_t subjects;
    struct lf__hash digest;
};
bool px_mirror_count_encode(const struct px_mirror_count *count, struct lf__buf *out);
lf_status px_mirror_count_decode(lf_bytes bytes, struct px_mirror_count *out, lf_error *err);
struct px_mirror_report {
    lf_bytes count; /* a px_mirror_count */
    struct lf__hash key_id;
    struct lf__signature signature;
};
bool px_mirror_report_encode(const struct px_mirror_report *report, struct lf__buf *out);
lf_status px_mirror_report_decode(lf_bytes bytes, struct px_mirror_report *out, lf_error *err);
enum { PX_REPORT_ACCESS_INDEX = 1 }; /* the answer's only field */

#endif
