/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts into a kind's message, through protobuf-c's description of it. */
#include "protos/codec/spell.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/words.h"

#include <string.h>

enum { SPELL_ITEMS_MAX = 256, SPELL_HEX_MAX = LF_HASH_BYTES };

/* One field on its way. */
struct spelling {
    struct lf__arena *arena;
    const ProtobufCFieldDescriptor *field;
    lf_error *err;
};

static char lower(char c)
{
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

enum px_kind px_kind_of(lf_bytes word)
{
    for (unsigned kind = 1; kind < PX_KIND_COUNT; kind++) {
        const char *name = px_kind_name((enum px_kind)kind);
        size_t i = 0;
        while (i < word.len && name[i] != '\0' && (char)word.ptr[i] == lower(name[i])) {
            i++;
        }
        if (i == word.len && name[i] == '\0') {
            return (enum px_kind)kind;
        }
    }
    return PX_KIND_NONE;
}

static const ProtobufCFieldDescriptor *field_of(enum px_kind kind, lf_bytes name)
{
    const ProtobufCMessageDescriptor *type = px_kind_type(kind);
    for (unsigned i = 0; type != NULL && i < type->n_fields; i++) {
        if (lf__bytes_eq_str(name, type->fields[i].name) &&
            type->fields[i].type != PROTOBUF_C_TYPE_MESSAGE) {
            return &type->fields[i];
        }
    }
    return NULL;
}

bool px_spells(enum px_kind kind, lf_bytes name)
{
    return field_of(kind, name) != NULL;
}

bool px_spells_many(enum px_kind kind, lf_bytes name)
{
    const ProtobufCFieldDescriptor *field = field_of(kind, name);
    return field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED;
}

static lf_status bad(const struct spelling *s, const char *reason, const char *why)
{
    return lf__refuse(s->err, LF_E_ARG, reason, s->field->name, "%s: %s", s->field->name, why);
}

static lf_status no_room(const struct spelling *s)
{
    return lf__fail(s->err, LF_E_NOMEM, "record: out of memory");
}

/* ENUM_NAME_ before each name, as its zero value has it before UNSPECIFIED. */
static size_t prefix_of(const ProtobufCEnumDescriptor *type)
{
    const char *zero = protobuf_c_enum_descriptor_get_value(type, 0)->name;
    return strlen(zero) - (sizeof "UNSPECIFIED" - 1);
}

static lf_status enum_spell(const struct spelling *s, lf_bytes text, int *out)
{
    const ProtobufCEnumDescriptor *type = s->field->descriptor;
    size_t prefix = prefix_of(type);
    for (unsigned i = 0; i < type->n_values; i++) {
        if (type->values[i].value != 0 && lf__bytes_eq_str(text, type->values[i].name + prefix)) {
            *out = type->values[i].value;
            return LF_OK;
        }
    }
    return bad(s, "FIELD_MISSING", "is not a name of the contract");
}

static lf_status bytes_spell(const struct spelling *s, lf_bytes text, ProtobufCBinaryData *out)
{
    uint8_t bytes[SPELL_HEX_MAX];
    size_t len = 0;
    if (!lf__unhex(text, bytes, sizeof bytes, &len)) {
        return bad(s, "FIELD_LENGTH", "is not hex of at most 32 bytes");
    }
    lf_bytes kept = lf__arena_copy(s->arena, (lf_bytes){bytes, len});
    *out = px_data(kept);
    return kept.ptr == NULL ? no_room(s) : LF_OK;
}

static lf_status text_spell(const struct spelling *s, lf_bytes text, char **out)
{
    bool failed = false;
    if (!lf__text_is_utf8(text)) {
        return bad(s, "BAD_UTF8", "is not UTF-8");
    }
    if (text.len > PX_PARTS_BYTES_MAX) {
        return bad(s, "TOO_BIG", "is over the limit of a record");
    }
    *out = px_string(s->arena, text, &failed);
    return failed ? no_room(s) : LF_OK;
}

static lf_status number_spell(const struct spelling *s, lf_bytes text, void *out)
{
    uint64_t value = 0;
    uint64_t max = s->field->type == PROTOBUF_C_TYPE_UINT32   ? UINT32_MAX
                   : s->field->type == PROTOBUF_C_TYPE_UINT64 ? UINT64_MAX
                                                              : INT64_MAX;
    if (!lf__text_u64(text, &value) || value > max) {
        return bad(s, "FIELD_LENGTH", "not a whole number within range");
    }
    if (s->field->type == PROTOBUF_C_TYPE_UINT32) {
        *(uint32_t *)out = (uint32_t)value;
    } else {
        *(uint64_t *)out = value;
    }
    return LF_OK;
}

static lf_status value_spell(const struct spelling *s, lf_bytes text, void *out)
{
    if (s->field->type == PROTOBUF_C_TYPE_STRING) {
        return text_spell(s, text, out);
    }
    if (s->field->type == PROTOBUF_C_TYPE_BYTES) {
        return bytes_spell(s, text, out);
    }
    if (s->field->type == PROTOBUF_C_TYPE_ENUM) {
        return enum_spell(s, text, out);
    }
    if (s->field->type == PROTOBUF_C_TYPE_BOOL) {
        bool is_true = lf__bytes_eq_str(text, "true");
        *(protobuf_c_boolean *)out = is_true;
        return is_true || lf__bytes_eq_str(text, "false")
                   ? LF_OK
                   : bad(s, "FIELD_LENGTH", "is neither true nor false");
    }
    return number_spell(s, text, out);
}

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING  ? sizeof(char *)
           : field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData)
                                                  : sizeof(int); /* enums */
}

