/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seed inputs of the targets from real encodings: fuzz_seeds DIR. Keys, salts and names are
 * fixed, so that a run changes nothing unless an encoding changed. Certificates are kept as made. */
#include "fuzz/seeds.h"

#include "fuzz/fuzz.h"
#include "base/status.h"
#include "core/add_checkpoint.h"
#include "core/cosign.h"
#include "core/receipt.h"
#include "fuzz/note_key.h"
#include "protos/codec/words.h"
#include "protos/codec/members.h"
#include "protos/codec/services.h"
#include "protos/codec/status.h"
#include "protos/codec/wire.h"
#include "support/dossier.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *seeds_dir;

void seed_write(const char *target, const char *name, lf_bytes head, lf_bytes bytes)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", seeds_dir, target);
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof path, "%s/%s/%s", seeds_dir, target, name);
    FILE *file = fopen(path, "wbe");
    FUZZ_REQUIRE(file != NULL);
    FUZZ_REQUIRE(fwrite(head.ptr, 1, head.len, file) == head.len);
    FUZZ_REQUIRE(fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len);
    FUZZ_REQUIRE(fclose(file) == 0);
}

void seed_chosen(const char *target, const char *name, uint8_t choice, lf_bytes bytes)
{
    seed_write(target, name, (lf_bytes){&choice, 1}, bytes);
}

static void seed_text(const char *target, const char *name, const char *text)
{
    seed_write(target, name, LF_BYTES_NONE, lf__bytes_str(text));
}

static void piece_put(struct lf__buf *out, lf_bytes bytes)
{
    FUZZ_REQUIRE(bytes.len <= UINT16_MAX && lf__buf_u16be(out, (uint16_t)bytes.len));
    FUZZ_REQUIRE(lf__buf_append(out, bytes));
}

/* A record of these parts: as an envelope, for the kinds, for the scan, and inside requests. */
static void record_seeds(const char *name, enum px_kind kind, uint8_t choice, struct px_part *parts,
                         size_t count)
{
    static const uint8_t id[PX_ID_BYTES] = {1, 2, 3};
    static const uint8_t signature[LF_ED25519_SIGNATURE] = {4};
    static const struct lf__hash path[2] = {{{1}}, {{2}}};
    static const lf_bytes audience[] = {{(const uint8_t *)"platform-02", 11}};
    LF_BUF record;
    LF_BUF wire;
    LF_BUF pieces;
    struct px_header header = {.issuer = lf__bytes_str("platform-01"),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = kind,
                               .ref = lf__bytes_str("案-1"),
                               .version = 1,
                               .issued_at_ms = 1700000000000,
                               .audience = audience,
                               .audience_count = 1,
                               .legal_basis = 1,
                               .certainty = 3};
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf__buf_init(&pieces, PX_MESSAGE_MAX);
    FUZZ_REQUIRE(px_record_encode(&header, parts, count, &record));
    struct px_envelope e = {
        .record = lf__buf_bytes(&record), .part_count = count, .signature_count = 2};
    lf__copy(e.parts, parts, count * sizeof *parts);
    e.signatures[0] =
        (struct px_signature){.alg = 1, .key_id = {{7}}, .signature = LF_BYTES_ARRAY(signature)};
    e.signatures[1] = e.signatures[0];
    e.signatures[1].batch_size = 3;
    e.signatures[1].batch_path = path;
    e.signatures[1].batch_path_count = 2;
    FUZZ_REQUIRE(px_envelope_encode(&e, &wire));
    seed_write("envelope", name, LF_BYTES_NONE, lf__buf_bytes(&wire));
    seed_write("wire", name, LF_BYTES_NONE, lf__buf_bytes(&wire));
    seed_write("scan", name, (lf_bytes){(const uint8_t[]){0, 0}, 2}, lf__buf_bytes(&wire));
    (void)lf__buf_u8(&pieces, choice);
    (void)lf__buf_u8(&pieces, kind == PX_KIND_CORRECTION);
    for (size_t i = 0; i < count; i++) {
        (void)lf__buf_u8(&pieces, (uint8_t)parts[i].part_class);
        piece_put(&pieces, parts[i].body);
    }
    seed_write("kinds", name, LF_BYTES_NONE, lf__buf_bytes(&pieces));
}

