/* SPDX-License-Identifier: Apache-2.0 */
/* storage/index.h against a list, over every boundary of windows and levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/status.h"
#include "storage/index.h"

#include <stdio.h>
#include <stdlib.h>

enum { TABLE_ONE, TABLE_MANY, KEYS = 3000, ENTRIES = 17 * ST_INDEX_WINDOW + 100 };

struct world {
    char path[64];
    struct st_engine *engine;
};

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-index-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    struct st_options options = {.path = world->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&options, &world->engine, NULL), LF_OK);
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    st_engine_close(world->engine);
    (void)snprintf(command, sizeof command, "rm -rf %s", world->path);
    int rc = system(command);
    free(world);
    return rc;
}

/* Entry i has key i * 7919 % KEYS, so that each key has several; every 5th entry has none, as in a
 * projection of some kinds only, and positions from 3 to 5 windows hold nothing at all. */
static bool has_key(uint64_t i)
{
    return i % 5 != 0 && (i < 3 * ST_INDEX_WINDOW || i >= 5 * ST_INDEX_WINDOW);
}

static struct lf__hash key_of(uint64_t number)
{
    uint8_t raw[8];
    lf__put_u64be(raw, number);
    return lf__sha256(LF_BYTES_ARRAY(raw));
}

static uint64_t number_of(uint64_t i)
{
    return i * 7919 % KEYS;
}

static void fill(struct world *world, unsigned table, uint64_t a_commit)
{
    struct st_txn *txn = NULL;
    for (uint64_t i = 0; i < ENTRIES; i++) {
        if (txn == NULL) {
            assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
        }
        struct lf__hash key = key_of(number_of(i));
        assert_int_equal(st_index_fold(txn, table, i, NULL), LF_OK);
        if (has_key(i)) {
            struct st_place place = {i, (uint8_t)(i % 3)};
            assert_int_equal(st_index_put(txn, table, &key, place, NULL), LF_OK);
        }
        if (i % a_commit == a_commit - 1 || i + 1 == ENTRIES) {
            assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
            txn = NULL;
        }
    }
}

struct found {
    struct st_place list[64];
    size_t count;
    size_t enough; /* 0: all */
};

static bool found_add(void *user, struct st_place place)
{
    struct found *found = user;
    assert_true(found->count < LF_COUNT(found->list));
    found->list[found->count++] = place;
    return found->count != found->enough;
}

static void every_key_has_its_places_in_order(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    fill(world, TABLE_ONE, 700);
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    static struct found want[KEYS];
    for (uint64_t i = 0; i < ENTRIES; i++) {
        if (has_key(i)) {
            (void)found_add(&want[number_of(i)], (struct st_place){i, (uint8_t)(i % 3)});
        }
    }
    for (uint64_t number = 0; number < KEYS + 500; number++) {
        struct lf__hash key = key_of(number);
        struct found found = {.count = 0};
        assert_int_equal(st_index_each(txn, TABLE_ONE, &key, found_add, &found, NULL), LF_OK);
        size_t count = number < KEYS ? want[number].count : 0;
        assert_int_equal(found.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(found.list[i].position, want[number].list[i].position);
            assert_int_equal(found.list[i].tag, want[number].list[i].tag);
        }
    }
    struct found first = {.enough = 1};
    struct lf__hash key = key_of(number_of(1));
    assert_int_equal(st_index_each(txn, TABLE_ONE, &key, found_add, &first, NULL), LF_OK);
    assert_int_equal(first.count, 1);
    assert_int_equal(first.list[0].position, 1);
}

static bool next_row(struct st_cursor *cursor, bool is_first, struct st_pair *row)
{
    lf_status rc = is_first ? st_cursor_seek(cursor, LF_BYTES_NONE, row, NULL)
                            : st_cursor_next(cursor, row, NULL);
    return rc == LF_OK;
}

static bool pair_count(void *user, lf_bytes key, struct st_place place)
{
    size_t *count = user;
    assert_int_equal(key.len, ST_INDEX_KEY);
    assert_true(has_key(place.position));
    (*count)++;
    return true;
}

