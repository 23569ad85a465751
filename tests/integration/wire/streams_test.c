/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SubmitStream and Watch against a real gateway, whose queue holds two records: so nearly all of them meet
 * a full one, and none may notice. The last test ends the gateway. Started by streams.sh with
 * LIANFANG_FED, LIANFANG_PORT and LIANFANG_PID.
 */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    RECORDS = 400,
    AHEAD = 100, /* records sent before their answers are read */
    LONG_MS = 120000,
    GRPC_OK = 0,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_UNAVAILABLE = 14,
    SERVING = 1,
    NOT_SERVING = 2
};

static struct wire w;
static const char submit_path[] = "/lianfang.v1.Exchange/SubmitStream";

static void finish(struct wire_record *r)
{
    wire_bodies(r);
    wire_encode(r);
    wire_sign(r);
    wire_pack(r);
}

static void send(struct test_stream *stream, uint64_t tag, const struct wire_record *r)
{
    LF_BUF message;
    lf__buf_init(&message, PX_MESSAGE_MAX);
    assert_true(px_stream_request_encode(tag, lf__buf_bytes(&r->wire), &message));
    assert_true(test_stream_send(stream, lf__buf_bytes(&message)));
}

static void send_event(struct test_stream *stream, uint64_t tag, enum wire_who who)
{
    struct wire_record r;
    wire_record_init(&w, &r);
    wire_record_by(&r, who);
    finish(&r);
    send(stream, tag, &r);
    wire_record_done(&r);
}

struct told {
    uint64_t tag;
    enum px_outcome outcome;
    uint64_t index;
    bool has_checkpoint;
    char reason[40];
};

static struct told receive(struct test_stream *stream)
{
    LF_BUF message;
    LF_ARENA arena;
    struct told told = {.tag = 0};
    struct px_result result;
    lf_bytes note;
    lf__buf_init(&message, 1);
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    assert_true(test_stream_receive(stream, &message));
    assert_int_equal(
        px_stream_answer_decode(&arena, lf__buf_bytes(&message), &told.tag, &result, &note, NULL),
        LF_OK);
    told.outcome = result.outcome;
    told.index = result.index;
    told.has_checkpoint = note.len > 0;
    (void)snprintf(told.reason, sizeof told.reason, "%s", result.error.reason);
    return told;
}

static void expect_end(struct test_stream *stream, int code, const char *reason)
{
    LF_BUF message;
    struct test_answer answer;
    lf__buf_init(&message, 1);
    assert_false(test_stream_receive(stream, &message));
    test_stream_finish(stream, &answer);
    assert_int_equal(answer.code, code);
    assert_string_equal(answer.error.reason, reason);
}

static void every_record_is_answered_once(void **state)
{
    (void)state;
    static bool seen[RECORDS];
    uint64_t before = wire_size(&w);
    struct test_stream *stream =
        test_stream_open(w.members[WIRE_PLATFORM].client, submit_path, LONG_MS);
    for (unsigned sent = 0, got = 0; got < RECORDS; got++) {
        for (; sent < RECORDS && sent < got + AHEAD; sent++) {
            send_event(stream, sent, WIRE_PLATFORM);
        }
        if (sent == RECORDS && got == RECORDS - AHEAD) {
            test_stream_half_close(stream); /* the rest is answered all the same */
        }
        struct told told = receive(stream);
        assert_string_equal(told.reason, "");
        assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
        assert_true(told.has_checkpoint && told.index >= before);
        assert_true(told.tag < RECORDS && !seen[told.tag]);
        seen[told.tag] = true;
    }
    expect_end(stream, GRPC_OK, "");
    assert_int_equal(wire_size(&w), before + RECORDS);
}

static void one_is_refused_and_the_rest_goes_on(void **state)
{
    (void)state;
    struct wire_record good;
    struct wire_record bad;
    struct test_stream *stream =
        test_stream_open(w.members[WIRE_PLATFORM].client, submit_path, LONG_MS);
    wire_record_init(&w, &good);
    finish(&good);
    wire_record_init(&w, &bad);
    bad.event.violation = lf__bytes_str("BAD_WEATHER");
    finish(&bad);
    send(stream, 7, &bad);
    struct told told = receive(stream);
    assert_true(told.tag == 7 && told.outcome == PX_OUTCOME_REFUSED && !told.has_checkpoint);
    assert_string_equal(told.reason, "VIOLATION_UNKNOWN");
    send(stream, 8, &good);
    struct told first = receive(stream);
    assert_true(first.tag == 8 && first.outcome == PX_OUTCOME_ACCEPTED);
    send(stream, 8, &good); /* a tag is the client's, and may come again */
    told = receive(stream);
    assert_true(told.tag == 8 && told.outcome == PX_OUTCOME_DUPLICATE && told.index == first.index);
    wire_record_done(&bad);
    wire_record_init(&w, &bad);
    wire_record_by(&bad, WIRE_OTHER); /* another's record over this member's connection */
    finish(&bad);
    send(stream, 9, &bad);
    told = receive(stream);
    assert_string_equal(told.reason, "SUBMITTER_NOT_ALLOWED");
    assert_true(test_stream_send(stream, lf__bytes_str("not a message")));
    expect_end(stream, GRPC_INVALID_ARGUMENT, "WIRE_MALFORMED");
    wire_record_done(&good);
    wire_record_done(&bad);
}

