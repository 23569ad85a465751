/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides of a subject: what counts on each, which finding comes of it, and who sees it. The walk goes over all codes of the ledger in
 * their order; after each history what it goes by is what the entries say.
 */
#include "tests/unit/gateway/world.h"

#include "gateway/exchange/crosscheck/crosscheck.h"

static uint64_t list_on(const char *uscc, const char *list, const char *reason,
                        const char *violation, const char *name)
{
    struct px_listing listing = {
        .uscc = lf__bytes_str(uscc),
        .list = lf__bytes_str(list),
        .reason = lf__bytes_str(reason),
        .name = lf__bytes_str(name),
        .violation = lf__bytes_str(violation),
        .listed_on = lf__bytes_str("2026-01-05"),
        .region = lf__bytes_str(strcmp(list, "LOCAL_SERIOUS") == 0 ? "110000" : ""),
        .authority = lf__bytes_str("某区市场监督管理局")};
    struct told *told = say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listing);
    assert_int_equal(told->s.status, LF_OK);
    return told->s.index;
}

static uint64_t remove_at(enum who who, const char *uscc)
{
    assert_int_equal(say_event(who, uscc, 3, "REMOVAL")->s.status, LF_OK);
    return said->s.index;
}

static int64_t shanghai_ms(const char *day)
{
    int64_t at_ms = 0;
    assert_true(lf__date_start(lf__bytes_str(day), 0, 0, &at_ms));
    return at_ms;
}

/* As a member with this role sees it at an instant; own lines may be added. */
struct view {
    enum px_role role;
    bool has_case;
    int64_t at_ms; /* 0: now */
};
static const struct view regulator = {PX_ROLE_REGULATOR, true, 0};

static struct gw_cross_row cross_own(const struct view *view, const char *uscc,
                                     const struct gw_cross_listed *own, size_t count)
{
    ST_TXN *txn = NULL;
    struct gw_cross_row row;
    struct gw_reader reader = {.member = lf__bytes_str("who-asks"),
                               .role = view->role,
                               .level = 2,
                               .has_case = view->has_case};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    struct gw_cross_ask ask = {w.exchange, txn, &reader,
                               view->at_ms != 0 ? view->at_ms : lf__clock_utc_ms()};
    assert_int_equal(gw_cross_subject(&ask, lf__bytes_str(uscc), own, count, &row, NULL), LF_OK);
    return row;
}

static enum gw_finding finding(const char *uscc)
{
    return cross_own(&regulator, uscc, NULL, 0).finding;
}

static void two_sides(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(finding(m1), GW_FINDING_NONE);
    uint64_t removal = remove_at(PLATFORM, m1);
    assert_int_equal(finding(m1), GW_FINDING_PLATFORM_ONLY);
    uint64_t listing = list_on(m1, "ABNORMAL", "ABN_ANNUAL_REPORT", "", "");
    assert_int_equal(finding(m1), GW_FINDING_BOTH_UNRELATED);
    uint64_t serious = list_on(m1, "SERIOUS", "SER_IP", "", "");
    struct gw_cross_row row = cross_own(&regulator, m1, NULL, 0);
    assert_int_equal(row.finding, GW_FINDING_CONFIRMED_BOTH);
    assert_int_equal(row.index_count, 3);
    assert_true(row.indexes[0] == removal && row.indexes[1] == listing &&
                row.indexes[2] == serious);
    assert_string_equal(
        row.explanation,
        "removed for COUNTERFEIT by platform-01 on 2026-03-02; on ABNORMAL for "
        "ABN_ANNUAL_REPORT since 2026-01-05; on SERIOUS for SER_IP since 2026-01-05");
    (void)list_on(m2, "LOCAL_SERIOUS", "LOC_QUALITY", "", "");
    assert_int_equal(finding(m2), GW_FINDING_GOV_ONLY);
    assert_non_null(
        strstr(cross_own(&regulator, m2, NULL, 0).explanation, "LOCAL_SERIOUS(110000)"));
    assert_sound();
}

/* A penalty confirms what is of its class; a local list and a suspicion of an authority do not. */
static void penalties(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    (void)remove_at(PLATFORM, m1);
    (void)list_on(m1, "LOCAL_SERIOUS", "LOC_QUALITY", "", "");
    assert_int_equal(finding(m1), GW_FINDING_BOTH_UNRELATED);
    (void)list_on(m1, "PENALTY", "PEN_FINE", "PRICE_GOUGING", "");
    assert_int_equal(finding(m1), GW_FINDING_BOTH_UNRELATED);
    (void)list_on(m1, "PENALTY", "PEN_FINE", "SHODDY", "");
    assert_int_equal(finding(m1), GW_FINDING_CONFIRMED_BOTH);
    assert_int_equal(say_event(REGULATOR, m2, 1, "WARN")->s.status, LF_OK);
    assert_int_equal(finding(m2), GW_FINDING_NONE);
    assert_int_equal(say_event(REGULATOR, m2, 5, "WARN")->s.status, LF_OK); /* decided */
    assert_int_equal(finding(m2), GW_FINDING_GOV_ONLY);
    (void)remove_at(OTHER, m2);
    assert_int_equal(finding(m2), GW_FINDING_CONFIRMED_BOTH);
}

