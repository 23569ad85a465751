/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand beside what: lists and their removals, appeals, answers, a brand's word, and what is read of them. */
#include "tests/unit/gateway/world.h"

static uint8_t last_id[PX_ID_BYTES];

static struct px_about about(enum who who, uint8_t id)
{
    memset(last_id, 0, sizeof last_id);
    last_id[0] = id;
    return (struct px_about){lf__bytes_str(names[who]), LF_BYTES_ARRAY(last_id)};
}

static void assert_refused(const struct told *told, const char *reason, const char *field)
{
    assert_int_not_equal(told->s.status, LF_OK);
    assert_string_equal(told->s.error.reason, reason);
    assert_string_equal(told->s.error.field, field);
}

static void assert_taken(const struct told *told)
{
    if (told->s.status != LF_OK) {
        fail_msg("%s %s: %s", told->s.error.reason, told->s.error.field, told->s.error.message);
    }
}

static uint8_t listing_say(const char *code)
{
    struct px_listing in = {.uscc = lf__bytes_str(code),
                            .list = lf__bytes_str("ABNORMAL"),
                            .reason = lf__bytes_str("ABN_UNREACHABLE"),
                            .listed_on = lf__bytes_str("2024-07-08")};
    assert_taken(say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &in));
    return w.next_id;
}

static void removals(void **state)
{
    (void)state;
    struct px_removal in = {.ground = PX_GROUND_REPAIRED,
                            .removed_on = lf__bytes_str("2024-07-07")};
    in.about = about(REGULATOR, listing_say(m1));
    assert_refused(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &in), "DATE_INVALID", "removed_on");
    in.removed_on = lf__bytes_str("2024-07-08");
    assert_taken(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &in));
    assert_refused(say_words(PLATFORM, PX_KIND_LIST_REMOVAL, &in), "KIND_NOT_ALLOWED",
                   "header.kind");
    in.about = about(REGULATOR, 250);
    assert_refused(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &in), "TARGET_UNKNOWN",
                   "target_record_id");
    assert_taken(say_registry(m2, "ACTIVE"));
    in.about = about(REGULATOR, w.next_id);
    assert_refused(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &in), "TARGET_KIND",
                   "target_record_id");
}

static void appeals_and_answers(void **state)
{
    (void)state;
    struct px_appeal appeal = {.step = PX_APPEAL_FILED, .stepped_on = lf__bytes_str("2026-03-04")};
    struct px_disposition answer = {.answer = PX_ANSWER_NO_SHOP};
    assert_taken(say_policy(1)); /* nothing waits for a relay */
    assert_taken(say_event(PLATFORM, m1, 3, "REMOVAL"));
    uint8_t first = w.next_id;
    assert_taken(say_event(PLATFORM, m2, 3, "REMOVAL"));
    appeal.about = about(PLATFORM, w.next_id);
    struct px_disposition acted = {.about = appeal.about, .answer = PX_ANSWER_ACTIVE_SHOP};
    assert_refused(say_words(OTHER, PX_KIND_APPEAL, &appeal), "APPEAL_CHANNEL", "step");
    assert_taken(say_words(OTHER, PX_KIND_DISPOSITION, &acted)); /* did nothing about the shop */
    assert_refused(say_words(OTHER, PX_KIND_APPEAL, &appeal), "APPEAL_CHANNEL", "step");
    acted.answer = PX_ANSWER_RESTRICTED;
    acted.rule = lf__bytes_str("R-1");
    assert_taken(say_words(OTHER, PX_KIND_DISPOSITION, &acted));
    assert_taken(say_words(OTHER, PX_KIND_APPEAL, &appeal));
    appeal.step = PX_APPEAL_ACCEPTED;
    assert_refused(say_words(OTHER, PX_KIND_APPEAL, &appeal), "KIND_NOT_ALLOWED", "step");
    assert_taken(say_words(PLATFORM, PX_KIND_APPEAL, &appeal));
    assert_taken(say_member(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_SUSPENDED));
    assert_refused(say_event(OTHER, m1, 3, "REMOVAL"), "MEMBER_SUSPENDED", "header.issuer");
    answer.about = about(PLATFORM, first);
    assert_taken(say_words(OTHER, PX_KIND_DISPOSITION, &answer));
    answer.about = about(REGULATOR, listing_say(m1));
    assert_refused(say_words(OTHER, PX_KIND_DISPOSITION, &answer), "TARGET_KIND",
                   "target_record_id");
}

