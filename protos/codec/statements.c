/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds about merchants: events, registry entries, and statements about those. */
#include "protos/codec/kinds_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <lianfang/v1/kinds.pb-c.h>

static lf_status too_many(lf_error *err, const char *field, size_t max)
{
    return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", field, "%s: more than %zu", field, max);
}

static lf_status no_room(lf_error *err)
{
    return lf__fail(err, LF_E_NOMEM, "record: out of memory");
}

static lf_status required(lf_bytes value, const char *field, lf_error *err)
{
    return value.len > 0
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", field, "%s: is missing", field);
}

static lf_status event_counts(const Lianfang__V1__EnforcementEvent *in, lf_error *err)
{
    return in->n_measures > PX_MEASURES_MAX ? too_many(err, "measures", PX_MEASURES_MAX)
           : in->n_evidence_sha256 > PX_EVIDENCE_MAX
               ? too_many(err, "evidence_sha256", PX_EVIDENCE_MAX)
           : in->n_more_violations > PX_MORE_VIOLATIONS_MAX
               ? too_many(err, "more_violations", PX_MORE_VIOLATIONS_MAX)
               : LF_OK;
}

static lf_status event_lists(const Lianfang__V1__EnforcementEvent *in, struct px_event *event,
                             lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; i < in->n_measures; i++) {
        event->measures[i] = px_text(in->measures[i]);
    }
    for (size_t i = 0; i < in->n_more_violations; i++) {
        event->more_violations[i] = px_text(in->more_violations[i]);
    }
    for (size_t i = 0; rc == LF_OK && i < in->n_evidence_sha256; i++) {
        event->evidence[i] = px_bytes(in->evidence_sha256[i]);
        rc = px_exact(event->evidence[i], LF_HASH_BYTES, "evidence_sha256", err);
    }
    return rc;
}

/* Both or neither. */
static lf_status event_brand(const struct px_event *event, lf_error *err)
{
    if (event->brand_issuer.len == 0 && event->brand_record_id.len == 0) {
        return LF_OK;
    }
    lf_status rc = required(event->brand_issuer, "brand_issuer", err);
    return rc == LF_OK ? px_exact(event->brand_record_id, PX_ID_BYTES, "brand_record_id", err) : rc;
}

lf_status px_event_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                          struct px_event *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc =
        px_parts_join(arena, envelope, &lianfang__v1__enforcement_event__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__EnforcementEvent *in = (const void *)message;
    rc = event_counts(in, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct px_event event = {.uscc = px_text(in->uscc),
                             .violation = px_text(in->violation),
                             .measure_count = in->n_measures,
                             .decided_at = px_text(in->decided_at),
                             .more_count = in->n_more_violations,
                             .name = px_text(in->name),
                             .campaign = px_text(in->campaign),
                             .stage = px_text(in->stage),
                             .brand_issuer = px_text(in->brand_issuer),
                             .brand_record_id = px_bytes(in->brand_record_id),
                             .measure_until = px_text(in->measure_until),
                             .shop_id = px_text(in->shop_id),
                             .rule = px_text(in->rule),
                             .amount_fen = in->amount_fen,
                             .points = in->points,
                             .evidence_count = in->n_evidence_sha256,
                             .note = px_text(in->note)};
    rc = event_lists(in, &event, err);
    rc = rc == LF_OK ? event_brand(&event, err) : rc;
    rc = rc == LF_OK ? required(event.uscc, "uscc", err) : rc;
    rc = rc == LF_OK ? required(event.violation, "violation", err) : rc;
    if (rc == LF_OK) {
        *out = event;
    }
    return rc;
}

lf_status px_event_encode(struct lf__arena *arena, const struct px_event *event,
                          struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    char *measures[PX_MEASURES_MAX];
    char *more[PX_MORE_VIOLATIONS_MAX];
    ProtobufCBinaryData evidence[PX_EVIDENCE_MAX];
    Lianfang__V1__EnforcementEvent out = LIANFANG__V1__ENFORCEMENT_EVENT__INIT;
    LF_BUG_IF(event->measure_count > PX_MEASURES_MAX || event->evidence_count > PX_EVIDENCE_MAX ||
              event->more_count > PX_MORE_VIOLATIONS_MAX);
    for (size_t i = 0; i < event->more_count; i++) {
        more[i] = px_string(arena, event->more_violations[i], &failed);
    }
    for (size_t i = 0; i < event->measure_count; i++) {
        measures[i] = px_string(arena, event->measures[i], &failed);
    }
    for (size_t i = 0; i < event->evidence_count; i++) {
        evidence[i] = px_data(event->evidence[i]);
    }
    out.uscc = px_string(arena, event->uscc, &failed);
    out.violation = px_string(arena, event->violation, &failed);
    out.measures = measures;
    out.n_measures = event->measure_count;
    out.decided_at = px_string(arena, event->decided_at, &failed);
    out.more_violations = more;
    out.n_more_violations = event->more_count;
    out.name = px_string(arena, event->name, &failed);
    out.campaign = px_string(arena, event->campaign, &failed);
    out.stage = px_string(arena, event->stage, &failed);
    out.brand_issuer = px_string(arena, event->brand_issuer, &failed);
    out.brand_record_id = px_data(event->brand_record_id);
    out.measure_until = px_string(arena, event->measure_until, &failed);
    out.shop_id = px_string(arena, event->shop_id, &failed);
    out.rule = px_string(arena, event->rule, &failed);
    out.amount_fen = event->amount_fen;
    out.points = event->points;
    out.evidence_sha256 = evidence;
    out.n_evidence_sha256 = event->evidence_count;
    out.note = px_string(arena, event->note, &failed);
    return failed ? no_room(err) : px_parts_split(arena, &out.base, parts, count, err);
}

lf_status px_registry_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                             struct px_registry *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    lf_status rc =
        px_parts_join(arena, envelope, &lianfang__v1__registry_entry__descriptor, &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__RegistryEntry *in = (const void *)message;
    rc = required(px_text(in->uscc), "uscc", err);
    if (rc == LF_OK) {
        *out = (struct px_registry){.uscc = px_text(in->uscc),
                                    .name = px_text(in->name),
                                    .established = px_text(in->established),
                                    .province = px_text(in->province),
                                    .status = px_text(in->status),
                                    .old_number = px_text(in->old_number),
                                    .full_name = px_text(in->full_name)};
    }
    return rc;
}

lf_status px_registry_encode(struct lf__arena *arena, const struct px_registry *entry,
                             struct px_part parts[static PX_PARTS_MAX], size_t *count,
                             lf_error *err)
{
    bool failed = false;
    Lianfang__V1__RegistryEntry out = LIANFANG__V1__REGISTRY_ENTRY__INIT;
    out.uscc = px_string(arena, entry->uscc, &failed);
    out.name = px_string(arena, entry->name, &failed);
    out.established = px_string(arena, entry->established, &failed);
    out.province = px_string(arena, entry->province, &failed);
    out.status = px_string(arena, entry->status, &failed);
    out.old_number = px_string(arena, entry->old_number, &failed);
    out.full_name = px_string(arena, entry->full_name, &failed);
    return failed ? no_room(err) : px_parts_split(arena, &out.base, parts, count, err);
}

static lf_status target_form(const struct px_target *target, unsigned decisions, lf_error *err)
{
    lf_status rc = required(target->issuer, "target_issuer", err);
    rc = rc == LF_OK ? px_exact(target->record_id, PX_ID_BYTES, "target_record_id", err) : rc;
    if (rc == LF_OK && target->replacement.len > 0) {
        rc = px_exact(target->replacement, PX_ID_BYTES, "replacement_record_id", err);
    }
    if (rc == LF_OK && (target->decision == 0 || target->decision >= decisions)) {
        return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "decision",
                          "decision: missing or unknown");
    }
    return rc;
}

