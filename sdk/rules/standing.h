/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/standing.h - what a record says of a subject, and what later records do to that. A gateway and a mirror keep it each in
 * their own way, and both follow these rules, so that the same entries in the same order make the same standing.
 * Threads: any. Texts are borrowed as what they were read from.
 */
#ifndef LF__RULES_STANDING_H
#define LF__RULES_STANDING_H

#include "rules/rules.h"

/* The numbers of lianfang.v1.EventState. */
enum lf__state {
    LF__STATE_NONE,
    LF__STATE_ACTIVE,
    LF__STATE_PENDING_RELAY,
    LF__STATE_UNDER_APPEAL, /* never stored: told of an ACTIVE one while its appeal is open */
    LF__STATE_CORRECTED,
    LF__STATE_WITHDRAWN,
    LF__STATE_EXPIRED, /* never stored: told of one whose end has come */
    LF__STATE_REFUSED, /* by a regulator's relay: never told to others */
    LF__STATE_LIFTED,  /* held until `until_ms`, and rightly so */
    LF__STATE_QUARANTINED,
    LF__STATE_ERASED = 200 /* not of the contract: told to nobody */
};

/* What later entries may change of a statement. */
struct lf__life {
    enum lf__state state;
    unsigned appeal;  /* the last step, a number of lianfang.v1.AppealStep; 0: none */
    bool is_held;     /* waits for a relay, or never got one: for issuer and regulators only */
    int64_t until_ms; /* exclusive; 0: no end */
};
/* For a regulator's relay; what one refused only where the policy lets another release it. */
bool lf__life_waits(const struct lf__rules *rules, const struct lf__life *life);
/* An appeal that no step has decided. */
bool lf__life_is_appealed(const struct lf__life *life);
/* The state as it is told at an instant: an open appeal and an end that has come are seen when asked. */
enum lf__state lf__life_told(const struct lf__life *life, int64_t at_ms);

/* ---- statements: events, registry entries, listings, bans, identities ---- */

struct lf__statement {
    enum px_kind kind;
    unsigned certainty;
    bool is_closing; /* has a measure that makes others act */
    bool is_notice;  /* of a violation that only informs */
    bool is_lift;    /* an event that ends a measure instead of telling of one */
    int64_t said_ms; /* when the ledger took it */
    int64_t from_ms; /* named by the record; 0: from the day of `decided_at` */
    int64_t until_ms;
    lf_bytes uscc;
    lf_bytes violation;  /* of an event; of a listing its reason */
    lf_bytes decided_at; /* of a listing the day of listing */
    lf_bytes status;     /* of a registry entry; of a listing which list it is on */
    lf_bytes region;     /* of a local list */
    lf_bytes name;       /* of an individual business masked */
};
bool lf__is_statement(enum px_kind kind);
bool lf__event_lifts(const struct px_event *event);
/* The first instant of a day in Shanghai, or `otherwise` where none is named. */
int64_t lf__day_ms(lf_bytes date, int64_t otherwise);

/* A statement as the ledger took it. */
struct lf__said {
    const struct px_envelope *envelope;
    const struct px_event *event; /* of an event that is decoded already; or NULL */
    int64_t at_ms;
};
lf_status lf__statement_read(const struct lf__rules *rules, struct lf__arena *arena,
                             const struct lf__said *said, struct lf__statement *out, lf_error *err);
/* Whether an accusation waits for a regulator before others learn of it. `below`: the certainty whose relay the policy demands. */
bool lf__accusation_waits(const struct lf__rules *rules, enum px_role issuer, unsigned certainty,
                          unsigned below);

/* ---- words about a statement ---- */

/* What an entry does to another. Of a statement, which then is a new version: whether it lifts (1) or replaces the one before (0). */
struct lf__word {
    enum px_kind kind;
    unsigned decision; /* as the kind has it: decision, ground, step, answer */
    int64_t until_ms;  /* of a lifting or removal: when */
    uint64_t
        first; /* of a relay of a run: all that its target's issuer had quarantined there at once */
    uint64_t last; /* 0: of its target alone */
};
enum { LF__RUN_MAX = 10000 }; /* positions of a run */
/* Of a run only what is for the same members as the relay. */
bool lf__audiences_agree(const struct px_header *a, const struct px_header *b);
/* Of a record that speaks of another; one that is not understood decides nothing. */
lf_status lf__word_read(struct lf__arena *arena, const struct px_envelope *envelope,
                        struct lf__word *out, lf_error *err);
void lf__life_change(const struct lf__rules *rules, const struct lf__word *word,
                     struct lf__life *life);

#endif