static void member_keys(struct px_member_key *key)
{
    struct lf__note_key note_key;
    fuzz_note_key(&note_key, NULL);
    *key = (struct px_member_key){.key = note_key.key, .from_ms = 1, .until_ms = 2, .use = 1};
}

static void statement_seeds(struct lf__arena *arena)
{
    static const uint8_t digest[LF_HASH_BYTES] = {9};
    struct px_part parts[PX_PARTS_MAX] = {{.salt = {1}}};
    size_t count = 0;
    struct px_event event = {.uscc = lf__bytes_str("91999999MA00000000"),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("SHOP_CLOSED")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2024-05-06"),
                             .shop_id = lf__bytes_str("shop-1"),
                             .rule = lf__bytes_str("R-7"),
                             .amount_fen = 12345,
                             .points = 48,
                             .evidence = {LF_BYTES_ARRAY(digest)},
                             .evidence_count = 1,
                             .note = lf__bytes_str("抽检")};
    FUZZ_REQUIRE(px_event_encode(arena, &event, parts, &count, NULL) == LF_OK);
    record_seeds("event", PX_KIND_ENFORCEMENT_EVENT, 0, parts, count);
    struct px_registry entry = {.uscc = event.uscc,
                                .name = lf__bytes_str("某某商行"),
                                .established = lf__bytes_str("2020-01-02"),
                                .province = lf__bytes_str("浙江"),
                                .status = lf__bytes_str("IN_OPERATION"),
                                .full_name = lf__bytes_str("某某某商行")};
    FUZZ_REQUIRE(px_registry_encode(arena, &entry, parts, &count, NULL) == LF_OK);
    record_seeds("registry", PX_KIND_REGISTRY_ENTRY, 1, parts, count);
    struct px_target target = {.issuer = lf__bytes_str("platform-02"),
                               .record_id = lf__bytes_slice(LF_BYTES_ARRAY(digest), 0, 16),
                               .decision = 1,
                               .decided_at = event.decided_at,
                               .note = event.note};
    FUZZ_REQUIRE(px_target_encode(arena, PX_KIND_RELAY, &target, parts, &count, NULL) == LF_OK);
    record_seeds("relay", PX_KIND_RELAY, 2, parts, count);
    target.decision = PX_CORRECTION_WITHDRAWN;
    FUZZ_REQUIRE(px_target_encode(arena, PX_KIND_CORRECTION, &target, parts, &count, NULL) ==
                 LF_OK);
    record_seeds("correction", PX_KIND_CORRECTION, 2, parts, count);
}

/* Something for each word of each kind's table. */
static void words_seeds(struct lf__arena *arena)
{
    static const uint8_t bytes[LF_HASH_BYTES] = {9};
    static const lf_bytes items[] = {{(const uint8_t *)"platform-02", 11}};
    for (unsigned kind = PX_KIND_CREDIT_LIST_ENTRY; kind <= PX_KIND_ACKNOWLEDGEMENT; kind++) {
        struct px_part parts[PX_PARTS_MAX] = {{.salt = {1}}};
        size_t count = 0;
        const struct px_words *words = px_words_of((enum px_kind)kind);
        uint8_t *value = lf__arena_alloc(arena, words->size);
        FUZZ_REQUIRE(value != NULL);
        for (size_t i = 0; i < words->count; i++) {
            const struct px_word *word = &words->list[i];
            void *at = value + word->offset;
            if (word->form == PX_FORM_BYTES) {
                *(lf_bytes *)at = (lf_bytes){bytes, word->max};
            } else if (word->form == PX_FORM_ENUM || word->form == PX_FORM_U32) {
                *(uint32_t *)at = 2;
            } else if (word->form == PX_FORM_U64 || word->form == PX_FORM_MONEY) {
                *(uint64_t *)at = 300;
            } else if (word->form == PX_FORM_FLAG) {
                *(bool *)at = true;
            } else if (word->form >= PX_FORM_CODES) {
                *(struct px_list *)at = (struct px_list){items, LF_COUNT(items)};
            } else {
                *(lf_bytes *)at = lf__bytes_str("2024-05-06");
            }
        }
        FUZZ_REQUIRE(px_words_encode(arena, (enum px_kind)kind, value, parts, &count, NULL) ==
                     LF_OK);
        record_seeds(px_kind_name((enum px_kind)kind), (enum px_kind)kind,
                     (uint8_t)(7 + kind - PX_KIND_CREDIT_LIST_ENTRY), parts, count);
    }
}