/* A name conflicts with the registry's, or where there is none with another; a masked one with none. */
static void names_differ(void **state)
{
    struct gw_cross_listed own = {.uscc = lf__bytes_str(m1), .name = lf__bytes_str("乙公司")};
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    (void)list_on(m1, "SERIOUS", "SER_IP", "", "甲（北京）有限公司");
    (void)list_on(m1, "ABNORMAL", "ABN_UNREACHABLE", "", "甲(北京)有限公司");
    assert_int_equal(finding(m1), GW_FINDING_GOV_ONLY);
    assert_int_equal(cross_own(&regulator, m1, &own, 1).finding, GW_FINDING_CONFLICT_IDENTITY);
    own.name = lf__bytes_str("甲*");
    assert_int_equal(cross_own(&regulator, m1, &own, 1).finding, GW_FINDING_GOV_ONLY);
    (void)list_on(m1, "ABNORMAL", "ABN_FALSE_INFO", "", "丙公司");
    struct gw_cross_row row = cross_own(&regulator, m1, NULL, 0);
    assert_int_equal(row.finding, GW_FINDING_CONFLICT_IDENTITY);
    assert_string_equal(row.explanation, "one code, two names: 甲（北京）有限公司 and 丙公司");
    assert_string_equal(row.name, "甲（北京）有限公司");
}

static void own_lines(void **state)
{
    struct gw_cross_listed own[] = {{.uscc = lf__bytes_str(m1),
                                     .list = lf__bytes_str("SERIOUS"),
                                     .violation = lf__bytes_str("SER_DRUG"),
                                     .listed_on = lf__bytes_str("2026-02-01"),
                                     .removed_on = lf__bytes_str("2026-06-01")},
                                    {.uscc = lf__bytes_str(m1)}};
    struct view in_may = {PX_ROLE_REGULATOR, true, shanghai_ms("2026-05-31")};
    struct view in_june = {PX_ROLE_REGULATOR, true, shanghai_ms("2026-06-01")};
    struct view in_january = {PX_ROLE_REGULATOR, true, shanghai_ms("2026-01-31")};
    (void)state;
    assert_int_equal(cross_own(&in_may, m1, own, 1).finding, GW_FINDING_GOV_ONLY);
    assert_int_equal(cross_own(&in_june, m1, own, 1).finding, GW_FINDING_NONE);
    assert_int_equal(cross_own(&in_january, m1, own, 1).finding, GW_FINDING_NONE);
    assert_int_equal(cross_own(&in_may, m1, &own[1], 1).finding, GW_FINDING_NONE);
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    (void)remove_at(PLATFORM, m1);
    assert_int_equal(cross_own(&in_may, m1, own, 1).finding, GW_FINDING_CONFIRMED_BOTH);
    own[0].list = lf__bytes_str("PENALTY");
    assert_int_equal(cross_own(&in_may, m1, own, 2).finding, GW_FINDING_CONFIRMED_BOTH);
    own[0].violation = lf__bytes_str("PRICE_GOUGING");
    assert_int_equal(cross_own(&in_may, m1, own, 2).finding, GW_FINDING_BOTH_UNRELATED);
    struct gw_cross_row row = cross_own(&in_may, m1, own, 2);
    assert_int_equal(row.index_count, 1); /* the list has no place in the ledger */
}

/* Past the thresholds of the table, and past an end. */
static void ages(void **state)
{
    enum { DAYS_180 = 180, DAYS_365 = 365 };
    const int64_t day_ms = 86400000;
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    (void)list_on(m1, "SERIOUS", "SER_IP", "", "");
    (void)remove_at(PLATFORM, m2);
    int64_t now_ms = lf__clock_utc_ms();
    struct view later = {PX_ROLE_REGULATOR, true, now_ms + (DAYS_180 - 1) * day_ms};
    assert_int_equal(cross_own(&later, m1, NULL, 0).finding, GW_FINDING_GOV_ONLY);
    later.at_ms = now_ms + (DAYS_180 + 1) * day_ms;
    assert_int_equal(cross_own(&later, m1, NULL, 0).finding, GW_FINDING_STALE_GOV);
    later.at_ms = shanghai_ms("2027-03-01"); /* decided on 2026-03-02 */
    assert_int_equal(cross_own(&later, m2, NULL, 0).finding, GW_FINDING_PLATFORM_ONLY);
    later.at_ms = shanghai_ms("2027-03-03");
    assert_int_equal(cross_own(&later, m2, NULL, 0).finding, GW_FINDING_STALE_PLATFORM);
    later.at_ms = now_ms + (DAYS_365 + 1) * day_ms; /* its term has ended, and nobody lifted it */
    struct gw_cross_row row = cross_own(&later, m2, NULL, 0);
    assert_int_equal(row.finding, GW_FINDING_STALE_PLATFORM);
    assert_non_null(strstr(row.explanation, "which has ended and is not lifted"));
}

