/* SPDX-License-Identifier: Apache-2.0 */
/* From a hash to its pairs, whichever runs they are in. */
#include "storage/index_internal.h"

#include "base/status.h"

#include <string.h>

enum {
    INDEX_TOGETHER = 24, /* runs searched at once */
    INDEX_GUESSES = 3    /* lines looked at before the search */
};

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
    unsigned bits; /* of the hash that all of it have in common */
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
        size_t more = share_of((want - there) << g->bits, n);
        g->at = more < n - g->at ? g->at + more : n - 1;
    } else {
        size_t less = share_of((there - want) << g->bits, n);
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

/* Where the pair stands in the run, or SIZE_MAX. */
size_t st__run_find(lf_bytes run, const uint8_t pair[static ST_INDEX_PAIR])
{
    struct guess g = {run, 0, 0};
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

static bool run_each(const struct st_index_search *s, const struct guess *g)
{
    const uint8_t *key = s->key->bytes;
    for (size_t at = run_seek(g, key) * ST_INDEX_PAIR;
         at < g->run.len && memcmp(g->run.ptr + at, key, ST_INDEX_KEY) == 0; at += ST_INDEX_PAIR) {
        if (!s->each(s->user, st__place_of(g->run.ptr + at))) {
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
        list[i].at = share_of(want << list[i].bits, list[i].run.len / ST_INDEX_PAIR);
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
           s->each(s->user, st__place_of(row.key.ptr + 1))) {
        rc = st_cursor_next(cursor, &row, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

/* Runs that may hold what is sought, collected until there are enough to be searched together. */
struct together {
    const struct st_index_search *search;
    struct guess list[INDEX_TOGETHER];
    size_t count;
    bool goes_on;
};

static void together_search(struct together *t)
{
    t->goes_on = t->goes_on && runs_each(t->search, t->list, t->count);
    t->count = 0;
}

/* The runs of one level, from the one on that covers the search's first position. *row is what stands after them. */
static lf_status level_take(struct st_cursor *cursor, unsigned level, struct together *t,
                            struct st_pair *row, lf_error *err)
{
    uint8_t key[INDEX_RUN_KEY];
    struct st__run run = {level, st__piece_of(level, t->search->key->bytes),
                          t->search->from / st__run_width(level)};
    st__run_key(run, key);
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(key), row, err);
    while (rc == LF_OK && t->goes_on && row->key.len == sizeof key &&
           memcmp(row->key.ptr, key, 3) == 0) {
        if (row->value.len == 0 || row->value.len % ST_INDEX_PAIR != 0) {
            return lf__fail(err, LF_E_CORRUPT, "index: a run is damaged");
        }
        t->list[t->count++] = (struct guess){row->value, st__piece_bits(level), 0};
        if (t->count == INDEX_TOGETHER) {
            together_search(t);
        }
        rc = st_cursor_next(cursor, row, err);
    }
    return rc;
}

/* One more than the next level that has runs at all, `row` being what stands after those of level - 1. */
static lf_status level_next(const struct st_pair *row, unsigned *level, lf_error *err)
{
    struct st__run run;
    if (row->key.len == INDEX_LOOSE_KEY && row->key.ptr[0] == INDEX_LOOSE) {
        *level = 0;
        return LF_OK;
    }
    if (!st__run_of(row->key, &run)) {
        return lf__fail(err, LF_E_CORRUPT, "index: a row is damaged");
    }
    *level = run.level + 1 < *level ? run.level + 1 : *level - 1;
    return LF_OK;
}

lf_status st_index_search(struct st_txn *txn, unsigned table, const struct st_index_search *search,
                          lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct together t = {.search = search, .goes_on = true};
    struct st_pair row;
    lf_status rc = st_cursor_open(txn, table, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    for (unsigned level = ST_INDEX_LEVELS; rc == LF_OK && t.goes_on && level > 0;) {
        rc = level_take(cursor, level - 1, &t, &row, err);
        rc = rc == LF_OK ? level_next(&row, &level, err) : rc;
    }
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    if (rc == LF_OK) {
        together_search(&t);
    }
    rc = rc == LF_OK && t.goes_on ? loose_each(cursor, search, err) : rc;
    st_cursor_close(cursor);
    return rc;
}

lf_status st_index_each(struct st_txn *txn, unsigned table, const struct lf__hash *key,
                        bool (*each)(void *user, struct st_place place), void *user, lf_error *err)
{
    struct st_index_search all = {.key = key, .each = each, .user = user};
    return st_index_search(txn, table, &all, err);
}
