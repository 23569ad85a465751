/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was taken back: who had it, when each was told, and what each has done about it. That a member was told is proven by what
 * it signed itself: its first Acknowledgement of the feed past the entry, or its answer, whichever came first.
 */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tasks_internal.h"

struct correcting {
    struct gw_report *report;
    struct gw_holders holders;
};

/* ---- rows ---- */

/* What was taken back, and by which entry. */
struct taken_back {
    const struct gw_said *by;
    struct gw_stored *what;
    uint64_t index;
    lf_bytes uscc;
    struct gw_task task; /* that it opened; kind 0: none */
};

static void told_cells(struct gw_report *report, const struct gw_ack *ack,
                       const struct gw_task_answer *answer)
{
    bool has_answered =
        answer->answer != PX_ANSWER_NONE && answer->first_ms <= report->ask->as_of_ms;
    bool by_answer = has_answered && (ack == NULL || answer->first_ms < ack->at_ms);
    if (ack == NULL && !by_answer) {
        gw__cell_text(report, LF_BYTES_NONE);
        gw__cell_text(report, LF_BYTES_NONE);
        gw__cell_text(report, LF_BYTES_NONE);
        return;
    }
    gw__cell_instant(report, by_answer ? answer->first_ms : ack->at_ms);
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
                     const struct gw_holder *holder)
{
    return t->task.kind == GW_TASK_TO_UNDO && holder->role == PX_ROLE_PLATFORM &&
           holder->enrolled < t->task.opened_by &&
           gw__task_is_for(policy, &t->what->envelope.header, lf__bytes_str(holder->id));
}

static lf_status holder_row(struct correcting *c, const struct taken_back *t,
                            const struct gw_holder *holder, lf_error *err)
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
        told_cells(report, gw__ack_of(holder, t->by->index), &answer);
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
    for (size_t i = 0; rc == LF_OK && i < c->holders.count; i++) {
        const struct gw_holder *one = &c->holders.list[i];
        bool had_it = one->enrolled < said->index && t.index < one->left;
        if (had_it && !lf__bytes_eq_str(issuer, one->id)) {
            rc = holder_row(c, &t, one, err);
        }
    }
    return rc;
}

lf_status gw__report_corrections(struct gw_report *report, lf_error *err)
{
    static const uint32_t kinds =
        LF_BIT(PX_KIND_CORRECTION) | LF_BIT(PX_KIND_LIST_REMOVAL) | LF_BIT(PX_KIND_APPEAL);
    struct correcting c = {.report = report};
    lf_status rc = gw__holders_read(report, report->ask->about, &c.holders, err);
    rc = rc == LF_OK ? gw__said_each(report, kinds, on_taken_back, &c, err) : rc;
    gw__holders_done(&c.holders);
    return rc;
}
