/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds as names and texts: both ways, what is refused, and what a later version may have written. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/spell.h"
#include "protos/codec/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char told[512];

static void told_take(void *user, const char *name, lf_bytes text)
{
    size_t len = strlen(told);
    assert_null(user);
    assert_int_equal(text.ptr[text.len], 0);
    (void)snprintf(told + len, sizeof told - len, "%s=%s ", name, (const char *)text.ptr);
}

static lf_status spell(struct lf__arena *arena, enum px_kind kind, const struct px_spelled *list,
                       size_t count, struct px_envelope *out, lf_error *err)
{
    *out = (struct px_envelope){.header.kind = kind};
    return px_spell(arena, kind, list, count, out->parts, &out->part_count, err);
}

static void kinds_by_name(void **state)
{
    (void)state;
    assert_int_equal(px_kind_of(lf__bytes_str("credit-list-entry")), PX_KIND_CREDIT_LIST_ENTRY);
    assert_int_equal(px_kind_of(lf__bytes_str("genesis")), PX_KIND_GENESIS);
    static const char *const none[] = {"", "CREDIT_LIST_ENTRY", "credit-list", "appeals", "none"};
    for (size_t i = 0; i < LF_COUNT(none); i++) {
        assert_int_equal(px_kind_of(lf__bytes_str(none[i])), PX_KIND_NONE);
    }
    assert_true(px_spells(PX_KIND_APPEAL, lf__bytes_str("step")));
    assert_false(px_spells(PX_KIND_APPEAL, lf__bytes_str("steps")));
    assert_false(px_spells(PX_KIND_MEMBER, lf__bytes_str("keys"))); /* messages */
    assert_false(px_spells(PX_KIND_NONE, lf__bytes_str("step")));
}

static void both_ways(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct px_envelope e;
    struct px_notice notice;
    struct px_spelled list[] = {
        {lf__bytes_str("members"), lf__bytes_str(" platform-02 ;; platform-03")},
        {lf__bytes_str("text"), LF_BYTES_NONE},
        {lf__bytes_str("step"), lf__bytes_str("ESCALATED")},
        {lf__bytes_str("target_issuer"), lf__bytes_str("platform-01")},
        {lf__bytes_str("target_record_id"), lf__bytes_str("000102030405060708090A0b0c0d0e0f")}};
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(spell(&arena, PX_KIND_NOTICE, list, LF_COUNT(list), &e, NULL), LF_OK);
    assert_int_equal(px_notice_decode(&arena, &e, &notice, NULL), LF_OK);
    assert_true(notice.members.count == 2 && notice.step == PX_NOTICE_ESCALATED);
    told[0] = '\0';
    assert_int_equal(px_tell(&arena, &e, told_take, NULL, NULL), LF_OK);
    assert_string_equal(told, "target_issuer=platform-01 "
                              "target_record_id=000102030405060708090a0b0c0d0e0f "
                              "members=platform-02 members=platform-03 step=ESCALATED ");
    lf__arena_done(&arena);
}

/* A number that this version has no name for stands as it is. */
static void later_enums(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct px_envelope e = {.header.kind = PX_KIND_NOTICE, .part_count = 1};
    static const uint8_t step[] = {0xd8, 0x0c, 9}; /* 203: 9 */
    e.parts[0] = (struct px_part){.part_class = PX_CLASS_MEMBERS, .body = LF_BYTES_ARRAY(step)};
    lf__arena_init(&arena, 1 << 20);
    told[0] = '\0';
    assert_int_equal(px_tell(&arena, &e, told_take, NULL, NULL), LF_OK);
    assert_string_equal(told, "step=9 ");
    assert_int_equal(px_form_check(&arena, &e, NULL), LF_E_REJECTED);
    e.header.kind = PX_KIND_COUNT;
    assert_int_equal(px_tell(&arena, &e, told_take, NULL, NULL), LF_E_REJECTED);
    assert_int_equal(px_form_check(&arena, &e, NULL), LF_E_REJECTED);
    lf__arena_done(&arena);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *reason, *field;
    } rows[] = {{"nothing", "x", "UNKNOWN_FIELD", "nothing"},
                {"uscc", "x", "DUPLICATE_FIELD", "uscc"},
                {"shops", "a;b", "FIELD_LENGTH", "account_token"},
                {"phone_token", "0g", "FIELD_LENGTH", "phone_token"}};
    struct lf__arena arena;
    lf__arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct px_part parts[PX_PARTS_MAX];
        size_t count = 77;
        lf_error err = LF_ERROR_INIT;
        struct px_spelled list[] = {{lf__bytes_str("uscc"), lf__bytes_str("91999999MA00000154")},
                                    {lf__bytes_str(rows[i].name), lf__bytes_str(rows[i].text)},
                                    {lf__bytes_str("account_token"), lf__bytes_str("00")}};
        assert_int_not_equal(
            px_spell(&arena, PX_KIND_MERCHANT_IDENTITY, list, LF_COUNT(list), parts, &count, &err),
            LF_OK);
        assert_string_equal(err.reason, rows[i].reason);
        assert_string_equal(err.field, rows[i].field);
        assert_int_equal(count, 77);
    }
    lf__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_by_name), cmocka_unit_test(both_ways),
                                       cmocka_unit_test(later_enums), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
