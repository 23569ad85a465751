/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks for a reader: the roster beside what is stored, and time beside both. */
#include "gateway/exchange/tasks_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "rules/calendar.h"

enum { NOTICES_MAX = 256 };

/* A member, and where it was enrolled. */
struct asked {
    char id[41];
    enum px_role role;
    unsigned level;
    uint64_t enrolled;
};

struct reading {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    const struct gw_tasks_ask *ask;
    bool (*each)(void *user, const struct gw_task_view *view);
    void *user;
    bool sees_all;         /* not only what is asked of the reader itself */
    struct asked *members; /* in order of their ids */
    size_t member_count;
};

static lf_status member_add(void *user, const struct gw_member *member, lf_error *err)
{
    struct reading *r = user;
    lf_bytes id = lf__bytes_str(member->id);
    struct asked *one = &r->members[r->member_count];
    bool is_wanted = (r->sees_all || lf__bytes_eq(id, r->ask->reader->member)) &&
                     (r->ask->member.len == 0 || lf__bytes_eq(id, r->ask->member));
    if (!is_wanted || member->status == PX_MEMBER_RETIRED || r->member_count == GW_MEMBERS_MAX) {
        return LF_OK;
    }
    *one = (struct asked){.role = member->role, .level = member->level};
    (void)lf__copy_str(one->id, sizeof one->id, id);
    lf_status rc = gw__enrolled_at(r->txn, id, &one->enrolled, err);
    r->member_count += rc == LF_OK ? 1 : 0;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* enrolled after this transaction began */
}

/* Whoever may read what members answer sees all of them; others what is asked of themselves. */
static lf_status members_read(struct reading *r, struct lf__arena *arena, lf_error *err)
{
    const struct gw_reader *reader = r->ask->reader;
    r->sees_all = gw_policy_may(r->exchange->policy, reader->role, reader->level,
                                PX_KIND_DISPOSITION, GW_MAY_READ);
    r->members = lf__arena_array(arena, GW_MEMBERS_MAX, sizeof *r->members);
    return r->members == NULL
               ? lf__fail(err, LF_E_NOMEM, "tasks: out of memory")
               : gw_roster_each(r->exchange->roster, PX_ROLE_NONE, member_add, r, err);
}

/* One task as read, for all who have it. */
struct task_read {
    struct gw_stored *record; /* that opened it */
    struct gw_stored *cause;
    struct px_notice notices[NOTICES_MAX];
    size_t notice_count;
    struct gw_task_view view;
};

static lf_status notices_read(struct reading *r, struct lf__arena *arena, struct task_read *t,
                              lf_error *err)
{
    struct gw_task_notice rows[NOTICES_MAX];
    size_t count = 0;
    lf_status rc = gw_task_notices(r->txn, t->view.task.index, rows, NOTICES_MAX, &count, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        struct gw_stored *stored = lf__arena_alloc(arena, sizeof *stored);
        if (stored == NULL) {
            return lf__fail(err, LF_E_NOMEM, "tasks: out of memory");
        }
        rc = gw__stored_read(r->exchange, r->txn, arena, rows[i].index, stored, err);
        if (rc == LF_OK && !gw_stored_is_forgotten(stored)) {
            rc = px_notice_decode(arena, &stored->envelope, &t->notices[t->notice_count], err);
            t->notice_count += rc == LF_OK ? 1 : 0;
        }
    }
    return rc;
}

static const char *limit_name(const struct task_read *t)
{
    return t->view.task.kind == GW_TASK_TO_ACT     ? "TASK_EVENT"
           : t->view.task.kind == GW_TASK_TO_ERASE ? "TASK_REDACTION"
           : t->view.kind == PX_KIND_APPEAL        ? "TASK_APPEAL"
                                                   : "TASK_CORRECTION";
}

static lf_status stored_pair(struct reading *r, struct lf__arena *arena, struct task_read *t,
                             lf_error *err)
{
    struct st_stored there;
    t->record = lf__arena_alloc(arena, sizeof *t->record);
    t->cause = lf__arena_alloc(arena, sizeof *t->cause);
    if (t->record == NULL || t->cause == NULL) {
        return lf__fail(err, LF_E_NOMEM, "tasks: out of memory");
    }
    lf_status rc = gw__stored_read(r->exchange, r->txn, arena, t->view.task.index, t->record, err);
    rc = rc == LF_OK
             ? gw__stored_read(r->exchange, r->txn, arena, t->view.task.cause, t->cause, err)
             : rc;
    rc = rc == LF_OK ? st_ledger_read(r->exchange->ledger, r->txn, t->view.task.cause, &there, err)
                     : rc;
    t->view.caused_ms = rc == LF_OK ? (int64_t)lf__get_u64be(there.leaf.ptr + 1) : 0;
    return rc;
}

static void cause_tell(struct lf__arena *arena, struct task_read *t)
{
    struct px_subject subject;
    struct px_event event;
    const struct px_envelope *cause = &t->cause->envelope;
    t->view.issuer = t->record->envelope.header.issuer;
    t->view.record_id = t->record->envelope.header.record_id;
    t->view.kind = t->record->envelope.header.kind;
    t->view.cause_issuer = cause->header.issuer;
    if (gw_stored_is_forgotten(t->cause)) {
        return;
    }
    if (px_subject_decode(arena, cause, &subject, NULL) == LF_OK) {
        t->view.uscc = subject.uscc;
    }
    if (cause->header.kind == PX_KIND_ENFORCEMENT_EVENT &&
        px_event_decode(arena, cause, &event, NULL) == LF_OK) {
        t->view.violation = event.violation;
        t->view.decided_at = event.decided_at;
    }
}

