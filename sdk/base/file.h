/* SPDX-License-Identifier: Apache-2.0 */
/* base/file.h - small files: read whole, made whole. Threads: any. */
#ifndef LF__FILE_H
#define LF__FILE_H

#include "base/buf.h"

/* Appends; up to the buffer's limit. E_NOT_FOUND, E_IO name the file. */
lf_status lf__file_read(const char *path, struct lf__buf *out, lf_error *err);
/* Makes it with `mode` before its first byte, durable, and never over another: E_EXISTS. Whole or not at all: E_FULL. */
lf_status lf__file_make(const char *path, lf_bytes bytes, unsigned mode, lf_error *err);
/* Whole or not at all, in the place of whatever is there. */
lf_status lf__file_replace(const char *path, lf_bytes bytes, unsigned mode, lf_error *err);
/* DIR/NAME. E_ARG when it does not fit. */
enum { LF_PATH_MAX = 4096 };
lf_status lf__path(const char *dir, const char *name, char out[static LF_PATH_MAX], lf_error *err);

#endif
