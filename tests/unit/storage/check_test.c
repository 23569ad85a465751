/* SPDX-License-Identifier: Apache-2.0 */
/* Every bit of every stored key and value of a small ledger, flipped in turn: the check names the place. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/refound.h"
#include "tests/support/flip.h"
#include "tests/support/simple_ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TABLE_META, TABLE_TILES, TABLE_LEAVES, TABLE_BODIES, TABLE_IDS };

struct world {
    char path[64];
    struct simple simple;
};

/* Opens, appends the entries from .. to - 1, closes the ledger and leaves the engine open. */
static void fill(struct world *world, uint64_t from, uint64_t to)
{
    lf_error err = LF_ERROR_INIT;
    st_engine_close(world->simple.engine);
    assert_int_equal(simple_open(&world->simple, world->path, &err), LF_OK);
    while (from < to) {
        char ids[SIMPLE_GROUP][SIMPLE_ID];
        struct simple_answer answers[SIMPLE_GROUP];
        size_t n = 0;
        for (; n < SIMPLE_GROUP && from < to; n++, from++) {
            (void)snprintf(ids[n], SIMPLE_ID, "id-%llu", (unsigned long long)from);
        }
        assert_int_equal(simple_submit(&world->simple, ids, n, answers, &err), LF_OK);
        assert_true(answers[n - 1].status == LF_OK && answers[n - 1].proof_holds);
    }
    simple_close(&world->simple);
    assert_int_equal(simple_open_engine(&world->simple, world->path, false, &err), LF_OK);
}

/* What was told: was this table, key or index among it? */
struct told {
    const char *table; /* wanted */
    const struct flip *row;
    lf_bytes key;
    uint64_t index;
    bool is_named;
    unsigned count;
    uint64_t examined;
};

/* A row is named by its key, or by the entry that it belongs to. */
static void damaged(void *user, const struct st_damage *damage)
{
    struct told *told = user;
    told->count++;
    assert_non_null(damage->what);
    told->is_named = told->is_named || told->table == NULL ||
                     (strcmp(damage->table, told->table) == 0 &&
                      (lf__bytes_eq(damage->key, told->key) ||
                       (told->row != NULL && flip_is_key(told->row, damage->key)))) ||
                     (told->index != ST_NO_INDEX && damage->index == told->index);
}

static lf_status check(struct st_txn *txn, struct told *told, uint64_t last)
{
    struct simple_report report = {.damage = damaged, .user = told};
    told->count = 0;
    told->is_named = false;
    lf_status rc = simple_check(txn, last, &report, NULL);
    assert_int_equal(report.report.damages, told->count);
    told->examined = report.examined;
    return rc;
}

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-check-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    simple_close(&world->simple);
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
    for (size_t i = 0; i < LF_COUNT(sizes); i++) {
        ST_TXN *txn = NULL;
        fill(world, i == 0 ? 0 : sizes[i - 1], sizes[i]);
        assert_int_equal(st_txn_begin(world->simple.engine, ST_READ, &txn, NULL), LF_OK);
        assert_int_equal(check(txn, &told, 0), LF_OK);
        assert_int_equal(told.examined, sizes[i]);
        assert_int_equal(check(txn, &told, 100), LF_OK);
        assert_int_equal(told.examined, sizes[i] < 100 ? sizes[i] : 100);
    }
}

static const char *const table_names[] = {"head", "tiles", "leaves", "bodies", "ids"};

/* Which entry a row belongs to, for those that are named by it. */
static uint64_t index_of(const struct flip *flip)
{
    switch (flip->table) {
    case TABLE_LEAVES:
    case TABLE_BODIES:
        return lf__get_u64be(flip->key);
    case TABLE_IDS: /* a loose pair: 2, 16 bytes of hash, position, tag */
        return lf__get_u64be(flip->key + 17) >> 8;
    default:
        return ST_NO_INDEX;
    }
}

/* In a transaction that is never committed. True when the damage was found and named. */
static bool flip_is_named(struct st_txn *txn, struct flip *flip, size_t bit)
{
    struct told told = {.table = table_names[flip->table], .row = flip, .index = index_of(flip)};
    flip_do(txn, flip, bit);
    bool found = check(txn, &told, 0) == LF_E_CORRUPT && told.is_named;
    flip_undo(txn, flip);
    return found;
}

