/* SPDX-License-Identifier: Apache-2.0 */
/* By which keys a witness knows a log whose keys change: what leads on, what does not, and what is left after a restart. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/federation/learned.h"
#include "gateway/federation/witness_keys.h"
#include "protos/codec/services.h"
#include "support/announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TABLE = 15, SEEDS = 7, OTHER = 5, ACCESS = 6 };
#define LEDGER     "test.example/ledger"
#define ACCESS_LOG "test.example/access"

struct world {
    char path[64];
    struct st_engine *engine;
    struct lf__witness_policy *policy;
    struct gw_witness_keys *keys;
    struct lf__secret
        *seeds[SEEDS]; /* [0] to [4] follow each other; [ACCESS] is the access log's first */
    struct lf__arena arena;
    struct lf__hash address;
};

static void line_put(struct lf__buf *out, const char *origin, const struct lf__secret *seed)
{
    struct lf__note_key key = announce_key(origin, seed);
    (void)lf__buf_str(out, "log ");
    (void)lf__note_key_format(&key, out);
    (void)lf__buf_str(out, "\n");
}

static void world_open(struct world *w)
{
    struct st_options store = {.path = w->path, .map_bytes = 1 << 28};
    assert_int_equal(st_engine_open(&store, &w->engine, NULL), LF_OK);
    assert_int_equal(gw_witness_keys_open(w->engine, TABLE, w->policy, &w->keys, NULL), LF_OK);
}

static void world_close(struct world *w)
{
    gw_witness_keys_close(w->keys);
    st_engine_close(w->engine);
}

