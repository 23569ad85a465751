/* SPDX-License-Identifier: Apache-2.0 */
/* The signed bytes: header and part hashes. */
#include "protos/codec/codec_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/record_internal.h"
#include "protos/codec/wire.h"

#include <lianfang/v1/record.pb-c.h>

static lf_status header_form(const struct px_header *h, lf_error *err)
{
    if (!lf__text_is_member_id(h->issuer)) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "header.issuer",
                          "header: issuer is not a member id");
    }
    if (h->record_id.len != PX_ID_BYTES) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_LENGTH", "header.record_id",
                          "header: record id of %zu bytes instead of %d", h->record_id.len,
                          PX_ID_BYTES);
    }
    if (h->kind == PX_KIND_NONE || h->kind >= PX_KIND_COUNT) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_UNKNOWN", "header.kind",
                          "header: unknown kind %d", (int)h->kind);
    }
    if (h->version == 0) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "header.version",
                          "header: versions begin with 1");
    }
    if (h->predecessor.len != (h->version > 1 ? (size_t)PX_ID_BYTES : 0)) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_LENGTH", "header.predecessor",
                          "header: a predecessor goes with versions above 1, and has %d bytes",
                          PX_ID_BYTES);
    }
    if (h->ref.len > PX_REF_MAX || h->audience_count > PX_AUDIENCE_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG",
                          h->ref.len > PX_REF_MAX ? "header.ref" : "header.audience",
                          "header: over a limit");
    }
    return LF_OK;
}

static lf_status header_decode(struct lf__arena *arena, const Lianfang__V1__Header *in,
                               struct px_header *out, lf_error *err)
{
    lf_bytes *audience = lf__arena_array(arena, in->n_audience, sizeof *audience);
    if (audience == NULL) {
        return lf__fail(err, LF_E_NOMEM, "header: out of memory");
    }
    for (size_t i = 0; i < in->n_audience; i++) {
        audience[i] = lf__bytes_str(in->audience[i]);
    }
    *out = (struct px_header){.issuer = lf__bytes_str(in->issuer),
                              .record_id = px_bytes(in->record_id),
                              .kind = (enum px_kind)in->kind,
                              .ref = lf__bytes_str(in->ref),
                              .version = in->version,
                              .predecessor = px_bytes(in->predecessor),
                              .issued_at_ms = in->issued_at_ms,
                              .effective_from_ms = in->effective_from_ms,
                              .effective_until_ms = in->effective_until_ms,
                              .audience = audience,
                              .audience_count = in->n_audience,
                              .legal_basis = (unsigned)in->legal_basis,
                              .certainty = (unsigned)in->certainty};
    return header_form(out, err);
}

static lf_status hash_decode(const Lianfang__V1__PartHash *in, struct px_envelope *out,
                             lf_error *err)
{
    unsigned class_number = (unsigned)in->class_;
    if (class_number == 0 || class_number >= PX_CLASS_COUNT || out->has_hash[class_number]) {
        return lf__refuse(err, LF_E_REJECTED,
                          class_number < PX_CLASS_COUNT && class_number > 0 ? "DUPLICATE_FIELD"
                                                                            : "PART_HASH",
                          "record.parts.class", "record: part classes are 1 to %d, each once",
                          PX_CLASS_COUNT - 1);
    }
    lf_status rc = px_exact(px_bytes(in->hash), LF_HASH_BYTES, "record.parts.hash", err);
    if (rc == LF_OK) {
        out->has_hash[class_number] = true;
        lf__copy(out->part_hash[class_number].bytes, in->hash.data, LF_HASH_BYTES);
    }
    return rc;
}

lf_status px_record_decode(struct lf__arena *arena, struct px_envelope *envelope, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, envelope->record, &lianfang__v1__record__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Record *in = (const void *)message;
    if (in->header == NULL || in->n_parts == 0) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING",
                          in->header == NULL ? "header" : "record.parts",
                          "record: needs a header and a part");
    }
    rc = header_decode(arena, in->header, &envelope->header, err);
    for (size_t i = 0; rc == LF_OK && i < in->n_parts; i++) {
        rc = hash_decode(in->parts[i], envelope, err);
    }
    return rc;
}

bool px_field(struct lf__buf *out, uint32_t number, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    return px_wire_varint(out, (uint64_t)number << 3 | PX_WIRE_BYTES) &&
           px_wire_varint(out, size) && px_pack(message, out);
}

static bool header_pack(const struct px_header *h, struct lf__buf *out)
{
    char issuer[64];
    char ref[PX_REF_MAX + 1];
    char names[PX_AUDIENCE_MAX][64];
    char *audience[PX_AUDIENCE_MAX];
    Lianfang__V1__Header header = LIANFANG__V1__HEADER__INIT;
    bool good = h->audience_count <= PX_AUDIENCE_MAX &&
                lf__copy_str(issuer, sizeof issuer, h->issuer) &&
                lf__copy_str(ref, sizeof ref, h->ref);
    for (size_t i = 0; good && i < h->audience_count; i++) {
        good = lf__copy_str(names[i], sizeof names[i], h->audience[i]);
        audience[i] = names[i];
    }
    if (!good) {
        out->failed = true;
        return false;
    }
    header.issuer = issuer;
    header.record_id = px_data(h->record_id);
    header.kind = (Lianfang__V1__Kind)h->kind;
    header.ref = ref;
    header.version = h->version;
    header.predecessor = px_data(h->predecessor);
    header.issued_at_ms = h->issued_at_ms;
    header.effective_from_ms = h->effective_from_ms;
    header.effective_until_ms = h->effective_until_ms;
    header.audience = audience;
    header.n_audience = h->audience_count;
    header.legal_basis = (Lianfang__V1__LegalBasis)h->legal_basis;
    header.certainty = (Lianfang__V1__Certainty)h->certainty;
    return px_field(out, 1, &header.base);
}

bool px_record_encode(const struct px_header *header, const struct px_part *parts, size_t count,
                      struct lf__buf *out)
{
    bool good = header_pack(header, out);
    for (size_t i = 0; good && i < count; i++) {
        Lianfang__V1__PartHash hash = LIANFANG__V1__PART_HASH__INIT;
        struct lf__hash bytes =
            lf__part_hash((uint8_t)parts[i].part_class, parts[i].salt, parts[i].body);
        hash.class_ = (Lianfang__V1__PartClass)parts[i].part_class;
        hash.hash = px_data(lf__hash_bytes(&bytes));
        good = px_field(out, 2, &hash.base);
    }
    return good;
}
