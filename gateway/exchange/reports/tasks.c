/* SPDX-License-Identifier: Apache-2.0 */
/* What tasks tell: loops that are open, what was covered, how long things took. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "rules/calendar.h"

enum { LAGS_MAX = 1 << 20, LIST_TEXT_MAX = 400 };
#define HOUR_MS 3600000.0

static bool is_followed(const struct gw_task_view *v)
{
    return v->answer.answer == PX_ANSWER_REMOVED || v->answer.answer == PX_ANSWER_RESTRICTED;
}

bool gw__task_is_waiting(enum gw_task_state state)
{
    return state == GW_TASK_OPEN || state == GW_TASK_ACTIVE_SHOP ||
           state == GW_TASK_INVESTIGATING || state == GW_TASK_DISPUTED;
}

/* Of one member, or where none is named of all. */
static lf_status tasks_each(struct gw_report *report, lf_bytes member,
                            bool (*each)(void *user, const struct gw_task_view *view), void *user,
                            lf_error *err)
{
    struct gw_tasks_ask ask = {
        .reader = report->ask->reader, .member = member, .now_ms = report->ask->as_of_ms};
    return gw_tasks_each(report->exchange, report->txn, &ask, each, user, err);
}

/* ---- open loops: one row a record, of all members that it asks ---- */

struct loop {
    struct gw_report *report;
    bool is_there;
    uint64_t index;
    char issuer[41];
    char uscc[24];
    unsigned asked;
    unsigned no_shop;
    unsigned closed; /* with a shop, and answered for good */
    unsigned overdue;
    char open[LIST_TEXT_MAX]; /* the members that have not, as far as there is room, */
    size_t open_len;
    unsigned unnamed; /* and how many more */
};

static void loop_end(struct loop *l)
{
    unsigned concerned = l->asked - l->no_shop;
    if (!l->is_there || l->closed == concerned) {
        return;
    }
    gw__cell(l->report, "%llu", (unsigned long long)l->index);
    gw__cell(l->report, "%s", l->issuer);
    gw__cell(l->report, "%s", l->uscc);
    gw__cell(l->report, "%u", l->asked);
    gw__cell(l->report, "%u", l->no_shop);
    gw__cell(l->report, "%u", l->closed);
    gw__cell(l->report, "SHARED(%u/%u)", l->closed, concerned);
    gw__cell(l->report, "%u", l->overdue);
    if (l->unnamed > 0) {
        gw__cell(l->report, "%s +%u", l->open, l->unnamed);
    } else {
        gw__cell(l->report, "%s", l->open);
    }
}

static void loop_wait(struct loop *l, const struct gw_task_view *v)
{
    size_t need = v->member.len + (l->open_len > 0 ? 1 : 0);
    l->overdue += v->is_overdue ? 1 : 0;
    if (l->open_len + need + 1 > sizeof l->open) {
        l->unnamed++;
        return;
    }
    if (l->open_len > 0) {
        l->open[l->open_len++] = ' ';
    }
    lf__copy((uint8_t *)l->open + l->open_len, v->member.ptr, v->member.len);
    l->open_len += v->member.len;
    l->open[l->open_len] = '\0';
}

static bool on_loop(void *user, const struct gw_task_view *v)
{
    struct loop *l = user;
    if (!l->is_there || l->index != v->task.index) {
        loop_end(l);
        struct gw_report *report = l->report;
        *l = (struct loop){.report = report, .is_there = true, .index = v->task.index};
        (void)lf__copy_str(l->issuer, sizeof l->issuer, v->issuer);
        (void)lf__copy_str(l->uscc, sizeof l->uscc, v->uscc);
    }
    if (!gw__instant_in_period(l->report, v->task.opened_ms) || v->state == GW_TASK_MOOT) {
        return !l->report->failed;
    }
    l->asked++;
    l->no_shop += v->answer.answer == PX_ANSWER_NO_SHOP || v->answer.answer == PX_ANSWER_NOT_USED;
    if (gw__task_is_waiting(v->state)) {
        loop_wait(l, v);
    } else if (v->answer.answer != PX_ANSWER_NO_SHOP && v->answer.answer != PX_ANSWER_NOT_USED) {
        l->closed++;
    }
    return !l->report->failed;
}