static lf_bytes item_take(lf_bytes *rest)
{
    size_t to = 0;
    while (to < rest->len && rest->ptr[to] != ';') {
        to++;
    }
    lf_bytes item = lf__bytes_slice(*rest, 0, to);
    *rest = lf__bytes_slice(*rest, to + (to < rest->len ? 1 : 0), rest->len);
    while (item.len > 0 && item.ptr[0] == ' ') {
        item = lf__bytes_slice(item, 1, item.len);
    }
    while (item.len > 0 && item.ptr[item.len - 1] == ' ') {
        item.len--;
    }
    return item;
}

static lf_status items_spell(const struct spelling *s, lf_bytes text, ProtobufCMessage *message)
{
    size_t count = 0;
    size_t size = size_of(s->field);
    uint8_t *items = lf__arena_array(s->arena, SPELL_ITEMS_MAX, size);
    lf_status rc = items == NULL ? no_room(s) : LF_OK;
    while (rc == LF_OK && text.len > 0) {
        lf_bytes item = item_take(&text);
        if (item.len > 0) {
            rc = count == SPELL_ITEMS_MAX ? bad(s, "TOO_BIG", "has too many items")
                                          : value_spell(s, item, items + size * count);
            count += rc == LF_OK ? 1 : 0;
        }
    }
    *(size_t *)(void *)((uint8_t *)message + s->field->quantifier_offset) = count;
    *(void **)(void *)((uint8_t *)message + s->field->offset) = items;
    return rc;
}

static lf_status name_unknown(lf_bytes name, lf_error *err)
{
    char text[sizeof err->field];
    (void)lf__copy_str(text, sizeof text, lf__bytes_slice(name, 0, sizeof text - 1));
    return lf__refuse(err, LF_E_ARG, "UNKNOWN_FIELD", text, "%s: the kind has no such field", text);
}

static lf_status named_spell(struct lf__arena *arena, enum px_kind kind,
                             const struct px_spelled *list, size_t at, ProtobufCMessage *message,
                             lf_error *err)
{
    struct spelling s = {arena, field_of(kind, list[at].name), err};
    if (s.field == NULL) {
        return name_unknown(list[at].name, err);
    }
    for (size_t i = 0; i < at; i++) {
        if (lf__bytes_eq(list[i].name, list[at].name)) {
            return bad(&s, "DUPLICATE_FIELD", "is given twice");
        }
    }
    if (list[at].text.len == 0) {
        return LF_OK;
    }
    return s.field->label == PROTOBUF_C_LABEL_REPEATED
               ? items_spell(&s, list[at].text, message)
               : value_spell(&s, list[at].text, (uint8_t *)message + s.field->offset);
}

lf_status px_spell(struct lf__arena *arena, enum px_kind kind, const struct px_spelled *list,
                   size_t count, struct px_part parts[static PX_PARTS_MAX], size_t *part_count,
                   lf_error *err)
{
    const ProtobufCMessageDescriptor *type = px_kind_type(kind);
    struct px_envelope made = {.header.kind = kind};
    if (type == NULL) {
        return lf__refuse(err, LF_E_ARG, "KIND_UNKNOWN", "kind", "kind: is not known");
    }
    ProtobufCMessage *message = px_message_new(arena, type);
    lf_status rc = message == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory") : LF_OK;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = named_spell(arena, kind, list, i, message, err);
    }
    rc = rc == LF_OK ? px_parts_split(arena, message, made.parts, &made.part_count, err) : rc;
    rc = rc == LF_OK ? px_form_check(arena, &made, err) : rc;
    if (rc == LF_OK) {
        lf__copy(parts, made.parts, sizeof made.parts);
        *part_count = made.part_count;
    }
    return rc;
}
