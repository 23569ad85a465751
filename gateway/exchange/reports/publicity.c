/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What platforms did, as the law has it made public: shop, violation, measure, within the limit of the policy, until the measure
 * ends. A notice stands as soon as its record does and nobody holds it back, and goes with it: what was lifted, corrected,
 * withdrawn, erased or restricted is shown no more. What is for some members only is no notice.
 */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/projections/standing.h"
#include "rules/calendar.h"
#include "uscc/name.h"

#include <stdlib.h>

enum { CERTAINTY_ESTABLISHED = 3, NOTICES_MAX = 1 << 20, TEXT_MAX = 1024 };
#define LATE_ONLY "LATE"

struct notice {
    uint64_t index;
    int64_t published_ms; /* 0: it waits for a relay */
    int64_t until_ms;     /* exclusive; 0: no end */
    bool is_relayed;      /* a relay has been looked at */
    bool is_appealed;
    lf_bytes issuer;
    lf_bytes uscc;
    lf_bytes shop;
    lf_bytes violation;
    lf_bytes decided_at;
    lf_bytes measures;
    lf_bytes measure_names;
};

struct publishing {
    struct gw_report *report;
    struct lf__buf list; /* of struct notice, in order of their indexes */
};

/* ---- reading ---- */

static bool is_platform(const struct publishing *p, lf_bytes member)
{
    struct gw_standing standing;
    return gw_roster_by_name(p->report->exchange->roster, member, &standing, NULL) == LF_OK &&
           standing.role == PX_ROLE_PLATFORM;
}

/* Those that the table has, by code and by name. */
static bool measures_take(const struct publishing *p, const struct px_event *event,
                          struct notice *out)
{
    LF_BUF codes;
    LF_BUF names;
    const struct lf__rules *rules = gw_policy_rules(p->report->exchange->policy);
    lf__buf_init(&codes, TEXT_MAX);
    lf__buf_init(&names, TEXT_MAX);
    for (size_t i = 0; i < event->measure_count; i++) {
        if (lf__rules_knows(rules, "publicity", event->measures[i])) {
            (void)lf__buf_str(&codes, codes.len > 0 ? ";" : "");
            (void)lf__buf_append(&codes, event->measures[i]);
            (void)lf__buf_str(&names, names.len > 0 ? "、" : "");
            (void)lf__buf_append(&names, lf__rules_text(rules, "measure", event->measures[i]));
        }
    }
    out->measures = lf__arena_copy(p->report->arena, lf__buf_bytes(&codes));
    out->measure_names = lf__arena_copy(p->report->arena, lf__buf_bytes(&names));
    return codes.len > 0;
}

/* By the name that the issuer uses, else by the registry's. */
static lf_status shop_take(const struct publishing *p, const struct px_event *event,
                           struct notice *out, lf_error *err)
{
    LF_BUF shown;
    lf_bytes name = event->name;
    lf_status rc = name.len > 0 ? LF_OK : gw__subject_name(p->report, event->uscc, &name, err);
    lf__buf_init(&shown, PX_TEXT_MAX + 8);
    if (lf__bytes_eq_str(lf__bytes_slice(event->uscc, 0, 2), "92")) {
        lf__name_mask(name, LF_BYTES_NONE, &shown); /* should the issuer not have done it */
    } else {
        (void)lf__buf_append(&shown, name);
    }
    out->shop = lf__arena_copy(p->report->arena, lf__buf_bytes(&shown));
    return rc;
}

static int64_t end_of(const struct px_event *event, const struct gw_known *known)
{
    int64_t end_ms = known->until_ms;
    (void)lf__date_start(event->measure_until, 0, 1, &end_ms); /* its last day is a whole one */
    return end_ms;
}

