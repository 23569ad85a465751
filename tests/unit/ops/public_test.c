/* SPDX-License-Identifier: Apache-2.0 */
/* A log as strangers see it: checkpoint, tiles, bundles, and a witness over HTTP, prompt, late and lost. */
#include "base/bytes.h"
#include "base/status.h"
#include "core/cosign.h"
#include "core/memtree.h"
#include "gateway/ops/routes.h"
#include "web.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENTRIES = 300, WITNESS_TABLE = 15, INTERVAL_MS = 5 };

struct world {
    char path[64];
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct lf__secret *seed;
    struct lf__secret *witness_seed;
    struct lf__note_key key;
    struct lf__note_key witness_key;
    struct lf__hash leaves[ENTRIES + 10];
    uint64_t count;
    atomic_uint late_told;
    atomic_uint enough_told;
};

static lf_status admit(void *user, struct st_txn *txn, struct st_entry *entry,
                       const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    (void)user;
    (void)txn;
    (void)entry;
    (void)err;
    (void)lf__buf_printf(leaf, "leaf %llu", (unsigned long long)at->index);
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
    (void)snprintf(w->path, sizeof w->path, "%s", "/tmp/lf-public-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    w->seed = lf__secret_new(32);
    w->witness_seed = lf__secret_new(32);
    lf__secret_bytes(w->witness_seed)[0] = 3;
    struct lf__public_key key = lf__sign_public(w->seed);
    struct lf__public_key witness = lf__sign_public(w->witness_seed);
    assert_int_equal(lf__note_key_make("test.example/ledger", &key, &w->key, NULL), LF_OK);
    assert_int_equal(lf__note_key_make_cosigner("w.example/w", &witness, &w->witness_key, NULL),
                     LF_OK);
    struct st_options store = {.path = w->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&store, &w->engine, NULL), LF_OK);
    struct st_ledger_options options = {.engine = w->engine,
                                        .origin = "test.example/ledger",
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
    lf__secret_free(w->witness_seed);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

static void on_done(struct st_entry *entry, const struct st_result *result)
{
    atomic_uint *left = entry->user;
    assert_int_equal(result->status, LF_OK);
    (void)atomic_fetch_sub(left, 1);
}

static void append(struct world *w, unsigned count)
{
    struct st_entry *entries = calloc(count, sizeof *entries);
    struct st_entry **list = calloc(count, sizeof *list);
    atomic_uint left = count;
    for (unsigned i = 0; i < count; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "leaf %llu", (unsigned long long)w->count);
        w->leaves[w->count++] = lf__merkle_leaf(lf__bytes_str(text));
        entries[i] =
            (struct st_entry){.body = lf__bytes_str("body"), .user = &left, .done = on_done};
        list[i] = &entries[i];
    }
    assert_int_equal(st_ledger_submit(w->ledger, list, count, NULL), LF_OK);
    while (atomic_load(&left) > 0) {
        (void)sched_yield();
    }
    free(list);
    free(entries);
}

static void size_await(struct gw_publisher *publisher, uint64_t size)
{
    uint64_t now = 0;
    while (now < size) {
        LF_BUF note;
        lf__buf_init(&note, GW_PUBLISHED_MAX);
        now = gw_publisher_note(publisher, &note);
        (void)sched_yield();
    }
}

static void get(int port, const char *path, unsigned status, const char *header,
                struct lf__buf *body)
{
    struct web_answer answer;
    char request[256];
    (void)snprintf(request, sizeof request, "GET %s", path);
    web_ask(port, request, LF_BYTES_NONE, &answer);
    assert_int_equal(answer.status, status);
    if (header != NULL) {
        assert_non_null(strstr(answer.head, header));
    }
    if (body != NULL) {
        lf__buf_clear(body);
        (void)lf__buf_append(body, lf__buf_bytes(&answer.body));
    }
    lf__buf_done(&answer.body);
}

static void tiles(void **state)
{
    struct world *w = *state;
    struct gw_publisher *publisher = NULL;
    struct gw_http *http = NULL;
    struct gw_http_route routes[3];
    LF_BUF body;
    struct lf__merkle_head head;
    lf__buf_init(&body, 1 << 20);
    append(w, ENTRIES);
    struct gw_publisher_options options = {
        .ledger = w->ledger, .origin = "test.example/ledger", .interval_ms = INTERVAL_MS};
    assert_int_equal(gw_publisher_start(&options, &publisher, NULL), LF_OK);
    struct gw_public_log log = {"/ledger/", w->ledger, publisher};
    assert_int_equal(gw_public_log_routes(&log, routes), 2);
    assert_int_equal(gw_http_start("127.0.0.1:0", routes, 2, &http, NULL), LF_OK);
    int port = gw_http_port(http);

    get(port, "/ledger/checkpoint", 200, "text/plain; charset=utf-8", &body);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&body), &w->key, &head, NULL), LF_OK);
    assert_int_equal(head.size, ENTRIES);
    get(port, "/ledger/tile/0/000", 200, "immutable", &body);
    assert_int_equal(body.len, 256 * 32);
    assert_memory_equal(body.ptr, w->leaves, 256 * sizeof w->leaves[0]);
    get(port, "/ledger/tile/0/001.p/44", 200, "application/octet-stream", &body);
    assert_int_equal(body.len, 44 * 32);
    assert_memory_equal(body.ptr, w->leaves + 256, 44 * sizeof w->leaves[0]);
    get(port, "/ledger/tile/0/001.p/7", 200, NULL, &body); /* of a head published before */
    assert_int_equal(body.len, 7 * 32);
    get(port, "/ledger/tile/1/000.p/1", 200, NULL, &body);
    LF_MEMTREE tree = {0, NULL};
    assert_int_equal(lf__memtree_init(&tree, w->leaves, 256, NULL), LF_OK);
    struct lf__hash root = lf__memtree_root(&tree);
    assert_memory_equal(body.ptr, root.bytes, sizeof root.bytes);
    get(port, "/ledger/tile/entries/001.p/2", 200, NULL, &body);
    assert_true(lf__bytes_eq(lf__buf_bytes(&body),
                             (lf_bytes){(const uint8_t *)"\0\x08leaf 256\0\x08leaf 257", 20}));
    static const char *const missing[] = {"/ledger/tile/0/001",     "/ledger/tile/0/001.p/45",
                                          "/ledger/tile/0/002",     "/ledger/tile/1/000",
                                          "/ledger/tile/1/000.p/2", "/ledger/tile/2/000.p/1",
                                          "/ledger/tile/63/000",    "/ledger/tile/entries/001.p/45",
                                          "/ledger/tile/0/000.p/0", "/ledger/tile/0/1",
                                          "/ledger/tile/",          "/access/checkpoint"};
    for (size_t i = 0; i < LF_COUNT(missing); i++) {
        get(port, missing[i], 404, NULL, NULL);
    }
    append(w, 1);
    size_await(publisher, ENTRIES + 1);
    get(port, "/ledger/tile/0/001.p/45", 200, NULL, &body);
    gw_http_stop(http);
    gw_publisher_stop(publisher);
}

