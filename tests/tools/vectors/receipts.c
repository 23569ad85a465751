/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.json and receipt.json: signed heads, and entries proven under them. */
#include "vectors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/receipt.h"

#define DASH "\xe2\x80\x94 "

static struct lf__note_key note_key(struct vector_world *world, enum vector_key_name name,
                                    const char *origin)
{
    struct lf__note_key key;
    LF_BUG_IF(lf__note_key_make(origin, &world->keys[name].key, &key, NULL) != LF_OK);
    return key;
}

static void note_sign(struct vector_world *world, enum vector_key_name name, const char *origin,
                      const char *text, struct lf__buf *out)
{
    struct lf__note_key key = note_key(world, name, origin);
    LF_BUG_IF(!lf__note_sign(lf__bytes_str(text), &key, world->keys[name].seed, out));
}

static json_t *note_key_json(const struct lf__note_key *key)
{
    LF_BUF vkey;
    LF_BUF id;
    json_t *one = json_object();
    lf__buf_init(&vkey, 1000);
    lf__buf_init(&id, 16);
    LF_BUG_IF(!lf__note_key_format(key, &vkey) || !lf__buf_u32be(&id, key->id));
    vector_set(one, "origin", json_string(key->name));
    vector_set(one, "vkey", vector_text(lf__buf_bytes(&vkey)));
    vector_set(one, "key_id", vector_hex(lf__buf_bytes(&id)));
    vector_set(one, "public_key", vector_hex(LF_BYTES_ARRAY(key->key.bytes)));
    return one;
}

