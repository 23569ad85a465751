/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keys under a leaf is the one before its entry. While nothing has changed since, that is
 * the roster in force; otherwise it is made again from the Member records up to there, and kept, as
 * whoever asks for one old record mostly asks for its neighbours.
 */
#include "gateway/exchange/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tables.h"

#include <pthread.h>
#include <stdlib.h>

enum { LEAF_ROOT_AT = 1 + 8 };

struct gw_past {
    pthread_mutex_t lock;
    struct gw_roster *roster; /* NULL until first needed */
};

lf_status gw__past_new(struct gw_past **out, lf_error *err)
{
    struct gw_past *past = calloc(1, sizeof *past);
    if (past == NULL) {
        return lf__fail(err, LF_E_NOMEM, "evidence: out of memory");
    }
    (void)pthread_mutex_init(&past->lock, NULL);
    *out = past;
    return LF_OK;
}

void gw__past_free(struct gw_past *past)
{
    if (past != NULL) {
        gw_roster_free(past->roster);
        (void)pthread_mutex_destroy(&past->lock);
        free(past);
    }
}

static lf_status past_stage(struct gw_exchange *exchange, struct st_txn *txn,
                            struct gw_roster *roster, uint64_t before, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    lf_status rc = st_cursor_open(txn, GW_TABLE_HISTORY, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err);
    while (rc == LF_OK) {
        uint64_t index = pair.key.len == 8 ? lf__get_u64be(pair.key.ptr) : UINT64_MAX;
        if (index >= before) {
            break;
        }
        rc = gw__roster_stage(exchange, txn, roster, index, err);
        rc = rc == LF_OK ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

/* The roster before entry `before`, from entries alone. */
static lf_status past_make(struct gw_exchange *exchange, struct st_txn *txn, uint64_t before,
                           struct gw_roster **out, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope first;
    struct px_genesis genesis;
    struct gw_roster *roster = NULL;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_roster_new(&roster, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, &arena, 0, &first, err) : rc;
    rc = rc == LF_OK ? px_genesis_decode(&arena, &first, &genesis, err) : rc;
    rc = rc == LF_OK ? gw_roster_genesis(roster, &genesis, err) : rc;
    rc = rc == LF_OK ? past_stage(exchange, txn, roster, before, err) : rc;
    rc = rc == LF_OK ? gw_roster_seal(roster, err) : rc;
    if (rc != LF_OK) {
        gw_roster_free(roster);
        return rc;
    }
    *out = roster;
    return LF_OK;
}

/* E_CORRUPT unless the row is in the table that the leaf commits to. */
static lf_status key_prove(struct gw_roster *roster, struct lf__arena *arena,
                           const struct lf__hash *key_id, const struct lf__hash *root,
                           struct px_key_proof *out, lf_error *err)
{
    struct gw_key_proof proof;
    lf_status rc = gw_roster_prove(roster, key_id, &proof, err);
    if (rc != LF_OK) {
        return lf__fail(err, LF_E_CORRUPT, "evidence: a key stood in no row of its table");
    }
    struct lf__hash leaf = lf__roster_leaf(&proof.row);
    if (lf__merkle_verify_inclusion(&leaf, proof.at, proof.rows, &proof.path, root, NULL) !=
        LF_OK) {
        return lf__fail(err, LF_E_CORRUPT, "evidence: the table of keys is not the leaf's");
    }
    lf_bytes path = lf__arena_copy(arena, (lf_bytes){proof.path.hashes[0].bytes,
                                                     proof.path.count * sizeof *proof.path.hashes});
    *out = (struct px_key_proof){.row = proof.row,
                                 .at = proof.at,
                                 .rows = proof.rows,
                                 .path = (const struct lf__hash *)(const void *)path.ptr,
                                 .path_count = proof.path.count,
                                 .key = proof.key};
    return path.ptr != NULL ? LF_OK : lf__fail(err, LF_E_NOMEM, "evidence: out of memory");
}

static lf_status keys_prove(struct gw_roster *roster, struct lf__arena *arena,
                            const struct px_envelope *envelope, const struct lf__hash *root,
                            struct px_key_proof *out, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < envelope->signature_count; i++) {
        rc = key_prove(roster, arena, &envelope->signatures[i].key_id, root, &out[i], err);
    }
    return rc;
}

/* Whose keys are proven, against which root, and where the proofs go. */
struct keys_ask {
    struct lf__arena *arena;
    const struct px_envelope *envelope;
    struct lf__hash root;
    struct px_key_proof *out;
};

/* The cached roster is tried first; one that is not of this leaf cannot pass. */
static lf_status past_prove(struct gw_exchange *exchange, struct st_txn *txn, uint64_t index,
                            const struct keys_ask *ask, lf_error *err)
{
    struct gw_past *past = exchange->past;
    struct gw_roster *made = NULL;
    (void)pthread_mutex_lock(&past->lock);
    lf_status rc = past->roster == NULL ? LF_E_NOT_FOUND
                                        : keys_prove(past->roster, ask->arena, ask->envelope,
                                                     &ask->root, ask->out, NULL);
    if (rc != LF_OK) {
        rc = past_make(exchange, txn, index, &made, err);
        rc = rc == LF_OK ? keys_prove(made, ask->arena, ask->envelope, &ask->root, ask->out, err)
                         : rc;
        if (made != NULL) {
            gw_roster_free(past->roster);
            past->roster = made;
        }
    }
    (void)pthread_mutex_unlock(&past->lock);
    return rc;
}

static lf_status evidence_keys(struct gw_exchange *exchange, struct st_txn *txn,
                               struct lf__arena *arena, const struct px_envelope *envelope,
                               struct px_evidence *out, lf_error *err)
{
    struct px_key_proof *keys = lf__arena_array(arena, envelope->signature_count, sizeof *keys);
    struct keys_ask ask = {arena, envelope, {{0}}, keys};
    if (keys == NULL || out->leaf.len != LF_LEDGER_LEAF_BYTES) {
        return lf__fail(err, keys == NULL ? LF_E_NOMEM : LF_E_CORRUPT,
                        "evidence: out of memory, or a leaf is damaged");
    }
    lf__copy(ask.root.bytes, out->leaf.ptr + LEAF_ROOT_AT, sizeof ask.root.bytes);
    lf_status rc = keys_prove(exchange->roster, arena, envelope, &ask.root, keys, NULL);
    rc = rc == LF_OK ? LF_OK : past_prove(exchange, txn, out->index, &ask, err);
    for (size_t i = 0; rc == LF_OK && i < envelope->signature_count; i++) { /* as of now */
        gw_roster_revocation(exchange->roster, &envelope->signatures[i].key_id,
                             &keys[i].revoked_at_ms, &keys[i].revocation);
    }
    out->keys = keys;
    out->key_count = envelope->signature_count;
    return rc;
}

static lf_status path_prove(struct gw_exchange *exchange, struct lf__arena *arena, uint64_t index,
                            uint64_t size, const struct lf__hash **path, size_t *count,
                            lf_error *err)
{
    struct lf__proof proof;
    lf_status rc = st_ledger_prove(exchange->ledger, index, size, &proof, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes kept = lf__arena_copy(
        arena, (lf_bytes){proof.hashes[0].bytes, proof.count * sizeof *proof.hashes});
    *path = (const struct lf__hash *)(const void *)kept.ptr;
    *count = proof.count;
    return kept.ptr != NULL ? LF_OK : lf__fail(err, LF_E_NOMEM, "evidence: out of memory");
}

/* The head is read after the transaction began, so it covers what the transaction has found. */
static lf_status evidence_paths(struct gw_exchange *exchange, struct st_txn *txn,
                                struct lf__arena *arena, struct px_evidence *out, lf_error *err)
{
    LF_BUF note;
    struct st_stored genesis;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    uint64_t size = st_ledger_head(exchange->ledger, &note).size;
    out->checkpoint = lf__arena_copy(arena, lf__buf_bytes(&note));
    lf_status rc = out->checkpoint.ptr == NULL || note.failed
                       ? lf__fail(err, LF_E_NOMEM, "evidence: out of memory")
                       : LF_OK;
    rc = rc == LF_OK
             ? path_prove(exchange, arena, out->index, size, &out->path, &out->path_count, err)
             : rc;
    rc = rc == LF_OK ? path_prove(exchange, arena, 0, size, &out->genesis_path,
                                  &out->genesis_path_count, err)
                     : rc;
    rc = rc == LF_OK ? st_ledger_read(exchange->ledger, txn, 0, &genesis, err) : rc;
    if (rc == LF_OK) {
        out->genesis_leaf = lf__merkle_leaf(genesis.leaf);
    }
    return rc;
}

static lf_status not_there(lf_error *err)
{
    return lf__refuse(err, LF_E_NOT_FOUND, "TARGET_UNKNOWN", "record_id",
                      "evidence: no such record here");
}

static lf_status evidence_find(struct gw_exchange *exchange, struct st_txn *txn,
                               struct lf__arena *arena, const struct gw_reader *reader,
                               const lf_bytes name[static 2], struct px_evidence *out,
                               lf_error *err)
{
    uint8_t id[64];
    LF_BUF view;
    struct st_stored stored;
    lf__buf_init(&view, PX_MESSAGE_MAX);
    if (name[0].len > 41 || name[1].len != PX_ID_BYTES) {
        return not_there(err);
    }
    lf_status rc =
        st_ledger_find(exchange->ledger, txn, gw__identity(name[0], name[1], id), &out->index, err);
    rc = rc == LF_OK ? st_ledger_read(exchange->ledger, txn, out->index, &stored, err) : rc;
    rc = rc == LF_OK ? gw_entry_view(exchange, txn, reader, stored.body, out->index, &view,
                                     &out->classes, err)
                     : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && view.len == 0)) {
        return not_there(err);
    }
    if (rc != LF_OK) {
        return rc;
    }
    out->envelope = lf__arena_copy(arena, lf__buf_bytes(&view));
    out->leaf = lf__arena_copy(arena, stored.leaf);
    return out->envelope.ptr == NULL || out->leaf.ptr == NULL
               ? lf__fail(err, LF_E_NOMEM, "evidence: out of memory")
               : LF_OK;
}

lf_status gw_evidence(struct gw_exchange *exchange, struct lf__arena *arena,
                      const struct gw_reader *reader, lf_bytes issuer, lf_bytes record_id,
                      struct px_evidence *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct px_envelope envelope;
    struct px_evidence evidence = {.index = 0};
    lf_bytes name[2] = {issuer, record_id};
    lf_status rc = st_txn_begin(exchange->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? evidence_find(exchange, txn, arena, reader, name, &evidence, err) : rc;
    rc = rc == LF_OK ? px_envelope_decode(arena, evidence.envelope, &envelope, err) : rc;
    rc = rc == LF_OK ? evidence_paths(exchange, txn, arena, &evidence, err) : rc;
    rc = rc == LF_OK ? evidence_keys(exchange, txn, arena, &envelope, &evidence, err) : rc;
    if (rc == LF_OK) {
        *out = evidence;
    }
    return rc;
}
