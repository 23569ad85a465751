/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All pairs of an index in order. Pieces of runs are sorted, so a heap of where each of them stands gives the next pair; the loose
 * pairs are one piece more, whose B-tree keeps them in order. Nothing of a run is copied.
 */
#include "storage/index_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* What is left of one piece; of the loose pairs only the first of it is there. */
struct source {
    const uint8_t *at;
    const uint8_t *end; /* NULL: the loose pairs */
};

struct st_index_walk {
    struct st_cursor *loose;
    struct lf__buf heap; /* of struct source; the least first */
};

static struct source *heap_of(const struct st_index_walk *walk)
{
    return (struct source *)(void *)walk->heap.ptr;
}

static size_t heap_count(const struct st_index_walk *walk)
{
    return walk->heap.len / sizeof(struct source);
}

static bool is_less(const struct source *a, const struct source *b)
{
    return memcmp(a->at, b->at, ST_INDEX_PAIR) < 0;
}

static void heap_sink(struct source *heap, size_t count, size_t at)
{
    for (;;) {
        size_t least = at;
        size_t child = 2 * at + 1;
        least = child < count && is_less(&heap[child], &heap[least]) ? child : least;
        child++;
        least = child < count && is_less(&heap[child], &heap[least]) ? child : least;
        if (least == at) {
            return;
        }
        struct source moved = heap[at];
        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

static lf_status damaged(lf_error *err)
{
    return lf__fail(err, LF_E_CORRUPT, "index: a row is damaged");
}

static lf_status loose_read(lf_status rc, const struct st_pair *row, struct source *out,
                            lf_error *err)
{
    if (rc == LF_OK && row->key.len != INDEX_LOOSE_KEY) {
        return damaged(err);
    }
    if (rc == LF_OK) {
        *out = (struct source){row->key.ptr + 1, NULL};
    }
    return rc;
}

static lf_status runs_take(struct st_index_walk *walk, struct st_cursor *cursor, lf_error *err)
{
    static const uint8_t first[] = {INDEX_RUN};
    struct st_pair row;
    lf_status rc = st_cursor_seek(cursor, LF_BYTES_ARRAY(first), &row, err);
    while (rc == LF_OK && row.key.len > 0 && row.key.ptr[0] == INDEX_RUN) {
        struct st__run run;
        if (!st__run_of(row.key, &run) || row.value.len == 0 ||
            row.value.len % ST_INDEX_PAIR != 0) {
            return damaged(err);
        }
        struct source piece = {row.value.ptr, row.value.ptr + row.value.len};
        (void)lf__buf_append(&walk->heap, (lf_bytes){(const uint8_t *)&piece, sizeof piece});
        rc = st_cursor_next(cursor, &row, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status walk_begin(struct st_index_walk *walk, lf_error *err)
{
    static const uint8_t first[] = {INDEX_LOOSE};
    struct source loose;
    struct st_pair row;
    lf_status rc = runs_take(walk, walk->loose, err);
    rc = rc == LF_OK ? st_cursor_seek(walk->loose, LF_BYTES_ARRAY(first), &row, err) : rc;
    rc = loose_read(rc, &row, &loose, err);
    if (rc == LF_OK) {
        (void)lf__buf_append(&walk->heap, (lf_bytes){(const uint8_t *)&loose, sizeof loose});
    }
    rc = rc == LF_OK || rc == LF_E_NOT_FOUND ? lf__buf_status(&walk->heap, err) : rc;
    for (size_t i = heap_count(walk) / 2; rc == LF_OK && i > 0; i--) {
        heap_sink(heap_of(walk), heap_count(walk), i - 1);
    }
    return rc;
}

lf_status st_index_walk_open(struct st_txn *txn, unsigned table, struct st_index_walk **out,
                             lf_error *err)
{
    struct st_index_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        return lf__fail(err, LF_E_NOMEM, "index: out of memory");
    }
    lf__buf_init(&walk->heap, SIZE_MAX / 2); /* 64 pieces for 2^20 positions */
    lf_status rc = st_cursor_open(txn, table, &walk->loose, err);
    rc = rc == LF_OK ? walk_begin(walk, err) : rc;
    if (rc != LF_OK) {
        st_index_walk_close(walk);
        return rc;
    }
    *out = walk;
    return LF_OK;
}

/* The source at the top goes on by one pair, or leaves. */
static lf_status top_advance(struct st_index_walk *walk, lf_error *err)
{
    struct source *heap = heap_of(walk);
    struct st_pair row;
    lf_status rc = LF_OK;
    if (heap->end == NULL) {
        rc = st_cursor_next(walk->loose, &row, err);
        rc = loose_read(rc, &row, heap, err);
    } else {
        heap->at += ST_INDEX_PAIR;
        rc = heap->at < heap->end ? LF_OK : LF_E_NOT_FOUND;
    }
    if (rc == LF_E_NOT_FOUND) {
        *heap = heap[heap_count(walk) - 1];
        walk->heap.len -= sizeof *heap;
        rc = LF_OK;
    }
    if (rc == LF_OK) {
        heap_sink(heap, heap_count(walk), 0);
    }
    return rc;
}

lf_status st_index_walk_next(struct st_index_walk *walk, lf_bytes *key, struct st_place *place,
                             lf_error *err)
{
    if (heap_count(walk) == 0) {
        return LF_E_NOT_FOUND;
    }
    const uint8_t *pair = heap_of(walk)->at;
    lf_status rc = top_advance(walk, err);
    if (rc == LF_OK) {
        *key = (lf_bytes){pair, ST_INDEX_KEY};
        *place = st__place_of(pair);
    }
    return rc;
}

void st_index_walk_close(struct st_index_walk *walk)
{
    if (walk != NULL) {
        st_cursor_close(walk->loose);
        lf__buf_done(&walk->heap);
        free(walk);
    }
}
