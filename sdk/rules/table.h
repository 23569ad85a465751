/* SPDX-License-Identifier: Apache-2.0 */
/* rules/table.h - tables as small text files: one row a line, words between blanks, '#' and "version" lines for people. */
#ifndef LF__RULES_TABLE_H
#define LF__RULES_TABLE_H

#include <lianfang/base.h>
#include <stdbool.h>

/* The first word of *line, which then is what follows it; empty when there is none. Borrowed. */
lf_bytes lf__table_word(lf_bytes *line);
/* Hands each row to `take`. E_FORMAT with `name` and the number of a line that `take` refuses, or if the last does not end. */
lf_status lf__table_each(lf_bytes text, const char *name, bool (*take)(void *user, lf_bytes line),
                         void *user, lf_error *err);

#endif
