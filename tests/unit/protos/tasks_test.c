/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks.List there and back, every cut refused, and questions that are none. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/tasks.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void question(void **state)
{
    struct px_tasks_request in = {.member = lf__bytes_str("platform-02"),
                                  .states = LF_BIT(1) | LF_BIT(6),
                                  .overdue_only = true,
                                  .from_index = 300,
                                  .after_member = lf__bytes_str("platform-01"),
                                  .max = 20};
    struct px_tasks_request out;
    LF_BUF wire;
    (void)state;
    lf__buf_init(&wire, 1024);
    assert_true(px_tasks_request_encode(&in, &wire));
    assert_int_equal(px_tasks_request_decode(lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_true(lf__bytes_eq(out.member, in.member));
    assert_true(lf__bytes_eq(out.after_member, in.after_member));
    assert_int_equal(out.states, in.states);
    assert_int_equal(out.from_index, 300);
    assert_int_equal(out.max, 20);
    assert_true(out.overdue_only);
    assert_int_equal(px_tasks_request_decode(LF_BYTES_NONE, &out, NULL), LF_OK);
    assert_int_equal(out.max, PX_TASKS_MAX);
    assert_int_equal(out.states, 0);
}

static void packed_states(void **state)
{
    static const uint8_t packed[] = {0x12, 2, 1, 5};
    static const uint8_t none[] = {0x12, 1, 0};
    static const uint8_t unknown[] = {0x10, 99};
    struct px_tasks_request out;
    (void)state;
    assert_int_equal(px_tasks_request_decode(LF_BYTES_ARRAY(packed), &out, NULL), LF_OK);
    assert_int_equal(out.states, LF_BIT(1) | LF_BIT(5));
    assert_int_not_equal(px_tasks_request_decode(LF_BYTES_ARRAY(none), &out, NULL), LF_OK);
    assert_int_not_equal(px_tasks_request_decode(LF_BYTES_ARRAY(unknown), &out, NULL), LF_OK);
}

static void too_many(void **state)
{
    struct px_tasks_request in = {.max = PX_TASKS_MAX + 1};
    lf_error err = LF_ERROR_INIT;
    LF_BUF wire;
    (void)state;
    lf__buf_init(&wire, 64);
    assert_true(px_tasks_request_encode(&in, &wire));
    assert_int_equal(px_tasks_request_decode(lf__buf_bytes(&wire), &in, &err), LF_E_ARG);
    assert_string_equal(err.reason, "TOO_BIG");
    assert_string_equal(err.field, "max");
}

static void answer(void **state)
{
    static const uint8_t id[PX_ID_BYTES] = {7};
    struct px_task in = {.index = 12,
                         .issuer = lf__bytes_str("platform-01"),
                         .record_id = LF_BYTES_ARRAY(id),
                         .kind = PX_KIND_ENFORCEMENT_EVENT,
                         .member = lf__bytes_str("platform-02"),
                         .uscc = lf__bytes_str("91999999MA00000154"),
                         .state = 2,
                         .answer = PX_ANSWER_ACTIVE_SHOP,
                         .answer_index = 15,
                         .opened_ms = 1000,
                         .due_ms = 2000,
                         .is_provisional = true,
                         .is_overdue = true,
                         .is_escalated = true,
                         .reminders = 3,
                         .answered_ms = 1500};
    struct px_tasks_end end = {true, 12, lf__bytes_str("platform-02"), lf__bytes_str("note\n")};
    LF_BUF wire;
    LF_ARENA arena;
    struct px_task *list;
    struct px_tasks_end last;
    size_t count;
    (void)state;
    lf__buf_init(&wire, 4096);
    lf__arena_init(&arena, 65536);
    assert_true(px_task_encode(&in, &wire) && px_task_encode(&in, &wire));
    assert_true(px_tasks_end_encode(&end, &wire));
    lf_bytes all = lf__buf_bytes(&wire);
    assert_int_equal(px_tasks_decode(&arena, all, &list, &count, &last, NULL), LF_OK);
    assert_int_equal(count, 2);
    assert_true(lf__bytes_eq(list[1].record_id, in.record_id));
    assert_true(lf__bytes_eq(list[1].uscc, in.uscc) && lf__bytes_eq(list[1].member, in.member));
    assert_int_equal(list[1].answer_index, 15);
    assert_int_equal(list[1].due_ms, 2000);
    assert_true(list[1].is_provisional && list[1].is_overdue && list[1].is_escalated);
    assert_true(last.has_more && lf__bytes_eq(last.checkpoint, end.checkpoint));
    assert_true(lf__bytes_eq(last.next_after_member, end.next_after_member));
    for (size_t cut = 1; cut < all.len; cut++) { /* no cut reads as the whole */
        lf_status rc =
            px_tasks_decode(&arena, lf__bytes_slice(all, 0, cut), &list, &count, &last, NULL);
        assert_true(rc != LF_OK || count < 2 || last.checkpoint.len == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(question), cmocka_unit_test(packed_states),
                                       cmocka_unit_test(too_many), cmocka_unit_test(answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
