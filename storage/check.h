/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/check.h - is what a ledger stores what it signed? The engine keeps no checksums: the tree is
 * the check. Leaves come from bodies, tiles from leaves, the root from tiles, and every row must be
 * one of these.
 *
 * Reads only. Threads: the caller's, in whose transaction all is read; helpers of its own prepare entries ahead of it.
 */
#ifndef ST_CHECK_H
#define ST_CHECK_H

#include "storage/ledger.h"

#define ST_NO_INDEX UINT64_MAX

/* One thing that is not as it must be. Everything is borrowed for the call. */
struct st_damage {
    const char *table; /* head, tiles, leaves, bodies, ids, or a table of the hook's own */
    lf_bytes key;      /* of the row, or empty */
    uint64_t index;    /* of the entry it concerns, or ST_NO_INDEX */
    const char *what;
};

/* What a body says of its entry, recomputed from the body alone. Borrowed as long as the entry has its room. */
struct st_facts {
    lf_bytes id; /* empty: the entry has none */
    struct lf__hash digest;
    lf_bytes leaf;
    uint64_t accepted_at_ms;
};

enum { ST_CHECK_ROOMS = 256 }; /* entries that are prepared, or under way, at any time */

/* An entry under examination. `room` is its own from `prepare` until `entry` has returned, a number below ST_CHECK_ROOMS:
 * what the hooks find out goes there. */
struct st_check_entry {
    uint64_t index;
    unsigned room;
    const struct st_stored *stored; /* borrowed from the transaction */
};

struct st_check_hooks {
    /* What the entry says by itself. Called in any thread, of several entries at once and in no order: it may read the
     * entry and nothing else of the store. A refusal is damage of that entry; E_NOMEM, E_IO and E_FULL end the check. */
    lf_status (*prepare)(void *user, const struct st_check_entry *entry, struct st_facts *out,
                         lf_error *err);
    /* What those before it decide: called in order, in the caller's thread, with the facts that `prepare` has found and
     * may complete, all but the identity; statuses as above. NULL allowed. */
    lf_status (*entry)(void *user, const struct st_check_entry *entry, struct st_facts *facts,
                       lf_error *err);
    void (*damage)(void *user, const struct st_damage *damage);
    /* Called at least every 256 entries; NULL allowed. */
    void (*progress)(void *user, uint64_t done, uint64_t size);
    void *user;
};

struct st_check_options {
    struct st_txn *txn; /* borrowed */
    unsigned first_table;
    uint64_t
        last; /* only this many entries from the end, and the tree's right edge; 0: everything */
    struct st_check_hooks hooks;
};

struct st_check_report {
    struct lf__merkle_head head;
    uint64_t accepted_at_ms; /* of the last entry */
    uint64_t examined;       /* entries */
    uint64_t damages;
};

/* OK: all is as it must be. E_CORRUPT: damage, all of it told. Anything else: the check could not end. */
LF_MUST_USE lf_status st_check(const struct st_check_options *options, struct st_check_report *out,
                               lf_error *err);

/* The stored head as the transaction sees it; E_CORRUPT when it is not one. An empty ledger has size 0. */
LF_MUST_USE lf_status st_check_head(struct st_txn *txn, unsigned first_table,
                                    struct lf__merkle_head *out, lf_error *err);
/* The root that the tree had at `size`, from the stored tiles. */
LF_MUST_USE lf_status st_check_root(struct st_txn *txn, unsigned first_table, uint64_t size,
                                    struct lf__hash *out, lf_error *err);

/* Calls `differ` for every key that only one of the tables holds, or that they hold differently.
 * `damages` counts them. */
struct st_compare {
    struct st_txn *a;
    struct st_txn *b;
    unsigned table;
    void (*differ)(void *user, lf_bytes key, bool in_a, bool in_b);
    void *user;
};
LF_MUST_USE lf_status st_check_compare(const struct st_compare *compare, lf_error *err);

#endif
