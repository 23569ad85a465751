/* SPDX-License-Identifier: Apache-2.0 */
/* Access entries there and back, every cut refused, and what a stranger may not slip in. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/access.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct px_token tokens[2] = {{{1}}, {{2}}};

static struct px_access sample(void)
{
    return (struct px_access){.member = lf__bytes_str("platform-01"),
                              .role = PX_ROLE_PLATFORM,
                              .act = PX_ACCESS_SCREEN,
                              .purpose = lf__bytes_str("ONBOARDING"),
                              .legal_basis = 1,
                              .case_number = lf__bytes_str("2026-17"),
                              .tokens = tokens,
                              .token_count = 2,
                              .subjects = 2,
                              .first = 5,
                              .next = 9,
                              .told = 3,
                              .classes = LF_BIT(PX_CLASS_MEMBERS) | LF_BIT(PX_CLASS_REGULATOR),
                              .result = {{7}},
                              .note = lf__bytes_str("enrol platform-22")};
}

static void round_trip(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_access in = sample();
    struct px_access out;
    lf__buf_init(&wire, PX_ACCESS_ENTRY_MAX);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_access_encode(&in, &wire));
    assert_int_equal(px_access_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_true(lf__bytes_eq(out.member, in.member) && lf__bytes_eq(out.purpose, in.purpose));
    assert_true(lf__bytes_eq(out.case_number, in.case_number) && lf__bytes_eq(out.note, in.note));
    assert_true(out.role == in.role && out.act == in.act && out.legal_basis == 1 && out.level == 0);
    assert_true(out.token_count == 2 && out.tokens[1].bytes[0] == 2 && out.subjects == 2);
    assert_true(out.first == 5 && out.next == 9 && out.told == 3 && out.classes == in.classes);
    assert_true(lf__hash_eq(&out.result, &in.result));
}

/* A cut inside a field is malformed; a cut between fields is another, shorter entry. */
static void cuts(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_access in = sample();
    struct px_access out = {.subjects = 77};
    unsigned refused = 0;
    lf__buf_init(&wire, PX_ACCESS_ENTRY_MAX);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_access_encode(&in, &wire));
    for (size_t i = 1; i < wire.len; i++) {
        struct lf__reader r = {{wire.ptr, i}};
        struct px_wire field;
        while (px_wire_next(&r, &field)) {
        }
        bool is_between = lf__read_finished(&r);
        lf_status rc = px_access_decode(&arena, (lf_bytes){wire.ptr, i}, &out, NULL);
        assert_int_equal(rc, is_between ? LF_OK : LF_E_FORMAT);
        refused += is_between ? 0 : 1;
    }
    assert_true(refused > 60);
}

static void wrong_fields(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\x42\x03"
         "abc",
         5},                     /* a token of 3 bytes */
        {"\x5a\x01\x09", 3},     /* an unknown class */
        {"\x62\x02zz", 4},       /* a digest of 2 bytes */
        {"\x0a\x02\xff\xfe", 4}, /* a member that is no UTF-8 */
        {"\x10\x7f", 2},         /* an unknown role */
    };
    LF_ARENA arena;
    struct px_access out = {.subjects = 77};
    lf__arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        lf_bytes bytes = {(const uint8_t *)bad[i].bytes, bad[i].len};
        assert_int_equal(px_access_decode(&arena, bytes, &out, NULL), LF_E_FORMAT);
        assert_int_equal(out.subjects, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(cuts),
                                       cmocka_unit_test(wrong_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
