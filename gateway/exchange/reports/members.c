/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes part, and how: contributed, answered, overruled, attested. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/access/access.h"
#include "gateway/exchange/projections/standing.h"
#include "gateway/exchange/tables.h"
#include "rules/calendar.h"

#include <stdlib.h>
#include <string.h>

enum { LAGS_MAX = 1 << 20, OVERTURNED_MAX = 1 << 20 };

struct part {
    unsigned contributed;
    unsigned overturned;
    unsigned asked;
    unsigned answered;
    struct lf__buf lags; /* of int64_t, ms */
    unsigned overrides;
    unsigned of_deny;
    uint64_t subjects; /* asked about, for onboarding */
    uint64_t attested; /* index of the attestation, or 0 */
};
struct parting {
    struct gw_report *report;
    struct gw_platforms platforms;
    struct part *list;
    struct lf__buf overturned; /* of uint64_t: events that turned out to be wrong */
};

static lf_status parts_open(struct gw_report *report, struct parting *p, lf_error *err)
{
    *p = (struct parting){.report = report};
    lf__buf_init(&p->overturned, OVERTURNED_MAX * sizeof(uint64_t));
    lf_status rc = gw__platforms(report, &p->platforms, err);
    p->list = rc == LF_OK ? lf__arena_array(report->arena, p->platforms.count + 1, sizeof *p->list)
                          : NULL;
    if (rc == LF_OK && p->list == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    for (size_t i = 0; rc == LF_OK && i < p->platforms.count; i++) {
        lf__buf_init(&p->list[i].lags, LAGS_MAX * sizeof(int64_t));
    }
    return rc;
}

static void parts_close(struct parting *p)
{
    lf__buf_done(&p->overturned);
    for (size_t i = 0; p->list != NULL && i < p->platforms.count; i++) {
        lf__buf_done(&p->list[i].lags);
    }
}

static struct part *part_of(struct parting *p, lf_bytes member)
{
    size_t at = gw__platform_at(&p->platforms, member);
    return at == SIZE_MAX ? NULL : &p->list[at];
}

/* ---- participation ---- */

/* A new version of an event is the same case once more. */
static lf_status on_event(struct parting *p, const struct gw_said *said, lf_error *err)
{
    struct px_event event;
    struct part *part = part_of(p, said->stored->envelope.header.issuer);
    lf_status rc = px_event_decode(said->arena, &said->stored->envelope, &event, err);
    if (rc == LF_OK && part != NULL && said->stored->envelope.header.predecessor.len == 0 &&
        gw__in_period(p->report, event.decided_at)) {
        part->contributed++;
    }
    return rc;
}

/* What says that an event was wrong: not that it was repaired since, withdrawn, or said in a new version. */
static lf_status overturns(const struct gw_said *said, bool *out, lf_error *err)
{
    const struct px_envelope *envelope = &said->stored->envelope;
    struct px_appeal appeal = {.step = PX_APPEAL_NONE};
    struct px_target target = {.decision = PX_CORRECTION_NONE};
    bool is_appeal = envelope->header.kind == PX_KIND_APPEAL;
    lf_status rc = is_appeal ? px_appeal_decode(said->arena, envelope, &appeal, err)
                             : px_target_decode(said->arena, envelope, &target, err);
    *out = is_appeal ? appeal.step == PX_APPEAL_OVERTURNED
                     : target.decision != PX_CORRECTION_NONE &&
                           target.decision != PX_CORRECTION_REPAIRED &&
                           target.decision != PX_CORRECTION_WITHDRAWN;
    return rc;
}

/* An event may be overturned by more than one word, and counts once. */
static lf_status on_overturned(struct parting *p, const struct gw_said *said, lf_error *err)
{
    bool does = false;
    uint64_t index = 0;
    struct gw_stored *about = lf__arena_alloc(said->arena, sizeof *about);
    if (about == NULL) {
        return lf__arena_status(said->arena, err);
    }
    lf_status rc = overturns(said, &does, err);
    if (rc != LF_OK || !does) {
        return rc;
    }
    rc = gw__target_read(p->report->exchange, p->report->txn, said->arena, said->stored, about,
                         &index, err);
    if (rc != LF_OK || about->envelope.header.kind != PX_KIND_ENFORCEMENT_EVENT) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    (void)lf__buf_append(&p->overturned, (lf_bytes){(const uint8_t *)&index, sizeof index});
    return lf__buf_status(&p->overturned, err);
}

static lf_status on_word(void *user, const struct gw_said *said, lf_error *err)
{
    return said->stored->envelope.header.kind == PX_KIND_ENFORCEMENT_EVENT
               ? on_event(user, said, err)
               : on_overturned(user, said, err);
}

static int by_index(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static lf_status overturned_count(struct parting *p, lf_error *err)
{
    uint64_t *list = (void *)p->overturned.ptr;
    size_t count = p->overturned.len / sizeof *list;
    if (count > 0) {
        qsort(list, count, sizeof *list, by_index);
    }
    for (size_t i = 0; i < count; i++) {
        struct gw_known known;
        lf_status rc = i > 0 && list[i] == list[i - 1]
                           ? LF_E_NOT_FOUND
                           : gw_known_get(p->report->txn, list[i], &known, err);
        struct part *part = rc == LF_OK ? part_of(p, known.issuer) : NULL;
        if (part != NULL && gw__in_period(p->report, known.decided_at)) {
            part->overturned++;
        }
        if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
            return rc;
        }
    }
    return LF_OK;
}

static bool on_task(void *user, const struct gw_task_view *v)
{
    struct parting *p = user;
    struct part *part = part_of(p, v->member);
    if (part == NULL || !gw__in_period(p->report, v->decided_at)) {
        return true;
    }
    part->asked++;
    if (v->answer.answer != PX_ANSWER_NONE) {
        int64_t lag = v->answer.first_ms - v->task.opened_ms;
        part->answered++;
        (void)lf__buf_append(&part->lags, (lf_bytes){(const uint8_t *)&lag, sizeof lag});
    }
    return !part->lags.failed;
}

static void participation_row(struct parting *p, const char *member, const struct part *part)
{
    int64_t median;
    int64_t p95;
    gw__median((void *)part->lags.ptr, part->lags.len / sizeof(int64_t), &median, &p95);
    gw__cell(p->report, "%s", member);
    gw__cell(p->report, "%u", part->contributed);
    gw__cell(p->report, "%u", part->overturned);
    gw__cell(p->report, "%u", part->asked);
    gw__cell(p->report, "%u", part->answered);
    gw__cell(p->report, "%.2f", (double)median / 3600000.0);
}

static void part_add(struct part *all, const struct part *one)
{
    all->contributed += one->contributed;
    all->overturned += one->overturned;
    all->asked += one->asked;
    all->answered += one->answered;
    (void)lf__buf_append(&all->lags, lf__buf_bytes(&one->lags));
}

/* A row a member, then that of the sums. Who has left is silent no more; what it contributed stays. */
static lf_status participation_rows(struct parting *p, lf_error *err)
{
    size_t silent = 0;
    size_t members = 0;
    size_t reporters = 0;
    struct part all = {.contributed = 0};
    lf_status rc = LF_OK;
    lf__buf_init(&all.lags, (p->platforms.count + 1) * LAGS_MAX * sizeof(int64_t));
    for (size_t i = 0; rc == LF_OK && i < p->platforms.count; i++) {
        const struct part *part = &p->list[i];
        bool has_left = p->platforms.have_left[i];
        bool is_silent = part->contributed == 0;
        if (has_left && is_silent) {
            continue;
        }
        participation_row(p, p->platforms.ids[i], part);
        gw__cell(p->report, "%s", has_left ? "RETIRED" : is_silent ? "SILENT" : "");
        gw__cell(p->report, "%s", "");
        gw__cell(p->report, "%s", "");
        members += has_left ? 0 : 1;
        silent += is_silent ? 1 : 0;
        reporters += has_left || is_silent ? 0 : 1;
        rc = lf__buf_status(&part->lags, err);
        part_add(&all, part);
    }
    participation_row(p, "TOTAL", &all);
    gw__cell(p->report, "%zu", silent);
    gw__cell(p->report, "%zu", members);
    gw__cell(p->report, "%zu", reporters);
    lf__buf_done(&all.lags);
    return rc;
}

lf_status gw__report_participation(struct gw_report *report, lf_error *err)
{
    struct parting p;
    uint32_t kinds =
        LF_BIT(PX_KIND_ENFORCEMENT_EVENT) | LF_BIT(PX_KIND_CORRECTION) | LF_BIT(PX_KIND_APPEAL);
    struct gw_tasks_ask ask = {.reader = report->ask->reader, .now_ms = report->ask->as_of_ms};
    lf_status rc = parts_open(report, &p, err);
    rc = rc == LF_OK ? gw__said_each(report, kinds, on_word, &p, err) : rc;
    rc = rc == LF_OK ? overturned_count(&p, err) : rc;
    rc = rc == LF_OK ? gw_tasks_each(report->exchange, report->txn, &ask, on_task, &p, err) : rc;
    rc = rc == LF_OK ? participation_rows(&p, err) : rc;
    parts_close(&p);
    return rc;
}

/* ---- overrides ---- */

static lf_status on_override(void *user, const struct gw_said *said, lf_error *err)
{
    struct parting *p = user;
    struct px_override override;
    struct part *part = part_of(p, said->stored->envelope.header.issuer);
    lf_status rc = px_override_decode(said->arena, &said->stored->envelope, &override, err);
    if (rc == LF_OK && part != NULL && gw__instant_in_period(p->report, said->at_ms)) {
        part->overrides++;
        part->of_deny += lf__bytes_eq_str(override.advice, "DENY") ? 1 : 0;
    }
    return rc;
}

static void on_count(void *user, const struct gw_access_count *count)
{
    struct parting *p = user;
    struct part *part = part_of(p, lf__bytes_str(count->member));
    if (part != NULL && strcmp(count->purpose, "ONBOARDING") == 0 &&
        gw__in_period(p->report, lf__bytes_str(count->day))) {
        part->subjects += count->subjects;
    }
}

lf_status gw__report_overrides(struct gw_report *report, lf_error *err)
{
    struct parting p;
    lf_status rc = parts_open(report, &p, err);
    rc = rc == LF_OK ? gw__said_each(report, LF_BIT(PX_KIND_OVERRIDE), on_override, &p, err) : rc;
    rc = rc == LF_OK
             ? gw_access_meter_each(report->exchange->engine, GW_TABLE_METER, on_count, &p, err)
             : rc;
    for (size_t i = 0; rc == LF_OK && i < p.platforms.count; i++) {
        const struct part *part = &p.list[i];
        if (part->overrides == 0 && part->subjects == 0) {
            continue;
        }
        gw__cell(report, "%s", p.platforms.ids[i]);
        gw__cell(report, "%u", part->overrides);
        gw__cell(report, "%u", part->of_deny);
        gw__cell(report, "%llu", (unsigned long long)part->subjects);
        gw__cell(report, "%.2f",
                 part->subjects == 0 ? 0.0 : 1000.0 * part->overrides / (double)part->subjects);
    }
    parts_close(&p);
    return rc;
}

/* ---- attestations ---- */

static lf_status on_attestation(void *user, const struct gw_said *said, lf_error *err)
{
    struct parting *p = user;
    struct px_attestation attestation;
    struct part *part = part_of(p, said->stored->envelope.header.issuer);
    lf_status rc = px_attestation_decode(said->arena, &said->stored->envelope, &attestation, err);
    if (rc == LF_OK && part != NULL && said->at_ms <= p->report->ask->as_of_ms &&
        lf__bytes_eq(attestation.period, p->report->ask->about)) {
        part->attested = said->index;
    }
    return rc;
}

/* 2026-Q1 ends with 2026-03-31. */
static bool period_end(lf_bytes period, char out[static 11])
{
    static const char *const ends[] = {"-03-31", "-06-30", "-09-30", "-12-31"};
    if (period.len != 7 || period.ptr[4] != '-' || period.ptr[5] != 'Q' || period.ptr[6] < '1' ||
        period.ptr[6] > '4') {
        return false;
    }
    lf__copy((uint8_t *)out, period.ptr, 4);
    lf__copy((uint8_t *)out + 4, (const uint8_t *)ends[period.ptr[6] - '1'], 7);
    return lf__date_is_valid(lf__bytes_str(out));
}

static const char *attestation_state(const struct parting *p, size_t i, struct lf__due due)
{
    return p->list[i].attested != 0                ? "FILED"
           : p->platforms.have_left[i]             ? "RETIRED"
           : p->report->ask->as_of_ms >= due.at_ms ? "ATTESTATION_MISSING"
                                                   : "DUE";
}

lf_status gw__report_attestations(struct gw_report *report, lf_error *err)
{
    struct parting p;
    char last[11];
    struct lf__term term = {15, LF__UNIT_DAYS};
    if (!period_end(report->ask->about, last)) {
        return lf__refuse(err, LF_E_ARG, "PERIOD_INVALID", "about", "about: a period as 2026-Q1");
    }
    (void)lf__rules_term(report->exchange->rules, "limit", "ATTESTATION", &term);
    struct lf__due due = lf__calendar_due(lf__rules_calendar(report->exchange->rules),
                                          gw__day_ms(lf__bytes_str(last)), term);
    lf_status rc = parts_open(report, &p, err);
    rc = rc == LF_OK ? gw__said_each(report, LF_BIT(PX_KIND_ATTESTATION), on_attestation, &p, err)
                     : rc;
    for (size_t i = 0; rc == LF_OK && i < p.platforms.count; i++) {
        gw__cell(report, "%s", p.platforms.ids[i]);
        gw__cell_text(report, report->ask->about);
        gw__cell(report, "%s", attestation_state(&p, i, due));
        gw__cell_index(report, p.list[i].attested);
    }
    parts_close(&p);
    return rc;
}
