/* SPDX-License-Identifier: Apache-2.0 */
/* A record of any kind, said field by field. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/spell.h"

enum { FIELDS_MAX = 64, FIELDS_REF_HEX = 32 };

/* Members say these; the rest is the authority's. */
static bool is_said(enum px_kind kind)
{
    return kind != PX_KIND_NONE && kind != PX_KIND_GENESIS && kind != PX_KIND_MEMBER &&
           kind != PX_KIND_POLICY && kind != PX_KIND_REDACTION;
}

/* No field of the contract: who runs an individual business, for masking its name; it stays here. */
#define FIELDS_OPERATOR "operator"

static bool has_operator(enum px_kind kind, const char *name)
{
    return lf__bytes_eq_str(lf__bytes_str(name), FIELDS_OPERATOR) &&
           px_spells(kind, lf__bytes_str("uscc")) && px_spells(kind, lf__bytes_str("name"));
}

bool lf_kind_has(const char *kind, const char *name)
{
    enum px_kind number = kind == NULL ? PX_KIND_NONE : px_kind_of(lf__bytes_str(kind));
    return is_said(number) &&
           (name == NULL || px_spells(number, lf__bytes_str(name)) || has_operator(number, name));
}

bool lf_kind_has_many(const char *kind, const char *name)
{
    return lf_kind_has(kind, NULL) && name != NULL &&
           px_spells_many(px_kind_of(lf__bytes_str(kind)), lf__bytes_str(name));
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static lf_bytes text_of(const char *text)
{
    return text == NULL ? LF_BYTES_NONE : lf__bytes_str(text);
}

/* A word of a list that must be known when it is there. */
static lf_status word_take(const char *word, unsigned (*number)(const char *word),
                           const char *reason, const char *field, unsigned *out, lf_error *err)
{
    *out = is_given(word) ? number(word) : 0;
    return !is_given(word) || *out != 0 ? LF_OK
                                        : lf__refuse(err, LF_E_ARG, reason, field,
                                                     "%s: is not a word of the contract", field);
}

static lf_status audience_take(struct lf__arena *arena, const char *text, struct lf__draft *out,
                               lf_error *err)
{
    lf_bytes rest = text_of(text);
    lf_bytes *list = lf__arena_array(arena, PX_AUDIENCE_MAX, sizeof *list);
    if (list == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    while (rest.len > 0) {
        size_t to = 0;
        while (to < rest.len && rest.ptr[to] != ';') {
            to++;
        }
        lf_bytes id = lf__bytes_slice(rest, 0, to);
        rest = lf__bytes_slice(rest, to + (to < rest.len ? 1 : 0), rest.len);
        if (!lf__text_is_member_id(id) || out->audience_count == PX_AUDIENCE_MAX) {
            return lf__refuse(err, LF_E_ARG, "MEMBER_ID", "audience",
                              "audience: at most %d member ids between semicolons",
                              PX_AUDIENCE_MAX);
        }
        list[out->audience_count++] = id;
    }
    out->audience = list;
    return LF_OK;
}

static lf_status date_take(const char *text, const char *field, int64_t *out, lf_error *err)
{
    *out = 0;
    return !is_given(text) || lf__date_start(lf__bytes_str(text), 0, 0, out)
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "DATE_INVALID", field,
                            "%s: not a date of the form 2026-01-31", field);
}

/* The same contents have the same ref, so that saying them again is the same record. */
static lf_status ref_make(struct lf__arena *arena, struct lf__draft *out, lf_error *err)
{
    LF_BUF all;
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf__buf_init(&all, 2 * PX_PARTS_BYTES_MAX);
    for (size_t i = 0; i < out->part_count; i++) {
        (void)lf__buf_u8(&all, (uint8_t)out->parts[i].part_class);
        (void)lf__buf_u32be(&all, (uint32_t)out->parts[i].body.len);
        (void)lf__buf_append(&all, out->parts[i].body);
    }
    lf_status rc = lf__buf_status(&all, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash hash = lf__sha256(lf__buf_bytes(&all));
    (void)lf__hex(lf__hash_bytes(&hash), hex, sizeof hex);
    out->ref = lf__arena_copy(arena, lf__bytes_slice(lf__bytes_str(hex), 0, FIELDS_REF_HEX));
    return out->ref.ptr == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory") : LF_OK;
}

static struct px_spelled *spelled_find(struct px_spelled *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (lf__bytes_eq_str(list[i].name, name)) {
            return &list[i];
        }
    }
    return NULL;
}

/* The trade name of an individual business often is the person's: members read it masked. */
static lf_status person_mask(struct lf__arena *arena, enum px_kind kind, struct px_spelled *list,
                             size_t *count, lf_bytes operator_name, lf_error *err)
{
    const struct px_spelled *code = spelled_find(list, *count, "uscc");
    struct px_spelled *name = spelled_find(list, *count, "name");
    const struct px_spelled *full = spelled_find(list, *count, "full_name");
    bool is_person = code != NULL && lf__bytes_eq_str(lf__bytes_slice(code->text, 0, 2), "92");
    if (!is_person || name == NULL || name->text.len == 0 || (full != NULL && full->text.len > 0)) {
        return LF_OK;
    }
    lf_bytes masked = lf__name_masked(arena, name->text, operator_name);
    if (masked.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    if (full == NULL && px_spells(kind, lf__bytes_str("full_name"))) {
        list[(*count)++] = (struct px_spelled){lf__bytes_str("full_name"), name->text};
    }
    name->text = masked;
    return LF_OK;
}

/* Taken out of the list: it is said to nobody. */
static lf_bytes operator_take(enum px_kind kind, struct px_spelled *list, size_t *count)
{
    struct px_spelled *found =
        has_operator(kind, FIELDS_OPERATOR) ? spelled_find(list, *count, FIELDS_OPERATOR) : NULL;
    lf_bytes name = found == NULL ? LF_BYTES_NONE : found->text;
    if (found != NULL) {
        *found = list[--*count];
    }
    return name;
}

/* The gateway refuses a name, too; but it is better that none leaves the house. */
static lf_status officer_check(enum px_kind kind, struct px_spelled *list, size_t count,
                               lf_error *err)
{
    const struct px_spelled *officer =
        kind == PX_KIND_OVERRIDE ? spelled_find(list, count, "officer") : NULL;
    return officer == NULL || lf__text_is_officer_id(officer->text)
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "OFFICER_ID", "officer",
                            "officer: not an id of 1 to 40 letters, digits and ._- with a digit "
                            "among them; a name is none");
}

static lf_status bodies_make(struct lf__arena *arena, const lf_fields *in, struct lf__draft *out,
                             lf_error *err)
{
    struct px_spelled list[FIELDS_MAX + 1];
    size_t count = in->count;
    if (count > FIELDS_MAX || (count > 0 && in->fields == NULL)) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "fields", "fields: at most %d", FIELDS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct px_spelled){text_of(in->fields[i].name), text_of(in->fields[i].value)};
    }
    lf_bytes operator_name = operator_take(out->kind, list, &count);
    lf_status rc = officer_check(out->kind, list, count, err);
    rc = rc == LF_OK ? person_mask(arena, out->kind, list, &count, operator_name, err) : rc;
    return rc == LF_OK ? px_spell(arena, out->kind, list, count, out->parts, &out->part_count, err)
                       : rc;
}

