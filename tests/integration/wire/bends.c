/* SPDX-License-Identifier: Apache-2.0 */
/* One function a bend, one row a case. */
#define _GNU_SOURCE /* memmem */
#include "integration/wire/bends.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "gateway/exchange/validate/validate.h"
#include "protos/codec/wire.h"

#include <string.h>

/* ---- who ---- */
static void by_stranger(struct wire_record *r)
{
    r->signer = WIRE_STRANGER;
}
static void by_other(struct wire_record *r)
{
    r->signer = WIRE_OTHER;
}
static void by_authority(struct wire_record *r)
{
    r->signer = WIRE_AUTHORITY;
}
static void by_lab(struct wire_record *r)
{
    wire_record_by(r, WIRE_LAB);
}
static void as_authority(struct wire_record *r)
{
    r->header.issuer = lf__bytes_str("authority");
}
static void issuer_nobody(struct wire_record *r)
{
    r->header.issuer = lf__bytes_str("No Member Id");
}
static void kind_registry(struct wire_record *r)
{
    r->header.kind = PX_KIND_REGISTRY_ENTRY;
}
static void kind_unknown(struct wire_record *r)
{
    r->header.kind = (enum px_kind)99;
}
static void kind_genesis(struct wire_record *r)
{
    wire_record_by(r, WIRE_AUTHORITY);
    r->header.kind = PX_KIND_GENESIS;
}
static void kind_member(struct wire_record *r)
{
    r->header.kind = PX_KIND_MEMBER;
    r->member = (struct px_member){.member = lf__bytes_str("platform-01"),
                                   .role = PX_ROLE_REGULATOR,
                                   .status = PX_MEMBER_ACTIVE,
                                   .keys = {{.key = r->w->members[WIRE_PLATFORM].key, .use = 1}},
                                   .key_count = 1,
                                   .pin_count = 1};
}
static void target_nothing(struct wire_record *r)
{
    r->header.kind = PX_KIND_CORRECTION;
    r->target = (struct px_target){.issuer = r->header.issuer,
                                   .record_id = r->header.record_id,
                                   .decision = PX_CORRECTION_WITHDRAWN};
}
/* ---- what it says ---- */
static void issued_later(struct wire_record *r)
{
    r->header.issued_at_ms = lf__clock_utc_ms() + GW_CLOCK_SKEW_MS + 60000;
}
static void version_two(struct wire_record *r)
{
    r->header.version = 2;
    r->header.predecessor = r->header.record_id;
}
static void violation_unknown(struct wire_record *r)
{
    r->event.violation = lf__bytes_str("BADNESS");
}
static void measure_unknown(struct wire_record *r)
{
    r->event.measures[0] = lf__bytes_str("FLOGGING");
}
static void certainty_none(struct wire_record *r)
{
    r->header.certainty = 0;
}
static void date_none(struct wire_record *r)
{
    r->event.decided_at = lf__bytes_str("2026-02-30");
}
static void code_digit(struct wire_record *r)
{
    r->event.uscc = lf__bytes_str("91999999MA00000155");
}
static void code_lower(struct wire_record *r)
{
    r->event.uscc = lf__bytes_str("91999999ma00000154");
}
static void code_id_number(struct wire_record *r)
{
    r->event.uscc = lf__bytes_str("11010519491231002X");
}
static void note_id_number(struct wire_record *r)
{
    r->event.note = lf__bytes_str("the owner, 11010519491231002X, was asked");
}
static void note_utf8(struct wire_record *r)
{
    r->event.note = lf__bytes_str("\xff\xfe");
}
static void note_long(struct wire_record *r)
{
    static char text[PX_TEXT_MAX + 2];
    memset(text, 'x', PX_TEXT_MAX + 1);
    r->event.note = lf__bytes_str(text);
}
/* ---- bodies: part 0 is MEMBERS, 1 REGULATOR ---- */
static void field_add(struct wire_record *r, size_t part, uint32_t number, lf_bytes value)
{
    LF_BUF field;
    lf__buf_init(&field, PX_MESSAGE_MAX);
    LF_BUG_IF(!px_wire_bytes(&field, number, value));
    wire_body_add(r, part, lf__buf_bytes(&field));
}
static void body_twice(struct wire_record *r)
{
    field_add(r, 0, 200, r->event.uscc);
}
static void body_nul(struct wire_record *r)
{
    r->parts[1].body = LF_BYTES_NONE;
    field_add(r, 1, 305, (lf_bytes){(const uint8_t *)"a\0b", 3});
}
static void body_type(struct wire_record *r)
{
    static const uint8_t number[] = {0xd0, 0x0c, 0x05}; /* field 202, a text, as varint */
    wire_body_add(r, 0, LF_BYTES_ARRAY(number));
}
static void body_class(struct wire_record *r)
{
    field_add(r, 0, 300, lf__bytes_str("shop"));
}
static void body_deep(struct wire_record *r)
{
    uint8_t groups[64];
    for (size_t i = 0; i < sizeof groups; i += 2) {
        groups[i] = 0xcb; /* field 25, group begins */
        groups[i + 1] = 0x01;
    }
    wire_body_add(r, 0, LF_BYTES_ARRAY(groups));
}
static void parts_big(struct wire_record *r)
{
    static uint8_t filler[PX_PARTS_BYTES_MAX];
    field_add(r, 0, 299, LF_BYTES_ARRAY(filler));
}
/* ---- the record's bytes ---- */
static void record_twice(struct lf__buf *record)
{
    LF_BUG_IF(!px_wire_bytes(record, 1, LF_BYTES_NONE));
}
static void record_unknown(struct lf__buf *record)
{
    LF_BUG_IF(!px_wire_bytes(record, 77, LF_BYTES_NONE));
}
static void record_big(struct lf__buf *record)
{
    static uint8_t filler[PX_RECORD_MAX];
    LF_BUG_IF(!px_wire_bytes(record, 77, LF_BYTES_ARRAY(filler)));
}
static void record_cut(struct lf__buf *record)
{
    record->len--;
}
/* ---- signed, and then bent ---- */
static void flip_record(struct wire_record *r)
{
    uint8_t *id = memmem(r->record.ptr, r->record.len, r->id, sizeof r->id);
    LF_BUG_IF(id == NULL);
    id[3] ^= 0x10;
}
static void type_flipped(struct wire_record *r)
{
    r->type = "application/vnd.lianfang.record.v1+protobug";
}
static void type_of_batch(struct wire_record *r)
{
    r->type = LF_TYPE_BATCH;
}
static void flip_signature(struct wire_record *r)
{
    r->signature[40] ^= 0x01;
}
/* Another member's signature, under the key id of the issuer's own. */
static void forged_by_other(struct wire_record *r)
{
    struct px_signature mine = r->envelope.signatures[0];
    r->signer = WIRE_OTHER;
    wire_sign(r);
    r->envelope.signatures[0].key_id = mine.key_id;
}
static void flip_key_id(struct wire_record *r)
{
    r->envelope.signatures[0].key_id.bytes[0] ^= 0x80;
}
static void flip_part(struct wire_record *r)
{
    uint8_t *body = lf__arena_alloc(&r->arena, r->parts[0].body.len);
    lf__copy(body, r->parts[0].body.ptr, r->parts[0].body.len);
    body[r->parts[0].body.len - 1] ^= 0x01;
    r->envelope.parts[0].body.ptr = body;
}
static void flip_salt(struct wire_record *r)
{
    r->envelope.parts[1].salt[15] ^= 0x01;
}
static void swap_salts(struct wire_record *r)
{
    lf__copy(r->envelope.parts[0].salt, r->parts[1].salt, LF_SALT_BYTES);
}
static void alg_other(struct wire_record *r)
{
    r->envelope.signatures[0].alg = 2;
}
static void unsigned_record(struct wire_record *r)
{
    r->envelope.signature_count = 0;
}
static void signed_twice(struct wire_record *r)
{
    r->envelope.signatures[1] = r->envelope.signatures[0];
    r->envelope.signature_count = 2;
}
static void part_twice(struct wire_record *r)
{
    r->envelope.parts[2] = r->envelope.parts[0];
    r->envelope.part_count = 3;
}
void wire_batch_of_two(struct wire_record *r)
{
    static struct lf__hash path[1];
    struct px_signature *s = &r->envelope.signatures[0];
    LF_BUF pae;
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&r->record)));
    struct lf__hash leaf = lf__batch_leaf(lf__buf_bytes(&pae));
    lf__random(path[0].bytes, sizeof path[0].bytes);
    s->batch_size = 2;
    s->batch_root = lf__merkle_node(&leaf, &path[0]);
    s->batch_path = path;
    s->batch_path_count = 1;
    uint8_t body[4 + LF_HASH_BYTES];
    lf__put_u32be(body, 2);
    lf__copy(body + 4, s->batch_root.bytes, LF_HASH_BYTES);
    lf__buf_clear(&pae);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body)));
    struct lf__signature signature = lf__sign(r->w->members[r->signer].sign, lf__buf_bytes(&pae));
    lf__copy(r->signature, signature.bytes, sizeof r->signature);
}
static void batch_path_flipped(struct wire_record *r)
{
    static struct lf__hash bent[1];
    wire_batch_of_two(r);
    bent[0] = r->envelope.signatures[0].batch_path[0];
    bent[0].bytes[31] ^= 0x01;
    r->envelope.signatures[0].batch_path = bent;
}
static void batch_root_flipped(struct wire_record *r)
{
    wire_batch_of_two(r);
    r->envelope.signatures[0].batch_root.bytes[0] ^= 0x01;
}
static void batch_index_other(struct wire_record *r)
{
    wire_batch_of_two(r);
    r->envelope.signatures[0].batch_index = 1;
}
static void batch_signature_flipped(struct wire_record *r)
{
    wire_batch_of_two(r);
    r->signature[0] ^= 0x01;
}
/* ---- the envelope's bytes ---- */
static void wire_twice(struct lf__buf *wire)
{
    LF_BUG_IF(!px_wire_bytes(wire, 1, LF_BYTES_NONE));
}
static void wire_unknown(struct lf__buf *wire)
{
    LF_BUG_IF(!px_wire_bytes(wire, 9, LF_BYTES_NONE));
}
static void wire_cut(struct lf__buf *wire)
{
    wire->len--;
}
static void wire_salt(struct lf__buf *wire) /* one more part, its salt a byte short */
{
    LF_BUF part;
    static const uint8_t salt[LF_SALT_BYTES - 1];
    static const uint8_t class_members[] = {0x08, 0x02};
    struct lf__reader r = {lf__buf_bytes(wire)};
    struct px_wire record;
    lf__buf_init(&part, 256);
    LF_BUG_IF(!px_wire_next(&r, &record) || !lf__buf_append(&part, LF_BYTES_ARRAY(class_members)) ||
              !px_wire_bytes(&part, 2, LF_BYTES_ARRAY(salt)));
    wire->len = record.raw.len;
    LF_BUG_IF(!px_wire_bytes(wire, 2, lf__buf_bytes(&part)));
}

