/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows. A run: 1, u8 ST_INDEX_LEVELS - level, u32be number -> pairs in order; so the first run is the
 * oldest. A loose pair: 2, the pair -> nothing. Pair: 16 bytes of hash, 7 bytes position, u8 tag.
 * Run `number` of a level covers the positions from number * ST_INDEX_WINDOW * ST_INDEX_FAN^level on.
 */
#include "storage/index.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { INDEX_RUN = 1, INDEX_LOOSE = 2, INDEX_RUN_KEY = 6, INDEX_LOOSE_KEY = 1 + ST_INDEX_PAIR };
enum {
    INDEX_TOGETHER = 24,
    INDEX_GUESSES = 3
}; /* runs searched at once; lines looked at before the search */

static void run_key(unsigned level, uint64_t number, uint8_t out[static INDEX_RUN_KEY])
{
    out[0] = INDEX_RUN;
    out[1] = (uint8_t)(ST_INDEX_LEVELS - level);
    lf__put_u32be(out + 2, (uint32_t)number);
}

static struct st_place place_of(const uint8_t *pair)
{
    uint64_t packed = lf__get_u64be(pair + ST_INDEX_KEY);
    return (struct st_place){packed >> 8, (uint8_t)packed};
}

lf_status st_index_put(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                       struct st_place place, lf_error *err)
{
    uint8_t row[INDEX_LOOSE_KEY] = {INDEX_LOOSE};
    lf__copy(row + 1, key->bytes, ST_INDEX_KEY);
    lf__put_u64be(row + 1 + ST_INDEX_KEY, place.position << 8 | place.tag);
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
    run_key(0, number, key);
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

static lf_status run_get(struct st_txn *txn, unsigned table, unsigned level, uint64_t number,
                         lf_bytes *out, lf_error *err)
{
    uint8_t key[INDEX_RUN_KEY];
    run_key(level, number, key);
    *out = LF_BYTES_NONE;
    lf_status rc = st_get(txn, table, LF_BYTES_ARRAY(key), out, err);
    if (rc == LF_OK && (out->len == 0 || out->len % ST_INDEX_PAIR != 0)) {
        return lf__fail(err, LF_E_CORRUPT, "index: a run is damaged");
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* no pairs in its positions */
}

static lf_status runs_get(struct st_txn *txn, unsigned table, unsigned level, uint64_t first,
                          lf_bytes out[static ST_INDEX_FAN], lf_error *err)
{
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++) {
        rc = run_get(txn, table, level, first + i, &out[i], err);
    }
    return rc;
}

/* Runs first .. first + ST_INDEX_FAN - 1 of a level become one of the next. */
static lf_status runs_fold(struct st_txn *txn, unsigned table, unsigned level, uint64_t first,
                           lf_error *err)
{
    lf_bytes runs[ST_INDEX_FAN];
    bool is_there[ST_INDEX_FAN];
    uint8_t key[INDEX_RUN_KEY];
    uint8_t *merged = NULL;
    size_t total = 0;
    lf_status rc = runs_get(txn, table, level, first, runs, err);
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++) {
        is_there[i] = runs[i].len > 0;
        total += runs[i].len;
    }
    if (rc != LF_OK || total == 0) {
        return rc;
    }
    run_key(level + 1, first / ST_INDEX_FAN, key);
    rc = st_put_room(txn, table, LF_BYTES_ARRAY(key), total, &merged, err);
    rc = rc == LF_OK ? runs_get(txn, table, level, first, runs, err)
                     : rc; /* making room was a change */
    if (rc == LF_OK) {
        runs_merge(runs, merged);
    }
    for (unsigned i = 0; rc == LF_OK && i < ST_INDEX_FAN; i++) {
        run_key(level, first + i, key);
        rc = is_there[i] ? st_delete(txn, table, LF_BYTES_ARRAY(key), err) : LF_OK;
    }
    return rc;
}

lf_status st_index_fold(struct st_txn *txn, unsigned table, uint64_t position, lf_error *err)
{
    if (position == 0 || position % ST_INDEX_WINDOW != 0) {
        return LF_OK;
    }
    uint64_t number = position / ST_INDEX_WINDOW - 1;
    lf_status rc = loose_fold(txn, table, number, err);
    for (unsigned level = 0;
         rc == LF_OK && level + 1 < ST_INDEX_LEVELS && number % ST_INDEX_FAN == ST_INDEX_FAN - 1;
         level++) {
        rc = runs_fold(txn, table, level, number - (ST_INDEX_FAN - 1), err);
        number /= ST_INDEX_FAN;
    }
    return rc;
}

