/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real mutual TLS on loopback: every end a call can have. */
#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "gateway/rpc/server.h"
#include "rpc/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    OK = 0,
    CANCELLED = 1,
    INVALID_ARGUMENT = 3,
    DEADLINE_EXCEEDED = 4,
    RESOURCE_EXHAUSTED = 8,
    UNIMPLEMENTED = 12,
    UNAVAILABLE = 14,
    UNAUTHENTICATED = 16
};

struct world {
    struct gw_server *server;
    struct test_identity gateway;
    struct test_identity member;
    struct lf__hash pinned;
    struct test_client *client;
    pthread_t later;
    sem_t parked; /* a call waits for `release` */
    sem_t release;
    struct gw_call *call;
};

static void handle_echo(void *service, struct gw_call *call, lf_bytes request)
{
    (void)service;
    gw_call_reply(call, request);
}

static void handle_refuse(void *service, struct gw_call *call, lf_bytes request)
{
    (void)service;
    (void)request;
    lf_error err = LF_ERROR_INIT;
    (void)lf__refuse(&err, LF_E_BUSY, "QUEUE_FULL", "header.kind", "queue: full");
    gw_call_fail(call, &err);
}

static void *later_run(void *user)
{
    struct world *world = user;
    (void)sem_wait(&world->release);
    gw_call_reply(world->call, lf__bytes_str("later"));
    return NULL;
}

/* Answers from another thread, when the test says so. */
static void handle_later(void *service, struct gw_call *call, lf_bytes request)
{
    struct world *world = service;
    (void)request;
    world->call = call;
    LF_BUG_IF(pthread_create(&world->later, NULL, later_run, world) != 0);
    (void)sem_post(&world->parked);
}

static lf_status admit_peer(void *user, const struct gw_peer *peer, lf_error *err)
{
    const struct world *world = user;
    if (lf__hash_eq(&peer->spki, &world->pinned)) {
        return LF_OK;
    }
    return lf__refuse(err, LF_E_UNAUTHENTICATED, "CERTIFICATE_UNKNOWN", "",
                      "peer: no member has pinned this certificate");
}

static struct gw_method methods[] = {
    {"/test.Test/Echo", 1 << 20, true, handle_echo, NULL, NULL},
    {"/test.Test/Refuse", 1 << 20, true, handle_refuse, NULL, NULL},
    {"/test.Test/Later", 1 << 20, true, handle_later, NULL, NULL},
    {"/test.Test/Open", 16, false, handle_echo, NULL, NULL},
};

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    lf_error err = LF_ERROR_INIT;
    assert_non_null(world);
    (void)sem_init(&world->parked, 0, 0);
    (void)sem_init(&world->release, 0, 0);
    test_identity_make(&world->gateway, "gateway");
    test_identity_make(&world->member, "platform-01");
    assert_int_equal(lf__cert_spki((lf_bytes){world->member.cert.ptr, world->member.cert.len - 1},
                                   &world->pinned, &err),
                     LF_OK);
    methods[2].service = world;
    struct gw_server_options options = {
        .address = "127.0.0.1:0",
        .methods = methods,
        .method_count = LF_COUNT(methods),
        .admit_peer = admit_peer,
        .user = world,
        .key_pem = {world->gateway.key.ptr, world->gateway.key.len - 1},
        .cert_pem = {world->gateway.cert.ptr, world->gateway.cert.len - 1}};
    assert_int_equal(gw_server_start(&options, &world->server, &err), LF_OK);
    world->client =
        test_client_open(gw_server_port(world->server), &world->gateway, &world->member);
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *world = *state;
    test_client_close(world->client);
    gw_server_stop(world->server, 1000);
    gw_server_free(world->server);
    test_identity_done(&world->gateway);
    test_identity_done(&world->member);
    (void)sem_destroy(&world->parked);
    (void)sem_destroy(&world->release);
    free(world);
    return 0;
}

static struct test_answer ask(struct test_client *client, const char *path, lf_bytes request)
{
    struct test_answer answer;
    struct test_ask question = {path, request, 20000, -1};
    test_client_call(client, &question, &answer);
    return answer;
}

static void echoes(void **state)
{
    struct world *world = *state;
    static uint8_t big[700000];
    memset(big, 'x', sizeof big);
    lf_bytes rows[] = {LF_BYTES_NONE, lf__bytes_str("联防"), LF_BYTES_ARRAY(big)};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct test_answer answer = ask(world->client, "/test.Test/Echo", rows[i]);
        assert_int_equal(answer.code, OK);
        assert_true(lf__bytes_eq(lf__buf_bytes(&answer.reply), rows[i]));
        test_answer_done(&answer);
    }
}

static void errors_carry_details(void **state)
{
    struct world *world = *state;
    struct test_answer answer = ask(world->client, "/test.Test/Refuse", LF_BYTES_NONE);
    assert_int_equal(answer.code, RESOURCE_EXHAUSTED);
    assert_string_equal(answer.error.reason, "QUEUE_FULL");
    assert_string_equal(answer.error.field, "header.kind");
    assert_string_equal(answer.error.message, "queue: full");
    assert_int_equal(answer.retry_ms, GW_RETRY_MS);
    test_answer_done(&answer);
    answer = ask(world->client, "/test.Test/Nothing", LF_BYTES_NONE);
    assert_int_equal(answer.code, UNIMPLEMENTED);
    test_answer_done(&answer);
    answer = ask(world->client, "/test.Test/Open", lf__bytes_str("12345678901234567"));
    assert_int_equal(answer.code, INVALID_ARGUMENT);
    assert_string_equal(answer.error.reason, "TOO_BIG");
    test_answer_done(&answer);
}