static lf_status notice_add(struct publishing *p, const struct gw_said *said,
                            const struct px_event *event, const struct gw_known *known,
                            lf_error *err)
{
    struct lf__arena *arena = p->report->arena;
    struct lf__life life = gw_known_life(known);
    struct notice one = {.index = said->index,
                         .published_ms = known->is_held ? 0 : said->at_ms,
                         .until_ms = end_of(event, known),
                         .is_appealed = lf__life_is_appealed(&life)};
    if (!measures_take(p, event, &one)) {
        return LF_OK;
    }
    one.issuer = lf__arena_copy(arena, said->stored->envelope.header.issuer);
    one.uscc = lf__arena_copy(arena, event->uscc);
    one.violation = lf__arena_copy(arena, event->violation);
    one.decided_at = lf__arena_copy(arena, event->decided_at);
    lf_status rc = shop_take(p, event, &one, err);
    rc = rc == LF_OK ? lf__arena_status(arena, err) : rc;
    (void)lf__buf_append(&p->list, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return rc == LF_OK ? lf__buf_status(&p->list, err) : rc;
}

static lf_status on_event(struct publishing *p, const struct gw_said *said, lf_error *err)
{
    struct gw_known known;
    const struct px_header *h = &said->stored->envelope.header;
    lf_status rc = gw_known_get(p->report->txn, said->index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    bool stands = known.state == LF__STATE_ACTIVE || known.state == LF__STATE_PENDING_RELAY ||
                  known.state == LF__STATE_QUARANTINED;
    if (!stands || h->certainty < CERTAINTY_ESTABLISHED || h->audience_count > 0 ||
        !is_platform(p, h->issuer)) {
        return LF_OK;
    }
    struct px_event *event = lf__arena_alloc(said->arena, sizeof *event);
    if (event == NULL) {
        return lf__arena_status(said->arena, err);
    }
    rc = px_event_decode(said->arena, &said->stored->envelope, event, err);
    return rc == LF_OK && event->decided_at.len > 0 && gw__in_period(p->report, event->decided_at)
               ? notice_add(p, said, event, &known, err)
               : rc;
}

static int by_index(const void *key, const void *one)
{
    uint64_t index = *(const uint64_t *)key;
    uint64_t there = ((const struct notice *)one)->index;
    return index < there ? -1 : index > there;
}

struct releasing {
    struct publishing *p;
    int64_t at_ms;
};

/* What waited stands since its first release. */
static lf_status released(void *user, const struct gw_known *known, lf_error *err)
{
    const struct releasing *r = user;
    struct lf__buf *list = &r->p->list;
    bool was_held = false;
    struct notice *one = list->len == 0 ? NULL
                                        : bsearch(&known->index, list->ptr, list->len / sizeof *one,
                                                  sizeof *one, by_index);
    if (one == NULL || one->is_relayed) {
        return LF_OK;
    }
    lf_status rc = gw__was_held(r->p->report, one->uscc, one->index, &was_held, err);
    one->is_relayed = true;
    one->published_ms = was_held && one->published_ms != 0 ? r->at_ms : one->published_ms;
    return rc;
}

static lf_status on_relay(struct publishing *p, const struct gw_said *said, lf_error *err)
{
    struct px_target target;
    struct gw_report *report = p->report;
    struct gw_known known = {.index = 0};
    struct releasing releasing = {p, said->at_ms};
    struct gw_stored *about = lf__arena_alloc(said->arena, sizeof *about);
    if (about == NULL) {
        return lf__arena_status(said->arena, err);
    }
    lf_status rc = px_target_decode(said->arena, &said->stored->envelope, &target, err);
    if (rc != LF_OK || target.decision != PX_RELAY_RELEASED) {
        return rc;
    }
    rc = gw__target_read(report->exchange, report->txn, said->arena, said->stored, about,
                         &known.index, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    struct gw_run run = {report->exchange, report->txn, &about->envelope.header, released,
                         &releasing};
    return target.last_index == 0 ? released(&releasing, &known, err)
                                  : gw__run_each(&run, known.index, target.last_index, err);
}

static lf_status on_said(void *user, const struct gw_said *said, lf_error *err)
{
    return said->stored->envelope.header.kind == PX_KIND_RELAY ? on_relay(user, said, err)
                                                               : on_event(user, said, err);
}

/* ---- telling ---- */

/* The limit runs from the day of the decision, which has no hour. */
static struct lf__due due_of(const struct gw_report *report, const struct notice *one)
{
    const struct lf__rules *rules = gw_policy_rules(report->exchange->policy);
    struct lf__term term = {1, LF__UNIT_WORKDAYS};
    (void)lf__rules_term(rules, "limit", "PUBLICITY", &term);
    return lf__calendar_due(lf__rules_calendar(rules), gw__day_ms(one->decided_at), term);
}

static const char *timing_of(const struct gw_report *report, const struct notice *one,
                             struct lf__due due)
{
    if (one->published_ms == 0) {
        return report->ask->as_of_ms >= due.at_ms ? "OVERDUE" : "WAITING";
    }
    return one->published_ms >= due.at_ms ? "LATE" : due.is_provisional ? "PROVISIONAL" : "IN_TIME";
}

/* Who supervises them is told whose they are; others are not, and each knows its own. */
static bool is_told_whose(const struct gw_report *report, const struct notice *one)
{
    const struct gw_reader *reader = report->ask->reader;
    return lf__bytes_eq(reader->member, one->issuer) ||
           gw_policy_may(report->exchange->policy, reader->role, reader->level, PX_KIND_DISPOSITION,
                         GW_MAY_READ);
}

static bool is_wanted(const struct gw_report *report, const struct notice *one, struct lf__due due)
{
    int64_t now_ms = report->ask->as_of_ms;
    if (lf__bytes_eq_str(report->ask->about, LATE_ONLY)) {
        bool is_late =
            one->published_ms == 0 ? now_ms >= due.at_ms : one->published_ms >= due.at_ms;
        return is_late && is_told_whose(report, one);
    }
    return one->published_ms != 0 && gw__day_ms(one->decided_at) <= now_ms &&
           (one->until_ms == 0 || now_ms < one->until_ms);
}

static void day_cell(struct gw_report *report, int64_t at_ms)
{
    char day[11] = "";
    if (at_ms != 0) {
        lf__date_shanghai(at_ms, day);
    }
    gw__cell(report, "%s", day);
}

static void notice_row(struct gw_report *report, const struct notice *one)
{
    struct lf__due due = due_of(report, one);
    if (!is_wanted(report, one, due)) {
        return;
    }
    gw__cell(report, "%llu", (unsigned long long)one->index);
    gw__cell_text(report, one->uscc);
    gw__cell_text(report, one->shop);
    gw__cell_text(report, one->violation);
    gw__cell_text(report, lf__rules_text(gw_policy_rules(report->exchange->policy), "violation",
                                         one->violation));
    gw__cell_text(report, one->measures);
    gw__cell_text(report, one->measure_names);
    gw__cell_text(report, one->decided_at);
    day_cell(report, due.at_ms - 1); /* the last day that is in time, */
    day_cell(report, one->published_ms);
    day_cell(report, one->until_ms == 0 ? 0 : one->until_ms - 1); /* and the last that it stands */
    gw__cell(report, "%s",
             one->published_ms == 0 ? "PENDING_RELAY"
             : one->is_appealed     ? "UNDER_APPEAL"
                                    : "ACTIVE");
    gw__cell(report, "%s", timing_of(report, one, due));
    gw__cell_text(report, is_told_whose(report, one) ? one->issuer : LF_BYTES_NONE);
}

lf_status gw__report_publicity(struct gw_report *report, lf_error *err)
{
    struct publishing p = {.report = report};
    if (report->ask->about.len > 0 && !lf__bytes_eq_str(report->ask->about, LATE_ONLY)) {
        return lf__refuse(err, LF_E_ARG, "REPORT_UNKNOWN", "about",
                          "about: of the notices, nothing or %s", LATE_ONLY);
    }
    lf__buf_init(&p.list, NOTICES_MAX * sizeof(struct notice));
    uint32_t kinds = LF_BIT(PX_KIND_ENFORCEMENT_EVENT) | LF_BIT(PX_KIND_RELAY);
    lf_status rc = gw__said_each(report, kinds, on_said, &p, err);
    const struct notice *list = (const void *)p.list.ptr;
    for (size_t i = 0; rc == LF_OK && i < p.list.len / sizeof *list; i++) {
        notice_row(report, &list[i]);
    }
    lf__buf_done(&p.list);
    return rc;
}
