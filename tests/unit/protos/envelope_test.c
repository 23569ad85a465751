/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes there and back, and every strictness rule crossed by hand-made bytes. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "protos/codec/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t test_id[PX_ID_BYTES] = {1, 2, 3};
static const char test_body[] = "\xc2\x0c\x02"
                                "ab"; /* field 200, a text */

static struct px_header header_make(void)
{
    static const lf_bytes audience[] = {{(const uint8_t *)"platform-02", 11}};
    return (struct px_header){.issuer = lf__bytes_str("platform-01"),
                              .record_id = LF_BYTES_ARRAY(test_id),
                              .kind = PX_KIND_ENFORCEMENT_EVENT,
                              .ref = lf__bytes_str("案-1"),
                              .version = 1,
                              .issued_at_ms = 1700000000000,
                              .audience = audience,
                              .audience_count = 1,
                              .legal_basis = 1,
                              .certainty = 3};
}

static struct px_part part_make(void)
{
    return (struct px_part){
        .part_class = PX_CLASS_MEMBERS, .salt = {9}, .body = lf__bytes_str(test_body)};
}

/* A signed envelope; `path` is borrowed by it. */
static void envelope_make(struct lf__buf *record, struct lf__hash *path, struct px_envelope *out)
{
    struct px_header header = header_make();
    struct px_part part = part_make();
    static const uint8_t signature[64] = {5};
    assert_true(px_record_encode(&header, &part, 1, record));
    *out = (struct px_envelope){
        .record = lf__buf_bytes(record), .part_count = 1, .parts = {part}, .signature_count = 2};
    out->signatures[0] =
        (struct px_signature){.alg = 1, .key_id = {{7}}, .signature = LF_BYTES_ARRAY(signature)};
    out->signatures[1] = (struct px_signature){.alg = 1,
                                               .key_id = {{8}},
                                               .signature = LF_BYTES_ARRAY(signature),
                                               .batch_size = 3,
                                               .batch_index = 1,
                                               .batch_root = {{4}},
                                               .batch_path = path,
                                               .batch_path_count = 2};
}

static lf_status decode(lf_bytes bytes, struct px_envelope *out, struct lf__arena *arena,
                        lf_error *err)
{
    lf__arena_init(arena, 1 << 20);
    return px_envelope_decode(arena, bytes, out, err);
}

static void there_and_back(void **state)
{
    (void)state;
    LF_BUF record;
    LF_BUF wire;
    LF_ARENA arena;
    struct lf__hash path[2] = {{{1}}, {{2}}};
    struct px_envelope made;
    struct px_envelope got;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&record, PX_MESSAGE_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    envelope_make(&record, path, &made);
    assert_true(px_envelope_encode(&made, &wire));
    assert_int_equal(decode(lf__buf_bytes(&wire), &got, &arena, &err), LF_OK);
    assert_true(lf__bytes_eq(got.record, made.record));
    assert_true(lf__bytes_eq_str(got.header.issuer, "platform-01") &&
                lf__bytes_eq_str(got.header.ref, "案-1"));
    assert_true(got.header.kind == PX_KIND_ENFORCEMENT_EVENT && got.header.version == 1 &&
                got.header.certainty == 3);
    assert_true(got.header.audience_count == 1 &&
                lf__bytes_eq_str(got.header.audience[0], "platform-02"));
    assert_true(lf__bytes_eq_str(px_envelope_body(&got, PX_CLASS_MEMBERS), test_body));
    assert_int_equal(px_envelope_body(&got, PX_CLASS_PERSONAL).len, 0);
    assert_int_equal(got.signature_count, 2);
    assert_true(got.signatures[0].batch_size == 0 && got.signatures[1].batch_size == 3 &&
                got.signatures[1].batch_path_count == 2);
    assert_int_equal(got.signatures[1].batch_path[1].bytes[0], 2);
    LF_BUF again;
    lf__buf_init(&again, PX_MESSAGE_MAX);
    assert_true(px_envelope_encode(&got, &again));
    assert_true(lf__bytes_eq(lf__buf_bytes(&again), lf__buf_bytes(&wire)));
    LF_BUF pae;
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, made.record));
    struct lf__hash want = lf__sha256(lf__buf_bytes(&pae));
    struct lf__hash digest = px_record_digest(made.record);
    assert_true(lf__hash_eq(&want, &digest));
}

