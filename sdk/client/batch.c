/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Push: many records under one signature. Record id and salts are HMACs of the push secret, so that
 * the same row always makes the same bytes, and sending it again is a duplicate and nothing else.
 */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/derive.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "core/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES_MAX = PX_BATCH_BYTES_MAX - 65536, BATCH_TIMEOUT_MS = 60000 };

struct batch_record {
    struct px_envelope envelope;
    lf_bytes bare; /* as sent: without signature */
    struct lf__hash leaf;
    void *user;
};

struct lf_batch {
    lf_client *client;
    struct lf__arena arena;
    struct batch_record records[LF_BATCH_MAX];
    size_t count;
    size_t bytes;
};

lf_status lf_batch_new(lf_client *client, lf_batch **out, lf_error *err)
{
    lf_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return lf__fail(err, LF_E_NOMEM, "batch: out of memory");
    }
    batch->client = client;
    lf__arena_init(&batch->arena, CLIENT_ARENA_MAX);
    *out = batch;
    return LF_OK;
}

static void batch_clear(lf_batch *batch)
{
    lf__arena_done(&batch->arena);
    batch->count = 0;
    batch->bytes = 0;
}

void lf_batch_free(lf_batch *batch)
{
    if (batch != NULL) {
        batch_clear(batch);
        free(batch);
    }
}

size_t lf_batch_count(const lf_batch *batch)
{
    return batch->count;
}

static lf_bytes push_secret(const lf_batch *batch)
{
    return (lf_bytes){lf__secret_view(batch->client->profile.push), CLIENT_SECRET_BYTES};
}

struct header_words {
    enum px_kind kind;
    const char *ref;
    uint32_t version;
    unsigned certainty;
};

static lf_status id_derive(lf_batch *batch, enum px_kind kind, lf_bytes ref, uint32_t version,
                           lf_bytes *out, lf_error *err)
{
    uint8_t id[PX_ID_BYTES];
    struct lf__row row = {(uint32_t)kind, version, ref};
    if (ref.len > PX_REF_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "ref", "ref: more than %d bytes",
                          PX_REF_MAX);
    }
    lf__derive_record_id(push_secret(batch), &row, id);
    *out = lf__arena_copy(&batch->arena, LF_BYTES_ARRAY(id));
    return out->ptr == NULL ? lf__fail(err, LF_E_NOMEM, "batch: out of memory") : LF_OK;
}

static lf_status header_make(lf_batch *batch, const struct header_words *words,
                             struct px_header *out, lf_error *err)
{
    lf_bytes ref = lf__arena_copy(&batch->arena, lf__bytes_str(words->ref));
    uint32_t version = words->version == 0 ? 1 : words->version;
    struct px_header header = {.issuer = lf__bytes_str(batch->client->profile.member),
                               .kind = words->kind,
                               .ref = ref,
                               .version = version,
                               .legal_basis = 1,
                               .certainty = words->certainty};
    lf_status rc = ref.ptr == NULL
                       ? lf__fail(err, LF_E_NOMEM, "batch: out of memory")
                       : id_derive(batch, words->kind, ref, version, &header.record_id, err);
    rc = rc == LF_OK && version > 1
             ? id_derive(batch, words->kind, ref, version - 1, &header.predecessor, err)
             : rc;
    if (rc != LF_OK) {
        return rc;
    }
    *out = header;
    return LF_OK;
}

static void salts_make(const lf_batch *batch, const struct px_header *header, struct px_part *parts,
                       size_t count)
{
    struct lf__row row = {(uint32_t)header->kind, header->version, header->ref};
    for (size_t i = 0; i < count; i++) {
        lf__derive_salt(push_secret(batch), &row, (uint8_t)parts[i].part_class, parts[i].body,
                        parts[i].salt);
    }
}

static lf_status record_seal(lf_batch *batch, const struct px_header *header, struct px_part *parts,
                             size_t count, void *user, lf_error *err)
{
    LF_BUF bytes;
    LF_BUF pae;
    struct batch_record *r = &batch->records[batch->count];
    lf__buf_init(&bytes, PX_MESSAGE_MAX);
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    *r = (struct batch_record){.user = user};
    salts_make(batch, header, parts, count);
    (void)px_record_encode(header, parts, count, &bytes);
    r->envelope.record = lf__arena_copy(&batch->arena, lf__buf_bytes(&bytes));
    r->envelope.part_count = count;
    lf__copy(r->envelope.parts, parts, count * sizeof *parts);
    if (bytes.failed || bytes.len > PX_RECORD_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "record", "record: over %d bytes",
                          PX_RECORD_MAX);
    }
    (void)lf__dsse_pae(&pae, LF_TYPE_RECORD, r->envelope.record);
    r->leaf = lf__batch_leaf(lf__buf_bytes(&pae));
    lf__buf_clear(&bytes);
    (void)px_envelope_encode(&r->envelope, &bytes);
    r->bare = lf__arena_copy(&batch->arena, lf__buf_bytes(&bytes));
    if (r->envelope.record.ptr == NULL || r->bare.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "batch: out of memory");
    }
    batch->bytes += r->bare.len + 8;
    batch->count++;
    return LF_OK;
}

