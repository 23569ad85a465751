/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/exchange_internal.h - shared by exchange.c (requests), admit.c and apply.c (sequencer). */
#ifndef GW_EXCHANGE_INTERNAL_H
#define GW_EXCHANGE_INTERNAL_H

#include "gateway/exchange/exchange.h"
#include "gateway/exchange/projections/bursts.h"
#include "gateway/exchange/stored.h"

#include <stdatomic.h>

enum {
    EXCHANGE_ARENA_MAX = 4 * PX_PARTS_BYTES_MAX,
    /* Platforms' accusations wait for a regulator unless the policy says otherwise. */
    EXCHANGE_RELAY_BELOW_DEFAULT = 5 /* ADMIN_DECISION */
};

struct gw_exchange {
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct gw_roster *roster;
    const struct gw_policy *policy;
    const struct lf__rules *rules;               /* of the policy */
    unsigned number;                             /* of its logs, in their origins */
    void (*settled)(void *user, bool is_roster); /* NULL: nobody listens */
    void *settled_user;
    bool is_roster_settled; /* the sequencer's own: a record that changed it was answered */
    struct gw_past *past;   /* evidence: the roster as it was */
    struct st_txn
        *entries; /* replayed apart: where entries are read; NULL: where they are applied */
    struct lf__arena applying;      /* the sequencer's, or the replay's: of one entry */
    struct gw_proposals *proposals; /* what waits for more of the authority's signatures */
    struct gw_burst_limit burst;    /* of the Policy in force; the sequencer's */
    atomic_uint
        relay_below; /* a Certainty: platforms' events below it wait for a relay; of the Policy in force */
};

lf_status gw__admit(void *exchange, struct st_txn *txn, struct st_entry *entry,
                    const struct st_position *at, struct lf__buf *leaf, lf_error *err);
/* On the sequencer, after the answers of one commit. */
void gw__answered(void *exchange);
lf_status gw__apply(void *exchange, struct st_txn *txn, const struct st_entry *entry,
                    const struct st_position *at, lf_error *err);
/* Rebuilds roster and policy from the entries in force. E_NOT_FOUND for an empty ledger, E_PRECONDITION
 * for another gateway's. */
lf_status gw__reload(struct gw_exchange *exchange, const char *name, lf_error *err);
lf_status gw__past_new(struct gw_past **out, lf_error *err);
void gw__past_free(struct gw_past *past); /* NULL allowed */
lf_status gw__proposals_new(struct gw_exchange *exchange, struct gw_proposals **out, lf_error *err);
/* Finishes what waits and joins the thread. NULL allowed. */
void gw__proposals_free(struct gw_proposals *proposals);
/* Adds the Member record at `index` to a roster that is sealed later. */
lf_status gw__roster_stage(struct gw_exchange *exchange, struct st_txn *txn,
                           struct gw_roster *roster, uint64_t index, lf_error *err);
/* Where this exchange's entries stand, seen from the transaction that applies them. */
static inline struct st_txn *gw__entries(const struct gw_exchange *exchange, struct st_txn *txn)
{
    return exchange->entries != NULL ? exchange->entries : txn;
}
/* issuer || 00 || record id: at most 41 + 16 bytes. */
lf_bytes gw__identity(lf_bytes issuer, lf_bytes record_id, uint8_t out[static 64]);
/* What is stored of the entry at an index, decoded into the arena. */
lf_status gw__stored_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          uint64_t index, struct gw_stored *out, lf_error *err);
/* Its envelope; of what was erased only what is left of it. */
lf_status gw__entry_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         uint64_t index, struct px_envelope *out, lf_error *err);
/* Relay, Correction and Redaction name a record: this reads it. E_NOT_FOUND when it is not there. */
/* Where the record of that issuer and id stands. E_NOT_FOUND. */
lf_status gw__record_find(struct gw_exchange *exchange, struct st_txn *txn, lf_bytes issuer,
                          lf_bytes record_id, uint64_t *index, lf_error *err);
/* Whether what it speaks of is there, and it may speak of that. */
lf_status gw__admit_target(struct gw_exchange *exchange, struct st_txn *txn,
                           struct lf__arena *arena, const struct gw_submission *s, lf_error *err);
bool gw__speaks_of_another(enum px_kind kind);
lf_status gw__target_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          const struct gw_stored *speaker, struct gw_stored *about, uint64_t *index,
                          lf_error *err);
/* Carries out the Redaction that stands at `at`: body, standing, restriction. */
lf_status gw__redact(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                     const struct px_envelope *order, uint64_t at, lf_error *err);
lf_status gw__is_restricted(struct st_txn *txn, uint64_t index, bool *out, lf_error *err);
/* st_hooks.again: an erased record is answered ERASED, whatever the bytes. */
lf_status gw__again(void *exchange, struct st_txn *txn, uint64_t index, lf_error *err);
/* E_PRECONDITION (ERASED) for a record about which the log before this one had an order. */
lf_status gw__forbidden_check(struct st_txn *txn, const struct lf__hash *identity, lf_error *err);
/* A Member record against roster and key history. */
lf_status gw__member_check(struct gw_exchange *exchange, struct st_txn *txn,
                           struct lf__arena *arena, const struct px_envelope *envelope,
                           lf_error *err);

/* What an entry does beyond standing there: kept of it when its words are erased (gw_stored.has_effect). */
/* of a statement: bits */
enum { GW_EFFECT_LIFTS = 1, GW_EFFECT_NOT_UNDERSTOOD = 2, GW_EFFECT_AUTOMATIC = 4 };
struct gw_effect {
    unsigned
        decision; /* of a statement the bits above; of a word its decision, reason, ground or step */
    int64_t
        until_ms; /* of a lifting or removal: when; of a relay of a run its last position; else 0 */
};
/* `index` is where it stands: what campaigns said then counts. */
lf_status gw__effect_of(struct st_txn *txn, uint64_t index, struct lf__arena *arena,
                        const struct px_envelope *envelope, struct gw_effect *out, lf_error *err);
lf_status gw__apply_statement(struct gw_exchange *exchange, struct st_txn *txn,
                              struct gw_submission *s, const struct st_position *at, lf_error *err);
lf_status gw__apply_word(struct gw_exchange *exchange, struct st_txn *txn, struct gw_submission *s,
                         const struct st_position *at, lf_error *err);
/* Of a MerchantIdentity. */
lf_status gw__apply_identity(struct gw_exchange *exchange, struct st_txn *txn,
                             const struct gw_submission *s, uint64_t index, lf_error *err);
/* What stands at `index` is taken back, or loses words: if it is an identity it leads nowhere any more. */
lf_status gw__links_forget(struct st_txn *txn, struct lf__arena *arena,
                           const struct gw_stored *stored, uint64_t index, lf_error *err);
/* Every event of the target's issuer and audience that was quarantined as one of too many, at most so many positions. */
struct gw_run {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    const struct px_header *target;
    lf_status (*each)(void *user, const struct gw_known *known, lf_error *err);
    void *user;
};
lf_status gw__run_each(const struct gw_run *run, uint64_t first, uint64_t last, lf_error *err);
/* E_REJECTED (RUN_INVALID) for a relay of a run that does not begin with its target, at `index`, or is not for the same members. */
lf_status gw__run_admit(const struct px_target *relay, const struct px_header *header,
                        const struct px_header *target, uint64_t index, lf_error *err);
/* Whether this step of an appeal may follow what stands. E_PRECONDITION (APPEAL_STEP). */
lf_status gw__appeal_admit(struct st_txn *txn, uint64_t target, unsigned step, lf_error *err);

#endif
