/* SPDX-License-Identifier: Apache-2.0 */
/* What is bent, and why it must be refused: one function a kind, and the table of what the verifier says of it. */
#include "unit/client/forgeries.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "core/dsse.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void checkpoint_flipped(struct dossier *d)
{
    LF_BUF note;
    lf__buf_init(&note, 65536);
    (void)lf__buf_append(&note, d->bundle.checkpoint);
    note.ptr[sizeof D_ORIGIN] ^=
        1; /* the first digit of the size: 1 becomes 0, and 01 is no number */
    d->bundle.checkpoint = lf__arena_copy(&d->arena, lf__buf_bytes(&note));
}
static void checkpoint_of_stranger(struct dossier *d)
{
    d->bundle.checkpoint =
        dossier_note(d, D_ORIGIN, &d->head, D_STRANGER, LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
}
static void checkpoint_of_other_origin(struct dossier *d)
{
    d->bundle.checkpoint = dossier_note(d, "other.example/ledger", &d->head, D_LEDGER,
                                        LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
}
static void checkpoint_of_access_log(struct dossier *d)
{
    d->bundle.checkpoint = dossier_note(d, "test.example/access", &d->head, D_LEDGER,
                                        LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
}
static void checkpoint_is_no_note(struct dossier *d)
{
    d->bundle.checkpoint = lf__bytes_str(D_ORIGIN "\n11\n");
}
/* The id of the trusted key over the signature of another: a known line that fails. */
static void checkpoint_signature_swapped(struct dossier *d)
{
    LF_BUF note;
    struct lf__note_key key;
    lf_bytes text;
    struct lf__reader lines;
    lf__buf_init(&note, 65536);
    assert_int_equal(lf__note_split(d->bundle.checkpoint, &text, &lines, NULL), LF_OK);
    assert_int_equal(lf__note_key_make(D_ORIGIN, &d->keys[D_LEDGER], &key, NULL), LF_OK);
    assert_true(lf__note_sign(text, &key, d->seeds[D_STRANGER], &note));
    d->bundle.checkpoint = lf__arena_copy(&d->arena, lf__buf_bytes(&note));
}
static void head_of_other_size(struct dossier *d)
{
    struct lf__merkle_head head = {d->head.size * 2, d->head.root};
    d->bundle.checkpoint =
        dossier_note(d, D_ORIGIN, &head, D_LEDGER, LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
}
/* All of it under another tree that the log did sign: a split view. */
static void head_of_other_root(struct dossier *d)
{
    struct lf__merkle_head head = d->head;
    head.root.bytes[5] ^= 1;
    d->bundle.checkpoint =
        dossier_note(d, D_ORIGIN, &head, D_LEDGER, LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
}
/* The wholly consistent bundle of another log of the same name. */
static void all_of_another_log(struct dossier *d)
{
    d->leaves[0].bytes[0] ^= 1;
    dossier_rebuild(d);
    checkpoint_of_stranger(d);
}
/* The same keys, another ledger: after a restore from nothing, say. */
static void other_genesis(struct dossier *d)
{
    d->leaves[0].bytes[0] ^= 1;
    dossier_rebuild(d);
}
static void genesis_claimed(struct dossier *d)
{
    struct lf__hash trusted = d->leaves[0];
    d->leaves[0].bytes[0] ^= 1;
    dossier_rebuild(d);
    d->bundle.genesis_leaf = trusted;
}
static void genesis_path_cut(struct dossier *d)
{
    d->bundle.genesis_path_count--;
}
static void genesis_path_flipped(struct dossier *d)
{
    struct lf__hash *path = (struct lf__hash *)(uintptr_t)d->bundle.genesis_path;
    path[1].bytes[0] ^= 1;
}

static void no_cosignature(struct dossier *d)
{
    d->bundle.checkpoint = dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, 0);
}
static void one_cosignature(struct dossier *d)
{
    d->bundle.checkpoint = dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, LF_BIT(D_WITNESS_3));
}
static void cosigned_by_unknown(struct dossier *d)
{
    d->bundle.checkpoint = dossier_note(d, D_ORIGIN, &d->head, D_LEDGER,
                                        LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_OTHER));
}
/* One witness twice is one. */
static void cosigned_twice_by_one(struct dossier *d)
{
    LF_BUF note;
    lf_bytes text;
    lf_bytes line;
    struct lf__reader lines;
    lf__buf_init(&note, 65536);
    (void)lf__buf_append(&note, dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, LF_BIT(D_WITNESS_1)));
    lf_bytes once = lf__arena_copy(&d->arena, lf__buf_bytes(&note));
    assert_int_equal(lf__note_split(once, &text, &lines, NULL), LF_OK);
    assert_true(lf__read_line(&lines, &line) && lf__read_line(&lines, &line));
    (void)lf__buf_append(&note, line);
    (void)lf__buf_str(&note, "\n");
    d->bundle.checkpoint = lf__arena_copy(&d->arena, lf__buf_bytes(&note));
}
/* A witness's line taken from another head. */
static void cosignature_of_other_head(struct dossier *d)
{
    LF_BUF note;
    lf_bytes text;
    lf_bytes line;
    struct lf__reader lines;
    struct lf__merkle_head older = {5, d->head.root};
    lf_bytes other = dossier_note(d, D_ORIGIN, &older, D_LEDGER, LF_BIT(D_WITNESS_2));
    lf__buf_init(&note, 65536);
    (void)lf__buf_append(&note, dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, LF_BIT(D_WITNESS_1)));
    assert_int_equal(lf__note_split(other, &text, &lines, NULL), LF_OK);
    assert_true(lf__read_line(&lines, &line) && lf__read_line(&lines, &line));
    (void)lf__buf_append(&note, line);
    (void)lf__buf_str(&note, "\n");
    d->bundle.checkpoint = lf__arena_copy(&d->arena, lf__buf_bytes(&note));
}
/* The line of a witness signed by somebody else. */
static void cosignature_forged(struct dossier *d)
{
    struct lf__secret *own = d->seeds[D_WITNESS_2];
    d->seeds[D_WITNESS_2] = d->seeds[D_STRANGER];
    d->bundle.checkpoint =
        dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
    d->seeds[D_WITNESS_2] = own;
}

