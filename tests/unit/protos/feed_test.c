/* SPDX-License-Identifier: Apache-2.0 */
/* What the feed's readers ask and are told: there and back, cut anywhere, and each limit crossed. */
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/feed.h"
#include "protos/codec/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_same(const struct px_feed_request *a, const struct px_feed_request *b)
{
    assert_true(a->cursor == b->cursor && a->resume == b->resume && a->kinds == b->kinds &&
                a->max_entries == b->max_entries && a->wait_ms == b->wait_ms);
}

static void requests(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    struct px_feed_request in = {.cursor = UINT64_MAX,
                                 .resume = true,
                                 .kinds = UINT64_C(1) << PX_KIND_RELAY | 1 << PX_KIND_GENESIS,
                                 .max_entries = PX_FEED_ENTRIES_MAX,
                                 .wait_ms = PX_FEED_WAIT_MAX_MS};
    struct px_feed_request out = {.cursor = 1};
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&wire, 1000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_feed_request_encode(&in, &wire));
    assert_int_equal(px_poll_request_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_same(&in, &out);
    assert_int_equal(px_subscribe_request_decode(&arena, lf__buf_bytes(&wire), &out, &err),
                     LF_E_FORMAT); /* has no such fields */
    assert_string_equal(err.reason, "UNKNOWN_FIELD");
    in.max_entries = in.wait_ms = 0;
    lf__buf_clear(&wire);
    assert_true(px_feed_request_encode(&in, &wire));
    assert_int_equal(px_subscribe_request_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_same(&in, &out);
    assert_int_equal(px_poll_request_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_int_equal(out.max_entries, PX_FEED_ENTRIES_MAX); /* 0 means the most */
    in.kinds = 0;
    lf__buf_clear(&wire);
    assert_true(px_feed_request_encode(&in, &wire) && px_wire_u64(&wire, 3, PX_KIND_MEMBER));
    assert_int_equal(px_subscribe_request_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_int_equal(out.kinds, 1 << PX_KIND_MEMBER); /* not packed: read all the same */
}

static void refused(struct px_feed_request *in, const char *reason, const char *field)
{
    LF_BUF wire;
    LF_ARENA arena;
    struct px_feed_request out = {.cursor = 77};
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&wire, 1000);
    lf__arena_init(&arena, 1 << 16);
    assert_true(px_feed_request_encode(in, &wire));
    assert_int_equal(px_poll_request_decode(&arena, lf__buf_bytes(&wire), &out, &err), LF_E_ARG);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.field, field);
    assert_int_equal(out.cursor, 77);
}

/* What protobuf-c does not read must not get past the scan: it once left a request that was none. */
static void packed_cut(void **state)
{
    (void)state;
    static const uint8_t cut[] = {0x1a, 2, PX_KIND_POLICY, 0xfa};
    LF_ARENA arena;
    struct px_feed_request out = {.cursor = 77};
    lf_error err = LF_ERROR_INIT;
    lf__arena_init(&arena, 1 << 16);
    assert_int_equal(px_subscribe_request_decode(&arena, LF_BYTES_ARRAY(cut), &out, &err),
                     LF_E_FORMAT);
    assert_string_equal(err.reason, "WIRE_MALFORMED");
    assert_string_equal(err.field, "kinds");
    assert_int_equal(px_poll_request_decode(&arena, LF_BYTES_ARRAY(cut), &out, NULL), LF_E_FORMAT);
    assert_int_equal(out.cursor, 77);
}

static void limits(void **state)
{
    (void)state;
    LF_ARENA arena;
    static const uint8_t unknown[] = {0x18, PX_KIND_COUNT};
    static const uint8_t none[] = {0x1a, 1, 0};
    struct px_feed_request out;
    lf_error err = LF_ERROR_INIT;
    lf__arena_init(&arena, 1 << 16);
    refused(&(struct px_feed_request){.max_entries = PX_FEED_ENTRIES_MAX + 1}, "TOO_BIG",
            "max_entries");
    refused(&(struct px_feed_request){.wait_ms = PX_FEED_WAIT_MAX_MS + 1}, "TOO_BIG", "wait_ms");
    assert_int_equal(px_poll_request_decode(&arena, LF_BYTES_ARRAY(unknown), &out, &err), LF_E_ARG);
    assert_string_equal(err.reason, "KIND_UNKNOWN");
    assert_int_equal(px_subscribe_request_decode(&arena, LF_BYTES_ARRAY(none), &out, &err),
                     LF_E_ARG);
    assert_string_equal(err.reason, "KIND_UNKNOWN");
}

static void batches(void **state)
{
    (void)state;
    LF_BUF wire;
    LF_ARENA arena;
    static const uint8_t hashes[2 * LF_HASH_BYTES] = {2};
    static const uint8_t leaf[LF_LEDGER_LEAF_BYTES] = {1};
    struct px_skipped skipped = {5, LF_BYTES_ARRAY(hashes)};
    struct px_entry entry = {
        .index = 7, .leaf = LF_BYTES_ARRAY(leaf), .envelope = lf__bytes_str("envelope")};
    struct px_feed_batch in = {
        .cursor = 5, .next_cursor = 8, .checkpoint = lf__bytes_str("note"), .is_heartbeat = true};
    struct px_feed_batch out = {.cursor = 0};
    lf__buf_init(&wire, 10000);
    lf__arena_init(&arena, 1 << 20);
    assert_true(px_feed_skipped_encode(&skipped, &wire) && px_feed_entry_encode(&entry, &wire) &&
                px_feed_batch_end(&in, &wire));
    assert_int_equal(px_feed_batch_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_OK);
    assert_true(out.cursor == 5 && out.next_cursor == 8 && out.is_heartbeat);
    assert_true(out.entry_count == 1 && out.entries[0].index == 7 &&
                lf__bytes_eq(out.entries[0].leaf, entry.leaf) &&
                lf__bytes_eq(out.entries[0].envelope, entry.envelope));
    assert_true(out.skipped_count == 1 && out.skipped[0].from == 5 &&
                lf__bytes_eq(out.skipped[0].leaf_hashes, skipped.leaf_hashes));
    assert_true(lf__bytes_eq_str(out.checkpoint, "note"));
    for (size_t i = 0; i < wire.len; i++) { /* cut: malformed, or without what was cut off */
        struct px_feed_batch cut = {.cursor = 77};
        if (px_feed_batch_decode(&arena, (lf_bytes){wire.ptr, i}, &cut, NULL) != LF_OK) {
            assert_int_equal(cut.cursor, 77);
        }
    }
    skipped.leaf_hashes.len = LF_HASH_BYTES + 1; /* half a hash */
    lf__buf_clear(&wire);
    assert_true(px_feed_skipped_encode(&skipped, &wire));
    assert_int_equal(px_feed_batch_decode(&arena, lf__buf_bytes(&wire), &out, NULL), LF_E_FORMAT);
}

static void acknowledgements(void **state)
{
    (void)state;
    LF_BUF wire;
    uint64_t cursor = 7;
    static const uint8_t other[] = {0x10, 1};
    static const uint8_t twice[] = {8, 1, 8, 2};
    lf__buf_init(&wire, 100);
    assert_true(px_acknowledge_encode(UINT64_MAX, &wire));
    assert_int_equal(px_acknowledge_decode(lf__buf_bytes(&wire), &cursor, NULL), LF_OK);
    assert_true(cursor == UINT64_MAX);
    assert_int_equal(px_acknowledge_decode(LF_BYTES_NONE, &cursor, NULL), LF_OK);
    assert_int_equal(cursor, 0);
    assert_int_equal(px_acknowledge_decode(LF_BYTES_ARRAY(other), &cursor, NULL), LF_E_FORMAT);
    assert_int_equal(px_acknowledge_decode(LF_BYTES_ARRAY(twice), &cursor, NULL), LF_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(requests), cmocka_unit_test(packed_cut),
                                       cmocka_unit_test(limits), cmocka_unit_test(batches),
                                       cmocka_unit_test(acknowledgements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
