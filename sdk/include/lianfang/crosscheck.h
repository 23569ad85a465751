/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/crosscheck.h - what platforms did beside what authorities decided, subject by subject: for regulators and police. Either all
 * that the ledger holds, or a list of one's own, which the gateway compares and forgets. Threads: any; a call blocks its own.
 */
#ifndef LF_CROSSCHECK_H
#define LF_CROSSCHECK_H

#include <lianfang/client.h>

LF_BEGIN_DECLS

/* A line of a list of one's own; all but the code may be NULL. */
typedef struct lf_listed {
    const char *uscc;
    const char *name;
    const char
        *list; /* ABNORMAL, ABNORMAL_MARK, SERIOUS, LOCAL_SERIOUS, PENALTY; NULL: the code alone */
    const char *violation;  /* a violation, or a reason of that list */
    const char *listed_on;  /* dates */
    const char *removed_on; /* NULL: still listed */
} lf_listed;

/* Start from LF_CROSSCHECK_INIT. */
typedef struct lf_crosscheck {
    size_t size;
    const char *purpose;     /* required, as in lf_question */
    const char *case_number; /* required */
    /* Findings whose rows are not wanted; the totals count them. */
    const char *const *omit;
    size_t omit_count;
    /* In any order; sorted for the gateway. NULL: all that the ledger holds. */
    const lf_listed *listed;
    size_t listed_count;
    int64_t timeout_ms; /* for something to come, not for all; 0: 120000 */
} lf_crosscheck;
#define LF_CROSSCHECK_INIT                                                                         \
    {                                                                                              \
        sizeof(lf_crosscheck), NULL, NULL, NULL, 0, NULL, 0, 0                                     \
    }

/* One subject; borrowed for the callback. */
typedef struct lf_crosscheck_row {
    const char *subject;
    /* CONFIRMED_BOTH, BOTH_UNRELATED, PLATFORM_ONLY, GOV_ONLY, CONFLICT_IDENTITY, STALE_GOV, STALE_PLATFORM; "" with an error */
    const char *finding;
    const char *name; /* "" when none is known */
    const char *explanation;
    const uint64_t *indexes; /* of the entries behind it */
    size_t index_count;
    const char *error; /* a reason, such as USCC_CHECK_DIGIT, of a line that is none; else "" */
} lf_crosscheck_row;
typedef void (*lf_crosscheck_cb)(const lf_crosscheck_row *row, void *user);

enum { LF_FINDINGS = 7 };
typedef struct lf_crosscheck_totals {
    const char *finding[LF_FINDINGS];
    uint64_t subjects[LF_FINDINGS]; /* what was omitted, too */
    uint64_t checkpoint_size;       /* of the ledger that was read */
    uint64_t access_index; /* of the question in the access log; of a list, of its last part */
} lf_crosscheck_totals;

/* Calls `each` for lines whose code is none, then for each row in byte order of codes, then sets *out (NULL allowed). The head behind a row is verified before it is told.
 * E_ARG for a finding that there is not, PURPOSE_REQUIRED, CASE_REQUIRED; E_DENIED (KIND_NOT_ALLOWED) for other roles; E_BUSY
 * (QUEUE_FULL, QUOTA_EXCEEDED). What was told before a failure is true, but not whole. */
LF_API LF_MUST_USE lf_status lf_crosscheck_run(lf_client *client, const lf_crosscheck *query,
                                               lf_crosscheck_cb each, void *user,
                                               lf_crosscheck_totals *out, lf_error *err);

LF_END_DECLS
#endif