static bool names(const struct px_notice *notice, lf_bytes member)
{
    for (size_t i = 0; i < notice->members.count; i++) {
        if (lf__bytes_eq(notice->members.items[i], member)) {
            return true;
        }
    }
    return notice->members.count == 0;
}

/* What time and notices make of an answer. */
static void member_tell(struct reading *r, struct task_read *t)
{
    struct gw_task_view *v = &t->view;
    struct lf__term term = {0};
    struct lf__due due = {.at_ms = 0};
    const struct lf__rules *rules = r->exchange->rules;
    v->state = v->answer.state != GW_TASK_CLOSED && v->task.ended_by != GW_TASK_NEVER
                   ? GW_TASK_MOOT
                   : v->answer.state;
    bool is_waiting = v->state == GW_TASK_OPEN || v->state == GW_TASK_ACTIVE_SHOP ||
                      v->state == GW_TASK_INVESTIGATING;
    bool is_extended = v->state == GW_TASK_INVESTIGATING;
    if (is_waiting &&
        lf__rules_term(rules, "limit", is_extended ? "TASK_INVESTIGATING" : limit_name(t), &term)) {
        due = lf__calendar_due(lf__rules_calendar(rules),
                               is_extended ? v->answer.at_ms : v->task.opened_ms, term);
    }
    v->due_ms = due.at_ms;
    v->is_provisional = due.is_provisional;
    v->is_overdue = due.at_ms != 0 && r->ask->now_ms >= due.at_ms;
    v->reminders = 0;
    v->is_escalated = false;
    for (size_t i = 0; i < t->notice_count; i++) {
        bool is_named = names(&t->notices[i], v->member);
        v->reminders += is_named && t->notices[i].step == PX_NOTICE_REMINDED ? 1 : 0;
        v->is_escalated |= is_named && t->notices[i].step == PX_NOTICE_ESCALATED;
    }
}

/* Whether the reader may know of it at all, and what the record says to it. */
static lf_status may_know(struct reading *r, const struct task_read *t, bool *out, lf_error *err)
{
    unsigned classes = 0;
    lf_status rc = gw_may_read_entry(r->exchange, r->txn, r->ask->reader, t->record,
                                     t->view.task.index, &classes, err);
    *out = rc == LF_OK && (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0;
    return rc;
}

static lf_status is_asked(struct reading *r, const struct task_read *t, const struct asked *member,
                          bool *out, lf_error *err)
{
    lf_bytes id = lf__bytes_str(member->id);
    const struct gw_tasks_ask *ask = r->ask;
    struct gw_task_of of = {&t->view.task, t->record, t->cause};
    struct gw_reader reader = {.member = id, .role = member->role, .level = member->level};
    *out = false;
    return member->enrolled < t->view.task.opened_by &&
                   (t->view.task.index != ask->from_index || ask->after_member.len == 0 ||
                    lf__bytes_cmp(id, ask->after_member) > 0)
               ? gw__task_asks(r->exchange, r->txn, &of, &reader, out, err)
               : LF_OK;
}

static lf_status members_each(struct reading *r, struct task_read *t, bool *goes_on, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && *goes_on && i < r->member_count; i++) {
        bool asked = false;
        rc = is_asked(r, t, &r->members[i], &asked, err);
        if (rc != LF_OK || !asked) {
            continue;
        }
        t->view.member = lf__bytes_str(r->members[i].id);
        rc = gw_task_answer_get(r->txn, t->view.task.index, t->view.member, &t->view.answer, err);
        if (rc == LF_OK) {
            member_tell(r, t);
            *goes_on = r->each(r->user, &t->view);
        }
    }
    return rc;
}

static lf_status task_each(struct reading *r, const struct gw_task *task, bool *goes_on,
                           lf_error *err)
{
    LF_ARENA arena;
    bool knows = false;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    struct task_read *t = lf__arena_alloc(&arena, sizeof *t);
    if (t == NULL) {
        return lf__fail(err, LF_E_NOMEM, "tasks: out of memory");
    }
    *t = (struct task_read){.view.task = *task};
    lf_status rc = stored_pair(r, &arena, t, err);
    rc = rc == LF_OK ? may_know(r, t, &knows, err) : rc;
    if (rc != LF_OK || !knows) {
        return rc;
    }
    cause_tell(&arena, t);
    rc = notices_read(r, &arena, t, err);
    return rc == LF_OK ? members_each(r, t, goes_on, err) : rc;
}

lf_status gw_tasks_each(struct gw_exchange *exchange, struct st_txn *txn,
                        const struct gw_tasks_ask *ask,
                        bool (*each)(void *user, const struct gw_task_view *view), void *user,
                        lf_error *err)
{
    LF_ARENA arena;
    struct gw_task task;
    bool goes_on = true;
    struct reading r = {.exchange = exchange, .txn = txn, .ask = ask, .each = each, .user = user};
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = members_read(&r, &arena, err);
    for (uint64_t at = ask->from_index; rc == LF_OK && goes_on; at = task.index + 1) {
        rc = gw_task_next(txn, at, &task, err);
        rc = rc == LF_OK ? task_each(&r, &task, &goes_on, err) : rc;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}
