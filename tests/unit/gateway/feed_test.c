/* SPDX-License-Identifier: Apache-2.0 */
/* A range as a reader may see it, and the cursors that members keep. */
#include "core/frontier.h"
#include "gateway/exchange/cursors.h"
#include "gateway/exchange/feed.h"
#include "protos/codec/feed.h"
#include "tests/unit/gateway/world.h"

struct read {
    struct lf__buf bytes;
    struct lf__arena arena;
    struct px_feed_batch batch;
    struct gw_feed_page page;
};

static struct gw_feed_ask ask_of(enum who who, uint64_t cursor)
{
    return (struct gw_feed_ask){
        .reader = {.member = lf__bytes_str(names[who]),
                   .role = who == REGULATOR ? PX_ROLE_REGULATOR : PX_ROLE_PLATFORM,
                   .level = who == REGULATOR ? 2 : 0},
        .cursor = cursor,
        .max_entries = PX_FEED_ENTRIES_MAX,
        .max_bytes = GW_FEED_ENTRY_BYTES_MAX};
}

static void read_do(const struct gw_feed_ask *ask, struct read *r)
{
    lf__buf_init(&r->bytes, PX_MESSAGE_MAX);
    lf__arena_init(&r->arena, (size_t)4 * PX_MESSAGE_MAX);
    assert_int_equal(gw_feed_read(w.exchange, ask, &r->bytes, &r->page, NULL), LF_OK);
    assert_int_equal(px_feed_batch_decode(&r->arena, lf__buf_bytes(&r->bytes), &r->batch, NULL),
                     LF_OK);
    assert_int_equal(r->page.told, r->batch.entry_count);
    assert_int_equal(r->page.next, r->batch.next_cursor);
}

static void read_done(struct read *r)
{
    lf__buf_done(&r->bytes);
    lf__arena_done(&r->arena);
}

static uint64_t size(void)
{
    return st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
}

static void withheld_is_one_range(void **state)
{
    (void)state;
    struct read all;
    struct read some;
    uint64_t from = size();
    uint64_t held = say_event(PLATFORM, m1, 3, "REMOVAL")->s.index; /* for a relay */
    (void)say_event(PLATFORM, m1, 3, "REMOVAL");
    uint64_t told = say_registry(m1, "ACTIVE")->s.index;
    struct gw_feed_ask ask = ask_of(OTHER, from);
    read_do(&ask, &some);
    assert_int_equal(some.batch.entry_count, 1);
    assert_int_equal(some.batch.entries[0].index, told);
    assert_int_equal(some.batch.skipped_count, 1);
    assert_int_equal(some.batch.skipped[0].from, held);
    assert_int_equal(some.batch.skipped[0].leaf_hashes.len, 2 * LF_HASH_BYTES);
    assert_int_equal(some.page.told_until, told + 1);
    ask = ask_of(REGULATOR, from);
    read_do(&ask, &all);
    assert_int_equal(all.batch.entry_count, 3);
    struct lf__hash leaf = lf__merkle_leaf(all.batch.entries[0].leaf);
    assert_memory_equal(leaf.bytes, some.batch.skipped[0].leaf_hashes.ptr, LF_HASH_BYTES);
    read_done(&all);
    read_done(&some);
}

/* Not for the reader, and not asked for: byte for byte the same. */
static void reasons_look_alike(void **state)
{
    (void)state;
    struct read unseen;
    struct read unwanted;
    uint64_t from = size();
    (void)say_event(PLATFORM, m1, 3, "REMOVAL");
    struct gw_feed_ask ask = ask_of(OTHER, from);
    read_do(&ask, &unseen);
    ask = ask_of(REGULATOR, from);
    ask.kinds = UINT64_C(1) << PX_KIND_RELAY;
    read_do(&ask, &unwanted);
    assert_true(lf__bytes_eq(lf__buf_bytes(&unseen.bytes), lf__buf_bytes(&unwanted.bytes)));
    read_done(&unseen);
    read_done(&unwanted);
    ask.is_none = true;
    ask.kinds = 0;
    read_do(&ask, &unwanted);
    assert_int_equal(unwanted.batch.entry_count, 0);
    read_done(&unwanted);
}

static void pages_and_limits(void **state)
{
    (void)state;
    struct read r;
    struct gw_feed_ask ask = ask_of(REGULATOR, 0);
    struct lf__frontier frontier = {.size = 0};
    for (int i = 0; i < 5; i++) {
        (void)say_registry(m1, "ACTIVE");
    }
    ask.max_entries = 2;
    do {
        read_do(&ask, &r);
        assert_int_equal(r.page.is_cut, r.page.next < size());
        assert_true(r.batch.entry_count <= 2 && r.batch.entry_count > 0);
        for (size_t i = 0; i < r.batch.entry_count; i++) { /* a regulator sees them all */
            struct lf__hash leaf = lf__merkle_leaf(r.batch.entries[i].leaf);
            assert_int_equal(r.batch.entries[i].index, frontier.size);
            lf__frontier_add(&frontier, &leaf);
        }
        ask.cursor = r.page.next;
        read_done(&r);
    } while (ask.cursor < size());
    struct lf__hash root = lf__frontier_root(&frontier);
    struct lf__merkle_head head = st_ledger_head(gw_exchange_ledger(w.exchange), NULL);
    assert_true(lf__hash_eq(&root, &head.root));
    ask = ask_of(REGULATOR, 0);
    ask.max_bytes = 1; /* one entry goes past it, and is the last */
    read_do(&ask, &r);
    assert_true(r.batch.entry_count == 1 && r.page.is_cut);
    read_done(&r);
    ask = ask_of(REGULATOR, size());
    read_do(&ask, &r);
    assert_true(r.batch.is_heartbeat && r.batch.next_cursor == size() && !r.page.is_cut);
    read_done(&r);
}

