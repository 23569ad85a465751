/* SPDX-License-Identifier: Apache-2.0 */
/* From an old key of a log to its newest, and everything that must not lead anywhere. */
#include "client/client_internal.h"
#include "support/announce.h"

#include "base/bytes.h"
#include "client/evidence/evidence.h"
#include "base/status.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LEDGER "test.example/ledger"
#define ACCESS "test.example/access"
#define OTHER  "other.example/ledger"

enum { K0, K1, K2, A0, A1, X, SEEDS };

struct world {
    struct lf__arena arena;
    struct lf__secret *seeds[SEEDS];
    struct lf__key_chain chains[LF__CHAINS];
    unsigned told;
};

static void begin(struct world *w, unsigned ledger, unsigned access)
{
    struct lf__note_key key = announce_key(LEDGER, w->seeds[ledger]);
    struct lf__note_key other = announce_key(ACCESS, w->seeds[access]);
    lf__key_chain_begin(&w->chains[0], &key);
    lf__key_chain_begin(&w->chains[1], &other);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    lf__arena_init(&w->arena, 16 << 20);
    for (unsigned i = 0; i < SEEDS; i++) {
        w->seeds[i] = announce_seed((uint8_t)(10 * i + 1));
    }
    begin(w, K0, A0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < SEEDS; i++) {
        lf__secret_free(w->seeds[i]);
    }
    lf__arena_done(&w->arena);
    free(w);
    return 0;
}

static struct announcement good(const struct world *w, uint64_t index, unsigned from, unsigned to)
{
    return announce_good(LEDGER, index, w->seeds[from], w->seeds[to]);
}

static struct announcement good_access(const struct world *w, uint64_t index, unsigned head)
{
    struct announcement a = announce_good(LEDGER, index, w->seeds[A0], w->seeds[A1]);
    a.log = PX_LOG_ACCESS;
    a.origin = ACCESS;
    a.from_size = 700;
    a.head = w->seeds[head];
    return a;
}

static const char *opens(struct world *w, enum px_log log, lf_bytes note, uint64_t size)
{
    lf_error err = LF_ERROR_INIT;
    struct lf__merkle_head head = {.size = 0};
    lf_status rc =
        lf__key_chain_open(&w->chains[log == PX_LOG_ACCESS ? 1 : 0], note, &head, NULL, &err);
    assert_true(rc != LF_OK || head.size == size);
    return rc == LF_OK ? "" : lf__arena_text(&w->arena, lf__bytes_str(err.reason));
}

static const char *opens_by(struct world *w, uint64_t size, unsigned seed, int too)
{
    lf_bytes note =
        announce_head(&w->arena, LEDGER, size, w->seeds[seed], too < 0 ? NULL : w->seeds[too]);
    return opens(w, PX_LOG_LEDGER, note, size);
}

static void two_changes_one_after_the_other(void **state)
{
    struct world *w = *state;
    size_t learned = 0;
    const struct announcement first = good(w, 9, K0, K1);
    const struct announcement second = good(w, 20, K1, K2);
    const struct announcement other = good_access(w, 15, K1);
    struct px_log_key_proof list[] = {announce(&w->arena, &first), announce(&w->arena, &other),
                                      announce(&w->arena, &second)};
    assert_string_equal(opens_by(w, 30, K2, -1), "SIGNATURE_MISSING");
    assert_int_equal(lf__key_chains_learn(w->chains, list, LF_COUNT(list), &learned, NULL), LF_OK);
    assert_int_equal(learned, 3);
    assert_string_equal(opens_by(w, 30, K2, -1), "");
    assert_string_equal(opens_by(w, 30, K2, K1), ""); /* of an overlap, in either order */
    assert_string_equal(opens_by(w, 30, K1, K2), "");
    assert_string_equal(opens_by(w, 10, K0, -1), ""); /* as old receipts have it */
    assert_string_equal(opens_by(w, 21, K1, -1), "");
    assert_string_equal(opens_by(w, 11, K0, -1), "LOG_KEY_RETIRED");
    assert_string_equal(opens_by(w, 22, K1, -1), "LOG_KEY_RETIRED");
    assert_string_equal(opens_by(w, 22, K0, K1), "LOG_KEY_RETIRED");
    assert_string_equal(opens_by(w, 30, X, -1), "SIGNATURE_MISSING");
    lf_bytes old = announce_head(&w->arena, ACCESS, 700, w->seeds[A0], NULL);
    lf_bytes late = announce_head(&w->arena, ACCESS, 701, w->seeds[A0], NULL);
    lf_bytes now = announce_head(&w->arena, ACCESS, 701, w->seeds[A1], NULL);
    assert_string_equal(opens(w, PX_LOG_ACCESS, old, 700), "");
    assert_string_equal(opens(w, PX_LOG_ACCESS, late, 701), "LOG_KEY_RETIRED");
    assert_string_equal(opens(w, PX_LOG_ACCESS, now, 701), "");
    /* All of it again, from each key of the ledger. */
    assert_int_equal(lf__key_chains_learn(w->chains, list, LF_COUNT(list), &learned, NULL), LF_OK);
    assert_int_equal(learned, 0);
    begin(w, K1, A0);
    assert_int_equal(lf__key_chains_learn(w->chains, list, LF_COUNT(list), &learned, NULL), LF_OK);
    assert_int_equal(learned, 2);
    begin(w, K2, A1);
    assert_int_equal(lf__key_chains_learn(w->chains, list, LF_COUNT(list), &learned, NULL), LF_OK);
    assert_int_equal(learned, 0);
    assert_string_equal(opens_by(w, 30, K2, -1), "");
    assert_string_equal(opens_by(w, 10, K0, -1), "SIGNATURE_MISSING");
}

