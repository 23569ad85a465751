/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_subscribe_request_decode, px_poll_request_decode, px_acknowledge_decode, px_mirror_report_decode, px_mirror_count_decode and
 * px_feed_batch_decode: what readers of
 * the feed ask, and what a gateway that they need not trust answers. Input: a selector and the message. Accepted: encoded again it
 * reads the same. Refused: the outputs are untouched.
 */
#include "fuzz/fuzz.h"

#include "protos/codec/feed.h"

static lf_status request_decode(struct lf__arena *arena, bool is_poll, lf_bytes bytes,
                                struct px_feed_request *out)
{
    return is_poll ? px_poll_request_decode(arena, bytes, out, NULL)
                   : px_subscribe_request_decode(arena, bytes, out, NULL);
}

static void request_try(struct lf__arena *arena, bool is_poll, lf_bytes bytes)
{
    static struct px_feed_request request;
    struct px_feed_request again;
    LF_BUF out;
    lf__buf_init(&out, 1024);
    fuzz_mark(&request, sizeof request);
    if (request_decode(arena, is_poll, bytes, &request) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&request, sizeof request));
        return;
    }
    FUZZ_REQUIRE(request.kinds >> PX_KIND_COUNT == 0 && (request.kinds & 1) == 0);
    FUZZ_REQUIRE(request.max_entries <= PX_FEED_ENTRIES_MAX);
    FUZZ_REQUIRE(request.wait_ms <= PX_FEED_WAIT_MAX_MS);
    FUZZ_REQUIRE(px_feed_request_encode(&request, &out));
    FUZZ_REQUIRE(request_decode(arena, is_poll, lf__buf_bytes(&out), &again) == LF_OK);
    FUZZ_REQUIRE(again.cursor == request.cursor && again.resume == request.resume &&
                 again.kinds == request.kinds && again.max_entries == request.max_entries &&
                 again.wait_ms == request.wait_ms);
}

static void acknowledge_try(lf_bytes bytes)
{
    uint64_t cursor = 7;
    uint64_t again = 0;
    LF_BUF out;
    lf__buf_init(&out, 64);
    if (px_acknowledge_decode(bytes, &cursor, NULL) != LF_OK) {
        FUZZ_REQUIRE(cursor == 7);
        return;
    }
    FUZZ_REQUIRE(px_acknowledge_encode(cursor, &out));
    FUZZ_REQUIRE(px_acknowledge_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again == cursor);
}

static void report_try(lf_bytes bytes)
{
    static struct px_mirror_report report;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&report, sizeof report);
    if (px_mirror_report_decode(bytes, &report, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&report, sizeof report));
        return;
    }
    FUZZ_REQUIRE(px_mirror_report_encode(&report, &out));
    FUZZ_REQUIRE(px_mirror_report_decode(lf__buf_bytes(&out), &report, NULL) == LF_OK);
}

static void count_try(lf_bytes bytes)
{
    static struct px_mirror_count count;
    struct px_mirror_count again;
    LF_BUF out;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    fuzz_mark(&count, sizeof count);
    if (px_mirror_count_decode(bytes, &count, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&count, sizeof count));
        return;
    }
    FUZZ_REQUIRE(count.subjects > 0);
    FUZZ_REQUIRE(px_mirror_count_encode(&count, &out));
    FUZZ_REQUIRE(px_mirror_count_decode(lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.number == count.number && again.subjects == count.subjects &&
                 lf__bytes_eq(again.day, count.day) && lf__bytes_eq(again.member, count.member));
}

static void batch_put(const struct px_feed_batch *batch, struct lf__buf *out)
{
    for (size_t i = 0; i < batch->entry_count; i++) {
        (void)px_feed_entry_encode(&batch->entries[i], out);
    }
    for (size_t i = 0; i < batch->skipped_count; i++) {
        (void)px_feed_skipped_encode(&batch->skipped[i], out);
    }
    (void)px_feed_batch_end(batch, out);
}

static void batch_try(struct lf__arena *arena, lf_bytes bytes)
{
    static struct px_feed_batch batch;
    struct px_feed_batch again;
    LF_BUF out;
    lf__buf_init(&out, 4 * PX_MESSAGE_MAX);
    fuzz_mark(&batch, sizeof batch);
    if (px_feed_batch_decode(arena, bytes, &batch, NULL) != LF_OK) {
        FUZZ_REQUIRE(fuzz_is_marked(&batch, sizeof batch));
        return;
    }
    batch_put(&batch, &out);
    if (out.failed) {
        return;
    }
    FUZZ_REQUIRE(px_feed_batch_decode(arena, lf__buf_bytes(&out), &again, NULL) == LF_OK);
    FUZZ_REQUIRE(again.cursor == batch.cursor && again.next_cursor == batch.next_cursor &&
                 again.entry_count == batch.entry_count &&
                 again.skipped_count == batch.skipped_count &&
                 again.is_heartbeat == batch.is_heartbeat);
    for (size_t i = 0; i < batch.skipped_count; i++) {
        FUZZ_REQUIRE(batch.skipped[i].leaf_hashes.len % LF_HASH_BYTES == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf__reader r = {{data, size}};
    LF_ARENA arena;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    switch (fuzz_choice(&r, 6)) {
    case 0:
        request_try(&arena, false, r.rest);
        break;
    case 1:
        request_try(&arena, true, r.rest);
        break;
    case 2:
        acknowledge_try(r.rest);
        break;
    case 4:
        report_try(r.rest);
        break;
    case 5:
        count_try(r.rest);
        break;
    default:
        batch_try(&arena, r.rest);
        break;
    }
    return 0;
}