lf_status px_target_decode(struct lf__arena *arena, const struct px_envelope *envelope,
                           struct px_target *out, lf_error *err)
{
    bool is_relay = envelope->header.kind == PX_KIND_RELAY;
    ProtobufCMessage *message = NULL;
    lf_status rc = px_parts_join(arena, envelope,
                                 is_relay ? &lianfang__v1__relay__descriptor
                                          : &lianfang__v1__correction__descriptor,
                                 &message, err);
    if (rc != LF_OK) {
        return rc;
    }
    const Lianfang__V1__Relay *relay = (const void *)message;
    const Lianfang__V1__Correction *correction = (const void *)message;
    struct px_target target;
    if (is_relay) {
        target = (struct px_target){.issuer = px_text(relay->target_issuer),
                                    .record_id = px_bytes(relay->target_record_id),
                                    .decision = (unsigned)relay->decision,
                                    .decided_at = px_text(relay->decided_at),
                                    .note = px_text(relay->note),
                                    .first_index = relay->first_index,
                                    .last_index = relay->last_index};
    } else {
        target = (struct px_target){.issuer = px_text(correction->target_issuer),
                                    .record_id = px_bytes(correction->target_record_id),
                                    .decision = (unsigned)correction->reason,
                                    .decided_at = px_text(correction->decided_at),
                                    .replacement = px_bytes(correction->replacement_record_id),
                                    .note = px_text(correction->note)};
    }
    rc = target_form(&target, is_relay ? PX_RELAY_REFUSED + 1 : PX_CORRECTION_COUNT, err);
    if (rc == LF_OK) {
        *out = target;
    }
    return rc;
}

lf_status px_target_encode(struct lf__arena *arena, enum px_kind kind,
                           const struct px_target *target,
                           struct px_part parts[static PX_PARTS_MAX], size_t *count, lf_error *err)
{
    bool failed = false;
    Lianfang__V1__Relay relay = LIANFANG__V1__RELAY__INIT;
    Lianfang__V1__Correction correction = LIANFANG__V1__CORRECTION__INIT;
    relay.target_issuer = correction.target_issuer = px_string(arena, target->issuer, &failed);
    relay.target_record_id = correction.target_record_id = px_data(target->record_id);
    relay.decision = (Lianfang__V1__RelayDecision)target->decision;
    relay.first_index = target->first_index;
    relay.last_index = target->last_index;
    correction.reason = (Lianfang__V1__CorrectionReason)target->decision;
    relay.decided_at = correction.decided_at = px_string(arena, target->decided_at, &failed);
    correction.replacement_record_id = px_data(target->replacement);
    relay.note = correction.note = px_string(arena, target->note, &failed);
    if (failed) {
        return no_room(err);
    }
    return px_parts_split(arena, kind == PX_KIND_RELAY ? &relay.base : &correction.base, parts,
                          count, err);
}
