/* SPDX-License-Identifier: Apache-2.0 */
/* derive.json and record.json: what a member makes, and envelopes that a strict reader refuses. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/derive.h"
#include "protos/codec/wire.h"

json_t *vectors_derive(struct vector_world *world)
{
    static const struct {
        uint32_t kind;
        uint32_t version;
        const char *ref;
        const char *body;
    } rows[] = {{5, 1, "case-2026-1", "c20c1239"},
                {5, 2, "case-2026-1", "c20c1239"},
                {4, 1, "case-2026-1", ""},
                {5, 256, "京市监〔2026〕7号", "ff"},
                {7, 1, "", "00"}};
    lf_bytes secret = lf__hash_bytes(&world->push_secret);
    json_t *file = json_object();
    json_t *cases = json_array();
    vector_set(file, "push_secret", vector_hash(&world->push_secret));
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__row row = {rows[i].kind, rows[i].version, lf__bytes_str(rows[i].ref)};
        uint8_t body[8];
        uint8_t id[LF_RECORD_ID_BYTES];
        json_t *one = json_object();
        json_t *salts = json_array();
        size_t len = 0;
        LF_BUG_IF(!lf__unhex(lf__bytes_str(rows[i].body), body, sizeof body, &len));
        lf__derive_record_id(secret, &row, id);
        vector_set(one, "kind", json_integer((json_int_t)row.kind));
        vector_set(one, "ref", json_string(rows[i].ref));
        vector_set(one, "version", json_integer((json_int_t)row.version));
        vector_set(one, "record_id", vector_hex(LF_BYTES_ARRAY(id)));
        vector_set(one, "body", json_string(rows[i].body));
        for (uint8_t part_class = 1; part_class < PX_CLASS_COUNT; part_class++) {
            uint8_t salt[LF_SALT_BYTES];
            lf__derive_salt(secret, &row, part_class, (lf_bytes){body, len}, salt);
            vector_add(salts, vector_hex(LF_BYTES_ARRAY(salt)));
        }
        vector_set(one, "salts_of_classes_1_to_4", salts);
        vector_add(cases, one);
    }
    vector_set(file, "cases", cases);
    return file;
}

static json_t *header_json(const struct px_header *h)
{
    json_t *made = json_object();
    vector_set(made, "issuer", vector_text(h->issuer));
    vector_set(made, "record_id", vector_hex(h->record_id));
    vector_set(made, "kind", json_integer((json_int_t)h->kind));
    vector_set(made, "ref", vector_text(h->ref));
    vector_set(made, "version", json_integer((json_int_t)h->version));
    vector_set(made, "predecessor", vector_hex(h->predecessor));
    vector_set(made, "issued_at_ms", json_integer(h->issued_at_ms));
    vector_set(made, "effective_until_ms", json_integer(h->effective_until_ms));
    vector_set(made, "legal_basis", json_integer((json_int_t)h->legal_basis));
    vector_set(made, "certainty", json_integer((json_int_t)h->certainty));
    return made;
}

static json_t *parts_json(const struct vector_record *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->part_count; i++) {
        const struct px_part *part = &r->parts[i];
        struct lf__hash hash = lf__part_hash((uint8_t)part->part_class, part->salt, part->body);
        json_t *one = json_object();
        vector_set(one, "class", json_integer((json_int_t)part->part_class));
        vector_set(one, "salt", vector_hex(LF_BYTES_ARRAY(part->salt)));
        vector_set(one, "body", vector_hex(part->body));
        vector_set(one, "hash", vector_hash(&hash));
        vector_add(list, one);
    }
    return list;
}

/* As submitted alone, with its signature. */
static void envelope_make(const struct vector_record *r, struct lf__buf *out)
{
    struct px_envelope e = {
        .record = lf__buf_bytes(&r->record), .part_count = r->part_count, .signature_count = 1};
    lf__copy(e.parts, r->parts, r->part_count * sizeof *r->parts);
    e.signatures[0] = (struct px_signature){.alg = (unsigned)r->signer->key.alg,
                                            .key_id = r->signer->id,
                                            .signature = LF_BYTES_ARRAY(r->signature.bytes)};
    LF_BUG_IF(!px_envelope_encode(&e, out));
}

