/* SPDX-License-Identifier: Apache-2.0 */
/* One rule a line, in the order in which a person would fix them. */
#include "gateway/exchange/validate.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/uscc.h>

enum { VALIDATE_ARENA_MAX = 2 * PX_PARTS_BYTES_MAX + 65536, CERTAINTY_COUNT = 7 };

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

static lf_status check_text(lf_bytes text, const char *field, lf_error *err)
{
    if (text.len > PX_TEXT_MAX) {
        return lf__refuse(err, LF_E_REJECTED, "TOO_BIG", field, "%s: more than %d bytes", field,
                          PX_TEXT_MAX);
    }
    if (text.len > 0 && lf_text_has_id_number((const char *)text.ptr, text.len)) {
        return lf__refuse(err, LF_E_REJECTED, "ID_NUMBER_IN_TEXT", field,
                          "%s: holds a personal ID number", field);
    }
    return LF_OK;
}

static lf_status check_code(const struct gw_validate *rules, const char *table, lf_bytes code,
                            const char *reason, const char *field, lf_error *err)
{
    return gw_policy_knows(rules->policy, table, code)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, reason, field, "%s: not in the table of %ss", field,
                            table);
}

static lf_status check_event(const struct gw_validate *rules, struct lf__arena *arena,
                             const struct px_envelope *envelope, lf_error *err)
{
    struct px_event event;
    lf_status rc = px_event_decode(arena, envelope, &event, err);
    rc = rc == LF_OK ? check_uscc(rules, event.uscc, err) : rc;
    rc = rc == LF_OK ? check_code(rules, "violation", event.violation, "VIOLATION_UNKNOWN",
                                  "violation", err)
                     : rc;
    for (size_t i = 0; rc == LF_OK && i < event.measure_count; i++) {
        rc = check_code(rules, "measure", event.measures[i], "MEASURE_UNKNOWN", "measures", err);
    }
    if (rc == LF_OK &&
        (envelope->header.certainty == 0 || envelope->header.certainty >= CERTAINTY_COUNT)) {
        rc = lf__refuse(err, LF_E_REJECTED, "CERTAINTY_UNKNOWN", "certainty",
                        "certainty: is missing or unknown");
    }
    rc = rc == LF_OK ? check_date(event.decided_at, "decided_at", err) : rc;
    rc = rc == LF_OK ? check_text(event.note, "note", err) : rc;
    rc = rc == LF_OK ? check_text(event.rule, "rule", err) : rc;
    return rc == LF_OK ? check_text(event.shop_id, "shop_id", err) : rc;
}

static lf_status check_registry(const struct gw_validate *rules, struct lf__arena *arena,
                                const struct px_envelope *envelope, lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(arena, envelope, &entry, err);
    rc = rc == LF_OK ? check_uscc(rules, entry.uscc, err) : rc;
    rc = rc == LF_OK ? check_date(entry.established, "established", err) : rc;
    if (rc == LF_OK && entry.status.len > 0) {
        rc = check_code(rules, "status", entry.status, "STATUS_UNKNOWN", "status", err);
    }
    rc = rc == LF_OK ? check_text(entry.name, "name", err) : rc;
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

static lf_status check_body(const struct gw_validate *rules, struct lf__arena *arena,
                            const struct px_envelope *envelope, lf_error *err)
{
    struct px_member member;
    struct px_policy policy;
    switch (envelope->header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return check_event(rules, arena, envelope, err);
    case PX_KIND_REGISTRY_ENTRY:
        return check_registry(rules, arena, envelope, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return check_target(arena, envelope, err);
    case PX_KIND_MEMBER:
        return px_member_decode(arena, envelope, &member, err);
    case PX_KIND_POLICY:
        return px_policy_decode(arena, envelope, &policy, err);
    case PX_KIND_GENESIS:
    case PX_KIND_REDACTION:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        break;
    }
    return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                      "record: this kind is not taken here");
}

static lf_status check_role(const struct gw_validate *rules, const struct px_header *header,
                            const struct gw_standing *issuer, lf_error *err)
{
    bool is_authority_kind = header->kind == PX_KIND_MEMBER || header->kind == PX_KIND_POLICY ||
                             header->kind == PX_KIND_REDACTION;
    bool allowed = issuer->is_authority ? is_authority_kind || header->kind == PX_KIND_CORRECTION
                                        : gw_policy_may(rules->policy, issuer->role, issuer->level,
                                                        header->kind, GW_MAY_ISSUE);
    return allowed ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                                "record: this role may not issue this kind");
}

lf_status gw_validate(const struct gw_validate *rules, const struct px_envelope *envelope,
                      const struct gw_standing *issuer, lf_error *err)
{
    LF_ARENA arena;
    lf__arena_init(&arena, VALIDATE_ARENA_MAX);
    lf_status rc = check_role(rules, &envelope->header, issuer, err);
    if (rc == LF_OK && envelope->header.issued_at_ms > rules->now_ms + GW_CLOCK_SKEW_MS) {
        rc = lf__refuse(err, LF_E_REJECTED, "ISSUED_IN_FUTURE", "header.issued_at_ms",
                        "record: issued beyond the clock skew of %d s", GW_CLOCK_SKEW_MS / 1000);
    }
    return rc == LF_OK ? check_body(rules, &arena, envelope, err) : rc;
}
