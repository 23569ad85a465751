/* SPDX-License-Identifier: Apache-2.0 */
/* A field's class is its number / 100, so parts are split and joined without knowing the kind. */
#include "protos/codec/kinds_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/wire.h"

enum { PARTS_CLASS_STEP = 100 };

static lf_status part_check(const struct px_part *part, lf_error *err)
{
    struct lf__reader r = {part->body};
    struct px_wire wire;
    lf_bytes at = part->body;
    for (; px_wire_next(&r, &wire); at = r.rest) {
        if (wire.number / PARTS_CLASS_STEP != (uint32_t)part->part_class) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_CLASS", "parts.body",
                              "part: field %u does not belong to class %d", wire.number,
                              (int)part->part_class);
        }
    }
    if (at.len == 0) {
        return LF_OK;
    }
    return px_wire_groups(at) > PX_DEPTH_MAX
               ? lf__refuse(err, LF_E_FORMAT, "TOO_DEEP", "parts.body", "part: nested too deeply")
               : lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "parts.body",
                            "part: not a protobuf message");
}

lf_status px_parts_join(struct lf__arena *arena, const struct px_envelope *envelope,
                        const ProtobufCMessageDescriptor *type, ProtobufCMessage **out,
                        lf_error *err)
{
    LF_BUF whole;
    lf__buf_init(&whole, PX_PARTS_BYTES_MAX);
    for (size_t i = 0; i < envelope->part_count; i++) {
        lf_status rc = part_check(&envelope->parts[i], err);
        if (rc != LF_OK) {
            return rc;
        }
        if (envelope->part_count > 1) { /* one alone is read where it lies */
            (void)lf__buf_append(&whole, envelope->parts[i].body);
        }
    }
    lf_status rc = lf__buf_status(&whole, err);
    lf_bytes joined = envelope->part_count == 1 ? envelope->parts[0].body : lf__buf_bytes(&whole);
    return rc == LF_OK ? px_unpack(arena, joined, type, PX_UNKNOWN_CARRY, out, err) : rc;
}

/* Fields come out of protobuf-c in the order of their numbers, so each class is one run of bytes. */
static lf_status parts_cut(lf_bytes packed, struct px_part parts[static PX_PARTS_MAX],
                           size_t *count, lf_error *err)
{
    struct lf__reader r = {packed};
    struct px_wire wire;
    size_t n = 0;
    while (px_wire_next(&r, &wire)) {
        enum px_class part_class = (enum px_class)(wire.number / PARTS_CLASS_STEP);
        if (n == 0 || parts[n - 1].part_class != part_class) {
            LF_BUG_IF(n == PX_PARTS_MAX);
            parts[n++] = (struct px_part){.part_class = part_class, .body = {wire.raw.ptr, 0}};
        }
        parts[n - 1].body.len += wire.raw.len;
    }
    *count = n;
    return n > 0 ? LF_OK
                 : lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "parts", "record: says nothing");
}

lf_status px_parts_split(struct lf__arena *arena, const ProtobufCMessage *message,
                         struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    LF_BUF packed;
    lf__buf_init(&packed, PX_PARTS_BYTES_MAX);
    if (!px_pack(message, &packed)) {
        return packed.is_out_of_memory
                   ? lf__buf_status(&packed, err)
                   : lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "parts",
                                "parts: together at most %d bytes", PX_PARTS_BYTES_MAX);
    }
    lf_bytes kept = lf__arena_copy(arena, lf__buf_bytes(&packed));
    return kept.ptr == NULL ? lf__fail(err, LF_E_NOMEM, "parts: out of memory")
                            : parts_cut(kept, parts, count, err);
}

char *px_string(struct lf__arena *arena, lf_bytes text, bool *failed)
{
    static char empty[] = "";
    lf_bytes copy = lf__arena_copy(arena, text);
    *failed = *failed || copy.ptr == NULL;
    return copy.ptr == NULL ? empty : (char *)(uintptr_t)copy.ptr;
}

lf_bytes px_text(const char *text)
{
    return lf__bytes_str(text);
}
