/* SPDX-License-Identifier: Apache-2.0 */
/* Records through the codec that the SDK uses, so that nothing here knows the wire. */
#include "bench/records.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "protos/codec/wire.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_ARENA_MAX = 1 << 20, RECORD_NOTE_MAX = 400 };

/* GB 32100 over MB and eight digits of serial; the inner check of GB 11714 as well. */
void bench_code(uint64_t serial, char out[static BENCH_CODE_BYTES + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int inner[] = {3, 7, 9, 10, 5, 8, 4, 2};
    static const int outer[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    (void)snprintf(out, BENCH_CODE_BYTES + 1, "91999999%08llu",
                   (unsigned long long)(serial % 100000000));
    for (int i = 0; i < 8; i++) {
        sum += inner[i] * (out[8 + i] - '0');
    }
    int r = 11 - sum % 11;
    out[16] = r == 10 ? 'X' : r == 11 ? '0' : (char)('0' + r);
    sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += outer[i] * (int)(strchr(alphabet, out[i]) - alphabet);
    }
    out[17] = alphabet[(31 - sum % 31) % 31];
    out[18] = '\0';
}

/* Salts are derived as the SDK's are: from what they hide, so that they cost what they cost there. */
static bool event_parts(const struct bench_maker *maker, struct lf__arena *arena, uint64_t serial,
                        struct px_part parts[static PX_PARTS_MAX], size_t *count)
{
    static const char note[] = "one of many synthetic removals, which only measurements send; its "
                               "words say nothing of anyone. ";
    char code[BENCH_CODE_BYTES + 1];
    char padded[RECORD_NOTE_MAX];
    bench_code(serial, code);
    for (size_t i = 0; i < maker->pad; i++) {
        padded[i] = note[i % (sizeof note - 1)];
    }
    struct px_event event = {.uscc = lf__bytes_str(code),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("REMOVAL")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2026-03-01"),
                             .note = {(const uint8_t *)padded, maker->pad}};
    if (px_event_encode(arena, &event, parts, count, NULL) != LF_OK) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        struct lf__hash salt = lf__sha256(parts[i].body);
        lf__copy(parts[i].salt, salt.bytes, sizeof parts[i].salt);
    }
    return true;
}

bool bench_record(const struct bench_maker *maker, struct lf__arena *arena, uint64_t serial,
                  struct px_envelope *e, struct lf__buf *out)
{
    uint8_t id[PX_ID_BYTES];
    LF_BUF record;
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__copy(id, maker->run, BENCH_RUN_BYTES);
    lf__put_u64be(id + BENCH_RUN_BYTES, serial);
    struct px_header header = {.issuer = lf__bytes_str(maker->member),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = PX_KIND_ENFORCEMENT_EVENT,
                               .version = 1,
                               .legal_basis = 1,
                               .certainty = 3};
    *e = (struct px_envelope){.signature_count = 0};
    if (!event_parts(maker, arena, serial, e->parts, &e->part_count) ||
        !px_record_encode(&header, e->parts, e->part_count, &record)) {
        return false;
    }
    e->record = lf__arena_copy(arena, lf__buf_bytes(&record));
    return e->record.ptr != NULL && px_envelope_encode(e, out);
}

/* The note's length decides; a few tries, because lengths have lengths. */
static lf_status pad_find(struct bench_maker *maker, lf_error *err)
{
    for (size_t pad = 0; pad < RECORD_NOTE_MAX; pad++) {
        LF_ARENA arena;
        LF_BUF out;
        struct px_envelope e;
        lf__arena_init(&arena, RECORD_ARENA_MAX);
        lf__buf_init(&out, PX_MESSAGE_MAX);
        maker->pad = pad;
        if (!bench_record(maker, &arena, 1, &e, &out)) {
            break;
        }
        if (out.len == BENCH_RECORD_BYTES) {
            return LF_OK;
        }
    }
    return lf__fail(err, LF_E_BUG, "bench: no note makes a record of %d bytes", BENCH_RECORD_BYTES);
}

lf_status bench_maker_init(struct bench_maker *maker, const char *member, struct lf__secret *seed,
                           lf_error *err)
{
    struct lf__public_key key = lf__sign_public(seed);
    *maker = (struct bench_maker){.seed = seed, .key_id = lf__key_id(&key)};
    lf__random(maker->run, sizeof maker->run);
    if (!lf__copy_str(maker->member, sizeof maker->member, lf__bytes_str(member))) {
        return lf__fail(err, LF_E_ARG, "bench: the member's name is too long");
    }
    return pad_find(maker, err);
}

lf_status bench_maker_open(struct bench_maker *maker, const char *dir, const char *member,
                           lf_error *err)
{
    char path[4096];
    struct lf__secret *seed = NULL;
    *maker = (struct bench_maker){.seed = NULL};
    int n = snprintf(path, sizeof path, "%s/members/%s/sign.key", dir, member);
    if (n < 0 || (size_t)n >= sizeof path) {
        return lf__fail(err, LF_E_ARG, "bench: path is too long");
    }
    lf_status rc = lf__secret_load(path, LF_ED25519_SEED, &seed, err);
    return rc == LF_OK ? bench_maker_init(maker, member, seed, err) : rc;
}

void bench_maker_close(struct bench_maker *maker)
{
    lf__secret_free(maker->seed);
}

