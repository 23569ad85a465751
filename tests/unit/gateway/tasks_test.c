/* SPDX-License-Identifier: Apache-2.0 */
/* What records ask of whom, every answer in every state, and that the tables are what the entries say. */
#include "gateway/exchange/tasks.h"

#include "tests/unit/gateway/world.h"

struct listed {
    struct gw_task_view views[16];
    char members[16][41];
    size_t count;
};

static bool view_keep(void *user, const struct gw_task_view *view)
{
    struct listed *out = user;
    assert_true(out->count < 16);
    (void)lf__copy_str(out->members[out->count], 41, view->member);
    out->views[out->count] = *view;
    out->views[out->count].member = lf__bytes_str(out->members[out->count]);
    out->count++;
    return true;
}

static struct listed list_as(const struct gw_reader *reader, const char *member, int64_t now_ms)
{
    struct listed out = {.count = 0};
    ST_TXN *txn = NULL;
    struct gw_tasks_ask ask = {.reader = reader, .member = lf__bytes_str(member), .now_ms = now_ms};
    assert_int_equal(st_txn_begin(gw_exchange_engine(w.exchange), ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(gw_tasks_each(w.exchange, txn, &ask, view_keep, &out, NULL), LF_OK);
    return out;
}

static struct listed list(enum who who, const char *member, int64_t now_ms)
{
    struct gw_reader reader = {.member = lf__bytes_str(names[who]),
                               .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                               .level = who == REGULATOR ? 2 : 0};
    return list_as(&reader, member, now_ms);
}

static enum gw_task_state state_of_only(enum who who)
{
    struct listed out = list(who, "", 0);
    assert_int_equal(out.count, 1);
    return out.views[0].state;
}

static struct told *answer(enum who who, const char *issuer, uint8_t id_byte, enum px_answer what)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_disposition said_what = {.about = {lf__bytes_str(issuer), LF_BYTES_ARRAY(id)},
                                       .answer = what,
                                       .rule = lf__bytes_str("P02-R-17 v3"),
                                       .reason = lf__bytes_str("理由"),
                                       .shops = 2};
    return say_words(who, PX_KIND_DISPOSITION, &said_what);
}

static struct told *notice(uint8_t id_byte, enum px_notice_step step, const char *member)
{
    uint8_t id[PX_ID_BYTES] = {id_byte};
    lf_bytes members[] = {lf__bytes_str(member)};
    struct px_notice out = {.about = {lf__bytes_str(names[PLATFORM]), LF_BYTES_ARRAY(id)},
                            .members = {members, member[0] != '\0' ? 1 : 0},
                            .step = step};
    return say_words(REGULATOR, PX_KIND_NOTICE, &out);
}

/* An accusation by PLATFORM that acts; returns the first byte of its id. */
static uint8_t accuse(void)
{
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    return w.next_id;
}

static void opens_when_it_takes_effect(void **state)
{
    (void)state;
    uint8_t id = accuse();
    assert_int_equal(list(REGULATOR, "", 0).count, 0); /* it waits for a relay */
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_NO_SHOP)->s.error.reason,
                        "TARGET_UNKNOWN");
    assert_int_equal(
        say_target(REGULATOR, PX_KIND_RELAY, names[PLATFORM], id, PX_RELAY_RELEASED)->s.status,
        LF_OK);
    struct listed all = list(REGULATOR, "", 0);
    assert_int_equal(all.count, 1);
    assert_string_equal(all.members[0], names[OTHER]); /* not for who said it */
    assert_int_equal(all.views[0].state, GW_TASK_OPEN);
    assert_int_equal(list(PLATFORM, "", 0).count, 0);
    assert_int_equal(list(OTHER, "", 0).count, 1);
    assert_int_equal(list(REGULATOR, names[PLATFORM], 0).count, 0);
    assert_int_equal(all.views[0].due_ms - all.views[0].task.opened_ms, 72 * 3600000);
    assert_false(list(OTHER, "", all.views[0].due_ms - 1).views[0].is_overdue);
    assert_true(list(OTHER, "", all.views[0].due_ms).views[0].is_overdue);
    assert_sound();
}

