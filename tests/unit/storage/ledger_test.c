/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit, duplicates, refusals, published roots through tiles, restart and kill -9 under load. */
#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "storage/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    char path[64];
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct lf__secret *seed;
    struct lf__note_key key;
    int64_t now_ms;
    bool fail_apply;
};

static int64_t test_clock_ms = 1000;
static int64_t test_clock(void)
{
    return test_clock_ms;
}

/* The leaf is the index in decimal, as in the published roots; a body "no" is refused. */
static lf_status admit(void *user, struct st_txn *txn, struct st_entry *entry,
                       const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    (void)user;
    (void)txn;
    if (lf__bytes_eq_str(entry->body, "no")) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "record: refused by the test");
    }
    (void)lf__buf_printf(leaf, "%llu", (unsigned long long)at->index);
    return LF_OK;
}

static lf_status apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                       const struct st_position *at, lf_error *err)
{
    const struct world *world = user;
    uint8_t key[8];
    lf__put_u64be(key, at->accepted_at_ms);
    if (world->fail_apply) {
        return lf__fail(err, LF_E_IO, "test: apply fails");
    }
    return st_put(txn, 10, LF_BYTES_ARRAY(key), entry->body, err);
}

static void world_open_with(struct world *world, const struct lf__secret *old_seed)
{
    lf_error err = LF_ERROR_INIT;
    struct st_options options = {.path = world->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&options, &world->engine, &err), LF_OK);
    struct st_ledger_options ledger = {.engine = world->engine,
                                       .origin = "test/ledger",
                                       .seed = world->seed,
                                       .old_seed = old_seed,
                                       .hooks = {.admit = admit, .apply = apply, .user = world},
                                       .now_ms = test_clock};
    assert_int_equal(st_ledger_open(&ledger, &world->ledger, &err), LF_OK);
}

static void world_open(struct world *world)
{
    world_open_with(world, NULL);
}

static void world_close(struct world *world)
{
    st_ledger_close(world->ledger);
    st_engine_close(world->engine);
}

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-ledger-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    world->seed = lf__secret_new(32);
    lf__random(lf__secret_bytes(world->seed), 32);
    struct lf__public_key key = lf__sign_public(world->seed);
    assert_int_equal(lf__note_key_make("test/ledger", &key, &world->key, NULL), LF_OK);
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "LOCK"};
    struct world *world = *state;
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s/%s", world->path, names[i]);
        (void)unlink(name);
    }
    (void)rmdir(world->path);
    lf__secret_free(world->seed);
    free(world);
    return 0;
}

/* An entry that remembers its answer. */
struct told {
    struct st_entry entry;
    char id[32];
    sem_t answered;
    lf_status status;
    bool is_duplicate;
    bool proof_holds;
    uint64_t index;
    uint64_t size;
    lf_error error;
    const struct lf__note_key *key;
};

static void told_done(struct st_entry *entry, const struct st_result *result)
{
    struct told *told = LF_CONTAINER_OF(entry, struct told, entry);
    struct lf__merkle_head head;
    told->status = result->status;
    told->is_duplicate = result->is_duplicate;
    told->index = result->index;
    told->error = *result->error;
    if (result->status == LF_OK &&
        lf__checkpoint_open(result->checkpoint, told->key, &head, NULL) == LF_OK) {
        struct lf__hash leaf = lf__merkle_leaf(result->leaf);
        told->size = head.size;
        told->proof_holds = lf__merkle_verify_inclusion(&leaf, result->index, head.size,
                                                        result->proof, &head.root, NULL) == LF_OK;
    }
    (void)sem_post(&told->answered);
}

static void told_init(struct told *told, const struct world *world, const char *id,
                      const char *body)
{
    *told = (struct told){.key = &world->key};
    (void)snprintf(told->id, sizeof told->id, "%s", id);
    (void)sem_init(&told->answered, 0, 0);
    told->entry.id = lf__bytes_str(told->id);
    told->entry.body = lf__bytes_str(body);
    told->entry.digest = lf__sha256(told->entry.body);
    told->entry.done = told_done;
}

static struct told submit_one(struct world *world, const char *id, const char *body)
{
    static struct told told;
    struct st_entry *list[] = {&told.entry};
    lf_error err = LF_ERROR_INIT;
    told_init(&told, world, id, body);
    assert_int_equal(st_ledger_submit(world->ledger, list, 1, &err), LF_OK);
    (void)sem_wait(&told.answered);
    (void)sem_destroy(&told.answered);
    return told;
}