/* Truncations and single-bit flips never crash, and never leave anything in the output on failure. */
static void damaged_bytes(void **state)
{
    (void)state;
    LF_BUF record;
    LF_BUF wire;
    struct lf__hash path[2] = {{{1}}, {{2}}};
    struct px_envelope made;
    lf__buf_init(&record, PX_MESSAGE_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    envelope_make(&record, path, &made);
    assert_true(px_envelope_encode(&made, &wire));
    for (size_t i = 0; i < wire.len * 9; i++) {
        LF_ARENA arena;
        struct px_envelope got = {.part_count = 77};
        lf_error err = LF_ERROR_INIT;
        size_t at = i / 9;
        bool is_cut = i % 9 == 8;
        uint8_t flip = (uint8_t)(is_cut ? 0u : 1u << i % 9);
        wire.ptr[at] ^= flip;
        lf_status rc = decode((lf_bytes){wire.ptr, is_cut ? at : wire.len}, &got, &arena, &err);
        wire.ptr[at] ^= flip;
        assert_true(rc == LF_OK ||
                    (got.part_count == 77 && err.status == rc && err.reason[0] != '\0'));
    }
}

static void assert_refused(lf_bytes wire, const char *reason, const char *field)
{
    LF_ARENA arena;
    struct px_envelope got;
    lf_error err = LF_ERROR_INIT;
    assert_true(decode(wire, &got, &arena, &err) != LF_OK);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.field, field);
}

static void wrap(struct lf__buf *out, uint8_t tag, lf_bytes inside)
{
    assert_true(inside.len < 128);
    (void)lf__buf_u8(out, tag);
    (void)lf__buf_u8(out, (uint8_t)inside.len);
    (void)lf__buf_append(out, inside);
}

/* An envelope whose header is given as raw bytes, with one part hash. */
static void assert_header_refused(const char *raw, size_t len, const char *reason,
                                  const char *field)
{
    LF_BUF header;
    LF_BUF wire;
    lf__buf_init(&header, 1000);
    lf__buf_init(&wire, 1000);
    wrap(&header, 0x0a, (lf_bytes){(const uint8_t *)raw, len});
    wrap(&wire, 0x0a, lf__buf_bytes(&header));
    assert_refused(lf__buf_bytes(&wire), reason, field);
}
#define HEADER(raw, reason, field) assert_header_refused(raw, sizeof(raw) - 1, reason, field)

