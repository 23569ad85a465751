/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory in protos/codec: envelopes, kinds, requests, answers, statuses. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/crosscheck.h"
#include "protos/codec/services.h"
#include "protos/codec/spell.h"
#include "protos/codec/status.h"
#include "protos/codec/words.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_MAX = 8 << 20 };

static lf_status parts_make(struct lf__arena *arena, struct px_part *parts, size_t *count)
{
    struct px_event event = {.uscc = lf__bytes_str("91999999MA00000154"),
                             .violation = lf__bytes_str("COUNTERFEIT"),
                             .measures = {lf__bytes_str("SHOP_CLOSED")},
                             .measure_count = 1,
                             .decided_at = lf__bytes_str("2024-05-06"),
                             .note = lf__bytes_str("note")};
    return px_event_encode(arena, &event, parts, count, NULL);
}

static bool envelope_make(const struct px_part *parts, size_t count, struct lf__buf *wire)
{
    static const uint8_t id[PX_ID_BYTES] = {1};
    static const uint8_t signature[64] = {2};
    static const struct lf__hash path[2] = {{{3}}, {{4}}};
    static const lf_bytes audience[] = {{(const uint8_t *)"platform-02", 11}};
    LF_BUF record;
    struct px_header header = {.issuer = lf__bytes_str("platform-01"),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = PX_KIND_ENFORCEMENT_EVENT,
                               .ref = lf__bytes_str("ref"),
                               .version = 1,
                               .audience = audience,
                               .audience_count = 1};
    lf__buf_init(&record, PX_RECORD_MAX);
    if (!px_record_encode(&header, parts, count, &record)) {
        return false;
    }
    struct px_envelope e = {
        .record = lf__buf_bytes(&record), .part_count = count, .signature_count = 1};
    lf__copy(e.parts, parts, count * sizeof *parts);
    e.signatures[0] = (struct px_signature){.alg = 1,
                                            .signature = LF_BYTES_ARRAY(signature),
                                            .batch_size = 3,
                                            .batch_path = path,
                                            .batch_path_count = 2};
    return px_envelope_encode(&e, wire);
}

/* An event as parts, signed and read again: both ways of the envelope and of a kind. */
static lf_status record_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    struct px_part parts[PX_PARTS_MAX] = {{.salt = {1}}};
    size_t count = 0;
    static struct px_envelope read;
    struct px_event event = {.points = 7};
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    lf_status rc = parts_make(&arena, parts, &count);
    if (rc != LF_OK) {
        return rc;
    }
    if (!envelope_make(parts, count, &wire)) {
        return LF_E_NOMEM; /* all sizes are within limits: only memory is left */
    }
    read = (struct px_envelope){.part_count = 99};
    rc = px_envelope_decode(&arena, lf__buf_bytes(&wire), &read, NULL);
    assert_true(rc == LF_OK || read.part_count == 99);
    rc = rc == LF_OK ? px_event_decode(&arena, &read, &event, NULL) : rc;
    assert_true(rc == LF_OK || event.points == 7);
    return rc;
}

static struct lf__public_key codec_key;

static lf_status member_step(void)
{
    LF_ARENA arena;
    static struct px_envelope e;
    struct px_member member = {.member = lf__bytes_str("platform-01"),
                               .name = lf__bytes_str("name"),
                               .role = PX_ROLE_PLATFORM,
                               .division = lf__bytes_str("999999"),
                               .status = PX_MEMBER_ACTIVE,
                               .key_count = 1,
                               .pin_count = 1};
    static struct px_member read;
    lf__arena_init(&arena, ARENA_MAX);
    member.keys[0].key = codec_key;
    member.keys[0].use = 1;
    member.pins[0].until_ms = 9;
    e = (struct px_envelope){.part_count = 0};
    lf_status rc = px_member_encode(&arena, &member, e.parts, &e.part_count, NULL);
    rc = rc == LF_OK ? px_member_decode(&arena, &e, &read, NULL) : rc;
    return rc;
}

static void told_drop(void *user, const char *name, lf_bytes text)
{
    (void)user;
    assert_true(name != NULL && text.len > 0);
}