bool bench_submit_request(const struct bench_maker *maker, uint64_t serial, struct lf__buf *out)
{
    LF_ARENA arena;
    LF_BUF wire;
    LF_BUF pae;
    struct px_envelope e;
    lf__arena_init(&arena, RECORD_ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    if (!bench_record(maker, &arena, serial, &e, &wire) ||
        !lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record)) {
        return false;
    }
    struct lf__signature signature = lf__sign(maker->seed, lf__buf_bytes(&pae));
    e.signature_count = 1;
    e.signatures[0] = (struct px_signature){.alg = LF_ALG_ED25519,
                                            .key_id = maker->key_id,
                                            .signature = LF_BYTES_ARRAY(signature.bytes)};
    lf__buf_clear(&wire);
    return px_envelope_encode(&e, &wire) && px_submit_request_encode(lf__buf_bytes(&wire), out);
}

static bool batch_sign(const struct bench_maker *maker, const struct lf__hash *leaves, size_t count,
                       struct px_signature *out, struct lf__signature *bytes)
{
    LF_MEMTREE tree = {0, NULL};
    LF_BUF pae;
    uint8_t body[4 + LF_HASH_BYTES];
    lf__buf_init(&pae, 256);
    if (lf__memtree_init(&tree, leaves, count, NULL) != LF_OK) {
        return false;
    }
    struct lf__hash root = lf__memtree_root(&tree);
    lf__put_u32be(body, (uint32_t)count);
    lf__copy(body + 4, root.bytes, LF_HASH_BYTES);
    bool good = lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body));
    *bytes = lf__sign(maker->seed, lf__buf_bytes(&pae));
    *out = (struct px_signature){.alg = LF_ALG_ED25519,
                                 .key_id = maker->key_id,
                                 .signature = LF_BYTES_ARRAY(bytes->bytes),
                                 .batch_size = (uint32_t)count,
                                 .batch_root = root};
    return good;
}

bool bench_batch_request(const struct bench_maker *maker, uint64_t serial, size_t count,
                         struct lf__buf *out)
{
    struct lf__hash leaves[PX_BATCH_MAX];
    lf_bytes envelopes[PX_BATCH_MAX];
    struct px_signature signature;
    struct lf__signature bytes;
    LF_ARENA arena;
    LF_BUF wire;
    LF_BUF pae;
    bool good = count <= PX_BATCH_MAX;
    lf__arena_init(&arena, PX_MESSAGE_MAX * 4);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf__buf_init(&pae, PX_MESSAGE_MAX);
    for (size_t i = 0; good && i < count; i++) {
        struct px_envelope e;
        lf__buf_clear(&wire);
        lf__buf_clear(&pae);
        good = bench_record(maker, &arena, serial + i, &e, &wire) &&
               lf__dsse_pae(&pae, LF_TYPE_RECORD, e.record);
        leaves[i] = lf__batch_leaf(lf__buf_bytes(&pae));
        envelopes[i] = lf__arena_copy(&arena, lf__buf_bytes(&wire));
        good = good && envelopes[i].ptr != NULL;
    }
    return good && batch_sign(maker, leaves, count, &signature, &bytes) &&
           px_batch_request_encode(envelopes, count, &signature, out);
}

uint64_t bench_stored_bytes(const struct bench_maker *maker, uint64_t batch)
{
    static const struct lf__hash path[PX_BATCH_PATH_MAX];
    static const uint8_t signature[LF_ED25519_SIGNATURE];
    LF_ARENA arena;
    LF_BUF wire;
    struct px_envelope e;
    size_t steps = 0;
    lf__arena_init(&arena, RECORD_ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    while ((uint64_t)1 << steps < batch) {
        steps++;
    }
    if (!bench_record(maker, &arena, 1, &e, &wire)) {
        return 0;
    }
    e.signature_count = 1;
    e.signatures[0] = (struct px_signature){.alg = LF_ALG_ED25519,
                                            .key_id = maker->key_id,
                                            .signature = LF_BYTES_ARRAY(signature),
                                            .batch_size = batch > 1 ? (uint32_t)batch : 0,
                                            .batch_index = (uint32_t)batch / 2,
                                            .batch_path = path,
                                            .batch_path_count = steps};
    lf__buf_clear(&wire);
    return px_envelope_encode(&e, &wire) ? wire.len : 0;
}

bool bench_screen_request(uint64_t serial, struct lf__buf *out)
{
    char code[BENCH_CODE_BYTES + 1];
    bench_code(serial, code);
    struct px_asked subject = {lf__bytes_str(code), LF_BYTES_NONE};
    struct px_screen_request request = {
        .purpose = lf__bytes_str("ONBOARDING"), .legal_basis = 1, .subjects = &subject, .count = 1};
    return px_screen_request_encode(&request, out);
}

/* Field 1 of the answer is a result, field 2 of that its outcome (lianfang/v1/exchange.proto). */
uint64_t bench_accepted(lf_bytes answer)
{
    struct lf__reader r = {answer};
    struct px_wire wire;
    uint64_t accepted = 0;
    while (px_wire_next(&r, &wire)) {
        struct lf__reader inner = {wire.value};
        struct px_wire field;
        bool is_result = wire.number == 1 && wire.type == PX_WIRE_BYTES;
        while (is_result && px_wire_next(&inner, &field)) {
            bool is_taken = field.number == 2 && field.varint == PX_OUTCOME_ACCEPTED;
            accepted += is_taken ? 1 : 0;
            is_result = field.number < 2;
        }
    }
    return accepted;
}
