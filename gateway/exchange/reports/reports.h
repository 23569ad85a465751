/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/reports/reports.h - figures as tables, each derived from ledger entries within one read transaction.
 * Threads: any.
 */
#ifndef GW_REPORTS_H
#define GW_REPORTS_H

#include "gateway/exchange/exchange.h"
#include "protos/codec/reports.h"

struct gw_access;

struct gw_report_ask {
    const struct gw_reader *reader;
    lf_bytes name;
    lf_bytes from; /* days, both inclusive; none: without limit */
    lf_bytes until;
    bool has_as_of;   /* a day was named: as_of_ms is its end */
    int64_t as_of_ms; /* the instant for which overdue and late are computed */
    lf_bytes about;
    uint32_t
        max; /* of a report in pages: rows, 0 as many as a page has; and what to go on behind */
    lf_bytes after;
    struct gw_access
        *access; /* of the subject's report: who asked, and rivals' pseudonyms; else NULL */
    /* Asked now and then: when nobody waits for it any more it ends with E_CANCELED. NULL: to its end. */
    bool (*goes_on)(void *user);
    void *user;
};

/* Whether there is such a report, and whether it takes what it is asked with: what it would not heed is refused. Days are checked before.
 * E_ARG (REPORT_UNKNOWN, REPORT_OPTION). */
LF_MUST_USE lf_status gw_report_check(const struct gw_report_ask *ask, lf_error *err);
/* A table in `arena`, of what was checked. E_ARG (PERIOD_INVALID, PAGE_INVALID), E_TOO_BIG for more rows than an answer holds. */
LF_MUST_USE lf_status gw_report_make(struct gw_exchange *exchange, struct st_txn *txn,
                                     struct lf__arena *arena, const struct gw_report_ask *ask,
                                     struct px_report *out, lf_error *err);

#endif
