/* SPDX-License-Identifier: Apache-2.0 */
/* A lock file and segments named by the sequence that they start with, so that names sort. */
#include "client/spool.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

lf_status lf__spool_fail(const struct lf__spool *spool, const char *name, lf_error *err)
{
    int cause = errno;
    return lf__fail_cause(err, cause == ENOSPC || cause == EDQUOT ? LF_E_FULL : LF_E_IO, cause,
                          "spool: %s/%s: %s", spool->dir, name, strerror(cause));
}

void lf__spool_name(uint64_t first, char out[static SPOOL_NAME])
{
    (void)snprintf(out, SPOOL_NAME, "%016llx.seg", (unsigned long long)first);
}

/* The lock may be one that its owner removed just now: then it is not the one in the directory. */
static lf_status lock_take(struct lf__spool *spool, lf_error *err)
{
    for (;;) {
        struct stat ours;
        struct stat named;
        spool->lock_fd = openat(spool->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (spool->lock_fd < 0) {
            return lf__spool_fail(spool, "lock", err);
        }
        if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) != 0) {
            return errno == EWOULDBLOCK
                       ? lf__fail(err, LF_E_PRECONDITION, "spool: %s is used by another program",
                                  spool->dir)
                       : lf__spool_fail(spool, "lock", err);
        }
        if (fstat(spool->lock_fd, &ours) == 0 && fstatat(spool->dir_fd, "lock", &named, 0) == 0 &&
            ours.st_ino == named.st_ino) {
            return LF_OK;
        }
        (void)close(spool->lock_fd);
        spool->lock_fd = -1;
    }
}

static lf_status spool_fill(struct lf__spool *spool, lf_error *err)
{
    if (mkdir(spool->dir, 0700) != 0 && errno != EEXIST) {
        return lf__spool_fail(spool, "", err);
    }
    spool->dir_fd = open(spool->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->dir_fd < 0) {
        return lf__spool_fail(spool, "", err);
    }
    lf_status rc = lock_take(spool, err);
    return rc == LF_OK ? lf__spool_load(spool, err) : rc;
}

lf_status lf__spool_open(const char *dir, struct lf__spool **out, lf_error *err)
{
    struct lf__spool *spool = calloc(1, sizeof *spool);
    if (spool == NULL) {
        return lf__fail(err, LF_E_NOMEM, "spool: out of memory");
    }
    spool->dir_fd = spool->lock_fd = spool->write_fd = -1;
    (void)pthread_mutex_init(&spool->lock, NULL);
    lf_status rc = lf__copy_str(spool->dir, sizeof spool->dir, lf__bytes_str(dir))
                       ? spool_fill(spool, err)
                       : lf__fail(err, LF_E_ARG, "spool: its path is too long");
    if (rc != LF_OK) {
        lf__spool_close(spool);
        return rc;
    }
    *out = spool;
    return LF_OK;
}

