/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/reason.h - the rows of protos/reasons.csv, as the build found them. Threads: any. */
#ifndef PX_REASON_H
#define PX_REASON_H

#include <lianfang/base.h>

struct px_reason_row {
    unsigned id; /* never renumbered */
    const char *name;
    int grpc_code; /* the canonical code that belongs to it; 0 for a warning */
};

/* Borrowed for ever; NULL for a name that is not in the table. */
const struct px_reason_row *px_reason_find(const char *name);

#endif
