/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/plain.h - what uscc.c and idnumber.c share. Threads: any. No allocation.
 */
#ifndef LF__USCC_PLAIN_H
#define LF__USCC_PLAIN_H

#include <base/bytes.h>

/* Longest compatibility decomposition of one character is 18 (U+FDFA). */
#define LF__PLAIN_MAX   32
#define LF__PLAIN_OTHER '\1' /* not ASCII after NFKC, a control character, or not UTF-8 */

/* Take one character off `text` (not empty) as NFKC in upper case: ' ' for any blank, '\n' for
 * any line break, nothing for invisible characters. Returns how many were written to `out`. */
size_t lf__plain_take(lf_bytes *text, char out[static LF__PLAIN_MAX]);

/* A whole input as plain characters without blanks; `len` counts those not kept too. */
#define LF__PLAIN_KEPT 64
struct lf__plain {
    char chars[LF__PLAIN_KEPT + 1]; /* ends with NUL */
    size_t len;
};
struct lf__plain lf__plain_read(const char *text, size_t len);

/* How many digits `text` begins with, at most `len`. */
size_t lf__plain_digits(const char *text, size_t len);

/* 15 digits with the check of GS 15-2006. */
bool lf__regno_holds(const char *text, size_t len);

/* Nine characters, no hyphen, with the check of GB 11714. */
bool lf__orgcode_holds(const char text[static 9]);

/* Drop the hyphen of the 8-1 form; false when the text has neither shape. No check. */
bool lf__orgcode_take(const struct lf__plain *text, char out[static 10]);

/* Structure and check digit of 18 characters; the test division counts as valid. */
bool lf__uscc_is_valid(const char code[static 18]);

/* The check digit of GB 11643 alone, which numbers of foreigners' permits have too. */
bool lf__id_checksum_holds(const char code[static 18]);

/* Checksum, region and birth date of GB 11643, and not a valid merchant code. */
bool lf__id_number_is(const char code[static 18]);

#endif