static int setup(void **state)
{
    LF_BUF policy;
    struct world *w = calloc(1, sizeof *w);
    (void)snprintf(w->path, sizeof w->path, "%s", "/tmp/lf-witness-keys-XXXXXX");
    assert_non_null(mkdtemp(w->path));
    lf__arena_init(&w->arena, 1 << 22);
    lf__buf_init(&policy, 4096);
    for (uint8_t i = 0; i < SEEDS; i++) {
        w->seeds[i] = announce_seed((uint8_t)(i + 1));
    }
    line_put(&policy, LEDGER, w->seeds[0]);
    line_put(&policy, ACCESS_LOG, w->seeds[ACCESS]);
    line_put(&policy, "else.example/ledger", w->seeds[4]); /* learns nothing of another's */
    (void)lf__buf_str(&policy, "quorum none\n");
    assert_int_equal(lf__witness_policy_parse(lf__buf_bytes(&policy), &w->policy, NULL), LF_OK);
    w->address = lf__sha256(lf__bytes_str(LEDGER));
    world_open(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[128];
    world_close(w);
    for (size_t i = 0; i < SEEDS; i++) {
        lf__secret_free(w->seeds[i]);
    }
    lf__witness_policy_free(w->policy);
    lf__arena_done(&w->arena);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* The changes from seed 0 on, each at entry 10, 20, ...; of the last the new key is `last`. */
static lf_bytes answer_make(struct world *w, size_t changes, size_t last)
{
    LF_BUF body;
    lf__buf_init(&body, GW_LOG_KEYS_BODY_MAX);
    for (size_t i = 0; i < changes; i++) {
        const struct lf__secret *next = w->seeds[i + 1 == changes ? last : i + 1];
        struct announcement a = announce_good(LEDGER, 10 * (i + 1), w->seeds[i], next);
        struct px_log_key_proof proof = announce(&w->arena, &a);
        assert_true(px_log_key_proof_put(1, &proof, &body));
    }
    return lf__arena_copy(&w->arena, lf__buf_bytes(&body));
}

static lf_status tell(struct world *w, lf_bytes answer, lf_error *err)
{
    return gw_witness_keys_add(w->keys, &w->address, answer, err);
}

/* NULL: taken, by that very key. */
static void head_is(struct world *w, const char *origin, uint64_t size, size_t seed,
                    const char *reason)
{
    lf_error err = LF_ERROR_INIT;
    struct lf__merkle_head head = {.size = 0};
    struct lf__note_key signer;
    lf_bytes note = announce_head(&w->arena, origin, size, w->seeds[seed], NULL);
    lf_status rc = gw_witness_keys_head(w->keys, lf__bytes_str(origin), note, &head, &signer, &err);
    if (reason != NULL) {
        assert_int_equal(rc, LF_E_SIGNATURE);
        assert_string_equal(err.reason, reason);
        return;
    }
    struct lf__note_key want = announce_key(origin, w->seeds[seed]);
    assert_int_equal(rc, LF_OK);
    assert_int_equal(head.size, size);
    assert_int_equal(signer.id, want.id);
}

static void led_on(void **state)
{
    struct world *w = *state;
    head_is(w, LEDGER, 30, 1, "SIGNATURE_MISSING");
    assert_int_equal(tell(w, LF_BYTES_NONE, NULL), LF_OK); /* no key was ever changed */
    assert_int_equal(tell(w, answer_make(w, 2, 2), NULL), LF_OK);
    for (int again = 0; again < 2; again++) { /* and after a restart */
        head_is(w, LEDGER, 11, 0, NULL);
        head_is(w, LEDGER, 12, 0, "LOG_KEY_RETIRED");
        head_is(w, LEDGER, 21, 1, NULL);
        head_is(w, LEDGER, 22, 1, "LOG_KEY_RETIRED");
        head_is(w, LEDGER, 30, 2, NULL);
        head_is(w, "else.example/ledger", 30, 2, "SIGNATURE_MISSING");
        world_close(w);
        world_open(w);
    }
    assert_int_equal(tell(w, answer_make(w, 1, 1), NULL), LF_OK); /* less than it knows */
    head_is(w, LEDGER, 30, 2, NULL);
    assert_int_equal(tell(w, answer_make(w, 3, 3), NULL), LF_OK);
    head_is(w, LEDGER, 40, 3, NULL);
    head_is(w, LEDGER, 40, 2, "LOG_KEY_RETIRED");
}

static void access_log(void **state)
{
    LF_BUF body;
    struct world *w = *state;
    struct announcement a = announce_good(LEDGER, 15, w->seeds[ACCESS], w->seeds[4]);
    a.log = PX_LOG_ACCESS;
    a.origin = ACCESS_LOG;
    a.from_size = 100;
    a.head = w->seeds[1]; /* the ledger's key of then */
    struct px_log_key_proof proof = announce(&w->arena, &a);
    lf__buf_init(&body, GW_LOG_KEYS_BODY_MAX);
    assert_true(px_log_key_proof_put(1, &proof, &body));
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(tell(w, lf__buf_bytes(&body), &err), LF_E_SIGNATURE); /* that key is unknown */
    head_is(w, ACCESS_LOG, 101, 4, "SIGNATURE_MISSING");
    lf__buf_clear(&body);
    (void)lf__buf_append(&body, answer_make(w, 1, 1));
    assert_true(px_log_key_proof_put(1, &proof, &body));
    assert_int_equal(tell(w, lf__buf_bytes(&body), NULL), LF_OK);
    head_is(w, ACCESS_LOG, 101, 4, NULL);
    head_is(w, ACCESS_LOG, 101, ACCESS, "LOG_KEY_RETIRED");
    assert_int_equal(tell(w, answer_make(w, 2, 2), NULL), LF_OK); /* without the access log's */
    world_close(w);
    world_open(w);
    head_is(w, ACCESS_LOG, 101, 4, NULL);
}

/* Whoever has a key that was replaced announces another one after it. */
static void contradicted(void **state)
{
    LF_BUF kept;
    struct world *w = *state;
    lf_error err = LF_ERROR_INIT;
    assert_int_equal(tell(w, answer_make(w, 2, 2), NULL), LF_OK);
    assert_int_equal(tell(w, answer_make(w, 1, OTHER), &err), LF_E_SIGNATURE);
    assert_string_equal(err.reason, "LOG_KEY_BAD");
    assert_non_null(strstr(err.message, "another key was announced before"));
    assert_int_equal(tell(w, answer_make(w, 2, OTHER), &err), LF_E_SIGNATURE);
    head_is(w, LEDGER, 30, 2, NULL);
    head_is(w, LEDGER, 30, OTHER, "SIGNATURE_MISSING");
    lf__buf_init(&kept, GW_LOG_KEYS_BODY_MAX);
    assert_int_equal(gw_witness_keys_read(w->keys, &w->address, &kept, NULL), LF_OK);
    assert_true(lf__bytes_eq(lf__buf_bytes(&kept), answer_make(w, 2, 2)));
}

static void refused(void **state)
{
    LF_BUF none;
    struct world *w = *state;
    struct lf__hash elsewhere = lf__sha256(lf__bytes_str("nobody.example/ledger"));
    lf_bytes good = answer_make(w, 1, 1);
    assert_int_equal(gw_witness_keys_add(w->keys, &elsewhere, good, NULL), LF_E_NOT_FOUND);
    assert_int_equal(tell(w, lf__bytes_slice(good, 0, good.len - 1), NULL), LF_E_FORMAT);
    LF_BUF body;
    struct announcement a = announce_good(LEDGER, 10, w->seeds[0], w->seeds[1]);
    a.second = NULL; /* the new key has not signed it */
    struct px_log_key_proof proof = announce(&w->arena, &a);
    lf__buf_init(&body, GW_LOG_KEYS_BODY_MAX);
    assert_true(px_log_key_proof_put(1, &proof, &body));
    assert_int_equal(tell(w, lf__buf_bytes(&body), NULL), LF_E_SIGNATURE);
    lf__buf_init(&none, GW_LOG_KEYS_BODY_MAX);
    assert_int_equal(gw_witness_keys_read(w->keys, &w->address, &none, NULL), LF_E_NOT_FOUND);
    head_is(w, LEDGER, 30, 1, "SIGNATURE_MISSING");
}

/* What a restore takes from it. */
static void learned(void **state)
{
    struct world *w = *state;
    struct lf__note_key first[] = {announce_key(LEDGER, w->seeds[0]),
                                   announce_key(ACCESS_LOG, w->seeds[ACCESS])};
    struct gw_learned *out = calloc(GW_LEARNED_LOGS, sizeof *out);
    assert_non_null(out);
    assert_int_equal(gw_learn(first, answer_make(w, 3, 3), out, NULL), LF_OK);
    assert_int_equal(out[0].count, 4);
    assert_int_equal(out[0].list[2].index, 20);
    assert_int_equal(out[0].list[2].from_size, 21);
    assert_int_equal(out[1].count, 1);
    first[0] = announce_key(LEDGER, w->seeds[OTHER]);
    out[0].count = 77;
    assert_int_equal(gw_learn(first, answer_make(w, 3, 3), out, NULL), LF_E_SIGNATURE);
    assert_int_equal(out[0].count, 77);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(led_on, setup, teardown),
        cmocka_unit_test_setup_teardown(access_log, setup, teardown),
        cmocka_unit_test_setup_teardown(contradicted, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(learned, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
