/* SPDX-License-Identifier: Apache-2.0 */
/* One implementation for the gateway, which takes records in, and for members, who believe nobody. */
#include "protos/codec/signed.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/merkle.h"

enum { SIGNED_PAE_MAX = PX_RECORD_MAX + 256 };

bool px_batch_pae(struct lf__buf *out, uint32_t size, const struct lf__hash *root)
{
    uint8_t body[4 + LF_HASH_BYTES];
    lf__put_u32be(body, size);
    lf__copy(body + 4, root->bytes, LF_HASH_BYTES);
    return lf__dsse_pae(out, LF_TYPE_BATCH, LF_BYTES_ARRAY(body));
}

static lf_status path_check(const struct px_signature *s, lf_bytes pae, lf_error *err)
{
    struct lf__proof proof = {.count = s->batch_path_count};
    struct lf__hash leaf = lf__batch_leaf(pae);
    for (size_t i = 0; i < s->batch_path_count; i++) {
        proof.hashes[i] = s->batch_path[i];
    }
    if (lf__merkle_verify_inclusion(&leaf, s->batch_index, s->batch_size, &proof, &s->batch_root,
                                    NULL) != LF_OK) {
        return lf__refuse(err, LF_E_SIGNATURE, "BATCH_PATH", "signatures.batch",
                          "batch: the path does not lead to the root");
    }
    return LF_OK;
}

lf_status px_batch_path_check(const struct px_signature *signature, lf_bytes record, lf_error *err)
{
    LF_BUF pae;
    lf__buf_init(&pae, SIGNED_PAE_MAX);
    if (signature->batch_size == 0) {
        return LF_OK;
    }
    return lf__dsse_pae(&pae, LF_TYPE_RECORD, record)
               ? path_check(signature, lf__buf_bytes(&pae), err)
               : lf__buf_status(&pae, err);
}

lf_status px_signature_check(const struct px_signature *s, const struct lf__public_key *key,
                             lf_bytes record, lf_error *err)
{
    struct lf__signature signature;
    LF_BUF pae;
    LF_BUF batch;
    lf__buf_init(&pae, SIGNED_PAE_MAX);
    lf__buf_init(&batch, 256);
    if (s->alg != (unsigned)key->alg || s->signature.len != sizeof signature.bytes) {
        return lf__refuse(err, LF_E_REJECTED, "KEY_ALGORITHM", "signatures.alg",
                          "signature: its algorithm is not its key's");
    }
    if (!lf__dsse_pae(&pae, LF_TYPE_RECORD, record)) {
        return lf__buf_status(&pae, err);
    }
    lf__copy(signature.bytes, s->signature.ptr, sizeof signature.bytes);
    if (s->batch_size == 0) {
        return lf__verify(key, lf__buf_bytes(&pae), &signature, err);
    }
    lf_status rc = path_check(s, lf__buf_bytes(&pae), err);
    if (rc != LF_OK) {
        return rc;
    }
    LF_BUG_IF(!px_batch_pae(&batch, s->batch_size, &s->batch_root));
    return lf__verify(key, lf__buf_bytes(&batch), &signature, err);
}

bool px_signature_block(const struct px_envelope *envelope, struct lf__buf *out)
{
    struct lf__block_signature list[PX_SIGNATURES_MAX];
    for (size_t i = 0; i < envelope->signature_count; i++) {
        const struct px_signature *s = &envelope->signatures[i];
        list[i] =
            (struct lf__block_signature){.alg = (uint8_t)s->alg,
                                         .key_id = s->key_id,
                                         .batch_size = s->batch_size,
                                         .batch_root = s->batch_size > 0 ? &s->batch_root : NULL,
                                         .signature = s->signature};
    }
    return lf__signature_block(out, list, envelope->signature_count);
}
