/* SPDX-License-Identifier: Apache-2.0 */
/* Envelope: parts beside the signed bytes, and signatures alone or through a batch. */
#include "protos/codec/kinds_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "protos/codec/record.h"
#include "protos/codec/record_internal.h"
#include "protos/codec/wire.h"

#include <lianfang/v1/record.pb-c.h>

static lf_status part_decode(const Lianfang__V1__Part *in, struct px_envelope *out, lf_error *err)
{
    unsigned class_number = (unsigned)in->class_;
    if (class_number == 0 || class_number >= PX_CLASS_COUNT || !out->has_hash[class_number]) {
        return lf__refuse(err, LF_E_REJECTED, "PART_HASH", "parts.class",
                          "part: the record names no part of class %u", class_number);
    }
    if (in->salt.len != LF_SALT_BYTES) {
        return lf__refuse(err, LF_E_REJECTED, "SALT_LENGTH", "parts.salt",
                          "part: salt of %zu bytes instead of %d", in->salt.len, LF_SALT_BYTES);
    }
    struct lf__hash hash = lf__part_hash((uint8_t)class_number, in->salt.data, px_bytes(in->body));
    if (!lf__hash_eq(&hash, &out->part_hash[class_number])) {
        return lf__refuse(err, LF_E_REJECTED, "PART_HASH", "parts.body",
                          "part: class %u does not match its hash", class_number);
    }
    struct px_part *part = &out->parts[out->part_count++];
    *part = (struct px_part){.part_class = (enum px_class)class_number, .body = px_bytes(in->body)};
    lf__copy(part->salt, in->salt.data, LF_SALT_BYTES);
    return LF_OK;
}

static lf_status parts_decode(const Lianfang__V1__Envelope *in, struct px_envelope *out,
                              lf_error *err)
{
    size_t total = 0;
    unsigned seen = 0;
    lf_status rc = LF_OK;
    if (in->n_parts > PX_PARTS_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "parts", "parts: more than %d",
                          PX_PARTS_MAX);
    }
    for (size_t i = 0; rc == LF_OK && i < in->n_parts; i++) {
        total += in->parts[i]->body.len;
        unsigned bit = LF_BIT((unsigned)in->parts[i]->class_ & 31);
        if (total > PX_PARTS_BYTES_MAX || (seen & bit) != 0) {
            return lf__refuse(err, LF_E_TOO_BIG, (seen & bit) != 0 ? "DUPLICATE_FIELD" : "TOO_BIG",
                              "parts", "parts: one a class, together at most %d bytes",
                              PX_PARTS_BYTES_MAX);
        }
        seen |= bit;
        rc = part_decode(in->parts[i], out, err);
    }
    return rc;
}

static lf_status batch_decode(struct lf__arena *arena, const Lianfang__V1__BatchPath *in,
                              struct px_signature *out, lf_error *err)
{
    if (in->size == 0 || in->size > PX_BATCH_MAX || in->index >= in->size ||
        in->n_path > PX_BATCH_PATH_MAX) {
        return lf__refuse(err, LF_E_REJECTED, "BATCH_PATH", "signatures.batch",
                          "batch: size, index or path out of range");
    }
    struct lf__hash *path = lf__arena_array(arena, in->n_path, sizeof *path);
    lf_status rc = path == NULL
                       ? lf__fail(err, LF_E_NOMEM, "batch: out of memory")
                       : px_exact(px_bytes(in->root), LF_HASH_BYTES, "signatures.batch.root", err);
    for (size_t i = 0; rc == LF_OK && i < in->n_path; i++) {
        rc = px_exact(px_bytes(in->path[i]), LF_HASH_BYTES, "signatures.batch.path", err);
        lf__copy(path[i].bytes, in->path[i].data, rc == LF_OK ? LF_HASH_BYTES : 0);
    }
    if (rc == LF_OK) {
        out->batch_size = in->size;
        out->batch_index = in->index;
        lf__copy(out->batch_root.bytes, in->root.data, LF_HASH_BYTES);
        out->batch_path = path;
        out->batch_path_count = in->n_path;
    }
    return rc;
}

lf_status px_signature_decode(struct lf__arena *arena, const Lianfang__V1__Signature *in,
                              struct px_signature *out, lf_error *err)
{
    lf_status rc = px_exact(px_bytes(in->key_id), LF_HASH_BYTES, "signatures.key_id", err);
    if (rc != LF_OK) {
        return rc;
    }
    if (in->signature.len == 0 || in->signature.len > PX_SIGNATURE_BYTES_MAX) {
        return lf__refuse(err, LF_E_FORMAT, "FIELD_LENGTH", "signatures.signature",
                          "signature: 1 to %d bytes", PX_SIGNATURE_BYTES_MAX);
    }
    *out = (struct px_signature){.alg = (unsigned)in->alg, .signature = px_bytes(in->signature)};
    lf__copy(out->key_id.bytes, in->key_id.data, LF_HASH_BYTES);
    return in->batch == NULL ? LF_OK : batch_decode(arena, in->batch, out, err);
}

