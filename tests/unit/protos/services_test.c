/* SPDX-License-Identifier: Apache-2.0 */
/* What services ask and answer: there and back, and cut anywhere. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/reason.h"
#include "protos/codec/services.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void submits(void **state)
{
    (void)state;
    LF_BUF wire;
    lf_bytes envelope;
    lf__buf_init(&wire, 1000);
    assert_true(px_submit_request_encode(lf__bytes_str("env"), &wire));
    assert_int_equal(px_submit_request_decode(lf__buf_bytes(&wire), &envelope, NULL), LF_OK);
    assert_true(lf__bytes_eq_str(envelope, "env"));
    assert_true(px_submit_request_encode(lf__bytes_str("twice"), &wire));
    assert_int_equal(px_submit_request_decode(lf__buf_bytes(&wire), &envelope, NULL), LF_E_FORMAT);
    assert_int_equal(px_submit_request_decode(LF_BYTES_NONE, &envelope, NULL), LF_E_FORMAT);
}

static void batches(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t signature[64] = {6};
    lf_bytes in[] = {lf__bytes_str("one"), lf__bytes_str("two"), lf__bytes_str("three")};
    struct px_signature made = {
        .alg = 1, .key_id = {{3}}, .signature = LF_BYTES_ARRAY(signature), .batch_root = {{4}}};
    struct px_signature got;
    lf_bytes *out = NULL;
    size_t count = 0;
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_batch_request_encode(in, 3, &made, &wire));
    assert_int_equal(
        px_batch_request_decode(&arena, lf__buf_bytes(&wire), &out, &count, &got, NULL), LF_OK);
    assert_true(count == 3 && lf__bytes_eq(out[2], in[2]) && got.batch_size == 3 &&
                got.batch_root.bytes[0] == 4 && got.signature.len == 64);
    for (size_t i = 0; i < wire.len; i++) {
        assert_true(px_batch_request_decode(&arena, (lf_bytes){wire.ptr, i}, &out, &count, &got,
                                            NULL) != LF_OK);
    }
}

static void results(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t id[16] = {1};
    static const uint8_t leaf[73] = {2};
    struct lf__hash path[2] = {{{5}}, {{6}}};
    struct px_result in[2] = {
        {.record_id = LF_BYTES_ARRAY(id),
         .outcome = PX_OUTCOME_ACCEPTED,
         .origin = lf__bytes_str("t/ledger"),
         .index = 300,
         .leaf = LF_BYTES_ARRAY(leaf),
         .path = path,
         .path_count = 2,
         .is_pending_relay = true},
        {.record_id = LF_BYTES_ARRAY(id),
         .outcome = PX_OUTCOME_REFUSED,
         .error = {LF_E_REJECTED, 0, "CHANGED", "header.record_id", "record: changed"},
         .grpc_code = 6,
         .retry_ms = 7}};
    struct px_result *out = NULL;
    size_t count = 0;
    lf_bytes note;
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_results_encode(in, 2, lf__bytes_str("note\n"), &wire));
    assert_int_equal(px_results_decode(&arena, lf__buf_bytes(&wire), &out, &count, &note, NULL),
                     LF_OK);
    assert_true(count == 2 && lf__bytes_eq_str(note, "note\n"));
    assert_true(out[0].index == 300 && out[0].path_count == 2 && out[0].path[1].bytes[0] == 6 &&
                out[0].is_pending_relay && lf__bytes_eq(out[0].leaf, in[0].leaf));
    assert_string_equal(out[1].error.reason, "CHANGED");
    assert_true(out[1].outcome == PX_OUTCOME_REFUSED && out[1].grpc_code == 6 &&
                out[1].retry_ms == 7);
}

static void streams(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t id[16] = {1};
    struct px_result in = {.record_id = LF_BYTES_ARRAY(id),
                           .outcome = PX_OUTCOME_REFUSED,
                           .error = {LF_E_REJECTED, 0, "CHANGED", "", "record: changed"}};
    struct px_result out = {.outcome = PX_OUTCOME_NONE};
    uint64_t tag = 0;
    lf_bytes value;
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_stream_request_encode(UINT64_MAX, lf__bytes_str("env"), &wire));
    assert_int_equal(px_stream_request_decode(lf__buf_bytes(&wire), &tag, &value, NULL), LF_OK);
    assert_true(tag == UINT64_MAX && lf__bytes_eq_str(value, "env"));
    assert_true(px_wire_u64(&wire, 1, 2)); /* a second tag */
    assert_int_equal(px_stream_request_decode(lf__buf_bytes(&wire), &tag, &value, NULL),
                     LF_E_FORMAT);
    assert_true(tag == UINT64_MAX);
    lf__buf_clear(&wire);
    assert_true(px_wire_u64(&wire, 1, 2)); /* no record */
    assert_int_equal(px_stream_request_decode(lf__buf_bytes(&wire), &tag, &value, NULL),
                     LF_E_FORMAT);
    lf__buf_clear(&wire);
    assert_true(px_stream_answer_encode(3, &in, LF_BYTES_NONE, &wire));
    assert_int_equal(
        px_stream_answer_decode(&arena, lf__buf_bytes(&wire), &tag, &out, &value, NULL), LF_OK);
    assert_true(tag == 3 && out.outcome == PX_OUTCOME_REFUSED && value.len == 0);
    assert_string_equal(out.error.reason, "CHANGED");
    lf__buf_clear(&wire);
    in = (struct px_result){.record_id = LF_BYTES_ARRAY(id),
                            .outcome = PX_OUTCOME_ACCEPTED,
                            .origin = lf__bytes_str("t/ledger"),
                            .index = 9};
    assert_true(px_stream_answer_encode(0, &in, lf__bytes_str("note\n"), &wire));
    assert_int_equal(
        px_stream_answer_decode(&arena, lf__buf_bytes(&wire), &tag, &out, &value, NULL), LF_OK);
    assert_true(tag == 0 && out.index == 9 && lf__bytes_eq_str(value, "note\n"));
    assert_true(px_wire_bytes(&wire, 3, LF_BYTES_NONE)); /* a second checkpoint */
    assert_int_equal(
        px_stream_answer_decode(&arena, lf__buf_bytes(&wire), &tag, &out, &value, NULL),
        LF_E_FORMAT);
}

