/* SPDX-License-Identifier: Apache-2.0 */
/* Days are counted from 1970-01-01, Shanghai; exceptions to Monday-to-Friday are a sorted list. */
#include "rules/calendar.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "rules/table.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    CALENDAR_DAYS_MAX = 4096,
    CALENDAR_YEARS_MAX = 128,
    HOUR_MS = 3600000,
    SHANGHAI_MS = 8 * HOUR_MS
};
#define DAY_MS INT64_C(86400000)

struct calendar_day {
    int64_t day;
    bool is_worked;
};
struct lf__calendar {
    struct calendar_day days[CALENDAR_DAYS_MAX];
    size_t day_count;
    int years[CALENDAR_YEARS_MAX];
    size_t year_count;
};

extern const unsigned char lf__rules_calendar_data[];
extern const size_t lf__rules_calendar_data_size;

static int64_t day_of(int64_t utc_ms)
{
    int64_t local = utc_ms + SHANGHAI_MS;
    return local >= 0 ? local / DAY_MS : (local - DAY_MS + 1) / DAY_MS;
}

/* Of a date that is valid, so many months later. */
static int64_t day_after(lf_bytes date, unsigned months)
{
    int64_t utc_ms = 0;
    LF_BUG_IF(!lf__date_start(date, months, 0, &utc_ms));
    return day_of(utc_ms);
}

static void date_of(int64_t day, char out[static 11])
{
    lf__date_shanghai(day * DAY_MS - SHANGHAI_MS, out);
}

static bool year_take(lf_bytes text, int *out)
{
    int year = 0;
    for (size_t i = 0; i < text.len && i < 4; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        year = 10 * year + (text.ptr[i] - '0');
    }
    *out = year;
    return text.len >= 4;
}

static bool day_add(struct lf__calendar *calendar, lf_bytes date, bool is_worked)
{
    if (!lf__date_is_valid(date) || calendar->day_count == CALENDAR_DAYS_MAX) {
        return false;
    }
    int64_t day = day_after(date, 0);
    size_t count = calendar->day_count;
    if (count > 0 && calendar->days[count - 1].day >= day) {
        return false; /* in order, and none twice */
    }
    calendar->days[calendar->day_count++] = (struct calendar_day){day, is_worked};
    return true;
}

static bool year_add(struct lf__calendar *calendar, lf_bytes text)
{
    int year;
    if (text.len != 4 || !year_take(text, &year) || calendar->year_count == CALENDAR_YEARS_MAX) {
        return false;
    }
    calendar->years[calendar->year_count++] = year;
    return true;
}

/* The first two words; what follows is for people. */
static bool line_take(void *user, lf_bytes line)
{
    struct lf__calendar *calendar = user;
    lf_bytes name = lf__table_word(&line);
    lf_bytes value = lf__table_word(&line);
    return lf__bytes_eq_str(name, "year")   ? year_add(calendar, value)
           : lf__bytes_eq_str(name, "off")  ? day_add(calendar, value, false)
           : lf__bytes_eq_str(name, "work") ? day_add(calendar, value, true)
                                            : false;
}

lf_status lf__calendar_load(lf_bytes text, struct lf__calendar **out, lf_error *err)
{
    struct lf__calendar *calendar = calloc(1, sizeof *calendar);
    if (calendar == NULL) {
        return lf__fail(err, LF_E_NOMEM, "calendar: out of memory");
    }
    lf_status rc = lf__table_each(text, "calendar", line_take, calendar, err);
    if (rc != LF_OK) {
        lf__calendar_free(calendar);
        return rc;
    }
    *out = calendar;
    return LF_OK;
}

lf_status lf__calendar_load_default(struct lf__calendar **out, lf_error *err)
{
    return lf__calendar_load((lf_bytes){lf__rules_calendar_data, lf__rules_calendar_data_size}, out,
                             err);
}

void lf__calendar_free(struct lf__calendar *calendar)
{
    free(calendar);
}

static bool year_is_known(const struct lf__calendar *calendar, lf_bytes date)
{
    int year = 0;
    bool is_known = false;
    (void)year_take(date, &year);
    for (size_t i = 0; i < calendar->year_count; i++) {
        is_known = is_known || calendar->years[i] == year;
    }
    return is_known;
}

static bool day_is_worked(const struct lf__calendar *calendar, int64_t day)
{
    size_t from = 0;
    size_t to = calendar->day_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (calendar->days[middle].day < day) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    if (from < calendar->day_count && calendar->days[from].day == day) {
        return calendar->days[from].is_worked;
    }
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 0 is Monday: day 0 was a Thursday */
    return weekday < 5;
}

bool lf__calendar_is_workday(const struct lf__calendar *calendar, lf_bytes date, bool *is_known)
{
    if (is_known != NULL) {
        *is_known = year_is_known(calendar, date);
    }
    return day_is_worked(calendar, day_after(date, 0));
}

/* The instant at which that day is over. */
static int64_t end_of(int64_t day)
{
    return (day + 1) * DAY_MS - SHANGHAI_MS;
}

int64_t lf__calendar_end(const struct lf__calendar *calendar)
{
    char date[24];
    int last = 0;
    for (size_t i = 0; i < calendar->year_count; i++) {
        last = calendar->years[i] > last ? calendar->years[i] : last;
    }
    (void)snprintf(date, sizeof date, "%04d-12-31", last);
    return lf__date_is_valid(lf__bytes_str(date)) ? end_of(day_after(lf__bytes_str(date), 0)) : 0;
}

static struct lf__due workdays_due(const struct lf__calendar *calendar, int64_t day,
                                   uint64_t number)
{
    char date[11];
    struct lf__due due = {.is_provisional = false};
    while (number > 0) {
        day++;
        date_of(day, date);
        due.is_provisional |= !year_is_known(calendar, lf__bytes_str(date));
        number -= day_is_worked(calendar, day) ? 1 : 0;
    }
    due.at_ms = end_of(day);
    return due;
}

static int64_t months_later(int64_t day, uint64_t months)
{
    char date[11];
    date_of(day, date);
    return day_after(lf__bytes_str(date), (unsigned)months);
}

struct lf__due lf__calendar_due(const struct lf__calendar *calendar, int64_t from_ms,
                                struct lf__term term)
{
    enum { COUNT_MAX = 1000 }; /* of anything: tables are data, and data has typing errors */
    uint64_t number = term.number > COUNT_MAX ? COUNT_MAX : term.number;
    int64_t day = day_of(from_ms);
    switch (term.unit) {
    case LF__UNIT_HOURS:
        return (struct lf__due){.at_ms = from_ms + (int64_t)number * HOUR_MS};
    case LF__UNIT_WORKDAYS:
        return workdays_due(calendar, day, number);
    case LF__UNIT_MONTHS:
        return (struct lf__due){.at_ms = end_of(months_later(day, number))};
    case LF__UNIT_YEARS:
        return (struct lf__due){.at_ms = end_of(months_later(day, 12 * number))};
    case LF__UNIT_DAYS:
    case LF__UNIT_NONE:
        break;
    }
    return (struct lf__due){.at_ms = end_of(day + (int64_t)number)};
}
