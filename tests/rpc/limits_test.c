/* SPDX-License-Identifier: Apache-2.0 */
/* Each limit is crossed once, deadlines are kept, and certificates change while the server runs. */
#include "base/bytes.h"
#include "base/status.h"
#include "rpc/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONG_MS = 60000, TRIES = 2000 };

static void expect_ask(struct test_client *client, const struct test_ask *question, int code,
                       const char *reason)
{
    struct test_answer answer;
    test_client_call(client, question, &answer);
    assert_int_equal(answer.code, code);
    assert_string_equal(answer.error.reason, reason);
    test_answer_done(&answer);
}

static void a_member_has_its_share(void **state)
{
    struct world *world = *state;
    enum { CHATS = (GW_PEER_UNITS_MAX - 2 * WORLD_WIDE_WINDOW) / WORLD_WINDOW };
    struct test_ask echo = {
        .path = "/test.Test/Echo", .timeout_ms = LONG_MS, .cancel_after_ms = -1};
    struct test_client *other = world_connect(world, &world->member[1]);
    struct test_stream *streams[2 + CHATS];
    for (size_t i = 0; i < LF_COUNT(streams); i++) {
        streams[i] =
            test_stream_open(world->client, i < 2 ? "/test.Test/Wide" : "/test.Test/Chat", LONG_MS);
    }
    world_await(world, OPENED, LF_COUNT(streams));
    struct test_answer answer = world_ask(world->client, "/test.Test/Echo", LF_BYTES_NONE);
    assert_int_equal(answer.code, RESOURCE_EXHAUSTED);
    assert_string_equal(answer.error.reason, "QUOTA_EXCEEDED");
    assert_int_equal(answer.retry_ms, GW_RETRY_MS);
    test_answer_done(&answer);
    world_expect_end(test_stream_open(world->client, "/test.Test/Chat", LONG_MS),
                     RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED");
    expect_ask(other, &echo, OK, ""); /* who has done nothing, notices nothing */
    test_stream_half_close(streams[0]);
    world_expect_end(streams[0], OK, "");
    int code =
        RESOURCE_EXHAUSTED; /* the share comes back when the server has let go of the stream */
    for (int i = 0; code != OK && i < TRIES; i++) {
        answer = world_ask(world->client, "/test.Test/Echo", LF_BYTES_NONE);
        code = answer.code;
        test_answer_done(&answer);
    }
    assert_int_equal(code, OK);
    for (size_t i = 1; i < LF_COUNT(streams); i++) {
        test_stream_half_close(streams[i]);
        world_expect_end(streams[i], OK, "");
    }
    test_client_close(other);
}

static void sizes_have_limits(void **state)
{
    struct world *world = *state;
    size_t large = 9 << 20;
    uint8_t *bytes = calloc(1, large);
    assert_non_null(bytes);
    struct test_ask ask = {.path = "/test.Test/Echo", .timeout_ms = LONG_MS, .cancel_after_ms = -1};
    ask.request = (lf_bytes){bytes, 1 << 20};
    expect_ask(world->client, &ask, OK, "");
    ask.request.len++;
    expect_ask(world->client, &ask, INVALID_ARGUMENT, "TOO_BIG"); /* the method's, in our words */
    ask.request.len = 5 << 20;
    expect_ask(world->client, &ask, INVALID_ARGUMENT, "TOO_BIG"); /* over any message's */
    ask.request.len = large;
    expect_ask(world->client, &ask, RESOURCE_EXHAUSTED,
               ""); /* not even taken in, in gRPC's words */
    ask.request.len = 0;
    memset(bytes, 'm', 40000);
    test_client_set_header(world->client, "x-large", (lf_bytes){bytes, 8000});
    expect_ask(world->client, &ask, OK, "");
    test_client_set_header(world->client, "x-large", (lf_bytes){bytes, 40000});
    expect_ask(world->client, &ask, RESOURCE_EXHAUSTED, "");
    test_client_set_header(world->client, NULL, LF_BYTES_NONE);
    free(bytes);
}

/* A compressed message could become any size: none is taken, and the call is told so. */
static void nothing_compressed_is_taken(void **state)
{
    struct world *world = *state;
    static const uint8_t bytes[100000];
    struct test_ask ask = {.path = "/test.Test/Echo",
                           .request = LF_BYTES_ARRAY(bytes),
                           .timeout_ms = LONG_MS,
                           .cancel_after_ms = -1};
    expect_ask(world->client, &ask, OK, "");
    test_client_set_header(world->client, "grpc-internal-encoding-request", lf__bytes_str("gzip"));
    expect_ask(world->client, &ask, UNIMPLEMENTED, "");
    test_client_set_header(world->client, NULL, LF_BYTES_NONE);
    expect_ask(world->client, &ask, OK, "");
}

/* Who pings too often is sent away; the others stay. */
static void too_many_pings_end_a_connection(void **state)
{
    struct world *world = *state;
    struct test_ask echo = {
        .path = "/test.Test/Echo", .timeout_ms = LONG_MS, .cancel_after_ms = -1};
    struct test_client *client = test_client_open_pinging(gw_server_port(world->server),
                                                          &world->gateway, &world->member[1], 50);
    struct test_stream *stream = test_stream_open(client, "/test.Test/Chat", LONG_MS);
    world_expect_end(stream, UNAVAILABLE, "");
    expect_ask(world->client, &echo, OK, "");
    test_client_close(client);
    world_await(world, ENDED, 1);
}

/* The call waits at the gate until its deadline is long over: then no work is done for it. */
static void a_late_call_is_not_worked_on(void **state)
{
    struct world *world = *state;
    struct test_ask late = {.path = "/test.Test/Echo",
                            .request = lf__bytes_str("late"),
                            .timeout_ms = 300,
                            .cancel_after_ms = -1};
    struct test_ask later = {.path = "/test.Test/Refuse", .timeout_ms = 300, .cancel_after_ms = -1};
    world->has_gate = true;
    expect_ask(world->client, &late, DEADLINE_EXCEEDED, "");
    expect_ask(world->client, &later, DEADLINE_EXCEEDED, ""); /* as long again */
    world->has_gate = false;
    (void)sem_post(&world->gate);
    (void)sem_post(&world->gate);
    world_await(world, CALLS_DONE, 2);
    assert_int_equal(world_count(world, HANDLED), 0);
    struct test_ask good = {.path = "/test.Test/Echo",
                            .request = lf__bytes_str("good"),
                            .timeout_ms = LONG_MS,
                            .cancel_after_ms = -1};
    expect_ask(world->client, &good, OK, "");
    assert_string_equal(world->last_request, "good");
}

static lf_bytes pem(const struct lf__buf *text)
{
    return (lf_bytes){text->ptr, text->len - 1}; /* without its NUL */
}

static int ask_trusting(struct world *world, const struct test_identity *server, int64_t timeout_ms)
{
    struct test_answer answer;
    struct test_ask ask = {
        .path = "/test.Test/Echo", .timeout_ms = timeout_ms, .cancel_after_ms = -1};
    struct test_client *client =
        test_client_open(gw_server_port(world->server), server, &world->member[1]);
    test_client_call(client, &ask, &answer);
    test_answer_done(&answer);
    test_client_close(client);
    return answer.code;
}

static void certificates_change(void **state)
{
    struct world *world = *state;
    struct test_identity next;
    lf_error err = LF_ERROR_INIT;
    struct test_ask echo = {
        .path = "/test.Test/Echo", .timeout_ms = LONG_MS, .cancel_after_ms = -1};
    expect_ask(world->client, &echo, OK, "");
    test_identity_make(&next, "gateway");
    /* What cannot be used changes nothing. */
    assert_int_equal(
        gw_server_reload(world->server, pem(&next.key), pem(&world->gateway.cert), &err), LF_E_ARG);
    assert_int_equal(gw_server_reload(world->server, lf__bytes_str("x"), pem(&next.cert), &err),
                     LF_E_FORMAT);
    assert_int_equal(ask_trusting(world, &world->gateway, LONG_MS), OK);
    assert_int_equal(gw_server_reload(world->server, pem(&next.key), pem(&next.cert), &err), LF_OK);
    int code = UNAVAILABLE; /* gRPC looks once a second */
    for (int i = 0; code != OK && i < TRIES; i++) {
        code = ask_trusting(world, &next, 500);
    }
    assert_int_equal(code, OK);
    expect_ask(world->client, &echo, OK, ""); /* on the connection that there was */
    test_identity_done(&next);
}

static void a_wrong_key_is_told_at_the_start(void **state)
{
    struct world *world = *state;
    struct gw_server *server = NULL;
    lf_error err = LF_ERROR_INIT;
    struct gw_server_options options = {.address = "127.0.0.1:0",
                                        .key_pem = pem(&world->member[0].key),
                                        .cert_pem = pem(&world->gateway.cert)};
    assert_int_equal(gw_server_start(&options, &server, &err), LF_E_ARG);
    assert_null(server);
}

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char event[64];
    char text[256];
} logged = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void log_keep(const char *level, const char *event, const char *text)
{
    (void)level;
    (void)pthread_mutex_lock(&logged.lock);
    (void)lf__copy_str(logged.event, sizeof logged.event, lf__bytes_str(event));
    (void)lf__copy_str(logged.text, sizeof logged.text, lf__bytes_str(text));
    (void)pthread_cond_broadcast(&logged.changed);
    (void)pthread_mutex_unlock(&logged.lock);
}

