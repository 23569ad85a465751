/* SPDX-License-Identifier: Apache-2.0 */
/* Reading clocks, and the little calendar arithmetic that dates need. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t lf__clock_utc_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t lf__clock_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int digits(const uint8_t *p, int count)
{
    int v = 0;
    for (int i = 0; i < count; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return -1;
        }
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

static int days_of(int y, int m)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap ? 1 : 0);
}

bool lf__date_is_valid(lf_bytes date)
{
    if (date.len != 10 || date.ptr[4] != '-' || date.ptr[7] != '-') {
        return false;
    }
    int y = digits(date.ptr, 4);
    int m = digits(date.ptr + 5, 2);
    int d = digits(date.ptr + 8, 2);
    if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1) {
        return false;
    }
    return d <= days_of(y, m);
}

/* Days from 1970-01-01 to a day of the Gregorian calendar; years are counted from March. */
static int64_t day_number(int y, int m, int d)
{
    int64_t from_march = m > 2 ? y : y - 1;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return from_march * 365 + from_march / 4 - from_march / 100 + from_march / 400 + day_of_year -
           719468;
}

bool lf__date_start(lf_bytes date, unsigned months, unsigned days, int64_t *utc_ms)
{
    enum { MONTHS_MAX = 12 * 1000, SHANGHAI_MS = 8 * 3600 * 1000, DAY_MS = 24 * 3600 * 1000 };
    if (!lf__date_is_valid(date) || months > MONTHS_MAX) {
        return false;
    }
    int month = digits(date.ptr + 5, 2) - 1 + (int)months;
    int y = digits(date.ptr, 4) + month / 12;
    int m = month % 12 + 1;
    int d = digits(date.ptr + 8, 2);
    d = d <= days_of(y, m) ? d : days_of(y, m);
    *utc_ms = (day_number(y, m, d) + (int64_t)days) * DAY_MS - SHANGHAI_MS;
    return true;
}

void lf__date_shanghai(int64_t utc_ms, char out[static 11])
{
    time_t seconds = (time_t)(utc_ms / 1000 + 8 * 3600);
    struct tm day;
    (void)gmtime_r(&seconds, &day);
    (void)strftime(out, 11, "%Y-%m-%d", &day);
}