static void federation_seeds(struct lf__arena *arena)
{
    struct px_part parts[PX_PARTS_MAX] = {{.salt = {1}}};
    size_t count = 0;
    struct px_member member = {.member = lf__bytes_str("platform-01"),
                               .name = lf__bytes_str("平台一"),
                               .role = PX_ROLE_PLATFORM,
                               .division = lf__bytes_str("999999"),
                               .status = PX_MEMBER_ACTIVE,
                               .key_count = 1,
                               .pins = {{.spki = {{3}}, .from_ms = 1, .until_ms = 9}},
                               .pin_count = 1};
    member_keys(&member.keys[0]);
    FUZZ_REQUIRE(px_member_encode(arena, &member, parts, &count, NULL) == LF_OK);
    record_seeds("member", PX_KIND_MEMBER, 3, parts, count);
    struct px_genesis genesis = {
        .gateway = lf__bytes_str("fuzz.example"), .key_count = 1, .threshold = 1, .is_test = true};
    member_keys(&genesis.keys[0]);
    lf__copy(genesis.ledger_key.bytes, genesis.keys[0].key.bytes, LF_HASH_BYTES);
    lf__copy(genesis.access_key.bytes, genesis.keys[0].key.bytes, LF_HASH_BYTES);
    FUZZ_REQUIRE(px_genesis_encode(arena, &genesis, parts, &count, NULL) == LF_OK);
    record_seeds("genesis", PX_KIND_GENESIS, 4, parts, count);
    struct px_policy policy = {.relay_below = 3};
    FUZZ_REQUIRE(px_policy_encode(arena, &policy, parts, &count, NULL) == LF_OK);
    record_seeds("policy", PX_KIND_POLICY, 5, parts, count);
    struct px_redaction redaction = {.issuer = lf__bytes_str("platform-01"),
                                     .record_id = lf__bytes_str("0123456789abcdef"),
                                     .classes = {PX_CLASS_MEMBERS},
                                     .class_count = 1,
                                     .order_authority = lf__bytes_str("某局"),
                                     .order_number = lf__bytes_str("文号 1")};
    FUZZ_REQUIRE(px_redaction_encode(arena, &redaction, parts, &count, NULL) == LF_OK);
    record_seeds("redaction", PX_KIND_REDACTION, 6, parts, count);
}

static void request_seeds(void)
{
    static const uint8_t signature[LF_ED25519_SIGNATURE] = {4};
    LF_BUF out;
    lf_bytes two[] = {lf__bytes_str("one"), lf__bytes_str("two")};
    struct px_asked asked[] = {{two[0], lf__bytes_str("测试商贸一号")}, {two[1], LF_BYTES_NONE}};
    struct px_signature made = {
        .alg = 1, .key_id = {{3}}, .signature = LF_BYTES_ARRAY(signature), .batch_root = {{4}}};
    struct px_screen_request question = {.purpose = lf__bytes_str("ONBOARDING"),
                                         .case_number = lf__bytes_str("案号 7"),
                                         .legal_basis = 1,
                                         .subjects = asked,
                                         .count = 2,
                                         .as_known_size = 9,
                                         .in_force = lf__bytes_str("2025-02-10")};
    struct px_range range = {1, 2, 300};
    lf__buf_init(&out, PX_MESSAGE_MAX);
    FUZZ_REQUIRE(px_submit_request_encode(two[0], &out));
    seed_chosen("requests", "submit", 0, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_batch_request_encode(two, 2, &made, &out));
    seed_chosen("requests", "batch", 1, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_screen_request_encode(&question, &out));
    seed_chosen("requests", "screen", 2, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_range_encode(&range, &out));
    seed_chosen("requests", "range", 3, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_entries_request_encode(&range, true, &out));
    seed_chosen("requests", "leaves", 3, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_stream_request_encode(300, two[0], &out));
    seed_chosen("requests", "stream", 4, lf__buf_bytes(&out));
}

