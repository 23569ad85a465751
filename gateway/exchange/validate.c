/* SPDX-License-Identifier: Apache-2.0 */
/* One rule a line, in the order in which a person would fix them. */
#include "gateway/exchange/validate.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/uscc.h>

enum { VALIDATE_ARENA_MAX = 2 * PX_PARTS_BYTES_MAX + 65536, CERTAINTY_COUNT = 7, DIVISION_LEN = 6 };

static lf_status check_uscc(const struct gw_validate *rules, lf_bytes code, lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc checked = LF_USCC_INIT;
    options.allow_test_division = rules->is_test;
    lf_status rc = lf_uscc_check((const char *)code.ptr, code.len, &options, &checked, err);
    if (rc == LF_OK && !lf__bytes_eq_str(code, checked.code)) {
        return lf__refuse(err, LF_E_REJECTED, "USCC_BAD_CHAR", "uscc",
                          "uscc: is not in its normal form");
    }
    if (rc != LF_OK && err != NULL) {
        (void)lf__copy_str(err->field, sizeof err->field, lf__bytes_str("uscc"));
    }
    return rc;
}

static lf_status check_date(lf_bytes date, const char *field, lf_error *err)
{
    return date.len == 0 || lf__date_is_valid(date)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "DATE_INVALID", field,
                            "%s: not a date of the form 2026-01-31", field);
}

static lf_status check_short(lf_bytes text, size_t max, const char *field, lf_error *err)
{
    if (text.len > max) {
        return lf__refuse(err, LF_E_REJECTED, "TOO_BIG", field, "%s: more than %zu bytes", field,
                          max);
    }
    if (text.len > 0 && lf_text_has_id_number((const char *)text.ptr, text.len)) {
        return lf__refuse(err, LF_E_REJECTED, "ID_NUMBER_IN_TEXT", field,
                          "%s: holds a personal ID number", field);
    }
    return LF_OK;
}

static lf_status check_text(lf_bytes text, const char *field, lf_error *err)
{
    return check_short(text, PX_TEXT_MAX, field, err);
}

static lf_status check_code(const struct gw_validate *rules, const char *table, lf_bytes code,
                            const char *reason, const char *field, lf_error *err)
{
    return gw_policy_knows(rules->policy, table, code)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, reason, field, "%s: not in the table of %ss", field,
                            table);
}

static lf_status check_certainty(const struct gw_validate *rules, const struct px_header *header,
                                 const struct gw_standing *issuer, lf_error *err)
{
    if (header->certainty == 0 || header->certainty >= CERTAINTY_COUNT) {
        return lf__refuse(err, LF_E_REJECTED, "CERTAINTY_UNKNOWN", "certainty",
                          "certainty: is missing or unknown");
    }
    return gw_policy_may_claim(rules->policy, issuer->role, header->certainty)
               ? LF_OK
               : lf__refuse(err, LF_E_DENIED, "CERTAINTY_NOT_ALLOWED", "certainty",
                            "certainty: is not for this role to claim");
}

/* Personal information needs its ground: a PERSONAL part, or an individual business (92...). */
static lf_status check_basis(const struct px_envelope *envelope, lf_bytes uscc, lf_error *err)
{
    bool is_personal = envelope->has_hash[PX_CLASS_PERSONAL] ||
                       lf__bytes_eq_str(lf__bytes_slice(uscc, 0, 2), "92");
    return !is_personal || envelope->header.legal_basis != 0
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "LEGAL_BASIS_REQUIRED", "header.legal_basis",
                            "record: personal information needs a legal basis");
}

