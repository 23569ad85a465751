/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evidence file. Its top is walked by hand, as a file may be larger than a message; what is in it is scanned as
 * strictly as any message. Envelopes are handed on as the bytes that they are.
 */
#include "protos/codec/evidence_bundle.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/evidence_internal.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/wire.h"

#include <lianfang/v1/evidence.pb-c.h>

enum {
    BUNDLE_FORMAT = 1,
    BUNDLE_NOTE,
    BUNDLE_GENESIS,
    BUNDLE_PATH,
    BUNDLE_RECORDS,
    BUNDLE_FILES,
    BUNDLE_LOG_KEYS
};

static bool record_put(const struct px_bundle_record *record, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    (void)px_wire_u64(&inner, 1, record->index);
    (void)px_wire_bytes(&inner, 2, record->leaf);
    px_path_put(&inner, 3, record->path, record->path_count);
    (void)px_wire_bytes(&inner, 4, record->envelope);
    for (size_t i = 0; i < record->key_count; i++) {
        (void)px_key_proof_put(5, &record->keys[i], &inner);
    }
    return !inner.failed && px_wire_bytes(out, BUNDLE_RECORDS, lf__buf_bytes(&inner));
}

static bool attachment_put(const struct px_attachment *attachment, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    (void)px_wire_bytes(&inner, 1, lf__hash_bytes(&attachment->sha256));
    (void)px_wire_bytes(&inner, 2, attachment->name);
    (void)px_wire_u64(&inner, 3, attachment->size);
    if (attachment->content.len > 0) {
        (void)px_wire_bytes(&inner, 4, attachment->content);
    }
    return !inner.failed && px_wire_bytes(out, BUNDLE_FILES, lf__buf_bytes(&inner));
}

bool px_bundle_encode(const struct px_bundle *bundle, struct lf__buf *out)
{
    bool good = px_wire_u64(out, BUNDLE_FORMAT, PX_BUNDLE_FORMAT) &&
                px_wire_bytes(out, BUNDLE_NOTE, bundle->checkpoint) &&
                px_wire_bytes(out, BUNDLE_GENESIS, lf__hash_bytes(&bundle->genesis_leaf));
    px_path_put(out, BUNDLE_PATH, bundle->genesis_path, bundle->genesis_path_count);
    for (size_t i = 0; good && i < bundle->record_count; i++) {
        good = record_put(&bundle->records[i], out);
    }
    for (size_t i = 0; good && i < bundle->attachment_count; i++) {
        good = attachment_put(&bundle->attachments[i], out);
    }
    for (size_t i = 0; good && i < bundle->log_key_count; i++) {
        good = px_log_key_proof_put(BUNDLE_LOG_KEYS, &bundle->log_keys[i], out);
    }
    return good && !out->failed;
}

/* The file while it is read; what is repeated was counted before. */
struct bundle_reader {
    struct lf__arena *arena;
    struct px_bundle bundle;
    struct px_bundle_record *records;
    struct px_attachment *attachments;
    struct px_log_key_proof *log_keys;
    struct lf__hash *path;
    unsigned seen;
    lf_error *err;
};

static lf_status record_take(struct bundle_reader *r, lf_bytes bytes, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    struct px_bundle_record *to = &r->records[r->bundle.record_count];
    lf_status rc = px_unpack(r->arena, bytes, &lianfang__v1__evidence_record__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__EvidenceRecord *in = (const void *)message;
    if (in->envelope == NULL) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "records.envelope",
                          "bundle: a record without its envelope");
    }
    *to = (struct px_bundle_record){.index = in->index,
                                    .leaf = px_bytes(in->leaf),
                                    .path_count = in->n_path,
                                    .envelope = px_field_raw(bytes, 4),
                                    .key_count = in->n_keys};
    rc = px_exact(to->leaf, LF_LEDGER_LEAF_BYTES, "records.leaf", err);
    rc = rc == LF_OK ? px_path_take(r->arena, in->path, in->n_path, &to->path, err) : rc;
    rc = rc == LF_OK ? px_key_proofs_take(r->arena, in->keys, in->n_keys, &to->keys, err) : rc;
    if (rc == LF_OK && r->bundle.record_count > 0 && to->index <= to[-1].index) {
        rc = lf__refuse(err, LF_E_REJECTED, "DUPLICATE_FIELD", "records.index",
                        "bundle: its records do not ascend, each once");
    }
    r->bundle.record_count++;
    return rc;
}