static void overlap_note_is_kept_by_its_newest_line(void **state)
{
    struct world *w = *state;
    LF_BUF kept;
    struct lf__merkle_head head;
    const struct announcement first = good(w, 9, K0, K1);
    struct px_log_key_proof list[] = {announce(&w->arena, &first)};
    lf_bytes both = announce_head(&w->arena, LEDGER, 30, w->seeds[K1], w->seeds[K0]);
    lf__buf_init(&kept, SEEN_NOTE_MAX);
    assert_int_equal(lf__key_chain_reduce(&w->chains[0], both, &kept, NULL), LF_OK);
    assert_int_equal(lf__key_chains_learn(w->chains, list, 1, NULL, NULL), LF_OK);
    /* by the old line alone, which then was the only one known: not as an answer, but from our own file */
    assert_string_equal(opens(w, PX_LOG_LEDGER, lf__buf_bytes(&kept), 30), "LOG_KEY_RETIRED");
    assert_int_equal(lf__key_chain_reopen(&w->chains[0], lf__buf_bytes(&kept), &head, NULL), LF_OK);
    assert_int_equal(head.size, 30);
    lf__buf_clear(&kept);
    assert_int_equal(lf__key_chain_reduce(&w->chains[0], both, &kept, NULL), LF_OK);
    assert_string_equal(opens(w, PX_LOG_LEDGER, lf__buf_bytes(&kept), 30), "");
}

/* ---- forged ---- */

static void by_new_alone(struct world *w, struct announcement *a)
{
    a->first = w->seeds[K1];
    a->second = NULL;
}

static void by_new_twice(struct world *w, struct announcement *a)
{
    a->first = w->seeds[K1];
}

static void by_old_alone(struct world *w, struct announcement *a)
{
    (void)w;
    a->second = NULL;
}

static void by_old_and_a_third(struct world *w, struct announcement *a)
{
    a->second = w->seeds[X];
}

static void by_another_log(struct world *w, struct announcement *a)
{
    a->old_seed = a->first = a->head = w->seeds[X];
}

static void old_key_claimed_by_another(struct world *w, struct announcement *a)
{
    a->first = w->seeds[X];
}

static void for_another_origin(struct world *w, struct announcement *a)
{
    (void)w;
    a->origin = OTHER;
}

static void for_the_other_log(struct world *w, struct announcement *a)
{
    (void)w;
    a->log = PX_LOG_ACCESS; /* whose key the old one is not */
}

static void from_another_size(struct world *w, struct announcement *a)
{
    (void)w;
    a->from_size = 1000;
}

static void head_by_new_alone(struct world *w, struct announcement *a)
{
    a->head = w->seeds[K1];
}

static void head_of_another_log(struct world *w, struct announcement *a)
{
    (void)w;
    a->ledger = OTHER;
}

