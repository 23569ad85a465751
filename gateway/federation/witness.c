/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key: SHA-256(origin); value: u64be size, root, note with our cosignature. A submission that forks is kept beside it
 * as evidence, under the key || u64be size || root: it was signed by the log, and shows its lie.
 */
#include "gateway/federation/witness.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/cosign.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_HEAD_BYTES = 8 + LF_HASH_BYTES, SEEN_NOTE_MAX = 65536 };

struct gw_witness {
    struct st_engine *engine;
    unsigned table;
    const struct lf__secret *seed;
    const struct lf__witness_policy *logs;
    struct gw_witness_keys *keys;
    struct lf__note_key key;
    int64_t (*now_ms)(void);
};

lf_status gw_witness_open(const struct gw_witness_options *options, struct gw_witness **out,
                          lf_error *err)
{
    struct gw_witness *witness = calloc(1, sizeof *witness);
    if (witness == NULL) {
        return lf__fail(err, LF_E_NOMEM, "witness: out of memory");
    }
    struct lf__public_key key = lf__sign_public(options->seed);
    *witness =
        (struct gw_witness){.engine = options->engine,
                            .table = options->table,
                            .seed = options->seed,
                            .logs = options->logs,
                            .now_ms = options->now_ms != NULL ? options->now_ms : lf__clock_utc_ms};
    lf_status rc = lf__note_key_make_cosigner(options->name, &key, &witness->key, err);
    rc = rc == LF_OK ? gw_witness_keys_open(options->engine, options->table, options->logs,
                                            &witness->keys, err)
                     : rc;
    if (rc != LF_OK) {
        free(witness);
        return rc;
    }
    *out = witness;
    return LF_OK;
}

void gw_witness_close(struct gw_witness *witness)
{
    if (witness != NULL) {
        gw_witness_keys_close(witness->keys);
        free(witness);
    }
}

struct gw_witness_keys *gw_witness_log_keys(struct gw_witness *witness)
{
    return witness->keys;
}

const struct lf__note_key *gw_witness_key(const struct gw_witness *witness)
{
    return &witness->key;
}

static void refuse(struct gw_witness_answer *out, unsigned status, const lf_error *err)
{
    out->status = status;
    lf__buf_clear(&out->body);
    (void)lf__buf_printf(&out->body, "%s\n", err->message);
}

