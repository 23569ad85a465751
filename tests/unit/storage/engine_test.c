/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, order, locking, format version, and what a kill -9 leaves behind. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    char path[64];
};

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-engine-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "LOCK"};
    struct world *world = *state;
    for (size_t i = 0; i < 3; i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s/%s", world->path, names[i]);
        (void)unlink(name);
    }
    (void)rmdir(world->path);
    free(world);
    return 0;
}

static struct st_engine *open_at(const char *path)
{
    struct st_engine *engine = NULL;
    lf_error err = LF_ERROR_INIT;
    struct st_options options = {.path = path, .map_bytes = 1 << 24};
    assert_int_equal(st_engine_open(&options, &engine, &err), LF_OK);
    return engine;
}

static void put_one(struct st_engine *engine, const char *key, const char *value, bool commit)
{
    struct st_txn *txn = NULL;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, &err), LF_OK);
    assert_int_equal(st_put(txn, 3, lf__bytes_str(key), lf__bytes_str(value), &err), LF_OK);
    if (commit) {
        assert_int_equal(st_txn_commit(txn, &err), LF_OK);
    } else {
        st_txn_abort(txn);
    }
}

static lf_status get_one(struct st_engine *engine, const char *key, const char *want)
{
    ST_TXN *txn = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_bytes value = LF_BYTES_NONE;
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, &err), LF_OK);
    lf_status rc = st_get(txn, 3, lf__bytes_str(key), &value, &err);
    if (rc == LF_OK) {
        assert_true(lf__bytes_eq_str(value, want));
    }
    return rc;
}

static void committed_stays_aborted_goes(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    put_one(engine, "kept", "1", true);
    put_one(engine, "gone", "2", false);
    st_engine_close(engine);
    engine = open_at(world->path);
    assert_int_equal(get_one(engine, "kept", "1"), LF_OK);
    assert_int_equal(get_one(engine, "gone", "2"), LF_E_NOT_FOUND);
    st_engine_close(engine);
}

static void cursor_goes_in_order(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    put_one(engine, "b", "2", true);
    put_one(engine, "a", "1", true);
    put_one(engine, "d", "4", true);
    struct st_txn *txn = NULL;
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, &err), LF_OK);
    assert_int_equal(st_cursor_open(txn, 3, &cursor, &err), LF_OK);
    assert_int_equal(st_cursor_seek(cursor, LF_BYTES_NONE, &pair, &err), LF_OK);
    assert_true(lf__bytes_eq_str(pair.key, "a"));
    assert_int_equal(st_cursor_seek(cursor, lf__bytes_str("c"), &pair, &err), LF_OK);
    assert_true(lf__bytes_eq_str(pair.key, "d"));
    assert_int_equal(st_cursor_next(cursor, &pair, &err), LF_E_NOT_FOUND);
    assert_true(lf__bytes_eq_str(pair.key, "d")); /* untouched on failure */
    assert_int_equal(st_cursor_last(cursor, &pair, &err), LF_OK);
    assert_true(lf__bytes_eq_str(pair.value, "4"));
    st_cursor_close(cursor);
    st_txn_abort(txn);
    st_engine_close(engine);
}

static void limits_are_refused(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    ST_TXN *txn = NULL;
    lf_error err = LF_ERROR_INIT;
    static uint8_t key[ST_KEY_MAX + 1];
    lf_bytes one = lf__bytes_str("v");
    memset(key, 'k', sizeof key);
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, &err), LF_OK);
    assert_int_equal(st_put(txn, 0, (lf_bytes){key, ST_KEY_MAX}, one, &err), LF_OK);
    assert_int_equal(st_put(txn, 0, (lf_bytes){key, ST_KEY_MAX + 1}, one, &err), LF_E_TOO_BIG);
    assert_int_equal(st_put(txn, 0, LF_BYTES_NONE, one, &err), LF_E_TOO_BIG);
    assert_int_equal(st_append(txn, 1, lf__bytes_str("b"), one, &err), LF_OK);
    assert_int_equal(st_append(txn, 1, lf__bytes_str("a"), one, &err), LF_E_EXISTS);
    assert_int_equal(st_append(txn, 1, lf__bytes_str("b"), one, &err), LF_E_EXISTS);
    assert_int_equal(st_delete(txn, 1, lf__bytes_str("b"), &err), LF_OK);
    assert_int_equal(st_delete(txn, 1, lf__bytes_str("b"), &err), LF_E_NOT_FOUND);
    st_txn_abort(txn);
    txn = NULL;
    st_engine_close(engine);
}

