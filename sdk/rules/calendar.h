/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/calendar.h - working days: when a limit runs out. Which days are off is data, known only for the
 * years that somebody announced. Days are of Asia/Shanghai (UTC+8). Loaded once and never changed: share it between
 * threads.
 */
#ifndef LF__CALENDAR_H
#define LF__CALENDAR_H

#include "rules/rules.h"

struct lf__calendar;
/* `text` as in data/calendar.txt, borrowed for the call. E_FORMAT with the line. *out is owned: lf__calendar_free(). */
LF_MUST_USE lf_status lf__calendar_load(lf_bytes text, struct lf__calendar **out, lf_error *err);
/* The one that the program was built with. */
LF_MUST_USE lf_status lf__calendar_load_default(struct lf__calendar **out, lf_error *err);
void lf__calendar_free(struct lf__calendar *calendar); /* NULL allowed */

/* Whether that day is worked; *is_known (NULL allowed) is false where the year was not announced, and then Monday to
 * Friday count. `date` is valid, YYYY-MM-DD. */
bool lf__calendar_is_workday(const struct lf__calendar *calendar, lf_bytes date, bool *is_known);
/* The instant at which the last year that was announced is over; 0 when none was. */
int64_t lf__calendar_end(const struct lf__calendar *calendar);

struct lf__due {
    int64_t at_ms;       /* in time before this instant, late from it on */
    bool is_provisional; /* counted over days that nobody has announced yet */
};
/* Hours run from the instant itself. Days and working days are whole: the one of `from_ms` does not count, and the
 * last one counts to its end. Months and years keep the day of the month, or take its last day. */
struct lf__due lf__calendar_due(const struct lf__calendar *calendar, int64_t from_ms,
                                struct lf__term term);

#endif
