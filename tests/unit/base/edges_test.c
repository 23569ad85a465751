/* SPDX-License-Identifier: Apache-2.0 */
/* The edges of base: one byte too few, one too many, the maximum and the maximum + 1, nothing at all. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/hash.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t edge_raw[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void reads_need_every_byte(void **state)
{
    (void)state;
    uint16_t v16 = 0;
    uint32_t v32 = 0;
    uint64_t v64 = 0;
    uint8_t copy[8] = {0};
    lf_bytes view;
    for (size_t have = 0; have <= sizeof edge_raw; have++) {
        const struct lf__reader start = {{edge_raw, have}};
        struct lf__reader r = start;
        assert_int_equal(lf__read_u16be(&r, &v16), have >= 2);
        assert_int_equal(r.rest.len, have >= 2 ? have - 2 : have);
        r = start;
        assert_int_equal(lf__read_u32be(&r, &v32), have >= 4);
        r = start;
        assert_int_equal(lf__read_u64be(&r, &v64), have == 8);
        assert_int_equal(lf__read_finished(&r), have == 8 || have == 0);
        r = start;
        assert_int_equal(lf__read_copy(&r, 5, copy), have >= 5);
        r = start;
        assert_false(lf__read_bytes(&r, have + 1, &view));
        assert_true(lf__read_bytes(&r, have, &view) && view.len == have && lf__read_finished(&r));
    }
    assert_true(v16 == 0x0102 && v32 == 0x01020304 && v64 == 0x0102030405060708u);
    struct lf__reader none = {LF_BYTES_NONE};
    assert_false(lf__read_line(&none, &view));
    assert_false(lf__read_bytes(&none, SIZE_MAX, &view));
    assert_true(lf__read_bytes(&none, 0, &view) && view.len == 0);
}

static void buffers_hold_their_maximum(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 63, 64, 65, 127, 128, 129, 1000};
    static const uint8_t fill[1001] = {7};
    for (size_t i = 0; i < LF_COUNT(sizes); i++) {
        LF_BUF buf;
        lf__buf_init(&buf, sizes[i]);
        for (size_t n = 0; n < sizes[i]; n++) { /* byte by byte: every growth is met */
            assert_true(lf__buf_u8(&buf, (uint8_t)n));
        }
        assert_int_equal(buf.len, sizes[i]);
        assert_false(lf__buf_u8(&buf, 1));
        assert_int_equal(buf.len, sizes[i]);
        for (size_t n = 0; n < sizes[i]; n++) {
            assert_int_equal(buf.ptr[n], (uint8_t)n);
        }
        lf__buf_done(&buf);
        lf__buf_done(&buf);
        lf__buf_init(&buf, sizes[i]);
        assert_false(lf__buf_append(&buf, (lf_bytes){fill, sizes[i] + 1}));
        lf__buf_clear(&buf);
        assert_true(lf__buf_append(&buf, (lf_bytes){fill, sizes[i]}));
        assert_int_equal(lf__buf_status(&buf, NULL), LF_OK);
    }
}

static void prints_over_the_line_fail(void **state)
{
    (void)state;
    LF_BUF buf;
    lf__buf_init(&buf, 4096);
    assert_true(lf__buf_printf(&buf, "%*s", 511, "x"));
    assert_false(lf__buf_printf(&buf, "%*s", 512, "x"));
    assert_int_equal(buf.len, 511);
    assert_int_equal(lf__buf_status(&buf, NULL), LF_E_TOO_BIG);
}

static void arena_to_the_last_byte(void **state)
{
    (void)state;
    LF_ARENA arena;
    lf__arena_init(&arena, 64);
    assert_non_null(lf__arena_array(&arena, 4, 16));
    assert_int_equal(lf__arena_status(&arena, NULL), LF_OK);
    assert_null(lf__arena_alloc(&arena, 1));
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__arena_status(&arena, &err), LF_E_TOO_BIG);
    assert_string_equal(err.reason, "TOO_BIG");
    lf__arena_done(&arena);
    lf__arena_init(&arena, 4);
    assert_null(lf__arena_copy(&arena, lf__bytes_str("four")).ptr); /* its NUL has no room */
    assert_string_equal((const char *)lf__arena_copy(&arena, lf__bytes_str("thr")).ptr, "thr");
}

