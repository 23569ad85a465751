/* SPDX-License-Identifier: Apache-2.0 */
/* base/text.h - checks on text from outside. Threads: any. No allocation. */
#ifndef LF__TEXT_H
#define LF__TEXT_H

#include <lianfang/base.h>
#include <stdbool.h>

/* RFC 3629 UTF-8 (no surrogates, no overlong forms, <= U+10FFFF) without NUL. */
bool lf__text_is_utf8(lf_bytes text);
/* [a-z0-9-]{3,40} (architecture: member id). */
bool lf__text_is_member_id(lf_bytes text);
/* [A-Za-z0-9._-]{1,40} with a digit among them: how a member numbers its officers, and as no person is named. */
bool lf__text_is_officer_id(lf_bytes text);
/* Decimal without sign, leading zeros or blanks. */
bool lf__text_u64(lf_bytes text, uint64_t *out);

#endif
