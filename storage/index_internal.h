/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/index_internal.h - what the rows of an index are, for index.c and index_search.c.
 *
 * Rows. A piece of a run: 1, u8 ST_INDEX_LEVELS - level, u8 piece, u32be number -> pairs in order. A loose pair:
 * 2, the pair -> nothing. Pair: 16 bytes of hash, 7 bytes position, u8 tag.
 * Run `number` of a level covers the positions from number * ST_INDEX_WINDOW * ST_INDEX_FAN^level on. Above
 * INDEX_WHOLE_LEVEL a run is in pieces by the first bits of the hash, ST_INDEX_FAN times as many a level. It is made from
 * the four below it, one piece of theirs a window, so that no commit waits for the whole of a large run. A hash is in
 * one place at any time: what goes into a piece leaves the level below in the same transaction.
 */
#ifndef ST_INDEX_INTERNAL_H
#define ST_INDEX_INTERNAL_H

#include "base/bytes.h"
#include "storage/index.h"

enum { INDEX_RUN = 1, INDEX_LOOSE = 2, INDEX_RUN_KEY = 7, INDEX_LOOSE_KEY = 1 + ST_INDEX_PAIR };
enum {
    INDEX_WHOLE_LEVEL = 2, /* the highest level whose runs are one piece */
    INDEX_FAN_BITS = 2     /* ST_INDEX_FAN is 1 << INDEX_FAN_BITS */
};

static inline unsigned st__piece_bits(unsigned level)
{
    return level <= INDEX_WHOLE_LEVEL ? 0 : (level - INDEX_WHOLE_LEVEL) * INDEX_FAN_BITS;
}

/* The piece of a run of `level` that holds a hash. */
static inline unsigned st__piece_of(unsigned level, const uint8_t *hash)
{
    return (unsigned)hash[0] >> (8 - st__piece_bits(level));
}

/* Windows that a run of a level covers. */
static inline uint64_t st__windows_of(unsigned level)
{
    return (uint64_t)1 << INDEX_FAN_BITS * level;
}

/* Positions. */
static inline uint64_t st__run_width(unsigned level)
{
    return ST_INDEX_WINDOW * st__windows_of(level);
}

/* A run, and a piece of it. */
struct st__run {
    unsigned level;
    unsigned piece;
    uint64_t number;
};

static inline void st__run_key(struct st__run run, uint8_t out[static INDEX_RUN_KEY])
{
    out[0] = INDEX_RUN;
    out[1] = (uint8_t)(ST_INDEX_LEVELS - run.level);
    out[2] = (uint8_t)run.piece;
    lf__put_u32be(out + 3, (uint32_t)run.number);
}

/* False when the key is none of a piece. */
static inline bool st__run_of(lf_bytes key, struct st__run *out)
{
    if (key.len != INDEX_RUN_KEY || key.ptr[0] != INDEX_RUN || key.ptr[1] < 1 ||
        key.ptr[1] > ST_INDEX_LEVELS) {
        return false;
    }
    *out = (struct st__run){ST_INDEX_LEVELS - key.ptr[1], key.ptr[2], lf__get_u32be(key.ptr + 3)};
    return out->piece >> st__piece_bits(out->level) == 0;
}

static inline struct st_place st__place_of(const uint8_t *pair)
{
    uint64_t packed = lf__get_u64be(pair + ST_INDEX_KEY);
    return (struct st_place){packed >> 8, (uint8_t)packed};
}

/* Where the pair stands in the run, in bytes, or SIZE_MAX. */
size_t st__run_find(lf_bytes run, const uint8_t pair[static ST_INDEX_PAIR]);

#endif