static void views_are_clamped(void **state)
{
    (void)state;
    lf_bytes all = LF_BYTES_ARRAY(edge_raw);
    assert_int_equal(lf__bytes_slice(all, 7, SIZE_MAX).len, 1);
    assert_int_equal(lf__bytes_slice(all, 8, 1).len, 0);
    assert_int_equal(lf__bytes_slice(all, SIZE_MAX, SIZE_MAX).len, 0);
    assert_true(lf__bytes_cmp(all, lf__bytes_slice(all, 0, 7)) > 0);
    assert_true(lf__bytes_cmp(LF_BYTES_NONE, all) < 0);
    assert_int_equal(lf__bytes_cmp(LF_BYTES_NONE, LF_BYTES_NONE), 0);
    assert_true(lf__bytes_eq(LF_BYTES_NONE, lf__bytes_str("")));
    char text[4];
    assert_true(lf__copy_str(text, sizeof text, lf__bytes_str("abc")));
    assert_false(lf__copy_str(text, sizeof text, lf__bytes_str("abcd")));
    assert_false(lf__copy_str(text, sizeof text, (lf_bytes){(const uint8_t *)"a\0b", 3}));
    assert_string_equal(text, "");
}

static void member_ids_and_numbers(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-abcde";
    assert_false(lf__text_is_member_id(lf__bytes_str("ab")));
    for (size_t n = 3; n <= 41; n++) {
        lf_bytes id = {(const uint8_t *)letters, n};
        assert_int_equal(lf__text_is_member_id(id), n <= 40);
    }
    static const char *const bad_ids[] = {"Abc", "a_c", "ab ", "ab\xc3\xa4", "a.c"};
    for (size_t i = 0; i < LF_COUNT(bad_ids); i++) {
        assert_false(lf__text_is_member_id(lf__bytes_str(bad_ids[i])));
    }
    uint64_t v = 7;
    static const char *const bad[] = {"",
                                      "00",
                                      "01",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "184467440737095516150"};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        assert_false(lf__text_u64(lf__bytes_str(bad[i]), &v));
        assert_int_equal(v, 7);
    }
    assert_true(lf__text_u64(lf__bytes_str("18446744073709551615"), &v) && v == UINT64_MAX);
    assert_true(lf__text_u64(lf__bytes_str("0"), &v) && v == 0);
}

/* Every first byte alone, and cut by one: only whole sequences are text. */
static void utf8_cut_by_one(void **state)
{
    (void)state;
    static const char *const good[] = {"\x7f",         "\xc2\x80",         "\xdf\xbf",
                                       "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < LF_COUNT(good); i++) {
        lf_bytes text = lf__bytes_str(good[i]);
        assert_true(lf__text_is_utf8(text));
        if (text.len > 1) {
            assert_false(lf__text_is_utf8((lf_bytes){text.ptr, text.len - 1}));
            assert_false(lf__text_is_utf8((lf_bytes){text.ptr + 1, text.len - 1}));
        }
    }
    for (unsigned lead = 0; lead < 256; lead++) {
        uint8_t byte = (uint8_t)lead;
        assert_int_equal(lf__text_is_utf8((lf_bytes){&byte, 1}), lead > 0 && lead < 0x80);
    }
    assert_true(lf__text_is_utf8(LF_BYTES_NONE));
}

static void shanghai_days(void **state)
{
    (void)state;
    char day[11];
    lf__date_shanghai(1704038399999, day); /* 2023-12-31T15:59:59.999Z */
    assert_string_equal(day, "2023-12-31");
    lf__date_shanghai(1704038400000, day);
    assert_string_equal(day, "2024-01-01");
    assert_true(lf__clock_utc_ms() > 1704038400000);
    int64_t before = lf__clock_monotonic_ns();
    assert_true(lf__clock_monotonic_ns() >= before);
}

static void hashes_of_pieces(void **state)
{
    (void)state;
    lf_bytes whole = LF_BYTES_ARRAY(edge_raw);
    struct lf__hash once = lf__sha256(whole);
    for (size_t cut = 0; cut <= sizeof edge_raw; cut++) {
        lf_bytes pieces[] = {lf__bytes_slice(whole, 0, cut), LF_BYTES_NONE,
                             lf__bytes_slice(whole, cut, sizeof edge_raw)};
        struct lf__hash got = lf__sha256_parts(pieces, LF_COUNT(pieces));
        assert_true(lf__hash_eq(&once, &got));
    }
    struct lf__hash hmac =
        lf__hmac_sha256(lf__bytes_str("Jefe"), lf__bytes_str("what do ya want for nothing?"));
    char hex[65];
    (void)lf__hex(lf__hash_bytes(&hmac), hex, sizeof hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843"); /* RFC 4231, case 2 */
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    lf__random(a, sizeof a);
    lf__random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_need_every_byte),     cmocka_unit_test(buffers_hold_their_maximum),
        cmocka_unit_test(prints_over_the_line_fail), cmocka_unit_test(arena_to_the_last_byte),
        cmocka_unit_test(views_are_clamped),         cmocka_unit_test(member_ids_and_numbers),
        cmocka_unit_test(utf8_cut_by_one),           cmocka_unit_test(shanghai_days),
        cmocka_unit_test(hashes_of_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
