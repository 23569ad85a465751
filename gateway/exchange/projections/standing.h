/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/standing.h - what is known of each subject, by its code: registry entry and events.
 * Derived from ledger entries alone, inside the transaction that takes them.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_STANDING_H
#define GW_PROJECTION_STANDING_H

#include "protos/codec/kinds.h"
#include "storage/ledger.h"

/* The numbers of lianfang.v1.EventState. */
enum gw_event_state {
    GW_EVENT_NONE,
    GW_EVENT_ACTIVE,
    GW_EVENT_PENDING_RELAY,
    GW_EVENT_UNDER_APPEAL,
    GW_EVENT_CORRECTED,
    GW_EVENT_WITHDRAWN,
    GW_EVENT_EXPIRED,
    GW_EVENT_REFUSED,     /* by a regulator's relay: never told to others */
    GW_EVENT_ERASED = 200 /* not of the contract: told to nobody */
};

/* One record about a subject. Text is borrowed until the transaction ends. */
struct gw_known {
    uint64_t index;
    enum px_kind kind;
    enum gw_event_state state;
    unsigned certainty;
    bool is_closing;    /* has a measure that makes others act */
    bool is_held;       /* waits for a relay, or never got one: for issuer and regulators only */
    bool has_audience;  /* only some may see it: ask the record itself */
    bool is_restricted; /* stored only: nobody is told */
    int64_t until_ms;   /* 0: no end */
    lf_bytes issuer;
    lf_bytes violation;
    lf_bytes decided_at;
    lf_bytes status; /* of a registry entry */
};

/* Comes first for every entry of the log, whatever its kind. */
lf_status gw_known_begin(struct st_txn *txn, uint64_t index, lf_error *err);
lf_status gw_known_put_event(struct st_txn *txn, const struct px_event *event,
                             const struct gw_known *known, lf_error *err);
/* Of a code only the newest entry is in force. */
lf_status gw_known_put_registry(struct st_txn *txn, const struct px_registry *entry,
                                const struct gw_known *known, lf_error *err);
/* Nothing happens for an index that is no event, or erased. ACTIVE also ends the wait for a relay. */
lf_status gw_known_set_state(struct st_txn *txn, uint64_t index, enum gw_event_state state,
                             lf_error *err);
/* The same for an index that is no registry entry. */
lf_status gw_known_set_registry(struct st_txn *txn, uint64_t index, enum gw_event_state state,
                                lf_error *err);
/* What remains of a statement whose contents are gone: of no code, and without a text. */
lf_status gw_known_put_remains(struct st_txn *txn, enum px_kind kind, const struct gw_known *known,
                               lf_error *err);
/* The same made of a row that stands; `uscc` (empty: not known any more) no longer leads to it. Nothing
 * happens for an index that is no statement. */
lf_status gw_known_erase(struct st_txn *txn, lf_bytes uscc, uint64_t index, lf_error *err);
lf_status gw_known_restrict(struct st_txn *txn, uint64_t index, bool is_restricted, lf_error *err);
/* E_NOT_FOUND for an index that is no event. */
lf_status gw_known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err);

/* Calls `each` for the registry entry in force, then for the events of the code in ledger order, until
 * it returns false. */
lf_status gw_known_each(struct st_txn *txn, lf_bytes uscc,
                        bool (*each)(void *user, const struct gw_known *known), void *user,
                        lf_error *err);

#endif
