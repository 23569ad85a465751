/* SPDX-License-Identifier: Apache-2.0 */
/* storage/lmdb/internal.h - what the files of this directory share; the only home of LMDB types. */
#ifndef ST_LMDB_INTERNAL_H
#define ST_LMDB_INTERNAL_H

#include "storage/engine.h"

#include <lmdb.h>
#include <stdatomic.h>

enum { ST_PATH_MAX = 4096, ST_IDLE_MAX = 16 };

struct st_engine {
    MDB_env *env;
    MDB_dbi tables[ST_TABLES];
    char path[ST_PATH_MAX];
    int lock_fd;
    int copy_fd; /* shared by readers, exclusive while the file is replaced */
    bool is_reader;
    atomic_bool broken; /* a commit failed: what the disk holds is unknown until a restart */
    _Atomic(struct st_txn *)
        idle[ST_IDLE_MAX]; /* read transactions that are over, to be used again */
};

struct st_txn {
    struct st_engine *engine;
    MDB_txn *mdb;
    enum st_mode mode;
};

struct st_cursor {
    MDB_cursor *mdb;
};

/* Names `what` in the message; MDB_MAP_FULL and ENOSPC become E_FULL, absence E_NOT_FOUND. */
lf_status st_lmdb_fail(lf_error *err, int code, const char *what);

/* Locked and mapped, whatever its format is; no table is open yet. */
lf_status st_lmdb_map(const struct st_options *options, bool may_create, struct st_engine **out,
                      lf_error *err);
lf_status st_lmdb_tables(struct st_engine *engine, MDB_txn *txn, lf_error *err);
/* The format version that stands there: E_NOT_FOUND when none does. */
lf_status st_lmdb_format(MDB_txn *txn, uint32_t *out, lf_error *err);
lf_status st_lmdb_format_put(MDB_txn *txn, uint32_t format, lf_error *err);
/* E_VERSION says which of the two is newer, and what helps. */
lf_status st_format_fits(uint32_t found, uint32_t ours, lf_error *err);

/* Lets the idle read transactions go; before the environment is closed. */
void st_lmdb_idle_end(struct st_engine *engine);

#define ST_DATA_FILE "data.mdb"

/* PATH/NAME; E_ARG when it does not fit. */
lf_status st_path(const char *path, const char *name, char out[static ST_PATH_MAX], lf_error *err);
/* Opens PATH/NAME and takes its flock() without waiting: E_PRECONDITION when another has it. It
 * belongs to the open file, so it ends with the process however that ends. */
lf_status st_lock(const char *path, const char *name, int operation, int *out, lf_error *err);
/* Renames inside `dir` and makes it durable. */
lf_status st_replace(const char *from, const char *to, const char *dir, lf_error *err);

#endif
