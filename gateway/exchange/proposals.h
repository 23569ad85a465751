/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/proposals.h - the authority's records while they still collect signatures. With the
 * last one needed a record goes the way of every other; until then nothing of it counts.
 *
 * Kept durably beside the ledger, by a thread of its own: a commit may wait for the disk, and calls
 * must not. Threads: any.
 */
#ifndef GW_PROPOSALS_H
#define GW_PROPOSALS_H

#include "gateway/exchange/exchange.h"
#include "protos/codec/members.h"

enum {
    GW_PROPOSALS_MAX = 256,    /* that wait for signatures */
    GW_PROPOSAL_JOBS_MAX = 64, /* requests under way */
    GW_PROPOSAL_DAYS = 30      /* after which one that is not signed is dropped */
};

/* One request. The caller's, unmoved until done; its bytes are borrowed until then. */
struct gw_proposal_job {
    lf_bytes envelope;                    /* to propose; or empty, and then: */
    struct lf__hash id;                   /* what to approve */
    const struct px_signature *signature; /* with this */
    void *user;
    /* Called exactly once, on the proposals' thread. With an error of `rc`, `out` says nothing. */
    void (*done)(struct gw_proposal_job *job, lf_status rc, const struct px_proposal *out,
                 const lf_error *err);
    struct gw_proposal_job *next; /* the exchange's own */
};
/* E_BUSY (QUEUE_FULL) when too many wait; `done` is then not called. */
LF_MUST_USE lf_status gw_propose(struct gw_exchange *exchange, struct gw_proposal_job *job,
                                 lf_error *err);

#endif
