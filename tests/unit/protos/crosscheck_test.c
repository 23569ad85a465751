/* SPDX-License-Identifier: Apache-2.0 */
/* CrossCheck there and back; what is out of bounds is refused, and outputs stay as they were. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/crosscheck.h"
#include "protos/codec/limits.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void question(void **state)
{
    const struct px_listed listed[] = {{lf__bytes_str("91999999MA00000154"), lf__bytes_str("测试"),
                                        lf__bytes_str("PENALTY"), lf__bytes_str("SHODDY"),
                                        lf__bytes_str("2026-01-02"), lf__bytes_str("2026-02-03")},
                                       {.uscc = lf__bytes_str("91999999MA0000023Y")}};
    struct px_cross_request in = {.purpose = lf__bytes_str("AUDIT"),
                                  .case_number = lf__bytes_str("C-1"),
                                  .legal_basis = 1,
                                  .listed = listed,
                                  .count = 2,
                                  .omit = LF_BIT(4) | LF_BIT(7)};
    struct px_cross_request out;
    LF_BUF wire;
    LF_ARENA arena;
    (void)state;
    lf__buf_init(&wire, 4096);
    lf__arena_init(&arena, 65536);
    assert_true(px_cross_request_encode(&in, &wire));
    assert_int_equal(px_cross_request_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_true(lf__bytes_eq(out.purpose, in.purpose) &&
                lf__bytes_eq(out.case_number, in.case_number));
    assert_int_equal(out.legal_basis, 1);
    assert_int_equal(out.omit, in.omit);
    assert_int_equal(out.count, 2);
    assert_true(lf__bytes_eq(out.listed[0].uscc, listed[0].uscc) &&
                lf__bytes_eq(out.listed[0].name, listed[0].name) &&
                lf__bytes_eq(out.listed[0].list, listed[0].list) &&
                lf__bytes_eq(out.listed[0].violation, listed[0].violation) &&
                lf__bytes_eq(out.listed[0].listed_on, listed[0].listed_on) &&
                lf__bytes_eq(out.listed[0].removed_on, listed[0].removed_on));
    assert_true(lf__bytes_eq(out.listed[1].uscc, listed[1].uscc) && out.listed[1].name.len == 0);
}

/* `bytes` is no request: why, and nothing is set. */
static void assert_no_request(lf_bytes bytes, lf_status want, const char *reason)
{
    struct px_cross_request out = {.count = 99};
    lf_error err = LF_ERROR_INIT;
    LF_ARENA arena;
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(px_cross_request_decode(&arena, bytes, &out, &err), want);
    assert_string_equal(err.reason, reason);
    assert_int_equal(out.count, 99);
}

static void no_question(void **state)
{
    static const uint8_t findings_one_by_one[] = {0x28, 4, 0x28, 7};
    static const uint8_t no_finding[] = {0x2a, 1, 8};
    static const uint8_t unspecified[] = {0x2a, 1, 0};
    static const uint8_t unknown[] = {0x32, 1, 'x'};
    static const uint8_t inner_unknown[] = {0x22, 3, 0x3a, 1, 'x'};
    static const uint8_t bad_text[] = {0x0a, 1, 0xff};
    static const uint8_t twice[] = {0x0a, 1, 'a', 0x0a, 1, 'b'};
    struct px_cross_request out;
    LF_BUF many;
    LF_ARENA arena;
    (void)state;
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(
        px_cross_request_decode(&arena, LF_BYTES_ARRAY(findings_one_by_one), &out, NULL), LF_OK);
    assert_int_equal(out.omit, LF_BIT(4) | LF_BIT(7));
    assert_no_request(LF_BYTES_ARRAY(no_finding), LF_E_FORMAT, "WIRE_MALFORMED");
    assert_no_request(LF_BYTES_ARRAY(unspecified), LF_E_FORMAT, "WIRE_MALFORMED");
    assert_no_request(LF_BYTES_ARRAY(unknown), LF_E_FORMAT, "UNKNOWN_FIELD");
    assert_no_request(LF_BYTES_ARRAY(inner_unknown), LF_E_FORMAT, "UNKNOWN_FIELD");
    assert_no_request(LF_BYTES_ARRAY(bad_text), LF_E_FORMAT, "BAD_UTF8");
    assert_no_request(LF_BYTES_ARRAY(twice), LF_E_FORMAT, "DUPLICATE_FIELD");
    lf__buf_init(&many, PX_MESSAGE_MAX);
    for (size_t i = 0; i < PX_LISTED_MAX; i++) {
        assert_true(px_wire_bytes(&many, 4, LF_BYTES_ARRAY(((const uint8_t[]){0x0a, 1, 'x'}))));
    }
    assert_int_equal(px_cross_request_decode(&arena, lf__buf_bytes(&many), &out, NULL), LF_OK);
    assert_int_equal(out.count, PX_LISTED_MAX);
    assert_true(px_wire_bytes(&many, 4, LF_BYTES_ARRAY(((const uint8_t[]){0x0a, 1, 'x'}))));
    assert_no_request(lf__buf_bytes(&many), LF_E_TOO_BIG, "TOO_BIG");
}

