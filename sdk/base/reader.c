/* SPDX-License-Identifier: Apache-2.0 */
/* The only way bytes from outside are taken apart: checked, and unmoved on failure. */
#include "base/reader.h"

#include "base/bytes.h"

#include <string.h>

bool lf__read_bytes(struct lf__reader *r, size_t len, lf_bytes *out)
{
    if (len > r->rest.len) {
        return false;
    }
    *out = (lf_bytes){r->rest.ptr, len};
    if (len > 0) {
        r->rest = (lf_bytes){r->rest.ptr + len, r->rest.len - len};
    }
    return true;
}

bool lf__read_copy(struct lf__reader *r, size_t len, uint8_t *out)
{
    lf_bytes view;
    if (!lf__read_bytes(r, len, &view)) {
        return false;
    }
    lf__copy(out, view.ptr, len);
    return true;
}

bool lf__read_u16be(struct lf__reader *r, uint16_t *out)
{
    uint8_t raw[2];
    if (!lf__read_copy(r, sizeof raw, raw)) {
        return false;
    }
    *out = (uint16_t)(raw[0] << 8 | raw[1]);
    return true;
}

bool lf__read_u32be(struct lf__reader *r, uint32_t *out)
{
    uint8_t raw[4];
    if (!lf__read_copy(r, sizeof raw, raw)) {
        return false;
    }
    *out = lf__get_u32be(raw);
    return true;
}

bool lf__read_u64be(struct lf__reader *r, uint64_t *out)
{
    uint8_t raw[8];
    if (!lf__read_copy(r, sizeof raw, raw)) {
        return false;
    }
    *out = lf__get_u64be(raw);
    return true;
}

bool lf__read_line(struct lf__reader *r, lf_bytes *out)
{
    const uint8_t *end = r->rest.len == 0 ? NULL : memchr(r->rest.ptr, '\n', r->rest.len);
    if (end == NULL) {
        return false;
    }
    size_t len = (size_t)(end - r->rest.ptr);
    *out = (lf_bytes){r->rest.ptr, len};
    r->rest = (lf_bytes){r->rest.ptr + len + 1, r->rest.len - len - 1};
    return true;
}

bool lf__read_finished(const struct lf__reader *r)
{
    return r->rest.len == 0;
}
