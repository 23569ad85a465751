/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says, as names and values: of the parts shown, in the order of the proto. */
#include "client/evidence.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "client/papers.h"

#include <stdio.h>

const char *lf__arena_text(struct lf__arena *arena, lf_bytes text)
{
    return (const char *)lf__arena_copy(arena, text).ptr;
}

struct teller {
    struct lf__arena *arena;
    lf_evidence_field *fields;
    size_t count;
};

static void tell(struct teller *t, const char *name, lf_bytes value)
{
    if (value.len > 0 && t->count < EVIDENCE_FIELDS_MAX) {
        t->fields[t->count++] = (lf_evidence_field){name, lf__arena_text(t->arena, value)};
    }
}

static void tell_number(struct teller *t, const char *name, long long value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", value);
    tell(t, name, value != 0 ? lf__bytes_str(text) : LF_BYTES_NONE);
}

static void tell_hex(struct teller *t, const char *name, lf_bytes value)
{
    char text[LF_HEX_SIZE(LF_HASH_BYTES)];
    tell(t, name,
         lf__bytes_slice((lf_bytes){(uint8_t *)text, lf__hex(value, text, sizeof text)}, 0,
                         sizeof text));
}

static lf_status event_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    struct px_event *e = &exhibit->event;
    lf_status rc = px_event_decode(t->arena, &exhibit->envelope, e, err);
    if (rc != LF_OK) {
        return rc;
    }
    tell(t, "uscc", e->uscc);
    tell(t, "violation", e->violation);
    for (size_t i = 0; i < e->measure_count; i++) {
        tell(t, "measures", e->measures[i]);
    }
    tell(t, "decided_at", e->decided_at);
    tell(t, "shop_id", e->shop_id);
    tell(t, "rule", e->rule);
    tell_number(t, "amount_fen", e->amount_fen);
    tell_number(t, "points", e->points);
    for (size_t i = 0; i < e->evidence_count; i++) {
        tell_hex(t, "evidence_sha256", e->evidence[i]);
    }
    tell(t, "note", e->note);
    return LF_OK;
}

static lf_status registry_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    struct px_registry r;
    lf_status rc = px_registry_decode(t->arena, &exhibit->envelope, &r, err);
    if (rc != LF_OK) {
        return rc;
    }
    tell(t, "uscc", r.uscc);
    tell(t, "name", r.name);
    tell(t, "established", r.established);
    tell(t, "province", r.province);
    tell(t, "status", r.status);
    tell(t, "full_name", r.full_name);
    return LF_OK;
}

static lf_status target_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    struct px_target *target = &exhibit->target;
    bool is_relay = exhibit->envelope.header.kind == PX_KIND_RELAY;
    lf_status rc = px_target_decode(t->arena, &exhibit->envelope, target, err);
    if (rc != LF_OK) {
        return rc;
    }
    tell(t, "target_issuer", target->issuer);
    tell_hex(t, "target_record_id", target->record_id);
    tell(t, is_relay ? "decision" : "reason",
         lf__bytes_str(is_relay ? lf__word_relay(target->decision)
                                : lf__word_correction(target->decision)));
    tell(t, "decided_at", target->decided_at);
    tell(t, "note", target->note);
    return LF_OK;
}

static lf_status redaction_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    struct px_redaction r;
    lf_status rc = px_redaction_decode(t->arena, &exhibit->envelope, &r, err);
    if (rc != LF_OK) {
        return rc;
    }
    exhibit->target = (struct px_target){.issuer = r.issuer, .record_id = r.record_id};
    tell(t, "target_issuer", r.issuer);
    tell_hex(t, "target_record_id", r.record_id);
    for (size_t i = 0; i < r.class_count; i++) {
        tell(t, "classes", lf__bytes_str(lf__word_class(r.classes[i])));
    }
    tell(t, "order_authority", r.order_authority);
    tell(t, "order_number", r.order_number);
    return LF_OK;
}

