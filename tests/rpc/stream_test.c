/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of both kinds: what is said, who waits for whom, and every way to end. */
#include "base/bytes.h"
#include "base/status.h"
#include "rpc/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LONG_MS = 60000 };

static void a_server_stream_counts(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("3")));
    test_stream_half_close(stream);
    world_expect(stream, "0");
    world_expect(stream, "1");
    world_expect(stream, "2");
    world_expect_end(stream, OK, "");
    stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("0")));
    world_expect_end(stream, OK, ""); /* without the client's half-close */
    stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    test_stream_half_close(stream);
    world_expect_end(stream, INVALID_ARGUMENT, "FIELD_MISSING");
    world_await(world, ENDED, 3);
}

static void a_chat_echoes(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    for (int i = 0; i < 3 * WORLD_WINDOW; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "联防 %d", i);
        assert_true(test_stream_send(stream, lf__bytes_str(text)));
        world_expect(stream, text);
    }
    assert_true(test_stream_send(stream, LF_BYTES_NONE));
    world_expect(stream, "");
    test_stream_half_close(stream);
    world_expect_end(stream, OK, "");
    stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    test_stream_half_close(stream);
    world_expect_end(stream, OK, ""); /* nothing asked, nothing owed */
}

/* After the half-close all open answers come, from another thread and in another order. */
static void answers_come_after_half_close(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    assert_true(test_stream_send(stream, lf__bytes_str("now")));
    assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    test_stream_half_close(stream);
    world_expect(stream, "now");
    struct gw_call *first = world_take_held(world, 2);
    struct gw_call *second = world_take_held(world, 1);
    assert_ptr_equal(first, second);
    assert_int_equal(gw_stream_send(second, lf__bytes_str("second"), NULL), LF_OK);
    gw_stream_release(second);
    world_expect(stream, "second");
    assert_int_equal(world_count(world, ENDED), 0);
    assert_int_equal(gw_stream_send(first, lf__bytes_str("first"), NULL), LF_OK);
    world_expect(stream, "first");
    world_expect_end(stream, OK, "");
    world_await(world, ENDED, 1);
    lf_error err = LF_ERROR_INIT; /* held, so it can still be asked, long after its end */
    assert_int_equal(gw_stream_send(first, lf__bytes_str("late"), &err), LF_E_CLOSED);
    gw_stream_end(first, &err);
    gw_stream_release(first);
}

static void the_window_stops_reading(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    for (int i = 0; i < WORLD_WINDOW + 3; i++) {
        assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    }
    world_await(world, TAKEN, WORLD_WINDOW);
    for (int i = 0; i < 50; i++) { /* the server is busy meanwhile, and reads none of it */
        struct test_answer answer = world_ask(world->client, "/test.Test/Echo", LF_BYTES_NONE);
        assert_int_equal(answer.code, OK);
        test_answer_done(&answer);
    }
    assert_int_equal(world_count(world, TAKEN), WORLD_WINDOW);
    for (unsigned i = 0; i < WORLD_WINDOW + 3; i++) {
        struct gw_call *call = world_take_held(world, 1);
        assert_int_equal(gw_stream_send(call, lf__bytes_str("at last"), NULL), LF_OK);
        gw_stream_release(call);
        world_expect(stream, "at last");
    }
    test_stream_half_close(stream);
    world_expect_end(stream, OK, "");
}

/* A client that reads none of its answers is read from no more; the others do not notice. */
static void a_slow_reader_waits_for_itself(void **state)
{
    struct world *world = *state;
    enum { ASKED = 3 * WORLD_WINDOW };
    struct test_client *other = world_connect(world, &world->member[1]);
    struct test_stream *slow = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    LF_BUF message;
    lf__buf_init(&message, 1);
    for (int i = 0; i < ASKED; i++) {
        assert_true(test_stream_send(slow, lf__bytes_str("big")));
    }
    world_await(world, TAKEN, WORLD_WINDOW);
    for (int i = 0; i < 50; i++) {
        struct test_answer answer = world_ask(other, "/test.Test/Echo", lf__bytes_str("quick"));
        assert_int_equal(answer.code, OK);
        test_answer_done(&answer);
    }
    assert_true(world_count(world, TAKEN) < ASKED);
    for (int i = 0; i < ASKED; i++) {
        assert_true(test_stream_receive(slow, &message));
        assert_int_equal(message.len, WORLD_BIG);
    }
    test_stream_half_close(slow);
    world_expect_end(slow, OK, "");
    test_client_close(other);
}

