/* SPDX-License-Identifier: Apache-2.0 */
/* Tile arithmetic. Key of a tile: u8 level, u64be number; value: its bottom hashes in order. */
#include "storage/tree.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { TILE_KEY_BYTES = 9, TILE_HEIGHT = 8 };

/* Where the nodes of height h begin inside a tile: 0, 256, 384, ... 510. */
static size_t tile_offset(unsigned height)
{
    return 2 * ST_TILE_WIDTH - ((size_t)2 * ST_TILE_WIDTH >> height);
}

static void tile_push(struct st_tile *tile, const struct lf__hash *hash)
{
    size_t at = tile->width++;
    tile->nodes[at] = *hash;
    tile->is_dirty = true;
    for (unsigned h = 0; (at & 1) != 0; h++, at >>= 1) {
        const struct lf__hash *left = &tile->nodes[tile_offset(h) + at - 1];
        tile->nodes[tile_offset(h + 1) + at / 2] = lf__merkle_node(left, left + 1);
    }
}

static void tile_key(unsigned level, uint64_t number, uint8_t out[static TILE_KEY_BYTES])
{
    out[0] = (uint8_t)level;
    lf__put_u64be(out + 1, number);
}

static lf_status tile_read(struct st_txn *txn, unsigned table, unsigned level, struct st_tile *tile,
                           lf_error *err)
{
    uint8_t key[TILE_KEY_BYTES];
    lf_bytes value;
    unsigned want = tile->width;
    tile_key(level, tile->number, key);
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), &value, err);
    if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        return rc;
    }
    if (rc == LF_E_NOT_FOUND || value.len < want * (size_t)LF_HASH_BYTES ||
        value.len > ST_TILE_WIDTH * LF_HASH_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "tree: tile %u/%llu is missing or has a wrong length",
                        level, (unsigned long long)tile->number);
    }
    tile->width = 0;
    for (unsigned i = 0; i < want; i++) {
        struct lf__hash hash;
        lf__copy(hash.bytes, value.ptr + i * (size_t)LF_HASH_BYTES, LF_HASH_BYTES);
        tile_push(tile, &hash);
    }
    tile->is_dirty = false;
    return LF_OK;
}

static struct st_tile *tail_slot(struct st_tree *tree, unsigned level, uint64_t number)
{
    return &tree->tail[level][number % ST_TREE_TAIL];
}

lf_status st_tree_load(struct st_tree *tree, struct st_txn *txn, unsigned table, uint64_t size,
                       lf_error *err)
{
    memset(tree, 0, sizeof *tree);
    tree->table = table;
    tree->size = size;
    for (unsigned level = 0; level < ST_TREE_LEVELS; level++) {
        uint64_t hashes = size >> (TILE_HEIGHT * level);
        struct st_tile *tile = tail_slot(tree, level, hashes / ST_TILE_WIDTH);
        tile->number = hashes / ST_TILE_WIDTH;
        tile->width = (unsigned)(hashes % ST_TILE_WIDTH);
        lf_status rc = tile->width == 0 ? LF_OK : tile_read(txn, table, level, tile, err);
        if (rc != LF_OK) {
            return rc;
        }
    }
    return LF_OK;
}

/* A tile that fills hands its root to the level above and gives way to the next. */
void st_tree_append(struct st_tree *tree, const struct lf__hash *leaf)
{
    struct lf__hash carry = *leaf;
    for (unsigned level = 0; level < ST_TREE_LEVELS; level++) {
        uint64_t number = tree->size >> (TILE_HEIGHT * (level + 1));
        struct st_tile *tile = tail_slot(tree, level, number);
        if (tile->number != number) {
            LF_BUG_IF(tile->is_dirty); /* a group must be stored before its tiles leave memory */
            *tile = (struct st_tile){.number = number};
        }
        tile_push(tile, &carry);
        if (tile->width < ST_TILE_WIDTH) {
            break;
        }
        carry = tile->nodes[ST_TILE_NODES - 1];
    }
    tree->size++;
}

