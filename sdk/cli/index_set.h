/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/index_set.h - a set of entries of the ledger, by their index. Begins as {0}. One thread at a time. */
#ifndef CLI_INDEX_SET_H
#define CLI_INDEX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_set {
    uint64_t *slots; /* index + 1; 0: free */
    size_t room;     /* a power of two */
    size_t count;
};

bool index_set_has(const struct index_set *set, uint64_t index);
/* Nothing happens for one that is there. False with errno when memory is out. */
bool index_set_add(struct index_set *set, uint64_t index);
void index_set_done(struct index_set *set);

#endif
