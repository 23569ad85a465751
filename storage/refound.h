/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage/refound.h - a ledger begun anew with the entries of an old one: another entry 0, and with it another tree. What
 * stands after entry 0 keeps its place, its leaf and its body. Only for an origin that has signed nothing yet.
 * Threads: one; no ledger may be open on the store.
 */
#ifndef ST_REFOUND_H
#define ST_REFOUND_H

#include "storage/ledger.h"

struct st_refound {
    unsigned first_table;
    lf_bytes old_id;       /* of the entry 0 that goes */
    struct st_entry first; /* id, digest, body and leaf of the one that comes */
};
/* Everything or, on failure, nothing. E_NOT_FOUND for a ledger that is empty. */
LF_MUST_USE lf_status st_ledger_refound(struct st_engine *engine, const struct st_refound *refound,
                                        lf_error *err);

#endif
