/* SPDX-License-Identifier: Apache-2.0 */
/* The protobuf encoding, as far as a message's own fields go. */
#include "protos/codec/wire.h"

#include "base/bytes.h"
#include "protos/codec/limits.h"

/* Tags and lengths have 32 bits: longer spellings of them are no message to protobuf-c, and none here. */
enum { NUMBER_BYTES_MAX = 10, TAG_BYTES_MAX = 5 };

/* By hand, because every field of every record that comes in or is checked again begins with two, and nearly all of them
 * have one byte. How many bytes it has; 0 when it is none. */
static size_t varint_at(lf_bytes at, size_t most, uint64_t *out)
{
    uint64_t v = 0;
    if (at.len > 0 && at.ptr[0] < 0x80) {
        *out = at.ptr[0];
        return 1;
    }
    most = at.len < most ? at.len : most;
    for (size_t i = 0; i < most; i++) {
        uint8_t byte = at.ptr[i];
        if (i == 9 && byte > 1) {
            return 0;
        }
        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *out = v;
            return i + 1;
        }
    }
    return 0;
}

bool px_wire_number(struct lf__reader *r, uint64_t *out)
{
    size_t n = varint_at(r->rest, NUMBER_BYTES_MAX, out);
    if (n > 0) {
        r->rest = (lf_bytes){r->rest.ptr + n, r->rest.len - n};
    }
    return n > 0;
}

/* Behind the tag: how many bytes lead up to the value, and how many it has. A number is all lead. */
static bool value_measure(lf_bytes at, unsigned type, size_t *lead, uint64_t *v)
{
    *lead = 0;
    switch (type) {
    case PX_WIRE_VARINT:
        *lead = varint_at(at, NUMBER_BYTES_MAX, v);
        return *lead > 0;
    case PX_WIRE_BYTES:
        *lead = varint_at(at, TAG_BYTES_MAX, v);
        return *lead > 0;
    case PX_WIRE_FIXED64:
        *v = 8;
        return true;
    case PX_WIRE_FIXED32:
        *v = 4;
        return true;
    default:
        return false;
    }
}

/* What is cut short is not read over: a reader that moved would look finished. */
bool px_wire_next(struct lf__reader *r, struct px_wire *out)
{
    const uint8_t *at = r->rest.ptr;
    size_t len = r->rest.len;
    size_t lead;
    uint64_t tag;
    uint64_t v;
    size_t n = varint_at((lf_bytes){at, len}, TAG_BYTES_MAX, &tag);
    if (n == 0 || tag >> 3 == 0 || tag >> 3 > 0x1fffffff ||
        !value_measure((lf_bytes){at + n, len - n}, (unsigned)(tag & 7), &lead, &v)) {
        return false;
    }
    bool is_number = (tag & 7) == PX_WIRE_VARINT;
    uint64_t follows = is_number ? 0 : v;
    n += lead;
    if (follows > len - n) {
        return false;
    }
    out->number = (uint32_t)(tag >> 3);
    out->type = (unsigned)(tag & 7);
    out->varint = is_number ? v : 0;
    out->value = is_number ? LF_BYTES_NONE : (lf_bytes){at + n, (size_t)follows};
    n += (size_t)follows;
    out->raw = (lf_bytes){at, n};
    r->rest = (lf_bytes){at + n, len - n};
    return true;
}

unsigned px_wire_groups(lf_bytes at)
{
    enum { GROUP_BEGINS = 3 };
    unsigned depth = 0;
    size_t i = 0;
    while (i < at.len && depth <= PX_DEPTH_MAX && (at.ptr[i] & 7) == GROUP_BEGINS) {
        while (i < at.len && (at.ptr[i] & 0x80) != 0) { /* the rest of the tag */
            i++;
        }
        i++;
        depth++;
    }
    return depth;
}

bool px_wire_varint(struct lf__buf *out, uint64_t v)
{
    while (v > 0x7f) {
        (void)lf__buf_u8(out, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    return lf__buf_u8(out, (uint8_t)v);
}

bool px_wire_bytes(struct lf__buf *out, uint32_t number, lf_bytes value)
{
    return px_wire_varint(out, (uint64_t)number << 3 | PX_WIRE_BYTES) &&
           px_wire_varint(out, value.len) && lf__buf_append(out, value);
}

bool px_wire_u64(struct lf__buf *out, uint32_t number, uint64_t v)
{
    return v == 0 ? !out->failed
                  : (px_wire_varint(out, (uint64_t)number << 3) && px_wire_varint(out, v));
}
