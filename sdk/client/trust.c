/* SPDX-License-Identifier: Apache-2.0 */
#include "client/trust.h"

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRUST_MARK "fork-"
enum { TRUST_MARK_HEX = 16, TRUST_EVIDENCE_MAX = 8192 };

bool lf__seen_set(struct lf__seen *seen, lf_bytes note, const struct lf__merkle_head *head)
{
    if (note.len == 0 || note.len > sizeof seen->note) {
        return false;
    }
    seen->head = *head;
    seen->len = note.len;
    lf__copy(seen->note, note.ptr, note.len);
    return true;
}

lf_bytes lf__seen_note(const struct lf__seen *seen)
{
    return (lf_bytes){seen->note, seen->len};
}

bool lf__seen_eq(const struct lf__seen *a, const struct lf__seen *b)
{
    return (a->len == 0) == (b->len == 0) &&
           (a->len == 0 ||
            (a->head.size == b->head.size && lf__hash_eq(&a->head.root, &b->head.root)));
}

lf_status lf__trust_make(const char *dir, lf_error *err)
{
    bool good = (mkdir(dir, 0700) == 0 || errno == EEXIST) && access(dir, W_OK | X_OK) == 0;
    int cause = errno;
    return good ? LF_OK
                : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be kept: %s", dir,
                                 strerror(cause));
}

/* Origin and id of the key that is trusted beforehand: under another one it is another log, unless that announced it. */
static lf_status state_path(const char *dir, const struct lf__note_key *key, const char *suffix,
                            char out[static LF_PATH_MAX], lf_error *err)
{
    char name[256];
    (void)snprintf(name, sizeof name, "%.200s+%08x%s", key->name, (unsigned)key->id, suffix);
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '/' ? '_' : *c;
    }
    return lf__path(dir, name, out, err);
}

static lf_status head_read(const char *path, const struct lf__key_chain *keys, struct lf__seen *out,
                           lf_error *err)
{
    LF_BUF text;
    struct lf__merkle_head head;
    lf_error why = LF_ERROR_INIT;
    lf__buf_init(&text, SEEN_NOTE_MAX);
    lf_status rc = lf__file_read(path, &text, &why);
    if (rc == LF_E_NOT_FOUND || rc == LF_E_IO) {
        return lf__fail_cause(err, rc, why.cause, "%s", why.message);
    }
    rc = rc == LF_OK ? lf__key_chain_reopen(keys, lf__buf_bytes(&text), &head, &why) : rc;
    if (rc != LF_OK || !lf__seen_set(out, lf__buf_bytes(&text), &head)) {
        return lf__fail(err, LF_E_CORRUPT,
                        "%s: is not a head that this log signed; find out why, then move it away",
                        path);
    }
    return LF_OK;
}

lf_status lf__trust_read(const char *dir, const struct lf__key_chain *keys, struct lf__seen *out,
                         lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = state_path(dir, &keys->list[0].key, ".head", path, err);
    return rc == LF_OK ? head_read(path, keys, out, err) : rc; /* replaced whole: needs no lock */
}