static void result_seed(void)
{
    static const uint8_t leaf[LF_LEDGER_LEAF_BYTES] = {1};
    static const struct lf__hash path[2] = {{{5}}, {{6}}};
    LF_BUF out;
    struct px_result results[] = {{.record_id = lf__bytes_slice(LF_BYTES_ARRAY(leaf), 0, 16),
                                   .outcome = PX_OUTCOME_ACCEPTED,
                                   .origin = lf__bytes_str("fuzz.example/ledger"),
                                   .index = 7,
                                   .leaf = LF_BYTES_ARRAY(leaf),
                                   .path = path,
                                   .path_count = 2,
                                   .is_pending_relay = true},
                                  {.record_id = lf__bytes_slice(LF_BYTES_ARRAY(leaf), 0, 16),
                                   .outcome = PX_OUTCOME_REFUSED,
                                   .error = {LF_E_REJECTED, 0, "CHANGED", "ref", "record: other"},
                                   .grpc_code = 9,
                                   .retry_ms = 10}};
    lf__buf_init(&out, PX_MESSAGE_MAX);
    FUZZ_REQUIRE(px_results_encode(results, 2, lf__bytes_str("checkpoint"), &out));
    seed_chosen("answers", "results", 0, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_stream_answer_encode(300, &results[0], lf__bytes_str("checkpoint"), &out));
    seed_chosen("answers", "stream", 7, lf__buf_bytes(&out));
}

static void answer_seeds(void)
{
    static const struct lf__hash leaf = {{8}};
    struct lf__proof proof = {.count = 3, .hashes = {{{1}}, {{2}}, {{3}}}};
    struct px_reason reason = {.code = lf__bytes_str("EVENT"),
                               .violation = lf__bytes_str("COUNTERFEIT"),
                               .certainty = 3,
                               .state = 1,
                               .decided_at = lf__bytes_str("2024-05-06"),
                               .until_ms = 9,
                               .origin = lf__bytes_str("platform-02"),
                               .index = 4,
                               .kind = PX_KIND_CREDIT_LIST_ENTRY,
                               .list = lf__bytes_str("LOCAL_SERIOUS"),
                               .region = lf__bytes_str("110000"),
                               .level = 2,
                               .contact = lf__bytes_str("regulator")};
    struct px_screen_answer end = {lf__bytes_str("checkpoint"), 9, 1700000000000, 1};
    struct px_screened one = {.uscc = lf__bytes_str("91999999MA00000000"),
                              .advice = 4,
                              .reasons = &reason,
                              .reason_count = 1};
    struct px_entry entry = {
        .index = 7, .leaf = lf__bytes_str("leaf"), .envelope = lf__bytes_str("envelope")};
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    FUZZ_REQUIRE(px_screened_encode(&one, &out) && px_screen_reply_end(&end, &out));
    seed_chosen("answers", "screen", 1, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_entry_encode(&entry, &out) &&
                 px_entries_end(8, lf__bytes_str("checkpoint"), &out));
    seed_chosen("answers", "entries", 2, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_proof_encode(&leaf, &proof, 1000, &out));
    seed_chosen("answers", "inclusion", 3, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_proof_encode(NULL, &proof, 1000, &out));
    seed_chosen("answers", "consistency", 4, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_checkpoint_encode(lf__bytes_str("checkpoint"), &out));
    seed_chosen("answers", "checkpoint", 5, lf__buf_bytes(&out));
    struct px_head head = {.time_ms = 1700000000000, .version = lf__bytes_str("0.1.0")};
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_head_encode(&head, &out));
    seed_chosen("answers", "head", 6, lf__buf_bytes(&out));
}