static lf_status check_event(const struct gw_validate *rules, struct lf__arena *arena,
                             const struct px_envelope *envelope, const struct gw_standing *issuer,
                             lf_error *err)
{
    struct lf__arena *memory = rules->keep != NULL ? rules->keep : arena;
    struct px_event *event = lf__arena_alloc(memory, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                 : px_event_decode(memory, envelope, event, err);
    rc = rc == LF_OK ? check_uscc(rules, event->uscc, err) : rc;
    rc = rc == LF_OK ? check_code(rules, "violation", event->violation, "VIOLATION_UNKNOWN",
                                  "violation", err)
                     : rc;
    for (size_t i = 0; rc == LF_OK && i < event->measure_count; i++) {
        rc = check_code(rules, "measure", event->measures[i], "MEASURE_UNKNOWN", "measures", err);
    }
    rc = rc == LF_OK ? check_certainty(rules, &envelope->header, issuer, err) : rc;
    rc = rc == LF_OK ? check_basis(envelope, event->uscc, err) : rc;
    rc = rc == LF_OK ? check_date(event->decided_at, "decided_at", err) : rc;
    rc = rc == LF_OK ? check_text(event->note, "note", err) : rc;
    rc = rc == LF_OK ? check_short(event->rule, PX_LABEL_MAX, "rule", err) : rc;
    return rc == LF_OK ? check_short(event->shop_id, PX_LABEL_MAX, "shop_id", err) : rc;
}

static lf_status check_registry(const struct gw_validate *rules, struct lf__arena *arena,
                                const struct px_envelope *envelope, lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(arena, envelope, &entry, err);
    rc = rc == LF_OK ? check_uscc(rules, entry.uscc, err) : rc;
    rc = rc == LF_OK ? check_basis(envelope, entry.uscc, err) : rc;
    rc = rc == LF_OK ? check_date(entry.established, "established", err) : rc;
    if (rc == LF_OK && entry.status.len > 0) {
        rc = check_code(rules, "status", entry.status, "STATUS_UNKNOWN", "status", err);
    }
    rc = rc == LF_OK ? check_text(entry.name, "name", err) : rc;
    rc = rc == LF_OK ? check_text(entry.full_name, "full_name", err) : rc;
    return rc == LF_OK ? check_text(entry.province, "province", err) : rc;
}

static lf_status check_target(struct lf__arena *arena, const struct px_envelope *envelope,
                              lf_error *err)
{
    struct px_target target;
    lf_status rc = px_target_decode(arena, envelope, &target, err);
    rc = rc == LF_OK ? check_date(target.decided_at, "decided_at", err) : rc;
    return rc == LF_OK ? check_text(target.note, "note", err) : rc;
}

static lf_status check_redaction(struct lf__arena *arena, const struct px_envelope *envelope,
                                 lf_error *err)
{
    struct px_redaction redaction;
    lf_status rc = px_redaction_decode(arena, envelope, &redaction, err);
    rc = rc == LF_OK ? check_text(redaction.order_authority, "order_authority", err) : rc;
    return rc == LF_OK ? check_text(redaction.order_number, "order_number", err) : rc;
}

static bool is_division(lf_bytes text)
{
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
        digits++;
    }
    return digits == DIVISION_LEN && text.len == DIVISION_LEN;
}

static lf_status check_keys(const struct px_member *member, lf_error *err)
{
    size_t signing = 0;
    for (size_t i = 0; i < member->key_count; i++) {
        const struct px_member_key *key = &member->keys[i];
        if (key->use == PX_KEY_NONE || key->use >= PX_KEY_USE_COUNT ||
            (key->until_ms != 0 && key->until_ms <= key->from_ms)) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                              "keys: key %zu has no use, or ends before it begins", i + 1);
        }
        if (key->revocation >= PX_REVOKED_COUNT || key->revoked_at_ms < 0 ||
            (key->revocation != PX_REVOKED_NOT) != (key->revoked_at_ms != 0)) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                              "keys: key %zu is revoked without a time or a known reason", i + 1);
        }
        signing += key->use == PX_KEY_RECORD && key->revoked_at_ms == 0 ? 1 : 0;
        for (size_t k = 0; k < i; k++) {
            if (lf__bytes_eq(LF_BYTES_ARRAY(key->key.bytes),
                             LF_BYTES_ARRAY(member->keys[k].key.bytes))) {
                return lf__refuse(err, LF_E_REJECTED, "KEY_IN_USE", "keys",
                                  "keys: key %zu stands twice", i + 1);
            }
        }
    }
    return signing > 0 || member->status != PX_MEMBER_ACTIVE
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "keys",
                            "keys: an active member needs one that signs records");
}

static lf_status check_pins(const struct px_member *member, lf_error *err)
{
    for (size_t i = 0; i < member->pin_count; i++) {
        const struct px_pin *pin = &member->pins[i];
        if (pin->until_ms != 0 && pin->until_ms <= pin->from_ms) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "tls_spki",
                              "tls_spki: pin %zu ends before it begins", i + 1);
        }
        for (size_t k = 0; k < i; k++) {
            if (lf__hash_eq(&pin->spki, &member->pins[k].spki)) {
                return lf__refuse(err, LF_E_REJECTED, "PIN_IN_USE", "tls_spki",
                                  "tls_spki: pin %zu stands twice", i + 1);
            }
        }
    }
    return LF_OK;
}

static lf_status check_place(const struct px_member *member, lf_error *err)
{
    if (!gw_policy_role_has_level(member->role, member->level)) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL", "level",
                          "level: state organs have one, others have none");
    }
    return member->division.len == 0 ? member->level == 0
                                           ? LF_OK
                                           : lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL",
                                                        "division", "division: is missing")
           : is_division(member->division)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "MEMBER_LEVEL", "division", "division: 6 digits");
}