/* A push stream whose client does not read: the queue has an end, and the service is told. */
static void a_push_queue_is_bounded(void **state)
{
    struct world *world = *state;
    static uint8_t big[WORLD_BIG];
    lf_error err = LF_ERROR_INIT;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    struct gw_call *call = world_take_held(world, 1);
    unsigned sent = 0;
    while (gw_stream_send(call, LF_BYTES_ARRAY(big), &err) == LF_OK) {
        sent++;
        assert_true(sent < 100 * GW_STREAM_QUEUE_MAX);
    }
    assert_int_equal(err.status, LF_E_BUSY);
    assert_true(sent >= GW_STREAM_QUEUE_MAX);
    gw_stream_end(call, &err);
    gw_stream_release(call);
    LF_BUF message;
    lf__buf_init(&message, 1);
    for (unsigned i = 0; i < sent; i++) { /* what was taken is sent before the end */
        assert_true(test_stream_receive(stream, &message));
    }
    world_expect_end(stream, RESOURCE_EXHAUSTED, "");
}

static void ends_carry_details(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("before")));
    assert_true(test_stream_send(stream, lf__bytes_str("fail")));
    world_expect(stream, "before"); /* what was answered is sent first */
    world_expect_end(stream, PERMISSION_DENIED, "MEMBER_SUSPENDED");
    stream = test_stream_open(world->client, "/test.Test/Refused", LONG_MS);
    world_expect_end(stream, PERMISSION_DENIED, "MEMBER_SUSPENDED");
    stream = test_stream_open(world->client, "/test.Test/NoSuch", LONG_MS);
    world_expect_end(stream, UNIMPLEMENTED, "");
    char large[WORLD_CHAT_MAX + 1];
    memset(large, 'x', sizeof large);
    stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    assert_true(test_stream_send(stream, (lf_bytes){(const uint8_t *)large, WORLD_CHAT_MAX}));
    assert_true(test_stream_send(stream, (lf_bytes){(const uint8_t *)large, sizeof large}));
    LF_BUF message;
    lf__buf_init(&message, 1);
    assert_true(test_stream_receive(stream, &message));
    world_expect_end(stream, INVALID_ARGUMENT, "TOO_BIG");
}

static void strangers_open_no_stream(void **state)
{
    struct world *world = *state;
    struct test_identity stranger;
    test_identity_make(&stranger, "platform-01");
    struct test_client *client = world_connect(world, &stranger);
    struct test_stream *stream = test_stream_open(client, "/test.Test/Chat", LONG_MS);
    world_expect_end(stream, UNAUTHENTICATED, "CERTIFICATE_UNKNOWN");
    assert_int_equal(world_count(world, OPENED), 0);
    test_client_close(client);
    test_identity_done(&stranger);
}

static void cancels_and_deadlines_end_streams(void **state)
{
    struct world *world = *state;
    static const char *const paths[] = {"/test.Test/Chat", "/test.Test/Count"};
    for (unsigned i = 0; i < LF_COUNT(paths); i++) {
        struct test_stream *stream = test_stream_open(world->client, paths[i], LONG_MS);
        assert_true(test_stream_send(stream, lf__bytes_str("hold")));
        struct gw_call *call = world_take_held(world, 1);
        test_stream_cancel(stream);
        world_expect_end(stream, CANCELLED, "");
        world_await(world, ENDED, 2 * i + 1);
        assert_true(gw_call_is_cancelled(call));
        assert_int_equal(gw_stream_send(call, lf__bytes_str("x"), NULL), LF_E_CLOSED);
        gw_stream_release(call);
        stream = test_stream_open(world->client, paths[i], 300);
        assert_true(test_stream_send(stream, lf__bytes_str("hold")));
        world_expect_end(stream, DEADLINE_EXCEEDED, "");
        world_await(world, ENDED, 2 * i + 2);
        gw_stream_release(world_take_held(world, 1));
    }
}

static void *drain_run(void *user)
{
    struct world *world = user;
    gw_server_drain(world->server, 20000);
    return NULL;
}

/* A drain ends what nobody waits for at once, and what is owed an answer after that answer. */
static void a_drain_ends_streams(void **state)
{
    struct world *world = *state;
    struct test_client *other = world_connect(world, &world->member[1]);
    struct test_stream *idle = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    struct test_stream *owed = test_stream_open(other, "/test.Test/Chat", LONG_MS);
    struct test_stream *push = test_stream_open(other, "/test.Test/Count", LONG_MS);
    assert_true(test_stream_send(owed, lf__bytes_str("hold")));
    struct gw_call *call = world_take_held(world, 1);
    assert_true(test_stream_send(push, lf__bytes_str("hold")));
    struct gw_call *pusher = world_take_held(world, 1);
    assert_true(test_stream_send(idle, lf__bytes_str("hello")));
    world_expect(idle, "hello");
    gw_server_drain(world->server, 1000);
    world_expect_end(idle, UNAVAILABLE, "DRAINING");
    world_expect_end(push, UNAVAILABLE, "DRAINING");
    assert_int_equal(gw_stream_send(pusher, lf__bytes_str("x"), NULL), LF_E_CLOSED);
    assert_int_equal(gw_stream_send(call, lf__bytes_str("owed"), NULL), LF_OK);
    world_expect(owed, "owed");
    world_expect_end(owed, UNAVAILABLE, "DRAINING");
    gw_stream_release(call);
    gw_stream_release(pusher);
    struct test_answer answer = world_ask(other, "/test.Test/Echo", LF_BYTES_NONE);
    assert_int_equal(answer.code, UNAVAILABLE);
    test_answer_done(&answer);
    test_client_close(other);
    gw_server_stop(world->server, 1000);
}