/* However entries came in transactions, the rows are the same; and there are few of them. */
/* From any position on nothing is missing, and nothing comes that is not there: at and around every window. */
static void a_search_from_a_position_misses_nothing(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    fill(world, TABLE_ONE, 700);
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    for (uint64_t at = 0; at <= ENTRIES;
         at += at % ST_INDEX_WINDOW == 1 ? ST_INDEX_WINDOW - 2 : 1) {
        for (uint64_t i = at; i < ENTRIES && i < at + 3; i++) {
            struct lf__hash key = key_of(number_of(i));
            struct found found = {.count = 0};
            struct st_index_search search = {&key, at, found_add, &found};
            assert_int_equal(st_index_search(txn, TABLE_ONE, &search, NULL), LF_OK);
            bool is_found = false;
            for (size_t k = 0; k < found.count; k++) {
                is_found = is_found || found.list[k].position == i;
                assert_int_equal(number_of(found.list[k].position), number_of(i));
            }
            assert_int_equal(is_found, has_key(i));
        }
    }
}

/* Whole runs below the position are not even looked at: the oldest places of a key stay out. */
static void a_search_leaves_out_what_lies_below(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct lf__hash key = key_of(number_of(1));
    struct found found = {.count = 0};
    struct st_index_search search = {&key, ENTRIES - 50, found_add, &found};
    fill(world, TABLE_ONE, 700);
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_index_search(txn, TABLE_ONE, &search, NULL), LF_OK);
    for (size_t i = 0; i < found.count; i++) {
        assert_true(found.list[i].position >= 17 * ST_INDEX_WINDOW);
    }
}

/* Each pair once, in the order of keys and then positions, over runs of every level and loose ones. */
static void a_walk_meets_every_pair_in_order(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct st_index_walk *walk = NULL;
    uint8_t before[ST_INDEX_KEY + 8] = {0};
    lf_bytes key;
    struct st_place place;
    size_t count = 0;
    size_t want = 0;
    fill(world, TABLE_ONE, 700);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        want += has_key(i) ? 1 : 0;
    }
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_index_walk_open(txn, TABLE_ONE, &walk, NULL), LF_OK);
    while (st_index_walk_next(walk, &key, &place, NULL) == LF_OK) {
        uint8_t now[ST_INDEX_KEY + 8];
        struct lf__hash hash = key_of(number_of(place.position));
        assert_int_equal(key.len, ST_INDEX_KEY);
        assert_memory_equal(key.ptr, hash.bytes, ST_INDEX_KEY);
        assert_int_equal(place.tag, place.position % 3);
        assert_true(has_key(place.position));
        lf__copy(now, key.ptr, ST_INDEX_KEY);
        lf__put_u64be(now + ST_INDEX_KEY, place.position);
        assert_true(count == 0 || memcmp(before, now, sizeof now) < 0);
        lf__copy(before, now, sizeof now);
        count++;
    }
    assert_int_equal(count, want);
    assert_int_equal(st_index_walk_next(walk, &key, &place, NULL), LF_E_NOT_FOUND);
    st_index_walk_close(walk);
    walk = NULL;
    assert_int_equal(st_index_walk_open(txn, TABLE_MANY, &walk, NULL), LF_OK); /* nothing in it */
    assert_int_equal(st_index_walk_next(walk, &key, &place, NULL), LF_E_NOT_FOUND);
    st_index_walk_close(walk);
}

static void rows_follow_from_entries_alone(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct st_cursor *one = NULL;
    struct st_cursor *many = NULL;
    struct st_pair a;
    struct st_pair b;
    size_t pairs = 0;
    size_t runs = 0;
    size_t want = 0;
    fill(world, TABLE_ONE, ENTRIES);
    fill(world, TABLE_MANY, 333);
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_cursor_open(txn, TABLE_ONE, &one, NULL), LF_OK);
    assert_int_equal(st_cursor_open(txn, TABLE_MANY, &many, NULL), LF_OK);
    for (bool is_first = true; next_row(one, is_first, &a); is_first = false) {
        assert_true(next_row(many, is_first, &b));
        assert_true(lf__bytes_eq(a.key, b.key) && lf__bytes_eq(a.value, b.value));
        assert_true(st_index_row_each(&a, pair_count, &pairs));
        runs += a.value.len > 0 ? 1 : 0;
    }
    assert_false(next_row(many, false, &b));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        want += has_key(i) ? 1 : 0;
    }
    assert_int_equal(pairs, want);
    assert_int_equal(runs, 2); /* 17 windows: one of 16 and one */
    st_cursor_close(one);
    st_cursor_close(many);
}

