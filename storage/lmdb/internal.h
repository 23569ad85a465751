/* SPDX-License-Identifier: Apache-2.0 */
/* storage/lmdb/internal.h - what the files of this directory share; the only home of LMDB types. */
#ifndef ST_LMDB_INTERNAL_H
#define ST_LMDB_INTERNAL_H

#include "storage/engine.h"

#include <lmdb.h>
#include <stdatomic.h>

enum { ST_PATH_MAX = 4096 };

struct st_engine {
    MDB_env *env;
    MDB_dbi tables[ST_TABLES];
    char path[ST_PATH_MAX];
    int lock_fd;
    int copy_fd; /* shared by readers, exclusive while the file is replaced */
    bool is_reader;
    atomic_bool broken; /* a commit failed: what the disk holds is unknown until a restart */
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

#define ST_DATA_FILE "data.mdb"

/* PATH/NAME; E_ARG when it does not fit. */
lf_status st_path(const char *path, const char *name, char out[static ST_PATH_MAX], lf_error *err);
/* Opens PATH/NAME and takes its flock() without waiting: E_PRECONDITION when another has it. It
 * belongs to the open file, so it ends with the process however that ends. */
lf_status st_lock(const char *path, const char *name, int operation, int *out, lf_error *err);
/* Renames inside `dir` and makes it durable. */
lf_status st_replace(const char *from, const char *to, const char *dir, lf_error *err);

#endif
