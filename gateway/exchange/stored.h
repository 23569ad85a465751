/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/stored.h - the body that the ledger keeps of an entry: the envelope as it was sent, or
 * what orders to erase have left of it. Threads: any.
 *
 * What was erased from: 00, u8 1, u8 erased, u8 n, n times u64be index of the Redaction, u8 0 or u8 1 and
 * u64be target and u8 decision or u8 2 and the same and u64be until, then the envelope without those parts, or of a whole record the
 * remains; and at last SHA-256 of all before. No envelope begins with 00.
 */
#ifndef GW_STORED_H
#define GW_STORED_H

#include "protos/codec/kinds.h"

enum {
    GW_ORDERS_MAX = 8, /* each takes away something that was there: four parts and the record */
    GW_ERASED_ALL = 1  /* LF_BIT(PX_CLASS_NONE) */
};

struct gw_stored {
    /* Of a record that is gone: without record, parts and signatures, and of the header only what other
     * entries' effects rest on. */
    struct px_envelope envelope;
    unsigned erased; /* LF_BIT of each class; GW_ERASED_ALL: the record itself */
    uint64_t orders[GW_ORDERS_MAX];
    size_t order_count;
    bool has_effect; /* its words are gone, and what it did stays done: see struct gw_effect */
    uint64_t target; /* of what speaks of another record: that one's index */
    unsigned decision;
    int64_t until_ms;
    lf_bytes block; /* of a record that is gone: the signature block under its leaf */
};

/* Strict as px_envelope_decode(); E_CORRUPT for remains that are damaged. Borrows from both. */
LF_MUST_USE lf_status gw_stored_decode(struct lf__arena *arena, lf_bytes body,
                                       struct gw_stored *out, lf_error *err);
bool gw_stored_encode(const struct gw_stored *stored, struct lf__buf *out);
bool gw_stored_is_touched(lf_bytes body); /* something was erased from it */
bool gw_stored_is_gone(const struct gw_stored *stored);
/* The words that screening goes by, and a target's name, are gone. */
bool gw_stored_is_forgotten(const struct gw_stored *stored);
bool gw_stored_has_order(const struct gw_stored *stored, uint64_t index);
/* What a redaction takes away, as bits of `erased`. */
unsigned gw_erasure_of(const struct px_redaction *redaction);
/* Takes away, in the name of the Redaction at `index`, what is still there. */
LF_MUST_USE lf_status gw_stored_erase(struct gw_stored *stored, struct lf__arena *arena,
                                      unsigned what, uint64_t index, lf_error *err);

#endif
