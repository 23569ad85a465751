/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger.GetEvidence, both ways. The envelope is handed on as the bytes that it is. */
#include "protos/codec/evidence_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/wire.h"

bool px_evidence_request_encode(lf_bytes issuer, lf_bytes record_id, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, issuer) && px_wire_bytes(out, 2, record_id);
}

lf_status px_evidence_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes *issuer,
                                     lf_bytes *record_id, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__get_evidence_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    const Lianfang__V1__GetEvidenceRequest *in = (const void *)message;
    rc = rc == LF_OK ? px_exact(px_bytes(in->record_id), PX_ID_BYTES, "record_id", err) : rc;
    if (rc == LF_OK) {
        *issuer = px_text(in->issuer);
        *record_id = px_bytes(in->record_id);
    }
    return rc;
}

void px_path_put(struct lf__buf *out, uint32_t number, const struct lf__hash *path, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)px_wire_bytes(out, number, lf__hash_bytes(&path[i]));
    }
}

static bool receipt_put(const struct px_evidence *e, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 16384);
    (void)px_wire_bytes(&inner, 1, e->origin);
    (void)px_wire_u64(&inner, 2, e->index);
    (void)px_wire_bytes(&inner, 3, e->leaf);
    px_path_put(&inner, 4, e->path, e->path_count);
    return !inner.failed && px_wire_bytes(out, 2, lf__buf_bytes(&inner));
}

static bool checkpoint_put(lf_bytes note, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 65536);
    return px_wire_bytes(&inner, 1, note) && px_wire_bytes(out, 3, lf__buf_bytes(&inner));
}

bool px_key_proof_put(uint32_t number, const struct px_key_proof *key, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 8192);
    (void)px_wire_bytes(&inner, 1, lf__hash_bytes(&key->row.key_id));
    (void)px_wire_bytes(&inner, 2, lf__bytes_str(key->row.member));
    (void)px_wire_u64(&inner, 3, key->row.role);
    (void)px_wire_u64(&inner, 4, key->row.status);
    (void)px_wire_u64(&inner, 5, key->row.since_index);
    (void)px_wire_u64(&inner, 6, key->at);
    (void)px_wire_u64(&inner, 7, key->rows);
    px_path_put(&inner, 8, key->path, key->path_count);
    (void)px_wire_u64(&inner, 9, (uint64_t)key->key.alg);
    (void)px_wire_bytes(&inner, 10, LF_BYTES_ARRAY(key->key.bytes));
    (void)px_wire_u64(&inner, 11, (uint64_t)key->revoked_at_ms);
    (void)px_wire_u64(&inner, 12, key->revocation);
    return !inner.failed && px_wire_bytes(out, number, lf__buf_bytes(&inner));
}

bool px_evidence_encode(const struct px_evidence *e, struct lf__buf *out)
{
    bool good = px_wire_bytes(out, 1, e->envelope) && receipt_put(e, out) &&
                checkpoint_put(e->checkpoint, out);
    for (size_t i = 0; good && i < e->key_count; i++) {
        good = px_key_proof_put(4, &e->keys[i], out);
    }
    good = good && px_wire_bytes(out, 5, lf__hash_bytes(&e->genesis_leaf));
    px_path_put(out, 6, e->genesis_path, e->genesis_path_count);
    return good && !out->failed;
}

lf_status px_path_take(struct lf__arena *arena, const ProtobufCBinaryData *in, size_t count,
                       const struct lf__hash **out, lf_error *err)
{
    struct lf__hash *path = lf__arena_array(arena, count, sizeof *path);
    lf_status rc =
        path == NULL || count > PX_EVIDENCE_PATH_MAX
            ? lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "path", "evidence: a path too long")
            : LF_OK;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = px_exact(px_bytes(in[i]), LF_HASH_BYTES, "path", err);
        lf__copy(path[i].bytes, in[i].data, rc == LF_OK ? LF_HASH_BYTES : 0);
    }
    *out = path;
    return rc;
}

static lf_status key_take(struct lf__arena *arena, const Lianfang__V1__KeyProof *in,
                          struct px_key_proof *out, lf_error *err)
{
    lf_status rc = px_exact(px_bytes(in->key_id), LF_HASH_BYTES, "keys.key_id", err);
    rc = rc == LF_OK
             ? px_exact(px_bytes(in->public_key), sizeof out->key.bytes, "keys.public_key", err)
             : rc;
    rc = rc == LF_OK ? px_path_take(arena, in->path, in->n_path, &out->path, err) : rc;
    if (rc == LF_OK &&
        !lf__copy_str(out->row.member, sizeof out->row.member, px_text(in->member))) {
        rc = lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "keys.member", "evidence: no member id");
    }
    if (rc != LF_OK) {
        return rc;
    }
    lf__copy(out->row.key_id.bytes, in->key_id.data, LF_HASH_BYTES);
    lf__copy(out->key.bytes, in->public_key.data, sizeof out->key.bytes);
    out->key.alg = (enum lf__alg)in->alg;
    out->row.role = (uint8_t)in->role;
    out->row.status = (uint8_t)in->status;
    out->row.since_index = in->since_index;
    out->at = in->row;
    out->rows = in->rows;
    out->path_count = in->n_path;
    out->revoked_at_ms = in->revoked_at_ms;
    out->revocation = (unsigned)in->revocation_reason;
    return LF_OK;
}

lf_status px_key_proofs_take(struct lf__arena *arena, Lianfang__V1__KeyProof *const *in,
                             size_t count, const struct px_key_proof **out, lf_error *err)
{
    struct px_key_proof *keys = lf__arena_array(arena, count, sizeof *keys);
    lf_status rc = keys == NULL || count > PX_SIGNATURES_MAX
                       ? lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "keys", "evidence: too many keys")
                       : LF_OK;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = key_take(arena, in[i], &keys[i], err);
    }
    *out = keys;
    return rc;
}

lf_bytes px_field_raw(lf_bytes message, uint32_t number)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == number) {
            return wire.value;
        }
    }
    return LF_BYTES_NONE;
}

lf_status px_evidence_decode(struct lf__arena *arena, lf_bytes bytes, struct px_evidence *out,
                             lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__evidence__descriptor, PX_UNKNOWN_CARRY,
                             &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Evidence *in = (const void *)message;
    if (in->envelope == NULL || in->receipt == NULL || in->checkpoint == NULL) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "receipt",
                          "evidence: envelope, receipt or checkpoint is missing");
    }
    struct px_evidence e = {.envelope = px_field_raw(bytes, 1),
                            .origin = px_text(in->receipt->origin),
                            .index = in->receipt->index,
                            .leaf = px_bytes(in->receipt->leaf),
                            .path_count = in->receipt->n_path,
                            .checkpoint = px_bytes(in->checkpoint->note),
                            .genesis_path_count = in->n_genesis_path};
    rc = px_path_take(arena, in->receipt->path, in->receipt->n_path, &e.path, err);
    rc = rc == LF_OK
             ? px_path_take(arena, in->genesis_path, in->n_genesis_path, &e.genesis_path, err)
             : rc;
    rc = rc == LF_OK
             ? px_exact(px_bytes(in->genesis_leaf_hash), LF_HASH_BYTES, "genesis_leaf_hash", err)
             : rc;
    rc = rc == LF_OK ? px_key_proofs_take(arena, in->keys, in->n_keys, &e.keys, err) : rc;
    e.key_count = in->n_keys;
    if (rc == LF_OK) {
        lf__copy(e.genesis_leaf.bytes, in->genesis_leaf_hash.data, LF_HASH_BYTES);
        *out = e;
    }
    return rc;
}
