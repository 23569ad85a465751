/* SPDX-License-Identifier: Apache-2.0 */
/* The protobuf encoding, as far as a message's own fields go. */
#include "protos/codec/wire.h"

#include "base/bytes.h"
#include "protos/codec/limits.h"

/* Tags and lengths have 32 bits: longer spellings of them are no message to protobuf-c, and none here. */
enum { NUMBER_BYTES_MAX = 10, TAG_BYTES_MAX = 5 };

/* By hand, because every field of every record that comes in or is checked again begins with two. */
static bool read_varint(struct lf__reader *r, size_t most, uint64_t *out)
{
    const uint8_t *at = r->rest.ptr;
    most = r->rest.len < most ? r->rest.len : most;
    uint64_t v = 0;
    for (size_t i = 0; i < most; i++) {
        uint8_t byte = at[i];
        if (i == 9 && byte > 1) {
            return false;
        }
        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            r->rest = (lf_bytes){at + i + 1, r->rest.len - i - 1};
            *out = v;
            return true;
        }
    }
    return false;
}

bool px_wire_number(struct lf__reader *r, uint64_t *out)
{
    return read_varint(r, NUMBER_BYTES_MAX, out);
}

static bool wire_read(struct lf__reader *r, struct px_wire *out)
{
    const uint8_t *start = r->rest.ptr;
    uint64_t tag;
    uint64_t v = 0;
    if (!read_varint(r, TAG_BYTES_MAX, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) {
        return false;
    }
    struct px_wire wire = {.number = (uint32_t)(tag >> 3), .type = (unsigned)(tag & 7)};
    bool good = false;
    switch (wire.type) {
    case PX_WIRE_VARINT:
        good = px_wire_number(r, &wire.varint);
        break;
    case PX_WIRE_FIXED64:
        good = lf__read_bytes(r, 8, &wire.value);
        break;
    case PX_WIRE_FIXED32:
        good = lf__read_bytes(r, 4, &wire.value);
        break;
    case PX_WIRE_BYTES:
        good = read_varint(r, TAG_BYTES_MAX, &v) && v <= r->rest.len &&
               lf__read_bytes(r, (size_t)v, &wire.value);
        break;
    default:
        break;
    }
    wire.raw = (lf_bytes){start, (size_t)(r->rest.ptr - start)};
    *out = good ? wire : *out;
    return good;
}

/* What is cut short is not read over: a reader that moved would look finished. */
bool px_wire_next(struct lf__reader *r, struct px_wire *out)
{
    struct lf__reader ahead = *r;
    bool good = wire_read(&ahead, out);
    *r = good ? ahead : *r;
    return good;
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
