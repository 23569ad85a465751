/* SPDX-License-Identifier: Apache-2.0 */
/* The Members service and evidence: there and back, cut anywhere, and over their limits. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/members.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t record_id[PX_ID_BYTES] = {9, 8, 7};

static struct px_member_entry entry_make(const char *id)
{
    struct lf__secret *seed = lf__secret_new(32);
    assert_non_null(seed);
    struct px_member_entry entry = {
        .member = {.member = lf__bytes_str(id),
                   .name = lf__bytes_str("北京市市场监督管理局"),
                   .role = PX_ROLE_REGULATOR,
                   .level = 2,
                   .division = lf__bytes_str("110000"),
                   .status = PX_MEMBER_SUSPENDED,
                   .keys = {{.key = lf__sign_public(seed), .until_ms = 5, .use = PX_KEY_RECORD}},
                   .key_count = 1,
                   .pins = {{.spki = {{3}}, .from_ms = 4}},
                   .pin_count = 1},
        .since_index = 77,
        .record_id = LF_BYTES_ARRAY(record_id),
        .version = 3};
    lf__secret_free(seed);
    return entry;
}

static void assert_entry(const struct px_member_entry *got, const struct px_member_entry *want)
{
    assert_true(lf__bytes_eq(got->member.member, want->member.member) &&
                lf__bytes_eq(got->member.name, want->member.name) &&
                lf__bytes_eq(got->member.division, want->member.division) &&
                lf__bytes_eq(got->record_id, want->record_id));
    assert_int_equal(got->member.role, want->member.role);
    assert_int_equal(got->member.level, want->member.level);
    assert_int_equal(got->member.status, want->member.status);
    assert_int_equal(got->since_index, want->since_index);
    assert_int_equal(got->version, want->version);
    assert_int_equal(got->member.key_count, 1);
    assert_memory_equal(got->member.keys[0].key.bytes, want->member.keys[0].key.bytes, 32);
    assert_int_equal(got->member.keys[0].until_ms, 5);
    assert_int_equal(got->member.pin_count, 1);
    assert_int_equal(got->member.pins[0].from_ms, 4);
}

static void lists(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_list_request request = {PX_ROLE_LAB, lf__bytes_str("lab-01"), 7};
    struct px_list_request got = {.limit = 99};
    lf__buf_init(&wire, 65536);
    lf__arena_init(&arena, 1 << 22);
    assert_true(px_list_request_encode(&request, &wire));
    assert_int_equal(px_list_request_decode(&arena, lf__buf_bytes(&wire), &got, NULL), LF_OK);
    assert_true(got.role == PX_ROLE_LAB && got.limit == 7 &&
                lf__bytes_eq(got.after, request.after));
    assert_int_equal(px_list_request_decode(&arena, LF_BYTES_NONE, &got, NULL), LF_OK);
    assert_int_equal(got.limit, PX_LIST_DEFAULT);
    const struct px_list_request bad[] = {{PX_ROLE_NONE, LF_BYTES_NONE, PX_LIST_MAX + 1},
                                          {PX_ROLE_COUNT, LF_BYTES_NONE, 1}};
    for (size_t i = 0; i < LF_COUNT(bad); i++) {
        lf__buf_clear(&wire);
        assert_true(px_list_request_encode(&bad[i], &wire));
        assert_int_equal(px_list_request_decode(&arena, lf__buf_bytes(&wire), &got, NULL),
                         LF_E_ARG);
        assert_int_equal(got.limit, PX_LIST_DEFAULT); /* untouched */
    }

    struct px_member_entry entries[] = {entry_make("regulator-bj"), entry_make("regulator-sh")};
    struct px_member_entry *list = NULL;
    size_t count = 0;
    lf_bytes next;
    uint64_t size = 0;
    lf__buf_clear(&wire);
    assert_true(px_list_entry_encode(&entries[0], &wire) &&
                px_list_entry_encode(&entries[1], &wire) &&
                px_list_end(lf__bytes_str("regulator-sh"), 12, &wire));
    assert_int_equal(
        px_list_decode(&arena, lf__buf_bytes(&wire), &list, &count, &next, &size, NULL), LF_OK);
    assert_true(count == 2 && size == 12 && lf__bytes_eq_str(next, "regulator-sh"));
    assert_entry(&list[0], &entries[0]);
    assert_entry(&list[1], &entries[1]);
}

static void one_member(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    lf_bytes id;
    uint64_t size = 0;
    struct px_member_entry entry = entry_make("regulator-bj");
    struct px_member_entry got;
    lf__buf_init(&wire, 65536);
    lf__arena_init(&arena, 1 << 22);
    assert_true(px_get_member_request_encode(lf__bytes_str("lab-01"), &wire));
    assert_int_equal(px_get_member_request_decode(&arena, lf__buf_bytes(&wire), &id, NULL), LF_OK);
    assert_true(lf__bytes_eq_str(id, "lab-01"));
    lf__buf_clear(&wire);
    assert_true(px_get_member_encode(&entry, 5, &wire));
    assert_int_equal(px_get_member_decode(&arena, lf__buf_bytes(&wire), &got, &size, NULL), LF_OK);
    assert_entry(&got, &entry);
    assert_int_equal(px_get_member_decode(&arena, LF_BYTES_NONE, &got, &size, NULL), LF_E_FORMAT);
}

