/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/name.h - whether two spellings are of one registered name. A name never acts: that two differ is for a
 * person to look at. Threads: any.
 */
#ifndef LF__NAME_H
#define LF__NAME_H

#include <lianfang/base.h>
#include <stdbool.h>

enum { LF__NAME_MAX = 512 }; /* bytes; a longer name is nobody's */

/* Equal after NFKC and case folding, without blanks, brackets, dots and hyphens, and with one spelling of the limited
 * company. A masked name (with a *) is like every other; so is one that is not UTF-8. */
bool lf__name_is_same(lf_bytes a, lf_bytes b);

#endif
