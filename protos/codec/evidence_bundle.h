/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/evidence_bundle.h - the evidence file, both ways; see lianfang/v1/evidence.proto. Decoded values are
 * borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_EVIDENCE_BUNDLE_H
#define PX_EVIDENCE_BUNDLE_H

#include "protos/codec/log_key.h"
#include "protos/codec/members.h"

enum {
    PX_BUNDLE_FORMAT = 1,
    PX_BUNDLE_MAX = 64 << 20,
    PX_BUNDLE_RECORDS_MAX = 1000,
    PX_ATTACHMENTS_MAX = 64,
    PX_ATTACHMENT_INLINE_MAX = 3 << 20,
    PX_ATTACHMENT_NAME_MAX = 255
};

struct px_bundle_record {
    uint64_t index;
    lf_bytes leaf; /* LF_LEDGER_LEAF_BYTES */
    const struct lf__hash *path;
    size_t path_count;
    lf_bytes envelope;
    const struct px_key_proof *keys;
    size_t key_count;
};

struct px_attachment {
    struct lf__hash sha256;
    lf_bytes name;
    uint64_t size;
    lf_bytes content; /* empty: kept beside the bundle */
};

struct px_bundle {
    lf_bytes checkpoint;
    struct lf__hash genesis_leaf;
    const struct lf__hash *genesis_path;
    size_t genesis_path_count;
    const struct px_bundle_record *records;
    size_t record_count;
    const struct px_attachment *attachments;
    size_t attachment_count;
    const struct px_log_key_proof *log_keys;
    size_t log_key_count;
};

bool px_bundle_encode(const struct px_bundle *bundle, struct lf__buf *out);
/* Form and limits only; what it claims is not looked at. E_FORMAT, E_TOO_BIG, E_REJECTED, E_VERSION. */
lf_status px_bundle_decode(struct lf__arena *arena, lf_bytes bytes, struct px_bundle *out,
                           lf_error *err);

#endif
