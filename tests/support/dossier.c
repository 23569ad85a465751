/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dossier.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "core/cosign.h"
#include "core/dsse.h"
#include "protos/codec/signed.h"

#include <stdlib.h>

enum { T0 = 1700000000, BATCH = 3 };

static const char *const members[D_WHO] = {[D_AUTHORITY] = "_authority",
                                           [D_PLATFORM] = "platform-01",
                                           [D_SECOND] = "platform-02",
                                           [D_REGULATOR] = "regulator",
                                           [D_STRANGER] = "stranger"};
static const uint8_t roles[D_WHO] = {[D_PLATFORM] = PX_ROLE_PLATFORM,
                                     [D_SECOND] = PX_ROLE_PLATFORM,
                                     [D_REGULATOR] = PX_ROLE_REGULATOR};
static const enum dossier_table table_of[D_ENTRIES] = {
    [D_EVENT] = D_ACTIVE,         [D_BATCHED] = D_ACTIVE, [D_BATCHED_2] = D_ACTIVE,
    [D_WITHDRAWAL] = D_SUSPENDED, [D_LATE] = D_SUSPENDED, [D_OF_SECOND] = D_SUSPENDED,
    [D_REVOKED] = D_WITHOUT_KEY};

struct table {
    struct lf__roster_row rows[4];
    enum dossier_who who[4];
    size_t count;
};

static int row_order(const void *a, const void *b)
{
    return lf__bytes_cmp(lf__hash_bytes(&((const struct lf__roster_row *)a)->key_id),
                         lf__hash_bytes(&((const struct lf__roster_row *)b)->key_id));
}

static void row_add(struct dossier *d, struct table *t, enum dossier_who who, uint8_t status,
                    uint64_t since)
{
    struct lf__roster_row *row = &t->rows[t->count++];
    *row = (struct lf__roster_row){.key_id = lf__key_id(&d->keys[who]),
                                   .role = roles[who],
                                   .status = status,
                                   .since_index = since};
    (void)lf__copy_str(row->member, sizeof row->member, lf__bytes_str(members[who]));
}

static struct table table_make(struct dossier *d, enum dossier_table number)
{
    struct table t = {.count = 0};
    row_add(d, &t, D_AUTHORITY, PX_MEMBER_ACTIVE, 0);
    if (number >= D_ACTIVE) {
        row_add(d, &t, D_SECOND, PX_MEMBER_ACTIVE, 2);
        row_add(d, &t, D_REGULATOR, PX_MEMBER_ACTIVE, 2);
    }
    if (number == D_ACTIVE || number == D_SUSPENDED) {
        row_add(d, &t, D_PLATFORM, number == D_ACTIVE ? PX_MEMBER_ACTIVE : PX_MEMBER_SUSPENDED,
                number == D_ACTIVE ? 1 : 6);
    }
    qsort(t.rows, t.count, sizeof *t.rows, row_order);
    return t;
}

static struct lf__hash table_root(struct dossier *d, enum dossier_table number)
{
    struct lf__hash root;
    struct table t = table_make(d, number);
    LF_BUG_IF(lf__roster_root(t.rows, t.count, &root, NULL) != LF_OK);
    return root;
}

static const struct lf__hash *path_keep(struct dossier *d, const struct lf__proof *proof)
{
    lf_bytes kept = lf__arena_copy(
        &d->arena, (lf_bytes){proof->hashes[0].bytes, proof->count * sizeof *proof->hashes});
    LF_BUG_IF(kept.ptr == NULL);
    return (const struct lf__hash *)(const void *)kept.ptr;
}

