/* SPDX-License-Identifier: Apache-2.0 */
/* Believing nothing: heads, receipts and single entries are recomputed here; whole logs in audit.c. */
#include "client/client_internal.h"
#include "client/log_read.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/receipt.h"
#include "protos/codec/signed.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROVE_TIMEOUT_MS = 30000 };

const struct lf__note_key *lf__log_key(const lf_client *client, enum px_log log)
{
    return log == PX_LOG_ACCESS ? &client->profile.access : &client->profile.ledger;
}

static lf_status head_ask(lf_client *client, const struct px_range *range, uint64_t floor,
                          struct lf__buf *note, struct lf__merkle_head *head, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    lf_bytes text;
    enum px_log log = range->log == PX_LOG_ACCESS ? PX_LOG_ACCESS : PX_LOG_LEDGER;
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, 65536);
    (void)px_range_encode(range, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Ledger/GetCheckpoint",
                                   lf__buf_bytes(&request), PROVE_TIMEOUT_MS, &answer, err);
    rc = rc == LF_OK ? px_checkpoint_decode(lf__buf_bytes(&answer), &text, err) : rc;
    rc = rc == LF_OK ? lf__head_open(client, log, text, head, err) : rc;
    rc = rc == LF_OK ? lf__heads_saw(&client->heads, log, text, head, floor, err) : rc;
    if (rc == LF_OK) {
        (void)lf__buf_append(note, text);
        rc = lf__buf_status(note, err);
    }
    return rc;
}

lf_status lf__head_get(lf_client *client, enum px_log log, struct lf__buf *note,
                       struct lf__merkle_head *head, lf_error *err)
{
    struct px_range range = {.log = log};
    return head_ask(client, &range, lf__heads_floor(&client->heads, log), note, head, err);
}

lf_status lf__head_published(lf_client *client, enum px_log log, struct lf__buf *note,
                             struct lf__merkle_head *head, lf_error *err)
{
    struct px_range range = {.log = log, .a = 1}; /* `published`; it lags by design: no floor */
    return head_ask(client, &range, 0, note, head, err);
}

lf_status lf_checkpoint(lf_client *client, uint64_t *size, char *note, size_t note_size,
                        lf_error *err)
{
    LF_BUF text;
    struct lf__merkle_head head;
    lf__buf_init(&text, 65536);
    lf_status rc = lf__head_get(client, PX_LOG_LEDGER, &text, &head, err);
    if (rc == LF_OK && note != NULL && !lf__copy_str(note, note_size, lf__buf_bytes(&text))) {
        return lf__fail(err, LF_E_TOO_BIG, "checkpoint: %zu bytes need more room", text.len);
    }
    if (rc == LF_OK) {
        *size = head.size;
    }
    return rc;
}

lf_status lf_receipt_verify(const char *receipt, lf_bytes envelope, const char *vkey,
                            uint64_t *index, lf_error *err)
{
    LF_ARENA arena;
    LF_BUF block;
    struct lf__receipt parsed;
    struct lf__receipt_claim claim;
    struct lf__note_key key;
    struct lf__merkle_head head;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf__buf_init(&block, 65536);
    lf_status rc = lf__note_key_parse(lf__bytes_str(vkey), &key, err);
    rc = rc == LF_OK ? lf__receipt_parse(lf__bytes_str(receipt), &parsed, err) : rc;
    rc = rc == LF_OK ? lf__claim_of(&arena, envelope, &block, &claim, err) : rc;
    rc = rc == LF_OK ? lf__receipt_verify(&parsed, &claim, &key, &head, err) : rc;
    if (rc == LF_OK) {
        *index = parsed.index;
    }
    return rc;
}

