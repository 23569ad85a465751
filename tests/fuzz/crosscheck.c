/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_cross_request_decode and px_cross_answer_decode: what regulators ask to be compared, and what a gateway answers. Input: a selector
 * and the message. Accepted: encoded again it reads the same. Refused: the outputs are untouched. */
#include "fuzz/fuzz.h"

#include "base/status.h"
#include "protos/codec/crosscheck.h"
#include "protos/codec/limits.h"

static void request_try(struct lf__arena *arena, lf_bytes bytes)
{
    static struct px_cross_request request;
    struct px_cross_request again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&request, sizeof request);
    if (px_cross_request_decode(arena, bytes, &request, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&request, sizeof request));
        return;
    }
    FUZZ_REQUIRE(request.count <= PX_LISTED_MAX);
    if (px_cross_request_encode(&request, &out)) {
        FUZZ_REQUIRE(px_cross_request_decode(arena, lf__buf_bytes(&out), &again, NULL) == LF_OK);
        FUZZ_REQUIRE(again.count == request.count && again.omit == request.omit);
        FUZZ_REQUIRE(lf__bytes_eq(again.purpose, request.purpose));
        FUZZ_REQUIRE(request.count == 0 || lf__bytes_eq(again.listed[request.count - 1].uscc,
                                                        request.listed[request.count - 1].uscc));
    }
}

static void answer_try(struct lf__arena *arena, lf_bytes bytes)
{
    LF_BUF out;
    struct px_cross_answer answer = {.count = 7};
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_cross_answer_decode(arena, bytes, &answer, NULL) != LF_OK) {
        FUZZ_REQUIRE(answer.count == 7 && answer.rows == NULL);
        return;
    }
    FUZZ_REQUIRE(answer.count <= PX_CROSS_ROWS_MAX && answer.told.len <= bytes.len);
    for (size_t i = 0; i < answer.count; i++) {
        (void)px_cross_row_encode(&answer.rows[i], &out);
    }
    (void)px_cross_reply_end(answer.totals, answer.checkpoint, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(struct lf__arena *, lf_bytes) = {request_try, answer_try};
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    if (size > 0) {
        tries[data[0] % LF_COUNT(tries)](&arena, (lf_bytes){data + 1, size - 1});
    }
    return 0;
}