static bool is_taken_out(uint64_t i)
{
    return i % 7 == 0 || (i >= 8 * ST_INDEX_WINDOW && i < 9 * ST_INDEX_WINDOW);
}

static lf_status take_out(struct st_txn *txn, unsigned table, uint64_t i)
{
    struct lf__hash key = key_of(number_of(i));
    return st_index_remove(txn, table, &key, (struct st_place){i, (uint8_t)(i % 3)}, NULL);
}

/* Taken out after it was folded, or at once, or never put: the rows are the same. */
static void what_is_taken_out_was_never_there(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct st_cursor *one = NULL;
    struct st_cursor *many = NULL;
    struct st_pair a;
    struct st_pair b;
    fill(world, TABLE_ONE, ENTRIES);
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        struct lf__hash key = key_of(number_of(i));
        struct st_place place = {i, (uint8_t)(i % 3)};
        assert_int_equal(st_index_fold(txn, TABLE_MANY, i, NULL), LF_OK);
        if (has_key(i)) {
            assert_int_equal(st_index_put(txn, TABLE_MANY, &key, place, NULL), LF_OK);
        }
        if (has_key(i) && is_taken_out(i)) {
            assert_int_equal(take_out(txn, TABLE_ONE, i), LF_OK);
            assert_int_equal(take_out(txn, TABLE_ONE, i), LF_E_NOT_FOUND);
            assert_int_equal(take_out(txn, TABLE_MANY, i), LF_OK);
        }
    }
    assert_int_equal(take_out(txn, TABLE_ONE, ENTRIES + 1), LF_E_NOT_FOUND);
    assert_int_equal(st_cursor_open(txn, TABLE_ONE, &one, NULL), LF_OK);
    assert_int_equal(st_cursor_open(txn, TABLE_MANY, &many, NULL), LF_OK);
    for (bool is_first = true; next_row(one, is_first, &a); is_first = false) {
        assert_true(next_row(many, is_first, &b));
        assert_true(lf__bytes_eq(a.key, b.key) && lf__bytes_eq(a.value, b.value));
        assert_true(a.key.ptr[0] == 2 || a.value.len > 0);
    }
    assert_false(next_row(many, false, &b));
    st_cursor_close(one);
    st_cursor_close(many);
}

/* In runs of every level and loose: the same rows as if the other hash had been put. */
static void a_hash_replaced_was_always_there(void **state)
{
    static const uint64_t at[] = {1,
                                  1022,
                                  2 * ST_INDEX_WINDOW + 1,
                                  17 * ST_INDEX_WINDOW - 1,
                                  17 * ST_INDEX_WINDOW + 1,
                                  ENTRIES - 1};
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct st_cursor *one = NULL;
    struct st_cursor *many = NULL;
    struct st_pair a;
    struct st_pair b;
    fill(world, TABLE_ONE, ENTRIES);
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    for (uint64_t i = 0, n = 0; i < ENTRIES; i++) {
        bool is_replaced = n < LF_COUNT(at) && i == at[n];
        struct lf__hash key = key_of(number_of(i));
        struct lf__hash other = key_of(KEYS + i);
        struct st_place place = {i, (uint8_t)(i % 3)};
        assert_int_equal(st_index_fold(txn, TABLE_MANY, i, NULL), LF_OK);
        if (has_key(i)) {
            assert_int_equal(
                st_index_put(txn, TABLE_MANY, is_replaced ? &other : &key, place, NULL), LF_OK);
        }
        if (is_replaced) {
            assert_true(has_key(i));
            struct st_index_move move = {&other, place, ENTRIES - 1};
            assert_int_equal(st_index_replace(txn, TABLE_ONE, &key, &move, NULL), LF_OK);
            assert_int_equal(st_index_replace(txn, TABLE_ONE, &key, &move, NULL), LF_E_NOT_FOUND);
            n++;
        }
    }
    assert_int_equal(st_cursor_open(txn, TABLE_ONE, &one, NULL), LF_OK);
    assert_int_equal(st_cursor_open(txn, TABLE_MANY, &many, NULL), LF_OK);
    for (bool is_first = true; next_row(one, is_first, &a); is_first = false) {
        assert_true(next_row(many, is_first, &b));
        assert_true(lf__bytes_eq(a.key, b.key) && lf__bytes_eq(a.value, b.value));
    }
    assert_false(next_row(many, false, &b));
    st_cursor_close(one);
    st_cursor_close(many);
}

