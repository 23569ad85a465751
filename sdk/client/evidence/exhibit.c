/* SPDX-License-Identifier: Apache-2.0 */
/* One record of a bundle: its place, its leaf, the keys of then, its signatures. Nothing here is believed. */
#include "client/evidence/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/papers.h"
#include "core/leaf.h"
#include "protos/codec/signed.h"

#include <stdio.h>
#include <string.h>

/* What the authority is called in the table of keys, where no member has such a name. */
#define EXHIBIT_AUTHORITY_ROW "_authority"

enum { LEAF_TIME_AT = 1, LEAF_ROOT_AT = 9 };

static lf_status proof_bad(lf_error *err, const char *field, const char *why)
{
    return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", field, "evidence: %s", why);
}

static lf_status path_check(const struct lf__hash *leaf, uint64_t at,
                            const struct lf__merkle_head *head, const struct lf__hash *path,
                            size_t count)
{
    struct lf__proof proof = {.count = count};
    if (count > LF_MERKLE_PROOF_MAX) {
        return LF_E_SIGNATURE;
    }
    lf__copy(proof.hashes, path, count * sizeof *path);
    return lf__merkle_verify_inclusion(leaf, at, head->size, &proof, &head->root, NULL);
}

static lf_status place_check(const struct px_bundle_record *in, const struct lf__merkle_head *head,
                             lf_evidence_record *out, lf_error *err)
{
    struct lf__hash leaf = lf__merkle_leaf(in->leaf);
    if (in->index >= head->size) {
        return lf__refuse(err, LF_E_SIGNATURE, "INDEX_RANGE", "index",
                          "evidence: the checkpoint's tree has no such entry");
    }
    if (path_check(&leaf, in->index, head, in->path, in->path_count) != LF_OK) {
        return proof_bad(err, "path", "the leaf is not that entry of the checkpoint's tree");
    }
    out->index = in->index;
    (void)lf__hex(lf__hash_bytes(&leaf), out->leaf, sizeof out->leaf);
    return LF_OK;
}

static lf_status leaf_check(const struct px_bundle_record *in, const struct px_envelope *envelope,
                            lf_evidence_record *out, lf_error *err)
{
    LF_BUF block;
    struct lf__hash members;
    struct lf__hash digest = px_record_digest(envelope->record);
    uint8_t want[LF_LEDGER_LEAF_BYTES];
    uint64_t accepted = lf__get_u64be(in->leaf.ptr + LEAF_TIME_AT);
    lf__buf_init(&block, 65536);
    if (!px_signature_block(envelope, &block)) {
        return lf__buf_status(&block, err);
    }
    lf__copy(members.bytes, in->leaf.ptr + LEAF_ROOT_AT, LF_HASH_BYTES);
    lf__ledger_leaf(accepted, &members, &digest, lf__buf_bytes(&block), want);
    if (!lf__bytes_eq(LF_BYTES_ARRAY(want), in->leaf) || accepted > INT64_MAX) {
        return proof_bad(err, "leaf", "the leaf is not of this record with these signatures");
    }
    out->accepted_at_ms = (int64_t)accepted;
    (void)lf__hex(lf__hash_bytes(&digest), out->record_sha256, sizeof out->record_sha256);
    (void)lf__hex(lf__hash_bytes(&members), out->members_root, sizeof out->members_root);
    return LF_OK;
}

/* The key is the signature's, sound, and stood in the table that the leaf commits to. */
static lf_status row_check(const struct px_key_proof *key, const struct px_signature *signature,
                           const struct px_bundle_record *in, lf_error *err)
{
    struct lf__merkle_head table = {.size = key->rows};
    struct lf__hash id = lf__key_id(&key->key);
    struct lf__hash leaf = lf__roster_leaf(&key->row);
    if (!lf__hash_eq(&id, &key->row.key_id) || !lf__hash_eq(&id, &signature->key_id)) {
        return lf__refuse(err, LF_E_SIGNATURE, "KEY_UNKNOWN", "keys.key_id",
                          "evidence: a key proof is of another key than the signature");
    }
    if (lf__public_key_check(&key->key, NULL) != LF_OK) {
        return lf__refuse(err, LF_E_SIGNATURE, "KEY_WEAK", "keys.public_key",
                          "evidence: a key outside the prime-order group");
    }
    lf__copy(table.root.bytes, in->leaf.ptr + LEAF_ROOT_AT, LF_HASH_BYTES);
    return path_check(&leaf, key->at, &table, key->path, key->path_count) == LF_OK
               ? LF_OK
               : proof_bad(err, "keys.path", "a key was not so in the table of keys of then");
}