static void fd_close(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Only who holds the lock may remove anything. */
static void empty_remove(const struct lf__spool *spool)
{
    char name[SPOOL_NAME];
    if (spool->is_loaded && spool->count == 0) {
        lf__spool_name(spool->segment, name);
        (void)unlinkat(spool->dir_fd, name, 0);
        (void)unlinkat(spool->dir_fd, "lock", 0);
        (void)rmdir(spool->dir); /* not ours if something else lies in it */
    }
}

void lf__spool_close(struct lf__spool *spool)
{
    if (spool == NULL) {
        return;
    }
    empty_remove(spool);
    fd_close(spool->write_fd);
    fd_close(spool->lock_fd);
    fd_close(spool->dir_fd);
    (void)pthread_mutex_destroy(&spool->lock);
    free(spool->list);
    free(spool);
}

uint64_t lf__spool_inherited(const struct lf__spool *spool)
{
    return spool->inherited;
}

/* ---- writing ---- */

lf_status lf__spool_segment(struct lf__spool *spool, uint64_t first, lf_error *err)
{
    char name[SPOOL_NAME];
    lf__spool_name(first, name);
    int fd = openat(spool->dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fsync(spool->dir_fd) != 0) {
        lf_status rc = lf__spool_fail(spool, name, err);
        fd_close(fd);
        return rc;
    }
    fd_close(spool->write_fd);
    spool->write_fd = fd;
    spool->segment = first;
    spool->size = 0;
    return LF_OK;
}

static bool all_written(int fd, lf_bytes bytes, off_t at)
{
    while (bytes.len > 0) {
        ssize_t n = pwrite(fd, bytes.ptr, bytes.len, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes = lf__bytes_slice(bytes, (size_t)n, bytes.len);
        at += n;
    }
    return true;
}

/* At the known end, so that a failed try leaves nothing that the next one does not cover. */
static lf_status frame_write(struct lf__spool *spool, uint8_t type, uint64_t sequence,
                             lf_bytes payload, lf_error *err)
{
    LF_BUF frame;
    char name[SPOOL_NAME];
    lf__buf_init(&frame, SPOOL_PAYLOAD_MAX + SPOOL_HEAD + SPOOL_SUM);
    (void)lf__buf_u8(&frame, type);
    (void)lf__buf_u64be(&frame, sequence);
    (void)lf__buf_u32be(&frame, (uint32_t)payload.len);
    struct lf__hash sum = lf__sha256(lf__buf_bytes(&frame));
    (void)lf__buf_append(&frame, (lf_bytes){sum.bytes, SPOOL_HEAD_SUM});
    (void)lf__buf_append(&frame, payload);
    sum = lf__sha256(lf__buf_bytes(&frame));
    (void)lf__buf_append(&frame, (lf_bytes){sum.bytes, SPOOL_SUM});
    lf_status rc = lf__buf_status(&frame, err);
    if (rc != LF_OK) {
        return rc;
    }
    bool is_batch = type == SPOOL_BATCH;
    if (!all_written(spool->write_fd, lf__buf_bytes(&frame), spool->size) ||
        (is_batch && fdatasync(spool->write_fd) != 0)) {
        lf__spool_name(spool->segment, name);
        rc = lf__spool_fail(spool, name, err);
        spool->is_broken = ftruncate(spool->write_fd, spool->size) != 0;
        return rc;
    }
    spool->size += (off_t)frame.len;
    return LF_OK;
}

static lf_status batch_append(struct lf__spool *spool, lf_bytes payload, lf_error *err)
{
    uint64_t sequence = spool->last + 1;
    if (spool->is_broken) {
        return lf__fail(err, LF_E_IO, "spool: %s: an earlier write could not be undone",
                        spool->dir);
    }
    lf_status rc =
        spool->size >= SPOOL_SEGMENT_BYTES ? lf__spool_segment(spool, sequence, err) : LF_OK;
    rc = rc == LF_OK ? lf__spool_keep(spool, sequence, payload.len, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = frame_write(spool, SPOOL_BATCH, sequence, payload, err);
    if (rc != LF_OK) {
        spool->count--; /* the one just kept */
        return rc;
    }
    spool->last = sequence;
    return LF_OK;
}

lf_status lf__spool_append(struct lf__spool *spool, lf_bytes payload, lf_error *err)
{
    (void)pthread_mutex_lock(&spool->lock);
    lf_status rc = batch_append(spool, payload, err);
    (void)pthread_mutex_unlock(&spool->lock);
    return rc;
}

/* ---- the batches that are not answered ---- */

lf_status lf__spool_keep(struct lf__spool *spool, uint64_t sequence, size_t len, lf_error *err)
{
    if (spool->count == spool->room) {
        size_t room = spool->room == 0 ? 64 : 2 * spool->room;
        struct spool_batch *grown = realloc(spool->list, room * sizeof *grown);
        if (grown == NULL) {
            return lf__fail(err, LF_E_NOMEM, "spool: out of memory");
        }
        spool->list = grown;
        spool->room = room;
    }
    spool->list[spool->count++] = (struct spool_batch){sequence, spool->segment, spool->size, len};
    return LF_OK;
}

/* Sequences rise, so the place is found by halving. The first batch at or after it. */
static size_t place_of(const struct lf__spool *spool, uint64_t sequence)
{
    size_t low = 0;
    size_t high = spool->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spool->list[middle].sequence < sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool lf__spool_drop(struct lf__spool *spool, uint64_t sequence)
{
    size_t at = place_of(spool, sequence);
    if (at == spool->count || spool->list[at].sequence != sequence) {
        return false;
    }
    spool->count--;
    for (size_t i = at; i < spool->count; i++) {
        spool->list[i] = spool->list[i + 1];
    }
    return true;
}

bool lf__spool_next(struct lf__spool *spool, uint64_t after, uint64_t *sequence)
{
    (void)pthread_mutex_lock(&spool->lock);
    size_t at = place_of(spool, after + 1);
    bool has = at < spool->count;
    *sequence = has ? spool->list[at].sequence : *sequence;
    (void)pthread_mutex_unlock(&spool->lock);
    return has;
}

static lf_status batch_read(const struct lf__spool *spool, const struct spool_batch *batch,
                            struct lf__buf *out, lf_error *err)
{
    char name[SPOOL_NAME];
    lf__spool_name(batch->segment, name);
    LF_BUF frame;
    size_t len = SPOOL_HEAD + batch->len + SPOOL_SUM;
    lf__buf_init(&frame, SPOOL_PAYLOAD_MAX + SPOOL_HEAD + SPOOL_SUM);
    uint8_t *to = lf__buf_extend(&frame, len);
    int fd = to == NULL ? -1 : openat(spool->dir_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return to == NULL ? lf__buf_status(&frame, err) : lf__spool_fail(spool, name, err);
    }
    bool is_whole = pread(fd, to, len, batch->at) == (ssize_t)len;
    (void)close(fd);
    lf_bytes body = lf__bytes_slice(lf__buf_bytes(&frame), 0, len - SPOOL_SUM);
    struct lf__hash sum = lf__sha256(body);
    if (!is_whole ||
        !lf__bytes_eq((lf_bytes){sum.bytes, SPOOL_SUM}, (lf_bytes){to + body.len, SPOOL_SUM})) {
        return lf__fail(err, LF_E_CORRUPT, "spool: %s/%s is damaged at %lld", spool->dir, name,
                        (long long)batch->at);
    }
    (void)lf__buf_append(out, lf__bytes_slice(body, SPOOL_HEAD, batch->len));
    return lf__buf_status(out, err);
}

lf_status lf__spool_read(struct lf__spool *spool, uint64_t sequence, struct lf__buf *out,
                         lf_error *err)
{
    (void)pthread_mutex_lock(&spool->lock);
    size_t at = place_of(spool, sequence);
    lf_status rc =
        at < spool->count && spool->list[at].sequence == sequence
            ? batch_read(spool, &spool->list[at], out, err)
            : lf__fail(err, LF_E_NOT_FOUND, "spool: no batch %llu", (unsigned long long)sequence);
    (void)pthread_mutex_unlock(&spool->lock);
    return rc;
}

/* Segments go oldest first: the marks of a later one may speak of an earlier. */
static void segments_trim(struct lf__spool *spool, uint64_t was_in)
{
    char name[SPOOL_NAME];
    bool is_needed = spool->count > 0 && spool->list[0].segment <= was_in;
    if (!is_needed && was_in != spool->segment) {
        lf__spool_name(was_in, name);
        (void)unlinkat(spool->dir_fd, name, 0);
    }
    if (spool->count == 0 && ftruncate(spool->write_fd, 0) == 0) {
        spool->size = 0;
    }
}

lf_status lf__spool_answered(struct lf__spool *spool, uint64_t sequence, lf_error *err)
{
    (void)pthread_mutex_lock(&spool->lock);
    size_t at = place_of(spool, sequence);
    lf_status rc = LF_OK;
    if (at < spool->count && spool->list[at].sequence == sequence) {
        uint64_t segment = spool->list[at].segment;
        (void)lf__spool_drop(spool, sequence);
        if (spool->count > 0) { /* otherwise the file is emptied, marks and all */
            rc = frame_write(spool, SPOOL_DONE, sequence, LF_BYTES_NONE, err);
        }
        segments_trim(spool, segment);
    }
    (void)pthread_mutex_unlock(&spool->lock);
    return rc;
}