static void accepted_duplicate_changed_refused(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct told first = submit_one(world, "a", "one");
    assert_true(first.status == LF_OK && first.proof_holds && !first.is_duplicate &&
                first.index == 0 && first.size == 1);
    struct told refused = submit_one(world, "b", "no");
    assert_int_equal(refused.status, LF_E_REJECTED);
    assert_string_equal(refused.error.reason, "KIND_NOT_ALLOWED");
    struct told second = submit_one(world, "c", "two");
    assert_true(second.status == LF_OK && second.index == 1);
    struct told again = submit_one(world, "a", "one");
    assert_true(again.status == LF_OK && again.is_duplicate && again.index == 0 &&
                again.proof_holds);
    struct told changed = submit_one(world, "a", "other");
    assert_int_equal(changed.status, LF_E_EXISTS);
    assert_string_equal(changed.error.reason, "CHANGED");
    assert_int_equal(st_ledger_head(world->ledger, NULL).size, 2);
    world_close(world);
    world_open(
        world); /* a refused identity was not squatted, a duplicate is known after a restart */
    assert_true(submit_one(world, "a", "one").is_duplicate);
    assert_int_equal(submit_one(world, "b", "yes").index, 2);
    world_close(world);
}

static void accepted_at_never_goes_back(void **state)
{
    struct world *world = *state;
    world_open(world);
    test_clock_ms = 5000;
    (void)submit_one(world, "a", "late");
    world_close(world);
    world_open(world);
    test_clock_ms = 4000;
    (void)submit_one(world, "b", "early clock");
    ST_TXN *txn = NULL;
    uint8_t key[8];
    lf_bytes body;
    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    lf__put_u64be(key, 5000);
    assert_int_equal(st_get(txn, 10, LF_BYTES_ARRAY(key), &body, NULL), LF_OK);
    assert_true(lf__bytes_eq_str(body, "early clock"));
    st_txn_abort(txn);
    txn = NULL;
    world_close(world);
}

static void fill(struct world *world, struct told *told, size_t from, size_t to)
{
    struct st_entry *list[ST_GROUP_MAX];
    while (from < to) {
        size_t n = to - from < 777 ? to - from : 777;
        for (size_t i = 0; i < n; i++) {
            char id[32];
            (void)snprintf(id, sizeof id, "%zu", from + i);
            told_init(&told[i], world, id, "x");
            list[i] = &told[i].entry;
        }
        assert_int_equal(st_ledger_submit(world->ledger, list, n, NULL), LF_OK);
        for (size_t i = 0; i < n; i++) {
            (void)sem_wait(&told[i].answered);
            assert_true(told[i].status == LF_OK && told[i].proof_holds &&
                        told[i].index == from + i);
        }
        from += n;
    }
}

static void published_roots_through_tiles(void **state)
{
    struct world *world = *state;
    static const struct {
        size_t size;
        const char *root;
    } rows[] = {
        {255, "32f85bcaa87d7bcd05728f09e9aeba350ba6a2f733830087f0597682848be5cb"},
        {256, "828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1"},
        {257, "1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4"},
        {512, "d4b2162495ca609dc06390d353ca0c55107765c609e0226eb747d89105dc8d55"},
        {70000, "1a4cdfcb66374a0c0dcbef49acbd4976d13ee864fb3cb241fc943cad04f02f7e"},
    };
    struct told *told = calloc(ST_GROUP_MAX, sizeof *told);
    assert_non_null(told);
    size_t from = 0;
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        char hex[65];
        world_open(world); /* each size also survives a restart */
        fill(world, told, from, rows[i].size);
        struct lf__merkle_head head = st_ledger_head(world->ledger, NULL);
        (void)lf__hex(lf__hash_bytes(&head.root), hex, sizeof hex);
        assert_string_equal(hex, rows[i].root);
        from = rows[i].size;
        world_close(world);
    }
    free(told);
    world_open(world);
    struct lf__merkle_head head = st_ledger_head(world->ledger, NULL);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__proof proof;
        struct lf__merkle_head older = {.size = rows[i].size};
        size_t len = 0;
        assert_true(lf__unhex(lf__bytes_str(rows[i].root), older.root.bytes, 32, &len));
        assert_int_equal(
            st_ledger_prove_consistency(world->ledger, older.size, head.size, &proof, NULL), LF_OK);
        assert_int_equal(lf__merkle_verify_consistency(&older, &head, &proof, NULL), LF_OK);
        struct lf__hash root;
        assert_int_equal(st_ledger_root(world->ledger, older.size, &root, NULL), LF_OK);
        assert_true(lf__hash_eq(&root, &older.root));
        assert_int_equal(st_ledger_root(world->ledger, head.size + 1, &root, NULL), LF_E_ARG);
        char text[32];
        (void)snprintf(text, sizeof text, "%zu", rows[i].size / 2);
        struct lf__hash leaf = lf__merkle_leaf(lf__bytes_str(text));
        assert_int_equal(st_ledger_prove(world->ledger, older.size / 2, older.size, &proof, NULL),
                         LF_OK);
        assert_int_equal(lf__merkle_verify_inclusion(&leaf, older.size / 2, older.size, &proof,
                                                     &older.root, NULL),
                         LF_OK);
    }
    struct lf__proof proof;
    assert_int_equal(st_ledger_prove(world->ledger, 0, head.size + 1, &proof, NULL), LF_E_ARG);
    assert_int_equal(submit_one(world, "17", "x").index,
                     17); /* an old duplicate, read from its tile */
    world_close(world);
}

