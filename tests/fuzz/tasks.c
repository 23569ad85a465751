/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_tasks_request_decode and px_tasks_decode: what somebody asks of tasks, and what a gateway answers. Input: a
 * selector and the message. Accepted: encoded again it reads the same. Refused: the outputs are untouched. */
#include "fuzz/fuzz.h"

#include "protos/codec/tasks.h"

static void request_try(lf_bytes bytes)
{
    static struct px_tasks_request request;
    struct px_tasks_request again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&request, sizeof request);
    if (px_tasks_request_decode(bytes, &request, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&request, sizeof request));
        return;
    }
    FUZZ_REQUIRE(request.max > 0 && request.max <= PX_TASKS_MAX);
    FUZZ_REQUIRE(px_tasks_request_encode(&request, &out));
    FUZZ_REQUIRE(px_tasks_request_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.states == request.states && again.max == request.max);
    FUZZ_REQUIRE(lf__bytes_eq(again.member, request.member));
}

static void answer_try(lf_bytes bytes)
{
    LF_ARENA arena;
    LF_BUF out;
    struct px_task *list = NULL;
    size_t count = 7;
    struct px_tasks_end end = {.next_index = 7};
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_tasks_decode(&arena, bytes, &list, &count, &end, NULL) != LF_OK) {
        FUZZ_REQUIRE(list == NULL && count == 7 && end.next_index == 7);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        (void)px_task_encode(&list[i], &out);
    }
    (void)px_tasks_end_encode(&end, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lf_bytes rest = {data + 1, size > 0 ? size - 1 : 0};
    if (size > 0 && data[0] % 2 == 0) {
        request_try(rest);
    } else if (size > 0) {
        answer_try(rest);
    }
    return 0;
}
