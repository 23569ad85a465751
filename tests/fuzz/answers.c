/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_results_decode, px_screen_reply_decode, px_entries_decode, px_proof_decode,
 * px_checkpoint_decode, px_head_decode and px_stream_answer_decode: what a gateway, which a client need not trust,
 * answers; and the verification of a proof so read. Input: a selector and the message. Refused: the outputs are untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/services.h"

static const lf_bytes answer_unset = {NULL, 7};

static void results_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_result *list = NULL;
    size_t count = 7;
    lf_bytes checkpoint = answer_unset;
    if (px_results_decode(arena, bytes, &list, &count, &checkpoint, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 7 && checkpoint.len == 7);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        FUZZ_REQUIRE(list[i].outcome >= PX_OUTCOME_ACCEPTED &&
                     list[i].outcome <= PX_OUTCOME_REFUSED);
        FUZZ_REQUIRE(list[i].path_count <= LF_MERKLE_PROOF_MAX);
    }
}

static void screened_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_screened *list = NULL;
    size_t count = 7;
    struct px_screen_answer told = {.checkpoint = answer_unset};
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_screen_reply_decode(arena, bytes, &list, &count, &told, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 7 && told.checkpoint.len == 7);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        (void)px_screened_encode(&list[i], &out);
    }
    (void)px_screen_reply_end(&told, &out);
}

static void entries_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_entry *list = NULL;
    size_t count = 7;
    uint64_t next = 7;
    lf_bytes checkpoint = answer_unset;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_entries_decode(arena, bytes, &list, &count, &next, &checkpoint, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 7 && next == 7 && checkpoint.len == 7);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        (void)px_entry_encode(&list[i], &out);
    }
}

static void proof_try(lf_bytes bytes, bool has_leaf)
{
    static struct lf__proof proof;
    struct lf__hash leaf = {{0}};
    struct lf__merkle_head older = {3, {{1}}};
    struct lf__merkle_head newer = {1000, {{2}}};
    fuzz_mark(&proof, sizeof proof);
    if (px_proof_decode(bytes, has_leaf, &leaf, &proof, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&proof, sizeof proof));
        return;
    }
    FUZZ_REQUIRE(proof.count <= LF_MERKLE_PROOF_MAX);
    FUZZ_REQUIRE(lf__merkle_verify_inclusion(&leaf, 5, newer.size, &proof, &newer.root, NULL) !=
                 LF_OK); /* nobody finds a hash of 32 chosen bytes */
    FUZZ_REQUIRE(lf__merkle_verify_consistency(&older, &newer, &proof, NULL) != LF_OK);
}

static void head_try(lf_bytes bytes)
{
    static struct px_head head;
    struct px_head again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&head, sizeof head);
    if (px_head_decode(bytes, &head, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&head, sizeof head));
        return;
    }
    FUZZ_REQUIRE(px_head_encode(&head, &out));
    FUZZ_REQUIRE(px_head_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.time_ms == head.time_ms && lf__bytes_eq(again.version, head.version));
}

static void checkpoint_try(lf_bytes bytes)
{
    lf_bytes note = answer_unset;
    if (px_checkpoint_decode(bytes, &note, NULL) != LF_OK) {
        FUZZ_REQUIRE(note.ptr == NULL && note.len == 7);
    }
}

static void stream_try(struct lf__arena *arena, lf_bytes bytes)
{
    struct px_result result = {.outcome = PX_OUTCOME_NONE};
    uint64_t tag = 7;
    lf_bytes checkpoint = answer_unset;
    if (px_stream_answer_decode(arena, bytes, &tag, &result, &checkpoint, NULL) != LF_OK) {
        FUZZ_REQUIRE(tag == 7 && result.outcome == PX_OUTCOME_NONE && checkpoint.len == 7);
        return;
    }
    FUZZ_REQUIRE(result.outcome != PX_OUTCOME_NONE && result.path_count <= LF_MERKLE_PROOF_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    switch (fuzz_choice(&r, 8)) {
    case 0:
        results_try(&arena, r.rest);
        break;
    case 1:
        screened_try(&arena, r.rest);
        break;
    case 2:
        entries_try(&arena, r.rest);
        break;
    case 3:
        proof_try(r.rest, true);
        break;
    case 4:
        proof_try(r.rest, false);
        break;
    case 5:
        checkpoint_try(r.rest);
        break;
    case 6:
        head_try(r.rest);
        break;
    default:
        stream_try(&arena, r.rest);
        break;
    }
    return 0;
}