/* The n-th field of a number, as a stranger to our decoder finds it. */
static struct px_wire field_at(lf_bytes message, uint32_t number, size_t n)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == number && n-- == 0) {
            return wire;
        }
    }
    return (struct px_wire){.number = 0};
}

static void reasons_travel_with_id_and_code(void **state)
{
    (void)state;
    LF_BUF wire;
    struct px_result refused = {
        .outcome = PX_OUTCOME_REFUSED,
        .error = {LF_E_REJECTED, 0, "TARGET_UNKNOWN", "target_record_id", "not in the ledger"},
        .grpc_code = 3};
    struct px_screened bad = {.uscc = lf__bytes_str("x"),
                              .error_name = lf__bytes_str("USCC_LENGTH")};
    lf__buf_init(&wire, 10000);
    assert_true(px_results_encode(&refused, 1, lf__bytes_str("n"), &wire));
    lf_bytes refusal = field_at(field_at(lf__buf_bytes(&wire), 1, 0).value, 4, 0).value;
    assert_int_equal(field_at(refusal, 1, 0).varint, 55);
    assert_int_equal(field_at(refusal, 5, 0).varint, 9); /* the table's, not the status's */
    lf__buf_clear(&wire);
    assert_true(px_screened_encode(&bad, &wire));
    assert_int_equal(field_at(field_at(lf__buf_bytes(&wire), 1, 0).value, 4, 0).varint, 1);
    assert_null(px_reason_find("NO_SUCH_REASON"));
    assert_int_equal(px_reason_find("DRAINING")->grpc_code, 14);
    assert_int_equal(px_reason_find("USCC_REGISTRY_EXCEPTION")->grpc_code, 0);
}

static void questions_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *reason;
    } rows[] = {
        {"\x0a\1a\x0a\1b\x22\3\x0a\1x", 11, "DUPLICATE_FIELD"},
        {"\x22\6\x0a\1x\x0a\1y", 8, "DUPLICATE_FIELD"},
        {"\x0a\1\xff\x22\3\x0a\1x", 8, "BAD_UTF8"},
        {"\x22\3\x0a\1\0", 5, "NUL_IN_TEXT"},
        {"\x08\1\x22\3\x0a\1x", 7, "WRONG_WIRE_TYPE"},
        {"\x22\3\x0a\1x\x4a\1z", 8, "UNKNOWN_FIELD"},
        {"\x22\3\x0a\2x", 5, "WIRE_MALFORMED"},
    };
    LF_ARENA arena;
    lf__arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct px_screen_request got;
        lf_error err = LF_ERROR_INIT;
        lf_bytes bytes = {(const uint8_t *)rows[i].bytes, rows[i].len};
        assert_int_equal(px_screen_request_decode(&arena, bytes, &got, &err), LF_E_FORMAT);
        assert_string_equal(err.reason, rows[i].reason);
    }
}

