/* SPDX-License-Identifier: Apache-2.0 */
/* storage/lmdb/internal.h - what the files of this directory share; the only home of LMDB types. */
#ifndef ST_LMDB_INTERNAL_H
#define ST_LMDB_INTERNAL_H

#include "storage/engine.h"

#include <lmdb.h>
#include <stdatomic.h>

struct st_engine {
    MDB_env *env;
    MDB_dbi tables[ST_TABLES];
    int lock_fd;
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

#endif
