/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/advice.h - from what stands about a subject to reasons, and from reasons to advice. Advice, never orders. Threads: any.
 */
#ifndef LF__RULES_ADVICE_H
#define LF__RULES_ADVICE_H

#include "rules/standing.h"

/* The numbers of lianfang.v1.Advice; the stronger the greater. */
enum lf__advice {
    LF__ADVICE_NONE,
    LF__ADVICE_ALLOW,
    LF__ADVICE_WARN,
    LF__ADVICE_REVIEW,
    LF__ADVICE_DENY
};
/* What a reason advises by itself. One that no table has is for a person to look at. */
enum lf__advice lf__advice_of(const struct lf__rules *rules, const char *reason);

/* A statement that has begun, as one reader may judge it. */
struct lf__fact {
    enum px_kind kind;
    struct lf__life life;
    unsigned certainty;
    bool is_closing;
    bool is_notice;
    bool is_burst; /* began quarantined, as one of too many at once */
    bool is_own;   /* the reader's own word */
    lf_bytes word; /* of a registry entry its status, of a listing the list */
};
/* A code of the table of advice: `code`, and with a word "_" and the word. */
struct lf__reason {
    const char *code; /* static */
    lf_bytes word;
};
enum { LF__REASON_MAX = 40 };
/* Why the fact matters at an instant; false where it does not. */
bool lf__fact_reason(const struct lf__fact *fact, int64_t at_ms, struct lf__reason *out);
/* A word that has no room is left out: then the table does not have the code, either. */
void lf__reason_code(const struct lf__reason *reason, char out[static LF__REASON_MAX]);

#endif
