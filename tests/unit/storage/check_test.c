/* SPDX-License-Identifier: Apache-2.0 */
/* Every bit of every stored key and value of a small ledger, flipped in turn: the check names the place. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TABLE_META, TABLE_TILES, TABLE_LEAVES, TABLE_BODIES, TABLE_IDS };

struct world {
    char path[64];
    struct st_engine *engine;
    struct lf__secret *seed;
};

static void id_of(uint64_t index, char out[static 24])
{
    (void)snprintf(out, 24, "id-%llu", (unsigned long long)index);
}

/* The leaf holds the time and the body's hash, so that it can be made from the body and its time. */
static void leaf_make(uint64_t ms, lf_bytes body, struct lf__buf *out)
{
    struct lf__hash hash = lf__sha256(body);
    (void)lf__buf_u64be(out, ms);
    (void)lf__buf_append(out, lf__hash_bytes(&hash));
}

static lf_status admit(void *user, struct st_txn *txn, struct st_entry *entry,
                       const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)err;
    leaf_make(at->accepted_at_ms, entry->body, leaf);
    return LF_OK;
}

static lf_status apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                       const struct st_position *at, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)entry;
    (void)at;
    (void)err;
    return LF_OK;
}

static void said(struct st_entry *entry, const struct st_result *result)
{
    assert_int_equal(result->status, LF_OK);
    (void)sem_post(entry->user);
}

static void fill(struct world *world, uint64_t from, uint64_t to)
{
    struct st_ledger *ledger = NULL;
    lf_error err = LF_ERROR_INIT;
    sem_t done;
    struct st_ledger_options options = {.engine = world->engine,
                                        .origin = "test/ledger",
                                        .seed = world->seed,
                                        .hooks = {admit, apply, world}};
    assert_int_equal(st_ledger_open(&options, &ledger, &err), LF_OK);
    (void)sem_init(&done, 0, 0);
    for (uint64_t i = from; i < to;) {
        static struct st_entry entries[256];
        static char ids[256][24];
        struct st_entry *list[256];
        size_t n = 0;
        for (; n < 256 && i < to; n++, i++) {
            id_of(i, ids[n]);
            entries[n] = (struct st_entry){.id = lf__bytes_str(ids[n]),
                                           .digest = lf__sha256(lf__bytes_str(ids[n])),
                                           .body = lf__bytes_str(ids[n]),
                                           .user = &done,
                                           .done = said};
            list[n] = &entries[n];
        }
        assert_int_equal(st_ledger_submit(ledger, list, n, &err), LF_OK);
        for (size_t k = 0; k < n; k++) {
            (void)sem_wait(&done);
        }
    }
    (void)sem_destroy(&done);
    st_ledger_close(ledger);
}

/* What was told: was this table, key or index among it? */
struct told {
    struct lf__buf leaf;
    const char *table; /* wanted */
    lf_bytes key;
    uint64_t index;
    bool is_named;
    unsigned count;
    unsigned examined;
};

static lf_status entry_facts(void *user, uint64_t index, const struct st_stored *stored,
                             struct st_facts *out, lf_error *err)
{
    struct told *told = user;
    (void)index;
    (void)err;
    if (stored->leaf.len < 8) {
        return lf__fail(err, LF_E_CORRUPT, "leaf is too short");
    }
    lf__buf_clear(&told->leaf);
    leaf_make(lf__get_u64be(stored->leaf.ptr), stored->body, &told->leaf);
    *out = (struct st_facts){.id = stored->body,
                             .digest = lf__sha256(stored->body),
                             .leaf = lf__buf_bytes(&told->leaf),
                             .accepted_at_ms = lf__get_u64be(stored->leaf.ptr)};
    told->examined++;
    return LF_OK;
}

/* A row is named by its key, or by the entry that it belongs to. */
static void damaged(void *user, const struct st_damage *damage)
{
    struct told *told = user;
    told->count++;
    assert_non_null(damage->what);
    told->is_named =
        told->is_named || told->table == NULL ||
        (strcmp(damage->table, told->table) == 0 && lf__bytes_eq(damage->key, told->key)) ||
        (told->index != ST_NO_INDEX && damage->index == told->index);
}

static lf_status check(struct st_txn *txn, struct told *told, uint64_t last)
{
    struct st_check_report report;
    struct st_check_options options = {
        .txn = txn, .last = last, .hooks = {entry_facts, damaged, NULL, told}};
    told->count = 0;
    told->examined = 0;
    told->is_named = false;
    lf_status rc = st_check(&options, &report, NULL);
    assert_int_equal(report.damages, told->count);
    return rc;
}

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-check-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    world->seed = lf__secret_new(LF_ED25519_SEED);
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
    lf__secret_free(world->seed);
    (void)snprintf(command, sizeof command, "rm -rf %s", world->path);
    int rc = system(command);
    free(world);
    return rc;
}

