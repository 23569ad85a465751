/* SPDX-License-Identifier: Apache-2.0 */
/* Covers px_tasks_request_decode, px_tasks_decode, px_report_request_decode and px_report_decode: what somebody asks of
 * tasks and reports, and what a gateway answers. Input: a selector and the message. Accepted: encoded again it reads the same. Refused: the outputs are untouched. */
#include "fuzz/fuzz.h"

#include "base/status.h"
#include "protos/codec/reports.h"
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

static void report_request_try(lf_bytes bytes)
{
    static struct px_report_request request;
    struct px_report_request again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&request, sizeof request);
    if (px_report_request_decode(bytes, &request, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&request, sizeof request));
        return;
    }
    FUZZ_REQUIRE(px_report_request_encode(&request, &out));
    FUZZ_REQUIRE(px_report_request_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(lf__bytes_eq(again.name, request.name) &&
                 lf__bytes_eq(again.about, request.about) && again.max == request.max &&
                 lf__bytes_eq(again.after, request.after));
}

static void report_try(lf_bytes bytes)
{
    LF_ARENA arena;
    LF_BUF out;
    struct px_report report = {.rows = 7};
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    lf__buf_init(&out, PX_MESSAGE_MAX);
    if (px_report_decode(&arena, bytes, &report, NULL) != LF_OK) {
        FUZZ_REQUIRE(report.rows == 7 && report.cells == NULL);
        return;
    }
    FUZZ_REQUIRE(report.columns <= PX_REPORT_COLUMNS_MAX && report.rows <= PX_REPORT_ROWS_MAX);
    (void)px_report_encode(&report, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(lf_bytes) = {request_try, answer_try, report_request_try,
                                              report_try};
    if (size > 0) {
        tries[data[0] % LF_COUNT(tries)]((lf_bytes){data + 1, size - 1});
    }
    return 0;
}
