/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/index.h - from a hash to the log positions that have it. A B-tree under random keys rewrites
 * a page for every new one; here only the newest pairs are rows of their own, and the rest are sorted
 * runs, of which large ones are written in pieces of a bounded size, one after the other.
 *
 * What is stored follows from the pairs and positions alone, not from how they came in transactions:
 * an index that is built again is the same byte for byte.
 * Threads: putting and folding in the write transaction; reading in any.
 */
#ifndef ST_INDEX_H
#define ST_INDEX_H

#include "base/buf.h"
#include "base/crypto/hash.h"
#include "storage/engine.h"

enum {
    ST_INDEX_WINDOW =
        1024,            /* log positions whose pairs are rows until they are folded into a run */
    ST_INDEX_FAN = 4,    /* runs of one level make one of the next */
    ST_INDEX_LEVELS = 6, /* the highest covers 2^20 positions, and is folded no further */
    ST_INDEX_KEY = 16,   /* bytes of the hash that are kept */
    ST_INDEX_PAIR = ST_INDEX_KEY + 8
};

/* One that is found. `tag` is the putter's own. */
struct st_place {
    uint64_t position;
    uint8_t tag;
};

/* Positions must not descend, and st_index_fold() comes first at each multiple of ST_INDEX_WINDOW. */
LF_MUST_USE lf_status st_index_put(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                                   struct st_place place, lf_error *err);
/* Folds what stands below `position`. Nothing happens unless it is a multiple of ST_INDEX_WINDOW. */
LF_MUST_USE lf_status st_index_fold(struct st_txn *txn, unsigned table, uint64_t position,
                                    lf_error *err);
/* Takes one pair out again, wherever it was folded to: the index is then as if it had never been put.
 * E_NOT_FOUND when it is not there. */
LF_MUST_USE lf_status st_index_remove(struct st_txn *txn, unsigned table,
                                      const struct lf__hash *key, struct st_place place,
                                      lf_error *err);
/* Another hash for a pair that stands. `folded`: the last position that st_index_fold() was told. */
struct st_index_move {
    const struct lf__hash *to;
    struct st_place place;
    uint64_t folded;
};
/* The index is then as if that hash had been put. E_NOT_FOUND when the pair is not there. */
LF_MUST_USE lf_status st_index_replace(struct st_txn *txn, unsigned table,
                                       const struct lf__hash *from,
                                       const struct st_index_move *move, lf_error *err);
/* A search: `each` is called for every place of the key in the order of positions, until it returns false. Places
 * below `from` are known already: they may be left out, and what cannot hold others is not read. */
struct st_index_search {
    const struct lf__hash *key;
    uint64_t from;
    bool (*each)(void *user, struct st_place place);
    void *user;
};
LF_MUST_USE lf_status st_index_search(struct st_txn *txn, unsigned table,
                                      const struct st_index_search *search, lf_error *err);
/* All of them. */
LF_MUST_USE lf_status st_index_each(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                                    bool (*each)(void *user, struct st_place place), void *user,
                                    lf_error *err);

/* A walk over all pairs, by keys and then positions: one merge of the runs, of each of which one pair is looked at. In a read
 * transaction. *out is owned: close it before the transaction ends. */
struct st_index_walk;
LF_MUST_USE lf_status st_index_walk_open(struct st_txn *txn, unsigned table,
                                         struct st_index_walk **out, lf_error *err);
/* The next pair, its key ST_INDEX_KEY bytes that are borrowed from the transaction. E_NOT_FOUND at the end. */
LF_MUST_USE lf_status st_index_walk_next(struct st_index_walk *walk, lf_bytes *key,
                                         struct st_place *place, lf_error *err);
void st_index_walk_close(struct st_index_walk *walk); /* NULL allowed */

/* For checking: every pair of one row, `key` being ST_INDEX_KEY bytes. False when the row is no row of
 * an index, or `each` said so. */
bool st_index_row_each(const struct st_pair *row,
                       bool (*each)(void *user, lf_bytes key, struct st_place place), void *user);

#endif
