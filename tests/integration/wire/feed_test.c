/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feed against a real gateway, by readers that check every position. Started by feed.sh with LIANFANG_FED,
 * LIANFANG_PORT and LIANFANG_PID; heartbeats come every 300 ms, and who takes nothing is cut off after 1.5 s. The last test ends
 * the gateway.
 */
#include "integration/wire/feed.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/wire.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    GRPC_OK = 0,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_ABORTED = 10,
    GRPC_UNAVAILABLE = 14,
    OFFLINE = 5,
    CANCELS = 60,
    LARGE = 200000
};

static struct wire w;

static uint64_t kind_bit(enum px_kind kind)
{
    return UINT64_C(1) << kind;
}

/* S4-13: offline during 5 records; reconnected, they come in order and once each. */
static void offline_and_back(void **state)
{
    (void)state;
    struct wire_feed f;
    uint64_t indexes[OFFLINE];
    size_t got = 0;
    wire_feed_init(&w, &f, WIRE_OTHER);
    wire_feed_subscribe(&f);
    assert_true(wire_feed_until(&f, wire_size(&w), &got));
    assert_true(got > 0); /* genesis and members */
    wire_feed_leave(&f);
    for (size_t i = 0; i < OFFLINE; i++) {
        indexes[i] = wire_event(&w, WIRE_REGULATOR, NULL, NULL);
    }
    wire_feed_subscribe(&f);
    for (got = 0; got < OFFLINE;) {
        assert_true(wire_feed_news(&f));
        for (size_t i = 0; i < f.batch.entry_count; i++) {
            assert_true(got < OFFLINE);
            assert_int_equal(f.batch.entries[i].index, indexes[got++]);
        }
    }
    assert_int_equal(f.request.cursor, wire_size(&w));
    assert_true(wire_feed_next(&f) && f.batch.is_heartbeat); /* and nothing after them */
    wire_feed_leave(&f);
    wire_feed_done(&f);
}

static void news_come_as_they_happen(void **state)
{
    (void)state;
    struct wire_feed f;
    size_t got = 0;
    wire_feed_init(&w, &f, WIRE_PLATFORM);
    wire_feed_subscribe(&f);
    assert_true(wire_feed_until(&f, wire_size(&w), &got));
    for (int i = 0; i < 3; i++) {
        uint64_t index = wire_event(&w, WIRE_REGULATOR, NULL, NULL);
        assert_true(wire_feed_news(&f));
        assert_int_equal(f.batch.entries[0].index, index);
        assert_int_equal(f.batch.entry_count, 1);
    }
    wire_feed_leave(&f);
    wire_feed_done(&f);
}

struct poller {
    struct wire_feed f;
    struct wire_told told;
    pthread_t thread;
};

static void *poller_run(void *user)
{
    struct poller *p = user;
    (void)wire_feed_poll(&p->f, &p->told);
    return NULL;
}

/* To the head, by polls that do not wait. */
static void poll_all(struct wire_feed *f)
{
    struct wire_told told;
    f->request.wait_ms = 0;
    do {
        assert_int_equal(wire_feed_poll(f, &told), GRPC_OK);
    } while (f->batch.next_cursor < f->head.size);
}

static void a_poll_waits_for_news(void **state)
{
    (void)state;
    struct poller p;
    wire_feed_init(&w, &p.f, WIRE_OTHER);
    poll_all(&p.f);
    assert_int_equal(wire_feed_poll(&p.f, &p.told), GRPC_OK); /* nothing, at once */
    assert_true(p.f.batch.is_heartbeat);
    p.f.request.wait_ms = PX_FEED_WAIT_MAX_MS;
    p.f.client = wire_connect(&w, WIRE_OTHER); /* a connection for its thread */
    assert_int_equal(pthread_create(&p.thread, NULL, poller_run, &p), 0);
    uint64_t index = wire_event(&w, WIRE_REGULATOR, NULL, NULL);
    (void)pthread_join(p.thread, NULL);
    assert_int_equal(p.told.code, GRPC_OK);
    assert_int_equal(p.f.batch.entry_count, 1);
    assert_int_equal(p.f.batch.entries[0].index, index);
    p.f.request.wait_ms = 200;
    (void)wire_event(&w, WIRE_PLATFORM, "platform-03", NULL); /* not for this one */
    assert_int_equal(wire_feed_poll(&p.f, &p.told), GRPC_OK);
    assert_int_equal(p.f.batch.entry_count, 0);
    test_client_close(p.f.client);
    wire_feed_done(&p.f);
}

