/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers: records that are made, carried about and signed where the authority's keys are, which is
 * not where the gateway is. A file holds one Envelope as it goes over the wire.
 */
#include "client/papers.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/cert.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "base/file.h"
#include "core/dsse.h"

#include <stdlib.h>
#include <string.h>

void lf__member_tell(const struct px_member *member, uint64_t since_index, lf_member *out)
{
    *out = (lf_member){.role = lf__word_role(member->role),
                       .level = lf__word_level(member->level),
                       .status = lf__word_status(member->status),
                       .since_index = since_index,
                       .key_count = member->key_count,
                       .pin_count = member->pin_count};
    (void)lf__copy_str(out->member, sizeof out->member, member->member);
    (void)lf__copy_str(out->name, sizeof out->name, member->name);
    (void)lf__copy_str(out->division, sizeof out->division, member->division);
    for (size_t i = 0; i < member->key_count; i++) {
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        (void)lf__hex(lf__hash_bytes(&id), out->key_ids[i], sizeof out->key_ids[i]);
    }
    for (size_t i = 0; i < member->pin_count; i++) {
        (void)lf__hex(lf__hash_bytes(&member->pins[i].spki), out->tls_pins[i],
                      sizeof out->tls_pins[i]);
    }
}

static lf_status paper_alloc(lf_paper **out, lf_error *err)
{
    lf_paper *paper = calloc(1, sizeof *paper);
    if (paper == NULL) {
        return lf__fail(err, LF_E_NOMEM, "paper: out of memory");
    }
    lf__arena_init(&paper->arena, PAPER_ARENA_MAX);
    *out = paper;
    return LF_OK;
}

void lf_paper_free(lf_paper *paper)
{
    if (paper != NULL) {
        lf__arena_done(&paper->arena);
        free(paper);
    }
}

static lf_status paper_decode(lf_bytes bytes, lf_paper **out, lf_error *err)
{
    lf_paper *paper = NULL;
    lf_status rc = paper_alloc(&paper, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes kept = lf__arena_copy(&paper->arena, bytes);
    rc = kept.ptr == NULL ? lf__fail(err, LF_E_NOMEM, "paper: out of memory")
                          : px_envelope_decode(&paper->arena, kept, &paper->envelope, err);
    if (rc != LF_OK) {
        lf_paper_free(paper);
        return rc;
    }
    *out = paper;
    return LF_OK;
}

static bool is_request(const lf_paper *paper)
{
    return paper->envelope.header.kind == PX_KIND_MEMBER &&
           !lf__bytes_eq_str(paper->envelope.header.issuer, PAPER_AUTHORITY);
}

static bool is_authority_kind(enum px_kind kind)
{
    return kind == PX_KIND_GENESIS || kind == PX_KIND_MEMBER || kind == PX_KIND_POLICY ||
           kind == PX_KIND_REDACTION;
}

lf_status lf_paper_read(const char *path, lf_paper **out, lf_error *err)
{
    LF_BUF bytes;
    lf_paper *paper = NULL;
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    lf_status rc = lf__file_read(path, &bytes, err);
    rc = rc == LF_OK ? paper_decode(lf__buf_bytes(&bytes), &paper, err) : rc;
    if (rc == LF_OK && !is_authority_kind(paper->envelope.header.kind)) {
        lf_paper_free(paper);
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "%s: is no record of an authority and no request", path);
    }
    if (rc == LF_OK) {
        *out = paper;
    }
    return rc;
}

lf_status lf_paper_write(const lf_paper *paper, const char *path, bool replace, lf_error *err)
{
    LF_BUF bytes;
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    (void)px_envelope_encode(&paper->envelope, &bytes);
    lf_status rc = lf__buf_status(&bytes, err);
    if (rc != LF_OK) {
        return rc;
    }
    return replace ? lf__file_replace(path, lf__buf_bytes(&bytes), 0644, err)
                   : lf__file_make(path, lf__buf_bytes(&bytes), 0644, err);
}

