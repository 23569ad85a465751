/* SPDX-License-Identifier: Apache-2.0 */
/* protos/codec/codec_internal.h - unpacking into an arena; shared by the files of this directory. */
#ifndef PX_CODEC_INTERNAL_H
#define PX_CODEC_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "protos/codec/scan.h"

/* Scans, then unpacks; the result lives in the arena and is never freed on its own. */
lf_status px_unpack(struct lf__arena *arena, lf_bytes message,
                    const ProtobufCMessageDescriptor *type, enum px_unknown unknown,
                    ProtobufCMessage **out, lf_error *err);
/* Appends the serialized message. */
bool px_pack(const ProtobufCMessage *message, struct lf__buf *out);

lf_bytes px_bytes(ProtobufCBinaryData data);
ProtobufCBinaryData px_data(lf_bytes bytes);
/* E_FORMAT (FIELD_LENGTH) unless exactly `len` bytes. */
lf_status px_exact(lf_bytes bytes, size_t len, const char *field, lf_error *err);

#endif
