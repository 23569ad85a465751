/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a mirror and their keys. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"

enum { ROW_FIXED = 8 * 4 + 5 + 1 };

static void key_add(struct mirror_key *key, lf_bytes bytes)
{
    LF_BUG_IF(bytes.len > sizeof key->bytes - key->len);
    lf__copy(key->bytes + key->len, bytes.ptr, bytes.len);
    key->len += bytes.len;
}

struct mirror_key lf__mirror_at(lf_bytes prefix, uint64_t number)
{
    struct mirror_key key = {.len = 0};
    uint8_t at[8];
    lf__put_u64be(at, number);
    key_add(&key, prefix);
    key_add(&key, LF_BYTES_ARRAY(at));
    return key;
}

struct mirror_key lf__mirror_number(uint64_t number)
{
    return lf__mirror_at(LF_BYTES_NONE, number);
}

struct mirror_key lf__mirror_record(lf_bytes issuer, lf_bytes id)
{
    struct mirror_key key = {.len = 0};
    const uint8_t end[1] = {0};
    key_add(&key, issuer);
    key_add(&key, LF_BYTES_ARRAY(end));
    key_add(&key, id);
    return key;
}

bool lf__mirror_row_read(lf_bytes *rest, struct mirror_row *out)
{
    const uint8_t *p = rest->ptr;
    if (rest->len < ROW_FIXED || rest->len - ROW_FIXED < p[ROW_FIXED - 1]) {
        return false;
    }
    *out = (struct mirror_row){.index = lf__get_u64be(p),
                               .said_ms = (int64_t)lf__get_u64be(p + 8),
                               .from_ms = (int64_t)lf__get_u64be(p + 16),
                               .until_ms = (int64_t)lf__get_u64be(p + 24),
                               .kind = p[32],
                               .state = p[33],
                               .appeal = p[34],
                               .certainty = p[35],
                               .flags = p[36],
                               .word = {p + ROW_FIXED, p[ROW_FIXED - 1]}};
    *rest = lf__bytes_slice(*rest, ROW_FIXED + out->word.len, rest->len);
    return true;
}

static void row_write(const struct mirror_row *row, struct lf__buf *out)
{
    lf_bytes word = lf__bytes_slice(row->word, 0, MIRROR_WORD_MAX);
    (void)lf__buf_u64be(out, row->index);
    (void)lf__buf_u64be(out, (uint64_t)row->said_ms);
    (void)lf__buf_u64be(out, (uint64_t)row->from_ms);
    (void)lf__buf_u64be(out, (uint64_t)row->until_ms);
    (void)lf__buf_u8(out, row->kind);
    (void)lf__buf_u8(out, row->state);
    (void)lf__buf_u8(out, row->appeal);
    (void)lf__buf_u8(out, row->certainty);
    (void)lf__buf_u8(out, row->flags);
    (void)lf__buf_u8(out, (uint8_t)word.len);
    (void)lf__buf_append(out, word);
}

/* Of registry entries the newest counts, so one is enough. */
static bool is_replaced(const struct mirror_row *there, uint64_t index,
                        const struct mirror_row *row)
{
    return there->index == index ||
           (row != NULL && row->kind == PX_KIND_REGISTRY_ENTRY && there->kind == row->kind);
}

lf_status lf__mirror_row_put(struct st_txn *txn, lf_bytes code, uint64_t index,
                             const struct mirror_row *row, lf_error *err)
{
    LF_BUF value;
    struct mirror_row there;
    lf_bytes rest = LF_BYTES_NONE;
    bool is_there = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_STANDING, code, &rest, &is_there, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf__buf_init(&value, 16 << 20);
    while (rest.len > 0) {
        if (!lf__mirror_row_read(&rest, &there)) {
            return lf__fail(err, LF_E_CORRUPT, "mirror: a row of the standing is damaged");
        }
        if (!is_replaced(&there, index, row)) {
            row_write(&there, &value);
        } else if (row != NULL && there.index > row->index) {
            return LF_OK; /* a newer registry entry stands */
        }
    }
    if (row != NULL) {
        row_write(row, &value);
    }
    rc = lf__buf_status(&value, err);
    if (rc == LF_OK && value.len > 0) {
        rc = st_put(txn, MIRROR_STANDING, code, lf__buf_bytes(&value), err);
    } else if (rc == LF_OK && is_there) {
        rc = st_delete(txn, MIRROR_STANDING, code, err);
    }
    return rc;
}