static lf_status member_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    struct px_member *m = lf__arena_alloc(t->arena, sizeof *m);
    lf_status rc = m == NULL ? lf__arena_status(t->arena, err)
                             : px_member_decode(t->arena, &exhibit->envelope, m, err);
    if (rc != LF_OK) {
        return rc;
    }
    tell(t, "member", m->member);
    tell(t, "name", m->name);
    tell(t, "role", lf__bytes_str(lf__word_role(m->role)));
    tell(t, "division", m->division);
    tell(t, "status", lf__bytes_str(lf__word_status(m->status)));
    for (size_t i = 0; i < m->key_count; i++) {
        struct lf__hash id = lf__key_id(&m->keys[i].key);
        tell_hex(t, "keys", lf__hash_bytes(&id));
    }
    tell(t, "note", m->note);
    return LF_OK;
}

static lf_status kind_tell(struct teller *t, struct lf__exhibit *exhibit, lf_error *err)
{
    switch (exhibit->envelope.header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return event_tell(t, exhibit, err);
    case PX_KIND_REGISTRY_ENTRY:
        return registry_tell(t, exhibit, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return target_tell(t, exhibit, err);
    case PX_KIND_REDACTION:
        return redaction_tell(t, exhibit, err);
    case PX_KIND_MEMBER:
        return member_tell(t, exhibit, err);
    case PX_KIND_NONE:
    case PX_KIND_GENESIS:
    case PX_KIND_POLICY:
    case PX_KIND_CREDIT_LIST_ENTRY:
    case PX_KIND_LIST_REMOVAL:
    case PX_KIND_APPEAL:
    case PX_KIND_NOTICE:
    case PX_KIND_DISPOSITION:
    case PX_KIND_ENTRY_BAN:
    case PX_KIND_OVERRIDE:
    case PX_KIND_CAMPAIGN:
    case PX_KIND_ATTESTATION:
    case PX_KIND_BULLETIN:
    case PX_KIND_MERCHANT_IDENTITY:
    case PX_KIND_ACKNOWLEDGEMENT:
    case PX_KIND_COUNT:
    default:
        return LF_OK;
    }
}

/* The form of a kind may ask for fields that are hidden here: such a record is told by its header alone. */
static lf_status fields_tell(struct lf__arena *arena, struct lf__exhibit *exhibit,
                             lf_evidence_record *out, lf_error *err)
{
    struct teller t = {.arena = arena,
                       .fields = lf__arena_array(arena, EVIDENCE_FIELDS_MAX, sizeof *t.fields)};
    lf_status rc = t.fields == NULL ? lf__arena_status(arena, err) : LF_OK;
    if (rc != LF_OK || exhibit->envelope.part_count == 0) {
        return rc;
    }
    if (kind_tell(&t, exhibit, NULL) == LF_OK) {
        out->fields = t.fields;
        out->field_count = t.count;
    }
    return lf__arena_status(arena, err);
}

static lf_status parts_tell(struct lf__arena *arena, const struct px_envelope *envelope,
                            lf_evidence_record *out, lf_error *err)
{
    lf_evidence_part *parts = lf__arena_array(arena, PX_PARTS_MAX, sizeof *parts);
    for (unsigned i = PX_CLASS_PUBLIC; parts != NULL && i < PX_CLASS_COUNT; i++) {
        if (envelope->has_hash[i]) {
            lf_evidence_part *part = &parts[out->part_count++];
            *part = (lf_evidence_part){.part_class = lf__word_class(i)};
            for (size_t p = 0; p < envelope->part_count; p++) {
                part->is_shown = part->is_shown || envelope->parts[p].part_class == i;
            }
            (void)lf__hex(lf__hash_bytes(&envelope->part_hash[i]), part->sha256,
                          sizeof part->sha256);
        }
    }
    out->parts = parts;
    return lf__arena_status(arena, err);
}

lf_status lf__exhibit_tell(struct lf__arena *arena, struct lf__exhibit *exhibit,
                           lf_evidence_record *out, lf_error *err)
{
    const struct px_header *h = &exhibit->envelope.header;
    out->issuer = lf__arena_text(arena, h->issuer);
    out->kind = lf__word_kind(h->kind);
    out->ref = lf__arena_text(arena, h->ref);
    out->version = h->version;
    out->issued_at_ms = h->issued_at_ms;
    out->certainty = lf__word_certainty(h->certainty);
    (void)lf__hex(h->record_id, out->record_id, sizeof out->record_id);
    lf_status rc = parts_tell(arena, &exhibit->envelope, out, err);
    return rc == LF_OK ? fields_tell(arena, exhibit, out, err) : rc;
}