static lf_status tile_write(struct st_tree *tree, struct st_txn *txn, unsigned level,
                            struct st_tile *tile, lf_error *err)
{
    uint8_t key[TILE_KEY_BYTES];
    tile_key(level, tile->number, key);
    lf_bytes value = {tile->nodes[0].bytes, tile->width * (size_t)LF_HASH_BYTES};
    lf_status rc = st_put(txn, tree->table, LF_BYTES_ARRAY(key), value, err);
    tile->is_dirty = tile->is_dirty && rc != LF_OK;
    return rc;
}

lf_status st_tree_store(struct st_tree *tree, struct st_txn *txn, lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned level = 0; level < ST_TREE_LEVELS; level++) {
        for (unsigned i = 0; rc == LF_OK && i < ST_TREE_TAIL; i++) {
            struct st_tile *tile = &tree->tail[level][i];
            rc = tile->is_dirty ? tile_write(tree, txn, level, tile, err) : LF_OK;
        }
    }
    return rc;
}

struct tile_verifier {
    struct st_txn *txn;
    st_tile_differs differs;
    void *user;
    lf_error *err;
};

static void tile_compare(const struct tile_verifier *v, const struct st_tile *tile, lf_bytes stored,
                         struct st_tile_difference *difference)
{
    difference->what = "has a wrong length";
    if (stored.len != tile->width * (size_t)LF_HASH_BYTES) {
        v->differs(v->user, difference);
        return;
    }
    difference->what = "is not the hash of what is below it";
    for (unsigned i = 0; i < tile->width; i++) {
        lf_bytes hash = lf__bytes_slice(stored, i * (size_t)LF_HASH_BYTES, LF_HASH_BYTES);
        if (!lf__bytes_eq(hash, lf__hash_bytes(&tile->nodes[i]))) {
            difference->hash = (int)i;
            v->differs(v->user, difference);
        }
    }
}

static lf_status tile_verify(const struct tile_verifier *v, unsigned table, unsigned level,
                             const struct st_tile *tile)
{
    uint8_t key[TILE_KEY_BYTES];
    lf_bytes value;
    lf_error why = LF_ERROR_INIT;
    tile_key(level, tile->number, key);
    struct st_tile_difference difference = {
        .key = LF_BYTES_ARRAY(key), .level = level, .number = tile->number, .hash = -1};
    lf_status rc = st_get(v->txn, table, LF_BYTES_ARRAY(key), &value, &why);
    if (rc == LF_OK) {
        tile_compare(v, tile, value, &difference);
    } else if (rc == LF_E_NOT_FOUND || rc == LF_E_CORRUPT) {
        difference.what = rc == LF_E_NOT_FOUND ? "is missing" : why.message;
        v->differs(v->user, &difference);
    } else {
        return lf__fail(v->err, rc, "%s", why.message);
    }
    return LF_OK;
}

lf_status st_tree_verify(struct st_tree *tree, struct st_txn *txn, bool is_end,
                         st_tile_differs differs, void *user, lf_error *err)
{
    struct tile_verifier v = {txn, differs, user, err};
    lf_status rc = LF_OK;
    for (unsigned level = 0; level < ST_TREE_LEVELS; level++) {
        for (unsigned i = 0; rc == LF_OK && i < ST_TREE_TAIL; i++) {
            struct st_tile *tile = &tree->tail[level][i];
            if (tile->is_dirty && (is_end || tile->width == ST_TILE_WIDTH)) {
                rc = tile_verify(&v, tree->table, level, tile);
                tile->is_dirty = false;
            }
        }
    }
    return rc;
}

