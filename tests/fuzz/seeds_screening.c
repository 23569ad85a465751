/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of what members ask and are told: tasks, reports, cross-checks, the feed; and of what the access log keeps of it. */
#include "fuzz/seeds.h"

#include "fuzz/fuzz.h"
#include "base/status.h"
#include "protos/codec/access.h"
#include "protos/codec/crosscheck.h"
#include "protos/codec/feed.h"
#include "protos/codec/reports.h"
#include "protos/codec/tasks.h"
#include "protos/codec/wire.h"

void seed_tasks(void)
{
    static const uint8_t id[PX_ID_BYTES] = {1, 2, 3};
    struct px_tasks_request request = {.member = lf__bytes_str("platform-02"),
                                       .states = LF_BIT(1) | LF_BIT(3),
                                       .overdue_only = true,
                                       .max = 10};
    struct px_task task = {.index = 12,
                           .issuer = lf__bytes_str("platform-01"),
                           .record_id = LF_BYTES_ARRAY(id),
                           .kind = PX_KIND_ENFORCEMENT_EVENT,
                           .member = lf__bytes_str("platform-02"),
                           .uscc = lf__bytes_str("91999999MA00000154"),
                           .state = 1,
                           .opened_ms = 1000,
                           .due_ms = 2000};
    struct px_tasks_end end = {true, 12, lf__bytes_str("platform-02"), lf__bytes_str("note\n")};
    LF_BUF out;
    lf__buf_init(&out, 4096);
    FUZZ_REQUIRE(px_tasks_request_encode(&request, &out));
    seed_chosen("tasks", "request", 0, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_task_encode(&task, &out) && px_tasks_end_encode(&end, &out));
    seed_chosen("tasks", "answer", 1, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    static const lf_bytes cells[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"1", 1}};
    struct px_report_request wanted = {.name = cells[0], .from = lf__bytes_str("2026-01-01")};
    struct px_report report = {.name = cells[0],
                               .heads = cells,
                               .columns = 2,
                               .cells = cells,
                               .rows = 1,
                               .checkpoint = lf__bytes_str("note\n")};
    FUZZ_REQUIRE(px_report_request_encode(&wanted, &out));
    seed_chosen("tasks", "report-request", 2, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_report_encode(&report, &out));
    seed_chosen("tasks", "report", 3, lf__buf_bytes(&out));
}

void seed_crosscheck(void)
{
    static const uint64_t indexes[] = {7, 300};
    static const uint64_t totals[PX_FINDINGS] = {0, 1};
    struct px_listed listed = {.uscc = lf__bytes_str("91999999MA00000154"),
                               .list = lf__bytes_str("SERIOUS"),
                               .listed_on = lf__bytes_str("2026-01-05")};
    struct px_cross_request request = {.purpose = lf__bytes_str("AUDIT"),
                                       .case_number = lf__bytes_str("C-1"),
                                       .legal_basis = 1,
                                       .listed = &listed,
                                       .count = 1,
                                       .omit = LF_BIT(4)};
    struct px_cross_row row = {.uscc = listed.uscc,
                               .finding = 1,
                               .explanation = lf__bytes_str("both"),
                               .indexes = indexes,
                               .index_count = LF_COUNT(indexes)};
    LF_BUF out;
    lf__buf_init(&out, 65536);
    FUZZ_REQUIRE(px_cross_request_encode(&request, &out));
    seed_chosen("crosscheck", "request", 0, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_cross_row_encode(&row, &out));
    FUZZ_REQUIRE(px_cross_reply_end(totals, lf__bytes_str("note\n"), &out));
    FUZZ_REQUIRE(px_wire_u64(&out, PX_CROSS_ACCESS_INDEX, 3));
    seed_chosen("crosscheck", "answer", 1, lf__buf_bytes(&out));
}

void seed_access(void)
{
    static const struct px_token tokens[2] = {{{1}}, {{2}}};
    struct px_access entry = {.member = lf__bytes_str("platform-01"),
                              .role = PX_ROLE_PLATFORM,
                              .act = PX_ACCESS_SCREEN,
                              .purpose = lf__bytes_str("ONBOARDING"),
                              .legal_basis = 1,
                              .case_number = lf__bytes_str("案号 7"),
                              .tokens = tokens,
                              .token_count = 2,
                              .subjects = 2,
                              .first = 3,
                              .next = 9,
                              .told = 4,
                              .classes = 6,
                              .result = {{5}},
                              .note = lf__bytes_str("note"),
                              .mirror_report = lf__bytes_str("report")};
    LF_BUF out;
    lf__buf_init(&out, PX_ACCESS_ENTRY_MAX);
    FUZZ_REQUIRE(px_access_encode(&entry, &out));
    seed_write("access", "screen", LF_BYTES_NONE, lf__buf_bytes(&out));
}

void seed_feed(void)
{
    static const uint8_t leaf[LF_LEDGER_LEAF_BYTES] = {1};
    static const uint8_t hashes[2 * LF_HASH_BYTES] = {2};
    struct px_feed_request request = {
        .cursor = 7, .resume = true, .kinds = 0x60, .max_entries = 9, .wait_ms = 100};
    struct px_entry entry = {
        .index = 3, .leaf = LF_BYTES_ARRAY(leaf), .envelope = lf__bytes_str("envelope")};
    struct px_skipped skipped = {1, LF_BYTES_ARRAY(hashes)};
    struct px_feed_batch batch = {
        .cursor = 1, .next_cursor = 4, .checkpoint = lf__bytes_str("note\n")};
    LF_BUF out;
    lf__buf_init(&out, 65536);
    FUZZ_REQUIRE(px_feed_request_encode(&request, &out));
    seed_chosen("feed", "poll", 1, lf__buf_bytes(&out));
    request.max_entries = request.wait_ms = 0;
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_feed_request_encode(&request, &out));
    seed_chosen("feed", "subscribe", 0, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_acknowledge_encode(12, &out));
    seed_chosen("feed", "acknowledge", 2, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_feed_skipped_encode(&skipped, &out) && px_feed_entry_encode(&entry, &out) &&
                 px_feed_batch_end(&batch, &out));
    seed_chosen("feed", "batch", 3, lf__buf_bytes(&out));
    struct px_mirror_count count = {.member = lf__bytes_str("platform-01"),
                                    .day = lf__bytes_str("2026-03-02"),
                                    .number = 3,
                                    .subjects = 100};
    struct px_mirror_report report = {.count = lf__bytes_str("count")};
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_mirror_report_encode(&report, &out));
    seed_chosen("feed", "mirror-report", 4, lf__buf_bytes(&out));
    lf__buf_clear(&out);
    FUZZ_REQUIRE(px_mirror_count_encode(&count, &out));
    seed_chosen("feed", "mirror-count", 5, lf__buf_bytes(&out));
}