lf_status gw__report_open_loops(struct gw_report *report, lf_error *err)
{
    struct loop l = {.report = report};
    lf_status rc = tasks_each(report, report->ask->about, on_loop, &l, err);
    loop_end(&l);
    return rc;
}

/* ---- coverage: of those who have the shop, how many followed; counted in 户次 ---- */

struct cover {
    unsigned matched;
    unsigned followed;
    unsigned kept;
    unsigned undecided;
    uint64_t shops;    /* 户次 of all that followed, */
    uint64_t removals; /* and of those that removed */
};
struct covering {
    struct gw_report *report;
    struct gw_platforms platforms;
    struct cover *list;
};

static bool on_cover(void *user, const struct gw_task_view *v)
{
    struct covering *c = user;
    size_t at = gw__platform_at(&c->platforms, v->member);
    bool counts = at != SIZE_MAX && v->task.kind == GW_TASK_TO_ACT &&
                  gw__instant_in_period(c->report, v->task.opened_ms) &&
                  v->answer.answer != PX_ANSWER_NONE && v->answer.answer != PX_ANSWER_NO_SHOP &&
                  gw__holds(c->report, v->task.cause);
    if (counts) {
        struct cover *one = &c->list[at];
        bool follows = is_followed(v);
        bool keeps = v->answer.answer == PX_ANSWER_KEPT;
        one->matched++;
        one->followed += follows ? 1 : 0;
        one->kept += keeps ? 1 : 0;
        one->undecided += follows || keeps ? 0 : 1;
        uint64_t shops = !follows ? 0 : v->answer.shops == 0 ? 1 : v->answer.shops;
        one->shops += shops;
        one->removals += v->answer.answer == PX_ANSWER_REMOVED ? shops : 0;
    }
    return true;
}

static void cover_row(struct gw_report *report, const char *member, const struct cover *c)
{
    gw__cell(report, "%s", member);
    gw__cell(report, "%u", c->matched);
    gw__cell(report, "%u", c->followed);
    gw__cell(report, "%u", c->kept);
    gw__cell(report, "%u", c->undecided);
    gw__cell(report, "%llu", (unsigned long long)c->shops);
    gw__cell(report, "%u/%u", c->followed, c->matched);
    gw__cell(report, "%llu", (unsigned long long)c->removals);
}

lf_status gw__report_coverage(struct gw_report *report, lf_error *err)
{
    struct covering c = {.report = report};
    struct cover all = {.matched = 0};
    lf_status rc = gw__platforms(report, &c.platforms, err);
    c.list =
        rc == LF_OK ? lf__arena_array(report->arena, c.platforms.count + 1, sizeof *c.list) : NULL;
    if (rc != LF_OK || c.list == NULL) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    rc = tasks_each(report, report->ask->about, on_cover, &c, err);
    for (size_t i = 0; rc == LF_OK && i < c.platforms.count; i++) {
        const struct cover *one = &c.list[i];
        if (one->matched > 0) {
            cover_row(report, c.platforms.ids[i], one);
        }
        all = (struct cover){all.matched + one->matched, all.followed + one->followed,
                             all.kept + one->kept,       all.undecided + one->undecided,
                             all.shops + one->shops,     all.removals + one->removals};
    }
    cover_row(report, "TOTAL", &all);
    return rc;
}

/* ---- lags: decided, taken, shared, answered ---- */

enum lag { LAG_REPORT, LAG_SHARE, LAG_APPLY, LAGS };
struct lagging {
    struct gw_report *report;
    struct lf__buf values[LAGS]; /* of int64_t, ms */
    unsigned late[LAGS];
    uint64_t last;   /* the task whose record was counted */
    lf_bytes issuer; /* whose records are meant; none: everybody's */
    bool lists_late;
};

static void lag_add(struct lagging *l, enum lag lag, int64_t ms)
{
    ms = ms < 0 ? 0 : ms;
    (void)lf__buf_append(&l->values[lag], (lf_bytes){(const uint8_t *)&ms, sizeof ms});
}