static void identity(enum who who, const char *uscc, const char *shop)
{
    lf_bytes shops[] = {lf__bytes_str(shop)};
    struct px_identity value = {.uscc = lf__bytes_str(uscc),
                                .name = lf__bytes_str("甲公司"),
                                .shops = {shops, shops[0].len > 0 ? 1 : 0}};
    assert_int_equal(say_words(who, PX_KIND_MERCHANT_IDENTITY, &value)->s.status, LF_OK);
}

static void trades_though_gone(void **state)
{
    struct view police = {PX_ROLE_POLICE, true, 0};
    (void)state;
    assert_int_equal(say_registry(m1, "CANCELLED")->s.status, LF_OK);
    uint64_t registry = said->s.index;
    identity(PLATFORM, m1, "");
    assert_int_equal(finding(m1), GW_FINDING_NONE);
    identity(OTHER, m1, "shop-1");
    uint64_t trading = said->s.index;
    struct gw_cross_row row = cross_own(&regulator, m1, NULL, 0);
    assert_int_equal(row.finding, GW_FINDING_STALE_PLATFORM);
    assert_true(row.index_count == 2 && row.indexes[0] == trading && row.indexes[1] == registry);
    assert_int_equal(cross_own(&police, m1, NULL, 0).finding, GW_FINDING_NONE); /* not for them */
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    assert_int_equal(finding(m1), GW_FINDING_NONE);
    assert_sound();
}

/* Police read events of a case, and are told no platform's name; without a case there is nothing. */
static void who_sees(void **state)
{
    struct view police = {PX_ROLE_POLICE, true, 0};
    struct view without = {PX_ROLE_POLICE, false, 0};
    (void)state;
    (void)remove_at(PLATFORM, m1); /* waits for a relay */
    assert_int_equal(finding(m1), GW_FINDING_NONE);
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    (void)remove_at(PLATFORM, m1);
    assert_int_equal(finding(m1), GW_FINDING_PLATFORM_ONLY);
    struct gw_cross_row row = cross_own(&police, m1, NULL, 0);
    assert_int_equal(row.finding, GW_FINDING_PLATFORM_ONLY);
    assert_non_null(strstr(row.explanation, "by a platform on"));
    assert_null(strstr(row.explanation, names[PLATFORM]));
    assert_int_equal(cross_own(&without, m1, NULL, 0).finding, GW_FINDING_NONE);
    assert_int_equal(row.index_count, 1);
}

/* All codes in order and once; registry entries are not among them. */
static void the_walk(void **state)
{
    static const char *const codes[] = {"91999999MA00000154", "91999999MA0000023Y",
                                        "91999999MA0000031R", "91999999MA000004XH",
                                        "91999999MA0000058H"};
    static const size_t order[] = {3, 1, 4, 0};
    struct gw_reader reader = {
        .member = lf__bytes_str("who-asks"), .role = PX_ROLE_REGULATOR, .level = 2};
    struct gw_cross_walk *walk = NULL;
    struct gw_cross_row row;
    ST_TXN *txn = NULL;
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    for (size_t i = 0; i < LF_COUNT(order); i++) {
        (void)list_on(codes[order[i]], "SERIOUS", "SER_IP", "", "");
        (void)list_on(codes[order[i]], "ABNORMAL", "ABN_UNREACHABLE", "", "");
    }
    assert_int_equal(say_registry(codes[2], "CANCELLED")->s.status, LF_OK);
    assert_sound();
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    struct gw_cross_ask ask = {w.exchange, txn, &reader, lf__clock_utc_ms()};
    assert_int_equal(gw_cross_open(&ask, &walk, NULL), LF_OK);
    static const size_t sorted[] = {0, 1, 3, 4};
    for (size_t i = 0; i < LF_COUNT(sorted); i++) {
        assert_int_equal(gw_cross_next(walk, &row, NULL), LF_OK);
        assert_string_equal(row.uscc, codes[sorted[i]]);
        assert_int_equal(row.finding, GW_FINDING_GOV_ONLY);
        assert_int_equal(row.index_count, 2);
    }
    assert_int_equal(gw_cross_next(walk, &row, NULL), LF_E_NOT_FOUND);
    gw_cross_close(walk);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(two_sides), TEST(penalties), TEST(names_differ),
                                       TEST(own_lines), TEST(ages),      TEST(trades_though_gone),
                                       TEST(who_sees),  TEST(the_walk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
