/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suspension takes effect by log position: what is sequenced before it stays, what comes after it is
 * refused, also when it comes in the middle of a crowd of submits. The suspended member may still take
 * its accusation back. Started by wire.sh with LIANFANG_FED and LIANFANG_PORT.
 */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/status.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CROWD = 3, CROWD_BEFORE = 20, CROWD_MAX = 100000, GRPC_PERMISSION_DENIED = 7 };

static struct wire w;

static void finish(struct wire_record *r, struct wire_told *told)
{
    wire_bodies(r);
    wire_encode(r);
    wire_sign(r);
    wire_pack(r);
    wire_submit(r, told);
}

/* One of the crowd: submits until it is refused. */
struct walker {
    struct test_client *client;
    pthread_t thread;
    uint64_t last_index; /* of its last accepted record */
    uint8_t last_id[PX_ID_BYTES];
    struct wire_told refusal;
};
static struct crowd {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned accepted;
} crowd = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void *walker_run(void *user)
{
    struct walker *walker = user;
    for (unsigned i = 0; i < CROWD_MAX; i++) {
        struct wire_record r;
        struct wire_told told;
        wire_record_init(&w, &r);
        wire_record_by(&r, WIRE_SUSPECT);
        wire_bodies(&r);
        wire_encode(&r);
        wire_sign(&r);
        wire_pack(&r);
        wire_submit_through(walker->client, &r, &told);
        wire_record_done(&r);
        if (told.outcome != PX_OUTCOME_ACCEPTED) {
            walker->refusal = told;
            return NULL;
        }
        walker->last_index = told.index;
        lf__copy(walker->last_id, r.id, sizeof r.id);
        (void)pthread_mutex_lock(&crowd.lock);
        crowd.accepted++;
        (void)pthread_cond_signal(&crowd.changed);
        (void)pthread_mutex_unlock(&crowd.lock);
    }
    return NULL;
}

static void withdraw(const uint8_t id[PX_ID_BYTES], enum wire_who issuer, struct wire_told *told)
{
    struct wire_record r;
    wire_record_init(&w, &r);
    wire_record_by(&r, WIRE_SUSPECT);
    r.header.kind = PX_KIND_CORRECTION;
    r.header.certainty = 0;
    r.target = (struct px_target){.issuer = lf__bytes_str(w.members[issuer].name),
                                  .record_id = {id, PX_ID_BYTES},
                                  .decision = PX_CORRECTION_WITHDRAWN};
    finish(&r, told);
    wire_record_done(&r);
}

static void event(enum wire_who who, struct wire_told *told)
{
    struct wire_record r;
    wire_record_init(&w, &r);
    wire_record_by(&r, who);
    finish(&r, told);
    wire_record_done(&r);
}

static void crowd_run(struct walker walkers[CROWD], uint64_t *suspended_at)
{
    for (int i = 0; i < CROWD; i++) {
        walkers[i].client = wire_connect(&w, WIRE_SUSPECT);
        assert_int_equal(pthread_create(&walkers[i].thread, NULL, walker_run, &walkers[i]), 0);
    }
    (void)pthread_mutex_lock(&crowd.lock);
    while (crowd.accepted < CROWD * CROWD_BEFORE) {
        (void)pthread_cond_wait(&crowd.changed, &crowd.lock);
    }
    (void)pthread_mutex_unlock(&crowd.lock);
    *suspended_at = wire_standing_say(&w, PX_MEMBER_SUSPENDED);
    for (int i = 0; i < CROWD; i++) {
        (void)pthread_join(walkers[i].thread, NULL);
        test_client_close(walkers[i].client);
    }
}

static void by_log_position(void **state)
{
    (void)state;
    struct walker walkers[CROWD] = {{.client = NULL}};
    struct wire_told told;
    uint64_t suspended_at = 0;
    crowd_run(walkers, &suspended_at);
    for (int i = 0; i < CROWD; i++) {
        assert_string_equal(walkers[i].refusal.reason, "MEMBER_SUSPENDED");
        assert_true(walkers[i].last_index < suspended_at);
    }
    assert_int_equal(wire_size(&w), suspended_at + 1); /* nothing of the crowd came after it */

    event(WIRE_SUSPECT, &told);
    assert_string_equal(told.reason, "MEMBER_SUSPENDED");
    assert_int_equal(wire_size(&w), suspended_at + 1);
    withdraw(walkers[0].last_id, WIRE_SUSPECT, &told);
    assert_string_equal(told.reason, "");
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    assert_int_equal(told.index, suspended_at + 1);
    event(WIRE_OTHER, &told); /* whom the suspension does not concern */
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
}

