/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind that a member says, field by field: said, told again, and each mistake named. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "client/records.h"
#include "protos/codec/spell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TOLD_MAX = 512, PAIRS_MAX = 8 };
#define ID   "000102030405060708090a0b0c0d0e0f"
#define HASH ID ID

static const struct {
    const char *kind;
    lf_field fields[PAIRS_MAX];
} good[] = {
    {"enforcement-event",
     {{"uscc", "91999999MA00000154"},
      {"violation", "COUNTERFEIT"},
      {"measures", "REMOVAL;ENTRY_BAN"},
      {"more_violations", "SHODDY"},
      {"brand_issuer", "brand-01"},
      {"brand_record_id", ID},
      {"amount_fen", "100"},
      {"evidence_sha256", HASH}}},
    {"registry-entry", {{"uscc", "91999999MA00000154"}, {"old_number", "999999000000019"}}},
    {"relay",
     {{"target_issuer", "platform-01"}, {"target_record_id", ID}, {"decision", "RELEASED"}}},
    {"correction",
     {{"target_issuer", "platform-01"},
      {"target_record_id", ID},
      {"reason", "REPAIRED"},
      {"replacement_record_id", ID}}},
    {"credit-list-entry",
     {{"uscc", "91999999MA00000154"},
      {"list", "SERIOUS"},
      {"listed_on", "2024-07-08"},
      {"amount_fen", "5"}}},
    {"list-removal",
     {{"target_issuer", "regulator"},
      {"target_record_id", ID},
      {"ground", "REPAIRED"},
      {"removed_on", "2025-02-11"}}},
    {"appeal",
     {{"target_issuer", "platform-01"},
      {"target_record_id", ID},
      {"step", "HUMAN_REVIEW"},
      {"stepped_on", "2026-03-04"},
      {"statement_sha256", HASH}}},
    {"notice",
     {{"target_issuer", "platform-01"},
      {"target_record_id", ID},
      {"members", "platform-02;platform-03"},
      {"step", "REMINDED"}}},
    {"disposition",
     {{"target_issuer", "platform-01"},
      {"target_record_id", ID},
      {"answer", "KEPT"},
      {"measures", "WARN; POINTS"},
      {"rule", "P02-R-17 v3"},
      {"shops", "2"}}},
    {"entry-ban", {{"uscc", "91999999MA00000154"}, {"reason", "售假"}}},
    {"override",
     {{"uscc", "91999999MA00000154"},
      {"advice", "DENY"},
      {"decision", "ALLOW"},
      {"reason", "已整改"},
      {"access_index", "18446744073709551615"},
      {"officer", "o-7"}}},
    {"campaign",
     {{"campaign", "EPIDEMIC-2020"},
      {"title", "防疫"},
      {"from", "2020-02-01"},
      {"until", "2020-12-31"},
      {"is_automatic", "true"}}},
    {"attestation", {{"period", "2026-Q1"}, {"statement", "已自查"}, {"document_sha256", HASH}}},
    {"bulletin", {{"public_title", "公告"}, {"public_text", "正文"}, {"channel", "PUBLICATION"}}},
    {"merchant-identity",
     {{"uscc", "91999999MA00000154"}, {"shops", "店-1;店-2"}, {"legal_rep_token", HASH}}},
    {"acknowledgement", {{"cursor", "7"}, {"root", HASH}}},
};

struct told {
    char text[TOLD_MAX];
};

static void told_take(void *user, const char *name, lf_bytes text)
{
    struct told *told = user;
    size_t len = strlen(told->text);
    (void)snprintf(told->text + len, sizeof told->text - len, "%s=%.*s\n", name, (int)text.len,
                   (const char *)text.ptr);
}

static lf_fields fields_of(size_t i)
{
    lf_fields in = LF_FIELDS_INIT;
    in.kind = good[i].kind;
    in.fields = good[i].fields;
    while (in.count < PAIRS_MAX && good[i].fields[in.count].name != NULL) {
        in.count++;
    }
    return in;
}

