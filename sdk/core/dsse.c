/* SPDX-License-Identifier: Apache-2.0 */
/* The signed bytes: never a re-serialization, always the body as sent. */
#include "core/dsse.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

bool lf__dsse_pae(struct lf__buf *buf, const char *type, lf_bytes body)
{
    return lf__buf_printf(buf, "DSSEv1 %zu %s %zu ", strlen(type), type, body.len) &&
           lf__buf_append(buf, body);
}

struct lf__hash lf__dsse_hash(lf_bytes prefix, const char *type, lf_bytes body)
{
    char head[160];
    int len = snprintf(head, sizeof head, "DSSEv1 %zu %s %zu ", strlen(type), type, body.len);
    LF_BUG_IF(len < 0 || (size_t)len >= sizeof head); /* types are our own */
    lf_bytes pieces[] = {prefix, {(const uint8_t *)head, (size_t)len}, body};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}
