/* SPDX-License-Identifier: Apache-2.0 */
/* tree.json, leaf.json, members.json: what the ledger hashes. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/leaf.h"

enum { TREE_LEAVES = 11 };

static void set_number(json_t *object, const char *key, uint64_t value)
{
    vector_set(object, key, json_integer((json_int_t)value));
}

/* Leaf i is i bytes, each of value i. */
static struct lf__hash tree_leaf(uint8_t i)
{
    uint8_t data[TREE_LEAVES];
    for (size_t k = 0; k < i; k++) {
        data[k] = i;
    }
    return lf__merkle_leaf((lf_bytes){data, i});
}

static json_t *inclusion_json(struct lf__tree *view, uint64_t index, const struct lf__hash *root)
{
    struct lf__proof proof;
    json_t *one = json_object();
    LF_BUG_IF(lf__merkle_prove_inclusion(view, index, &proof, NULL) != LF_OK);
    set_number(one, "size", view->size);
    set_number(one, "index", index);
    vector_set(one, "root", vector_hash(root));
    vector_set(one, "path", vector_path(proof.hashes, proof.count));
    return one;
}

static json_t *consistency_json(struct lf__tree *view, const struct lf__hash *roots, uint64_t first)
{
    struct lf__proof proof;
    json_t *one = json_object();
    LF_BUG_IF(lf__merkle_prove_consistency(view, first, &proof, NULL) != LF_OK);
    set_number(one, "first", first);
    set_number(one, "second", view->size);
    vector_set(one, "first_root", vector_hash(&roots[first]));
    vector_set(one, "second_root", vector_hash(&roots[view->size]));
    vector_set(one, "path", vector_path(proof.hashes, proof.count));
    return one;
}

/* Copies of a good proof, spoilt: a bit, a hash more, a hash less, a number, and an old size of 0. */
static void spoil_proofs(json_t *refused, const json_t *good, const char *number)
{
    static const char *const names[] = {"one bit of the path flipped", "a hash too many",
                                        "a hash too few", "another number"};
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        json_t *one = json_deep_copy(good);
        json_t *path = json_object_get(one, "path");
        const char *first = json_string_value(json_array_get(path, 0));
        char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
        LF_BUG_IF(first == NULL || !lf__copy_str(hex, sizeof hex, lf__bytes_str(first)));
        hex[63] = hex[63] == '0' ? '1' : '0';
        if (i == 0) {
            (void)json_array_set_new(path, 0, json_string(hex));
        } else if (i == 1) {
            vector_add(path, json_string(hex));
        } else if (i == 2) {
            (void)json_array_remove(path, json_array_size(path) - 1);
        } else {
            json_int_t value = json_integer_value(json_object_get(one, number));
            vector_set(one, number, json_integer(value + 1));
        }
        vector_set(one, "name", json_string(names[i]));
        vector_set(one, "reason", json_string("PROOF_BAD"));
        vector_add(refused, one);
    }
}

json_t *vectors_tree(struct vector_world *world)
{
    (void)world;
    struct lf__hash leaves[TREE_LEAVES];
    struct lf__hash roots[TREE_LEAVES + 1];
    json_t *file = json_object();
    json_t *inclusion = json_array();
    json_t *consistency = json_array();
    json_t *bad_inclusion = json_array();
    json_t *bad_consistency = json_array();
    for (uint8_t i = 0; i < TREE_LEAVES; i++) {
        leaves[i] = tree_leaf(i);
    }
    for (size_t size = 0; size <= TREE_LEAVES; size++) {
        LF_MEMTREE tree = {0, NULL};
        LF_BUG_IF(lf__memtree_init(&tree, leaves, size, NULL) != LF_OK);
        roots[size] = lf__memtree_root(&tree);
        struct lf__tree view = lf__memtree_view(&tree);
        for (uint64_t i = 0; i < size && size >= 7; i++) {
            vector_add(inclusion, inclusion_json(&view, i, &roots[size]));
            vector_add(consistency, consistency_json(&view, roots, i + 1));
        }
    }
    spoil_proofs(bad_inclusion, json_array_get(inclusion, 3), "index");
    spoil_proofs(bad_consistency, json_array_get(consistency, 4), "first");
    vector_set(file, "leaves", vector_path(leaves, TREE_LEAVES));
    vector_set(file, "roots_of_sizes_from_0", vector_path(roots, TREE_LEAVES + 1));
    vector_set(file, "inclusion", inclusion);
    vector_set(file, "consistency", consistency);
    vector_set(file, "refused_inclusion", bad_inclusion);
    vector_set(file, "refused_consistency", bad_consistency);
    return file;
}

