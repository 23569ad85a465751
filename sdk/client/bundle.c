/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is told that was not checked: head, path, and that the leaf is of this record. */
#include "client/bundle.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/proven.h"
#include "core/dsse.h"
#include "core/receipt.h"

enum { BUNDLE_FRAMING = 8, RECEIPT_TEXT_MAX = 65536 };

size_t lf__bundle_weight(const struct lf__record *record)
{
    return record->bare.len + BUNDLE_FRAMING;
}

static lf_status tree_make(struct lf__bundle *b, lf_error *err)
{
    struct lf__hash leaves[BUNDLE_RECORDS_MAX];
    LF_BUG_IF(b->count == 0 || b->count > BUNDLE_RECORDS_MAX);
    for (size_t i = 0; i < b->count; i++) {
        leaves[i] = b->records[i]->leaf;
    }
    return lf__memtree_init(&b->tree, leaves, b->count, err);
}

lf_status lf__bundle_sign(struct lf__bundle *bundle, const struct lf__profile *profile,
                          const struct lf__record *const *records, size_t count, lf_error *err)
{
    LF_BUF pae;
    uint8_t body[4 + LF_HASH_BYTES];
    *bundle = (struct lf__bundle){.profile = profile, .records = records, .count = count};
    lf__buf_init(&pae, 256);
    lf_status rc = tree_make(bundle, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash root = lf__memtree_root(&bundle->tree);
    lf__put_u32be(body, (uint32_t)count);
    lf__copy(body + 4, root.bytes, LF_HASH_BYTES);
    (void)lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body));
    rc = lf__buf_status(&pae, err);
    if (rc == LF_OK) {
        bundle->raw = lf__sign(profile->sign, lf__buf_bytes(&pae));
        bundle->signature = (struct px_signature){.alg = LF_ALG_ED25519,
                                                  .key_id = profile->sign_key_id,
                                                  .signature = LF_BYTES_ARRAY(bundle->raw.bytes),
                                                  .batch_size = (uint32_t)count,
                                                  .batch_root = root};
    }
    return rc;
}

void lf__bundle_asks(struct lf__bundle *bundle, struct lf__heads *heads)
{
    bundle->heads = heads;
    bundle->floor = lf__heads_floor(heads, PX_LOG_LEDGER);
}

void lf__bundle_done(struct lf__bundle *bundle)
{
    lf__memtree_done(&bundle->tree);
}

lf_status lf__bundle_request(const struct lf__bundle *bundle, struct lf__buf *out, lf_error *err)
{
    lf_bytes envelopes[BUNDLE_RECORDS_MAX];
    for (size_t i = 0; i < bundle->count; i++) {
        envelopes[i] = bundle->records[i]->bare;
    }
    (void)px_batch_request_encode(envelopes, bundle->count, &bundle->signature, out);
    return lf__buf_status(out, err);
}

/* One answer while it is read; the buffers serve one record after the other. */
struct reading {
    const struct lf__bundle *bundle;
    struct lf__memtree tree; /* a view: the bundle's */
    struct lf__proven proven;
    lf_bytes checkpoint;
    lf_bytes block; /* of signatures, the same for all */
    struct lf__buf text;
    struct lf__buf envelope;
};

static lf_status block_make(const struct lf__bundle *bundle, struct lf__buf *out, lf_error *err)
{
    const struct px_signature *s = &bundle->signature;
    struct lf__block_signature one = {.alg = (uint8_t)s->alg,
                                      .key_id = s->key_id,
                                      .batch_size = s->batch_size,
                                      .batch_root = &s->batch_root,
                                      .signature = s->signature};
    (void)lf__signature_block(out, &one, 1);
    return lf__buf_status(out, err);
}

/* Whether the leaf is of this record under this signature. */
static bool is_ours(const struct reading *r, const struct lf__record *record, lf_bytes leaf)
{
    uint8_t want[LF_LEDGER_LEAF_BYTES];
    struct lf__hash members;
    lf__copy(members.bytes, leaf.ptr + 9, LF_HASH_BYTES);
    lf__ledger_leaf(lf__get_u64be(leaf.ptr + 1), &members, &record->digest, r->block, want);
    return lf__bytes_eq(LF_BYTES_ARRAY(want), leaf);
}

/* A duplicate may stand in the ledger under another batch's signature: it is there, as its path
 * proves, but in an envelope that we do not have. */
static lf_status leaf_check(struct reading *r, const struct lf__record *record,
                            const struct px_result *result, bool *out_ours, lf_error *err)
{
    if (result->leaf.len != LF_LEDGER_LEAF_BYTES || result->path_count > LF_MERKLE_PROOF_MAX) {
        return lf__fail(err, LF_E_FORMAT, "gateway: a receipt's leaf or path has a wrong length");
    }
    bool ours = is_ours(r, record, result->leaf);
    if (!ours && result->outcome != PX_OUTCOME_DUPLICATE) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "receipt.leaf",
                          "receipt: the leaf is not of this record and its signatures");
    }
    struct lf__hash hash = lf__merkle_leaf(result->leaf);
    *out_ours = ours;
    return lf__proven_check(&r->proven, &hash, result->index, result->path, result->path_count,
                            err);
}