/* Runs large enough to be in pieces, of which there are few entries: every 61st position has a key. */
enum { SPARSE = 61, SPARSE_KEYS = 5000, LARGE = ST_INDEX_WINDOW << 10 };

static struct lf__hash sparse_key(uint64_t i, bool is_other)
{
    return key_of(is_other ? SPARSE_KEYS + i : i / SPARSE % SPARSE_KEYS);
}

/* Whether position i gets another hash than its own, later or at once. */
static bool is_moved(uint64_t i)
{
    return i / SPARSE % 97 == 0;
}

static void sparse_fill(struct st_txn *txn, unsigned table, uint64_t from, uint64_t till,
                        bool is_other)
{
    for (uint64_t i = from; i < till; i++) {
        assert_int_equal(st_index_fold(txn, table, i, NULL), LF_OK);
        if (i % SPARSE == 0) {
            struct lf__hash key = sparse_key(i, is_other && is_moved(i));
            assert_int_equal(st_index_put(txn, table, &key, (struct st_place){i, 1}, NULL), LF_OK);
        }
    }
}

static void sparse_found(struct st_txn *txn, uint64_t size)
{
    for (uint64_t number = 0; number < SPARSE_KEYS; number += 7) {
        struct lf__hash key = key_of(number);
        struct found found = {.count = 0};
        size_t n = 0;
        assert_int_equal(st_index_each(txn, TABLE_ONE, &key, found_add, &found, NULL), LF_OK);
        for (uint64_t i = number * SPARSE; i < size; i += (uint64_t)SPARSE * SPARSE_KEYS, n++) {
            assert_true(n < found.count);
            assert_int_equal(found.list[n].position, i);
        }
        assert_int_equal(found.count, n);
    }
}

static bool sparse_count(void *user, lf_bytes key, struct st_place place)
{
    struct lf__hash want = sparse_key(place.position, false);
    assert_memory_equal(key.ptr, want.bytes, ST_INDEX_KEY);
    (*(size_t *)user)++;
    return true;
}

static size_t rows_count(struct st_txn *txn, size_t *pairs)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    size_t rows = 0;
    assert_int_equal(st_cursor_open(txn, TABLE_ONE, &cursor, NULL), LF_OK);
    for (*pairs = 0; next_row(cursor, rows == 0, &row); rows++) {
        assert_true(st_index_row_each(&row, sparse_count, pairs));
    }
    st_cursor_close(cursor);
    return rows;
}

/* In the windows in which large runs of one level are made into one of the next, nothing is lost and nothing is double. */
static void large_runs_are_made_in_pieces(void **state)
{
    static const uint64_t at[] = {64,   65,   256,  257,  258,  259,  260,
                                  1024, 1027, 1028, 1029, 1036, 1043, 1044};
    struct world *world = *state;
    uint64_t size = 0;
    for (size_t n = 0; n < LF_COUNT(at); n++) {
        ST_TXN *txn = NULL;
        size_t pairs = 0;
        assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
        sparse_fill(txn, TABLE_ONE, size, at[n] * ST_INDEX_WINDOW + 1, false);
        size = at[n] * ST_INDEX_WINDOW + 1;
        sparse_found(txn, size);
        size_t rows = rows_count(txn, &pairs);
        assert_int_equal(pairs, (size + SPARSE - 1) / SPARSE);
        assert_true(at[n] != 1044 ||
                    rows <=
                        64 + 4 + 1 + 20); /* one run in its pieces, and the 20 windows after it */
        assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
        txn = NULL;
    }
}

