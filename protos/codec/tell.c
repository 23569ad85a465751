/* SPDX-License-Identifier: Apache-2.0 */
/* A kind's message as names and texts; the other way of spell.c. */
#include "protos/codec/spell.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/kinds_internal.h"
#include "protos/codec/log_key.h"
#include "protos/codec/words.h"

#include <stdio.h>
#include <string.h>

/* Who hears it. */
struct telling {
    struct lf__arena *arena;
    void (*each)(void *user, const char *name, lf_bytes text);
    void *user;
    bool failed;
    bool is_deep;       /* messages inside are told, too */
    const char *before; /* of a message inside: what stands before its names */
};

/* A name that lives in the arena; "" when it has no room. */
static const char *name_in(struct telling *t, const char *before, const char *name, size_t item)
{
    char number[24] = "";
    size_t size = strlen(before) + strlen(name) + sizeof number + 2;
    char *out = lf__arena_alloc(t->arena, size);
    t->failed = t->failed || out == NULL;
    if (out == NULL) {
        return "";
    }
    if (item > 0) {
        (void)snprintf(number, sizeof number, "[%zu]", item);
    }
    (void)snprintf(out, size, "%s%s%s", before, name, number);
    return out;
}

/* `kept` lives in the arena. */
static void kept_tell(struct telling *t, const char *name, lf_bytes kept)
{
    t->each(t->user, t->before[0] == '\0' ? name : name_in(t, t->before, name, 0), kept);
}

static void tell(struct telling *t, const char *name, lf_bytes text)
{
    lf_bytes kept = text.len > 0 ? lf__arena_copy(t->arena, text) : LF_BYTES_NONE;
    t->failed = t->failed || (text.len > 0 && kept.ptr == NULL);
    if (kept.len > 0) {
        kept_tell(t, name, kept);
    }
}

static void bytes_tell(struct telling *t, const char *name, lf_bytes bytes)
{
    size_t size = 2 * bytes.len + 1;
    char *to = bytes.len == 0 ? NULL : lf__arena_alloc(t->arena, size);
    t->failed = t->failed || (bytes.len > 0 && to == NULL);
    if (to != NULL) {
        kept_tell(t, name, (lf_bytes){(const uint8_t *)to, lf__hex(bytes, to, size)});
    }
}

/* A number that the contract does not know stands as it is. */
static void enum_tell(struct telling *t, const ProtobufCFieldDescriptor *field, int value)
{
    char text[24];
    const ProtobufCEnumDescriptor *type = field->descriptor;
    const char *zero = protobuf_c_enum_descriptor_get_value(type, 0)->name;
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
    (void)snprintf(text, sizeof text, "%d", value);
    if (value != 0) {
        tell(t, field->name,
             lf__bytes_str(known == NULL ? text
                                         : known->name + strlen(zero) - strlen("UNSPECIFIED")));
    }
}

static void number_tell(struct telling *t, const ProtobufCFieldDescriptor *field, const void *in)
{
    char text[24];
    uint64_t value =
        field->type == PROTOBUF_C_TYPE_UINT32 ? *(const uint32_t *)in : *(const uint64_t *)in;
    if (field->type == PROTOBUF_C_TYPE_INT64) {
        (void)snprintf(text, sizeof text, "%lld", (long long)*(const int64_t *)in);
    } else {
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    }
    tell(t, field->name, value == 0 ? LF_BYTES_NONE : lf__bytes_str(text));
}

static void message_tell(struct telling *t, const ProtobufCMessage *message);

/* `item` from 1 of a repeated one. Messages of the contract lie in no message of their own kind. */
static void inside_tell(struct telling *t, const ProtobufCFieldDescriptor *field,
                        const ProtobufCMessage *message, size_t item)
{
    const char *before = t->before;
    if (t->is_deep && message != NULL) {
        t->before = name_in(t, name_in(t, before, field->name, item), ".", 0);
        message_tell(t, message);
        t->before = before;
    }
}

static void value_tell(struct telling *t, const ProtobufCFieldDescriptor *field, const void *in)
{
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        tell(t, field->name, px_text(*(const char *const *)in));
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        bytes_tell(t, field->name, px_bytes(*(const ProtobufCBinaryData *)in));
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        enum_tell(t, field, *(const int *)in);
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        bool is_true = *(const protobuf_c_boolean *)in != 0;
        tell(t, field->name, is_true ? lf__bytes_str("true") : LF_BYTES_NONE);
    } else if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
        number_tell(t, field, in);
    }
}