const char *lf_paper_kind(const lf_paper *paper)
{
    enum px_kind kind = paper->envelope.header.kind;
    return is_request(paper) ? "Request" : is_authority_kind(kind) ? lf__word_kind(kind) : "";
}

size_t lf_paper_signatures(const lf_paper *paper)
{
    return paper->envelope.signature_count;
}

static lf_status member_of(const lf_paper *paper, struct lf__arena *arena, struct px_member *out,
                           lf_error *err)
{
    return paper->envelope.header.kind == PX_KIND_MEMBER
               ? px_member_decode(arena, &paper->envelope, out, err)
               : lf__fail(err, LF_E_ARG, "paper: speaks of no member");
}

lf_status lf_paper_member(const lf_paper *paper, lf_member *out, lf_error *err)
{
    LF_ARENA arena;
    struct px_member member;
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = member_of(paper, &arena, &member, err);
    if (rc == LF_OK) {
        lf__member_tell(&member, 0, out);
    }
    return rc;
}

static lf_status pae_of(const lf_paper *paper, struct lf__buf *out, lf_error *err)
{
    (void)lf__dsse_pae(out, LF_TYPE_RECORD, paper->envelope.record);
    return lf__buf_status(out, err);
}

static lf_status paper_sign(lf_paper *paper, const struct lf__secret *seed, lf_error *err)
{
    LF_BUF pae;
    struct px_envelope *e = &paper->envelope;
    struct lf__public_key key = lf__sign_public(seed);
    struct lf__hash id = lf__key_id(&key);
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    for (size_t i = 0; i < e->signature_count; i++) {
        if (lf__hash_eq(&e->signatures[i].key_id, &id)) {
            return LF_OK;
        }
    }
    lf_status rc = pae_of(paper, &pae, err);
    if (rc != LF_OK || e->signature_count == PX_SIGNATURES_MAX) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_FULL, "paper: has all signatures it can hold");
    }
    struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&pae));
    lf_bytes kept = lf__arena_copy(&paper->arena, LF_BYTES_ARRAY(signature.bytes));
    if (kept.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "paper: out of memory");
    }
    e->signatures[e->signature_count++] =
        (struct px_signature){.alg = LF_ALG_ED25519, .key_id = id, .signature = kept};
    return LF_OK;
}

lf_status lf_paper_sign(lf_paper *paper, const char *key, lf_error *err)
{
    LF_SECRET *seed = NULL;
    if (is_request(paper)) {
        return lf__fail(err, LF_E_ARG, "paper: a request is its member's own; approve it instead");
    }
    lf_status rc = lf__secret_load(key, PAPER_SEED, &seed, err);
    return rc == LF_OK ? paper_sign(paper, seed, err) : rc;
}

lf_status lf__paper_new(const struct px_header *words, struct px_part *parts, size_t count,
                        lf_paper **out, lf_error *err)
{
    uint8_t id[PX_ID_BYTES];
    struct px_header header = *words;
    struct px_envelope envelope = {.part_count = count};
    LF_BUF record;
    LF_BUF bytes;
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    lf__random(id, sizeof id);
    header.record_id = (lf_bytes)LF_BYTES_ARRAY(id);
    header.issued_at_ms = lf__clock_utc_ms();
    for (size_t i = 0; i < count; i++) {
        lf__random(parts[i].salt, sizeof parts[i].salt);
    }
    if (!px_record_encode(&header, parts, count, &record)) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "record", "record: over %d bytes",
                          PX_RECORD_MAX);
    }
    envelope.record = lf__buf_bytes(&record);
    lf__copy(envelope.parts, parts, count * sizeof *parts);
    (void)px_envelope_encode(&envelope, &bytes);
    lf_status rc = lf__buf_status(&bytes, err);
    return rc == LF_OK ? paper_decode(lf__buf_bytes(&bytes), out, err) : rc;
}

