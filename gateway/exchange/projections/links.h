/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/links.h - which MerchantIdentity records hold a token, and which are about a code: hashes and log
 * positions, no token and no code. Whoever reads them asks of each record whether its reader may see it.
 * Derived from ledger entries alone, inside the transaction that takes them.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_LINKS_H
#define GW_PROJECTION_LINKS_H

#include "protos/codec/words.h"
#include "storage/ledger.h"

/* What leads to an identity. */
enum gw_link { GW_LINK_SUBJECT, GW_LINK_LEGAL_REP, GW_LINK_ACCOUNT, GW_LINK_PHONE, GW_LINKS };

/* Where one identity stands in the index; empty without a token, which then leads nowhere. */
struct gw_link_keys {
    struct lf__hash keys[GW_LINKS];
    bool has[GW_LINKS];
};
struct gw_link_keys gw_link_keys_of(const struct px_identity *identity);
/* The token of a kind; empty when there is none. Of SUBJECT the code. */
lf_bytes gw_link_value(const struct px_identity *identity, enum gw_link what);

/* Comes first for every entry of the log, whatever its kind. */
lf_status gw_links_begin(struct st_txn *txn, uint64_t index, lf_error *err);
lf_status gw_links_put(struct st_txn *txn, const struct gw_link_keys *keys, uint64_t index,
                       lf_error *err);
/* As if it had never been put. Of no effect for what does not stand there. */
lf_status gw_links_remove(struct st_txn *txn, const struct gw_link_keys *keys, uint64_t index,
                          lf_error *err);
/* Calls `each` with the positions of identities in ledger order until it returns false. */
lf_status gw_links_each(struct st_txn *txn, enum gw_link what, lf_bytes value,
                        bool (*each)(void *user, uint64_t index), void *user, lf_error *err);

#endif
