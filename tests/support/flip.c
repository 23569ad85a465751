/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/flip.h"

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>

static void must(lf_status status, lf_status wanted, const char *what)
{
    if (status != wanted) {
        (void)fprintf(stderr, "flip: %s: %s\n", what, lf_status_name(status));
        exit(2);
    }
}

bool flip_load(struct st_txn *txn, unsigned table, size_t number, struct flip *flip)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    must(st_cursor_open(txn, table, &cursor, NULL), LF_OK, "cursor");
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_NONE, &row, NULL);
    for (size_t i = 0; rc == LF_OK && i < number; i++) {
        rc = st_cursor_next(cursor, &row, NULL);
    }
    if (rc == LF_OK && (row.key.len > sizeof flip->key || row.value.len > sizeof flip->value)) {
        must(LF_E_TOO_BIG, LF_OK, "row");
    }
    if (rc == LF_OK) {
        flip->table = table;
        flip->key_len = row.key.len;
        flip->value_len = row.value.len;
        lf__copy(flip->key, row.key.ptr, row.key.len);
        lf__copy(flip->key_now, row.key.ptr, row.key.len);
        lf__copy(flip->value, row.value.ptr, row.value.len);
    }
    st_cursor_close(cursor);
    return rc == LF_OK;
}

size_t flip_bits(const struct flip *flip)
{
    return 8 * (flip->key_len + flip->value_len);
}

static lf_bytes flip_key(const struct flip *flip)
{
    return (lf_bytes){flip->key, flip->key_len};
}

bool flip_is_key(const struct flip *flip, lf_bytes key)
{
    return lf__bytes_eq(key, flip_key(flip)) ||
           lf__bytes_eq(key, (lf_bytes){flip->key_now, flip->key_len});
}

static void turn(struct flip *flip)
{
    size_t at = flip->bit / 8;
    uint8_t *byte = at < flip->key_len ? &flip->key[at] : &flip->value[at - flip->key_len];
    *byte ^= (uint8_t)(1u << flip->bit % 8);
}

static void row_put(struct st_txn *txn, const struct flip *flip)
{
    must(st_put(txn, flip->table, flip_key(flip), (lf_bytes){flip->value, flip->value_len}, NULL),
         LF_OK, "put");
}

void flip_do(struct st_txn *txn, struct flip *flip, size_t bit)
{
    lf_bytes hit;
    must(st_delete(txn, flip->table, flip_key(flip), NULL), LF_OK, "delete");
    flip->bit = bit;
    turn(flip);
    flip->is_hit = st_get(txn, flip->table, flip_key(flip), &hit, NULL) == LF_OK;
    flip->hit_len = flip->is_hit ? hit.len : 0;
    lf__copy(flip->hit, flip->is_hit ? hit.ptr : NULL, flip->hit_len);
    row_put(txn, flip);
    lf__copy(flip->key_now, flip->key, flip->key_len);
    turn(flip);
}

void flip_undo(struct st_txn *txn, struct flip *flip)
{
    turn(flip);
    must(st_delete(txn, flip->table, flip_key(flip), NULL), LF_OK, "delete");
    if (flip->is_hit) {
        must(st_put(txn, flip->table, flip_key(flip), (lf_bytes){flip->hit, flip->hit_len}, NULL),
             LF_OK, "put");
    }
    turn(flip);
    row_put(txn, flip);
}
