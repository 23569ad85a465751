/* SPDX-License-Identifier: Apache-2.0 */
/* Each report from a small history: what it counts, what it leaves out, and what it refuses. */
#include "gateway/exchange/reports/reports.h"

#include "gateway/exchange/reports/reports_internal.h"
#include "tests/unit/gateway/world.h"

static struct lf__arena arena;

static enum who asker = REGULATOR;
static uint32_t page_max;
static const char *page_after = "";

static bool (*goes_on)(void *user);

static lf_status make(const char *name, const char *from, const char *about, struct px_report *out,
                      lf_error *err)
{
    ST_TXN *txn = NULL;
    struct gw_reader reader = {.member = lf__bytes_str(names[asker]),
                               .role = asker == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = asker == REGULATOR ? 2 : 0};
    struct gw_report_ask ask = {.reader = &reader,
                                .name = lf__bytes_str(name),
                                .from = lf__bytes_str(from),
                                .as_of_ms = lf__clock_utc_ms(),
                                .about = lf__bytes_str(about),
                                .max = page_max,
                                .after = lf__bytes_str(page_after),
                                .goes_on = goes_on};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    return gw_report_make(w.exchange, txn, &arena, &ask, out, err);
}

static struct px_report report(const char *name)
{
    struct px_report out;
    assert_int_equal(make(name, "", "", &out, NULL), LF_OK);
    return out;
}

static void cell_is(const struct px_report *r, size_t row, const char *head, const char *want)
{
    for (size_t c = 0; c < r->columns; c++) {
        if (lf__bytes_eq_str(r->heads[c], head)) {
            lf_bytes got = r->cells[row * r->columns + c];
            if (!lf__bytes_eq_str(got, want)) {
                print_error("%s: %.*s\n", head, (int)got.len, (const char *)got.ptr);
            }
            assert_true(lf__bytes_eq_str(got, want));
            return;
        }
    }
    fail_msg("no column %s", head);
}

static lf_bytes cell(const struct px_report *r, size_t row, const char *head)
{
    for (size_t c = 0; c < r->columns; c++) {
        if (lf__bytes_eq_str(r->heads[c], head)) {
            return r->cells[row * r->columns + c];
        }
    }
    fail_msg("no column %s", head);
    return LF_BYTES_NONE;
}

static void answer(enum px_answer what, uint32_t shops)
{
    uint8_t id[PX_ID_BYTES] = {w.next_id};
    struct px_disposition out = {.about = {lf__bytes_str(names[PLATFORM]), LF_BYTES_ARRAY(id)},
                                 .answer = what,
                                 .rule = lf__bytes_str("R-1"),
                                 .shops = shops};
    assert_int_equal(say_words(OTHER, PX_KIND_DISPOSITION, &out)->s.status, LF_OK);
}

static void loops_and_coverage(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(report("open-loops").rows, 0);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    struct px_report r = report("open-loops");
    assert_int_equal(r.rows, 1);
    cell_is(&r, 0, "state", "SHARED(0/1)");
    cell_is(&r, 0, "open_members", names[OTHER]);
    answer(PX_ANSWER_REMOVED, 2);
    assert_int_equal(report("open-loops").rows, 0);
    r = report("coverage");
    assert_int_equal(r.rows, 2);
    cell_is(&r, 1, "member", "TOTAL");
    cell_is(&r, 1, "shops", "2");
    cell_is(&r, 1, "coverage", "1/1");
    r = report("lags");
    assert_int_equal(r.rows, 3);
    cell_is(&r, 2, "records", "1");
}

