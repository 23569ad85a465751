/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/succession.h - a ledger that succeeds another: after a restore from a backup that lacks what others have
 * seen, its genesis names the last heads of the old logs, and the new ones have a number in their origins. Threads: any.
 */
#ifndef GW_SUCCESSION_H
#define GW_SUCCESSION_H

#include "protos/codec/kinds.h"
#include "storage/engine.h"

/* The genesis of a store, decoded into the arena. E_NOT_FOUND: it holds no ledger yet. */
LF_MUST_USE lf_status gw_genesis_read(struct st_engine *engine, struct lf__arena *arena,
                                      struct px_genesis *out, lf_error *err);

struct gw_exchange;
/* Puts the genesis of new logs in the place of the old one; all other entries stay. It must be of the same gateway and authority,
 * signed by as many as those need, and name logs that came right before. No exchange may be open on the store. */
LF_MUST_USE lf_status gw_succeed(struct st_engine *engine, lf_bytes envelope, lf_error *err);
/* Carries out an order to erase or restrict that an old log had: as an entry of the new one, or, when what it speaks of is not
 * here, by refusing that record from now on (ERASED). */
LF_MUST_USE lf_status gw_exchange_order(struct gw_exchange *exchange, lf_bytes envelope,
                                        lf_error *err);

#endif
