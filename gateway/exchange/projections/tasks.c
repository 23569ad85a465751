/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TASKS: u64be index -> u8 kind, then u64be opened_by, opened_ms, cause, ended_by, undone_by.
 * ANSWERS: u64be index || member -> u8 answer, state, extended, u32be shops, u64be index, at_ms, first_ms;
 * u64be index || 00 || u64be notice -> u8 step. No member id begins with 00.
 */
#include "gateway/exchange/projections/tasks.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

enum { TASK_BYTES = 41, ANSWER_BYTES = 31, ANSWER_KEY_MAX = 8 + 40, NOTICE_KEY = 17 };

/* As stored: the task, and which task undoes it. */
struct task_row {
    struct gw_task task;
    uint64_t undone_by;
};

static lf_status row_put(struct st_txn *txn, const struct task_row *row, lf_error *err)
{
    uint8_t key[8];
    LF_BUF value;
    lf__put_u64be(key, row->task.index);
    lf__buf_init(&value, TASK_BYTES);
    (void)lf__buf_u8(&value, (uint8_t)row->task.kind);
    (void)lf__buf_u64be(&value, row->task.opened_by);
    (void)lf__buf_u64be(&value, (uint64_t)row->task.opened_ms);
    (void)lf__buf_u64be(&value, row->task.cause);
    (void)lf__buf_u64be(&value, row->task.ended_by);
    (void)lf__buf_u64be(&value, row->undone_by);
    lf_status rc = lf__buf_status(&value, err);
    return rc == LF_OK
               ? st_put(txn, GW_TABLE_TASKS, LF_BYTES_ARRAY(key), lf__buf_bytes(&value), err)
               : rc;
}

static lf_status row_read(uint64_t index, lf_bytes value, struct task_row *out, lf_error *err)
{
    struct lf__reader r = {value};
    struct task_row row = {.task.index = index};
    uint8_t kind;
    uint64_t opened_ms;
    if (!lf__read_u8(&r, &kind) || !lf__read_u64be(&r, &row.task.opened_by) ||
        !lf__read_u64be(&r, &opened_ms) || !lf__read_u64be(&r, &row.task.cause) ||
        !lf__read_u64be(&r, &row.task.ended_by) || !lf__read_u64be(&r, &row.undone_by) ||
        !lf__read_finished(&r) || kind < GW_TASK_TO_ACT || kind > GW_TASK_TO_ERASE) {
        return lf__fail(err, LF_E_CORRUPT, "tasks: the row of entry %llu is damaged",
                        (unsigned long long)index);
    }
    row.task.kind = (enum gw_task_kind)kind;
    row.task.opened_ms = (int64_t)opened_ms;
    *out = row;
    return LF_OK;
}

static lf_status row_get(struct st_txn *txn, uint64_t index, struct task_row *out, lf_error *err)
{
    uint8_t key[8];
    lf_bytes value;
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, GW_TABLE_TASKS, LF_BYTES_ARRAY(key), &value, err);
    return rc == LF_OK ? row_read(index, value, out, err) : rc;
}

lf_status gw_task_get(struct st_txn *txn, uint64_t index, struct gw_task *out, lf_error *err)
{
    struct task_row row;
    lf_status rc = row_get(txn, index, &row, err);
    if (rc == LF_OK) {
        *out = row.task;
    }
    return rc;
}

lf_status gw_task_next(struct st_txn *txn, uint64_t from, struct gw_task *out, lf_error *err)
{
    uint8_t key[8];
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    struct task_row row = {.undone_by = GW_TASK_NEVER};
    lf__put_u64be(key, from);
    lf_status rc = st_cursor_open(txn, GW_TABLE_TASKS, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_ARRAY(key), &pair, err) : rc;
    if (rc == LF_OK) {
        rc = pair.key.len == sizeof key
                 ? row_read(lf__get_u64be(pair.key.ptr), pair.value, &row, err)
                 : lf__fail(err, LF_E_CORRUPT, "tasks: a key is damaged");
    }
    st_cursor_close(cursor);
    if (rc == LF_OK) {
        *out = row.task;
    }
    return rc;
}

/* What undoes a task is found from what it undoes. */
static lf_status undo_note(struct st_txn *txn, const struct gw_task *task, uint64_t undone_by,
                           lf_error *err)
{
    struct task_row row;
    lf_status rc =
        task->kind == GW_TASK_TO_UNDO ? row_get(txn, task->cause, &row, err) : LF_E_NOT_FOUND;
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    row.undone_by = undone_by;
    return row_put(txn, &row, err);
}

lf_status gw_task_open(struct st_txn *txn, const struct gw_task *task, lf_error *err)
{
    struct task_row row;
    lf_status rc = row_get(txn, task->index, &row, err);
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    row = (struct task_row){.task = *task};
    rc = row_put(txn, &row, err);
    return rc == LF_OK ? undo_note(txn, task, task->index, err) : rc;
}