/* A witness in a store of its own, served on `address`. */
struct witness_world {
    char path[64];
    struct st_engine *engine;
    struct lf__witness_policy *logs;
    struct gw_witness *witness;
    struct gw_http_route routes[3];
    struct gw_http *http;
};

static void policy_of(const char *word, const struct lf__note_key *key, const char *rest,
                      struct lf__witness_policy **out)
{
    LF_BUF text;
    lf__buf_init(&text, 4096);
    (void)lf__buf_printf(&text, "%s ", word);
    (void)lf__note_key_format(key, &text);
    (void)lf__buf_str(&text, rest);
    assert_int_equal(lf__witness_policy_parse(lf__buf_bytes(&text), out, NULL), LF_OK);
}

static void witness_serve(struct world *w, struct witness_world *x, const char *address)
{
    *x = (struct witness_world){.engine = NULL};
    (void)snprintf(x->path, sizeof x->path, "%s", "/tmp/lf-wit-XXXXXX");
    assert_non_null(mkdtemp(x->path));
    struct st_options store = {.path = x->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&store, &x->engine, NULL), LF_OK);
    policy_of("log", &w->key, "\nquorum none\n", &x->logs);
    struct gw_witness_options options = {.engine = x->engine,
                                         .table = WITNESS_TABLE,
                                         .name = "w.example/w",
                                         .seed = w->witness_seed,
                                         .logs = x->logs};
    assert_int_equal(gw_witness_open(&options, &x->witness, NULL), LF_OK);
    assert_int_equal(gw_witness_routes(x->witness, x->routes), 3);
    assert_int_equal(gw_http_start(address, x->routes, 3, &x->http, NULL), LF_OK);
}

static void witness_end(struct witness_world *x)
{
    char command[128];
    gw_http_stop(x->http);
    gw_witness_close(x->witness);
    lf__witness_policy_free(x->logs);
    st_engine_close(x->engine);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", x->path);
    assert_int_equal(system(command), 0);
}

static void on_late(void *user, const char *origin, bool is_late, const lf_error *err)
{
    struct world *w = user;
    assert_string_equal(origin, "test.example/ledger");
    assert_true(!is_late || strcmp(err->reason, "QUORUM_MISSING") == 0);
    (void)atomic_fetch_add(is_late ? &w->late_told : &w->enough_told, 1);
}

static void cosigned_await(struct gw_publisher *publisher, uint64_t size)
{
    while (gw_publisher_counts(publisher).cosigned_size < size) {
        (void)sched_yield();
    }
}

