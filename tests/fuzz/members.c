/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_list_request_decode, px_get_member_request_decode, px_approve_request_decode and
 * px_evidence_request_decode, which any member may send; px_list_decode, px_get_member_decode,
 * px_proposal_decode and px_evidence_decode, which a gateway answers; and px_redaction_decode and
 * px_envelope_record on whatever is there. Input: a selector and the message. Refused: outputs untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/members.h"

static void requests_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_list_request list = {.limit = 7777};
    struct px_signature signature = {.alg = 7777};
    struct lf__hash id = {{7}};
    lf_bytes text = {NULL, 7};
    lf_bytes other = {NULL, 7};
    if (px_list_request_decode(arena, bytes, &list, NULL) == LF_OK) {
        FUZZ_REQUIRE(list.limit >= 1 && list.limit <= PX_LIST_MAX && list.role < PX_ROLE_COUNT);
    } else {
        FUZZ_REQUIRE(list.limit == 7777);
    }
    if (px_approve_request_decode(arena, bytes, &id, &signature, NULL) == LF_OK) {
        FUZZ_REQUIRE(signature.batch_size == 0 && signature.signature.len > 0);
    } else {
        FUZZ_REQUIRE(signature.alg == 7777 && id.bytes[0] == 7);
    }
    if (px_get_member_request_decode(arena, bytes, &text, NULL) != LF_OK) {
        FUZZ_REQUIRE(text.ptr == NULL && text.len == 7);
    }
    text = (lf_bytes){NULL, 7};
    if (px_evidence_request_decode(arena, bytes, &text, &other, NULL) == LF_OK) {
        FUZZ_REQUIRE(other.len == PX_ID_BYTES);
    } else {
        FUZZ_REQUIRE(text.len == 7 && other.len == 7 && text.ptr == NULL);
    }
}

static void list_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_member_entry *list = NULL;
    size_t count = 7;
    lf_bytes next = {NULL, 7};
    uint64_t size = 7;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_list_decode(arena, bytes, &list, &count, &next, &size, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 7 && size == 7 && next.len == 7);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        FUZZ_REQUIRE(list[i].member.key_count <= PX_KEYS_MAX &&
                     list[i].member.pin_count <= PX_PINS_MAX);
        (void)px_list_entry_encode(&list[i], &out);
    }
}

static void answers_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_member_entry entry = {.version = 7777};
    struct px_proposal proposal = {.threshold = 7777};
    uint64_t size = 7;
    if (px_get_member_decode(arena, bytes, &entry, &size, NULL) != LF_OK) {
        FUZZ_REQUIRE(entry.version == 7777 && size == 7);
    }
    if (px_proposal_decode(arena, bytes, &proposal, NULL) != LF_OK) {
        FUZZ_REQUIRE(proposal.threshold == 7777);
    }
}

static void evidence_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_evidence e = {.index = 7777};
    LF_BUF out;
    lf__buf_init(&out, 2 * PX_MESSAGE_MAX);
    if (px_evidence_decode(arena, bytes, &e, NULL) != LF_OK) {
        FUZZ_REQUIRE(e.index == 7777 && e.keys == NULL);
        return;
    }
    FUZZ_REQUIRE(e.key_count <= PX_SIGNATURES_MAX);
    (void)px_evidence_encode(&e, &out);
}

static void redaction_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct lf__reader r = {bytes};
    struct px_redaction redaction = {.class_count = 7777};
    lf_bytes members = fuzz_piece(&r);
    struct px_envelope envelope = {.parts = {{.part_class = PX_CLASS_MEMBERS, .body = members},
                                             {.part_class = PX_CLASS_REGULATOR, .body = r.rest}},
                                   .part_count = 2};
    lf_bytes record = {NULL, 0};
    if (px_redaction_decode(arena, &envelope, &redaction, NULL) == LF_OK) {
        FUZZ_REQUIRE(redaction.class_count <= PX_PARTS_MAX && redaction.order_number.len > 0);
    } else {
        FUZZ_REQUIRE(redaction.class_count == 7777);
    }
    if (px_envelope_record(bytes, &record)) {
        FUZZ_REQUIRE(record.len > 0 && record.ptr >= bytes.ptr &&
                     record.ptr + record.len <= bytes.ptr + bytes.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    switch (fuzz_choice(&r, 5)) {
    case 0:
        requests_try(&arena, r.rest);
        break;
    case 1:
        list_try(&arena, r.rest);
        break;
    case 2:
        answers_try(&arena, r.rest);
        break;
    case 3:
        evidence_try(&arena, r.rest);
        break;
    default:
        redaction_try(&arena, r.rest);
        break;
    }
    return 0;
}
