/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SHIM_EXPORT __attribute__((visibility("default")))
enum { SHIM_BYTES_MAX = 1 << 28 };

static pthread_mutex_t shim_lock = PTHREAD_MUTEX_INITIALIZER;
static enum shim_fault shim_mode;
static unsigned shim_at;
static unsigned shim_calls;
static bool shim_recording;
static struct shim_event *shim_list;
static size_t shim_used;
static size_t shim_room;
static unsigned shim_flags;

const char *const shim_fault_names[SHIM_FAULTS] = {"none",   "eio",   "eio-done",    "eio-forever",
                                                   "enospc", "short", "kill-before", "kill-after"};

void shim_fail(enum shim_fault fault, unsigned at)
{
    shim_mode = fault;
    shim_at = at;
    shim_calls = 0;
}

unsigned shim_count(void)
{
    return shim_calls;
}

void shim_record(bool on)
{
    shim_recording = on;
}

void shim_env_flags(unsigned flags)
{
    shim_flags = flags;
}

const struct shim_event *shim_events(size_t *count)
{
    *count = shim_used;
    return shim_list;
}

void shim_forget(void)
{
    for (size_t i = 0; i < shim_used; i++) {
        free((void *)(uintptr_t)shim_list[i].bytes);
    }
    free(shim_list);
    shim_list = NULL;
    shim_used = 0;
    shim_room = 0;
}

static void event_add(struct shim_event event)
{
    (void)pthread_mutex_lock(&shim_lock);
    if (shim_used == shim_room) {
        shim_room = shim_room == 0 ? 1024 : 2 * shim_room;
        shim_list = realloc(shim_list, shim_room * sizeof *shim_list);
        if (shim_list == NULL) {
            abort();
        }
    }
    shim_list[shim_used++] = event;
    (void)pthread_mutex_unlock(&shim_lock);
}

void shim_mark(uint64_t value)
{
    event_add((struct shim_event){.what = SHIM_MARK, .mark = value});
}

static bool is_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static bool is_data(int fd)
{
    char link[64];
    char name[4096];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n < 0) {
        return false;
    }
    name[n] = '\0';
    const char *slash = strrchr(name, '/');
    return slash != NULL && strncmp(slash, "/data.mdb", strlen("/data.mdb")) == 0;
}

/* Loaded before another program: every call fails with EIO once this file is there. */
static bool is_triggered(void)
{
    const char *file = getenv("SHIM_TRIGGER");
    return file != NULL && access(file, F_OK) == 0;
}

/* Likewise: SIGKILL in place of the call of this number; the file that it was to make is never there then. */
static bool is_kill(unsigned number)
{
    const char *at = getenv("SHIM_KILL_AT");
    return at != NULL && strtoul(at, NULL, 10) == number;
}

__attribute__((constructor)) static void env_fail(void)
{
    const char *fault = getenv("SHIM_FAULT");
    const char *at = fault == NULL ? NULL : strchr(fault, ':');
    for (unsigned i = 0; at != NULL && i < SHIM_FAULTS; i++) {
        size_t len = strlen(shim_fault_names[i]);
        if (len == (size_t)(at - fault) && strncmp(fault, shim_fault_names[i], len) == 0) {
            shim_fail((enum shim_fault)i, (unsigned)strtoul(at + 1, NULL, 10));
        }
    }
}

__attribute__((destructor)) static void env_count(void)
{
    const char *name = getenv("SHIM_COUNT");
    FILE *file = name == NULL ? NULL : fopen(name, "w");
    if (file != NULL) {
        unsigned calls = shim_calls; /* before this one */
        (void)fprintf(file, "%u\n", calls);
        (void)fclose(file);
    }
}

/* What is to happen to this call. */
static enum shim_fault fault_next(void)
{
    if (is_triggered()) {
        return SHIM_EIO;
    }
    unsigned number = __atomic_add_fetch(&shim_calls, 1, __ATOMIC_RELAXED);
    bool is_hit =
        shim_at != 0 && (number == shim_at || (shim_mode == SHIM_EIO_FOREVER && number > shim_at));
    if ((is_hit && shim_mode == SHIM_KILL_BEFORE) || is_kill(number)) {
        (void)kill(getpid(), SIGKILL);
    }
    return is_hit ? shim_mode : SHIM_NONE;
}

/* What a program prints is no data, even when it goes to a file. */
static enum shim_fault fault_now(int fd)
{
    return fd > STDERR_FILENO && is_file(fd) ? fault_next() : SHIM_NONE;
}

static bool is_refused(enum shim_fault fault)
{
    if (fault == SHIM_EIO || fault == SHIM_EIO_FOREVER) {
        errno = EIO;
        return true;
    }
    if (fault == SHIM_ENOSPC) {
        errno = ENOSPC;
        return true;
    }
    return false;
}

static ssize_t call_end(enum shim_fault fault, ssize_t result)
{
    if (fault == SHIM_KILL_AFTER) {
        (void)kill(getpid(), SIGKILL);
    }
    if (fault == SHIM_EIO_DONE) {
        errno = EIO;
        return -1;
    }
    return result;
}