static lf_status batch_room(const lf_batch *batch, lf_error *err)
{
    bool has_room = batch->count < LF_BATCH_MAX && batch->bytes < BATCH_BYTES_MAX - PX_RECORD_MAX;
    return has_room ? LF_OK : lf__fail(err, LF_E_FULL, "batch: is full; send it first");
}

static lf_bytes given(const char *text)
{
    return text == NULL ? LF_BYTES_NONE : lf__bytes_str(text);
}

static lf_status missing(lf_error *err, const char *field)
{
    return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", field, "%s: is missing", field);
}

lf_status lf_batch_add_event(lf_batch *batch, const lf_event *event, void *user, lf_error *err)
{
    struct px_header header;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    uint8_t hash[LF_HASH_BYTES];
    size_t len = 0;
    struct px_event e = {.uscc = given(event->uscc),
                         .violation = given(event->violation),
                         .decided_at = given(event->decided_at),
                         .shop_id = given(event->shop_id),
                         .rule = given(event->rule),
                         .amount_fen = event->amount_fen,
                         .points = event->points,
                         .note = given(event->note)};
    if (event->ref == NULL || event->ref[0] == '\0') {
        return missing(err, "ref");
    }
    for (size_t i = 0; event->measures != NULL && event->measures[i] != NULL; i++) {
        if (i == PX_MEASURES_MAX) {
            return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "measures", "measures: more than %d",
                              PX_MEASURES_MAX);
        }
        e.measures[e.measure_count++] = lf__bytes_str(event->measures[i]);
    }
    if (event->evidence_sha256 != NULL && event->evidence_sha256[0] != '\0') {
        if (!lf__unhex(lf__bytes_str(event->evidence_sha256), hash, sizeof hash, &len) ||
            len != sizeof hash) {
            return lf__refuse(err, LF_E_ARG, "FIELD_LENGTH", "evidence_sha256",
                              "evidence_sha256: not 64 hex characters");
        }
        e.evidence[e.evidence_count++] = LF_BYTES_ARRAY(hash);
    }
    struct header_words words = {PX_KIND_ENFORCEMENT_EVENT, event->ref, event->version,
                                 lf__number_certainty(event->certainty)};
    lf_status rc = batch_room(batch, err);
    rc = rc == LF_OK ? header_make(batch, &words, &header, err) : rc;
    rc = rc == LF_OK ? px_event_encode(&batch->arena, &e, parts, &count, err) : rc;
    return rc == LF_OK ? record_seal(batch, &header, parts, count, user, err) : rc;
}

/* 张三小店 becomes 张***: the trade name of an individual business often is the person's. */
static lf_bytes name_mask(lf_batch *batch, lf_bytes name)
{
    size_t first = 1;
    while (first < name.len && (name.ptr[first] & 0xc0) == 0x80) {
        first++;
    }
    LF_BUF masked;
    lf__buf_init(&masked, 64);
    (void)lf__buf_append(&masked, lf__bytes_slice(name, 0, first));
    (void)lf__buf_str(&masked, "***");
    return lf__arena_copy(&batch->arena, lf__buf_bytes(&masked));
}

lf_status lf_batch_add_registry(lf_batch *batch, const lf_registry_entry *entry, void *user,
                                lf_error *err)
{
    struct px_header header;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_registry e = {.uscc = given(entry->uscc),
                            .name = given(entry->name),
                            .established = given(entry->established),
                            .province = given(entry->province),
                            .status = given(entry->status)};
    if (e.uscc.len == 0) {
        return missing(err, "uscc");
    }
    if (e.uscc.len > 2 && e.uscc.ptr[0] == '9' && e.uscc.ptr[1] == '2' && e.name.len > 0) {
        e.full_name = e.name;
        e.name = name_mask(batch, e.name);
    }
    struct header_words words = {PX_KIND_REGISTRY_ENTRY,
                                 entry->ref == NULL ? entry->uscc : entry->ref, entry->version, 0};
    lf_status rc = batch_room(batch, err);
    rc = rc == LF_OK ? header_make(batch, &words, &header, err) : rc;
    rc = rc == LF_OK ? px_registry_encode(&batch->arena, &e, parts, &count, err) : rc;
    return rc == LF_OK ? record_seal(batch, &header, parts, count, user, err) : rc;
}