static void a_sound_ledger_passes_at_every_size(void **state)
{
    struct world *world = *state;
    static const uint64_t sizes[] = {0, 1, 2, 255, 256, 257, 700};
    struct told told = {.table = NULL};
    lf__buf_init(&told.leaf, ST_LEAF_MAX);
    for (size_t i = 0; i < LF_COUNT(sizes); i++) {
        ST_TXN *txn = NULL;
        fill(world, i == 0 ? 0 : sizes[i - 1], sizes[i]);
        assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
        assert_int_equal(check(txn, &told, 0), LF_OK);
        assert_int_equal(told.examined, sizes[i]);
        assert_int_equal(check(txn, &told, 100), LF_OK);
        assert_int_equal(told.examined, sizes[i] < 100 ? sizes[i] : 100);
    }
    lf__buf_done(&told.leaf);
}

static const char *const table_names[] = {"head", "tiles", "leaves", "bodies", "ids"};

/* Which entry a row belongs to, for those that are named by it. */
static uint64_t index_of(unsigned table, lf_bytes key)
{
    switch (table) {
    case TABLE_LEAVES:
    case TABLE_BODIES:
        return lf__get_u64be(key.ptr);
    case TABLE_IDS:
        return lf__get_u64be(key.ptr + 17) >>
               8; /* a loose pair: 2, 16 bytes of hash, position, tag */
    default:
        return ST_NO_INDEX;
    }
}

/* In a transaction that is never committed. True when the damage was found and named. */
static bool flip_is_named(struct st_txn *txn, unsigned table, const struct st_pair *row, size_t bit)
{
    uint8_t key[64];
    uint8_t value[1024];
    struct told told = {.table = table_names[table], .key = {key, row->key.len}};
    size_t key_bits = row->key.len * 8;
    lf__buf_init(&told.leaf, ST_LEAF_MAX);
    lf__copy(key, row->key.ptr, row->key.len);
    lf__copy(value, row->value.ptr, row->value.len);
    lf_bytes old_key = {key, row->key.len};
    lf_bytes old_value = {value, row->value.len};
    told.index = index_of(table, old_key);
    assert_int_equal(st_delete(txn, table, old_key, NULL), LF_OK);
    uint8_t *byte = bit < key_bits ? &key[bit / 8] : &value[(bit - key_bits) / 8];
    *byte ^= (uint8_t)(1u << bit % 8);
    uint8_t other[1024]; /* a key may become another row's, and take its place */
    lf_bytes hit;
    bool is_hit = st_get(txn, table, old_key, &hit, NULL) == LF_OK;
    lf_bytes kept = {other, is_hit ? hit.len : 0};
    lf__copy(other, is_hit ? hit.ptr : NULL, kept.len);
    assert_int_equal(st_put(txn, table, old_key, old_value, NULL), LF_OK);
    bool found = check(txn, &told, 0) == LF_E_CORRUPT && told.is_named;
    assert_int_equal(is_hit ? st_put(txn, table, old_key, kept, NULL)
                            : st_delete(txn, table, old_key, NULL),
                     LF_OK);
    *byte ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(st_put(txn, table, old_key, old_value, NULL), LF_OK);
    lf__buf_done(&told.leaf);
    return found;
}

static struct st_pair row_at(struct st_txn *txn, unsigned table, size_t number, bool *is_there)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row = {LF_BYTES_NONE, LF_BYTES_NONE};
    assert_int_equal(st_cursor_open(txn, table, &cursor, NULL), LF_OK);
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_NONE, &row, NULL);
    for (size_t i = 0; rc == LF_OK && i < number; i++) {
        rc = st_cursor_next(cursor, &row, NULL);
    }
    *is_there = rc == LF_OK;
    st_cursor_close(cursor);
    return row;
}

static void every_bit_of_every_row(void **state)
{
    struct world *world = *state;
    struct told told = {.table = NULL};
    struct st_txn *txn = NULL;
    size_t flips = 0;
    lf__buf_init(&told.leaf, ST_LEAF_MAX);
    fill(world, 0, 5);
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    for (unsigned table = 0; table < ST_LEDGER_TABLES; table++) {
        bool is_there = true;
        for (size_t r = 0; is_there; r++) {
            struct st_pair row = row_at(txn, table, r, &is_there);
            for (size_t bit = 0; is_there && bit < (row.key.len + row.value.len) * 8; bit++) {
                if (!flip_is_named(txn, table, &row, bit)) {
                    fail_msg("table %s row %zu bit %zu: not named", table_names[table], r, bit);
                }
                flips++;
                row = row_at(txn, table, r, &is_there); /* the row moved in memory */
            }
        }
    }
    assert_int_equal(check(txn, &told, 0), LF_OK); /* all flips were taken back */
    st_txn_abort(txn);
    lf__buf_done(&told.leaf);
    /* head: 4 + 48 bytes; a tile of 9 + 5 hashes; five leaves of 8 + 40 with digests of 32, five
     * bodies of 8 + 4, five pairs of 1 + 24 */
    assert_int_equal(flips, 8 * (4 + 48 + 9 + 160 + 5 * (80 + 12 + 25)));
}