static void polls_page(void **state)
{
    (void)state;
    struct wire_feed f;
    struct wire_told told;
    size_t got = 0;
    wire_feed_init(&w, &f, WIRE_REGULATOR);
    f.request.max_entries = 7;
    do {
        assert_int_equal(wire_feed_poll(&f, &told), GRPC_OK);
        assert_true(f.batch.entry_count <= 7);
        got += f.batch.entry_count;
    } while (f.batch.next_cursor < f.head.size);
    assert_int_equal(got, wire_size(&w)); /* a regulator sees them all */
    f.request.max_entries = PX_FEED_ENTRIES_MAX + 1;
    assert_int_equal(wire_feed_poll(&f, &told), GRPC_INVALID_ARGUMENT);
    assert_string_equal(told.reason, "TOO_BIG");
    f.request.max_entries = 0;
    f.request.wait_ms = PX_FEED_WAIT_MAX_MS + 1;
    assert_int_equal(wire_feed_poll(&f, &told), GRPC_INVALID_ARGUMENT);
    assert_string_equal(told.reason, "TOO_BIG");
    f.request.wait_ms = 0;
    f.request.cursor = wire_size(&w) + 1;
    assert_int_equal(wire_feed_poll(&f, &told), GRPC_INVALID_ARGUMENT);
    assert_string_equal(told.reason, "CURSOR_AHEAD");
    wire_feed_done(&f);
}

static void acknowledge(enum wire_who who, uint64_t cursor, struct wire_told *told)
{
    LF_BUF request;
    lf__buf_init(&request, 64);
    assert_true(px_acknowledge_encode(cursor, &request));
    wire_call(w.members[who].client, "/lianfang.v1.Feed/Acknowledge", lf__buf_bytes(&request),
              told);
}

static void cursors_are_kept(void **state)
{
    (void)state;
    struct wire_feed f;
    struct wire_told told;
    uint64_t size = wire_size(&w);
    acknowledge(WIRE_LAB, size - 2, &told);
    assert_int_equal(told.code, GRPC_OK);
    acknowledge(WIRE_LAB, size - 2, &told); /* the same again is no step back */
    assert_int_equal(told.code, GRPC_OK);
    acknowledge(WIRE_LAB, size - 3, &told);
    assert_string_equal(told.reason, "CURSOR_BEHIND");
    acknowledge(WIRE_LAB, size + 1, &told);
    assert_string_equal(told.reason, "CURSOR_AHEAD");
    LF_BUF request; /* the wire helper would want all positions from 0 */
    struct test_answer answer;
    lf__buf_init(&request, 64);
    f.request = (struct px_feed_request){.resume = true};
    assert_true(px_feed_request_encode(&f.request, &request));
    struct test_ask ask = {"/lianfang.v1.Feed/Poll", lf__buf_bytes(&request), WIRE_LONG_MS, -1};
    test_client_call(w.members[WIRE_LAB].client, &ask, &answer);
    LF_ARENA arena;
    struct px_feed_batch batch;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    assert_int_equal(px_feed_batch_decode(&arena, lf__buf_bytes(&answer.reply), &batch, NULL),
                     LF_OK);
    assert_int_equal(batch.cursor, size - 2);
    assert_int_equal(batch.next_cursor, size);
    test_answer_done(&answer);
}

