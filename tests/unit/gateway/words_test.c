/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of lists, appeals, tasks and campaigns: a good record of each kind, then one thing wrong at a time. */
#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "gateway/exchange/validate/validate.h"
#include "protos/codec/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { VALUE_MAX = 1024, AUDIENCE = 1000, PART_OF_PERSON = 400 };
static const char m1[] = "91999999MA00000154";
static const char i1[] = "92999999MA00000151";
static const uint8_t hash[LF_HASH_BYTES] = {1};

/* A text for each word of a good record; what is not here is left out. */
static const struct {
    enum px_kind kind;
    unsigned number;
    const char *text;
} good[] = {
    {PX_KIND_CREDIT_LIST_ENTRY, 200, m1},
    {PX_KIND_CREDIT_LIST_ENTRY, 201, "ABNORMAL"},
    {PX_KIND_CREDIT_LIST_ENTRY, 203, "ABN_UNREACHABLE"},
    {PX_KIND_CREDIT_LIST_ENTRY, 205, "2024-07-08"},
    {PX_KIND_LIST_REMOVAL, 200, "regulator"},
    {PX_KIND_LIST_REMOVAL, 201, "16"},
    {PX_KIND_LIST_REMOVAL, 202, "1"},
    {PX_KIND_LIST_REMOVAL, 203, "2025-02-11"},
    {PX_KIND_APPEAL, 200, "platform-01"},
    {PX_KIND_APPEAL, 201, "16"},
    {PX_KIND_APPEAL, 202, "1"},
    {PX_KIND_APPEAL, 203, "2026-03-04"},
    {PX_KIND_NOTICE, 200, "platform-01"},
    {PX_KIND_NOTICE, 201, "16"},
    {PX_KIND_NOTICE, 203, "1"},
    {PX_KIND_DISPOSITION, 200, "platform-01"},
    {PX_KIND_DISPOSITION, 201, "16"},
    {PX_KIND_DISPOSITION, 202, "3"},
    {PX_KIND_DISPOSITION, 204, "P02-R-17 v3"},
    {PX_KIND_DISPOSITION, 203, "SUSPEND"},
    {PX_KIND_ENTRY_BAN, 200, m1},
    {PX_KIND_ENTRY_BAN, 201, "售假"},
    {PX_KIND_OVERRIDE, 200, m1},
    {PX_KIND_OVERRIDE, 201, "DENY"},
    {PX_KIND_OVERRIDE, 202, "ALLOW"},
    {PX_KIND_OVERRIDE, 203, "已整改"},
    {PX_KIND_OVERRIDE, 300, "o-7"},
    {PX_KIND_CAMPAIGN, 200, "EPIDEMIC-2020"},
    {PX_KIND_CAMPAIGN, 201, "涉疫联防联控"},
    {PX_KIND_CAMPAIGN, 202, "2020-02-01"},
    {PX_KIND_CAMPAIGN, 203, "2020-12-31"},
    {PX_KIND_CAMPAIGN, AUDIENCE, "platform-01"},
    {PX_KIND_ATTESTATION, 200, "2026-Q1"},
    {PX_KIND_ATTESTATION, 201, "本季度已自查"},
    {PX_KIND_BULLETIN, 102, "2"},
    {PX_KIND_BULLETIN, 200, "通报"},
    {PX_KIND_BULLETIN, 201, "正文"},
    {PX_KIND_MERCHANT_IDENTITY, 200, m1},
    {PX_KIND_MERCHANT_IDENTITY, 300, "shop-1"},
    {PX_KIND_ACKNOWLEDGEMENT, 200, "7"},
    {PX_KIND_ACKNOWLEDGEMENT, 201, "32"},
};

struct said {
    struct lf__arena arena;
    struct px_envelope envelope;
    lf_bytes audience[1];
    lf_bytes item;
    _Alignas(16) uint8_t value[VALUE_MAX];
};