static void write_note(int fd, const void *bytes, ssize_t len, off_t offset)
{
    if (!shim_recording || len <= 0 || len > SHIM_BYTES_MAX || !is_data(fd)) {
        return;
    }
    uint8_t *copy = malloc((size_t)len);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, (size_t)len);
    event_add((struct shim_event){.what = SHIM_WRITE,
                                  .is_durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0,
                                  .offset = offset,
                                  .len = (size_t)len,
                                  .bytes = copy});
}

typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);
typedef ssize_t (*write_fn)(int, const void *, size_t);
typedef ssize_t (*writev_fn)(int, const struct iovec *, int);
typedef int (*flush_fn)(int);
typedef int (*rename_fn)(const char *, const char *); /* link too */
typedef int (*unlink_fn)(const char *);
typedef int (*truncate_fn)(int, off_t);
typedef int (*env_open_fn)(void *, const char *, unsigned, mode_t);

static void *next_of(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        abort();
    }
    return found;
}

SHIM_EXPORT ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    static pwrite_fn real;
    real = real != NULL ? real : (pwrite_fn)next_of("pwrite");
    enum shim_fault fault = fault_now(fd);
    if (is_refused(fault)) {
        return -1;
    }
    ssize_t n = real(fd, bytes, fault == SHIM_SHORT ? len / 2 : len, offset);
    write_note(fd, bytes, n, offset);
    return call_end(fault, n);
}

SHIM_EXPORT ssize_t write(int fd, const void *bytes, size_t len)
{
    static write_fn real;
    real = real != NULL ? real : (write_fn)next_of("write");
    enum shim_fault fault = fault_now(fd);
    if (is_refused(fault)) {
        return -1;
    }
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t n = real(fd, bytes, fault == SHIM_SHORT ? len / 2 : len);
    write_note(fd, bytes, n, offset);
    return call_end(fault, n);
}

/* One piece after the other, so that a short one ends in the middle of the whole. */
SHIM_EXPORT ssize_t writev(int fd, const struct iovec *iov, int count)
{
    static writev_fn real;
    real = real != NULL ? real : (writev_fn)next_of("writev");
    enum shim_fault fault = fault_now(fd);
    if (is_refused(fault)) {
        return -1;
    }
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t n = real(fd, iov, fault == SHIM_SHORT && count > 1 ? count / 2 : count);
    ssize_t left = n;
    for (int i = 0; i < count && left > 0; i++) {
        ssize_t piece = (ssize_t)iov[i].iov_len < left ? (ssize_t)iov[i].iov_len : left;
        write_note(fd, iov[i].iov_base, piece, offset);
        offset += piece;
        left -= piece;
    }
    return call_end(fault, n);
}

static int flush(int fd, flush_fn real)
{
    enum shim_fault fault = fault_now(fd);
    if (is_refused(fault == SHIM_SHORT ? SHIM_EIO : fault)) {
        return -1;
    }
    int rc = real(fd);
    if (rc == 0 && shim_recording && is_data(fd)) {
        event_add((struct shim_event){.what = SHIM_FLUSH});
    }
    return (int)call_end(fault, rc);
}

SHIM_EXPORT int fdatasync(int fd)
{
    static flush_fn real;
    real = real != NULL ? real : (flush_fn)next_of("fdatasync");
    return flush(fd, real);
}

SHIM_EXPORT int fsync(int fd)
{
    static flush_fn real;
    real = real != NULL ? real : (flush_fn)next_of("fsync");
    return flush(fd, real);
}

SHIM_EXPORT int ftruncate(int fd, off_t len)
{
    static truncate_fn real;
    real = real != NULL ? real : (truncate_fn)next_of("ftruncate");
    enum shim_fault fault = fault_now(fd);
    if (is_refused(fault == SHIM_SHORT ? SHIM_EIO : fault)) {
        return -1;
    }
    return (int)call_end(fault, real(fd, len));
}

SHIM_EXPORT int rename(const char *from, const char *to)
{
    static rename_fn real;
    real = real != NULL ? real : (rename_fn)next_of("rename");
    enum shim_fault fault = fault_next();
    if (is_refused(fault == SHIM_SHORT ? SHIM_EIO : fault)) {
        return -1;
    }
    int rc = real(from, to);
    if (rc == 0 && shim_recording) {
        event_add((struct shim_event){.what = SHIM_RENAME});
    }
    return (int)call_end(fault, rc);
}

SHIM_EXPORT int link(const char *from, const char *to)
{
    static rename_fn real;
    real = real != NULL ? real : (rename_fn)next_of("link");
    enum shim_fault fault = fault_next();
    if (is_refused(fault == SHIM_SHORT ? SHIM_EIO : fault)) {
        return -1;
    }
    return (int)call_end(fault, real(from, to));
}

SHIM_EXPORT int unlink(const char *path)
{
    static unlink_fn real;
    real = real != NULL ? real : (unlink_fn)next_of("unlink");
    enum shim_fault fault = fault_next();
    if (is_refused(fault == SHIM_SHORT ? SHIM_EIO : fault)) {
        return -1;
    }
    return (int)call_end(fault, real(path));
}

SHIM_EXPORT int mdb_env_open(void *env, const char *path, unsigned flags, mode_t mode);
SHIM_EXPORT int mdb_env_open(void *env, const char *path, unsigned flags, mode_t mode)
{
    env_open_fn real = (env_open_fn)next_of("mdb_env_open");
    return real(env, path, flags | shim_flags, mode);
}
