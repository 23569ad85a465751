/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/access/access_internal.h - shared by access.c (entries) and meter.c (counts). */
#ifndef GW_ACCESS_INTERNAL_H
#define GW_ACCESS_INTERNAL_H

#include "gateway/access/access.h"

struct gw_access {
    struct st_engine *engine;
    struct st_ledger *ledger;
    const struct lf__secret *token_key;
    unsigned meter_table;
};

/* Adds to the counts of the note's member, inside the transaction that takes its entry. */
lf_status gw__meter_add(const struct gw_access *access, struct st_txn *txn,
                        const struct gw_access_note *note, int64_t at_ms, lf_error *err);

#endif