static void every_forgery(void **state)
{
    struct world *w = *state;
    static const struct {
        void (*forge)(struct world *w, struct announcement *a);
        const char *reason;
    } forgeries[] = {{by_new_alone, "LOG_KEY_BAD"},
                     {by_new_twice, "LOG_KEY_BAD"},
                     {by_old_alone, "LOG_KEY_BAD"},
                     {by_old_and_a_third, "LOG_KEY_BAD"},
                     {by_another_log, "LOG_KEY_BAD"},
                     {old_key_claimed_by_another, "LOG_KEY_BAD"},
                     {for_another_origin, "LOG_KEY_BAD"},
                     {for_the_other_log, "LOG_KEY_BAD"},
                     {from_another_size, "LOG_KEY_BAD"},
                     {head_by_new_alone, "SIGNATURE_MISSING"},
                     {head_of_another_log, "SIGNATURE_MISSING"}};
    for (size_t i = 0; i < LF_COUNT(forgeries); i++) {
        lf_error err = LF_ERROR_INIT;
        size_t learned = 1;
        struct announcement a = good(w, 9, K0, K1);
        forgeries[i].forge(w, &a);
        struct px_log_key_proof proof = announce(&w->arena, &a);
        assert_true(lf__key_chains_learn(w->chains, &proof, 1, &learned, &err) != LF_OK);
        assert_string_equal(err.reason, forgeries[i].reason);
        assert_int_equal(learned, 0);
        assert_string_equal(opens_by(w, 30, K1, -1), "SIGNATURE_MISSING");
    }
}

static void expect_bad(struct world *w, const struct px_log_key_proof *list, size_t count,
                       const char *reason)
{
    lf_error err = LF_ERROR_INIT;
    assert_true(lf__key_chains_learn(w->chains, list, count, NULL, &err) != LF_OK);
    assert_string_equal(err.reason, reason);
}

static void spliced(void **state)
{
    struct world *w = *state;
    const struct announcement a = good(w, 9, K0, K1);
    const struct announcement b = good(w, 20, K0, X);
    const struct px_log_key_proof proof = announce(&w->arena, &a);
    const struct px_log_key_proof other = announce(&w->arena, &b);
    struct px_log_key_proof bent = proof;
    bent.index = 8;
    expect_bad(w, &bent, 1, "LOG_KEY_BAD"); /* its from_size says otherwise */
    bent = proof;
    bent.path_count--;
    expect_bad(w, &bent, 1, "PROOF_BAD");
    bent = proof;
    bent.leaf = other.leaf;
    expect_bad(w, &bent, 1, "PROOF_BAD");
    bent = proof;
    bent.checkpoint = other.checkpoint;
    expect_bad(w, &bent, 1, "PROOF_BAD");
    bent = other;
    bent.envelope = proof.envelope;
    expect_bad(w, &bent, 1, "LOG_KEY_BAD");
    begin(w, X, A0);
    expect_bad(w, &proof, 1, "LOG_KEY_BAD"); /* no way from what is trusted */
}

static void after_the_change(void **state)
{
    struct world *w = *state;
    const struct announcement first = good(w, 9, K0, K1);
    const struct announcement by_retired = good(w, 20, K0, X);
    const struct announcement back = good(w, 20, K1, K0);
    struct announcement before = good(w, 5, K1, K2);
    struct px_log_key_proof list[2] = {announce(&w->arena, &first)};
    list[1] = announce(&w->arena, &by_retired);
    expect_bad(w, list, 2, "LOG_KEY_BAD"); /* the replaced key signs on */
    assert_string_equal(opens_by(w, 30, K1, -1), "");
    assert_string_equal(opens_by(w, 30, X, -1), "SIGNATURE_MISSING");
    list[1] = announce(&w->arena, &back);
    expect_bad(w, list, 2, "LOG_KEY_BAD"); /* back to it */
    list[1] = announce(&w->arena, &before);
    expect_bad(w, list, 2, "LOG_KEY_BAD"); /* in an entry before the one that it follows */
}

/* Since it may have been another's, the old key proves nothing by itself, however small the head says that it is. */
static void stolen(void **state)
{
    struct world *w = *state;
    struct announcement first = good(w, 9, K0, K1);
    first.reason = PX_LOG_KEY_COMPROMISED;
    first.since_size = 5;
    const struct announcement other = good_access(w, 15, K1);
    const struct announcement second = good(w, 20, K1, K2);
    struct px_log_key_proof list[] = {announce(&w->arena, &first), announce(&w->arena, &other),
                                      announce(&w->arena, &second)};
    assert_int_equal(lf__key_chains_learn(w->chains, list, LF_COUNT(list), NULL, NULL), LF_OK);
    assert_string_equal(opens_by(w, 5, K0, -1), "");
    assert_string_equal(opens_by(w, 6, K0, -1), "LOG_KEY_RETIRED");
    assert_string_equal(opens_by(w, 10, K0, -1), "LOG_KEY_RETIRED"); /* as what proves it */
    assert_string_equal(opens_by(w, 10, K0, K1), "");
    assert_string_equal(opens_by(w, 21, K1, -1), "");
    assert_string_equal(opens_by(w, 22, K1, -1), "LOG_KEY_RETIRED");
}

