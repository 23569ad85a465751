/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/status.h - filling in an lf_error where the failure happens.
 *
 * Threads: any. `err` may be NULL everywhere. Each function returns `status`, so that
 * a failing function ends with `return lf__fail(err, ...)`.
 */
#ifndef LF__STATUS_H
#define LF__STATUS_H

#include <lianfang/base.h>

#define LF_BIT(n)                          (1u << (n))
#define LF_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define LF_COUNT(array)                    (sizeof(array) / sizeof((array)[0]))

/* Set the message only. Begins with the object, no trailing period, no secrets. */
lf_status lf__fail(lf_error *err, lf_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Also name the reason code (protos/reasons.csv) and the field's path; both may be "". */
lf_status lf__refuse(lf_error *err, lf_status status, const char *reason, const char *field,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* As lf__fail, with errno or a library's code in `cause`. */
lf_status lf__fail_cause(lf_error *err, lf_status status, int cause, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* clang's analyzer reads one source at a time. Told that what fails returns its own status, it does not follow a failure
 * as if it were LF_OK. */
#ifdef __clang_analyzer__
#define lf__fail(err, status, ...) (lf__fail(err, status, __VA_ARGS__), status)
#define lf__fail_cause(err, status, cause, ...)                                                    \
    (lf__fail_cause(err, status, cause, __VA_ARGS__), status)
#define lf__refuse(err, status, reason, ...) (lf__refuse(err, status, reason, __VA_ARGS__), status)
#endif

/* Our own bug: print where and abort, in release builds too. */
_Noreturn void lf__bug(const char *file, int line, const char *what);
#define LF_BUG_IF(cond)                                                                            \
    do {                                                                                           \
        if (cond) {                                                                                \
            lf__bug(__FILE__, __LINE__, #cond);                                                    \
        }                                                                                          \
    } while (0)

#endif