static struct lf__proof prove(const struct lf__hash *leaves, size_t count, uint64_t index,
                              struct lf__hash *root)
{
    LF_MEMTREE tree = {0, NULL};
    struct lf__proof proof;
    LF_BUG_IF(lf__memtree_init(&tree, leaves, count, NULL) != LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    LF_BUG_IF(lf__merkle_prove_inclusion(&view, index, &proof, NULL) != LF_OK);
    *root = lf__memtree_root(&tree);
    return proof;
}

struct px_key_proof dossier_key(struct dossier *d, enum dossier_table table, enum dossier_who who)
{
    struct lf__hash leaves[4];
    struct lf__hash root;
    struct table t = table_make(d, table);
    struct lf__hash id = lf__key_id(&d->keys[who]);
    size_t at = t.count;
    for (size_t i = 0; i < t.count; i++) {
        leaves[i] = lf__roster_leaf(&t.rows[i]);
        at = lf__hash_eq(&t.rows[i].key_id, &id) ? i : at;
    }
    LF_BUG_IF(at == t.count);
    struct lf__proof proof = prove(leaves, t.count, at, &root);
    return (struct px_key_proof){.row = t.rows[at],
                                 .at = at,
                                 .rows = t.count,
                                 .path = path_keep(d, &proof),
                                 .path_count = proof.count,
                                 .key = d->keys[who]};
}

struct px_key_proof *dossier_key_copy(struct dossier *d, size_t record)
{
    struct px_key_proof *copy = lf__arena_alloc(&d->arena, sizeof *copy);
    LF_BUG_IF(copy == NULL);
    *copy = d->records[record].keys[0];
    d->records[record].keys = copy;
    return copy;
}

/* ---- records ---- */

static lf_bytes record_make(struct dossier *d, uint64_t index, enum dossier_who who,
                            struct px_part *parts, size_t *count)
{
    LF_BUF record;
    uint8_t id[PX_ID_BYTES] = {(uint8_t)index};
    uint8_t target_id[PX_ID_BYTES] = {D_EVENT};
    bool is_event = index != D_WITHDRAWAL;
    struct lf__hash picture = lf__sha256(lf__bytes_str(D_PICTURE));
    struct px_event event = {.uscc = lf__bytes_str("91999999MA00000154"),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .decided_at = lf__bytes_str("2026-03-02"),
                             .evidence = {lf__hash_bytes(&picture)},
                             .evidence_count = index == D_EVENT ? 1 : 0,
                             .note = lf__bytes_str("三件样品")};
    struct px_target target = {.issuer = lf__bytes_str("platform-01"),
                               .record_id = LF_BYTES_ARRAY(target_id),
                               .decision = PX_CORRECTION_WITHDRAWN};
    struct px_header header = {.issuer = lf__bytes_str(members[who]),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = is_event ? PX_KIND_ENFORCEMENT_EVENT : PX_KIND_CORRECTION,
                               .ref = lf__bytes_str("案-1"),
                               .version = 1,
                               .certainty = is_event ? 3 : 0};
    LF_BUG_IF((is_event ? px_event_encode(&d->arena, &event, parts, count, NULL)
                        : px_target_encode(&d->arena, PX_KIND_CORRECTION, &target, parts, count,
                                           NULL)) != LF_OK);
    for (size_t i = 0; i < *count; i++) {
        parts[i].salt[0] = (uint8_t)(index * 16 + i);
    }
    lf__buf_init(&record, PX_RECORD_MAX);
    LF_BUG_IF(!px_record_encode(&header, parts, *count, &record));
    return lf__arena_copy(&d->arena, lf__buf_bytes(&record));
}

static lf_bytes sign_bytes(struct dossier *d, enum dossier_who who, lf_bytes message)
{
    struct lf__signature signature = lf__sign(d->seeds[who], message);
    return lf__arena_copy(&d->arena, LF_BYTES_ARRAY(signature.bytes));
}

static void sign_alone(struct dossier *d, enum dossier_who who, struct px_envelope *e)
{
    LF_BUF pae;
    lf__buf_init(&pae, PX_RECORD_MAX + 256);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_RECORD, e->record));
    e->signature_count = 1;
    e->signatures[0] = (struct px_signature){.alg = LF_ALG_ED25519,
                                             .key_id = lf__key_id(&d->keys[who]),
                                             .signature = sign_bytes(d, who, lf__buf_bytes(&pae))};
}