/* A full and a partial tile of leaf hashes, and the bundle of the leaves themselves. */
static void tiles_by_name(void **state)
{
    struct world *world = *state;
    struct told *told = calloc(ST_GROUP_MAX, sizeof *told);
    assert_non_null(told);
    world_open(world);
    fill(world, told, 0, 300);
    free(told);
    static const struct {
        struct lf__tile_name name;
        size_t bytes;
    } rows[] = {
        {{false, 0, 0, 256}, 256 * 32}, {{false, 0, 1, 44}, 44 * 32}, {{false, 1, 0, 1}, 32}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        LF_BUF tile;
        lf__buf_init(&tile, 65536);
        assert_int_equal(st_ledger_tile(world->ledger, &rows[i].name, &tile, NULL), LF_OK);
        assert_int_equal(tile.len, rows[i].bytes);
    }
    LF_BUF tile;
    LF_BUF bundle;
    lf__buf_init(&tile, 65536);
    lf__buf_init(&bundle, 65536);
    struct lf__tile_name entries = {true, 0, 1, 44};
    struct lf__tile_name past = {false, 0, 1, 45};
    struct lf__tile_name far = {false, 63, UINT64_MAX, 1};
    assert_int_equal(st_ledger_tile(world->ledger, &rows[1].name, &tile, NULL), LF_OK);
    assert_int_equal(st_ledger_tile(world->ledger, &entries, &bundle, NULL), LF_OK);
    struct lf__reader r = {lf__buf_bytes(&bundle)};
    for (size_t i = 0; i < 44; i++) {
        uint16_t len = 0;
        lf_bytes leaf = LF_BYTES_NONE;
        assert_true(lf__read_u16be(&r, &len) && lf__read_bytes(&r, len, &leaf));
        struct lf__hash hash = lf__merkle_leaf(leaf);
        assert_memory_equal(hash.bytes, tile.ptr + 32 * i, 32);
    }
    assert_true(lf__read_finished(&r));
    assert_int_equal(st_ledger_tile(world->ledger, &past, &tile, NULL), LF_E_NOT_FOUND);
    assert_int_equal(st_ledger_tile(world->ledger, &far, &tile, NULL), LF_E_NOT_FOUND);
    world_close(world);
}

static void failed_apply_ends_the_ledger(void **state)
{
    struct world *world = *state;
    struct told late;
    struct st_entry *list[] = {&late.entry};
    lf_error err = LF_ERROR_INIT;
    world_open(world);
    (void)submit_one(world, "a", "one");
    world->fail_apply = true;
    assert_int_equal(submit_one(world, "b", "two").status, LF_E_IO);
    world->fail_apply = false;
    told_init(&late, world, "c", "three");
    assert_int_equal(st_ledger_submit(world->ledger, list, 1, &err), LF_E_IO);
    (void)sem_destroy(&late.answered);
    assert_int_equal(st_ledger_head(world->ledger, NULL).size, 1);
    world_close(world);
    world_open(world);
    assert_int_equal(submit_one(world, "b", "two").index, 1);
    world_close(world);
}

static void damaged_tile_is_not_signed(void **state)
{
    struct world *world = *state;
    world_open(world);
    (void)submit_one(world, "a", "one");
    (void)submit_one(world, "b", "two");
    st_ledger_close(world->ledger);
    struct st_txn *txn = NULL;
    uint8_t key[9] = {0};
    uint8_t tile[64] = {1};
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_put(txn, 1, LF_BYTES_ARRAY(key), LF_BYTES_ARRAY(tile), NULL), LF_OK);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);
    struct st_ledger_options options = {.engine = world->engine,
                                        .origin = "test/ledger",
                                        .seed = world->seed,
                                        .hooks = {.admit = admit, .apply = apply, .user = world}};
    struct st_ledger *ledger = NULL;
    assert_int_equal(st_ledger_open(&options, &ledger, NULL), LF_E_CORRUPT);
    assert_null(ledger);
    st_engine_close(world->engine);
}