static void approvals(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t bytes[64] = {5};
    struct lf__hash id = {{1}};
    struct lf__hash got_id = {{0}};
    struct px_signature signature = {
        .alg = LF_ALG_ED25519, .key_id = {{2}}, .signature = LF_BYTES_ARRAY(bytes)};
    struct px_signature got = {.alg = 99};
    lf__buf_init(&wire, 4096);
    lf__arena_init(&arena, 1 << 20);
    assert_true(px_approve_request_encode(&id, &signature, &wire));
    for (size_t n = 0; n < wire.len; n++) { /* cut short anywhere, it is no approval */
        lf_bytes cut = lf__bytes_slice(lf__buf_bytes(&wire), 0, n);
        assert_int_not_equal(px_approve_request_decode(&arena, cut, &got_id, &got, NULL), LF_OK);
        assert_true(got.alg == 99 && got_id.bytes[0] == 0);
    }
    assert_int_equal(px_approve_request_decode(&arena, lf__buf_bytes(&wire), &got_id, &got, NULL),
                     LF_OK);
    assert_true(lf__hash_eq(&got_id, &id) && lf__hash_eq(&got.key_id, &signature.key_id) &&
                lf__bytes_eq(got.signature, signature.signature) && got.batch_size == 0);

    struct px_proposal proposal = {{{7}}, 1, 3, true, 12, 99};
    struct px_proposal told;
    lf__buf_clear(&wire);
    assert_true(px_proposal_encode(&proposal, &wire));
    assert_int_equal(px_proposal_decode(&arena, lf__buf_bytes(&wire), &told, NULL), LF_OK);
    assert_true(lf__hash_eq(&told.id, &proposal.id) && told.signatures == 1 &&
                told.threshold == 3 && told.accepted && told.index == 12 &&
                told.expires_at_ms == 99);
    assert_int_equal(px_proposal_decode(&arena, LF_BYTES_NONE, &told, NULL), LF_E_FORMAT);
}

static void evidence(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_BUF envelope;
    LF_ARENA arena;
    lf_bytes issuer;
    lf_bytes id;
    static const struct lf__hash path[2] = {{{1}}, {{2}}};
    struct px_key_proof key = {
        .row = {.key_id = {{4}}, .member = "lab-01", .role = 6, .status = 1, .since_index = 8},
        .at = 3,
        .rows = 9,
        .path = path,
        .path_count = 2,
        .key = {.alg = LF_ALG_ED25519, .bytes = {6}}};
    struct px_envelope empty = {.record = LF_BYTES_ARRAY(record_id)};
    struct px_evidence got = {.index = 1234};
    lf__buf_init(&wire, 65536);
    lf__buf_init(&envelope, 4096);
    lf__arena_init(&arena, 1 << 22);
    assert_true(px_envelope_encode(&empty, &envelope));
    struct px_evidence e = {.envelope = lf__buf_bytes(&envelope),
                            .origin = lf__bytes_str("x/ledger"),
                            .index = 17,
                            .leaf = LF_BYTES_ARRAY(record_id),
                            .path = path,
                            .path_count = 2,
                            .checkpoint = lf__bytes_str("note\n"),
                            .keys = &key,
                            .key_count = 1,
                            .genesis_leaf = {{5}},
                            .genesis_path = path,
                            .genesis_path_count = 1};
    assert_true(px_evidence_encode(&e, &wire));
    for (size_t n = 0; n < wire.len; n++) {
        lf_bytes cut = lf__bytes_slice(lf__buf_bytes(&wire), 0, n);
        if (px_evidence_decode(&arena, cut, &got, NULL) == LF_OK) {
            assert_true(got.genesis_path_count == 0); /* cut between two fields, the last of all */
            got.index = 1234;
        }
        assert_int_equal(got.index, 1234);
        lf__arena_done(&arena);
        lf__arena_init(&arena, 1 << 22);
    }
    assert_int_equal(px_evidence_decode(&arena, lf__buf_bytes(&wire), &got, NULL), LF_OK);
    assert_true(got.index == 17 && got.path_count == 2 && got.key_count == 1 &&
                got.genesis_path_count == 1 && lf__bytes_eq(got.envelope, e.envelope) &&
                lf__bytes_eq(got.checkpoint, e.checkpoint) && lf__hash_eq(&got.path[1], &path[1]));
    assert_string_equal(got.keys[0].row.member, "lab-01");
    assert_true(got.keys[0].at == 3 && got.keys[0].rows == 9 && got.keys[0].path_count == 2 &&
                got.keys[0].row.since_index == 8 && got.keys[0].key.bytes[0] == 6);
    lf__buf_clear(&wire);
    assert_true(
        px_evidence_request_encode(lf__bytes_str("lab-01"), LF_BYTES_ARRAY(record_id), &wire));
    assert_int_equal(px_evidence_request_decode(&arena, lf__buf_bytes(&wire), &issuer, &id, NULL),
                     LF_OK);
    assert_true(lf__bytes_eq_str(issuer, "lab-01") && id.len == PX_ID_BYTES);
    assert_int_equal(px_evidence_request_decode(&arena, LF_BYTES_NONE, &issuer, &id, NULL),
                     LF_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists), cmocka_unit_test(one_member),
                                       cmocka_unit_test(approvals), cmocka_unit_test(evidence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