static struct lf__hash batch_leaf_of(lf_bytes record)
{
    LF_BUF pae;
    lf__buf_init(&pae, PX_RECORD_MAX + 256);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_RECORD, record));
    return lf__batch_leaf(lf__buf_bytes(&pae));
}

/* D_BATCHED, D_BATCHED_2 and a third record that is not here. */
static void sign_batched(struct dossier *d, const lf_bytes records[2], uint32_t at,
                         struct px_envelope *e)
{
    LF_BUF pae;
    struct lf__hash root;
    struct lf__hash leaves[BATCH] = {batch_leaf_of(records[0]), batch_leaf_of(records[1]), {{7}}};
    struct lf__proof proof = prove(leaves, BATCH, at, &root);
    lf__buf_init(&pae, 256);
    LF_BUG_IF(!px_batch_pae(&pae, BATCH, &root));
    e->signature_count = 1;
    e->signatures[0] =
        (struct px_signature){.alg = LF_ALG_ED25519,
                              .key_id = lf__key_id(&d->keys[D_PLATFORM]),
                              .signature = sign_bytes(d, D_PLATFORM, lf__buf_bytes(&pae)),
                              .batch_size = BATCH,
                              .batch_index = at,
                              .batch_root = root,
                              .batch_path = path_keep(d, &proof),
                              .batch_path_count = proof.count};
}

static lf_bytes envelope_keep(struct dossier *d, const struct px_envelope *e)
{
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    LF_BUG_IF(!px_envelope_encode(e, &wire));
    return lf__arena_copy(&d->arena, lf__buf_bytes(&wire));
}

static lf_bytes leaf_make(struct dossier *d, uint64_t index, const struct px_envelope *e)
{
    LF_BUF block;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    struct lf__hash root = table_root(d, table_of[index]);
    struct lf__hash digest = px_record_digest(e->record);
    lf__buf_init(&block, 65536);
    LF_BUG_IF(!px_signature_block(e, &block));
    lf__ledger_leaf((uint64_t)T0 * 1000 + index, &root, &digest, lf__buf_bytes(&block), leaf);
    return lf__arena_copy(&d->arena, LF_BYTES_ARRAY(leaf));
}

static void entry_set(struct dossier *d, uint64_t index, enum dossier_who who,
                      const struct px_envelope *e)
{
    struct px_key_proof *key = lf__arena_alloc(&d->arena, sizeof *key);
    LF_BUG_IF(key == NULL);
    *key = dossier_key(d, index == D_REVOKED ? D_ACTIVE : table_of[index], who);
    d->all[index] = (struct px_bundle_record){.index = index,
                                              .leaf = leaf_make(d, index, e),
                                              .envelope = envelope_keep(d, e),
                                              .keys = key,
                                              .key_count = 1};
    d->leaves[index] = lf__merkle_leaf(d->all[index].leaf);
}

static void entries_make(struct dossier *d)
{
    static const uint64_t alone[] = {D_EVENT, D_WITHDRAWAL, D_LATE, D_OF_SECOND, D_REVOKED};
    struct px_envelope e[2] = {{.part_count = 0}, {.part_count = 0}};
    lf_bytes records[2];
    for (size_t i = 0; i < D_ENTRIES; i++) {
        uint8_t raw[LF_LEDGER_LEAF_BYTES] = {1, (uint8_t)i};
        d->leaves[i] = lf__merkle_leaf(LF_BYTES_ARRAY(raw));
    }
    for (size_t i = 0; i < LF_COUNT(alone); i++) {
        enum dossier_who who = alone[i] == D_OF_SECOND ? D_SECOND : D_PLATFORM;
        struct px_envelope one = {.part_count = 0};
        one.record = record_make(d, alone[i], who, one.parts, &one.part_count);
        sign_alone(d, who, &one);
        entry_set(d, alone[i], who, &one);
    }
    for (uint32_t i = 0; i < 2; i++) {
        e[i].record = record_make(d, D_BATCHED + i, D_PLATFORM, e[i].parts, &e[i].part_count);
        records[i] = e[i].record;
    }
    for (uint32_t i = 0; i < 2; i++) {
        sign_batched(d, records, i, &e[i]);
        entry_set(d, D_BATCHED + i, D_PLATFORM, &e[i]);
    }
}