static struct told *say_by_brand(const char *code, const char *brand, uint8_t id)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    const uint8_t record[PX_ID_BYTES] = {id};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT, .version = 1, .certainty = 4};
    struct px_event event = {.uscc = lf__bytes_str(code),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .brand_issuer = lf__bytes_str(brand),
                             .brand_record_id = LF_BYTES_ARRAY(record)};
    event.brand_record_id.len = brand[0] == '\0' ? 0 : event.brand_record_id.len;
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(PLATFORM, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

/* A brand's event for one platform alone. */
static struct told *say_by_brand_to(enum who only)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    lf_bytes audience[] = {lf__bytes_str(names[only])};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 1,
                               .certainty = 4,
                               .audience = audience,
                               .audience_count = 1};
    struct px_event event = {.uscc = lf__bytes_str(m1), .violation = lf__bytes_str("COUNTERFEIT")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(BRAND, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static void a_brands_word(void **state)
{
    (void)state;
    assert_refused(say_by_brand(m1, "", 0), "DETERMINATION_UNSIGNED", "brand_issuer");
    assert_refused(say_by_brand(m1, names[BRAND], 1), "DETERMINATION_UNSIGNED", "brand_record_id");
    assert_taken(say_member(BRAND, PX_ROLE_BRAND, PX_MEMBER_ACTIVE));
    assert_refused(say_by_brand(m1, names[BRAND], 1), "DETERMINATION_UNSIGNED", "brand_record_id");
    assert_taken(say_event(BRAND, m1, 4, "REMOVAL"));
    uint8_t theirs = w.next_id;
    assert_refused(say_by_brand(m2, names[BRAND], theirs), "DETERMINATION_UNSIGNED",
                   "brand_record_id");
    assert_taken(say_by_brand(m1, names[BRAND], theirs));
    assert_taken(say_by_brand_to(OTHER)); /* of what is not for the speaker it learns nothing */
    assert_refused(say_by_brand(m1, names[BRAND], w.next_id), "DETERMINATION_UNSIGNED",
                   "brand_record_id");
    assert_taken(say_by_brand_to(PLATFORM));
    assert_taken(say_by_brand(m1, names[BRAND], w.next_id));
    assert_taken(say_event(OTHER, m1, 3, "REMOVAL")); /* a platform is no brand */
    assert_refused(say_by_brand(m1, names[OTHER], w.next_id), "DETERMINATION_UNSIGNED",
                   "brand_record_id");
}

static struct told *say_erase(enum who issuer, uint8_t id, const char *number)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_about target = about(issuer, id);
    struct px_redaction order = {.issuer = target.issuer,
                                 .record_id = target.record_id,
                                 .order_authority = lf__bytes_str("某市局"),
                                 .order_number = lf__bytes_str(number)};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    struct told *told = say(AUTHORITY, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static void erasures(void **state)
{
    (void)state;
    struct px_ban ban = {.uscc = lf__bytes_str(m1), .reason = lf__bytes_str("售假")};
    struct px_attestation said_so = {.period = lf__bytes_str("2026-Q1"),
                                     .statement = lf__bytes_str("已自查")};
    assert_taken(say_words(PLATFORM, PX_KIND_ENTRY_BAN, &ban));
    uint8_t id = w.next_id;
    const char *const spellings[] = {m1, "(2026)京01执1号 91999999ma00000154",
                                     "号 ９１９９９９９９ＭＡ０００００１５４",
                                     "号 91999999 MA-0000 0154。", "91999999MA\u200b00000154"};
    for (size_t i = 0; i < LF_COUNT(spellings); i++) {
        assert_refused(say_erase(PLATFORM, id, spellings[i]), "SUBJECT_IN_TEXT", "order_number");
    }
    assert_taken(say_erase(PLATFORM, id, "删 1"));
    assert_refused(say_erase(PLATFORM, id, "删 2"), "ERASED", "target_record_id");
    assert_taken(say_words(PLATFORM, PX_KIND_ATTESTATION, &said_so));
    assert_refused(say_erase(PLATFORM, w.next_id, "删 3"), "NOT_ERASABLE", "target_record_id");
    assert_taken(say_words(PLATFORM, PX_KIND_ENTRY_BAN, &ban));
    assert_taken(say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], w.next_id,
                            PX_CORRECTION_WITHDRAWN));
}

/* The day in Shanghai, so many ms from now. */
static lf_bytes day_at(int64_t ms, char out[static 11])
{
    lf__date_shanghai(lf__clock_utc_ms() + ms, out);
    return lf__bytes_str(out);
}

static void days_to_come(void **state)
{
    (void)state;
    char day[11];
    const int64_t two_days = 2 * 24 * 3600000LL;
    struct px_listing listed = {.uscc = lf__bytes_str(m1),
                                .list = lf__bytes_str("SERIOUS"),
                                .reason_text = lf__bytes_str("严重违法"),
                                .listed_on = day_at(two_days, day)};
    assert_refused(say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listed), "DATE_INVALID",
                   "listed_on");
    listed.listed_on = day_at(-1000, day);
    assert_taken(say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listed));
    struct px_removal removed = {.about = about(REGULATOR, w.next_id),
                                 .ground = PX_GROUND_REPAIRED,
                                 .removed_on = lf__bytes_str("2099-01-01")};
    assert_refused(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &removed), "DATE_INVALID",
                   "removed_on");
    removed.removed_on = day_at(two_days, day);
    assert_refused(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &removed), "DATE_INVALID",
                   "removed_on");
    removed.removed_on = day_at(0, day);
    assert_taken(say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &removed));
}

