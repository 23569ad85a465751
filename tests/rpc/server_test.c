/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real mutual TLS on loopback: every end a call can have. */
#include "base/bytes.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "gateway/rpc/server.h"
#include "rpc/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void echoes(void **state)
{
    struct world *world = *state;
    static uint8_t big[700000];
    memset(big, 'x', sizeof big);
    lf_bytes rows[] = {LF_BYTES_NONE, lf__bytes_str("联防"), LF_BYTES_ARRAY(big)};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct test_answer answer = world_ask(world->client, "/test.Test/Echo", rows[i]);
        assert_int_equal(answer.code, OK);
        assert_true(lf__bytes_eq(lf__buf_bytes(&answer.reply), rows[i]));
        test_answer_done(&answer);
    }
}

static void errors_carry_details(void **state)
{
    struct world *world = *state;
    struct test_answer answer = world_ask(world->client, "/test.Test/Refuse", LF_BYTES_NONE);
    assert_int_equal(answer.code, RESOURCE_EXHAUSTED);
    assert_string_equal(answer.error.reason, "QUEUE_FULL");
    assert_string_equal(answer.error.field, "header.kind");
    assert_string_equal(answer.error.message, "queue: full");
    assert_int_equal(answer.retry_ms, GW_RETRY_MS);
    test_answer_done(&answer);
    answer = world_ask(world->client, "/test.Test/Nothing", LF_BYTES_NONE);
    assert_int_equal(answer.code, UNIMPLEMENTED);
    test_answer_done(&answer);
    answer = world_ask(world->client, "/test.Test/Open", lf__bytes_str("12345678901234567"));
    assert_int_equal(answer.code, INVALID_ARGUMENT);
    assert_string_equal(answer.error.reason, "TOO_BIG");
    test_answer_done(&answer);
}

static void strangers_stay_out(void **state)
{
    struct world *world = *state;
    struct test_identity stranger;
    test_identity_make(&stranger, "platform-01"); /* the name is right, the key is not */
    struct test_client *client = world_connect(world, &stranger);
    struct test_answer answer = world_ask(client, "/test.Test/Echo", LF_BYTES_NONE);
    assert_int_equal(answer.code, UNAUTHENTICATED);
    assert_string_equal(answer.error.reason, "CERTIFICATE_UNKNOWN");
    test_answer_done(&answer);
    answer = world_ask(client, "/test.Test/Open",
                       LF_BYTES_NONE); /* health is for everyone with a certificate */
    assert_int_equal(answer.code, OK);
    test_answer_done(&answer);
    test_client_close(client);
    client = world_connect(world, NULL);
    struct test_ask question = {
        .path = "/test.Test/Open", .timeout_ms = 2000, .cancel_after_ms = -1};
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
    struct test_answer answer = world_ask(world->client, "/test.Test/Later", LF_BYTES_NONE);
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
    struct test_ask question = {
        .path = "/test.Test/Later", .timeout_ms = timeout_ms, .cancel_after_ms = cancel_after_ms};
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
    struct test_answer answer = world_ask(world->client, "/test.Test/Echo", lf__bytes_str("alive"));
    assert_int_equal(answer.code, OK);
    test_answer_done(&answer);
}

static void *asker_run(void *user)
{
    struct world *world = user;
    struct test_client *client = world_connect(world, &world->member[1]);
    struct test_answer answer = world_ask(client, "/test.Test/Later", LF_BYTES_NONE);
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

static void address_in_use_is_told(void **state)
{
    struct world *world = *state;
    char address[64];
    struct gw_server *second = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", gw_server_port(world->server));
    struct gw_server_options options = {
        .address = address,
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
        cmocka_unit_test_setup_teardown(stop_waits_for_handlers, world_setup,
                                        world_teardown_stopped),
        cmocka_unit_test_setup_teardown(address_in_use_is_told, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