static json_t *head_json(struct vector_world *world, const struct lf__merkle_head *head)
{
    struct lf__note_key key = note_key(world, VECTOR_LEDGER, VECTOR_ORIGIN);
    LF_BUF note;
    json_t *one = json_object();
    lf__buf_init(&note, 1000);
    LF_BUG_IF(!lf__checkpoint_sign(head, &key, world->keys[VECTOR_LEDGER].seed, &note));
    vector_set(one, "size", json_integer((json_int_t)head->size));
    vector_set(one, "root", vector_hash(&head->root));
    vector_set(one, "note", vector_text(lf__buf_bytes(&note)));
    return one;
}

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
/* Texts that are signed by the right key and are no checkpoint of this log. */
static const struct {
    const char *name;
    const char *text;
} bad_texts[] = {
    {"another origin", VECTOR_NAME "/access\n0\n" ROOT},
    {"size with a leading zero", VECTOR_ORIGIN "\n00\n" ROOT},
    {"an extension line", VECTOR_ORIGIN "\n0\n" ROOT "extension\n"},
    {"root of 31 bytes", VECTOR_ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n"},
    {"no root", VECTOR_ORIGIN "\n0\n"},
};

static json_t *refused_notes(struct vector_world *world)
{
    static const char good[] = VECTOR_ORIGIN "\n0\n" ROOT;
    json_t *list = json_array();
    for (size_t i = 0; i < LF_COUNT(bad_texts); i++) {
        LF_BUF note;
        json_t *one = vector_refused(bad_texts[i].name, "CHECKPOINT_BAD");
        lf__buf_init(&note, 1000);
        note_sign(world, VECTOR_LEDGER, VECTOR_ORIGIN, bad_texts[i].text, &note);
        vector_set(one, "note", vector_text(lf__buf_bytes(&note)));
        vector_add(list, one);
    }
    LF_BUF other;
    LF_BUF flipped;
    lf__buf_init(&other, 1000);
    lf__buf_init(&flipped, 1000);
    note_sign(world, VECTOR_OTHER, VECTOR_ORIGIN, good, &other);
    note_sign(world, VECTOR_LEDGER, VECTOR_ORIGIN, good, &flipped);
    json_t *one = vector_refused("signed by another key of the same name", "SIGNATURE_MISSING");
    vector_set(one, "note", vector_text(lf__buf_bytes(&other)));
    vector_add(list, one);
    flipped.ptr[sizeof VECTOR_ORIGIN] ^= 1; /* the size becomes 1 */
    one = vector_refused("size changed after signing", "SIGNATURE_BAD");
    vector_set(one, "note", vector_text(lf__buf_bytes(&flipped)));
    vector_add(list, one);
    one = vector_refused("no empty line", "NOTE_BAD");
    vector_set(one, "note",
               json_string(VECTOR_ORIGIN "\n0\n" ROOT DASH VECTOR_ORIGIN " AAAAAAA=\n"));
    vector_add(list, one);
    one = vector_refused("no final line feed", "NOTE_BAD");
    vector_set(one, "note", vector_text((lf_bytes){other.ptr, other.len - 1}));
    vector_add(list, one);
    return list;
}

json_t *vectors_checkpoint(struct vector_world *world)
{
    struct lf__note_key key = note_key(world, VECTOR_LEDGER, VECTOR_ORIGIN);
    json_t *file = json_object();
    json_t *heads = json_array();
    struct lf__merkle_head head = {0, lf__merkle_empty()};
    vector_add(heads, head_json(world, &head));
    for (uint64_t size = 1; size < 20000000000u; size *= 37) {
        head = (struct lf__merkle_head){size, lf__merkle_node(&head.root, &head.root)};
        vector_add(heads, head_json(world, &head));
    }
    vector_set(file, "key", note_key_json(&key));
    vector_set(file, "seed",
               vector_hex((lf_bytes){lf__secret_view(world->keys[VECTOR_LEDGER].seed), 32}));
    vector_set(file, "heads", heads);
    vector_set(file, "refused", refused_notes(world));
    return file;
}

/* A ledger of the world's records in their order, the second one signed in a batch of one. */
struct ledger {
    struct lf__memtree tree;
    struct lf__hash hashes[VECTOR_RECORDS];
    uint8_t leaves[VECTOR_RECORDS][LF_LEDGER_LEAF_BYTES];
    struct lf__buf blocks[VECTOR_RECORDS];
    struct lf__buf note;
};

static void ledger_make(struct vector_world *world, struct ledger *l)
{
    struct lf__hash members_root;
    LF_BUG_IF(lf__roster_root(world->rows, VECTOR_ROWS, &members_root, NULL) != LF_OK);
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        const struct vector_record *r = &world->records[i];
        struct lf__hash digest = px_record_digest(lf__buf_bytes(&r->record));
        struct lf__hash batch_root = lf__batch_leaf(lf__buf_bytes(&r->pae));
        lf__buf_init(&l->blocks[i], 1000);
        if (i == 1) {
            LF_BUF pae;
            lf__buf_init(&pae, 256);
            vector_batch_pae(1, &batch_root, &pae);
            struct lf__signature s = lf__sign(r->signer->seed, lf__buf_bytes(&pae));
            vector_block(r->signer, &s, 1, &batch_root, &l->blocks[i]);
        } else {
            vector_block(r->signer, &r->signature, 0, NULL, &l->blocks[i]);
        }
        lf__ledger_leaf(1772409600000 + 1000 * i, &members_root, &digest,
                        lf__buf_bytes(&l->blocks[i]), l->leaves[i]);
        l->hashes[i] = lf__merkle_leaf((lf_bytes){l->leaves[i], LF_LEDGER_LEAF_BYTES});
    }
    LF_BUG_IF(lf__memtree_init(&l->tree, l->hashes, VECTOR_RECORDS, NULL) != LF_OK);
    struct lf__merkle_head head = {VECTOR_RECORDS, lf__memtree_root(&l->tree)};
    struct lf__note_key key = note_key(world, VECTOR_LEDGER, VECTOR_ORIGIN);
    lf__buf_init(&l->note, 1000);
    LF_BUG_IF(!lf__checkpoint_sign(&head, &key, world->keys[VECTOR_LEDGER].seed, &l->note));
}

static void ledger_done(struct ledger *l)
{
    lf__memtree_done(&l->tree);
    lf__buf_done(&l->note);
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        lf__buf_done(&l->blocks[i]);
    }
}