static lf_status signatures_decode(struct lf__arena *arena, const Lianfang__V1__Envelope *in,
                                   struct px_envelope *out, lf_error *err)
{
    if (in->n_signatures > PX_SIGNATURES_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "signatures", "signatures: more than %d",
                          PX_SIGNATURES_MAX);
    }
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < in->n_signatures; i++) {
        rc = px_signature_decode(arena, in->signatures[i], &out->signatures[i], err);
    }
    out->signature_count = in->n_signatures;
    return rc;
}

lf_status px_envelope_decode(struct lf__arena *arena, lf_bytes bytes, struct px_envelope *out,
                             lf_error *err)
{
    ProtobufCMessage *message = NULL;
    struct px_envelope decoded = {.part_count = 0};
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__envelope__descriptor, PX_UNKNOWN_REFUSE,
                             &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Envelope *in = (const void *)message;
    decoded.record = px_bytes(in->record);
    if (decoded.record.len > PX_RECORD_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "record",
                          "record: %zu bytes, %d are allowed", decoded.record.len, PX_RECORD_MAX);
    }
    rc = px_record_decode(arena, &decoded, err);
    rc = rc == LF_OK ? parts_decode(in, &decoded, err) : rc;
    rc = rc == LF_OK ? signatures_decode(arena, in, &decoded, err) : rc;
    if (rc == LF_OK) {
        decoded.is_not_understood = !px_parts_are_understood(&decoded);
        *out = decoded;
    }
    return rc;
}

bool px_envelope_record(lf_bytes envelope, lf_bytes *record)
{
    struct lf__reader r = {envelope};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == 1 && wire.type == PX_WIRE_BYTES) {
            *record = wire.value;
            return wire.value.len > 0 && wire.value.len <= PX_RECORD_MAX;
        }
    }
    return false;
}

/* The first field of this number and type, as the strict reading has seen to it that there is but one. */
static bool field_find(lf_bytes message, uint32_t number, enum px_wire_type type,
                       struct px_wire *out)
{
    struct lf__reader r = {message};
    while (px_wire_next(&r, out)) {
        if (out->number == number && out->type == (unsigned)type) {
            return true;
        }
    }
    return false;
}

enum px_kind px_envelope_kind(lf_bytes envelope)
{
    lf_bytes record = LF_BYTES_NONE;
    struct px_wire header = {.number = 0};
    struct px_wire kind = {.number = 0};
    bool found = px_envelope_record(envelope, &record) &&
                 field_find(record, 1, PX_WIRE_BYTES, &header) &&
                 field_find(header.value, 3, PX_WIRE_VARINT, &kind);
    return found && kind.varint < PX_KIND_COUNT ? (enum px_kind)kind.varint : PX_KIND_NONE;
}

bool px_signature_append(const struct px_signature *in, struct lf__buf *out)
{
    Lianfang__V1__Signature signature = LIANFANG__V1__SIGNATURE__INIT;
    Lianfang__V1__BatchPath batch = LIANFANG__V1__BATCH_PATH__INIT;
    ProtobufCBinaryData path[PX_BATCH_PATH_MAX];
    signature.alg = (Lianfang__V1__Algorithm)in->alg;
    signature.key_id = px_data(lf__hash_bytes(&in->key_id));
    signature.signature = px_data(in->signature);
    for (size_t i = 0; i < in->batch_path_count; i++) {
        path[i] = px_data(lf__hash_bytes(&in->batch_path[i]));
    }
    batch.size = in->batch_size;
    batch.index = in->batch_index;
    batch.root = px_data(lf__hash_bytes(&in->batch_root));
    batch.path = path;
    batch.n_path = in->batch_path_count;
    signature.batch = in->batch_size > 0 ? &batch : NULL;
    return px_field(out, 3, &signature.base);
}

/* Field by field in the order of their numbers: what protobuf-c would write for the whole message. */
bool px_envelope_begin(lf_bytes record, const struct px_part *parts, size_t count,
                       struct lf__buf *out)
{
    Lianfang__V1__Envelope head = LIANFANG__V1__ENVELOPE__INIT;
    head.record = px_data(record);
    bool good = px_pack(&head.base, out);
    for (size_t i = 0; good && i < count; i++) {
        Lianfang__V1__Part part = LIANFANG__V1__PART__INIT;
        part.class_ = (Lianfang__V1__PartClass)parts[i].part_class;
        part.salt = px_data(LF_BYTES_ARRAY(parts[i].salt));
        part.body = px_data(parts[i].body);
        good = px_field(out, 2, &part.base);
    }
    return good;
}

bool px_envelope_encode(const struct px_envelope *envelope, struct lf__buf *out)
{
    bool good = px_envelope_begin(envelope->record, envelope->parts, envelope->part_count, out);
    for (size_t i = 0; good && i < envelope->signature_count; i++) {
        good = px_signature_append(&envelope->signatures[i], out);
    }
    return good;
}

struct lf__hash px_record_digest(lf_bytes record)
{
    return lf__dsse_hash(LF_BYTES_NONE, LF_TYPE_RECORD, record);
}

lf_bytes px_envelope_body(const struct px_envelope *envelope, enum px_class part_class)
{
    for (size_t i = 0; i < envelope->part_count; i++) {
        if (envelope->parts[i].part_class == part_class) {
            return envelope->parts[i].body;
        }
    }
    return LF_BYTES_NONE;
}