/* A key of the access log that was announced while the ledger's was another's is its owner's all the same. */
static void stolen_later(void **state)
{
    struct world *w = *state;
    struct announcement other = good_access(w, 5, K0);
    struct announcement first = good(w, 9, K0, K1);
    first.reason = PX_LOG_KEY_COMPROMISED;
    struct px_log_key_proof list[] = {announce(&w->arena, &first), announce(&w->arena, &other)};
    assert_int_equal(lf__key_chains_learn(w->chains, list, 2, NULL, NULL), LF_OK);
    assert_string_equal(opens_by(w, 1, K0, -1), "LOG_KEY_RETIRED");
    lf_bytes now = announce_head(&w->arena, ACCESS, 701, w->seeds[A1], NULL);
    assert_string_equal(opens(w, PX_LOG_ACCESS, now, 701), "");
    begin(w, K0, A0);
    other.index = 15; /* but under no head after the ledger's change */
    list[1] = announce(&w->arena, &other);
    expect_bad(w, list, 2, "LOG_KEY_BAD");
}

/* ---- remembered ---- */

static void on_log(lf_log_level level, const char *event, const char *detail, void *user)
{
    struct world *w = user;
    (void)detail;
    assert_int_equal(level, LF_LOG_WARN);
    assert_string_equal(event, "log.key");
    w->told++;
}

static lf_client *client_open(struct world *w, const char *dir, lf_status want)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = calloc(1, sizeof *client);
    assert_non_null(client);
    lf__client_init(client);
    client->options.log = on_log;
    client->options.log_user = w;
    client->profile.ledger = announce_key(LEDGER, w->seeds[K0]);
    assert_int_equal(lf__heads_open(&client->heads, client, dir, &err), want);
    return client;
}

static void client_close(lf_client *client)
{
    lf__driver_done(&client->driver);
    lf__coalescer_done(&client->coalescer);
    lf__heads_done(&client->heads);
    lf__buf_done(&client->keys_answer);
    free(client);
}

static void told_once_and_remembered(void **state)
{
    struct world *w = *state;
    LF_BUF answer;
    char dir[] = "/tmp/log-keys-XXXXXX";
    char command[64];
    struct lf__merkle_head head;
    const struct announcement first = good(w, 9, K0, K1);
    struct px_log_key_proof proof = announce(&w->arena, &first);
    lf_bytes note = announce_head(&w->arena, LEDGER, 30, w->seeds[K1], NULL);
    assert_non_null(mkdtemp(dir));
    lf__buf_init(&answer, CLIENT_KEYS_MAX);
    assert_true(px_log_key_proof_put(1, &proof, &answer));
    lf_client *client = client_open(w, dir, LF_OK);
    assert_int_equal(lf__head_open(client, PX_LOG_LEDGER, note, &head, NULL), LF_E_SIGNATURE);
    assert_int_equal(lf__client_keys_learn(client, lf__buf_bytes(&answer), NULL), LF_OK);
    assert_int_equal(lf__client_keys_learn(client, lf__buf_bytes(&answer), NULL), LF_OK);
    assert_int_equal(w->told, 1);
    assert_int_equal(lf__head_open(client, PX_LOG_LEDGER, note, &head, NULL), LF_OK);
    client_close(client);
    client = client_open(w, dir, LF_OK); /* another run */
    assert_int_equal(lf__head_open(client, PX_LOG_LEDGER, note, &head, NULL), LF_OK);
    assert_int_equal(w->told, 1);
    client_close(client);
    struct announcement forged = good(w, 9, K0, K1);
    forged.first = w->seeds[X];
    proof = announce(&w->arena, &forged);
    lf__buf_clear(&answer);
    assert_true(px_log_key_proof_put(1, &proof, &answer));
    struct lf__note_key key = announce_key(LEDGER, w->seeds[K0]);
    assert_int_equal(lf__trust_keys_put(dir, &key, lf__buf_bytes(&answer), NULL), LF_OK);
    client_close(client_open(w, dir, LF_E_CORRUPT));
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_changes_one_after_the_other, setup, teardown),
        cmocka_unit_test_setup_teardown(overlap_note_is_kept_by_its_newest_line, setup, teardown),
        cmocka_unit_test_setup_teardown(every_forgery, setup, teardown),
        cmocka_unit_test_setup_teardown(spliced, setup, teardown),
        cmocka_unit_test_setup_teardown(after_the_change, setup, teardown),
        cmocka_unit_test_setup_teardown(stolen, setup, teardown),
        cmocka_unit_test_setup_teardown(stolen_later, setup, teardown),
        cmocka_unit_test_setup_teardown(told_once_and_remembered, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
