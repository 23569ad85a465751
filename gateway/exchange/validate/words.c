/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, appeals, tasks, campaigns: by their table what every field must be, then each kind's own rules. */
#include "gateway/exchange/validate/validate_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <stddef.h>

union words {
    struct px_listing listing;
    struct px_removal removal;
    struct px_appeal appeal;
    struct px_notice notice;
    struct px_disposition disposition;
    struct px_ban ban;
    struct px_override override;
    struct px_campaign campaign;
    struct px_attestation attestation;
    struct px_bulletin bulletin;
    struct px_identity identity;
    struct px_ack ack;
};

static lf_status check_member_id(lf_bytes id, const char *field, lf_error *err)
{
    return lf__text_is_member_id(id)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "MEMBER_ID", field, "%s: not a member id", field);
}

static lf_status check_items(const struct px_list *list, const struct px_word *word,
                             const char *field, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < list->count; i++) {
        rc = list->items[i].len == 0         ? gw__missing(field, err)
             : word->form == PX_FORM_MEMBERS ? check_member_id(list->items[i], field, err)
             : word->form == PX_FORM_LABELS
                 ? gw__check_text(list->items[i], PX_LABEL_MAX, field, err)
                 : LF_OK;
    }
    return rc;
}

static lf_status check_word(const struct gw_checking *c, const struct px_word *word,
                            const void *value)
{
    const void *at = (const uint8_t *)value + word->offset;
    const char *field = px_field_name(c->envelope->header.kind, word->number);
    switch (word->form) {
    case PX_FORM_USCC:
        return gw__check_uscc(c, *(const lf_bytes *)at);
    case PX_FORM_TEXT:
        return gw__check_text(*(const lf_bytes *)at, word->max, field, c->err);
    case PX_FORM_DATE:
        return gw__check_date(*(const lf_bytes *)at, field, c->err);
    case PX_FORM_MEMBER:
        return check_member_id(*(const lf_bytes *)at, field, c->err);
    case PX_FORM_MONEY:
        return gw__check_money(*(const int64_t *)at, field, c->err);
    case PX_FORM_CODES:
    case PX_FORM_MEMBERS:
    case PX_FORM_LABELS:
        return check_items(at, word, field, c->err);
    case PX_FORM_CODE: /* whose table, each kind knows */
    case PX_FORM_BYTES:
    case PX_FORM_ENUM:
    case PX_FORM_U32:
    case PX_FORM_U64:
    case PX_FORM_FLAG:
        break;
    }
    return LF_OK;
}

static lf_status check_codes(const struct gw_checking *c, const char *table,
                             const struct px_list *codes, const char *reason, const char *field)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < codes->count; i++) {
        rc = gw__check_code(c, table, codes->items[i], reason, field);
    }
    return rc;
}

static lf_status check_region(const struct px_listing *in, lf_error *err)
{
    if (in->region.len == 0 && lf__bytes_eq_str(in->list, "LOCAL_SERIOUS")) {
        return gw__missing("region", err);
    }
    return in->region.len == 0 || gw__is_division(in->region)
               ? LF_OK
               : lf__refuse(err, LF_E_REJECTED, "REGION_UNKNOWN", "region", "region: 6 digits");
}

static lf_status check_listing(const struct gw_checking *c, const struct px_listing *in)
{
    lf_status rc = gw__check_code(c, "list", in->list, "LIST_UNKNOWN", "list");
    if (rc == LF_OK && in->reason.len == 0 && in->reason_text.len == 0) {
        return gw__missing("reason", c->err);
    }
    if (rc == LF_OK && in->reason.len > 0 &&
        !lf__rules_knows_reason(gw_policy_rules(c->rules->policy), in->list, in->reason)) {
        return lf__refuse(c->err, LF_E_REJECTED, "LIST_REASON_UNKNOWN", "reason",
                          "reason: not in the list's table of reasons");
    }
    rc = rc == LF_OK ? gw__check_day_come(c, in->listed_on, "listed_on") : rc;
    rc = rc == LF_OK ? check_region(in, c->err) : rc;
    return rc == LF_OK
               ? gw__check_code(c, "violation", in->violation, "VIOLATION_UNKNOWN", "violation")
               : rc;
}

