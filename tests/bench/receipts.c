/* SPDX-License-Identifier: Apache-2.0 */
/* The tree need not exist: any siblings lead to some root, and that root is what the checkpoint signs. */
#include "bench/receipts.h"

#include "base/bytes.h"
#include "bench/records.h"
#include "core/checkpoint.h"
#include "core/dsse.h"
#include "core/receipt.h"

#include <lianfang/client.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIPT_COUNT = 1024, RECEIPT_DEPTH = 20, RECEIPT_NOTE_MAX = 1024 };

/* What a member keeps, and what libsodium alone would look at. */
struct kept {
    lf_bytes receipt; /* ends with NUL */
    lf_bytes envelope;
    lf_bytes text; /* signed by the checkpoint's signature */
    struct lf__signature signature;
};

static struct kept *kept_list;
static struct lf__arena kept_arena;
static struct lf__note_key kept_key;
static char kept_vkey[512];

static bool envelope_make(const struct bench_maker *maker, uint64_t serial, struct lf__buf *wire,
                          struct lf__buf *block, struct lf__hash *digest)
{
    LF_ARENA arena;
    LF_BUF pae;
    struct px_envelope e;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    if (!bench_record(maker, &arena, serial, &e, wire) ||
        !lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record)) {
        return false;
    }
    struct lf__signature signature = lf__sign(maker->seed, lf__buf_bytes(&pae));
    struct lf__block_signature one = {LF_ALG_ED25519, maker->key_id, 0, NULL,
                                      LF_BYTES_ARRAY(signature.bytes)};
    *digest = px_record_digest(e.record);
    e.signature_count = 1;
    e.signatures[0] =
        (struct px_signature){.alg = one.alg, .key_id = one.key_id, .signature = one.signature};
    lf__buf_clear(wire);
    return px_envelope_encode(&e, wire) && lf__signature_block(block, &one, 1);
}

static struct lf__hash root_make(const uint8_t leaf[static LF_LEDGER_LEAF_BYTES], uint64_t index,
                                 struct lf__proof *proof)
{
    struct lf__hash at = lf__merkle_leaf((lf_bytes){leaf, LF_LEDGER_LEAF_BYTES});
    proof->count = RECEIPT_DEPTH;
    for (unsigned i = 0; i < RECEIPT_DEPTH; i++) {
        lf__random(proof->hashes[i].bytes, LF_HASH_BYTES);
        at = (index >> i & 1) != 0 ? lf__merkle_node(&proof->hashes[i], &at)
                                   : lf__merkle_node(&at, &proof->hashes[i]);
    }
    return at;
}

static bool kept_make(const struct bench_maker *maker, uint64_t serial, struct kept *out)
{
    LF_BUF wire;
    LF_BUF block;
    LF_BUF note;
    LF_BUF text;
    struct lf__hash digest;
    struct lf__hash members = lf__merkle_empty();
    struct lf__receipt receipt = {.index = serial * 977 % (1u << RECEIPT_DEPTH)};
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf__buf_init(&block, 4096);
    lf__buf_init(&note, RECEIPT_NOTE_MAX);
    lf__buf_init(&text, 16384);
    bool good = envelope_make(maker, serial, &wire, &block, &digest);
    lf__ledger_leaf(1700000000000 + serial, &members, &digest, lf__buf_bytes(&block), receipt.leaf);
    struct lf__merkle_head head = {.size = 1u << RECEIPT_DEPTH};
    head.root = root_make(receipt.leaf, receipt.index, &receipt.proof);
    good = good && lf__checkpoint_sign(&head, &kept_key, maker->seed, &note);
    receipt.checkpoint = lf__buf_bytes(&note);
    good = good && lf__receipt_format(&receipt, &text);
    const uint8_t *end = good ? memmem(note.ptr, note.len, "\n\n", 2) : NULL;
    if (end == NULL) {
        return false;
    }
    *out = (struct kept){.receipt = lf__arena_copy(&kept_arena, lf__buf_bytes(&text)),
                         .envelope = lf__arena_copy(&kept_arena, lf__buf_bytes(&wire))};
    out->text = lf__arena_copy(&kept_arena, (lf_bytes){note.ptr, (size_t)(end + 1 - note.ptr)});
    out->signature = lf__sign(maker->seed, out->text);
    return out->receipt.ptr != NULL && out->envelope.ptr != NULL && out->text.ptr != NULL;
}

bool bench_receipts_open(const char *dir)
{
    LF_BUF vkey;
    struct bench_maker maker;
    (void)dir;
    lf__buf_init(&vkey, sizeof kept_vkey);
    lf__arena_init(&kept_arena, 64 << 20);
    struct lf__secret *seed = lf__secret_new(LF_ED25519_SEED);
    if (seed == NULL) {
        return false;
    }
    lf__random(lf__secret_bytes(seed), LF_ED25519_SEED);
    struct lf__public_key key = lf__sign_public(seed);
    kept_list = calloc(RECEIPT_COUNT, sizeof *kept_list);
    bool good = kept_list != NULL &&
                lf__note_key_make("bench.example/ledger", &key, &kept_key, NULL) == LF_OK &&
                lf__note_key_format(&kept_key, &vkey) &&
                lf__copy_str(kept_vkey, sizeof kept_vkey, lf__buf_bytes(&vkey)) &&
                bench_maker_init(&maker, "platform-01", seed, NULL) == LF_OK;
    for (uint64_t i = 0; good && i < RECEIPT_COUNT; i++) {
        good = kept_make(&maker, i, &kept_list[i]);
    }
    bench_maker_close(&maker);
    return good;
}

int64_t bench_receipts_some(void)
{
    for (size_t i = 0; i < RECEIPT_COUNT; i++) {
        uint64_t index;
        if (lf_receipt_verify((const char *)kept_list[i].receipt.ptr, kept_list[i].envelope,
                              kept_vkey, &index, NULL) != LF_OK) {
            return -1;
        }
    }
    return RECEIPT_COUNT;
}

int64_t bench_signatures_some(void)
{
    for (size_t i = 0; i < RECEIPT_COUNT; i++) {
        const struct kept *k = &kept_list[i];
        if (crypto_sign_verify_detached(k->signature.bytes, k->text.ptr, k->text.len,
                                        kept_key.key.bytes) != 0) {
            return -1;
        }
    }
    return RECEIPT_COUNT;
}
