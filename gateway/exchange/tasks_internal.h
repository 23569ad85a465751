/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/tasks_internal.h - tasks for admit.c, apply.c and redact.c (sequencer), and who has them. */
#ifndef GW_TASKS_INTERNAL_H
#define GW_TASKS_INTERNAL_H

#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/tasks.h"

/* Whether a Disposition or Notice about `target` goes with the task: TASK_UNKNOWN, TASK_STATE. */
lf_status gw__task_admit(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         const struct gw_submission *s, uint64_t target, lf_error *err);
/* Comes after what the entry changed in the standing of its subject, which it reads. */
lf_status gw__task_apply(struct gw_exchange *exchange, struct st_txn *txn,
                         const struct gw_submission *s, const struct st_position *at,
                         lf_error *err);
/* Whether a platform has a task to act or to undo, as far as the record behind it decides. */
bool gw__task_is_for(const struct gw_policy *policy, const struct px_header *cause,
                     lf_bytes member);
/* A task beside the record that asks and the one behind it. */
struct gw_task_of {
    const struct gw_task *task;
    const struct gw_stored *record; /* of a task to erase */
    const struct gw_stored *cause;
};
/* Whether it asks this member, as far as its role and the two records decide: to act and to undo every platform that it is for; to
 * erase whoever may hold what is erased and is told so, of whatever role. */
LF_MUST_USE lf_status gw__task_asks(struct gw_exchange *exchange, struct st_txn *txn,
                                    const struct gw_task_of *of, const struct gw_reader *member,
                                    bool *out, lf_error *err);
/* Whether a member's last answer to the event at `index` was that it removed or restricted the shop. */
lf_status gw__has_acted(struct st_txn *txn, uint64_t index, lf_bytes member, bool *out,
                        lf_error *err);
/* Where a member was enrolled. E_NOT_FOUND. */
lf_status gw__enrolled_at(struct st_txn *txn, lf_bytes member, uint64_t *index, lf_error *err);

#endif