static lf_status statement_target(lf_batch *batch, const lf_statement *s, lf_bytes *out,
                                  lf_error *err)
{
    uint8_t id[PX_ID_BYTES];
    size_t len = 0;
    if (s->record_id == NULL) {
        return s->ref == NULL ? missing(err, "ref")
                              : id_derive(batch, PX_KIND_ENFORCEMENT_EVENT, lf__bytes_str(s->ref),
                                          1, out, err);
    }
    if (!lf__unhex(lf__bytes_str(s->record_id), id, sizeof id, &len) || len != sizeof id) {
        return lf__refuse(err, LF_E_ARG, "FIELD_LENGTH", "record_id",
                          "record_id: not 32 hex characters");
    }
    *out = lf__arena_copy(&batch->arena, LF_BYTES_ARRAY(id));
    return out->ptr == NULL ? lf__fail(err, LF_E_NOMEM, "batch: out of memory") : LF_OK;
}

lf_status lf_batch_add_statement(lf_batch *batch, const lf_statement *s, void *user, lf_error *err)
{
    struct px_header header;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    char ref[2 * PX_ID_BYTES + 32];
    char hex[LF_HEX_SIZE(PX_ID_BYTES)];
    enum px_kind kind = s->is_relay ? PX_KIND_RELAY : PX_KIND_CORRECTION;
    struct px_target target = {.issuer = s->issuer == NULL
                                             ? lf__bytes_str(batch->client->profile.member)
                                             : lf__bytes_str(s->issuer),
                               .note = given(s->note),
                               .decision = s->is_relay ? lf__number_relay(s->decision)
                                                       : lf__number_correction(s->decision)};
    lf_status rc = batch_room(batch, err);
    rc = rc == LF_OK ? statement_target(batch, s, &target.record_id, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    (void)lf__hex(target.record_id, hex, sizeof hex);
    (void)snprintf(ref, sizeof ref, "%u:%s", target.decision,
                   hex); /* saying the same of a record twice is one record */
    struct header_words words = {kind, ref, 1, 0};
    rc = header_make(batch, &words, &header, err);
    rc = rc == LF_OK ? px_target_encode(&batch->arena, kind, &target, parts, &count, err) : rc;
    return rc == LF_OK ? record_seal(batch, &header, parts, count, user, err) : rc;
}

static lf_status batch_sign(lf_batch *batch, struct lf__memtree *tree, struct px_signature *out,
                            lf_error *err)
{
    struct lf__hash leaves[LF_BATCH_MAX];
    LF_BUF pae;
    uint8_t body[4 + LF_HASH_BYTES];
    for (size_t i = 0; i < batch->count; i++) {
        leaves[i] = batch->records[i].leaf;
    }
    lf_status rc = lf__memtree_init(tree, leaves, batch->count, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash root = lf__memtree_root(tree);
    struct lf__public_key key = lf__sign_public(batch->client->profile.sign);
    lf__buf_init(&pae, 256);
    lf__put_u32be(body, (uint32_t)batch->count);
    lf__copy(body + 4, root.bytes, LF_HASH_BYTES);
    (void)lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body));
    struct lf__signature signature = lf__sign(batch->client->profile.sign, lf__buf_bytes(&pae));
    lf_bytes kept = lf__arena_copy(&batch->arena, LF_BYTES_ARRAY(signature.bytes));
    *out = (struct px_signature){.alg = LF_ALG_ED25519,
                                 .key_id = lf__key_id(&key),
                                 .signature = kept,
                                 .batch_size = (uint32_t)batch->count,
                                 .batch_root = root};
    return kept.ptr == NULL ? lf__fail(err, LF_E_NOMEM, "batch: out of memory") : LF_OK;
}

struct telling {
    lf_batch *batch;
    struct lf__memtree *tree;
    const struct px_signature *signature;
    lf_bytes checkpoint;
    lf_result_cb each;
    void *user;
};

/* A duplicate may stand in the ledger under another batch's signature: then its receipt is told
 * without being checked against ours, and the reader asks the ledger for the envelope. */
static lf_status receipt_check(const struct telling *t, const struct px_result *result,
                               const struct lf__receipt *receipt,
                               struct px_envelope *signed_envelope, lf_error *err)
{
    LF_BUF block;
    struct lf__merkle_head head;
    const struct px_signature *s = &signed_envelope->signatures[0];
    struct lf__block_signature one = {.alg = (uint8_t)s->alg,
                                      .key_id = s->key_id,
                                      .batch_size = s->batch_size,
                                      .batch_root = &s->batch_root,
                                      .signature = s->signature};
    lf__buf_init(&block, 4096);
    (void)lf__signature_block(&block, &one, 1);
    struct lf__receipt_claim claim = {px_record_digest(signed_envelope->record),
                                      lf__buf_bytes(&block)};
    lf_status rc =
        lf__receipt_verify(receipt, &claim, &t->batch->client->profile.ledger, &head, err);
    return result->outcome == PX_OUTCOME_DUPLICATE ? LF_OK : rc;
}

