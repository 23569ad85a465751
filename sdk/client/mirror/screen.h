/* SPDX-License-Identifier: Apache-2.0 */
/* client/mirror/screen.h - what the rows of a code advise, by the same tables as the gateway's screening. One thread each. */
#ifndef LF__MIRROR_SCREEN_H
#define LF__MIRROR_SCREEN_H

#include "client/mirror/mirror_internal.h"
#include "rules/advice.h"

/* Most reasons are the same few: what the policy advises for each is asked once. */
enum { LF__ADVISED_MAX = 32 };
struct lf__advised {
    char code[LF__REASON_MAX];
    enum lf__advice advice;
};

struct lf__verdict {
    enum lf__advice advice; /* NONE: nothing stands against it */
    uint64_t index;         /* of the strongest reason */
    bool is_known;          /* there are rows */
    struct lf__buf reasons; /* strongest first, with ';' between */
    struct lf__advised advised[LF__ADVISED_MAX];
    size_t advised_count;
};
/* `rows` as MIRROR_STANDING has them. E_CORRUPT. */
lf_status lf__verdict_make(const struct lf__rules *rules, lf_bytes rows, int64_t now_ms,
                           struct lf__verdict *out, lf_error *err);

#endif
