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

#include <string.h>

enum { LAGS_MAX = 1 << 16 };

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
};

static lf_status parts_open(struct gw_report *report, struct parting *p, lf_error *err)
{
    *p = (struct parting){.report = report};
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

static lf_status on_event(void *user, const struct gw_said *said, lf_error *err)
{
    struct parting *p = user;
    struct px_event event;
    struct gw_known known;
    struct part *part = part_of(p, said->stored->envelope.header.issuer);
    lf_status rc = px_event_decode(said->arena, &said->stored->envelope, &event, err);
    if (rc != LF_OK || part == NULL || !gw__in_period(p->report, event.decided_at)) {
        return rc;
    }
    part->contributed++;
    rc = gw_known_get(p->report->txn, said->index, &known, err);
    if (rc == LF_OK) {
        part->overturned += known.state == LF__STATE_CORRECTED ? 1 : 0;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
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
    return true;
}

static void participation_row(struct parting *p, size_t i)
{
    int64_t median;
    int64_t p95;
    struct part *part = &p->list[i];
    gw__median((void *)part->lags.ptr, part->lags.len / sizeof(int64_t), &median, &p95);
    gw__cell(p->report, "%s", p->platforms.ids[i]);
    gw__cell(p->report, "%u", part->contributed);
    gw__cell(p->report, "%u", part->overturned);
    gw__cell(p->report, "%u", part->asked);
    gw__cell(p->report, "%u", part->answered);
    gw__cell(p->report, "%.2f", (double)median / 3600000.0);
    gw__cell(p->report, "%s", part->contributed == 0 ? "SILENT" : "");
}

lf_status gw__report_participation(struct gw_report *report, lf_error *err)
{
    struct parting p;
    struct gw_tasks_ask ask = {.reader = report->ask->reader, .now_ms = report->ask->as_of_ms};
    size_t reporters = 0;
    unsigned events = 0;
    lf_status rc = parts_open(report, &p, err);
    rc = rc == LF_OK ? gw__said_each(report, LF_BIT(PX_KIND_ENFORCEMENT_EVENT), on_event, &p, err)
                     : rc;
    rc = rc == LF_OK ? gw_tasks_each(report->exchange, report->txn, &ask, on_task, &p, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < p.platforms.count; i++) {
        participation_row(&p, i);
        reporters += p.list[i].contributed > 0 ? 1 : 0;
        events += p.list[i].contributed;
    }
    gw__cell(report, "members=%zu reporters=%zu", p.platforms.count, reporters);
    gw__cell(report, "%u", events);
    for (size_t c = 2; c < report->columns; c++) {
        gw__cell(report, "%s", "");
    }
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

/* Entry 0 is the genesis: no index. */
static void index_cell(struct gw_report *report, uint64_t index)
{
    if (index == 0) {
        gw__cell_text(report, LF_BYTES_NONE);
    } else {
        gw__cell(report, "%llu", (unsigned long long)index);
    }
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
        uint64_t index = p.list[i].attested;
        gw__cell(report, "%s", p.platforms.ids[i]);
        gw__cell_text(report, report->ask->about);
        gw__cell(report, "%s",
                 index != 0                           ? "FILED"
                 : report->ask->as_of_ms >= due.at_ms ? "ATTESTATION_MISSING"
                                                      : "DUE");
        index_cell(report, index);
    }
    parts_close(&p);
    return rc;
}