static json_t *signature_json(const struct vector_key *key, const struct lf__signature *signature,
                              uint32_t batch_size, const struct lf__hash *batch_root)
{
    json_t *one = json_object();
    set_number(one, "alg", (uint64_t)key->key.alg);
    vector_set(one, "key_id", vector_hash(&key->id));
    set_number(one, "batch_size", batch_size);
    vector_set(one, "batch_root", batch_root == NULL ? json_string("") : vector_hash(batch_root));
    vector_set(one, "signature", vector_hex(LF_BYTES_ARRAY(signature->bytes)));
    return one;
}

static json_t *leaf_json(uint64_t accepted_ms, const struct lf__hash *members_root,
                         const struct lf__hash *digest, lf_bytes block)
{
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    json_t *one = json_object();
    lf_bytes pieces[] = {lf__hash_bytes(digest), block};
    struct lf__hash commitment = lf__sha256_parts(pieces, LF_COUNT(pieces));
    lf__ledger_leaf(accepted_ms, members_root, digest, block, leaf);
    struct lf__hash hash = lf__merkle_leaf(LF_BYTES_ARRAY(leaf));
    set_number(one, "accepted_at_ms", accepted_ms);
    vector_set(one, "members_root", vector_hash(members_root));
    vector_set(one, "digest", vector_hash(digest));
    vector_set(one, "signature_block", vector_hex(block));
    vector_set(one, "commitment", vector_hash(&commitment));
    vector_set(one, "leaf", vector_hex(LF_BYTES_ARRAY(leaf)));
    vector_set(one, "leaf_hash", vector_hash(&hash));
    return one;
}

static json_t *access_json(uint64_t time_ms, const char *entry)
{
    static const uint8_t salt[LF_SALT_BYTES] = {0xa0, 0xa1, 0xa2, 0xa3};
    uint8_t leaf[LF_ACCESS_LEAF_BYTES];
    json_t *one = json_object();
    lf__access_leaf(time_ms, salt, lf__bytes_str(entry), leaf);
    set_number(one, "time_ms", time_ms);
    vector_set(one, "salt", vector_hex(LF_BYTES_ARRAY(salt)));
    vector_set(one, "entry", vector_hex(lf__bytes_str(entry)));
    vector_set(one, "leaf", vector_hex(LF_BYTES_ARRAY(leaf)));
    return one;
}

/* Signed alone, in a batch, and by two keys together. */
static json_t *ledger_leaf_json(struct vector_world *world, size_t i, const struct lf__hash *root)
{
    const struct vector_record *r = &world->records[i];
    struct lf__hash digest = px_record_digest(lf__buf_bytes(&r->record));
    struct lf__hash batch_root = {{0xba, 0x7c}};
    const struct vector_key *second = &world->keys[VECTOR_OTHER];
    struct lf__signature other = lf__sign(second->seed, lf__buf_bytes(&r->pae));
    const struct lf__hash *in_batch = i == 1 ? &batch_root : NULL;
    uint32_t size = i == 1 ? 256 : 0;
    struct lf__block_signature list[] = {{.alg = (uint8_t)r->signer->key.alg,
                                          .key_id = r->signer->id,
                                          .batch_size = size,
                                          .batch_root = in_batch,
                                          .signature = LF_BYTES_ARRAY(r->signature.bytes)},
                                         {.alg = (uint8_t)second->key.alg,
                                          .key_id = second->id,
                                          .signature = LF_BYTES_ARRAY(other.bytes)}};
    size_t count = i == 2 ? 2 : 1;
    LF_BUF block;
    json_t *signatures = json_array();
    lf__buf_init(&block, 4096);
    LF_BUG_IF(!lf__signature_block(&block, list, count));
    vector_add(signatures, signature_json(r->signer, &r->signature, size, in_batch));
    if (count == 2) {
        vector_add(signatures, signature_json(second, &other, 0, NULL));
    }
    json_t *one = leaf_json(1772409600000 + i, root, &digest, lf__buf_bytes(&block));
    vector_set(one, "record", vector_hex(lf__buf_bytes(&r->record)));
    vector_set(one, "signatures", signatures);
    return one;
}