/* One result whose receipt stands in it twice: the second must not go on where the first ended. */
static void results_once(void **state)
{
    (void)state;
    LF_BUF receipt;
    LF_BUF result;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t hash[LF_HASH_BYTES] = {5};
    struct px_result *out = NULL;
    size_t count = 0;
    lf_bytes note;
    lf__buf_init(&receipt, 10000);
    lf__buf_init(&result, 10000);
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 16);
    for (int i = 0; i < 100; i++) {
        assert_true(px_wire_bytes(&receipt, 4, LF_BYTES_ARRAY(hash)));
    }
    assert_true(px_wire_u64(&result, 2, PX_OUTCOME_ACCEPTED));
    assert_true(px_wire_bytes(&result, 3, lf__buf_bytes(&receipt)));
    assert_true(px_wire_bytes(&result, 3, lf__buf_bytes(&receipt)));
    assert_true(px_wire_bytes(&wire, 1, lf__buf_bytes(&result)));
    assert_int_equal(px_results_decode(&arena, lf__buf_bytes(&wire), &out, &count, &note, NULL),
                     LF_E_FORMAT);
}

/* What is refused leaves the outputs alone. */
static void refusals_touch_nothing(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_signature got = {.alg = 7};
    lf_bytes purpose = lf__bytes_str("ONBOARDING");
    lf_bytes *list = NULL;
    size_t count = 0;
    struct px_screen_request question = {.legal_basis = 7};
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_wire_bytes(&wire, 1, purpose) && px_wire_bytes(&wire, 2, purpose));
    assert_int_equal(
        px_batch_request_decode(&arena, lf__buf_bytes(&wire), &list, &count, &got, NULL),
        LF_E_FORMAT);
    assert_true(got.alg == 7 && list == NULL && count == 0);
    lf__buf_clear(&wire);
    for (int i = 0; i < 2; i++) {
        assert_true(px_wire_bytes(&wire, 1, purpose) && px_wire_bytes(&wire, 4, LF_BYTES_NONE));
    }
    assert_int_equal(px_screen_request_decode(&arena, lf__buf_bytes(&wire), &question, NULL),
                     LF_E_FORMAT);
    assert_true(question.legal_basis == 7);
}

static void screens(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_asked subjects[] = {{lf__bytes_str("91999999MA00000154"), lf__bytes_str("一号")},
                                  {lf__bytes_str("x"), LF_BYTES_NONE}};
    struct px_screen_request in = {.purpose = lf__bytes_str("ONBOARDING"),
                                   .case_number = lf__bytes_str("案1"),
                                   .legal_basis = 1,
                                   .subjects = subjects,
                                   .count = 2,
                                   .as_known_ms = 5,
                                   .in_force = lf__bytes_str("2025-02-10")};
    struct px_screen_request got;
    lf__buf_init(&wire, 100000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_screen_request_encode(&in, &wire));
    assert_int_equal(px_screen_request_decode(&arena, lf__buf_bytes(&wire), &got, NULL), LF_OK);
    assert_true(got.count == 2 && got.legal_basis == 1 &&
                lf__bytes_eq(got.subjects[0].uscc, subjects[0].uscc) &&
                lf__bytes_eq(got.subjects[0].name, subjects[0].name) &&
                got.subjects[1].name.len == 0 && lf__bytes_eq(got.case_number, in.case_number));
    assert_true(got.as_known_size == 0 && got.as_known_ms == 5 &&
                lf__bytes_eq(got.in_force, in.in_force));
    lf__buf_clear(&wire);
    struct px_reason reason = {.code = lf__bytes_str("LIST_LOCAL_SERIOUS"),
                               .violation = lf__bytes_str("COUNTERFEIT"),
                               .certainty = 3,
                               .state = 1,
                               .decided_at = lf__bytes_str("2026-03-02"),
                               .until_ms = 99,
                               .origin = lf__bytes_str("t/ledger"),
                               .index = 12,
                               .kind = PX_KIND_CREDIT_LIST_ENTRY,
                               .list = lf__bytes_str("LOCAL_SERIOUS"),
                               .region = lf__bytes_str("110000"),
                               .level = 2,
                               .contact = lf__bytes_str("r-bj")};
    struct px_screened one = {.uscc = subjects[0].uscc,
                              .advice = 4,
                              .reasons = &reason,
                              .reason_count = 1,
                              .human_review = lf__bytes_str("there"),
                              .is_stale = true};
    struct px_screened bad = {.uscc = subjects[1].uscc, .error_name = lf__bytes_str("USCC_LENGTH")};
    struct px_screened *list = NULL;
    size_t count = 0;
    struct px_screen_answer end = {lf__bytes_str("n"), 20, 1700000000000, 3};
    struct px_screen_answer told;
    assert_true(px_screened_encode(&one, &wire) && px_screened_encode(&bad, &wire) &&
                px_screen_reply_end(&end, &wire));
    assert_int_equal(
        px_screen_reply_decode(&arena, lf__buf_bytes(&wire), &list, &count, &told, NULL), LF_OK);
    assert_true(count == 2 && list[0].advice == 4 && list[0].reason_count == 1 &&
                list[0].reasons[0].index == 12 && list[0].reasons[0].until_ms == 99);
    const struct px_reason *r = &list[0].reasons[0];
    assert_true(r->kind == PX_KIND_CREDIT_LIST_ENTRY && r->level == 2 && list[0].is_stale &&
                !list[1].is_stale && lf__bytes_eq_str(r->list, "LOCAL_SERIOUS") &&
                lf__bytes_eq_str(r->region, "110000") && lf__bytes_eq_str(r->contact, "r-bj"));
    assert_true(lf__bytes_eq_str(list[1].error_name, "USCC_LENGTH") &&
                lf__bytes_eq_str(told.checkpoint, "n") && told.known_size == 20 &&
                told.in_force_ms == 1700000000000 && told.advice_version == 3);
    lf__buf_clear(&wire);
    in.count = 0;
    assert_true(px_screen_request_encode(&in, &wire));
    assert_int_equal(px_screen_request_decode(&arena, lf__buf_bytes(&wire), &got, NULL),
                     LF_E_TOO_BIG);
}