static void queue_is_bounded(void **state)
{
    struct world *world = *state;
    static struct told told[3];
    struct st_entry *list[3];
    lf_error err = LF_ERROR_INIT;
    struct st_options options = {.path = world->path, .map_bytes = 1 << 24};
    assert_int_equal(st_engine_open(&options, &world->engine, &err), LF_OK);
    struct st_ledger_options ledger = {.engine = world->engine,
                                       .origin = "test/ledger",
                                       .seed = world->seed,
                                       .hooks = {.admit = admit, .apply = apply, .user = world},
                                       .queue_max = 2};
    assert_int_equal(st_ledger_open(&ledger, &world->ledger, &err), LF_OK);
    for (size_t i = 0; i < 3; i++) {
        told_init(&told[i], world, "same", "x");
        list[i] = &told[i].entry;
    }
    assert_int_equal(st_ledger_submit(world->ledger, list, 3, &err), LF_E_BUSY);
    assert_string_equal(err.reason, "QUEUE_FULL");
    assert_int_equal(st_ledger_submit(world->ledger, list, 2, &err), LF_OK);
    (void)sem_wait(&told[0].answered);
    (void)sem_wait(&told[1].answered);
    assert_true(!told[0].is_duplicate && told[1].is_duplicate &&
                told[1].index == told[0].index); /* within one group */
    world_close(world);
}

enum { WRITERS = 4, WRITES = 200 };

struct writer {
    struct world *world;
    unsigned number;
    int report; /* a pipe: the number of each acknowledged entry, or -1 */
};

enum { CROWD = 700 }; /* two of them are more than one commit takes */

/* What was submitted together is answered with one head, however much waits beside it. */
static void submissions_stay_whole(void **state)
{
    struct world *world = *state;
    static struct told first;
    static struct told crowds[2][CROWD];
    struct st_entry *list[2][CROWD];
    struct st_entry *one[] = {&first.entry};
    struct st_txn *txn = NULL;
    world_open(world);
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    told_init(&first, world, "first", "x"); /* taken alone, it waits for the transaction above */
    assert_int_equal(st_ledger_submit(world->ledger, one, 1, NULL), LF_OK);
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < CROWD; i++) {
            char id[32];
            (void)snprintf(id, sizeof id, "%zu-%zu", c, i);
            told_init(&crowds[c][i], world, id, "x");
            list[c][i] = &crowds[c][i].entry;
        }
        assert_int_equal(st_ledger_submit(world->ledger, list[c], CROWD, NULL), LF_OK);
    }
    st_txn_abort(txn);
    (void)sem_wait(&first.answered);
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < CROWD; i++) {
            (void)sem_wait(&crowds[c][i].answered);
            assert_true(crowds[c][i].proof_holds);
            assert_int_equal(crowds[c][i].size, crowds[c][0].size);
            assert_int_equal(crowds[c][i].index, crowds[c][0].index + i);
        }
    }
    world_close(world);
}

static void crowd_submit(struct world *world, struct told crowd[static CROWD], const char *name)
{
    struct st_entry *list[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "%s-%zu", name, i);
        told_init(&crowd[i], world, id, "x");
        list[i] = &crowd[i].entry;
    }
    assert_int_equal(st_ledger_submit(world->ledger, list, CROWD, NULL), LF_OK);
}

static void crowd_wait(struct told crowd[static CROWD])
{
    for (size_t i = 0; i < CROWD; i++) {
        (void)sem_wait(&crowd[i].answered);
        assert_int_equal(crowd[i].status, LF_OK);
    }
}

/* An identity that nobody had when it was handed in, and that came in others' commits before its turn: also when its
 * pair has been folded meanwhile. */
static void who_came_meanwhile_is_found(void **state)
{
    enum { BEFORE, FIRST, SAME, OTHERS, AGAIN, CROWDS };
    static struct told crowds[CROWDS][CROWD];
    static struct told gate;
    struct world *world = *state;
    struct st_entry *one[] = {&gate.entry};
    struct st_txn *txn = NULL;
    world_open(world);
    crowd_submit(world, crowds[BEFORE], "before");
    crowd_wait(crowds[BEFORE]);
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    told_init(&gate, world, "gate",
              "x"); /* waits for the transaction above, and all others behind it */
    assert_int_equal(st_ledger_submit(world->ledger, one, 1, NULL), LF_OK);
    static const char *const names[] = {NULL, "first", "first", "others", "first"};
    for (size_t c = FIRST; c < CROWDS; c++) {
        crowd_submit(world, crowds[c], names[c]);
    }
    st_txn_abort(txn);
    (void)sem_wait(&gate.answered);
    for (size_t c = FIRST; c < CROWDS; c++) {
        crowd_wait(crowds[c]);
    }
    for (size_t i = 0; i < CROWD; i++) {
        assert_false(crowds[FIRST][i].is_duplicate || crowds[OTHERS][i].is_duplicate);
        assert_true(crowds[SAME][i].is_duplicate && crowds[AGAIN][i].is_duplicate);
        assert_int_equal(crowds[SAME][i].index, crowds[FIRST][i].index);
        assert_int_equal(crowds[AGAIN][i].index, crowds[FIRST][i].index);
    }
    world_close(world);
}