/* Eight bytes decide nearly always. */
static bool is_below(const uint8_t *run, size_t at, const uint8_t key[static ST_INDEX_KEY])
{
    const uint8_t *pair = run + at * ST_INDEX_PAIR;
    uint64_t a = lf__get_u64be(pair);
    uint64_t b = lf__get_u64be(key);
    return a != b ? a < b : memcmp(pair + 8, key + 8, ST_INDEX_KEY - 8) < 0;
}

/* How many of n evenly spread words lie below v. */
static size_t share_of(uint64_t v, size_t n)
{
    return (size_t)(((v >> 32) * (uint64_t)n) >> 32);
}

/* A run under search, and the pair at which its key is thought to stand. */
struct guess {
    lf_bytes run;
    size_t at;
};

static void guess_fetch(const struct guess *g)
{
    __builtin_prefetch(g->run.ptr + g->at * ST_INDEX_PAIR);
}

/* Hashes are spread evenly, so a key's value says about where it stands, and what stands there says it better. */
static void guess_better(struct guess *g, uint64_t want)
{
    size_t n = g->run.len / ST_INDEX_PAIR;
    uint64_t there = lf__get_u64be(g->run.ptr + g->at * ST_INDEX_PAIR);
    if (there < want) {
        size_t more = share_of(want - there, n);
        g->at = more < n - g->at ? g->at + more : n - 1;
    } else {
        size_t less = share_of(there - want, n);
        g->at = less < g->at ? g->at - less : 0;
    }
}

