/* SPDX-License-Identifier: Apache-2.0 */
/* One rule a line, in the order in which a person would fix them. */
#include "gateway/exchange/validate/validate_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/uscc.h>

enum { VALIDATE_ARENA_MAX = 2 * PX_PARTS_BYTES_MAX + 65536, CAMPAIGN_MIN = 3, CAMPAIGN_MAX = 40 };

lf_status gw__missing(const char *field, lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "FIELD_MISSING", field, "%s: is missing", field);
}

lf_status gw__check_uscc(const struct gw_checking *c, lf_bytes code)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc checked = LF_USCC_INIT;
    options.allow_test_division = c->rules->is_test;
    lf_status rc = lf_uscc_check((const char *)code.ptr, code.len, &options, &checked, c->err);
    if (rc == LF_OK && !lf__bytes_eq_str(code, checked.code)) {
        return lf__refuse(c->err, LF_E_REJECTED, "USCC_BAD_CHAR", "uscc",
                          "uscc: is not in its normal form");
    }
    if (rc != LF_OK && c->err != NULL) {
        (void)lf__copy_str(c->err->field, sizeof c->err->field, lf__bytes_str("uscc"));
    }
    return rc;
}

lf_status gw__check_date(lf_bytes date, const char *field, lf_error *err)
{
    return date.len == 0 || lf__date_is_valid(date)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "DATE_INVALID", field,
                            "%s: not a date of the form 2026-01-31", field);
}

lf_status gw__check_day_come(const struct gw_checking *c, lf_bytes day, const char *field)
{
    char last[11];
    lf__date_shanghai(c->rules->now_ms + GW_CLOCK_SKEW_MS, last);
    lf_status rc = gw__check_date(day, field, c->err);
    return rc == LF_OK && lf__bytes_cmp(day, lf__bytes_str(last)) > 0
               ? lf__refuse(c->err, LF_E_REJECTED, "DATE_INVALID", field,
                            "%s: is a day that has not come yet", field)
               : rc;
}

lf_status gw__check_text(lf_bytes text, size_t max, const char *field, lf_error *err)
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

lf_status gw__check_code(const struct gw_checking *c, const char *table, lf_bytes code,
                         const char *reason, const char *field)
{
    return code.len == 0 || lf__rules_knows(gw_policy_rules(c->rules->policy), table, code)
               ? LF_OK
               : lf__refuse(c->err, LF_E_REJECTED, reason, field, "%s: not in the table of %ss",
                            field, table);
}

lf_status gw__check_money(int64_t fen, const char *field, lf_error *err)
{
    return fen >= 0 ? LF_OK
                    : lf__refuse(err, LF_E_REJECTED, "AMOUNT_INVALID", field, "%s: is below zero",
                                 field);
}

static bool is_plain(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

lf_status gw__check_campaign(lf_bytes name, lf_error *err)
{
    size_t good = 0;
    while (good < name.len && is_plain(name.ptr[good])) {
        good++;
    }
    return good == name.len && (good == 0 || (good >= CAMPAIGN_MIN && good <= CAMPAIGN_MAX))
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "CAMPAIGN_NAME", "campaign",
                            "campaign: %d to %d letters, digits and hyphens", CAMPAIGN_MIN,
                            CAMPAIGN_MAX);
}

lf_status gw__check_basis(const struct gw_checking *c, lf_bytes uscc)
{
    bool is_personal = c->envelope->has_hash[PX_CLASS_PERSONAL] ||
                       lf__bytes_eq_str(lf__bytes_slice(uscc, 0, 2), "92");
    return !is_personal || c->envelope->header.legal_basis != 0
               ? LF_OK
               : lf__refuse(c->err, LF_E_REJECTED, "LEGAL_BASIS_REQUIRED", "header.legal_basis",
                            "record: personal information needs a legal basis");
}

static lf_status check_certainty(const struct gw_checking *c)
{
    unsigned certainty = c->envelope->header.certainty;
    if (certainty == 0 || certainty >= LF__CERTAINTIES) {
        return lf__refuse(c->err, LF_E_REJECTED, "CERTAINTY_UNKNOWN", "certainty",
                          "certainty: is missing or unknown");
    }
    return lf__rules_may_claim(gw_policy_rules(c->rules->policy), c->issuer->role, certainty)
               ? LF_OK
               : lf__refuse(c->err, LF_E_DENIED, "CERTAINTY_NOT_ALLOWED", "certainty",
                            "certainty: is not for this role to claim");
}

