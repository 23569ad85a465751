/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The witness against the published sequence of eleven submissions, and what must never happen: two heads of one
 * size, a head that goes back, an answer before it is durable.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "core/cosign.h"
#include "core/memtree.h"
#include "gateway/federation/witness.h"
#include "support/announce.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TABLE = 15 };
#define DASH   "\xe2\x80\x94 "
#define ORIGIN "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
#define OTHER  "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e563"
#define LINE   DASH ORIGIN " "
#define ROOT1  "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ROOT3  "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0="
#define ROOT5  "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY="
#define SIG1                                                                                       \
    "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=" \
    "\n"
#define SIG3_UP_TO_6                                                                               \
    "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6g"
#define SIG3 SIG3_UP_TO_6 "o=\n"
#define SIG5                                                                                       \
    "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/"                           \
    "ASRcWJi0tW90dJWAShei7sDww=\n"
#define H1                    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define H2                    "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define H3                    "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define H4                    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define P13                   H1 H2
#define P35                   H2 H3 "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=\n" H4
#define NOTE(size, root, sig) ORIGIN "\n" size "\n" root "\n\n" LINE sig

static int64_t test_clock(void)
{
    return 1700000000123;
}

struct world {
    char path[64];
    struct st_engine *engine;
    struct gw_witness *witness;
    struct lf__secret *seed;
    struct lf__witness_policy *logs;
};

static void world_open(struct world *w)
{
    struct st_options store = {.path = w->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&store, &w->engine, NULL), LF_OK);
    struct gw_witness_options options = {.engine = w->engine,
                                         .table = TABLE,
                                         .name = "witness.example/w1",
                                         .seed = w->seed,
                                         .logs = w->logs,
                                         .now_ms = test_clock};
    assert_int_equal(gw_witness_open(&options, &w->witness, NULL), LF_OK);
}

static void world_close(struct world *w)
{
    gw_witness_close(w->witness);
    st_engine_close(w->engine);
}

