/* SPDX-License-Identifier: Apache-2.0 */
/* Too many accusations at once: counted by the ledger's times alone, quarantined, and released or refused as a run. */
#include "gateway/exchange/projections/bursts.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/projections/tasks.h"
#include "tests/unit/gateway/world.h"

static const int64_t HOUR = 3600000;
static const int64_t DAY = INT64_C(24) * 3600000;

/* ---- the count ---- */

/* How many of `count` accusations are let through, `step` apart. */
static unsigned let_through(struct st_txn *txn, const struct gw_burst_limit *limit, int64_t at_ms,
                            unsigned count, int64_t step)
{
    unsigned passed = 0;
    for (unsigned i = 0; i < count; i++) {
        bool is_too_many = true;
        assert_int_equal(
            gw_burst_take(txn, lf__bytes_str("p-01"), limit, at_ms + i * step, &is_too_many, NULL),
            LF_OK);
        passed += is_too_many ? 0 : 1;
    }
    return passed;
}

static void it_counts_by_windows_and_by_what_is_usual(void **state)
{
    (void)state;
    ST_TXN *txn = NULL;
    uint64_t total = 0;
    int64_t day = INT64_C(20000) * DAY - 8 * HOUR; /* begins in Shanghai */
    struct gw_burst_limit limit = {.floor = 10, .multiple = 10, .window_ms = DAY, .usual_days = 28};
    gw_exchange_close(w.exchange);
    w.exchange = NULL;
    struct st_engine *engine = engine_open();
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    /* The floor, and not one more; with the next day a new one. */
    assert_int_equal(let_through(txn, &limit, day + 9 * HOUR, 25, 1000), 10);
    assert_int_equal(let_through(txn, &limit, day + 24 * HOUR - 1, 25, 0), 0);
    assert_int_equal(let_through(txn, &limit, day + 24 * HOUR, 25, 1000), 10);
    assert_int_equal(gw_burst_total(txn, &total, NULL), LF_OK);
    assert_int_equal(total, 15 + 25 + 15);
    /* What is usual is what went through on the days before: 8 a day, so 80 may come. */
    for (int i = 10; i < 38; i++) {
        assert_int_equal(let_through(txn, &limit, day + i * DAY, 8, HOUR), 8);
    }
    assert_int_equal(let_through(txn, &limit, day + 38 * DAY, 200, 1000), 80);
    /* One day of that multiple is one of 28: 27 times 8 and 80 make 105. */
    assert_int_equal(let_through(txn, &limit, day + 39 * DAY, 200, 1000), 105);
    /* What was quarantined is not usual: after a silence of as many days the floor counts again. */
    assert_int_equal(let_through(txn, &limit, day + 90 * DAY, 200, 1000), 10);
    /* Another member's count is its own. */
    bool is_too_many = true;
    assert_int_equal(
        gw_burst_take(txn, lf__bytes_str("p-02"), &limit, day + 90 * DAY, &is_too_many, NULL),
        LF_OK);
    assert_false(is_too_many);
    st_txn_abort(txn);
    txn = NULL;
    st_engine_close(engine);
}

static void the_policy_says_other_numbers(void **state)
{
    (void)state;
    struct px_burst none = {.floor = 0};
    struct px_burst other = {7, 3, 2, 5};
    const struct lf__rules *rules = gw_policy_rules(w.policy);
    struct gw_burst_limit limit = gw_burst_limit(rules, &none);
    assert_true(limit.floor == 1000 && limit.multiple == 10 && limit.window_ms == DAY &&
                limit.usual_days == 28);
    limit = gw_burst_limit(rules, &other);
    assert_true(limit.floor == 7 && limit.multiple == 3 && limit.window_ms == 2 * HOUR &&
                limit.usual_days == 5);
    other.usual_days = 4000;
    other.window_hours = UINT32_MAX;
    limit = gw_burst_limit(rules, &other);
    assert_true(limit.usual_days == 28 && limit.window_ms == INT64_C(28) * DAY);
}

/* ---- quarantined, and a regulator's word ---- */

static const char *const codes[] = {"91999999MA00000154", "91999999MA0000023Y",
                                    "91999999MA0000031R", "91999999MA000004XH",
                                    "91999999MA0000058H", "91999999MA0000066C"};

static void floor_is(uint32_t floor)
{
    struct px_policy policy = {.relay_below = 1, .burst = {.floor = floor}};
    assert_int_equal(say_policy_value(&policy)->s.status, LF_OK);
}

