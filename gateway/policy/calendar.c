/* SPDX-License-Identifier: Apache-2.0 */
/* Days are counted from 1970-01-01, Shanghai; exceptions to Monday-to-Friday are a sorted list. */
#include "gateway/policy/calendar.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/reader.h"
#include "base/status.h"

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
struct gw_calendar {
    struct calendar_day days[CALENDAR_DAYS_MAX];
    size_t day_count;
    int years[CALENDAR_YEARS_MAX];
    size_t year_count;
};

extern const unsigned char gw_calendar_days[];
extern const size_t gw_calendar_days_size;

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

static bool day_add(struct gw_calendar *calendar, lf_bytes date, bool is_worked)
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

static bool year_add(struct gw_calendar *calendar, lf_bytes text)
{
    int year;
    if (text.len != 4 || !year_take(text, &year) || calendar->year_count == CALENDAR_YEARS_MAX) {
        return false;
    }
    calendar->years[calendar->year_count++] = year;
    return true;
}

/* WORD REST...: the first two words; what follows is for people. */
static bool line_take(struct gw_calendar *calendar, lf_bytes line)
{
    size_t word = 0;
    while (word < line.len && line.ptr[word] != ' ') {
        word++;
    }
    lf_bytes rest = lf__bytes_slice(line, word + 1, line.len);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != ' ') {
        end++;
    }
    lf_bytes name = lf__bytes_slice(line, 0, word);
    lf_bytes value = lf__bytes_slice(rest, 0, end);
    return lf__bytes_eq_str(name, "version") ? value.len > 0
           : lf__bytes_eq_str(name, "year")  ? year_add(calendar, value)
           : lf__bytes_eq_str(name, "off")   ? day_add(calendar, value, false)
           : lf__bytes_eq_str(name, "work")  ? day_add(calendar, value, true)
                                             : false;
}

lf_status gw_calendar_load(lf_bytes text, struct gw_calendar **out, lf_error *err)
{
    struct lf__reader r = {text};
    lf_bytes line;
    struct gw_calendar *calendar = calloc(1, sizeof *calendar);
    if (calendar == NULL) {
        return lf__fail(err, LF_E_NOMEM, "calendar: out of memory");
    }
    for (unsigned number = 1; lf__read_line(&r, &line); number++) {
        if (line.len > 0 && line.ptr[0] != '#' && !line_take(calendar, line)) {
            free(calendar);
            return lf__fail(err, LF_E_FORMAT, "calendar: line %u is not understood", number);
        }
    }
    if (!lf__read_finished(&r)) {
        free(calendar);
        return lf__fail(err, LF_E_FORMAT, "calendar: the last line does not end");
    }
    *out = calendar;
    return LF_OK;
}

lf_status gw_calendar_load_default(struct gw_calendar **out, lf_error *err)
{
    return gw_calendar_load((lf_bytes){gw_calendar_days, gw_calendar_days_size}, out, err);
}

void gw_calendar_free(struct gw_calendar *calendar)
{
    free(calendar);
}

static bool year_is_known(const struct gw_calendar *calendar, lf_bytes date)
{
    int year = 0;
    bool is_known = false;
    (void)year_take(date, &year);
    for (size_t i = 0; i < calendar->year_count; i++) {
        is_known = is_known || calendar->years[i] == year;
    }
    return is_known;
}

static bool day_is_worked(const struct gw_calendar *calendar, int64_t day)
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

bool gw_calendar_is_workday(const struct gw_calendar *calendar, lf_bytes date, bool *is_known)
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

static struct gw_due workdays_due(const struct gw_calendar *calendar, int64_t day, uint64_t number)
{
    char date[11];
    struct gw_due due = {.is_provisional = false};
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

struct gw_due gw_calendar_due(const struct gw_calendar *calendar, int64_t from_ms,
                              struct gw_term term)
{
    enum { COUNT_MAX = 1000 }; /* of anything: tables are data, and data has typing errors */
    uint64_t number = term.number > COUNT_MAX ? COUNT_MAX : term.number;
    int64_t day = day_of(from_ms);
    switch (term.unit) {
    case GW_UNIT_HOURS:
        return (struct gw_due){.at_ms = from_ms + (int64_t)number * HOUR_MS};
    case GW_UNIT_WORKDAYS:
        return workdays_due(calendar, day, number);
    case GW_UNIT_MONTHS:
        return (struct gw_due){.at_ms = end_of(months_later(day, number))};
    case GW_UNIT_YEARS:
        return (struct gw_due){.at_ms = end_of(months_later(day, 12 * number))};
    case GW_UNIT_DAYS:
    case GW_UNIT_NONE:
        break;
    }
    return (struct gw_due){.at_ms = end_of(day + (int64_t)number)};
}