/* Who claims that the brand has said so names where; whether it did, the ledger decides. */
static lf_status check_brand(const struct gw_checking *c, const struct px_event *event)
{
    bool must = c->issuer->role == PX_ROLE_PLATFORM &&
                c->envelope->header.certainty == GW_CERTAINTY_BY_BRAND;
    return must && event->brand_issuer.len == 0
               ? lf__refuse(c->err, LF_E_PRECONDITION, "DETERMINATION_UNSIGNED", "brand_issuer",
                            "brand_issuer: the brand's own record must be named")
               : LF_OK;
}

static lf_status event_codes(const struct gw_checking *c, const struct px_event *event)
{
    lf_status rc =
        gw__check_code(c, "violation", event->violation, "VIOLATION_UNKNOWN", "violation");
    for (size_t i = 0; rc == LF_OK && i < event->more_count; i++) {
        rc = event->more_violations[i].len == 0
                 ? gw__missing("more_violations", c->err)
                 : gw__check_code(c, "violation", event->more_violations[i], "VIOLATION_UNKNOWN",
                                  "more_violations");
    }
    for (size_t i = 0; rc == LF_OK && i < event->measure_count; i++) {
        rc = lf__rules_knows(gw_policy_rules(c->rules->policy), "measure", event->measures[i])
                 ? LF_OK
                 : lf__refuse(c->err, LF_E_REJECTED, "MEASURE_UNKNOWN", "measures",
                              "measures: not in the table of measures");
    }
    return rc == LF_OK ? gw__check_code(c, "stage", event->stage, "STAGE_UNKNOWN", "stage") : rc;
}

static lf_status event_texts(const struct gw_checking *c, const struct px_event *event)
{
    lf_error *err = c->err;
    lf_status rc = gw__check_day_come(c, event->decided_at, "decided_at");
    rc = rc == LF_OK ? gw__check_date(event->measure_until, "measure_until", err) : rc;
    rc = rc == LF_OK ? gw__check_text(event->name, PX_TEXT_MAX, "name", err) : rc;
    rc = rc == LF_OK ? gw__check_campaign(event->campaign, err) : rc;
    rc = rc == LF_OK ? gw__check_text(event->note, PX_TEXT_MAX, "note", err) : rc;
    rc = rc == LF_OK ? gw__check_text(event->rule, PX_LABEL_MAX, "rule", err) : rc;
    rc = rc == LF_OK ? gw__check_text(event->shop_id, PX_LABEL_MAX, "shop_id", err) : rc;
    return rc == LF_OK ? gw__check_money(event->amount_fen, "amount_fen", err) : rc;
}

