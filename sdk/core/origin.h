/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/origin.h - what a log is called: NAME/ledger and NAME/access, and after the n-th restore that could not go
 * on with the old log NAME/ledger/2, /3, … Threads: any.
 */
#ifndef LF__ORIGIN_H
#define LF__ORIGIN_H

#include "base/buf.h"
#include "core/note.h"

enum { LF_ORIGIN_NUMBER_MAX = 999 };

/* NAME/LOG, with /NUMBER when it is not the first. E_ARG when it does not fit. */
lf_status lf__origin_make(const char *name, const char *log, unsigned number,
                          char out[static LF_NOTE_NAME_MAX + 1], lf_error *err);
/* Which of its line an origin is: 1 without a number, 0 when it is none of NAME/LOG. */
unsigned lf__origin_number(lf_bytes origin, const char *name, const char *log);
/* Is `later` a successor of the log `origin`? */
bool lf__origin_succeeds(lf_bytes later, const char *origin);
/* The first line of a signed note; empty when there is none. Nothing is verified. */
lf_bytes lf__origin_of(lf_bytes note);

#endif