/* A log of one leaf, so that the leaf's hash is the root. */
static void note_seeds(void)
{
    LF_SECRET *seed = NULL;
    struct lf__note_key key;
    struct lf__receipt receipt = {.index = 0};
    struct lf__hash members_root = {{1}};
    struct lf__hash pae_hash = {{1}};
    LF_BUF note;
    LF_BUF out;
    fuzz_note_key(&key, &seed);
    lf__buf_init(&note, 4096);
    lf__buf_init(&out, 65536);
    FUZZ_REQUIRE(lf__note_key_format(&key, &out));
    seed_chosen("note", "vkey", 0, lf__buf_bytes(&out));
    lf__ledger_leaf(1700000000000, &members_root, &pae_hash,
                    (lf_bytes){data_block, sizeof data_block}, receipt.leaf);
    struct lf__merkle_head head = {1, lf__merkle_leaf(LF_BYTES_ARRAY(receipt.leaf))};
    FUZZ_REQUIRE(lf__checkpoint_sign(&head, &key, seed, &note));
    seed_chosen("note", "checkpoint", 1, lf__buf_bytes(&note));
    receipt.checkpoint = lf__buf_bytes(&note);
    lf__buf_clear(&out);
    FUZZ_REQUIRE(lf__receipt_format(&receipt, &out));
    seed_chosen("note", "receipt", 2, lf__buf_bytes(&out));
    receipt.proof.count = 2;
    lf__buf_clear(&out);
    FUZZ_REQUIRE(lf__receipt_format(&receipt, &out));
    seed_chosen("note", "receipt-path", 2, lf__buf_bytes(&out));
}

static void witness_policy_seed(const struct lf__note_key *log, const struct lf__note_key *witness,
                                lf_bytes note)
{
    LF_BUF text;
    LF_BUF out;
    lf__buf_init(&text, 4096);
    lf__buf_init(&out, 8192);
    FUZZ_REQUIRE(lf__buf_str(&text, "log ") && lf__note_key_format(log, &text));
    FUZZ_REQUIRE(lf__buf_str(&text, " https://log.example\nwitness w1 ") &&
                 lf__note_key_format(witness, &text));
    FUZZ_REQUIRE(lf__buf_str(&text, "\ngroup g any w1\nquorum g\n"));
    (void)lf__buf_u8(&out, 3);
    piece_put(&out, lf__buf_bytes(&text));
    FUZZ_REQUIRE(lf__buf_append(&out, note));
    seed_write("public_log", "policy", LF_BYTES_NONE, lf__buf_bytes(&out));
}