lf_status lf__mirror_meta_get(struct st_txn *txn, const char *name, lf_bytes *out, lf_error *err)
{
    return st_get(txn, MIRROR_META, lf__bytes_str(name), out, err);
}

lf_status lf__mirror_meta_put(struct st_txn *txn, const char *name, lf_bytes value, lf_error *err)
{
    return st_put(txn, MIRROR_META, lf__bytes_str(name), value, err);
}

lf_status lf__mirror_meta_put_number(struct st_txn *txn, const char *name, uint64_t number,
                                     lf_error *err)
{
    uint8_t value[8];
    lf__put_u64be(value, number);
    return lf__mirror_meta_put(txn, name, LF_BYTES_ARRAY(value), err);
}

lf_status lf__mirror_commit(struct st_txn **txn, lf_error *err)
{
    struct st_txn *done = *txn;
    *txn = NULL;
    return st_txn_commit(done, err);
}

lf_status lf__mirror_frontier_get(struct st_txn *txn, struct lf__frontier *out, lf_error *err)
{
    lf_bytes bytes;
    struct lf__frontier frontier = {.size = 0};
    bool found = false;
    lf_status rc =
        lf__mirror_find(txn, MIRROR_META, lf__bytes_str("frontier"), &bytes, &found, err);
    if (rc == LF_OK && !found) {
        *out = frontier;
        return LF_OK;
    }
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__reader r = {bytes};
    bool good = lf__read_u64be(&r, &frontier.size);
    frontier.count = (size_t)__builtin_popcountll(frontier.size);
    for (size_t i = 0; good && i < frontier.count; i++) {
        good = lf__read_copy(&r, LF_HASH_BYTES, frontier.hashes[i].bytes);
    }
    if (!good || !lf__read_finished(&r)) {
        return lf__fail(err, LF_E_CORRUPT, "mirror: its frontier is damaged");
    }
    *out = frontier;
    return LF_OK;
}

lf_status lf__mirror_frontier_put(struct st_txn *txn, const struct lf__frontier *frontier,
                                  lf_error *err)
{
    LF_BUF bytes;
    lf__buf_init(&bytes, 4096);
    (void)lf__buf_u64be(&bytes, frontier->size);
    for (size_t i = 0; i < frontier->count; i++) {
        (void)lf__buf_append(&bytes, lf__hash_bytes(&frontier->hashes[i]));
    }
    lf_status rc = lf__buf_status(&bytes, err);
    return rc == LF_OK ? lf__mirror_meta_put(txn, "frontier", lf__buf_bytes(&bytes), err) : rc;
}

lf_status lf__mirror_leaves_add(struct st_txn *txn, uint64_t from, const struct lf__hash *leaves,
                                size_t count, lf_error *err)
{
    lf_status rc = LF_OK;
    while (rc == LF_OK && count > 0) {
        uint8_t row[MIRROR_CHUNK * LF_HASH_BYTES];
        lf_bytes there = LF_BYTES_NONE;
        struct mirror_key key = lf__mirror_number(from / MIRROR_CHUNK);
        size_t before = (size_t)(from % MIRROR_CHUNK);
        size_t n = count < MIRROR_CHUNK - before ? count : MIRROR_CHUNK - before;
        rc = before == 0 ? LF_OK : st_get(txn, MIRROR_LEAVES, mirror_key(&key), &there, err);
        if (rc == LF_OK && there.len != before * LF_HASH_BYTES) {
            rc = lf__fail(err, LF_E_CORRUPT, "mirror: leaf hashes before %llu are damaged",
                          (unsigned long long)from);
        }
        if (rc != LF_OK) {
            return rc;
        }
        lf__copy(row, there.ptr, there.len);
        for (size_t i = 0; i < n; i++) {
            lf__copy(row + (before + i) * LF_HASH_BYTES, leaves[i].bytes, LF_HASH_BYTES);
        }
        rc = st_put(txn, MIRROR_LEAVES, mirror_key(&key),
                    (lf_bytes){row, (before + n) * LF_HASH_BYTES}, err);
        from += n;
        leaves += n;
        count -= n;
    }
    return rc;
}