lf_status gw_task_end(struct st_txn *txn, uint64_t index, uint64_t by, lf_error *err)
{
    struct task_row row;
    lf_status rc = row_get(txn, index, &row, err);
    if (rc != LF_OK || row.task.ended_by != GW_TASK_NEVER) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    row.task.ended_by = by;
    return row_put(txn, &row, err);
}

static lf_bytes answer_key(uint64_t index, lf_bytes member, uint8_t out[static ANSWER_KEY_MAX])
{
    LF_BUG_IF(member.len > ANSWER_KEY_MAX - 8);
    lf__put_u64be(out, index);
    lf__copy(out + 8, member.ptr, member.len);
    return (lf_bytes){out, 8 + member.len};
}

/* One answer after the other, until none has the index. */
static lf_status answers_forget(struct st_txn *txn, uint64_t index, lf_error *err)
{
    for (;;) {
        uint8_t first[8];
        uint8_t key[ANSWER_KEY_MAX];
        size_t len = 0;
        struct st_cursor *cursor = NULL;
        struct st_pair pair;
        lf__put_u64be(first, index);
        lf_status rc = st_cursor_open(txn, GW_TABLE_ANSWERS, &cursor, err);
        rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_ARRAY(first), &pair, err) : rc;
        if (rc == LF_OK && pair.key.len <= sizeof key &&
            lf__bytes_eq(lf__bytes_slice(pair.key, 0, 8), LF_BYTES_ARRAY(first))) {
            len = pair.key.len;
            lf__copy(key, pair.key.ptr, len);
        }
        st_cursor_close(cursor);
        if (rc != LF_OK || len == 0) {
            return rc == LF_E_NOT_FOUND ? LF_OK : rc;
        }
        rc = st_delete(txn, GW_TABLE_ANSWERS, (lf_bytes){key, len}, err);
        if (rc != LF_OK) {
            return rc;
        }
    }
}

