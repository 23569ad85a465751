/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/values.h - what the cells of published lists mean, in all the ways that they are written. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

enum { VALUE_DATE_SIZE = 11 };

/* Says nothing: empty, blanks, null, \N, \n, -, --, /, N/A, 无. */
bool value_is_null(const char *text);

enum value_date {
    VALUE_DATE_NONE, /* null, or without end: 9999-9-9, 长期 */
    VALUE_DATE_GOOD,
    VALUE_DATE_BAD
};
/* YYYY-MM-DD in Shanghai: from 2017-7-7, 2017/07/07, 2017.7.7, 2017年7月7日, 20170707, each with a time after it (one with Z
 * or an offset is an instant), and milliseconds since 1970. `text` NULL is null. *out is "" unless GOOD. */
enum value_date value_date(const char *text, char out[static VALUE_DATE_SIZE]);

/* 1 yes, 0 no, -1 neither. */
int value_flag(const char *text);
/* A decimal number with at most `places` places, times 10^places; false for anything else or past 10^15. */
bool value_decimal(const char *text, unsigned places, int64_t *out);

#endif