static lf_status check_appeal(const struct gw_checking *c, const struct px_appeal *in)
{
    bool is_decision = in->step == PX_APPEAL_UPHELD || in->step == PX_APPEAL_OVERTURNED;
    return is_decision && in->reason.len == 0 ? gw__missing("reason", c->err) : LF_OK;
}

static lf_status check_disposition(const struct gw_checking *c, const struct px_disposition *in)
{
    bool needs_rule = in->answer == PX_ANSWER_REMOVED || in->answer == PX_ANSWER_RESTRICTED ||
                      in->answer == PX_ANSWER_KEPT;
    bool needs_reason = in->answer == PX_ANSWER_KEPT || in->answer == PX_ANSWER_DISPUTED;
    if (needs_rule && in->rule.len == 0) {
        return lf__refuse(c->err, LF_E_REJECTED, "RULE_REQUIRED", "rule",
                          "rule: this answer names a rule of the platform's own book");
    }
    return needs_reason && in->reason.len == 0
               ? gw__missing("reason", c->err)
               : check_codes(c, "measure", &in->measures, "MEASURE_UNKNOWN", "measures");
}

/* Dates of one form are in the order of their text. */
static bool is_before(lf_bytes a, lf_bytes b)
{
    return lf__bytes_cmp(a, b) < 0;
}

static lf_status check_ban(const struct gw_checking *c, const struct px_ban *in)
{
    return in->until.len > 0 && in->from.len > 0 && !is_before(in->from, in->until)
               ? lf__refuse(c->err, LF_E_REJECTED, "DATE_INVALID", "until",
                            "until: is not after the beginning")
               : LF_OK;
}

static lf_status check_override(const struct gw_checking *c, const struct px_override *in)
{
    lf_status rc = gw__check_code(c, "advice", in->advice, "ADVICE_UNKNOWN", "advice");
    rc = rc == LF_OK ? gw__check_code(c, "advice", in->decision, "ADVICE_UNKNOWN", "decision") : rc;
    if (rc == LF_OK && !lf__text_is_officer_id(in->officer)) {
        return lf__refuse(
            c->err, LF_E_REJECTED, "OFFICER_ID", "officer",
            "officer: not an id of 1 to 40 letters, digits and ._- with a digit among "
            "them; a name is none");
    }
    return rc == LF_OK && lf__bytes_cmp(in->advice, in->decision) == 0
               ? lf__refuse(c->err, LF_E_REJECTED, "OVERRIDE_NONE", "decision",
                            "decision: is what was advised, which is no override")
               : rc;
}

static lf_status check_campaign(const struct gw_checking *c, const struct px_campaign *in)
{
    lf_status rc = gw__check_campaign(in->campaign, c->err);
    if (rc == LF_OK && is_before(in->until, in->from)) {
        return lf__refuse(c->err, LF_E_REJECTED, "DATE_INVALID", "until",
                          "until: is before the beginning");
    }
    if (rc == LF_OK && c->envelope->header.audience_count == 0) {
        return gw__missing("header.audience", c->err); /* whose campaign it is */
    }
    return rc == LF_OK
               ? check_codes(c, "violation", &in->violations, "VIOLATION_UNKNOWN", "violations")
               : rc;
}

/* 2026-Q1 */
static lf_status check_attestation(const struct gw_checking *c, const struct px_attestation *in)
{
    lf_bytes p = in->period;
    bool good = p.len == 7 && p.ptr[4] == '-' && p.ptr[5] == 'Q' && p.ptr[6] >= '1' &&
                p.ptr[6] <= '4' && p.ptr[0] > '0';
    for (size_t i = 0; i < 4 && good; i++) {
        good = p.ptr[i] >= '0' && p.ptr[i] <= '9';
    }
    return good ? LF_OK
                : lf__refuse(c->err, LF_E_REJECTED, "PERIOD_INVALID", "period",
                             "period: not a quarter of the form 2026-Q1");
}