static void past_the_end(void **state)
{
    (void)state;
    LF_BUF out;
    uint64_t at = size() + 1;
    bool found = true;
    struct gw_feed_page page = {.next = 7};
    struct gw_feed_ask ask = ask_of(REGULATOR, at);
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&out, PX_MESSAGE_MAX);
    assert_int_equal(gw_feed_read(w.exchange, &ask, &out, &page, &err), LF_E_ARG);
    assert_string_equal(err.reason, "CURSOR_AHEAD");
    assert_int_equal(page.next, 7);
    assert_int_equal(gw_feed_seek(w.exchange, &ask, &at, &found, &err), LF_E_ARG);
    assert_true(found && at == size() + 1);
}

static void seeking(void **state)
{
    (void)state;
    uint64_t from = size();
    uint64_t at = from;
    bool found = true;
    struct gw_feed_ask ask = ask_of(OTHER, 0);
    (void)say_event(PLATFORM, m1, 3, "REMOVAL");
    assert_int_equal(gw_feed_seek(w.exchange, &ask, &at, &found, NULL), LF_OK);
    assert_true(!found && at == size());
    uint64_t told = say_registry(m1, "ACTIVE")->s.index;
    (void)say_registry(m2, "ACTIVE");
    at = from;
    assert_int_equal(gw_feed_seek(w.exchange, &ask, &at, &found, NULL), LF_OK);
    assert_true(found && at == told);
    ask.kinds = UINT64_C(1) << PX_KIND_MEMBER;
    assert_int_equal(gw_feed_seek(w.exchange, &ask, &at, &found, NULL), LF_OK);
    assert_true(!found && at == size());
}

/* ---- cursors ---- */

struct kept {
    struct gw_cursor_job job;
    lf_error error;
    sem_t done;
};

static void kept_done(struct gw_cursor_job *job, const lf_error *err)
{
    struct kept *kept = job->user;
    kept->error = *err;
    (void)sem_post(&kept->done);
}

static const char *keep(struct gw_cursors *cursors, enum who who, uint64_t cursor)
{
    static struct kept kept;
    kept = (struct kept){.job = {.cursor = cursor, .user = &kept, .done = kept_done}};
    (void)snprintf(kept.job.member, sizeof kept.job.member, "%s", names[who]);
    (void)sem_init(&kept.done, 0, 0);
    assert_int_equal(gw_cursor_keep(cursors, &kept.job, NULL), LF_OK);
    while (sem_wait(&kept.done) != 0) {
    }
    (void)sem_destroy(&kept.done);
    return kept.error.status == LF_OK ? "" : kept.error.reason;
}

static void cursors_only_advance(void **state)
{
    (void)state;
    struct gw_cursors *cursors = NULL;
    uint64_t cursor = 7;
    assert_int_equal(gw_cursors_new(w.exchange, &cursors, NULL), LF_OK);
    assert_int_equal(gw_cursor_of(w.exchange, lf__bytes_str(names[OTHER]), &cursor, NULL), LF_OK);
    assert_int_equal(cursor, 0);
    assert_string_equal(keep(cursors, OTHER, 2), "");
    assert_string_equal(keep(cursors, OTHER, 2), "");
    assert_string_equal(keep(cursors, OTHER, 1), "CURSOR_BEHIND");
    assert_string_equal(keep(cursors, OTHER, size() + 1), "CURSOR_AHEAD");
    assert_string_equal(keep(cursors, PLATFORM, size()), "");
    gw_cursors_free(cursors);
    gw_exchange_close(w.exchange);
    exchange_open(NULL, LF_OK); /* and after a restart */
    assert_int_equal(gw_cursor_of(w.exchange, lf__bytes_str(names[OTHER]), &cursor, NULL), LF_OK);
    assert_int_equal(cursor, 2);
    assert_int_equal(gw_cursor_of(w.exchange, lf__bytes_str(names[PLATFORM]), &cursor, NULL),
                     LF_OK);
    assert_int_equal(cursor, size());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(withheld_is_one_range, setup, teardown),
        cmocka_unit_test_setup_teardown(reasons_look_alike, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_and_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(past_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(seeking, setup, teardown),
        cmocka_unit_test_setup_teardown(cursors_only_advance, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