static lf_status check_member(struct lf__arena *arena, const struct px_envelope *envelope,
                              lf_error *err)
{
    struct px_member member;
    lf_status rc = px_member_decode(arena, envelope, &member, err);
    if (rc == LF_OK && lf__bytes_eq_str(member.member, GW_AUTHORITY_ID)) {
        return lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", "member",
                          "member: this id is the authority's own");
    }
    if (rc == LF_OK && (member.name.len == 0 || member.name.len > GW_MEMBER_NAME_MAX)) {
        return lf__refuse(err, LF_E_REJECTED, member.name.len == 0 ? "FIELD_MISSING" : "TOO_BIG",
                          "name", "name: 1 to %d bytes", GW_MEMBER_NAME_MAX);
    }
    rc = rc == LF_OK ? check_place(&member, err) : rc;
    rc = rc == LF_OK ? check_keys(&member, err) : rc;
    rc = rc == LF_OK ? check_pins(&member, err) : rc;
    rc = rc == LF_OK ? check_text(member.name, "name", err) : rc;
    return rc == LF_OK ? check_text(member.note, "note", err) : rc;
}

static lf_status check_policy(struct lf__arena *arena, const struct px_envelope *envelope,
                              lf_error *err)
{
    struct px_policy policy;
    lf_status rc = px_policy_decode(arena, envelope, &policy, err);
    if (rc == LF_OK && policy.relay_below >= CERTAINTY_COUNT) {
        rc = lf__refuse(err, LF_E_REJECTED, "CERTAINTY_UNKNOWN", "relay_below",
                        "relay_below: no such certainty");
    }
    return rc;
}

static lf_status check_body(const struct gw_validate *rules, struct lf__arena *arena,
                            const struct px_envelope *envelope, const struct gw_standing *issuer,
                            lf_error *err)
{
    switch (envelope->header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return check_event(rules, arena, envelope, issuer, err);
    case PX_KIND_REGISTRY_ENTRY:
        return check_registry(rules, arena, envelope, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return check_target(arena, envelope, err);
    case PX_KIND_MEMBER:
        return check_member(arena, envelope, err);
    case PX_KIND_POLICY:
        return check_policy(arena, envelope, err);
    case PX_KIND_REDACTION:
        return check_redaction(arena, envelope, err);
    case PX_KIND_GENESIS:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        break;
    }
    return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                      "record: this kind is not taken here");
}

lf_status gw_validate_role(const struct gw_policy *policy, const struct px_header *header,
                           const struct gw_standing *issuer, lf_error *err)
{
    bool is_authority_kind = header->kind == PX_KIND_MEMBER || header->kind == PX_KIND_POLICY ||
                             header->kind == PX_KIND_REDACTION;
    bool allowed = issuer->is_authority ? is_authority_kind || header->kind == PX_KIND_CORRECTION
                                        : gw_policy_may(policy, issuer->role, issuer->level,
                                                        header->kind, GW_MAY_ISSUE);
    return allowed ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                                "record: this role may not issue this kind");
}

static lf_status check_header(const struct gw_validate *rules, const struct px_header *header,
                              lf_error *err)
{
    if (header->issued_at_ms > rules->now_ms + GW_CLOCK_SKEW_MS) {
        return lf__refuse(err, LF_E_REJECTED, "ISSUED_IN_FUTURE", "header.issued_at_ms",
                          "record: issued beyond the clock skew of %d s", GW_CLOCK_SKEW_MS / 1000);
    }
    if (header->effective_until_ms != 0 &&
        header->effective_until_ms <= header->effective_from_ms) {
        return lf__refuse(err, LF_E_REJECTED, "DATE_INVALID", "header.effective_until_ms",
                          "record: ends before it begins");
    }
    return LF_OK;
}

/* A part may be withheld from a reader, never from the ledger: what is committed to must be there. */
static lf_status check_parts(const struct px_envelope *envelope, lf_error *err)
{
    bool is_there[PX_CLASS_COUNT] = {false};
    for (size_t i = 0; i < envelope->part_count; i++) {
        is_there[envelope->parts[i].part_class] = true;
    }
    for (unsigned i = 0; i < PX_CLASS_COUNT; i++) {
        if (envelope->has_hash[i] && !is_there[i]) {
            return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", "parts",
                              "record: its part of class %u was not sent", i);
        }
    }
    return LF_OK;
}

lf_status gw_validate(const struct gw_validate *rules, const struct px_envelope *envelope,
                      const struct gw_standing *issuer, lf_error *err)
{
    LF_ARENA arena;
    lf__arena_init(&arena, VALIDATE_ARENA_MAX);
    lf_status rc = gw_validate_role(rules->policy, &envelope->header, issuer, err);
    rc = rc == LF_OK ? check_header(rules, &envelope->header, err) : rc;
    rc = rc == LF_OK ? check_parts(envelope, err) : rc;
    rc = rc == LF_OK ? check_body(rules, &arena, envelope, issuer, err) : rc;
    return rc == LF_OK ? check_text(envelope->header.ref, "header.ref", err) : rc;
}
