/* SPDX-License-Identifier: Apache-2.0 */
/* The signed bytes: never a re-serialization, always the body as sent. */
#include "core/dsse.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { DSSE_HEAD_MAX = 160 };

static size_t text_put(char *out, const char *text, size_t len)
{
    lf__copy(out, text, len);
    return len;
}

/* By hand: it precedes every hash and signature of a record, and printf costs as much as the hash. */
static size_t number_put(char *out, size_t v)
{
    char digits[24];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[n - 1 - i];
    }
    return n;
}

static lf_bytes head_make(char out[static DSSE_HEAD_MAX], const char *type, size_t body_len)
{
    size_t type_len = strlen(type);
    LF_BUG_IF(type_len > DSSE_HEAD_MAX - 64); /* types are our own */
    size_t len = text_put(out, "DSSEv1 ", 7);
    len += number_put(out + len, type_len);
    out[len++] = ' ';
    len += text_put(out + len, type, type_len);
    out[len++] = ' ';
    len += number_put(out + len, body_len);
    out[len++] = ' ';
    return (lf_bytes){(const uint8_t *)out, len};
}

bool lf__dsse_pae(struct lf__buf *buf, const char *type, lf_bytes body)
{
    char head[DSSE_HEAD_MAX];
    return lf__buf_append(buf, head_make(head, type, body.len)) && lf__buf_append(buf, body);
}

struct lf__hash lf__dsse_hash(lf_bytes prefix, const char *type, lf_bytes body)
{
    char head[DSSE_HEAD_MAX];
    lf_bytes pieces[] = {prefix, head_make(head, type, body.len), body};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}
