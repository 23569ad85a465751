/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/log_keys.h - the keys of a log over time: the one that is trusted beforehand, and those that LogKey records lead to
 * from it. Each record is signed by the key before and the new one, names the log, and stands in the ledger under a head that
 * a key of the ledger known before has signed. A key that was replaced signs no longer head, and one that was stolen none of a size
 * that the log had while it may have been another's.
 * Threads: a chain may be read by any while one adds to it.
 */
#ifndef LF__LOG_KEYS_H
#define LF__LOG_KEYS_H

#include "core/checkpoint.h"
#include "protos/codec/log_key.h"

#include <stdatomic.h>

struct lf__chain_key {
    struct lf__note_key key;
    uint64_t index;     /* of the record; 0 of the first */
    uint64_t from_size; /* heads with more entries are signed by it */
    uint64_t
        until; /* heads with more that the key before it alone has signed are refused: from_size, or less after a theft */
    bool is_compromised; /* the key before it */
};
struct lf__key_chain {
    struct lf__chain_key list[PX_LOG_KEYS_MAX + 1];
    atomic_size_t count;
};
enum { LF__CHAINS = 2 }; /* ledger, access log */

/* With the key that is trusted; a key without a name makes an empty chain. */
void lf__key_chain_begin(struct lf__key_chain *chain, const struct lf__note_key *first);
const struct lf__chain_key *lf__key_chain_newest(const struct lf__key_chain *chain); /* not empty */
/* Adds what the records lead to; *learned (NULL allowed) is how many keys. What was replaced before the first key is passed
 * over. E_SIGNATURE (LOG_KEY_BAD, SIGNATURE_BAD, PROOF_BAD, ...) at the first that does not hold: those before it stay. */
lf_status lf__key_chains_learn(struct lf__key_chain chains[static LF__CHAINS],
                               const struct px_log_key_proof *list, size_t count, size_t *learned,
                               lf_error *err);
/* As lf__checkpoint_open() by any key of the chain, the newest first; LOG_KEY_RETIRED when only one has signed that was
 * replaced, or stolen, before that size. *signer (NULL allowed) is the key. */
lf_status lf__key_chain_open(const struct lf__key_chain *chain, lf_bytes note,
                             struct lf__merkle_head *head, const struct lf__note_key **signer,
                             lf_error *err);
/* The same of one that was opened before: kept from an overlap, it may have the line alone that was known then. */
lf_status lf__key_chain_reopen(const struct lf__key_chain *chain, lf_bytes note,
                               struct lf__merkle_head *head, lf_error *err);
/* The note with the lines alone of the newest key that has one; nothing is verified. */
lf_status lf__key_chain_reduce(const struct lf__key_chain *chain, lf_bytes note,
                               struct lf__buf *out, lf_error *err);

#endif
