/* SPDX-License-Identifier: Apache-2.0 */
/* Pushes over a spool: in order, each row once in the ledger whatever moment the program died at. */
#include "fake_gateway.h"

#include <lianfang/push.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 600, COPIES = 12 };

struct world {
    struct fake_gateway gateway;
    lf_client *client;
    char ledger[512];
    char room[64];
    char dir[96];
    size_t told;
    uint64_t tags[4 * ROWS];
    size_t duplicates;
    size_t resumed;
    size_t unproven;
    size_t settled; /* told when the last settle came */
    lf_status settles_with;
};

static void on_result(const lf_result *result, void *user)
{
    struct world *w = user;
    uint64_t index = 0;
    assert_true(result->outcome == LF_ACCEPTED || result->outcome == LF_DUPLICATE);
    w->tags[w->told++] = result->tag;
    w->duplicates += result->outcome == LF_DUPLICATE ? 1 : 0;
    w->resumed += result->is_resumed ? 1 : 0;
    w->unproven +=
        lf_receipt_verify(result->receipt, result->envelope, w->ledger, &index, NULL) == LF_OK ? 0
                                                                                               : 1;
}

static lf_status on_settle(void *user)
{
    struct world *w = user;
    w->settled = w->told;
    return w->settles_with;
}

static void world_open(struct world *w)
{
    LF_BUF vkey;
    memset(w, 0, sizeof *w);
    w->client = fake_open(&w->gateway);
    lf__buf_init(&vkey, sizeof w->ledger);
    assert_true(lf__note_key_format(&w->gateway.key, &vkey) && lf__buf_u8(&vkey, 0));
    (void)snprintf(w->ledger, sizeof w->ledger, "%s", (const char *)vkey.ptr);
    (void)snprintf(w->room, sizeof w->room, "/tmp/lf-push-XXXXXX");
    assert_non_null(mkdtemp(w->room));
    (void)snprintf(w->dir, sizeof w->dir, "%s/spool", w->room);
}

static void world_close(struct world *w)
{
    char command[160];
    fake_close(&w->gateway, w->client);
    (void)snprintf(command, sizeof command, "rm -rf %s", w->room);
    assert_int_equal(system(command), 0);
}

static lf_push *push_open(struct world *w, const char *dir, uint32_t unanswered)
{
    lf_push *push = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    options.spool = dir;
    options.done = on_result;
    options.settle = on_settle;
    options.user = w;
    options.unanswered = unanswered;
    assert_int_equal(lf_push_open(w->client, &options, &push, &err), LF_OK);
    return push;
}

static lf_status add(lf_push *push, unsigned row)
{
    char ref[32];
    lf_error err = LF_ERROR_INIT;
    lf_registry_entry entry = LF_REGISTRY_ENTRY_INIT;
    lf_record record = LF_RECORD_INIT;
    (void)snprintf(ref, sizeof ref, "row-%u", row);
    entry.ref = ref;
    entry.uscc = "91999999MA00000154";
    record.registry_entry = &entry;
    lf_status rc = lf_push_add(push, &record, row, &err);
    assert_int_equal(err.status, rc);
    return rc;
}

static void add_all(lf_push *push)
{
    for (unsigned row = 0; row < ROWS; row++) {
        assert_int_equal(add(push, row), LF_OK);
    }
    assert_int_equal(lf_push_commit(push, NULL), LF_OK);
}

static void run(struct world *w, lf_push *push)
{
    for (unsigned i = 0; i < 1000 && lf_push_unanswered(push) > 0; i++) {
        assert_true(lf__driver_step(&w->client->driver));
    }
    assert_int_equal(lf_push_unanswered(push), 0);
}

static void in_order(const struct world *w, size_t from, uint64_t first)
{
    for (size_t i = from; i < w->told; i++) {
        assert_int_equal(w->tags[i], first + i - from);
    }
}

/* The disk as a kill would leave it, after each round; whatever it holds goes on from there, and is
 * proven even where it had arrived. */
static void test_killed_anywhere(void **state)
{
    struct world w;
    char command[256];
    char copy[96];
    unsigned copies = 0;
    size_t left[COPIES];
    (void)state;
    world_open(&w);
    lf_push *push = push_open(&w, w.dir, 0);
    add_all(push);
    while (copies < COPIES && (copies == 0 || lf_push_unanswered(push) > 0)) {
        (void)snprintf(command, sizeof command, "cp -r %s %s/copy-%u", w.dir, w.room, copies);
        assert_int_equal(system(command), 0);
        left[copies++] = lf_push_unanswered(push);
        assert_true(lf__driver_step(&w.client->driver));
    }
    run(&w, push);
    assert_true(copies > 3);
    assert_int_equal(w.told, ROWS);
    assert_int_equal(w.settled, ROWS);
    in_order(&w, 0, 0);
    lf_push_close(push);
    assert_int_not_equal(access(w.dir, F_OK), 0);
    for (unsigned i = 0; i < copies; i++) {
        w.told = w.resumed = w.duplicates = 0;
        (void)snprintf(copy, sizeof copy, "%s/copy-%u", w.room, i);
        push = push_open(&w, copy, 0);
        assert_int_equal(lf_push_unanswered(push), left[i]);
        run(&w, push);
        assert_int_equal(w.told, left[i]);
        assert_int_equal(w.resumed, left[i]);
        assert_int_equal(w.duplicates, left[i]);
        in_order(&w, 0, ROWS - left[i]);
        lf_push_close(push);
    }
    assert_int_equal(w.gateway.size, ROWS);
    assert_int_equal(w.unproven, 0);
    world_close(&w);
}

