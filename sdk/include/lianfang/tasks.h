/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/tasks.h - what records ask of members, and what they have answered.
 *
 * A record that takes effect opens a task for every platform that it is for; each answers with a Disposition
 * (lianfang/record.h, kind "disposition") about that record. A platform sees its own tasks, regulators all.
 * Threads: any; a call blocks its own.
 */
#ifndef LF_TASKS_H
#define LF_TASKS_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

typedef struct lf_task {
    uint64_t index;        /* of the record that asks: the answer's target */
    const char *issuer;    /* of that record, */
    const char *record_id; /* its id in hex, */
    const char *kind;      /* and its kind: EnforcementEvent, Correction, Redaction, ... */
    const char *member;    /* who is asked */
    const char *subject;   /* whom it is about; "" once that is erased */
    const char *state;     /* OPEN, ACTIVE_SHOP, INVESTIGATING, DISPUTED, CLOSED, MOOT */
    const char *answer;    /* the last: NO_SHOP, REMOVED, ...; "" when there is none */
    uint64_t answer_index; /* where that stands, when there is one */
    int64_t opened_ms;
    int64_t due_ms; /* 0: no limit, or answered */
    int64_t answered_ms;
    bool is_provisional; /* the due time lies beyond the days that are known yet, and may move */
    bool is_overdue;
    bool is_escalated;
    uint32_t reminders;
} lf_task;
/* Borrowed for the callback; false ends the listing. */
typedef bool (*lf_task_cb)(const lf_task *task, void *user);

typedef struct lf_task_query {
    size_t size;
    const char *member; /* only this one's; NULL: all that the caller may see */
    const char *states; /* between semicolons; NULL or "": all */
    bool overdue_only;
    int64_t timeout_ms; /* of each page; 0: 30000 */
} lf_task_query;
#define LF_TASK_QUERY_INIT                                                                         \
    {                                                                                              \
        sizeof(lf_task_query), NULL, NULL, false, 0                                                \
    }
/* In ledger order, page by page. E_ARG names an unknown state; E_DENIED for a role that has no tasks to see. */
LF_API LF_MUST_USE lf_status lf_tasks_list(lf_client *client, const lf_task_query *query,
                                           lf_task_cb each, void *user, lf_error *err);

LF_END_DECLS
#endif
