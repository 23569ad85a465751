/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits of every stored key and value of a gateway's store, flipped in turn: the check names the row or
 * its entry, and the exchange does not open to sign. The store comes from a gateway that ran.
 *
 * usage: flip_test DATA STEP    every STEPth bit, over all tables together; OPENS of them also opened
 */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/replay.h"
#include "gateway/exchange/tables.h"
#include "tests/support/flip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLIP_OPEN_EVERY = 8 };

static void die(const char *what)
{
    (void)fprintf(stderr, "flip_test: %s\n", what);
    exit(2);
}

struct wanted {
    const char *table;
    const struct flip *flip;
    uint64_t index;
    bool is_named;
};

static void on_damage(void *user, const struct st_damage *damage)
{
    struct wanted *w = user;
    bool is_row = strcmp(damage->table, w->table) == 0 && flip_is_key(w->flip, damage->key);
    w->is_named = w->is_named || is_row || (w->index != ST_NO_INDEX && damage->index == w->index);
}

static const char *const ledger_names[ST_LEDGER_TABLES] = {"head", "tiles", "leaves", "bodies",
                                                           "ids"};

static uint64_t index_of(const struct flip *flip)
{
    bool is_by_index = flip->table == GW_TABLE_LEDGER + 2 || flip->table == GW_TABLE_LEDGER + 3;
    return is_by_index                          ? lf__get_u64be(flip->key)
           : flip->table == GW_TABLE_LEDGER + 4 ? lf__get_u64be(flip->key + 17) >> 8
                                                : ST_NO_INDEX;
}

struct world {
    const char *path;
    struct gw_policy *policy;
    struct lf__secret *seed;
    struct st_engine *engine;
    size_t step;
    size_t seen; /* bits */
    size_t flipped;
    size_t opened;
    size_t failed;
};

static bool is_named(struct world *w, struct st_txn *txn, const char *name, struct flip *flip,
                     size_t bit)
{
    struct wanted wanted = {name, flip, index_of(flip), false};
    struct st_check_report report;
    struct gw_check_options options = {.engine = w->engine,
                                       .txn = txn,
                                       .scratch = w->path,
                                       .policy = w->policy,
                                       .has_signatures = true,
                                       .damage = on_damage,
                                       .user = &wanted};
    flip_do(txn, flip, bit);
    lf_status rc = gw_check(&options, &report, NULL);
    flip_undo(txn, flip);
    return rc == LF_E_CORRUPT && wanted.is_named;
}

static void engine_open(struct world *w)
{
    lf_error err = LF_ERROR_INIT;
    struct st_options options = {.path = w->path};
    if (st_engine_open(&options, &w->engine, &err) != LF_OK) {
        die(err.message);
    }
}

static void flip_commit(struct world *w, struct flip *flip, size_t bit, bool is_back)
{
    struct st_txn *txn = NULL;
    engine_open(w);
    if (st_txn_begin(w->engine, ST_WRITE, &txn, NULL) != LF_OK) {
        die("no transaction");
    }
    if (is_back) {
        flip_undo(txn, flip);
    } else {
        flip_do(txn, flip, bit);
    }
    if (st_txn_commit(txn, NULL) != LF_OK) {
        die("no commit");
    }
    st_engine_close(w->engine);
    w->engine = NULL;
}

/* The engine is closed: the exchange opens its own, and must not. */
static bool is_refused(struct world *w, struct flip *flip, size_t bit)
{
    struct gw_exchange *exchange = NULL;
    struct gw_exchange_options options = {
        .path = w->path, .name = "test.example", .seed = w->seed, .policy = w->policy};
    flip_commit(w, flip, bit, false);
    lf_status rc = gw_exchange_open(&options, NULL, &exchange, NULL);
    gw_exchange_close(exchange);
    flip_commit(w, flip, bit, true);
    return rc == LF_E_CORRUPT;
}

static void bit_try(struct world *w, struct st_txn **txn, const char *name, struct flip *flip,
                    size_t bit)
{
    bool good = is_named(w, *txn, name, flip, bit);
    w->flipped++;
    if (good && w->flipped % FLIP_OPEN_EVERY == 0) {
        st_txn_abort(*txn);
        st_engine_close(w->engine);
        good = is_refused(w, flip, bit);
        engine_open(w);
        if (st_txn_begin(w->engine, ST_WRITE, txn, NULL) != LF_OK) {
            die("no transaction");
        }
        w->opened++;
    }
    if (!good) {
        (void)fprintf(stderr, "%s, bit %zu of %zu: not named, or signed all the same\n", name, bit,
                      flip_bits(flip));
        w->failed++;
    }
}

static void table_try(struct world *w, struct st_txn **txn, unsigned table, const char *name)
{
    static struct flip flip;
    for (size_t row = 0; flip_load(*txn, table, row, &flip); row++) {
        for (size_t bit = 0; bit < flip_bits(&flip); bit++) {
            if (w->seen++ % w->step == 0) {
                bit_try(w, txn, name, &flip, bit);
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct world w = {.step = 1};
    struct st_txn *txn = NULL;
    const struct gw_derived_table *derived;
    if (argc != 3 || (w.step = strtoul(argv[2], NULL, 10)) == 0) {
        die("usage: flip_test DATA STEP");
    }
    w.path = argv[1];
    w.seed = lf__secret_new(LF_ED25519_SEED);
    if (w.seed == NULL || gw_policy_load_default(&w.policy, NULL) != LF_OK) {
        die("no policy");
    }
    engine_open(&w);
    if (st_txn_begin(w.engine, ST_WRITE, &txn, NULL) != LF_OK) {
        die("no transaction");
    }
    for (unsigned i = 0; i < ST_LEDGER_TABLES; i++) {
        table_try(&w, &txn, GW_TABLE_LEDGER + i, ledger_names[i]);
    }
    for (size_t i = 0; (derived = gw_derived_table(i)) != NULL; i++) {
        table_try(&w, &txn, derived->table, derived->name);
    }
    st_txn_abort(txn);
    st_engine_close(w.engine);
    gw_policy_free(w.policy);
    lf__secret_free(w.seed);
    (void)printf("%zu of %zu bits flipped, %zu times also opened to sign: %zu not named or not "
                 "refused\n",
                 w.flipped, w.seen, w.opened, w.failed);
    return w.failed == 0 && w.flipped > 0 && w.opened > 0 ? 0 : 1;
}