static void answers_and_their_order(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t id = accuse();
    assert_string_equal(answer(PLATFORM, names[PLATFORM], id, PX_ANSWER_NO_SHOP)->s.error.reason,
                        "TASK_UNKNOWN");
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_ACTIVE_SHOP)->s.status, LF_OK);
    assert_int_equal(state_of_only(OTHER), GW_TASK_ACTIVE_SHOP);
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_NO_SHOP)->s.error.reason,
                        "TASK_STATE");
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_UNDONE)->s.error.reason,
                        "TASK_STATE");
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_INVESTIGATING)->s.status, LF_OK);
    assert_int_equal(state_of_only(OTHER), GW_TASK_INVESTIGATING);
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_INVESTIGATING)->s.error.reason,
                        "TASK_STATE");
    assert_true(list(OTHER, "", INT64_MAX).views[0].is_overdue); /* extended, never closed */
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_DISPUTED)->s.status, LF_OK);
    assert_int_equal(state_of_only(OTHER), GW_TASK_DISPUTED);
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_KEPT)->s.status, LF_OK);
    assert_int_equal(state_of_only(OTHER), GW_TASK_CLOSED);
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_REMOVED)->s.status, LF_OK);
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_KEPT)->s.error.reason,
                        "TASK_STATE");
    struct listed out = list(OTHER, "", 0);
    assert_int_equal(out.views[0].answer.answer, PX_ANSWER_REMOVED);
    assert_int_equal(out.views[0].answer.shops, 2);
    assert_int_equal(out.views[0].due_ms, 0);
    assert_sound();
}

static void what_informs_opens_nothing(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    assert_int_equal(say_event(PLATFORM, m1, 1, "REMOVAL")->s.status, LF_OK); /* suspected */
    assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    assert_int_equal(list(REGULATOR, "", 0).count, 0);
    assert_string_equal(
        answer(OTHER, names[PLATFORM], w.next_id, PX_ANSWER_NO_SHOP)->s.error.reason,
        "TASK_UNKNOWN");
    assert_sound();
}

static void a_correction_asks_to_undo(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t id = accuse();
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_ACTIVE_SHOP)->s.status, LF_OK);
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    uint8_t correction = w.next_id;
    struct listed out = list(OTHER, "", 0);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.views[0].state, GW_TASK_MOOT);
    assert_int_equal(out.views[1].state, GW_TASK_OPEN);
    assert_int_equal(out.views[1].task.kind, GW_TASK_TO_UNDO);
    assert_string_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_REMOVED)->s.error.reason,
                        "TASK_STATE");
    assert_string_equal(
        answer(OTHER, names[PLATFORM], correction, PX_ANSWER_REMOVED)->s.error.reason,
        "TASK_STATE");
    assert_int_equal(answer(OTHER, names[PLATFORM], correction, PX_ANSWER_UNDONE)->s.status, LF_OK);
    assert_int_equal(list(OTHER, "", 0).views[1].state, GW_TASK_CLOSED);
    assert_sound();
}

