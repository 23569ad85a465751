/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf-c with a call's arena as its allocator: one release for a whole message tree. */
#include "protos/codec/codec_internal.h"

#include "base/bytes.h"
#include "base/status.h"

static void *unpack_alloc(void *arena, size_t size)
{
    return lf__arena_alloc(arena, size);
}

static void unpack_free(void *arena, void *pointer)
{
    (void)arena; /* the arena frees all at once */
    (void)pointer;
}

lf_status px_unpack(struct lf__arena *arena, lf_bytes message,
                    const ProtobufCMessageDescriptor *type, enum px_unknown unknown,
                    ProtobufCMessage **out, lf_error *err)
{
    lf_status rc = px_scan(message, type, unknown, err);
    if (rc != LF_OK) {
        return rc;
    }
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, arena};
    static const uint8_t nothing = 0;
    ProtobufCMessage *unpacked = protobuf_c_message_unpack(
        type, &allocator, message.len, message.len > 0 ? message.ptr : &nothing);
    if (unpacked ==
        NULL) { /* the scan has passed, so it should be memory; never believe it is nothing */
        rc = lf__arena_status(arena, err);
        return rc != LF_OK ? rc
                           : lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "",
                                        "message: not a protobuf message");
    }
    *out = unpacked;
    return LF_OK;
}

bool px_pack(const ProtobufCMessage *message, struct lf__buf *out)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *to = size == 0 ? NULL : lf__buf_extend(out, size);
    if (to != NULL) {
        (void)protobuf_c_message_pack(message, to);
    }
    return !out->failed;
}

lf_bytes px_bytes(ProtobufCBinaryData data)
{
    return (lf_bytes){data.data, data.len};
}

ProtobufCBinaryData px_data(lf_bytes bytes)
{
    return (ProtobufCBinaryData){bytes.len, (uint8_t *)(uintptr_t)bytes.ptr};
}

lf_status px_exact(lf_bytes bytes, size_t len, const char *field, lf_error *err)
{
    if (bytes.len == len) {
        return LF_OK;
    }
    return lf__refuse(err, LF_E_FORMAT, "FIELD_LENGTH", field, "%s: %zu bytes instead of %zu",
                      field, bytes.len, len);
}