static void receipts_swapped(struct dossier *d)
{
    struct px_bundle_record first = d->records[EVENT];
    d->records[EVENT].path = d->records[BATCHED].path;
    d->records[EVENT].path_count = d->records[BATCHED].path_count;
    d->records[BATCHED].path = first.path;
    d->records[BATCHED].path_count = first.path_count;
}
static void index_of_neighbour(struct dossier *d)
{
    d->records[WITHDRAWAL].index = D_LATE;
}
static void index_past_the_end(struct dossier *d)
{
    d->records[WITHDRAWAL].index = D_ENTRIES;
}
static void path_cut(struct dossier *d)
{
    d->records[EVENT].path_count--;
}
static void path_longer(struct dossier *d)
{
    struct lf__hash *longer = lf__arena_array(&d->arena, 20, sizeof *longer);
    lf__copy(longer, d->records[EVENT].path, d->records[EVENT].path_count * sizeof *longer);
    d->records[EVENT].path = longer;
    d->records[EVENT].path_count++;
}
static void path_endless(struct dossier *d)
{
    struct lf__hash *longer = lf__arena_array(&d->arena, 65, sizeof *longer);
    memset(longer, 0, 65 * sizeof *longer);
    d->records[EVENT].path = longer;
    d->records[EVENT].path_count = 65;
}
static void path_flipped(struct dossier *d)
{
    struct lf__hash *path = (struct lf__hash *)(uintptr_t)d->records[EVENT].path;
    path[0].bytes[31] ^= 0x80;
}
static void leaf_of_another_record(struct dossier *d)
{
    struct px_bundle_record other = d->all[D_BATCHED_2];
    other.envelope = d->records[BATCHED].envelope;
    other.keys = d->records[BATCHED].keys;
    d->records[BATCHED] = other;
}
static struct px_bundle_record *leaf_bent(struct dossier *d, size_t at)
{
    lf_bytes leaf = lf__arena_copy(&d->arena, d->records[EVENT].leaf);
    ((uint8_t *)(uintptr_t)leaf.ptr)[at] ^= 1;
    d->records[EVENT].leaf = leaf;
    return &d->records[EVENT];
}
static void leaf_of_other_time(struct dossier *d)
{
    (void)leaf_bent(d, 8);
}
static void leaf_of_other_members(struct dossier *d)
{
    (void)leaf_bent(d, 9);
}
static void leaf_of_access_log(struct dossier *d)
{
    (void)leaf_bent(d, 0);
}
static void leaf_short(struct dossier *d)
{
    d->records[EVENT].leaf.len--;
}
/* The time is moved, and the log signs a tree with it: still not what the record's leaf says. */
static void leaf_in_the_tree_of_nothing(struct dossier *d)
{
    struct px_bundle_record *record = leaf_bent(d, 50);
    lf_bytes leaf = record->leaf;
    d->leaves[D_EVENT] = lf__merkle_leaf(leaf);
    dossier_rebuild(d);
    d->records[EVENT].leaf = leaf;
}