static void reminders_count_for_whom_they_name(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t id = accuse();
    assert_int_equal(notice(id, PX_NOTICE_REMINDED, "")->s.status, LF_OK);
    assert_int_equal(say_member(BRAND, PX_ROLE_BRAND, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    const char *const nobody[] = {names[PLATFORM], names[BRAND], names[REGULATOR], "nobody"};
    for (size_t i = 0; i < LF_COUNT(nobody);
         i++) { /* whom it asks nothing is reminded of nothing */
        assert_string_equal(notice(id, PX_NOTICE_REMINDED, nobody[i])->s.error.reason,
                            "TASK_UNKNOWN");
        assert_string_equal(said->s.error.field, "members");
    }
    struct listed out = list(OTHER, "", 0);
    assert_int_equal(out.views[0].reminders, 1);
    assert_false(out.views[0].is_escalated);
    assert_int_equal(notice(id, PX_NOTICE_ESCALATED, names[OTHER])->s.status, LF_OK);
    assert_true(list(OTHER, "", 0).views[0].is_escalated);
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_NO_SHOP)->s.status, LF_OK);
    assert_string_equal(notice(id, PX_NOTICE_REMINDED, names[OTHER])->s.error.reason, "TASK_STATE");
    uint8_t taken_back = accuse();
    assert_int_equal(say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], taken_back,
                                PX_CORRECTION_WITHDRAWN)
                         ->s.status,
                     LF_OK);
    assert_string_equal(notice(taken_back, PX_NOTICE_REMINDED, names[OTHER])->s.error.reason,
                        "TASK_STATE");
    assert_int_equal(say_event(PLATFORM, m1, 3, "WARN")->s.status, LF_OK);
    assert_string_equal(notice(w.next_id, PX_NOTICE_REMINDED, "")->s.error.reason, "TASK_UNKNOWN");
    assert_sound();
}

static void redact(const char *issuer, uint8_t id_byte, enum px_class c)
{
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t id[PX_ID_BYTES] = {id_byte};
    struct px_header header = {.kind = PX_KIND_REDACTION, .version = 1};
    struct px_redaction order = {.mode = PX_REDACTION_ERASE,
                                 .issuer = lf__bytes_str(issuer),
                                 .record_id = LF_BYTES_ARRAY(id),
                                 .classes = {c},
                                 .class_count = c == PX_CLASS_NONE ? 0 : 1,
                                 .order_authority = lf__bytes_str("北京市某法院"),
                                 .order_number = lf__bytes_str("2026-1")};
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_redaction_encode(&arena, &order, parts, &count, NULL), LF_OK);
    assert_int_equal(say(AUTHORITY, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&arena);
}