/* Small ones stand among others in a page, large ones have pages of their own. */
static void a_value_is_made_in_place(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    struct st_txn *txn = NULL;
    uint8_t *room = NULL;
    lf_bytes value;
    static const size_t sizes[] = {1, 100, 2000, 100000};
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint8_t i = 0; i < LF_COUNT(sizes); i++) {
        lf_bytes key = {&i, 1};
        assert_int_equal(st_put(txn, 2, key, lf__bytes_str("old"), NULL), LF_OK);
        assert_int_equal(st_put_room(txn, 2, key, sizes[i], &room, NULL), LF_OK);
        memset(room, 'a' + i, sizes[i]);
    }
    assert_int_equal(st_put_room(txn, 2, LF_BYTES_NONE, 1, &room, NULL), LF_E_TOO_BIG);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    assert_int_equal(st_txn_begin(engine, ST_READ, &txn, NULL), LF_OK);
    for (uint8_t i = 0; i < LF_COUNT(sizes); i++) {
        assert_int_equal(st_get(txn, 2, (lf_bytes){&i, 1}, &value, NULL), LF_OK);
        assert_int_equal(value.len, sizes[i]);
        assert_true(value.ptr[0] == 'a' + i && value.ptr[value.len - 1] == 'a' + i);
    }
    st_txn_abort(txn);
    st_engine_close(engine);
}

static void full_map_costs_one_transaction(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    struct st_txn *txn = NULL;
    lf_error err = LF_ERROR_INIT;
    static uint8_t big[1 << 20];
    lf_status rc = LF_OK;
    put_one(engine, "before", "1", true);
    assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, &err), LF_OK);
    for (uint8_t i = 1; rc == LF_OK && i < 100; i++) {
        rc = st_put(txn, 0, (lf_bytes){&i, 1}, LF_BYTES_ARRAY(big), &err);
    }
    assert_int_equal(rc, LF_E_FULL);
    st_txn_abort(txn);
    put_one(engine, "after", "2", true);
    assert_int_equal(get_one(engine, "before", "1"), LF_OK);
    st_engine_close(engine);
}

static void readers_keep_their_snapshot(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    struct st_txn *old = NULL;
    lf_bytes value;
    lf_error err = LF_ERROR_INIT;
    put_one(engine, "k", "old", true);
    assert_int_equal(st_txn_begin(engine, ST_READ, &old, &err), LF_OK);
    put_one(engine, "k", "new", true);
    assert_int_equal(st_get(old, 3, lf__bytes_str("k"), &value, &err), LF_OK);
    assert_true(lf__bytes_eq_str(value, "old"));
    st_txn_abort(old);
    assert_int_equal(get_one(engine, "k", "new"), LF_OK);
    st_engine_close(engine);
}

/* What a reader leaves behind is used again: it sees the newest commit then, and keeps no old page from being reused. */
static void readers_after_readers(void **state)
{
    enum { READERS = 40 };
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    struct st_txn *crowd[READERS];
    struct st_space before;
    struct st_space after;
    static uint8_t big[1 << 16];
    char text[16];
    put_one(engine, "k", "0", true);
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(st_txn_begin(engine, ST_READ, &crowd[i], NULL), LF_OK);
    }
    for (unsigned i = 0; i < READERS; i++) {
        st_txn_abort(crowd[i]);
    }
    for (unsigned i = 1; i < 200; i++) {
        struct st_txn *txn = NULL;
        (void)snprintf(text, sizeof text, "%u", i);
        put_one(engine, "k", text, true);
        assert_int_equal(get_one(engine, "k", text), LF_OK);
        assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
        assert_int_equal(st_put(txn, 4, lf__bytes_str("big"), LF_BYTES_ARRAY(big), NULL), LF_OK);
        assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
        assert_int_equal(st_engine_tend(engine, 0, i < 50 ? &before : &after, NULL), LF_OK);
    }
    assert_int_equal(after.map_free, before.map_free);
    st_engine_close(engine);
}

static void second_writer_is_refused(void **state)
{
    struct world *world = *state;
    struct st_engine *engine = open_at(world->path);
    struct st_engine *second = NULL;
    lf_error err = LF_ERROR_INIT;
    struct st_options options = {.path = world->path};
    assert_int_equal(st_engine_open(&options, &second, &err), LF_E_PRECONDITION);
    assert_null(second);
    st_engine_close(engine);
    struct st_options nowhere = {.path = "/nonexistent/data"};
    assert_int_equal(st_engine_open(&nowhere, &second, &err), LF_E_IO);
}

/* The child dies by SIGKILL with one commit done and one transaction open. */
static void kill_leaves_commits_only(void **state)
{
    struct world *world = *state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct st_engine *engine = open_at(world->path);
        struct st_txn *txn = NULL;
        put_one(engine, "acknowledged", "1", true);
        if (st_txn_begin(engine, ST_WRITE, &txn, NULL) == LF_OK &&
            st_put(txn, 3, lf__bytes_str("open"), lf__bytes_str("2"), NULL) == LF_OK) {
            (void)kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    struct st_engine *engine = open_at(world->path);
    assert_int_equal(get_one(engine, "acknowledged", "1"), LF_OK);
    assert_int_equal(get_one(engine, "open", "2"), LF_E_NOT_FOUND);
    st_engine_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(committed_stays_aborted_goes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(cursor_goes_in_order, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(limits_are_refused, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_value_is_made_in_place, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(full_map_costs_one_transaction, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(readers_keep_their_snapshot, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(readers_after_readers, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(second_writer_is_refused, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(kill_leaves_commits_only, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