static void said_and_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < LF_COUNT(good); i++) {
        struct lf__arena arena;
        struct lf__draft draft = {.part_count = 0};
        struct told told = {""};
        lf_error err = LF_ERROR_INIT;
        lf_fields in = fields_of(i);
        lf__arena_init(&arena, 1 << 20);
        if (lf__fields_draft(&arena, &in, &draft, &err) != LF_OK) {
            fail_msg("%s: %s", good[i].kind, err.message);
        }
        struct px_envelope envelope = {.header.kind = draft.kind, .part_count = draft.part_count};
        memcpy(envelope.parts, draft.parts, sizeof draft.parts);
        assert_int_equal(px_tell(&arena, &envelope, told_take, &told, &err), LF_OK);
        for (size_t f = 0; f < in.count; f++) {
            char want[160];
            const char *text = in.fields[f].value;
            int item = (int)strcspn(text, ";"); /* the first of several */
            (void)snprintf(want, sizeof want, "%s=%.*s\n", in.fields[f].name, item, text);
            if (strstr(told.text, want) == NULL) {
                fail_msg("%s: no %s in %s", good[i].kind, want, told.text);
            }
            assert_true(lf_kind_has(good[i].kind, in.fields[f].name));
        }
        assert_int_equal(draft.ref.len, 32); /* made from the contents */
        lf__arena_done(&arena);
    }
}

static void the_same_contents_are_the_same_ref(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct lf__draft drafts[3] = {{.part_count = 0}, {.part_count = 0}, {.part_count = 0}};
    lf_field fields[] = {{"uscc", "91999999MA00000154"}, {"reason", "售假"}};
    lf_fields in = LF_FIELDS_INIT;
    lf__arena_init(&arena, 1 << 20);
    in.kind = "entry-ban";
    in.fields = fields;
    in.count = 2;
    for (size_t i = 0; i < 3; i++) {
        fields[1].value = i == 2 ? "刷单" : "售假";
        assert_int_equal(lf__fields_draft(&arena, &in, &drafts[i], NULL), LF_OK);
    }
    assert_true(lf__bytes_eq(drafts[0].ref, drafts[1].ref));
    assert_false(lf__bytes_eq(drafts[0].ref, drafts[2].ref));
    lf__arena_done(&arena);
}

static void the_header(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct lf__draft draft = {.part_count = 0};
    char day[11];
    lf_fields in = fields_of(0);
    in.ref = "案-1";
    in.certainty = "SUSPECTED";
    in.legal_basis = "PUBLIC_DISCLOSED";
    in.audience = "platform-02;platform-03";
    in.effective_from = "2026-03-01";
    in.effective_until = "2024-02-29";
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(lf__fields_draft(&arena, &in, &draft, NULL), LF_OK);
    assert_true(lf__bytes_eq_str(draft.ref, "案-1") && draft.certainty == 1 &&
                draft.legal_basis == 2 && draft.audience_count == 2);
    assert_int_equal(draft.effective_from_ms, 1772294400000); /* 2026-02-28T16:00Z */
    assert_int_equal(draft.effective_until_ms, 1709136000000);
    for (int64_t at = draft.effective_until_ms; at < draft.effective_from_ms; at += 86400000) {
        int64_t back = 0;
        lf__date_shanghai(at, day);
        assert_true(lf__date_start(lf__bytes_str(day), 0, 0, &back) && back == at);
    }
    lf__arena_done(&arena);
}

