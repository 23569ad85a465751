/* SPDX-License-Identifier: Apache-2.0 */
/* Access entries, both ways: the gateway writes them, auditors and members read them. */
#include "protos/codec/access.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/services_internal.h"

static void text_put(struct lf__buf *out, uint32_t number, lf_bytes text)
{
    if (text.len > 0) {
        (void)px_wire_bytes(out, number, text);
    }
}

static void range_put(const struct px_access *entry, struct lf__buf *out)
{
    LF_BUF range;
    lf__buf_init(&range, 64);
    (void)px_wire_u64(&range, 1, entry->first);
    (void)px_wire_u64(&range, 2, entry->next);
    (void)px_wire_u64(&range, 3, entry->told);
    (void)px_wire_bytes(out, 10, lf__buf_bytes(&range));
}

/* proto3 packs repeated enumerations. */
static void classes_put(unsigned classes, struct lf__buf *out)
{
    LF_BUF packed;
    lf__buf_init(&packed, 16);
    for (unsigned c = 1; c < PX_CLASS_COUNT; c++) {
        if ((classes & LF_BIT(c)) != 0) {
            (void)px_wire_varint(&packed, c);
        }
    }
    text_put(out, 11, lf__buf_bytes(&packed));
}

bool px_access_encode(const struct px_access *entry, struct lf__buf *out)
{
    text_put(out, 1, entry->member);
    (void)px_wire_u64(out, 2, entry->role);
    (void)px_wire_u64(out, 3, entry->level);
    (void)px_wire_u64(out, 4, entry->act);
    text_put(out, 5, entry->purpose);
    (void)px_wire_u64(out, 6, entry->legal_basis);
    text_put(out, 7, entry->case_number);
    for (size_t i = 0; i < entry->token_count; i++) {
        (void)px_wire_bytes(out, 8, LF_BYTES_ARRAY(entry->tokens[i].bytes));
    }
    (void)px_wire_u64(out, 9, entry->subjects);
    if (entry->next > 0) {
        range_put(entry, out);
    }
    classes_put(entry->classes, out);
    (void)px_wire_bytes(out, 12, lf__hash_bytes(&entry->result));
    text_put(out, 13, lf__bytes_slice(entry->note, 0, PX_ACCESS_NOTE_MAX));
    text_put(out, 14, entry->mirror_report);
    text_put(out, 15, entry->subject_root);
    return !out->failed;
}

static bool range_take(lf_bytes bytes, struct px_access *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    uint64_t *const values[] = {NULL, &out->first, &out->next, &out->told};
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        good = wire.number < LF_COUNT(values) && wire.type == PX_WIRE_VARINT;
        if (good) {
            *values[wire.number] = wire.varint;
        }
    }
    return good && lf__read_finished(&r);
}

static bool classes_take(lf_bytes packed, unsigned *out)
{
    struct lf__reader r = {packed};
    uint8_t c;
    while (lf__read_u8(&r, &c)) {
        if (c == 0 || c >= PX_CLASS_COUNT) {
            return false;
        }
        *out |= LF_BIT(c);
    }
    return true;
}

static bool number_take(const struct px_wire *wire, struct px_access *out)
{
    if (wire->type != PX_WIRE_VARINT || wire->varint > UINT32_MAX) {
        return false;
    }
    unsigned value = (unsigned)wire->varint;
    out->role = wire->number == 2 ? (enum px_role)value : out->role;
    out->level = wire->number == 3 ? value : out->level;
    out->act = wire->number == 4 ? (enum px_access_act)value : out->act;
    out->legal_basis = wire->number == 6 ? value : out->legal_basis;
    out->subjects = wire->number == 9 ? value : out->subjects;
    return value < PX_ROLE_COUNT || wire->number != 2;
}

static bool token_take(lf_bytes value, struct px_token *tokens, size_t *count)
{
    if (value.len == PX_TOKEN_BYTES) {
        lf__copy(tokens[(*count)++].bytes, value.ptr, PX_TOKEN_BYTES);
    }
    return value.len == PX_TOKEN_BYTES;
}

static bool field_take(const struct px_wire *wire, struct px_token *tokens, struct px_access *out)
{
    switch (wire->number) {
    case 1:
        return px_take_text(wire, &out->member);
    case 5:
        return px_take_text(wire, &out->purpose);
    case 7:
        return px_take_text(wire, &out->case_number);
    case 8:
        return wire->type == PX_WIRE_BYTES && token_take(wire->value, tokens, &out->token_count);
    case 10:
        return wire->type == PX_WIRE_BYTES && range_take(wire->value, out);
    case 11:
        return wire->type == PX_WIRE_BYTES && classes_take(wire->value, &out->classes);
    case 12:
        lf__copy(out->result.bytes, wire->value.ptr,
                 wire->value.len == LF_HASH_BYTES ? LF_HASH_BYTES : 0);
        return wire->type == PX_WIRE_BYTES && wire->value.len == LF_HASH_BYTES;
    case 13:
        return px_take_text(wire, &out->note);
    case 14:
        out->mirror_report = wire->value;
        return wire->type == PX_WIRE_BYTES;
    case 15:
        out->subject_root = wire->value;
        return wire->type == PX_WIRE_BYTES && wire->value.len == LF_HASH_BYTES;
    default:
        return number_take(wire, out);
    }
}

lf_status px_access_decode(struct lf__arena *arena, lf_bytes bytes, struct px_access *out,
                           lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_access entry = {.act = PX_ACCESS_NONE};
    struct px_token *tokens = lf__arena_array(arena, px_count(bytes, 8), sizeof *tokens);
    bool good = tokens != NULL;
    while (good && px_wire_next(&r, &wire)) {
        good = field_take(&wire, tokens, &entry);
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "access entry", err);
    }
    entry.tokens = tokens;
    *out = entry;
    return LF_OK;
}