static void strangers_stay_out(void **state)
{
    struct world *world = *state;
    struct test_identity stranger;
    test_identity_make(&stranger, "platform-01"); /* the name is right, the key is not */
    struct test_client *client =
        test_client_open(gw_server_port(world->server), &world->gateway, &stranger);
    struct test_answer answer = ask(client, "/test.Test/Echo", LF_BYTES_NONE);
    assert_int_equal(answer.code, UNAUTHENTICATED);
    assert_string_equal(answer.error.reason, "CERTIFICATE_UNKNOWN");
    test_answer_done(&answer);
    answer = ask(client, "/test.Test/Open",
                 LF_BYTES_NONE); /* health is for everyone with a certificate */
    assert_int_equal(answer.code, OK);
    test_answer_done(&answer);
    test_client_close(client);
    client = test_client_open(gw_server_port(world->server), &world->gateway, NULL);
    struct test_ask question = {"/test.Test/Open", LF_BYTES_NONE, 2000, -1};
    test_client_call(client, &question, &answer); /* refused in the handshake */
    assert_true(answer.code == UNAVAILABLE || answer.code == DEADLINE_EXCEEDED);
    test_answer_done(&answer);
    test_client_close(client);
    test_identity_done(&stranger);
}

static void answers_from_another_thread(void **state)
{
    struct world *world = *state;
    (void)sem_post(&world->release);
    struct test_answer answer = ask(world->client, "/test.Test/Later", LF_BYTES_NONE);
    assert_int_equal(answer.code, OK);
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&answer.reply), "later"));
    test_answer_done(&answer);
    (void)sem_wait(&world->parked);
    (void)pthread_join(world->later, NULL);
}

/* The client gives up while the handler works: the handler's reply is still owed, and harmless. */
static void given_up(struct world *world, int64_t timeout_ms, int64_t cancel_after_ms, int want)
{
    struct test_answer answer;
    struct test_ask question = {"/test.Test/Later", LF_BYTES_NONE, timeout_ms, cancel_after_ms};
    test_client_call(world->client, &question, &answer);
    assert_int_equal(answer.code, want);
    test_answer_done(&answer);
    (void)sem_wait(&world->parked);
    (void)sem_post(&world->release);
    (void)pthread_join(world->later, NULL);
}

static void cancel_and_deadline(void **state)
{
    struct world *world = *state;
    given_up(world, 20000, 300, CANCELLED);
    given_up(world, 300, -1, DEADLINE_EXCEEDED);
    struct test_answer answer = ask(world->client, "/test.Test/Echo", lf__bytes_str("alive"));
    assert_int_equal(answer.code, OK);
    test_answer_done(&answer);
}

static void cancel_sweep(void **state)
{
    struct world *world = *state;
    for (int64_t ms = 0; ms < 12; ms++) { /* before, while and after the request arrives */
        struct test_answer answer;
        struct test_ask question = {"/test.Test/Echo", lf__bytes_str("x"), 20000, ms / 3};
        test_client_call(world->client, &question, &answer);
        assert_true(answer.code == OK || answer.code == CANCELLED);
        test_answer_done(&answer);
    }
}

static void *asker_run(void *user)
{
    struct world *world = user;
    struct test_client *client =
        test_client_open(gw_server_port(world->server), &world->gateway, &world->member);
    struct test_answer answer = ask(client, "/test.Test/Later", LF_BYTES_NONE);
    int *code = malloc(sizeof *code);
    assert_non_null(code);
    *code = answer.code;
    test_answer_done(&answer);
    test_client_close(client);
    return code;
}

static void *stopper_run(void *user)
{
    struct world *world = user;
    gw_server_stop(world->server, 100);
    return NULL;
}

/* Stop while a handler works: the client is cancelled after the grace, and stop waits for the handler. */
static void stop_waits_for_handlers(void **state)
{
    struct world *world = *state;
    pthread_t asker;
    pthread_t stopper;
    void *code = NULL;
    assert_int_equal(pthread_create(&asker, NULL, asker_run, world), 0);
    (void)sem_wait(&world->parked);
    assert_int_equal(pthread_create(&stopper, NULL, stopper_run, world), 0);
    (void)pthread_join(asker, &code);
    assert_true(*(int *)code == UNAVAILABLE || *(int *)code == CANCELLED);
    free(code);
    (void)sem_post(&world->release);
    (void)pthread_join(stopper, NULL);
    (void)pthread_join(world->later, NULL);
}

static int stopped_teardown(void **state)
{
    struct world *world = *state;
    test_client_close(world->client);
    gw_server_free(world->server);
    test_identity_done(&world->gateway);
    test_identity_done(&world->member);
    (void)sem_destroy(&world->parked);
    (void)sem_destroy(&world->release);
    free(world);
    return 0;
}

static void address_in_use_is_told(void **state)
{
    struct world *world = *state;
    char address[64];
    struct gw_server *second = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", gw_server_port(world->server));
    struct gw_server_options options = {
        .address = address,
        .methods = methods,
        .method_count = 1,
        .key_pem = {world->gateway.key.ptr, world->gateway.key.len - 1},
        .cert_pem = {world->gateway.cert.ptr, world->gateway.cert.len - 1}};
    assert_int_equal(gw_server_start(&options, &second, &err), LF_E_UNAVAILABLE);
    assert_null(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(echoes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(errors_carry_details, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(strangers_stay_out, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(answers_from_another_thread, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(cancel_and_deadline, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(cancel_sweep, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(stop_waits_for_handlers, world_setup, stopped_teardown),
        cmocka_unit_test_setup_teardown(address_in_use_is_told, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
