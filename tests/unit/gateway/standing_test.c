/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands of a subject, and what stood: listings, liftings, appeals and bans, as they are known and as they
 * are in force. After each history the standing is rebuilt from the ledger and must be the same.
 */
#include "tests/unit/gateway/world.h"

static const char unreachable[] = "通过登记的住所或者经营场所无法联系的";

static uint64_t list_on(const char *uscc, const char *list, const char *day)
{
    struct px_listing listing = {
        .uscc = lf__bytes_str(uscc),
        .list = lf__bytes_str(list),
        .reason_text = lf__bytes_str(unreachable),
        .listed_on = lf__bytes_str(day),
        .region = lf__bytes_str(strcmp(list, "LOCAL_SERIOUS") == 0 ? "110000" : ""),
        .authority = lf__bytes_str("某区市场监督管理局")};
    struct told *told = say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listing);
    assert_int_equal(told->s.status, LF_OK);
    return told->s.index;
}

static struct told *list_off(uint8_t id_byte, enum px_ground ground, const char *day)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_removal removal = {.about = {lf__bytes_str(names[REGULATOR]), LF_BYTES_ARRAY(id)},
                                 .ground = ground,
                                 .removed_on = lf__bytes_str(day)};
    return say_words(REGULATOR, PX_KIND_LIST_REMOVAL, &removal);
}

/* Who closed a shop because of the record may file its merchant's appeal. */
static void act_on(enum who who, enum who issuer, uint8_t id_byte)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_disposition value = {.about = {lf__bytes_str(names[issuer]), LF_BYTES_ARRAY(id)},
                                   .answer = PX_ANSWER_REMOVED,
                                   .rule = lf__bytes_str("R-1")};
    assert_int_equal(say_words(who, PX_KIND_DISPOSITION, &value)->s.status, LF_OK);
}

static struct told *appeal(enum who who, uint8_t id_byte, enum px_appeal_step step)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    bool is_decided = step >= PX_APPEAL_UPHELD;
    struct px_appeal value = {.about = {lf__bytes_str(names[PLATFORM]), LF_BYTES_ARRAY(id)},
                              .step = step,
                              .stepped_on = lf__bytes_str("2026-03-04"),
                              .reason = lf__bytes_str(is_decided ? "复核" : "")};
    return say_words(who, PX_KIND_APPEAL, &value);
}

/* A further version of the platform's event `before`. */
static struct told *say_version(uint8_t before, uint32_t version, unsigned certainty,
                                const char *measure, const char *violation)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t old[PX_ID_BYTES] = {before};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = version,
                               .predecessor =
                                   before == 0 ? LF_BYTES_NONE : (lf_bytes)LF_BYTES_ARRAY(old),
                               .certainty = certainty};
    struct px_event event = {.uscc = lf__bytes_str(m1),
                             .violation = lf__bytes_str(violation),
                             .measures = {lf__bytes_str(measure)},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-05-02")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(PLATFORM, &header, parts, count);
    lf__arena_done(&arena);
    assert_int_equal(told->s.status, LF_OK);
    return told;
}

static struct gw_screened screen_on(enum who who, const char *uscc, const char *day)
{
    int64_t next = 0;
    assert_true(lf__date_start(lf__bytes_str(day), 0, 1, &next));
    struct gw_picture picture = {UINT64_MAX, next - 1, true};
    struct gw_asked asked = {lf__bytes_str(uscc), LF_BYTES_NONE, &picture};
    return screen_asked(who, &asked);
}

static struct gw_screened screen_at(enum who who, const char *uscc, uint64_t size)
{
    struct gw_picture picture = gw_picture_now();
    picture.size = size;
    struct gw_asked asked = {lf__bytes_str(uscc), LF_BYTES_NONE, &picture};
    return screen_asked(who, &asked);
}

static const struct gw_reason *reason_of(const struct gw_screened *s, const char *code)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->reasons[i].code, code) == 0) {
            return &s->reasons[i];
        }
    }
    return NULL;
}

static bool has(struct gw_screened s, const char *code)
{
    return reason_of(&s, code) != NULL;
}

