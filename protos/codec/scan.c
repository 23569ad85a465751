/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the wire format (protobuf encoding specification), checked against the descriptor. */
#include "protos/codec/codec_internal.h"

#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/limits.h"
#include "protos/codec/scan.h"
#include "protos/codec/wire.h"

#include <stdio.h>
#include <string.h>

enum { SCAN_FIELDS_MAX = 64 };

struct scan {
    enum px_unknown unknown;
    unsigned depth;
    const char *names[PX_DEPTH_MAX]; /* of the fields on the way down; joined only for an error */
    unsigned named;
    lf_error *err;
};

static lf_status scan_bad(const struct scan *scan, const char *reason, const char *why)
{
    char path[sizeof((lf_error *)NULL)->field] = "";
    size_t len = 0;
    for (unsigned i = 0; i < scan->named && len < sizeof path; i++) {
        int n = snprintf(path + len, sizeof path - len, "%s%s", i > 0 ? "." : "", scan->names[i]);
        len += n > 0 ? (size_t)n : 0;
    }
    return lf__refuse(scan->err, LF_E_FORMAT, reason, path, "message: %s", why);
}

static unsigned wire_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PX_WIRE_BYTES;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PX_WIRE_FIXED64;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PX_WIRE_FIXED32;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        return PX_WIRE_VARINT;
    }
    return PX_WIRE_VARINT;
}

static lf_status scan_message(struct scan *scan, lf_bytes message,
                              const ProtobufCMessageDescriptor *type);

static lf_status scan_text(struct scan *scan, lf_bytes text)
{
    if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL) {
        return scan_bad(scan, "NUL_IN_TEXT", "text holds a NUL");
    }
    return lf__text_is_utf8(text) ? LF_OK : scan_bad(scan, "BAD_UTF8", "text is not UTF-8");
}

/* Numbers of a repeated field in one run: whole ones only, or protobuf-c reads none of the message. */
static lf_status scan_packed(const struct scan *scan, lf_bytes run, ProtobufCType type)
{
    struct lf__reader r = {run};
    uint64_t number = 0;
    bool is_whole = true;
    switch (wire_of(type)) {
    case PX_WIRE_FIXED64:
        is_whole = run.len % 8 == 0;
        break;
    case PX_WIRE_FIXED32:
        is_whole = run.len % 4 == 0;
        break;
    default:
        while (is_whole && !lf__read_finished(&r)) {
            is_whole = px_wire_number(&r, &number);
        }
        break;
    }
    return is_whole ? LF_OK : scan_bad(scan, "WIRE_MALFORMED", "packed numbers are cut short");
}

static lf_status scan_value(struct scan *scan, const struct px_wire *field,
                            const ProtobufCFieldDescriptor *known)
{
    bool is_packed = known->label == PROTOBUF_C_LABEL_REPEATED && field->type == PX_WIRE_BYTES &&
                     wire_of(known->type) != PX_WIRE_BYTES;
    if (field->type != wire_of(known->type) && !is_packed) {
        return scan_bad(scan, "WRONG_WIRE_TYPE", "field has a wrong wire type");
    }
    if (is_packed) {
        return scan_packed(scan, field->value, known->type);
    }
    if (known->type == PROTOBUF_C_TYPE_STRING) {
        return scan_text(scan, field->value);
    }
    return known->type == PROTOBUF_C_TYPE_MESSAGE
               ? scan_message(scan, field->value, known->descriptor)
               : LF_OK;
}

/* Singular fields once, members of a oneof once together. */
static lf_status scan_once(const struct scan *scan, const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *known, uint64_t *seen)
{
    size_t at = (size_t)(known - type->fields);
    LF_BUG_IF(at >= SCAN_FIELDS_MAX);
    if (known->label == PROTOBUF_C_LABEL_REPEATED) {
        return LF_OK;
    }
    if ((*seen >> at & 1) != 0) {
        return scan_bad(scan, "DUPLICATE_FIELD", "singular field given twice");
    }
    *seen |= (uint64_t)1 << at;
    return LF_OK;
}

static lf_status scan_known(struct scan *scan, const struct px_wire *field,
                            const ProtobufCMessageDescriptor *type, uint64_t *seen)
{
    const ProtobufCFieldDescriptor *known =
        protobuf_c_message_descriptor_get_field(type, field->number);
    lf_status rc = LF_OK;
    scan->names[scan->named++] = known != NULL ? known->name : "?"; /* depth bounds it */
    if (known == NULL) {
        rc = scan->unknown == PX_UNKNOWN_CARRY
                 ? LF_OK
                 : scan_bad(scan, "UNKNOWN_FIELD", "field that this version does not know");
    } else {
        rc = scan_once(scan, type, known, seen);
        rc = rc == LF_OK ? scan_value(scan, field, known) : rc;
    }
    scan->named--;
    return rc;
}

static lf_status scan_malformed(const struct scan *scan, lf_bytes field)
{
    return scan->depth + px_wire_groups(field) > PX_DEPTH_MAX
               ? scan_bad(scan, "TOO_DEEP", "nested too deeply")
               : scan_bad(scan, "WIRE_MALFORMED", "not a protobuf message");
}

static lf_status scan_message(struct scan *scan, lf_bytes message,
                              const ProtobufCMessageDescriptor *type)
{
    struct lf__reader r = {message};
    uint64_t seen = 0;
    lf_status rc = LF_OK;
    if (scan->depth >= PX_DEPTH_MAX) {
        return scan_bad(scan, "TOO_DEEP", "nested too deeply");
    }
    scan->depth++;
    while (rc == LF_OK && !lf__read_finished(&r)) {
        struct px_wire field;
        lf_bytes at = r.rest;
        rc = px_wire_next(&r, &field) ? scan_known(scan, &field, type, &seen)
                                      : scan_malformed(scan, at);
    }
    scan->depth--;
    return rc;
}

lf_status px_scan(lf_bytes message, const ProtobufCMessageDescriptor *type, enum px_unknown unknown,
                  lf_error *err)
{
    struct scan scan = {.unknown = unknown, .err = err};
    if (message.len > PX_MESSAGE_MAX) {
        return scan_bad(&scan, "TOO_BIG", "over the limit of a message");
    }
    return scan_message(&scan, message, type);
}
