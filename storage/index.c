/* SPDX-License-Identifier: Apache-2.0 */
/* Puts, folds and takes out; index_internal.h says what the rows are. */
#include "storage/index_internal.h"

#include "base/status.h"

#include <string.h>

/* The windows that pass before a run of `level` is begun: until the ones below it are whole. */
static uint64_t steps_before(unsigned level)
{
    uint64_t steps = 0;
    for (unsigned l = INDEX_WHOLE_LEVEL + 2; l < level; l++) {
        steps += (uint64_t)1 << st__piece_bits(l - 1);
    }
    return steps;
}

static void loose_key(const struct lf__hash *hash, struct st_place place,
                      uint8_t out[static INDEX_LOOSE_KEY])
{
    out[0] = INDEX_LOOSE;
    lf__copy(out + 1, hash->bytes, ST_INDEX_KEY);
    lf__put_u64be(out + 1 + ST_INDEX_KEY, place.position << 8 | place.tag);
}

lf_status st_index_put(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                       struct st_place place, lf_error *err)
{
    uint8_t row[INDEX_LOOSE_KEY];
    loose_key(key, place, row);
    return st_put(txn, table, LF_BYTES_ARRAY(row), LF_BYTES_NONE, err);
}

/* The loose pairs, which their B-tree keeps in the order of a run, into `out`. */
static lf_status loose_take(struct st_txn *txn, unsigned table, struct lf__buf *out, lf_error *err)
{
    static const uint8_t first[] = {INDEX_LOOSE};
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(first), &row, err);
    while (rc == LF_OK) {
        if (row.key.len != INDEX_LOOSE_KEY) {
            rc = lf__fail(err, LF_E_CORRUPT, "index: a row is damaged");
            break;
        }
        (void)lf__buf_append(out, lf__bytes_slice(row.key, 1, ST_INDEX_PAIR));
        rc = st_cursor_next(cursor, &row, err);
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? lf__buf_status(out, err) : rc;
}

static lf_status loose_fold(struct st_txn *txn, unsigned table, uint64_t number, lf_error *err)
{
    uint8_t key[INDEX_RUN_KEY];
    uint8_t loose[INDEX_LOOSE_KEY] = {INDEX_LOOSE};
    LF_BUF run;
    lf__buf_init(&run, SIZE_MAX / 2);
    lf_status rc = loose_take(txn, table, &run, err);
    if (rc != LF_OK || run.len == 0) {
        return rc;
    }
    for (size_t at = 0; rc == LF_OK && at < run.len; at += ST_INDEX_PAIR) {
        lf__copy(loose + 1, run.ptr + at, ST_INDEX_PAIR);
        rc = st_delete(txn, table, LF_BYTES_ARRAY(loose), err);
    }
    st__run_key((struct st__run){0, 0, number}, key);
    return rc == LF_OK ? st_put(txn, table, LF_BYTES_ARRAY(key), lf__buf_bytes(&run), err) : rc;
}

/* Takes the smallest first pair of the runs, again and again; equal ones in the order of positions. */
static void runs_merge(lf_bytes runs[static ST_INDEX_FAN], uint8_t *out)
{
    for (;;) {
        lf_bytes *least = NULL;
        for (unsigned i = 0; i < ST_INDEX_FAN; i++) {
            if (runs[i].len > 0 &&
                (least == NULL || memcmp(runs[i].ptr, least->ptr, ST_INDEX_PAIR) < 0)) {
                least = &runs[i];
            }
        }
        if (least == NULL) {
            return;
        }
        lf__copy(out, least->ptr, ST_INDEX_PAIR);
        out += ST_INDEX_PAIR;
        *least = (lf_bytes){least->ptr + ST_INDEX_PAIR, least->len - ST_INDEX_PAIR};
    }
}

static lf_status run_get(struct st_txn *txn, unsigned table, struct st__run run, lf_bytes *out,
                         lf_error *err)
{
    uint8_t key[INDEX_RUN_KEY];
    st__run_key(run, key);
    *out = LF_BYTES_NONE;
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), out, err);
    if (rc == LF_OK && (out->len == 0 || out->len % ST_INDEX_PAIR != 0)) {
        return lf__fail(err, LF_E_CORRUPT, "index: a run is damaged");
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* no pairs in its positions */
}

/* The pairs of a piece that go into piece `piece` of `level`, which is the same level or the next. */
static lf_bytes piece_part(lf_bytes pairs, unsigned level, unsigned piece)
{
    size_t ends[2];
    for (unsigned i = 0; i < 2; i++) {
        size_t low = 0;
        size_t high = pairs.len / ST_INDEX_PAIR;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            bool is_below = st__piece_of(level, pairs.ptr + middle * ST_INDEX_PAIR) < piece + i;
            low = is_below ? middle + 1 : low;
            high = is_below ? high : middle;
        }
        ends[i] = low * ST_INDEX_PAIR;
    }
    return lf__bytes_slice(pairs, ends[0], ends[1] - ends[0]);
}

