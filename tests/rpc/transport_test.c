/* SPDX-License-Identifier: Apache-2.0 */
/* The client's own transport against the server: what a member makes of a gateway that goes away. */
#include "base/bytes.h"
#include "base/status.h"
#include "client/transport/stream.h"
#include "rpc/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { LONG_MS = 60000, ADDRESS_MAX = 32 };

static struct lf__channel *channel_open(struct world *world)
{
    char address[ADDRESS_MAX];
    struct lf__channel *channel = NULL;
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", gw_server_port(world->server));
    struct lf__channel_options options = {.address = address,
                                          .server_name = "gateway",
                                          .server_cert = (const char *)world->gateway.cert.ptr,
                                          .key = (const char *)world->member[0].key.ptr,
                                          .cert = (const char *)world->member[0].cert.ptr};
    assert_int_equal(lf__channel_open(&options, &channel, NULL), LF_OK);
    return channel;
}

/* CANCELLED is what gRPC says for calls that a server's end overtook. Nobody here gave up, so it is tried again. */
static void a_call_overtaken(void **state)
{
    struct lf__channel *channel = channel_open(*state);
    LF_BUF answer;
    lf_error err = LF_ERROR_INIT;
    uint32_t retry_ms = 0;
    lf__buf_init(&answer, 100);
    assert_int_equal(lf__channel_call(channel, "/test.Test/Echo", lf__bytes_str("hello"), LONG_MS,
                                      &answer, &retry_ms, &err),
                     LF_OK);
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&answer), "hello"));
    assert_int_equal(lf__channel_call(channel, "/test.Test/Gone", LF_BYTES_NONE, LONG_MS, &answer,
                                      &retry_ms, &err),
                     LF_E_UNAVAILABLE);
    assert_int_equal(err.status, LF_E_UNAVAILABLE);
    lf__channel_close(channel);
}

static void a_stream_overtaken(void **state)
{
    struct lf__channel *channel = channel_open(*state);
    struct lf__stream *stream = NULL;
    LF_BUF message;
    lf_error err = LF_ERROR_INIT;
    uint32_t retry_ms = 0;
    lf__buf_init(&message, 100);
    assert_int_equal(
        lf__stream_open(channel, "/test.Test/Chat", lf__bytes_str("gone"), &stream, &err), LF_OK);
    assert_int_equal(lf__stream_next(stream, LONG_MS, &message, &retry_ms, &err), LF_E_UNAVAILABLE);
    lf__stream_close(stream);
    lf__channel_close(channel);
}

struct given_up {
    struct lf__call call; /* first: `done` gets it */
    bool is_done;
};

static void given_up_done(struct lf__call *call)
{
    ((struct given_up *)call)->is_done = true;
}

/* What we gave up ourselves is not tried again. */
static void a_call_given_up(void **state)
{
    struct world *world = *state;
    struct lf__channel *channel = channel_open(world);
    struct lf__wire *wire = NULL;
    struct given_up g = {.call.done = given_up_done};
    lf__buf_init(&g.call.answer, 100);
    assert_int_equal(lf__channel_wire(channel, &wire, NULL), LF_OK);
    wire->ops->start(wire, &g.call, "/test.Test/Later", LF_BYTES_NONE, LONG_MS);
    (void)sem_wait(&world->parked);
    wire->ops->cancel(wire, &g.call);
    while (!g.is_done) {
        wire->ops->wait(wire, INT64_MAX);
    }
    assert_int_equal(g.call.status, LF_E_CANCELED);
    (void)sem_post(&world->release);
    (void)pthread_join(world->later, NULL);
    lf__buf_done(&g.call.answer);
    wire->ops->close(wire);
    lf__channel_close(channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_overtaken, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_stream_overtaken, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_call_given_up, world_setup, world_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