static lf_status tell_taken(const struct telling *t, size_t i, const struct px_result *result,
                            lf_error *err)
{
    struct batch_record *r = &t->batch->records[i];
    struct lf__proof proof;
    struct lf__tree view = lf__memtree_view(t->tree);
    LF_BUF text;
    LF_BUF envelope;
    lf__buf_init(&text, 65536);
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    lf_status rc = lf__merkle_prove_inclusion(&view, i, &proof, err);
    r->envelope.signatures[0] = *t->signature;
    r->envelope.signatures[0].batch_index = (uint32_t)i;
    r->envelope.signatures[0].batch_path = proof.hashes;
    r->envelope.signatures[0].batch_path_count = proof.count;
    r->envelope.signature_count = 1;
    struct lf__receipt receipt = {
        .index = result->index, .proof.count = result->path_count, .checkpoint = t->checkpoint};
    if (result->leaf.len != sizeof receipt.leaf) {
        return lf__fail(err, LF_E_FORMAT, "gateway: a receipt's leaf has a wrong length");
    }
    lf__copy(receipt.leaf, result->leaf.ptr, sizeof receipt.leaf);
    lf__copy(receipt.proof.hashes, result->path, result->path_count * sizeof *result->path);
    rc = rc == LF_OK ? receipt_check(t, result, &receipt, &r->envelope, err) : rc;
    (void)lf__receipt_format(&receipt, &text);
    (void)lf__buf_u8(&text, 0);
    (void)px_envelope_encode(&r->envelope, &envelope);
    if (rc != LF_OK || text.failed || envelope.failed) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_NOMEM, "receipt: out of memory");
    }
    lf_result told = {.outcome =
                          result->outcome == PX_OUTCOME_DUPLICATE ? LF_DUPLICATE : LF_ACCEPTED,
                      .index = result->index,
                      .is_pending_relay = result->is_pending_relay,
                      .receipt = (const char *)text.ptr,
                      .envelope = lf__buf_bytes(&envelope),
                      .user = r->user};
    t->each(&told, t->user);
    return LF_OK;
}

static lf_status tell_all(const struct telling *t, const struct px_result *results, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < t->batch->count; i++) {
        if (results[i].outcome == PX_OUTCOME_REFUSED) {
            lf_result told = {.outcome = LF_REFUSED,
                              .receipt = "",
                              .error = results[i].error,
                              .user = t->batch->records[i].user};
            t->each(&told, t->user);
        } else {
            rc = tell_taken(t, i, &results[i], err);
        }
    }
    return rc;
}

static lf_status batch_request(lf_batch *batch, const struct px_signature *signature,
                               struct lf__buf *request, lf_error *err)
{
    lf_bytes envelopes[LF_BATCH_MAX];
    for (size_t i = 0; i < batch->count; i++) {
        envelopes[i] = batch->records[i].bare;
    }
    (void)px_batch_request_encode(envelopes, batch->count, signature, request);
    return lf__buf_status(request, err);
}

lf_status lf_batch_send(lf_batch *batch, int64_t timeout_ms, lf_result_cb each, void *user,
                        lf_error *err)
{
    if (batch->count == 0) { /* before anything below wants cleaning up */
        return LF_OK;
    }
    LF_MEMTREE tree = {0, NULL};
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_signature signature;
    struct px_result *results = NULL;
    size_t count = 0;
    struct telling telling = {
        .batch = batch, .tree = &tree, .signature = &signature, .each = each, .user = user};
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = batch_sign(batch, &tree, &signature, err);
    rc = rc == LF_OK ? batch_request(batch, &signature, &request, err) : rc;
    rc = rc == LF_OK ? lf__client_call(batch->client, "/lianfang.v1.Exchange/SubmitBatch",
                                       lf__buf_bytes(&request),
                                       timeout_ms > 0 ? timeout_ms : BATCH_TIMEOUT_MS, &answer, err)
                     : rc;
    rc = rc == LF_OK ? px_results_decode(&arena, lf__buf_bytes(&answer), &results, &count,
                                         &telling.checkpoint, err)
                     : rc;
    if (rc == LF_OK && count != batch->count) {
        rc =
            lf__fail(err, LF_E_FORMAT, "gateway: answered %zu of %zu records", count, batch->count);
    }
    rc = rc == LF_OK ? tell_all(&telling, results, err) : rc;
    if (rc == LF_OK) {
        batch_clear(batch);
    }
    return rc;
}
