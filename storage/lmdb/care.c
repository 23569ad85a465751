/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping a data directory in order: room, dead readers, compaction, and the mark of damage. */
#define _GNU_SOURCE /* fallocate() */
#include "storage/lmdb/internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static const char care_mark[] = "DAMAGED";

/* A file system that cannot do this, or has no room left, leaves us with the floor alone. */
static void reserve_keep(struct st_engine *engine, uint64_t used, uint64_t reserve)
{
    mdb_filehandle_t fd;
    if (reserve > 0 && !engine->is_reader && mdb_env_get_fd(engine->env, &fd) == 0) {
        (void)fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)used, (off_t)reserve);
    }
}

lf_status st_engine_tend(struct st_engine *engine, uint64_t reserve, struct st_space *out,
                         lf_error *err)
{
    int dead = 0;
    MDB_envinfo info;
    MDB_stat stat;
    struct statfs fs;
    int rc = mdb_reader_check(engine->env, &dead);
    rc = rc == 0 ? mdb_env_info(engine->env, &info) : rc;
    rc = rc == 0 ? mdb_env_stat(engine->env, &stat) : rc;
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "housekeeping");
    }
    if (statfs(engine->path, &fs) != 0) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: its file system does not answer: %s",
                              engine->path, strerror(errno));
    }
    uint64_t used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    reserve_keep(engine, used, reserve);
    *out = (struct st_space){.disk_free = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize,
                             .map_free = info.me_mapsize > used ? info.me_mapsize - used : 0,
                             .file = used};
    return LF_OK;
}

lf_status st_dir_flush(const char *path, lf_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    int cause = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? LF_OK
                : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be flushed: %s", path,
                                 strerror(cause));
}

lf_status st_replace(const char *from, const char *to, const char *dir, lf_error *err)
{
    if (rename(from, to) != 0) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot take the new file: %s", to,
                              strerror(errno));
    }
    return st_dir_flush(dir, err);
}

static lf_status copy_write(struct st_engine *engine, const char *to, lf_error *err)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be made: %s", to, strerror(errno));
    }
    int rc = mdb_env_copyfd2(engine->env, fd, MDB_CP_COMPACT);
    rc = rc == 0 && fsync(fd) != 0 ? errno : rc;
    rc = close(fd) != 0 && rc == 0 ? errno : rc;
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "copy");
}

/* The environment is closed before the rename: its map is of the old file. Locks go last. */
static lf_status copy_swap(struct st_engine *engine, const char *from, lf_error *err)
{
    char to[ST_PATH_MAX];
    lf_status rc = st_path(engine->path, ST_DATA_FILE, to, err);
    if (rc != LF_OK) {
        return rc;
    }
    mdb_env_close(engine->env);
    engine->env = NULL;
    return st_replace(from, to, engine->path, err);
}

lf_status st_compact(const struct st_options *options, lf_error *err)
{
    struct st_engine *engine = NULL;
    char name[ST_PATH_MAX];
    lf_status rc = st_engine_open(options, &engine, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (flock(engine->copy_fd, LOCK_EX | LOCK_NB) != 0) {
        rc = lf__fail_cause(err, LF_E_PRECONDITION, errno,
                            "%s: another process reads it; compact when it has ended",
                            options->path);
    }
    rc = rc == LF_OK ? st_path(options->path, ST_DATA_FILE ".new", name, err) : rc;
    rc = rc == LF_OK ? copy_write(engine, name, err) : rc;
    rc = rc == LF_OK ? copy_swap(engine, name, err) : rc;
    st_engine_close(engine);
    return rc;
}

static bool all_written(int fd, lf_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes = lf__bytes_slice(bytes, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    return true;
}

lf_status st_mark_damaged(const char *path, lf_bytes report, lf_error *err)
{
    char name[ST_PATH_MAX];
    lf_status rc = st_path(path, care_mark, name, err);
    if (rc != LF_OK) {
        return rc;
    }
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && all_written(fd, report) && fsync(fd) == 0;
    int cause = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? st_dir_flush(path, err)
                : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be written: %s", name,
                                 strerror(cause));
}

lf_status st_clear_damaged(const char *path, lf_error *err)
{
    char name[ST_PATH_MAX];
    lf_status rc = st_path(path, care_mark, name, err);
    if (rc == LF_OK && unlink(name) != 0 && errno != ENOENT) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be removed: %s", name,
                              strerror(errno));
    }
    return rc;
}

lf_status st_engine_sound(const struct st_engine *engine, lf_error *err)
{
    char name[ST_PATH_MAX];
    lf_status rc = st_path(engine->path, care_mark, name, err);
    if (rc == LF_OK && access(name, F_OK) == 0) {
        return lf__fail(err, LF_E_CORRUPT,
                        "%s: fsck found damage; nothing is signed before a clean fsck", name);
    }
    return rc;
}
