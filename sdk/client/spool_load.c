/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier run left: every frame checked, a torn end cut off, anything else refused. */
#include "client/spool_internal.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOAD_SEGMENTS_MAX = 65536, LOAD_SEGMENT_MAX = SPOOL_SEGMENT_BYTES + 2 * SPOOL_PAYLOAD_MAX };

struct frame {
    uint8_t type;
    uint64_t sequence;
    uint32_t len;
    size_t bytes; /* of the whole frame */
};

static bool sum_fits(lf_bytes of, lf_bytes want)
{
    struct lf__hash sum = lf__sha256(of);
    return lf__bytes_eq((lf_bytes){sum.bytes, want.len}, want);
}

static bool head_read(lf_bytes rest, struct frame *out)
{
    struct lf__reader r = {rest};
    lf_bytes sum;
    struct frame f;
    if (!lf__read_u8(&r, &f.type) || !lf__read_u64be(&r, &f.sequence) ||
        !lf__read_u32be(&r, &f.len) || !lf__read_bytes(&r, SPOOL_HEAD_SUM, &sum) ||
        !sum_fits(lf__bytes_slice(rest, 0, SPOOL_HEAD - SPOOL_HEAD_SUM), sum) ||
        f.len > SPOOL_PAYLOAD_MAX || (f.type != SPOOL_BATCH && f.type != SPOOL_DONE)) {
        return false;
    }
    f.bytes = SPOOL_HEAD + (size_t)f.len + SPOOL_SUM;
    *out = f;
    return true;
}

static bool is_good(lf_bytes rest, const struct frame *f)
{
    return sum_fits(lf__bytes_slice(rest, 0, f->bytes - SPOOL_SUM),
                    lf__bytes_slice(rest, f->bytes - SPOOL_SUM, SPOOL_SUM));
}

static bool is_zero(lf_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

/* A crash leaves the last frame short, or wrong to its very end, or its head unfinished before room
 * that was never written. With a head that says where it ends, no damage further up looks like that. */
static bool is_torn(lf_bytes rest, bool has_head, const struct frame *f)
{
    return has_head ? f->bytes >= rest.len
                    : rest.len < SPOOL_HEAD || is_zero(lf__bytes_slice(rest, SPOOL_HEAD, rest.len));
}

static lf_status damaged(const struct lf__spool *spool, const char *name, size_t at, lf_error *err)
{
    return lf__fail(err, LF_E_CORRUPT, "spool: %s/%s is damaged at %zu", spool->dir, name, at);
}

static lf_status frames_load(struct lf__spool *spool, const char *name, lf_bytes all, bool is_last,
                             lf_error *err)
{
    size_t at = 0;
    while (at < all.len) {
        lf_bytes rest = lf__bytes_slice(all, at, all.len);
        struct frame f = {.bytes = 0};
        bool has_head = head_read(rest, &f);
        if (!has_head || f.bytes > rest.len || !is_good(rest, &f)) {
            if (!is_last || !is_torn(rest, has_head, &f)) {
                return damaged(spool, name, at, err);
            }
            break;
        }
        if (f.type == SPOOL_DONE) {
            (void)lf__spool_drop(spool, f.sequence);
        } else if (f.sequence <= spool->last) {
            return damaged(spool, name, at, err); /* sequences rise */
        } else {
            lf_status rc = lf__spool_keep(spool, f.sequence, f.len, err);
            if (rc != LF_OK) {
                return rc;
            }
            spool->last = f.sequence;
        }
        at += f.bytes;
        spool->size = (off_t)at;
    }
    return LF_OK;
}

static lf_status file_read(const struct lf__spool *spool, const char *name, struct lf__buf *out,
                           lf_error *err)
{
    uint8_t chunk[65536];
    ssize_t n = 0;
    off_t at = 0;
    while ((n = pread(spool->write_fd, chunk, sizeof chunk, at)) > 0) {
        (void)lf__buf_append(out, (lf_bytes){chunk, (size_t)n});
        at += n;
    }
    return n < 0 ? lf__spool_fail(spool, name, err) : lf__buf_status(out, err);
}

static lf_status segment_load(struct lf__spool *spool, uint64_t first, bool is_last, lf_error *err)
{
    LF_BUF all;
    char name[SPOOL_NAME];
    lf__spool_name(first, name);
    lf__buf_init(&all, LOAD_SEGMENT_MAX);
    lf_status rc = lf__spool_segment(spool, first, err);
    rc = rc == LF_OK ? file_read(spool, name, &all, err) : rc;
    rc = rc == LF_OK ? frames_load(spool, name, lf__buf_bytes(&all), is_last, err) : rc;
    if (rc == LF_OK && (size_t)spool->size < all.len &&
        ftruncate(spool->write_fd, spool->size) != 0) {
        rc = lf__spool_fail(spool, name, err);
    }
    return rc;
}

static bool segment_number(const char *name, uint64_t *out)
{
    char again[SPOOL_NAME];
    *out = strtoull(name, NULL, 16);
    lf__spool_name(*out, again);
    return strcmp(name, again) == 0;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static lf_status segments_list(const struct lf__spool *spool, uint64_t *list, size_t *count,
                               lf_error *err)
{
    int fd = dup(spool->dir_fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        lf_status rc = lf__spool_fail(spool, "", err);
        if (fd >= 0) {
            (void)close(fd);
        }
        return rc;
    }
    *count = 0;
    rewinddir(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (*count < LOAD_SEGMENTS_MAX && segment_number(entry->d_name, &list[*count])) {
            (*count)++;
        }
    }
    (void)closedir(dir);
    qsort(list, *count, sizeof *list, by_number);
    return LF_OK;
}

/* Segments of which nothing is left to answer, which a crash kept from being removed. */
static void answered_remove(const struct lf__spool *spool, const uint64_t *list, size_t count)
{
    char name[SPOOL_NAME];
    uint64_t oldest = spool->count > 0 ? spool->list[0].segment : spool->segment;
    for (size_t i = 0; i < count && list[i] < oldest; i++) {
        lf__spool_name(list[i], name);
        (void)unlinkat(spool->dir_fd, name, 0);
    }
}

lf_status lf__spool_load(struct lf__spool *spool, lf_error *err)
{
    size_t count = 0;
    uint64_t *list = calloc(LOAD_SEGMENTS_MAX, sizeof *list);
    lf_status rc = list == NULL ? lf__fail(err, LF_E_NOMEM, "spool: out of memory")
                                : segments_list(spool, list, &count, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = segment_load(spool, list[i], i + 1 == count, err);
    }
    if (rc == LF_OK && count == 0) {
        rc = lf__spool_segment(spool, 1, err);
    }
    if (rc == LF_OK) {
        /* After an emptied segment its name is all that tells how far sequences had come. */
        spool->last = spool->last + 1 < spool->segment ? spool->segment - 1 : spool->last;
        spool->inherited = spool->last;
        spool->is_loaded = true;
        answered_remove(spool, list, count);
    }
    free(list);
    return rc;
}