static void *writer_run(void *user)
{
    struct writer *writer = user;
    for (unsigned i = 0; i < WRITES; i++) {
        struct told told;
        struct st_entry *list[] = {&told.entry};
        char id[32];
        (void)snprintf(id, sizeof id, "%u-%u", writer->number, i);
        told_init(&told, writer->world, id, "x");
        if (st_ledger_submit(writer->world->ledger, list, 1, NULL) != LF_OK) {
            return user;
        }
        (void)sem_wait(&told.answered);
        (void)sem_destroy(&told.answered);
        uint32_t line[2] = {writer->number, i};
        if (told.status != LF_OK || !told.proof_holds ||
            (writer->report >= 0 && write(writer->report, line, sizeof line) < 0)) {
            return user;
        }
    }
    return NULL;
}

static void writers_run(struct world *world, int report)
{
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){world, i, report};
        assert_int_equal(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        void *failed = NULL;
        (void)pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

static void many_writers(void **state)
{
    struct world *world = *state;
    world_open(world);
    writers_run(world, -1);
    assert_int_equal(st_ledger_head(world->ledger, NULL).size, WRITERS * WRITES);
    world_close(world);
}

/* The child reports each acknowledgement through a pipe and is killed somewhere in the middle. */
static void kill_under_load(void **state)
{
    struct world *world = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork(); /* before any store is open */
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        world_open(world);
        writers_run(world, ends[1]);
        _exit(0);
    }
    (void)close(ends[1]);
    uint32_t seen[WRITERS] = {0};
    uint32_t line[2];
    for (unsigned count = 0; read(ends[0], line, sizeof line) == (ssize_t)sizeof line; count++) {
        seen[line[0]] = line[1] + 1;
        if (count == 150) {
            (void)kill(child, SIGKILL);
        }
    }
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    world_open(world);
    uint64_t before = st_ledger_head(world->ledger, NULL).size;
    for (unsigned w = 0; w < WRITERS; w++) {
        for (uint32_t i = 0; i < seen[w]; i++) {
            char id[32];
            (void)snprintf(id, sizeof id, "%u-%u", w, i);
            struct told again = submit_one(world, id, "x");
            assert_true(again.status == LF_OK && again.is_duplicate && again.proof_holds);
        }
    }
    assert_int_equal(st_ledger_head(world->ledger, NULL).size, before);
    world_close(world);
}

/* While a key is changed each head has both signatures: the new key's first, and each by itself is enough. */
static void two_keys_sign(void **state)
{
    struct world *world = *state;
    LF_BUF note;
    LF_SECRET *old = lf__secret_new(32);
    struct lf__note_key old_key;
    struct lf__merkle_head head;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf__random(lf__secret_bytes(old), 32);
    struct lf__public_key key = lf__sign_public(old);
    assert_int_equal(lf__note_key_make("test/ledger", &key, &old_key, NULL), LF_OK);
    world_open_with(world, old);
    struct told told = submit_one(world, "a", "one");
    assert_true(told.status == LF_OK && told.proof_holds);
    (void)st_ledger_head(world->ledger, &note);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &world->key, &head, NULL), LF_OK);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &old_key, &head, NULL), LF_OK);
    assert_int_equal(head.size, 1);
    world_close(world);
    world_open(world); /* the overlap is over */
    lf__buf_clear(&note);
    (void)st_ledger_head(world->ledger, &note);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &world->key, &head, NULL), LF_OK);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &old_key, &head, NULL),
                     LF_E_SIGNATURE);
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kill_under_load, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(accepted_duplicate_changed_refused, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(accepted_at_never_goes_back, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(published_roots_through_tiles, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(tiles_by_name, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(failed_apply_ends_the_ledger, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(damaged_tile_is_not_signed, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(queue_is_bounded, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(submissions_stay_whole, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(who_came_meanwhile_is_found, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(two_keys_sign, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(many_writers, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
