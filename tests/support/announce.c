/* SPDX-License-Identifier: Apache-2.0 */
#include "support/announce.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "protos/codec/services.h"
#include "protos/codec/signed.h"

struct lf__secret *announce_seed(uint8_t number)
{
    struct lf__secret *seed = lf__secret_new(LF_ED25519_SEED);
    LF_BUG_IF(seed == NULL);
    for (size_t i = 0; i < LF_ED25519_SEED; i++) {
        lf__secret_bytes(seed)[i] = (uint8_t)(number + i);
    }
    return seed;
}

struct lf__note_key announce_key(const char *origin, const struct lf__secret *seed)
{
    struct lf__note_key key;
    struct lf__public_key public_key = lf__sign_public(seed);
    LF_BUG_IF(lf__note_key_make(origin, &public_key, &key, NULL) != LF_OK);
    return key;
}

struct announcement announce_good(const char *ledger, uint64_t index,
                                  const struct lf__secret *old_seed,
                                  const struct lf__secret *new_seed)
{
    return (struct announcement){.log = PX_LOG_LEDGER,
                                 .origin = ledger,
                                 .index = index,
                                 .from_size = index + 1,
                                 .old_seed = old_seed,
                                 .new_seed = new_seed,
                                 .first = old_seed,
                                 .second = new_seed,
                                 .ledger = ledger,
                                 .head = old_seed};
}

static lf_bytes note_make(struct lf__arena *arena, const char *origin,
                          const struct lf__merkle_head *head, const struct lf__secret *seed,
                          const struct lf__secret *too)
{
    LF_BUF note;
    struct lf__note_key key = announce_key(origin, seed);
    lf__buf_init(&note, 4096);
    LF_BUG_IF(!lf__checkpoint_sign(head, &key, seed, &note));
    if (too != NULL) {
        struct lf__note_key other = announce_key(origin, too);
        LF_BUG_IF(!lf__checkpoint_sign_too(head, &other, too, &note));
    }
    return lf__arena_copy(arena, lf__buf_bytes(&note));
}

lf_bytes announce_head(struct lf__arena *arena, const char *origin, uint64_t size,
                       const struct lf__secret *seed, const struct lf__secret *too)
{
    struct lf__merkle_head head = {.size = size, .root = lf__sha256(lf__bytes_str(origin))};
    return note_make(arena, origin, &head, seed, too);
}

static void sign(lf_bytes record, const struct lf__secret *seed, struct lf__buf *out)
{
    LF_BUF pae;
    if (seed == NULL) {
        return;
    }
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_RECORD, record));
    struct lf__public_key key = lf__sign_public(seed);
    struct lf__signature signature = lf__sign(seed, lf__buf_bytes(&pae));
    struct px_signature s = {.alg = LF_ALG_ED25519,
                             .key_id = lf__key_id(&key),
                             .signature = LF_BYTES_ARRAY(signature.bytes)};
    LF_BUG_IF(!px_signature_append(&s, out));
}

static lf_bytes envelope_make(struct lf__arena *arena, const struct announcement *a)
{
    LF_BUF record;
    LF_BUF wire;
    struct px_part parts[PX_PARTS_MAX] = {{.part_class = PX_CLASS_NONE}};
    size_t count = 0;
    const uint8_t id[PX_ID_BYTES] = {(uint8_t)a->index, 1};
    struct px_header header = {.issuer = lf__bytes_str(PX_GATEWAY_ID),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = PX_KIND_LOG_KEY,
                               .version = 1};
    struct px_log_key key = {.log = a->log,
                             .origin = lf__bytes_str(a->origin),
                             .old_key = lf__sign_public(a->old_seed),
                             .new_key = lf__sign_public(a->new_seed),
                             .from_size = a->from_size,
                             .reason = a->reason,
                             .since_size = a->since_size};
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    LF_BUG_IF(px_log_key_encode(arena, &key, parts, &count, NULL) != LF_OK);
    LF_BUG_IF(!px_record_encode(&header, parts, count, &record) ||
              !px_envelope_begin(lf__buf_bytes(&record), parts, count, &wire));
    sign(lf__buf_bytes(&record), a->first, &wire);
    sign(lf__buf_bytes(&record), a->second, &wire);
    return lf__arena_copy(arena, lf__buf_bytes(&wire));
}

static lf_bytes leaf_make(struct lf__arena *arena, lf_bytes envelope)
{
    LF_BUF block;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    struct px_envelope decoded;
    struct lf__hash members = lf__sha256(lf__bytes_str("members"));
    lf__buf_init(&block, 4096);
    LF_BUG_IF(px_envelope_decode(arena, envelope, &decoded, NULL) != LF_OK);
    struct lf__hash digest = px_record_digest(decoded.record);
    LF_BUG_IF(!px_signature_block(&decoded, &block));
    lf__ledger_leaf(1700000000000, &members, &digest, lf__buf_bytes(&block), leaf);
    return lf__arena_copy(arena, LF_BYTES_ARRAY(leaf));
}

struct px_log_key_proof announce(struct lf__arena *arena, const struct announcement *a)
{
    LF_MEMTREE tree = {0, NULL};
    struct lf__hash leaves[ANNOUNCE_ENTRIES];
    struct lf__merkle_head head = {.size = a->index + 1};
    struct lf__proof *path = lf__arena_alloc(arena, sizeof *path);
    struct px_log_key_proof proof = {.index = a->index, .envelope = envelope_make(arena, a)};
    LF_BUG_IF(path == NULL || a->index >= ANNOUNCE_ENTRIES);
    proof.leaf = leaf_make(arena, proof.envelope);
    for (uint64_t i = 0; i < a->index; i++) {
        leaves[i] = lf__sha256((lf_bytes){(const uint8_t *)&i, sizeof i});
    }
    leaves[a->index] = lf__merkle_leaf(proof.leaf);
    LF_BUG_IF(lf__memtree_init(&tree, leaves, a->index + 1, NULL) != LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    LF_BUG_IF(lf__merkle_root(&view, &head.root, NULL) != LF_OK ||
              lf__merkle_prove_inclusion(&view, a->index, path, NULL) != LF_OK);
    proof.path = path->hashes;
    proof.path_count = path->count;
    proof.checkpoint = note_make(arena, a->ledger, &head, a->head, NULL);
    return proof;
}
