/* SPDX-License-Identifier: Apache-2.0 */
/* The access log: entries that are durable before they are told, leaves that hide, a meter that is exact. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/leaf.h"
#include "gateway/access/access.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FIRST_TABLE = 5, METER_TABLE = 14, HOUR_MS = 3600000 };

/* 2026-03-01 23:59:59.999 in Shanghai. */
static int64_t clock_ms = 1772380799999;
static int64_t test_clock(void)
{
    return clock_ms;
}

struct world {
    char path[64];
    struct st_engine *engine;
    struct gw_access *access;
    struct lf__secret *seed;
    struct lf__secret *token_key;
};

static void world_open(struct world *w)
{
    struct st_options store = {.path = w->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&store, &w->engine, NULL), LF_OK);
    struct gw_access_options options = {.engine = w->engine,
                                        .first_table = FIRST_TABLE,
                                        .meter_table = METER_TABLE,
                                        .name = "test.example",
                                        .seed = w->seed,
                                        .token_key = w->token_key,
                                        .now_ms = test_clock};
    assert_int_equal(gw_access_open(&options, &w->access, NULL), LF_OK);
}

static void world_close(struct world *w)
{
    gw_access_close(w->access);
    st_engine_close(w->engine);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    (void)snprintf(w->path, sizeof w->path, "%s", "/tmp/lf-access-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    w->seed = lf__secret_new(32);
    w->token_key = lf__secret_new(32);
    lf__secret_bytes(w->token_key)[0] = 9;
    world_open(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    world_close(w);
    lf__secret_free(w->seed);
    lf__secret_free(w->token_key);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

struct waiting {
    struct gw_access_note note;
    pthread_mutex_t lock;
    pthread_cond_t told;
    unsigned calls;
    lf_status status;
};

static void on_done(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct waiting *waiting = LF_CONTAINER_OF(note, struct waiting, note);
    (void)err;
    (void)pthread_mutex_lock(&waiting->lock);
    waiting->calls++;
    waiting->status = status;
    (void)pthread_cond_signal(&waiting->told);
    (void)pthread_mutex_unlock(&waiting->lock);
}

static uint64_t record(struct world *w, const struct px_access *what)
{
    struct waiting waiting = {
        .note.done = on_done, .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    gw_access_record(w->access, what, &waiting.note);
    (void)pthread_mutex_lock(&waiting.lock);
    while (waiting.calls == 0) {
        (void)pthread_cond_wait(&waiting.told, &waiting.lock);
    }
    (void)pthread_mutex_unlock(&waiting.lock);
    assert_int_equal(waiting.status, LF_OK);
    assert_int_equal(waiting.calls, 1);
    return waiting.note.index;
}

static struct px_access asked(const char *member, const char *purpose, uint32_t subjects)
{
    return (struct px_access){.member = lf__bytes_str(member),
                              .role = PX_ROLE_PLATFORM,
                              .act = PX_ACCESS_SCREEN,
                              .purpose = lf__bytes_str(purpose),
                              .subjects = subjects};
}

/* The stored entry is what was said, its leaf is made of it, and the same question has another leaf. */
static void entries_and_leaves(void **state)
{
    struct world *w = *state;
    struct px_access what = asked("platform-01", "ONBOARDING", 1);
    uint64_t first = record(w, &what);
    uint64_t second = record(w, &what);
    assert_int_equal(first, 0);
    assert_int_equal(second, 1);
    ST_TXN *txn = NULL;
    struct st_stored stored[2];
    uint8_t leaf[LF_ACCESS_LEAF_BYTES];
    assert_int_equal(st_txn_begin(w->engine, ST_READ, &txn, NULL), LF_OK);
    for (uint64_t i = 0; i < 2; i++) {
        LF_ARENA arena;
        struct px_access got;
        assert_int_equal(st_ledger_read(gw_access_ledger(w->access), txn, i, &stored[i], NULL),
                         LF_OK);
        lf_bytes said = lf__bytes_slice(stored[i].body, LF_SALT_BYTES, stored[i].body.len);
        lf__access_leaf((uint64_t)clock_ms, stored[i].body.ptr, said, leaf);
        assert_true(lf__bytes_eq(stored[i].leaf, LF_BYTES_ARRAY(leaf)));
        lf__arena_init(&arena, 1 << 16);
        assert_int_equal(px_access_decode(&arena, said, &got, NULL), LF_OK);
        assert_true(lf__bytes_eq_str(got.member, "platform-01") && got.act == PX_ACCESS_SCREEN);
    }
    assert_false(lf__bytes_eq(stored[0].leaf, stored[1].leaf));
}

static uint64_t meter(struct world *w, const char *member, const char *purpose, int64_t at_ms)
{
    uint64_t count = 0;
    assert_int_equal(gw_access_meter(w->access, lf__bytes_str(member), lf__bytes_str(purpose),
                                     at_ms, &count, NULL),
                     LF_OK);
    return count;
}

/* A day is Shanghai's, a batch of 500 counts 500, and restart forgets nothing. */
static void meters(void **state)
{
    struct world *w = *state;
    int64_t before = clock_ms;
    struct px_access one = asked("platform-01", "ONBOARDING", 1);
    struct px_access many = asked("platform-01", "RESCREENING", 500);
    struct px_access other = asked("platform-02", "ONBOARDING", 3);
    struct px_access none = asked("platform-01", "ONBOARDING", 0);
    (void)record(w, &one);
    (void)record(w, &many);
    (void)record(w, &other);
    (void)record(w, &none);
    clock_ms += 1; /* midnight in Shanghai, 16:00 in UTC */
    (void)record(w, &one);
    world_close(w);
    world_open(w);
    assert_int_equal(meter(w, "platform-01", "", before), 501);
    assert_int_equal(meter(w, "platform-01", "ONBOARDING", before), 1);
    assert_int_equal(meter(w, "platform-01", "RESCREENING", before - 23 * HOUR_MS), 500);
    assert_int_equal(meter(w, "platform-01", "", clock_ms), 1);
    assert_int_equal(meter(w, "platform-02", "", before), 3);
    assert_int_equal(meter(w, "platform-0", "", before), 0);
    assert_int_equal(st_ledger_head(gw_access_ledger(w->access), NULL).size, 5);
}

/* More members than are remembered at once ask in one commit, each twice with another in between: none is lost. */
static void a_crowd_in_one_commit(void **state)
{
    enum { CROWD = 100 };
    static struct waiting waiting[2 * CROWD];
    struct world *w = *state;
    struct st_txn *txn = NULL;
    char name[24];
    assert_int_equal(st_txn_begin(w->engine, ST_WRITE, &txn, NULL), LF_OK);
    for (unsigned i = 0; i < 2 * CROWD; i++) {
        (void)snprintf(name, sizeof name, "platform-%u", i % CROWD);
        struct px_access what = asked(name, "ONBOARDING", 1 + i / CROWD);
        waiting[i] = (struct waiting){.note.done = on_done,
                                      .lock = PTHREAD_MUTEX_INITIALIZER,
                                      .told = PTHREAD_COND_INITIALIZER};
        gw_access_record(w->access, &what, &waiting[i].note);
    }
    st_txn_abort(txn); /* all but the first wait for this, and stand in one commit */
    for (unsigned i = 0; i < 2 * CROWD; i++) {
        (void)pthread_mutex_lock(&waiting[i].lock);
        while (waiting[i].calls == 0) {
            (void)pthread_cond_wait(&waiting[i].told, &waiting[i].lock);
        }
        (void)pthread_mutex_unlock(&waiting[i].lock);
        assert_int_equal(waiting[i].status, LF_OK);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        (void)snprintf(name, sizeof name, "platform-%u", i);
        assert_int_equal(meter(w, name, "", clock_ms), 3);
        assert_int_equal(meter(w, name, "ONBOARDING", clock_ms), 3);
    }
}

static uint32_t take(struct world *w, const char *member, uint32_t subjects, uint64_t limit)
{
    uint32_t granted = 0;
    struct gw_access_want want = {lf__bytes_str(member), lf__bytes_str("ONBOARDING"), clock_ms,
                                  limit, subjects};
    assert_int_equal(gw_access_take(w->access, &want, &granted, NULL), LF_OK);
    return granted;
}

struct taker {
    struct world *w;
    uint32_t granted;
};

static void *take_many(void *user)
{
    struct taker *taker = user;
    for (unsigned i = 0; i < 1000; i++) {
        taker->granted += take(taker->w, "platform-07", 3, 4000);
    }
    return NULL;
}

/* Goes on from what was counted, is given back, ends with the day, and is exact however many ask at once. */
static void quotas(void **state)
{
    struct world *w = *state;
    struct px_access what = asked("platform-01", "ONBOARDING", 1);
    what.subjects = 40;
    (void)record(w, &what);
    struct gw_access_want back = {lf__bytes_str("platform-01"), lf__bytes_str("ONBOARDING"),
                                  clock_ms, 50, 4};
    assert_int_equal(take(w, "platform-01", 7, 50), 7);
    assert_int_equal(take(w, "platform-01", 7, 50), 3);
    assert_int_equal(take(w, "platform-01", 7, 50), 0);
    gw_access_give_back(w->access, &back, 4);
    assert_int_equal(take(w, "platform-01", 7, 50), 4);
    assert_int_equal(take(w, "platform-02", 50, 50), 50);
    assert_int_equal(take(w, "platform-02", 9, UINT64_MAX), 9);
    struct taker takers[4];
    pthread_t threads[4];
    uint32_t sum = 0;
    for (size_t i = 0; i < LF_COUNT(takers); i++) {
        takers[i] = (struct taker){.w = w};
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &takers[i]), 0);
    }
    for (size_t i = 0; i < LF_COUNT(takers); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        sum += takers[i].granted;
    }
    assert_int_equal(sum, 4000);
    clock_ms += 86400000;
    assert_int_equal(take(w, "platform-01", 60, 50), 50);
    clock_ms -= 86400000;
}

static void tokens(void **state)
{
    struct world *w = *state;
    struct px_token a = gw_access_token(w->access, lf__bytes_str("91999999MA00000154"));
    struct px_token b = gw_access_token(w->access, lf__bytes_str("91999999MA0000023Y"));
    struct px_token again = gw_access_token(w->access, lf__bytes_str("91999999MA00000154"));
    struct lf__hash bare = lf__sha256(lf__bytes_str("91999999MA00000154"));
    assert_memory_equal(a.bytes, again.bytes, PX_TOKEN_BYTES);
    assert_memory_not_equal(a.bytes, b.bytes, PX_TOKEN_BYTES);
    assert_memory_not_equal(a.bytes, bare.bytes, PX_TOKEN_BYTES);
}

/* A member name that cannot be is an error told at once, once, and nothing is written. */
static void unmakable(void **state)
{
    struct world *w = *state;
    struct px_access what = asked("a-name-that-is-longer-than-any-member-id-may-be", "X", 1);
    struct waiting waiting = {
        .note.done = on_done, .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    gw_access_record(w->access, &what, &waiting.note);
    assert_int_equal(waiting.calls, 1);
    assert_int_not_equal(waiting.status, LF_OK);
    assert_int_equal(st_ledger_head(gw_access_ledger(w->access), NULL).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_and_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(meters, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crowd_in_one_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(quotas, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(unmakable, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