static lf_status row_forget(struct st_txn *txn, uint64_t index, lf_error *err)
{
    uint8_t key[8];
    lf__put_u64be(key, index);
    lf_status rc = answers_forget(txn, index, err);
    rc = rc == LF_OK ? st_delete(txn, GW_TABLE_TASKS, LF_BYTES_ARRAY(key), err) : rc;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_task_forget(struct st_txn *txn, uint64_t index, lf_error *err)
{
    struct task_row row;
    lf_status rc = row_get(txn, index, &row, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    rc = row.undone_by != GW_TASK_NEVER ? row_forget(txn, row.undone_by, err) : LF_OK;
    rc = rc == LF_OK ? undo_note(txn, &row.task, GW_TASK_NEVER, err) : rc;
    return rc == LF_OK ? row_forget(txn, index, err) : rc;
}

lf_status gw_task_answer_put(struct st_txn *txn, uint64_t index, lf_bytes member,
                             const struct gw_task_answer *answer, lf_error *err)
{
    uint8_t key[ANSWER_KEY_MAX];
    LF_BUF value;
    lf__buf_init(&value, ANSWER_BYTES);
    (void)lf__buf_u8(&value, (uint8_t)answer->answer);
    (void)lf__buf_u8(&value, (uint8_t)answer->state);
    (void)lf__buf_u8(&value, answer->was_extended ? 1 : 0);
    (void)lf__buf_u32be(&value, answer->shops);
    (void)lf__buf_u64be(&value, answer->index);
    (void)lf__buf_u64be(&value, (uint64_t)answer->at_ms);
    (void)lf__buf_u64be(&value, (uint64_t)answer->first_ms);
    lf_status rc = lf__buf_status(&value, err);
    return rc == LF_OK ? st_put(txn, GW_TABLE_ANSWERS, answer_key(index, member, key),
                                lf__buf_bytes(&value), err)
                       : rc;
}

lf_status gw_task_answer_get(struct st_txn *txn, uint64_t index, lf_bytes member,
                             struct gw_task_answer *out, lf_error *err)
{
    uint8_t key[ANSWER_KEY_MAX];
    lf_bytes value;
    uint8_t bytes[3];
    uint64_t at;
    uint64_t first;
    struct gw_task_answer found = {.state = GW_TASK_OPEN};
    lf_status rc = st_get(txn, GW_TABLE_ANSWERS, answer_key(index, member, key), &value, err);
    if (rc == LF_E_NOT_FOUND) {
        *out = found;
        return LF_OK;
    }
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__reader r = {value};
    if (!lf__read_u8(&r, &bytes[0]) || !lf__read_u8(&r, &bytes[1]) || !lf__read_u8(&r, &bytes[2]) ||
        !lf__read_u32be(&r, &found.shops) || !lf__read_u64be(&r, &found.index) ||
        !lf__read_u64be(&r, &at) || !lf__read_u64be(&r, &first) || !lf__read_finished(&r)) {
        return lf__fail(err, LF_E_CORRUPT, "tasks: an answer to entry %llu is damaged",
                        (unsigned long long)index);
    }
    found.answer = (enum px_answer)bytes[0];
    found.state = (enum gw_task_state)bytes[1];
    found.was_extended = bytes[2] != 0;
    found.at_ms = (int64_t)at;
    found.first_ms = (int64_t)first;
    *out = found;
    return LF_OK;
}

lf_status gw_task_answer_erase(struct st_txn *txn, uint64_t index, lf_bytes member, uint64_t by,
                               lf_error *err)
{
    struct gw_task_answer answer;
    lf_status rc = gw_task_answer_get(txn, index, member, &answer, err);
    if (rc != LF_OK || answer.index != by || answer.answer == PX_ANSWER_NONE) {
        return rc;
    }
    answer.shops = 0;
    return gw_task_answer_put(txn, index, member, &answer, err);
}

lf_status gw_task_notice_put(struct st_txn *txn, uint64_t index, struct gw_task_notice notice,
                             lf_error *err)
{
    struct task_row row;
    uint8_t key[NOTICE_KEY] = {0};
    uint8_t step[] = {(uint8_t)notice.step};
    lf_status rc = row_get(txn, index, &row, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    lf__put_u64be(key, index);
    lf__put_u64be(key + 9, notice.index);
    return st_put(txn, GW_TABLE_ANSWERS, LF_BYTES_ARRAY(key), LF_BYTES_ARRAY(step), err);
}

lf_status gw_task_notices(struct st_txn *txn, uint64_t index, struct gw_task_notice *out,
                          size_t max, size_t *count, lf_error *err)
{
    uint8_t first[9] = {0};
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    size_t found = 0;
    lf__put_u64be(first, index);
    lf_status rc = st_cursor_open(txn, GW_TABLE_ANSWERS, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_ARRAY(first), &pair, err) : rc;
    while (rc == LF_OK && found < max && pair.key.len == NOTICE_KEY &&
           lf__bytes_eq(lf__bytes_slice(pair.key, 0, sizeof first), LF_BYTES_ARRAY(first))) {
        out[found++] = (struct gw_task_notice){
            lf__get_u64be(pair.key.ptr + 9),
            pair.value.len > 0 ? (enum px_notice_step)pair.value.ptr[0] : PX_NOTICE_NONE};
        rc = st_cursor_next(cursor, &pair, err);
    }
    st_cursor_close(cursor);
    *count = found;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

/* Somebody who had closed it may still do more, never less. */
static enum gw_task_state step_after_close(enum gw_task_kind kind, enum px_answer answer)
{
    bool is_more =
        kind == GW_TASK_TO_ACT && (answer == PX_ANSWER_REMOVED || answer == PX_ANSWER_RESTRICTED ||
                                   answer == PX_ANSWER_ACTIVE_SHOP);
    return !is_more                          ? GW_TASK_NONE
           : answer == PX_ANSWER_ACTIVE_SHOP ? GW_TASK_ACTIVE_SHOP
                                             : GW_TASK_CLOSED;
}

static enum gw_task_state step_to_act(const struct gw_task_answer *before, enum px_answer answer)
{
    switch (answer) {
    case PX_ANSWER_NO_SHOP:
        return before->state == GW_TASK_ACTIVE_SHOP ? GW_TASK_NONE : GW_TASK_CLOSED;
    case PX_ANSWER_ACTIVE_SHOP:
        return before->state == GW_TASK_OPEN ? GW_TASK_ACTIVE_SHOP : GW_TASK_NONE;
    case PX_ANSWER_REMOVED:
    case PX_ANSWER_RESTRICTED:
    case PX_ANSWER_KEPT:
        return GW_TASK_CLOSED;
    case PX_ANSWER_INVESTIGATING:
        return before->was_extended || before->state == GW_TASK_DISPUTED ? GW_TASK_NONE
                                                                         : GW_TASK_INVESTIGATING;
    case PX_ANSWER_DISPUTED:
        return before->state == GW_TASK_DISPUTED ? GW_TASK_NONE : GW_TASK_DISPUTED;
    case PX_ANSWER_UNDONE:
    case PX_ANSWER_NOT_USED:
    case PX_ANSWER_ERASED:
    case PX_ANSWER_NONE:
        break;
    }
    return GW_TASK_NONE;
}

enum gw_task_state gw_task_step(enum gw_task_kind kind, const struct gw_task_answer *before,
                                enum px_answer answer)
{
    if (before->state == GW_TASK_CLOSED) {
        return step_after_close(kind, answer);
    }
    if (kind == GW_TASK_TO_ACT) {
        return step_to_act(before, answer);
    }
    if (answer == PX_ANSWER_INVESTIGATING) {
        return before->was_extended ? GW_TASK_NONE : GW_TASK_INVESTIGATING;
    }
    bool closes = kind == GW_TASK_TO_UNDO
                      ? answer == PX_ANSWER_UNDONE || answer == PX_ANSWER_NOT_USED
                      : answer == PX_ANSWER_ERASED;
    return closes ? GW_TASK_CLOSED : GW_TASK_NONE;
}
