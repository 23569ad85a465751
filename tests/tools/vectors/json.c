/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the vectors as JSON. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/leaf.h"

void vector_set(json_t *object, const char *key, json_t *value)
{
    LF_BUG_IF(json_object_set_new(object, key, value) != 0);
}

void vector_add(json_t *array, json_t *value)
{
    LF_BUG_IF(json_array_append_new(array, value) != 0);
}

json_t *vector_hex(lf_bytes bytes)
{
    LF_BUF text;
    lf__buf_init(&text, 1 << 20);
    uint8_t *to = lf__buf_extend(&text, 2 * bytes.len + 1);
    LF_BUG_IF(to == NULL || lf__hex(bytes, (char *)to, 2 * bytes.len + 1) != 2 * bytes.len);
    json_t *made = json_string((const char *)to);
    LF_BUG_IF(made == NULL);
    return made;
}

json_t *vector_hash(const struct lf__hash *hash)
{
    return vector_hex(lf__hash_bytes(hash));
}

json_t *vector_path(const struct lf__hash *hashes, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        vector_add(list, vector_hash(&hashes[i]));
    }
    return list;
}

json_t *vector_text(lf_bytes text)
{
    json_t *made = json_stringn(text.len == 0 ? "" : (const char *)text.ptr, text.len);
    LF_BUG_IF(made == NULL);
    return made;
}

json_t *vector_refused(const char *name, const char *reason)
{
    json_t *made = json_object();
    vector_set(made, "name", json_string(name));
    vector_set(made, "reason", json_string(reason));
    return made;
}

json_t *vector_key_json(const struct vector_key *key)
{
    json_t *made = json_object();
    vector_set(made, "name", json_string(key->name));
    vector_set(made, "alg", json_integer((json_int_t)key->key.alg));
    vector_set(made, "seed",
               vector_hex((lf_bytes){lf__secret_view(key->seed), lf__secret_len(key->seed)}));
    vector_set(made, "public_key", vector_hex(LF_BYTES_ARRAY(key->key.bytes)));
    vector_set(made, "key_id", vector_hash(&key->id));
    return made;
}

void vector_block(const struct vector_key *key, const struct lf__signature *signature,
                  uint32_t batch_size, const struct lf__hash *batch_root, struct lf__buf *out)
{
    struct lf__block_signature one = {.alg = (uint8_t)key->key.alg,
                                      .key_id = key->id,
                                      .batch_size = batch_size,
                                      .batch_root = batch_root,
                                      .signature = LF_BYTES_ARRAY(signature->bytes)};
    LF_BUG_IF(!lf__signature_block(out, &one, 1));
}

void vector_batch_pae(uint32_t size, const struct lf__hash *root, struct lf__buf *out)
{
    uint8_t body[4 + LF_HASH_BYTES];
    lf__put_u32be(body, size);
    lf__copy(body + 4, root->bytes, LF_HASH_BYTES);
    LF_BUG_IF(!lf__dsse_pae(out, LF_TYPE_BATCH, LF_BYTES_ARRAY(body)));
}