/* A kind by its table: lists, bytes and texts, and what is asked of any kind. */
static lf_status words_step(void)
{
    LF_ARENA arena;
    static const uint8_t id[PX_ID_BYTES] = {1};
    lf_bytes members[] = {lf__bytes_str("platform-02"), lf__bytes_str("platform-03")};
    struct px_notice notice = {.about = {lf__bytes_str("platform-01"), LF_BYTES_ARRAY(id)},
                               .members = {members, 2},
                               .step = PX_NOTICE_REMINDED,
                               .text = lf__bytes_str("请处理")};
    struct px_notice read = {.step = 77};
    struct px_about about = {.issuer = LF_BYTES_NONE};
    static struct px_envelope e;
    lf__arena_init(&arena, ARENA_MAX);
    e = (struct px_envelope){.header.kind = PX_KIND_NOTICE};
    lf_status rc = px_notice_encode(&arena, &notice, e.parts, &e.part_count, NULL);
    rc = rc == LF_OK ? px_notice_decode(&arena, &e, &read, NULL) : rc;
    assert_int_equal(read.step, rc == LF_OK ? PX_NOTICE_REMINDED : 77);
    rc = rc == LF_OK ? px_about_decode(&arena, &e, &about, NULL) : rc;
    assert_int_equal(about.issuer.len > 0, rc == LF_OK);
    return rc == LF_OK ? px_tell(&arena, &e, told_drop, NULL, NULL) : rc;
}

static lf_status spell_step(void)
{
    LF_ARENA arena;
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 77;
    struct px_subject subject = {.uscc = LF_BYTES_NONE};
    const struct px_spelled list[] = {
        {lf__bytes_str("uscc"), lf__bytes_str("91999999MA00000154")},
        {lf__bytes_str("shops"), lf__bytes_str("one;two")},
        {lf__bytes_str("account_token"),
         lf__bytes_str("000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f")}};
    lf__arena_init(&arena, ARENA_MAX);
    lf_status rc =
        px_spell(&arena, PX_KIND_MERCHANT_IDENTITY, list, LF_COUNT(list), parts, &count, NULL);
    assert_int_equal(count, rc == LF_OK ? 2 : 77);
    if (rc == LF_OK) {
        struct px_envelope e = {.header.kind = PX_KIND_MERCHANT_IDENTITY, .part_count = count};
        e.parts[0] = parts[0];
        e.parts[1] = parts[1];
        rc = px_subject_decode(&arena, &e, &subject, NULL);
        assert_int_equal(subject.uscc.len > 0, rc == LF_OK);
    }
    return rc;
}

static lf_status requests_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    lf_bytes list[] = {lf__bytes_str("one"), lf__bytes_str("two")};
    static const uint8_t raw[64] = {2};
    struct px_signature signature = {.alg = 1, .signature = LF_BYTES_ARRAY(raw)};
    struct px_asked subjects[] = {{list[0], list[1]}, {list[1], list[0]}};
    struct px_screen_request question = {
        .purpose = lf__bytes_str("ONBOARDING"), .subjects = subjects, .count = 2};
    struct px_screen_request asked;
    lf_bytes *read = NULL;
    size_t count = 7;
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_batch_request_encode(list, 2, &signature, &wire)) {
        return LF_E_NOMEM;
    }
    lf_status rc =
        px_batch_request_decode(&arena, lf__buf_bytes(&wire), &read, &count, &signature, NULL);
    assert_true((read != NULL) == (rc == LF_OK) && count == (rc == LF_OK ? 2 : 7));
    lf__buf_clear(&wire);
    if (rc == LF_OK && !px_screen_request_encode(&question, &wire)) {
        return LF_E_NOMEM;
    }
    return rc == LF_OK ? px_screen_request_decode(&arena, lf__buf_bytes(&wire), &asked, NULL) : rc;
}

static lf_status results_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    static const struct lf__hash path[2] = {{{5}}, {{6}}};
    static const uint8_t leaf[LF_LEDGER_LEAF_BYTES] = {1};
    struct px_result made = {.record_id = lf__bytes_slice(LF_BYTES_ARRAY(leaf), 0, 16),
                             .outcome = PX_OUTCOME_ACCEPTED,
                             .origin = lf__bytes_str("fault.example/ledger"),
                             .leaf = LF_BYTES_ARRAY(leaf),
                             .path = path,
                             .path_count = 2};
    struct px_result *read = NULL;
    size_t count = 7;
    lf_bytes note;
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_results_encode(&made, 1, lf__bytes_str("checkpoint"), &wire)) {
        return LF_E_NOMEM;
    }
    lf_status rc = px_results_decode(&arena, lf__buf_bytes(&wire), &read, &count, &note, NULL);
    assert_true((read != NULL) == (rc == LF_OK) && count == (rc == LF_OK ? 1 : 7));
    return rc;
}

