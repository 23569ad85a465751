/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/evidence.h - everything that proves a record offline, years later: the record, its
 * place in the log, and that its keys were its issuer's at that place. Threads: any.
 */
#ifndef GW_EVIDENCE_H
#define GW_EVIDENCE_H

#include "gateway/exchange/exchange.h"
#include "protos/codec/members.h"

/* E_NOT_FOUND (TARGET_UNKNOWN) for what is not there and for what the reader may not see, alike.
 * `out` borrows from the arena; its origin is the caller's to set. */
LF_MUST_USE lf_status gw_evidence(struct gw_exchange *exchange, struct lf__arena *arena,
                                  const struct gw_reader *reader, lf_bytes issuer,
                                  lf_bytes record_id, struct px_evidence *out, lf_error *err);

#endif
