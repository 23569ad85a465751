/* SPDX-License-Identifier: Apache-2.0 */
/* All that a mirror holds, recomputed: every record from its leaf, every leaf from its hash, and the root from all hashes. */
#include "client/log_read.h"
#include "client/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

struct verifying {
    struct st_txn *txn;
    uint64_t size;
    uint64_t bad;
    lf_status rc;
    lf_error *err;
};

static lf_status entry_verify(struct verifying *v, uint64_t index, lf_bytes row)
{
    struct lf__hash stored;
    struct px_entry entry = {.index = index,
                             .leaf = lf__bytes_slice(row, 0, LF_LEDGER_LEAF_BYTES),
                             .envelope = lf__bytes_slice(row, LF_LEDGER_LEAF_BYTES, row.len)};
    if (index >= v->size || entry.envelope.len == 0) {
        return lf__fail(v->err, LF_E_CORRUPT, "entry %llu: is damaged", (unsigned long long)index);
    }
    struct lf__hash leaf = lf__merkle_leaf(entry.leaf);
    lf_status rc = lf__mirror_leaf_get(v->txn, index, &stored, v->err);
    if (rc == LF_OK && !lf__hash_eq(&leaf, &stored)) {
        return lf__refuse(v->err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: is not the leaf of its position", (unsigned long long)index);
    }
    return rc == LF_OK ? lf__entry_check(&entry, v->err) : rc;
}

static bool entry_each(const struct st_pair *pair, void *user)
{
    struct verifying *v = user;
    v->bad = pair->key.len == 8 ? lf__get_u64be(pair->key.ptr) : v->size;
    v->rc = entry_verify(v, v->bad, pair->value);
    return v->rc == LF_OK;
}

/* The hashes lead to the frontier, and the frontier to the signed head where it is one. */
static lf_status root_verify(struct verifying *v, const struct lf__frontier *want, lf_error *err)
{
    struct lf__frontier frontier = {.size = 0};
    lf_status rc = LF_OK;
    while (rc == LF_OK && frontier.size < v->size) {
        struct lf__hash leaf;
        rc = lf__mirror_leaf_get(v->txn, frontier.size, &leaf, err);
        lf__frontier_add(&frontier, &leaf);
    }
    struct lf__hash got = lf__frontier_root(&frontier);
    struct lf__hash root = lf__frontier_root(want);
    return rc == LF_OK && !lf__hash_eq(&got, &root)
               ? lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "root",
                            "mirror: its leaf hashes do not lead to its root")
               : rc;
}

static lf_status head_verify(struct verifying *v, const struct lf__frontier *frontier,
                             lf_error *err)
{
    lf_bytes note;
    lf_bytes text;
    struct lf__note_key key;
    struct lf__merkle_head head;
    lf_status rc = lf__mirror_meta_get(v->txn, "ledger", &text, err);
    rc = rc == LF_OK ? lf__note_key_parse(text, &key, err) : rc;
    rc = rc == LF_OK ? lf__mirror_meta_get(v->txn, "head", &note, err) : rc;
    rc = rc == LF_OK ? lf__checkpoint_open(note, &key, &head, err) : rc;
    struct lf__hash root = lf__frontier_root(frontier);
    return rc == LF_OK && head.size == frontier->size && !lf__hash_eq(&root, &head.root)
               ? lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "root",
                            "mirror: its root is not that of the signed head")
               : rc;
}

lf_status lf_mirror_verify(lf_mirror *mirror, uint64_t *bad, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__frontier frontier;
    lf_status rc = st_txn_begin(mirror->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? lf__mirror_frontier_get(txn, &frontier, err) : rc;
    if (rc != LF_OK || frontier.size == 0) {
        return rc;
    }
    struct verifying v = {.txn = txn, .size = frontier.size, .err = err};
    rc = lf__mirror_each(txn, MIRROR_ENTRIES, LF_BYTES_NONE, entry_each, &v, err);
    rc = rc == LF_OK ? v.rc : rc;
    if (rc == LF_OK) {
        v.bad = frontier.size;
        rc = root_verify(&v, &frontier, err);
        rc = rc == LF_OK ? head_verify(&v, &frontier, err) : rc;
    }
    if (rc != LF_OK) {
        *bad = v.bad;
    }
    return rc;
}
