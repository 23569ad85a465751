/* SPDX-License-Identifier: Apache-2.0 */
/* The tree in tiles against the definition in RFC 6962: every size to 1,100, and around 256^k; what each
 * tile holds against the published log. */
#include "base/bytes.h"
#include "base/status.h"
#include "storage/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../core/worked_log.inc"

enum { TABLE = 5, LEAVES_MAX = 70000 };

struct world {
    char path[64];
    struct st_engine *engine;
    struct lf__hash *leaves;
    struct lf__hash *roots; /* of each size, by the definition; all zero until asked for */
    struct st_tree tree;    /* large: its tail keeps whole tiles */
    struct st_tree_reader reader;
};

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "/tmp/lf-tree-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    world->leaves = calloc(LEAVES_MAX, sizeof *world->leaves);
    world->roots = calloc(LEAVES_MAX + 1, sizeof *world->roots);
    assert_true(world->leaves != NULL && world->roots != NULL);
    for (size_t i = 0; i < LEAVES_MAX; i++) {
        char text[24];
        (void)snprintf(text, sizeof text, "%zu", i);
        world->leaves[i] = lf__merkle_leaf(lf__bytes_str(text));
    }
    struct st_options options = {.path = world->path, .map_bytes = 1 << 26};
    assert_int_equal(st_engine_open(&options, &world->engine, NULL), LF_OK);
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "LOCK"};
    struct world *world = *state;
    st_engine_close(world->engine);
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        char name[96];
        (void)snprintf(name, sizeof name, "%s/%s", world->path, names[i]);
        (void)unlink(name);
    }
    (void)rmdir(world->path);
    free(world->leaves);
    free(world->roots);
    free(world);
    return 0;
}

/* RFC 6962 2.1 as written; shares no code with the tiles but the hash of two nodes. */
static struct lf__hash naive_root(const struct lf__hash *leaves, size_t count)
{
    if (count == 0) {
        return lf__merkle_empty();
    }
    if (count == 1) {
        return leaves[0];
    }
    size_t k = 1;
    while (k * 2 < count) {
        k *= 2;
    }
    struct lf__hash left = naive_root(leaves, k);
    struct lf__hash right = naive_root(leaves + k, count - k);
    return lf__merkle_node(&left, &right);
}

static struct lf__hash root_of(const struct world *world, uint64_t size)
{
    static const struct lf__hash unknown = {{0}};
    if (lf__hash_eq(&world->roots[size], &unknown)) {
        world->roots[size] = naive_root(world->leaves, (size_t)size);
    }
    return world->roots[size];
}

/* Appends up to `size` leaves in groups that fit the tail, stored after each. */
static void grow(struct world *world, struct st_txn *txn, size_t size)
{
    while (world->tree.size < size) {
        for (size_t n = 0; n < 1024 && world->tree.size < size; n++) {
            st_tree_append(&world->tree, &world->leaves[world->tree.size]);
        }
        assert_int_equal(st_tree_store(&world->tree, txn, NULL), LF_OK);
    }
}

static void view_check(const struct world *world, const struct lf__tree *view, size_t step)
{
    struct lf__hash want = root_of(world, view->size);
    struct lf__hash root;
    struct lf__proof proof;
    assert_int_equal(lf__merkle_root(view, &root, NULL), LF_OK);
    assert_true(lf__hash_eq(&root, &want));
    for (uint64_t i = 0; i < view->size; i += step) {
        assert_int_equal(lf__merkle_prove_inclusion(view, i, &proof, NULL), LF_OK);
        assert_int_equal(
            lf__merkle_verify_inclusion(&world->leaves[i], i, view->size, &proof, &root, NULL),
            LF_OK);
    }
    for (uint64_t old = 1; old <= view->size; old += step) {
        struct lf__merkle_head older = {old, root_of(world, old)};
        struct lf__merkle_head newer = {view->size, root};
        assert_int_equal(lf__merkle_prove_consistency(view, old, &proof, NULL), LF_OK);
        assert_int_equal(lf__merkle_verify_consistency(&older, &newer, &proof, NULL), LF_OK);
    }
}

/* The sequencer's view with its tail, a reader's without, and the tail as a restart would load it. */
static void size_check(struct world *world, struct st_txn *txn, size_t step)
{
    uint64_t size = world->tree.size;
    struct lf__tree view = st_tree_view(&world->tree, txn);
    view_check(world, &view, step);
    st_tree_reader_init(&world->reader, txn, TABLE, size);
    view = st_tree_reader_view(&world->reader);
    view_check(world, &view, step);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, size, NULL), LF_OK);
    view = st_tree_view(&world->tree, txn);
    view_check(world, &view, step * 3);
}

static void every_size_to_1100(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    for (size_t size = 0; size <= 1100; size++) {
        grow(world, txn, size);
        size_check(world, txn, size < 70 ? 1 : 263);
    }
}

static void around_powers_of_256(void **state)
{
    static const size_t sizes[] = {255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 65793};
    struct world *world = *state;
    ST_TXN *txn = NULL;
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    for (size_t i = 0; i < LF_COUNT(sizes); i++) {
        grow(world, txn, sizes[i]);
        size_check(world, txn, sizes[i] < 1000 ? 7 : 9001);
    }
}

static void assert_tile(struct st_txn *txn, unsigned level, uint64_t number, size_t width)
{
    uint8_t key[9] = {(uint8_t)level};
    lf_bytes value;
    lf__put_u64be(key + 1, number);
    lf_status rc = st_get(txn, TABLE, LF_BYTES_ARRAY(key), &value, NULL);
    assert_int_equal(rc, width == 0 ? LF_E_NOT_FOUND : LF_OK);
    assert_int_equal(width == 0 ? 0 : value.len, width * LF_HASH_BYTES);
}