lf_status lf__fields_draft(struct lf__arena *arena, const lf_fields *given, struct lf__draft *out,
                           lf_error *err)
{
    lf_fields in;
    lf_status rc = lf__struct_take(&in, sizeof in, given, "fields", err);
    if (rc != LF_OK) {
        return rc;
    }
    out->kind = in.kind == NULL ? PX_KIND_NONE : px_kind_of(lf__bytes_str(in.kind));
    if (!is_said(out->kind)) {
        return lf__refuse(err, LF_E_ARG, "KIND_UNKNOWN", "kind",
                          "kind: is none that a member says");
    }
    out->version = in.version;
    out->ref = text_of(in.ref);
    rc = word_take(in.certainty, lf__number_certainty, "CERTAINTY_UNKNOWN", "certainty",
                   &out->certainty, err);
    rc = rc == LF_OK ? word_take(in.legal_basis, lf__number_basis, "LEGAL_BASIS_REQUIRED",
                                 "legal_basis", &out->legal_basis, err)
                     : rc;
    rc = rc == LF_OK ? audience_take(arena, in.audience, out, err) : rc;
    rc = rc == LF_OK ? date_take(in.effective_from, "effective_from", &out->effective_from_ms, err)
                     : rc;
    rc = rc == LF_OK
             ? date_take(in.effective_until, "effective_until", &out->effective_until_ms, err)
             : rc;
    rc = rc == LF_OK ? bodies_make(arena, &in, out, err) : rc;
    return rc == LF_OK && out->ref.len == 0 ? ref_make(arena, out, err) : rc;
}
