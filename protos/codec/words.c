/* SPDX-License-Identifier: Apache-2.0 */
/* Any kind by its table: protobuf-c says where a field lies in the message, words_table.c where in ours. */
#include "protos/codec/words.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/wire.h"

#include <string.h>

enum { MANDATORY_STEP = 100, MANDATORY_FROM = 90 };

const char *px_field_name(enum px_kind kind, uint32_t number)
{
    const ProtobufCMessageDescriptor *type = px_kind_type(kind);
    const ProtobufCFieldDescriptor *field =
        type == NULL ? NULL : protobuf_c_message_descriptor_get_field(type, number);
    return field == NULL ? NULL : field->name;
}

/* Where a member of the message or of our struct lies. */
static const void *place(const void *base, size_t offset)
{
    return (const uint8_t *)base + offset;
}

static void *room(void *base, size_t offset)
{
    return (uint8_t *)base + offset;
}

static size_t items_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const size_t *)place(message, field->quantifier_offset);
}

static bool is_list(const struct px_word *word)
{
    return word->form == PX_FORM_CODES || word->form == PX_FORM_MEMBERS ||
           word->form == PX_FORM_LABELS;
}

static lf_status list_decode(struct lf__arena *arena, const ProtobufCMessage *message,
                             const ProtobufCFieldDescriptor *field, const struct px_word *word,
                             struct px_list *out, lf_error *err)
{
    size_t count = items_of(message, field);
    char *const *texts = *(char *const *const *)place(message, field->offset);
    if (count > word->max) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", field->name, "%s: more than %u",
                          field->name, word->max);
    }
    lf_bytes *items = lf__arena_array(arena, count, sizeof *items);
    if (items == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = px_text(texts[i]);
    }
    *out = (struct px_list){items, count};
    return LF_OK;
}

static lf_status missing(const char *field, lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", field, "%s: is missing or unknown",
                      field);
}

static lf_status bytes_decode(const void *in, const ProtobufCFieldDescriptor *field,
                              const struct px_word *word, lf_bytes *out, lf_error *err)
{
    *out = field->type == PROTOBUF_C_TYPE_STRING ? px_text(*(const char *const *)in)
                                                 : px_bytes(*(const ProtobufCBinaryData *)in);
    return word->form == PX_FORM_BYTES && out->len > 0 ? px_exact(*out, word->max, field->name, err)
                                                       : LF_OK;
}

/* An enum's value, or a number; whether it is given, and known. */
static bool number_decode(const void *in, const ProtobufCFieldDescriptor *field, void *out)
{
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        int value = *(const int *)in;
        *(unsigned *)out = (unsigned)value;
        return value != 0 && protobuf_c_enum_descriptor_get_value(field->descriptor, value) != NULL;
    }
    if (field->type == PROTOBUF_C_TYPE_BOOL) {
        *(bool *)out = *(const protobuf_c_boolean *)in != 0;
        return *(bool *)out;
    }
    if (field->type == PROTOBUF_C_TYPE_UINT32) {
        *(uint32_t *)out = *(const uint32_t *)in;
        return *(const uint32_t *)in != 0;
    }
    LF_BUG_IF(field->type != PROTOBUF_C_TYPE_UINT64 && field->type != PROTOBUF_C_TYPE_INT64);
    *(uint64_t *)out = *(const uint64_t *)in;
    return *(const uint64_t *)in != 0;
}

static lf_status word_decode(struct lf__arena *arena, const ProtobufCMessage *message,
                             const struct px_word *word, void *value, lf_error *err)
{
    bool is_given = false;
    void *out = room(value, word->offset);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, word->number);
    LF_BUG_IF(field == NULL);
    if (is_list(word)) {
        return list_decode(arena, message, field, word, out, err);
    }
    const void *in = place(message, field->offset);
    lf_status rc = LF_OK;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES) {
        rc = bytes_decode(in, field, word, out, err);
        is_given = ((const lf_bytes *)out)->len > 0;
    } else {
        is_given = number_decode(in, field, out);
    }
    return rc == LF_OK && word->is_required && !is_given ? missing(field->name, err) : rc;
}

lf_status px_words_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          enum px_kind kind, void *value, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    const struct px_words *words = px_words_of(kind);
    LF_BUG_IF(words == NULL);
    lf_status rc = px_parts_join(arena, envelope, px_kind_type(kind), &message, err);
    void *read = rc == LF_OK ? lf__arena_alloc(arena, words->size) : NULL;
    if (rc == LF_OK && read == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    for (size_t i = 0; rc == LF_OK && i < words->count; i++) {
        rc = word_decode(arena, message, &words->list[i], read, err);
    }
    if (rc == LF_OK) {
        lf__copy(value, read, words->size);
    }
    return rc;
}

static void list_encode(struct lf__arena *arena, const struct px_list *in,
                        const ProtobufCFieldDescriptor *field, ProtobufCMessage *message,
                        bool *failed)
{
    char **texts = lf__arena_array(arena, in->count, sizeof *texts);
    if (texts == NULL) {
        *failed = true;
        return;
    }
    for (size_t i = 0; i < in->count; i++) {
        texts[i] = px_string(arena, in->items[i], failed);
    }
    *(size_t *)room(message, field->quantifier_offset) = in->count;
    *(char ***)room(message, field->offset) = texts;
}