static void public_log_seeds(void)
{
    LF_SECRET *seed = NULL;
    struct lf__note_key log;
    struct lf__note_key witness;
    struct lf__proof proof = {.count = 2, .hashes = {{{1}}, {{2}}}};
    struct lf__merkle_head head = {7, {{3}}};
    lf_bytes text;
    LF_BUF note;
    LF_BUF out;
    lf__buf_init(&note, 4096);
    lf__buf_init(&out, 8192);
    fuzz_note_key(&log, NULL);
    fuzz_cosigner_key(&witness, &seed);
    FUZZ_REQUIRE(lf__checkpoint_sign(&head, &log, seed, &note));
    FUZZ_REQUIRE(lf__add_checkpoint_format(5, &proof, lf__buf_bytes(&note), &out));
    seed_chosen("public_log", "add-checkpoint", 1, lf__buf_bytes(&out));
    FUZZ_REQUIRE(lf__note_verify(lf__buf_bytes(&note), &log, &text, NULL) == LF_OK);
    lf__buf_clear(&out);
    FUZZ_REQUIRE(lf__buf_append(&out, lf__buf_bytes(&note)));
    FUZZ_REQUIRE(lf__cosign(text, 1700000000, &witness, seed, &out));
    seed_chosen("public_log", "cosigned", 2, lf__buf_bytes(&out));
    witness_policy_seed(&log, &witness, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(lf__note_key_format(&witness, &out));
    seed_chosen("public_log", "cosigner-key", 4, lf__buf_bytes(&out));
    seed_chosen("public_log", "tile", 0, lf__bytes_str("tile/1/x001/x234/067.p/112"));
    seed_chosen("public_log", "entries", 0, lf__bytes_str("tile/entries/000"));
}

static void status_seeds(void)
{
    LF_BUF out;
    lf_error error = {LF_E_REJECTED, 0, "CHANGED", "header.ref", "record: has other bytes"};
    lf__buf_init(&out, PX_STATUS_BYTES_MAX);
    FUZZ_REQUIRE(px_status_encode(&error, 9, 1500, &out));
    seed_write("status", "all-details", LF_BYTES_NONE, lf__buf_bytes(&out));
    seed_write("scan", "status", (lf_bytes){(const uint8_t[]){1, 5}, 2}, lf__buf_bytes(&out));
}

static void member_seeds(struct lf__buf *out)
{
    static const uint8_t id[PX_ID_BYTES] = {9};
    static const uint8_t key[LF_ED25519_PUBLIC] = {0x58};
    struct px_member_entry entry = {
        .member = {.member = lf__bytes_str("regulator"),
                   .name = lf__bytes_str("某局"),
                   .role = PX_ROLE_REGULATOR,
                   .level = 2,
                   .division = lf__bytes_str("110000"),
                   .status = PX_MEMBER_ACTIVE,
                   .keys = {{.key = {.alg = LF_ALG_ED25519}, .use = PX_KEY_RECORD}},
                   .key_count = 1,
                   .pins = {{.spki = {{3}}}},
                   .pin_count = 1},
        .since_index = 4,
        .record_id = LF_BYTES_ARRAY(id),
        .version = 2};
    lf__copy(entry.member.keys[0].key.bytes, key, sizeof key);
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_list_entry_encode(&entry, out) &&
                 px_list_end(lf__bytes_str("regulator"), 9, out));
    seed_chosen("members", "list", 1, lf__buf_bytes(out));
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_get_member_encode(&entry, 9, out));
    seed_chosen("members", "get", 2, lf__buf_bytes(out));
}

static void proposal_seeds(struct lf__buf *out)
{
    static const uint8_t bytes[LF_ED25519_SIGNATURE] = {4};
    struct lf__hash id = {{1}};
    struct px_signature signature = {
        .alg = LF_ALG_ED25519, .key_id = {{2}}, .signature = LF_BYTES_ARRAY(bytes)};
    struct px_proposal proposal = {{{7}}, 1, 3, true, 12, 99};
    struct px_list_request request = {PX_ROLE_LAB, lf__bytes_str("lab-01"), 7};
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_approve_request_encode(&id, &signature, out));
    seed_chosen("members", "approve", 0, lf__buf_bytes(out));
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_list_request_encode(&request, out));
    seed_chosen("members", "list-request", 0, lf__buf_bytes(out));
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_proposal_encode(&proposal, out));
    seed_chosen("members", "proposal", 2, lf__buf_bytes(out));
}

static void evidence_seeds(struct lf__buf *out)
{
    static const uint8_t id[PX_ID_BYTES] = {9};
    static const struct lf__hash path[2] = {{{1}}, {{2}}};
    LF_BUF envelope;
    struct px_envelope empty = {.record = LF_BYTES_ARRAY(id)};
    struct px_key_proof key = {.row = {.member = "lab-01", .role = 6, .status = 1},
                               .rows = 9,
                               .path = path,
                               .path_count = 2,
                               .key = {.alg = LF_ALG_ED25519}};
    lf__buf_init(&envelope, 4096);
    FUZZ_REQUIRE(px_envelope_encode(&empty, &envelope));
    struct px_evidence e = {.envelope = lf__buf_bytes(&envelope),
                            .origin = lf__bytes_str("x/ledger"),
                            .index = 17,
                            .leaf = LF_BYTES_ARRAY(id),
                            .path = path,
                            .path_count = 2,
                            .checkpoint = lf__bytes_str("note\n"),
                            .keys = &key,
                            .key_count = 1,
                            .genesis_path = path,
                            .genesis_path_count = 1};
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_evidence_encode(&e, out));
    seed_chosen("members", "evidence", 3, lf__buf_bytes(out));
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_evidence_request_encode(lf__bytes_str("lab-01"), LF_BYTES_ARRAY(id), out));
    seed_chosen("members", "evidence-request", 0, lf__buf_bytes(out));
}

