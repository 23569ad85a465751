/* SPDX-License-Identifier: Apache-2.0 */
/* tree, leaf, members, checkpoint and receipt: verified from the files alone. */
#include "reader.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/receipt.h"
#include "core/roster.h"
#include "protos/codec/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static lf_status inclusion_check(json_t *leaves, json_t *one, lf_error *err)
{
    uint64_t index = vectors_number(one, "index");
    struct lf__hash leaf = vectors_hash_at(leaves, index % json_array_size(leaves));
    struct lf__hash root = vectors_hash(one, "root");
    struct lf__proof path = vectors_path(one, "path");
    return lf__merkle_verify_inclusion(&leaf, index, vectors_number(one, "size"), &path, &root,
                                       err);
}

static lf_status consistency_check(json_t *one, lf_error *err)
{
    struct lf__merkle_head older = {vectors_number(one, "first"), vectors_hash(one, "first_root")};
    struct lf__merkle_head newer = {vectors_number(one, "second"),
                                    vectors_hash(one, "second_root")};
    struct lf__proof path = vectors_path(one, "path");
    return lf__merkle_verify_consistency(&older, &newer, &path, err);
}

static void trees(void **state)
{
    (void)state;
    json_t *file = vectors_open("tree.json");
    json_t *leaves = vectors_list(file, "leaves");
    json_t *roots = vectors_list(file, "roots_of_sizes_from_0");
    json_t *one;
    size_t i;
    for (i = 0; i < json_array_size(leaves); i++) {
        uint8_t data[64];
        memset(data, (int)i, sizeof data);
        struct lf__hash leaf = lf__merkle_leaf((lf_bytes){data, i});
        struct lf__hash want = vectors_hash_at(leaves, i);
        assert_true(lf__hash_eq(&leaf, &want));
    }
    struct lf__hash empty = lf__merkle_empty();
    struct lf__hash first = vectors_hash_at(roots, 0);
    assert_true(lf__hash_eq(&empty, &first));
    json_array_foreach(vectors_list(file, "inclusion"), i, one)
    {
        assert_int_equal(inclusion_check(leaves, one, NULL), LF_OK);
        struct lf__hash root = vectors_hash_at(roots, vectors_number(one, "size"));
        vectors_assert_hex(lf__hash_bytes(&root), one, "root");
    }
    json_array_foreach(vectors_list(file, "consistency"), i, one)
    {
        assert_int_equal(consistency_check(one, NULL), LF_OK);
    }
    json_array_foreach(vectors_list(file, "refused_inclusion"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(inclusion_check(leaves, one, &err), LF_E_SIGNATURE);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_array_foreach(vectors_list(file, "refused_consistency"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        assert_int_equal(consistency_check(one, &err), LF_E_SIGNATURE);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_decref(file);
}

enum { SIGNATURES_MAX = 2 };

/* The block as the file lists its signatures. */
static void block_make(json_t *list, struct lf__buf *out)
{
    struct lf__block_signature entries[SIGNATURES_MAX];
    struct lf__hash roots[SIGNATURES_MAX];
    struct lf__buf bytes[SIGNATURES_MAX];
    size_t count = json_array_size(list);
    assert_true(count <= SIGNATURES_MAX);
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_array_get(list, i);
        uint32_t size = (uint32_t)vectors_number(one, "batch_size");
        lf__buf_init(&bytes[i], 512);
        if (size > 0) {
            roots[i] = vectors_hash(one, "batch_root");
        }
        entries[i] =
            (struct lf__block_signature){.alg = (uint8_t)vectors_number(one, "alg"),
                                         .key_id = vectors_hash(one, "key_id"),
                                         .batch_size = size,
                                         .batch_root = size > 0 ? &roots[i] : NULL,
                                         .signature = vectors_hex(one, "signature", &bytes[i])};
    }
    assert_true(lf__signature_block(out, entries, count));
    for (size_t i = 0; i < count; i++) {
        lf__buf_done(&bytes[i]);
    }
}

static void ledger_leaves(json_t *file)
{
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "ledger"), i, one)
    {
        LF_BUF block;
        LF_BUF record;
        uint8_t leaf[LF_LEDGER_LEAF_BYTES];
        lf__buf_init(&block, 4096);
        lf__buf_init(&record, PX_RECORD_MAX);
        block_make(vectors_list(one, "signatures"), &block);
        vectors_assert_hex(lf__buf_bytes(&block), one, "signature_block");
        struct lf__hash digest = px_record_digest(vectors_hex(one, "record", &record));
        vectors_assert_hex(lf__hash_bytes(&digest), one, "digest");
        struct lf__hash members = vectors_hash(one, "members_root");
        lf__ledger_leaf(vectors_number(one, "accepted_at_ms"), &members, &digest,
                        lf__buf_bytes(&block), leaf);
        vectors_assert_hex(LF_BYTES_ARRAY(leaf), one, "leaf");
        vectors_assert_hex((lf_bytes){leaf + 41, 32}, one, "commitment");
        struct lf__hash hash = lf__merkle_leaf(LF_BYTES_ARRAY(leaf));
        vectors_assert_hex(lf__hash_bytes(&hash), one, "leaf_hash");
    }
}

static void leaves(void **state)
{
    (void)state;
    json_t *file = vectors_open("leaf.json");
    json_t *one;
    size_t i;
    ledger_leaves(file);
    json_array_foreach(vectors_list(file, "access"), i, one)
    {
        LF_BUF salt;
        LF_BUF entry;
        uint8_t leaf[LF_ACCESS_LEAF_BYTES];
        lf__buf_init(&salt, 64);
        lf__buf_init(&entry, 1024);
        lf_bytes salt_bytes = vectors_hex(one, "salt", &salt);
        assert_int_equal(salt_bytes.len, LF_SALT_BYTES);
        lf__access_leaf(vectors_number(one, "time_ms"), salt_bytes.ptr,
                        vectors_hex(one, "entry", &entry), leaf);
        vectors_assert_hex(LF_BYTES_ARRAY(leaf), one, "leaf");
    }
    json_decref(file);
}

static struct lf__roster_row row_of(json_t *one)
{
    struct lf__roster_row row = {.key_id = vectors_hash(one, "key_id"),
                                 .role = (uint8_t)vectors_number(one, "role"),
                                 .status = (uint8_t)vectors_number(one, "status"),
                                 .since_index = vectors_number(one, "since_index")};
    assert_true(lf__copy_str(row.member, sizeof row.member, vectors_text(one, "member")));
    return row;
}

static void members(void **state)
{
    (void)state;
    json_t *file = vectors_open("members.json");
    json_t *table;
    json_t *one;
    size_t t;
    json_array_foreach(vectors_list(file, "tables"), t, table)
    {
        struct lf__roster_row rows[16];
        struct lf__hash root;
        json_t *list = json_object_get(table, "rows");
        size_t count = json_array_size(list);
        size_t i;
        assert_true(count <= LF_COUNT(rows));
        struct lf__hash want = vectors_hash(table, "members_root");
        json_array_foreach(list, i, one)
        {
            rows[i] = row_of(one);
            struct lf__hash leaf = lf__roster_leaf(&rows[i]);
            struct lf__proof path = vectors_path(one, "path");
            vectors_assert_hex(lf__hash_bytes(&leaf), one, "leaf_hash");
            assert_int_equal(lf__merkle_verify_inclusion(&leaf, i, count, &path, &want, NULL),
                             LF_OK);
        }
        assert_int_equal(lf__roster_root(rows, count, &root, NULL), LF_OK);
        assert_true(lf__hash_eq(&root, &want));
    }
    json_array_foreach(vectors_list(file, "refused"), t, one)
    {
        lf_error err = LF_ERROR_INIT;
        struct lf__roster_row row = row_of(json_object_get(one, "row"));
        struct lf__hash leaf = lf__roster_leaf(&row);
        struct lf__hash root = vectors_hash(one, "members_root");
        struct lf__proof path = vectors_path(one, "path");
        assert_int_equal(lf__merkle_verify_inclusion(&leaf, vectors_number(one, "row_number"), 5,
                                                     &path, &root, &err),
                         LF_E_SIGNATURE);
        assert_string_equal(err.reason, vectors_str(one, "reason"));
    }
    json_decref(file);
}

static struct lf__note_key note_key_of(json_t *file)
{
    struct lf__note_key key;
    json_t *want = json_object_get(file, "key");
    assert_int_equal(lf__note_key_parse(vectors_text(want, "vkey"), &key, NULL), LF_OK);
    assert_string_equal(key.name, vectors_str(want, "origin"));
    vectors_assert_hex(LF_BYTES_ARRAY(key.key.bytes), want, "public_key");
    uint8_t id[4];
    lf__put_u32be(id, key.id);
    vectors_assert_hex(LF_BYTES_ARRAY(id), want, "key_id");
    return key;
}

static void checkpoints(void **state)
{
    (void)state;
    json_t *file = vectors_open("checkpoint.json");
    struct lf__note_key key = note_key_of(file);
    json_t *one;
    size_t i;
    LF_BUF seed_bytes;
    LF_SECRET *seed = lf__secret_new(32);
    lf__buf_init(&seed_bytes, 64);
    memcpy(lf__secret_bytes(seed), vectors_hex(file, "seed", &seed_bytes).ptr, 32);
    json_array_foreach(vectors_list(file, "heads"), i, one)
    {
        struct lf__merkle_head head;
        LF_BUF note;
        lf__buf_init(&note, 1000);
        assert_int_equal(lf__checkpoint_open(vectors_text(one, "note"), &key, &head, NULL), LF_OK);
        assert_int_equal(head.size, vectors_number(one, "size"));
        vectors_assert_hex(lf__hash_bytes(&head.root), one, "root");
        assert_true(lf__checkpoint_sign(&head, &key, seed, &note));
        assert_true(lf__bytes_eq(lf__buf_bytes(&note), vectors_text(one, "note")));
    }
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        struct lf__merkle_head head;
        lf_error err = LF_ERROR_INIT;
        assert_int_not_equal(lf__checkpoint_open(vectors_text(one, "note"), &key, &head, &err),
                             LF_OK);
        if (strcmp(err.reason, vectors_str(one, "reason")) != 0) {
            fail_msg("%s: %s", vectors_str(one, "name"), err.reason);
        }
    }
    json_decref(file);
}