static void rows_too_many_and_too_few(void **state)
{
    struct world *world = *state;
    fill(world, 0, 300);
    for (unsigned table = 0; table < ST_LEDGER_TABLES; table++) {
        struct told told = {.table = table_names[table], .index = ST_NO_INDEX};
        struct st_txn *txn = NULL;
        bool is_there;
        uint8_t kept[64];
        lf__buf_init(&told.leaf, ST_LEAF_MAX);
        assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
        struct st_pair row = row_at(txn, table, 0, &is_there);
        assert_true(is_there && row.key.len < sizeof kept);
        lf__copy(kept, row.key.ptr, row.key.len);
        told.key = (lf_bytes){kept, row.key.len};
        told.index = table == TABLE_IDS ? index_of(table, told.key) : ST_NO_INDEX;
        if (table != TABLE_META) { /* without a head nothing else is believed */
            assert_int_equal(st_delete(txn, table, told.key, NULL), LF_OK);
            assert_true(check(txn, &told, 0) == LF_E_CORRUPT && told.is_named);
        }
        st_txn_abort(txn);
        assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
        told.key = lf__bytes_str("one too many");
        told.index = ST_NO_INDEX;
        assert_int_equal(st_put(txn, table, told.key, lf__bytes_str("x"), NULL), LF_OK);
        assert_true(check(txn, &told, 0) == LF_E_CORRUPT && told.is_named);
        st_txn_abort(txn);
        lf__buf_done(&told.leaf);
    }
}

static void a_marked_store_does_not_sign(void **state)
{
    struct world *world = *state;
    struct st_ledger *ledger = NULL;
    lf_error err = LF_ERROR_INIT;
    struct st_ledger_options options = {.engine = world->engine,
                                        .origin = "test/ledger",
                                        .seed = world->seed,
                                        .hooks = {admit, apply, world}};
    fill(world, 0, 3);
    assert_int_equal(st_mark_damaged(world->path, lf__bytes_str("bodies 1\n"), NULL), LF_OK);
    assert_int_equal(st_ledger_open(&options, &ledger, &err), LF_E_CORRUPT);
    assert_null(ledger);
    assert_int_equal(st_clear_damaged(world->path, NULL), LF_OK);
    assert_int_equal(st_clear_damaged(world->path, NULL),
                     LF_OK); /* nothing left to clear is fine */
    fill(world, 3, 4);
}

/* Beside the owner: sees what is committed, writes nothing, and keeps compaction away. */
static void readers_share_and_compaction_waits(void **state)
{
    struct world *world = *state;
    struct st_options reader = {.path = world->path, .map_bytes = 1 << 28, .is_reader = true};
    struct st_engine *second = NULL;
    struct st_txn *txn = NULL;
    struct told told = {.table = NULL};
    fill(world, 0, 300);
    st_engine_close(world->engine); /* LMDB allows one environment a process */
    assert_int_equal(st_engine_open(&reader, &second, NULL), LF_OK);
    assert_int_equal(st_txn_begin(second, ST_WRITE, &txn, NULL), LF_E_PRECONDITION);
    st_engine_close(second);
    struct st_options owner = {.path = world->path, .map_bytes = 1 << 28};
    assert_int_equal(st_compact(&owner, NULL), LF_OK);
    assert_int_equal(st_engine_open(&owner, &world->engine, NULL), LF_OK);
    lf__buf_init(&told.leaf, ST_LEAF_MAX);
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(check(txn, &told, 0), LF_OK);
    st_txn_abort(txn);
    lf__buf_done(&told.leaf);
    assert_int_equal(st_compact(&owner, NULL), LF_E_PRECONDITION); /* we have it open */
    struct st_space space;
    assert_int_equal(st_engine_tend(world->engine, &space, NULL), LF_OK);
    assert_true(space.disk_free > 0 && space.file > 0 && space.map_free < 1 << 28);
    fill(world, 300, 301);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sound_ledger_passes_at_every_size, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(every_bit_of_every_row, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(rows_too_many_and_too_few, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_marked_store_does_not_sign, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(readers_share_and_compaction_waits, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
