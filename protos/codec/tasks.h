/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/tasks.h - Tasks.List, both ways; see lianfang/v1/tasks.proto.
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_TASKS_H
#define PX_TASKS_H

#include "base/arena.h"
#include "base/buf.h"
#include "protos/codec/words.h"

enum { PX_TASKS_MAX = 1000 };

struct px_tasks_request {
    lf_bytes member;
    uint32_t states; /* LF_BIT of each TaskState wanted; 0: all */
    bool overdue_only;
    uint64_t from_index;
    lf_bytes after_member;
    uint32_t max; /* 1 to PX_TASKS_MAX once decoded */
};
bool px_tasks_request_encode(const struct px_tasks_request *request, struct lf__buf *out);
lf_status px_tasks_request_decode(lf_bytes bytes, struct px_tasks_request *out, lf_error *err);

struct px_task {
    uint64_t index;
    lf_bytes issuer;
    lf_bytes record_id;
    unsigned kind;
    lf_bytes member;
    lf_bytes uscc;
    unsigned state;
    unsigned answer;
    uint64_t answer_index;
    int64_t opened_ms;
    int64_t due_ms;
    bool is_provisional;
    bool is_overdue;
    bool is_escalated;
    uint32_t reminders;
    int64_t answered_ms;
};
bool px_task_encode(const struct px_task *task, struct lf__buf *reply); /* once a task */

/* What follows the tasks. */
struct px_tasks_end {
    bool has_more;
    uint64_t next_index;
    lf_bytes next_after_member;
    lf_bytes checkpoint;
};
enum {
    PX_TASKS_ACCESS_INDEX = 6
}; /* the field that follows, once the access log has the question */
bool px_tasks_end_encode(const struct px_tasks_end *end, struct lf__buf *reply);
lf_status px_tasks_decode(struct lf__arena *arena, lf_bytes bytes, struct px_task **list,
                          size_t *count, struct px_tasks_end *end, lf_error *err);

#endif
