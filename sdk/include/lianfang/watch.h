/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/watch.h - what is new in the ledger, record by record, as it comes.
 *
 * A watch asks for the ledger's positions from a cursor on, and believes nothing: each batch must go on where the one before
 * ended and account for every position, as a record or as a leaf hash; each record must be what its leaf commits to; and all
 * of it must lead to a head that the gateway has signed and that passes the client's suspicion (lianfang/client.h). Only then is
 * anything told, each record once and in order, also across a lost connection or a restarted gateway.
 *
 * A record that waits for a regulator's relay, or is restricted, is not told to others, and the watch passes its position by. The
 * Relay that releases it is told and names it: lf_evidence_export() and Ledger.GetEvidence have it then.
 *
 * Threads: a watch is used by one thread at a time, but for lf_watch_stop(). Callbacks come on that thread, from inside the call,
 * and may call the client. Errors: as in lianfang/client.h.
 */
#ifndef LF_WATCH_H
#define LF_WATCH_H

#include <lianfang/client.h>
#include <lianfang/evidence.h>

LF_BEGIN_DECLS

typedef struct lf_watch lf_watch;

/* Start from LF_WATCH_OPTIONS_INIT; zero means the default. */
typedef struct lf_watch_options {
    size_t size;     /* of this struct */
    uint64_t cursor; /* the first position wanted */
    bool resume;     /* begin at the cursor that this member acknowledged instead */
    const char *const
        *kinds;          /* EnforcementEvent or enforcement-event, ...; the others are passed by */
    size_t kind_count;   /* 0: all kinds */
    uint32_t silence_ms; /* without even a heartbeat, after which we connect again; default 60000 */
} lf_watch_options;
#define LF_WATCH_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(lf_watch_options), 0, false, NULL, 0, 0                                             \
    }

/* One record. Everything is borrowed for the callback. */
typedef struct lf_watched {
    uint64_t index;
    int64_t accepted_at_ms; /* by the gateway's clock */
    const char *issuer;
    char record_id[33];
    const char *kind;
    const char *ref;
    uint32_t version;
    const char *certainty;           /* "" for a kind that has none */
    const lf_evidence_field *fields; /* of the parts that this member may read */
    size_t field_count;
    lf_bytes envelope;    /* with those parts */
    bool is_last;         /* of those that came together: a good moment to acknowledge */
    const char *audience; /* members that it is for, with ';' between; "": all */
} lf_watched;
/* False ends the call that it came from; the record counts as told. */
typedef bool (*lf_watched_cb)(const lf_watched *watched, void *user);

/* Asks nothing yet. *out is owned: lf_watch_close(). E_ARG names the option. The client must outlive it. */
LF_API LF_MUST_USE lf_status lf_watch_open(lf_client *client, const lf_watch_options *options,
                                           lf_watch **out, lf_error *err);
LF_API void lf_watch_close(lf_watch *watch); /* NULL is allowed */

/* Blocks and tells what comes, connecting again with back-off when the gateway goes away, until the callback says no (OK), another
 * thread says lf_watch_stop() (E_CANCELED), or something that no other try can help: E_SIGNATURE (PROOF_BAD, LOG_FORKED), E_DENIED
 * (MEMBER_RETIRED), E_REJECTED (CURSOR_AHEAD). It may be called again, and goes on behind the last record that was told. */
LF_API LF_MUST_USE lf_status lf_watch_run(lf_watch *watch, lf_watched_cb each, void *user,
                                          lf_error *err);
/* One question: tells what there is, at most 1,000 records, and waits up to wait_ms (at most 30,000) when there is nothing. */
LF_API LF_MUST_USE lf_status lf_watch_poll(lf_watch *watch, uint32_t wait_ms, lf_watched_cb each,
                                           void *user, lf_error *err);
/* Any thread, any number of times; not undone. */
LF_API void lf_watch_stop(lf_watch *watch);

/* The next position; with `resume`, 0 until the first answer. */
LF_API uint64_t lf_watch_cursor(const lf_watch *watch);
/* The size of the newest ledger that was proven to hold all that was told: at the cursor, nothing is missing. */
LF_API uint64_t lf_watch_head(const lf_watch *watch);
/* Everything below the cursor is done with: the gateway keeps it for this member, durably. E_REJECTED (CURSOR_BEHIND: never moves
 * back; CURSOR_AHEAD). */
LF_API LF_MUST_USE lf_status lf_watch_acknowledge(lf_client *client, uint64_t cursor,
                                                  lf_error *err);

/* Says in the ledger, signed, that the member has received and applied all below the cursor: so when it was told is proven, to everyone
 * and for ever. Nothing is said (*has_said false) when nothing but such sayings of others came. E_PRECONDITION for a watch of
 * some kinds only, or one that was told nothing yet; E_DENIED (MEMBER_SUSPENDED). */
LF_API LF_MUST_USE lf_status lf_watch_confirm(lf_watch *watch, bool *has_said, lf_error *err);

LF_END_DECLS
#endif
