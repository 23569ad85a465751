/* SPDX-License-Identifier: Apache-2.0 */
#include "protos/codec/log_key.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/note.h"
#include "protos/codec/evidence_internal.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/services.h"
#include "protos/codec/signed.h"
#include "protos/codec/wire.h"

#include <lianfang/v1/kinds.pb-c.h>
#include <lianfang/v1/ledger.pb-c.h>

static lf_status bad(const char *field, const char *why, lf_error *err)
{
    return lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_BAD", field, "log key: %s", why);
}

static lf_status key_take(const ProtobufCBinaryData *in, const char *field,
                          struct lf__public_key *out, lf_error *err)
{
    lf_status rc = px_exact(px_bytes(*in), LF_ED25519_PUBLIC, field, err);
    if (rc != LF_OK) {
        return rc;
    }
    *out = (struct lf__public_key){.alg = LF_ALG_ED25519};
    lf__copy(out->bytes, in->data, LF_ED25519_PUBLIC);
    return lf__public_key_check(out, err);
}

static bool key_eq(const struct lf__public_key *a, const struct lf__public_key *b)
{
    return lf__bytes_eq(LF_BYTES_ARRAY(a->bytes), LF_BYTES_ARRAY(b->bytes));
}

static lf_status reason_check(const struct px_log_key *key, lf_error *err)
{
    if (key->reason != PX_LOG_KEY_ROUTINE && key->reason != PX_LOG_KEY_COMPROMISED) {
        return bad("reason", "the reason is unknown", err);
    }
    uint64_t most = key->reason == PX_LOG_KEY_COMPROMISED ? key->from_size : 0;
    return key->since_size <= most ? LF_OK
                                   : bad("since_size", "is past from_size, or has no reason", err);
}

lf_status px_log_key_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_log_key *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc =
        px_parts_join(arena, envelope, &lianfang__v1__log_key__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__LogKey *in = (const void *)message;
    struct px_log_key key = {.log = (unsigned)in->log,
                             .origin = px_text(in->origin),
                             .from_size = in->from_size,
                             .reason = (unsigned)in->reason,
                             .since_size = in->since_size};
    if (key.log != PX_LOG_LEDGER && key.log != PX_LOG_ACCESS) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "log", "log: is missing or unknown");
    }
    if (key.origin.len == 0 || key.origin.len > LF_NOTE_NAME_MAX) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_LENGTH", "origin", "origin: 1 to %d bytes",
                          LF_NOTE_NAME_MAX);
    }
    rc = key_take(&in->old_key, "old_key", &key.old_key, err);
    rc = rc == LF_OK ? key_take(&in->new_key, "new_key", &key.new_key, err) : rc;
    if (rc == LF_OK && key_eq(&key.old_key, &key.new_key)) {
        return bad("new_key", "the new key is the old one", err);
    }
    rc = rc == LF_OK ? reason_check(&key, err) : rc;
    if (rc == LF_OK) {
        *out = key;
    }
    return rc;
}

lf_status px_log_key_encode(struct lf__arena *arena, const struct px_log_key *key,
                            struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    Lianfang__V1__LogKey out = LIANFANG__V1__LOG_KEY__INIT;
    out.log = (Lianfang__V1__Log)key->log;
    out.origin = px_string(arena, key->origin, &failed);
    out.old_key = px_data(LF_BYTES_ARRAY(key->old_key.bytes));
    out.new_key = px_data(LF_BYTES_ARRAY(key->new_key.bytes));
    out.from_size = key->from_size;
    out.reason = (Lianfang__V1__LogKeyReason)key->reason;
    out.since_size = key->since_size;
    return failed ? lf__fail(err, LF_E_NOMEM, "log key: out of memory")
                  : px_parts_split(arena, &out.base, parts, count, err);
}

static lf_status signer_check(const struct px_envelope *envelope, size_t at,
                              const struct lf__public_key *key, const char *missing, lf_error *err)
{
    struct lf__hash id = lf__key_id(key);
    const struct px_signature *s = &envelope->signatures[at];
    if (at >= envelope->signature_count || !lf__hash_eq(&s->key_id, &id) || s->batch_size != 0) {
        return bad("signatures", missing, err);
    }
    return px_signature_check(s, key, envelope->record, err);
}

lf_status px_log_key_signed(const struct px_envelope *envelope, const struct px_log_key *key,
                            lf_error *err)
{
    if (envelope->header.kind != PX_KIND_LOG_KEY ||
        !lf__bytes_eq_str(envelope->header.issuer, PX_GATEWAY_ID)) {
        return bad("header.issuer", "is not a LogKey record of the gateway", err);
    }
    lf_status rc =
        signer_check(envelope, 0, &key->old_key, "the old key has not signed it first", err);
    rc = rc == LF_OK
             ? signer_check(envelope, 1, &key->new_key, "the new key has not signed it", err)
             : rc;
    return rc == LF_OK && envelope->signature_count != PX_LOG_KEY_SIGNATURES
               ? bad("signatures", "has more signatures than the two keys'", err)
               : rc;
}

bool px_log_key_proof_put(uint32_t number, const struct px_log_key_proof *proof,
                          struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    (void)px_wire_u64(&inner, 1, proof->index);
    (void)px_wire_bytes(&inner, 2, proof->leaf);
    (void)px_wire_bytes(&inner, 3, proof->envelope);
    px_path_put(&inner, 4, proof->path, proof->path_count);
    (void)px_wire_bytes(&inner, 5, proof->checkpoint);
    return !inner.failed && px_wire_bytes(out, number, lf__buf_bytes(&inner));
}

static lf_status proof_take(struct lf__arena *arena, const Lianfang__V1__LogKeyProof *in,
                            struct px_log_key_proof *out, lf_error *err)
{
    *out = (struct px_log_key_proof){.index = in->index,
                                     .leaf = px_bytes(in->leaf),
                                     .envelope = px_bytes(in->envelope),
                                     .path_count = in->n_path,
                                     .checkpoint = px_bytes(in->checkpoint)};
    lf_status rc = px_exact(out->leaf, LF_LEDGER_LEAF_BYTES, "log_keys.leaf", err);
    return rc == LF_OK ? px_path_take(arena, in->path, in->n_path, &out->path, err) : rc;
}

lf_status px_log_key_proof_decode(struct lf__arena *arena, lf_bytes bytes,
                                  struct px_log_key_proof *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__log_key_proof__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    return rc == LF_OK ? proof_take(arena, (const void *)message, out, err) : rc;
}

lf_status px_log_key_proofs_decode(struct lf__arena *arena, lf_bytes bytes,
                                   struct px_log_key_proof **list, size_t *count, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__get_log_keys_response__descriptor,
                             PX_UNKNOWN_CARRY, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__GetLogKeysResponse *in = (const void *)message;
    struct px_log_key_proof *proofs = lf__arena_array(arena, in->n_announcements, sizeof *proofs);
    if (in->n_announcements > PX_LOG_KEYS_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "announcements",
                          "log keys: more than %d announcements", PX_LOG_KEYS_MAX);
    }
    rc = lf__arena_status(arena, err);
    for (size_t i = 0; rc == LF_OK && i < in->n_announcements; i++) {
        rc = proof_take(arena, in->announcements[i], &proofs[i], err);
    }
    if (rc == LF_OK) {
        *list = proofs;
        *count = in->n_announcements;
    }
    return rc;
}

lf_status px_log_keys_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    return px_unpack(arena, bytes, &lianfang__v1__get_log_keys_request__descriptor,
                     PX_UNKNOWN_REFUSE, &message, err);
}
