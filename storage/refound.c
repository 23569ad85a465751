/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/refound.h"

#include "base/bytes.h"
#include "base/status.h"
#include "storage/ledger_internal.h"

#include <stdlib.h>

enum {
    REFOUND_STEP = 1024
}; /* leaves between two writings of tiles: what a tree keeps in memory */

static lf_status first_put(struct st_txn *txn, const struct st_refound *r, lf_error *err)
{
    uint8_t key[8] = {0};
    uint8_t row[ST_LEAF_MAX + LF_HASH_BYTES];
    const struct st_entry *first = &r->first;
    lf__copy(row, first->leaf, first->leaf_len);
    lf__copy(row + first->leaf_len, first->digest.bytes, LF_HASH_BYTES);
    lf_bytes leaf = {row, first->leaf_len + LF_HASH_BYTES};
    lf_status rc = st_put(txn, r->first_table + LEDGER_LEAVES, LF_BYTES_ARRAY(key), leaf, err);
    return rc == LF_OK
               ? st_put(txn, r->first_table + LEDGER_BODIES, LF_BYTES_ARRAY(key), first->body, err)
               : rc;
}

static lf_status id_replace(struct st_txn *txn, const struct st_refound *r, uint64_t size,
                            lf_error *err)
{
    struct lf__hash from = lf__sha256(r->old_id);
    struct lf__hash to = lf__sha256(r->first.id);
    struct st_index_move move = {.to = &to, .place = {0, 0}, .folded = size - 1};
    return st_index_replace(txn, r->first_table + LEDGER_IDS, &from, &move, err);
}

static lf_status leaf_add(struct st_tree *tree, struct st_txn *txn, unsigned table, lf_error *err)
{
    uint8_t key[8];
    lf_bytes row;
    struct st_stored stored;
    lf__put_u64be(key, tree->size);
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), &row, err);
    if (rc == LF_OK && !st__leaf_split(row, &stored)) {
        rc = lf__fail(err, LF_E_CORRUPT, "ledger: leaf %llu is damaged",
                      (unsigned long long)tree->size);
    }
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash hash = lf__merkle_leaf(stored.leaf);
    st_tree_append(tree, &hash);
    return tree->size % REFOUND_STEP == 0 ? st_tree_store(tree, txn, err) : LF_OK;
}

/* Every tile again: with another entry 0 each node above it is another. */
static lf_status tree_make(struct st_tree *tree, struct st_txn *txn, const struct st_refound *r,
                           lf_error *err)
{
    uint8_t value[LEDGER_HEAD_BYTES];
    lf_bytes before;
    struct lf__hash root;
    unsigned meta = r->first_table + LEDGER_META;
    lf_status rc = st_get(txn, meta, st__head_key(), &before, err);
    if (rc == LF_OK && before.len != sizeof value) {
        rc = lf__fail(err, LF_E_CORRUPT, "ledger: head is damaged");
    }
    if (rc != LF_OK) {
        return rc;
    }
    lf__copy(value, before.ptr, sizeof value);
    rc = st_clear(txn, r->first_table + LEDGER_TILES, err);
    while (rc == LF_OK && tree->size < lf__get_u64be(value)) {
        rc = leaf_add(tree, txn, r->first_table + LEDGER_LEAVES, err);
    }
    rc = rc == LF_OK ? st_tree_store(tree, txn, err) : rc;
    struct lf__tree view = st_tree_view(tree, txn);
    rc = rc == LF_OK ? lf__merkle_root(&view, &root, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    lf__copy(value + 16, root.bytes, LF_HASH_BYTES);
    return st_put(txn, meta, st__head_key(), LF_BYTES_ARRAY(value), err);
}

lf_status st_ledger_refound(struct st_engine *engine, const struct st_refound *refound,
                            lf_error *err)
{
    struct st_txn *txn = NULL;
    struct st_tree *tree = calloc(1, sizeof *tree);
    if (tree == NULL) {
        return lf__fail(err, LF_E_NOMEM, "ledger: out of memory");
    }
    tree->table = refound->first_table + LEDGER_TILES;
    lf_status rc = st_txn_begin(engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? first_put(txn, refound, err) : rc;
    rc = rc == LF_OK ? tree_make(tree, txn, refound, err) : rc;
    rc = rc == LF_OK ? id_replace(txn, refound, tree->size, err) : rc;
    free(tree);
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    return st_txn_commit(txn, err);
}
