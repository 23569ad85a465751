/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/screen.h - advice about a merchant, with reasons. Advice, never orders. Threads: any. */
#ifndef GW_SCREEN_H
#define GW_SCREEN_H

#include "gateway/exchange/exchange.h"

enum gw_advice {
    GW_ADVICE_NONE,
    GW_ADVICE_ALLOW,
    GW_ADVICE_WARN,
    GW_ADVICE_REVIEW,
    GW_ADVICE_DENY
};
enum { GW_REASONS_MAX = 32 };

struct gw_reason {
    char code[40];
    char violation[48];
    char decided_at[12];
    unsigned certainty;
    enum gw_event_state state;
    int64_t until_ms;
    uint64_t index;
    enum gw_advice advice; /* what this reason alone advises */
};

struct gw_screened {
    char uscc[19];         /* in normal form; "" for a malformed code */
    enum gw_advice advice; /* the strongest of its reasons */
    struct gw_reason reasons[GW_REASONS_MAX];
    size_t count;
    lf_error error; /* of a malformed code; advice is then NONE */
};

/* Reads within `txn`. Only engine errors are returned; a malformed code is in the answer. */
lf_status gw_screen(struct gw_exchange *exchange, struct st_txn *txn,
                    const struct gw_reader *reader, lf_bytes uscc, struct gw_screened *out,
                    lf_error *err);

#endif
