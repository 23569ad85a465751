/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing inside a transaction: where lf_bytes and MDB_val meet, and nowhere else. */
#include "storage/lmdb/internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>

static MDB_val val_of(lf_bytes bytes)
{
    return (MDB_val){bytes.len, (void *)(uintptr_t)bytes.ptr};
}

static lf_bytes bytes_of(MDB_val value)
{
    return (lf_bytes){value.mv_data, value.mv_size};
}

static lf_status key_check(unsigned table, lf_bytes key, lf_error *err)
{
    LF_BUG_IF(table >= ST_TABLES);
    if (key.len == 0 || key.len > ST_KEY_MAX) {
        return lf__fail(err, LF_E_TOO_BIG, "store: key of %zu bytes, 1 to %d are allowed", key.len,
                        ST_KEY_MAX);
    }
    return LF_OK;
}

lf_status st_get(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes *out, lf_error *err)
{
    lf_status status = key_check(table, key, err);
    if (status != LF_OK) {
        return status;
    }
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn->mdb, txn->engine->tables[table], &k, &v);
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "get");
    }
    *out = bytes_of(v);
    return LF_OK;
}

static lf_status store_put(struct st_txn *txn, unsigned table, struct st_pair pair, unsigned flags,
                           lf_error *err)
{
    lf_status status = key_check(table, pair.key, err);
    if (status != LF_OK) {
        return status;
    }
    MDB_val k = val_of(pair.key);
    MDB_val v = val_of(pair.value);
    int rc = mdb_put(txn->mdb, txn->engine->tables[table], &k, &v, flags);
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "put");
}

lf_status st_put(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes value, lf_error *err)
{
    return store_put(txn, table, (struct st_pair){key, value}, 0, err);
}

lf_status st_put_room(struct st_txn *txn, unsigned table, lf_bytes key, size_t len, uint8_t **room,
                      lf_error *err)
{
    lf_status status = key_check(table, key, err);
    if (status != LF_OK) {
        return status;
    }
    MDB_val k = val_of(key);
    MDB_val v = {.mv_size = len};
    int rc = mdb_put(txn->mdb, txn->engine->tables[table], &k, &v, MDB_RESERVE);
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "put");
    }
    *room = v.mv_data;
    return LF_OK;
}

lf_status st_append(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes value, lf_error *err)
{
    return store_put(txn, table, (struct st_pair){key, value}, MDB_APPEND, err);
}

lf_status st_delete(struct st_txn *txn, unsigned table, lf_bytes key, lf_error *err)
{
    lf_status status = key_check(table, key, err);
    if (status != LF_OK) {
        return status;
    }
    MDB_val k = val_of(key);
    int rc = mdb_del(txn->mdb, txn->engine->tables[table], &k, NULL);
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "delete");
}

lf_status st_clear(struct st_txn *txn, unsigned table, lf_error *err)
{
    LF_BUG_IF(table >= ST_TABLES);
    int rc = mdb_drop(txn->mdb, txn->engine->tables[table], 0);
    return rc == 0 ? LF_OK : st_lmdb_fail(err, rc, "clear");
}

lf_status st_cursor_open(struct st_txn *txn, unsigned table, struct st_cursor **out, lf_error *err)
{
    LF_BUG_IF(table >= ST_TABLES);
    struct st_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL) {
        return lf__fail(err, LF_E_NOMEM, "store: out of memory");
    }
    int rc = mdb_cursor_open(txn->mdb, txn->engine->tables[table], &cursor->mdb);
    if (rc != 0) {
        free(cursor);
        return st_lmdb_fail(err, rc, "cursor");
    }
    *out = cursor;
    return LF_OK;
}

void st_cursor_close(struct st_cursor *cursor)
{
    if (cursor != NULL) {
        mdb_cursor_close(cursor->mdb);
        free(cursor);
    }
}

static lf_status cursor_move(struct st_cursor *cursor, lf_bytes key, MDB_cursor_op op,
                             struct st_pair *out, lf_error *err)
{
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_cursor_get(cursor->mdb, &k, &v, op);
    if (rc != 0) {
        return st_lmdb_fail(err, rc, "cursor");
    }
    *out = (struct st_pair){bytes_of(k), bytes_of(v)};
    return LF_OK;
}

lf_status st_cursor_seek(struct st_cursor *cursor, lf_bytes key, struct st_pair *out, lf_error *err)
{
    return cursor_move(cursor, key, key.len == 0 ? MDB_FIRST : MDB_SET_RANGE, out, err);
}

lf_status st_cursor_next(struct st_cursor *cursor, struct st_pair *out, lf_error *err)
{
    return cursor_move(cursor, LF_BYTES_NONE, MDB_NEXT, out, err);
}

lf_status st_cursor_last(struct st_cursor *cursor, struct st_pair *out, lf_error *err)
{
    return cursor_move(cursor, LF_BYTES_NONE, MDB_LAST, out, err);
}