static void every_bit_of_every_row(void **state)
{
    struct world *world = *state;
    struct told told = {.table = NULL};
    struct st_txn *txn = NULL;
    size_t flips = 0;
    fill(world, 0, 5);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_OK);
    for (unsigned table = 0; table < ST_LEDGER_TABLES; table++) {
        static struct flip flip;
        for (size_t row = 0; flip_load(txn, table, row, &flip); row++) {
            for (size_t bit = 0; bit < flip_bits(&flip); bit++, flips++) {
                if (!flip_is_named(txn, &flip, bit)) {
                    fail_msg("table %s row %zu bit %zu: not named", table_names[table], row, bit);
                }
            }
        }
    }
    assert_int_equal(check(txn, &told, 0), LF_OK); /* all flips were taken back */
    st_txn_abort(txn);
    /* head: 4 + 48 bytes; a tile of 9 + 5 hashes; five leaves of 8 + 40 with digests of 32, five
     * bodies of 8 + 4, five pairs of 1 + 24 */
    assert_int_equal(flips, 8 * (4 + 48 + 9 + 160 + 5 * (80 + 12 + 25)));
}

static void rows_too_many_and_too_few(void **state)
{
    struct world *world = *state;
    fill(world, 0, 300);
    for (unsigned table = 0; table < ST_LEDGER_TABLES; table++) {
        static struct flip first;
        struct told told = {.table = table_names[table], .index = ST_NO_INDEX};
        struct st_txn *txn = NULL;
        assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_OK);
        assert_true(flip_load(txn, table, 0, &first));
        told.key = (lf_bytes){first.key, first.key_len};
        told.index = index_of(&first);
        if (table != TABLE_META) { /* without a head nothing else is believed */
            assert_int_equal(st_delete(txn, table, told.key, NULL), LF_OK);
            assert_true(check(txn, &told, 0) == LF_E_CORRUPT && told.is_named);
        }
        st_txn_abort(txn);
        assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_OK);
        told.key = lf__bytes_str("one too many");
        told.index = ST_NO_INDEX;
        assert_int_equal(st_put(txn, table, told.key, lf__bytes_str("x"), NULL), LF_OK);
        assert_true(check(txn, &told, 0) == LF_E_CORRUPT && told.is_named);
        st_txn_abort(txn);
    }
}

struct told_list {
    char text[1024];
    size_t len;
};

static void list_damage(void *user, const struct st_damage *damage)
{
    struct told_list *list = user;
    int n = snprintf(list->text + list->len, sizeof list->text - list->len, "%s %lld: %s\n",
                     damage->table, (long long)damage->index, damage->what);
    list->len += n > 0 ? (size_t)n : 0;
    assert_true(list->len < sizeof list->text);
}

static void row_do(struct st_txn *txn, unsigned table, uint64_t index, const char *value)
{
    uint8_t key[8];
    lf__put_u64be(key, index);
    lf_bytes bytes = lf__bytes_str(value);
    assert_int_equal(bytes.len == 0 ? st_delete(txn, table, LF_BYTES_ARRAY(key), NULL)
                                    : st_put(txn, table, LF_BYTES_ARRAY(key), bytes, NULL),
                     LF_OK);
}

/* However far ahead entries are read and prepared, what is wrong is told entry by entry, and rows at last. */
static void damages_are_told_in_the_order_of_entries(void **state)
{
    struct world *world = *state;
    struct told_list list = {.len = 0};
    struct simple_report report = {.damage = list_damage, .user = &list};
    uint8_t between[] = {0, 0, 0, 0, 0, 0, 0, 70, 0};
    ST_TXN *txn = NULL;
    fill(world, 0, 300);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_OK);
    row_do(txn, TABLE_BODIES, 250, "another 250");
    row_do(txn, TABLE_BODIES, 33, "another 33");
    row_do(txn, TABLE_BODIES, 41, "");
    row_do(txn, TABLE_BODIES, 31, "another 31");
    row_do(txn, TABLE_LEAVES, 280, "too short to be a leaf");
    row_do(txn, TABLE_LEAVES, 281, "");
    row_do(txn, TABLE_BODIES, 281, "");
    assert_int_equal(st_put(txn, TABLE_BODIES, LF_BYTES_ARRAY(between), lf__bytes_str("x"), NULL),
                     LF_OK);
    assert_int_equal(simple_check(txn, 0, &report, NULL), LF_E_CORRUPT);
    assert_string_equal(list.text, "head -1: its size is 300, there are 299 leaves\n"
                                   "leaves 31: is not the leaf of the entry's body\n"
                                   "leaves 33: is not the leaf of the entry's body\n"
                                   "bodies 41: is missing\n"
                                   "leaves 250: is not the leaf of the entry's body\n"
                                   "leaves 280: is too short\n"
                                   "leaves 281: is missing\n"
                                   "bodies 281: is missing\n"
                                   "tiles -1: not compared past entry 280, whose leaf is missing\n"
                                   "bodies -1: is not an entry of this ledger\n");
}