static void a_suspended_members_streams_end(void **state)
{
    (void)state;
    struct wire_record r;
    struct wire_told told;
    struct test_stream *suspect =
        test_stream_open(w.members[WIRE_SUSPECT].client, submit_path, LONG_MS);
    struct test_stream *other =
        test_stream_open(w.members[WIRE_OTHER].client, submit_path, LONG_MS);
    wire_record_init(&w, &r);
    wire_record_by(&r, WIRE_SUSPECT);
    finish(&r);
    send(suspect, 1, &r);
    assert_int_equal(receive(suspect).outcome, PX_OUTCOME_ACCEPTED);
    (void)wire_standing_say(&w, PX_MEMBER_SUSPENDED);
    expect_end(suspect, GRPC_PERMISSION_DENIED, "MEMBER_SUSPENDED");
    expect_end(test_stream_open(w.members[WIRE_SUSPECT].client, submit_path, LONG_MS),
               GRPC_PERMISSION_DENIED, "MEMBER_SUSPENDED");
    struct wire_record back; /* what it said it may still take back */
    wire_record_init(&w, &back);
    wire_record_by(&back, WIRE_SUSPECT);
    back.header.kind = PX_KIND_CORRECTION;
    back.header.certainty = 0;
    back.target = (struct px_target){.issuer = lf__bytes_str(w.members[WIRE_SUSPECT].name),
                                     .record_id = LF_BYTES_ARRAY(r.id),
                                     .decision = PX_CORRECTION_WITHDRAWN};
    finish(&back);
    wire_submit(&back, &told);
    assert_string_equal(told.reason, "");
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    send_event(other, 2, WIRE_OTHER); /* whom it does not concern */
    assert_int_equal(receive(other).outcome, PX_OUTCOME_ACCEPTED);
    test_stream_half_close(other);
    expect_end(other, GRPC_OK, "");
    (void)wire_standing_say(&w, PX_MEMBER_ACTIVE);
    suspect = test_stream_open(w.members[WIRE_SUSPECT].client, submit_path, LONG_MS);
    send_event(suspect, 3, WIRE_SUSPECT);
    assert_int_equal(receive(suspect).outcome, PX_OUTCOME_ACCEPTED);
    test_stream_half_close(suspect);
    expect_end(suspect, GRPC_OK, "");
    wire_record_done(&r);
    wire_record_done(&back);
}

static void expect_status(struct test_stream *watch, uint64_t status)
{
    LF_BUF message;
    struct px_wire wire;
    lf__buf_init(&message, 1);
    assert_true(test_stream_receive(watch, &message));
    struct lf__reader r = {lf__buf_bytes(&message)};
    assert_true(px_wire_next(&r, &wire) && wire.number == 1);
    assert_int_equal(wire.varint, status);
}

/* SIGTERM: who watches hears it, streams end with a reason, and what was sent is answered first. */
static void the_end_is_told(void **state)
{
    (void)state;
    LF_BUF request;
    const char *pid = getenv("LIANFANG_PID");
    pid_t gateway = pid == NULL ? 0 : (pid_t)atoi(pid);
    assert_true(gateway > 0);
    struct test_stream *watch =
        test_stream_open(w.members[WIRE_OTHER].client, "/grpc.health.v1.Health/Watch", LONG_MS);
    struct test_stream *stream =
        test_stream_open(w.members[WIRE_PLATFORM].client, submit_path, LONG_MS);
    lf__buf_init(&request, 64);
    assert_true(px_wire_bytes(&request, 1, lf__bytes_str("lianfang.v1.Exchange")));
    assert_true(test_stream_send(watch, lf__buf_bytes(&request)));
    expect_status(watch, SERVING);
    send_event(stream, 1, WIRE_PLATFORM);
    assert_int_equal(receive(stream).outcome, PX_OUTCOME_ACCEPTED);
    assert_int_equal(kill(gateway, SIGTERM), 0);
    expect_status(watch, NOT_SERVING);
    expect_end(watch, GRPC_UNAVAILABLE, "DRAINING");
    expect_end(stream, GRPC_UNAVAILABLE, "DRAINING");
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_record_is_answered_once),
                                       cmocka_unit_test(one_is_refused_and_the_rest_goes_on),
                                       cmocka_unit_test(a_suspended_members_streams_end),
                                       cmocka_unit_test(the_end_is_told)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
