/* SPDX-License-Identifier: Apache-2.0 */
/* Suspicion, step by step: what is asked about which heads, what is remembered, and everything that is a fork. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/file.h"
#include "core/memtree.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { LEAVES = 300 };
#define SECOND 1000000000

/* Two histories of one log that part after entry 5, and a gateway that proves what the test wants. */
struct world {
    struct lf__wire wire;
    struct lf__call *call; /* in flight */
    struct px_range asked;
    unsigned calls;
    struct lf__secret *seed;
    struct lf__note_key key;
    struct lf__hash leaves[2][LEAVES];
    char dir[64];
    lf_client *client;
};
static int64_t world_now_ns;

static int64_t world_now(void)
{
    return world_now_ns;
}

static void wire_start(struct lf__wire *wire, struct lf__call *call, const char *method,
                       lf_bytes request, int64_t timeout_ms)
{
    struct world *w = LF_CONTAINER_OF(wire, struct world, wire);
    (void)timeout_ms;
    assert_string_equal(method, "/lianfang.v1.Ledger/ProveConsistency");
    assert_int_equal(px_range_decode(request, &w->asked, NULL), LF_OK);
    w->call = call;
    w->calls++;
}

static void wire_cancel(struct lf__wire *wire, struct lf__call *call)
{
    struct world *w = LF_CONTAINER_OF(wire, struct world, wire);
    w->call = NULL;
    call->status = lf__fail(&call->error, LF_E_CANCELED, "canceled");
    call->done(call);
}

static void wire_wake(struct lf__wire *wire)
{
    (void)wire;
}

static void wire_wait(struct lf__wire *wire, int64_t until_ns)
{
    (void)wire;
    (void)until_ns;
}

static const struct lf__wire_ops wire_ops = {wire_start, wire_cancel, wire_wake, wire_wait,
                                             wire_wake};

static void client_open(struct world *w)
{
    lf_client *client = calloc(1, sizeof *client);
    assert_non_null(client);
    lf__client_init(client);
    client->profile.ledger = w->key;
    client->driver.now = world_now;
    client->driver.wire = &w->wire;
    atomic_store(&client->is_driven, true);
    w->client = client;
    assert_int_equal(lf__heads_open(&client->heads, client, w->dir, NULL), LF_OK);
}

