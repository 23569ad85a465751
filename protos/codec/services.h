/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/services.h - what the services ask and answer, both ways: the gateway decodes requests
 * and encodes answers, the client the other way round. See lianfang/v1/{exchange,screening,ledger}.proto.
 *
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_SERVICES_H
#define PX_SERVICES_H

#include "core/merkle.h"
#include "protos/codec/kinds.h"

enum {
    PX_SUBJECTS_MAX = 1000,
    PX_BATCH_BYTES_MAX = 1 << 20,
    PX_ENTRIES_MAX = 1000,
    PX_LEAVES_MAX = 8192
};
enum px_outcome { PX_OUTCOME_NONE, PX_OUTCOME_ACCEPTED, PX_OUTCOME_DUPLICATE, PX_OUTCOME_REFUSED };

/* One record's answer. */
struct px_result {
    lf_bytes record_id;
    enum px_outcome outcome;
    lf_bytes origin; /* the receipt: of ACCEPTED and DUPLICATE */
    uint64_t index;
    lf_bytes leaf;
    const struct lf__hash *path;
    size_t path_count;
    lf_error error; /* of REFUSED: reason, field, message */
    int grpc_code;
    uint32_t retry_ms;
    bool is_pending_relay;
};

/* Submit */
bool px_submit_request_encode(lf_bytes envelope, struct lf__buf *out);
lf_status px_submit_request_decode(lf_bytes bytes, lf_bytes *envelope, lf_error *err);
/* SubmitBatch: `signature.batch_root` is the root; records stand in the order of their leaves. */
bool px_batch_request_encode(const lf_bytes *envelopes, size_t count,
                             const struct px_signature *signature, struct lf__buf *out);
lf_status px_batch_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes **envelopes,
                                  size_t *count, struct px_signature *signature, lf_error *err);
/* The answer of both: one result, or one a record, and the checkpoint that all receipts lead to. */
bool px_results_encode(const struct px_result *results, size_t count, lf_bytes checkpoint,
                       struct lf__buf *out);
lf_status px_results_decode(struct lf__arena *arena, lf_bytes bytes, struct px_result **results,
                            size_t *count, lf_bytes *checkpoint, lf_error *err);

/* SubmitStream: one of its messages, and the answer with the same tag; `checkpoint` none when refused. */
bool px_stream_request_encode(uint64_t tag, lf_bytes envelope, struct lf__buf *out);
lf_status px_stream_request_decode(lf_bytes bytes, uint64_t *tag, lf_bytes *envelope,
                                   lf_error *err);
bool px_stream_answer_encode(uint64_t tag, const struct px_result *result, lf_bytes checkpoint,
                             struct lf__buf *out);
lf_status px_stream_answer_decode(struct lf__arena *arena, lf_bytes bytes, uint64_t *tag,
                                  struct px_result *result, lf_bytes *checkpoint, lf_error *err);

/* Screen and, message by message, ScreenStream */
struct px_asked {
    lf_bytes uscc;
    lf_bytes name; /* by which the asker knows the merchant */
};
struct px_screen_request {
    lf_bytes purpose;
    lf_bytes case_number;
    unsigned legal_basis;
    const struct px_asked *subjects;
    size_t count;
    uint64_t as_known_size; /* 0: now; so the next */
    int64_t as_known_ms;
    lf_bytes in_force; /* a date; empty: now */
};
bool px_screen_request_encode(const struct px_screen_request *request, struct lf__buf *out);
lf_status px_screen_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                   struct px_screen_request *out, lf_error *err);

struct px_reason {
    lf_bytes code;
    lf_bytes violation;
    unsigned certainty;
    unsigned state;
    lf_bytes decided_at;
    int64_t until_ms;
    lf_bytes origin;
    uint64_t index;
    unsigned kind;
    lf_bytes list;
    lf_bytes region;
    unsigned level;
    lf_bytes contact;
};
struct px_screened {
    lf_bytes uscc;
    unsigned advice;
    const struct px_reason *reasons;
    size_t reason_count;
    lf_bytes error_name;
    lf_bytes human_review;
    bool is_stale;
};
/* What was answered, whatever was asked. */
struct px_screen_answer {
    lf_bytes checkpoint;
    uint64_t known_size;
    int64_t in_force_ms;
    uint32_t advice_version;
};
bool px_screened_encode(const struct px_screened *one,
                        struct lf__buf *reply); /* call once a subject */
bool px_screen_reply_end(const struct px_screen_answer *answer, struct lf__buf *reply);
enum {
    PX_SCREEN_ACCESS_INDEX = 3
}; /* the field that follows, once the access log has the question */
lf_status px_screen_reply_decode(struct lf__arena *arena, lf_bytes bytes, struct px_screened **list,
                                 size_t *count, struct px_screen_answer *answer, lf_error *err);
/* What the access entry's digest is over, and the place of that entry; E_FORMAT unless it is the last field. */
lf_status px_screen_reply_told(lf_bytes bytes, lf_bytes *told, uint64_t *access_index,
                               lf_error *err);

/* Ledger */
enum px_log { PX_LOG_LEDGER = 1, PX_LOG_ACCESS = 2 };
struct px_range {
    unsigned log; /* an enum px_log */
    uint64_t a;   /* start, index or first size */
    uint64_t b;   /* limit, size or second size */
};
bool px_range_encode(const struct px_range *range, struct lf__buf *out);
lf_status px_range_decode(lf_bytes bytes, struct px_range *out, lf_error *err);
/* GetEntries, with or without contents. */
bool px_entries_request_encode(const struct px_range *range, bool leaves_only, struct lf__buf *out);
lf_status px_entries_request_decode(lf_bytes bytes, struct px_range *out, bool *leaves_only,
                                    lf_error *err);
bool px_checkpoint_encode(lf_bytes note, struct lf__buf *out);
/* The answer of GetCheckpoint: beside the note, the gateway's clock and version. */
struct px_head {
    lf_bytes note;
    int64_t time_ms;
    lf_bytes version;
};
bool px_head_encode(const struct px_head *head, struct lf__buf *out);
lf_status px_head_decode(lf_bytes bytes, struct px_head *out, lf_error *err);
lf_status px_checkpoint_decode(lf_bytes bytes, lf_bytes *note, lf_error *err);

struct px_entry {
    uint64_t index;
    lf_bytes leaf;
    lf_bytes envelope; /* empty when withheld */
    lf_bytes access;   /* of the access log: salt || entry; empty when withheld */
    bool is_burst;     /* of the feed: was quarantined as one of too many */
};
bool px_entry_encode(const struct px_entry *entry, struct lf__buf *reply); /* call once an entry */
bool px_entries_end(uint64_t next, lf_bytes checkpoint, struct lf__buf *reply);
lf_status px_entries_decode(struct lf__arena *arena, lf_bytes bytes, struct px_entry **list,
                            size_t *count, uint64_t *next, lf_bytes *checkpoint, lf_error *err);

/* ProveInclusion (leaf hash and path) and ProveConsistency (path alone, leaf NULL). */
bool px_proof_encode(const struct lf__hash *leaf, const struct lf__proof *proof, uint64_t size,
                     struct lf__buf *out);
lf_status px_proof_decode(lf_bytes bytes, bool has_leaf, struct lf__hash *leaf,
                          struct lf__proof *proof, lf_error *err);

#endif
