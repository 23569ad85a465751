/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions. To begin reading is to find a slot in the table of readers and to allocate for every table; a read
 * transaction that is over is therefore reset, which lets go of its snapshot, and renewed by the next reader.
 */
#include "storage/lmdb/internal.h"

#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statfs.h>

enum { TXN_LEFT_MIN = 65536 }; /* bytes left on the disk: no page more fits */

/* NULL when none is idle, or the one that was cannot be renewed. */
static struct st_txn *idle_take(struct st_engine *engine)
{
    struct st_txn *txn = NULL;
    for (unsigned i = 0; txn == NULL && i < ST_IDLE_MAX; i++) {
        txn =
            atomic_load(&engine->idle[i]) == NULL ? NULL : atomic_exchange(&engine->idle[i], NULL);
    }
    if (txn != NULL && mdb_txn_renew(txn->mdb) != 0) {
        mdb_txn_abort(txn->mdb);
        free(txn);
        txn = NULL;
    }
    return txn;
}

static bool idle_put(struct st_engine *engine, struct st_txn *txn)
{
    mdb_txn_reset(txn->mdb);
    for (unsigned i = 0; i < ST_IDLE_MAX; i++) {
        struct st_txn *none = NULL;
        if (atomic_compare_exchange_strong(&engine->idle[i], &none, txn)) {
            return true;
        }
    }
    return false;
}

void st_lmdb_idle_end(struct st_engine *engine)
{
    for (unsigned i = 0; i < ST_IDLE_MAX; i++) {
        struct st_txn *txn = atomic_exchange(&engine->idle[i], NULL);
        if (txn != NULL) {
            mdb_txn_abort(txn->mdb);
            free(txn);
        }
    }
}

static lf_status txn_new(struct st_engine *engine, enum st_mode mode, struct st_txn **out,
                         lf_error *err)
{
    struct st_txn *txn = calloc(1, sizeof *txn);
    if (txn == NULL) {
        return lf__fail(err, LF_E_NOMEM, "store: out of memory");
    }
    int rc = mdb_txn_begin(engine->env, NULL, mode == ST_READ ? MDB_RDONLY : 0, &txn->mdb);
    if (rc != 0) {
        free(txn);
        return st_lmdb_fail(err, rc, "begin");
    }
    txn->engine = engine;
    txn->mode = mode;
    *out = txn;
    return LF_OK;
}

lf_status st_txn_begin(struct st_engine *engine, enum st_mode mode, struct st_txn **out,
                       lf_error *err)
{
    if (mode == ST_WRITE && engine->is_reader) {
        return lf__fail(err, LF_E_PRECONDITION, "store: opened for reading only");
    }
    if (mode == ST_WRITE && atomic_load(&engine->broken)) {
        return lf__fail(err, LF_E_IO, "store: a commit failed, no more writing until a restart");
    }
    struct st_txn *idle = mode == ST_READ ? idle_take(engine) : NULL;
    if (idle != NULL) {
        *out = idle;
        return LF_OK;
    }
    return txn_new(engine, mode, out, err);
}

/* What the disk took a part of only, LMDB tells as EIO. Where nothing more fits, that was the reason. */
static int commit_cause(const struct st_engine *engine, int code)
{
    struct statfs fs;
    bool is_full = code == EIO && statfs(engine->path, &fs) == 0 &&
                   (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize < TXN_LEFT_MIN;
    return is_full ? ENOSPC : code;
}

/* Linux may report a failed flush once and then forget it, so any error but a full map is final. */
lf_status st_txn_commit(struct st_txn *txn, lf_error *err)
{
    struct st_engine *engine = txn->engine;
    int rc = commit_cause(engine, mdb_txn_commit(txn->mdb));
    if (rc != 0 && rc != MDB_MAP_FULL && txn->mode == ST_WRITE) {
        atomic_store(&engine->broken, true);
    }
    free(txn);
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "commit");
}

void st_txn_abort(struct st_txn *txn)
{
    if (txn == NULL || (txn->mode == ST_READ && idle_put(txn->engine, txn))) {
        return;
    }
    mdb_txn_abort(txn->mdb);
    free(txn);
}
