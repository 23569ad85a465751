/* SPDX-License-Identifier: Apache-2.0 */
/* The format version of a data directory: read, compared, and moved on. */
#include "storage/upgrade.h"

#include "base/bytes.h"
#include "base/status.h"
#include "storage/lmdb/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char upgrade_table[] = "format";
static const char upgrade_key[] = "version";

/* There has been one format so far. The step to the next one stands here before that one is written. */
const struct st_formats *st_formats_known(void)
{
    static const struct st_formats known = {.current = ST_FORMAT_VERSION, .steps = NULL};
    return &known;
}

lf_status st_lmdb_format(MDB_txn *txn, uint32_t *out, lf_error *err)
{
    MDB_dbi table;
    MDB_val key = {sizeof upgrade_key, (void *)(uintptr_t)upgrade_key};
    MDB_val value;
    int rc = mdb_dbi_open(txn, upgrade_table, 0, &table);
    rc = rc == 0 ? mdb_get(txn, table, &key, &value) : rc;
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "format version");
    }
    if (value.mv_size != sizeof *out) {
        return lf__fail(err, LF_E_CORRUPT, "store: format version is damaged");
    }
    *out = lf__get_u32be(value.mv_data);
    return LF_OK;
}

lf_status st_lmdb_format_put(MDB_txn *txn, uint32_t format, lf_error *err)
{
    MDB_dbi table;
    uint8_t raw[4];
    lf__put_u32be(raw, format);
    MDB_val key = {sizeof upgrade_key, (void *)(uintptr_t)upgrade_key};
    MDB_val value = {sizeof raw, raw};
    int rc = mdb_dbi_open(txn, upgrade_table, MDB_CREATE, &table);
    rc = rc == 0 ? mdb_put(txn, table, &key, &value, 0) : rc;
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "format version");
}

lf_status st_format_fits(uint32_t found, uint32_t ours, lf_error *err)
{
    if (found > ours) {
        return lf__fail(err, LF_E_VERSION,
                        "store: format %u is newer than %u, which this program knows", found, ours);
    }
    return found == ours
               ? LF_OK
               : lf__fail(err, LF_E_VERSION, "store: format %u is older than %u: upgrade it first",
                          found, ours);
}

/* The steps from `found` on, without a gap. */
static lf_status steps_find(const struct st_formats *formats, uint32_t found,
                            struct st_upgrade *out, lf_error *err)
{
    size_t first = 0;
    *out = (struct st_upgrade){.found = found};
    if (found >= formats->current) {
        return st_format_fits(found, formats->current, err);
    }
    while (first < formats->count && formats->steps[first].from != found) {
        first++;
    }
    for (size_t i = first; found < formats->current; i++, found++) {
        if (i >= formats->count || formats->steps[i].from != found) {
            return lf__fail(err, LF_E_VERSION,
                            "store: format %u is too old: this program has no step from %u",
                            out->found, found);
        }
    }
    out->steps = formats->steps + first;
    out->count = formats->current - out->found;
    return LF_OK;
}

/* Nothing is made where nothing was. */
static lf_status store_map(const struct st_options *options, struct st_engine **out, lf_error *err)
{
    char name[ST_PATH_MAX];
    lf_status rc = st_path(options->path, ST_DATA_FILE, name, err);
    if (rc == LF_OK && access(name, F_OK) != 0) {
        return lf__fail_cause(err, LF_E_NOT_FOUND, errno, "%s: %s", name, strerror(errno));
    }
    return rc == LF_OK ? st_lmdb_map(options, false, out, err) : rc;
}

static lf_status format_find(struct st_engine *engine, MDB_txn **txn, uint32_t *out, lf_error *err)
{
    int rc = mdb_txn_begin(engine->env, NULL, engine->is_reader ? MDB_RDONLY : 0, txn);
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "begin");
    }
    return st_lmdb_format(*txn, out, err);
}

lf_status st_upgrade_check(const struct st_options *options, const struct st_formats *formats,
                           struct st_upgrade *out, lf_error *err)
{
    struct st_options reading = *options;
    struct st_engine *engine = NULL;
    struct st_upgrade plan;
    MDB_txn *txn = NULL;
    uint32_t found = 0;
    reading.is_reader = true;
    lf_status rc = store_map(&reading, &engine, err);
    rc = rc == LF_OK ? format_find(engine, &txn, &found, err) : rc;
    rc = rc == LF_OK ? steps_find(formats, found, &plan, err) : rc;
    mdb_txn_abort(txn);
    st_engine_close(engine);
    if (rc == LF_OK) {
        *out = plan;
    }
    return rc;
}

static lf_status steps_run(struct st_engine *engine, MDB_txn *mdb, const struct st_upgrade *plan,
                           lf_error *err)
{
    struct st_txn txn = {engine, mdb, ST_WRITE};
    lf_status rc = st_lmdb_tables(engine, mdb, err);
    for (size_t i = 0; rc == LF_OK && i < plan->count; i++) {
        rc = plan->steps[i].run(&txn, err);
    }
    return rc == LF_OK ? st_lmdb_format_put(mdb, plan->found + (uint32_t)plan->count, err) : rc;
}

lf_status st_upgrade_run(const struct st_options *options, const struct st_formats *formats,
                         struct st_upgrade *out, lf_error *err)
{
    struct st_engine *engine = NULL;
    struct st_upgrade plan;
    MDB_txn *txn = NULL;
    uint32_t found = 0;
    lf_status rc = store_map(options, &engine, err);
    rc = rc == LF_OK ? format_find(engine, &txn, &found, err) : rc;
    rc = rc == LF_OK ? steps_find(formats, found, &plan, err) : rc;
    rc = rc == LF_OK && plan.count > 0 ? steps_run(engine, txn, &plan, err) : rc;
    if (rc == LF_OK && plan.count > 0) {
        int failed = mdb_txn_commit(txn);
        rc = failed == 0 ? LF_OK : st_lmdb_fail(err, failed, "commit of the new format");
    } else {
        mdb_txn_abort(txn);
    }
    st_engine_close(engine);
    if (rc == LF_OK) {
        *out = plan;
    }
    return rc;
}