/* While a unary call is under way the grace lasts, and others are still served. */
static void the_grace_waits_for_unary_calls(void **state)
{
    struct world *world = *state;
    pthread_t drainer;
    struct test_client *other = world_connect(world, &world->member[1]);
    struct test_stream *later = test_stream_open(world->client, "/test.Test/Later", LONG_MS);
    assert_true(test_stream_send(later, LF_BYTES_NONE));
    test_stream_half_close(later);
    (void)sem_wait(&world->parked);
    assert_int_equal(pthread_create(&drainer, NULL, drain_run, world), 0);
    struct test_answer answer = world_ask(other, "/test.Test/Echo", LF_BYTES_NONE);
    assert_int_equal(answer.code, OK);
    test_answer_done(&answer);
    (void)sem_post(&world->release);
    world_expect(later, "later");
    world_expect_end(later, OK, "");
    (void)pthread_join(drainer, NULL);
    (void)pthread_join(world->later, NULL);
    test_client_close(other);
    gw_server_stop(world->server, 1000);
}

/* A stream whose answer never comes is cancelled at last, and stop returns once it is let go. */
static void a_stop_cancels_what_stays(void **state)
{
    struct world *world = *state;
    struct test_stream *owed = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
    assert_true(test_stream_send(owed, lf__bytes_str("hold")));
    struct gw_call *call = world_take_held(world, 1);
    gw_server_drain(world->server, 0);
    gw_stream_release(call); /* the answer is still owed; nobody will give it */
    gw_server_stop(world->server, 100);
    LF_BUF message;
    struct test_answer answer;
    lf__buf_init(&message, 1);
    assert_false(test_stream_receive(owed, &message));
    test_stream_finish(owed, &answer);
    assert_true(answer.code == UNAVAILABLE || answer.code == CANCELLED);
}

/* The service hears of each message that went out, and may send the next one then. */
static void what_was_sent_is_told(void **state)
{
    struct world *world = *state;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    struct gw_call *call = world_take_held(world, 1);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(gw_stream_send(call, lf__bytes_str("x"), NULL), LF_OK);
        world_await(world, SENT, i);
        world_expect(stream, "x");
    }
    gw_stream_end(call, NULL);
    gw_stream_release(call);
    world_expect_end(stream, OK, "");
}

/* What no window has room for is not waited for, and the reader learns why. */
static void a_cut_does_not_wait(void **state)
{
    struct world *world = *state;
    static uint8_t big[WORLD_BIG];
    LF_BUF message;
    struct test_answer answer;
    struct test_stream *stream = test_stream_open(world->client, "/test.Test/Count", LONG_MS);
    lf__buf_init(&message, 1);
    assert_true(test_stream_send(stream, lf__bytes_str("hold")));
    struct gw_call *call = world_take_held(world, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gw_stream_send(call, LF_BYTES_ARRAY(big), NULL), LF_OK);
    }
    gw_stream_cut(call, "cut off at 7");
    gw_stream_cut(call, "only once");
    assert_int_equal(gw_stream_send(call, lf__bytes_str("x"), NULL), LF_E_CLOSED);
    gw_stream_release(call);
    world_await(world, ENDED, 1); /* though the client has not read a byte */
    while (test_stream_receive(stream, &message)) {
    }
    test_stream_finish(stream, &answer);
    assert_int_equal(answer.code, ABORTED);
    assert_string_equal(answer.error.message, "cut off at 7");
}

int main(void)
{
#define WITH_WORLD(test)  cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)
#define STOPS_WORLD(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown_stopped)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_server_stream_counts),
        WITH_WORLD(a_chat_echoes),
        WITH_WORLD(answers_come_after_half_close),
        WITH_WORLD(the_window_stops_reading),
        WITH_WORLD(a_slow_reader_waits_for_itself),
        WITH_WORLD(a_push_queue_is_bounded),
        WITH_WORLD(ends_carry_details),
        WITH_WORLD(strangers_open_no_stream),
        WITH_WORLD(cancels_and_deadlines_end_streams),
        WITH_WORLD(what_was_sent_is_told),
        WITH_WORLD(a_cut_does_not_wait),
        STOPS_WORLD(a_drain_ends_streams),
        STOPS_WORLD(the_grace_waits_for_unary_calls),
        STOPS_WORLD(a_stop_cancels_what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
