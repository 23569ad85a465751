/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/federation/witness.h - this gateway as a witness: it cosigns heads of other logs, each only if it extends the
 * one cosigned before (https://c2sp.org/tlog-witness).
 *
 * Threads: any; comparing and persisting is one write transaction, and nothing is answered before it is durable.
 */
#ifndef GW_WITNESS_H
#define GW_WITNESS_H

#include "core/add_checkpoint.h"
#include "core/witness_policy.h"
#include "gateway/federation/witness_keys.h"
#include "storage/engine.h"

struct gw_witness;

struct gw_witness_options {
    struct st_engine *engine; /* borrowed until close */
    unsigned table;
    const char *name;              /* of the cosigner; NAME/witness for a gateway */
    const struct lf__secret *seed; /* of a key that does nothing else; borrowed until close */
    const struct lf__witness_policy *logs; /* whose heads are cosigned; borrowed until close */
    int64_t (*now_ms)(void);               /* NULL: the machine's clock */
};
LF_MUST_USE lf_status gw_witness_open(const struct gw_witness_options *options,
                                      struct gw_witness **out, lf_error *err);
void gw_witness_close(struct gw_witness *witness); /* NULL allowed */

/* HTTP status and body of an answer to add-checkpoint. */
struct gw_witness_answer {
    unsigned status; /* 200, 400, 403, 404, 409, 422, or 500 when the store fails */
    bool is_size;    /* the body is the stored size: Content-Type text/x.tlog.size */
    struct lf__buf body;
};
/* `out->body` is owned: lf__buf_done(). */
void gw_witness_add(struct gw_witness *witness, lf_bytes body, struct gw_witness_answer *out);

/* The last cosigned checkpoint of the log whose origin hashes to `hash`, with the log's signature and ours.
 * E_NOT_FOUND when never cosigned. */
LF_MUST_USE lf_status gw_witness_checkpoint(struct gw_witness *witness, const struct lf__hash *hash,
                                            struct lf__buf *out, lf_error *err);
/* By which keys it knows the logs; borrowed until close. */
struct gw_witness_keys *gw_witness_log_keys(struct gw_witness *witness);
/* The cosigner's key, borrowed until close. */
const struct lf__note_key *gw_witness_key(const struct gw_witness *witness);

#endif