static void items_tell(struct telling *t, const ProtobufCFieldDescriptor *field,
                       const ProtobufCMessage *message)
{
    size_t count =
        *(const size_t *)(const void *)((const uint8_t *)message + field->quantifier_offset);
    const uint8_t *items =
        *(const uint8_t *const *)(const void *)((const uint8_t *)message + field->offset);
    bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;
    size_t size = field->type == PROTOBUF_C_TYPE_STRING  ? sizeof(char *)
                  : field->type == PROTOBUF_C_TYPE_BYTES ? sizeof(ProtobufCBinaryData)
                                                         : sizeof(int);
    for (size_t i = 0; is_message && i < count; i++) {
        inside_tell(t, field, ((ProtobufCMessage *const *)(const void *)items)[i], i + 1);
    }
    for (size_t i = 0; !is_message && i < count; i++) {
        value_tell(t, field, items + i * size);
    }
}

static void message_tell(struct telling *t, const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const void *in = (const uint8_t *)message + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            items_tell(t, field, message);
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            inside_tell(t, field, *(ProtobufCMessage *const *)in, 0);
        } else {
            value_tell(t, field, in);
        }
    }
}

static lf_status envelope_tell(struct telling *t, const struct px_envelope *envelope, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    const ProtobufCMessageDescriptor *type = px_kind_type(envelope->header.kind);
    if (type == NULL) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_UNKNOWN", "header.kind",
                          "record: unknown kind");
    }
    lf_status rc = px_parts_join(t->arena, envelope, type, &message, err);
    if (rc == LF_OK) {
        message_tell(t, message);
    }
    return rc == LF_OK && t->failed ? lf__arena_status(t->arena, err) : rc;
}

lf_status px_tell(struct lf__arena *arena, const struct px_envelope *envelope,
                  void (*each)(void *user, const char *name, lf_bytes text), void *user,
                  lf_error *err)
{
    struct telling t = {.arena = arena, .each = each, .user = user, .before = ""};
    return envelope_tell(&t, envelope, err);
}

lf_status px_tell_whole(struct lf__arena *arena, const struct px_envelope *envelope,
                        void (*each)(void *user, const char *name, lf_bytes text), void *user,
                        lf_error *err)
{
    struct telling t = {.arena = arena, .each = each, .user = user, .is_deep = true, .before = ""};
    return envelope_tell(&t, envelope, err);
}

/* The largest value of each kind that has a struct of its own. */
union said {
    struct px_event event;
    struct px_registry registry;
    struct px_target target;
    struct px_member member;
    struct px_genesis genesis;
    struct px_policy policy;
    struct px_redaction redaction;
    struct px_listing listing;
    struct px_log_key log_key;
};

lf_status px_form_check(struct lf__arena *arena, const struct px_envelope *envelope, lf_error *err)
{
    enum px_kind kind = envelope->header.kind;
    union said *said = lf__arena_alloc(arena, sizeof *said);
    if (said == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    if (px_words_of(kind) != NULL) {
        LF_BUG_IF(px_words_of(kind)->size > sizeof *said);
        return px_words_decode(arena, envelope, kind, said, err);
    }
    return kind == PX_KIND_ENFORCEMENT_EVENT ? px_event_decode(arena, envelope, &said->event, err)
           : kind == PX_KIND_REGISTRY_ENTRY
               ? px_registry_decode(arena, envelope, &said->registry, err)
           : kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION
               ? px_target_decode(arena, envelope, &said->target, err)
           : kind == PX_KIND_MEMBER    ? px_member_decode(arena, envelope, &said->member, err)
           : kind == PX_KIND_GENESIS   ? px_genesis_decode(arena, envelope, &said->genesis, err)
           : kind == PX_KIND_POLICY    ? px_policy_decode(arena, envelope, &said->policy, err)
           : kind == PX_KIND_REDACTION ? px_redaction_decode(arena, envelope, &said->redaction, err)
           : kind == PX_KIND_LOG_KEY   ? px_log_key_decode(arena, envelope, &said->log_key, err)
                                     : lf__refuse(err, LF_E_REJECTED, "KIND_UNKNOWN", "header.kind",
                                                  "record: unknown kind");
}
