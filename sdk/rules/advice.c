/* SPDX-License-Identifier: Apache-2.0 */
/* Six things stay distinct: four lists, penalties, and what platforms did. */
#include "rules/advice.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

enum { CERTAINTY_ESTABLISHED = 3, CERTAINTY_ADMIN_DECISION = 5 };

enum lf__advice lf__advice_of(const struct lf__rules *rules, const char *reason)
{
    static const struct {
        const char *table;
        enum lf__advice advice;
    } rows[] = {{"advise_DENY", LF__ADVICE_DENY},
                {"advise_MANUAL_REVIEW", LF__ADVICE_REVIEW},
                {"advise_ALLOW_WITH_WARNING", LF__ADVICE_WARN},
                {"advise_ALLOW", LF__ADVICE_ALLOW}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (lf__rules_knows(rules, rows[i].table, lf__bytes_str(reason))) {
            return rows[i].advice;
        }
    }
    return LF__ADVICE_REVIEW;
}

void lf__reason_code(const struct lf__reason *reason, char out[static LF__REASON_MAX])
{
    size_t len = strlen(reason->code);
    lf_bytes word = reason->word;
    bool has_word = word.len > 0 && len + 1 + word.len < LF__REASON_MAX;
    lf__copy(out, reason->code, len);
    if (has_word) {
        out[len++] = '_';
        lf__copy(out + len, word.ptr, word.len);
        len += word.len;
    }
    out[len] = '\0';
}

/* While an appeal is open others look for themselves, unless an authority has decided. */
static bool is_softened(const struct lf__fact *fact)
{
    return lf__life_is_appealed(&fact->life) && fact->certainty < CERTAINTY_ADMIN_DECISION &&
           !fact->is_own;
}

static const char *event_in_force(const struct lf__fact *fact)
{
    return fact->is_notice                            ? "INFORMATION_ONLY"
           : !fact->is_closing                        ? "ENFORCEMENT_EVENT"
           : is_softened(fact)                        ? "UNDER_APPEAL"
           : fact->certainty >= CERTAINTY_ESTABLISHED ? "LIVE_REMOVAL"
                                                      : "SUSPECTED_REMOVAL";
}

/* What waits or was refused is seen by its issuer and regulators alone. NULL: it was taken back, or is over. */
static const char *event_reason(const struct lf__fact *fact, enum lf__state told)
{
    switch (told) {
    case LF__STATE_PENDING_RELAY:
        return "PENDING_RELAY";
    case LF__STATE_QUARANTINED:
        return fact->is_burst ? "BURST" : "QUARANTINED";
    case LF__STATE_REFUSED:
        return "RELAY_REFUSED";
    case LF__STATE_EXPIRED:
        return "EXPIRED_EVENT";
    case LF__STATE_ACTIVE:
    case LF__STATE_UNDER_APPEAL:
        return event_in_force(fact);
    case LF__STATE_NONE:
    case LF__STATE_CORRECTED:
    case LF__STATE_WITHDRAWN:
    case LF__STATE_LIFTED:
    case LF__STATE_ERASED:
        break;
    }
    return NULL;
}

/* Taken back, or not understood, it is as good as never told. */
static struct lf__reason registry_reason(const struct lf__fact *fact)
{
    struct lf__reason reason = {fact->word.len == 0 ? "REGISTRY_STATUS_UNKNOWN" : "REGISTRY",
                                fact->word};
    reason.code = fact->life.state == LF__STATE_ACTIVE ? reason.code : NULL;
    return reason;
}

static struct lf__reason listing_reason(const struct lf__fact *fact, enum lf__state told)
{
    struct lf__reason listed = {"LIST", fact->word};
    bool is_on = told == LF__STATE_ACTIVE || told == LF__STATE_UNDER_APPEAL;
    return is_on ? listed
                 : (struct lf__reason){told == LF__STATE_EXPIRED ? "EXPIRED_LISTING" : NULL,
                                       LF_BYTES_NONE};
}

/* A platform's own decision acts for itself alone. */
static const char *ban_reason(const struct lf__fact *fact, enum lf__state told)
{
    return fact->is_own && told == LF__STATE_ACTIVE ? "ENTRY_BAN" : NULL;
}

bool lf__fact_reason(const struct lf__fact *fact, int64_t at_ms, struct lf__reason *out)
{
    enum lf__state told = lf__life_told(&fact->life, at_ms);
    *out = (struct lf__reason){NULL, LF_BYTES_NONE};
    if (fact->kind == PX_KIND_REGISTRY_ENTRY) {
        *out = registry_reason(fact);
    } else if (fact->kind == PX_KIND_ENFORCEMENT_EVENT) {
        out->code = event_reason(fact, told);
    } else if (fact->kind == PX_KIND_CREDIT_LIST_ENTRY) {
        *out = listing_reason(fact, told);
    } else if (fact->kind == PX_KIND_ENTRY_BAN) {
        out->code = ban_reason(fact, told);
    }
    return out->code != NULL;
}
