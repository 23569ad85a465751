/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/leaf.h - the byte strings that the ledger hashes (architecture section 4).
 * Threads: any. Everything is a value.
 */
#ifndef LF__LEAF_H
#define LF__LEAF_H

#include "base/buf.h"
#include "base/crypto/hash.h"

enum {
    LF_SALT_BYTES = 16,
    LF_LEDGER_LEAF_BYTES = 1 + 8 + 32 + 32,
    LF_ACCESS_LEAF_BYTES = 1 + 8 + 32
};

/* SHA-256("lianfang/v1 part" || 00 || u8 class || 16-byte salt || body). */
struct lf__hash lf__part_hash(uint8_t part_class, const uint8_t salt[static LF_SALT_BYTES],
                              lf_bytes body);
/* SHA-256(00 || PAE): one leaf of a batch's RFC 6962 tree. */
struct lf__hash lf__batch_leaf(lf_bytes pae);
/* 01 || u64be accepted-at || members_root || SHA-256(SHA-256(PAE) || signature block). */
void lf__ledger_leaf(uint64_t accepted_at_ms, const struct lf__hash *members_root,
                     const struct lf__hash *pae_hash, lf_bytes signature_block,
                     uint8_t out[static LF_LEDGER_LEAF_BYTES]);
/* 02 || u64be time || SHA-256(salt || entry). */
void lf__access_leaf(uint64_t time_ms, const uint8_t salt[static LF_SALT_BYTES], lf_bytes entry,
                     uint8_t out[static LF_ACCESS_LEAF_BYTES]);

/* One entry of the block: u8 alg || 32-byte key id || u32be n || root or zeros || u16be len ||
 * signature. `batch_size` 0 means signed alone, and then `batch_root` is NULL. */
struct lf__block_signature {
    uint8_t alg;
    struct lf__hash key_id;
    uint32_t batch_size;
    const struct lf__hash *batch_root; /* borrowed for the call */
    lf_bytes signature;                /* borrowed for the call */
};
/* Appends u8 count and the entries; false when the buffer's limit is met or count exceeds 255. */
bool lf__signature_block(struct lf__buf *buf, const struct lf__block_signature *list, size_t count);

#endif