static void answer(void **state)
{
    static const uint64_t indexes[] = {0, 127, 128, UINT64_MAX};
    static const uint64_t totals[PX_FINDINGS] = {0, 1, 0, 3, 4, 5, 6, 7000000000};
    struct px_cross_row row = {.uscc = lf__bytes_str("91999999MA00000154"),
                               .finding = 5,
                               .explanation = lf__bytes_str("one code, two names"),
                               .indexes = indexes,
                               .index_count = LF_COUNT(indexes),
                               .name = lf__bytes_str("测试")};
    struct px_cross_row fault = {.uscc = lf__bytes_str("x"),
                                 .error_name = lf__bytes_str("USCC_LENGTH")};
    struct px_cross_answer out;
    LF_BUF wire;
    LF_ARENA arena;
    (void)state;
    lf__buf_init(&wire, 4096);
    lf__arena_init(&arena, 65536);
    assert_true(px_cross_row_encode(&row, &wire) && px_cross_row_encode(&fault, &wire));
    assert_true(px_cross_reply_end(totals, lf__bytes_str("note\n"), &wire));
    size_t told = wire.len;
    assert_true(px_wire_u64(&wire, PX_CROSS_ACCESS_INDEX, 77));
    assert_int_equal(px_cross_answer_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_int_equal(out.count, 2);
    assert_true(out.is_last);
    assert_memory_equal(out.totals, totals, sizeof totals);
    assert_int_equal(out.access_index, 77);
    assert_int_equal(out.told.len, told);
    assert_true(lf__bytes_eq_str(out.checkpoint, "note\n"));
    assert_int_equal(out.rows[0].finding, 5);
    assert_int_equal(out.rows[0].index_count, LF_COUNT(indexes));
    assert_memory_equal(out.rows[0].indexes, indexes, sizeof indexes);
    assert_true(lf__bytes_eq(out.rows[0].explanation, row.explanation) &&
                lf__bytes_eq(out.rows[0].name, row.name));
    assert_true(lf__bytes_eq_str(out.rows[1].error_name, "USCC_LENGTH") &&
                out.rows[1].finding == 0);
    lf__buf_clear(&wire); /* more follows */
    assert_true(px_cross_reply_end(NULL, lf__bytes_str("note\n"), &wire));
    assert_int_equal(px_cross_answer_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_false(out.is_last);
    assert_int_equal(px_cross_answer_decode(&arena, LF_BYTES_NONE, &out, NULL), LF_OK);
    assert_true(out.count == 0 && out.checkpoint.len == 0);
}

static void no_answer(void **state)
{
    static const uint8_t cut_index[] = {0x0a, 3, 0x22, 1, 0x80};
    static const uint8_t endless_index[] = {0x0a, 13,   0x22, 11,   0x80, 0x80, 0x80, 0x80,
                                            0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
    static const uint8_t bad_text[] = {0x0a, 3, 0x0a, 1, 0xff};
    static const uint8_t one_index[] = {0x0a, 2, 0x20, 9};
    struct px_cross_answer out = {.count = 99};
    LF_ARENA arena;
    (void)state;
    lf__arena_init(&arena, 65536);
    assert_int_not_equal(px_cross_answer_decode(&arena, LF_BYTES_ARRAY(cut_index), &out, NULL),
                         LF_OK);
    assert_int_not_equal(px_cross_answer_decode(&arena, LF_BYTES_ARRAY(endless_index), &out, NULL),
                         LF_OK);
    assert_int_not_equal(px_cross_answer_decode(&arena, LF_BYTES_ARRAY(bad_text), &out, NULL),
                         LF_OK);
    assert_int_equal(out.count, 99);
    assert_int_equal(px_cross_answer_decode(&arena, LF_BYTES_ARRAY(one_index), &out, NULL), LF_OK);
    assert_true(out.rows[0].index_count == 1 && out.rows[0].indexes[0] == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(question), cmocka_unit_test(no_question),
                                       cmocka_unit_test(answer), cmocka_unit_test(no_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
