/* SPDX-License-Identifier: Apache-2.0 */
/* Reports.Get there and back: empty cells are cells, and a row that is not as wide as the table is none. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/reports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void question(void **state)
{
    struct px_report_request in = {.name = lf__bytes_str("coverage"),
                                   .from = lf__bytes_str("2026-01-01"),
                                   .until = lf__bytes_str("2026-03-31"),
                                   .as_of = lf__bytes_str("2026-04-15"),
                                   .about = lf__bytes_str("platform-01"),
                                   .case_number = lf__bytes_str("2026-7"),
                                   .legal_basis = 1,
                                   .max = UINT32_MAX,
                                   .after = lf__bytes_str("91999999MA00000154")};
    struct px_report_request out;
    LF_BUF wire;
    (void)state;
    lf__buf_init(&wire, 1024);
    assert_true(px_report_request_encode(&in, &wire));
    assert_int_equal(px_report_request_decode(lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_true(lf__bytes_eq(out.name, in.name) && lf__bytes_eq(out.from, in.from));
    assert_true(lf__bytes_eq(out.until, in.until) && lf__bytes_eq(out.as_of, in.as_of));
    assert_true(lf__bytes_eq(out.about, in.about) && out.purpose.len == 0);
    assert_true(lf__bytes_eq(out.case_number, in.case_number) && out.legal_basis == 1);
    assert_true(out.max == UINT32_MAX && lf__bytes_eq(out.after, in.after));
    static const uint8_t unknown[] = {0x5a, 1, 'x'};
    static const uint8_t text[] = {0x4a, 1, '9'}; /* of a field that is a number */
    static const uint8_t large[] = {0x48, 0xff, 0xff, 0xff, 0xff, 0x1f};
    assert_int_not_equal(px_report_request_decode(LF_BYTES_ARRAY(unknown), &out, NULL), LF_OK);
    assert_int_not_equal(px_report_request_decode(LF_BYTES_ARRAY(text), &out, NULL), LF_OK);
    assert_int_not_equal(px_report_request_decode(LF_BYTES_ARRAY(large), &out, NULL), LF_OK);
}

static void table(void **state)
{
    const lf_bytes heads[] = {lf__bytes_str("member"), lf__bytes_str("shops")};
    const lf_bytes cells[] = {lf__bytes_str("platform-01"), LF_BYTES_NONE, LF_BYTES_NONE,
                              lf__bytes_str("3")};
    struct px_report in = {lf__bytes_str("coverage"), heads, 2, cells, 2, lf__bytes_str("note\n")};
    struct px_report out;
    LF_BUF wire;
    LF_ARENA arena;
    (void)state;
    lf__buf_init(&wire, 1024);
    lf__arena_init(&arena, 65536);
    assert_true(px_report_encode(&in, &wire));
    assert_int_equal(px_report_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_int_equal(out.columns, 2);
    assert_int_equal(out.rows, 2);
    for (size_t i = 0; i < 4; i++) {
        assert_true(lf__bytes_eq(out.cells[i], cells[i]));
    }
    assert_true(lf__bytes_eq(out.heads[1], heads[1]) &&
                lf__bytes_eq(out.checkpoint, in.checkpoint));
}

static void ragged(void **state)
{
    static const uint8_t one_cell[] = {0x12, 1, 'a', 0x12, 1, 'b', 0x1a, 3, 0x0a, 1, 'x'};
    static const uint8_t three_cells[] = {0x12, 1, 'a', 0x1a, 6, 0x0a, 1, 'x', 0x0a, 1, 'y'};
    /* Heads that are numbers were not counted, and were written past the others. */
    static const uint8_t no_heads[] = {0x12, 1, 'a', 0x10, 1, 0x10, 1, 0x10, 1};
    struct px_report out = {.rows = 9};
    LF_ARENA arena;
    (void)state;
    lf__arena_init(&arena, 65536);
    assert_int_not_equal(px_report_decode(&arena, LF_BYTES_ARRAY(no_heads), &out, NULL), LF_OK);
    assert_int_not_equal(px_report_decode(&arena, LF_BYTES_ARRAY(one_cell), &out, NULL), LF_OK);
    assert_int_not_equal(px_report_decode(&arena, LF_BYTES_ARRAY(three_cells), &out, NULL), LF_OK);
    assert_int_equal(out.rows, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(question), cmocka_unit_test(table),
                                       cmocka_unit_test(ragged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
