/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/tree.h - the Merkle tree in tiles of 256 hashes (C2SP tlog-tiles), kept in one table.
 *
 * The tail lives in memory with its inner nodes, so that proofs of what was just appended cost
 * copies, not hashes. Threads: one, the sequencer; others read through st_tree_reader.
 */
#ifndef ST_TREE_H
#define ST_TREE_H

#include "base/buf.h"
#include "core/merkle.h"
#include "core/tiles.h"
#include "storage/engine.h"

enum {
    ST_TILE_WIDTH = 256,
    ST_TILE_NODES = 511, /* 256 + 128 + ... + 1 */
    ST_TREE_LEVELS = 8,  /* 256^8 leaves are more than an index can name */
    ST_TREE_TAIL = 8     /* tiles of each level kept in memory: a group of 1,024 touches 5 */
};

struct st_tile {
    uint64_t number;
    unsigned width; /* hashes present at the bottom; 0 means an unused slot */
    bool is_dirty;
    struct lf__hash nodes[ST_TILE_NODES];
};

/* Reads any committed tree of up to the stored size, without the tail. Threads: one at a time. */
struct st_tree_reader {
    struct st_txn *txn; /* borrowed */
    unsigned table;
    uint64_t size;
    unsigned level;
    struct st_tile tile; /* the last one read */
};

struct st_tree {
    unsigned table;
    uint64_t size;
    struct st_txn *txn; /* borrowed: of the group under way, or NULL */
    struct st_tile tail[ST_TREE_LEVELS][ST_TREE_TAIL];
    /* What the view in use read of tiles that left the tail: neighbours ask the same tile. */
    struct st_tree_reader older[ST_TREE_LEVELS];
};

/* Loads the tail of a tree of `size` leaves. E_CORRUPT when a tile is missing or too short. */
lf_status st_tree_load(struct st_tree *tree, struct st_txn *txn, unsigned table, uint64_t size,
                       lf_error *err);
void st_tree_append(struct st_tree *tree, const struct lf__hash *leaf);
/* Writes every tile that changed since the last call. */
lf_status st_tree_store(struct st_tree *tree, struct st_txn *txn, lf_error *err);
/* A stored tile that is not the computed one. Everything is borrowed for the call. */
struct st_tile_difference {
    lf_bytes key;
    unsigned level;
    uint64_t number;
    int hash; /* which of its hashes differs; -1: the tile as a whole */
    const char *what;
};
typedef void (*st_tile_differs)(void *user, const struct st_tile_difference *difference);
/* Compares every full tile that changed since the last call with what is stored (at the end: every
 * tile that changed) instead of writing it. */
lf_status st_tree_verify(struct st_tree *tree, struct st_txn *txn, bool is_end,
                         st_tile_differs differs, void *user, lf_error *err);
/* Is this the key of a tile that a tree of `size` leaves has? */
bool st_tree_has_key(lf_bytes key, uint64_t size);
/* A view for core/merkle.h; tiles that left memory are read through `txn`, borrowed while used, each once. It ends with the
 * next view of the tree. */
struct lf__tree st_tree_view(struct st_tree *tree, struct st_txn *txn);

/* Appends the first `width` bottom hashes of a stored tile. E_NOT_FOUND when it has fewer. */
lf_status st_tree_tile(struct st_txn *txn, unsigned table, const struct lf__tile_name *name,
                       struct lf__buf *out, lf_error *err);

void st_tree_reader_init(struct st_tree_reader *reader, struct st_txn *txn, unsigned table,
                         uint64_t size);
struct lf__tree st_tree_reader_view(struct st_tree_reader *reader);

#endif