/* What the runs below `to` have for it. */
static lf_status parts_get(struct st_txn *txn, unsigned table, struct st__run to,
                           lf_bytes out[static ST_INDEX_FAN], lf_error *err)
{
    unsigned shift = st__piece_bits(to.level) - st__piece_bits(to.level - 1);
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++) {
        struct st__run from = {to.level - 1, to.piece >> shift, to.number * ST_INDEX_FAN + i};
        rc = run_get(txn, table, from, &out[i], err);
        out[i] = piece_part(out[i], to.level, to.piece);
    }
    return rc;
}

static lf_status piece_make(struct st_txn *txn, unsigned table, struct st__run to, lf_error *err)
{
    lf_bytes parts[ST_INDEX_FAN];
    uint8_t key[INDEX_RUN_KEY];
    uint8_t *merged = NULL;
    size_t total = 0;
    lf_status rc = parts_get(txn, table, to, parts, err);
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++) {
        total += parts[i].len;
    }
    if (rc != LF_OK || total == 0) {
        return rc;
    }
    st__run_key(to, key);
    rc = st_put_room(txn, table, LF_BYTES_ARRAY(key), total, &merged, err);
    rc = rc == LF_OK ? parts_get(txn, table, to, parts, err) : rc; /* making room was a change */
    if (rc == LF_OK) {
        runs_merge(parts, merged);
    }
    return rc;
}

/* A piece of each run below becomes the pieces of `to` that its hashes belong to, from to.piece on. */
static lf_status pieces_fold(struct st_txn *txn, unsigned table, struct st__run to, lf_error *err)
{
    unsigned shift = st__piece_bits(to.level) - st__piece_bits(to.level - 1);
    struct st__run from = {to.level - 1, to.piece >> shift, to.number * ST_INDEX_FAN};
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < 1U << shift; i++, to.piece++) {
        rc = piece_make(txn, table, to, err);
    }
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++, from.number++) {
        uint8_t key[INDEX_RUN_KEY];
        st__run_key(from, key);
        rc = st_delete(txn, table, LF_BYTES_ARRAY(key), err);
        rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    return rc;
}

/* Whether the step for `piece` of the level below has come, `windows` of them being whole; and of which run. */
static bool step_is_due(unsigned level, uint64_t windows, struct st__run *to)
{
    uint64_t passed = windows % st__windows_of(level);
    uint64_t before = steps_before(level);
    unsigned shift = st__piece_bits(level) - st__piece_bits(level - 1);
    if (windows < st__windows_of(level) || passed < before ||
        passed - before >= (uint64_t)1 << st__piece_bits(level - 1)) {
        return false;
    }
    *to = (struct st__run){level, (unsigned)(passed - before) << shift,
                           windows / st__windows_of(level) - 1};
    return true;
}

lf_status st_index_fold(struct st_txn *txn, unsigned table, uint64_t position, lf_error *err)
{
    uint64_t windows = position / ST_INDEX_WINDOW;
    struct st__run to;
    if (position == 0 || position % ST_INDEX_WINDOW != 0) {
        return LF_OK;
    }
    lf_status rc = loose_fold(txn, table, windows - 1, err);
    for (unsigned level = 1; rc == LF_OK && level < ST_INDEX_LEVELS; level++) {
        rc = step_is_due(level, windows, &to) ? pieces_fold(txn, table, to, err) : LF_OK;
    }
    return rc;
}

static struct st__run run_at(unsigned level, const uint8_t pair[static ST_INDEX_PAIR])
{
    return (struct st__run){level, st__piece_of(level, pair),
                            st__place_of(pair).position / st__run_width(level)};
}

/* What a run shall hold: three parts of its order, of which each may be nothing. */
struct splice {
    struct st__run run;
    lf_bytes before;
    lf_bytes pair;
    lf_bytes after;
};

/* No row when that is nothing at all. */
static lf_status run_splice(struct st_txn *txn, unsigned table, const struct splice *s,
                            lf_error *err)
{
    LF_BUF spliced;
    uint8_t key[INDEX_RUN_KEY];
    st__run_key(s->run, key);
    lf__buf_init(&spliced, s->before.len + s->pair.len + s->after.len);
    (void)lf__buf_append(&spliced, s->before);
    (void)lf__buf_append(&spliced, s->pair);
    (void)lf__buf_append(&spliced, s->after);
    lf_status rc = lf__buf_status(&spliced, err);
    if (rc == LF_OK && spliced.len == 0) {
        return st_delete(txn, table, LF_BYTES_ARRAY(key), err);
    }
    return rc == LF_OK ? st_put(txn, table, LF_BYTES_ARRAY(key), lf__buf_bytes(&spliced), err) : rc;
}