/* Row S4-19. */
static void listed_until_the_day_of_removal(void **state)
{
    (void)state;
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    (void)list_on(m1, "ABNORMAL", "2024-07-08");
    uint8_t first = w.next_id;
    struct gw_screened s = screen(OTHER, m1);
    assert_int_equal(s.advice, LF__ADVICE_WARN);
    const struct gw_reason *r = reason_of(&s, "LIST_ABNORMAL");
    assert_non_null(r);
    assert_string_equal(r->list, "ABNORMAL");
    assert_string_equal(r->decided_at, "2024-07-08");
    assert_int_equal(r->kind, PX_KIND_CREDIT_LIST_ENTRY);
    assert_int_equal(r->level, 2);
    (void)list_on(m1, "ABNORMAL", "2025-07-08");
    uint64_t both = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    assert_string_equal(list_off(first, PX_GROUND_REMOVED, "2024-07-07")->s.error.reason,
                        "DATE_INVALID");
    assert_int_equal(list_off(first, PX_GROUND_REMOVED, "2025-02-11")->s.status, LF_OK);
    assert_true(has(screen_on(OTHER, m1, "2025-02-10"), "LIST_ABNORMAL"));
    assert_false(has(screen_on(OTHER, m1, "2025-02-11"), "LIST_ABNORMAL"));
    assert_false(has(screen_on(OTHER, m1, "2024-07-07"), "LIST_ABNORMAL"));
    assert_int_equal(screen(OTHER, m1).count, 1); /* the other line is still open */
    assert_int_equal(screen_at(OTHER, m1, both).count, 2);
    assert_int_equal(list_off(w.next_id, PX_GROUND_REMOVED, "2025-08-01")->s.status,
                     LF_E_REJECTED); /* that was the refused removal's id */
    assert_sound();
}

static void a_listing_that_was_wrong_never_counted(void **state)
{
    (void)state;
    (void)list_on(m1, "SERIOUS", "2026-01-05");
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(list_off(w.next_id, PX_GROUND_REVOKED, "2026-02-01")->s.status, LF_OK);
    assert_false(has(screen_on(OTHER, m1, "2026-01-10"), "LIST_SERIOUS"));
    (void)list_on(m2, "LOCAL_SERIOUS", "2026-01-05"); /* row S4-21 */
    struct gw_screened s = screen(OTHER, m2);
    const struct gw_reason *r = reason_of(&s, "LIST_LOCAL_SERIOUS");
    assert_non_null(r);
    assert_string_equal(r->region, "110000");
    assert_int_equal(s.advice, LF__ADVICE_REVIEW);
    assert_false(has(s, "LIST_SERIOUS"));
    (void)list_on(m2, "SERIOUS", "2020-01-05"); /* five years by the rule of then */
    assert_true(has(screen(OTHER, m2), "EXPIRED_LISTING"));
    assert_true(has(screen_on(OTHER, m2, "2024-12-31"), "LIST_SERIOUS"));
    assert_sound();
}

/* Row S4-17. */
static void a_lifting_ends_it_from_its_day_on(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t id = w.next_id;
    uint64_t before = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    (void)say_version(id, 2, 3, "LIFT", "COUNTERFEIT");
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_true(has(screen_on(OTHER, m1, "2026-05-01"), "LIVE_REMOVAL"));
    assert_false(has(screen_on(OTHER, m1, "2026-05-02"), "LIVE_REMOVAL"));
    assert_int_equal(screen_at(OTHER, m1, before).advice, LF__ADVICE_DENY);
    assert_sound();
}

/* A lifting waits for nobody, and tells others nothing of an accusation that they never saw. */
static void a_lifting_of_what_waits(void **state)
{
    (void)state;
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    (void)say_version(w.next_id, 2, 3, "LIFT", "COUNTERFEIT");
    assert_false(said->s.is_pending_relay);
    uint64_t index = said->s.index;
    struct gw_known known;
    ST_TXN *txn = NULL;
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_known_get(txn, index, &known, NULL), LF_OK);
    assert_true(known.is_held && known.state == LF__STATE_LIFTED);
    st_txn_abort(txn);
    txn = NULL;
    assert_int_equal(screen(REGULATOR, m1).count, 1); /* no registry entry: nothing else is left */
    assert_sound();
}

