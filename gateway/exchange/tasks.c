/* SPDX-License-Identifier: Apache-2.0 */
/* Which entry opens, ends or answers a task; the sequencer's. Reading is in tasks_read.c. */
#include "gateway/exchange/tasks_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/projections/standing.h"
#include "gateway/exchange/tables.h"

enum { CERTAINTY_ESTABLISHED = 3 };

/* Whether every platform could read it; what speaks of another record goes by that. */
static bool is_of_all(const struct gw_policy *policy, const struct px_header *cause)
{
    return gw__speaks_of_another(cause->kind) ||
           gw_policy_may(policy, PX_ROLE_PLATFORM, 0, cause->kind, GW_MAY_READ);
}

bool gw__task_is_for(const struct gw_policy *policy, const struct px_header *cause, lf_bytes member)
{
    if (lf__bytes_eq(cause->issuer, member)) {
        return false;
    }
    if (cause->audience_count == 0) {
        return is_of_all(policy, cause);
    }
    for (size_t i = 0; i < cause->audience_count; i++) {
        if (lf__bytes_eq(cause->audience[i], member)) {
            return true;
        }
    }
    return false;
}

/* Who had a part that is to go, and learns of the order. In a case regulators read PERSONAL parts. */
static lf_status may_hold(struct gw_exchange *exchange, struct st_txn *txn,
                          const struct gw_task_of *of, const struct gw_reader *member, bool *out,
                          lf_error *err)
{
    LF_ARENA arena;
    struct px_redaction order;
    struct gw_reader had = *member;
    unsigned told = 0;
    unsigned classes = 0;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    had.has_case = member->role == PX_ROLE_REGULATOR;
    lf_status rc = px_redaction_decode(&arena, &of->record->envelope, &order, err);
    rc = rc == LF_OK
             ? gw_may_read_entry(exchange, txn, member, of->record, of->task->index, &told, err)
             : rc;
    if (rc != LF_OK || (told & LF_BIT(PX_CLASS_MEMBERS)) == 0) {
        return rc;
    }
    rc = gw_may_have_read(exchange, txn, &had, of->cause, of->task->cause, &classes, err);
    unsigned what = gw_erasure_of(&order);
    *out = rc == LF_OK && (what == GW_ERASED_ALL ? classes : classes & what) != 0;
    return rc;
}

lf_status gw__task_asks(struct gw_exchange *exchange, struct st_txn *txn,
                        const struct gw_task_of *of, const struct gw_reader *member, bool *out,
                        lf_error *err)
{
    *out = of->task->kind != GW_TASK_TO_ERASE && member->role == PX_ROLE_PLATFORM &&
           gw__task_is_for(exchange->policy, &of->cause->envelope.header, member->member);
    return of->task->kind == GW_TASK_TO_ERASE ? may_hold(exchange, txn, of, member, out, err)
                                              : LF_OK;
}

lf_status gw__enrolled_at(struct st_txn *txn, lf_bytes member, uint64_t *index, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    lf_status rc = st_cursor_open(txn, GW_TABLE_HISTORY, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err) : rc;
    while (rc == LF_OK && !lf__bytes_eq(pair.value, member)) {
        rc = st_cursor_next(cursor, &pair, err);
    }
    if (rc == LF_OK && pair.key.len == 8) {
        *index = lf__get_u64be(pair.key.ptr);
    }
    st_cursor_close(cursor);
    return rc;
}

lf_status gw__has_acted(struct st_txn *txn, uint64_t index, lf_bytes member, bool *out,
                        lf_error *err)
{
    struct gw_task_answer answer;
    lf_status rc = gw_task_answer_get(txn, index, member, &answer, err);
    *out = rc == LF_OK &&
           (answer.answer == PX_ANSWER_REMOVED || answer.answer == PX_ANSWER_RESTRICTED);
    return rc;
}

static lf_status refuse_answer(lf_error *err, const char *reason, const char *why)
{
    return lf__refuse(err, LF_E_PRECONDITION, reason, "answer", "answer: %s", why);
}

static lf_status refuse_notice(lf_error *err, const char *reason, lf_bytes member, const char *why)
{
    return lf__refuse(err, LF_E_PRECONDITION, reason, "members", "members: %.*s: %s",
                      (int)member.len, (const char *)member.ptr, why);
}