json_t *vector_record_json(const struct vector_record *r)
{
    LF_BUF envelope;
    json_t *one = json_object();
    struct lf__hash digest = px_record_digest(lf__buf_bytes(&r->record));
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    envelope_make(r, &envelope);
    vector_set(one, "name", json_string(r->name));
    vector_set(one, "header", header_json(&r->header));
    vector_set(one, "message", json_incref(r->message));
    vector_set(one, "parts", parts_json(r));
    vector_set(one, "record", vector_hex(lf__buf_bytes(&r->record)));
    vector_set(one, "digest", vector_hash(&digest));
    vector_set(one, "envelope", vector_hex(lf__buf_bytes(&envelope)));
    return one;
}

/* One refused envelope: what the header and the single part become before they are put together. */
struct spoil {
    const char *name;
    const char *reason;
    const char *field;
    void (*header)(struct px_header *header);
    void (*part)(struct px_part *part);
    const char *tail; /* raw bytes after the envelope */
    size_t tail_len;
};

static void no_version(struct px_header *h)
{
    h->version = 0;
}
static void no_predecessor(struct px_header *h)
{
    h->version = 2;
}
static void short_id(struct px_header *h)
{
    h->record_id.len--;
}
static void unknown_kind(struct px_header *h)
{
    h->kind = (enum px_kind)99;
}
static void upper_issuer(struct px_header *h)
{
    h->issuer = lf__bytes_str("Platform-01");
}
static void flip_body(struct px_part *part)
{
    part->body = lf__bytes_slice(part->body, 0, part->body.len - 1);
}
static void flip_salt(struct px_part *part)
{
    part->salt[15] ^= 1;
}
static void other_class(struct px_part *part)
{
    part->part_class = PX_CLASS_PERSONAL;
}