static void who_takes_part(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    struct px_attestation attestation = {.period = lf__bytes_str("2026-Q1"),
                                         .statement = lf__bytes_str("已自查")};
    assert_int_equal(say_words(OTHER, PX_KIND_ATTESTATION, &attestation)->s.status, LF_OK);
    struct px_override override = {.uscc = lf__bytes_str(m1),
                                   .advice = lf__bytes_str("DENY"),
                                   .decision = lf__bytes_str("ALLOW"),
                                   .reason = lf__bytes_str("理由"),
                                   .officer = lf__bytes_str("o-1")};
    assert_int_equal(say_words(OTHER, PX_KIND_OVERRIDE, &override)->s.status, LF_OK);
    struct px_report r = report("participation");
    assert_int_equal(r.rows, 3); /* two platforms and the sum */
    cell_is(&r, 2, "member", "TOTAL");
    cell_is(&r, 2, "members", "2");
    cell_is(&r, 2, "reporters", "1");
    cell_is(&r, 2, "silent", "1");
    r = report("overrides");
    assert_int_equal(r.rows, 1);
    cell_is(&r, 0, "of_deny", "1");
    assert_int_equal(make("attestations", "", "2026-Q1", &r, NULL), LF_OK);
    bool is_first = lf__bytes_eq_str(r.cells[0], names[OTHER]);
    cell_is(&r, is_first ? 0 : 1, "state", "FILED");
    cell_is(&r, is_first ? 1 : 0, "state", "ATTESTATION_MISSING");
    assert_int_equal(make("participation", "2199-01-01", "", &r, NULL), LF_OK);
    cell_is(&r, 2, "reporters", "0");
    cell_is(&r, 2, "silent", "2");
}

static void small_cells(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    }
    struct px_report r = report("statistics");
    assert_int_equal(r.rows, 1);
    cell_is(&r, 0, "events", "<5");
    cell_is(&r, 0, "platforms", "");
    assert_int_equal(say_event(OTHER, m1, 3, "WARN")->s.status, LF_OK);
    r = report("statistics");
    cell_is(&r, 0, "events", "5");
    cell_is(&r, 0, "platforms", "2");
    cell_is(&r, 0, "province", "99");
}

/* What was taken back is in no figure any more, and a case that was said anew counts once. */
static void what_was_taken_back(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    }
    uint8_t event = w.next_id;
    answer(PX_ANSWER_REMOVED, 2);
    struct px_report r = report("statistics");
    cell_is(&r, 0, "events", "6");
    assert_int_equal(report("corrections").rows, 0);
    assert_int_equal(say_target(REGULATOR, PX_KIND_CORRECTION, names[PLATFORM], event, 1)->s.status,
                     LF_OK);
    r = report("statistics");
    cell_is(&r, 0, "events", "5");
    r = report("coverage");
    cell_is(&r, r.rows - 1, "matched", "0");
    r = report("corrections");
    assert_int_equal(r.rows, 2); /* who had said it, and who had acted on it */
    for (size_t i = 0; i < r.rows; i++) {
        cell_is(&r, i, "subject", m1);
        cell_is(&r, i, "told", "");
        cell_is(&r, i, "answer", "");
    }
}

/* Said anew it is the same case, and neither that nor a repair says that it was wrong; what was, is counted once and its issuer's. */
static void what_turned_out_wrong(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t first[PX_ID_BYTES] = {w.next_id};
    struct lf__arena parts_arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 2,
                               .predecessor = LF_BYTES_ARRAY(first),
                               .certainty = 3};
    struct px_event event = {.uscc = lf__bytes_str(m1),
                             .violation = lf__bytes_str("PIRATED"),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-03")};
    lf__arena_init(&parts_arena, 1 << 16);
    assert_int_equal(px_event_encode(&parts_arena, &event, parts, &count, NULL), LF_OK);
    assert_int_equal(say(PLATFORM, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&parts_arena);
    assert_int_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t repaired = w.next_id;
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_CORRECTION, names[PLATFORM], repaired, PX_CORRECTION_REPAIRED)
            ->s.status,
        LF_OK);
    struct px_report r = report("participation");
    size_t at = lf__bytes_eq_str(cell(&r, 0, "member"), names[PLATFORM]) ? 0 : 1;
    cell_is(&r, at, "contributed", "2");
    cell_is(&r, at, "overturned", "0");
    assert_int_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t wrong = w.next_id;
    for (unsigned i = 0; i < 2; i++) { /* whoever says it, and however often */
        assert_int_equal(
            say_target(REGULATOR, PX_KIND_CORRECTION, names[PLATFORM], wrong, 1)->s.status, LF_OK);
    }
    r = report("participation");
    cell_is(&r, at, "contributed", "3");
    cell_is(&r, at, "overturned", "1");
    cell_is(&r, 2, "overturned", "1");
    assert_int_equal(make("participation", "2026-03-03", "", &r, NULL), LF_OK);
    cell_is(&r, at, "overturned", "0"); /* it was decided the day before */
}

