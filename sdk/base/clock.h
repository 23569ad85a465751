/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock.h - the two clocks. Threads: any. */
#ifndef LF__CLOCK_H
#define LF__CLOCK_H

#include <lianfang/base.h>
#include <stdbool.h>

int64_t lf__clock_utc_ms(void);       /* instants in records and leaves */
int64_t lf__clock_monotonic_ns(void); /* durations */
/* "YYYY-MM-DD" of a real day, 1900-2199. */
bool lf__date_is_valid(lf_bytes date);
/* The Asia/Shanghai calendar date (UTC+8, no summer time since 1991) of an instant. */
void lf__date_shanghai(int64_t utc_ms, char out[static 11]);
/* The first instant in Shanghai of the day that is so many months and then days after a date; a day that the
 * month lacks is its last. False for no date. */
bool lf__date_start(lf_bytes date, unsigned months, unsigned days, int64_t *utc_ms);

#endif