/* What is for everyone stands apart from what is for members. */
static lf_status check_bulletin(const struct gw_checking *c, const struct px_bulletin *in)
{
    bool is_public = in->channel == PX_CHANNEL_PUBLICATION;
    lf_bytes title = is_public ? in->public_title : in->title;
    lf_bytes text = is_public ? in->public_text : in->text;
    lf_bytes other = is_public ? in->title : in->public_title;
    lf_bytes other_text = is_public ? in->text : in->public_text;
    if (title.len == 0 || text.len == 0) {
        return gw__missing(is_public        ? title.len == 0 ? "public_title" : "public_text"
                           : title.len == 0 ? "title"
                                            : "text",
                           c->err);
    }
    if (other.len > 0 || other_text.len > 0) {
        return lf__refuse(c->err, LF_E_REJECTED, "FIELD_CLASS",
                          is_public ? "title" : "public_title",
                          "bulletin: its words are of another class than its channel");
    }
    return in->channel == PX_CHANNEL_COORDINATION && c->envelope->header.audience_count == 0
               ? gw__missing("header.audience", c->err)
               : LF_OK;
}

static lf_status check_own_rules(const struct gw_checking *c, const union words *said)
{
    switch (c->envelope->header.kind) {
    case PX_KIND_CREDIT_LIST_ENTRY:
        return check_listing(c, &said->listing);
    case PX_KIND_LIST_REMOVAL:
        return gw__check_day_come(c, said->removal.removed_on, "removed_on");
    case PX_KIND_APPEAL:
        return check_appeal(c, &said->appeal);
    case PX_KIND_DISPOSITION:
        return check_disposition(c, &said->disposition);
    case PX_KIND_ENTRY_BAN:
        return check_ban(c, &said->ban);
    case PX_KIND_OVERRIDE:
        return check_override(c, &said->override);
    case PX_KIND_CAMPAIGN:
        return check_campaign(c, &said->campaign);
    case PX_KIND_ATTESTATION:
        return check_attestation(c, &said->attestation);
    case PX_KIND_BULLETIN:
        return check_bulletin(c, &said->bulletin);
    case PX_KIND_NOTICE: /* whose table says it all */
    case PX_KIND_MERCHANT_IDENTITY:
    case PX_KIND_ACKNOWLEDGEMENT:
    case PX_KIND_LOG_KEY:
    case PX_KIND_GENESIS:
    case PX_KIND_MEMBER:
    case PX_KIND_POLICY:
    case PX_KIND_REGISTRY_ENTRY:
    case PX_KIND_ENFORCEMENT_EVENT:
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
    case PX_KIND_REDACTION:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        break;
    }
    return LF_OK;
}

lf_status gw__check_words(const struct gw_checking *c)
{
    union words said = {.ack = {.cursor = 0}};
    lf_bytes uscc = LF_BYTES_NONE;
    enum px_kind kind = c->envelope->header.kind;
    const struct px_words *words = px_words_of(kind);
    LF_BUG_IF(words == NULL || words->size > sizeof said);
    lf_status rc = px_words_decode(c->arena, c->envelope, kind, &said, c->err);
    for (size_t i = 0; rc == LF_OK && i < words->count; i++) {
        rc = check_word(c, &words->list[i], &said);
        if (words->list[i].form == PX_FORM_USCC) {
            uscc =
                *(const lf_bytes *)(const void *)((const uint8_t *)&said + words->list[i].offset);
        }
    }
    rc = rc == LF_OK ? check_own_rules(c, &said) : rc;
    return rc == LF_OK ? gw__check_basis(c, uscc) : rc;
}