/* For others only, of a kind not asked for: both are told as leaf hashes in one range, and nothing tells them apart. */
static void what_is_withheld_looks_alike(void **state)
{
    (void)state;
    struct wire_feed f;
    struct wire_feed g;
    struct wire_told told;
    wire_feed_init(&w, &f, WIRE_OTHER);
    poll_all(&f);
    uint64_t held = wire_event(&w, WIRE_PLATFORM, "platform-03", NULL);
    uint64_t seen = wire_event(&w, WIRE_REGULATOR, NULL, NULL);
    f.request.kinds = kind_bit(PX_KIND_RELAY); /* not what either is */
    assert_int_equal(wire_feed_poll(&f, &told), GRPC_OK);
    assert_int_equal(f.batch.entry_count, 0);
    assert_int_equal(f.batch.skipped_count, 1);
    assert_int_equal(f.batch.skipped[0].from, held);
    assert_int_equal(f.batch.skipped[0].leaf_hashes.len, 2 * LF_HASH_BYTES);
    assert_int_equal(f.batch.next_cursor, seen + 1);
    wire_feed_init(&w, &g, WIRE_REGULATOR); /* who sees both */
    poll_all(&g);
    assert_int_equal(g.batch.entries[g.batch.entry_count - 1].index, seen);
    assert_int_equal(g.batch.entries[g.batch.entry_count - 2].index, held);
    wire_feed_done(&f);
    wire_feed_done(&g);
}

static void only_the_kinds_asked_for(void **state)
{
    (void)state;
    struct wire_feed f;
    wire_feed_init(&w, &f, WIRE_REGULATOR);
    f.request.kinds = kind_bit(PX_KIND_MEMBER) | kind_bit(PX_KIND_GENESIS);
    poll_all(&f);
    LF_ARENA arena;
    lf__arena_init(&arena, (size_t)4 * PX_MESSAGE_MAX);
    assert_true(f.batch.entry_count > 0);
    for (size_t i = 0; i < f.batch.entry_count; i++) {
        struct px_envelope e;
        assert_int_equal(px_envelope_decode(&arena, f.batch.entries[i].envelope, &e, NULL), LF_OK);
        assert_true(e.header.kind == PX_KIND_MEMBER || e.header.kind == PX_KIND_GENESIS);
    }
    wire_feed_done(&f);
}

/* By log position: a suspended member's stream goes on, with what takes back and nothing else. */
static void the_suspended_hear_corrections(void **state)
{
    (void)state;
    struct wire_feed f;
    struct wire_record r;
    struct wire_told told;
    uint8_t id[PX_ID_BYTES];
    size_t got = 0;
    wire_feed_init(&w, &f, WIRE_SUSPECT);
    wire_feed_subscribe(&f);
    (void)wire_event(&w, WIRE_REGULATOR, NULL, id);
    assert_true(wire_feed_until(&f, wire_size(&w), &got));
    (void)wire_standing_say(&w, PX_MEMBER_SUSPENDED);
    (void)wire_event(&w, WIRE_REGULATOR, NULL, NULL);
    wire_record_init(&w, &r);
    wire_record_by(&r, WIRE_REGULATOR);
    r.header.kind = PX_KIND_CORRECTION;
    r.header.certainty = 0;
    r.target = (struct px_target){.issuer = lf__bytes_str(w.members[WIRE_REGULATOR].name),
                                  .record_id = {id, PX_ID_BYTES},
                                  .decision = PX_CORRECTION_WITHDRAWN};
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    wire_submit(&r, &told);
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    wire_record_done(&r);
    bool heard = false; /* the record of its suspension may still have come while it was active */
    while (!heard) {
        assert_true(wire_feed_news(&f));
        for (size_t i = 0; i < f.batch.entry_count; i++) {
            assert_true(f.batch.entries[i].index != told.index - 1);
            heard = heard || f.batch.entries[i].index == told.index;
        }
    }
    wire_feed_leave(&f);
    wire_feed_done(&f);
    wire_feed_init(&w, &f,
                   WIRE_SUSPECT); /* and a new one hears no more than that from the beginning */
    poll_all(&f);
    LF_ARENA arena;
    lf__arena_init(&arena, (size_t)4 * PX_MESSAGE_MAX);
    for (size_t i = 0; i < f.batch.entry_count; i++) {
        struct px_envelope e;
        assert_int_equal(px_envelope_decode(&arena, f.batch.entries[i].envelope, &e, NULL), LF_OK);
        assert_int_equal(e.header.kind, PX_KIND_CORRECTION);
    }
    (void)wire_standing_say(&w, PX_MEMBER_ACTIVE);
    wire_feed_done(&f);
}

