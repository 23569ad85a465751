/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/exchange.h - the way of a record: decoded, verified and validated on the caller's
 * thread, then sequenced, projected and answered by the ledger's.
 *
 * Threads: all but open and close from any thread.
 */
#ifndef GW_EXCHANGE_H
#define GW_EXCHANGE_H

#include "gateway/exchange/projections/standing.h"
#include "gateway/exchange/roster/roster.h"
#include "gateway/exchange/validate/verify.h"
#include "gateway/policy/policy.h"

struct gw_exchange;
struct gw_stored;

struct gw_exchange_options {
    const char *path;              /* data directory of the engine */
    const char *name;              /* the gateway's; origin is NAME/ledger, NAME/ledger/2, ... */
    uint64_t map_bytes;            /* 0: the engine's default */
    const struct lf__secret *seed; /* of the ledger's key; borrowed until close */
    const struct lf__secret *old_seed; /* of the one before, which signs too; NULL: there is none */
    const struct gw_policy *policy;    /* borrowed until close */
    size_t queue_max;                  /* records that may wait; 0: the ledger's default */
    struct st_ledger_care care;        /* of a full or failing disk */
};

/* E_PRECONDITION when the ledger is empty and `genesis` is NULL, or when it is another gateway's. A given genesis envelope becomes
 * entry 0 of an empty ledger, and is refused by any other. */
LF_MUST_USE lf_status gw_exchange_open(const struct gw_exchange_options *options,
                                       const lf_bytes *genesis, struct gw_exchange **out,
                                       lf_error *err);
/* Takes nothing more (E_CLOSED, DRAINING), finishes what waits, and joins the sequencer. Reads go on. */
void gw_exchange_drain(struct gw_exchange *exchange);
void gw_exchange_close(struct gw_exchange *exchange); /* drains; NULL allowed */

/* One record on its way; the caller's, unmoved until the group's `done`. */
struct gw_submission {
    lf_bytes envelope; /* in: as sent, borrowed until done */
    /* out */
    lf_status status; /* OK: taken, or a duplicate of what was taken before */
    bool is_duplicate;
    bool is_pending_relay;
    uint64_t index;
    uint8_t leaf[LF_LEDGER_LEAF_BYTES];
    struct lf__hash *path; /* in the group's arena */
    size_t path_count;
    lf_error error;
    /* the exchange's own; a batch may have filled `decoded`, or `error` for what it could not read */
    bool is_unreadable;
    struct gw_group *group;
    struct st_entry entry;
    struct px_envelope decoded;
    const struct gw_stored *remains; /* replayed, and erased from; NULL: all of it is there */
    const struct px_event *event; /* decoded by the checks, in the group's arena; NULL: not yet */
    struct gw_standing issuer;
    uint64_t generation;
    uint8_t id[64];
};

/* Records that stand together: one request. */
struct gw_group {
    struct lf__arena *arena; /* of the call; used by one thread at a time */
    struct gw_submission *list;
    size_t count;
    /* Who hands them in: only its own records, the authority's, and those that the policy lets it bring
     * for others. NULL: the gateway itself. Borrowed until done. */
    const struct gw_standing *caller;
    const struct gw_batch_proof *batch; /* one signature over all of them, in order; or NULL */
    const lf_error *batch_error; /* that signature is bad: each record is refused with this */
    void *user;
    /* Called exactly once, when every record has its answer; maybe before gw_exchange_submit returns. */
    void (*done)(struct gw_group *group);
    /* out: a signed head that covers every index above */
    uint8_t checkpoint[ST_CHECKPOINT_MAX];
    size_t checkpoint_len;
    /* the exchange's own */
    struct gw_exchange *exchange;
    size_t waiting;
};
void gw_exchange_submit(struct gw_exchange *exchange, struct gw_group *group);
/* Queues once more what the full queue refused (E_BUSY), without checking it again; `done` as above. */
void gw_exchange_retry(struct gw_exchange *exchange, struct gw_group *group);
/* Once, before the first submit: `settled` hears on the sequencer that records have left the queue, once for all that
 * were taken together and after their answers. `is_roster` when the roster has changed with them. */
void gw_exchange_on_settled(struct gw_exchange *exchange,
                            void (*settled)(void *user, bool is_roster), void *user);

/* One record, waited for: for the gateway's own words and the authority's. *index (NULL allowed) is
 * where it stands, also for a duplicate. Blocks; not for the threads that serve calls. */
LF_MUST_USE lf_status gw_exchange_say(struct gw_exchange *exchange, lf_bytes envelope,
                                      uint64_t *index, lf_error *err);

struct gw_roster *gw_exchange_roster(struct gw_exchange *exchange);
const struct gw_policy *gw_exchange_policy(struct gw_exchange *exchange);
const struct lf__rules *gw_exchange_rules(struct gw_exchange *exchange);
struct st_ledger *gw_exchange_ledger(struct gw_exchange *exchange);
struct st_engine *gw_exchange_engine(struct gw_exchange *exchange);
/* The number in the origins of its logs: 1, or more after a succession. */
unsigned gw_exchange_number(const struct gw_exchange *exchange);

#endif