static bool name_is_plain(lf_bytes name)
{
    return name.len > 0 && name.len <= PX_ATTACHMENT_NAME_MAX &&
           memchr(name.ptr, '/', name.len) == NULL;
}

static lf_status attachment_take(struct bundle_reader *r, lf_bytes bytes, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    struct px_attachment *to = &r->attachments[r->bundle.attachment_count];
    lf_status rc = px_unpack(r->arena, bytes, &lianfang__v1__evidence_attachment__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__EvidenceAttachment *in = (const void *)message;
    rc = px_exact(px_bytes(in->sha256), LF_HASH_BYTES, "attachments.sha256", err);
    if (rc != LF_OK) {
        return rc;
    }
    *to = (struct px_attachment){
        .name = px_text(in->name), .size = in->size, .content = px_bytes(in->content)};
    lf__copy(to->sha256.bytes, in->sha256.data, LF_HASH_BYTES);
    if (!name_is_plain(to->name) || to->content.len > PX_ATTACHMENT_INLINE_MAX ||
        (to->content.len > 0 && to->content.len != to->size)) {
        return lf__refuse(err, LF_E_REJECTED, "ATTACHMENT_BAD", "attachments.name",
                          "bundle: an attachment has no plain name, or another size than it says");
    }
    r->bundle.attachment_count++;
    return LF_OK;
}

static lf_status path_next(struct bundle_reader *r, lf_bytes hash, lf_error *err)
{
    lf_status rc = px_exact(hash, LF_HASH_BYTES, "genesis_path", err);
    if (rc == LF_OK) {
        lf__copy(r->path[r->bundle.genesis_path_count++].bytes, hash.ptr, LF_HASH_BYTES);
    }
    return rc;
}

static lf_status format_take(const struct px_wire *field, lf_error *err)
{
    return field->varint == PX_BUNDLE_FORMAT
               ? LF_OK
               : lf__refuse(err, LF_E_VERSION, "FORMAT_UNKNOWN", "format",
                            "bundle: format %llu, and this program knows %d",
                            (unsigned long long)field->varint, PX_BUNDLE_FORMAT);
}

/* Form first: number, wire type, and singular fields once. */
static lf_status field_form(struct bundle_reader *r, const struct px_wire *field)
{
    unsigned want = field->number == BUNDLE_FORMAT ? PX_WIRE_VARINT : PX_WIRE_BYTES;
    if (field->number == 0 || field->number > BUNDLE_LOG_KEYS) {
        return lf__refuse(r->err, LF_E_FORMAT, "UNKNOWN_FIELD", "bundle",
                          "bundle: field %u is not known", field->number);
    }
    if (field->type != want) {
        return lf__refuse(r->err, LF_E_FORMAT, "WRONG_WIRE_TYPE", "bundle",
                          "bundle: field %u has a wrong wire type", field->number);
    }
    if (field->number <= BUNDLE_GENESIS && (r->seen & LF_BIT(field->number)) != 0) {
        return lf__refuse(r->err, LF_E_FORMAT, "DUPLICATE_FIELD", "bundle",
                          "bundle: field %u stands twice", field->number);
    }
    r->seen |= LF_BIT(field->number);
    return LF_OK;
}

static lf_status field_take(struct bundle_reader *r, const struct px_wire *field)
{
    lf_status rc = field_form(r, field);
    if (rc != LF_OK) {
        return rc;
    }
    switch (field->number) {
    case BUNDLE_FORMAT:
        return format_take(field, r->err);
    case BUNDLE_NOTE:
        r->bundle.checkpoint = field->value;
        return LF_OK;
    case BUNDLE_GENESIS:
        rc = px_exact(field->value, LF_HASH_BYTES, "genesis_leaf_hash", r->err);
        lf__copy(r->bundle.genesis_leaf.bytes, field->value.ptr, rc == LF_OK ? LF_HASH_BYTES : 0);
        return rc;
    case BUNDLE_PATH:
        return path_next(r, field->value, r->err);
    case BUNDLE_RECORDS:
        return record_take(r, field->value, r->err);
    case BUNDLE_FILES:
        return attachment_take(r, field->value, r->err);
    default:
        return px_log_key_proof_decode(r->arena, field->value,
                                       &r->log_keys[r->bundle.log_key_count++], r->err);
    }
}

static size_t field_count(lf_bytes message, uint32_t number)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    size_t count = 0;
    while (px_wire_next(&r, &wire)) {
        count += wire.number == number ? 1 : 0;
    }
    return count;
}