static struct gw_submission *run_say(uint64_t first, uint64_t last, uint8_t id, unsigned decision,
                                     const char *audience)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t target[PX_ID_BYTES] = {id};
    lf_bytes named[] = {lf__bytes_str(audience)};
    struct px_header header = {.kind = PX_KIND_RELAY,
                               .version = 1,
                               .audience = named,
                               .audience_count = named[0].len > 0 ? 1 : 0};
    struct px_target relay = {.issuer = lf__bytes_str(names[PLATFORM]),
                              .record_id = LF_BYTES_ARRAY(target),
                              .decision = decision,
                              .first_index = first,
                              .last_index = last};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_target_encode(&arena, PX_KIND_RELAY, &relay, parts, &count, NULL), LF_OK);
    (void)say(REGULATOR, &header, parts, count);
    lf__arena_done(&arena);
    return &said->s;
}

static bool has_task(uint64_t index)
{
    ST_TXN *txn = NULL;
    struct gw_task task;
    assert_int_equal(st_txn_begin(w.exchange->engine, ST_READ, &txn, NULL), LF_OK);
    lf_status rc = gw_task_get(txn, index, &task, NULL);
    assert_true(rc == LF_OK || rc == LF_E_NOT_FOUND);
    return rc == LF_OK;
}

/* The last four of six, of one platform, are too many. Where they stand, and their ids. */
static void six_say(uint64_t at[static 6], uint8_t ids[static 6])
{
    floor_is(2);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(say_registry(codes[i], "ACTIVE")->s.status, LF_OK);
        assert_int_equal(say_event(PLATFORM, codes[i], 3, "REMOVAL")->s.status, LF_OK);
        assert_int_equal(said->s.is_pending_relay, i >= 2);
        at[i] = said->s.index;
        ids[i] = w.next_id;
    }
}

static void too_many_wait_for_one_word(void **state)
{
    (void)state;
    uint64_t at[6];
    uint8_t ids[6];
    six_say(at, ids);
    assert_int_equal(screen(OTHER, codes[1]).advice, LF__ADVICE_DENY);
    assert_true(has_task(at[1]));
    for (size_t i = 2; i < 6; i++) {
        assert_int_equal(screen(OTHER, codes[i]).advice, LF__ADVICE_ALLOW);
        assert_string_equal(screen(PLATFORM, codes[i]).reasons[0].code, "BURST");
        assert_string_equal(screen(REGULATOR, codes[i]).reasons[0].code, "BURST");
        assert_int_equal(screen(REGULATOR, codes[i]).reasons[0].state, LF__STATE_QUARANTINED);
        assert_false(has_task(at[i]));
    }
    /* Another platform is not touched by it, and nothing waits of a regulator. */
    assert_int_equal(say_event(OTHER, codes[5], 3, "REMOVAL")->s.status, LF_OK);
    assert_false(said->s.is_pending_relay);
    assert_int_equal(say_event(REGULATOR, codes[5], 5, "REMOVAL")->s.status, LF_OK);
    assert_false(said->s.is_pending_relay);
    /* A word about one of them is about that one. */
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, names[PLATFORM], ids[2], PX_RELAY_RELEASED)->s.status,
        LF_OK);
    assert_true(has_task(at[2]));
    assert_false(has_task(at[3]));
    /* What its issuer has taken back does not come back with the rest. */
    assert_int_equal(say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], ids[4], 6)->s.status,
                     LF_OK);
    assert_int_equal(run_say(at[3], at[5], ids[3], PX_RELAY_RELEASED, "")->status, LF_OK);
    uint64_t by = said->s.index;
    assert_int_equal(screen(OTHER, codes[3]).advice, LF__ADVICE_DENY);
    assert_int_equal(screen(OTHER, codes[4]).advice, LF__ADVICE_ALLOW);
    assert_int_equal(screen(OTHER, codes[5]).advice, LF__ADVICE_DENY);
    assert_true(has_task(at[3]) && has_task(at[5]) && !has_task(at[4]));
    ST_TXN *txn = NULL;
    struct gw_task task;
    assert_int_equal(st_txn_begin(w.exchange->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_task_get(txn, at[5], &task, NULL), LF_OK);
    assert_int_equal(task.opened_by, by); /* its limit runs from then */
    st_txn_abort(txn);
    txn = NULL;
    assert_string_equal(run_say(at[3], at[5], ids[3], PX_RELAY_REFUSED, "")->error.reason,
                        "RELAY_NOT_WAITING"); /* none of it does any more */
    assert_sound();
}

