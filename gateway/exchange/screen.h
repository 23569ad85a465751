/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/screen.h - advice about a merchant, with reasons. Advice, never orders. Threads: any. */
#ifndef GW_SCREEN_H
#define GW_SCREEN_H

#include "gateway/exchange/exchange.h"
#include "rules/advice.h"

enum { GW_REASONS_MAX = 32 };

/* The picture that is asked for: known when the ledger had `size` entries, in force at an instant. */
struct gw_picture {
    uint64_t size;
    int64_t at_ms;
    bool
        is_dated; /* a day was asked for: what had not begun by then is left out, by the records' own dates */
};
/* All that is known, now. */
struct gw_picture gw_picture_now(void);
/* How many entries the ledger held at an instant: those accepted at or before it. */
LF_MUST_USE lf_status gw_size_at(struct gw_exchange *exchange, struct st_txn *txn, int64_t at_ms,
                                 uint64_t *out, lf_error *err);

struct gw_asked {
    lf_bytes uscc;
    lf_bytes name; /* by which the asker knows the merchant; may be empty */
    const struct gw_picture *picture;
};

struct gw_reason {
    char code[LF__REASON_MAX]; /* of the table of advice */
    char violation[48];
    char decided_at[12];
    char list[24];
    char region[8];
    char issuer[41]; /* never told as it is: see gw_tells_issuer() */
    enum px_kind kind;
    unsigned level; /* of the issuer, if it is a state organ */
    unsigned certainty;
    enum lf__state state;
    int64_t until_ms;
    uint64_t index;
    enum lf__advice advice; /* what this reason alone advises */
};

struct gw_screened {
    char uscc[19];                            /* in normal form; "" for a malformed code */
    enum lf__advice advice;                   /* the strongest of its reasons */
    struct gw_reason reasons[GW_REASONS_MAX]; /* strongest first; equal ones in ledger order */
    size_t count;
    bool is_stale;  /* its registry entry is older than the policy allows */
    lf_error error; /* of a malformed code; advice is then NONE */
};

/* Reads within `txn`. Only engine errors are returned; a malformed code is in the answer. */
lf_status gw_screen(struct gw_exchange *exchange, struct st_txn *txn,
                    const struct gw_reader *reader, const struct gw_asked *asked,
                    struct gw_screened *out, lf_error *err);
/* Whether the reader learns who is behind a reason: regulators do, everyone of state organs' records, and the
 * issuer of its own. */
bool gw_tells_issuer(const struct gw_reader *reader, const struct gw_reason *reason);

#endif
