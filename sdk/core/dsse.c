/* SPDX-License-Identifier: Apache-2.0 */
/* The signed bytes: never a re-serialization, always the body as sent. */
#include "core/dsse.h"

#include "base/bytes.h"

#include <string.h>

bool lf__dsse_pae(struct lf__buf *buf, const char *type, lf_bytes body)
{
    return lf__buf_printf(buf, "DSSEv1 %zu %s %zu ", strlen(type), type, body.len) &&
           lf__buf_append(buf, body);
}
