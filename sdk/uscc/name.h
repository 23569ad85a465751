/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uscc/name.h - whether two spellings are of one registered name, or of one text. A name never acts: that two differ is
 * for a person to look at. Threads: any.
 */
#ifndef LF__NAME_H
#define LF__NAME_H

#include "base/buf.h"

#include <lianfang/base.h>
#include <stdbool.h>

enum { LF__NAME_MAX = 512 }; /* bytes; a longer name is nobody's */

/* Equal after NFKC and case folding, without blanks, brackets, dots and hyphens, and with one spelling of the limited
 * company. A masked name (with a *) is like every other; so is one that is not UTF-8. */
bool lf__name_is_same(lf_bytes a, lf_bytes b);

/* Whether `part`, a code or a name, stands anywhere in `text`, however it is spelt: after NFKC and case folding, letters and digits
 * alone (with a masked part, the * too). False for an empty part. */
bool lf__text_holds(lf_bytes text, lf_bytes part);

/* How the name of an individual business is shown: the trade name often is its operator's. Where the operator is known, his name
 * is masked wherever it stands, and the rest is shown: of a name its first character and the dots between its parts, a * for each
 * other character (张三 张*, 王小明 王**, 欧阳娜娜 欧***, 买买提·阿不都 买**·***). Where he is not (empty), only the first character
 * of all is shown, and then ***. What holds a * already is masked, and shown as it is. Appends to `out`. */
void lf__name_mask(lf_bytes name, lf_bytes operator_name, struct lf__buf *out);

#endif
