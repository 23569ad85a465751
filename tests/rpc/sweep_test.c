/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cancel sweep: each kind of call, cut off in each of its states. The server's poller stands still in
 * that state until it has happened; then the call has exactly one end, nothing of it is left (which the
 * sanitizers see), and the server goes on, or stops.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "rpc/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { LONG_MS = 60000, STUCK_SECONDS = 60, STATES_MAX = 8 };

struct kind {
    const char *path;  /* that the client calls */
    const char *trace; /* that the server traces: "" for what it does not offer */
    const char *message;
    int good; /* the status if nobody cuts it off */
    const char *states[STATES_MAX];
};
static const struct kind kinds[] = {
    {"/test.Test/Echo", "/test.Test/Echo", "x", OK, {"WAIT_HANDLER", "WAIT_SENT", "DONE"}},
    {"/test.Test/Refuse",
     "/test.Test/Refuse",
     "x",
     RESOURCE_EXHAUSTED,
     {"WAIT_HANDLER", "WAIT_SENT", "DONE"}},
    {"/test.Test/NoSuch", "", "x", UNIMPLEMENTED, {"WAIT_SENT", "DONE"}},
    {"/test.Test/Refused", "/test.Test/Refused", "x", PERMISSION_DENIED, {"WAIT_SENT", "DONE"}},
    {"/test.Test/Count",
     "/test.Test/Count",
     "3",
     OK,
     {"WAIT_OPEN", "OPEN", "ENDING", "WAIT_SENT", "DONE"}},
    {"/test.Test/Chat",
     "/test.Test/Chat",
     "x",
     OK,
     {"WAIT_OPEN", "OPEN", "HALF_CLOSED", "ENDING", "WAIT_SENT", "DONE"}},
};

struct cut {
    struct world *world;
    struct test_stream *stream;
    bool is_stop; /* the server stops, instead of the client cancelling */
};

static void *cut_run(void *user)
{
    struct cut *cut = user;
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STUCK_SECONDS;
    if (sem_timedwait(&cut->world->stopped, &until) != 0) {
        return NULL; /* the state was not reached, which the test then says */
    }
    if (!cut->is_stop) {
        test_stream_cancel(cut->stream);
    }
    (void)sem_post(&cut->world->go);
    if (cut->is_stop) {
        gw_server_stop(cut->world->server, 100);
    }
    return NULL;
}

static void stop_in(struct world *world, const struct kind *kind, const char *state)
{
    (void)pthread_mutex_lock(&world->lock);
    world->stop_path = kind->trace;
    world->stop_state = state;
    world->was_stopped = false;
    (void)pthread_mutex_unlock(&world->lock);
}

/* The whole conversation, as far as it gets. */
static int converse(struct test_stream *stream, const struct kind *kind, const pthread_t *cutter)
{
    LF_BUF message;
    struct test_answer answer;
    lf__buf_init(&message, 1);
    (void)test_stream_send(stream, lf__bytes_str(kind->message));
    test_stream_half_close(stream);
    while (test_stream_receive(stream, &message)) {
    }
    if (cutter != NULL) { /* before the stream is freed */
        (void)pthread_join(*cutter, NULL);
    }
    test_stream_finish(stream, &answer);
    return answer.code;
}

static void cut_off(struct world *world, const struct kind *kind, const char *state, bool is_stop)
{
    pthread_t cutter;
    unsigned done = world_count(world, CALLS_DONE);
    stop_in(world, kind, state);
    struct cut cut = {world, test_stream_open(world->client, kind->path, LONG_MS), is_stop};
    assert_int_equal(pthread_create(&cutter, NULL, cut_run, &cut), 0);
    int code = converse(cut.stream, kind, &cutter);
    if (!world->was_stopped) {
        fail_msg("%s never was in %s", kind->path, state);
    }
    if (code != kind->good && code != CANCELLED && code != UNAVAILABLE) {
        fail_msg("%s cut off in %s ended with %d", kind->path, state, code);
    }
    world_await(world, CALLS_DONE, done + 1);
}

static void cancelled_in_each_state(void **state)
{
    struct world *world = *state;
    for (size_t k = 0; k < LF_COUNT(kinds); k++) {
        for (size_t i = 0; kinds[k].states[i] != NULL; i++) {
            cut_off(world, &kinds[k], kinds[k].states[i], false);
        }
        int code =
            converse(test_stream_open(world->client, kinds[k].path, LONG_MS), &kinds[k], NULL);
        assert_int_equal(code, kinds[k].good); /* and the next one is as good as ever */
    }
}

static void cancelled_before_it_is_a_call(void **state)
{
    struct world *world = *state;
    for (size_t k = 0; k < LF_COUNT(kinds); k++) {
        for (int i = 0; i < 20; i++) {
            struct test_stream *stream = test_stream_open(world->client, kinds[k].path, LONG_MS);
            test_stream_cancel(stream); /* what needs no message may be answered before */
            int code = converse(stream, &kinds[k], NULL);
            assert_true(code == CANCELLED || code == kinds[k].good);
        }
    }
}

/* The client gives up while answers are owed by another thread. */
static void cancelled_while_answers_are_owed(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 20; i++) {
        struct test_answer answer;
        struct test_stream *stream = test_stream_open(world->client, "/test.Test/Chat", LONG_MS);
        assert_true(test_stream_send(stream, lf__bytes_str("hold")));
        struct gw_call *call = world_take_held(world, 1);
        test_stream_cancel(stream); /* races with the answer, and either may win on the wire */
        (void)gw_stream_send(call, lf__bytes_str("owed"), NULL);
        gw_stream_release(call);
        test_stream_finish(stream, &answer);
        assert_int_equal(answer.code, CANCELLED);
    }
    world_await(world, ENDED, 20);
}

static void the_server_stops_in_each_state(void **state)
{
    (void)state;
    for (size_t k = 0; k < LF_COUNT(kinds); k++) {
        for (size_t i = 0; kinds[k].states[i] != NULL; i++) {
            void *fresh = NULL;
            (void)world_setup(&fresh);
            cut_off(fresh, &kinds[k], kinds[k].states[i], true);
            (void)world_teardown_stopped(&fresh);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cancelled_in_each_state, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(cancelled_before_it_is_a_call, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(cancelled_while_answers_are_owed, world_setup,
                                        world_teardown),
        cmocka_unit_test(the_server_stops_in_each_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
