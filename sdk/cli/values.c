/* SPDX-License-Identifier: Apache-2.0 */
/* Strict about what a value is, generous about how it is written. */
#include "cli/values.h"

#include "cli/fold.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 64, YEAR_MIN = 1949, YEAR_OPEN = 9999, SHANGHAI_S = 8 * 3600, MS_DIGITS = 13 };
#define DECIMAL_MAX 1000000000000000

static bool is_listed(const char *folded, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(folded, *words) == 0) {
            return true;
        }
    }
    return false;
}

bool value_is_null(const char *text)
{
    static const char *const nulls[] = {"",   "null", "(null)", "none", "nil", "\\n",
                                        "-",  "--",   "---",    "/",    "n/a", "na",
                                        "无", "——",   "—",      "空",   NULL};
    char folded[TEXT_MAX];
    return is_listed(fold_text(text, folded, sizeof folded), nulls);
}

int value_flag(const char *text)
{
    static const char *const yes[] = {"1", "y", "yes", "true", "是", "已恢复", "已移出", NULL};
    static const char *const no[] = {"0", "n", "no", "false", "否", "未恢复", "未移出", NULL};
    char folded[TEXT_MAX];
    (void)fold_text(text, folded, sizeof folded);
    return is_listed(folded, yes) ? 1 : is_listed(folded, no) ? 0 : -1;
}

bool value_decimal(const char *text, unsigned places, int64_t *out)
{
    char folded[TEXT_MAX];
    const char *at = fold_text(text, folded, sizeof folded);
    int64_t value = 0;
    unsigned left = places;
    bool is_fraction = false;
    bool any = false;
    for (; *at != '\0'; at++) {
        if (*at == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (*at < '0' || *at > '9' || (is_fraction && left == 0 && *at != '0') ||
            value > DECIMAL_MAX) {
            return false;
        }
        any = true;
        if (!is_fraction || left > 0) {
            value = value * 10 + (*at - '0');
            left -= is_fraction ? 1 : 0;
        }
    }
    for (; left > 0 && value <= DECIMAL_MAX; left--) {
        value *= 10;
    }
    *out = value;
    return any && value <= DECIMAL_MAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits at *at, one to `most` of them; false when there is none. */
static bool digits_take(const char **at, size_t most, int *out)
{
    size_t count = 0;
    *out = 0;
    for (; count < most && is_digit(**at); count++, (*at)++) {
        *out = *out * 10 + (**at - '0');
    }
    return count > 0;
}

static bool mark_take(const char **at, const char *mark)
{
    size_t len = strlen(mark);
    bool is_there = strncmp(*at, mark, len) == 0;
    *at += is_there ? len : 0;
    return is_there;
}

struct moment {
    int year;
    int month;
    int day;
    int second; /* of the day */
    bool has_zone;
    int zone; /* seconds east */
};

static bool day_is_real(const struct moment *m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (m->year % 4 == 0 && m->year % 100 != 0) || m->year % 400 == 0;
    return m->year >= YEAR_MIN && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= days[m->month - 1] + (m->month == 2 && leap ? 1 : 0);
}

/* Year, month and day, with one mark between them. */
static bool day_take(const char **at, struct moment *m)
{
    static const char *const marks[][3] = {
        {"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}};
    const char *start = *at;
    if (!digits_take(at, 4, &m->year) || *at - start != 4) {
        return false;
    }
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (mark_take(at, marks[i][0])) {
            return digits_take(at, 2, &m->month) && mark_take(at, marks[i][1]) &&
                   digits_take(at, 2, &m->day) && mark_take(at, marks[i][2]);
        }
    }
    const char *rest = *at; /* yyyyMMdd */
    return digits_take(at, 2, &m->month) && *at - rest == 2 && digits_take(at, 2, &m->day) &&
           *at - rest == 4;
}

static bool zone_take(const char **at, struct moment *m)
{
    int hour = 0;
    int minute = 0;
    int sign = **at == '-' ? -1 : 1;
    if (mark_take(at, "z")) {
        m->has_zone = true;
    } else if (**at == '+' || **at == '-') {
        (*at)++;
        m->has_zone = digits_take(at, 2, &hour);
        (void)mark_take(at, ":");
        (void)digits_take(at, 2, &minute);
        m->zone = sign * (hour * 3600 + minute * 60);
        return m->has_zone && hour <= 14 && minute < 60;
    }
    return true;
}

/* h:mm, h:mm:ss, h:mm:ss.fff, and a zone, after a blank or T. */
static bool time_take(const char **at, struct moment *m)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    int fraction = 0;
    if ((!mark_take(at, "t") && !mark_take(at, " ")) || !digits_take(at, 2, &hour) ||
        !mark_take(at, ":") || !digits_take(at, 2, &minute)) {
        return false;
    }
    if (mark_take(at, ":") && !digits_take(at, 2, &second)) {
        return false;
    }
    if (mark_take(at, ".") && !digits_take(at, 9, &fraction)) {
        return false;
    }
    (void)mark_take(at, " "); /* before a zone */
    m->second = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60 && zone_take(at, m);
}

static enum value_date date_print(time_t local, char out[static VALUE_DATE_SIZE])
{
    struct tm tm;
    if (gmtime_r(&local, &tm) == NULL || tm.tm_year + 1900 < YEAR_MIN ||
        tm.tm_year + 1900 >= YEAR_OPEN || strftime(out, VALUE_DATE_SIZE, "%Y-%m-%d", &tm) == 0) {
        out[0] = '\0';
        return VALUE_DATE_BAD;
    }
    return VALUE_DATE_GOOD;
}

static enum value_date moment_print(const struct moment *m, char out[static VALUE_DATE_SIZE])
{
    struct tm tm = {.tm_year = m->year - 1900, .tm_mon = m->month - 1, .tm_mday = m->day};
    return date_print(timegm(&tm) + m->second + (m->has_zone ? SHANGHAI_S - m->zone : 0), out);
}

/* Milliseconds since 1970: 13 digits, or 12 before 2001-09-09. */
static bool milliseconds_take(const char *text, int64_t *out)
{
    size_t len = strlen(text);
    *out = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (!is_digit(*at) || len > MS_DIGITS || len < MS_DIGITS - 1) {
            return false;
        }
        *out = *out * 10 + (*at - '0');
    }
    return len > 0;
}

enum value_date value_date(const char *text, char out[static VALUE_DATE_SIZE])
{
    static const char *const open[] = {"长期", "长期有效", "永久", "0000-00-00", "00000000", NULL};
    char folded[TEXT_MAX];
    struct moment m = {0};
    int64_t at_ms = 0;
    out[0] = '\0';
    if (text == NULL || value_is_null(text)) {
        return VALUE_DATE_NONE;
    }
    const char *at = fold_words(text, folded, sizeof folded);
    if (is_listed(at, open)) {
        return VALUE_DATE_NONE;
    }
    if (milliseconds_take(at, &at_ms)) {
        return date_print((time_t)(at_ms / 1000) + SHANGHAI_S, out);
    }
    if (!day_take(&at, &m) || (*at != '\0' && !time_take(&at, &m)) || *at != '\0') {
        return VALUE_DATE_BAD;
    }
    if (m.year == YEAR_OPEN) {
        return VALUE_DATE_NONE;
    }
    return day_is_real(&m) ? moment_print(&m, out) : VALUE_DATE_BAD;
}