static lf_status runs_remove(struct st_txn *txn, unsigned table,
                             const uint8_t pair[static ST_INDEX_PAIR], lf_error *err)
{
    lf_bytes pairs;
    lf_status rc = LF_OK;
    for (unsigned level = 0; rc == LF_OK && level < ST_INDEX_LEVELS; level++) {
        rc = run_get(txn, table, run_at(level, pair), &pairs, err);
        size_t at = rc == LF_OK ? st__run_find(pairs, pair) : SIZE_MAX;
        if (at != SIZE_MAX) {
            struct splice rest = {run_at(level, pair), lf__bytes_slice(pairs, 0, at), LF_BYTES_NONE,
                                  lf__bytes_slice(pairs, at + ST_INDEX_PAIR, pairs.len)};
            return run_splice(txn, table, &rest, err);
        }
    }
    return rc == LF_OK ? lf__fail(err, LF_E_NOT_FOUND, "index: holds no such pair") : rc;
}

lf_status st_index_remove(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                          struct st_place place, lf_error *err)
{
    uint8_t row[INDEX_LOOSE_KEY];
    loose_key(key, place, row);
    lf_status rc = st_delete(txn, table, LF_BYTES_ARRAY(row), err);
    return rc == LF_E_NOT_FOUND ? runs_remove(txn, table, row + 1, err) : rc;
}

/* The highest level whose run has taken the pair in, after so many windows; ST_INDEX_LEVELS while it is loose. */
static unsigned level_of(const uint8_t pair[static ST_INDEX_PAIR], uint64_t windows)
{
    for (unsigned level = ST_INDEX_LEVELS - 1; level > 0; level--) {
        uint64_t whole = (run_at(level, pair).number + 1) * st__windows_of(level);
        if (windows >= whole + steps_before(level) + st__piece_of(level - 1, pair)) {
            return level;
        }
    }
    return windows > run_at(0, pair).number ? 0 : ST_INDEX_LEVELS;
}

static lf_status run_insert(struct st_txn *txn, unsigned table, struct st__run run,
                            const uint8_t pair[static ST_INDEX_PAIR], lf_error *err)
{
    lf_bytes pairs;
    size_t at = 0;
    lf_status rc = run_get(txn, table, run, &pairs, err);
    while (rc == LF_OK && at < pairs.len && memcmp(pairs.ptr + at, pair, ST_INDEX_PAIR) < 0) {
        at += ST_INDEX_PAIR;
    }
    struct splice more = {run, lf__bytes_slice(pairs, 0, at), (lf_bytes){pair, ST_INDEX_PAIR},
                          lf__bytes_slice(pairs, at, pairs.len)};
    return rc == LF_OK ? run_splice(txn, table, &more, err) : rc;
}

lf_status st_index_replace(struct st_txn *txn, unsigned table, const struct lf__hash *from,
                           const struct st_index_move *move, lf_error *err)
{
    uint8_t row[INDEX_LOOSE_KEY];
    lf_status rc = st_index_remove(txn, table, from, move->place, err);
    loose_key(move->to, move->place, row);
    unsigned level = level_of(row + 1, move->folded / ST_INDEX_WINDOW);
    if (rc != LF_OK) {
        return rc;
    }
    return level == ST_INDEX_LEVELS ? st_put(txn, table, LF_BYTES_ARRAY(row), LF_BYTES_NONE, err)
                                    : run_insert(txn, table, run_at(level, row + 1), row + 1, err);
}

bool st_index_row_each(const struct st_pair *row,
                       bool (*each)(void *user, lf_bytes key, struct st_place place), void *user)
{
    struct st__run run = {0};
    bool is_loose = row->key.len == INDEX_LOOSE_KEY && row->key.ptr[0] == INDEX_LOOSE;
    bool is_run = st__run_of(row->key, &run);
    lf_bytes pairs = is_loose ? lf__bytes_slice(row->key, 1, ST_INDEX_PAIR) : row->value;
    if ((!is_loose && !is_run) || (is_loose && row->value.len > 0) || pairs.len == 0 ||
        pairs.len % ST_INDEX_PAIR != 0) {
        return false;
    }
    for (size_t at = 0; at < pairs.len; at += ST_INDEX_PAIR) {
        const uint8_t *pair = pairs.ptr + at;
        struct st__run here = run_at(run.level, pair);
        bool is_here = !is_run || (here.number == run.number && here.piece == run.piece);
        bool is_ordered = at == 0 || memcmp(pair - ST_INDEX_PAIR, pair, ST_INDEX_PAIR) < 0;
        if (!is_here || !is_ordered ||
            !each(user, (lf_bytes){pair, ST_INDEX_KEY}, st__place_of(pair))) {
            return false;
        }
    }
    return true;
}
