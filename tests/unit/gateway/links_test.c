/* SPDX-License-Identifier: Apache-2.0 */
/* Subjects linked by tokens: how strongly, by which records, for whom, and what ends it. */
#include "gateway/exchange/projections/links.h"
#include "gateway/exchange/reports/reports.h"
#include "tests/unit/gateway/world.h"

static const char m3[] = "91999999MA0000031R";
static const char m4[] = "91999999MA000004XH";
static struct lf__arena arena;

/* Tokens by a byte each; 0: none. */
struct tokens {
    uint8_t legal_rep;
    uint8_t account;
    uint8_t phone;
};
/* The version before; version 0: this is the first. */
struct before {
    uint32_t version;
    uint8_t id;
};

static lf_bytes token(uint8_t byte)
{
    uint8_t bytes[32];
    memset(bytes, byte, sizeof bytes);
    return byte == 0 ? LF_BYTES_NONE : lf__arena_copy(&arena, LF_BYTES_ARRAY(bytes));
}

static struct told *say_version(enum who who, const char *uscc, struct tokens tokens,
                                struct before before)
{
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {before.id};
    struct px_identity identity = {.uscc = lf__bytes_str(uscc),
                                   .name = lf__bytes_str("欧阳某某店"), /* the same for all */
                                   .legal_rep_token = token(tokens.legal_rep),
                                   .account_token = token(tokens.account),
                                   .phone_token = token(tokens.phone)};
    struct px_header header = {.kind = PX_KIND_MERCHANT_IDENTITY,
                               .version = before.version + 1,
                               .predecessor = before.version > 0 ? (lf_bytes)LF_BYTES_ARRAY(id)
                                                                 : LF_BYTES_NONE};
    assert_int_equal(px_words_encode(&arena, header.kind, &identity, parts, &count, NULL), LF_OK);
    return say(who, &header, parts, count);
}

static uint8_t say_identity(enum who who, const char *uscc, struct tokens tokens)
{
    assert_int_equal(say_version(who, uscc, tokens, (struct before){0, 0})->s.status, LF_OK);
    return w.next_id;
}

static lf_status report_make(const char *name, enum who who, const char *about, const char *after,
                             uint32_t max, struct px_report *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    bool is_organ = who == REGULATOR;
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = is_organ ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = is_organ ? 2 : 0};
    struct gw_report_ask ask = {.reader = &reader,
                                .name = lf__bytes_str(name),
                                .as_of_ms = lf__clock_utc_ms(),
                                .about = lf__bytes_str(about),
                                .max = max,
                                .after = lf__bytes_str(after)};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    return gw_report_make(w.exchange, txn, &arena, &ask, out, err);
}

static lf_status links_make(enum who who, const char *about, const char *after, uint32_t max,
                            struct px_report *out, lf_error *err)
{
    return report_make("links", who, about, after, max, out, err);
}

static struct px_report links(const char *about)
{
    struct px_report out;
    assert_int_equal(links_make(REGULATOR, about, "", 0, &out, NULL), LF_OK);
    return out;
}

static void row_is(const struct px_report *r, size_t row, const char *subject, const char *linked,
                   const char *link)
{
    assert_true(row < r->rows);
    const lf_bytes *cells = r->cells + row * r->columns;
    assert_true(lf__bytes_eq_str(cells[0], subject));
    assert_true(lf__bytes_eq_str(cells[1], linked));
    assert_true(lf__bytes_eq_str(cells[2], link));
}

static void removed(const char *uscc)
{
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, uscc, 3, "REMOVAL")->s.status, LF_OK);
}

static void by_what_they_share(void **state)
{
    static const struct {
        struct tokens other;
        const char *link; /* NULL: none */
    } rows[] = {
        {{1, 2, 0}, "LINK(strong)"}, {{1, 2, 3}, "LINK(strong)"},
        {{1, 0, 0}, "LINK(medium)"}, {{1, 0, 3}, "LINK(medium)"},
        {{0, 2, 0}, "LINK(medium)"}, {{9, 2, 3}, "LINK(medium)"},
        {{0, 0, 3}, "LINK(weak)"},   {{9, 9, 9}, NULL},
        {{0, 0, 0}, NULL},           {{2, 1, 0}, NULL}}; /* another's account is no person */
    (void)state;
    removed(m1);
    (void)say_identity(PLATFORM, m1, (struct tokens){1, 2, 3});
    uint8_t id = say_identity(OTHER, m2, (struct tokens){0, 0, 0});
    assert_int_equal(links("").rows, 0); /* the same name is no link */
    for (uint32_t i = 0; i < LF_COUNT(rows); i++) {
        struct told *told = say_version(OTHER, m2, rows[i].other, (struct before){i + 1, id});
        assert_int_equal(told->s.status, LF_OK);
        id = w.next_id;
        struct px_report r = links("");
        assert_int_equal(r.rows, rows[i].link == NULL ? 0 : 1);
        if (rows[i].link != NULL) {
            row_is(&r, 0, m1, m2, rows[i].link);
        }
    }
    assert_sound();
}