/* Row S3-02. */
static void suspicion_and_fact(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 1, "REMOVAL")->s.status, LF_OK);
    uint64_t suspected = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_REVIEW);
    (void)say_version(w.next_id, 2, 3, "REMOVAL", "COUNTERFEIT");
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(screen(OTHER, m1).count, 1);
    struct gw_screened then = screen_at(OTHER, m1, suspected);
    assert_int_equal(then.advice, LF__ADVICE_REVIEW);
    assert_string_equal(then.reasons[0].code, "SUSPECTED_REMOVAL");
    assert_sound();
}

/* Row S0-09. */
static void a_defect_only_informs(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    (void)say_version(0, 1, 3, "REMOVAL", "QUALIFICATION_DEFECT");
    struct gw_screened s = screen(OTHER, m1);
    assert_int_equal(s.advice, LF__ADVICE_WARN);
    assert_string_equal(s.reasons[0].code, "INFORMATION_ONLY");
}

static void appeals(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t id = w.next_id;
    assert_string_equal(appeal(PLATFORM, id, PX_APPEAL_ACCEPTED)->s.error.reason, "APPEAL_STEP");
    assert_string_equal(appeal(OTHER, id, PX_APPEAL_FILED)->s.error.reason, "APPEAL_CHANNEL");
    act_on(OTHER, PLATFORM, id);
    assert_int_equal(appeal(OTHER, id, PX_APPEAL_FILED)->s.status, LF_OK);
    struct gw_screened s = screen(OTHER, m1);
    assert_int_equal(s.advice, LF__ADVICE_REVIEW);
    assert_string_equal(s.reasons[0].code, "UNDER_APPEAL");
    assert_int_equal(s.reasons[0].state, LF__STATE_UNDER_APPEAL);
    assert_int_equal(screen(PLATFORM, m1).advice, LF__ADVICE_DENY); /* its own measure stands */
    assert_string_equal(appeal(OTHER, id, PX_APPEAL_FILED)->s.error.reason, "APPEAL_STEP");
    assert_string_equal(appeal(OTHER, id, PX_APPEAL_UPHELD)->s.error.reason, "KIND_NOT_ALLOWED");
    assert_int_equal(appeal(PLATFORM, id, PX_APPEAL_HUMAN_REVIEW)->s.status, LF_OK);
    assert_string_equal(appeal(PLATFORM, id, PX_APPEAL_ACCEPTED)->s.error.reason, "APPEAL_STEP");
    assert_int_equal(appeal(REGULATOR, id, PX_APPEAL_UPHELD)->s.status, LF_OK);
    uint64_t upheld = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(appeal(OTHER, id, PX_APPEAL_FILED)->s.status, LF_OK); /* the next one */
    assert_int_equal(appeal(REGULATOR, id, PX_APPEAL_OVERTURNED)->s.status, LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_int_equal(screen_at(OTHER, m1, upheld).advice, LF__ADVICE_DENY);
    assert_int_equal(screen_at(OTHER, m1, upheld + 1).advice, LF__ADVICE_REVIEW);
    assert_string_equal(appeal(OTHER, id, PX_APPEAL_FILED)->s.error.reason, "APPEAL_STEP");
    assert_int_equal(say_event(REGULATOR, m2, 5, "REMOVAL")->s.status, LF_OK);
    uint8_t bytes[PX_ID_BYTES] = {w.next_id};
    struct px_appeal filed = {.about = {lf__bytes_str(names[REGULATOR]), LF_BYTES_ARRAY(bytes)},
                              .step = PX_APPEAL_FILED,
                              .stepped_on = lf__bytes_str("2026-03-04")};
    act_on(OTHER, REGULATOR, w.next_id);
    assert_int_equal(say_words(OTHER, PX_KIND_APPEAL, &filed)->s.status, LF_OK);
    s = screen(OTHER, m2);
    assert_int_equal(s.advice, LF__ADVICE_DENY); /* an authority has decided */
    assert_string_equal(s.reasons[0].code, "LIVE_REMOVAL");
    assert_int_equal(s.reasons[0].state, LF__STATE_UNDER_APPEAL);
    assert_sound();
}

/* An event with a field that must be understood, and is not known here. */
static struct told *say_from_the_future(void)
{
    static const uint8_t field_290[] = {0x92, 0x12, 1, 'x'};
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    LF_BUF body;
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT, .version = 1, .certainty = 3};
    struct px_event event = {.uscc = lf__bytes_str(m1),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-02")};
    lf__arena_init(&arena, 1 << 16);
    lf__buf_init(&body, 4096);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    assert_true(count == 1 && lf__buf_append(&body, parts[0].body) &&
                lf__buf_append(&body, LF_BYTES_ARRAY(field_290)));
    parts[0].body = lf__buf_bytes(&body);
    struct told *told = say(PLATFORM, &header, parts, count);
    lf__arena_done(&arena);
    assert_int_equal(told->s.status, LF_OK);
    return told;
}

static void say_erasure(uint8_t id_byte)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction order = {.issuer = lf__bytes_str(names[PLATFORM]),
                                 .record_id = LF_BYTES_ARRAY(id),
                                 .mode = PX_REDACTION_ERASE,
                                 .order_authority = lf__bytes_str("某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    assert_int_equal(say(AUTHORITY, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&arena);
}

/* Row S4-18: kept, proven, and without effect until a regulator has looked at it. */
static void what_is_not_understood_waits(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    (void)say_from_the_future();
    uint8_t id = w.next_id;
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_string_equal(screen(REGULATOR, m1).reasons[0].code, "QUARANTINED");
    assert_int_equal(screen(PLATFORM, m1).reasons[0].state, LF__STATE_QUARANTINED);
    assert_sound();
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, names[PLATFORM], id, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_DENY);
    (void)say_from_the_future();
    say_erasure(w.next_id);
    say_erasure(id);
    assert_int_equal(screen(REGULATOR, m1).advice, LF__ADVICE_ALLOW);
    assert_sound();
}

static void a_ban_is_its_own(void **state)
{
    (void)state;
    struct px_ban ban = {.uscc = lf__bytes_str(m1),
                         .reason = lf__bytes_str("多次售假"),
                         .from = lf__bytes_str("2026-02-01"),
                         .until = lf__bytes_str("2199-01-01")};
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(say_words(PLATFORM, PX_KIND_ENTRY_BAN, &ban)->s.status, LF_OK);
    uint8_t id = w.next_id;
    assert_string_equal(screen(PLATFORM, m1).reasons[0].code, "ENTRY_BAN");
    assert_int_equal(screen(PLATFORM, m1).advice, LF__ADVICE_DENY);
    assert_int_equal(screen(OTHER, m1).advice, LF__ADVICE_ALLOW);
    assert_int_equal(screen(REGULATOR, m1).advice, LF__ADVICE_ALLOW);
    assert_false(has(screen_on(PLATFORM, m1, "2026-01-31"), "ENTRY_BAN"));
    assert_false(has(screen_on(PLATFORM, m1, "2199-01-01"), "ENTRY_BAN"));
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    assert_int_equal(screen(PLATFORM, m1).advice, LF__ADVICE_ALLOW);
    assert_sound();
}

/* The strongest reasons are told when there are too many. */
static void the_strongest_is_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GW_REASONS_MAX + 3; i++) {
        (void)list_on(m1, "ABNORMAL", "2025-07-08");
    }
    (void)list_on(m1, "SERIOUS", "2026-01-05");
    struct gw_screened s = screen(OTHER, m1);
    assert_int_equal(s.count, GW_REASONS_MAX);
    assert_string_equal(s.reasons[0].code, "LIST_SERIOUS");
    assert_string_equal(s.reasons[1].code, "REGISTRY_UNKNOWN");
}

static void sizes_by_time(void **state)
{
    (void)state;
    ST_TXN *txn = NULL;
    uint64_t size = 7;
    uint64_t all = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_size_at(w.exchange, txn, 1, &size, NULL), LF_OK);
    assert_int_equal(size, 0);
    assert_int_equal(gw_size_at(w.exchange, txn, INT64_MAX, &size, NULL), LF_OK);
    assert_int_equal(size, all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(listed_until_the_day_of_removal, setup, teardown),
        cmocka_unit_test_setup_teardown(a_listing_that_was_wrong_never_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lifting_ends_it_from_its_day_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lifting_of_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(suspicion_and_fact, setup, teardown),
        cmocka_unit_test_setup_teardown(a_defect_only_informs, setup, teardown),
        cmocka_unit_test_setup_teardown(appeals, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_understood_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ban_is_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(the_strongest_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_by_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