/* Room for all that is repeated, within the limits. */
static lf_status room_make(struct bundle_reader *r, lf_bytes bytes)
{
    size_t path = field_count(bytes, BUNDLE_PATH);
    size_t records = field_count(bytes, BUNDLE_RECORDS);
    size_t files = field_count(bytes, BUNDLE_FILES);
    size_t keys = field_count(bytes, BUNDLE_LOG_KEYS);
    if (bytes.len > PX_BUNDLE_MAX || path > PX_EVIDENCE_PATH_MAX ||
        records > PX_BUNDLE_RECORDS_MAX || files > PX_ATTACHMENTS_MAX || keys > PX_LOG_KEYS_MAX) {
        return lf__refuse(r->err, LF_E_TOO_BIG, "TOO_BIG", "bundle",
                          "bundle: too large, or too many records, hashes or attachments");
    }
    r->path = lf__arena_array(r->arena, path, sizeof *r->path);
    r->records = lf__arena_array(r->arena, records, sizeof *r->records);
    r->attachments = lf__arena_array(r->arena, files, sizeof *r->attachments);
    r->log_keys = lf__arena_array(r->arena, keys, sizeof *r->log_keys);
    return lf__arena_status(r->arena, r->err);
}

static lf_status all_there(const struct bundle_reader *r)
{
    const unsigned needed = LF_BIT(BUNDLE_FORMAT) | LF_BIT(BUNDLE_NOTE) | LF_BIT(BUNDLE_GENESIS) |
                            LF_BIT(BUNDLE_RECORDS);
    return (r->seen & needed) == needed
               ? LF_OK
               : lf__refuse(r->err, LF_E_FORMAT, "FIELD_MISSING", "bundle",
                            "bundle: format, checkpoint, genesis or records are missing");
}

lf_status px_bundle_decode(struct lf__arena *arena, lf_bytes bytes, struct px_bundle *out,
                           lf_error *err)
{
    struct bundle_reader r = {.arena = arena, .err = err};
    struct lf__reader fields = {bytes};
    struct px_wire field;
    lf_status rc = room_make(&r, bytes);
    while (rc == LF_OK && px_wire_next(&fields, &field)) {
        rc = field_take(&r, &field);
    }
    if (rc == LF_OK && !lf__read_finished(&fields)) {
        rc = lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "bundle",
                        "bundle: not an evidence file, or cut short");
    }
    rc = rc == LF_OK ? all_there(&r) : rc;
    if (rc == LF_OK) {
        r.bundle.genesis_path = r.path;
        r.bundle.records = r.records;
        r.bundle.attachments = r.attachments;
        r.bundle.log_keys = r.log_keys;
        *out = r.bundle;
    }
    return rc;
}