/* What two platforms say of a subject is put together, and the records are named. */
static void with_evidence(void **state)
{
    char evidence[128];
    (void)state;
    removed(m1);
    (void)say_identity(PLATFORM, m1, (struct tokens){1, 0, 0});
    unsigned long long person = said->s.index;
    (void)say_identity(OTHER, m1, (struct tokens){1, 2, 0});
    unsigned long long account = said->s.index;
    (void)say_identity(OTHER, m2, (struct tokens){1, 2, 0});
    unsigned long long both = said->s.index;
    struct px_report r = links("");
    assert_int_equal(r.rows, 1);
    row_is(&r, 0, m1, m2, "LINK(strong)");
    (void)snprintf(evidence, sizeof evidence, "LEGAL_REP #%llu = #%llu; ACCOUNT #%llu = #%llu",
                   person, both, account, both);
    assert_true(lf__bytes_eq_str(r.cells[3], "LEGAL_REP+ACCOUNT"));
    assert_true(lf__bytes_eq_str(r.cells[4], evidence));
    assert_true(lf__bytes_eq_str(lf__bytes_slice(r.cells[5], 0, 14), "LIVE_REMOVAL #"));
    assert_true(lf__bytes_eq_str(r.cells[6], "MANUAL_REVIEW")); /* no registry entry */
}

/* A link without a cause is no alert; asked for it is told, from either end. */
static void without_a_cause(void **state)
{
    (void)state;
    (void)say_identity(PLATFORM, m1, (struct tokens){1, 2, 0});
    (void)say_identity(OTHER, m2, (struct tokens){1, 2, 0});
    assert_int_equal(links("").rows, 0);
    struct px_report r = links(m2);
    assert_int_equal(r.rows, 1);
    row_is(&r, 0, m2, m1, "LINK(strong)");
    assert_int_equal(r.cells[5].len, 0);
    removed(m1);
    r = links("");
    row_is(&r, 0, m1, m2, "LINK(strong)");
    r = links(m2);
    row_is(&r, 0, m2, m1, "LINK(strong)");
    assert_true(lf__bytes_eq_str(r.cells[6], "DENY")); /* m1 itself was removed */
}