lf_status st_tree_tile(struct st_txn *txn, unsigned table, const struct lf__tile_name *name,
                       struct lf__buf *out, lf_error *err)
{
    uint8_t key[TILE_KEY_BYTES];
    lf_bytes value;
    size_t want = name->width * (size_t)LF_HASH_BYTES;
    tile_key(name->level, name->number, key);
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), &value, err);
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && value.len < want)) {
        return lf__fail(err, LF_E_NOT_FOUND, "tile: the log has not grown that far");
    }
    if (rc == LF_OK) {
        (void)lf__buf_append(out, lf__bytes_slice(value, 0, want));
        rc = lf__buf_status(out, err);
    }
    return rc;
}

bool st_tree_has_key(lf_bytes key, uint64_t size)
{
    if (key.len != TILE_KEY_BYTES || key.ptr[0] >= ST_TREE_LEVELS) {
        return false;
    }
    uint64_t hashes = size >> (TILE_HEIGHT * key.ptr[0]);
    return lf__get_u64be(key.ptr + 1) < hashes / ST_TILE_WIDTH + (hashes % ST_TILE_WIDTH != 0);
}

void st_tree_reader_init(struct st_tree_reader *reader, struct st_txn *txn, unsigned table,
                         uint64_t size)
{
    *reader = (struct st_tree_reader){.txn = txn, .table = table, .size = size};
}

/* A node of height 8k is the bottom of the level-k tile: it is stored there, and only there when full. */
struct node_place {
    unsigned level;
    unsigned height;
    uint64_t number;
    size_t slot;
    unsigned width; /* bottom hashes that the node needs */
};

static struct node_place place_of(unsigned level, uint64_t index)
{
    struct node_place place = {.level = level / TILE_HEIGHT, .height = level % TILE_HEIGHT};
    unsigned per_tile = TILE_HEIGHT - place.height;
    uint64_t in_tile = index & (((uint64_t)1 << per_tile) - 1);
    place.number = index >> per_tile;
    place.slot = tile_offset(place.height) + in_tile;
    place.width = (unsigned)((in_tile + 1) << place.height);
    return place;
}

static lf_status reader_fetch(void *user, unsigned level, uint64_t index, struct lf__hash *out,
                              lf_error *err)
{
    struct st_tree_reader *reader = user;
    struct node_place place = place_of(level, index);
    struct st_tile *tile = &reader->tile;
    if (tile->width < place.width || tile->number != place.number || reader->level != place.level) {
        uint64_t there =
            (reader->size >> (TILE_HEIGHT * place.level)) - place.number * ST_TILE_WIDTH;
        *tile = (struct st_tile){.number = place.number,
                                 .width = there < ST_TILE_WIDTH ? (unsigned)there : ST_TILE_WIDTH};
        reader->level = place.level;
        lf_status rc = tile_read(reader->txn, reader->table, place.level, tile, err);
        if (rc != LF_OK) {
            tile->width = 0;
            return rc;
        }
    }
    *out = tile->nodes[place.slot];
    return LF_OK;
}

struct lf__tree st_tree_reader_view(struct st_tree_reader *reader)
{
    return (struct lf__tree){reader->size, reader_fetch, reader};
}

static lf_status tail_fetch(void *user, unsigned level, uint64_t index, struct lf__hash *out,
                            lf_error *err)
{
    struct st_tree *tree = user;
    struct node_place place = place_of(level, index);
    const struct st_tile *tile = tail_slot(tree, place.level, place.number);
    if (tile->number == place.number && tile->width >= place.width) {
        *out = tile->nodes[place.slot];
        return LF_OK;
    }
    struct st_tree_reader *reader = &tree->older[place.level];
    reader->txn = tree->txn;
    reader->table = tree->table;
    reader->size = tree->size;
    return reader_fetch(reader, level, index, out, err);
}

struct lf__tree st_tree_view(struct st_tree *tree, struct st_txn *txn)
{
    tree->txn = txn;
    for (unsigned i = 0; i < ST_TREE_LEVELS; i++) {
        tree->older[i].tile.width = 0; /* what another transaction read */
    }
    return (struct lf__tree){tree->size, tail_fetch, tree};
}