/* Texts as they are, numbers and enums in decimal, bytes as a length, lists with one item. */
static void word_set(struct said *said, const struct px_word *word, const char *text)
{
    uint64_t number = 0;
    void *at = said->value + word->offset;
    (void)lf__text_u64(lf__bytes_str(text), &number);
    switch (word->form) {
    case PX_FORM_BYTES:
        *(lf_bytes *)at = (lf_bytes){hash, (size_t)number};
        break;
    case PX_FORM_ENUM:
        *(unsigned *)at = (unsigned)number;
        break;
    case PX_FORM_U32:
        *(uint32_t *)at = (uint32_t)number;
        break;
    case PX_FORM_U64:
        *(uint64_t *)at = number;
        break;
    case PX_FORM_MONEY:
        *(int64_t *)at = text[0] == '-' ? -1 : (int64_t)number;
        break;
    case PX_FORM_FLAG:
        *(bool *)at = number != 0;
        break;
    case PX_FORM_CODES:
    case PX_FORM_MEMBERS:
    case PX_FORM_LABELS:
        said->item = lf__bytes_str(text);
        *(struct px_list *)at = (struct px_list){&said->item, 1};
        break;
    case PX_FORM_USCC:
    case PX_FORM_TEXT:
    case PX_FORM_CODE:
    case PX_FORM_DATE:
    case PX_FORM_MEMBER:
        *(lf_bytes *)at = lf__bytes_str(text);
        break;
    }
}

static void set(struct said *said, enum px_kind kind, unsigned number, const char *text)
{
    const struct px_words *words = px_words_of(kind);
    if (number == AUDIENCE) {
        said->audience[0] = lf__bytes_str(text);
        said->envelope.header.audience = said->audience;
        said->envelope.header.audience_count = text[0] != '\0' ? 1 : 0;
        return;
    }
    for (size_t i = 0; i < words->count; i++) {
        if (words->list[i].number == number) {
            word_set(said, &words->list[i], text);
            return;
        }
    }
    fail_msg("kind %d has no field %u", (int)kind, number);
}

static struct said *said_new(enum px_kind kind)
{
    static struct said said;
    memset(&said, 0, sizeof said);
    lf__arena_init(&said.arena, 1 << 20);
    said.envelope.header = (struct px_header){.kind = kind, .version = 1};
    for (size_t i = 0; i < LF_COUNT(good); i++) {
        if (good[i].kind == kind) {
            set(&said, kind, good[i].number, good[i].text);
        }
    }
    return &said;
}

/* 2026-06-01 23:56 in Shanghai. */
#define NOW_MS 1780329360000

static lf_status said_check(struct said *said, lf_error *err)
{
    struct gw_policy *policy = NULL;
    enum px_kind kind = said->envelope.header.kind;
    lf_status rc = px_words_encode(&said->arena, kind, said->value, said->envelope.parts,
                                   &said->envelope.part_count, err);
    assert_int_equal(gw_policy_load_default(&policy, NULL), LF_OK);
    struct gw_validate rules = {.policy = policy, .is_test = true, .now_ms = NOW_MS};
    struct gw_standing issuer = {.member = "platform-01", .role = PX_ROLE_PLATFORM};
    if (!gw_policy_may(policy, issuer.role, 0, kind, GW_MAY_ISSUE)) {
        issuer = (struct gw_standing){.member = "regulator", .role = PX_ROLE_REGULATOR, .level = 2};
    }
    for (size_t i = 0; i < said->envelope.part_count; i++) {
        said->envelope.has_hash[said->envelope.parts[i].part_class] = true;
    }
    rc = rc == LF_OK ? gw_validate(&rules, &said->envelope, &issuer, err) : rc;
    gw_policy_free(policy);
    lf__arena_done(&said->arena);
    return rc;
}

static void good_ones_are_taken(void **state)
{
    (void)state;
    for (unsigned kind = PX_KIND_CREDIT_LIST_ENTRY; kind <= PX_KIND_ACKNOWLEDGEMENT; kind++) {
        lf_error err = LF_ERROR_INIT;
        lf_status rc = said_check(said_new((enum px_kind)kind), &err);
        if (rc != LF_OK) {
            fail_msg("%s: %s", px_kind_name((enum px_kind)kind), err.message);
        }
    }
}

struct wrong {
    enum px_kind kind;
    unsigned number;
    const char *text;
    const char *reason; /* "": it is taken */
    const char *field;
};

