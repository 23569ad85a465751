/* SPDX-License-Identifier: Apache-2.0 */
/* Domain-separated hashes: no byte string of one kind can be read as another kind. */
#include "core/leaf.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/merkle.h"

struct lf__hash lf__part_hash(uint8_t part_class, const uint8_t salt[static LF_SALT_BYTES],
                              lf_bytes body)
{
    static const char domain[] = "lianfang/v1 part"; /* its NUL is the separator */
    lf_bytes pieces[] = {
        {(const uint8_t *)domain, sizeof domain}, {&part_class, 1}, {salt, LF_SALT_BYTES}, body};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}

struct lf__hash lf__batch_leaf(lf_bytes pae)
{
    return lf__merkle_leaf(pae);
}

void lf__ledger_leaf(uint64_t accepted_at_ms, const struct lf__hash *members_root,
                     const struct lf__hash *pae_hash, lf_bytes signature_block,
                     uint8_t out[static LF_LEDGER_LEAF_BYTES])
{
    lf_bytes pieces[] = {lf__hash_bytes(pae_hash), signature_block};
    struct lf__hash bound = lf__sha256_parts(pieces, LF_COUNT(pieces));
    out[0] = 1;
    lf__put_u64be(out + 1, accepted_at_ms);
    lf__copy(out + 9, members_root->bytes, LF_HASH_BYTES);
    lf__copy(out + 41, bound.bytes, LF_HASH_BYTES);
}

void lf__access_leaf(uint64_t time_ms, const uint8_t salt[static LF_SALT_BYTES], lf_bytes entry,
                     uint8_t out[static LF_ACCESS_LEAF_BYTES])
{
    lf_bytes pieces[] = {{salt, LF_SALT_BYTES}, entry};
    struct lf__hash bound = lf__sha256_parts(pieces, LF_COUNT(pieces));
    out[0] = 2;
    lf__put_u64be(out + 1, time_ms);
    lf__copy(out + 9, bound.bytes, LF_HASH_BYTES);
}

bool lf__signature_block(struct lf__buf *buf, const struct lf__block_signature *list, size_t count)
{
    static const struct lf__hash zeros = {{0}};
    if (count > 255) {
        return false;
    }
    (void)lf__buf_u8(buf, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct lf__block_signature *s = &list[i];
        if (s->signature.len > UINT16_MAX) {
            return false;
        }
        (void)lf__buf_u8(buf, s->alg);
        (void)lf__buf_append(buf, lf__hash_bytes(&s->key_id));
        (void)lf__buf_u32be(buf, s->batch_size);
        (void)lf__buf_append(buf, lf__hash_bytes(s->batch_root == NULL ? &zeros : s->batch_root));
        (void)lf__buf_u16be(buf, (uint16_t)s->signature.len);
        (void)lf__buf_append(buf, s->signature);
    }
    return !buf->failed;
}