static void the_log_names_a_missing_certificate(void **state)
{
    struct world *world = *state;
    struct test_answer answer;
    struct test_ask ask = {.path = "/test.Test/Echo", .timeout_ms = 2000, .cancel_after_ms = -1};
    struct test_client *client = world_connect(world, NULL);
    test_client_call(client, &ask, &answer);
    assert_true(answer.code == UNAVAILABLE || answer.code == DEADLINE_EXCEEDED);
    test_answer_done(&answer);
    test_client_close(client);
    (void)pthread_mutex_lock(&logged.lock);
    while (logged.event[0] == '\0') {
        (void)pthread_cond_wait(&logged.changed, &logged.lock);
    }
    assert_string_equal(logged.event, "handshake-failed");
    assert_non_null(strstr(logged.text, "reason=\"peer did not return a certificate\" more="));
    (void)pthread_mutex_unlock(&logged.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First, as failed handshakes are told once a second. */
        cmocka_unit_test_setup_teardown(the_log_names_a_missing_certificate, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_member_has_its_share, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(sizes_have_limits, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(nothing_compressed_is_taken, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(too_many_pings_end_a_connection, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_late_call_is_not_worked_on, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(certificates_change, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_key_is_told_at_the_start, world_setup,
                                        world_teardown),
    };
    gw_server_log(log_keep);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