/* Each thing on the way of a task erased once, live and rebuilt the same. */
static void erasure_asks_and_forgets(void **state)
{
    (void)state;
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t id = accuse();
    assert_int_equal(answer(OTHER, names[PLATFORM], id, PX_ANSWER_REMOVED)->s.status, LF_OK);
    uint8_t said_id = w.next_id;
    redact(names[OTHER], said_id,
           PX_CLASS_NONE); /* what was answered stays, how much of it does not */
    struct listed out = list(REGULATOR, names[OTHER], 0);
    assert_int_equal(out.views[0].state, GW_TASK_CLOSED);
    assert_int_equal(out.views[0].answer.shops, 0);
    assert_sound();

    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, names[PLATFORM], id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    assert_int_equal(answer(OTHER, names[PLATFORM], w.next_id, PX_ANSWER_UNDONE)->s.status, LF_OK);
    assert_sound();
    redact(names[PLATFORM], id, PX_CLASS_NONE);
    uint8_t order = w.next_id;
    assert_sound();
    out = list(REGULATOR, "", 0);
    size_t to_erase = 0;
    for (size_t i = 0; i < out.count; i++) {
        assert_int_equal(out.views[i].task.kind, GW_TASK_TO_ERASE);
        to_erase += out.views[i].task.index == out.views[out.count - 1].task.index ? 1 : 0;
    }
    assert_int_equal(to_erase, 3); /* whoever said it has it too, and so does the regulator */
    assert_int_equal(answer(OTHER, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_int_equal(answer(PLATFORM, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_string_equal(answer(PLATFORM, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.error.reason,
                        "TASK_STATE");
    assert_sound();
}

static void assert_asked(const struct listed *out, const char *const *members, size_t count)
{
    assert_int_equal(out->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(out->members[i], members[i]);
        assert_int_equal(out->views[i].task.kind, GW_TASK_TO_ERASE);
    }
}

/* Mirrors of every role hold what they could read; each says that it erased it, and nothing else. */
static void holders_of_every_role_erase(void **state)
{
    (void)state;
    struct gw_reader auditor = {.member = lf__bytes_str(names[BRAND]), .role = PX_ROLE_AUDITOR};
    const char *const all[] = {names[BRAND], names[PLATFORM], names[OTHER], names[REGULATOR]};
    const char *const held[] = {names[PLATFORM], names[REGULATOR]};
    assert_int_equal(say_member(BRAND, PX_ROLE_AUDITOR, PX_MEMBER_ACTIVE)->s.status, LF_OK);
    uint8_t waiting = accuse(); /* for a relay: nobody else was told */
    redact(names[PLATFORM], waiting, PX_CLASS_NONE);
    uint8_t order = w.next_id;
    struct listed out = list(REGULATOR, "", 0);
    assert_asked(&out, held, LF_COUNT(held));
    assert_string_equal(answer(OTHER, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.error.reason,
                        "TARGET_UNKNOWN");
    assert_int_equal(answer(PLATFORM, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_int_equal(say_policy(1)->s.status, LF_OK);
    uint8_t id = accuse();
    assert_string_equal(answer(REGULATOR, names[PLATFORM], id, PX_ANSWER_ERASED)->s.error.reason,
                        "TASK_UNKNOWN");
    redact(names[PLATFORM], id, PX_CLASS_MEMBERS);
    order = w.next_id;
    for (size_t i = 0; i < LF_COUNT(all); i++) {
        out = list(REGULATOR, all[i], 0);
        assert_int_equal(out.views[out.count - 1].state, GW_TASK_OPEN);
    }
    out = list_as(&auditor, "", 0); /* its own alone */
    assert_asked(&out, all, 1);
    assert_string_equal(answer(BRAND, GW_AUTHORITY_ID, order, PX_ANSWER_NO_SHOP)->s.error.reason,
                        "KIND_NOT_ALLOWED");
    assert_int_equal(answer(BRAND, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_int_equal(list_as(&auditor, "", 0).views[0].state, GW_TASK_CLOSED);
    assert_int_equal(answer(REGULATOR, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_string_equal(answer(REGULATOR, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.error.reason,
                        "TASK_STATE");
    assert_sound();
}

/* What is of persons is erased by those who could read it. */
static void a_part_is_erased_by_its_readers(void **state)
{
    (void)state;
    struct lf__arena arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_member second = member_of(BRAND, PX_ROLE_REGULATOR, PX_MEMBER_ACTIVE);
    const char *const readers[] = {names[BRAND], names[REGULATOR]};
    struct px_header header = {.kind = PX_KIND_REGISTRY_ENTRY, .version = 1, .legal_basis = 1};
    struct px_registry entry = {.uscc = lf__bytes_str(m2),
                                .status = lf__bytes_str("ACTIVE"),
                                .full_name = lf__bytes_str("某个人的真名")};
    assert_int_equal(say_member_value(BRAND, &second)->s.status, LF_OK);
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_registry_encode(&arena, &entry, parts, &count, NULL), LF_OK);
    assert_int_equal(say(REGULATOR, &header, parts, count)->s.status, LF_OK);
    lf__arena_done(&arena);
    redact(names[REGULATOR], w.next_id, PX_CLASS_PERSONAL);
    uint8_t order = w.next_id;
    struct listed out = list(REGULATOR, "", 0);
    assert_asked(&out, readers, LF_COUNT(readers));
    assert_string_equal(answer(PLATFORM, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.error.reason,
                        "TASK_UNKNOWN");
    assert_int_equal(answer(BRAND, GW_AUTHORITY_ID, order, PX_ANSWER_ERASED)->s.status, LF_OK);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_when_it_takes_effect, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_and_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(what_informs_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_correction_asks_to_undo, setup, teardown),
        cmocka_unit_test_setup_teardown(reminders_count_for_whom_they_name, setup, teardown),
        cmocka_unit_test_setup_teardown(erasure_asks_and_forgets, setup, teardown),
        cmocka_unit_test_setup_teardown(holders_of_every_role_erase, setup, teardown),
        cmocka_unit_test_setup_teardown(a_part_is_erased_by_its_readers, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