/* Records so large that no buffer between here and there holds all of them. */
static void large_events(unsigned count)
{
    static uint8_t large[LARGE];
    for (unsigned i = 0; i < count; i++) {
        struct wire_record r;
        struct wire_told told;
        LF_BUF more; /* a field that this version does not know is carried */
        lf__buf_init(&more, (size_t)2 * LARGE);
        wire_record_init(&w, &r);
        wire_record_by(&r, WIRE_REGULATOR);
        r.header.certainty = 5;
        wire_bodies(&r);
        assert_true(px_wire_bytes(&more, (uint32_t)r.parts[0].part_class * 100 + 99,
                                  LF_BYTES_ARRAY(large)));
        wire_body_add(&r, 0, lf__buf_bytes(&more));
        wire_encode(&r);
        wire_sign(&r);
        wire_pack(&r);
        wire_submit(&r, &told);
        assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
        wire_record_done(&r);
    }
}

static void who_does_not_read_is_cut_off(void **state)
{
    (void)state;
    struct wire_feed lazy;
    struct wire_feed other;
    struct test_answer answer;
    size_t got = 0;
    wire_feed_init(&w, &lazy, WIRE_REGULATOR);
    wire_feed_init(&w, &other, WIRE_OTHER);
    lazy.client = wire_connect(&w, WIRE_REGULATOR);
    wire_feed_subscribe(&lazy);
    wire_feed_subscribe(&other);
    large_events(40);
    assert_true(wire_feed_until(&other, wire_size(&w), &got)); /* who reads has it all */
    for (int beats = 0; beats < 8; beats++) { /* longer than the gateway's patience */
        assert_true(wire_feed_next(&other));
    }
    wire_feed_end(&lazy, &answer);
    assert_int_equal(answer.code, GRPC_ABORTED);
    assert_non_null(strstr(answer.error.message, "SLOW_READER"));
    const char *hint = strstr(answer.error.message, "cursor ");
    assert_non_null(hint);
    assert_int_equal(strtoull(hint + strlen("cursor "), NULL, 10), lazy.request.cursor);
    test_client_close(lazy.client);
    lazy.client = w.members[WIRE_REGULATOR].client;
    wire_feed_subscribe(&lazy); /* it goes on where it was */
    assert_true(wire_feed_until(&lazy, wire_size(&w), &got));
    wire_feed_leave(&lazy);
    wire_feed_leave(&other);
    wire_feed_done(&lazy);
    wire_feed_done(&other);
}

/* The client goes away while its batch is read, noted, on the wire, or there is none: nothing of it stays, which the end of the
 * gateway shows, and the others go on. */
static void cancelled_anywhere(void **state)
{
    (void)state;
    struct wire_feed steady;
    size_t got = 0;
    wire_feed_init(&w, &steady, WIRE_OTHER);
    steady.request.cursor = 0;
    wire_feed_subscribe(&steady);
    assert_true(wire_feed_until(&steady, wire_size(&w), &got));
    for (unsigned i = 0; i < CANCELS; i++) {
        struct wire_feed f;
        wire_feed_init(&w, &f, WIRE_PLATFORM);
        wire_feed_subscribe(&f);
        uint64_t index = i % 4 == 0 ? wire_event(&w, WIRE_REGULATOR, NULL, NULL) : 0;
        for (unsigned batch = 0; batch < i % 3; batch++) {
            assert_true(wire_feed_next(&f));
        }
        wire_feed_leave(&f);
        wire_feed_done(&f);
        assert_true(i % 4 != 0 || wire_feed_news(&steady));
        assert_true(i % 4 != 0 || steady.batch.entries[0].index == index);
    }
    wire_feed_leave(&steady);
    wire_feed_done(&steady);
}