static struct told *erase_part(uint8_t id_byte, enum px_redaction_mode mode, enum px_class c)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction order = {.issuer = lf__bytes_str(names[OTHER]),
                                 .record_id = LF_BYTES_ARRAY(id),
                                 .mode = mode,
                                 .classes = {c},
                                 .class_count = c == PX_CLASS_NONE ? 0 : 1,
                                 .order_authority = lf__bytes_str("某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    return say(AUTHORITY, &header, parts, count);
}

/* Taken back, replaced, erased or restricted: as if it had never been said. */
static void what_ends_a_link(void **state)
{
    struct tokens all = {1, 2, 3};
    (void)state;
    removed(m1);
    (void)say_identity(PLATFORM, m1, all);
    uint8_t id = say_identity(OTHER, m2, all);
    assert_int_equal(links("").rows, 1);
    assert_int_equal(say_target(OTHER, PX_KIND_CORRECTION, names[OTHER], id, 6)->s.status, LF_OK);
    assert_int_equal(links("").rows, 0);
    id = say_identity(OTHER, m2, all);
    assert_int_equal(say_version(OTHER, m3, all, (struct before){1, id})->s.status, LF_OK);
    id = w.next_id;
    struct px_report r = links("");
    assert_int_equal(r.rows, 1);
    row_is(&r, 0, m1, m3, "LINK(strong)");
    assert_int_equal(erase_part(id, PX_REDACTION_RESTRICT, PX_CLASS_NONE)->s.status, LF_OK);
    assert_int_equal(links("").rows, 0);
    assert_int_equal(erase_part(id, PX_REDACTION_LIFT, PX_CLASS_NONE)->s.status, LF_OK);
    assert_int_equal(links("").rows, 1);
    assert_int_equal(erase_part(id, PX_REDACTION_ERASE, PX_CLASS_REGULATOR)->s.status, LF_OK);
    assert_int_equal(links("").rows, 0);
    id = say_identity(OTHER, m4, all);
    assert_int_equal(links("").rows, 1);
    assert_int_equal(erase_part(id, PX_REDACTION_ERASE, PX_CLASS_NONE)->s.status, LF_OK);
    assert_int_equal(links("").rows, 0);
    assert_sound();
}

/* Only those who could read an identity are asked to erase it: its issuer, and the regulator. */
static void who_erases(void **state)
{
    struct px_report r;
    (void)state;
    uint8_t id = say_identity(OTHER, m2, (struct tokens){1, 2, 3});
    assert_int_equal(erase_part(id, PX_REDACTION_ERASE, PX_CLASS_NONE)->s.status, LF_OK);
    assert_int_equal(report_make("open-loops", REGULATOR, "", "", 0, &r, NULL), LF_OK);
    assert_int_equal(r.rows, 1);
    assert_true(lf__bytes_eq_str(r.cells[3], "2")); /* asked */
    assert_true(lf__bytes_eq_str(r.cells[8], "platform-02 regulator"));
}

static bool count_place(void *user, uint64_t index)
{
    size_t *count = user;
    (void)index;
    (*count)++;
    return true;
}

/* The index holds what can be found again, and forgets it. */
static void the_index_forgets(void **state)
{
    size_t count = 0;
    (void)state;
    uint8_t id = say_identity(OTHER, m2, (struct tokens){1, 2, 3});
    for (int round = 0; round < 2; round++) {
        ST_TXN *txn = NULL;
        count = 0;
        assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
        assert_int_equal(gw_links_each(txn, GW_LINK_PHONE, token(3), count_place, &count, NULL),
                         LF_OK);
        assert_int_equal(
            gw_links_each(txn, GW_LINK_SUBJECT, lf__bytes_str(m2), count_place, &count, NULL),
            LF_OK);
        assert_int_equal(count, round == 0 ? 2 : 0);
        if (round == 0) {
            assert_int_equal(erase_part(id, PX_REDACTION_ERASE, PX_CLASS_REGULATOR)->s.status,
                             LF_OK);
        }
    }
}

/* Who may not read identities in full learns of none, by report, by screening and by error. */
static void for_regulators_alone(void **state)
{
    struct px_report r;
    (void)state;
    removed(m1);
    (void)say_registry(m2, "ACTIVE");
    struct gw_screened before = screen(OTHER, m2);
    struct gw_screened regulators = screen(REGULATOR, m2);
    uint8_t id = say_identity(PLATFORM, m1, (struct tokens){1, 2, 0});
    (void)say_identity(PLATFORM, m2, (struct tokens){1, 2, 0});
    assert_int_equal(links("").rows, 1);
    assert_int_equal(links_make(OTHER, "", "", 0, &r, NULL), LF_OK);
    assert_int_equal(r.rows, 0);
    assert_int_equal(links_make(OTHER, m2, "", 0, &r, NULL), LF_OK);
    assert_int_equal(r.rows, 0);
    struct gw_screened after = screen(OTHER, m2);
    assert_int_equal(after.advice, before.advice);
    assert_int_equal(after.count, before.count);
    after = screen(REGULATOR, m2);
    assert_int_equal(after.advice, regulators.advice);
    assert_int_equal(after.advice, LF__ADVICE_ALLOW);
    struct told *told = say_target(OTHER, PX_KIND_CORRECTION, names[PLATFORM], id, 6);
    assert_string_equal(told->s.error.reason, "TARGET_UNKNOWN");
    told = say_target(OTHER, PX_KIND_CORRECTION, names[PLATFORM], 200, 6); /* which never was */
    assert_string_equal(told->s.error.reason, "TARGET_UNKNOWN");
}

static void in_pages(void **state)
{
    static const char *const pairs[][2] = {{m1, m2}, {m1, m3}, {m2, m1}, {m2, m3}};
    char after[40] = "";
    struct px_report r;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    removed(m1);
    removed(m2);
    (void)say_identity(PLATFORM, m3, (struct tokens){1, 0, 0});
    (void)say_identity(PLATFORM, m2, (struct tokens){1, 0, 0});
    (void)say_identity(OTHER, m1, (struct tokens){1, 0, 0});
    assert_int_equal(links("").rows, 4);
    for (size_t i = 0; i < LF_COUNT(pairs); i++) {
        assert_int_equal(links_make(REGULATOR, "", after, 1, &r, NULL), LF_OK);
        assert_int_equal(r.rows, 1);
        row_is(&r, 0, pairs[i][0], pairs[i][1], "LINK(medium)");
        (void)snprintf(after, sizeof after, "%s:%s", pairs[i][0], pairs[i][1]);
    }
    assert_int_equal(links_make(REGULATOR, "", after, 1, &r, NULL), LF_OK);
    assert_int_equal(r.rows, 0);
    assert_int_equal(links_make(REGULATOR, "", m1, 1, &r, &err), LF_E_ARG);
    assert_string_equal(err.reason, "PAGE_INVALID");
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
        cmocka_unit_test_setup_teardown(by_what_they_share, open_all, close_all),
        cmocka_unit_test_setup_teardown(with_evidence, open_all, close_all),
        cmocka_unit_test_setup_teardown(without_a_cause, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_ends_a_link, open_all, close_all),
        cmocka_unit_test_setup_teardown(the_index_forgets, open_all, close_all),
        cmocka_unit_test_setup_teardown(who_erases, open_all, close_all),
        cmocka_unit_test_setup_teardown(for_regulators_alone, open_all, close_all),
        cmocka_unit_test_setup_teardown(in_pages, open_all, close_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
