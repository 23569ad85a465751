/* SPDX-License-Identifier: Apache-2.0 */
/* Growth by doubling up to the owner's limit. */
#include "base/buf.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lf__buf_init(struct lf__buf *buf, size_t max)
{
    *buf = (struct lf__buf){.max = max};
}

void lf__buf_done(struct lf__buf *buf)
{
    free(buf->ptr);
    *buf = (struct lf__buf){.max = buf->max};
}

void lf__buf_clear(struct lf__buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    buf->is_out_of_memory = false;
}

static bool buf_grow(struct lf__buf *buf, size_t need)
{
    size_t cap = buf->cap == 0 ? 256 : buf->cap;
    while (cap < need) {
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    }
    uint8_t *ptr = realloc(buf->ptr, cap);
    if (ptr == NULL) {
        buf->is_out_of_memory = true;
        return false;
    }
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

uint8_t *lf__buf_extend(struct lf__buf *buf, size_t len)
{
    if (buf->failed || len > buf->max - buf->len ||
        (buf->len + len > buf->cap && !buf_grow(buf, buf->len + len))) {
        buf->failed = true;
        return NULL;
    }
    buf->len += len;
    return buf->ptr == NULL ? NULL : buf->ptr + buf->len - len;
}

bool lf__buf_append(struct lf__buf *buf, lf_bytes bytes)
{
    if (bytes.len == 0) {
        return !buf->failed;
    }
    uint8_t *to = lf__buf_extend(buf, bytes.len);
    if (to == NULL) {
        return false;
    }
    lf__copy(to, bytes.ptr, bytes.len);
    return true;
}

bool lf__buf_str(struct lf__buf *buf, const char *text)
{
    return lf__buf_append(buf, lf__bytes_str(text));
}

bool lf__buf_printf(struct lf__buf *buf, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text) {
        buf->failed = true;
        return false;
    }
    return lf__buf_append(buf, (lf_bytes){(const uint8_t *)text, (size_t)len});
}

bool lf__buf_u8(struct lf__buf *buf, uint8_t v)
{
    return lf__buf_append(buf, (lf_bytes){&v, 1});
}

bool lf__buf_u16be(struct lf__buf *buf, uint16_t v)
{
    uint8_t raw[2];
    lf__put_u16be(raw, v);
    return lf__buf_append(buf, LF_BYTES_ARRAY(raw));
}

bool lf__buf_u32be(struct lf__buf *buf, uint32_t v)
{
    uint8_t raw[4];
    lf__put_u32be(raw, v);
    return lf__buf_append(buf, LF_BYTES_ARRAY(raw));
}

bool lf__buf_u64be(struct lf__buf *buf, uint64_t v)
{
    uint8_t raw[8];
    lf__put_u64be(raw, v);
    return lf__buf_append(buf, LF_BYTES_ARRAY(raw));
}

lf_status lf__buf_status(const struct lf__buf *buf, lf_error *err)
{
    if (!buf->failed) {
        return LF_OK;
    }
    if (buf->is_out_of_memory) {
        return lf__fail(err, LF_E_NOMEM, "buffer: out of memory");
    }
    return lf__fail(err, LF_E_TOO_BIG, "buffer: over its limit of %zu bytes", buf->max);
}

lf_bytes lf__buf_bytes(const struct lf__buf *buf)
{
    return (lf_bytes){buf->ptr, buf->len};
}
