/* SPDX-License-Identifier: Apache-2.0 */
/* The published log of 15 entries, kept by our ledger and served by our HTTP: every checkpoint, the tile and
 * the bundles byte for byte as a third party made them. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/ops/routes.h"
#include "web.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../core/worked_log.inc"

#define ORIGIN "example.com/log/testdata"
#define SEED   "eca663f499017d2365c27c7a7679158d43cfec1330bdb259290afbd0d21777a0"

struct world {
    char path[64];
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct lf__secret *seed;
};

static lf_status admit(void *user, struct st_txn *txn, struct st_entry *entry,
                       const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)entry;
    (void)err;
    assert_true(at->index < LF_COUNT(worked_leaves));
    (void)lf__buf_str(leaf, worked_leaves[at->index]);
    return LF_OK;
}

static lf_status apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                       const struct st_position *at, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)entry;
    (void)at;
    (void)err;
    return LF_OK;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    size_t len = 0;
    assert_non_null(w);
    (void)snprintf(w->path, sizeof w->path, "%s", "/tmp/lf-worked-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    w->seed = lf__secret_new(32);
    assert_true(lf__unhex(lf__bytes_str(SEED), lf__secret_bytes(w->seed), 32, &len));
    struct st_options store = {.path = w->path, .map_bytes = 1 << 26};
    assert_int_equal(st_engine_open(&store, &w->engine, NULL), LF_OK);
    struct st_ledger_options options = {.engine = w->engine,
                                        .origin = ORIGIN,
                                        .seed = w->seed,
                                        .hooks = {.admit = admit, .apply = apply, .user = w}};
    assert_int_equal(st_ledger_open(&options, &w->ledger, NULL), LF_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    st_ledger_close(w->ledger);
    st_engine_close(w->engine);
    lf__secret_free(w->seed);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

static void on_done(struct st_entry *entry, const struct st_result *result)
{
    assert_int_equal(result->status, LF_OK);
    atomic_store((atomic_bool *)entry->user, true);
}

static void append_one(struct world *w)
{
    atomic_bool is_done = false;
    struct st_entry entry = {.body = lf__bytes_str("body"), .user = &is_done, .done = on_done};
    struct st_entry *list[] = {&entry};
    assert_int_equal(st_ledger_submit(w->ledger, list, 1, NULL), LF_OK);
    while (!atomic_load(&is_done)) {
        (void)sched_yield();
    }
}

static void checkpoint_of(size_t size, char *out, size_t room)
{
    struct lf__hash root;
    char text[LF_BASE64_SIZE(LF_HASH_BYTES)];
    size_t len = 0;
    assert_true(
        lf__unhex(lf__bytes_str(worked_heads[size].root), root.bytes, sizeof root.bytes, &len));
    (void)lf__base64(lf__hash_bytes(&root), text, sizeof text);
    (void)snprintf(out, room, ORIGIN "\n%zu\n%s\n\n\xe2\x80\x94 " ORIGIN " %s\n", size, text,
                   worked_heads[size].blob);
}

static void assert_served(int port, const char *path, lf_bytes want)
{
    struct web_answer answer;
    char request[128];
    (void)snprintf(request, sizeof request, "GET /ledger/%s", path);
    web_ask(port, request, LF_BYTES_NONE, &answer);
    if (answer.status != 200) {
        fail_msg("%s: %u", path, answer.status);
    }
    assert_true(lf__bytes_eq(lf__buf_bytes(&answer.body), want));
    lf__buf_done(&answer.body);
}

static void assert_bundle(int port, const char *path, const char *hex)
{
    uint8_t want[256];
    size_t len = 0;
    assert_true(lf__unhex(lf__bytes_str(hex), want, sizeof want, &len));
    assert_served(port, path, (lf_bytes){want, len});
}

static void the_published_log(void **state)
{
    struct world *w = *state;
    struct gw_publisher *publisher = NULL;
    struct gw_http *http = NULL;
    struct gw_http_route routes[2];
    char want[512];
    for (size_t size = 1; size <= LF_COUNT(worked_leaves); size++) { /* size 0 is note_test's */
        LF_BUF note;
        lf__buf_init(&note, ST_CHECKPOINT_MAX);
        append_one(w);
        checkpoint_of(size, want, sizeof want);
        assert_int_equal(st_ledger_head(w->ledger, &note).size, size);
        assert_true(lf__bytes_eq_str(lf__buf_bytes(&note), want));
    }
    struct gw_publisher_options options = {.ledger = w->ledger, .origin = ORIGIN, .interval_ms = 5};
    assert_int_equal(gw_publisher_start(&options, &publisher, NULL), LF_OK);
    struct gw_public_log log = {"/ledger/", w->ledger, publisher};
    assert_int_equal(gw_public_log_routes(&log, routes), 2);
    assert_int_equal(gw_http_start("127.0.0.1:0", routes, 2, &http, NULL), LF_OK);
    int port = gw_http_port(http);
    uint8_t tile[15 * LF_HASH_BYTES];
    for (size_t i = 0; i < LF_COUNT(worked_leaves); i++) {
        struct lf__hash leaf = lf__merkle_leaf(lf__bytes_str(worked_leaves[i]));
        memcpy(tile + i * LF_HASH_BYTES, leaf.bytes, LF_HASH_BYTES);
    }
    assert_served(port, "checkpoint", lf__bytes_str(want));
    assert_served(port, "tile/0/000.p/15", LF_BYTES_ARRAY(tile));
    assert_bundle(port, "tile/entries/000.p/3", "00036f6e65000374776f00057468726565");
    assert_bundle(port, "tile/entries/000.p/15",
                  "00036f6e65000374776f000574687265650004666f75720004666976650003736978000573657665"
                  "6e000365697400046e61696e000374656e0006696c6576656e00057477656c660008746872656574"
                  "656e0007666f757274656e0006666976"
                  "74656e");
    gw_http_stop(http);
    gw_publisher_stop(publisher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_published_log, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