static void client_close(struct world *w)
{
    lf__driver_done(&w->client->driver);
    lf__coalescer_done(&w->client->coalescer);
    lf__heads_done(&w->client->heads);
    free(w->client);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    world_now_ns = 10 * (int64_t)SECOND;
    w->wire.ops = &wire_ops;
    w->seed = lf__secret_new(LF_ED25519_SEED);
    lf__random(lf__secret_bytes(w->seed), LF_ED25519_SEED);
    struct lf__public_key key = lf__sign_public(w->seed);
    assert_int_equal(lf__note_key_make("test.example/ledger", &key, &w->key, NULL), LF_OK);
    for (unsigned i = 0; i < LEAVES; i++) {
        uint8_t text[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
        w->leaves[0][i] = lf__merkle_leaf(LF_BYTES_ARRAY(text));
        w->leaves[1][i] = i < 5 ? w->leaves[0][i] : lf__merkle_node(&w->leaves[0][i], w->leaves[0]);
    }
    (void)strcpy(w->dir, "/tmp/heads-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    client_open(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    client_close(w);
    lf__secret_free(w->seed);
    (void)snprintf(command, sizeof command, "rm -r %s", w->dir);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

static void note_of(const struct world *w, unsigned history, size_t size, struct lf__buf *out)
{
    LF_MEMTREE tree;
    assert_int_equal(lf__memtree_init(&tree, w->leaves[history], size, NULL), LF_OK);
    struct lf__merkle_head head = {size, lf__memtree_root(&tree)};
    lf__buf_init(out, SEEN_NOTE_MAX);
    assert_true(lf__checkpoint_sign(&head, &w->key, w->seed, out));
}

static lf_status saw(struct world *w, unsigned history, size_t size, uint64_t floor, lf_error *err)
{
    LF_BUF note;
    note_of(w, history, size, &note);
    return lf__heads_saw_note(&w->client->heads, PX_LOG_LEDGER, lf__buf_bytes(&note), floor, err);
}

static void step(struct world *w)
{
    world_now_ns += 2 * (int64_t)SECOND;
    (void)lf__driver_step(&w->client->driver);
}

static void land(struct world *w, lf_status status, const char *reason)
{
    struct lf__call *call = w->call;
    LF_BUG_IF(call == NULL);
    w->call = NULL;
    call->status = status == LF_OK ? LF_OK : lf__refuse(&call->error, status, reason, "", "no");
    call->done(call);
}

/* Answers with what that history's own tree proves. */
static void prove(struct world *w, unsigned history)
{
    LF_MEMTREE tree;
    struct lf__proof proof;
    assert_non_null(w->call);
    assert_int_equal(lf__memtree_init(&tree, w->leaves[history], w->asked.b, NULL), LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    assert_int_equal(lf__merkle_prove_consistency(&view, w->asked.a, &proof, NULL), LF_OK);
    (void)px_proof_encode(NULL, &proof, w->asked.b, &w->call->answer);
    land(w, LF_OK, "");
}

static uint64_t stored(const struct world *w)
{
    struct lf__seen seen = {.len = 0};
    lf_status rc = lf__trust_read(w->dir, &w->client->chains[0], &seen, NULL);
    assert_true(rc == LF_OK || rc == LF_E_NOT_FOUND);
    return seen.head.size;
}

static void assert_forked(struct world *w)
{
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(lf__heads_check(&w->client->heads, &err), LF_E_SIGNATURE);
    assert_string_equal(err.reason, "LOG_FORKED");
    assert_int_equal(lf__trust_check(w->dir, &err), LF_E_SIGNATURE);
    assert_int_equal(saw(w, 0, 6, 0, NULL), LF_E_SIGNATURE);
    client_close(w); /* and so for the next process */
    client_open(w);
    assert_int_equal(lf__heads_check(&w->client->heads, NULL), LF_E_SIGNATURE);
}

static void trust_to(struct world *w, size_t size)
{
    uint64_t before = stored(w);
    assert_int_equal(saw(w, 0, size, 0, NULL), LF_OK);
    step(w);
    if (before > 0) {
        assert_int_equal(w->asked.a, before);
        assert_int_equal(w->asked.b, size);
        prove(w, 0);
        step(w);
    }
    assert_int_equal(stored(w), size);
}

static void moves_forward(void **state)
{
    struct world *w = *state;
    char path[LF_PATH_MAX];
    trust_to(w, 5);
    assert_int_equal(w->calls, 0); /* first contact */
    (void)snprintf(path, sizeof path, "%s/test.example_ledger+%08x.head.new", w->dir,
                   (unsigned)w->key.id);
    assert_int_equal(lf__file_make(path, lf__bytes_str("half"), 0600, NULL), LF_OK);
    trust_to(w, 9);
    assert_int_equal(saw(w, 0, 9, 9, NULL), LF_OK); /* known: nothing to ask */
    step(w);
    assert_int_equal(w->calls, 1);
    assert_int_equal(saw(w, 0, 7, 0, NULL), LF_OK); /* late, and older: proven as well */
    step(w);
    prove(w, 0);
    step(w);
    assert_int_equal(stored(w), 9);
    client_close(w);
    client_open(w);
    trust_to(w, 12);
}

static void other_history(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    assert_int_equal(saw(w, 1, 12, 9, NULL), LF_OK);
    step(w);
    prove(w, 1);
    assert_int_equal(stored(w), 9);
    assert_forked(w);
}

static void two_roots(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    assert_int_equal(saw(w, 1, 9, 9, NULL), LF_E_SIGNATURE);
    assert_forked(w);
}

static void rolled_back(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    uint64_t floor = lf__heads_floor(&w->client->heads, PX_LOG_LEDGER);
    assert_int_equal(floor, 9);
    assert_int_equal(saw(w, 0, 8, floor, NULL), LF_E_SIGNATURE);
    assert_forked(w);
}

static void disowned(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    assert_int_equal(saw(w, 0, 12, 9, NULL), LF_OK);
    step(w);
    land(w, LF_E_ARG, "INDEX_RANGE");
    assert_forked(w);
}

static void no_proof_no_trust(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    assert_int_equal(saw(w, 0, 12, 9, NULL), LF_OK);
    step(w);
    land(w, LF_E_UNAVAILABLE, "");
    (void)lf__driver_step(&w->client->driver); /* not at once */
    assert_null(w->call);
    assert_int_equal(stored(w), 9);
    step(w);
    prove(w, 0);
    step(w);
    assert_int_equal(stored(w), 12);
}

/* Another process went further meanwhile: its head is proven against ours, and stays. */
static void two_processes(void **state)
{
    struct world *w = *state;
    struct world other = *w;
    trust_to(w, 9);
    client_open(&other); /* from here on it knows 9 */
    other.client->driver.wire = &other.wire;
    trust_to(&other, 12);
    client_close(&other);
    assert_int_equal(saw(w, 0, 10, 9, NULL), LF_OK);
    step(w);
    prove(w, 0);
    step(w); /* would write 10, finds 12 */
    step(w);
    assert_int_equal(w->asked.a, 10);
    assert_int_equal(w->asked.b, 12);
    prove(w, 0);
    step(w);
    assert_int_equal(stored(w), 12);
}

static void crowd(void **state)
{
    struct world *w = *state;
    trust_to(w, 9);
    for (size_t size = 10; size < LEAVES; size++) {
        assert_int_equal(saw(w, 0, size, size - 1, NULL), LF_OK);
    }
    step(w);
    while (w->call != NULL) {
        prove(w, 0);
        step(w);
    }
    assert_int_equal(stored(w), LEAVES - 1);
    assert_int_equal(w->calls, HEADS_WAITING + 1);
}

static void no_head(void **state)
{
    struct world *w = *state;
    char path[LF_PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    lf_client *client = calloc(1, sizeof *client);
    assert_non_null(client);
    (void)snprintf(path, sizeof path, "%s/test.example_ledger+%08x.head", w->dir,
                   (unsigned)w->key.id);
    assert_int_equal(lf__file_make(path, lf__bytes_str("nonsense"), 0600, NULL), LF_OK);
    lf__client_init(client);
    client->profile.ledger = w->key;
    assert_int_equal(lf__heads_open(&client->heads, client, w->dir, &err), LF_E_CORRUPT);
    assert_non_null(strstr(err.message, path));
    lf_client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(moves_forward, setup, teardown),
        cmocka_unit_test_setup_teardown(other_history, setup, teardown),
        cmocka_unit_test_setup_teardown(two_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(rolled_back, setup, teardown),
        cmocka_unit_test_setup_teardown(disowned, setup, teardown),
        cmocka_unit_test_setup_teardown(no_proof_no_trust, setup, teardown),
        cmocka_unit_test_setup_teardown(two_processes, setup, teardown),
        cmocka_unit_test_setup_teardown(crowd, setup, teardown),
        cmocka_unit_test_setup_teardown(no_head, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