static lf_status receipt_check(json_t *one, const struct lf__note_key *key,
                               struct lf__receipt *receipt, lf_error *err)
{
    LF_BUF record;
    LF_BUF block;
    struct lf__merkle_head head;
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&block, 4096);
    struct lf__receipt_claim claim = {px_record_digest(vectors_hex(one, "record", &record)),
                                      vectors_hex(one, "signature_block", &block)};
    lf_status rc = lf__receipt_parse(vectors_text(one, "receipt"), receipt, err);
    return rc == LF_OK ? lf__receipt_verify(receipt, &claim, key, &head, err) : rc;
}

static void receipts(void **state)
{
    (void)state;
    json_t *file = vectors_open("receipt.json");
    struct lf__note_key key = note_key_of(file);
    struct lf__receipt receipt;
    json_t *one;
    size_t i;
    json_array_foreach(vectors_list(file, "receipts"), i, one)
    {
        LF_BUF text;
        lf__buf_init(&text, 1 << 16);
        assert_int_equal(receipt_check(one, &key, &receipt, NULL), LF_OK);
        assert_int_equal(receipt.index, vectors_number(one, "index"));
        assert_int_equal(lf__get_u64be(receipt.leaf + 1), vectors_number(one, "accepted_at_ms"));
        vectors_assert_hex(LF_BYTES_ARRAY(receipt.leaf), one, "leaf");
        struct lf__proof path = vectors_path(one, "path");
        assert_int_equal(path.count, receipt.proof.count);
        assert_memory_equal(path.hashes, receipt.proof.hashes, path.count * LF_HASH_BYTES);
        assert_true(lf__receipt_format(&receipt, &text));
        assert_true(lf__bytes_eq(lf__buf_bytes(&text), vectors_text(one, "receipt")));
    }
    json_array_foreach(vectors_list(file, "refused"), i, one)
    {
        lf_error err = LF_ERROR_INIT;
        assert_int_not_equal(receipt_check(one, &key, &receipt, &err), LF_OK);
        if (strcmp(err.reason, vectors_str(one, "reason")) != 0) {
            fail_msg("%s: %s", vectors_str(one, "name"), err.reason);
        }
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees),       cmocka_unit_test(leaves),   cmocka_unit_test(members),
        cmocka_unit_test(checkpoints), cmocka_unit_test(receipts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