static lf_status screened_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    struct px_reason reason = {.code = lf__bytes_str("EVENT"), .certainty = 3};
    struct px_screened made = {
        .uscc = lf__bytes_str("91999999MA00000154"), .reasons = &reason, .reason_count = 1};
    struct px_screened *read = NULL;
    size_t count = 7;
    struct px_screen_answer end = {lf__bytes_str("checkpoint"), 9, 1, 1};
    struct px_screen_answer note;
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_screened_encode(&made, &wire) || !px_screen_reply_end(&end, &wire)) {
        return LF_E_NOMEM;
    }
    return px_screen_reply_decode(&arena, lf__buf_bytes(&wire), &read, &count, &note, NULL);
}

static lf_status crosscheck_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    static const uint64_t indexes[] = {7, 300};
    static const uint64_t totals[PX_FINDINGS] = {0, 1};
    struct px_listed listed = {.uscc = lf__bytes_str("91999999MA00000154")};
    struct px_cross_request asked = {
        .purpose = lf__bytes_str("AUDIT"), .listed = &listed, .count = 1, .omit = LF_BIT(4)};
    struct px_cross_request read;
    struct px_cross_row row = {
        .uscc = listed.uscc, .finding = 1, .indexes = indexes, .index_count = 2};
    struct px_cross_answer answer = {.count = 7};
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_cross_request_encode(&asked, &wire)) {
        return LF_E_NOMEM;
    }
    lf_status rc = px_cross_request_decode(&arena, lf__buf_bytes(&wire), &read, NULL);
    lf__buf_clear(&wire);
    if (rc != LF_OK || !px_cross_row_encode(&row, &wire) ||
        !px_cross_reply_end(totals, lf__bytes_str("checkpoint"), &wire)) {
        return LF_E_NOMEM;
    }
    rc = px_cross_answer_decode(&arena, lf__buf_bytes(&wire), &answer, NULL);
    assert_int_equal(answer.count, rc == LF_OK ? 1 : 7);
    return rc;
}

static lf_status entries_step(void)
{
    LF_ARENA arena;
    LF_BUF wire;
    struct px_entry made = {
        .index = 7, .leaf = lf__bytes_str("leaf"), .envelope = lf__bytes_str("envelope")};
    struct px_entry *read = NULL;
    size_t count = 7;
    uint64_t next = 0;
    lf_bytes note;
    lf__arena_init(&arena, ARENA_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_entry_encode(&made, &wire) || !px_entries_end(8, lf__bytes_str("checkpoint"), &wire)) {
        return LF_E_NOMEM;
    }
    return px_entries_decode(&arena, lf__buf_bytes(&wire), &read, &count, &next, &note, NULL);
}

static lf_status status_step(void)
{
    LF_BUF wire;
    lf_error made = {LF_E_REJECTED, 0, "CHANGED", "header.ref", "record: has other bytes"};
    lf_error read = {.cause = 7};
    uint32_t retry_ms = 7;
    lf__buf_init(&wire, PX_STATUS_BYTES_MAX);
    if (!px_status_encode(&made, 9, 1500, &wire)) {
        return LF_E_NOMEM;
    }
    lf_status rc = px_status_decode(lf__buf_bytes(&wire), &read, &retry_ms, NULL);
    assert_true(rc == LF_OK || (read.cause == 7 && retry_ms == 7));
    return rc;
}

static void sweeps(void **state)
{
    (void)state;
    faults_sweep("record", record_step);
    faults_sweep("member", member_step);
    faults_sweep("words", words_step);
    faults_sweep("spell", spell_step);
    faults_sweep("requests", requests_step);
    faults_sweep("results", results_step);
    faults_sweep("screened", screened_step);
    faults_sweep("crosscheck", crosscheck_step);
    faults_sweep("entries", entries_step);
    faults_sweep("status", status_step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sweeps)};
    struct lf__secret *seed = lf__secret_new(LF_ED25519_SEED);
    if (seed == NULL) {
        return 1;
    }
    codec_key = lf__sign_public(seed);
    lf__secret_free(seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
