/* SPDX-License-Identifier: Apache-2.0 */
/* tests/support/flip.h - one bit of one stored row turned over, and back. */
#ifndef TEST_FLIP_H
#define TEST_FLIP_H

#include "storage/engine.h"

enum { FLIP_VALUE_MAX = 1 << 16 };

struct flip {
    unsigned table;
    size_t key_len;
    size_t value_len;
    uint8_t key[ST_KEY_MAX];
    uint8_t key_now[ST_KEY_MAX]; /* as it is stored between flip_do() and flip_undo() */
    uint8_t value[FLIP_VALUE_MAX];
    /* a flipped key may be another row's, and take its place */
    bool is_hit;
    size_t hit_len;
    uint8_t hit[FLIP_VALUE_MAX];
    size_t bit;
};

/* The row number `number` of the table into `flip`; false past the last. */
bool flip_load(struct st_txn *txn, unsigned table, size_t number, struct flip *flip);
/* Bits of key and value; both ways abort on an engine error. */
size_t flip_bits(const struct flip *flip);
void flip_do(struct st_txn *txn, struct flip *flip, size_t bit);
void flip_undo(struct st_txn *txn, struct flip *flip);
/* Is this the row's key, as it was or as it is now? */
bool flip_is_key(const struct flip *flip, lf_bytes key);

#endif
