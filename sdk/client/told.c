/* SPDX-License-Identifier: Apache-2.0 */
/* Text of the wire as an installed header has it, and back. */
#include "client/client_internal.h"

#include "base/bytes.h"

const char *lf__told(struct lf__arena *arena, lf_bytes bytes)
{
    lf_bytes copy = lf__arena_copy(arena, bytes);
    return copy.ptr == NULL ? "" : (const char *)copy.ptr;
}

lf_bytes lf__given(const char *text)
{
    return text == NULL ? LF_BYTES_NONE : lf__bytes_str(text);
}
