/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/tasks.h - tasks as somebody may see them: one row a task and member, with what is computed on
 * reading (state, due time, reminders). Threads: any, within one read transaction.
 */
#ifndef GW_TASKS_H
#define GW_TASKS_H

#include "gateway/exchange/exchange.h"
#include "gateway/exchange/projections/tasks.h"

struct gw_tasks_ask {
    const struct gw_reader
        *reader;     /* sees its own; who may read answers, all of what it may read */
    lf_bytes member; /* only this one's; none: all that the reader may see */
    int64_t now_ms;
    uint64_t
        from_index; /* the first task, and in it the member after which to go on (none: from the first) */
    lf_bytes after_member;
};

/* One task of one member. Borrowed until the callback returns. */
struct gw_task_view {
    struct gw_task task;
    lf_bytes issuer; /* of the record that opened it, as the next two */
    lf_bytes record_id;
    enum px_kind kind;
    lf_bytes violation;
    int64_t caused_ms;   /* accepted-at of the cause */
    lf_bytes decided_at; /* of the cause; may be empty */
    lf_bytes cause_issuer;
    lf_bytes uscc; /* of the cause; none once it is erased */
    lf_bytes member;
    struct gw_task_answer answer;
    enum gw_task_state state;
    int64_t due_ms; /* 0: no limit, or answered */
    bool is_provisional;
    bool is_overdue;
    bool is_escalated;
    uint32_t reminders;
};

/* Calls `each` in order of index and member until it returns false. Only engine errors. */
LF_MUST_USE lf_status gw_tasks_each(struct gw_exchange *exchange, struct st_txn *txn,
                                    const struct gw_tasks_ask *ask,
                                    bool (*each)(void *user, const struct gw_task_view *view),
                                    void *user, lf_error *err);

#endif