/* Well formed, in its place and true, but the index has it already: it would no longer be what a rebuilt one is. */
static void an_identity_twice_is_damage(void **state)
{
    struct world *world = *state;
    static struct flip loose;
    static const uint8_t run[] = {1, 6, 0, 0, 0, 0};
    struct told told = {.table = "ids", .key = LF_BYTES_ARRAY(run), .index = ST_NO_INDEX};
    ST_TXN *txn = NULL;
    fill(world, 0, 300);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_true(flip_load(txn, TABLE_IDS, 7, &loose));
    lf_bytes pair = lf__bytes_slice((lf_bytes){loose.key, loose.key_len}, 1, loose.key_len);
    assert_int_equal(check(txn, &told, 0), LF_OK);
    assert_int_equal(st_put(txn, TABLE_IDS, told.key, pair, NULL), LF_OK);
    assert_int_equal(check(txn, &told, 0), LF_E_CORRUPT);
    assert_int_equal(told.count, 1);
}

/* Another entry 0, and all that follows from it: the check finds nothing, and the ledger goes on. */
static void a_ledger_begun_anew_is_sound(void **state)
{
    struct world *world = *state;
    struct told told = {.table = NULL};
    struct lf__merkle_head heads[2];
    struct st_txn *txn = NULL;
    lf_bytes leaf;
    uint8_t zero[8] = {0};
    struct st_refound refound = {.old_id = lf__bytes_str("id-0"),
                                 .first = {.id = lf__bytes_str("begun anew"),
                                           .body = lf__bytes_str("begun anew"),
                                           .leaf_len = 8 + LF_HASH_BYTES}};
    fill(world, 0, 2600); /* more than a tree keeps in memory, and folded runs */
    assert_int_equal(st_txn_begin(world->simple.engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_check_head(txn, 0, &heads[0], NULL), LF_OK);
    assert_int_equal(st_get(txn, TABLE_LEAVES, LF_BYTES_ARRAY(zero), &leaf, NULL), LF_OK);
    refound.first.digest = lf__sha256(refound.first.body);
    lf__copy(refound.first.leaf, leaf.ptr, 8);
    lf__copy(refound.first.leaf + 8, refound.first.digest.bytes, LF_HASH_BYTES);
    st_txn_abort(txn);
    struct st_refound wrong = refound;
    wrong.old_id = lf__bytes_str("id-1");
    assert_int_equal(st_ledger_refound(world->simple.engine, &wrong, NULL), LF_E_NOT_FOUND);
    assert_int_equal(st_ledger_refound(world->simple.engine, &refound, NULL), LF_OK);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_check_head(txn, 0, &heads[1], NULL), LF_OK);
    assert_int_equal(heads[1].size, heads[0].size);
    assert_false(lf__hash_eq(&heads[0].root, &heads[1].root));
    assert_int_equal(check(txn, &told, 0), LF_OK);
    st_txn_abort(txn);
    fill(world, 2600, 2700); /* with proofs that hold */
    assert_int_equal(st_txn_begin(world->simple.engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(check(txn, &told, 0), LF_OK);
    assert_int_equal(told.examined, 2700);
    st_txn_abort(txn);
}

static void a_marked_store_does_not_sign(void **state)
{
    struct world *world = *state;
    lf_error err = LF_ERROR_INIT;
    fill(world, 0, 3);
    assert_int_equal(st_mark_damaged(world->path, lf__bytes_str("bodies 1\n"), NULL), LF_OK);
    simple_close(&world->simple);
    assert_int_equal(simple_open(&world->simple, world->path, &err), LF_E_CORRUPT);
    assert_null(world->simple.ledger);
    assert_int_equal(st_clear_damaged(world->path, NULL), LF_OK);
    assert_int_equal(st_clear_damaged(world->path, NULL),
                     LF_OK); /* nothing left to clear is fine */
    fill(world, 3, 4);
}

/* Beside the owner: sees what is committed, writes nothing, and keeps compaction away. */
static void readers_share_and_compaction_waits(void **state)
{
    struct world *world = *state;
    struct st_txn *txn = NULL;
    struct told told = {.table = NULL};
    fill(world, 0, 300);
    simple_close(&world->simple); /* LMDB allows one environment a process */
    assert_int_equal(simple_open_engine(&world->simple, world->path, true, NULL), LF_OK);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_WRITE, &txn, NULL), LF_E_PRECONDITION);
    simple_close(&world->simple);
    struct st_options owner = {.path = world->path, .map_bytes = 1 << 28};
    assert_int_equal(st_compact(&owner, NULL), LF_OK);
    assert_int_equal(st_engine_open(&owner, &world->simple.engine, NULL), LF_OK);
    assert_int_equal(st_txn_begin(world->simple.engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(check(txn, &told, 0), LF_OK);
    st_txn_abort(txn);
    assert_int_equal(st_compact(&owner, NULL), LF_E_PRECONDITION); /* we have it open */
    struct st_space space;
    assert_int_equal(st_engine_tend(world->simple.engine, 1 << 20, &space, NULL), LF_OK);
    assert_true(space.disk_free > 0 && space.file > 0 && space.map_free < 1 << 30);
    fill(world, 300, 301);
}

/* A process of its own that begins to read, says so, and waits to be killed. */
static pid_t reader_start(const char *path, int begin, int began)
{
    pid_t child = fork(); /* before this process opens the store */
    if (child == 0) {
        struct simple reader;
        struct st_txn *txn = NULL;
        char byte = 0;
        bool good =
            read(begin, &byte, 1) == 1 && simple_open_engine(&reader, path, true, NULL) == LF_OK &&
            st_txn_begin(reader.engine, ST_READ, &txn, NULL) == LF_OK && write(began, "r", 1) == 1;
        for (; good; good = pause() == -1) { /* until it is killed */
        }
        _exit(1);
    }
    return child;
}

/* Bytes of the data file after so many commits that each replace one large value. */
static uint64_t file_after(struct st_engine *engine, unsigned commits)
{
    static uint8_t value[100000];
    struct st_space space = {.file = 0};
    for (unsigned i = 0; i < commits; i++) {
        struct st_txn *txn = NULL;
        value[0] = (uint8_t)i;
        assert_int_equal(st_txn_begin(engine, ST_WRITE, &txn, NULL), LF_OK);
        assert_int_equal(st_put(txn, 30, lf__bytes_str("large"), LF_BYTES_ARRAY(value), NULL),
                         LF_OK);
        assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    }
    assert_int_equal(st_engine_tend(engine, 0, &space, NULL), LF_OK); /* after the writing */
    return space.file;
}

/* Its pages are kept for a reader, also a dead one, until somebody looks after it. */
static void a_dead_reader_keeps_nothing_for_long(void **state)
{
    enum { COMMITS = 40, GROWN = COMMITS / 2 * 100000 };
    struct world *world = *state;
    int begin[2] = {-1, -1};
    int began[2] = {-1, -1};
    char byte = 0;
    fill(world, 0, 1);
    simple_close(&world->simple);
    assert_true(pipe(begin) == 0 && pipe(began) == 0);
    pid_t child = reader_start(world->path, begin[0], began[1]);
    assert_true(child > 0);
    assert_int_equal(simple_open_engine(&world->simple, world->path, false, NULL), LF_OK);
    uint64_t before = file_after(world->simple.engine, COMMITS);
    assert_true(write(begin[1], "b", 1) == 1 && read(began[0], &byte, 1) == 1);
    assert_true(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    uint64_t kept = file_after(world->simple.engine, COMMITS);
    uint64_t after = file_after(world->simple.engine, COMMITS);
    assert_true(kept > before + GROWN); /* the dead one was still counted */
    assert_true(after < kept + GROWN / 4);
    (void)close(begin[0]);
    (void)close(begin[1]);
    (void)close(began[0]);
    (void)close(began[1]);
}

static void broken_never(void *user, const lf_error *err)
{
    (void)user;
    (void)err;
    fail();
}

/* No disk has so much room: nothing new is taken, all that is there can be read and proven. */
static void below_the_floor_reading_goes_on(void **state)
{
    struct world *world = *state;
    struct st_ledger_care care = {.floor = UINT64_MAX, .broken = broken_never};
    char id[1][SIMPLE_ID] = {"one more"};
    struct simple_answer answer;
    struct lf__proof proof;
    lf_error err = LF_ERROR_INIT;
    fill(world, 0, 3);
    simple_close(&world->simple);
    assert_int_equal(simple_open_care(&world->simple, world->path, &care, &err), LF_OK);
    assert_int_equal(simple_submit(&world->simple, id, 1, &answer, &err), LF_E_BUSY);
    assert_string_equal(err.reason, "DISK_LOW");
    assert_int_equal(st_ledger_head(world->simple.ledger, NULL).size, 3);
    assert_int_equal(st_ledger_prove(world->simple.ledger, 1, 3, &proof, &err), LF_OK);
    simple_close(&world->simple);
    care.floor = 1 << 20;
    care.reserve = 1 << 20;
    assert_int_equal(simple_open_care(&world->simple, world->path, &care, &err), LF_OK);
    assert_int_equal(simple_submit(&world->simple, id, 1, &answer, &err), LF_OK);
    assert_true(answer.status == LF_OK && answer.index == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sound_ledger_passes_at_every_size, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(every_bit_of_every_row, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(rows_too_many_and_too_few, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(damages_are_told_in_the_order_of_entries, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(an_identity_twice_is_damage, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_ledger_begun_anew_is_sound, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_marked_store_does_not_sign, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(readers_share_and_compaction_waits, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_dead_reader_keeps_nothing_for_long, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(below_the_floor_reading_goes_on, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
