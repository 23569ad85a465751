/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, locking and committing on LMDB. Default sync mode: two flushes a commit, and the last
 * acknowledged commit survives a power cut. MDB_NOTLS, because readers move between queue threads.
 */
#include "storage/lmdb/internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENGINE_MAP_DEFAULT ((uint64_t)1 << 40)
enum { ENGINE_READERS = 1024 };

/* The everyday answer of a look-up: to print it would cost more than the look-up. */
static lf_status not_found(lf_error *err)
{
    if (err != NULL) {
        *err = (lf_error)LF_ERROR_INIT;
        err->status = LF_E_NOT_FOUND;
        err->cause = MDB_NOTFOUND;
        (void)lf__copy_str(err->message, sizeof err->message,
                           lf__bytes_str("store: there is no such row"));
    }
    return LF_E_NOT_FOUND;
}

lf_status st_lmdb_fail(lf_error *err, int code, const char *what)
{
    lf_status status = LF_E_IO;
    switch (code) {
    case MDB_NOTFOUND:
        return not_found(err);
    case MDB_KEYEXIST:
        status = LF_E_EXISTS;
        break;
    case MDB_MAP_FULL:
    case ENOSPC:
        status = LF_E_FULL;
        break;
    case MDB_BAD_VALSIZE:
        status = LF_E_TOO_BIG;
        break;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        status = LF_E_CORRUPT;
        break;
    case MDB_VERSION_MISMATCH:
        status = LF_E_VERSION;
        break;
    case MDB_READERS_FULL:
        status = LF_E_BUSY;
        break;
    case ENOMEM:
        status = LF_E_NOMEM;
        break;
    default:
        break;
    }
    return lf__fail_cause(err, status, code, "store: %s: %s", what, mdb_strerror(code));
}

lf_status st_path(const char *path, const char *name, char out[static ST_PATH_MAX], lf_error *err)
{
    int n = snprintf(out, ST_PATH_MAX, "%s/%s", path, name);
    return n > 0 && n < ST_PATH_MAX
               ? LF_OK
               : lf__fail(err, LF_E_ARG, "store: path longer than %d bytes", ST_PATH_MAX);
}

lf_status st_lock(const char *path, const char *name, int operation, int *out, lf_error *err)
{
    char file[ST_PATH_MAX];
    lf_status rc = st_path(path, name, file, err);
    if (rc != LF_OK) {
        return rc;
    }
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be opened: %s", file,
                              strerror(errno));
    }
    if (flock(fd, operation | LOCK_NB) != 0) {
        int cause = errno;
        (void)close(fd);
        return lf__fail_cause(err, LF_E_PRECONDITION, cause,
                              "%s: another process has this data directory open", path);
    }
    *out = fd;
    return LF_OK;
}

/* The owner holds LOCK. Readers and the owner share COPY, which only st_compact() takes alone. */
static lf_status engine_lock(struct st_engine *engine, const char *path, lf_error *err)
{
    lf_status rc =
        engine->is_reader ? LF_OK : st_lock(path, "LOCK", LOCK_EX, &engine->lock_fd, err);
    return rc == LF_OK ? st_lock(path, "COPY", LOCK_SH, &engine->copy_fd, err) : rc;
}

/* Stale reader slots of dead processes would keep pages from being reused for ever. */
static lf_status engine_map(struct st_engine *engine, const struct st_options *options,
                            lf_error *err)
{
    int dead = 0;
    size_t map = (size_t)(options->map_bytes == 0 ? ENGINE_MAP_DEFAULT : options->map_bytes);
    unsigned flags = MDB_NOTLS | (engine->is_reader ? MDB_RDONLY : 0);
    int rc = mdb_env_create(&engine->env);
    rc = rc == 0 ? mdb_env_set_mapsize(engine->env, map) : rc;
    rc = rc == 0 ? mdb_env_set_maxdbs(engine->env, ST_TABLES + 1) : rc;
    rc = rc == 0 ? mdb_env_set_maxreaders(engine->env, ENGINE_READERS) : rc;
    rc = rc == 0 ? mdb_env_open(engine->env, options->path, flags, 0600) : rc;
    rc = rc == 0 ? mdb_reader_check(engine->env, &dead) : rc;
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "cannot be opened");
}

/* Writes our version into a new directory, or compares the one that is there. */
static lf_status format_check(MDB_txn *txn, bool is_reader, lf_error *err)
{
    uint32_t found = 0;
    lf_status rc = st_lmdb_format(txn, &found, err);
    if (rc == LF_E_NOT_FOUND && !is_reader) {
        return st_lmdb_format_put(txn, ST_FORMAT_VERSION, err);
    }
    return rc == LF_OK ? st_format_fits(found, ST_FORMAT_VERSION, err) : rc;
}

lf_status st_lmdb_tables(struct st_engine *engine, MDB_txn *txn, lf_error *err)
{
    lf_status status = LF_OK;
    for (unsigned i = 0; status == LF_OK && i < ST_TABLES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%02u", i);
        int rc = mdb_dbi_open(txn, name, engine->is_reader ? 0 : MDB_CREATE, &engine->tables[i]);
        status = rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "table");
    }
    return status;
}

static lf_status engine_tables(struct st_engine *engine, lf_error *err)
{
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(engine->env, NULL, engine->is_reader ? MDB_RDONLY : 0, &txn);
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "begin");
    }
    lf_status status = format_check(txn, engine->is_reader, err);
    status = status == LF_OK ? st_lmdb_tables(engine, txn, err) : status;
    if (status != LF_OK) {
        mdb_txn_abort(txn);
        return status;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "commit of the tables");
}

