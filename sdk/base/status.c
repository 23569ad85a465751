/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of lf_status, and the functions that fill in an lf_error. Never logs. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#undef lf__fail /* status.h tells the analyzer of them; here they are */
#undef lf__fail_cause
#undef lf__refuse

struct status_row {
    const char *name;
    const char *text;
    lf_kind kind;
};

static const struct status_row status_rows[] = {
#define LF_X(name, text, kind) [LF_##name] = {#name, text, LF_KIND_##kind},
    LF_STATUS_MAP(LF_X)
#undef LF_X
};

static const struct status_row *status_row(lf_status status)
{
    size_t i = (size_t)status;
    return &status_rows[i < LF_COUNT(status_rows) ? i : (size_t)LF_E_BUG];
}

const char *lf_status_name(lf_status status)
{
    return status_row(status)->name;
}

const char *lf_status_text(lf_status status)
{
    return status_row(status)->text;
}

lf_kind lf_status_kind(lf_status status)
{
    return status_row(status)->kind;
}

const char *lf_version(void)
{
    return "0.1.0";
}

static void error_set(lf_error *err, lf_status status, int cause, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));
static void error_set(lf_error *err, lf_status status, int cause, const char *format, va_list args)
{
    *err = (lf_error){.status = status, .cause = cause};
    (void)vsnprintf(err->message, sizeof err->message, format, args);
}

lf_status lf__fail(lf_error *err, lf_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        error_set(err, status, 0, format, args);
        va_end(args);
    }
    return status;
}

lf_status lf__fail_cause(lf_error *err, lf_status status, int cause, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        error_set(err, status, cause, format, args);
        va_end(args);
    }
    return status;
}

lf_status lf__refuse(lf_error *err, lf_status status, const char *reason, const char *field,
                     const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        error_set(err, status, 0, format, args);
        va_end(args);
        (void)snprintf(err->reason, sizeof err->reason, "%s", reason);
        (void)snprintf(err->field, sizeof err->field, "%s", field);
    }
    return status;
}

void lf__bug(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "level=err event=bug at=%s:%d what=\"%s\"\n", file, line, what);
    abort();
}
