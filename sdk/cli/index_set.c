/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing, at most half full. */
#include "cli/index_set.h"

#include <stdlib.h>

enum { INDEX_SET_ROOM = 256 };

/* Where the index is, or would be; the room is not 0. */
static size_t slot_of(const struct index_set *set, uint64_t index)
{
    size_t mask = set->room - 1;
    size_t at = (size_t)((index * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (set->slots[at] != 0 && set->slots[at] != index + 1) {
        at = (at + 1) & mask;
    }
    return at;
}

bool index_set_has(const struct index_set *set, uint64_t index)
{
    return set->room > 0 && set->slots[slot_of(set, index)] != 0;
}

static bool grow(struct index_set *set)
{
    struct index_set grown = {.room = set->room == 0 ? INDEX_SET_ROOM : 2 * set->room,
                              .count = set->count};
    grown.slots = calloc(grown.room, sizeof *grown.slots);
    for (size_t i = 0; grown.slots != NULL && i < set->room; i++) {
        if (set->slots[i] != 0) {
            grown.slots[slot_of(&grown, set->slots[i] - 1)] = set->slots[i];
        }
    }
    if (grown.slots != NULL) {
        free(set->slots);
        *set = grown;
    }
    return grown.slots != NULL;
}

bool index_set_add(struct index_set *set, uint64_t index)
{
    if (2 * (set->count + 1) > set->room && !grow(set)) {
        return false;
    }
    size_t at = slot_of(set, index);
    set->count += set->slots[at] == 0 ? 1 : 0;
    set->slots[at] = index + 1;
    return true;
}

void index_set_done(struct index_set *set)
{
    free(set->slots);
    *set = (struct index_set){.room = 0};
}