static void redaction_seed(struct lf__buf *out)
{
    static const uint8_t id[PX_ID_BYTES] = {9};
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_redaction redaction = {.issuer = lf__bytes_str("platform-01"),
                                     .record_id = LF_BYTES_ARRAY(id),
                                     .classes = {PX_CLASS_PERSONAL},
                                     .class_count = 1,
                                     .order_authority = lf__bytes_str("某法院"),
                                     .order_number = lf__bytes_str("2026-1")};
    lf__arena_init(&arena, 1 << 16);
    lf__buf_clear(out);
    FUZZ_REQUIRE(px_redaction_encode(&arena, &redaction, parts, &count, NULL) == LF_OK &&
                 count == 2);
    piece_put(out, parts[0].body);
    (void)lf__buf_append(out, parts[1].body);
    seed_chosen("members", "redaction", 4, lf__buf_bytes(out));
}

static void table_seed(const char *name, uint8_t choice, const char *map, lf_bytes rows)
{
    LF_BUF out;
    lf__buf_init(&out, 65536);
    (void)lf__buf_u8(&out, choice);
    piece_put(&out, lf__bytes_str(map));
    FUZZ_REQUIRE(lf__buf_append(&out, rows));
    seed_write("table", name, LF_BYTES_NONE, lf__buf_bytes(&out));
}

static void text_seeds(void)
{
    table_seed("csv", 0, "",
               lf__bytes_str("uscc,name\r\n91999999MA00000000,\"a \"\"b\"\", c\"\n,\n"));
    table_seed("csv-bom-map", 0, "代码=uscc\n", lf__bytes_str("\xef\xbb\xbf代码,name\n1,2\n3\n"));
    table_seed("csv-gb18030", 0, "", lf__bytes_str("uscc,name\n1,\xc4\xb3\xc4\xb3\n"));
    table_seed("jsonl", 1, "a=uscc\n",
               lf__bytes_str("{\"a\":\"1\",\"points\":12}\n[]\n\n{\"a\":null,\"b\":1.5}"));
    seed_text("uscc", "good", "91999999MA00000000");
    seed_text("uscc", "full-width", "９１９９９９９９ＭＡ００００００００");
    seed_text("uscc", "lower-blanks", " 91999999 ma00 000000\xe2\x80\x8b");
    seed_text("uscc", "regno", "110108000000016");
    seed_text("names", "traditional", "北京阿裏商貿（有限責任公司）");
    seed_text("names", "widths", "ＡＢＣ　㈱·\xe2\xbb\xa2");
    seed_text("uscc", "orgcode", "00000000-0");
    seed_text("uscc", "spreadsheet", "9.11E+17");
    seed_text("uscc", "id-in-text", "经营者 999999 1980 0101 0018，已处理");
    seed_text("text", "hex", "00ff10Ab");
    seed_text("text", "base64", "AAECAw==");
    seed_text("text", "number", "18446744073709551615");
    seed_text("text", "date", "2024-02-29");
    seed_text("text", "member-id", "platform-01");
    seed_text("text", "utf8", "a\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    seed_text("secret", "good",
              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
    seed_text("secret", "short", "0001020304\n");
    seed_text("config", "good",
              "[gateway]\nname = fuzz.example\nlisten = 127.0.0.1:0\nmap_gib = 4\nqueue = 64\n");
    seed_text("config", "unknown", "[gateway]\nname = a\nlisten=b\n; note\ncolour = blue\n");
}

/* Questions of reflection (the field of the oneof, its text) and of health. */
static void service_seeds(void)
{
    static const struct {
        const char *name;
        uint32_t field;
        const char *text;
    } rows[] = {{"file", 3, "lianfang/v1/exchange.proto"},
                {"symbol", 4, "lianfang.v1.Exchange.SubmitStream"},
                {"nested", 4, "grpc.health.v1.HealthCheckResponse.ServingStatus"},
                {"unknown", 4, "lianfang.v1.Nothing"},
                {"extension", 5, "\x0a\x01x\x10\x01"},
                {"extensions-of", 6, "lianfang.v1.Record"},
                {"services", 7, "*"}};
    LF_BUF out;
    lf__buf_init(&out, 4096);
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        lf__buf_clear(&out);
        FUZZ_REQUIRE(px_wire_bytes(&out, 1, lf__bytes_str("host")) &&
                     px_wire_bytes(&out, rows[i].field, lf__bytes_str(rows[i].text)));
        seed_chosen("services", rows[i].name, 0, lf__buf_bytes(&out));
    }
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_wire_bytes(&out, 1, lf__bytes_str("lianfang.v1.Exchange")));
    seed_chosen("services", "health", 1, lf__buf_bytes(&out));
}