static lf_status standing_check(const struct lf__roster_row *row, const struct px_header *header,
                                lf_error *err)
{
    bool by_authority = lf__bytes_eq_str(header->issuer, PAPER_AUTHORITY);
    if (by_authority ? strcmp(row->member, EXHIBIT_AUTHORITY_ROW) != 0
                     : !lf__bytes_eq_str(header->issuer, row->member)) {
        return lf__refuse(err, LF_E_DENIED, "KEY_OF_OTHER_MEMBER", "keys.member",
                          "evidence: the key was another member's than the issuer's");
    }
    if (row->status == PX_MEMBER_ACTIVE) {
        return LF_OK;
    }
    bool may_say = header->kind == PX_KIND_CORRECTION || header->kind == PX_KIND_DISPOSITION;
    if (row->status == PX_MEMBER_SUSPENDED || row->status == PX_MEMBER_RETIRED) {
        bool is_suspended = row->status == PX_MEMBER_SUSPENDED;
        return may_say        ? LF_OK
               : is_suspended ? lf__refuse(err, LF_E_DENIED, "MEMBER_SUSPENDED", "keys.status",
                                           "evidence: its issuer was suspended then")
                              : lf__refuse(err, LF_E_DENIED, "MEMBER_RETIRED", "keys.status",
                                           "evidence: its issuer had left then");
    }
    return lf__refuse(err, LF_E_DENIED, "KEY_RETIRED", "keys.status",
                      "evidence: its key was not active then");
}

static bool is_repeated(const struct px_envelope *envelope, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (lf__hash_eq(&envelope->signatures[i].key_id, &envelope->signatures[at].key_id)) {
            return true;
        }
    }
    return false;
}

static lf_status signature_check(const struct px_bundle_record *in,
                                 const struct px_envelope *envelope, size_t at,
                                 lf_evidence_signature *out, lf_error *err)
{
    const struct px_signature *signature = &envelope->signatures[at];
    const struct px_key_proof *key = &in->keys[at];
    if (is_repeated(envelope, at)) {
        return lf__refuse(err, LF_E_REJECTED, "DUPLICATE_FIELD", "envelope.signatures",
                          "evidence: one key has signed twice");
    }
    lf_status rc = row_check(key, signature, in, err);
    rc = rc == LF_OK ? standing_check(&key->row, &envelope->header, err) : rc;
    rc = rc == LF_OK ? px_signature_check(signature, &key->key, envelope->record, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    *out = (lf_evidence_signature){.algorithm = "Ed25519",
                                   .role = lf__word_role(key->row.role),
                                   .status = lf__word_status(key->row.status),
                                   .since_index = key->row.since_index,
                                   .batch_size = signature->batch_size};
    (void)lf__hex(lf__hash_bytes(&key->row.key_id), out->key_id, sizeof out->key_id);
    return LF_OK;
}

static lf_status signatures_check(struct lf__arena *arena, const struct px_bundle_record *in,
                                  const struct px_envelope *envelope, lf_evidence_record *out,
                                  lf_error *err)
{
    if (envelope->signature_count == 0) {
        return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_MISSING", "envelope.signatures",
                          "evidence: nobody has signed the record");
    }
    if (in->key_count != envelope->signature_count) {
        return lf__refuse(err, LF_E_SIGNATURE, "FIELD_MISSING", "keys",
                          "evidence: %zu signatures, and proofs of %zu keys",
                          envelope->signature_count, in->key_count);
    }
    lf_evidence_signature *list = lf__arena_array(arena, in->key_count, sizeof *list);
    if (list == NULL) {
        return lf__arena_status(arena, err);
    }
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < in->key_count; i++) {
        rc = signature_check(in, envelope, i, &list[i], err);
    }
    out->signatures = list;
    out->signature_count = in->key_count;
    return rc;
}

/* records.INDEX. before the field that the check named. */
static lf_status locate(lf_status rc, uint64_t index, const lf_error *why, lf_error *err)
{
    char field[sizeof why->field];
    if (rc == LF_OK) {
        return rc;
    }
    int n = snprintf(field, sizeof field, "records.%llu%s", (unsigned long long)index,
                     why->field[0] != '\0' ? "." : "");
    if (n > 0 && (size_t)n < sizeof field) {
        (void)snprintf(field + n, sizeof field - (size_t)n, "%.*s", (int)sizeof field - n - 1,
                       why->field);
    }
    return lf__refuse(err, rc, why->reason, field, "entry %llu: %.120s", (unsigned long long)index,
                      why->message);
}

lf_status lf__exhibit_prove(struct lf__arena *arena, const struct px_bundle_record *in,
                            const struct lf__merkle_head *head, struct lf__exhibit *exhibit,
                            lf_evidence_record *out, lf_error *err)
{
    lf_error why = LF_ERROR_INIT;
    struct lf__exhibit made = {.in = in};
    lf_evidence_record told = {.index = in->index};
    lf_status rc = place_check(in, head, &told, &why);
    rc = rc == LF_OK ? px_envelope_decode(arena, in->envelope, &made.envelope, &why) : rc;
    rc = rc == LF_OK ? leaf_check(in, &made.envelope, &told, &why) : rc;
    rc = rc == LF_OK ? signatures_check(arena, in, &made.envelope, &told, &why) : rc;
    rc = rc == LF_OK ? lf__exhibit_tell(arena, &made, &told, &why) : rc;
    if (rc == LF_OK) {
        *exhibit = made;
        *out = told;
    }
    return locate(rc, in->index, &why, err);
}