/* Whoever has left may have it all the same, and is not left out of who was to be told. */
static void who_has_left(void **state)
{
    struct px_report r;
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t before = w.next_id;
    assert_int_equal(say_event(OTHER, m1, 3, "WARN")->s.status, LF_OK);
    assert_int_equal(say_member(OTHER, PX_ROLE_PLATFORM, PX_MEMBER_RETIRED)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t after = w.next_id;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(
            say_target(REGULATOR, PX_KIND_CORRECTION, names[PLATFORM], i == 0 ? before : after, 1)
                ->s.status,
            LF_OK);
    }
    assert_int_equal(make("corrections", "", names[OTHER], &r, NULL), LF_OK);
    assert_int_equal(r.rows, 1);
    cell_is(&r, 0, "subject", m1);
    /* It owes nothing, and is no member that is silent; what it contributed stays. */
    assert_int_equal(make("attestations", "", "2026-Q1", &r, NULL), LF_OK);
    size_t at = lf__bytes_eq_str(cell(&r, 0, "member"), names[OTHER]) ? 0 : 1;
    cell_is(&r, at, "state", "RETIRED");
    cell_is(&r, 1 - at, "state", "ATTESTATION_MISSING");
    r = report("participation");
    assert_int_equal(r.rows, 3);
    cell_is(&r, at, "contributed", "1");
    cell_is(&r, at, "silent", "RETIRED");
    cell_is(&r, 2, "contributed", "3");
    cell_is(&r, 2, "members", "1");
    cell_is(&r, 2, "reporters", "1");
    assert_int_equal(make("participation", "2199-01-01", "", &r, NULL), LF_OK);
    assert_int_equal(r.rows, 2);
    cell_is(&r, 1, "silent", "1");
}

/* What waits for a relay is in nobody's figures but its issuer's and the regulators'. */
static void what_is_hidden_is_not_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    }
    struct px_report r = report("statistics");
    cell_is(&r, 0, "events", "5");
    asker = OTHER;
    assert_int_equal(report("statistics").rows, 0);
    asker = PLATFORM;
    assert_int_equal(report("statistics").rows, 1);
    asker = REGULATOR;
}

static bool never(void *user)
{
    (void)user;
    return false;
}

/* A report that nobody waits for any more does not go through the rest of the ledger. */
static void given_up(void **state)
{
    struct px_report r;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    }
    goes_on = never;
    assert_int_equal(make("statistics", "", "", &r, &err), LF_E_CANCELED);
    goes_on = NULL;
    assert_int_equal(make("statistics", "", "", &r, &err), LF_OK);
}

static void what_is_none(void **state)
{
    struct px_report r;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    assert_int_equal(make("rumours", "", "", &r, &err), LF_E_ARG);
    assert_string_equal(err.reason, "REPORT_UNKNOWN");
    static const char *const periods[] = {"", "2026", "2026-Q5", "2026-Q0", "20260Q1", "26-Q1"};
    for (size_t i = 0; i < LF_COUNT(periods); i++) {
        assert_int_equal(make("attestations", "", periods[i], &r, &err), LF_E_ARG);
        assert_string_equal(err.reason, "PERIOD_INVALID");
    }
}

static void middles(void **state)
{
    int64_t values[100];
    int64_t median;
    int64_t p95;
    (void)state;
    for (int i = 0; i < 100; i++) {
        values[i] = (i * 37) % 100 + 1; /* 1 to 100, in no order */
    }
    gw__median(values, 100, &median, &p95);
    assert_int_equal(median, 50);
    assert_int_equal(p95, 95);
    gw__median(values, 1, &median, &p95);
    assert_int_equal(median, p95);
    gw__median(values, 0, &median, &p95);
    assert_int_equal(median, 0);
}

/* Clauses of points, with "; " between: their sum is all of the points. */
static void assert_explained(const struct px_report *r, size_t row)
{
    char why[4096];
    char points[24];
    unsigned long sum = 0;
    assert_true(lf__copy_str(why, sizeof why, cell(r, row, "why")));
    assert_true(lf__copy_str(points, sizeof points, cell(r, row, "points")));
    for (char *at = why; at != NULL; at = strstr(at, "; "), at = at == NULL ? NULL : at + 2) {
        sum += strtoul(at, NULL, 10);
    }
    assert_int_equal(sum, strtoul(points, NULL, 10));
    assert_true(sum > 0);
}

static bool explains(const struct px_report *r, size_t row, const char *text)
{
    char why[4096];
    assert_true(lf__copy_str(why, sizeof why, cell(r, row, "why")));
    return strstr(why, text) != NULL;
}