json_t *vectors_leaf(struct vector_world *world)
{
    struct lf__hash root;
    json_t *file = json_object();
    json_t *ledger = json_array();
    json_t *access = json_array();
    LF_BUG_IF(lf__roster_root(world->rows, VECTOR_ROWS, &root, NULL) != LF_OK);
    for (size_t i = 0; i < 3; i++) {
        vector_add(ledger, ledger_leaf_json(world, i, &root));
    }
    vector_add(access, access_json(1772409600007, "an entry of the access log"));
    vector_add(access, access_json(0, ""));
    vector_set(file, "ledger", ledger);
    vector_set(file, "access", access);
    return file;
}

static json_t *row_json(const struct lf__roster_row *row)
{
    struct lf__hash leaf = lf__roster_leaf(row);
    json_t *one = json_object();
    vector_set(one, "key_id", vector_hash(&row->key_id));
    vector_set(one, "member", json_string(row->member));
    set_number(one, "role", row->role);
    set_number(one, "status", row->status);
    set_number(one, "since_index", row->since_index);
    vector_set(one, "leaf_hash", vector_hash(&leaf));
    return one;
}

json_t *vectors_members(struct vector_world *world)
{
    json_t *file = json_object();
    json_t *tables = json_array();
    struct lf__hash leaves[VECTOR_ROWS];
    for (size_t i = 0; i < VECTOR_ROWS; i++) {
        leaves[i] = lf__roster_leaf(&world->rows[i]);
    }
    for (size_t count = 0; count <= VECTOR_ROWS; count++) {
        struct lf__hash root;
        LF_MEMTREE tree = {0, NULL};
        json_t *one = json_object();
        json_t *rows = json_array();
        LF_BUG_IF(lf__roster_root(world->rows, count, &root, NULL) != LF_OK);
        LF_BUG_IF(lf__memtree_init(&tree, leaves, count, NULL) != LF_OK);
        struct lf__tree view = lf__memtree_view(&tree);
        for (size_t i = 0; i < count; i++) {
            struct lf__proof proof;
            json_t *row = row_json(&world->rows[i]);
            LF_BUG_IF(lf__merkle_prove_inclusion(&view, i, &proof, NULL) != LF_OK);
            vector_set(row, "path", vector_path(proof.hashes, proof.count));
            vector_add(rows, row);
        }
        vector_set(one, "rows", rows);
        vector_set(one, "members_root", vector_hash(&root));
        vector_add(tables, one);
    }
    json_t *wrong = vector_refused("the second row made active", "PROOF_BAD");
    struct lf__roster_row row = world->rows[1];
    row.status = row.status == 1 ? 2 : 1;
    vector_set(wrong, "row", row_json(&row));
    vector_set(wrong, "row_number", json_integer(1));
    json_t *last = json_array_get(tables, VECTOR_ROWS);
    json_t *path = json_object_get(json_array_get(json_object_get(last, "rows"), 1), "path");
    vector_set(wrong, "path", json_deep_copy(path));
    vector_set(wrong, "members_root", json_deep_copy(json_object_get(last, "members_root")));
    vector_set(file, "tables", tables);
    vector_set(file, "refused", json_pack("[o]", wrong));
    return file;
}