static void bad_requests(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *reason;
    } bad[] = {{"\x08\xff\xff\xff\xff\x0f", 6, "CURSOR_AHEAD"},
               {"\x1a\x01\x3f", 3, "KIND_UNKNOWN"},
               {"\x1a\x01\x00", 3, "KIND_UNKNOWN"},
               {"\x08\x01\x08\x01", 4, "DUPLICATE_FIELD"},
               {"\x4a\x01\x01", 3, "UNKNOWN_FIELD"},
               {"\x0a\x01\x01", 3, "WRONG_WIRE_TYPE"},
               {"\xff", 1, "WIRE_MALFORMED"}};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        LF_BUF message;
        struct test_answer answer;
        lf_bytes bytes = {(const uint8_t *)bad[i].bytes, bad[i].len};
        struct test_stream *stream = test_stream_open(w.members[WIRE_OTHER].client,
                                                      "/lianfang.v1.Feed/Subscribe", WIRE_LONG_MS);
        lf__buf_init(&message, 1);
        assert_true(test_stream_send(stream, bytes));
        assert_false(test_stream_receive(stream, &message));
        test_stream_finish(stream, &answer);
        assert_int_equal(answer.code, GRPC_INVALID_ARGUMENT);
        assert_string_equal(answer.error.reason, bad[i].reason);
    }
}

static void the_end_says_where_to_go_on(void **state)
{
    (void)state;
    struct wire_feed f;
    struct poller p;
    struct test_answer answer;
    char want[64];
    size_t got = 0;
    const char *pid = getenv("LIANFANG_PID");
    pid_t gateway = pid == NULL ? 0 : (pid_t)atoi(pid);
    assert_true(gateway > 0);
    wire_feed_init(&w, &f, WIRE_OTHER);
    wire_feed_subscribe(&f);
    assert_true(wire_feed_until(&f, wire_size(&w), &got));
    wire_feed_init(&w, &p.f, WIRE_LAB);
    poll_all(&p.f);
    p.f.request.wait_ms = PX_FEED_WAIT_MAX_MS;
    assert_int_equal(pthread_create(&p.thread, NULL, poller_run, &p), 0);
    assert_true(wire_feed_next(&f)); /* a heartbeat */
    assert_int_equal(kill(gateway, SIGTERM), 0);
    wire_feed_end(&f, &answer);
    assert_int_equal(answer.code, GRPC_UNAVAILABLE);
    assert_string_equal(answer.error.reason, "DRAINING");
    (void)snprintf(want, sizeof want, "cursor %llu", (unsigned long long)f.request.cursor);
    assert_non_null(strstr(answer.error.message, want));
    (void)pthread_join(p.thread, NULL);
    assert_int_equal(p.told.code, GRPC_UNAVAILABLE);
    wire_feed_done(&f);
    wire_feed_done(&p.f);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(offline_and_back),
                                       cmocka_unit_test(news_come_as_they_happen),
                                       cmocka_unit_test(a_poll_waits_for_news),
                                       cmocka_unit_test(polls_page),
                                       cmocka_unit_test(cursors_are_kept),
                                       cmocka_unit_test(what_is_withheld_looks_alike),
                                       cmocka_unit_test(only_the_kinds_asked_for),
                                       cmocka_unit_test(the_suspended_hear_corrections),
                                       cmocka_unit_test(who_does_not_read_is_cut_off),
                                       cmocka_unit_test(cancelled_anywhere),
                                       cmocka_unit_test(bad_requests),
                                       cmocka_unit_test(the_end_says_where_to_go_on)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
