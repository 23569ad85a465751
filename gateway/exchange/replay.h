/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/replay.h - the ledger read again from entry 0, through the code that sequenced it:
 * to check what is stored, and to rebuild what is derived.
 *
 * Threads: one, but gw_replay_prepare() runs in any.
 */
#ifndef GW_REPLAY_H
#define GW_REPLAY_H

#include "gateway/exchange/exchange.h"
#include "storage/check.h"

struct gw_replay;

struct gw_replay_options {
    const struct gw_policy *policy; /* borrowed until free */
    bool is_from_start;             /* entry 0 comes first: members are known as of each entry */
    bool has_signatures;            /* check them; needs is_from_start */
    /* Where derived state goes; NULL: nowhere. Borrowed until free. */
    struct st_engine *engine;
    struct st_txn *txn;
    bool is_apart; /* that store holds no entries: they are read in `stored` alone */
    struct st_txn
        *stored; /* where the entries are read from: an erasure is looked up at its order, and an
                            * order at what it erased. Borrowed until free */
};
LF_MUST_USE lf_status gw_replay_new(const struct gw_replay_options *options, struct gw_replay **out,
                                    lf_error *err);
void gw_replay_free(struct gw_replay *replay); /* NULL allowed */

/* One entry; st_check's hooks. By itself, in any thread: identity, digest and leaf as the record has them. */
LF_MUST_USE lf_status gw_replay_prepare(struct gw_replay *replay,
                                        const struct st_check_entry *entry, struct st_facts *out,
                                        lf_error *err);
/* Then in order: who signed it by the members of then, and what it does. */
LF_MUST_USE lf_status gw_replay_entry(struct gw_replay *replay, const struct st_check_entry *entry,
                                      struct st_facts *facts, lf_error *err);

/* The tables that entries alone decide. NULL past the last. */
struct gw_derived_table {
    unsigned table;
    const char *name;
};
const struct gw_derived_table *gw_derived_table(size_t number);

/* What a check of the whole store needs. */
struct gw_check_options {
    struct st_engine *engine;
    struct st_txn *txn; /* borrowed; NULL: the last commit as of now */
    const char
        *scratch; /* a directory for the derived state while it is rebuilt; NULL: not rebuilt */
    const struct gw_policy *policy;
    uint64_t last; /* as in st_check_options; derived state and signatures need 0 */
    bool has_signatures;
    void (*damage)(void *user, const struct st_damage *damage);
    void (*progress)(void *user, uint64_t done, uint64_t size);
    void *user;
};
/* The ledger and what is derived from it. Returns as st_check() does. */
LF_MUST_USE lf_status gw_check(const struct gw_check_options *options, struct st_check_report *out,
                               lf_error *err);
/* At start: a short ledger whole, the end of a longer one. E_CORRUPT names the first damage. */
LF_MUST_USE lf_status gw_check_at_start(struct st_engine *engine, const char *scratch,
                                        const struct gw_policy *policy, lf_error *err);
/* Empties the derived tables and fills them again, in one transaction. `entries` (NULL allowed) counts. */
LF_MUST_USE lf_status gw_rebuild(struct st_engine *engine, const struct gw_policy *policy,
                                 uint64_t *entries, lf_error *err);

#endif
