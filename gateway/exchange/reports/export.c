/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All about one subject, for a regulator, or for a platform on behalf of the merchant: the records, where to appeal, who asked, and
 * who was told of which record when. That a member was told is proven by the access log's entry of what was delivered, or by what the
 * member signed itself: its Acknowledgement or its answer, whichever came first.
 * A platform gets what it may read anyway; of its own records who was told, rivals under their pseudonyms.
 */
#include "gateway/exchange/reports/export.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/projections/standing.h"
#include "gateway/exchange/tasks_internal.h"
#include "rules/calendar.h"
#include "rules/words.h"

enum { RECORDS_MAX = 1 << 16, DELIVERED_MAX = 1 << 20, DETAIL_MAX = 2048 };

/* ---- who ---- */

static bool is_regulator(const struct gw_export *x)
{
    return x->report->ask->reader->role == PX_ROLE_REGULATOR;
}

static bool is_reader(const struct gw_export *x, lf_bytes member)
{
    return lf__bytes_eq(x->report->ask->reader->member, member);
}

void gw__export_member(struct gw_export *x, lf_bytes member)
{
    struct gw_standing standing = {.role = PX_ROLE_NONE};
    char text[GW_PSEUDONYM_SIZE];
    (void)gw_roster_by_name(x->report->exchange->roster, member, &standing, NULL);
    if (is_regulator(x) || is_reader(x, member) || standing.level > 0 || member.len == 0) {
        gw__cell_text(x->report, member);
    } else {
        gw_access_pseudonym(x->report->ask->access, x->report->ask->reader->member, member, text);
        gw__cell(x->report, "%s", text);
    }
    gw__cell(x->report, "%s", lf__word_role(standing.role));
}

/* ---- records ---- */

static struct gw_exported *record_at(const struct gw_export *x, uint64_t index)
{
    size_t count = 0;
    struct gw_exported *list = gw__exported(x, &count);
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        low = list[middle].index < index ? middle + 1 : low;
        high = list[middle].index < index ? high : middle;
    }
    return low < count && list[low].index == index ? &list[low] : NULL;
}

/* ---- what a relay of a run says of the subject: its target may be another's record ---- */

struct run_look {
    struct gw_export *x;
    struct lf__buf found; /* of uint64_t */
};

static lf_status on_run(void *user, const struct gw_known *known, lf_error *err)
{
    struct run_look *look = user;
    if (record_at(look->x, known->index) != NULL) {
        (void)lf__buf_append(&look->found,
                             (lf_bytes){(const uint8_t *)&known->index, sizeof known->index});
    }
    return lf__buf_status(&look->found, err);
}

static lf_status run_records(struct gw_export *x, const struct gw_said *said,
                             const struct gw_stored *about, struct gw_exported *one, lf_error *err)
{
    struct px_target relay;
    struct gw_report *report = x->report;
    struct run_look look = {.x = x};
    struct gw_run run = {report->exchange, report->txn, &about->envelope.header, on_run, &look};
    lf_status rc = px_target_decode(said->arena, &said->stored->envelope, &relay, err);
    if (rc != LF_OK || relay.last_index == 0) {
        return rc;
    }
    lf__buf_init(&look.found, LF__RUN_MAX * sizeof(uint64_t));
    rc = gw__run_each(&run, one->target, relay.last_index, err);
    lf_bytes found = lf__arena_copy(report->arena, lf__buf_bytes(&look.found));
    size_t count = found.ptr == NULL ? 0 : found.len / sizeof(uint64_t);
    lf__buf_done(&look.found);
    if (count > 0) {
        const uint64_t *list = (const void *)found.ptr;
        one->target = list[0];
        one->others = list + 1;
        one->other_count = count - 1;
    }
    return rc;
}

