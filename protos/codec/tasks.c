/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks.List, both ways. */
#include "protos/codec/tasks.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/scan.h"
#include "protos/codec/services_internal.h"

#include <lianfang/v1/tasks.pb-c.h>

enum { TASK_STATES = 7 };

bool px_tasks_request_encode(const struct px_tasks_request *request, struct lf__buf *out)
{
    (void)px_wire_bytes(out, 1, request->member);
    for (unsigned state = 1; state < TASK_STATES; state++) {
        if ((request->states & LF_BIT(state)) != 0) {
            (void)px_wire_varint(out, 2 << 3);
            (void)px_wire_varint(out, state);
        }
    }
    (void)px_wire_u64(out, 3, request->overdue_only ? 1 : 0);
    (void)px_wire_u64(out, 4, request->from_index);
    (void)px_wire_bytes(out, 5, request->after_member);
    return px_wire_u64(out, 6, request->max);
}

static bool state_take(uint64_t value, uint32_t *states)
{
    *states |= value < TASK_STATES ? LF_BIT((unsigned)value) : 0;
    return value > 0 && value < TASK_STATES;
}

/* Packed or not. */
static bool states_take(const struct px_wire *wire, uint32_t *states)
{
    struct lf__reader r = {wire->value};
    if (wire->type == PX_WIRE_VARINT) {
        return state_take(wire->varint, states);
    }
    bool good = wire->type == PX_WIRE_BYTES;
    uint8_t byte;
    while (good && lf__read_u8(&r, &byte)) { /* each state is one byte long */
        good = state_take(byte, states);
    }
    return good;
}

static bool request_take(const struct px_wire *wire, struct px_tasks_request *out)
{
    switch (wire->number) {
    case 1:
        return px_take_text(wire, &out->member);
    case 2:
        return states_take(wire, &out->states);
    case 3:
        out->overdue_only = wire->varint != 0;
        return wire->type == PX_WIRE_VARINT;
    case 4:
        out->from_index = wire->varint;
        return wire->type == PX_WIRE_VARINT;
    case 5:
        return px_take_text(wire, &out->after_member);
    default:
        out->max = wire->varint > PX_TASKS_MAX ? PX_TASKS_MAX + 1 : (uint32_t)wire->varint;
        return wire->type == PX_WIRE_VARINT;
    }
}

lf_status px_tasks_request_decode(lf_bytes bytes, struct px_tasks_request *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_tasks_request request = {.states = 0};
    bool good = true;
    lf_status rc =
        px_scan(bytes, &lianfang__v1__list_tasks_request__descriptor, PX_UNKNOWN_REFUSE, err);
    if (rc != LF_OK) {
        return rc;
    }
    while (good && px_wire_next(&r, &wire)) {
        good = request_take(&wire, &request);
    }
    if (!good || !lf__read_finished(&r)) {
        return px_malformed(err, "request");
    }
    if (request.max > PX_TASKS_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "max", "max: more than %d", PX_TASKS_MAX);
    }
    request.max = request.max == 0 ? PX_TASKS_MAX : request.max;
    *out = request;
    return LF_OK;
}

bool px_task_encode(const struct px_task *t, struct lf__buf *reply)
{
    LF_BUF task;
    lf__buf_init(&task, 4096);
    (void)px_wire_u64(&task, 1, t->index);
    (void)px_wire_bytes(&task, 2, t->issuer);
    (void)px_wire_bytes(&task, 3, t->record_id);
    (void)px_wire_u64(&task, 4, t->kind);
    (void)px_wire_bytes(&task, 5, t->member);
    (void)px_wire_bytes(&task, 6, t->uscc);
    (void)px_wire_u64(&task, 7, t->state);
    (void)px_wire_u64(&task, 8, t->answer);
    (void)px_wire_u64(&task, 9, t->answer_index);
    (void)px_wire_u64(&task, 10, (uint64_t)t->opened_ms);
    (void)px_wire_u64(&task, 11, (uint64_t)t->due_ms);
    (void)px_wire_u64(&task, 12, t->is_provisional ? 1 : 0);
    (void)px_wire_u64(&task, 13, t->is_overdue ? 1 : 0);
    (void)px_wire_u64(&task, 14, t->is_escalated ? 1 : 0);
    (void)px_wire_u64(&task, 15, t->reminders);
    (void)px_wire_u64(&task, 16, (uint64_t)t->answered_ms);
    return !task.failed && px_wire_bytes(reply, 1, lf__buf_bytes(&task));
}

bool px_tasks_end_encode(const struct px_tasks_end *end, struct lf__buf *reply)
{
    LF_BUF note;
    lf__buf_init(&note, 4096);
    (void)px_wire_u64(reply, 2, end->has_more ? 1 : 0);
    (void)px_wire_u64(reply, 3, end->next_index);
    (void)px_wire_bytes(reply, 4, end->next_after_member);
    return px_checkpoint_encode(end->checkpoint, &note) &&
           px_wire_bytes(reply, 5, lf__buf_bytes(&note));
}

static void task_number(struct px_task *out, uint32_t number, uint64_t value)
{
    bool is_set = value != 0;
    out->index = number == 1 ? value : out->index;
    out->kind = number == 4 ? (unsigned)value : out->kind;
    out->state = number == 7 ? (unsigned)value : out->state;
    out->answer = number == 8 ? (unsigned)value : out->answer;
    out->answer_index = number == 9 ? value : out->answer_index;
    out->opened_ms = number == 10 ? (int64_t)value : out->opened_ms;
    out->due_ms = number == 11 ? (int64_t)value : out->due_ms;
    out->is_provisional = number == 12 ? is_set : out->is_provisional;
    out->is_overdue = number == 13 ? is_set : out->is_overdue;
    out->is_escalated = number == 14 ? is_set : out->is_escalated;
    out->reminders = number == 15 ? (uint32_t)value : out->reminders;
    out->answered_ms = number == 16 ? (int64_t)value : out->answered_ms;
}

static bool task_decode(lf_bytes bytes, struct px_task *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    *out = (struct px_task){.index = 0};
    while (good && px_wire_next(&r, &wire)) {
        if (wire.type == PX_WIRE_VARINT) {
            task_number(out, wire.number, wire.varint);
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            out->record_id = wire.value;
        } else if (wire.number == 2 || wire.number == 5 || wire.number == 6) {
            good = px_take_text(&wire, wire.number == 2   ? &out->issuer
                                       : wire.number == 5 ? &out->member
                                                          : &out->uscc);
        }
    }
    return good && lf__read_finished(&r);
}

lf_status px_tasks_decode(struct lf__arena *arena, lf_bytes bytes, struct px_task **list,
                          size_t *count, struct px_tasks_end *end, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_tasks_end last = {.has_more = false};
    struct px_task *tasks = lf__arena_array(arena, px_count(bytes, 1), sizeof *tasks);
    size_t n = 0;
    bool good = tasks != NULL;
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            good = task_decode(wire.value, &tasks[n++]);
        } else if (px_is(&wire, 5, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &last.checkpoint, err) == LF_OK;
        } else if (wire.number == 4) {
            good = px_take_text(&wire, &last.next_after_member);
        } else if (wire.type == PX_WIRE_VARINT) {
            last.has_more = wire.number == 2 ? wire.varint != 0 : last.has_more;
            last.next_index = wire.number == 3 ? wire.varint : last.next_index;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    *list = tasks;
    *count = n;
    *end = last;
    return LF_OK;
}