struct px_envelope dossier_envelope(struct dossier *d, size_t record)
{
    struct px_envelope e;
    LF_BUG_IF(px_envelope_decode(&d->arena, d->records[record].envelope, &e, NULL) != LF_OK);
    return e;
}

void dossier_envelope_set(struct dossier *d, size_t record, const struct px_envelope *envelope)
{
    d->records[record].envelope = envelope_keep(d, envelope);
}

/* ---- heads ---- */

lf_bytes dossier_note(struct dossier *d, const char *origin, const struct lf__merkle_head *head,
                      enum dossier_who signer, unsigned cosigners)
{
    LF_BUF note;
    lf_bytes text;
    struct lf__note_key key;
    struct lf__reader lines;
    lf__buf_init(&note, 65536);
    LF_BUG_IF(lf__note_key_make(origin, &d->keys[signer], &key, NULL) != LF_OK);
    LF_BUG_IF(!lf__checkpoint_sign(head, &key, d->seeds[signer], &note));
    LF_BUG_IF(lf__note_split(lf__buf_bytes(&note), &text, &lines, NULL) != LF_OK);
    lf_bytes signed_text = lf__arena_copy(&d->arena, text);
    for (int who = D_WITNESS_1; who <= D_WITNESS_OTHER; who++) {
        char name[] = "w0.example";
        name[1] = (char)('1' + who - D_WITNESS_1);
        if ((cosigners & LF_BIT((unsigned)who)) != 0) {
            LF_BUG_IF(lf__note_key_make_cosigner(name, &d->keys[who], &key, NULL) != LF_OK);
            LF_BUG_IF(!lf__cosign(signed_text, T0 + 60 + who, &key, d->seeds[who], &note));
        }
    }
    return lf__arena_copy(&d->arena, lf__buf_bytes(&note));
}

void dossier_rebuild(struct dossier *d)
{
    d->head.size = D_ENTRIES;
    for (size_t i = 0; i < D_ENTRIES; i++) {
        struct lf__proof proof = prove(d->leaves, D_ENTRIES, i, &d->head.root);
        d->all[i].path = path_keep(d, &proof);
        d->all[i].path_count = proof.count;
    }
    d->bundle.genesis_leaf = d->leaves[0];
    d->bundle.genesis_path = d->all[0].path;
    d->bundle.genesis_path_count = d->all[0].path_count;
    d->bundle.checkpoint =
        dossier_note(d, D_ORIGIN, &d->head, D_LEDGER, LF_BIT(D_WITNESS_1) | LF_BIT(D_WITNESS_2));
    d->records[0] = d->all[D_EVENT];
    d->records[1] = d->all[D_BATCHED];
    d->records[2] = d->all[D_WITHDRAWAL];
    d->bundle.records = d->records;
    d->bundle.record_count = 3;
}

static void key_line(struct dossier *d, const char *word, const char *name, enum dossier_who who)
{
    struct lf__note_key key;
    bool is_log = who == D_LEDGER || who == D_LEDGER_NEXT;
    LF_BUG_IF((is_log ? lf__note_key_make(name, &d->keys[who], &key, NULL)
                      : lf__note_key_make_cosigner(name, &d->keys[who], &key, NULL)) != LF_OK);
    (void)lf__buf_printf(&d->trust, "%s ", word);
    (void)lf__note_key_format(&key, &d->trust);
    (void)lf__buf_str(&d->trust, "\n");
}