/* The entry itself, whose leaf must be the one that is proven. */
static lf_status entry_get(lf_client *client, const struct lf__hash *leaf, struct lf__arena *arena,
                           lf_proof *out, struct px_envelope *envelope, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct px_range range = {1, out->index, 1};
    struct px_entry *entries = NULL;
    size_t count = 0;
    uint64_t next = 0;
    lf_bytes note;
    uint64_t floor = lf__heads_floor(&client->heads, PX_LOG_LEDGER);
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    (void)px_range_encode(&range, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Ledger/GetEntries",
                                   lf__buf_bytes(&request), PROVE_TIMEOUT_MS, &answer, err);
    lf_bytes kept = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&answer)) : LF_BYTES_NONE;
    rc = rc == LF_OK ? lf__arena_status(arena, err) : rc;
    rc = rc == LF_OK ? px_entries_decode(arena, kept, &entries, &count, &next, &note, err) : rc;
    rc = rc == LF_OK ? lf__heads_saw_note(&client->heads, PX_LOG_LEDGER, note, floor, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash hash = count > 0 ? lf__merkle_leaf(entries[0].leaf) : lf__merkle_empty();
    if (count == 0 || entries[0].index != out->index || !lf__hash_eq(&hash, leaf)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: is not the one whose place is proven",
                          (unsigned long long)out->index);
    }
    if (entries[0].envelope.len == 0) {
        return LF_OK;
    }
    rc = lf__entry_check(&entries[0], err);
    rc = rc == LF_OK ? px_envelope_decode(arena, entries[0].envelope, envelope, err) : rc;
    if (rc == LF_OK) {
        (void)lf__copy_str(out->issuer, sizeof out->issuer, envelope->header.issuer);
        (void)lf__hex(envelope->header.record_id, out->record_id, sizeof out->record_id);
    }
    return rc;
}

lf_status lf__inclusion_get(lf_client *client, const lf_proof *place, struct lf__hash *leaf,
                            struct lf__proof *proof, lf_error *err)
{
    LF_BUF request;
    LF_BUF answer;
    struct px_range range = {1, place->index, place->size};
    lf__buf_init(&request, 64);
    lf__buf_init(&answer, 65536);
    (void)px_range_encode(&range, &request);
    lf_status rc = lf__client_call(client, "/lianfang.v1.Ledger/ProveInclusion",
                                   lf__buf_bytes(&request), PROVE_TIMEOUT_MS, &answer, err);
    return rc == LF_OK ? px_proof_decode(lf__buf_bytes(&answer), true, leaf, proof, err) : rc;
}

lf_status lf__entry_prove(lf_client *client, struct lf__arena *arena, uint64_t index, lf_proof *out,
                          struct px_envelope *envelope, lf_error *err)
{
    LF_BUF note;
    struct lf__merkle_head head;
    struct lf__hash leaf;
    struct lf__proof proof;
    lf_proof told = {.index = index};
    lf__buf_init(&note, 65536);
    lf_status rc = lf__head_get(client, PX_LOG_LEDGER, &note, &head, err);
    if (rc == LF_OK && index >= head.size) {
        rc = lf__fail(err, LF_E_NOT_FOUND, "entry %llu: the log has %llu",
                      (unsigned long long)index, (unsigned long long)head.size);
    }
    told.size = rc == LF_OK ? head.size : 0;
    rc = rc == LF_OK ? lf__inclusion_get(client, &told, &leaf, &proof, err) : rc;
    rc = rc == LF_OK ? lf__merkle_verify_inclusion(&leaf, index, head.size, &proof, &head.root, err)
                     : rc;
    rc = rc == LF_OK ? entry_get(client, &leaf, arena, &told, envelope, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    LF_BUG_IF(proof.count > LF_PROOF_MAX); /* an index has 64 bits, so a path that holds no more */
    (void)lf__hex(lf__hash_bytes(&leaf), told.leaf, sizeof told.leaf);
    (void)lf__hex(lf__hash_bytes(&head.root), told.root, sizeof told.root);
    for (; told.path_count < proof.count; told.path_count++) {
        (void)lf__hex(lf__hash_bytes(&proof.hashes[told.path_count]), told.path[told.path_count],
                      sizeof told.path[0]);
    }
    *out = told;
    return LF_OK;
}

lf_status lf_log_prove(lf_client *client, uint64_t index, lf_proof *out, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    return lf__entry_prove(client, &arena, index, out, &envelope, err);
}