/* While a large run is half made: where another hash belongs does not depend on where the old one was. */
static void a_hash_replaced_in_a_half_made_run(void **state)
{
    static const uint64_t till[] = {258 * ST_INDEX_WINDOW + 5, LARGE + 12 * ST_INDEX_WINDOW};
    struct world *world = *state;
    for (size_t n = 0; n < LF_COUNT(till); n++) {
        ST_TXN *txn = NULL;
        struct st_cursor *one = NULL;
        struct st_cursor *many = NULL;
        struct st_pair a;
        struct st_pair b;
        assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
        sparse_fill(txn, TABLE_ONE, 0, till[n], false);
        sparse_fill(txn, TABLE_MANY, 0, till[n], true);
        for (uint64_t i = 0; i < till[n]; i += SPARSE) {
            struct lf__hash key = sparse_key(i, false);
            struct lf__hash other = sparse_key(i, true);
            struct st_index_move move = {&other, {i, 1}, till[n] - 1};
            assert_int_equal(
                is_moved(i) ? st_index_replace(txn, TABLE_ONE, &key, &move, NULL) : LF_OK, LF_OK);
        }
        assert_int_equal(st_cursor_open(txn, TABLE_ONE, &one, NULL), LF_OK);
        assert_int_equal(st_cursor_open(txn, TABLE_MANY, &many, NULL), LF_OK);
        for (bool is_first = true; next_row(one, is_first, &a); is_first = false) {
            assert_true(next_row(many, is_first, &b));
            assert_true(lf__bytes_eq(a.key, b.key) && lf__bytes_eq(a.value, b.value));
        }
        assert_false(next_row(many, false, &b));
        st_cursor_close(one);
        st_cursor_close(many);
    }
}

static bool pair_take(void *user, lf_bytes key, struct st_place place)
{
    (void)user;
    (void)key;
    (void)place;
    return true;
}

static void a_damaged_row_is_no_row(void **state)
{
    uint8_t key[] = {1, ST_INDEX_LEVELS, 0, 0, 0, 0, 0};
    uint8_t value[2 * ST_INDEX_PAIR] = {[ST_INDEX_PAIR] = 1};
    struct st_pair good = {LF_BYTES_ARRAY(key), LF_BYTES_ARRAY(value)};
    (void)state;
    assert_true(st_index_row_each(&good, pair_take, NULL));
    struct st_pair cut = {good.key, lf__bytes_slice(good.value, 0, ST_INDEX_PAIR + 1)};
    assert_false(st_index_row_each(&cut, pair_take, NULL));
    struct st_pair empty = {good.key, LF_BYTES_NONE};
    assert_false(st_index_row_each(&empty, pair_take, NULL));
    value[0] = 2; /* out of order */
    assert_false(st_index_row_each(&good, pair_take, NULL));
    value[0] = 0;
    value[ST_INDEX_KEY + 4] = 4; /* position 0x40000 belongs to another run */
    assert_false(st_index_row_each(&good, pair_take, NULL));
    value[ST_INDEX_KEY + 4] = 0;
    key[2] = 1; /* a level of one piece has no second */
    assert_false(st_index_row_each(&good, pair_take, NULL));
    key[2] = 0;
    key[1] = ST_INDEX_LEVELS + 1;
    assert_false(st_index_row_each(&good, pair_take, NULL));
    key[0] = 3;
    assert_false(st_index_row_each(&good, pair_take, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_key_has_its_places_in_order, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_search_from_a_position_misses_nothing, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_search_leaves_out_what_lies_below, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_walk_meets_every_pair_in_order, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(rows_follow_from_entries_alone, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_hash_replaced_was_always_there, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(what_is_taken_out_was_never_there, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(large_runs_are_made_in_pieces, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_hash_replaced_in_a_half_made_run, world_setup,
                                        world_teardown),
        cmocka_unit_test(a_damaged_row_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