static unsigned classes_of(enum who who, uint64_t index)
{
    LF_BUF view;
    ST_TXN *txn = NULL;
    struct st_stored stored;
    unsigned told = 0;
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = who == REGULATOR ? 2 : 0,
                               .has_case = who != REGULATOR};
    lf__buf_init(&view, PX_MESSAGE_MAX);
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_ledger_read(gw_exchange_ledger(w.exchange), txn, index, &stored, NULL),
                     LF_OK);
    assert_int_equal(
        gw_entry_view(w.exchange, txn, &reader, stored.body, index, &view, &told, NULL), LF_OK);
    return told;
}

static void who_reads(void **state)
{
    (void)state;
    const unsigned members = LF_BIT(PX_CLASS_MEMBERS);
    const unsigned both = members | LF_BIT(PX_CLASS_REGULATOR);
    struct px_override override = {.uscc = lf__bytes_str(m1),
                                   .advice = lf__bytes_str("DENY"),
                                   .decision = lf__bytes_str("ALLOW"),
                                   .reason = lf__bytes_str("已整改"),
                                   .officer = lf__bytes_str("o-7")};
    struct px_campaign campaign = {.campaign = lf__bytes_str("EPIDEMIC-2020"),
                                   .title = lf__bytes_str("防疫"),
                                   .from = lf__bytes_str("2020-02-01"),
                                   .until = lf__bytes_str("2020-12-31")};
    uint64_t index = say_words(PLATFORM, PX_KIND_OVERRIDE, &override)->s.index;
    assert_int_equal(classes_of(PLATFORM, index), both);
    assert_int_equal(classes_of(REGULATOR, index), both);
    assert_int_equal(classes_of(OTHER, index), 0);
    index = say_named(REGULATOR, PX_KIND_CAMPAIGN, &campaign, names[OTHER])->s.index;
    assert_int_equal(classes_of(OTHER, index), members);
    assert_int_equal(classes_of(PLATFORM, index), 0);
    assert_taken(say_policy(1));
    assert_taken(say_event(PLATFORM, m1, 3, "REMOVAL"));
    struct px_disposition answer = {.about = about(PLATFORM, w.next_id),
                                    .answer = PX_ANSWER_NO_SHOP,
                                    .note = lf__bytes_str("无")};
    index = say_words(OTHER, PX_KIND_DISPOSITION, &answer)->s.index;
    assert_int_equal(classes_of(PLATFORM, index), both); /* whose event it answers */
    assert_int_equal(classes_of(REGULATOR, index), both);
    assert_taken(say_event(REGULATOR, m1, 5, "REMOVAL"));
    answer.about = about(REGULATOR, w.next_id);
    index = say_words(OTHER, PX_KIND_DISPOSITION, &answer)->s.index;
    assert_int_equal(classes_of(PLATFORM, index), 0); /* a third */
}

static void acknowledgements(void **state)
{
    (void)state;
    struct lf__merkle_head head = st_ledger_head(gw_exchange_ledger(w.exchange), NULL);
    struct px_ack ack = {.cursor = head.size, .root = lf__hash_bytes(&head.root)};
    assert_taken(say_words(PLATFORM, PX_KIND_ACKNOWLEDGEMENT, &ack));
    assert_taken(say_words(OTHER, PX_KIND_ACKNOWLEDGEMENT, &ack)); /* by now of an older size */
    ack.cursor--;
    assert_refused(say_words(OTHER, PX_KIND_ACKNOWLEDGEMENT, &ack), "ROOT_MISMATCH", "root");
    ack.cursor += 1000;
    assert_refused(say_words(OTHER, PX_KIND_ACKNOWLEDGEMENT, &ack), "CURSOR_AHEAD", "cursor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(removals, setup, teardown),
        cmocka_unit_test_setup_teardown(appeals_and_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_brands_word, setup, teardown),
        cmocka_unit_test_setup_teardown(erasures, setup, teardown),
        cmocka_unit_test_setup_teardown(days_to_come, setup, teardown),
        cmocka_unit_test_setup_teardown(who_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(acknowledgements, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