static void word_encode(struct lf__arena *arena, const struct px_word *word, const void *value,
                        ProtobufCMessage *message, bool *failed)
{
    const void *in = place(value, word->offset);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, word->number);
    LF_BUG_IF(field == NULL);
    void *out = room(message, field->offset);
    if (is_list(word)) {
        list_encode(arena, in, field, message, failed);
    } else if (field->type == PROTOBUF_C_TYPE_STRING) {
        *(char **)out = px_string(arena, *(const lf_bytes *)in, failed);
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        *(ProtobufCBinaryData *)out = px_data(*(const lf_bytes *)in);
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        *(int *)out = (int)*(const unsigned *)in;
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        *(protobuf_c_boolean *)out = *(const bool *)in;
    } else if (field->type == PROTOBUF_C_TYPE_UINT32) {
        *(uint32_t *)out = *(const uint32_t *)in;
    } else {
        *(uint64_t *)out = *(const uint64_t *)in;
    }
}

lf_status px_words_encode(struct lf__arena *arena, enum px_kind kind, const void *value,
                          struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    const struct px_words *words = px_words_of(kind);
    LF_BUG_IF(words == NULL);
    ProtobufCMessage *message = px_message_new(arena, px_kind_type(kind));
    for (size_t i = 0; message != NULL && i < words->count; i++) {
        word_encode(arena, &words->list[i], value, message, &failed);
    }
    return message == NULL || failed ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                     : px_parts_split(arena, message, parts, count, err);
}

#define WORDS_DEFINE(noun, KIND)                                                                   \
    lf_status px_##noun##_decode(struct lf__arena *arena, const struct px_envelope *envelope,      \
                                 struct px_##noun *out, lf_error *err)                             \
    {                                                                                              \
        return px_words_decode(arena, envelope, PX_KIND_##KIND, out, err);                         \
    }                                                                                              \
    lf_status px_##noun##_encode(struct lf__arena *arena, const struct px_##noun *in,              \
                                 struct px_part parts[static PX_PARTS_MAX], size_t *count,         \
                                 lf_error *err)                                                    \
    {                                                                                              \
        return px_words_encode(arena, PX_KIND_##KIND, in, parts, count, err);                      \
    }
PX_WORDS_MAP(WORDS_DEFINE)
#undef WORDS_DEFINE

static const ProtobufCFieldDescriptor *field_named(enum px_kind kind, const char *name)
{
    const ProtobufCMessageDescriptor *type = px_kind_type(kind);
    return type == NULL ? NULL : protobuf_c_message_descriptor_get_field_by_name(type, name);
}

bool px_speaks_of_another(enum px_kind kind)
{
    return field_named(kind, "target_record_id") != NULL;
}

/* A text or bytes of the message; nothing when the kind has no such field. */
static lf_bytes named_take(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    const void *in = field == NULL ? NULL : place(message, field->offset);
    return in == NULL                             ? LF_BYTES_NONE
           : field->type == PROTOBUF_C_TYPE_BYTES ? px_bytes(*(const ProtobufCBinaryData *)in)
                                                  : px_text(*(const char *const *)in);
}

lf_status px_about_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          struct px_about *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    enum px_kind kind = envelope->header.kind;
    LF_BUG_IF(!px_speaks_of_another(kind));
    lf_status rc = px_parts_join(arena, envelope, px_kind_type(kind), &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_about about = {named_take(message, "target_issuer"),
                             named_take(message, "target_record_id")};
    rc = about.issuer.len == 0 ? missing("target_issuer", err)
                               : px_exact(about.record_id, PX_ID_BYTES, "target_record_id", err);
    if (rc == LF_OK) {
        *out = about;
    }
    return rc;
}

lf_status px_subject_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                            struct px_subject *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    enum px_kind kind = envelope->header.kind;
    if (field_named(kind, "uscc") == NULL) {
        *out = (struct px_subject){.uscc = LF_BYTES_NONE};
        return LF_OK;
    }
    lf_status rc = px_parts_join(arena, envelope, px_kind_type(kind), &message, err);
    if (rc == LF_OK) {
        *out = (struct px_subject){named_take(message, "uscc"), named_take(message, "name"),
                                   named_take(message, "full_name")};
    }
    return rc;
}

/* Field numbers that end in 90 to 99 must be understood; any other unknown field is carried. */
static bool part_is_understood(const ProtobufCMessageDescriptor *type, lf_bytes body)
{
    struct lf__reader r = {body};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number % MANDATORY_STEP >= MANDATORY_FROM &&
            protobuf_c_message_descriptor_get_field(type, wire.number) == NULL) {
            return false;
        }
    }
    return true;
}

bool px_parts_are_understood(const struct px_envelope *envelope)
{
    const ProtobufCMessageDescriptor *type = px_kind_type(envelope->header.kind);
    for (size_t i = 0; type != NULL && i < envelope->part_count; i++) {
        if (!part_is_understood(type, envelope->parts[i].body)) {
            return false;
        }
    }
    return true;
}
