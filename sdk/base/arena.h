/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/arena.h - memory of one call: many small allocations, one release, a byte cap.
 *
 * Threads: one at a time. Secrets never live here. Memory is zeroed and aligned for any type.
 */
#ifndef LF__ARENA_H
#define LF__ARENA_H

#include <lianfang/base.h>

struct lf__arena_block;
struct lf__arena {
    struct lf__arena_block *head;
    size_t used; /* bytes handed out, the cap's measure */
    size_t max;
    lf_status failure; /* of the first allocation that failed: E_NOMEM or E_TOO_BIG */
};

void lf__arena_init(struct lf__arena *arena, size_t max);
void lf__arena_done(struct lf__arena *arena);
/* Empty again, with the last block kept for the next use: for one small arena after another. */
void lf__arena_reset(struct lf__arena *arena);
#define LF_ARENA __attribute__((cleanup(lf__arena_done))) struct lf__arena
/* Borrowed until done; NULL past the cap or out of memory. size 0 gives a valid pointer. */
void *lf__arena_alloc(struct lf__arena *arena, size_t size);
void *lf__arena_array(struct lf__arena *arena, size_t count, size_t size);
/* Copies; .ptr is NULL only on failure. A NUL follows the bytes. */
lf_bytes lf__arena_copy(struct lf__arena *arena, lf_bytes bytes);
/* OK, or for the first allocation that failed E_NOMEM or E_TOO_BIG (reason TOO_BIG). */
lf_status lf__arena_status(const struct lf__arena *arena, lf_error *err);

#endif
