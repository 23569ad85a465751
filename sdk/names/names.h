/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names/names.h - names of firms as they are compared, not as they are kept: NFKC, without blanks, invisible characters, brackets,
 * dots and dashes, radicals as the characters they look like, traditional characters as simplified ones, Latin letters
 * upper-case, 有限责任公司 as 有限公司. Two different firms may fold to one name: who compares so has candidates, no more.
 * Threads: any, once open.
 */
#ifndef LF__NAMES_H
#define LF__NAMES_H

#include "base/buf.h"

struct lf__names;
/* E_NOT_FOUND when the tables of traditional characters are not installed. *out is owned: lf__names_free(). */
lf_status lf__names_open(struct lf__names **out, lf_error *err);
void lf__names_free(struct lf__names *names); /* NULL allowed */

enum { LF_NAME_MAX = 1024 }; /* bytes of a name; longer ones are cut at a character */
/* Into `out`, which is cleared; empty for a name of which nothing is left, or that is no UTF-8. */
lf_status lf__names_fold(const struct lf__names *names, lf_bytes name, struct lf__buf *out,
                         lf_error *err);

#endif
