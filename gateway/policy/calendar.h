/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/policy/calendar.h - working days: when a limit runs out. Which days are off is data, known only for the
 * years that somebody announced. Days are of Asia/Shanghai (UTC+8). Loaded once and never changed: share it between
 * threads.
 */
#ifndef GW_CALENDAR_H
#define GW_CALENDAR_H

#include "gateway/policy/policy.h"

struct gw_calendar;
/* `text` as in data/calendar.txt, borrowed for the call. E_FORMAT with the line. *out is owned: gw_calendar_free(). */
LF_MUST_USE lf_status gw_calendar_load(lf_bytes text, struct gw_calendar **out, lf_error *err);
/* The one that the program was built with. */
LF_MUST_USE lf_status gw_calendar_load_default(struct gw_calendar **out, lf_error *err);
void gw_calendar_free(struct gw_calendar *calendar); /* NULL allowed */

/* Whether that day is worked; *is_known (NULL allowed) is false where the year was not announced, and then Monday to
 * Friday count. `date` is valid, YYYY-MM-DD. */
bool gw_calendar_is_workday(const struct gw_calendar *calendar, lf_bytes date, bool *is_known);

struct gw_due {
    int64_t at_ms;       /* in time before this instant, late from it on */
    bool is_provisional; /* counted over days that nobody has announced yet */
};
/* Hours run from the instant itself. Days and working days are whole: the one of `from_ms` does not count, and the
 * last one counts to its end. Months and years keep the day of the month, or take its last day. */
struct gw_due gw_calendar_due(const struct gw_calendar *calendar, int64_t from_ms,
                              struct gw_term term);

#endif