/* Where the key stands or would stand: from the guess in growing steps, then by halves. */
static size_t run_seek(const struct guess *g, const uint8_t key[static ST_INDEX_KEY])
{
    const uint8_t *run = g->run.ptr;
    size_t n = g->run.len / ST_INDEX_PAIR;
    size_t step = 4;
    size_t low = 0;
    size_t high = g->at;
    if (is_below(run, high, key)) {
        low = high + 1;
        for (; low + step < n && is_below(run, low + step, key); step *= 2) {
            low += step + 1;
        }
        high = low + step < n ? low + step : n;
    } else {
        for (; high > step && !is_below(run, high - step, key); step *= 2) {
            high -= step;
        }
        low = high > step ? high - step : 0;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_below(run, middle, key)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool run_each(const struct st_index_search *s, const struct guess *g)
{
    const uint8_t *key = s->key->bytes;
    for (size_t at = run_seek(g, key) * ST_INDEX_PAIR;
         at < g->run.len && memcmp(g->run.ptr + at, key, ST_INDEX_KEY) == 0; at += ST_INDEX_PAIR) {
        if (!s->each(s->user, place_of(g->run.ptr + at))) {
            return false;
        }
    }
    return true;
}

/* Every guess reads a line of memory that is seldom in a cache, in each of some twenty runs. So all runs are guessed at
 * together, and the memory fetches their lines side by side instead of one after the other. */
static bool runs_each(const struct st_index_search *s, struct guess *list, size_t count)
{
    uint64_t want = lf__get_u64be(s->key->bytes);
    bool goes_on = true;
    for (size_t i = 0; i < count; i++) {
        list[i].at = share_of(want, list[i].run.len / ST_INDEX_PAIR);
        guess_fetch(&list[i]);
    }
    for (unsigned round = 1; round < INDEX_GUESSES; round++) {
        for (size_t i = 0; i < count; i++) {
            guess_better(&list[i], want);
            guess_fetch(&list[i]);
        }
    }
    for (size_t i = 0; goes_on && i < count; i++) {
        goes_on = run_each(s, &list[i]);
    }
    return goes_on;
}

static lf_status loose_each(struct st_cursor *cursor, const struct st_index_search *s,
                            lf_error *err)
{
    uint8_t from[1 + ST_INDEX_KEY] = {INDEX_LOOSE};
    struct st_pair row;
    lf__copy(from + 1, s->key->bytes, ST_INDEX_KEY);
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(from), &row, err);
    while (rc == LF_OK && row.key.len == INDEX_LOOSE_KEY &&
           memcmp(row.key.ptr, from, sizeof from) == 0 &&
           s->each(s->user, place_of(row.key.ptr + 1))) {
        rc = st_cursor_next(cursor, &row, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static uint64_t run_width(lf_bytes key)
{
    return (uint64_t)ST_INDEX_WINDOW << 2 * (ST_INDEX_LEVELS - key.ptr[1]);
}

/* The key of a run says which positions it covers. */
static bool run_ends_below(lf_bytes key, uint64_t position)
{
    return ((uint64_t)lf__get_u32be(key.ptr + 2) + 1) * run_width(key) <= position;
}

static bool is_run_key(lf_bytes key)
{
    return key.len == INDEX_RUN_KEY && key.ptr[0] == INDEX_RUN && key.ptr[1] >= 1 &&
           key.ptr[1] <= ST_INDEX_LEVELS;
}

/* From the cursor's row on, up to INDEX_TOGETHER runs that may hold what is sought. *row is what comes after. */
static lf_status runs_take(struct st_cursor *cursor, uint64_t from, struct st_pair *row,
                           struct guess list[static INDEX_TOGETHER], size_t *count, lf_error *err)
{
    lf_status rc = LF_OK;
    for (*count = 0; rc == LF_OK && *count < INDEX_TOGETHER && row->key.ptr[0] == INDEX_RUN;) {
        if (!is_run_key(row->key) || row->value.len == 0 || row->value.len % ST_INDEX_PAIR != 0) {
            return lf__fail(err, LF_E_CORRUPT, "index: a run is damaged");
        }
        if (!run_ends_below(row->key, from)) {
            list[(*count)++].run = row->value;
        }
        rc = st_cursor_next(cursor, row, err);
    }
    return rc;
}

lf_status st_index_search(struct st_txn *txn, unsigned table, const struct st_index_search *search,
                          lf_error *err)
{
    static const uint8_t first[] = {INDEX_RUN};
    struct st_cursor *cursor = NULL;
    struct guess list[INDEX_TOGETHER];
    struct st_pair row;
    size_t count = INDEX_TOGETHER;
    bool goes_on = true;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(first), &row, err);
    while (rc == LF_OK && goes_on && count == INDEX_TOGETHER) {
        rc = runs_take(cursor, search->from, &row, list, &count, err);
        goes_on = (rc != LF_OK && rc != LF_E_NOT_FOUND) || runs_each(search, list, count);
    }
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    rc = rc == LF_OK && goes_on ? loose_each(cursor, search, err) : rc;
    st_cursor_close(cursor);
    return rc;
}

lf_status st_index_each(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                        bool (*each)(void *user, struct st_place place), void *user, lf_error *err)
{
    struct st_index_search all = {.key = key, .each = each, .user = user};
    return st_index_search(txn, table, &all, err);
}

/* The run without the pair at `at`, under the same key; no run when it was the only one. */
static lf_status run_cut(struct st_txn *txn, unsigned table, const struct st_pair *row, size_t at,
                         lf_error *err)
{
    LF_BUF rest;
    uint8_t key[INDEX_RUN_KEY];
    lf__buf_init(&rest, row->value.len);
    lf__copy(key, row->key.ptr, sizeof key);
    (void)lf__buf_append(&rest, lf__bytes_slice(row->value, 0, at));
    (void)lf__buf_append(&rest, lf__bytes_slice(row->value, at + ST_INDEX_PAIR, row->value.len));
    lf_status rc = lf__buf_status(&rest, err);
    if (rc == LF_OK && rest.len == 0) {
        return st_delete(txn, table, LF_BYTES_ARRAY(key), err);
    }
    return rc == LF_OK ? st_put(txn, table, LF_BYTES_ARRAY(key), lf__buf_bytes(&rest), err) : rc;
}

/* Where the pair stands in the run, or SIZE_MAX. */
static size_t run_find(lf_bytes run, const uint8_t pair[static ST_INDEX_PAIR])
{
    struct guess g = {run, 0};
    if (run.len == 0) {
        return SIZE_MAX;
    }
    for (size_t at = run_seek(&g, pair) * ST_INDEX_PAIR;
         at < run.len && memcmp(run.ptr + at, pair, ST_INDEX_KEY) == 0; at += ST_INDEX_PAIR) {
        if (memcmp(run.ptr + at, pair, ST_INDEX_PAIR) == 0) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* The run that holds the pair, and where. Borrowed as a cursor's rows are. */
static lf_status runs_find(struct st_txn *txn, unsigned table,
                           const uint8_t pair[static ST_INDEX_PAIR], struct st_pair *row,
                           size_t *at, lf_error *err)
{
    static const uint8_t first[] = {INDEX_RUN};
    struct st_cursor *cursor = NULL;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    *at = SIZE_MAX;
    rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(first), row, err);
    while (rc == LF_OK && row->key.len == INDEX_RUN_KEY && row->key.ptr[0] == INDEX_RUN) {
        *at = row->value.len % ST_INDEX_PAIR == 0 ? run_find(row->value, pair) : SIZE_MAX;
        if (*at != SIZE_MAX) {
            break;
        }
        rc = st_cursor_next(cursor, row, err);
    }
    st_cursor_close(cursor);
    return (rc == LF_OK && *at == SIZE_MAX) || rc == LF_E_NOT_FOUND
               ? lf__fail(err, LF_E_NOT_FOUND, "index: holds no such pair")
               : rc;
}

static lf_status runs_remove(struct st_txn *txn, unsigned table,
                             const uint8_t pair[static ST_INDEX_PAIR], lf_error *err)
{
    struct st_pair row;
    size_t at = 0;
    lf_status rc = runs_find(txn, table, pair, &row, &at, err);
    return rc == LF_OK ? run_cut(txn, table, &row, at, err) : rc;
}

lf_status st_index_remove(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                          struct st_place place, lf_error *err)
{
    uint8_t row[INDEX_LOOSE_KEY] = {INDEX_LOOSE};
    lf__copy(row + 1, key->bytes, ST_INDEX_KEY);
    lf__put_u64be(row + 1 + ST_INDEX_KEY, place.position << 8 | place.tag);
    lf_status rc = st_delete(txn, table, LF_BYTES_ARRAY(row), err);
    return rc == LF_E_NOT_FOUND ? runs_remove(txn, table, row + 1, err) : rc;
}

/* The run with `to` in the place that it has in order, instead of `from`. */
static lf_status run_swap(struct st_txn *txn, unsigned table, const struct st_pair *row,
                          const uint8_t from[static ST_INDEX_PAIR],
                          const uint8_t to[static ST_INDEX_PAIR], lf_error *err)
{
    LF_BUF swapped;
    uint8_t key[INDEX_RUN_KEY];
    bool is_in = false;
    lf__buf_init(&swapped, row->value.len);
    lf__copy(key, row->key.ptr, sizeof key);
    for (size_t at = 0; at < row->value.len; at += ST_INDEX_PAIR) {
        const uint8_t *pair = row->value.ptr + at;
        if (memcmp(pair, from, ST_INDEX_PAIR) == 0) {
            continue;
        }
        if (!is_in && memcmp(to, pair, ST_INDEX_PAIR) < 0) {
            is_in = lf__buf_append(&swapped, (lf_bytes){to, ST_INDEX_PAIR});
        }
        (void)lf__buf_append(&swapped, (lf_bytes){pair, ST_INDEX_PAIR});
    }
    if (!is_in) {
        (void)lf__buf_append(&swapped, (lf_bytes){to, ST_INDEX_PAIR});
    }
    lf_status rc = lf__buf_status(&swapped, err);
    return rc == LF_OK ? st_put(txn, table, LF_BYTES_ARRAY(key), lf__buf_bytes(&swapped), err) : rc;
}

lf_status st_index_replace(struct st_txn *txn, unsigned table, const struct lf__hash *from,
                           const struct lf__hash *to, struct st_place place, lf_error *err)
{
    uint8_t before[INDEX_LOOSE_KEY] = {INDEX_LOOSE};
    uint8_t after[INDEX_LOOSE_KEY] = {INDEX_LOOSE};
    struct st_pair row;
    size_t at = 0;
    lf__copy(before + 1, from->bytes, ST_INDEX_KEY);
    lf__copy(after + 1, to->bytes, ST_INDEX_KEY);
    lf__put_u64be(before + 1 + ST_INDEX_KEY, place.position << 8 | place.tag);
    lf__put_u64be(after + 1 + ST_INDEX_KEY, place.position << 8 | place.tag);
    lf_status rc = st_delete(txn, table, LF_BYTES_ARRAY(before), err);
    if (rc == LF_OK) {
        return st_put(txn, table, LF_BYTES_ARRAY(after), LF_BYTES_NONE, err);
    }
    rc = rc == LF_E_NOT_FOUND ? runs_find(txn, table, before + 1, &row, &at, err) : rc;
    return rc == LF_OK ? run_swap(txn, table, &row, before + 1, after + 1, err) : rc;
}

bool st_index_row_each(const struct st_pair *row,
                       bool (*each)(void *user, lf_bytes key, struct st_place place), void *user)
{
    bool is_loose = row->key.len == INDEX_LOOSE_KEY && row->key.ptr[0] == INDEX_LOOSE;
    bool is_run = is_run_key(row->key);
    lf_bytes pairs = is_loose ? lf__bytes_slice(row->key, 1, ST_INDEX_PAIR) : row->value;
    if ((!is_loose && !is_run) || (is_loose && row->value.len > 0) || pairs.len == 0 ||
        pairs.len % ST_INDEX_PAIR != 0) {
        return false;
    }
    uint64_t width = is_run ? run_width(row->key) : 0;
    for (size_t at = 0; at < pairs.len; at += ST_INDEX_PAIR) {
        const uint8_t *pair = pairs.ptr + at;
        struct st_place place = place_of(pair);
        bool is_here = !is_run || place.position / width == lf__get_u32be(row->key.ptr + 2);
        bool is_ordered = at == 0 || memcmp(pair - ST_INDEX_PAIR, pair, ST_INDEX_PAIR) < 0;
        if (!is_here || !is_ordered || !each(user, (lf_bytes){pair, ST_INDEX_KEY}, place)) {
            return false;
        }
    }
    return true;
}
