/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/standing.h - what is known of each subject, by its code: registry entries, events, listings
 * and bans, as they stand now and as they stood at every size of the ledger before. Derived from ledger
 * entries alone, inside the transaction that takes them.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_STANDING_H
#define GW_PROJECTION_STANDING_H

#include "rules/standing.h"
#include "storage/ledger.h"

/* One record about a subject. Text is borrowed until the transaction ends. */
struct gw_known {
    uint64_t index;
    enum px_kind kind;
    enum lf__state state;
    unsigned appeal; /* the last step, a number of lianfang.v1.AppealStep; 0: none */
    unsigned certainty;
    bool is_closing;    /* has a measure that makes others act */
    bool is_notice;     /* of a violation that only informs */
    bool is_held;       /* waits for a relay, or never got one: for issuer and regulators only */
    bool is_burst;      /* began QUARANTINED as one of too many; never changes */
    bool has_audience;  /* only some may see it: ask the record itself */
    bool is_restricted; /* stored only: nobody is told */
    bool has_changed;   /* stood otherwise before */
    int64_t said_ms;    /* when the ledger took it */
    int64_t from_ms;    /* named by the record; 0: from the day of `decided_at` */
    int64_t until_ms;   /* exclusive; 0: no end */
    lf_bytes issuer;
    lf_bytes violation;  /* of an event; of a listing its reason */
    lf_bytes decided_at; /* of a listing the day of listing */
    lf_bytes status;     /* of a registry entry; of a listing which list it is on */
    lf_bytes region;     /* of a local list */
    lf_bytes name;       /* as the record has it; of an individual business masked */
};

/* What later entries may change of a row. */
struct lf__life gw_known_life(const struct gw_known *known);
/* The state as it is told at an instant: an open appeal and an end that has come are seen when asked. */
enum lf__state gw_known_told(const struct gw_known *known, int64_t at_ms);

/* Comes first for every entry of the log, whatever its kind. */
lf_status gw_known_begin(struct st_txn *txn, uint64_t index, lf_error *err);
/* An empty `uscc`: what remains of a statement whose contents are gone, to which no code leads. */
lf_status gw_known_put(struct st_txn *txn, lf_bytes uscc, const struct gw_known *known,
                       lf_error *err);
/* The entry at `by` changes the row at `index`; how it stood before stays known. Nothing happens for an
 * index that is no statement, or erased. */
lf_status gw_known_change(struct st_txn *txn, uint64_t index, uint64_t by,
                          const struct lf__life *to, lf_error *err);
/* Of the row nothing is left but what it is. `uscc` (empty: not known any more) no longer leads to it, and
 * how it stood before is forgotten. Nothing happens for an index that is no statement. */
lf_status gw_known_erase(struct st_txn *txn, lf_bytes uscc, uint64_t index, lf_error *err);
lf_status gw_known_restrict(struct st_txn *txn, uint64_t index, bool is_restricted, lf_error *err);
/* E_NOT_FOUND for an index that is no statement. */
lf_status gw_known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err);

/* Which picture: what the ledger held when it had `size` entries (UINT64_MAX: all of it). Of registry entries
 * the newest counts, or if `at_ms` is not 0 the newest that had begun by then, of those that `counts` (NULL: all): who
 * may not see the newest has the one before. */
struct gw_when {
    uint64_t size;
    int64_t at_ms;
    bool (*counts)(void *user, const struct gw_known *known);
};
/* Calls `each` for the registry entry, then for everything else that was said of the code in ledger order,
 * until it returns false. `when` NULL: all of it, as it stands. */
lf_status gw_known_each(struct st_txn *txn, lf_bytes uscc, const struct gw_when *when,
                        bool (*each)(void *user, const struct gw_known *known), void *user,
                        lf_error *err);
/* Calls `each` for every statement of the ledger in its order, as it stands, until it returns false. */
lf_status gw_known_walk(struct st_txn *txn, bool (*each)(void *user, const struct gw_known *known),
                        void *user, lf_error *err);

#endif
