/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

lf_status lf__path(const char *dir, const char *name, char out[static LF_PATH_MAX], lf_error *err)
{
    int n = snprintf(out, LF_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < LF_PATH_MAX ? LF_OK : lf__fail(err, LF_E_ARG, "%s: path is too long", name);
}

lf_status lf__file_read(const char *path, struct lf__buf *out, lf_error *err)
{
    uint8_t chunk[4096];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int cause = errno;
        return lf__fail_cause(err, cause == ENOENT ? LF_E_NOT_FOUND : LF_E_IO, cause,
                              "%s: cannot be opened: %s", path, strerror(cause));
    }
    while ((n = read(fd, chunk, sizeof chunk)) > 0 && !out->failed) {
        (void)lf__buf_append(out, (lf_bytes){chunk, (size_t)n});
    }
    int cause = errno;
    (void)close(fd);
    return n < 0 ? lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be read: %s", path,
                                  strerror(cause))
                 : lf__buf_status(out, err);
}

/* A full disk takes what still fits, and says so only when asked for the rest. */
static bool write_all(int fd, lf_bytes bytes)
{
    ssize_t n = 0;
    for (size_t done = 0; n >= 0 && done < bytes.len; done += (size_t)n) {
        n = write(fd, bytes.ptr + done, bytes.len - done);
        n = n < 0 && errno == EINTR ? 0 : n;
    }
    return n >= 0;
}

lf_status lf__file_make(const char *path, lf_bytes bytes, unsigned mode, lf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        int cause = errno;
        return lf__fail_cause(err, cause == EEXIST ? LF_E_EXISTS : LF_E_IO, cause,
                              "%s: cannot be made: %s", path, strerror(cause));
    }
    bool good = write_all(fd, bytes) && fsync(fd) == 0;
    int cause = errno;
    if (close(fd) != 0 && good) {
        cause = errno;
        good = false;
    }
    if (!good) {
        (void)unlink(path); /* a half one must not be taken for a whole one */
    }
    return good ? LF_OK
                : lf__fail_cause(err, cause == ENOSPC ? LF_E_FULL : LF_E_IO, cause,
                                 "%s: cannot be written: %s", path, strerror(cause));
}

lf_status lf__file_replace(const char *path, lf_bytes bytes, unsigned mode, lf_error *err)
{
    char fresh[LF_PATH_MAX];
    int n = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof fresh) {
        return lf__fail(err, LF_E_ARG, "%s: path is too long", path);
    }
    lf_status rc = lf__file_make(fresh, bytes, mode, err);
    if (rc == LF_OK && rename(fresh, path) != 0) {
        int cause = errno;
        (void)unlink(fresh);
        rc =
            lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be written: %s", path, strerror(cause));
    }
    return rc;
}