/* Shared in time: the limit runs from the day of the decision, which has no hour. */
static struct lf__due share_due(const struct gw_report *report, int64_t decided_ms)
{
    struct lf__term term = {1, LF__UNIT_WORKDAYS};
    (void)lf__rules_term(report->exchange->rules, "limit", "SHARE", &term);
    return lf__calendar_due(lf__rules_calendar(report->exchange->rules), decided_ms, term);
}

static void late_row(struct gw_report *report, const struct gw_task_view *v, struct lf__due due)
{
    char shared[11];
    char last[11];
    lf__date_shanghai(v->task.opened_ms, shared);
    lf__date_shanghai(due.at_ms - 1, last); /* the last day that was in time */
    gw__cell(report, "%llu", (unsigned long long)v->task.index);
    gw__cell_text(report, v->issuer);
    gw__cell_text(report, v->uscc);
    gw__cell_text(report, v->decided_at);
    gw__cell(report, "%s", shared);
    gw__cell(report, "%s", last);
    gw__cell(report, "%s", due.is_provisional ? "PROVISIONAL" : "");
}

static void record_lags(struct lagging *l, const struct gw_task_view *v)
{
    int64_t decided_ms = gw__day_ms(v->decided_at);
    struct lf__due due = share_due(l->report, decided_ms);
    bool is_late = v->task.opened_ms >= due.at_ms;
    lag_add(l, LAG_REPORT, v->caused_ms - decided_ms);
    lag_add(l, LAG_SHARE, v->task.opened_ms - decided_ms);
    l->late[LAG_SHARE] += is_late ? 1 : 0;
    if (is_late && l->lists_late) {
        late_row(l->report, v, due);
    }
}

static bool on_lag(void *user, const struct gw_task_view *v)
{
    struct lagging *l = user;
    if (v->task.kind != GW_TASK_TO_ACT || !gw__in_period(l->report, v->decided_at) ||
        (l->issuer.len > 0 && !lf__bytes_eq(l->issuer, v->issuer))) {
        return true;
    }
    if (v->decided_at.len > 0 && l->last != v->task.index) {
        record_lags(l, v);
        l->last = v->task.index;
    }
    if (v->answer.answer != PX_ANSWER_NONE) {
        lag_add(l, LAG_APPLY, v->answer.first_ms - v->task.opened_ms);
    }
    l->late[LAG_APPLY] += v->is_overdue ? 1 : 0;
    return !l->report->failed && !l->values[LAG_APPLY].failed;
}

static lf_status lags_read(struct gw_report *report, struct lagging *l, lf_error *err)
{
    l->report = report;
    l->last = UINT64_MAX;
    for (size_t i = 0; i < LAGS; i++) {
        lf__buf_init(&l->values[i], LAGS_MAX * sizeof(int64_t));
    }
    return tasks_each(report, l->lists_late ? LF_BYTES_NONE : report->ask->about, on_lag, l, err);
}

static void lags_done(struct lagging *l)
{
    for (size_t i = 0; i < LAGS; i++) {
        lf__buf_done(&l->values[i]);
    }
}

lf_status gw__report_lags(struct gw_report *report, lf_error *err)
{
    static const char *const names[LAGS] = {"decision-to-report", "decision-to-share",
                                            "share-to-answer"};
    struct lagging l = {.lists_late = false};
    lf_status rc = lags_read(report, &l, err);
    for (size_t i = 0; rc == LF_OK && i < LAGS; i++) {
        rc = lf__buf_status(&l.values[i], err);
    }
    for (size_t i = 0; rc == LF_OK && i < LAGS; i++) {
        int64_t median;
        int64_t p95;
        size_t count = l.values[i].len / sizeof(int64_t);
        gw__median((void *)l.values[i].ptr, count, &median, &p95);
        gw__cell(report, "%s", names[i]);
        gw__cell(report, "%zu", count);
        gw__cell(report, "%.2f", (double)median / HOUR_MS);
        gw__cell(report, "%.2f", (double)p95 / HOUR_MS);
        gw__cell(report, "%u", l.late[i]);
    }
    lags_done(&l);
    return rc;
}

/* Whoever is late is the issuer: about a member means its records, whoever was asked. */
lf_status gw__report_late(struct gw_report *report, lf_error *err)
{
    struct lagging l = {.lists_late = true, .issuer = report->ask->about};
    lf_status rc = lags_read(report, &l, err);
    lags_done(&l);
    return rc;
}