static lf_status check_event(const struct gw_checking *c)
{
    struct lf__arena *memory = c->rules->keep != NULL ? c->rules->keep : c->arena;
    struct px_event *event = lf__arena_alloc(memory, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(c->err, LF_E_NOMEM, "record: out of memory")
                                 : px_event_decode(memory, c->envelope, event, c->err);
    rc = rc == LF_OK ? gw__check_uscc(c, event->uscc) : rc;
    rc = rc == LF_OK ? event_codes(c, event) : rc;
    rc = rc == LF_OK ? check_certainty(c) : rc;
    rc = rc == LF_OK ? check_brand(c, event) : rc;
    rc = rc == LF_OK ? gw__check_basis(c, event->uscc) : rc;
    rc = rc == LF_OK ? event_texts(c, event) : rc;
    if (rc == LF_OK && c->rules->keep != NULL && c->rules->event != NULL) {
        *c->rules->event = event;
    }
    return rc;
}

/* 15 digits, with the check digit of GS 15-2006. */
static lf_status check_old_number(lf_bytes number, lf_error *err)
{
    lf_status rc =
        number.len == 0 ? LF_OK : lf_regno_check((const char *)number.ptr, number.len, NULL, err);
    if (rc != LF_OK && err != NULL) {
        (void)lf__copy_str(err->field, sizeof err->field, lf__bytes_str("old_number"));
    }
    return rc;
}

static lf_status check_registry(const struct gw_checking *c)
{
    struct px_registry entry;
    lf_error *err = c->err;
    lf_status rc = px_registry_decode(c->arena, c->envelope, &entry, err);
    rc = rc == LF_OK ? gw__check_uscc(c, entry.uscc) : rc;
    rc = rc == LF_OK ? gw__check_basis(c, entry.uscc) : rc;
    rc = rc == LF_OK ? gw__check_date(entry.established, "established", err) : rc;
    rc = rc == LF_OK ? gw__check_code(c, "status", entry.status, "STATUS_UNKNOWN", "status") : rc;
    rc = rc == LF_OK ? check_old_number(entry.old_number, err) : rc;
    rc = rc == LF_OK ? gw__check_text(entry.name, PX_TEXT_MAX, "name", err) : rc;
    rc = rc == LF_OK ? gw__check_text(entry.full_name, PX_TEXT_MAX, "full_name", err) : rc;
    return rc == LF_OK ? gw__check_text(entry.province, PX_TEXT_MAX, "province", err) : rc;
}

static lf_status check_target(const struct gw_checking *c)
{
    struct px_target target;
    lf_status rc = px_target_decode(c->arena, c->envelope, &target, c->err);
    rc = rc == LF_OK ? gw__check_date(target.decided_at, "decided_at", c->err) : rc;
    return rc == LF_OK ? gw__check_text(target.note, PX_TEXT_MAX, "note", c->err) : rc;
}

static lf_status check_redaction(const struct gw_checking *c)
{
    struct px_redaction order;
    lf_error *err = c->err;
    lf_status rc = px_redaction_decode(c->arena, c->envelope, &order, err);
    rc = rc == LF_OK ? gw__check_text(order.order_authority, PX_TEXT_MAX, "order_authority", err)
                     : rc;
    return rc == LF_OK ? gw__check_text(order.order_number, PX_TEXT_MAX, "order_number", err) : rc;
}

static lf_status check_body(const struct gw_checking *c)
{
    switch (c->envelope->header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return check_event(c);
    case PX_KIND_REGISTRY_ENTRY:
        return check_registry(c);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return check_target(c);
    case PX_KIND_MEMBER:
        return gw__check_member(c);
    case PX_KIND_POLICY:
        return gw__check_policy(c);
    case PX_KIND_REDACTION:
        return check_redaction(c);
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
        return gw__check_words(c);
    case PX_KIND_LOG_KEY: /* which admit checks by the keys of the log */
    case PX_KIND_GENESIS:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        break;
    }
    return lf__refuse(c->err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                      "record: this kind is not taken here");
}

/* Whoever holds what is to be erased says that it did, though others of its role answer nothing; whether it was asked, the
 * ledger decides. */
static bool says_erased(const struct px_envelope *envelope)
{
    LF_ARENA arena;
    struct px_disposition said = {.answer = PX_ANSWER_NONE};
    lf__arena_init(&arena, VALIDATE_ARENA_MAX);
    return envelope->header.kind == PX_KIND_DISPOSITION &&
           px_disposition_decode(&arena, envelope, &said, NULL) == LF_OK &&
           said.answer == PX_ANSWER_ERASED;
}

lf_status gw_validate_role(const struct gw_policy *policy, const struct px_envelope *envelope,
                           const struct gw_standing *issuer, lf_error *err)
{
    enum px_kind kind = envelope->header.kind;
    bool is_authority_kind =
        kind == PX_KIND_MEMBER || kind == PX_KIND_POLICY || kind == PX_KIND_REDACTION;
    bool allowed = issuer->is_authority
                       ? is_authority_kind || kind == PX_KIND_CORRECTION
                       : gw_policy_may(policy, issuer->role, issuer->level, kind, GW_MAY_ISSUE) ||
                             says_erased(envelope);
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
    lf_status rc = gw_validate_role(rules->policy, envelope, issuer, err);
    rc = rc == LF_OK ? check_header(rules, &envelope->header, err) : rc;
    rc = rc == LF_OK ? check_parts(envelope, err) : rc;
    struct gw_checking c = {rules, &arena, envelope, issuer, err};
    rc = rc == LF_OK ? check_body(&c) : rc;
    return rc == LF_OK ? gw__check_text(envelope->header.ref, PX_TEXT_MAX, "header.ref", err) : rc;
}
