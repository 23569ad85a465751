/* SPDX-License-Identifier: Apache-2.0 */
/* All that a mirror holds, recomputed: every record from its leaf, every leaf from its hash, the root from all hashes, and the
 * standing from the records. */
#include "client/log_read.h"
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

struct verifying {
    lf_mirror *mirror;
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

static bool is_row(const struct mirror_row *a, const struct mirror_row *b)
{
    return a->index == b->index && a->said_ms == b->said_ms && a->from_ms == b->from_ms &&
           a->until_ms == b->until_ms && a->kind == b->kind && a->state == b->state &&
           a->appeal == b->appeal && a->certainty == b->certainty && a->flags == b->flags &&
           lf__bytes_eq(lf__bytes_slice(a->word, 0, MIRROR_WORD_MAX), b->word);
}

/* A registry entry stands until the next one. */
static bool has_row(lf_bytes rows, const struct mirror_row *want)
{
    struct mirror_row row;
    bool has = false;
    while (!has && lf__mirror_row_read(&rows, &row)) {
        has = is_row(want, &row) || (want->kind == PX_KIND_REGISTRY_ENTRY &&
                                     row.kind == want->kind && row.index > want->index);
    }
    return has;
}

/* What follows from the entry stands. */
static lf_status standing_verify(struct verifying *v, uint64_t index)
{
    LF_ARENA arena;
    struct lf__mirror_derived derived = {.stands = false};
    lf_bytes rows = LF_BYTES_NONE;
    bool found = false;
    lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
    lf_status rc = lf__mirror_derived(v->mirror, v->txn, &arena, index, &derived, v->err);
    if (rc != LF_OK || !derived.stands) {
        return rc;
    }
    rc = lf__mirror_find(v->txn, MIRROR_STANDING, derived.code, &rows, &found, v->err);
    return rc == LF_OK && !has_row(rows, &derived.row)
               ? lf__fail(v->err, LF_E_CORRUPT, "entry %llu: the standing does not follow from it",
                          (unsigned long long)index)
               : rc;
}

/* Nothing stands that follows from no entry. */
static bool standing_each(const struct st_pair *pair, void *user)
{
    struct verifying *v = user;
    struct mirror_row row;
    lf_bytes rest = pair->value;
    while (v->rc == LF_OK && rest.len > 0) {
        LF_ARENA arena;
        struct lf__mirror_derived derived = {.stands = false};
        bool is_good = lf__mirror_row_read(&rest, &row);
        v->bad = is_good ? row.index : v->size;
        lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
        v->rc = is_good ? lf__mirror_derived(v->mirror, v->txn, &arena, row.index, &derived, v->err)
                        : LF_OK;
        is_good = is_good && derived.stands && lf__bytes_eq(derived.code, pair->key) &&
                  is_row(&derived.row, &row);
        if (v->rc == LF_OK && !is_good) {
            v->rc = lf__fail(v->err, LF_E_CORRUPT, "entry %llu: does not say what stands of it",
                             (unsigned long long)v->bad);
        }
    }
    return v->rc == LF_OK;
}

static bool entry_each(const struct st_pair *pair, void *user)
{
    struct verifying *v = user;
    v->bad = pair->key.len == 8 ? lf__get_u64be(pair->key.ptr) : v->size;
    v->rc = entry_verify(v, v->bad, pair->value);
    v->rc = v->rc == LF_OK ? standing_verify(v, v->bad) : v->rc;
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
    rc = rc == LF_OK ? lf__mirror_head_open(v->txn, &key, note, &head, err) : rc;
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
    struct verifying v = {.mirror = mirror, .txn = txn, .size = frontier.size, .err = err};
    rc = lf__mirror_each(txn, MIRROR_ENTRIES, LF_BYTES_NONE, entry_each, &v, err);
    rc = rc == LF_OK ? v.rc : rc;
    rc = rc == LF_OK ? lf__mirror_each(txn, MIRROR_STANDING, LF_BYTES_NONE, standing_each, &v, err)
                     : rc;
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