/* E_NOT_FOUND is size 0: never seen. */
static lf_status seen_read(const struct gw_witness *witness, struct st_txn *txn, lf_bytes key,
                           struct lf__merkle_head *head, lf_error *err)
{
    lf_bytes value;
    lf_status rc = st_get(txn, witness->table, key, &value, err);
    *head = (struct lf__merkle_head){.root = lf__merkle_empty()};
    if (rc == LF_OK && value.len < SEEN_HEAD_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "witness: a stored head is damaged");
    }
    if (rc == LF_OK) {
        head->size = lf__get_u64be(value.ptr);
        lf__copy(head->root.bytes, value.ptr + 8, LF_HASH_BYTES);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static bool head_put(const struct lf__merkle_head *head, struct lf__buf *out)
{
    return lf__buf_u64be(out, head->size) && lf__buf_append(out, lf__hash_bytes(&head->root));
}

static lf_status txn_end(struct st_txn **txn, lf_error *err)
{
    struct st_txn *last = *txn;
    *txn = NULL;
    return st_txn_commit(last, err);
}

/* A fork signed by the log itself is the proof of its lie. */
static lf_status evidence_keep(const struct gw_witness *witness, struct st_txn **txn, lf_bytes key,
                               const struct lf__add_checkpoint *add, lf_error *err)
{
    LF_BUF place;
    lf__buf_init(&place, ST_KEY_MAX);
    (void)lf__buf_append(&place, key);
    (void)head_put(&add->head, &place);
    lf_status rc = lf__buf_status(&place, err);
    rc = rc == LF_OK ? st_put(*txn, witness->table, lf__buf_bytes(&place), add->note, err) : rc;
    return rc == LF_OK ? txn_end(txn, err) : rc;
}

/* Of the note only the log's own line is kept: other lines may be anything. */
static lf_status seen_write(const struct gw_witness *witness, struct st_txn *txn, lf_bytes key,
                            const struct lf__add_checkpoint *add, lf_bytes cosignature,
                            lf_error *err)
{
    LF_BUF value;
    struct lf__merkle_head same;
    struct lf__note_key signer;
    lf__buf_init(&value, SEEN_HEAD_BYTES + SEEN_NOTE_MAX);
    (void)head_put(&add->head, &value);
    lf_status rc = gw_witness_keys_head(witness->keys, add->origin, add->note, &same, &signer, err);
    rc = rc == LF_OK ? lf__note_reduce(add->note, &signer, &value, err) : rc;
    (void)lf__buf_append(&value, cosignature);
    rc = rc == LF_OK ? lf__buf_status(&value, err) : rc;
    return rc == LF_OK ? st_put(txn, witness->table, key, lf__buf_bytes(&value), err) : rc;
}

static void conflict(struct gw_witness_answer *out, uint64_t size)
{
    out->status = 409;
    out->is_size = true;
    (void)lf__buf_printf(&out->body, "%llu\n", (unsigned long long)size);
}

/* Inside one write transaction, so that of two submissions for one size only one can win. */
static lf_status add_in(const struct gw_witness *witness, struct st_txn **txn,
                        const struct lf__add_checkpoint *add, struct gw_witness_answer *out,
                        lf_error *err)
{
    struct lf__merkle_head seen;
    struct lf__hash hash = lf__sha256(add->origin);
    lf_bytes key = lf__hash_bytes(&hash);
    lf_error why = LF_ERROR_INIT;
    lf_status rc = seen_read(witness, *txn, key, &seen, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (add->old_size != seen.size) {
        conflict(out, seen.size);
        return LF_OK;
    }
    if (lf__witness_verify(&seen, &add->head, &add->proof, &why) != LF_OK) {
        refuse(out, 422, &why);
        return evidence_keep(witness, txn, key, add, err);
    }
    if (!lf__cosign(add->text, witness->now_ms() / 1000, &witness->key, witness->seed,
                    &out->body)) {
        return lf__fail(err, LF_E_NOMEM, "witness: out of memory");
    }
    rc = seen_write(witness, *txn, key, add, lf__buf_bytes(&out->body), err);
    out->status = 200;
    return rc == LF_OK ? txn_end(txn, err) : rc;
}

void gw_witness_add(struct gw_witness *witness, lf_bytes body, struct gw_witness_answer *out)
{
    ST_TXN *txn = NULL;
    struct lf__add_checkpoint add;
    struct lf__merkle_head head;
    struct lf__note_key signer;
    lf_error err = LF_ERROR_INIT;
    *out = (struct gw_witness_answer){.status = 0};
    lf__buf_init(&out->body, 8192);
    if (lf__add_checkpoint_parse(body, &add, &err) != LF_OK) {
        refuse(out, 400, &err);
        return;
    }
    if (lf__witness_policy_log(witness->logs, add.origin) == NULL) {
        (void)lf__fail(&err, LF_E_NOT_FOUND, "witness: this log is not witnessed here");
        refuse(out, 404, &err);
        return;
    }
    if (gw_witness_keys_head(witness->keys, add.origin, add.note, &head, &signer, &err) != LF_OK) {
        refuse(out, 403, &err);
        return;
    }
    lf_status rc = st_txn_begin(witness->engine, ST_WRITE, &txn, &err);
    rc = rc == LF_OK ? add_in(witness, &txn, &add, out, &err) : rc;
    if (rc != LF_OK) {
        refuse(out, 500, &err);
    }
}

lf_status gw_witness_checkpoint(struct gw_witness *witness, const struct lf__hash *hash,
                                struct lf__buf *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_bytes value;
    lf_status rc = st_txn_begin(witness->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_get(txn, witness->table, lf__hash_bytes(hash), &value, err) : rc;
    if (rc == LF_OK) {
        (void)lf__buf_append(out, lf__bytes_slice(value, SEEN_HEAD_BYTES, value.len));
        rc = lf__buf_status(out, err);
    }
    return rc;
}