static void strictness(void **state)
{
    (void)state;
    HEADER("\x0a\x01"
           "a\x0a\x01"
           "b",
           "DUPLICATE_FIELD", "header.issuer");
    HEADER("\x0a\x02\xc0\x80", "BAD_UTF8", "header.issuer");
    HEADER("\x0a\x03"
           "a\0b",
           "NUL_IN_TEXT", "header.issuer");
    HEADER("\x08\x01", "WRONG_WIRE_TYPE", "header.issuer");
    HEADER("\xf8\x01\x01", "UNKNOWN_FIELD", "header.?");
    HEADER("\x0a\x09"
           "a",
           "WIRE_MALFORMED", "header");
    HEADER("\x0b", "WIRE_MALFORMED", "header");
    HEADER("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "WIRE_MALFORMED", "header");
    HEADER("\x8a\x80\x80\x80\x80\x00\x01"
           "a",
           "WIRE_MALFORMED", "header"); /* a tag in six bytes, which protobuf-c does not read */
    HEADER("\x0a\x81\x80\x80\x80\x80\x00"
           "a",
           "WIRE_MALFORMED", "header"); /* a length in six */
    HEADER("\x0a\x01"
           "a",
           "FIELD_MISSING", "record.parts");
    static const uint8_t unknown[] = {0x7a, 0};
    assert_refused(LF_BYTES_ARRAY(unknown), "UNKNOWN_FIELD", "?");
    assert_refused(LF_BYTES_NONE, "FIELD_MISSING", "header");
}

static void assert_form_refused(const struct px_header *header, const char *reason,
                                const char *field)
{
    LF_BUF record;
    LF_BUF wire;
    struct px_part part = part_make();
    lf__buf_init(&record, PX_MESSAGE_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    assert_true(px_record_encode(header, &part, 1, &record));
    struct px_envelope made = {.record = lf__buf_bytes(&record), .part_count = 1, .parts = {part}};
    assert_true(px_envelope_encode(&made, &wire));
    assert_refused(lf__buf_bytes(&wire), reason, field);
}

static void header_forms(void **state)
{
    (void)state;
    struct px_header h = header_make();
    h.issuer = lf__bytes_str("P1");
    assert_form_refused(&h, "MEMBER_ID", "header.issuer");
    h = header_make();
    h.record_id.len = 15;
    assert_form_refused(&h, "FIELD_LENGTH", "header.record_id");
    h = header_make();
    h.kind = (enum px_kind)99;
    assert_form_refused(&h, "KIND_UNKNOWN", "header.kind");
    h = header_make();
    h.version = 0;
    assert_form_refused(&h, "FIELD_MISSING", "header.version");
    h = header_make();
    h.version = 2;
    assert_form_refused(&h, "FIELD_LENGTH", "header.predecessor");
    h = header_make();
    h.predecessor = LF_BYTES_ARRAY(test_id);
    assert_form_refused(&h, "FIELD_LENGTH", "header.predecessor");
}

static void parts_must_match(void **state)
{
    (void)state;
    struct px_header header = header_make();
    struct px_part part = part_make();
    LF_BUF record;
    lf__buf_init(&record, PX_MESSAGE_MAX);
    assert_true(px_record_encode(&header, &part, 1, &record));
    static const struct {
        enum px_class part_class;
        uint8_t salt;
        const char *body;
        const char *field;
    } rows[] = {
        {PX_CLASS_MEMBERS, 8, test_body, "parts.body"},
        {PX_CLASS_MEMBERS, 9, "other", "parts.body"},
        {PX_CLASS_PUBLIC, 9, test_body, "parts.class"},
        {(enum px_class)9, 9, test_body, "parts.class"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF wire;
        lf__buf_init(&wire, PX_MESSAGE_MAX);
        struct px_envelope made = {.record = lf__buf_bytes(&record), .part_count = 1};
        made.parts[0] =
            (struct px_part){rows[i].part_class, {rows[i].salt}, lf__bytes_str(rows[i].body)};
        assert_true(px_envelope_encode(&made, &wire));
        assert_refused(lf__buf_bytes(&wire), "PART_HASH", rows[i].field);
    }
    LF_BUF wire;
    LF_ARENA arena;
    struct px_envelope got;
    struct px_envelope withheld = {.record = lf__buf_bytes(&record)};
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    assert_true(px_envelope_encode(&withheld, &wire)); /* a part may be withheld: its hash stays */
    assert_int_equal(decode(lf__buf_bytes(&wire), &got, &arena, &err), LF_OK);
    assert_true(got.part_count == 0 && got.has_hash[PX_CLASS_MEMBERS]);
}

static void limits(void **state)
{
    (void)state;
    static uint8_t big[PX_RECORD_MAX + 1];
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    struct px_envelope made = {.record = {big, sizeof big}};
    assert_true(px_envelope_encode(&made, &wire));
    assert_refused(lf__buf_bytes(&wire), "TOO_BIG", "record");
    static uint8_t huge[PX_MESSAGE_MAX + 1];
    assert_refused(LF_BYTES_ARRAY(huge), "TOO_BIG", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),   cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(strictness),       cmocka_unit_test(header_forms),
        cmocka_unit_test(parts_must_match), cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