/* Whether it is about the subject, itself or by what it speaks of; `one` gets the target. */
static lf_status is_meant(struct gw_export *x, const struct gw_said *said, bool *out,
                          struct gw_exported *one, lf_error *err)
{
    struct px_subject subject;
    const struct px_envelope *envelope = &said->stored->envelope;
    one->target = UINT64_MAX;
    if (!gw__speaks_of_another(envelope->header.kind)) {
        lf_status rc = px_subject_decode(said->arena, envelope, &subject, err);
        *out = rc == LF_OK && lf__bytes_eq(subject.uscc, x->uscc);
        return rc;
    }
    struct gw_stored *about = lf__arena_alloc(said->arena, sizeof *about);
    if (about == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    lf_status rc = gw__target_read(x->report->exchange, x->report->txn, said->arena, said->stored,
                                   about, &one->target, err);
    if (rc == LF_OK && envelope->header.kind == PX_KIND_RELAY) {
        rc = run_records(x, said, about, one, err);
    }
    *out = rc == LF_OK && record_at(x, one->target) != NULL;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static void detail_add(struct lf__buf *out, const char *name, lf_bytes value)
{
    if (value.len > 0) {
        (void)lf__buf_printf(out, "%s%s=", out->len > 0 ? "; " : "", name);
        (void)lf__buf_append(out, value);
    }
}

static void statement_detail(const struct gw_said *said, const struct gw_known *known,
                             struct lf__buf *out)
{
    char day[11] = "";
    struct px_event event = {.measure_count = 0};
    if (said->stored->envelope.header.kind == PX_KIND_ENFORCEMENT_EVENT) {
        (void)px_event_decode(said->arena, &said->stored->envelope, &event, NULL);
    }
    if (known->until_ms > 0) {
        lf__date_shanghai(known->until_ms, day);
    }
    detail_add(out, "violation", known->violation);
    detail_add(out, "status", known->status);
    detail_add(out, "decided_at", known->decided_at);
    for (size_t i = 0; i < event.measure_count; i++) {
        detail_add(out, "measure", event.measures[i]);
    }
    detail_add(out, "certainty", lf__bytes_str(lf__word_certainty(known->certainty)));
    detail_add(out, "until", lf__bytes_str(day));
    detail_add(out, "name", known->name);
}

/* What a word about another record says, in one word. */
static const char *word_of(const struct gw_said *said)
{
    struct px_target target = {.decision = 0};
    struct px_appeal appeal = {.step = 0};
    struct px_disposition answer = {.answer = 0};
    const struct px_envelope *envelope = &said->stored->envelope;
    enum px_kind kind = envelope->header.kind;
    if (kind == PX_KIND_APPEAL) {
        (void)px_appeal_decode(said->arena, envelope, &appeal, NULL);
    } else if (kind == PX_KIND_DISPOSITION) {
        (void)px_disposition_decode(said->arena, envelope, &answer, NULL);
    } else if (kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION) {
        (void)px_target_decode(said->arena, envelope, &target, NULL);
    }
    return kind == PX_KIND_APPEAL        ? lf__word_step(appeal.step)
           : kind == PX_KIND_DISPOSITION ? lf__word_answer((unsigned)answer.answer)
           : kind == PX_KIND_RELAY       ? lf__word_relay(target.decision)
                                         : lf__word_correction(target.decision);
}

static void about_detail(const struct gw_exported *one, struct lf__buf *out)
{
    (void)lf__buf_printf(out, "about=%llu", (unsigned long long)one->target);
    for (size_t i = 0; i < one->other_count; i++) {
        (void)lf__buf_printf(out, " %llu", (unsigned long long)one->others[i]);
    }
}

static void record_row(struct gw_export *x, const struct gw_said *said,
                       const struct gw_exported *one)
{
    LF_BUF detail;
    struct gw_known known;
    struct gw_report *report = x->report;
    const struct px_header *header = &said->stored->envelope.header;
    bool has_state = gw_known_get(report->txn, said->index, &known, NULL) == LF_OK;
    lf__buf_init(&detail, DETAIL_MAX + one->other_count * 21);
    if (has_state) {
        statement_detail(said, &known, &detail);
    } else if (one->target != UINT64_MAX) {
        about_detail(one, &detail);
    }
    gw__cell(report, "RECORD");
    gw__cell(report, "%llu", (unsigned long long)said->index);
    gw__cell_instant(report, said->at_ms);
    gw__export_member(x, header->issuer);
    gw__cell(report, "%s", lf__word_kind(header->kind));
    gw__cell(report, "%s",
             has_state ? lf__word_state(gw_known_told(&known, report->ask->as_of_ms))
                       : word_of(said));
    gw__cell(report, "%s", lf__word_basis(header->legal_basis));
    gw__cell(report, "ledger:%llu", (unsigned long long)said->index);
    gw__cell_text(report, lf__buf_bytes(&detail));
}

static lf_status too_many(lf_error *err)
{
    return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "about",
                      "subject: more records than an answer holds; name a shorter period");
}

static lf_status on_said(void *user, const struct gw_said *said, lf_error *err)
{
    struct gw_export *x = user;
    bool meant = false;
    struct gw_exported one = {.index = said->index,
                              .at_ms = said->at_ms,
                              .kind = said->stored->envelope.header.kind,
                              .shown_by = said->index,
                              .shown_ms = said->at_ms};
    lf_status rc =
        said->at_ms > x->report->ask->as_of_ms ? LF_OK : is_meant(x, said, &meant, &one, err);
    if (rc != LF_OK || !meant) {
        return rc;
    }
    one.issuer = lf__arena_copy(x->report->arena, said->stored->envelope.header.issuer);
    if (!lf__buf_append(&x->records, (lf_bytes){(const uint8_t *)&one, sizeof one}) ||
        x->report->failed) {
        return too_many(err);
    }
    if (gw__instant_in_period(x->report, said->at_ms)) {
        record_row(x, said, &one);
    }
    return LF_OK;
}

/* ---- from when on others could see it ---- */

/* A task is opened when nobody holds its record back any more. */
static lf_status shown_find(struct gw_export *x, struct gw_exported *one, lf_error *err)
{
    bool was_held = false;
    struct gw_known known;
    struct gw_task task;
    const struct gw_exported *about = record_at(x, one->target);
    if (about != NULL && about->shown_by > one->shown_by) {
        one->shown_by = about->shown_by;
        one->shown_ms = about->shown_ms;
    }
    if (one->kind != PX_KIND_ENFORCEMENT_EVENT) {
        return LF_OK;
    }
    lf_status rc = gw_task_get(x->report->txn, one->index, &task, err);
    if (rc == LF_OK) {
        one->shown_by = task.opened_by;
        one->shown_ms = task.opened_ms;
    }
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    rc = gw_known_get(x->report->txn, one->index, &known, err);
    if (rc == LF_OK && known.has_changed) {
        rc = gw__was_held(x->report, x->uscc, one->index, &was_held, err);
    }
    one->shown_by = rc == LF_OK && (was_held || known.is_held) ? UINT64_MAX : one->shown_by;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static void released_note(struct gw_export *x, const struct gw_exported *relay, uint64_t index)
{
    struct gw_exported *about = record_at(x, index);
    if (about != NULL && about->shown_by == UINT64_MAX) {
        about->shown_by = relay->index;
        about->shown_ms = relay->at_ms;
    }
}

/* What opened no task was released by the first relay that names it. */
static lf_status all_shown_find(struct gw_export *x, lf_error *err)
{
    size_t count = 0;
    lf_status rc = LF_OK;
    struct gw_exported *list = gw__exported(x, &count);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        if (list[i].kind == PX_KIND_RELAY) {
            released_note(x, &list[i], list[i].target);
            for (size_t j = 0; j < list[i].other_count; j++) {
                released_note(x, &list[i], list[i].others[j]);
            }
        }
        rc = shown_find(x, &list[i], err);
    }
    return rc;
}

/* ---- where to appeal ---- */

static void channel_row(struct gw_export *x, const struct gw_exported *one,
                        const struct gw_known *known, lf_bytes member, const char *why)
{
    struct gw_report *report = x->report;
    const struct lf__rules *rules = report->exchange->rules;
    struct lf__term file = {.number = 0};
    struct lf__term decide = {.number = 0};
    char day[11];
    (void)lf__rules_term(rules, "limit", "APPEAL_FILE", &file);
    (void)lf__rules_term(rules, "limit", "APPEAL_DECIDE", &decide);
    struct lf__due due = lf__calendar_due(lf__rules_calendar(rules), one->shown_ms, file);
    lf__date_shanghai(due.at_ms - 1, day);
    gw__cell(report, "APPEAL");
    gw__cell(report, "%llu", (unsigned long long)one->index);
    gw__cell(report, "%s", day);
    gw__export_member(x, member);
    gw__cell(report, "%s", why);
    gw__cell(report, "%s", lf__word_step(known->appeal));
    gw__cell_text(report, LF_BYTES_NONE);
    gw__cell(report, "ledger:%llu", (unsigned long long)one->index);
    gw__cell(report, "decide_within=%llu %s", (unsigned long long)decide.number,
             decide.unit == LF__UNIT_WORKDAYS ? "WORKDAYS" : "DAYS");
}

/* A member that takes no appeal any more. */
static bool has_left(const struct gw_export *x, lf_bytes member)
{
    for (size_t i = 0; i < x->holders.count; i++) {
        if (lf__bytes_eq_str(member, x->holders.list[i].id)) {
            return x->holders.list[i].left != UINT64_MAX;
        }
    }
    return false;
}

/* Its issuer, and who closed or restricted a shop because of it, as far as the reader may read answers to it; and regulators. */
static lf_status channels_of(struct gw_export *x, const struct gw_exported *one, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(x->report->txn, one->index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    bool is_live = known.state == LF__STATE_ACTIVE || known.state == LF__STATE_PENDING_RELAY ||
                   known.state == LF__STATE_QUARANTINED;
    if (!is_live || !gw__instant_in_period(x->report, one->at_ms)) {
        return LF_OK;
    }
    if (!has_left(x, one->issuer)) {
        channel_row(x, one, &known, one->issuer, "ISSUER");
    }
    for (size_t i = 0; rc == LF_OK && i < x->holders.count; i++) {
        bool acted = false;
        lf_bytes id = lf__bytes_str(x->holders.list[i].id);
        rc = gw__has_acted(x->report->txn, one->index, id, &acted, err);
        bool is_told = is_regulator(x) || is_reader(x, id) || is_reader(x, one->issuer);
        if (rc == LF_OK && acted && is_told && x->holders.list[i].left == UINT64_MAX) {
            channel_row(x, one, &known, id, "ACTED");
        }
    }
    for (size_t i = 0; rc == LF_OK && i < x->holders.count; i++) {
        if (x->holders.list[i].role == PX_ROLE_REGULATOR && x->holders.list[i].left == UINT64_MAX &&
            !lf__bytes_eq_str(one->issuer, x->holders.list[i].id)) {
            channel_row(x, one, &known, lf__bytes_str(x->holders.list[i].id), "REGULATOR");
        }
    }
    return rc;
}

static lf_status channels(struct gw_export *x, lf_error *err)
{
    size_t count = 0;
    lf_status rc = LF_OK;
    const struct gw_exported *list = gw__exported(x, &count);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        bool may_appeal =
            list[i].kind == PX_KIND_ENFORCEMENT_EVENT || list[i].kind == PX_KIND_CREDIT_LIST_ENTRY;
        rc = may_appeal ? channels_of(x, &list[i], err) : LF_OK;
        rc = rc == LF_OK && x->report->failed ? too_many(err) : rc;
    }
    return rc;
}

/* ---- who was told ---- */

/* What proves it, whichever came first; `what` NULL: nothing does. */
struct proof {
    const char *what;
    const char *log;
    int64_t at_ms;
    uint64_t entry;
};

static void proof_take(struct proof *best, struct proof other)
{
    if (best->what == NULL || other.at_ms < best->at_ms) {
        *best = other;
    }
}

static lf_status recipient_row(struct gw_export *x, const struct gw_exported *one, size_t record,
                               size_t holder, lf_error *err)
{
    struct gw_report *report = x->report;
    const struct gw_holder *who = &x->holders.list[holder];
    const struct gw_delivered *delivered = &x->delivered[record * x->holders.count + holder];
    struct proof best = {.what = NULL};
    struct gw_task_answer answer;
    uint64_t seen_by = who->role == PX_ROLE_REGULATOR ? one->index : one->shown_by;
    lf_bytes id = lf__bytes_str(who->id);
    lf_status rc = gw_task_answer_get(report->txn, one->index, id, &answer, err);
    const struct gw_ack *ack = seen_by == UINT64_MAX ? NULL : gw__ack_of(who, seen_by);
    bool tells_answer = is_regulator(x) || is_reader(x, id) || is_reader(x, one->issuer);
    if (rc == LF_OK && delivered->entry != UINT64_MAX) {
        proof_take(&best,
                   (struct proof){"DELIVERED", "access", delivered->at_ms, delivered->entry});
    }
    if (rc == LF_OK && ack != NULL) {
        proof_take(&best, (struct proof){"ACKNOWLEDGED", "ledger", ack->at_ms, ack->index});
    }
    if (rc == LF_OK && answer.answer != PX_ANSWER_NONE && tells_answer &&
        answer.first_ms <= report->ask->as_of_ms) {
        proof_take(&best, (struct proof){"ANSWERED", "ledger", answer.first_ms, answer.index});
    }
    if (rc != LF_OK || best.what == NULL) {
        return rc;
    }
    gw__cell(report, "RECIPIENT");
    gw__cell(report, "%llu", (unsigned long long)one->index);
    gw__cell_instant(report, best.at_ms);
    gw__export_member(x, id);
    gw__cell(report, "%s", best.what);
    gw__cell(report, "%s", tells_answer ? lf__word_answer((unsigned)answer.answer) : "");
    gw__cell_text(report, LF_BYTES_NONE);
    gw__cell(report, "%s:%llu", best.log, (unsigned long long)best.entry);
    gw__cell_text(report, LF_BYTES_NONE);
    return LF_OK;
}

static lf_status recipients_of(struct gw_export *x, const struct gw_exported *one, size_t record,
                               lf_error *err)
{
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    struct gw_stored *stored = lf__arena_alloc(&arena, sizeof *stored);
    if (stored == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    lf_status rc =
        gw__stored_read(x->report->exchange, x->report->txn, &arena, one->index, stored, err);
    for (size_t i = 0; rc == LF_OK && i < x->holders.count; i++) {
        unsigned classes = 0;
        const struct gw_holder *who = &x->holders.list[i];
        lf_bytes id = lf__bytes_str(who->id);
        struct gw_reader reader = {.member = id, .role = who->role, .level = who->level};
        bool is_told = is_regulator(x) || is_reader(x, one->issuer) || is_reader(x, id);
        if (!is_told || lf__bytes_eq(one->issuer, id)) {
            continue;
        }
        rc = gw_may_read_entry(x->report->exchange, x->report->txn, &reader, stored, one->index,
                               &classes, err);
        rc = rc == LF_OK && (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0
                 ? recipient_row(x, one, record, i, err)
                 : rc;
    }
    return rc;
}

static lf_status recipients(struct gw_export *x, lf_error *err)
{
    size_t count = 0;
    lf_status rc = LF_OK;
    const struct gw_exported *list = gw__exported(x, &count);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        if (gw__instant_in_period(x->report, list[i].at_ms)) {
            rc = recipients_of(x, &list[i], i, err);
            rc = rc == LF_OK && x->report->failed ? too_many(err) : rc;
        }
    }
    return rc;
}

/* ---- all of it ---- */

/* Acknowledgements are for regulators to read: what a platform is told of them is decided above. */
static lf_status holders_read(struct gw_export *x, lf_error *err)
{
    struct gw_reader whole = {.role = PX_ROLE_REGULATOR, .level = 1};
    struct gw_report_ask ask = *x->report->ask;
    struct gw_report report = *x->report;
    ask.reader = &whole;
    report.ask = &ask;
    lf_status rc = gw__holders_read(&report, LF_BYTES_NONE, &x->holders, err);
    x->holders.report = x->report;
    return rc;
}

static lf_status delivered_begin(struct gw_export *x, lf_error *err)
{
    size_t count = 0;
    (void)gw__exported(x, &count);
    size_t cells = count * x->holders.count;
    if (count > 0 && cells / count == x->holders.count && cells <= DELIVERED_MAX) {
        x->delivered = lf__arena_array(x->report->arena, cells, sizeof *x->delivered);
    } else if (count > 0) {
        return too_many(err);
    }
    if (count > 0 && x->delivered == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    for (size_t i = 0; i < cells; i++) {
        x->delivered[i] = (struct gw_delivered){0, UINT64_MAX};
    }
    return LF_OK;
}

lf_status gw__report_subject(struct gw_report *report, lf_error *err)
{
    uint32_t all = ~(LF_BIT(PX_KIND_ACKNOWLEDGEMENT) | LF_BIT(PX_KIND_GENESIS) |
                     LF_BIT(PX_KIND_MEMBER) | LF_BIT(PX_KIND_POLICY));
    struct gw_screened screened;
    struct gw_export x = {.report = report};
    LF_BUG_IF(report->ask->access == NULL);
    lf_status rc = gw__subject_screen(report, report->ask->about, &screened, err);
    if (rc != LF_OK) {
        return rc;
    }
    x.uscc = lf__bytes_str(screened.uscc);
    lf__buf_init(&x.records, RECORDS_MAX * sizeof(struct gw_exported));
    rc = holders_read(&x, err);
    rc = rc == LF_OK ? gw__said_each(report, all, on_said, &x, err) : rc;
    rc = rc == LF_OK ? all_shown_find(&x, err) : rc;
    rc = rc == LF_OK ? delivered_begin(&x, err) : rc;
    rc = rc == LF_OK ? channels(&x, err) : rc;
    rc = rc == LF_OK ? gw__export_access(&x, err) : rc;
    rc = rc == LF_OK ? recipients(&x, err) : rc;
    gw__holders_done(&x.holders);
    lf__buf_done(&x.records);
    return rc;
}