static void logs(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_range range = {1, 5, 1000};
    struct px_range got;
    lf__buf_init(&wire, 100000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_range_encode(&range, &wire));
    assert_int_equal(px_range_decode(lf__buf_bytes(&wire), &got, NULL), LF_OK);
    assert_true(got.log == 1 && got.a == 5 && got.b == 1000);
    /* a tag, or a number, that the end cuts short is no end */
    (void)lf__buf_append(&wire, (lf_bytes){(const uint8_t *)"\xff\xff", 2});
    assert_int_equal(px_range_decode(lf__buf_bytes(&wire), &got, NULL), LF_E_FORMAT);
    assert_int_equal(
        px_range_decode((lf_bytes){(const uint8_t *)"\x08\x01\x10\x80", 4}, &got, NULL),
        LF_E_FORMAT);
    assert_int_equal(px_range_decode(LF_BYTES_NONE, &got, NULL), LF_E_FORMAT);
    lf__buf_clear(&wire);
    bool leaves_only = false;
    assert_true(px_entries_request_encode(&range, true, &wire));
    assert_int_equal(px_entries_request_decode(lf__buf_bytes(&wire), &got, &leaves_only, NULL),
                     LF_OK);
    assert_true(got.log == 1 && got.a == 5 && got.b == 1000 && leaves_only);
    assert_int_equal(px_range_decode(lf__buf_bytes(&wire), &got, NULL), LF_E_FORMAT);
    wire.ptr[wire.len - 1] = 2; /* a bool is 0 or 1 */
    assert_int_equal(px_entries_request_decode(lf__buf_bytes(&wire), &got, &leaves_only, NULL),
                     LF_E_FORMAT);
    lf__buf_clear(&wire);
    struct px_entry entry = {
        .index = 7, .leaf = lf__bytes_str("leaf"), .access = lf__bytes_str("access")};
    struct px_entry *list = NULL;
    size_t count = 0;
    uint64_t next = 0;
    lf_bytes note;
    assert_true(px_entry_encode(&entry, &wire) && px_entries_end(8, lf__bytes_str("n"), &wire));
    assert_int_equal(
        px_entries_decode(&arena, lf__buf_bytes(&wire), &list, &count, &next, &note, NULL), LF_OK);
    assert_true(count == 1 && list[0].index == 7 && next == 8 && list[0].envelope.len == 0);
    struct lf__proof proof = {.count = 2, .hashes = {{{1}}, {{2}}}};
    struct lf__proof back;
    struct lf__hash leaf = {{9}};
    struct lf__hash leaf_back;
    lf__buf_clear(&wire);
    assert_true(px_proof_encode(&leaf, &proof, 300, &wire));
    assert_int_equal(px_proof_decode(lf__buf_bytes(&wire), true, &leaf_back, &back, NULL), LF_OK);
    assert_true(back.count == 2 && back.hashes[1].bytes[0] == 2 && leaf_back.bytes[0] == 9);
    lf__buf_clear(&wire);
    assert_true(px_proof_encode(NULL, &proof, 300, &wire));
    assert_int_equal(px_proof_decode(lf__buf_bytes(&wire), false, &leaf_back, &back, NULL), LF_OK);
    assert_true(back.count == 2 && back.hashes[0].bytes[0] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submits),
        cmocka_unit_test(batches),
        cmocka_unit_test(results),
        cmocka_unit_test(streams),
        cmocka_unit_test(results_once),
        cmocka_unit_test(refusals_touch_nothing),
        cmocka_unit_test(screens),
        cmocka_unit_test(logs),
        cmocka_unit_test(reasons_travel_with_id_and_code),
        cmocka_unit_test(questions_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
