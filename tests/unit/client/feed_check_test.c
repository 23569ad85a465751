/* SPDX-License-Identifier: Apache-2.0 */
/* A batch that says anything but the whole truth is not believed, and moves nothing. */
#include "client/feed_check.h"

#include "base/bytes.h"
#include "base/crypto/sign.h"
#include "base/secret.h"
#include "base/status.h"
#include "core/memtree.h"
#include "protos/codec/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { BEFORE = 5, SKIPPED = 3, RECORD = BEFORE + SKIPPED, AFTER = RECORD + 2 };

/* Positions 5 to 9 of a log: three that are withheld, a record, one more that is withheld. */
struct scene {
    struct lf__arena arena;
    struct lf__hash leaves[AFTER];
    uint8_t leaf[LF_LEDGER_LEAF_BYTES]; /* of the record */
    struct lf__buf envelope;
    struct px_entry entries[2];
    struct px_skipped skipped[3];
    uint8_t hashes[AFTER * LF_HASH_BYTES];
    struct px_feed_batch batch;
    struct lf__frontier before;
    struct lf__buf note;
    struct lf_client client; /* only the ledger's key is asked for */
    struct lf__secret *seed;
    struct lf__merkle_head head;
};

static void record_make(struct scene *s)
{
    static const uint8_t id[PX_ID_BYTES] = {7};
    static const uint8_t bytes[LF_ED25519_SIGNATURE] = {1};
    LF_BUF record;
    LF_BUF block;
    struct px_part parts[PX_PARTS_MAX];
    struct px_envelope decoded;
    size_t count = 0;
    struct lf__hash members = {{9}};
    struct px_registry registry = {.uscc = lf__bytes_str("91999999MA00000154"),
                                   .status = lf__bytes_str("ACTIVE")};
    struct px_header header = {.issuer = lf__bytes_str("regulator"),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = PX_KIND_REGISTRY_ENTRY,
                               .version = 1};
    struct px_signature signature = {.alg = LF_ALG_ED25519, .signature = LF_BYTES_ARRAY(bytes)};
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&block, 65536);
    lf__buf_init(&s->envelope, PX_MESSAGE_MAX);
    assert_int_equal(px_registry_encode(&s->arena, &registry, parts, &count, NULL), LF_OK);
    assert_true(px_record_encode(&header, parts, count, &record));
    assert_true(px_envelope_begin(lf__buf_bytes(&record), parts, count, &s->envelope));
    assert_true(px_signature_append(&signature, &s->envelope));
    assert_int_equal(px_envelope_decode(&s->arena, lf__buf_bytes(&s->envelope), &decoded, NULL),
                     LF_OK);
    assert_true(px_signature_block(&decoded, &block));
    struct lf__hash digest = px_record_digest(decoded.record);
    lf__ledger_leaf(77, &members, &digest, lf__buf_bytes(&block), s->leaf);
}

static void note_make(struct scene *s, const struct lf__merkle_head *head)
{
    lf__buf_clear(&s->note);
    assert_true(lf__checkpoint_sign(head, &s->client.profile.ledger, s->seed, &s->note));
    s->batch.checkpoint = lf__buf_bytes(&s->note);
}

static void scene_open(struct scene *s)
{
    *s = (struct scene){.seed = lf__secret_new(LF_ED25519_SEED)};
    lf__arena_init(&s->arena, 1 << 20);
    lf__buf_init(&s->note, 4096);
    record_make(s);
    for (uint8_t i = 0; i < AFTER; i++) {
        s->leaves[i] = i == RECORD ? lf__merkle_leaf(LF_BYTES_ARRAY(s->leaf))
                                   : lf__merkle_leaf((lf_bytes){&i, 1});
        lf__copy(s->hashes + (size_t)i * LF_HASH_BYTES, s->leaves[i].bytes, LF_HASH_BYTES);
        if (i < BEFORE) {
            lf__frontier_add(&s->before, &s->leaves[i]);
        }
    }
    s->entries[0] = (struct px_entry){
        .index = RECORD, .leaf = LF_BYTES_ARRAY(s->leaf), .envelope = lf__buf_bytes(&s->envelope)};
    s->skipped[0] = (struct px_skipped){
        BEFORE, {s->hashes + (size_t)BEFORE * LF_HASH_BYTES, (size_t)SKIPPED * LF_HASH_BYTES}};
    s->skipped[1] = (struct px_skipped){
        RECORD + 1, {s->hashes + (size_t)(RECORD + 1) * LF_HASH_BYTES, LF_HASH_BYTES}};
    s->batch = (struct px_feed_batch){.cursor = BEFORE,
                                      .next_cursor = AFTER,
                                      .entries = s->entries,
                                      .entry_count = 1,
                                      .skipped = s->skipped,
                                      .skipped_count = 2};
    struct lf__memtree tree;
    assert_int_equal(lf__memtree_init(&tree, s->leaves, AFTER, NULL), LF_OK);
    s->head = (struct lf__merkle_head){AFTER, lf__memtree_root(&tree)};
    lf__memtree_done(&tree);
    struct lf__public_key key = lf__sign_public(s->seed);
    assert_int_equal(lf__note_key_make("x/ledger", &key, &s->client.profile.ledger, NULL), LF_OK);
    note_make(s, &s->head);
}

