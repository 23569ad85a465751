/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks.List: what is asked of whom, in pages. Regulators see all, others their own. However few of them a page is to have, all may have to be looked
 * at: that is done on a thread of the walks.
 */
#include "gateway/exchange/tasks.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/services/services.h"
#include "gateway/services/walks.h"
#include "protos/codec/tasks.h"

enum { STEPS = 128 };

/* One page on its way; in the call's arena. */
struct page {
    struct gw_walk walk;
    struct gw_services *services;
    struct gw_call *call;
    unsigned steps;
    bool is_given_up; /* nobody waits for it any more */
    struct px_tasks_request request;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_access what;
    struct lf__buf *reply;
    uint32_t count;
    struct px_tasks_end end;
    char last[41]; /* the member after which the next page goes on */
};

static bool is_wanted(const struct page *p, const struct gw_task_view *view)
{
    return (p->request.states == 0 || (p->request.states & LF_BIT((unsigned)view->state)) != 0) &&
           (!p->request.overdue_only || view->is_overdue);
}

static bool task_put(void *user, const struct gw_task_view *v)
{
    struct page *p = user;
    p->is_given_up = ++p->steps % STEPS == 0 && gw_call_is_cancelled(p->call);
    if (p->is_given_up || !is_wanted(p, v)) {
        return !p->is_given_up;
    }
    if (p->count == p->request.max) {
        p->end.has_more = true;
        return false;
    }
    struct px_task task = {.index = v->task.index,
                           .issuer = v->issuer,
                           .record_id = v->record_id,
                           .kind = (unsigned)v->kind,
                           .member = v->member,
                           .uscc = v->uscc,
                           .state = (unsigned)v->state,
                           .answer = (unsigned)v->answer.answer,
                           .answer_index = v->answer.index,
                           .opened_ms = v->task.opened_ms,
                           .due_ms = v->due_ms,
                           .is_provisional = v->is_provisional,
                           .is_overdue = v->is_overdue,
                           .is_escalated = v->is_escalated,
                           .reminders = v->reminders,
                           .answered_ms = v->answer.at_ms};
    p->count++;
    p->end.next_index = v->task.index;
    (void)lf__copy_str(p->last, sizeof p->last, v->member);
    p->what.first = p->count == 1 ? v->task.index : p->what.first;
    p->what.next = v->task.index + 1;
    return px_task_encode(&task, p->reply);
}

static lf_status page_fill(struct page *p, lf_error *err)
{
    struct gw_services *services = p->services;
    ST_TXN *txn = NULL;
    LF_BUF note;
    struct gw_tasks_ask ask = {.reader = &p->reader,
                               .member = p->request.member,
                               .now_ms = lf__clock_utc_ms(),
                               .from_index = p->request.from_index,
                               .after_member = p->request.after_member};
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf_status rc = st_txn_begin(gw_exchange_engine(services->exchange), ST_READ, &txn, err);
    (void)st_ledger_head(gw_exchange_ledger(services->exchange), &note);
    rc = rc == LF_OK ? gw_tasks_each(services->exchange, txn, &ask, task_put, p, err) : rc;
    p->end.next_after_member = p->end.has_more ? lf__bytes_str(p->last) : LF_BYTES_NONE;
    p->end.next_index = p->end.has_more ? p->end.next_index : 0;
    p->end.checkpoint = lf__buf_bytes(&note);
    (void)px_tasks_end_encode(&p->end, p->reply);
    return rc == LF_OK && p->is_given_up
               ? lf__fail(err, LF_E_CANCELED, "tasks: nobody waits for them any more")
               : rc;
}

/* Whoever says or reads what can be erased may be asked to erase it. */
static lf_status may_ask(struct gw_services *services, const struct page *p, lf_error *err)
{
    const struct gw_policy *policy = gw_exchange_policy(services->exchange);
    const struct gw_reader *r = &p->reader;
    bool is_open = gw_policy_may(policy, r->role, r->level, PX_KIND_CORRECTION, GW_MAY_ISSUE) ||
                   gw_policy_may(policy, r->role, r->level, PX_KIND_REDACTION, GW_MAY_READ) ||
                   gw_policy_may(policy, r->role, r->level, PX_KIND_DISPOSITION, GW_MAY_READ);
    return is_open ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                                "tasks: not open to this role");
}

/* On its thread. Who calls is asked again: it may have been suspended meanwhile. */
static void page_run(struct gw_walk *walk)
{
    struct page *p = LF_CONTAINER_OF(walk, struct page, walk);
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    p->reply = &reply;
    lf_status rc = gw_caller(p->services, p->call, &p->standing, &p->reader, &err);
    if (rc == LF_OK) {
        p->what = gw_access_by(&p->reader, PX_ACCESS_READ_ENTRIES);
        p->what.note = lf__bytes_str("tasks"); /* not every position of the range was told */
        rc = page_fill(p, &err);
        p->what.told = p->count;
        p->what.classes = p->count > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(p->services, p->call, &outcome, &p->what, PX_TASKS_ACCESS_INDEX);
}

void gw_handle_tasks(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct page *p = lf__arena_alloc(gw_call_arena(call), sizeof *p);
    lf_error err = LF_ERROR_INIT;
    lf_status rc = LF_OK;
    if (p == NULL) {
        rc = lf__fail(&err, LF_E_NOMEM, "call: out of memory");
    } else {
        *p = (struct page){.walk.run = page_run, .services = services, .call = call};
        rc = gw_caller(services, call, &p->standing, &p->reader, &err);
        rc = rc == LF_OK ? may_ask(services, p, &err) : rc;
        rc = rc == LF_OK ? px_tasks_request_decode(request, &p->request, &err) : rc;
        p->walk.member = p->reader.member;
        rc = rc == LF_OK ? gw_walks_add(services->tasks, &p->walk, &err) : rc;
    }
    if (rc != LF_OK) {
        err.status = rc;
        gw_refuse(call, &err);
    }
}
