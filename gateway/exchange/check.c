/* SPDX-License-Identifier: Apache-2.0 */
/* The whole store: the ledger against its bodies, and what is derived against a rebuilding apart. */
#include "gateway/exchange/replay.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

#include <stdio.h>

enum { CHECK_AT_START = 1024 }; /* entries: a few hundredths of a second */

const struct gw_derived_table *gw_derived_table(size_t number)
{
    static const struct gw_derived_table tables[] = {
        {GW_TABLE_MEMBERS, "members"},       {GW_TABLE_SUBJECTS, "subjects"},
        {GW_TABLE_KNOWN, "known"},           {GW_TABLE_POLICY, "policy"},
        {GW_TABLE_HISTORY, "history"},       {GW_TABLE_KEYS, "keys"},
        {GW_TABLE_RESTRICTED, "restricted"}, {GW_TABLE_TASKS, "tasks"},
        {GW_TABLE_ANSWERS, "answers"},       {GW_TABLE_CHANGES, "changes"},
        {GW_TABLE_CAMPAIGNS, "campaigns"},   {GW_TABLE_CODES, "codes"},
        {GW_TABLE_LINKS, "links"},           {GW_TABLE_LOG_KEYS, "log keys"},
        {GW_TABLE_BURSTS, "bursts"}};
    return number < LF_COUNT(tables) ? &tables[number] : NULL;
}

struct checking {
    const struct gw_check_options *options;
    struct gw_replay *replay;
    struct st_check_report *report;
    const char *table; /* under comparison */
};

static lf_status on_prepare(void *user, const struct st_check_entry *entry, struct st_facts *out,
                            lf_error *err)
{
    struct checking *c = user;
    return gw_replay_prepare(c->replay, entry, out, err);
}

static lf_status on_entry(void *user, const struct st_check_entry *entry, struct st_facts *facts,
                          lf_error *err)
{
    struct checking *c = user;
    return gw_replay_entry(c->replay, entry, facts, err);
}

static void on_damage(void *user, const struct st_damage *damage)
{
    struct checking *c = user;
    c->options->damage(c->options->user, damage);
}

static void on_progress(void *user, uint64_t done, uint64_t size)
{
    struct checking *c = user;
    if (c->options->progress != NULL) {
        c->options->progress(c->options->user, done, size);
    }
}

static void on_difference(void *user, lf_bytes key, bool is_stored, bool is_rebuilt)
{
    struct checking *c = user;
    struct st_damage damage = {.table = c->table, .key = key, .index = ST_NO_INDEX};
    damage.what = !is_rebuilt  ? "no entry says this"
                  : !is_stored ? "is missing"
                               : "is not what the entries say";
    c->report->damages++;
    c->options->damage(c->options->user, &damage);
}

static lf_status derived_compare(struct checking *c, struct st_txn *stored, struct st_txn *rebuilt,
                                 lf_error *err)
{
    lf_status rc = LF_OK;
    const struct gw_derived_table *t;
    for (size_t i = 0; rc == LF_OK && (t = gw_derived_table(i)) != NULL; i++) {
        struct st_compare compare = {stored, rebuilt, t->table, on_difference, c};
        c->table = t->name;
        rc = st_check_compare(&compare, err);
    }
    return rc;
}

/* Damage in the ledger makes what was rebuilt from it worthless: it is compared only when all is well. */
static lf_status check_run(struct checking *c, struct st_txn *txn, struct st_engine *apart,
                           struct st_txn *apart_txn, lf_error *err)
{
    const struct gw_check_options *o = c->options;
    struct gw_replay_options replay = {.policy = o->policy,
                                       .is_from_start = o->last == 0,
                                       .has_signatures = o->has_signatures && o->last == 0,
                                       .engine = apart != NULL ? apart : o->engine,
                                       .txn = apart_txn,
                                       .is_apart = true,
                                       .stored = txn};
    struct st_check_options check = {.txn = txn,
                                     .first_table = GW_TABLE_LEDGER,
                                     .last = o->last,
                                     .hooks = {on_prepare, on_entry, on_damage, on_progress, c}};
    lf_status rc = gw_replay_new(&replay, &c->replay, err);
    rc = rc == LF_OK ? st_check(&check, c->report, err) : rc;
    rc = rc == LF_OK && apart != NULL ? derived_compare(c, txn, apart_txn, err) : rc;
    gw_replay_free(c->replay);
    return rc == LF_OK && c->report->damages > 0
               ? lf__fail(err, LF_E_CORRUPT, "derived state: %llu damages",
                          (unsigned long long)c->report->damages)
               : rc;
}