static void key_row_of_other_time(struct dossier *d)
{
    dossier_key_copy(d, EVENT)->row.since_index = 0;
}
static void key_row_of_other_member(struct dossier *d)
{
    *dossier_key_copy(d, EVENT) = dossier_key(d, D_ACTIVE, D_SECOND);
}
static void key_row_renamed(struct dossier *d)
{
    struct px_key_proof *key = dossier_key_copy(d, EVENT);
    (void)lf__copy_str(key->row.member, sizeof key->row.member, lf__bytes_str("platform-02"));
}
static void key_row_of_other_role(struct dossier *d)
{
    dossier_key_copy(d, EVENT)->row.role = PX_ROLE_REGULATOR;
}
static void key_place_wrong(struct dossier *d)
{
    struct px_key_proof *key = dossier_key_copy(d, EVENT);
    key->at = (key->at + 1) % key->rows;
}
static void key_table_of_other_size(struct dossier *d)
{
    dossier_key_copy(d, EVENT)->rows += 4;
}
static void key_path_cut(struct dossier *d)
{
    dossier_key_copy(d, EVENT)->path_count--;
}
static void key_proof_hidden(struct dossier *d)
{
    d->records[EVENT].key_count = 0;
}
static void key_proof_twice(struct dossier *d)
{
    struct px_key_proof *two = lf__arena_array(&d->arena, 2, sizeof *two);
    two[0] = d->records[EVENT].keys[0];
    two[1] = two[0];
    d->records[EVENT].keys = two;
    d->records[EVENT].key_count = 2;
}
static void public_key_swapped(struct dossier *d)
{
    dossier_key_copy(d, EVENT)->key = d->keys[D_SECOND];
}
static void public_key_weak(struct dossier *d)
{
    struct px_key_proof *key = dossier_key_copy(d, EVENT);
    struct px_envelope e = dossier_envelope(d, EVENT);
    key->key = (struct lf__public_key){.alg = LF_ALG_ED25519, .bytes = {1}};
    key->row.key_id = lf__key_id(&key->key);
    e.signatures[0].key_id = key->row.key_id;
    dossier_envelope_set(d, EVENT, &e);
}
/* The honest gateway would not take it; a gateway that did shows the row of then. */
static void suspended_member(struct dossier *d)
{
    d->records[WITHDRAWAL] = d->all[D_LATE];
}
/* It hides the suspension behind the table from before. */
static void suspension_hidden(struct dossier *d)
{
    d->records[WITHDRAWAL] = d->all[D_LATE];
    *dossier_key_copy(d, WITHDRAWAL) = dossier_key(d, D_ACTIVE, D_PLATFORM);
}
static void suspension_painted_over(struct dossier *d)
{
    d->records[WITHDRAWAL] = d->all[D_LATE];
    dossier_key_copy(d, WITHDRAWAL)->row.status = PX_MEMBER_ACTIVE;
}
/* The key was revoked: it stands in no row of the table of then, but in one of before. */
static void revocation_hidden(struct dossier *d)
{
    d->records[WITHDRAWAL] = d->all[D_REVOKED];
}

