/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into a second build of the daemon in place of st_ledger_submit (ld --wrap): everything up to
 * the queue and from the answer on is the gateway's own, and between the two nothing is ordered, stored
 * or proven. What it does a second is this machine's bound for calls that must be decoded, checked and
 * answered one by one. It must never hold anybody's records.
 */
#include "storage/ledger.h"

#include "base/bytes.h"
#include "core/leaf.h"

#include <stdatomic.h>

enum {
    NULL_TREE_DEPTH = 17
}; /* of a ledger of some 100,000 entries: as many hashes as a real proof has */

LF_MUST_USE lf_status __real_st_ledger_submit(struct st_ledger *ledger,
                                              struct st_entry *const *entries, size_t count,
                                              lf_error *err);
LF_MUST_USE lf_status __wrap_st_ledger_submit(struct st_ledger *ledger,
                                              struct st_entry *const *entries, size_t count,
                                              lf_error *err);

static atomic_ullong null_index;

lf_status __wrap_st_ledger_submit(struct st_ledger *ledger, struct st_entry *const *entries,
                                  size_t count, lf_error *err)
{
    static const uint8_t leaf[LF_LEDGER_LEAF_BYTES] = {1};
    static const struct lf__proof proof = {.count = NULL_TREE_DEPTH};
    static const lf_error none = LF_ERROR_INIT;
    LF_BUF checkpoint;
    (void)err;
    lf__buf_init(&checkpoint, ST_CHECKPOINT_MAX);
    uint64_t size = st_ledger_head(ledger, &checkpoint).size;
    for (size_t i = 0; i < count; i++) {
        struct st_result result = {.status = LF_OK,
                                   .index = size + atomic_fetch_add(&null_index, 1),
                                   .leaf = LF_BYTES_ARRAY(leaf),
                                   .proof = &proof,
                                   .checkpoint = lf__buf_bytes(&checkpoint),
                                   .error = &none};
        entries[i]->done(entries[i], &result);
    }
    return LF_OK;
}