lf_status lf__mirror_leaf_get(struct st_txn *txn, uint64_t index, struct lf__hash *out,
                              lf_error *err)
{
    lf_bytes row;
    struct mirror_key key = lf__mirror_number(index / MIRROR_CHUNK);
    size_t at = (size_t)(index % MIRROR_CHUNK) * LF_HASH_BYTES;
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_LEAVES, mirror_key(&key), &row, &found, err);
    if (rc == LF_OK && (!found || row.len < at + LF_HASH_BYTES)) {
        return lf__fail(err, LF_E_CORRUPT, "mirror: the leaf hash of position %llu is missing",
                        (unsigned long long)index);
    }
    if (rc == LF_OK) {
        lf__copy(out->bytes, row.ptr + at, LF_HASH_BYTES);
    }
    return rc;
}

lf_status lf__mirror_entry_put(struct st_txn *txn, uint64_t index, lf_bytes leaf, lf_bytes envelope,
                               lf_error *err)
{
    uint8_t *room = NULL;
    struct mirror_key key = lf__mirror_number(index);
    LF_BUG_IF(leaf.len != LF_LEDGER_LEAF_BYTES);
    lf_status rc =
        st_put_room(txn, MIRROR_ENTRIES, mirror_key(&key), leaf.len + envelope.len, &room, err);
    if (rc == LF_OK) {
        lf__copy(room, leaf.ptr, leaf.len);
        lf__copy(room + leaf.len, envelope.ptr, envelope.len);
    }
    return rc;
}

lf_status lf__mirror_entry_get(struct st_txn *txn, uint64_t index, lf_bytes *leaf,
                               lf_bytes *envelope, lf_error *err)
{
    lf_bytes row;
    struct mirror_key key = lf__mirror_number(index);
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_ENTRIES, mirror_key(&key), &row, &found, err);
    if (rc == LF_OK && !found) {
        return LF_E_NOT_FOUND;
    }
    if (rc == LF_OK && row.len <= LF_LEDGER_LEAF_BYTES) {
        rc =
            lf__fail(err, LF_E_CORRUPT, "mirror: entry %llu is damaged", (unsigned long long)index);
    }
    if (rc == LF_OK) {
        *leaf = lf__bytes_slice(row, 0, LF_LEDGER_LEAF_BYTES);
        *envelope = lf__bytes_slice(row, LF_LEDGER_LEAF_BYTES, row.len);
    }
    return rc;
}

lf_status lf__mirror_find(struct st_txn *txn, unsigned table, lf_bytes key, lf_bytes *out,
                          bool *found, lf_error *err)
{
    lf_status rc = st_get(txn, table, key, out, NULL);
    *found = rc == LF_OK;
    return rc == LF_OK || rc == LF_E_NOT_FOUND ? LF_OK
                                               : lf__fail(err, rc, "mirror: cannot be read");
}

lf_status lf__mirror_remove(struct st_txn *txn, unsigned table, lf_bytes key, lf_error *err)
{
    lf_status rc = st_delete(txn, table, key, NULL);
    return rc == LF_OK || rc == LF_E_NOT_FOUND ? LF_OK
                                               : lf__fail(err, rc, "mirror: cannot be written");
}

lf_status lf__mirror_each(struct st_txn *txn, unsigned table, lf_bytes prefix, mirror_each_cb each,
                          void *user, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, prefix, &pair, NULL);
    while (rc == LF_OK && lf__bytes_eq(lf__bytes_slice(pair.key, 0, prefix.len), prefix) &&
           each(&pair, user)) {
        rc = st_cursor_next(cursor, &pair, NULL);
    }
    st_cursor_close(cursor);
    return rc == LF_OK || rc == LF_E_NOT_FOUND ? LF_OK
                                               : lf__fail(err, rc, "mirror: cannot be read");
}
