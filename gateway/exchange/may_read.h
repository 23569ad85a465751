/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/may_read.h - who may see what. Every way out of the gateway asks here: screening,
 * entries, evidence, feeds. What may not be seen looks exactly like what was erased. Threads: any.
 */
#ifndef GW_MAY_READ_H
#define GW_MAY_READ_H

#include "gateway/exchange/exchange.h"
#include "gateway/exchange/stored.h"

/* The classes (bits, LF_BIT of enum px_class) that the reader may see. An accusation that is held
 * (waits for a relay, or never got one) is for its issuer and for regulators. */
unsigned gw_may_read(const struct gw_policy *policy, const struct gw_reader *reader,
                     const struct px_header *header, bool is_held);
/* The same for an entry of the ledger: asks the standing whether it is held. What speaks of another
 * record (Relay, Correction, Redaction) is seen by those who may see that, and in full by its issuer. What
 * is erased or restricted nobody sees; that it is to be so is told to those who saw it. */
LF_MUST_USE lf_status gw_may_read_entry(struct gw_exchange *exchange, struct st_txn *txn,
                                        const struct gw_reader *reader,
                                        const struct gw_stored *stored, uint64_t index,
                                        unsigned *classes, lf_error *err);
/* The same as if nothing were erased or restricted: who had it, and may hold it still. */
LF_MUST_USE lf_status gw_may_have_read(struct gw_exchange *exchange, struct st_txn *txn,
                                       const struct gw_reader *reader,
                                       const struct gw_stored *stored, uint64_t index,
                                       unsigned *classes, lf_error *err);
/* The same for a row of the standing: whether the reader may have what it says. */
bool gw_may_read_known(struct gw_exchange *exchange, struct st_txn *txn,
                       const struct gw_reader *reader, const struct gw_known *known);
/* Of an event that the reader may see: whether it was quarantined as one of too many. For its issuer and regulators;
 * to others it never was. */
LF_MUST_USE lf_status gw_may_read_burst(struct st_txn *txn, const struct gw_reader *reader,
                                        uint64_t index, bool *out, lf_error *err);
/* The envelope as the reader may have it, appended to `out`: without the parts that are not for him,
 * and nothing at all when none is. `body` is as stored; the classes that he got are added to *told. */
LF_MUST_USE lf_status gw_entry_view(struct gw_exchange *exchange, struct st_txn *txn,
                                    const struct gw_reader *reader, lf_bytes body, uint64_t index,
                                    struct lf__buf *out, unsigned *told, lf_error *err);

#endif
