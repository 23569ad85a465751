/* SPDX-License-Identifier: Apache-2.0 */
/* The public structs as drafts, one function a kind. What is malformed is refused here, naming the
 * field, because in a batch it would take its neighbours with it. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "core/derive.h"
#include "uscc/name.h"

#include <stdio.h>

struct drafting {
    const struct lf__profile *profile;
    struct lf__arena *arena;
    struct lf__draft *out;
    lf_status rc; /* of the first text that cannot be taken */
    lf_error *err;
};

static lf_bytes text_take(struct drafting *d, const char *text, const char *field)
{
    lf_bytes bytes = text == NULL ? LF_BYTES_NONE : lf__bytes_str(text);
    if (d->rc == LF_OK && bytes.len > PX_TEXT_MAX) {
        d->rc = lf__refuse(d->err, LF_E_TOO_BIG, "TOO_BIG", field, "%s: more than %d bytes", field,
                           PX_TEXT_MAX);
    } else if (d->rc == LF_OK && !lf__text_is_utf8(bytes)) {
        d->rc = lf__refuse(d->err, LF_E_ARG, "BAD_UTF8", field, "%s: is not UTF-8", field);
    }
    return bytes;
}

static lf_status missing(lf_error *err, const char *field)
{
    return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", field, "%s: is missing", field);
}

static lf_status hex_take(struct drafting *d, const char *text, size_t len, const char *field,
                          lf_bytes *out)
{
    uint8_t bytes[LF_HASH_BYTES];
    size_t got = 0;
    LF_BUG_IF(len > sizeof bytes);
    if (!lf__unhex(lf__bytes_str(text), bytes, len, &got) || got != len) {
        return lf__refuse(d->err, LF_E_ARG, "FIELD_LENGTH", field, "%s: not %zu hex characters",
                          field, 2 * len);
    }
    *out = lf__arena_copy(d->arena, (lf_bytes){bytes, len});
    return out->ptr == NULL ? lf__fail(d->err, LF_E_NOMEM, "record: out of memory") : LF_OK;
}

static lf_status measures_take(struct drafting *d, const lf_event *in, struct px_event *out)
{
    for (size_t i = 0; in->measures != NULL && in->measures[i] != NULL; i++) {
        if (i == PX_MEASURES_MAX) {
            return lf__refuse(d->err, LF_E_TOO_BIG, "TOO_BIG", "measures", "measures: more than %d",
                              PX_MEASURES_MAX);
        }
        out->measures[out->measure_count++] = text_take(d, in->measures[i], "measures");
    }
    return LF_OK;
}

