/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where regulators look first: subjects by their points. What a screening by the same reader gives as a reason gets the
 * points of the policy's table, and so do the number of platforms, certainty, age and tasks without an answer. What was
 * taken back, lifted or has no row in the table counts nothing. Each point is explained, by the record behind it.
 */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "rules/words.h"

#include <string.h>

enum { DAY_MS = 86400000, WHY_MAX = 4096, MARK_NONE = -1 };

/* What one subject's points are of. */
struct score {
    struct gw_screened screened;
    bool counts[GW_REASONS_MAX]; /* this reason does */
    unsigned platforms;
    unsigned certainty; /* of the surest event in force; 0: none is */
    int64_t age_days;   /* since the newest event was decided; MARK_NONE */
    unsigned waiting;
    unsigned of_age; /* points, as the next two */
    unsigned of_certainty;
    unsigned total;
};

static unsigned table_points(const struct gw_report *report, const char *table, const char *code)
{
    return (unsigned)lf__rules_number(report->exchange->rules, table, code, 0);
}

static bool is_event(const struct gw_reason *reason)
{
    return reason->kind == PX_KIND_ENFORCEMENT_EVENT;
}

static bool is_statement(const struct gw_reason *reason)
{
    return is_event(reason) || reason->kind == PX_KIND_CREDIT_LIST_ENTRY;
}

static bool is_platform(const struct gw_report *report, const char *member)
{
    struct gw_standing standing;
    return gw_roster_by_name(report->exchange->roster, lf__bytes_str(member), &standing, NULL) ==
               LF_OK &&
           standing.role == PX_ROLE_PLATFORM;
}

