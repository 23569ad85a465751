/* SPDX-License-Identifier: Apache-2.0 */
/* Signature by signature; the keyid is only where to look, the key's owner is what counts. */
#include "gateway/exchange/validate/verify.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/signed.h"

static bool is_verified_batch(const struct px_signature *s, const struct gw_batch_proof *verified)
{
    return verified != NULL && s->batch_size == verified->size &&
           lf__hash_eq(&s->batch_root, &verified->root) &&
           lf__hash_eq(&s->key_id, &verified->key_id) &&
           lf__bytes_eq(s->signature, verified->signature);
}

static lf_status signature_check(const struct px_signature *s, const struct lf__public_key *key,
                                 lf_bytes record, const struct gw_batch_proof *verified,
                                 lf_error *err)
{
    if (is_verified_batch(s, verified) && s->alg == (unsigned)key->alg) {
        return LF_OK;
    }
    return px_signature_check(s, key, record, err);
}

/* The issuer's own key, or the authority's for what only the authority says. */
static lf_status signer_check(const struct px_envelope *envelope, const struct gw_standing *signer,
                              lf_error *err)
{
    bool by_authority = lf__bytes_eq_str(envelope->header.issuer, GW_AUTHORITY_ID);
    if (by_authority != signer->is_authority ||
        (!by_authority && !lf__bytes_eq_str(envelope->header.issuer, signer->member))) {
        return lf__refuse(err, LF_E_DENIED, "KEY_OF_OTHER_MEMBER", "signatures.key_id",
                          "signature: the key belongs to another member than the issuer");
    }
    enum px_kind kind = envelope->header.kind;
    if (signer->status != PX_MEMBER_ACTIVE && kind != PX_KIND_CORRECTION &&
        kind != PX_KIND_DISPOSITION) {
        return signer->status == PX_MEMBER_RETIRED
                   ? lf__refuse(err, LF_E_DENIED, "MEMBER_RETIRED", "header.issuer",
                                "member: has left, and may only correct its own records and answer")
                   : lf__refuse(
                         err, LF_E_DENIED, "MEMBER_SUSPENDED", "header.issuer",
                         "member: is suspended, and may only correct its own records and answer");
    }
    return LF_OK;
}

static bool key_seen(const struct px_envelope *envelope, size_t before)
{
    for (size_t i = 0; i < before; i++) {
        if (lf__hash_eq(&envelope->signatures[i].key_id, &envelope->signatures[before].key_id)) {
            return true;
        }
    }
    return false;
}

static lf_status signatures_check(struct gw_roster *roster, const struct px_envelope *envelope,
                                  int64_t now_ms, const struct gw_batch_proof *verified,
                                  struct gw_standing *issuer, lf_error *err)
{
    struct gw_standing signer = {.member = ""};
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < envelope->signature_count; i++) {
        struct lf__public_key key;
        rc = key_seen(envelope, i) ? lf__refuse(err, LF_E_REJECTED, "DUPLICATE_FIELD",
                                                "signatures.key_id", "signature: one key twice")
                                   : gw_roster_by_key(roster, &envelope->signatures[i].key_id,
                                                      now_ms, &signer, &key, err);
        rc = rc == LF_OK ? signer_check(envelope, &signer, err) : rc;
        rc = rc == LF_OK
                 ? signature_check(&envelope->signatures[i], &key, envelope->record, verified, err)
                 : rc;
    }
    *issuer = signer;
    return rc;
}

static lf_status enough_check(const struct px_envelope *envelope, size_t needed, lf_error *err)
{
    return envelope->signature_count >= needed
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "SIGNATURE_MISSING", "signatures",
                            "record: %zu signatures, %zu are needed", envelope->signature_count,
                            needed);
}

lf_status gw_verify_envelope(struct gw_roster *roster, const struct px_envelope *envelope,
                             int64_t now_ms, const struct gw_batch_proof *verified,
                             struct gw_standing *issuer, lf_error *err)
{
    struct gw_standing signer;
    bool by_authority = lf__bytes_eq_str(envelope->header.issuer, GW_AUTHORITY_ID);
    lf_status rc = signatures_check(roster, envelope, now_ms, verified, &signer, err);
    rc = rc == LF_OK ? enough_check(envelope, by_authority ? gw_roster_threshold(roster) : 1, err)
                     : rc;
    if (rc == LF_OK) {
        *issuer = signer;
    }
    return rc;
}

lf_status gw_verify_proposal(struct gw_roster *roster, const struct px_envelope *envelope,
                             int64_t now_ms, struct gw_standing *issuer, lf_error *err)
{
    struct gw_standing signer;
    if (!lf__bytes_eq_str(envelope->header.issuer, GW_AUTHORITY_ID)) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.issuer",
                          "proposal: only the authority's records are proposed");
    }
    lf_status rc = signatures_check(roster, envelope, now_ms, NULL, &signer, err);
    rc = rc == LF_OK ? enough_check(envelope, 1, err) : rc;
    if (rc == LF_OK) {
        *issuer = signer;
    }
    return rc;
}

lf_status gw_verify_batch(struct gw_roster *roster, const struct px_signature *s, int64_t now_ms,
                          struct gw_batch_proof *out, lf_error *err)
{
    struct gw_standing signer;
    struct lf__public_key key;
    struct lf__signature signature;
    LF_BUF pae;
    lf__buf_init(&pae, 256);
    lf_status rc = gw_roster_by_key(roster, &s->key_id, now_ms, &signer, &key, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (s->alg != (unsigned)key.alg || s->signature.len != sizeof signature.bytes ||
        !px_batch_pae(&pae, s->batch_size, &s->batch_root)) {
        return lf__refuse(err, LF_E_REJECTED, "KEY_ALGORITHM", "signature.alg",
                          "signature: its algorithm is not its key's");
    }
    lf__copy(signature.bytes, s->signature.ptr, sizeof signature.bytes);
    rc = lf__verify(&key, lf__buf_bytes(&pae), &signature, err);
    if (rc == LF_OK) {
        *out = (struct gw_batch_proof){s->batch_root, s->key_id, s->signature, s->batch_size};
    }
    return rc;
}