static lf_status event_draft(struct drafting *d, const lf_event *given)
{
    lf_event in;
    lf_status rc = lf__struct_take(&in, sizeof in, given, "event", d->err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_event event = {.uscc = text_take(d, in.uscc, "uscc"),
                             .violation = text_take(d, in.violation, "violation"),
                             .decided_at = text_take(d, in.decided_at, "decided_at"),
                             .shop_id = text_take(d, in.shop_id, "shop_id"),
                             .rule = text_take(d, in.rule, "rule"),
                             .amount_fen = in.amount_fen,
                             .points = in.points,
                             .note = text_take(d, in.note, "note")};
    d->out->kind = PX_KIND_ENFORCEMENT_EVENT;
    d->out->ref = text_take(d, in.ref, "ref");
    d->out->version = in.version;
    d->out->certainty = lf__number_certainty(in.certainty);
    if (d->out->ref.len == 0) {
        return missing(d->err, "ref");
    }
    rc = measures_take(d, &in, &event);
    if (rc == LF_OK && in.evidence_sha256 != NULL && in.evidence_sha256[0] != '\0') {
        event.evidence_count = 1;
        rc = hex_take(d, in.evidence_sha256, LF_HASH_BYTES, "evidence_sha256", &event.evidence[0]);
    }
    rc = rc == LF_OK ? d->rc : rc;
    return rc == LF_OK
               ? px_event_encode(d->arena, &event, d->out->parts, &d->out->part_count, d->err)
               : rc;
}

lf_bytes lf__name_masked(struct lf__arena *arena, lf_bytes name, lf_bytes operator_name)
{
    LF_BUF masked;
    lf__buf_init(&masked, PX_TEXT_MAX + 8);
    lf__name_mask(name, operator_name, &masked);
    return masked.failed ? LF_BYTES_NONE : lf__arena_copy(arena, lf__buf_bytes(&masked));
}

static lf_status registry_draft(struct drafting *d, const lf_registry_entry *given)
{
    lf_registry_entry in;
    lf_status rc = lf__struct_take(&in, sizeof in, given, "registry_entry", d->err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_registry entry = {.uscc = text_take(d, in.uscc, "uscc"),
                                .name = text_take(d, in.name, "name"),
                                .established = text_take(d, in.established, "established"),
                                .province = text_take(d, in.province, "province"),
                                .status = text_take(d, in.status, "status")};
    if (entry.uscc.len == 0) {
        return missing(d->err, "uscc");
    }
    d->out->kind = PX_KIND_REGISTRY_ENTRY;
    d->out->ref = in.ref == NULL || in.ref[0] == '\0' ? entry.uscc : text_take(d, in.ref, "ref");
    d->out->version = in.version;
    if (lf__bytes_eq_str(lf__bytes_slice(entry.uscc, 0, 2), "92") && entry.name.len > 0) {
        entry.full_name = entry.name;
        entry.name = lf__name_masked(d->arena, entry.name, LF_BYTES_NONE);
    }
    return d->rc == LF_OK
               ? px_registry_encode(d->arena, &entry, d->out->parts, &d->out->part_count, d->err)
               : d->rc;
}

static lf_status target_take(struct drafting *d, const lf_statement *in, lf_bytes *out)
{
    struct lf__row row = {in->is_of_registry ? PX_KIND_REGISTRY_ENTRY : PX_KIND_ENFORCEMENT_EVENT,
                          in->version == 0 ? 1 : in->version, LF_BYTES_NONE};
    uint8_t id[PX_ID_BYTES];
    if (in->record_id != NULL) {
        return hex_take(d, in->record_id, sizeof id, "record_id", out);
    }
    if (in->ref == NULL) {
        return missing(d->err, "ref");
    }
    row.ref = lf__bytes_str(in->ref);
    if (row.ref.len > PX_REF_MAX) {
        return lf__refuse(d->err, LF_E_TOO_BIG, "TOO_BIG", "ref", "ref: more than %d bytes",
                          PX_REF_MAX);
    }
    lf_bytes secret = {lf__secret_view(d->profile->push), CLIENT_SECRET_BYTES};
    lf__derive_record_id(secret, &row, id);
    *out = lf__arena_copy(d->arena, LF_BYTES_ARRAY(id));
    return out->ptr == NULL ? lf__fail(d->err, LF_E_NOMEM, "record: out of memory") : LF_OK;
}

static lf_status statement_draft(struct drafting *d, const lf_statement *given)
{
    lf_statement in;
    char ref[2 * PX_ID_BYTES + 32];
    char hex[LF_HEX_SIZE(PX_ID_BYTES)];
    lf_status rc = lf__struct_take(&in, sizeof in, given, "statement", d->err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_target target = {
        .issuer = text_take(d, in.issuer == NULL ? d->profile->member : in.issuer, "issuer"),
        .note = text_take(d, in.note, "note"),
        .decision =
            in.is_relay ? lf__number_relay(in.decision) : lf__number_correction(in.decision)};
    d->out->kind = in.is_relay ? PX_KIND_RELAY : PX_KIND_CORRECTION;
    rc = target_take(d, &in, &target.record_id);
    rc = rc == LF_OK ? d->rc : rc;
    if (rc != LF_OK) {
        return rc;
    }
    (void)lf__hex(target.record_id, hex, sizeof hex);
    (void)snprintf(ref, sizeof ref, "%u:%s", target.decision,
                   hex); /* saying the same of a record twice is one record */
    d->out->ref = lf__arena_copy(d->arena, lf__bytes_str(ref));
    return px_target_encode(d->arena, d->out->kind, &target, d->out->parts, &d->out->part_count,
                            d->err);
}

lf_status lf__record_make(const struct lf__profile *profile, struct lf__arena *arena,
                          const lf_record *given, struct lf__record *out, lf_error *err)
{
    lf_record in;
    struct lf__draft draft = {.part_count = 0};
    struct drafting d = {.profile = profile, .arena = arena, .out = &draft, .err = err};
    lf_status rc = lf__struct_take(&in, sizeof in, given, "record", err);
    int kinds = rc != LF_OK ? 0
                            : (in.event != NULL) + (in.registry_entry != NULL) +
                                  (in.statement != NULL) + (in.fields != NULL);
    if (rc == LF_OK && kinds != 1) {
        rc = lf__fail(err, LF_E_ARG, "record: exactly one kind must be set");
    }
    if (rc != LF_OK) {
        return rc;
    }
    rc = in.event != NULL            ? event_draft(&d, in.event)
         : in.registry_entry != NULL ? registry_draft(&d, in.registry_entry)
         : in.fields != NULL         ? lf__fields_draft(arena, in.fields, &draft, err)
                                     : statement_draft(&d, in.statement);
    return rc == LF_OK ? lf__record_seal(profile, arena, &draft, out, err) : rc;
}