/* The same code gives its points once, and a platform counts once. */
static bool is_first_of_code(const struct score *score, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (score->counts[i] &&
            strcmp(score->screened.reasons[i].code, score->screened.reasons[at].code) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_first_of_issuer(const struct score *score, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct gw_reason *before = &score->screened.reasons[i];
        if (score->counts[i] && is_event(before) &&
            strcmp(before->issuer, score->screened.reasons[at].issuer) == 0) {
            return false;
        }
    }
    return true;
}

static void event_count(const struct gw_report *report, struct score *score, size_t at)
{
    const struct gw_reason *reason = &score->screened.reasons[at];
    if (is_first_of_issuer(score, at) && is_platform(report, reason->issuer)) {
        score->platforms++;
    }
    if (reason->state == LF__STATE_ACTIVE && reason->certainty > score->certainty) {
        score->certainty = reason->certainty;
    }
    int64_t day_ms = gw__day_ms(lf__bytes_str(reason->decided_at));
    int64_t age = (report->ask->as_of_ms - day_ms) / DAY_MS;
    if (day_ms != 0 && (score->age_days == MARK_NONE || age < score->age_days)) {
        score->age_days = age < 0 ? 0 : age;
    }
}

/* True when a record about the subject counts: its state in the registry alone ranks nobody. */
static bool reasons_count(const struct gw_report *report, struct score *score)
{
    bool is_ranked = false;
    for (size_t i = 0; i < score->screened.count; i++) {
        const struct gw_reason *reason = &score->screened.reasons[i];
        unsigned points = table_points(report, "rank_reason", reason->code);
        score->counts[i] = points > 0 && (!is_statement(reason) ||
                                          gw__in_period(report, lf__bytes_str(reason->decided_at)));
        if (!score->counts[i]) {
            continue;
        }
        score->total += is_first_of_code(score, i) ? points : 0;
        is_ranked = is_ranked || is_statement(reason);
        if (is_event(reason)) {
            event_count(report, score, i);
        }
    }
    return is_ranked;
}

static lf_status score_make(struct gw_report *report, const struct gw_spoken_of *subject,
                            struct score *out, lf_error *err)
{
    const struct lf__rules *rules = report->exchange->rules;
    uint64_t of_age = 0;
    unsigned most = table_points(report, "rank", "OPEN_TASKS_MAX");
    *out = (struct score){.age_days = MARK_NONE};
    lf_status rc = gw__subject_screen(
        report, (lf_bytes){(const uint8_t *)subject->uscc, GW_CODE_LEN}, &out->screened, err);
    if (rc != LF_OK || !reasons_count(report, out)) {
        out->total = 0;
        return rc;
    }
    out->waiting = subject->waiting < most ? subject->waiting : most;
    out->of_certainty = table_points(report, "rank_certainty", lf__word_certainty(out->certainty));
    if (out->age_days != MARK_NONE) {
        (void)lf__rules_step(rules, "rank_age", (uint64_t)out->age_days, &of_age);
    }
    out->of_age = (unsigned)of_age;
    out->total += out->platforms * table_points(report, "rank", "PLATFORM") + out->of_certainty +
                  out->of_age + out->waiting * table_points(report, "rank", "OPEN_TASK");
    return LF_OK;
}

/* ---- why: clauses of points, what they are for, and the records behind it ---- */

static void clause(struct lf__buf *why, unsigned points, const char *what)
{
    if (points > 0) {
        (void)lf__buf_printf(why, "%s%u %s", why->len > 0 ? "; " : "", points, what);
    }
}

static void reasons_explain(const struct gw_report *report, const struct score *score,
                            struct lf__buf *why)
{
    for (size_t i = 0; i < score->screened.count; i++) {
        const char *code = score->screened.reasons[i].code;
        if (!score->counts[i] || !is_first_of_code(score, i)) {
            continue;
        }
        clause(why, table_points(report, "rank_reason", code), code);
        for (size_t j = i; j < score->screened.count; j++) {
            if (score->counts[j] && strcmp(score->screened.reasons[j].code, code) == 0) {
                (void)lf__buf_printf(why, " #%llu",
                                     (unsigned long long)score->screened.reasons[j].index);
            }
        }
    }
}

static void rest_explain(const struct gw_report *report, const struct score *score,
                         struct lf__buf *why)
{
    unsigned of_platforms = score->platforms * table_points(report, "rank", "PLATFORM");
    unsigned of_tasks = score->waiting * table_points(report, "rank", "OPEN_TASK");
    clause(why, of_platforms, "PLATFORM");
    (void)(of_platforms > 0 && lf__buf_printf(why, " x%u", score->platforms));
    clause(why, score->of_certainty, lf__word_certainty(score->certainty));
    clause(why, score->of_age, "AGE");
    (void)(score->of_age > 0 && lf__buf_printf(why, " %lld days", (long long)score->age_days));
    clause(why, of_tasks, "OPEN_TASK");
    (void)(of_tasks > 0 && lf__buf_printf(why, " x%u", score->waiting));
}

/* ---- the page: the best of all, kept in order ---- */

struct ranked {
    const struct gw_spoken_of *subject;
    unsigned points;
};
struct ranking {
    struct gw_report *report;
    struct lf__buf subjects;
    struct ranked after; /* without a subject: from the first */
    struct ranked *page;
    size_t rows;
    size_t kept;
    uint64_t before; /* subjects that stand in front of the page */
};

static bool is_before(const struct ranked *a, const struct ranked *b)
{
    return a->points != b->points ? a->points > b->points
                                  : memcmp(a->subject->uscc, b->subject->uscc, GW_CODE_LEN) < 0;
}

static void page_take(struct ranking *r, const struct ranked *one)
{
    bool is_full = r->kept == r->rows;
    if (r->after.subject != NULL && !is_before(&r->after, one)) {
        r->before++; /* the last of the page before included */
        return;
    }
    if (is_full && !is_before(one, &r->page[r->kept - 1])) {
        return;
    }
    size_t at = is_full ? r->kept - 1 : r->kept;
    for (; at > 0 && is_before(one, &r->page[at - 1]); at--) {
        r->page[at] = r->page[at - 1];
    }
    r->page[at] = *one;
    r->kept += is_full ? 0 : 1;
}

static lf_status after_find(struct ranking *r, lf_error *err)
{
    struct score score;
    lf_bytes after = r->report->ask->after;
    if (after.len == 0) {
        return LF_OK;
    }
    struct gw_spoken_of *subject = gw__subject_find(&r->subjects, after);
    lf_status rc = subject == NULL ? LF_OK : score_make(r->report, subject, &score, err);
    if (rc == LF_OK && (subject == NULL || score.total == 0)) {
        return lf__refuse(err, LF_E_ARG, "PAGE_INVALID", "after",
                          "after: this subject is not in the ranking; begin from the first");
    }
    r->after = rc == LF_OK ? (struct ranked){subject, score.total} : r->after;
    return rc;
}

static lf_status subjects_rank(struct ranking *r, lf_error *err)
{
    const struct gw_spoken_of *list = (const void *)r->subjects.ptr;
    size_t count = r->subjects.len / sizeof *list;
    lf_status rc = after_find(r, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        struct score score;
        rc = score_make(r->report, &list[i], &score, err);
        if (rc == LF_OK && score.total > 0) {
            page_take(r, &(struct ranked){&list[i], score.total});
        }
    }
    return rc;
}

static bool on_task(void *user, const struct gw_task_view *v)
{
    struct ranking *r = user;
    bool counts = gw__task_is_waiting(v->state) && v->task.kind != GW_TASK_TO_ERASE;
    struct gw_spoken_of *subject = counts ? gw__subject_find(&r->subjects, v->uscc) : NULL;
    if (subject != NULL && subject->waiting < UINT16_MAX) {
        subject->waiting++;
    }
    return true;
}

/* For those who may read what members answer. */
static lf_status tasks_count(struct ranking *r, lf_error *err)
{
    struct gw_report *report = r->report;
    const struct gw_reader *reader = report->ask->reader;
    struct gw_tasks_ask ask = {.reader = reader, .now_ms = report->ask->as_of_ms};
    return gw_policy_may(report->exchange->policy, reader->role, reader->level, PX_KIND_DISPOSITION,
                         GW_MAY_READ)
               ? gw_tasks_each(report->exchange, report->txn, &ask, on_task, r, err)
               : LF_OK;
}

static lf_status row_make(struct ranking *r, size_t at, lf_error *err)
{
    struct score score;
    LF_BUF why;
    struct gw_report *report = r->report;
    lf_status rc = score_make(report, r->page[at].subject, &score, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf__buf_init(&why, WHY_MAX);
    reasons_explain(report, &score, &why);
    rest_explain(report, &score, &why);
    if (report->ask->about.len > 0) {
        gw__cell(report, "%s", ""); /* alone it has no place among others */
    } else {
        gw__cell(report, "%llu", (unsigned long long)r->before + at + 1);
    }
    gw__cell(report, "%s", score.screened.uscc);
    gw__cell(report, "%u", score.total);
    gw__cell(report, "%u", score.platforms);
    gw__cell(report, "%u", (unsigned)r->page[at].subject->waiting);
    if (score.age_days == MARK_NONE) {
        gw__cell(report, "%s", "");
    } else {
        gw__cell(report, "%lld", (long long)score.age_days);
    }
    gw__cell_text(report, lf__buf_bytes(&why));
    gw__cell(report, "%u", table_points(report, "rank", "VERSION"));
    rc = gw__name_cell(report, lf__bytes_str(score.screened.uscc), err);
    return rc == LF_OK ? lf__buf_status(&why, err) : rc;
}

lf_status gw__report_ranking(struct gw_report *report, lf_error *err)
{
    struct ranking r = {.report = report};
    lf_status rc = gw__page_rows(report, &r.rows, err);
    r.page = rc == LF_OK ? lf__arena_array(report->arena, r.rows, sizeof *r.page) : NULL;
    if (rc == LF_OK && r.page == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    rc = rc == LF_OK ? gw__subjects(report, &r.subjects, err) : rc;
    rc = rc == LF_OK ? tasks_count(&r, err) : rc;
    rc = rc == LF_OK ? subjects_rank(&r, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < r.kept; i++) {
        rc = row_make(&r, i, err);
    }
    lf__buf_done(&r.subjects);
    return rc;
}