static void scene_close(struct scene *s)
{
    lf__buf_done(&s->envelope);
    lf__buf_done(&s->note);
    lf__arena_done(&s->arena);
    lf__secret_free(s->seed);
}

static lf_status check(struct scene *s, lf_error *err)
{
    struct lf__frontier to = {.size = 77};
    struct lf__merkle_head head = {.size = 77};
    lf_status rc = lf__feed_check(&s->client, &s->before, &s->batch, 0, &to, &head, err);
    if (rc == LF_OK) {
        assert_true(to.size == AFTER && head.size == AFTER);
    } else {
        assert_true(to.size == 77 && head.size == 77);
    }
    return rc;
}

static void assert_not_believed(struct scene *s)
{
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(check(s, &err), LF_E_SIGNATURE);
    assert_string_equal(err.reason, "PROOF_BAD");
}

static void the_whole_truth(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    assert_int_equal(check(&s, NULL), LF_OK);
    scene_close(&s);
}

static void positions(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    s.batch.skipped_count = 1; /* the last one is missing */
    assert_not_believed(&s);
    s.batch.skipped_count = 2;
    s.batch.entry_count = 0; /* the record is left out */
    assert_not_believed(&s);
    s.batch.entry_count = 1;
    s.entries[1] = s.entries[0]; /* or there twice */
    s.batch.entry_count = 2;
    assert_not_believed(&s);
    s.batch.entry_count = 1;
    s.skipped[0].leaf_hashes.len += LF_HASH_BYTES; /* a range that reaches over it */
    assert_not_believed(&s);
    s.skipped[0].leaf_hashes.len -= LF_HASH_BYTES;
    s.skipped[1].from++; /* a gap */
    assert_not_believed(&s);
    s.skipped[1].from--;
    s.skipped[2] = s.skipped[1]; /* past the end */
    s.batch.skipped_count = 3;
    assert_not_believed(&s);
    s.batch.skipped_count = 2;
    s.batch.cursor--; /* what was told before */
    assert_not_believed(&s);
    s.batch.cursor += 2; /* one is left out */
    assert_not_believed(&s);
    s.batch.cursor--;
    s.batch.next_cursor = BEFORE - 1;
    assert_not_believed(&s);
    s.batch.next_cursor = AFTER;
    assert_int_equal(check(&s, NULL), LF_OK);
    scene_close(&s);
}

static void contents(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    s.hashes[BEFORE * LF_HASH_BYTES] ^= 1; /* another leaf in a range */
    assert_not_believed(&s);
    s.hashes[BEFORE * LF_HASH_BYTES] ^= 1;
    s.leaf[0] ^= 2; /* a leaf that is not the record's */
    assert_not_believed(&s);
    s.leaf[0] ^= 2;
    s.leaf[3] ^= 1; /* nor is this time the one that was signed, though it fits the record */
    assert_not_believed(&s);
    s.leaf[3] ^= 1;
    s.entries[0].leaf.len--;
    assert_not_believed(&s);
    scene_close(&s);
}

static void heads(void **state)
{
    (void)state;
    struct scene s;
    lf_error err = LF_ERROR_INIT;
    scene_open(&s);
    struct lf__merkle_head other = {AFTER, {{1}}};
    note_make(&s, &other); /* another root */
    assert_not_believed(&s);
    other = (struct lf__merkle_head){AFTER - 1, s.head.root};
    note_make(&s, &other); /* a head that does not reach so far */
    assert_not_believed(&s);
    note_make(&s, &s.head);
    lf__secret_bytes(s.seed)[0] ^= 1; /* signed by somebody else */
    note_make(&s, &s.head);
    assert_int_equal(check(&s, &err), LF_E_SIGNATURE);
    s.batch.checkpoint = lf__bytes_str("no note");
    assert_true(check(&s, &err) != LF_OK);
    scene_close(&s);
}

/* From any position: the proof of the last leaf has the whole frontier in it. */
static void frontiers(void **state)
{
    (void)state;
    enum { LEAVES = 67 };
    struct lf__hash leaves[LEAVES];
    struct lf__frontier grown = {.size = 0};
    for (uint8_t i = 0; i < LEAVES; i++) {
        leaves[i] = lf__merkle_leaf((lf_bytes){&i, 1});
    }
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct lf__memtree tree;
        struct lf__proof proof;
        struct lf__frontier got = {.size = 0};
        lf__frontier_add(&grown, &leaves[size - 1]);
        assert_int_equal(lf__memtree_init(&tree, leaves, size, NULL), LF_OK);
        struct lf__tree view = lf__memtree_view(&tree);
        assert_int_equal(lf__merkle_prove_inclusion(&view, size - 1, &proof, NULL), LF_OK);
        assert_true(lf__feed_frontier(&leaves[size - 1], size, &proof, &got));
        assert_true(got.count == grown.count && got.size == size);
        assert_memory_equal(got.hashes, grown.hashes, got.count * sizeof *got.hashes);
        proof.count++;
        assert_false(lf__feed_frontier(&leaves[size - 1], size, &proof, &got));
        lf__memtree_done(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_whole_truth),
                                       cmocka_unit_test(positions), cmocka_unit_test(contents),
                                       cmocka_unit_test(heads), cmocka_unit_test(frontiers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