/* One file of the given name, no lock file, used by nobody else yet. */
static lf_status file_open(struct st_engine *engine, const char *name, uint64_t map_bytes,
                           unsigned flags, lf_error *err)
{
    size_t map = (size_t)(map_bytes == 0 ? ENGINE_MAP_DEFAULT : map_bytes);
    int rc = mdb_env_create(&engine->env);
    rc = rc == 0 ? mdb_env_set_mapsize(engine->env, map) : rc;
    rc = rc == 0 ? mdb_env_set_maxdbs(engine->env, ST_TABLES + 1) : rc;
    rc = rc == 0 ? mdb_env_open(engine->env, name, MDB_NOSUBDIR | MDB_NOLOCK | flags, 0600) : rc;
    return rc == 0 ? engine_tables(engine, err) : st_lmdb_fail(err, rc, "new file");
}

static lf_status new_file_fill(struct st_engine *engine, const char *name,
                               const struct st_options *options, lf_error *err)
{
    lf_status rc = file_open(engine, name, options->map_bytes, 0, err);
    if (engine->env != NULL) {
        mdb_env_close(engine->env);
    }
    return rc;
}

/* LMDB writes a new file's first pages without care: a crash there leaves a file that never opens
 * again. So it is made under another name, and gets its own once it is whole. The lock is held. */
static lf_status file_create(const struct st_options *options, lf_error *err)
{
    char name[ST_PATH_MAX];
    char fresh[ST_PATH_MAX];
    struct st_engine engine = {.lock_fd = -1, .copy_fd = -1};
    lf_status rc = st_path(options->path, ST_DATA_FILE, name, err);
    rc = rc == LF_OK ? st_path(options->path, ST_DATA_FILE ".new", fresh, err) : rc;
    if (rc != LF_OK || access(name, F_OK) == 0) {
        return rc;
    }
    if (unlink(fresh) != 0 && errno != ENOENT) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be removed: %s", fresh,
                              strerror(errno));
    }
    rc = new_file_fill(&engine, fresh, options, err);
    return rc == LF_OK ? st_replace(fresh, name, options->path, err) : rc;
}

lf_status st_lmdb_map(const struct st_options *options, bool may_create, struct st_engine **out,
                      lf_error *err)
{
    struct st_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return lf__fail(err, LF_E_NOMEM, "store: out of memory");
    }
    engine->lock_fd = -1;
    engine->copy_fd = -1;
    engine->is_reader = options->is_reader;
    lf_status rc = st_path(options->path, "", engine->path, err);
    rc = rc == LF_OK ? engine_lock(engine, options->path, err) : rc;
    rc = rc == LF_OK && may_create ? file_create(options, err) : rc;
    rc = rc == LF_OK ? engine_map(engine, options, err) : rc;
    if (rc != LF_OK) {
        st_engine_close(engine);
        return rc;
    }
    *out = engine;
    return LF_OK;
}

/* Readers make nothing anyway, and tell what is wrong themselves. */
static lf_status file_there(const char *path, lf_error *err)
{
    char name[ST_PATH_MAX];
    lf_status rc = st_path(path, ST_DATA_FILE, name, err);
    return rc == LF_OK && access(name, F_OK) != 0
               ? lf__fail_cause(err, LF_E_NOT_FOUND, errno, "%s: %s", name, strerror(errno))
               : rc;
}

lf_status st_engine_open(const struct st_options *options, struct st_engine **out, lf_error *err)
{
    struct st_engine *engine = NULL;
    lf_status rc = options->must_exist ? file_there(options->path, err) : LF_OK;
    if (rc != LF_OK) {
        return rc;
    }
    if (!options->is_reader && mkdir(options->path, 0700) != 0 && errno != EEXIST) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be made: %s", options->path,
                              strerror(errno));
    }
    rc = st_lmdb_map(options, !options->is_reader, &engine, err);
    rc = rc == LF_OK ? engine_tables(engine, err) : rc;
    if (rc != LF_OK) {
        st_engine_close(engine);
        return rc;
    }
    *out = engine;
    return LF_OK;
}

/* The file loses its name as soon as it is open. */
lf_status st_scratch_open(const char *dir, struct st_engine *like, struct st_engine **out,
                          lf_error *err)
{
    MDB_envinfo info;
    char leaf[64];
    char name[ST_PATH_MAX];
    struct st_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return lf__fail(err, LF_E_NOMEM, "store: out of memory");
    }
    engine->lock_fd = -1;
    engine->copy_fd = -1;
    (void)snprintf(leaf, sizeof leaf, "scratch-%ld.mdb", (long)getpid());
    lf_status rc = st_path(dir, leaf, name, err);
    (void)unlink(rc == LF_OK ? name : "");
    (void)mdb_env_info(like->env, &info);
    rc = rc == LF_OK ? file_open(engine, name, info.me_mapsize, MDB_NOSYNC | MDB_NOTLS, err) : rc;
    (void)unlink(name);
    if (rc != LF_OK) {
        st_engine_close(engine);
        return rc;
    }
    *out = engine;
    return LF_OK;
}

void st_engine_close(struct st_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    st_lmdb_idle_end(engine);
    if (engine->env != NULL) {
        mdb_env_close(engine->env);
    }
    if (engine->lock_fd >= 0) {
        (void)close(engine->lock_fd);
    }
    if (engine->copy_fd >= 0) {
        (void)close(engine->copy_fd);
    }
    free(engine);
}