/* What asks and reads is closed to the suspended, whatever it asks. */
static void may_not_ask(void **state)
{
    (void)state;
    LF_BUF request;
    struct wire_told told;
    struct px_asked subject = {lf__bytes_str("91999999MA00000154"), LF_BYTES_NONE};
    struct px_screen_request question = {
        .purpose = lf__bytes_str("ONBOARDING"), .legal_basis = 1, .subjects = &subject, .count = 1};
    lf__buf_init(&request, 4096);
    assert_true(px_screen_request_encode(&question, &request));
    wire_call(w.members[WIRE_SUSPECT].client, "/lianfang.v1.Screening/Screen",
              lf__buf_bytes(&request), &told);
    assert_int_equal(told.code, GRPC_PERMISSION_DENIED);
    assert_string_equal(told.reason, "MEMBER_SUSPENDED");
}

/* Sends one event over an open stream; its answer, or false when the stream has ended. */
static bool stream_say(struct test_stream *stream, enum wire_who who, uint64_t tag,
                       struct px_result *out, struct lf__arena *arena)
{
    struct wire_record r;
    LF_BUF request;
    LF_BUF answer;
    uint64_t told = 0;
    lf_bytes note;
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, PX_MESSAGE_MAX);
    wire_record_init(&w, &r);
    wire_record_by(&r, who);
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    LF_BUG_IF(!px_stream_request_encode(tag, lf__buf_bytes(&r.wire), &request));
    bool heard =
        test_stream_send(stream, lf__buf_bytes(&request)) && test_stream_receive(stream, &answer);
    wire_record_done(&r);
    if (heard) {
        assert_int_equal(
            px_stream_answer_decode(arena, lf__buf_bytes(&answer), &told, out, &note, NULL), LF_OK);
        assert_int_equal(told, tag);
    }
    return heard;
}

/* An open stream of the member that is suspended ends, and another member's goes on. */
static void open_streams_end(void **state)
{
    (void)state;
    LF_ARENA arena;
    struct px_result result = {.outcome = 0};
    struct test_answer answer;
    static const char path[] = "/lianfang.v1.Exchange/SubmitStream";
    lf__arena_init(&arena, (size_t)4 * PX_MESSAGE_MAX);
    struct test_client *mine = wire_connect(&w, WIRE_SUSPECT);
    struct test_client *others = wire_connect(&w, WIRE_OTHER);
    struct test_stream *ending = test_stream_open(mine, path, 60000);
    struct test_stream *lasting = test_stream_open(others, path, 60000);
    for (uint64_t tag = 1; tag <= 5; tag++) {
        assert_true(stream_say(ending, WIRE_SUSPECT, tag, &result, &arena));
        assert_int_equal(result.outcome, PX_OUTCOME_ACCEPTED);
        assert_true(stream_say(lasting, WIRE_OTHER, tag, &result, &arena));
        assert_int_equal(result.outcome, PX_OUTCOME_ACCEPTED);
    }
    uint64_t suspended_at = wire_standing_say(&w, PX_MEMBER_SUSPENDED);
    LF_BUF nothing;
    lf__buf_init(&nothing, PX_MESSAGE_MAX);
    assert_false(test_stream_receive(ending, &nothing)); /* without a word from the client */
    test_stream_finish(ending, &answer);
    assert_int_equal(answer.code, GRPC_PERMISSION_DENIED);
    assert_string_equal(answer.error.reason, "MEMBER_SUSPENDED");
    test_answer_done(&answer);
    assert_int_equal(wire_size(&w), suspended_at + 1);

    assert_true(stream_say(lasting, WIRE_OTHER, 9, &result, &arena));
    assert_int_equal(result.outcome, PX_OUTCOME_ACCEPTED);
    test_stream_half_close(lasting);
    assert_false(test_stream_receive(lasting, &nothing));
    test_stream_finish(lasting, &answer);
    assert_int_equal(answer.code, 0);
    test_answer_done(&answer);
    test_client_close(mine);
    test_client_close(others);
}

static void reinstated(void **state)
{
    (void)state;
    struct wire_told told;
    (void)wire_standing_say(&w, PX_MEMBER_ACTIVE);
    event(WIRE_SUSPECT, &told);
    assert_string_equal(told.reason, "");
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
}

static int setup(void **state)
{
    (void)state;
    return wire_open_env(&w) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    wire_close(&w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_log_position),
                                       cmocka_unit_test(may_not_ask), cmocka_unit_test(reinstated),
                                       cmocka_unit_test(open_streams_end)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