const struct wire_case wire_cases[] = {
    {"a key that no member has", "KEY_UNKNOWN", .fields = by_stranger},
    {"another member's key", "KEY_OF_OTHER_MEMBER", .fields = by_other},
    {"the authority's key under a member's name", "KEY_OF_OTHER_MEMBER", .fields = by_authority},
    {"a member's key under the authority's name", "KEY_OF_OTHER_MEMBER", .fields = as_authority},
    {"an issuer that is no member id", "MEMBER_ID", .fields = issuer_nobody},
    {"a platform's registry entry", "KIND_NOT_ALLOWED", .fields = kind_registry},
    {"a lab's enforcement event", "KIND_NOT_ALLOWED", .fields = by_lab},
    {"a platform that enrols", "KIND_NOT_ALLOWED", .fields = kind_member},
    {"a second genesis", "KIND_NOT_ALLOWED", .fields = kind_genesis},
    {"an unknown kind", "KIND_UNKNOWN", .fields = kind_unknown},
    {"a correction of nothing", "TARGET_UNKNOWN", .fields = target_nothing},
    {"a version without the one before", "PREDECESSOR_UNKNOWN", .fields = version_two},
    {"issued beyond the clock skew", "ISSUED_IN_FUTURE", .fields = issued_later},
    {"an unknown violation", "VIOLATION_UNKNOWN", .fields = violation_unknown},
    {"an unknown measure", "MEASURE_UNKNOWN", .fields = measure_unknown},
    {"no certainty", "CERTAINTY_UNKNOWN", .fields = certainty_none},
    {"a day that is none", "DATE_INVALID", .fields = date_none},
    {"a wrong check character", "USCC_CHECK_DIGIT", .fields = code_digit},
    {"a code in lower case", "USCC_BAD_CHAR", .fields = code_lower},
    {"an ID number as code", "USCC_IS_ID_NUMBER", .fields = code_id_number},
    {"an ID number in free text", "ID_NUMBER_IN_TEXT", .fields = note_id_number},
    {"bad UTF-8", "BAD_UTF8", .fields = note_utf8},
    {"a text over its limit", "TOO_BIG", .fields = note_long},
    {"a body's field twice", "DUPLICATE_FIELD", .bodies = body_twice},
    {"a NUL in text", "NUL_IN_TEXT", .bodies = body_nul},
    {"a wrong wire type", "WRONG_WIRE_TYPE", .bodies = body_type},
    {"a field of another class", "FIELD_CLASS", .bodies = body_class},
    {"nesting without end", "TOO_DEEP", .bodies = body_deep},
    {"parts over their limit", "TOO_BIG", .bodies = parts_big},
    {"a second header", "DUPLICATE_FIELD", .record = record_twice},
    {"an unknown field in the record", "UNKNOWN_FIELD", .record = record_unknown},
    {"a record over its limit", "TOO_BIG", .record = record_big},
    {"a record cut short", "WIRE_MALFORMED", .record = record_cut},
    {"one bit of the payload", "SIGNATURE_BAD", .envelope = flip_record},
    {"one bit of the payload type", "SIGNATURE_BAD", .fields = type_flipped},
    {"the payload type of a batch", "SIGNATURE_BAD", .fields = type_of_batch},
    {"one bit of the signature", "SIGNATURE_BAD", .envelope = flip_signature},
    {"another member's signature as the issuer's", "SIGNATURE_BAD", .envelope = forged_by_other},
    {"one bit of the key id", "KEY_UNKNOWN", .envelope = flip_key_id},
    {"one bit of a part", "PART_HASH", .envelope = flip_part},
    {"one bit of a salt", "PART_HASH", .envelope = flip_salt},
    {"another part's salt", "PART_HASH", .envelope = swap_salts},
    {"another algorithm than the key's", "KEY_ALGORITHM", .envelope = alg_other},
    {"no signature", "SIGNATURE_MISSING", .envelope = unsigned_record},
    {"one key twice", "DUPLICATE_FIELD", .envelope = signed_twice},
    {"one part twice", "DUPLICATE_FIELD", .envelope = part_twice},
    {"one bit of a batch path", "BATCH_PATH", .envelope = batch_path_flipped},
    {"one bit of a batch root", "BATCH_PATH", .envelope = batch_root_flipped},
    {"another place in the batch", "BATCH_PATH", .envelope = batch_index_other},
    {"one bit of a batch signature", "SIGNATURE_BAD", .envelope = batch_signature_flipped},
    {"the record twice", "DUPLICATE_FIELD", .bytes = wire_twice},
    {"an unknown field in the envelope", "UNKNOWN_FIELD", .bytes = wire_unknown},
    {"an envelope cut short", "WIRE_MALFORMED", .bytes = wire_cut},
    {"a salt a byte short", "SALT_LENGTH", .bytes = wire_salt},
};
const size_t wire_case_count = LF_COUNT(wire_cases);
