/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/federation/witness_keys.h - by which keys a witness knows the logs that it cosigns: those of its policy, and those that
 * announcements lead to from them (LogKey records as Ledger.GetLogKeys hands them out; whoever brings them is not asked who he is).
 * What was learned outlives a restart. Threads: any.
 */
#ifndef GW_WITNESS_KEYS_H
#define GW_WITNESS_KEYS_H

#include "core/witness_policy.h"
#include "storage/engine.h"

enum { GW_LOG_KEYS_BODY_MAX = 1 << 20 /* bytes of an answer of GetLogKeys */ };

struct gw_witness_keys;
/* What is stored and does not hold under this policy is passed over. All is borrowed until close. */
LF_MUST_USE lf_status gw_witness_keys_open(struct st_engine *engine, unsigned table,
                                           const struct lf__witness_policy *policy,
                                           struct gw_witness_keys **out, lf_error *err);
void gw_witness_keys_close(struct gw_witness_keys *keys); /* NULL allowed */

/* The head, and the key of the log that signed it. E_SIGNATURE: SIGNATURE_MISSING when none that is known here has, LOG_KEY_RETIRED
 * when one alone has that was replaced before. */
LF_MUST_USE lf_status gw_witness_keys_head(struct gw_witness_keys *keys, lf_bytes origin,
                                           lf_bytes note, struct lf__merkle_head *head,
                                           struct lf__note_key *signer, lf_error *err);
/* Takes what a GetLogKeys answer proves of the ledger whose origin hashes to `ledger`, and of its access log. E_NOT_FOUND: not known
 * here. E_SIGNATURE, E_FORMAT and the like: it does not hold, or another key was announced before by the same one; the first such
 * contradiction is kept, since only a thief or a lying operator can have signed it. Nothing is changed then. */
LF_MUST_USE lf_status gw_witness_keys_add(struct gw_witness_keys *keys,
                                          const struct lf__hash *ledger, lf_bytes body,
                                          lf_error *err);
/* The answer that was taken last. E_NOT_FOUND: none. */
LF_MUST_USE lf_status gw_witness_keys_read(struct gw_witness_keys *keys,
                                           const struct lf__hash *ledger, struct lf__buf *out,
                                           lf_error *err);

#endif
