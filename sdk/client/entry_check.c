/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf commits to. Of no client: who proves an announcement of a log's key needs it alone. */
#include "client/log_read.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/services.h"
#include "protos/codec/signed.h"

lf_status lf__claim_of(struct lf__arena *arena, lf_bytes envelope, struct lf__buf *block,
                       struct lf__receipt_claim *out, lf_error *err)
{
    struct px_envelope decoded;
    lf_status rc = px_envelope_decode(arena, envelope, &decoded, err);
    for (size_t i = 0; rc == LF_OK && i < decoded.signature_count; i++) {
        rc = px_batch_path_check(&decoded.signatures[i], decoded.record, err);
    }
    if (rc == LF_OK && !px_signature_block(&decoded, block)) {
        rc = lf__fail(err, LF_E_NOMEM, "receipt: out of memory");
    }
    if (rc == LF_OK) {
        *out = (struct lf__receipt_claim){px_record_digest(decoded.record), lf__buf_bytes(block)};
    }
    return rc;
}

lf_status lf__entry_check(const struct px_entry *entry, lf_error *err)
{
    LF_ARENA arena;
    LF_BUF block;
    struct lf__receipt_claim claim;
    struct lf__hash members;
    uint8_t want[LF_LEDGER_LEAF_BYTES];
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf__buf_init(&block, 65536);
    if (entry->leaf.len != sizeof want) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: leaf of a wrong length", (unsigned long long)entry->index);
    }
    lf_status rc = lf__claim_of(&arena, entry->envelope, &block, &claim, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf__copy(members.bytes, entry->leaf.ptr + 9, LF_HASH_BYTES);
    lf__ledger_leaf(lf__get_u64be(entry->leaf.ptr + 1), &members, &claim.pae_hash,
                    claim.signature_block, want);
    if (!lf__bytes_eq(LF_BYTES_ARRAY(want), entry->leaf)) {
        return lf__refuse(err, LF_E_SIGNATURE, "PROOF_BAD", "leaf",
                          "entry %llu: is not what its leaf commits to",
                          (unsigned long long)entry->index);
    }
    return LF_OK;
}
