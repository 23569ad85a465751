/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/reports.h - figures that follow from the ledger, as tables. Regulators get all, auditors the ranking, and everybody
 * the statistics that point at nobody. Threads: any; a call blocks its own.
 */
#ifndef LF_REPORTS_H
#define LF_REPORTS_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

/* Which report, and of what. Start from LF_REPORT_QUERY_INIT. */
typedef struct lf_report_query {
    size_t size;
    /* open-loops, coverage, lags, late, participation, overrides, attestations, corrections, ranking, links, quarantine, relay-queue,
     * publicity, statistics; required */
    const char *name;
    const char *from; /* days in Shanghai, both inclusive; NULL: without limit */
    const char *until;
    /* The day for whose end overdue, missing and late are computed, by what the ledger holds now; of open-loops and lags not one that is
     * over. NULL: now */
    const char *as_of;
    /* a member; of attestations the period, 2026-Q1; of publicity LATE; of ranking and links a code */
    const char *about;
    const char *purpose;
    const char *case_number;
    int64_t timeout_ms; /* 0: 60000 */
    /* Of a report in pages, ranking and links: at most so many rows (0: 100; at most 1000), behind the one of this subject, of
     * links of this pair CODE:CODE (NULL: from the first). */
    uint32_t max;
    const char *after;
} lf_report_query;
#define LF_REPORT_QUERY_INIT                                                                       \
    {                                                                                              \
        sizeof(lf_report_query), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL              \
    }

/* A table; borrowed for the callback. */
typedef struct lf_report {
    const char *name;
    const char *const *heads;
    size_t columns;
    const char *const *cells; /* rows * columns, row by row */
    size_t rows;
    uint64_t checkpoint_size; /* of the ledger that it follows from */
} lf_report;
typedef void (*lf_report_cb)(const lf_report *report, void *user);
/* Calls `each` once. E_REJECTED (REPORT_UNKNOWN, REPORT_OPTION: what this report would not heed,
 * DATE_INVALID, PERIOD_INVALID, PAGE_INVALID), E_DENIED (KIND_NOT_ALLOWED), E_BUSY
 * (QUEUE_FULL: a member has a few under way or waiting at most, and this call waited in vain for its turn). */
LF_API LF_MUST_USE lf_status lf_report_get(lf_client *client, const lf_report_query *query,
                                           lf_report_cb each, void *user, lf_error *err);

/* Of one merchant everything: for regulators, and for a platform at the merchant's request. Start from LF_SUBJECT_QUERY_INIT. */
typedef struct lf_subject_query {
    size_t size;
    const char *uscc;        /* required */
    const char *purpose;     /* required; of a platform SUBJECT_REQUEST */
    const char *case_number; /* required: of the case, or of the merchant's request */
    const char *from; /* days of records and questions, both inclusive; NULL: without limit */
    const char *until;
    int64_t timeout_ms; /* 0: 60000 */
} lf_subject_query;
#define LF_SUBJECT_QUERY_INIT                                                                      \
    {                                                                                              \
        sizeof(lf_subject_query), NULL, NULL, NULL, NULL, NULL, 0                                  \
    }
/* Calls `each` once, with the columns part, index, at, member, role, what, state, basis, entry, detail; part is RECORD, APPEAL,
 * ACCESS or RECIPIENT. The question is in the access log before it is answered. E_REJECTED (PURPOSE_REQUIRED, CASE_REQUIRED, the codes of
 * lf_uscc_check()), E_BUSY (QUOTA_EXCEEDED), E_DENIED (KIND_NOT_ALLOWED). */
LF_API LF_MUST_USE lf_status lf_subject_export(lf_client *client, const lf_subject_query *query,
                                               lf_report_cb each, void *user, lf_error *err);

LF_END_DECLS
#endif