static struct px_report ranking(const char *about)
{
    struct px_report out;
    assert_int_equal(make("ranking", "", about, &out, NULL), LF_OK);
    for (size_t i = 0; i < out.rows; i++) {
        assert_explained(&out, i);
    }
    return out;
}

static const char m3[] = "91999999MA0000031R";
static const char m4[] = "91999999MA000004XH";

static void subjects_by_their_points(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(ranking("").rows, 0);
    assert_int_equal(say_event(OTHER, m2, 1, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    assert_int_equal(say_event(OTHER, m1, 1, "REMOVAL")->s.status, LF_OK);
    struct px_listing listing = {.uscc = lf__bytes_str(m1),
                                 .list = lf__bytes_str("SERIOUS"),
                                 .reason = lf__bytes_str("SER_IP"),
                                 .reason_text = lf__bytes_str("故意侵犯知识产权"),
                                 .listed_on = lf__bytes_str("2026-02-01"),
                                 .authority = lf__bytes_str("市场监管局")};
    assert_int_equal(say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listing)->s.status, LF_OK);
    struct px_report r = ranking("");
    assert_int_equal(r.rows, 2);
    cell_is(&r, 0, "rank", "1");
    cell_is(&r, 0, "subject", m1);
    cell_is(&r, 0, "platforms", "2");
    cell_is(&r, 0, "open_tasks", "1"); /* a suspicion asks nobody */
    cell_is(&r, 0, "table", "1");
    assert_true(explains(&r, 0, "60 LIST_SERIOUS #"));
    assert_true(explains(&r, 0, "30 LIVE_REMOVAL #") && explains(&r, 0, "10 SUSPECTED_REMOVAL #"));
    assert_true(explains(&r, 0, "40 PLATFORM x2") && explains(&r, 0, "2 OPEN_TASK x1"));
    assert_true(explains(&r, 0, "20 ESTABLISHED_BY_PLATFORM"));
    cell_is(&r, 1, "subject", m2);
    assert_true(explains(&r, 1, "20 PLATFORM x1") && explains(&r, 1, "5 SUSPECTED"));
    cell_is(&r, 0, "name", "");
    listing.name = lf__bytes_str("名单上的名称");
    listing.listed_on = lf__bytes_str("2026-02-02");
    assert_int_equal(say_words(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listing)->s.status, LF_OK);
    r = ranking(m1); /* of whom nothing but a list is known */
    cell_is(&r, 0, "name", "名单上的名称");
    listing.name = lf__bytes_str("只给一家看的名称");
    listing.listed_on = lf__bytes_str("2026-02-03");
    assert_int_equal(
        say_named(REGULATOR, PX_KIND_CREDIT_LIST_ENTRY, &listing, names[PLATFORM])->s.status,
        LF_OK);
    r = ranking(m1);
    cell_is(&r, 0, "name", "名单上的名称");
    assert_int_equal(say_registry(m1, "ACTIVE")->s.status, LF_OK);
    r = ranking(m1); /* an entry without a name takes none away */
    cell_is(&r, 0, "name", "名单上的名称");
    r = ranking(m2);
    assert_int_equal(r.rows, 1);
    cell_is(&r, 0, "rank", "");
    cell_is(&r, 0, "subject", m2);
    assert_int_equal(ranking(m3).rows, 0);
    assert_int_equal(make("ranking", "2199-01-01", "", &r, NULL), LF_OK);
    assert_int_equal(r.rows, 0); /* nothing was decided then */
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(make("ranking", "", "91999999MA00000155", &r, &err), LF_E_ARG);
    assert_string_equal(err.reason, "USCC_CHECK_DIGIT");
}

/* Overturned, withdrawn, lifted: as if never said. What waits is for its issuer and regulators. */
static void what_no_longer_holds_counts_nothing(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t id = w.next_id;
    struct px_report r = ranking("");
    assert_true(explains(&r, 0, "30 LIVE_REMOVAL"));
    assert_int_equal(say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], id, 6)->s.status,
                     LF_OK);
    assert_int_equal(ranking("").rows, 0);
    assert_int_equal(say_event(PLATFORM, m2, 3, "LIFT")->s.status, LF_OK);
    assert_int_equal(ranking("").rows, 0);
    assert_int_equal(say_event(PLATFORM, m2, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t appealed[PX_ID_BYTES] = {w.next_id};
    struct px_appeal appeal = {.about = {lf__bytes_str(names[PLATFORM]), LF_BYTES_ARRAY(appealed)},
                               .step = PX_APPEAL_FILED,
                               .stepped_on = lf__bytes_str("2026-03-03")};
    assert_int_equal(say_words(PLATFORM, PX_KIND_APPEAL, &appeal)->s.status, LF_OK);
    r = ranking(m2);
    assert_true(explains(&r, 0, "UNDER_APPEAL #") && !explains(&r, 0, "ESTABLISHED"));
    appeal.step = PX_APPEAL_OVERTURNED;
    appeal.reason = lf__bytes_str("认定有误");
    assert_int_equal(say_words(REGULATOR, PX_KIND_APPEAL, &appeal)->s.status, LF_OK);
    assert_int_equal(ranking("").rows, 0);
    assert_int_equal(say_registry(m2, "REVOKED")->s.status, LF_OK);
    assert_int_equal(ranking("").rows, 0); /* nobody has said anything of it that holds */
}

static void who_sees_less_ranks_less(void **state)
{
    (void)state;
    assert_int_equal(say_policy(5)->s.status, LF_OK); /* platforms' words wait */
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    struct px_report r = ranking("");
    assert_true(explains(&r, 0, "5 PENDING_RELAY #"));
    asker = OTHER;
    assert_int_equal(ranking("").rows, 0);
    assert_int_equal(ranking(m1).rows, 0);
    assert_int_equal(say_event(REGULATOR, m1, 5, "REMOVAL")->s.status, LF_OK);
    r = ranking("");
    assert_true(explains(&r, 0, "30 LIVE_REMOVAL") && !explains(&r, 0, "PENDING"));
    cell_is(&r, 0, "platforms", "0");
    cell_is(&r, 0, "open_tasks", "0"); /* what others are asked is not for it */
    asker = REGULATOR;
    r = ranking("");
    cell_is(&r, 0, "platforms", "1");
}

static void pages(void **state)
{
    static const char *const codes[] = {m1, m2, m3, m4}; /* all alike: in order of their codes */
    struct px_report r;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    for (size_t i = LF_COUNT(codes); i > 0; i--) {
        assert_int_equal(say_event(PLATFORM, codes[i - 1], 3, "REMOVAL")->s.status, LF_OK);
    }
    struct px_report all = ranking("");
    assert_int_equal(all.rows, 4);
    page_max = 1;
    for (size_t i = 0; i < 4; i++) {
        char rank[8];
        r = ranking("");
        assert_int_equal(r.rows, 1);
        cell_is(&r, 0, "subject", codes[i]);
        (void)snprintf(rank, sizeof rank, "%zu", i + 1);
        cell_is(&r, 0, "rank", rank);
        page_after = codes[i];
    }
    assert_int_equal(ranking("").rows, 0);
    page_after = "91999999MA0000058H";
    assert_int_equal(make("ranking", "", "", &r, &err), LF_E_ARG);
    assert_string_equal(err.reason, "PAGE_INVALID");
    page_after = "";
    page_max = 1001;
    assert_int_equal(make("ranking", "", "", &r, &err), LF_E_ARG);
    assert_string_equal(err.field, "max");
    page_max = 1;
    assert_int_equal(make("coverage", "", "", &r, &err), LF_E_ARG);
    assert_string_equal(err.reason, "REPORT_OPTION");
    page_max = 0;
}

static int open_all(void **state)
{
    lf__arena_init(&arena, 64 << 20);
    return setup(state);
}

static int close_all(void **state)
{
    lf__arena_done(&arena);
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loops_and_coverage, open_all, close_all),
        cmocka_unit_test_setup_teardown(who_takes_part, open_all, close_all),
        cmocka_unit_test_setup_teardown(small_cells, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_was_taken_back, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_turned_out_wrong, open_all, close_all),
        cmocka_unit_test_setup_teardown(who_has_left, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_is_hidden_is_not_counted, open_all, close_all),
        cmocka_unit_test_setup_teardown(subjects_by_their_points, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_no_longer_holds_counts_nothing, open_all, close_all),
        cmocka_unit_test_setup_teardown(who_sees_less_ranks_less, open_all, close_all),
        cmocka_unit_test_setup_teardown(pages, open_all, close_all),
        cmocka_unit_test_setup_teardown(given_up, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_is_none, open_all, close_all),
        cmocka_unit_test(middles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