static struct lf__receipt receipt_of(struct ledger *l, size_t i)
{
    struct lf__receipt receipt = {.index = i, .checkpoint = lf__buf_bytes(&l->note)};
    struct lf__tree view = lf__memtree_view(&l->tree);
    lf__copy(receipt.leaf, l->leaves[i], LF_LEDGER_LEAF_BYTES);
    LF_BUG_IF(lf__merkle_prove_inclusion(&view, i, &receipt.proof, NULL) != LF_OK);
    return receipt;
}

static void receipt_fill(json_t *one, struct vector_world *world, const struct ledger *l, size_t i,
                         const struct lf__receipt *receipt)
{
    LF_BUF text;
    lf__buf_init(&text, 1 << 16);
    LF_BUG_IF(!lf__receipt_format(receipt, &text));
    vector_set(one, "record", vector_hex(lf__buf_bytes(&world->records[i].record)));
    vector_set(one, "signature_block", vector_hex(lf__buf_bytes(&l->blocks[i])));
    vector_set(one, "receipt", vector_text(lf__buf_bytes(&text)));
}

static json_t *good_json(struct vector_world *world, struct ledger *l, size_t i)
{
    struct lf__receipt receipt = receipt_of(l, i);
    json_t *one = json_object();
    vector_set(one, "index", json_integer((json_int_t)i));
    vector_set(one, "accepted_at_ms", json_integer(1772409600000 + 1000 * (json_int_t)i));
    vector_set(one, "leaf", vector_hex((lf_bytes){l->leaves[i], LF_LEDGER_LEAF_BYTES}));
    vector_set(one, "path", vector_path(receipt.proof.hashes, receipt.proof.count));
    receipt_fill(one, world, l, i, &receipt);
    return one;
}

static json_t *refused_receipts(struct vector_world *world, struct ledger *l)
{
    static const struct {
        const char *name;
        const char *reason;
    } rows[] = {{"one bit of the path flipped", "PROOF_BAD"},
                {"another index", "PROOF_BAD"},
                {"accepted a millisecond later", "PROOF_BAD"},
                {"another record", "PROOF_BAD"},
                {"another signature block", "PROOF_BAD"},
                {"checkpoint of another key", "SIGNATURE_MISSING"},
                {"no leaf", "PROOF_BAD"}};
    json_t *list = json_array();
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct lf__receipt receipt = receipt_of(l, 2);
        LF_BUF note;
        json_t *one = vector_refused(rows[i].name, rows[i].reason);
        lf__buf_init(&note, 1000);
        note_sign(world, VECTOR_OTHER, VECTOR_ORIGIN, VECTOR_ORIGIN "\n0\n" ROOT, &note);
        receipt.proof.hashes[0].bytes[0] ^= i == 0 ? 1 : 0;
        receipt.index += i == 1 ? 1 : 0;
        receipt.leaf[8] ^= i == 2 ? 1 : 0;
        receipt.checkpoint = i == 5 ? lf__buf_bytes(&note) : receipt.checkpoint;
        receipt_fill(one, world, l, 2, &receipt);
        if (i == 3) {
            vector_set(one, "record", vector_hex(lf__buf_bytes(&world->records[3].record)));
        } else if (i == 4) {
            vector_set(one, "signature_block", vector_hex(lf__buf_bytes(&l->blocks[3])));
        } else if (i == 6) {
            vector_set(one, "receipt", json_string("c2sp.org/tlog-proof@v1\nindex 0\n\n"));
        }
        vector_add(list, one);
    }
    return list;
}

json_t *vectors_receipt(struct vector_world *world)
{
    struct ledger ledger;
    struct lf__note_key key = note_key(world, VECTOR_LEDGER, VECTOR_ORIGIN);
    json_t *file = json_object();
    json_t *receipts = json_array();
    ledger_make(world, &ledger);
    for (size_t i = 0; i < VECTOR_RECORDS; i++) {
        vector_add(receipts, good_json(world, &ledger, i));
    }
    vector_set(file, "key", note_key_json(&key));
    vector_set(file, "receipts", receipts);
    vector_set(file, "refused", refused_receipts(world, &ledger));
    ledger_done(&ledger);
    return file;
}