static const struct spoil spoils[] = {
    {"version 0", "FIELD_MISSING", "header.version", no_version, NULL, NULL, 0},
    {"version 2 without predecessor", "FIELD_LENGTH", "header.predecessor", no_predecessor, NULL,
     NULL, 0},
    {"record id of 15 bytes", "FIELD_LENGTH", "header.record_id", short_id, NULL, NULL, 0},
    {"kind 99", "KIND_UNKNOWN", "header.kind", unknown_kind, NULL, NULL, 0},
    {"issuer in upper case", "MEMBER_ID", "header.issuer", upper_issuer, NULL, NULL, 0},
    {"body cut by a byte", "PART_HASH", "parts.body", NULL, flip_body, NULL, 0},
    {"one bit of the salt flipped", "PART_HASH", "parts.body", NULL, flip_salt, NULL, 0},
    {"part of a class that the record does not name", "PART_HASH", "parts.class", NULL, other_class,
     NULL, 0},
    {"record given twice", "DUPLICATE_FIELD", "record", NULL, NULL, "\x0a\1x", 3},
    {"unknown field in the envelope", "UNKNOWN_FIELD", "?", NULL, NULL, "\x7a\1x", 3},
    {"parts as a number", "WRONG_WIRE_TYPE", "parts", NULL, NULL, "\x10\1", 2},
    {"cut inside a field", "WIRE_MALFORMED", "", NULL, NULL, "\x1a\5x", 3},
    {"a tenth byte that overflows a number", "WIRE_MALFORMED", "", NULL, NULL,
     "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11},
};

static json_t *spoil_json(const struct vector_record *good, const struct spoil *spoil)
{
    LF_BUF record;
    LF_BUF wire;
    struct px_header header = good->header;
    struct px_envelope e = {.part_count = 1, .parts = {good->parts[0]}};
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (spoil->header != NULL) {
        spoil->header(&header);
    }
    LF_BUG_IF(!px_record_encode(&header, e.parts, 1, &record));
    if (spoil->part != NULL) {
        spoil->part(&e.parts[0]);
    }
    e.record = lf__buf_bytes(&record);
    (void)px_envelope_encode(&e, &wire);
    (void)lf__buf_append(&wire, (lf_bytes){(const uint8_t *)spoil->tail, spoil->tail_len});
    LF_BUG_IF(wire.failed);
    json_t *made = vector_refused(spoil->name, spoil->reason);
    vector_set(made, "field", json_string(spoil->field));
    vector_set(made, "envelope", vector_hex(lf__buf_bytes(&wire)));
    return made;
}

/* Headers that no honest writer makes, as raw bytes. */
static const struct {
    const char *name;
    const char *reason;
    const char *field;
    const char *raw;
    size_t len;
} raw_headers[] = {
    {"issuer twice", "DUPLICATE_FIELD", "header.issuer", "\x0a\3abc\x0a\3abc", 10},
    {"text that is not UTF-8", "BAD_UTF8", "header.ref", "\x0a\3abc\x22\2\xc0\x80", 9},
    {"text with a NUL", "NUL_IN_TEXT", "header.ref", "\x0a\3abc\x22\3a\0b", 10},
    {"record id as a number", "WRONG_WIRE_TYPE", "header.record_id", "\x0a\3abc\x10\1", 7},
    {"unknown field in the header", "UNKNOWN_FIELD", "header.?", "\x0a\3abc\x7a\1x", 8},
};

static json_t *raw_json(size_t i)
{
    LF_BUF record;
    LF_BUF wire;
    lf__buf_init(&record, 1000);
    lf__buf_init(&wire, 1000);
    (void)px_wire_bytes(&record, 1,
                        (lf_bytes){(const uint8_t *)raw_headers[i].raw, raw_headers[i].len});
    LF_BUG_IF(!px_wire_bytes(&wire, 1, lf__buf_bytes(&record)));
    json_t *made = vector_refused(raw_headers[i].name, raw_headers[i].reason);
    vector_set(made, "field", json_string(raw_headers[i].field));
    vector_set(made, "envelope", vector_hex(lf__buf_bytes(&wire)));
    return made;
}

/* A salt of another length, and two parts of one class: what our own encoder cannot say. */
static json_t *part_json(const struct vector_record *good, bool is_twice)
{
    LF_BUF part;
    LF_BUF wire;
    const struct px_part *p = &good->parts[0];
    lf__buf_init(&part, PX_RECORD_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    (void)px_wire_u64(&part, 1, (uint64_t)p->part_class);
    (void)px_wire_bytes(&part, 2, (lf_bytes){p->salt, is_twice ? 16 : 15});
    (void)px_wire_bytes(&part, 3, p->body);
    (void)px_wire_bytes(&wire, 1, lf__buf_bytes(&good->record));
    (void)px_wire_bytes(&wire, 2, lf__buf_bytes(&part));
    if (is_twice) {
        (void)px_wire_bytes(&wire, 2, lf__buf_bytes(&part));
    }
    LF_BUG_IF(part.failed || wire.failed);
    json_t *made = is_twice ? vector_refused("two parts of one class", "DUPLICATE_FIELD")
                            : vector_refused("salt of 15 bytes", "SALT_LENGTH");
    vector_set(made, "field", json_string(is_twice ? "parts" : "parts.salt"));
    vector_set(made, "envelope", vector_hex(lf__buf_bytes(&wire)));
    return made;
}

/* A body with a field of another class: the hash is right, the place is not. */
static json_t *class_json(struct vector_world *world)
{
    const struct vector_record *event = &world->records[0];
    struct vector_record moved = {.name = "", .signer = event->signer, .header = event->header};
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf__buf_init(&moved.record, PX_RECORD_MAX);
    moved.parts[0] = event->parts[1];
    moved.parts[0].part_class = PX_CLASS_MEMBERS;
    moved.part_count = 1;
    moved.signature = event->signature;
    LF_BUG_IF(!px_record_encode(&moved.header, moved.parts, 1, &moved.record));
    envelope_make(&moved, &wire);
    lf__buf_done(&moved.record);
    json_t *made = vector_refused("a field of class 3 in a part of class 2", "FIELD_CLASS");
    vector_set(made, "field", json_string("parts.body"));
    vector_set(made, "envelope", vector_hex(lf__buf_bytes(&wire)));
    return made;
}

json_t *vectors_record(struct vector_world *world)
{
    json_t *file = json_object();
    json_t *records = json_array();
    json_t *refused = json_array();
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        vector_add(records, vector_record_json(&world->records[i]));
    }
    vectors_words(world, records);
    for (size_t i = 0; i < LF_COUNT(spoils); i++) {
        vector_add(refused, spoil_json(&world->records[0], &spoils[i]));
    }
    for (size_t i = 0; i < LF_COUNT(raw_headers); i++) {
        vector_add(refused, raw_json(i));
    }
    vector_add(refused, part_json(&world->records[0], false));
    vector_add(refused, part_json(&world->records[0], true));
    vector_add(refused, class_json(world));
    vector_set(file, "records", records);
    vector_set(file, "refused", refused);
    return file;
}
