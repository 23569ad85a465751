/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/record.h - envelopes and records as our own values; see lianfang/v1/record.proto.
 *
 * Everything decoded is borrowed from the arena (or the input) it was decoded with. Threads: any.
 */
#ifndef PX_RECORD_H
#define PX_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/leaf.h"
#include "protos/codec/limits.h"

/* The numbers of lianfang.v1.Kind and PartClass. */
enum px_kind {
    PX_KIND_NONE,
    PX_KIND_GENESIS,
    PX_KIND_MEMBER,
    PX_KIND_POLICY,
    PX_KIND_REGISTRY_ENTRY,
    PX_KIND_ENFORCEMENT_EVENT,
    PX_KIND_RELAY,
    PX_KIND_CORRECTION,
    PX_KIND_REDACTION,
    PX_KIND_CREDIT_LIST_ENTRY,
    PX_KIND_LIST_REMOVAL,
    PX_KIND_APPEAL,
    PX_KIND_NOTICE,
    PX_KIND_DISPOSITION,
    PX_KIND_ENTRY_BAN,
    PX_KIND_OVERRIDE,
    PX_KIND_CAMPAIGN,
    PX_KIND_ATTESTATION,
    PX_KIND_BULLETIN,
    PX_KIND_MERCHANT_IDENTITY,
    PX_KIND_ACKNOWLEDGEMENT,
    PX_KIND_LOG_KEY,
    PX_KIND_COUNT
};
enum px_class {
    PX_CLASS_NONE,
    PX_CLASS_PUBLIC,
    PX_CLASS_MEMBERS,
    PX_CLASS_REGULATOR,
    PX_CLASS_PERSONAL,
    PX_CLASS_COUNT
};

struct px_header {
    lf_bytes issuer;    /* a member id */
    lf_bytes record_id; /* PX_ID_BYTES */
    enum px_kind kind;
    lf_bytes ref;
    uint32_t version;     /* 1 and up */
    lf_bytes predecessor; /* PX_ID_BYTES, or empty for version 1 */
    int64_t issued_at_ms; /* 0: not given */
    int64_t effective_from_ms;
    int64_t effective_until_ms;
    const lf_bytes *audience; /* member ids; none means all members */
    size_t audience_count;
    unsigned legal_basis; /* the numbers of LegalBasis and Certainty, 0 when not given */
    unsigned certainty;
};

struct px_part {
    enum px_class part_class;
    uint8_t salt[LF_SALT_BYTES];
    lf_bytes body;
};

struct px_signature {
    unsigned alg;
    struct lf__hash key_id;
    lf_bytes signature;
    uint32_t batch_size; /* 0: signed alone, and the next three are unused */
    uint32_t batch_index;
    struct lf__hash batch_root;
    const struct lf__hash *batch_path;
    size_t batch_path_count;
};

struct px_envelope {
    lf_bytes record; /* the signed bytes, as sent */
    struct px_header header;
    struct lf__hash part_hash[PX_CLASS_COUNT];
    bool has_hash[PX_CLASS_COUNT]; /* the record commits to a part of this class */
    struct px_part
        parts[PX_PARTS_MAX]; /* those that travel, at most one a class, each matching its hash */
    size_t part_count;
    /* a body has a field that must be understood and is not known here: the record is kept and
     * proven, and has no effect */
    bool is_not_understood;
    struct px_signature signatures[PX_SIGNATURES_MAX];
    size_t signature_count;
};

/* Strictly decodes and checks all that needs no membership: limits, forms, part hashes. Signatures
 * are not verified here. E_FORMAT, E_TOO_BIG or E_REJECTED with reason and field. */
lf_status px_envelope_decode(struct lf__arena *arena, lf_bytes bytes, struct px_envelope *out,
                             lf_error *err);
bool px_envelope_encode(const struct px_envelope *envelope, struct lf__buf *out);
/* The first signed bytes of an envelope, even where the rest of it is malformed; false when there are
 * none. Borrowed from `envelope`. */
bool px_envelope_record(lf_bytes envelope, lf_bytes *record);
/* The kind in the header of an envelope that was decoded before; PX_KIND_NONE where there is none. */
enum px_kind px_envelope_kind(lf_bytes envelope);
/* Appends one signature to a serialized envelope. */
bool px_signature_append(const struct px_signature *signature, struct lf__buf *envelope);
/* An envelope without signatures, to which they are appended. */
bool px_envelope_begin(lf_bytes record, const struct px_part *parts, size_t count,
                       struct lf__buf *out);
/* Serializes header and part hashes: the bytes to sign. */
bool px_record_encode(const struct px_header *header, const struct px_part *parts, size_t count,
                      struct lf__buf *out);
/* SHA-256 of the record's PAE: what makes a record the same as another. */
struct lf__hash px_record_digest(lf_bytes record);
/* The body of a class, or nothing. Borrowed. */
lf_bytes px_envelope_body(const struct px_envelope *envelope, enum px_class part_class);

#endif
