/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projections/codes.h - the codes of which platforms and authorities said something, in byte order. Registry entries are not among
 * them: there are hundreds for each code here, and standing.h finds those of one.
 * Threads: writes on the sequencer; reads in any read transaction.
 */
#ifndef GW_PROJECTION_CODES_H
#define GW_PROJECTION_CODES_H

#include "protos/codec/kinds.h"
#include "storage/index.h"

enum { GW_CODE = 18 }; /* bytes of a code in normal form */

/* Whether statements of that kind are here. */
bool gw_codes_has_kind(enum px_kind kind);
/* As those of st_index: comes first for every entry of the log; puts and takes out one statement about a code. */
lf_status gw_codes_begin(struct st_txn *txn, uint64_t index, lf_error *err);
lf_status gw_codes_put(struct st_txn *txn, lf_bytes uscc, struct st_place place, lf_error *err);
lf_status gw_codes_remove(struct st_txn *txn, lf_bytes uscc, struct st_place place, lf_error *err);

/* A walk over the codes in byte order, each once. In a read transaction. *out is owned. */
struct gw_codes;
lf_status gw_codes_open(struct st_txn *txn, struct gw_codes **out, lf_error *err);
/* E_NOT_FOUND at the end. */
lf_status gw_codes_next(struct gw_codes *codes, char out[static GW_CODE + 1], lf_error *err);
void gw_codes_close(struct gw_codes *codes); /* before the transaction ends; NULL allowed */

#endif