/* Somebody who is no member signs in the platform's name, and the log takes it. */
static void signed_by_stranger(struct dossier *d, bool with_own_key)
{
    LF_BUF pae;
    struct px_envelope e = dossier_envelope(d, EVENT);
    lf__buf_init(&pae, PX_RECORD_MAX);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record));
    struct lf__signature signature = lf__sign(d->seeds[D_STRANGER], lf__buf_bytes(&pae));
    e.signatures[0].signature = LF_BYTES_ARRAY(signature.bytes);
    if (with_own_key) {
        e.signatures[0].key_id = lf__key_id(&d->keys[D_STRANGER]);
    }
    LF_BUF block;
    struct lf__block_signature one = {1, e.signatures[0].key_id, 0, NULL,
                                      e.signatures[0].signature};
    struct lf__hash root;
    struct lf__hash digest = px_record_digest(e.record);
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    lf__buf_init(&block, 4096);
    assert_true(lf__signature_block(&block, &one, 1));
    lf__copy(root.bytes, d->records[EVENT].leaf.ptr + 9, sizeof root.bytes);
    lf__ledger_leaf(1700000000000, &root, &digest, lf__buf_bytes(&block), leaf);
    lf_bytes kept = lf__arena_copy(&d->arena, LF_BYTES_ARRAY(leaf));
    d->leaves[D_EVENT] = lf__merkle_leaf(kept);
    dossier_rebuild(d);
    dossier_envelope_set(d, EVENT, &e);
    d->records[EVENT].leaf = kept;
}
static void signature_of_non_member(struct dossier *d)
{
    signed_by_stranger(d, true);
    struct px_key_proof *key = dossier_key_copy(d, EVENT);
    key->key = d->keys[D_STRANGER];
    key->row.key_id = lf__key_id(&key->key);
}
static void signature_of_non_member_in_own_name(struct dossier *d)
{
    signed_by_stranger(d, false);
}
static void signature_of_another_record(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    struct px_envelope other = dossier_envelope(d, WITHDRAWAL);
    e.signatures[0] = other.signatures[0];
    dossier_envelope_set(d, EVENT, &e);
}
static void signature_left_out(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.signature_count = 0;
    dossier_envelope_set(d, EVENT, &e);
}
static void signature_added(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.signatures[1] = e.signatures[0];
    e.signature_count = 2;
    dossier_envelope_set(d, EVENT, &e);
}
static void envelope_of_another_issuer(struct dossier *d)
{
    d->records[EVENT].envelope = d->all[D_OF_SECOND].envelope;
}
/* Another's record under one's own key: the log takes it, the key's owner is not its issuer. */
static void issuer_is_not_the_keys_owner(struct dossier *d)
{
    struct px_bundle_record late = d->all[D_OF_SECOND];
    LF_BUF pae;
    LF_BUF block;
    struct px_envelope e;
    struct lf__hash root;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    lf__buf_init(&pae, PX_RECORD_MAX);
    lf__buf_init(&block, 4096);
    assert_int_equal(px_envelope_decode(&d->arena, late.envelope, &e, NULL), LF_OK);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record));
    struct lf__signature signature = lf__sign(d->seeds[D_REGULATOR], lf__buf_bytes(&pae));
    e.signatures[0].signature = LF_BYTES_ARRAY(signature.bytes);
    e.signatures[0].key_id = lf__key_id(&d->keys[D_REGULATOR]);
    struct lf__block_signature one = {1, e.signatures[0].key_id, 0, NULL,
                                      e.signatures[0].signature};
    struct lf__hash digest = px_record_digest(e.record);
    assert_true(lf__signature_block(&block, &one, 1));
    lf__copy(root.bytes, late.leaf.ptr + 9, sizeof root.bytes);
    lf__ledger_leaf(1700000000000, &root, &digest, lf__buf_bytes(&block), leaf);
    lf_bytes kept = lf__arena_copy(&d->arena, LF_BYTES_ARRAY(leaf));
    d->leaves[D_OF_SECOND] = lf__merkle_leaf(kept);
    dossier_rebuild(d);
    d->records[WITHDRAWAL] = d->all[D_OF_SECOND];
    d->records[WITHDRAWAL].leaf = kept;
    dossier_envelope_set(d, WITHDRAWAL, &e);
    *dossier_key_copy(d, WITHDRAWAL) = dossier_key(d, D_SUSPENDED, D_REGULATOR);
}

static void batch_path_spliced(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    struct lf__hash *path = lf__arena_array(&d->arena, 2, sizeof *path);
    lf__copy(path, e.signatures[0].batch_path, 2 * sizeof *path);
    path[0] = path[1];
    e.signatures[0].batch_path = path;
    dossier_envelope_set(d, BATCHED, &e);
}
static void batch_index_of_neighbour(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    e.signatures[0].batch_index = 1;
    dossier_envelope_set(d, BATCHED, &e);
}
static void batch_of_other_size(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    e.signatures[0].batch_size = 4;
    dossier_envelope_set(d, BATCHED, &e);
}
static void batch_of_other_root(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    e.signatures[0].batch_root.bytes[0] ^= 1;
    dossier_envelope_set(d, BATCHED, &e);
}
static void batch_index_out_of_it(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    e.signatures[0].batch_index = 3;
    dossier_envelope_set(d, BATCHED, &e);
}
static void batch_dropped(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, BATCHED);
    e.signatures[0].batch_size = 0;
    dossier_envelope_set(d, BATCHED, &e);
}