static void profile_seed(void)
{
    LF_BUF out;
    LF_BUF vkey;
    struct lf__note_key key;
    fuzz_note_key(&key, NULL);
    lf__buf_init(&out, 65536);
    lf__buf_init(&vkey, 1024);
    FUZZ_REQUIRE(lf__note_key_format(&key, &vkey));
    piece_put(&out,
              lf__bytes_str("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"));
    piece_put(&out, lf__bytes_str("-----BEGIN CERTIFICATE-----\n"));
    FUZZ_REQUIRE(lf__buf_str(&out, "[member]\nid = platform-01\nkey = member.key\n"
                                   "push_secret = member.key\ntls_key = tls.pem\n"
                                   "tls_cert = tls.pem\n[gateway]\naddress = 127.0.0.1:7443\n"
                                   "certificate = tls.pem\nserver_name = fuzz.example\nledger = "));
    FUZZ_REQUIRE(lf__buf_append(&out, lf__buf_bytes(&vkey)) && lf__buf_str(&out, "\n"));
    seed_write("profile", "good", LF_BYTES_NONE, lf__buf_bytes(&out));
}

static void policy_seed(void)
{
    LF_BUF out;
    lf__buf_init(&out, 65536);
    piece_put(&out, lf__bytes_str("version 1\n# note\nPLATFORM * ENFORCEMENT_EVENT issue,read\n"
                                  "REGULATOR PROVINCE RELAY issue,correct\nOBSERVER * MEMBER -\n"));
    FUZZ_REQUIRE(lf__buf_str(&out, "version 1\nviolation COUNTERFEIT 3\nmeasure SHOP_CLOSED\n"));
    seed_write("policy", "small", LF_BYTES_NONE, lf__buf_bytes(&out));
}

/* The trust file as a piece, and the bundle that holds against it. */
static void bundle_seed(void)
{
    struct dossier d;
    LF_BUF wire;
    LF_BUF pieces;
    dossier_open(&d);
    lf__buf_init(&wire, PX_BUNDLE_MAX);
    lf__buf_init(&pieces, PX_BUNDLE_MAX);
    dossier_encode(&d, &wire);
    piece_put(&pieces, lf__buf_bytes(&d.trust));
    (void)lf__buf_append(&pieces, lf__buf_bytes(&wire));
    seed_write("evidence", "good", LF_BYTES_NONE, lf__buf_bytes(&pieces));
    dossier_close(&d);
}

int main(int argc, char **argv)
{
    LF_ARENA arena;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: fuzz_seeds DIR\n");
        return EXIT_FAILURE;
    }
    seeds_dir = argv[1];
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    statement_seeds(&arena);
    words_seeds(&arena);
    federation_seeds(&arena);
    request_seeds();
    result_seed();
    answer_seeds();
    note_seeds();
    public_log_seeds();
    status_seeds();
    seed_access();
    seed_tasks();
    seed_crosscheck();
    seed_feed();
    LF_BUF out;
    lf__buf_init(&out, 65536);
    member_seeds(&out);
    proposal_seeds(&out);
    evidence_seeds(&out);
    seed_log_keys();
    redaction_seed(&out);
    text_seeds();
    service_seeds();
    profile_seed();
    policy_seed();
    bundle_seed();
    return EXIT_SUCCESS;
}