/* tlog-tiles' own example: 70,000 entries are 273 full tiles and 112 hashes, 1 and 17, 1. */
static void tiles_have_the_specified_widths(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    grow(world, txn, 256);
    assert_tile(txn, 0, 0, 256);
    assert_tile(txn, 0, 1, 0);
    assert_tile(txn, 1, 0, 1);
    grow(world, txn, 70000);
    assert_tile(txn, 0, 272, 256);
    assert_tile(txn, 0, 273, 112);
    assert_tile(txn, 0, 274, 0);
    assert_tile(txn, 1, 0, 256);
    assert_tile(txn, 1, 1, 17);
    assert_tile(txn, 2, 0, 1);
    assert_tile(txn, 3, 0, 0);
}

/* tile/0/000.p/15 of the published log. */
static void published_tile(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    uint8_t key[9] = {0};
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf_bytes value;
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    for (size_t i = 0; i < 15; i++) {
        struct lf__hash leaf = lf__merkle_leaf(lf__bytes_str(worked_leaves[i]));
        st_tree_append(&world->tree, &leaf);
        struct lf__tree view = st_tree_view(&world->tree, txn);
        struct lf__hash root;
        assert_int_equal(lf__merkle_root(&view, &root, NULL), LF_OK);
        (void)lf__hex(lf__hash_bytes(&root), hex, sizeof hex);
        assert_string_equal(hex, worked_heads[i + 1].root);
    }
    assert_int_equal(st_tree_store(&world->tree, txn, NULL), LF_OK);
    assert_int_equal(st_get(txn, TABLE, LF_BYTES_ARRAY(key), &value, NULL), LF_OK);
    struct lf__hash of_tile = lf__sha256(value);
    (void)lf__hex(lf__hash_bytes(&of_tile), hex, sizeof hex);
    assert_string_equal(hex, "93593af14d2cce39867d2e73fe4ca400a38581605c5c4501a03e752d9b51a130");
}

static lf_status fetch(const struct lf__tree *view, unsigned level, uint64_t index,
                       struct lf__hash *out)
{
    return view->fetch(view->user, level, index, out, NULL);
}

static void assert_leaf(const struct world *world, const struct lf__tree *view, uint64_t index)
{
    struct lf__hash hash;
    assert_int_equal(fetch(view, 0, index, &hash), LF_OK);
    assert_true(lf__hash_eq(&hash, &world->leaves[index]));
}

/* Of each level the tile that was read last stays, as long as the view: what is deleted under it is not missed, and the
 * next view misses it. A read that failed leaves nothing behind. */
static void a_view_reads_an_old_tile_once(void **state)
{
    struct world *world = *state;
    ST_TXN *txn = NULL;
    struct lf__hash hash;
    uint8_t first[9] = {0};
    uint8_t bytes[ST_TILE_WIDTH * LF_HASH_BYTES];
    lf_bytes value;
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    grow(world, txn, 66000);
    assert_int_equal(st_get(txn, TABLE, LF_BYTES_ARRAY(first), &value, NULL), LF_OK);
    assert_int_equal(value.len, sizeof bytes);
    lf__copy(bytes, value.ptr, sizeof bytes);

    struct lf__tree view = st_tree_view(&world->tree, txn);
    assert_leaf(world, &view, 0);
    assert_int_equal(st_delete(txn, TABLE, LF_BYTES_ARRAY(first), NULL), LF_OK);
    assert_leaf(world, &view, 1);
    assert_int_equal(fetch(&view, 8, 0, &hash), LF_OK); /* a tile of the level above */
    assert_leaf(world, &view, 255);

    view = st_tree_view(&world->tree, txn);
    assert_int_equal(fetch(&view, 0, 1, &hash), LF_E_CORRUPT);
    assert_int_equal(fetch(&view, 0, 1, &hash), LF_E_CORRUPT);
    assert_leaf(world, &view, 256);
    assert_int_equal(st_put(txn, TABLE, LF_BYTES_ARRAY(first), LF_BYTES_ARRAY(bytes), NULL), LF_OK);
    assert_leaf(world, &view, 1);
}

/* An aborted transaction's tiles are not those of the next view. */
static void a_view_is_of_its_transaction(void **state)
{
    struct world *world = *state;
    struct st_txn *txn = NULL;
    struct lf__hash hash;
    uint8_t first[9] = {0};
    uint8_t bytes[ST_TILE_WIDTH * LF_HASH_BYTES] = {0};
    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_tree_load(&world->tree, txn, TABLE, 0, NULL), LF_OK);
    grow(world, txn, 5000);
    assert_int_equal(st_txn_commit(txn, NULL), LF_OK);

    assert_int_equal(st_txn_begin(world->engine, ST_WRITE, &txn, NULL), LF_OK);
    assert_int_equal(st_put(txn, TABLE, LF_BYTES_ARRAY(first), LF_BYTES_ARRAY(bytes), NULL), LF_OK);
    struct lf__tree view = st_tree_view(&world->tree, txn);
    assert_int_equal(fetch(&view, 0, 7, &hash), LF_OK);
    assert_false(lf__hash_eq(&hash, &world->leaves[7]));
    st_txn_abort(txn);

    assert_int_equal(st_txn_begin(world->engine, ST_READ, &txn, NULL), LF_OK);
    view = st_tree_view(&world->tree, txn);
    assert_leaf(world, &view, 7);
    view_check(world, &view, 611);
    st_txn_abort(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_size_to_1100, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(around_powers_of_256, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(tiles_have_the_specified_widths, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(published_tile, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_view_reads_an_old_tile_once, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_view_is_of_its_transaction, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