static void part_of_other_salt(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.parts[0].salt[3] ^= 1;
    dossier_envelope_set(d, EVENT, &e);
}
static void part_of_other_class(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.parts[1].part_class = PX_CLASS_PUBLIC;
    dossier_envelope_set(d, EVENT, &e);
}
static void parts_of_each_others_class(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.parts[0].part_class = PX_CLASS_REGULATOR;
    e.parts[1].part_class = PX_CLASS_MEMBERS;
    dossier_envelope_set(d, EVENT, &e);
}
static void part_of_other_body(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    lf_bytes body = lf__arena_copy(&d->arena, e.parts[0].body);
    ((uint8_t *)(uintptr_t)body.ptr)[body.len - 1] ^= 1;
    e.parts[0].body = body;
    dossier_envelope_set(d, EVENT, &e);
}
/* The hidden part is given the body of another record's. */
static void hidden_part_replaced(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    struct px_envelope other;
    assert_int_equal(px_envelope_decode(&d->arena, d->all[D_OF_SECOND].envelope, &other, NULL),
                     LF_OK);
    e.parts[1] = other.parts[1];
    dossier_envelope_set(d, EVENT, &e);
}
static void part_twice(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.parts[1] = e.parts[0];
    dossier_envelope_set(d, EVENT, &e);
}
static void record_flipped(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    lf_bytes record = lf__arena_copy(&d->arena, e.record);
    ((uint8_t *)(uintptr_t)record.ptr)[record.len - 1] ^= 1; /* the last part's hash */
    e.record = record;
    e.part_count = 1;
    dossier_envelope_set(d, EVENT, &e);
    d->bundle.attachment_count = 0;
}
static void record_of_unknown_kind(struct dossier *d)
{
    LF_BUF record;
    struct px_envelope e = dossier_envelope(d, EVENT);
    lf__buf_init(&record, PX_RECORD_MAX);
    e.header.kind = (enum px_kind)4000;
    assert_true(px_record_encode(&e.header, e.parts, e.part_count, &record));
    e.record = lf__arena_copy(&d->arena, lf__buf_bytes(&record));
    dossier_envelope_set(d, EVENT, &e);
}

static void attachment_of_other_bytes(struct dossier *d)
{
    d->attachments[0].content = lf__bytes_str("the pictura");
}
static void attachment_unnamed(struct dossier *d)
{
    d->attachments[1] = (struct px_attachment){.sha256 = lf__sha256(lf__bytes_str("not named")),
                                               .name = lf__bytes_str("more.jpg"),
                                               .size = 9,
                                               .content = lf__bytes_str("not named")};
    d->bundle.attachment_count = 2;
}
static void attachment_of_a_hidden_part(struct dossier *d)
{
    struct px_envelope e = dossier_envelope(d, EVENT);
    e.part_count = 1;
    dossier_envelope_set(d, EVENT, &e);
}
static void attachment_twice(struct dossier *d)
{
    d->attachments[1] = d->attachments[0];
    d->bundle.attachment_count = 2;
}
static void attachment_of_other_size(struct dossier *d)
{
    d->attachments[0].size++;
}
static void attachment_in_a_directory(struct dossier *d)
{
    d->attachments[0].name = lf__bytes_str("../picture.jpg");
}
static void record_twice(struct dossier *d)
{
    d->records[BATCHED] = d->records[EVENT];
}
static void records_out_of_order(struct dossier *d)
{
    struct px_bundle_record first = d->records[EVENT];
    d->records[EVENT] = d->records[BATCHED];
    d->records[BATCHED] = first;
}
static void no_records(struct dossier *d)
{
    d->bundle.record_count = 0;
}