static void one_thing_wrong(void **state)
{
    (void)state;
    static const char long_label[] =
        "0123456789012345678901234567890123456789012345678901234567890123-";
    static const struct wrong rows[] = {
        {PX_KIND_CREDIT_LIST_ENTRY, 200, "91999999MA00000155", "USCC_CHECK_DIGIT", "uscc"},
        {PX_KIND_CREDIT_LIST_ENTRY, 200, i1, "LEGAL_BASIS_REQUIRED", "header.legal_basis"},
        {PX_KIND_CREDIT_LIST_ENTRY, 201, "BLACK", "LIST_UNKNOWN", "list"},
        {PX_KIND_CREDIT_LIST_ENTRY, 203, "SER_IP", "LIST_REASON_UNKNOWN", "reason"},
        {PX_KIND_CREDIT_LIST_ENTRY, 203, "", "FIELD_MISSING", "reason"},
        {PX_KIND_CREDIT_LIST_ENTRY, 205, "2024-02-30", "DATE_INVALID", "listed_on"},
        {PX_KIND_CREDIT_LIST_ENTRY, 208, "11000", "REGION_UNKNOWN", "region"},
        {PX_KIND_CREDIT_LIST_ENTRY, 210, "BADNESS", "VIOLATION_UNKNOWN", "violation"},
        {PX_KIND_CREDIT_LIST_ENTRY, 211, "-1", "AMOUNT_INVALID", "amount_fen"},
        {PX_KIND_CREDIT_LIST_ENTRY, 206, "11010519491231002X", "ID_NUMBER_IN_TEXT", "authority"},
        {PX_KIND_CREDIT_LIST_ENTRY, PART_OF_PERSON, "张三", "LEGAL_BASIS_REQUIRED",
         "header.legal_basis"},
        {PX_KIND_LIST_REMOVAL, 200, "No Member", "MEMBER_ID", "target_issuer"},
        {PX_KIND_LIST_REMOVAL, 201, "15", "FIELD_LENGTH", "target_record_id"},
        {PX_KIND_LIST_REMOVAL, 202, "5", "FIELD_MISSING", "ground"},
        {PX_KIND_LIST_REMOVAL, 203, "9999-9-9", "DATE_INVALID", "removed_on"},
        {PX_KIND_APPEAL, 202, "4", "FIELD_MISSING", "reason"},
        {PX_KIND_APPEAL, 202, "5", "FIELD_MISSING", "reason"},
        {PX_KIND_APPEAL, 202, "3", "", ""},
        {PX_KIND_APPEAL, 300, "31", "FIELD_LENGTH", "statement_sha256"},
        {PX_KIND_NOTICE, 202, "x", "MEMBER_ID", "members"},
        {PX_KIND_NOTICE, 202, "platform-02", "", ""},
        {PX_KIND_DISPOSITION, 204, "", "RULE_REQUIRED", "rule"},
        {PX_KIND_DISPOSITION, 204, long_label, "TOO_BIG", "rule"},
        {PX_KIND_DISPOSITION, 202, "5", "FIELD_MISSING", "reason"},
        {PX_KIND_DISPOSITION, 202, "7", "FIELD_MISSING", "reason"},
        {PX_KIND_DISPOSITION, 202, "1", "", ""},
        {PX_KIND_DISPOSITION, 203, "SMILE", "MEASURE_UNKNOWN", "measures"},
        {PX_KIND_DISPOSITION, 207, "today", "DATE_INVALID", "acted_on"},
        {PX_KIND_ENTRY_BAN, 202, "soon", "DATE_INVALID", "from"},
        {PX_KIND_ENTRY_BAN, 203, "2026-01-01", "", ""},
        {PX_KIND_OVERRIDE, 201, "NEVER", "ADVICE_UNKNOWN", "advice"},
        {PX_KIND_OVERRIDE, 202, "PERHAPS", "ADVICE_UNKNOWN", "decision"},
        {PX_KIND_OVERRIDE, 202, "DENY", "OVERRIDE_NONE", "decision"},
        {PX_KIND_OVERRIDE, 202, "MANUAL_REVIEW", "", ""},
        {PX_KIND_OVERRIDE, 300, "", "FIELD_MISSING", "officer"},
        {PX_KIND_OVERRIDE, 300, "王小明", "OFFICER_ID", "officer"},
        {PX_KIND_OVERRIDE, 300, "Wang Xiaoming", "OFFICER_ID", "officer"},
        {PX_KIND_CAMPAIGN, 200, "双十一", "CAMPAIGN_NAME", "campaign"},
        {PX_KIND_CAMPAIGN, 200, "ab", "CAMPAIGN_NAME", "campaign"},
        {PX_KIND_CAMPAIGN, 203, "2020-01-31", "DATE_INVALID", "until"},
        {PX_KIND_CAMPAIGN, 203, "2020-02-01", "", ""},
        {PX_KIND_CAMPAIGN, 204, "BADNESS", "VIOLATION_UNKNOWN", "violations"},
        {PX_KIND_CAMPAIGN, AUDIENCE, "", "FIELD_MISSING", "header.audience"},
        {PX_KIND_ATTESTATION, 200, "2026-Q5", "PERIOD_INVALID", "period"},
        {PX_KIND_ATTESTATION, 200, "2026Q1", "PERIOD_INVALID", "period"},
        {PX_KIND_ATTESTATION, 200, "2026-01", "PERIOD_INVALID", "period"},
        {PX_KIND_BULLETIN, 102, "3", "FIELD_MISSING", "public_title"},
        {PX_KIND_BULLETIN, 102, "1", "FIELD_MISSING", "header.audience"},
        {PX_KIND_BULLETIN, 100, "公告", "FIELD_CLASS", "public_title"},
        {PX_KIND_BULLETIN, 201, "", "FIELD_MISSING", "text"},
        {PX_KIND_MERCHANT_IDENTITY, 300, long_label, "TOO_BIG", "shops"},
        {PX_KIND_MERCHANT_IDENTITY, 301, "16", "FIELD_LENGTH", "legal_rep_token"},
        {PX_KIND_ACKNOWLEDGEMENT, 200, "0", "FIELD_MISSING", "cursor"},
        {PX_KIND_ACKNOWLEDGEMENT, 201, "0", "FIELD_MISSING", "root"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        lf_error err = LF_ERROR_INIT;
        struct said *said = said_new(rows[i].kind);
        set(said, rows[i].kind, rows[i].number, rows[i].text);
        lf_status rc = said_check(said, &err);
        if ((rc == LF_OK) != (rows[i].reason[0] == '\0') ||
            strcmp(err.reason, rows[i].reason) != 0 || strcmp(err.field, rows[i].field) != 0) {
            fail_msg("row %zu: %s %s: %s", i, err.reason, err.field, err.message);
        }
    }
}

/* With the clock skew the next day has begun in Shanghai; the one after it has not. */
static void days_that_have_come(void **state)
{
    (void)state;
    const struct {
        enum px_kind kind;
        unsigned number;
    } days[] = {{PX_KIND_LIST_REMOVAL, 203}, {PX_KIND_CREDIT_LIST_ENTRY, 205}};
    for (size_t i = 0; i < LF_COUNT(days); i++) {
        lf_error err = LF_ERROR_INIT;
        struct said *said = said_new(days[i].kind);
        set(said, days[i].kind, days[i].number, "2026-06-02");
        assert_int_equal(said_check(said, &err), LF_OK);
        said = said_new(days[i].kind);
        set(said, days[i].kind, days[i].number, "2026-06-03");
        assert_int_equal(said_check(said, &err), LF_E_REJECTED);
        assert_string_equal(err.reason, "DATE_INVALID");
    }
}

/* Two things at once. */
static void pairs(void **state)
{
    (void)state;
    lf_error err = LF_ERROR_INIT;
    struct said *said = said_new(PX_KIND_CREDIT_LIST_ENTRY);
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 201, "LOCAL_SERIOUS");
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 203, "LOC_QUALITY");
    assert_int_equal(said_check(said, &err), LF_E_REJECTED);
    assert_string_equal(err.field, "region");
    said = said_new(PX_KIND_CREDIT_LIST_ENTRY);
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 201, "LOCAL_SERIOUS");
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 203, "LOC_QUALITY");
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 208, "110000");
    assert_int_equal(said_check(said, &err), LF_OK);
    said = said_new(PX_KIND_ENTRY_BAN);
    set(said, PX_KIND_ENTRY_BAN, 202, "2026-02-01");
    set(said, PX_KIND_ENTRY_BAN, 203, "2026-02-01");
    assert_int_equal(said_check(said, &err), LF_E_REJECTED);
    assert_string_equal(err.field, "until");
    said = said_new(PX_KIND_BULLETIN);
    set(said, PX_KIND_BULLETIN, 102, "3");
    set(said, PX_KIND_BULLETIN, 100, "公告");
    set(said, PX_KIND_BULLETIN, 101, "正文");
    assert_int_equal(said_check(said, &err), LF_E_REJECTED);
    assert_string_equal(err.reason, "FIELD_CLASS");
    assert_string_equal(err.field, "title");
    said = said_new(PX_KIND_CREDIT_LIST_ENTRY);
    set(said, PX_KIND_CREDIT_LIST_ENTRY, 200, i1);
    said->envelope.header.legal_basis = 1;
    assert_int_equal(said_check(said, &err), LF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_taken),
        cmocka_unit_test(one_thing_wrong),
        cmocka_unit_test(days_that_have_come),
        cmocka_unit_test(pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
