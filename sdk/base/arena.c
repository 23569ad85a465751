/* SPDX-License-Identifier: Apache-2.0 */
/* A list of blocks, newest first; each at least 4 KiB. */
#include "base/arena.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct lf__arena_block {
    struct lf__arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) uint8_t bytes[];
};

/* The build for ASan sets 1: every allocation is its own block then, and overflows are seen. */
#ifndef LF_ARENA_BLOCK_BYTES
#define LF_ARENA_BLOCK_BYTES 4096
#endif
enum { ARENA_BLOCK_BYTES = LF_ARENA_BLOCK_BYTES, ARENA_KEPT_MAX = 1 << 16 };

void lf__arena_init(struct lf__arena *arena, size_t max)
{
    *arena = (struct lf__arena){.max = max};
}

void lf__arena_done(struct lf__arena *arena)
{
    while (arena->head != NULL) {
        struct lf__arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
    arena->used = 0;
}

static void *arena_failed(struct lf__arena *arena, lf_status why)
{
    arena->failure = arena->failure == LF_OK ? why : arena->failure;
    return NULL;
}

static struct lf__arena_block *arena_block(struct lf__arena *arena, size_t need)
{
    struct lf__arena_block *block = arena->head;
    if (block != NULL && block->size - block->used >= need) {
        return block;
    }
    size_t size = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
    block = calloc(1, sizeof *block + size);
    if (block != NULL) {
        block->size = size;
        block->next = arena->head;
        arena->head = block;
    }
    return block;
}

void lf__arena_reset(struct lf__arena *arena)
{
    struct lf__arena_block *kept = arena->head;
    size_t wanted = arena->used < ARENA_KEPT_MAX ? arena->used : ARENA_KEPT_MAX;
    bool keeps = kept != NULL && ARENA_BLOCK_BYTES > 1 && kept->size <= 2 * ARENA_KEPT_MAX &&
                 (kept->next == NULL || kept->size >= wanted);
    if (keeps) {
        arena->head = kept->next;
    }
    lf__arena_done(arena);
    arena->failure = LF_OK;
    if (keeps) {
        memset(kept->bytes, 0, kept->used);
        kept->used = 0;
        kept->next = NULL;
        arena->head = kept;
    } else if (ARENA_BLOCK_BYTES > 1 && wanted > 0) {
        (void)arena_block(arena, 2 * wanted); /* one that would have been enough; or none */
    }
}

void *lf__arena_alloc(struct lf__arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > arena->max - arena->used) {
        return arena_failed(arena, LF_E_TOO_BIG);
    }
    size_t need = size == 0 ? align : (size + align - 1) / align * align;
    struct lf__arena_block *block = arena_block(arena, need);
    if (block == NULL) {
        return arena_failed(arena, LF_E_NOMEM);
    }
    void *p = block->bytes + block->used;
    block->used += need;
    arena->used += size;
    return p;
}

void *lf__arena_array(struct lf__arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > arena->max / size) {
        return arena_failed(arena, LF_E_TOO_BIG);
    }
    return lf__arena_alloc(arena, count * size);
}

lf_bytes lf__arena_copy(struct lf__arena *arena, lf_bytes bytes)
{
    uint8_t *to = lf__arena_alloc(arena, bytes.len + 1);
    if (to == NULL) {
        return LF_BYTES_NONE;
    }
    lf__copy(to, bytes.ptr, bytes.len);
    return (lf_bytes){to, bytes.len};
}

lf_status lf__arena_status(const struct lf__arena *arena, lf_error *err)
{
    if (arena->failure == LF_OK) {
        return LF_OK;
    }
    return arena->failure == LF_E_NOMEM ? lf__fail(err, LF_E_NOMEM, "message: out of memory")
                                        : lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "",
                                                     "message: over the memory of one call");
}
