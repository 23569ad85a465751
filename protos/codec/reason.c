/* SPDX-License-Identifier: Apache-2.0 */
#include "protos/codec/reason.h"

#include "base/status.h"

#include <string.h>

static const struct px_reason_row reason_rows[] = {
#include "reasons.inc"
};

const struct px_reason_row *px_reason_find(const char *name)
{
    for (size_t i = 0; i < LF_COUNT(reason_rows); i++) {
        if (strcmp(reason_rows[i].name, name) == 0) {
            return &reason_rows[i];
        }
    }
    return NULL;
}