/* Closed without answers, opened again: the rows are still there, and new ones come after them. */
static void test_goes_on(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    lf_push *push = push_open(&w, w.dir, 0);
    w.gateway.holds = true;
    add_all(push);
    assert_int_equal(add(push, ROWS), LF_OK); /* never committed: dropped */
    lf_push_close(push);
    assert_int_equal(w.told, 0);
    w.gateway.holds = false;
    push = push_open(&w, w.dir, 0);
    assert_int_equal(lf_push_unanswered(push), ROWS);
    assert_int_equal(add(push, ROWS), LF_OK);
    assert_int_equal(lf_push_commit(push, NULL), LF_OK);
    run(&w, push);
    assert_int_equal(w.told, ROWS + 1);
    assert_int_equal(w.resumed, ROWS);
    in_order(&w, 0, 0);
    lf_push_close(push);
    world_close(&w);
}

static void test_out_of_order(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    lf_push *push = push_open(&w, w.dir, 0);
    w.gateway.holds = true;
    w.gateway.is_still = true;
    add_all(push);
    assert_true(lf__driver_step(&w.client->driver));
    assert_int_equal(w.gateway.call_count, 3);
    fake_land(&w.gateway, 2);
    fake_land(&w.gateway, 1);
    assert_true(lf__driver_step(&w.client->driver));
    assert_int_equal(w.told, 0);
    fake_land(&w.gateway, 0);
    run(&w, push);
    in_order(&w, 0, 0);
    lf_push_close(push);
    world_close(&w);
}

/* What the program could not keep is told again; what the gateway will not have ends the push. */
static void test_ends(void **state)
{
    static const lf_status ends[] = {LF_E_IO, LF_E_DENIED};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        lf_error err = LF_ERROR_INIT;
        world_open(&w);
        lf_push *push = push_open(&w, w.dir, 0);
        w.settles_with = i == 0 ? LF_E_IO : LF_OK;
        w.gateway.fails[0] = (lf_error){.status = LF_E_DENIED, .reason = "MEMBER_SUSPENDED"};
        w.gateway.fail_count = i;
        assert_int_equal(add(push, 0), LF_OK);
        assert_int_equal(lf_push_commit(push, NULL), LF_OK);
        for (unsigned n = 0; n < 5; n++) {
            assert_true(lf__driver_step(&w.client->driver));
        }
        assert_int_equal(lf_push_wait(push, 0, 0, &err), ends[i]);
        assert_int_equal(add(push, 1), ends[i]);
        lf_push_close(push);
        w.settles_with = LF_OK;
        w.told = 0;
        push = push_open(&w, w.dir, 0);
        assert_int_equal(lf_push_unanswered(push), 1);
        run(&w, push);
        assert_int_equal(w.told, 1);
        lf_push_close(push);
        assert_int_equal(w.gateway.size, 1);
        world_close(&w);
    }
}

static void test_bounded(void **state)
{
    struct world w;
    lf_error err = LF_ERROR_INIT;
    lf_push_options options = LF_PUSH_OPTIONS_INIT;
    (void)state;
    world_open(&w);
    lf_push *push = push_open(&w, w.dir, 10);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(add(push, i), LF_OK);
    }
    assert_int_equal(add(push, 10), LF_E_BUSY);
    assert_int_equal(lf_push_wait(push, 9, 0, &err), LF_E_DEADLINE); /* nobody drives it here */
    run(&w, push);
    assert_int_equal(lf_push_wait(push, 0, 0, &err), LF_OK);
    assert_int_equal(add(push, 10), LF_OK);
    lf_push *second = NULL;
    options.spool = w.dir;
    options.done = on_result;
    assert_int_equal(lf_push_open(w.client, &options, &second, &err), LF_E_PRECONDITION);
    options.done = NULL;
    assert_int_equal(lf_push_open(w.client, &options, &second, &err), LF_E_ARG);
    assert_null(second);
    lf_push_close(push);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_anywhere), cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_out_of_order),    cmocka_unit_test(test_ends),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