static lf_status receipt_make(struct reading *r, const struct px_result *result, lf_error *err)
{
    struct lf__receipt receipt = {
        .index = result->index, .proof.count = result->path_count, .checkpoint = r->checkpoint};
    lf__copy(receipt.leaf, result->leaf.ptr, sizeof receipt.leaf);
    lf__copy(receipt.proof.hashes, result->path, result->path_count * sizeof *result->path);
    lf__buf_clear(&r->text);
    (void)lf__receipt_format(&receipt, &r->text);
    (void)lf__buf_u8(&r->text, 0);
    return lf__buf_status(&r->text, err);
}

static lf_status envelope_make(struct reading *r, size_t i, lf_error *err)
{
    struct lf__proof proof;
    struct lf__tree view = lf__memtree_view(&r->tree);
    struct px_signature signature = r->bundle->signature;
    lf_status rc = lf__merkle_prove_inclusion(&view, i, &proof, err);
    if (rc != LF_OK) {
        return rc;
    }
    signature.batch_index = (uint32_t)i;
    signature.batch_path = proof.hashes;
    signature.batch_path_count = proof.count;
    lf__buf_clear(&r->envelope);
    (void)lf__buf_append(&r->envelope, r->bundle->records[i]->bare);
    (void)px_signature_append(&signature, &r->envelope);
    return lf__buf_status(&r->envelope, err);
}

static lf_status one_read(struct reading *r, size_t i, const struct px_result *result,
                          lf_result *out, lf_error *err)
{
    const struct lf__record *record = r->bundle->records[i];
    bool ours = false;
    *out = (lf_result){
        .receipt = "", .user = record->user, .tag = record->tag, .is_resumed = record->is_resumed};
    if (result->outcome == PX_OUTCOME_REFUSED) {
        out->outcome = LF_REFUSED;
        out->error = result->error;
        return LF_OK;
    }
    lf_status rc = leaf_check(r, record, result, &ours, err);
    rc = rc == LF_OK ? receipt_make(r, result, err) : rc;
    rc = rc == LF_OK && ours ? envelope_make(r, i, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    out->outcome = result->outcome == PX_OUTCOME_DUPLICATE ? LF_DUPLICATE : LF_ACCEPTED;
    out->index = result->index;
    out->is_pending_relay = result->is_pending_relay;
    out->receipt = (const char *)r->text.ptr;
    out->envelope = ours ? lf__buf_bytes(&r->envelope) : LF_BYTES_NONE;
    return LF_OK;
}

static lf_status all_read(struct reading *r, const struct px_result *results, lf_result_cb each,
                          void *user, lf_error *err)
{
    for (size_t i = 0; i < r->bundle->count; i++) {
        lf_result told;
        lf_status rc = one_read(r, i, &results[i], &told, err);
        if (rc != LF_OK) {
            return rc;
        }
        each(&told, user);
    }
    return LF_OK;
}

static bool has_receipts(const struct px_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i].outcome != PX_OUTCOME_REFUSED) {
            return true;
        }
    }
    return false;
}

static lf_status answer_decode(const struct lf__bundle *bundle, struct lf__arena *arena,
                               lf_bytes answer, struct px_result **results, lf_bytes *checkpoint,
                               lf_error *err)
{
    size_t count = 0;
    lf_status rc = px_results_decode(arena, answer, results, &count, checkpoint, err);
    return rc != LF_OK || count == bundle->count
               ? rc
               : lf__fail(err, LF_E_FORMAT, "gateway: answered %zu of %zu records", count,
                          bundle->count);
}

lf_status lf__bundle_read(const struct lf__bundle *bundle, lf_bytes answer, lf_result_cb each,
                          void *user, lf_error *err)
{
    LF_ARENA arena;
    LF_BUF block;
    struct px_result *results = NULL;
    struct lf__merkle_head head = {.size = 0};
    struct reading r = {.bundle = bundle, .tree = bundle->tree};
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf__buf_init(&block, 4096);
    lf__buf_init(&r.text, RECEIPT_TEXT_MAX);
    lf__buf_init(&r.envelope, PX_MESSAGE_MAX);
    lf_status rc = answer_decode(bundle, &arena, answer, &results, &r.checkpoint, err);
    if (rc == LF_OK && has_receipts(results, bundle->count)) {
        rc = bundle->heads != NULL && bundle->heads->client != NULL
                 ? lf__head_open(bundle->heads->client, PX_LOG_LEDGER, r.checkpoint, &head, err)
                 : lf__checkpoint_open(r.checkpoint, &bundle->profile->ledger, &head, err);
        if (rc == LF_OK && bundle->heads != NULL) {
            rc = lf__heads_saw(bundle->heads, PX_LOG_LEDGER, r.checkpoint, &head, bundle->floor,
                               err);
        }
    }
    rc = rc == LF_OK ? block_make(bundle, &block, err) : rc;
    if (rc == LF_OK) {
        lf__proven_init(&r.proven, &head);
        r.block = lf__buf_bytes(&block);
        rc = all_read(&r, results, each, user, err);
    }
    lf__buf_done(&r.text);
    lf__buf_done(&r.envelope);
    return rc;
}