lf_status lf__paper_member_new(const struct px_member *member, const struct px_member_entry *before,
                               lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {.issuer = lf__bytes_str(PAPER_AUTHORITY),
                               .kind = PX_KIND_MEMBER,
                               .version = before == NULL ? 1 : before->version + 1,
                               .predecessor = before == NULL ? LF_BYTES_NONE : before->record_id};
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = px_member_encode(&arena, member, parts, &count, err);
    return rc == LF_OK ? lf__paper_new(&header, parts, count, out, err) : rc;
}

static lf_status hex_key(const char *hex, const char *field, uint8_t out[static LF_HASH_BYTES],
                         lf_error *err)
{
    size_t len = 0;
    return hex != NULL && lf__unhex(lf__bytes_str(hex), out, LF_HASH_BYTES, &len) &&
                   len == LF_HASH_BYTES
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "FIELD_LENGTH", field, "%s: not 64 hex characters",
                            field);
}

static lf_status genesis_fill(const lf_genesis *in, struct px_genesis *out, lf_error *err)
{
    lf_status rc = hex_key(in->ledger_key, "ledger_key", out->ledger_key.bytes, err);
    rc = rc == LF_OK ? hex_key(in->access_key, "access_key", out->access_key.bytes, err) : rc;
    for (size_t i = 0; rc == LF_OK && in->keys != NULL && in->keys[i] != NULL; i++) {
        if (i == PX_KEYS_MAX) {
            return lf__refuse(err, LF_E_ARG, "TOO_BIG", "authority_keys", "keys: more than %d",
                              PX_KEYS_MAX);
        }
        struct px_member_key *key = &out->keys[out->key_count++];
        *key = (struct px_member_key){.key.alg = LF_ALG_ED25519, .use = PX_KEY_RECORD};
        rc = hex_key(in->keys[i], "authority_keys", key->key.bytes, err);
        rc = rc == LF_OK ? lf__public_key_check(&key->key, err) : rc;
        for (size_t k = 0; rc == LF_OK && k < i; k++) {
            rc = strcmp(in->keys[k], in->keys[i]) == 0
                     ? lf__refuse(err, LF_E_ARG, "KEY_IN_USE", "authority_keys",
                                  "keys: key %zu stands twice", i + 1)
                     : LF_OK;
        }
    }
    if (rc == LF_OK && (in->threshold == 0 || in->threshold > out->key_count)) {
        rc = lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "threshold",
                        "threshold: 1 to the number of keys, which is %zu", out->key_count);
    }
    return rc;
}

lf_status lf_paper_genesis(const lf_genesis *genesis, lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_header header = {
        .issuer = lf__bytes_str(PAPER_AUTHORITY), .kind = PX_KIND_GENESIS, .version = 1};
    struct px_genesis value = {.threshold = genesis->threshold, .is_test = genesis->is_test};
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    if (genesis->gateway == NULL || genesis->gateway[0] == '\0') {
        return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", "gateway", "gateway: has no name");
    }
    value.gateway = lf__bytes_str(genesis->gateway);
    value.previous = lf__bytes_str(genesis->previous == NULL ? "" : genesis->previous);
    value.previous_access =
        lf__bytes_str(genesis->previous_access == NULL ? "" : genesis->previous_access);
    lf_status rc = genesis_fill(genesis, &value, err);
    rc = rc == LF_OK ? px_genesis_encode(&arena, &value, parts, &count, err) : rc;
    return rc == LF_OK ? lf__paper_new(&header, parts, count, out, err) : rc;
}

static lf_status applicant_keys(const lf_applicant *applicant, struct px_member *member,
                                struct lf__secret **seed, lf_error *err)
{
    LF_BUF pem;
    char path[LF_PATH_MAX];
    lf__buf_init(&pem, 65536);
    lf_status rc = lf__path(applicant->dir, "sign.key", path, err);
    rc = rc == LF_OK ? lf__secret_load(path, PAPER_SEED, seed, err) : rc;
    rc = rc == LF_OK ? lf__path(applicant->dir, "tls.crt", path, err) : rc;
    rc = rc == LF_OK ? lf__file_read(path, &pem, err) : rc;
    rc = rc == LF_OK ? lf__cert_spki(lf__buf_bytes(&pem), &member->pins[0].spki, err) : rc;
    if (rc == LF_OK) {
        member->pin_count = 1;
        member->keys[0] =
            (struct px_member_key){.key = lf__sign_public(*seed), .use = PX_KEY_RECORD};
        member->key_count = 1;
    }
    return rc;
}

