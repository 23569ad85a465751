/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char backup_magic[] = "lianfang backup 1\n";
enum {
    BACKUP_MAGIC = sizeof backup_magic - 1,
    BACKUP_HEAD = BACKUP_MAGIC + 1 + LF_SEAL_SALT,
    BACKUP_CHUNK = 65536,       /* bytes of contents in a chunk */
    BACKUP_VALUE_MAX = 1 << 26, /* a run of an index has up to 2^20 pairs of 24 bytes */
    BACKUP_ROW_HEAD = 1 + 2 + 4,
    BACKUP_END = 0xff,
    BACKUP_COMMIT_ROWS = 20000
};

static lf_status all_write(int fd, lf_bytes bytes, lf_error *err)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR) {
            return lf__fail_cause(err, errno == ENOSPC ? LF_E_FULL : LF_E_IO, errno,
                                  "backup: cannot be written: %s", strerror(errno));
        }
        bytes = lf__bytes_slice(bytes, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    return LF_OK;
}

static lf_status all_read(int fd, uint8_t *out, size_t len, lf_error *err)
{
    while (len > 0) {
        ssize_t n = read(fd, out, len);
        if (n < 0 && errno != EINTR) {
            return lf__fail_cause(err, LF_E_IO, errno, "backup: cannot be read: %s",
                                  strerror(errno));
        }
        if (n == 0) {
            return lf__fail(err, LF_E_FORMAT, "backup: ends early");
        }
        out += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return LF_OK;
}

static void head_format(const struct st_backup_head *head, uint8_t out[static BACKUP_HEAD])
{
    lf__copy(out, backup_magic, BACKUP_MAGIC);
    out[BACKUP_MAGIC] = (uint8_t)head->kind;
    lf__copy(out + BACKUP_MAGIC + 1, head->salt, LF_SEAL_SALT);
}

/* One stream on its way out. */
struct writer {
    int fd;
    struct lf__seal *seal;
    lf_bytes beside; /* of the first chunk */
    size_t used;
    uint64_t rows;
    uint8_t plain[BACKUP_CHUNK];
    uint8_t sealed[4 + BACKUP_CHUNK + LF_SEAL_EXTRA];
};

static lf_status chunk_flush(struct writer *w, bool is_last, lf_error *err)
{
    size_t len = w->used + LF_SEAL_EXTRA;
    lf__put_u32be(w->sealed, (uint32_t)len);
    lf__seal_push(w->seal, (lf_bytes){w->plain, w->used}, w->beside, is_last, w->sealed + 4);
    w->beside = LF_BYTES_NONE;
    w->used = 0;
    return all_write(w->fd, (lf_bytes){w->sealed, 4 + len}, err);
}

static lf_status bytes_put(struct writer *w, lf_bytes bytes, lf_error *err)
{
    lf_status rc = LF_OK;
    while (rc == LF_OK && bytes.len > 0) {
        size_t room = sizeof w->plain - w->used;
        lf_bytes piece = lf__bytes_slice(bytes, 0, room);
        lf__copy(w->plain + w->used, piece.ptr, piece.len);
        w->used += piece.len;
        bytes = lf__bytes_slice(bytes, piece.len, SIZE_MAX);
        rc = w->used == sizeof w->plain ? chunk_flush(w, false, err) : LF_OK;
    }
    return rc;
}

static lf_status row_put(struct writer *w, unsigned table, const struct st_pair *row, lf_error *err)
{
    uint8_t head[BACKUP_ROW_HEAD] = {(uint8_t)table};
    if (row->value.len > BACKUP_VALUE_MAX) {
        return lf__fail(err, LF_E_TOO_BIG, "backup: a row of %zu bytes", row->value.len);
    }
    lf__put_u16be(head + 1, (uint16_t)row->key.len);
    lf__put_u32be(head + 3, (uint32_t)row->value.len);
    lf_status rc = bytes_put(w, LF_BYTES_ARRAY(head), err);
    rc = rc == LF_OK ? bytes_put(w, row->key, err) : rc;
    rc = rc == LF_OK ? bytes_put(w, row->value, err) : rc;
    w->rows += rc == LF_OK;
    return rc;
}

static lf_status table_put(struct writer *w, struct st_txn *txn, unsigned table, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, err) : rc;
    while (rc == LF_OK) {
        rc = row_put(w, table, &row, err);
        rc = rc == LF_OK ? st_cursor_next(cursor, &row, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status tables_put(struct writer *w, struct st_txn *txn, lf_error *err)
{
    uint8_t end[1 + 8] = {BACKUP_END};
    lf_status rc = LF_OK;
    for (unsigned table = 0; rc == LF_OK && table < ST_TABLES; table++) {
        rc = table_put(w, txn, table, err);
    }
    lf__put_u64be(end + 1, w->rows);
    rc = rc == LF_OK ? bytes_put(w, LF_BYTES_ARRAY(end), err) : rc;
    return rc == LF_OK ? chunk_flush(w, true, err) : rc;
}

lf_status st_backup_write(struct st_txn *txn, int fd, const struct st_backup_head *head,
                          const struct lf__secret *key, uint64_t *rows, lf_error *err)
{
    uint8_t front[BACKUP_HEAD + LF_SEAL_HEADER];
    struct writer *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return lf__fail(err, LF_E_NOMEM, "backup: out of memory");
    }
    head_format(head, front);
    w->fd = fd;
    w->beside = (lf_bytes){front, BACKUP_HEAD};
    lf_status rc = lf__seal_begin(key, front + BACKUP_HEAD, &w->seal, err);
    rc = rc == LF_OK ? all_write(fd, LF_BYTES_ARRAY(front), err) : rc;
    rc = rc == LF_OK ? tables_put(w, txn, err) : rc;
    *rows = w->rows;
    lf__seal_free(w->seal);
    lf__secret_wipe(w->plain, sizeof w->plain);
    free(w);
    return rc;
}

lf_status st_backup_head_read(int fd, struct st_backup_head *out, lf_error *err)
{
    uint8_t front[BACKUP_HEAD];
    lf_status rc = all_read(fd, front, sizeof front, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (memcmp(front, backup_magic, BACKUP_MAGIC) != 0 ||
        front[BACKUP_MAGIC] > ST_BACKUP_KEY_PASSPHRASE) {
        return lf__fail(err, LF_E_FORMAT, "backup: not a backup of this format");
    }
    out->kind = (enum st_backup_key)front[BACKUP_MAGIC];
    lf__copy(out->salt, front + BACKUP_MAGIC + 1, LF_SEAL_SALT);
    return LF_OK;
}

/* One stream on its way in: `plain` holds what was opened and not yet used. */
struct taker {
    int fd;
    struct lf__seal *seal;
    struct st_engine *engine;
    struct st_txn *txn;
    lf_bytes beside;
    bool is_last;
    bool has_end;
    uint64_t rows;
    struct lf__buf plain;
    uint8_t sealed[BACKUP_CHUNK + LF_SEAL_EXTRA];
};

static lf_status chunk_take(struct taker *t, lf_error *err)
{
    uint8_t raw[4];
    lf_status rc = all_read(t->fd, raw, sizeof raw, err);
    uint32_t len = rc == LF_OK ? lf__get_u32be(raw) : 0;
    if (rc == LF_OK && (len < LF_SEAL_EXTRA || len > sizeof t->sealed)) {
        return lf__fail(err, LF_E_FORMAT, "backup: a chunk of %u bytes", len);
    }
    rc = rc == LF_OK ? all_read(t->fd, t->sealed, len, err) : rc;
    uint8_t *to = rc == LF_OK ? lf__buf_extend(&t->plain, len - LF_SEAL_EXTRA) : NULL;
    if (rc != LF_OK || to == NULL) {
        return rc != LF_OK ? rc : lf__buf_status(&t->plain, err);
    }
    rc = lf__seal_pull(t->seal, (lf_bytes){t->sealed, len}, t->beside, to, &t->is_last, err);
    t->beside = LF_BYTES_NONE;
    return rc;
}

static lf_status row_store(struct taker *t, unsigned table, const struct st_pair *row,
                           lf_error *err)
{
    lf_status rc = t->txn == NULL ? st_txn_begin(t->engine, ST_WRITE, &t->txn, err) : LF_OK;
    rc = rc == LF_OK ? st_append(t->txn, table, row->key, row->value, err) : rc;
    if (rc == LF_OK && ++t->rows % BACKUP_COMMIT_ROWS == 0) {
        struct st_txn *txn = t->txn;
        t->txn = NULL;
        rc = st_txn_commit(txn, err);
    }
    return rc;
}

/* Takes one row if it is there whole: `*used` bytes, 0 when more is needed. */
static lf_status row_take(struct taker *t, lf_bytes plain, size_t *used, lf_error *err)
{
    *used = 0;
    if (plain.len > 0 && plain.ptr[0] == BACKUP_END && !t->is_last) {
        return LF_OK; /* an empty chunk says that it is the last */
    }
    if (plain.len >= 9 && plain.ptr[0] == BACKUP_END) {
        t->has_end = lf__get_u64be(plain.ptr + 1) == t->rows;
        *used = 9;
        return t->has_end && plain.len == 9 && t->is_last
                   ? LF_OK
                   : lf__fail(err, LF_E_FORMAT, "backup: its end is not one");
    }
    if (plain.len < BACKUP_ROW_HEAD || plain.ptr[0] == BACKUP_END) {
        return LF_OK;
    }
    size_t key = (size_t)plain.ptr[1] << 8 | plain.ptr[2];
    size_t value = lf__get_u32be(plain.ptr + 3);
    if (plain.ptr[0] >= ST_TABLES || key == 0 || key > ST_KEY_MAX || value > BACKUP_VALUE_MAX) {
        return lf__fail(err, LF_E_FORMAT, "backup: a row that no store has");
    }
    if (plain.len < BACKUP_ROW_HEAD + key + value) {
        return LF_OK;
    }
    struct st_pair row = {lf__bytes_slice(plain, BACKUP_ROW_HEAD, key),
                          lf__bytes_slice(plain, BACKUP_ROW_HEAD + key, value)};
    *used = BACKUP_ROW_HEAD + key + value;
    return row_store(t, plain.ptr[0], &row, err);
}

static lf_status rows_take(struct taker *t, lf_error *err)
{
    lf_bytes plain = lf__buf_bytes(&t->plain);
    size_t done = 0;
    size_t used = 1;
    lf_status rc = LF_OK;
    while (rc == LF_OK && used > 0 && !t->has_end) {
        rc = row_take(t, lf__bytes_slice(plain, done, SIZE_MAX), &used, err);
        done += used;
    }
    if (done > 0) {
        memmove(t->plain.ptr, t->plain.ptr + done, plain.len - done);
        t->plain.len -= done;
    }
    return rc;
}

static lf_status stream_take(struct taker *t, lf_error *err)
{
    lf_status rc = LF_OK;
    while (rc == LF_OK && !t->is_last) {
        rc = chunk_take(t, err);
        rc = rc == LF_OK ? rows_take(t, err) : rc;
    }
    uint8_t more;
    if (rc == LF_OK && !t->has_end) {
        return lf__fail(err, LF_E_FORMAT, "backup: ends in the middle of a row");
    }
    if (rc == LF_OK && read(t->fd, &more, 1) != 0) {
        return lf__fail(err, LF_E_FORMAT, "backup: goes on after its end");
    }
    if (rc == LF_OK && t->txn != NULL) {
        struct st_txn *txn = t->txn;
        t->txn = NULL;
        rc = st_txn_commit(txn, err);
    }
    return rc;
}

lf_status st_backup_read(int fd, const struct st_backup_head *head, const struct lf__secret *key,
                         struct st_engine *engine, uint64_t *rows, lf_error *err)
{
    uint8_t front[BACKUP_HEAD];
    uint8_t header[LF_SEAL_HEADER];
    struct taker *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return lf__fail(err, LF_E_NOMEM, "backup: out of memory");
    }
    head_format(head, front);
    t->fd = fd;
    t->engine = engine;
    t->beside = LF_BYTES_ARRAY(front);
    lf__buf_init(&t->plain, BACKUP_VALUE_MAX + 2 * BACKUP_CHUNK);
    lf_status rc = all_read(fd, header, sizeof header, err);
    rc = rc == LF_OK ? lf__seal_open(key, header, &t->seal, err) : rc;
    rc = rc == LF_OK ? stream_take(t, err) : rc;
    *rows = t->rows;
    st_txn_abort(t->txn);
    lf__seal_free(t->seal);
    lf__buf_done(&t->plain);
    free(t);
    return rc;
}