lf_status gw_check(const struct gw_check_options *options, struct st_check_report *out,
                   lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_engine *apart = NULL;
    struct st_txn *apart_txn = NULL;
    struct st_check_report report = {.examined = 0};
    struct checking c = {.options = options, .report = &report};
    bool is_rebuilt = options->scratch != NULL && options->last == 0;
    lf_status rc = LF_OK;
    struct st_txn *from = options->txn;
    if (from == NULL) {
        rc = st_txn_begin(options->engine, ST_READ, &txn, err);
        from = txn;
    }
    rc = rc == LF_OK && is_rebuilt ? st_scratch_open(options->scratch, options->engine, &apart, err)
                                   : rc;
    rc = rc == LF_OK && is_rebuilt ? st_txn_begin(apart, ST_WRITE, &apart_txn, err) : rc;
    rc = rc == LF_OK ? check_run(&c, from, apart, apart_txn, err) : rc;
    st_txn_abort(apart_txn);
    st_engine_close(apart);
    *out = report;
    return rc;
}

struct first {
    char text[160];
};

static void first_keep(void *user, const struct st_damage *damage)
{
    struct first *first = user;
    if (first->text[0] == '\0' && damage->index != ST_NO_INDEX) {
        (void)snprintf(first->text, sizeof first->text, "%s, entry %llu: %s", damage->table,
                       (unsigned long long)damage->index, damage->what);
    } else if (first->text[0] == '\0') {
        (void)snprintf(first->text, sizeof first->text, "%s: %s", damage->table, damage->what);
    }
}

lf_status gw_check_at_start(struct st_engine *engine, const char *scratch,
                            const struct gw_policy *policy, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct st_ledger *view = NULL;
    struct first first = {.text = ""};
    struct st_check_report report;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    bool is_long = st_ledger_read(view, txn, CHECK_AT_START, &stored, NULL) == LF_OK;
    st_ledger_close(view);
    struct gw_check_options options = {.engine = engine,
                                       .scratch = scratch,
                                       .policy = policy,
                                       .last = is_long ? CHECK_AT_START : 0,
                                       .has_signatures = true,
                                       .damage = first_keep,
                                       .user = &first};
    rc = gw_check(&options, &report, err);
    return rc == LF_E_CORRUPT && first.text[0] != '\0' ? lf__fail(err, rc, "%s", first.text) : rc;
}

static lf_status rebuild_run(struct st_engine *engine, struct st_txn *txn, struct gw_replay *replay,
                             uint64_t *entries, lf_error *err)
{
    struct st_ledger *view = NULL;
    struct st_stored stored;
    struct st_facts facts;
    const struct gw_derived_table *t;
    lf_status rc = st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, err);
    for (size_t i = 0; rc == LF_OK && (t = gw_derived_table(i)) != NULL; i++) {
        rc = st_clear(txn, t->table, err);
    }
    for (*entries = 0; rc == LF_OK; *entries += rc == LF_OK) {
        rc = st_ledger_read(view, txn, *entries, &stored, err);
        if (rc == LF_E_NOT_FOUND) {
            st_ledger_close(view);
            return LF_OK;
        }
        struct st_check_entry entry = {*entries, 0, &stored};
        rc = rc == LF_OK ? gw_replay_prepare(replay, &entry, &facts, err) : rc;
        rc = rc == LF_OK ? gw_replay_entry(replay, &entry, &facts, err) : rc;
    }
    st_ledger_close(view);
    return rc;
}

lf_status gw_rebuild(struct st_engine *engine, const struct gw_policy *policy, uint64_t *entries,
                     lf_error *err)
{
    struct st_txn *txn = NULL;
    struct gw_replay *replay = NULL;
    uint64_t count = 0;
    lf_status rc = st_txn_begin(engine, ST_WRITE, &txn, err);
    struct gw_replay_options options = {
        .policy = policy, .is_from_start = true, .engine = engine, .txn = txn, .stored = txn};
    rc = rc == LF_OK ? gw_replay_new(&options, &replay, err) : rc;
    rc = rc == LF_OK ? rebuild_run(engine, txn, replay, &count, err) : rc;
    gw_replay_free(replay);
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    rc = st_txn_commit(txn, err);
    if (rc == LF_OK && entries != NULL) {
        *entries = count;
    }
    return rc;
}