static lf_status applicant_check(const lf_applicant *a, lf_error *err)
{
    const struct {
        const char *field;
        const char *value;
    } rows[] = {{"dir", a->dir}, {"member", a->member}, {"name", a->name}, {"role", a->role}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (rows[i].value == NULL || rows[i].value[0] == '\0') {
            return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", rows[i].field, "%s: is missing",
                              rows[i].field);
        }
    }
    if (lf__number_role(a->role) == 0 || (a->level != NULL && lf__number_level(a->level) == 0)) {
        return lf__refuse(err, LF_E_ARG, "MEMBER_LEVEL", "role", "role: no such role or level");
    }
    return LF_OK;
}

lf_status lf_paper_request(const lf_applicant *applicant, lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    LF_SECRET *seed = NULL;
    lf_paper *paper = NULL;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    lf_status rc = applicant_check(applicant, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_header header = {
        .issuer = lf__bytes_str(applicant->member), .kind = PX_KIND_MEMBER, .version = 1};
    struct px_member member = {.member = header.issuer,
                               .name = lf__bytes_str(applicant->name),
                               .role = (enum px_role)lf__number_role(applicant->role),
                               .level = lf__number_level(applicant->level),
                               .division = lf__given(applicant->division),
                               .status = PX_MEMBER_ACTIVE};
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    rc = applicant_keys(applicant, &member, &seed, err);
    rc = rc == LF_OK ? px_member_encode(&arena, &member, parts, &count, err) : rc;
    rc = rc == LF_OK ? lf__paper_new(&header, parts, count, &paper, err) : rc;
    rc = rc == LF_OK ? paper_sign(paper, seed, err) : rc;
    if (rc != LF_OK) {
        lf_paper_free(paper);
        return rc;
    }
    *out = paper;
    return LF_OK;
}

/* By a key that it lists, so that nobody enrols a key that he only saw. */
lf_status lf__request_open(const lf_paper *request, struct lf__arena *arena, struct px_member *out,
                           lf_error *err)
{
    LF_BUF pae;
    struct lf__signature signature;
    const struct px_signature *by = &request->envelope.signatures[0];
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    if (!is_request(request) || request->envelope.signature_count != 1 ||
        by->signature.len != sizeof signature.bytes || by->batch_size != 0) {
        return lf__fail(err, LF_E_ARG, "paper: is no request that a member has signed");
    }
    lf_status rc = member_of(request, arena, out, err);
    rc = rc == LF_OK ? pae_of(request, &pae, err) : rc;
    if (rc != LF_OK || !lf__bytes_eq(out->member, request->envelope.header.issuer)) {
        return rc != LF_OK ? rc
                           : lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "member",
                                        "request: speaks of another member than its issuer");
    }
    lf__copy(signature.bytes, by->signature.ptr, sizeof signature.bytes);
    for (size_t i = 0; i < out->key_count; i++) {
        struct lf__hash id = lf__key_id(&out->keys[i].key);
        if (lf__hash_eq(&id, &by->key_id)) {
            return lf__verify(&out->keys[i].key, lf__buf_bytes(&pae), &signature, err);
        }
    }
    return lf__refuse(err, LF_E_REJECTED, "KEY_UNKNOWN", "signatures.key_id",
                      "request: is not signed by a key that it lists");
}

lf_status lf_paper_enrol(const lf_paper *request, lf_paper **out, lf_error *err)
{
    LF_ARENA arena;
    struct px_member member;
    lf__arena_init(&arena, PAPER_ARENA_MAX);
    lf_status rc = lf__request_open(request, &arena, &member, err);
    member.status = PX_MEMBER_ACTIVE;
    return rc == LF_OK ? lf__paper_member_new(&member, NULL, out, err) : rc;
}
