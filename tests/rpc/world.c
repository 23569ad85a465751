/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/world.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/cert.h"
#include "base/status.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { WORLD_WAIT_SECONDS = 60 };

static void count_up(struct world *world, enum counted what)
{
    (void)pthread_mutex_lock(&world->lock);
    world->counts[what]++;
    (void)pthread_cond_broadcast(&world->changed);
    (void)pthread_mutex_unlock(&world->lock);
}

static void handle_echo(void *service, struct gw_call *call, lf_bytes request)
{
    struct world *world = service;
    (void)pthread_mutex_lock(&world->lock);
    (void)lf__copy_str(world->last_request, sizeof world->last_request,
                       lf__bytes_slice(request, 0, sizeof world->last_request - 1));
    (void)pthread_mutex_unlock(&world->lock);
    count_up(world, HANDLED);
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

/* As gRPC answers calls that came when a server was ending. */
static void handle_gone(void *service, struct gw_call *call, lf_bytes request)
{
    (void)service;
    (void)request;
    lf_error err = LF_ERROR_INIT;
    (void)lf__fail(&err, LF_E_CANCELED, "gone");
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

static lf_status stream_open(void *service, struct gw_call *call, lf_error *err)
{
    (void)call;
    (void)err;
    count_up(service, OPENED);
    return LF_OK;
}

static lf_status stream_refuse(void *service, struct gw_call *call, lf_error *err)
{
    (void)service;
    (void)call;
    return lf__refuse(err, LF_E_DENIED, "MEMBER_SUSPENDED", "", "member: is suspended");
}

static void stream_ended(void *service, struct gw_call *call)
{
    (void)call;
    count_up(service, ENDED);
}

static void stream_sent(void *service, struct gw_call *call)
{
    (void)call;
    count_up(service, SENT);
}

static void hold(struct world *world, struct gw_call *call)
{
    gw_stream_hold(call);
    (void)pthread_mutex_lock(&world->lock);
    LF_BUG_IF(world->held_count == WORLD_HELD_MAX);
    world->held[world->held_count++] = call;
    (void)pthread_cond_broadcast(&world->changed);
    (void)pthread_mutex_unlock(&world->lock);
}

/* "hold": for the test to answer. "big": more than fits a window. "gone", "fail": ends. Else: an echo. */
static void chat_message(void *service, struct gw_call *call, lf_bytes message)
{
    struct world *world = service;
    static uint8_t big[WORLD_BIG];
    lf_error err = LF_ERROR_INIT;
    count_up(world, TAKEN);
    if (lf__bytes_eq_str(message, "hold")) {
        hold(world, call);
    } else if (lf__bytes_eq_str(message, "big")) {
        (void)gw_stream_send(call, LF_BYTES_ARRAY(big), NULL);
    } else if (lf__bytes_eq_str(message, "gone")) {
        (void)lf__fail(&err, LF_E_CANCELED, "gone");
        gw_stream_end(call, &err);
    } else if (lf__bytes_eq_str(message, "fail")) {
        (void)lf__refuse(&err, LF_E_DENIED, "MEMBER_SUSPENDED", "", "member: is suspended");
        gw_stream_end(call, &err);
        (void)lf__refuse(&err, LF_E_BUSY, "QUEUE_FULL", "", "the first end counts");
        gw_stream_end(call, &err);
    } else {
        (void)gw_stream_send(call, message, NULL);
    }
}

/* "3" is answered with 0, 1, 2, and the end; "hold" as above. */
static void count_message(void *service, struct gw_call *call, lf_bytes message)
{
    struct world *world = service;
    count_up(world, TAKEN);
    if (lf__bytes_eq_str(message, "hold")) {
        hold(world, call);
        return;
    }
    for (uint8_t i = '0'; message.len == 1 && i < message.ptr[0]; i++) {
        (void)gw_stream_send(call, (lf_bytes){&i, 1}, NULL);
    }
    gw_stream_end(call, NULL);
}

static const struct gw_stream_handler chat = {
    .window = WORLD_WINDOW, .open = stream_open, .message = chat_message, .ended = stream_ended};
static const struct gw_stream_handler wide = {.window = WORLD_WIDE_WINDOW,
                                              .open = stream_open,
                                              .message = chat_message,
                                              .ended = stream_ended};
static const struct gw_stream_handler counting = {
    .open = stream_open, .message = count_message, .sent = stream_sent, .ended = stream_ended};
static const struct gw_stream_handler refused = {
    .window = WORLD_WINDOW, .open = stream_refuse, .message = chat_message, .ended = stream_ended};

static struct gw_method methods[] = {
    {"/test.Test/Echo", 1 << 20, true, handle_echo, NULL, NULL},
    {"/test.Test/Refuse", 1 << 20, true, handle_refuse, NULL, NULL},
    {"/test.Test/Gone", 1 << 20, true, handle_gone, NULL, NULL},
    {"/test.Test/Later", 1 << 20, true, handle_later, NULL, NULL},
    {"/test.Test/Open", WORLD_SMALL_MAX, false, handle_echo, NULL, NULL},
    {"/test.Test/Chat", WORLD_CHAT_MAX, true, NULL, NULL, &chat},
    {"/test.Test/Wide", WORLD_CHAT_MAX, true, NULL, NULL, &wide},
    {"/test.Test/Count", WORLD_CHAT_MAX, true, NULL, NULL, &counting},
    {"/test.Test/Refused", WORLD_CHAT_MAX, true, NULL, NULL, &refused},
};

static lf_status admit_peer(void *user, const struct gw_peer *peer, lf_error *err)
{
    struct world *world = user;
    if (world->has_gate) {
        (void)sem_wait(&world->gate);
    }
    if (lf__hash_eq(&peer->spki, &world->pinned[0]) ||
        lf__hash_eq(&peer->spki, &world->pinned[1])) {
        return LF_OK;
    }
    return lf__refuse(err, LF_E_UNAUTHENTICATED, "CERTIFICATE_UNKNOWN", "",
                      "peer: no member has pinned this certificate");
}

static void trace(void *user, const char *path, const char *state)
{
    struct world *world = user;
    (void)pthread_mutex_lock(&world->lock);
    bool stops = world->stop_path != NULL && strcmp(path, world->stop_path) == 0 &&
                 strcmp(state, world->stop_state) == 0;
    world->stop_path = stops ? NULL : world->stop_path;
    world->was_stopped = world->was_stopped || stops;
    (void)pthread_mutex_unlock(&world->lock);
    if (stops) {
        (void)sem_post(&world->stopped);
        (void)sem_wait(&world->go);
    }
    if (strcmp(state, "DONE") == 0) {
        count_up(world, CALLS_DONE);
    }
}

static lf_bytes pem(const struct lf__buf *text)
{
    return (lf_bytes){text->ptr, text->len - 1}; /* without its NUL */
}

int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    lf_error err = LF_ERROR_INIT;
    assert_non_null(world);
    (void)pthread_mutex_init(&world->lock, NULL);
    (void)pthread_cond_init(&world->changed, NULL);
    (void)sem_init(&world->parked, 0, 0);
    (void)sem_init(&world->release, 0, 0);
    (void)sem_init(&world->gate, 0, 0);
    (void)sem_init(&world->stopped, 0, 0);
    (void)sem_init(&world->go, 0, 0);
    test_identity_make(&world->gateway, "gateway");
    for (size_t i = 0; i < 2; i++) {
        test_identity_make(&world->member[i], "platform-01");
        assert_int_equal(lf__cert_spki(pem(&world->member[i].cert), &world->pinned[i], &err),
                         LF_OK);
    }
    for (size_t i = 0; i < LF_COUNT(methods); i++) {
        methods[i].service = world;
    }
    struct gw_server_options options = {.address = "127.0.0.1:0",
                                        .methods = methods,
                                        .method_count = LF_COUNT(methods),
                                        .admit_peer = admit_peer,
                                        .user = world,
                                        .trace = trace,
                                        .key_pem = pem(&world->gateway.key),
                                        .cert_pem = pem(&world->gateway.cert)};
    assert_int_equal(gw_server_start(&options, &world->server, &err), LF_OK);
    world->client = world_connect(world, &world->member[0]);
    *state = world;
    return 0;
}

int world_teardown_stopped(void **state)
{
    struct world *world = *state;
    test_client_close(world->client);
    gw_server_free(world->server);
    assert_int_equal(world->counts[OPENED], world->counts[ENDED]); /* each exactly once */
    test_identity_done(&world->gateway);
    test_identity_done(&world->member[0]);
    test_identity_done(&world->member[1]);
    sem_t *all[] = {&world->parked, &world->release, &world->gate, &world->stopped, &world->go};
    for (size_t i = 0; i < LF_COUNT(all); i++) {
        (void)sem_destroy(all[i]);
    }
    (void)pthread_cond_destroy(&world->changed);
    (void)pthread_mutex_destroy(&world->lock);
    free(world);
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    gw_server_stop(world->server, 1000);
    return world_teardown_stopped(state);
}

/* The lock is held. */
static void wait_more(struct world *world, const struct timespec *until)
{
    if (pthread_cond_timedwait(&world->changed, &world->lock, until) == ETIMEDOUT) {
        fail_msg("opened %u ended %u taken %u held %u", world->counts[OPENED], world->counts[ENDED],
                 world->counts[TAKEN], world->held_count);
    }
}

static struct timespec wait_end(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WORLD_WAIT_SECONDS;
    return until;
}

void world_await(struct world *world, enum counted what, unsigned count)
{
    struct timespec until = wait_end();
    (void)pthread_mutex_lock(&world->lock);
    while (world->counts[what] < count) {
        wait_more(world, &until);
    }
    (void)pthread_mutex_unlock(&world->lock);
}

unsigned world_count(struct world *world, enum counted what)
{
    (void)pthread_mutex_lock(&world->lock);
    unsigned count = world->counts[what];
    (void)pthread_mutex_unlock(&world->lock);
    return count;
}

struct gw_call *world_take_held(struct world *world, unsigned count)
{
    struct timespec until = wait_end();
    (void)pthread_mutex_lock(&world->lock);
    while (world->held_count < count) {
        wait_more(world, &until);
    }
    struct gw_call *call = world->held[0];
    world->held_count--;
    memmove(world->held, world->held + 1, world->held_count * sizeof *world->held);
    (void)pthread_mutex_unlock(&world->lock);
    return call;
}

struct test_answer world_ask(struct test_client *client, const char *path, lf_bytes request)
{
    struct test_answer answer;
    struct test_ask question = {
        .path = path, .request = request, .timeout_ms = 20000, .cancel_after_ms = -1};
    test_client_call(client, &question, &answer);
    return answer;
}

struct test_client *world_connect(struct world *world, const struct test_identity *identity)
{
    return test_client_open(gw_server_port(world->server), &world->gateway, identity);
}

void world_expect(struct test_stream *stream, const char *text)
{
    LF_BUF message;
    lf__buf_init(&message, 1);
    assert_true(test_stream_receive(stream, &message));
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&message), text));
}

void world_expect_end(struct test_stream *stream, int code, const char *reason)
{
    LF_BUF message;
    struct test_answer answer;
    lf__buf_init(&message, 1);
    assert_false(test_stream_receive(stream, &message));
    test_stream_finish(stream, &answer);
    assert_int_equal(answer.code, code);
    assert_string_equal(answer.error.reason, reason);
}