/* What is bent after the encoding. */
static void bytes_trailing(struct lf__buf *wire)
{
    (void)lf__buf_str(wire, "\xff\xff");
}
static void bytes_cut(struct lf__buf *wire)
{
    wire->len -= 3;
}
static void field_unknown(struct lf__buf *wire)
{
    (void)px_wire_u64(wire, 9, 1);
}
static void field_twice(struct lf__buf *wire)
{
    (void)px_wire_u64(wire, 1, 1);
}
static void field_of_wrong_type(struct lf__buf *wire)
{
    (void)px_wire_u64(wire, 2, 1);
}
static void format_of_later(struct lf__buf *wire)
{
    wire->ptr[1] = 2;
}
static void checkpoint_twice(struct lf__buf *wire)
{
    (void)px_wire_bytes(wire, 2, lf__bytes_str("x"));
}
static void unknown_in_a_record(struct lf__buf *wire)
{
    (void)px_wire_bytes(wire, 5, lf__bytes_str("\x7a\x01x"));
}
static void empty_record(struct lf__buf *wire)
{
    (void)px_wire_bytes(wire, 5, LF_BYTES_NONE);
}
static void everything_gone(struct lf__buf *wire)
{
    wire->len = 0;
}

const struct forgery forgeries[] = {
#define F(name, reason, field)                                                                     \
    {                                                                                              \
#name, name, NULL, reason, field                                                           \
    }
#define B(name, reason, field)                                                                     \
    {                                                                                              \
#name, NULL, name, reason, field                                                           \
    }
    F(checkpoint_flipped, "SIGNATURE_BAD", "checkpoint"),
    F(checkpoint_of_stranger, "SIGNATURE_MISSING", "checkpoint"),
    F(checkpoint_of_other_origin, "CHECKPOINT_BAD", "checkpoint.origin"),
    F(checkpoint_of_access_log, "CHECKPOINT_BAD", "checkpoint.origin"),
    F(checkpoint_is_no_note, "NOTE_BAD", "note"),
    F(checkpoint_signature_swapped, "SIGNATURE_BAD", "checkpoint"),
    F(head_of_other_size, "PROOF_BAD", "genesis_path"),
    F(head_of_other_root, "PROOF_BAD", "genesis_path"),
    F(all_of_another_log, "SIGNATURE_MISSING", "checkpoint"),
    F(other_genesis, "GENESIS_OTHER", "genesis_leaf_hash"),
    F(genesis_claimed, "PROOF_BAD", "genesis_path"),
    F(genesis_path_cut, "PROOF_BAD", "genesis_path"),
    F(genesis_path_flipped, "PROOF_BAD", "genesis_path"),
    F(no_cosignature, "QUORUM_MISSING", "note"),
    F(one_cosignature, "QUORUM_MISSING", "note"),
    F(cosigned_by_unknown, "QUORUM_MISSING", "note"),
    F(cosigned_twice_by_one, "QUORUM_MISSING", "note"),
    F(cosignature_of_other_head, "SIGNATURE_BAD", "signatures"),
    F(cosignature_forged, "SIGNATURE_BAD", "signatures"),
    F(receipts_swapped, "PROOF_BAD", "records.3.path"),
    F(index_of_neighbour, "PROOF_BAD", "records.8.path"),
    F(index_past_the_end, "INDEX_RANGE", "records.11.index"),
    F(path_cut, "PROOF_BAD", "records.3.path"),
    F(path_longer, "PROOF_BAD", "records.3.path"),
    F(path_endless, "TOO_BIG", "path"),
    F(path_flipped, "PROOF_BAD", "records.3.path"),
    F(leaf_of_another_record, "PROOF_BAD", "records.5.leaf"),
    F(leaf_of_other_time, "PROOF_BAD", "records.3.path"),
    F(leaf_of_other_members, "PROOF_BAD", "records.3.path"),
    F(leaf_of_access_log, "PROOF_BAD", "records.3.path"),
    F(leaf_short, "FIELD_LENGTH", "records.leaf"),
    F(leaf_in_the_tree_of_nothing, "PROOF_BAD", "records.3.leaf"),
    F(key_row_of_other_time, "PROOF_BAD", "records.3.keys.path"),
    F(key_row_of_other_member, "KEY_UNKNOWN", "records.3.keys.key_id"),
    F(key_row_renamed, "PROOF_BAD", "records.3.keys.path"),
    F(key_row_of_other_role, "PROOF_BAD", "records.3.keys.path"),
    F(key_place_wrong, "PROOF_BAD", "records.3.keys.path"),
    F(key_table_of_other_size, "PROOF_BAD", "records.3.keys.path"),
    F(key_path_cut, "PROOF_BAD", "records.3.keys.path"),
    F(key_proof_hidden, "FIELD_MISSING", "records.3.keys"),
    F(key_proof_twice, "FIELD_MISSING", "records.3.keys"),
    F(public_key_swapped, "KEY_UNKNOWN", "records.3.keys.key_id"),
    F(public_key_weak, "PROOF_BAD", "records.3.leaf"),
    F(suspended_member, "MEMBER_SUSPENDED", "records.8.keys.status"),
    F(suspension_hidden, "PROOF_BAD", "records.8.keys.path"),
    F(suspension_painted_over, "PROOF_BAD", "records.8.keys.path"),
    F(revocation_hidden, "PROOF_BAD", "records.10.keys.path"),
    F(signature_of_non_member, "PROOF_BAD", "records.3.keys.path"),
    F(signature_of_non_member_in_own_name, "SIGNATURE_BAD", "records.3.signatures"),
    F(signature_of_another_record, "PROOF_BAD", "records.3.leaf"),
    F(signature_left_out, "PROOF_BAD", "records.3.leaf"),
    F(signature_added, "PROOF_BAD", "records.3.leaf"),
    F(envelope_of_another_issuer, "PROOF_BAD", "records.3.leaf"),
    F(issuer_is_not_the_keys_owner, "KEY_OF_OTHER_MEMBER", "records.9.keys.member"),
    F(batch_path_spliced, "BATCH_PATH", "records.4.signatures.batch"),
    F(batch_index_of_neighbour, "BATCH_PATH", "records.4.signatures.batch"),
    F(batch_of_other_size, "PROOF_BAD", "records.4.leaf"),
    F(batch_of_other_root, "PROOF_BAD", "records.4.leaf"),
    F(batch_index_out_of_it, "BATCH_PATH", "records.4.signatures.batch"),
    F(batch_dropped, "PROOF_BAD", "records.4.leaf"),
    F(part_of_other_salt, "PART_HASH", "records.3.parts.body"),
    F(part_of_other_class, "PART_HASH", "records.3.parts.class"),
    F(parts_of_each_others_class, "PART_HASH", "records.3.parts.body"),
    F(part_of_other_body, "PART_HASH", "records.3.parts.body"),
    F(hidden_part_replaced, "PART_HASH", "records.3.parts.body"),
    F(part_twice, "DUPLICATE_FIELD", "records.3.parts"),
    F(record_flipped, "PROOF_BAD", "records.3.leaf"),
    F(record_of_unknown_kind, "KIND_UNKNOWN", "records.3.header.kind"),
    F(attachment_of_other_bytes, "ATTACHMENT_BAD", "attachments.content"),
    F(attachment_unnamed, "ATTACHMENT_BAD", "attachments.sha256"),
    F(attachment_of_a_hidden_part, "ATTACHMENT_BAD", "attachments.sha256"),
    F(attachment_twice, "DUPLICATE_FIELD", "attachments.sha256"),
    F(attachment_of_other_size, "ATTACHMENT_BAD", "attachments.name"),
    F(attachment_in_a_directory, "ATTACHMENT_BAD", "attachments.name"),
    F(record_twice, "DUPLICATE_FIELD", "records.index"),
    F(records_out_of_order, "DUPLICATE_FIELD", "records.index"),
    F(no_records, "FIELD_MISSING", "bundle"),
    B(bytes_trailing, "WIRE_MALFORMED", "bundle"),
    B(bytes_cut, "WIRE_MALFORMED", "bundle"),
    B(field_unknown, "UNKNOWN_FIELD", "bundle"),
    B(field_twice, "DUPLICATE_FIELD", "bundle"),
    B(field_of_wrong_type, "WRONG_WIRE_TYPE", "bundle"),
    B(format_of_later, "FORMAT_UNKNOWN", "format"),
    B(checkpoint_twice, "DUPLICATE_FIELD", "bundle"),
    B(unknown_in_a_record, "UNKNOWN_FIELD", "?"),
    B(empty_record, "FIELD_MISSING", "records.envelope"),
    B(everything_gone, "FIELD_MISSING", "bundle"),
};
const size_t forgery_count = LF_COUNT(forgeries);
