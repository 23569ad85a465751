/* SPDX-License-Identifier: Apache-2.0 */
/* Campaigns: which events may belong to one, which of them wait for nobody, and that an outsider learns nothing. */
#include "tests/unit/gateway/world.h"

#include "gateway/exchange/replay.h"
#include "gateway/exchange/tables.h"

static const char name[] = "EPIDEMIC-2020";
static const char only_platform[] = "platform-01";

struct event {
    const char *campaign;
    const char *violation;
    const char *also; /* another violation, or NULL */
    const char *decided_at;
    const char *audience; /* NULL: none */
};
static const struct event fitting = {name, "PRICE_GOUGING", NULL, "2020-02-10", only_platform};

static struct told *event_say(enum who who, const struct event *in)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    lf_bytes named[] = {lf__bytes_str(in->audience != NULL ? in->audience : "")};
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 1,
                               .certainty = 3,
                               .audience = named,
                               .audience_count = in->audience != NULL ? 1 : 0};
    struct px_event event = {.uscc = lf__bytes_str(m1),
                             .violation = lf__bytes_str(in->violation),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str(in->decided_at),
                             .campaign = lf__bytes_str(in->campaign)};
    if (in->also != NULL) {
        event.more_violations[0] = lf__bytes_str(in->also);
        event.more_count = 1;
    }
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_event_encode(&arena, &event, parts, &count, NULL), LF_OK);
    struct told *told = say(who, &header, parts, count);
    lf__arena_done(&arena);
    return told;
}

static struct px_campaign campaign_of(bool is_automatic)
{
    static lf_bytes about[2];
    about[0] = lf__bytes_str("PRICE_GOUGING");
    about[1] = lf__bytes_str("COUNTERFEIT");
    return (struct px_campaign){.campaign = lf__bytes_str(name),
                                .title = lf__bytes_str("涉疫联防联控"),
                                .from = lf__bytes_str("2020-02-01"),
                                .until = lf__bytes_str("2020-12-31"),
                                .violations = {about, 2},
                                .is_automatic = is_automatic};
}

static void campaign_say(bool is_automatic)
{
    struct px_campaign campaign = campaign_of(is_automatic);
    assert_int_equal(say_named(REGULATOR, PX_KIND_CAMPAIGN, &campaign, only_platform)->s.status,
                     LF_OK);
}

static void assert_unknown(enum who who, const struct event *in)
{
    const struct told *told = event_say(who, in);
    assert_int_equal(told->s.status, LF_E_REJECTED);
    assert_string_equal(told->s.error.reason, "CAMPAIGN_UNKNOWN");
    assert_string_equal(told->s.error.field, "campaign");
    assert_string_equal(told->s.error.message, "campaign: no such campaign for this record");
}

static void who_may(void **state)
{
    (void)state;
    struct event bent = fitting;
    assert_unknown(PLATFORM, &fitting); /* not yet */
    campaign_say(false);
    assert_int_equal(event_say(PLATFORM, &fitting)->s.status, LF_OK);
    bent.also = "COUNTERFEIT";
    assert_int_equal(event_say(PLATFORM, &bent)->s.status, LF_OK);
    bent.also = "FALSE_ADVERTISING";
    assert_unknown(PLATFORM, &bent);
    bent = fitting;
    bent.violation = "FALSE_ADVERTISING";
    assert_unknown(PLATFORM, &bent);
    bent = fitting;
    bent.audience = NULL;
    assert_unknown(PLATFORM, &bent);
    bent.audience = names[OTHER];
    assert_unknown(PLATFORM, &bent);
    assert_unknown(OTHER, &fitting); /* an outsider, and then a name that never was */
    bent = fitting;
    bent.campaign = "EPIDEMIC-2021";
    assert_unknown(OTHER, &bent);
    assert_sound();
}

static void its_days(void **state)
{
    (void)state;
    static const struct {
        const char *day;
        bool is_in;
    } days[] = {{"2020-01-31", false},
                {"2020-02-01", true},
                {"2020-12-31", true},
                {"2021-01-01", false},
                {"", false}};
    struct event bent = fitting;
    campaign_say(false);
    for (size_t i = 0; i < LF_COUNT(days); i++) {
        bent.decided_at = days[i].day;
        if (days[i].is_in) {
            assert_int_equal(event_say(PLATFORM, &bent)->s.status, LF_OK);
        } else {
            assert_unknown(PLATFORM, &bent);
        }
    }
}

static void assert_state(enum lf__state state)
{
    struct gw_screened seen = screen(REGULATOR, m1);
    bool is_there = false;
    for (size_t i = 0; i < seen.count; i++) {
        is_there = is_there || seen.reasons[i].state == state;
    }
    assert_true(is_there);
}

/* What a campaign said when the event came counts, also once its words are erased and all is made again. */
static void no_relay(void **state)
{
    (void)state;
    campaign_say(false);
    assert_true(event_say(PLATFORM, &fitting)->s.is_pending_relay);
    assert_state(LF__STATE_PENDING_RELAY);
    campaign_say(true);
    assert_false(event_say(PLATFORM, &fitting)->s.is_pending_relay);
    assert_state(LF__STATE_ACTIVE);
    uint8_t second[PX_ID_BYTES] = {w.next_id};
    campaign_say(false);
    assert_true(event_say(PLATFORM, &fitting)->s.is_pending_relay);
    assert_sound();
    struct px_redaction order = {.mode = PX_REDACTION_ERASE,
                                 .issuer = lf__bytes_str(names[PLATFORM]),
                                 .record_id = LF_BYTES_ARRAY(second),
                                 .order_authority = lf__bytes_str("法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    assert_int_equal(say(AUTHORITY, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&arena);
    assert_sound();
}

/* Without its row the store is not what its entries say. */
static void its_row_is_checked(void **state)
{
    (void)state;
    static uint8_t key[sizeof name + 8];
    struct st_txn *txn = NULL;
    campaign_say(true);
    memcpy(key, name, sizeof name);
    lf__put_u64be(key + sizeof name, said->s.index);
    gw_exchange_close(w.exchange);
    struct st_engine *engine = engine_open();
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_delete(txn, GW_TABLE_CAMPAIGNS, LF_BYTES_ARRAY(key), NULL), LF_OK);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    assert_string_not_equal(check_store(engine), "");
    assert_int_equal(gw_rebuild(engine, w.policy, NULL, NULL), LF_OK);
    assert_string_equal(check_store(engine), "");
    st_engine_close(engine);
    exchange_open(NULL, LF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_may, setup, teardown),
        cmocka_unit_test_setup_teardown(its_days, setup, teardown),
        cmocka_unit_test_setup_teardown(no_relay, setup, teardown),
        cmocka_unit_test_setup_teardown(its_row_is_checked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