static void refused_they_never_act(void **state)
{
    (void)state;
    uint64_t at[6];
    uint8_t ids[6];
    six_say(at, ids);
    assert_int_equal(run_say(at[2], at[4], ids[2], PX_RELAY_REFUSED, "")->status, LF_OK);
    assert_int_equal(run_say(at[2], at[5], ids[2], PX_RELAY_RELEASED, "")->status, LF_OK);
    for (size_t i = 2; i < 5; i++) {
        assert_int_equal(screen(OTHER, codes[i]).advice, LF__ADVICE_ALLOW);
        assert_string_equal(screen(REGULATOR, codes[i]).reasons[0].code, "RELAY_REFUSED");
        assert_false(has_task(at[i]));
    }
    assert_int_equal(screen(OTHER, codes[5]).advice, LF__ADVICE_DENY);
    assert_sound();
}

static void refused(uint64_t first, uint64_t last, uint8_t id, const char *audience)
{
    assert_int_equal(run_say(first, last, id, PX_RELAY_RELEASED, audience)->status, LF_E_REJECTED);
    assert_string_equal(said->s.error.reason, "RUN_INVALID");
}

static void a_run_is_its_targets(void **state)
{
    (void)state;
    uint64_t at[6];
    uint8_t ids[6];
    six_say(at, ids);
    refused(at[2] + 1, at[5], ids[2], "");
    refused(at[2], at[2] - 1, ids[2], "");
    refused(at[2], at[2] + LF__RUN_MAX, ids[2], "");
    refused(0, at[5], ids[2], "");
    refused(at[2], at[5], ids[2], names[OTHER]);
    assert_int_equal(run_say(at[2], at[2] + LF__RUN_MAX - 1, ids[2], PX_RELAY_RELEASED, "")->status,
                     LF_OK);
    /* What comes later is not of the run. */
    assert_int_equal(say_event(PLATFORM, codes[0], 3, "REMOVAL")->s.status, LF_OK);
    assert_true(said->s.is_pending_relay);
    assert_false(has_task(said->s.index));
    assert_sound();
}

static void erase(uint8_t id, const char *issuer)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t target[PX_ID_BYTES] = {id};
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction order = {.issuer = lf__bytes_str(issuer),
                                 .record_id = LF_BYTES_ARRAY(target),
                                 .mode = PX_REDACTION_ERASE,
                                 .order_authority = lf__bytes_str("某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    assert_int_equal(say(AUTHORITY, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&arena);
}

/* Whether the reader is given the words of the entry. */
static bool reads(enum who who, enum px_role role, uint64_t index)
{
    ST_TXN *txn = NULL;
    LF_ARENA arena;
    struct gw_stored stored;
    unsigned classes = 0;
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = role,
                               .level = role == PX_ROLE_REGULATOR ? 2 : 0};
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    assert_int_equal(st_txn_begin(w.exchange->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw__stored_read(w.exchange, txn, &arena, index, &stored, NULL), LF_OK);
    assert_int_equal(gw_may_read_entry(w.exchange, txn, &reader, &stored, index, &classes, NULL),
                     LF_OK);
    return (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0;
}

/* Erasing the first of a run, or the word about it, leaves the rest as it was made. */
static void erasures_leave_the_rest(void **state)
{
    (void)state;
    uint64_t at[6];
    uint8_t ids[6];
    six_say(at, ids);
    erase(ids[4], names[PLATFORM]); /* before: it counts all the same */
    assert_int_equal(run_say(at[2], at[5], ids[2], PX_RELAY_RELEASED, "")->status, LF_OK);
    uint64_t relay = said->s.index;
    uint8_t relay_id = w.next_id;
    erase(ids[2], names[PLATFORM]);
    assert_true(reads(OTHER, PX_ROLE_PLATFORM, relay));
    assert_true(reads(REGULATOR, PX_ROLE_REGULATOR, relay));
    erase(ids[0], names[PLATFORM]);
    assert_int_equal(screen(OTHER, codes[3]).advice, LF__ADVICE_DENY);
    assert_sound();
    erase(relay_id, names[REGULATOR]);
    assert_int_equal(screen(OTHER, codes[3]).advice, LF__ADVICE_DENY);
    assert_int_equal(screen(OTHER, codes[5]).advice, LF__ADVICE_DENY);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_counts_by_windows_and_by_what_is_usual, setup, teardown),
        cmocka_unit_test_setup_teardown(the_policy_says_other_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_wait_for_one_word, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_they_never_act, setup, teardown),
        cmocka_unit_test_setup_teardown(a_run_is_its_targets, setup, teardown),
        cmocka_unit_test_setup_teardown(erasures_leave_the_rest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
