/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/base.h - the words every other header uses: status, error, bytes.
 *
 * Threads: everything here is a plain value; share it as you share any value.
 * Errors: a call returning lf_status sets its outputs only on success and, when
 * `err` is not NULL, *err only on failure.
 */
#ifndef LF_BASE_H
#define LF_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LF_BEGIN_DECLS extern "C" {
#define LF_END_DECLS   }
#else
#define LF_BEGIN_DECLS
#define LF_END_DECLS
#endif

#if defined(__GNUC__)
#define LF_API      __attribute__((visibility("default")))
#define LF_MUST_USE __attribute__((warn_unused_result))
#else
#define LF_API
#define LF_MUST_USE
#endif

LF_BEGIN_DECLS

/* name, text, kind: one list, so that enum, name, text and kind cannot drift. */
#define LF_STATUS_MAP(X)                                                                           \
    X(OK, "success", NONE)                                                                         \
    X(E_ARG, "invalid argument", CALLER)                                                           \
    X(E_FORMAT, "malformed bytes", PEER)                                                           \
    X(E_TOO_BIG, "larger than the limit", PEER)                                                    \
    X(E_REJECTED, "record refused", PEER)                                                          \
    X(E_SIGNATURE, "signature or proof does not verify", PEER)                                     \
    X(E_UNAUTHENTICATED, "caller is not a known member", PEER)                                     \
    X(E_DENIED, "not allowed", PEER)                                                               \
    X(E_NOT_FOUND, "not found", CALLER)                                                            \
    X(E_EXISTS, "already there with other content", CALLER)                                        \
    X(E_PRECONDITION, "state does not allow this", CALLER)                                         \
    X(E_BUSY, "too much work queued", BUSY)                                                        \
    X(E_UNAVAILABLE, "unreachable", BUSY)                                                          \
    X(E_DEADLINE, "deadline exceeded", BUSY)                                                       \
    X(E_CANCELED, "canceled", BUSY)                                                                \
    X(E_CLOSED, "closed", BUSY)                                                                    \
    X(E_NOMEM, "out of memory", LOCAL)                                                             \
    X(E_IO, "input or output failed", LOCAL)                                                       \
    X(E_FULL, "no space left", LOCAL)                                                              \
    X(E_CORRUPT, "stored data is damaged", LOCAL)                                                  \
    X(E_VERSION, "format version not supported", LOCAL)                                            \
    X(E_UNIMPLEMENTED, "not offered by this server", PEER)                                         \
    X(E_BUG, "internal error", BUG)

typedef enum lf_status {
#define LF_X(name, text, kind) LF_##name,
    LF_STATUS_MAP(LF_X)
#undef LF_X
} lf_status;

/* What a caller may do about a failure; control flow looks at this only. */
typedef enum lf_kind {
    LF_KIND_NONE,
    LF_KIND_CALLER, /* fix the call */
    LF_KIND_PEER,   /* the bytes or rights are wrong; retrying does not help */
    LF_KIND_BUSY,   /* try again later */
    LF_KIND_LOCAL,  /* this machine: disk, memory */
    LF_KIND_BUG
} lf_kind;

/* Static strings, never NULL, for any value. */
LF_API const char *lf_status_name(lf_status status);
LF_API const char *lf_status_text(lf_status status);
LF_API lf_kind lf_status_kind(lf_status status);

/* Detail of one failure: a plain value with inline text, never freed. `reason` is a
 * code of protos/reasons.csv or empty; `field` is a proto field path or empty; `cause`
 * is errno, an LMDB or a gRPC code, or 0. No field ever holds a secret or an ID number. */
typedef struct lf_error {
    lf_status status;
    int cause;
    char reason[40];
    char field[56];
    char message[160];
} lf_error;
#define LF_ERROR_INIT                                                                              \
    {                                                                                              \
        LF_OK, 0, "", "", ""                                                                       \
    }

/* Borrowed bytes; the comment beside each use says until when. */
typedef struct lf_bytes {
    const uint8_t *ptr;
    size_t len;
} lf_bytes;

#define LF_VERSION_MAJOR 0
#define LF_VERSION_MINOR 1
#define LF_VERSION_PATCH 0
/* The library's version as "major.minor.patch". Before 1.0 a minor release may change the ABI. */
LF_API const char *lf_version(void);

LF_END_DECLS
#endif