static struct gw_publisher *publisher_of(struct world *w, int port,
                                         struct lf__witness_policy **policy)
{
    struct gw_publisher *publisher = NULL;
    char rest[128];
    char word[64];
    (void)snprintf(word, sizeof word, "witness w");
    (void)snprintf(rest, sizeof rest, " http://127.0.0.1:%d/witness\nquorum w\n", port);
    policy_of(word, &w->witness_key, rest, policy);
    struct gw_publisher_options options = {.ledger = w->ledger,
                                           .origin = "test.example/ledger",
                                           .witnesses = *policy,
                                           .interval_ms = INTERVAL_MS,
                                           .on_late = on_late,
                                           .user = w};
    assert_int_equal(gw_publisher_start(&options, &publisher, NULL), LF_OK);
    return publisher;
}

static void published_is_cosigned(struct world *w, struct gw_publisher *publisher, uint64_t size)
{
    LF_BUF note;
    int64_t time_s = 0;
    struct lf__merkle_head head;
    lf__buf_init(&note, GW_PUBLISHED_MAX);
    assert_int_equal(gw_publisher_note(publisher, &note), size);
    assert_int_equal(lf__checkpoint_open(lf__buf_bytes(&note), &w->key, &head, NULL), LF_OK);
    assert_int_equal(head.size, size);
    assert_int_equal(lf__cosign_verify(lf__buf_bytes(&note), &w->witness_key, &time_s, NULL),
                     LF_OK);
}

/* Cosigned head after head; a publisher that starts anew learns from the witness where it stands. */
static void witnessed(void **state)
{
    struct world *w = *state;
    struct witness_world x;
    struct lf__witness_policy *policy = NULL;
    struct web_answer answer;
    append(w, 5);
    witness_serve(w, &x, "127.0.0.1:0");
    struct gw_publisher *publisher = publisher_of(w, gw_http_port(x.http), &policy);
    cosigned_await(publisher, 5);
    append(w, 20);
    cosigned_await(publisher, 25);
    published_is_cosigned(w, publisher, 25);
    gw_publisher_stop(publisher);
    lf__witness_policy_free(policy);

    append(w, 3);
    publisher = publisher_of(w, gw_http_port(x.http), &policy);
    cosigned_await(publisher, 28);
    published_is_cosigned(w, publisher, 28);
    assert_int_equal(atomic_load(&w->late_told), 0);

    char request[160];
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    struct lf__hash origin = lf__sha256(lf__bytes_str("test.example/ledger"));
    (void)lf__hex(lf__hash_bytes(&origin), hex, sizeof hex);
    (void)snprintf(request, sizeof request, "GET /witness/%s/checkpoint", hex);
    web_ask(gw_http_port(x.http), request, LF_BYTES_NONE, &answer);
    assert_int_equal(answer.status, 200);
    int64_t time_s = 0;
    assert_int_equal(lf__cosign_verify(lf__buf_bytes(&answer.body), &w->witness_key, &time_s, NULL),
                     LF_OK);
    lf__buf_done(&answer.body);
    request[5 + 9 + 3] = 'A'; /* another log, or no lower-case name */
    web_ask(gw_http_port(x.http), request, LF_BYTES_NONE, &answer);
    assert_int_equal(answer.status, 404);
    lf__buf_done(&answer.body);
    web_ask(gw_http_port(x.http), "POST /witness/add-checkpoint", lf__bytes_str("old x\n"),
            &answer);
    assert_int_equal(answer.status, 400);
    lf__buf_done(&answer.body);
    gw_publisher_stop(publisher);
    lf__witness_policy_free(policy);
    witness_end(&x);
}

/* While nobody answers the head is published all the same, told once; when the witness comes, it is cosigned. */
static void late(void **state)
{
    struct world *w = *state;
    struct witness_world x;
    struct lf__witness_policy *policy = NULL;
    struct gw_http *place = NULL;
    struct gw_http_route none[1] = {{"GET", "/none", 0, NULL, NULL}};
    char address[32];
    assert_int_equal(gw_http_start("127.0.0.1:0", none, 1, &place, NULL), LF_OK);
    int port = gw_http_port(place);
    gw_http_stop(place); /* a port where nobody listens now */
    append(w, 2);
    struct gw_publisher *publisher = publisher_of(w, port, &policy);
    append(w, 2);
    size_await(publisher, 4);
    while (gw_publisher_counts(publisher).late < 3) {
        (void)sched_yield();
    }
    assert_int_equal(gw_publisher_counts(publisher).cosigned, 0);
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", port);
    witness_serve(w, &x, address);
    cosigned_await(publisher, 4);
    published_is_cosigned(w, publisher, 4);
    gw_publisher_stop(publisher);
    assert_int_equal(atomic_load(&w->enough_told), 1);
    lf__witness_policy_free(policy);
    witness_end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(tiles, setup, teardown),
                                       cmocka_unit_test_setup_teardown(witnessed, setup, teardown),
                                       cmocka_unit_test_setup_teardown(late, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