static void trust_make(struct dossier *d)
{
    char genesis[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf__buf_init(&d->trust, 65536);
    (void)lf__hex(lf__hash_bytes(&d->leaves[0]), genesis, sizeof genesis);
    (void)lf__buf_printf(&d->trust,
                         "lianfang-trust/v1\norigin %s\n# what it began with\ngenesis %s\n\n",
                         D_ORIGIN, genesis);
    key_line(d, "log", D_ORIGIN, D_LEDGER);
    key_line(d, "log", D_ORIGIN, D_LEDGER_NEXT);
    key_line(d, "witness w1", "w1.example", D_WITNESS_1);
    key_line(d, "witness w2", "w2.example", D_WITNESS_2);
    key_line(d, "witness w3", "w3.example", D_WITNESS_3);
    (void)lf__buf_str(&d->trust, "group two 2 w1 w2 w3\nquorum two\n");
}

void dossier_open(struct dossier *d)
{
    *d = (struct dossier){.head = {.size = 0}};
    lf__arena_init(&d->arena, 64 << 20);
    for (int i = 0; i < D_WHO; i++) {
        d->seeds[i] = lf__secret_new(LF_ED25519_SEED);
        LF_BUG_IF(d->seeds[i] == NULL);
        lf__secret_bytes(d->seeds[i])[0] = (uint8_t)(i + 1);
        d->keys[i] = lf__sign_public(d->seeds[i]);
    }
    entries_make(d);
    dossier_rebuild(d);
    trust_make(d);
    d->attachments[0] = (struct px_attachment){.sha256 = lf__sha256(lf__bytes_str(D_PICTURE)),
                                               .name = lf__bytes_str("picture.jpg"),
                                               .size = sizeof D_PICTURE - 1,
                                               .content = lf__bytes_str(D_PICTURE)};
    d->bundle.attachments = d->attachments;
    d->bundle.attachment_count = 1;
}

static void authority_says(struct dossier *d, uint64_t index, enum px_kind kind,
                           struct px_part *parts, size_t count)
{
    LF_BUF record;
    uint8_t id[PX_ID_BYTES] = {0xa0, (uint8_t)index};
    struct px_envelope one = {.part_count = count};
    struct px_header header = {.issuer = lf__bytes_str("authority"),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = kind,
                               .version = 1};
    lf__buf_init(&record, PX_RECORD_MAX);
    LF_BUG_IF(!px_record_encode(&header, parts, count, &record));
    one.record = lf__arena_copy(&d->arena, lf__buf_bytes(&record));
    for (size_t i = 0; i < count; i++) {
        one.parts[i] = parts[i];
    }
    sign_alone(d, D_AUTHORITY, &one);
    entry_set(d, index, D_AUTHORITY, &one);
}

void dossier_authority(struct dossier *d, uint32_t threshold)
{
    size_t count = 0;
    struct px_part parts[PX_PARTS_MAX];
    struct px_policy policy = {.relay_below = 1};
    struct px_genesis genesis = {
        .gateway = lf__bytes_str("test.example"),
        .keys = {{.key = d->keys[D_AUTHORITY]}, {.key = d->keys[D_STRANGER]}},
        .key_count = 2,
        .threshold = threshold,
        .is_test = true};
    lf__copy(genesis.ledger_key.bytes, d->keys[D_LEDGER].bytes, LF_HASH_BYTES);
    LF_BUG_IF(px_genesis_encode(&d->arena, &genesis, parts, &count, NULL) != LF_OK);
    authority_says(d, 0, PX_KIND_GENESIS, parts, count);
    LF_BUG_IF(px_policy_encode(&d->arena, &policy, parts, &count, NULL) != LF_OK);
    authority_says(d, 1, PX_KIND_POLICY, parts, count);
    dossier_rebuild(d);
    lf__buf_done(&d->trust);
    trust_make(d);
    d->records[0] = d->all[0];
    d->records[1] = d->all[1];
    d->bundle.record_count = 2;
    d->bundle.attachment_count = 0;
}

void dossier_close(struct dossier *d)
{
    for (int i = 0; i < D_WHO; i++) {
        lf__secret_free(d->seeds[i]);
    }
    lf__buf_done(&d->trust);
    lf__arena_done(&d->arena);
}

void dossier_encode(const struct dossier *d, struct lf__buf *out)
{
    LF_BUG_IF(!px_bundle_encode(&d->bundle, out));
}