/* Blocks while another process holds it, which is for two small files' time. */
static lf_status lock_take(const char *dir, int *out, lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = lf__path(dir, "lock", path, err);
    int fd = rc == LF_OK ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    int failed = fd < 0 ? -1 : flock(fd, LOCK_EX);
    while (failed != 0 && fd >= 0 && errno == EINTR) {
        failed = flock(fd, LOCK_EX);
    }
    if (rc == LF_OK && failed != 0) {
        int cause = errno;
        rc = lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be locked: %s", path, strerror(cause));
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    *out = fd;
    return rc;
}

/* Under the lock: a half file that a killed process left is removed first. */
static lf_status file_put(const char *dir, const char *path, lf_bytes bytes, lf_error *err)
{
    char fresh[LF_PATH_MAX + 8];
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    lf_status rc = lf__file_replace(path, bytes, 0600, err);
    int fd = rc == LF_OK ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (rc == LF_OK && (fd < 0 || fsync(fd) != 0)) {
        rc = lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be written: %s", dir, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return rc;
}

lf_status lf__trust_move(const char *dir, const struct lf__key_chain *keys,
                         const struct lf__seen *base, const struct lf__seen *now,
                         struct lf__seen *other, lf_error *err)
{
    char path[LF_PATH_MAX];
    struct lf__seen there = {.len = 0};
    int lock = -1;
    lf_status rc = state_path(dir, &keys->list[0].key, ".head", path, err);
    rc = rc == LF_OK ? lf__trust_make(dir, err) : rc;
    rc = rc == LF_OK ? lock_take(dir, &lock, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = head_read(path, keys, &there, err);
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    other->len = 0;
    bool is_ours = there.len == 0 || /* somebody began anew */
                   lf__seen_eq(&there, base) || lf__seen_eq(&there, now);
    if (rc == LF_OK && is_ours) {
        rc = file_put(dir, path, lf__seen_note(now), err);
    } else if (rc == LF_OK) {
        *other = there;
    }
    (void)close(lock);
    return rc;
}

/* ---- the keys ---- */

lf_status lf__trust_keys_get(const char *dir, const struct lf__note_key *first, struct lf__buf *out,
                             lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = state_path(dir, first, ".keys", path, err);
    return rc == LF_OK ? lf__file_read(path, out, err) : rc;
}

lf_status lf__trust_keys_put(const char *dir, const struct lf__note_key *first, lf_bytes bytes,
                             lf_error *err)
{
    char path[LF_PATH_MAX];
    int lock = -1;
    lf_status rc = state_path(dir, first, ".keys", path, err);
    rc = rc == LF_OK ? lf__trust_make(dir, err) : rc;
    rc = rc == LF_OK ? lock_take(dir, &lock, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = file_put(dir, path, bytes, err);
    (void)close(lock);
    return rc;
}

/* ---- the mark ---- */

lf_status lf__trust_check(const char *dir, lf_error *err)
{
    DIR *list = opendir(dir);
    const struct dirent *entry;
    lf_status rc = LF_OK;
    while (list != NULL && rc == LF_OK && (entry = readdir(list)) != NULL) {
        if (strncmp(entry->d_name, TRUST_MARK, strlen(TRUST_MARK)) == 0) {
            rc = lf__refuse(err, LF_E_SIGNATURE, "LOG_FORKED", "checkpoint",
                            "the gateway showed two histories: %s/%s holds both signed heads; "
                            "nothing of it is believed until that file is moved away",
                            dir, entry->d_name);
        }
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    return rc;
}

static lf_status mark_path(const char *dir, lf_bytes text, char out[static LF_PATH_MAX],
                           lf_error *err)
{
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    char name[64];
    struct lf__hash hash = lf__sha256(text);
    (void)lf__hex(lf__hash_bytes(&hash), hex, sizeof hex);
    (void)snprintf(name, sizeof name, TRUST_MARK "%.*s.txt", TRUST_MARK_HEX, hex);
    return lf__path(dir, name, out, err);
}

lf_status lf__trust_mark(const char *dir, const char *why, const struct lf__seen *one,
                         const struct lf__seen *other, char name[static TRUST_NAME_MAX],
                         lf_error *err)
{
    LF_BUF text;
    char path[LF_PATH_MAX];
    int lock = -1;
    lf__buf_init(&text, TRUST_EVIDENCE_MAX);
    (void)lf__buf_printf(&text,
                         "%s\nBoth heads as they were signed. Keep this file: it is the evidence. "
                         "While it lies here, no\nanswer of this gateway is believed. To begin "
                         "anew, move it and the .head file of the log away.\n\n---- one ----\n",
                         why);
    (void)lf__buf_append(&text, lf__seen_note(one));
    (void)lf__buf_str(&text, "---- other ----\n");
    (void)lf__buf_append(&text, lf__seen_note(other));
    lf_status rc = lf__buf_status(&text, err);
    rc = rc == LF_OK ? mark_path(dir, lf__buf_bytes(&text), path, err) : rc;
    rc = rc == LF_OK ? lf__trust_make(dir, err) : rc;
    rc = rc == LF_OK ? lock_take(dir, &lock, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = file_put(dir, path, lf__buf_bytes(&text), err);
    (void)close(lock);
    if (rc == LF_OK) {
        (void)lf__copy_str(name, TRUST_NAME_MAX, lf__bytes_str(path));
    }
    return rc;
}