static int world_setup(void **state, const char *policy)
{
    struct world *w = calloc(1, sizeof *w);
    (void)snprintf(w->path, sizeof w->path, "%s", "/tmp/lf-witness-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    w->seed = lf__secret_new(32);
    lf__secret_bytes(w->seed)[0] = 9;
    assert_int_equal(lf__witness_policy_parse(lf__bytes_str(policy), &w->logs, NULL), LF_OK);
    world_open(w);
    *state = w;
    return 0;
}

static int published_setup(void **state)
{
    return world_setup(state,
                       "log " ORIGIN
                       "+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP\nquorum none\n");
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    world_close(w);
    lf__secret_free(w->seed);
    lf__witness_policy_free(w->logs);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

static unsigned add(struct world *w, const char *body, char *told, size_t size)
{
    struct gw_witness_answer answer;
    gw_witness_add(w->witness, lf__bytes_str(body), &answer);
    if (told != NULL) {
        (void)lf__copy_str(told, size, lf__buf_bytes(&answer.body));
    }
    assert_int_equal(answer.is_size, answer.status == 409);
    lf__buf_done(&answer.body);
    return answer.status;
}

/* The operator has put the log's new key beside the old one: heads by either are cosigned, of one history. */
static void key_of_the_log_changes(void **state)
{
    struct world *w = *state;
    LF_ARENA arena;
    struct lf__secret *seeds[] = {announce_seed(1), announce_seed(2), announce_seed(3)};
    char told[512];
    lf__arena_init(&arena, 1 << 20);
    const struct {
        const struct lf__secret *seed;
        const struct lf__secret *too;
        const char *old;
        unsigned status;
    } steps[] = {{seeds[0], NULL, "old 0\n\n", 200},
                 {seeds[0], seeds[1], "old 1\n\n", 200},
                 {seeds[1], NULL, "old 1\n\n", 200},
                 {seeds[2], NULL, "old 1\n\n", 403}};
    lf__witness_policy_free(w->logs);
    LF_BUF policy;
    lf__buf_init(&policy, 4096);
    for (size_t i = 0; i < 2; i++) {
        struct lf__note_key key = announce_key(OTHER, seeds[i]);
        (void)lf__buf_str(&policy, "log ");
        (void)lf__note_key_format(&key, &policy);
        (void)lf__buf_str(&policy, "\n");
    }
    (void)lf__buf_str(&policy, "quorum none\n");
    world_close(w);
    assert_int_equal(lf__witness_policy_parse(lf__buf_bytes(&policy), &w->logs, NULL), LF_OK);
    world_open(w);
    for (size_t i = 0; i < LF_COUNT(steps); i++) {
        LF_BUF body;
        lf__buf_init(&body, 8192);
        (void)lf__buf_str(&body, steps[i].old);
        (void)lf__buf_append(&body, announce_head(&arena, OTHER, 1, steps[i].seed, steps[i].too));
        (void)lf__buf_u8(&body, 0);
        assert_int_equal(add(w, (const char *)body.ptr, told, sizeof told), steps[i].status);
    }
    assert_non_null(strstr(told, "as one more 'log' line"));
    for (size_t i = 0; i < LF_COUNT(seeds); i++) {
        lf__secret_free(seeds[i]);
    }
}

static void eleven_steps(void **state)
{
    struct world *w = *state;
    static const struct {
        unsigned status;
        const char *told; /* NULL: not compared */
        const char *body;
    } steps[] = {
        {200, NULL, "old 0\n\n" NOTE("1", ROOT1, SIG1)},
        {403, NULL, "old 1\n" P13 "\n" NOTE("3", ROOT3, SIG3_UP_TO_6 "x=\n")},
        {404, NULL, "old 1\n" P13 "\n" OTHER "\n3\n" ROOT3 "\n\n" DASH OTHER " " SIG3},
        {422, NULL, "old 1\n\n" NOTE("3", ROOT3, SIG3)},
        {422, NULL,
         "old 1\n" H1 "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABA=\n\n" NOTE("3", ROOT3, SIG3)},
        {200, NULL, "old 1\n" P13 "\n" NOTE("3", ROOT3, SIG3)},
        {409, "3\n",
         "old 1\n" H1 "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\n" H4
         "\n" NOTE("5", ROOT5, SIG5)},
        {200, NULL, "old 3\n" P35 "\n" NOTE("5", ROOT5, SIG5)},
        {409, "5\n", "old 0\n\n" NOTE("5", ROOT5, SIG5)},
        {400, NULL, "old 5\n\n" ORIGIN "\n5\n" ROOT5 "\n\n"},
        {400, NULL,
         "old 5\n\n" ORIGIN "\nfive\n" ROOT1 "\n\n" LINE
         "UgIom4JTC2MerrFcJ5xDcWHzRPVB6zzGBIw4OFqcKDflqjH4q4xY5vMxUxyczvdIlEwFYf7ivQU4KoWan2bL"
         "mzLx0go=\n"},
    };
    char told[8192];
    for (size_t i = 0; i < LF_COUNT(steps); i++) {
        print_message("step %zu\n", i + 1);
        assert_int_equal(add(w, steps[i].body, told, sizeof told), steps[i].status);
        if (steps[i].told != NULL) {
            assert_string_equal(told, steps[i].told);
        }
    }
}

/* What is answered is a cosignature of that head, and the monitor shows it with the log's own, after a restart too. */
static void monitored(void **state)
{
    struct world *w = *state;
    char told[8192];
    LF_BUF note;
    struct lf__hash origin = lf__sha256(lf__bytes_str(ORIGIN));
    lf__buf_init(&note, 8192);
    assert_int_equal(gw_witness_checkpoint(w->witness, &origin, &note, NULL), LF_E_NOT_FOUND);
    assert_int_equal(add(w, "old 0\n\n" NOTE("1", ROOT1, SIG1) DASH "other.example AAAAAAAB\n",
                         told, sizeof told),
                     200);
    world_close(w);
    world_open(w);
    assert_int_equal(gw_witness_checkpoint(w->witness, &origin, &note, NULL), LF_OK);
    char want[16384];
    (void)snprintf(want, sizeof want, "%s%s", NOTE("1", ROOT1, SIG1), told);
    assert_true(lf__bytes_eq_str(lf__buf_bytes(&note), want));
    int64_t time_s = 0;
    assert_int_equal(
        lf__cosign_verify(lf__buf_bytes(&note), gw_witness_key(w->witness), &time_s, NULL), LF_OK);
    assert_int_equal(time_s, 1700000000);
    /* The same size again is a fresh cosignature, not a refusal. */
    assert_int_equal(add(w, "old 1\n\n" NOTE("1", ROOT1, SIG1), told, sizeof told), 200);
}

static void malformed(void **state)
{
    struct world *w = *state;
    static const char *const bodies[] = {
        "",
        "old\n\n" NOTE("1", ROOT1, SIG1),
        "old 01\n\n" NOTE("1", ROOT1, SIG1),
        "old -1\n\n" NOTE("1", ROOT1, SIG1),
        "old 2\n\n" NOTE("1", ROOT1, SIG1), /* above the checkpoint */
        "old 0\nAAAA\n\n" NOTE("1", ROOT1, SIG1),
        "old 0\n" NOTE("1", ROOT1, SIG1), /* no empty line before the note */
        "old 0\n\n" ORIGIN "\n1\n" ROOT1 "\nextension\n\n" LINE SIG1,
        "old 0\n\n" ORIGIN "\n1\n\n" LINE SIG1,
        "old 0\n\n" ORIGIN "\n01\n" ROOT1 "\n\n" LINE SIG1,
        "old 0\n\n" ORIGIN "\n1\n" ROOT1 "\n\n" LINE,
    };
    for (size_t i = 0; i < LF_COUNT(bodies); i++) {
        assert_int_equal(add(w, bodies[i], NULL, 0), 400);
    }
}

/* A log of our own, so that it can lie. */
struct liar {
    struct lf__secret *seed;
    struct lf__note_key key;
};
static struct liar liar;

static int liar_setup(void **state)
{
    LF_BUF policy;
    lf__buf_init(&policy, 1024);
    liar.seed = lf__secret_new(32);
    lf__secret_bytes(liar.seed)[0] = 77;
    struct lf__public_key key = lf__sign_public(liar.seed);
    assert_int_equal(lf__note_key_make("liar.example/ledger", &key, &liar.key, NULL), LF_OK);
    (void)lf__buf_str(&policy, "log ");
    assert_true(lf__note_key_format(&liar.key, &policy));
    (void)lf__buf_str(&policy, "\nquorum none\n");
    (void)lf__buf_u8(&policy, 0);
    return world_setup(state, (const char *)policy.ptr);
}

static int liar_teardown(void **state)
{
    lf__secret_free(liar.seed);
    return teardown(state);
}

/* The tree of `size` leaves whose bytes are `version`, and its way from `old` leaves. */
static unsigned submit(struct world *w, uint64_t old, uint64_t size, uint8_t version)
{
    struct lf__hash leaves[64];
    LF_MEMTREE tree = {0, NULL};
    LF_BUF note;
    LF_BUF body;
    struct lf__proof proof = {.count = 0};
    for (uint64_t i = 0; i < size; i++) {
        leaves[i] = (struct lf__hash){{version, (uint8_t)i}};
    }
    lf__buf_init(&note, 4096);
    lf__buf_init(&body, 16384);
    assert_int_equal(lf__memtree_init(&tree, leaves, size, NULL), LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    struct lf__merkle_head head = {size, lf__memtree_root(&tree)};
    if (old > 0) {
        assert_int_equal(lf__merkle_prove_consistency(&view, old, &proof, NULL), LF_OK);
    }
    assert_true(lf__checkpoint_sign(&head, &liar.key, liar.seed, &note));
    assert_true(lf__add_checkpoint_format(old, &proof, lf__buf_bytes(&note), &body));
    struct gw_witness_answer answer;
    gw_witness_add(w->witness, lf__buf_bytes(&body), &answer);
    lf__buf_done(&answer.body);
    return answer.status;
}

static size_t rows_count(struct world *w)
{
    ST_TXN *txn = NULL;
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    size_t count = 0;
    assert_int_equal(st_txn_begin(w->engine, ST_READ, &txn, NULL), LF_OK);
    assert_int_equal(st_cursor_open(txn, TABLE, &cursor, NULL), LF_OK);
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, NULL);
    while (rc == LF_OK) {
        count++;
        rc = st_cursor_next(cursor, &pair, NULL);
    }
    st_cursor_close(cursor);
    return count;
}

/* The same size with another root, and a larger tree of another history: refused, and the signed lie is kept. */
static void forks(void **state)
{
    struct world *w = *state;
    assert_int_equal(submit(w, 0, 5, 'a'), 200);
    assert_int_equal(rows_count(w), 1);
    assert_int_equal(submit(w, 5, 5, 'b'), 422);
    assert_int_equal(rows_count(w), 2);
    assert_int_equal(submit(w, 5, 9, 'b'), 422);
    assert_int_equal(rows_count(w), 3);
    assert_int_equal(submit(w, 5, 9, 'b'), 422); /* once is enough */
    assert_int_equal(rows_count(w), 3);
    assert_int_equal(submit(w, 5, 9, 'a'), 200);
    assert_int_equal(submit(w, 5, 7, 'a'), 409); /* never back */
    assert_int_equal(rows_count(w), 3);
}

struct racer {
    struct world *w;
    uint8_t version;
    unsigned won;
};

static void *race(void *user)
{
    struct racer *racer = user;
    for (uint64_t size = 1; size < 40; size++) {
        racer->won += submit(racer->w, size - 1, size, racer->version) == 200 ? 1 : 0;
    }
    return NULL;
}

/* Threads that push two histories at once: whichever wins the first size wins all, and only one ever does. */
static void races(void **state)
{
    struct world *w = *state;
    struct racer racers[4] = {{w, 'a', 0}, {w, 'b', 0}, {w, 'a', 0}, {w, 'b', 0}};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    unsigned a = racers[0].won + racers[2].won;
    unsigned b = racers[1].won + racers[3].won;
    assert_true((a == 0) != (b == 0));
    assert_true(a + b == 39); /* each size was cosigned exactly once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(eleven_steps, published_setup, teardown),
        cmocka_unit_test_setup_teardown(key_of_the_log_changes, published_setup, teardown),
        cmocka_unit_test_setup_teardown(monitored, published_setup, teardown),
        cmocka_unit_test_setup_teardown(malformed, published_setup, teardown),
        cmocka_unit_test_setup_teardown(forks, liar_setup, liar_teardown),
        cmocka_unit_test_setup_teardown(races, liar_setup, liar_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
