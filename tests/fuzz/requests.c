/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_submit_request_decode, px_batch_request_decode, px_screen_request_decode,
 * px_range_decode, px_entries_request_decode and px_stream_request_decode: what clients ask. Input: a
 * selector and the message. Accepted: encoded again it reads the same. Refused: the outputs are untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/services.h"

static void submit_try(lf_bytes bytes)
{
    LF_BUF out;
    lf_bytes envelope = {NULL, 7};
    lf_bytes again;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_submit_request_decode(bytes, &envelope, NULL) != LF_OK) {
        FUZZ_REQUIRE(envelope.ptr == NULL && envelope.len == 7);
        return;
    }
    FUZZ_REQUIRE(px_submit_request_encode(envelope, &out));
    FUZZ_REQUIRE(px_submit_request_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(lf__bytes_eq(envelope, again));
}

static void batch_try(struct lf__arena *arena, lf_bytes bytes)
{
    static struct px_signature signature;
    struct px_signature signature_again;
    LF_BUF out;
    lf_bytes *list = NULL;
    lf_bytes *again;
    size_t count = 0;
    size_t count_again;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&signature, sizeof signature);
    if (px_batch_request_decode(arena, bytes, &list, &count, &signature, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 0);
        FUZZ_REQUIRE(fuzz_is_marked(&signature, sizeof signature));
        return;
    }
    FUZZ_REQUIRE(count > 0 && count <= PX_BATCH_MAX && signature.batch_size == count);
    FUZZ_REQUIRE(px_batch_request_encode(list, count, &signature, &out));
    FUZZ_REQUIRE(px_batch_request_decode(arena, lf__buf_bytes(&out), &again, &count_again,
                                         &signature_again, NULL) == LF_OK);
    FUZZ_REQUIRE(count == count_again && lf__bytes_eq(list[count - 1], again[count - 1]));
    FUZZ_REQUIRE(lf__hash_eq(&signature.batch_root, &signature_again.batch_root));
}

static void screen_try(struct lf__arena *arena, lf_bytes bytes)
{
    static struct px_screen_request request;
    struct px_screen_request again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&request, sizeof request);
    if (px_screen_request_decode(arena, bytes, &request, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&request, sizeof request));
        return;
    }
    FUZZ_REQUIRE(request.count > 0 && request.count <= PX_SUBJECTS_MAX);
    if (px_screen_request_encode(&request,
                                 &out)) { /* a subject over its limit is the gateway's to refuse */
        FUZZ_REQUIRE(px_screen_request_decode(arena, lf__buf_bytes(&out), &again, NULL) == LF_OK);
        FUZZ_REQUIRE(again.count == request.count);
        FUZZ_REQUIRE(lf__bytes_eq(again.purpose, request.purpose));
        FUZZ_REQUIRE(lf__bytes_eq(again.subjects[0].name, request.subjects[0].name));
        FUZZ_REQUIRE(again.as_known_size == request.as_known_size &&
                     again.as_known_ms == request.as_known_ms);
    }
}

static void range_try(lf_bytes bytes)
{
    struct px_range range = {7, 7, 7};
    struct px_range again;
    LF_BUF out;
    lf__buf_init(&out, 64);
    if (px_range_decode(bytes, &range, NULL) != LF_OK) {
        FUZZ_REQUIRE(range.log == 7 && range.a == 7 && range.b == 7);
        return;
    }
    FUZZ_REQUIRE(px_range_encode(&range, &out));
    FUZZ_REQUIRE(px_range_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.log == range.log && again.a == range.a && again.b == range.b);
}

/* A range is a request for entries, and that one may say more. */
static void entries_try(lf_bytes bytes)
{
    struct px_range range = {7, 7, 7};
    struct px_range again;
    bool leaves_only = false;
    bool leaves_again = false;
    LF_BUF out;
    lf__buf_init(&out, 64);
    if (px_entries_request_decode(bytes, &range, &leaves_only, NULL) != LF_OK) {
        FUZZ_REQUIRE(range.log == 7 && range.a == 7 && range.b == 7 && !leaves_only);
        FUZZ_REQUIRE(px_range_decode(bytes, &again, NULL) != LF_OK);
        return;
    }
    FUZZ_REQUIRE(px_entries_request_encode(&range, leaves_only, &out));
    FUZZ_REQUIRE(px_entries_request_decode(lf__buf_bytes(&out), &again, &leaves_again, NULL) ==
                 LF_OK);
    FUZZ_REQUIRE(again.log == range.log && again.a == range.a && again.b == range.b &&
                 leaves_again == leaves_only);
}

static void stream_try(lf_bytes bytes)
{
    LF_BUF out;
    uint64_t tag = 7;
    uint64_t tag_again;
    lf_bytes envelope = {NULL, 7};
    lf_bytes again;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_stream_request_decode(bytes, &tag, &envelope, NULL) != LF_OK) {
        FUZZ_REQUIRE(tag == 7 && envelope.len == 7);
        return;
    }
    FUZZ_REQUIRE(px_stream_request_encode(tag, envelope, &out));
    FUZZ_REQUIRE(px_stream_request_decode(lf__buf_bytes(&out), &tag_again, &again, NULL) == LF_OK);
    FUZZ_REQUIRE(tag == tag_again && lf__bytes_eq(envelope, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    switch (fuzz_choice(&r, 5)) {
    case 0:
        submit_try(r.rest);
        break;
    case 1:
        batch_try(&arena, r.rest);
        break;
    case 2:
        screen_try(&arena, r.rest);
        break;
    case 3:
        range_try(r.rest);
        entries_try(r.rest);
        break;
    default:
        stream_try(r.rest);
        break;
    }
    return 0;
}