static void a_person_is_masked(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct lf__draft draft = {.part_count = 0};
    struct told told = {""};
    lf_field fields[] = {{"uscc", "92999999MA00000151"},
                         {"list", "ABNORMAL_MARK"},
                         {"name", "张三小店"},
                         {"listed_on", "2024-07-08"}};
    lf_fields in = LF_FIELDS_INIT;
    lf__arena_init(&arena, 1 << 20);
    in.kind = "credit-list-entry";
    in.fields = fields;
    in.count = LF_COUNT(fields);
    assert_int_equal(lf__fields_draft(&arena, &in, &draft, NULL), LF_OK);
    struct px_envelope envelope = {.header.kind = draft.kind, .part_count = draft.part_count};
    memcpy(envelope.parts, draft.parts, sizeof draft.parts);
    assert_int_equal(px_tell(&arena, &envelope, told_take, &told, NULL), LF_OK);
    assert_non_null(strstr(told.text, "name=张***\n"));
    assert_non_null(strstr(told.text, "full_name=张三小店\n"));
    assert_int_equal(draft.parts[1].part_class, PX_CLASS_PERSONAL);
    lf__arena_done(&arena);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *name, *value, *reason, *field;
    } rows[] = {
        {"member", "uscc", "x", "KIND_UNKNOWN", "kind"},
        {"Entry-Ban", "uscc", "x", "KIND_UNKNOWN", "kind"},
        {"entry-ban", "colour", "red", "UNKNOWN_FIELD", "colour"},
        {"entry-ban", "uscc", "91999999MA00000154", "FIELD_MISSING", "reason"},
        {"disposition", "answer", "DISPOSITION_ANSWER_KEPT", "FIELD_MISSING", "answer"},
        {"disposition", "answer", "UNSPECIFIED", "FIELD_MISSING", "answer"},
        {"disposition", "shops", "-1", "FIELD_LENGTH", "shops"},
        {"disposition", "shops", "4294967296", "FIELD_LENGTH", "shops"},
        {"disposition", "target_record_id", "xyz", "FIELD_LENGTH", "target_record_id"},
        {"campaign", "is_automatic", "yes", "FIELD_LENGTH", "is_automatic"},
        {"acknowledgement", "root", HASH "00", "FIELD_LENGTH", "root"},
        {"credit-list-entry", "amount_fen", "9223372036854775808", "FIELD_LENGTH", "amount_fen"},
        {"attestation", "statement", "\xff", "BAD_UTF8", "statement"}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__arena arena;
        struct lf__draft draft = {.part_count = 0};
        lf_error err = LF_ERROR_INIT;
        lf_field field = {rows[i].name, rows[i].value};
        lf_fields in = LF_FIELDS_INIT;
        in.kind = rows[i].kind;
        in.fields = &field;
        in.count = 1;
        lf__arena_init(&arena, 1 << 20);
        assert_int_not_equal(lf__fields_draft(&arena, &in, &draft, &err), LF_OK);
        assert_string_equal(err.reason, rows[i].reason);
        assert_string_equal(err.field, rows[i].field);
        lf__arena_done(&arena);
    }
    lf_field twice[] = {{"reason", "a"}, {"reason", "b"}};
    struct lf__arena arena;
    struct lf__draft draft = {.part_count = 0};
    lf_error err = LF_ERROR_INIT;
    lf_fields in = LF_FIELDS_INIT;
    in.kind = "entry-ban";
    in.fields = twice;
    in.count = 2;
    lf__arena_init(&arena, 1 << 20);
    assert_int_equal(lf__fields_draft(&arena, &in, &draft, &err), LF_E_ARG);
    assert_string_equal(err.reason, "DUPLICATE_FIELD");
    lf__arena_done(&arena);
    assert_false(lf_kind_has("genesis", NULL) || lf_kind_has(NULL, NULL) || lf_kind_has("", NULL));
    assert_false(lf_kind_has("entry-ban", "reason_text"));
    assert_true(lf_kind_has_many("enforcement-event", "measures"));
    assert_false(lf_kind_has_many("enforcement-event", "note") ||
                 lf_kind_has_many("enforcement-event", "nothing") ||
                 lf_kind_has_many("enforcement-event", NULL) ||
                 lf_kind_has_many("genesis", "keys"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(said_and_told), cmocka_unit_test(the_same_contents_are_the_same_ref),
        cmocka_unit_test(the_header),    cmocka_unit_test(a_person_is_masked),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
