/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was taken back: who had it, when each was told, and what each has done about it. That a member was told is proven by what
 * it signed itself: its first Acknowledgement of the feed past the entry, or its answer, whichever came first.
 */
#include "gateway/exchange/reports_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tasks_internal.h"

#include <stdio.h>

enum { ACKS_MAX = 1 << 20, INSTANT_SIZE = 32, DAY_MS = 86400000, SHANGHAI_MS = 28800000 };

/* A member says at `index` that it has all below `cursor`. */
struct ack {
    uint64_t cursor;
    uint64_t index;
    int64_t at_ms;
};
struct holder {
    char id[41];
    enum px_role role;
    unsigned level;
    uint64_t enrolled;
    struct lf__buf acks; /* of struct ack, each further than the one before */
};
struct correcting {
    struct gw_report *report;
    struct holder *list; /* in order of their ids */
    size_t count;
};

/* ---- members ---- */

static lf_status holder_add(void *user, const struct gw_member *member, lf_error *err)
{
    struct correcting *c = user;
    lf_bytes id = lf__bytes_str(member->id);
    lf_bytes about = c->report->ask->about;
    struct holder *one = &c->list[c->count];
    if (member->status == PX_MEMBER_RETIRED || c->count == GW_MEMBERS_MAX ||
        (about.len > 0 && !lf__bytes_eq(about, id))) {
        return LF_OK;
    }
    *one = (struct holder){.role = member->role, .level = member->level};
    (void)lf__copy_str(one->id, sizeof one->id, id);
    lf_status rc = gw__enrolled_at(c->report->txn, id, &one->enrolled, err);
    if (rc == LF_OK) {
        lf__buf_init(&one->acks, ACKS_MAX * sizeof(struct ack));
        c->count++;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* enrolled after this transaction began */
}

static lf_status holders_read(struct correcting *c, lf_error *err)
{
    c->list = lf__arena_array(c->report->arena, GW_MEMBERS_MAX, sizeof *c->list);
    return c->list == NULL
               ? lf__fail(err, LF_E_NOMEM, "report: out of memory")
               : gw_roster_each(c->report->exchange->roster, PX_ROLE_NONE, holder_add, c, err);
}

static struct holder *holder_of(struct correcting *c, lf_bytes member)
{
    for (size_t i = 0; i < c->count; i++) {
        if (lf__bytes_eq_str(member, c->list[i].id)) {
            return &c->list[i];
        }
    }
    return NULL;
}

/* ---- what they have said that they received ---- */

static const struct ack *acks_of(const struct holder *holder, size_t *count)
{
    *count = holder->acks.len / sizeof(struct ack);
    return (const void *)holder->acks.ptr;
}

static lf_status on_ack(void *user, const struct gw_said *said, lf_error *err)
{
    struct correcting *c = user;
    struct px_ack ack;
    size_t count = 0;
    struct holder *holder = holder_of(c, said->stored->envelope.header.issuer);
    if (holder == NULL || said->at_ms > c->report->ask->as_of_ms) {
        return LF_OK;
    }
    lf_status rc = px_ack_decode(said->arena, &said->stored->envelope, &ack, err);
    const struct ack *list = acks_of(holder, &count);
    if (rc != LF_OK || (count > 0 && list[count - 1].cursor >= ack.cursor)) {
        return rc;
    }
    struct ack one = {ack.cursor, said->index, said->at_ms};
    (void)lf__buf_append(&holder->acks, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return lf__buf_status(&holder->acks, err);
}

/* The first that is past the entry; NULL when there is none. */
static const struct ack *ack_of(const struct holder *holder, uint64_t index)
{
    size_t high = 0;
    size_t low = 0;
    const struct ack *list = acks_of(holder, &high);
    size_t count = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_past = list[middle].cursor > index;
        low = is_past ? low : middle + 1;
        high = is_past ? middle : high;
    }
    return low < count ? &list[low] : NULL;
}

/* ---- rows ---- */

/* What was taken back, and by which entry. */
struct taken_back {
    const struct gw_said *by;
    struct gw_stored *what;
    uint64_t index;
    lf_bytes uscc;
    struct gw_task task; /* that it opened; kind 0: none */
};

/* In Shanghai, to the second. */
static void instant_text(int64_t at_ms, char out[static INSTANT_SIZE])
{
    char day[11];
    unsigned second = (unsigned)((at_ms + SHANGHAI_MS) % DAY_MS / 1000);
    lf__date_shanghai(at_ms, day);
    (void)snprintf(out, INSTANT_SIZE, "%sT%02u:%02u:%02u+08:00", day, second / 3600,
                   second / 60 % 60, second % 60);
}

static void told_cells(struct gw_report *report, const struct ack *ack,
                       const struct gw_task_answer *answer)
{
    char instant[INSTANT_SIZE];
    bool has_answered =
        answer->answer != PX_ANSWER_NONE && answer->first_ms <= report->ask->as_of_ms;
    bool by_answer = has_answered && (ack == NULL || answer->first_ms < ack->at_ms);
    if (ack == NULL && !by_answer) {
        gw__cell_text(report, LF_BYTES_NONE);
        gw__cell_text(report, LF_BYTES_NONE);
        gw__cell_text(report, LF_BYTES_NONE);
        return;
    }
    instant_text(by_answer ? answer->first_ms : ack->at_ms, instant);
    gw__cell(report, "%s", instant);
    gw__cell(report, "%s", by_answer ? "ANSWERED" : "ACKNOWLEDGED");
    gw__cell(report, "%llu", (unsigned long long)(by_answer ? answer->index : ack->index));
}

static void answer_cells(struct gw_report *report, const struct gw_task_answer *answer)
{
    static const char *const states[] = {"",         "OPEN",   "ACTIVE_SHOP", "INVESTIGATING",
                                         "DISPUTED", "CLOSED", "MOOT"};
    static const char *const answers[] = {"",           "NO_SHOP",  "ACTIVE_SHOP",   "REMOVED",
                                          "RESTRICTED", "KEPT",     "INVESTIGATING", "DISPUTED",
                                          "UNDONE",     "NOT_USED", "ERASED"};
    LF_BUG_IF((unsigned)answer->state >= LF_COUNT(states) ||
              (unsigned)answer->answer >= LF_COUNT(answers));
    gw__cell(report, "%s", states[answer->state]);
    gw__cell(report, "%s", answers[answer->answer]);
    if (answer->answer == PX_ANSWER_NONE) {
        gw__cell_text(report, LF_BYTES_NONE);
    } else {
        gw__cell(report, "%llu", (unsigned long long)answer->index);
    }
}

static bool is_asked(const struct gw_policy *policy, const struct taken_back *t,
                     const struct holder *holder)
{
    return t->task.kind == GW_TASK_TO_UNDO && holder->role == PX_ROLE_PLATFORM &&
           holder->enrolled < t->task.opened_by &&
           gw__task_is_for(policy, &t->task, &t->what->envelope.header, lf__bytes_str(holder->id));
}

static lf_status holder_row(struct correcting *c, const struct taken_back *t,
                            const struct holder *holder, lf_error *err)
{
    unsigned classes = 0;
    struct gw_report *report = c->report;
    lf_bytes id = lf__bytes_str(holder->id);
    struct gw_task_answer answer = {.state = GW_TASK_NONE};
    struct gw_reader reader = {.member = id, .role = holder->role, .level = holder->level};
    lf_status rc =
        gw_may_read_entry(report->exchange, report->txn, &reader, t->what, t->index, &classes, err);
    if (rc != LF_OK || (classes & LF_BIT(PX_CLASS_MEMBERS)) == 0) {
        return rc; /* it never had it */
    }
    if (is_asked(report->exchange->policy, t, holder)) {
        rc = gw_task_answer_get(report->txn, t->task.index, id, &answer, err);
    }
    if (rc == LF_OK) {
        gw__cell(report, "%llu", (unsigned long long)t->by->index);
        gw__cell(report, "%llu", (unsigned long long)t->index);
        gw__cell_text(report, t->uscc);
        gw__cell(report, "%s", holder->id);
        told_cells(report, ack_of(holder, t->by->index), &answer);
        answer_cells(report, &answer);
    }
    return rc;
}

static lf_status target_read(struct gw_report *report, const struct gw_said *said,
                             struct taken_back *out, lf_error *err)
{
    struct px_subject subject;
    *out = (struct taken_back){.by = said};
    out->what = lf__arena_alloc(said->arena, sizeof *out->what);
    if (out->what == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    lf_status rc = gw__target_read(report->exchange, report->txn, said->arena, said->stored,
                                   out->what, &out->index, err);
    if (rc == LF_OK && !gw_stored_is_forgotten(out->what) &&
        px_subject_decode(said->arena, &out->what->envelope, &subject, NULL) == LF_OK) {
        out->uscc = subject.uscc;
    }
    lf_status got =
        rc == LF_OK ? gw_task_get(report->txn, said->index, &out->task, err) : LF_E_NOT_FOUND;
    return got == LF_OK || got == LF_E_NOT_FOUND ? rc : got;
}

/* An appeal takes back what it was about when it overturns it. */
static lf_status takes_back(const struct gw_said *said, bool *out, lf_error *err)
{
    struct px_appeal appeal = {.step = PX_APPEAL_OVERTURNED};
    lf_status rc = LF_OK;
    if (said->stored->envelope.header.kind == PX_KIND_APPEAL) {
        rc = px_appeal_decode(said->arena, &said->stored->envelope, &appeal, err);
    }
    *out = rc == LF_OK && appeal.step == PX_APPEAL_OVERTURNED;
    return rc;
}

static lf_status on_taken_back(void *user, const struct gw_said *said, lf_error *err)
{
    struct correcting *c = user;
    struct taken_back t;
    bool does = false;
    lf_bytes issuer = said->stored->envelope.header.issuer;
    if (!gw__instant_in_period(c->report, said->at_ms)) {
        return LF_OK;
    }
    lf_status rc = takes_back(said, &does, err);
    if (rc != LF_OK || !does) {
        return rc;
    }
    rc = target_read(c->report, said, &t, err);
    for (size_t i = 0; rc == LF_OK && i < c->count; i++) {
        bool is_its_own = lf__bytes_eq_str(issuer, c->list[i].id);
        if (!is_its_own && c->list[i].enrolled < said->index) {
            rc = holder_row(c, &t, &c->list[i], err);
        }
    }
    return rc;
}

lf_status gw__report_corrections(struct gw_report *report, lf_error *err)
{
    static const uint32_t kinds =
        LF_BIT(PX_KIND_CORRECTION) | LF_BIT(PX_KIND_LIST_REMOVAL) | LF_BIT(PX_KIND_APPEAL);
    struct correcting c = {.report = report};
    lf_status rc = holders_read(&c, err);
    rc = rc == LF_OK ? gw__said_each(report, LF_BIT(PX_KIND_ACKNOWLEDGEMENT), on_ack, &c, err) : rc;
    rc = rc == LF_OK ? gw__said_each(report, kinds, on_taken_back, &c, err) : rc;
    for (size_t i = 0; i < c.count; i++) {
        lf__buf_done(&c.list[i].acks);
    }
    return rc;
}
