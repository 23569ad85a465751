/* SPDX-License-Identifier: Apache-2.0 */
/* signature.json and batch.json. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"

/* The order of the group of Ed25519, little-endian: S + order is the same scalar in another spelling. */
static const uint8_t group_order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                        0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};

static json_t *signed_json(const char *name, const struct vector_key *key, const char *type,
                           lf_bytes payload)
{
    LF_BUF pae;
    lf__buf_init(&pae, PX_RECORD_MAX + 256);
    LF_BUG_IF(!lf__dsse_pae(&pae, type, payload));
    struct lf__signature signature = lf__sign(key->seed, lf__buf_bytes(&pae));
    json_t *one = json_object();
    vector_set(one, "name", json_string(name));
    vector_set(one, "key", json_string(key->name));
    vector_set(one, "type", json_string(type));
    vector_set(one, "payload", vector_hex(payload));
    vector_set(one, "pae", vector_hex(lf__buf_bytes(&pae)));
    vector_set(one, "signature", vector_hex(LF_BYTES_ARRAY(signature.bytes)));
    return one;
}

enum spoilt { SPOILT_PAYLOAD, SPOILT_TYPE, SPOILT_R, SPOILT_S, SPOILT_ORDER, SPOILT_KEY, SPOILTS };

static json_t *spoilt_json(struct vector_world *world, enum spoilt kind)
{
    static const char *const names[SPOILTS] = {
        "one bit of the payload flipped", "signed as another type",   "one bit of R flipped",
        "one bit of S flipped",           "S plus the group's order", "another member's key"};
    const struct vector_record *r = &world->records[0];
    LF_BUF payload;
    struct lf__signature s = r->signature;
    unsigned carry = 0;
    lf__buf_init(&payload, PX_RECORD_MAX);
    (void)lf__buf_append(&payload, lf__buf_bytes(&r->record));
    payload.ptr[10] ^= kind == SPOILT_PAYLOAD ? 1 : 0;
    s.bytes[3] ^= kind == SPOILT_R ? 0x10 : 0;
    s.bytes[40] ^= kind == SPOILT_S ? 0x10 : 0;
    for (size_t i = 0; kind == SPOILT_ORDER && i < sizeof group_order; i++) {
        carry += (unsigned)s.bytes[32 + i] + group_order[i];
        s.bytes[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    json_t *one = vector_refused(names[kind], "SIGNATURE_BAD");
    vector_set(one, "key", json_string(kind == SPOILT_KEY ? "platform-02" : "platform-01"));
    vector_set(one, "type", json_string(kind == SPOILT_TYPE ? LF_TYPE_BATCH : LF_TYPE_RECORD));
    vector_set(one, "payload", vector_hex(lf__buf_bytes(&payload)));
    vector_set(one, "signature", vector_hex(LF_BYTES_ARRAY(s.bytes)));
    return one;
}

/* Small order, off the curve, and in a spelling that is not the canonical one. */
static const struct {
    const char *name;
    const char *key;
} weak_keys[] = {
    {"the neutral element", "0100000000000000000000000000000000000000000000000000000000000000"},
    {"a point of order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
    {"a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
    {"no point of the curve", "0200000000000000000000000000000000000000000000000000000000000000"},
    {"the prime plus one", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
};

json_t *vectors_signature(struct vector_world *world)
{
    json_t *file = json_object();
    json_t *keys = json_array();
    json_t *good = json_array();
    json_t *refused = json_array();
    json_t *weak = json_array();
    for (size_t i = 0; i < VECTOR_KEYS; i++) {
        vector_add(keys, vector_key_json(&world->keys[i]));
    }
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        const struct vector_record *r = &world->records[i];
        vector_add(good,
                   signed_json(r->name, r->signer, LF_TYPE_RECORD, lf__buf_bytes(&r->record)));
    }
    vector_add(good, signed_json("an empty payload", &world->keys[VECTOR_OTHER], LF_TYPE_RECORD,
                                 LF_BYTES_NONE));
    for (unsigned kind = 0; kind < SPOILTS; kind++) {
        vector_add(refused, spoilt_json(world, (enum spoilt)kind));
    }
    for (size_t i = 0; i < LF_COUNT(weak_keys); i++) {
        json_t *one = vector_refused(weak_keys[i].name, "KEY_WEAK");
        vector_set(one, "public_key", json_string(weak_keys[i].key));
        vector_add(weak, one);
    }
    vector_set(file, "keys", keys);
    vector_set(file, "signed", good);
    vector_set(file, "refused", refused);
    vector_set(file, "weak_keys", weak);
    return file;
}

/* The first `size` records, whoever issued them: a batch of one issuer signs in just this way. */
struct batch {
    struct lf__memtree tree;
    struct lf__hash leaves[VECTOR_RECORDS];
    struct lf__hash root;
    struct lf__signature signature;
    struct lf__buf pae;
};

static void batch_make(struct vector_world *world, size_t size, struct batch *out)
{
    for (size_t i = 0; i < size; i++) {
        out->leaves[i] = lf__batch_leaf(lf__buf_bytes(&world->records[i].pae));
    }
    LF_BUG_IF(lf__memtree_init(&out->tree, out->leaves, size, NULL) != LF_OK);
    out->root = lf__memtree_root(&out->tree);
    lf__buf_init(&out->pae, 256);
    vector_batch_pae((uint32_t)size, &out->root, &out->pae);
    out->signature = lf__sign(world->keys[VECTOR_PLATFORM].seed, lf__buf_bytes(&out->pae));
}

static void batch_done(struct batch *batch)
{
    lf__memtree_done(&batch->tree);
    lf__buf_done(&batch->pae);
}

static struct lf__proof batch_path(struct batch *batch, size_t index)
{
    struct lf__proof proof;
    struct lf__tree view = lf__memtree_view(&batch->tree);
    LF_BUG_IF(lf__merkle_prove_inclusion(&view, index, &proof, NULL) != LF_OK);
    return proof;
}

static json_t *batch_json(struct vector_world *world, size_t size)
{
    struct batch batch;
    json_t *one = json_object();
    json_t *records = json_array();
    json_t *paths = json_array();
    batch_make(world, size, &batch);
    for (size_t i = 0; i < size; i++) {
        struct lf__proof proof = batch_path(&batch, i);
        vector_add(records, vector_hex(lf__buf_bytes(&world->records[i].record)));
        vector_add(paths, vector_path(proof.hashes, proof.count));
    }
    vector_set(one, "size", json_integer((json_int_t)size));
    vector_set(one, "records", records);
    vector_set(one, "leaves", vector_path(batch.leaves, size));
    vector_set(one, "root", vector_hash(&batch.root));
    vector_set(one, "pae", vector_hex(lf__buf_bytes(&batch.pae)));
    vector_set(one, "signature", vector_hex(LF_BYTES_ARRAY(batch.signature.bytes)));
    vector_set(one, "paths", paths);
    batch_done(&batch);
    return one;
}

/* One record out of a batch, as a Signature with its BatchPath; each field may be spoilt. */
static json_t *member_json(struct vector_world *world, const char *name, const char *reason,
                           unsigned kind)
{
    struct batch batch;
    batch_make(world, 5, &batch);
    struct lf__proof proof = batch_path(&batch, 2);
    struct lf__hash root = batch.root;
    const struct vector_record *r = &world->records[kind == 4 ? 3 : 2];
    proof.hashes[1].bytes[7] ^= kind == 0 ? 1 : 0;
    proof.count -= kind == 2 ? 1 : 0;
    root.bytes[0] ^= kind == 5 ? 0x80 : 0;
    batch.signature.bytes[0] ^= kind == 6 ? 1 : 0;
    json_t *one = vector_refused(name, reason);
    vector_set(one, "record", vector_hex(lf__buf_bytes(&r->record)));
    vector_set(one, "size", json_integer(kind == 3 ? 6 : 5));
    vector_set(one, "index", json_integer(kind == 1 ? 3 : 2));
    vector_set(one, "root", vector_hash(&root));
    vector_set(one, "path", vector_path(proof.hashes, proof.count));
    vector_set(one, "signature", vector_hex(LF_BYTES_ARRAY(batch.signature.bytes)));
    batch_done(&batch);
    return one;
}

json_t *vectors_batch(struct vector_world *world)
{
    static const struct {
        const char *name;
        const char *reason;
    } rows[] = {{"one bit of the path flipped", "BATCH_PATH"},
                {"another index", "BATCH_PATH"},
                {"path too short", "BATCH_PATH"},
                {"size 6 over a root of 5: the path still leads there, the signature says 5",
                 "SIGNATURE_BAD"},
                {"another record", "BATCH_PATH"},
                {"one bit of the root flipped", "BATCH_PATH"},
                {"one bit of the signature flipped", "SIGNATURE_BAD"}};
    json_t *file = json_object();
    json_t *batches = json_array();
    json_t *refused = json_array();
    for (size_t size = 1; size <= VECTOR_RECORDS; size++) {
        vector_add(batches, batch_json(world, size));
    }
    for (unsigned i = 0; i < LF_COUNT(rows); i++) {
        vector_add(refused, member_json(world, rows[i].name, rows[i].reason, i));
    }
    vector_set(file, "key", vector_key_json(&world->keys[VECTOR_PLATFORM]));
    vector_set(file, "batches", batches);
    vector_set(file, "refused", refused);
    return file;
}
