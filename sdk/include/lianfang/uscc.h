/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/uscc.h - unified social credit codes (GB 32100), the older numbers they are
 * mistaken for, and personal ID numbers (GB 11643) that must not be in a record.
 *
 * Threads: any; no state, no allocation, never blocks. Errors: LF_E_REJECTED with a message
 * that never repeats the input; LF_E_ARG when `text` or a required output is NULL. Text is
 * UTF-8, borrowed during the call, any length.
 */
#ifndef LF_USCC_H
#define LF_USCC_H

#include <lianfang/base.h>
#include <stdbool.h>

LF_BEGIN_DECLS

#define LF_USCC_LEN    18
#define LF_REGNO_LEN   15
#define LF_ORGCODE_LEN 9

/* Codes in err->reason when lf_uscc_check refuses. */
#define LF_USCC_CHECK_DIGIT        "USCC_CHECK_DIGIT"
#define LF_USCC_BAD_CHAR           "USCC_BAD_CHAR" /* the message suggests, nothing is corrected */
#define LF_USCC_LENGTH             "USCC_LENGTH"
#define LF_USCC_IS_REGNO           "USCC_IS_REGNO"
#define LF_USCC_IS_ORGCODE         "USCC_IS_ORGCODE"
#define LF_USCC_IS_ID_NUMBER       "USCC_IS_ID_NUMBER" /* personal data: do not log the input */
#define LF_USCC_SPREADSHEET_DAMAGE "USCC_SPREADSHEET_DAMAGE"
#define LF_USCC_DEPARTMENT         "USCC_DEPARTMENT"
#define LF_USCC_CATEGORY           "USCC_CATEGORY"
#define LF_USCC_DIVISION           "USCC_DIVISION"
#define LF_USCC_TEST_DIVISION      "USCC_TEST_DIVISION" /* 999999 without allow_test_division */
/* The warning to give for LF_USCC_EXCEPTION. */
#define LF_USCC_REGISTRY_EXCEPTION "USCC_REGISTRY_EXCEPTION"

typedef enum lf_uscc_verdict {
    LF_USCC_INVALID = 0, /* lf_uscc_check returned LF_E_REJECTED */
    LF_USCC_VALID = 1,
    LF_USCC_EXCEPTION = 2 /* issued by the registry with a wrong check digit: accept, warn */
} lf_uscc_verdict;

typedef struct lf_uscc_options {
    size_t size;
    bool allow_test_division; /* accept the reserved division 999999; test profile only */
} lf_uscc_options;
#define LF_USCC_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(lf_uscc_options), false                                                             \
    }

/* One accepted code, a plain value. All text ends with NUL. */
typedef struct lf_uscc {
    uint8_t verdict;                  /* an lf_uscc_verdict */
    bool normalised;                  /* `code` differs from the input: callers warn */
    bool orgcode_matches;             /* the inner GB 11714 check holds: false is a warning */
    char department;                  /* '9': market regulation */
    char category;                    /* with '9': '1' enterprise, '2' individual, '3' co-op */
    char division[7];                 /* at first registration; may be abolished since */
    char orgcode[LF_ORGCODE_LEN + 1]; /* without hyphen */
    char code[LF_USCC_LEN + 1];       /* NFKC, upper case, no blanks or zero-width characters */
} lf_uscc;
#define LF_USCC_INIT                                                                               \
    {                                                                                              \
        0, false, false, 0, 0, "", "", ""                                                          \
    }

/* Check one code. `options` may be NULL. LF_OK: *out is set, verdict VALID or EXCEPTION.
 * LF_E_REJECTED: INVALID; err->reason says which trap, *out is untouched. A valid code need
 * not exist: characters 1 and 18 swapped, for one, show only in the registry. */
LF_API LF_MUST_USE lf_status lf_uscc_check(const char *text, size_t len,
                                           const lf_uscc_options *options, lf_uscc *out,
                                           lf_error *err);

/* 15-digit registration number, GS 15-2006. `out` gets the normalised number; may be NULL. */
LF_API LF_MUST_USE lf_status lf_regno_check(const char *text, size_t len,
                                            char out[LF_REGNO_LEN + 1], lf_error *err);

/* Organisation code, GB 11714, with or without hyphen; `out` gets it without; may be NULL. */
LF_API LF_MUST_USE lf_status lf_orgcode_check(const char *text, size_t len,
                                              char out[LF_ORGCODE_LEN + 1], lf_error *err);

/* True when a personal ID number stands anywhere in free text: full-width, with zero-width
 * characters, inside a longer run of digits, or in groups set apart by blanks or hyphens.
 * Numbers that are valid merchant codes do not count. False for NULL. */
LF_API bool lf_text_has_id_number(const char *text, size_t len);

LF_END_DECLS
#endif
