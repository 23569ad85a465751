/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/tasks.h - what a record that took effect asks of members, and what each has answered.
 *
 * A task is opened once, for all platforms that the record is for, or, to erase, for all members that may hold it; who
 * they are follows from the roster and the record, so only answers are stored a member. Whether one is overdue is computed on reading.
 * Derived from ledger entries alone, inside the transaction that takes them.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_TASKS_H
#define GW_PROJECTION_TASKS_H

#include "protos/codec/words.h"
#include "storage/ledger.h"

/* The numbers of lianfang.v1.TaskState. */
enum gw_task_state {
    GW_TASK_NONE,
    GW_TASK_OPEN,
    GW_TASK_ACTIVE_SHOP,
    GW_TASK_INVESTIGATING,
    GW_TASK_DISPUTED,
    GW_TASK_CLOSED,
    GW_TASK_MOOT
};
/* What is asked. */
enum gw_task_kind { GW_TASK_TO_ACT = 1, GW_TASK_TO_UNDO, GW_TASK_TO_ERASE };
enum { GW_TASK_NEVER = 0 }; /* no entry ends or follows a task at index 0: that is the genesis */

struct gw_task {
    uint64_t index; /* of the record that asks: answers name it */
    enum gw_task_kind kind;
    uint64_t opened_by; /* the entry with which it took effect: itself, or a Relay */
    int64_t opened_ms;
    uint64_t cause;    /* the record that is undone or erased; of TO_ACT the index itself */
    uint64_t ended_by; /* what took the cause away; GW_TASK_NEVER while it stands */
};
/* What one member has said of one task. */
struct gw_task_answer {
    enum px_answer answer; /* the last; NONE: nothing yet */
    enum gw_task_state state;
    uint64_t index; /* of that answer */
    int64_t at_ms;
    int64_t first_ms; /* of the first answer */
    uint32_t shops;
    bool was_extended;
};
/* A regulator's Notice about a task. Whom it names is in the record. */
struct gw_task_notice {
    uint64_t index;
    enum px_notice_step step;
};

/* Does nothing when it stands already. */
lf_status gw_task_open(struct st_txn *txn, const struct gw_task *task, lf_error *err);
/* Of no effect when there is none, or it ended before. */
lf_status gw_task_end(struct st_txn *txn, uint64_t index, uint64_t by, lf_error *err);
/* The record behind it is erased: task, what undid it, and all answers to both are forgotten. */
lf_status gw_task_forget(struct st_txn *txn, uint64_t index, lf_error *err);
/* E_NOT_FOUND. */
lf_status gw_task_get(struct st_txn *txn, uint64_t index, struct gw_task *out, lf_error *err);
/* The first task at or after `from`; E_NOT_FOUND at the end. */
lf_status gw_task_next(struct st_txn *txn, uint64_t from, struct gw_task *out, lf_error *err);

/* All zero, state OPEN, when the member has said nothing. */
lf_status gw_task_answer_get(struct st_txn *txn, uint64_t index, lf_bytes member,
                             struct gw_task_answer *out, lf_error *err);
lf_status gw_task_answer_put(struct st_txn *txn, uint64_t index, lf_bytes member,
                             const struct gw_task_answer *answer, lf_error *err);
/* Of no effect when there is no such task. */
lf_status gw_task_notice_put(struct st_txn *txn, uint64_t index, struct gw_task_notice notice,
                             lf_error *err);
/* Up to `max` of them in ledger order; returns how many in *count. */
lf_status gw_task_notices(struct st_txn *txn, uint64_t index, struct gw_task_notice *out,
                          size_t max, size_t *count, lf_error *err);
/* What is left of an answer whose words were erased, `by` its index: what was done, not how much. */
lf_status gw_task_answer_erase(struct st_txn *txn, uint64_t index, lf_bytes member, uint64_t by,
                               lf_error *err);
/* How an answer moves a task of this kind on: the state after it, or NONE when the task does not admit it. */
enum gw_task_state gw_task_step(enum gw_task_kind kind, const struct gw_task_answer *before,
                                enum px_answer answer);

#endif