/* Whether this member has the task at all. */
static lf_status is_asked(struct gw_exchange *exchange, struct st_txn *txn,
                          const struct gw_task_of *of, const struct gw_standing *who, bool *out,
                          lf_error *err)
{
    uint64_t enrolled = UINT64_MAX;
    struct gw_reader reader = {
        .member = lf__bytes_str(who->member), .role = who->role, .level = who->level};
    lf_status rc = gw__enrolled_at(txn, reader.member, &enrolled, err);
    *out = false;
    return rc == LF_OK && enrolled < of->task->opened_by
               ? gw__task_asks(exchange, txn, of, &reader, out, err)
           : rc == LF_E_NOT_FOUND ? LF_OK
                                  : rc;
}

/* Whoever is named is waited for: who is not, or has answered for good, would be told of a task that it has not. */
static lf_status admit_named(struct gw_exchange *exchange, struct st_txn *txn,
                             const struct gw_task_of *of, lf_bytes member, lf_error *err)
{
    struct gw_standing who;
    struct gw_task_answer said = {.state = GW_TASK_NONE};
    bool asked = false;
    lf_status rc = gw_roster_by_name(exchange->roster, member, &who, NULL);
    if (rc == LF_E_NOT_FOUND) {
        return refuse_notice(err, "TASK_UNKNOWN", member, "is no member here");
    }
    rc = rc == LF_OK ? is_asked(exchange, txn, of, &who, &asked, err) : rc;
    rc = rc == LF_OK ? gw_task_answer_get(txn, of->task->index, member, &said, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    return !asked || who.status == PX_MEMBER_RETIRED
               ? refuse_notice(err, "TASK_UNKNOWN", member, "that record asks nothing of it")
           : said.state == GW_TASK_CLOSED
               ? refuse_notice(err, "TASK_STATE", member, "has answered for good")
           : of->task->ended_by != GW_TASK_NEVER
               ? refuse_notice(err, "TASK_STATE", member, "what it was asked for is no longer so")
               : LF_OK;
}

/* The records behind a task; the one that asks is read only where it says what of. */
static lf_status task_of(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         const struct gw_task *task, struct gw_task_of *out, lf_error *err)
{
    struct gw_stored *two = lf__arena_array(arena, 2, sizeof *two);
    if (two == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    *out = (struct gw_task_of){task, &two[0], &two[1]};
    lf_status rc = task->kind == GW_TASK_TO_ERASE
                       ? gw__stored_read(exchange, txn, arena, task->index, &two[0], err)
                       : LF_OK;
    return rc == LF_OK ? gw__stored_read(exchange, txn, arena, task->cause, &two[1], err) : rc;
}

static lf_status admit_notice(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s,
                              const struct gw_task_of *of, lf_error *err)
{
    struct px_notice notice;
    lf_status rc = px_notice_decode(arena, &s->decoded, &notice, err);
    for (size_t i = 0; rc == LF_OK && i < notice.members.count; i++) {
        rc = admit_named(exchange, txn, of, notice.members.items[i], err);
    }
    return rc;
}

static lf_status admit_answer(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s,
                              const struct gw_task_of *of, lf_error *err)
{
    struct gw_task_answer before;
    struct px_disposition answer;
    const struct gw_task *task = of->task;
    bool asked = false;
    lf_status rc = is_asked(exchange, txn, of, &s->issuer, &asked, err);
    if (rc == LF_OK && !asked) {
        return refuse_answer(err, "TASK_UNKNOWN", "that record asks nothing of this member");
    }
    rc = rc == LF_OK ? px_disposition_decode(arena, &s->decoded, &answer, err) : rc;
    rc = rc == LF_OK ? gw_task_answer_get(txn, task->index, s->decoded.header.issuer, &before, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (task->ended_by != GW_TASK_NEVER) {
        return refuse_answer(err, "TASK_STATE", "what it asked for is no longer so");
    }
    return gw_task_step(task->kind, &before, (enum px_answer)answer.answer) != GW_TASK_NONE
               ? LF_OK
               : refuse_answer(err, "TASK_STATE", "does not go with this task as it stands");
}

lf_status gw__task_admit(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         const struct gw_submission *s, uint64_t target, lf_error *err)
{
    struct gw_task task;
    struct gw_task_of of;
    lf_status rc = gw_task_get(txn, target, &task, err);
    if (rc == LF_E_NOT_FOUND) {
        return refuse_answer(err, "TASK_UNKNOWN", "that record asks nothing of anybody");
    }
    rc = rc == LF_OK ? task_of(exchange, txn, arena, &task, &of, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    return s->decoded.header.kind == PX_KIND_NOTICE
               ? admit_notice(exchange, txn, arena, s, &of, err)
               : admit_answer(exchange, txn, arena, s, &of, err);
}

/* One entry on its way through the tasks. */
struct tasking {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    const struct gw_submission *s;
    const struct st_position *at;
    struct gw_stored *speaker;
    struct gw_stored *about;
    uint64_t target;
};

/* Others act on what is established and closes shops, once nobody holds it back. */
static lf_status acts(struct st_txn *txn, uint64_t index, bool *out, struct gw_known *known,
                      lf_error *err)
{
    lf_status rc = gw_known_get(txn, index, known, err);
    *out = rc == LF_OK && known->state == LF__STATE_ACTIVE && known->is_closing &&
           known->certainty >= CERTAINTY_ESTABLISHED;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status open_as(const struct tasking *t, enum gw_task_kind kind, uint64_t index,
                         uint64_t cause, lf_error *err)
{
    struct gw_task task = {.index = index,
                           .kind = kind,
                           .opened_by = t->at->index,
                           .opened_ms = (int64_t)t->at->accepted_at_ms,
                           .cause = cause,
                           .ended_by = GW_TASK_NEVER};
    return gw_task_open(t->txn, &task, err);
}

/* What asked for action is no longer so: those who acted are asked to undo it. */
static lf_status undo(const struct tasking *t, uint64_t cause, bool asks, lf_error *err)
{
    struct gw_task task;
    lf_status rc = gw_task_get(t->txn, cause, &task, err);
    if (rc != LF_OK || task.kind != GW_TASK_TO_ACT || task.ended_by != GW_TASK_NEVER) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    rc = gw_task_end(t->txn, cause, t->at->index, err);
    return rc == LF_OK && asks ? open_as(t, GW_TASK_TO_UNDO, t->at->index, cause, err) : rc;
}

static lf_status of_event(const struct tasking *t, lf_error *err)
{
    uint8_t id[64];
    uint64_t before = 0;
    struct gw_known known = {.is_closing = false};
    bool does = false;
    const struct px_header *h = &t->s->decoded.header;
    bool is_forgotten = t->s->remains != NULL && gw_stored_is_forgotten(t->s->remains);
    lf_status rc = is_forgotten ? LF_OK : acts(t->txn, t->at->index, &does, &known, err);
    if (rc == LF_OK && h->version > 1) {
        rc = st_ledger_find(t->exchange->ledger, gw__entries(t->exchange, t->txn),
                            gw__identity(h->issuer, h->predecessor, id), &before, err);
        rc = rc == LF_OK ? undo(t, before, !is_forgotten && !known.is_closing, err) : rc;
        rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    return rc == LF_OK && does ? open_as(t, GW_TASK_TO_ACT, t->at->index, t->at->index, err) : rc;
}

static lf_status relay_one(void *user, const struct gw_known *target, lf_error *err)
{
    const struct tasking *t = user;
    struct gw_known known;
    bool does = false;
    uint64_t index = target->index;
    lf_status rc = acts(t->txn, index, &does, &known, err);
    return rc == LF_OK && does ? open_as(t, GW_TASK_TO_ACT, index, index, err) : rc;
}

static lf_status of_relay(struct tasking *t, lf_error *err)
{
    struct px_target said = {.last_index = (uint64_t)t->speaker->until_ms};
    struct gw_known target = {.index = t->target};
    struct gw_run run = {t->exchange, t->txn, &t->about->envelope.header, relay_one, t};
    lf_status rc = t->speaker->has_effect || t->s->decoded.is_not_understood
                       ? LF_OK
                       : px_target_decode(t->arena, &t->s->decoded, &said, err);
    if (rc != LF_OK || said.last_index == 0) {
        return rc == LF_OK ? relay_one(t, &target, err) : rc;
    }
    uint64_t last = said.last_index < t->at->index ? said.last_index : t->at->index - 1;
    return gw__run_each(&run, t->target, last, err);
}

/* The step that an Appeal takes, also where only its effect is left. */
static lf_status of_appeal(const struct tasking *t, lf_error *err)
{
    struct px_appeal appeal = {.step = t->speaker->decision};
    lf_status rc =
        t->speaker->has_effect ? LF_OK : px_appeal_decode(t->arena, &t->s->decoded, &appeal, err);
    return rc == LF_OK && appeal.step == PX_APPEAL_OVERTURNED ? undo(t, t->target, true, err) : rc;
}

static lf_status of_disposition(const struct tasking *t, lf_error *err)
{
    struct gw_task task;
    struct gw_task_answer answer;
    struct px_disposition said = {.answer = t->speaker->decision};
    lf_bytes member = t->s->decoded.header.issuer;
    lf_status rc = gw_task_get(t->txn, t->target, &task, err);
    rc = rc == LF_OK ? gw_task_answer_get(t->txn, t->target, member, &answer, err) : rc;
    rc = rc == LF_OK && !t->speaker->has_effect
             ? px_disposition_decode(t->arena, &t->s->decoded, &said, err)
             : rc;
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    enum gw_task_state state = gw_task_step(task.kind, &answer, (enum px_answer)said.answer);
    if (state == GW_TASK_NONE) {
        return LF_OK; /* of a task that was since forgotten and opened anew */
    }
    answer.first_ms =
        answer.answer == PX_ANSWER_NONE ? (int64_t)t->at->accepted_at_ms : answer.first_ms;
    answer.answer = (enum px_answer)said.answer;
    answer.state = state;
    answer.index = t->at->index;
    answer.at_ms = (int64_t)t->at->accepted_at_ms;
    answer.shops = said.shops;
    answer.was_extended |= state == GW_TASK_INVESTIGATING;
    return gw_task_answer_put(t->txn, t->target, member, &answer, err);
}

static lf_status of_notice(const struct tasking *t, lf_error *err)
{
    struct px_notice notice = {.step = t->speaker->decision};
    lf_status rc =
        t->speaker->has_effect ? LF_OK : px_notice_decode(t->arena, &t->s->decoded, &notice, err);
    struct gw_task_notice row = {t->at->index, (enum px_notice_step)notice.step};
    return rc == LF_OK ? gw_task_notice_put(t->txn, t->target, row, err) : rc;
}

/* Whoever could see a part that is to go erases it: who that is, is found out on reading. */
static lf_status of_redaction(const struct tasking *t, lf_error *err)
{
    struct px_redaction order;
    lf_status rc = px_redaction_decode(t->arena, &t->s->decoded, &order, err);
    return rc == LF_OK && order.mode == PX_REDACTION_ERASE
               ? open_as(t, GW_TASK_TO_ERASE, t->at->index, t->target, err)
               : rc;
}

static bool is_of_tasks(enum px_kind kind)
{
    return kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION || kind == PX_KIND_APPEAL ||
           kind == PX_KIND_DISPOSITION || kind == PX_KIND_NOTICE || kind == PX_KIND_REDACTION;
}

static lf_status target_find(struct tasking *t, lf_error *err)
{
    t->speaker = lf__arena_alloc(t->arena, sizeof *t->speaker);
    t->about = lf__arena_alloc(t->arena, sizeof *t->about);
    if (t->speaker == NULL || t->about == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    *t->speaker =
        t->s->remains != NULL ? *t->s->remains : (struct gw_stored){.envelope = t->s->decoded};
    return gw__target_read(t->exchange, t->txn, t->arena, t->speaker, t->about, &t->target, err);
}

lf_status gw__task_apply(struct gw_exchange *exchange, struct st_txn *txn,
                         const struct gw_submission *s, const struct st_position *at, lf_error *err)
{
    LF_ARENA arena;
    enum px_kind kind = s->decoded.header.kind;
    struct tasking t = {.exchange = exchange, .txn = txn, .arena = &arena, .s = s, .at = at};
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    if (kind == PX_KIND_ENFORCEMENT_EVENT) {
        return of_event(&t, err);
    }
    if (!is_of_tasks(kind)) {
        return LF_OK;
    }
    lf_status rc = target_find(&t, err);
    return rc != LF_OK                   ? rc
           : kind == PX_KIND_RELAY       ? of_relay(&t, err)
           : kind == PX_KIND_CORRECTION  ? undo(&t, t.target, true, err)
           : kind == PX_KIND_APPEAL      ? of_appeal(&t, err)
           : kind == PX_KIND_DISPOSITION ? of_disposition(&t, err)
           : kind == PX_KIND_NOTICE      ? of_notice(&t, err)
                                         : of_redaction(&t, err);
}
