/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each known record gives a reason, the policy's table gives each reason an advice, and the strongest advice is
 * the answer. Six things stay distinct: four lists, penalties, and what platforms did.
 */
#include "gateway/exchange/screen.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/may_read.h"
#include "uscc/name.h"

#include <lianfang/uscc.h>
#include <stdio.h>

enum {
    CERTAINTY_ESTABLISHED = 3,
    CERTAINTY_ADMIN_DECISION = 5,
    DAY_MS = 86400000,
    STALE_REGISTRY_DAYS = 30 /* unless the policy says otherwise */
};

struct screening {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    const struct gw_reader *reader;
    const struct gw_asked *asked;
    bool has_registry;
    struct gw_screened *out;
};

struct gw_picture gw_picture_now(void)
{
    return (struct gw_picture){UINT64_MAX, lf__clock_utc_ms(), false};
}

static lf_status accepted_at(struct gw_exchange *exchange, struct st_txn *txn, uint64_t index,
                             int64_t *out, lf_error *err)
{
    struct st_stored stored;
    lf_status rc = st_ledger_read(exchange->ledger, txn, index, &stored, err);
    if (rc == LF_OK && stored.leaf.len != LF_LEDGER_LEAF_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "leaf %llu is damaged", (unsigned long long)index);
    }
    if (rc == LF_OK) {
        *out = (int64_t)lf__get_u64be(stored.leaf.ptr + 1);
    }
    return rc;
}

/* Entries are accepted in the order of time. */
lf_status gw_size_at(struct gw_exchange *exchange, struct st_txn *txn, int64_t at_ms, uint64_t *out,
                     lf_error *err)
{
    uint64_t low = 0;
    uint64_t high = st_ledger_head(exchange->ledger, NULL).size;
    uint64_t middle = high == 0 ? 0 : high - 1; /* mostly all of it is asked for */
    while (low < high) {
        int64_t accepted = 0;
        lf_status rc = accepted_at(exchange, txn, middle, &accepted, err);
        if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
            return rc;
        }
        bool is_in = rc == LF_OK &&
                     accepted <= at_ms; /* else later, or sequenced since the transaction began */
        low = is_in ? middle + 1 : low;
        high = is_in ? high : middle;
        middle = low + (high - low) / 2;
    }
    *out = low;
    return LF_OK;
}

/* A code that the table does not have is for a person to look at. */
static enum gw_advice advice_of(const struct lf__rules *rules, const char *code)
{
    static const struct {
        const char *table;
        enum gw_advice advice;
    } rows[] = {{"advise_DENY", GW_ADVICE_DENY},
                {"advise_MANUAL_REVIEW", GW_ADVICE_REVIEW},
                {"advise_ALLOW_WITH_WARNING", GW_ADVICE_WARN},
                {"advise_ALLOW", GW_ADVICE_ALLOW}};
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        if (lf__rules_knows(rules, rows[i].table, lf__bytes_str(code))) {
            return rows[i].advice;
        }
    }
    return GW_ADVICE_REVIEW;
}

/* Strongest first, and in ledger order where equal; of too many the weakest is not told. */
static void reason_insert(struct gw_screened *out, const struct gw_reason *reason)
{
    bool is_full = out->count == GW_REASONS_MAX;
    size_t at = is_full ? out->count - 1 : out->count;
    if (is_full && out->reasons[at].advice >= reason->advice) {
        return;
    }
    for (; at > 0 && out->reasons[at - 1].advice < reason->advice; at--) {
        out->reasons[at] = out->reasons[at - 1];
    }
    out->reasons[at] = *reason;
    out->count += is_full ? 0 : 1;
}

static enum gw_event_state state_told(const struct screening *s, const struct gw_known *known)
{
    return gw_known_told(known, s->asked->picture->at_ms);
}

static void issuer_fill(const struct screening *s, const struct gw_known *known,
                        struct gw_reason *reason)
{
    struct gw_standing issuer;
    (void)lf__copy_str(reason->issuer, sizeof reason->issuer, known->issuer);
    if (gw_roster_by_name(s->exchange->roster, known->issuer, &issuer, NULL) == LF_OK) {
        reason->level = issuer.level;
    }
}

static void reason_add(struct screening *s, const struct gw_known *known, const char *code)
{
    struct gw_reason reason = {.advice = advice_of(s->exchange->rules, code)};
    s->out->advice = reason.advice > s->out->advice ? reason.advice : s->out->advice;
    if (reason.advice == GW_ADVICE_ALLOW) {
        return;
    }
    (void)snprintf(reason.code, sizeof reason.code, "%s", code);
    if (known != NULL) {
        bool is_list = known->kind == PX_KIND_CREDIT_LIST_ENTRY;
        bool is_event = known->kind == PX_KIND_ENFORCEMENT_EVENT;
        (void)lf__copy_str(reason.violation, sizeof reason.violation,
                           is_event ? known->violation : LF_BYTES_NONE);
        (void)lf__copy_str(reason.decided_at, sizeof reason.decided_at, known->decided_at);
        (void)lf__copy_str(reason.list, sizeof reason.list,
                           is_list ? known->status : LF_BYTES_NONE);
        (void)lf__copy_str(reason.region, sizeof reason.region, known->region);
        issuer_fill(s, known, &reason);
        reason.kind = known->kind;
        reason.certainty = known->certainty;
        reason.state = state_told(s, known);
        reason.until_ms = known->until_ms;
        reason.index = known->index;
    }
    reason_insert(s->out, &reason);
}

static void reason_add_of(struct screening *s, const struct gw_known *known, const char *prefix,
                          lf_bytes word)
{
    char code[40];
    char text[24];
    if (lf__copy_str(text, sizeof text, word)) {
        (void)snprintf(code, sizeof code, "%s_%s", prefix, text);
        reason_add(s, known, code);
    } else {
        reason_add(s, known, prefix);
    }
}

/* A name never acts: one that is not the registry's is for a person to look at. */
static void name_reason(struct screening *s, const struct gw_known *known)
{
    lf_bytes name = s->asked->name;
    if (name.len > 0 && known->name.len > 0 && !lf__name_is_same(name, known->name)) {
        reason_add(s, known, "NAME_CONFLICT");
    }
}

static void registry_reason(struct screening *s, const struct gw_known *known)
{
    const struct lf__rules *rules = s->exchange->rules;
    int64_t stale_ms =
        (int64_t)lf__rules_number(rules, "stale", "REGISTRY", STALE_REGISTRY_DAYS) * DAY_MS;
    if (known->state != GW_EVENT_ACTIVE) {
        return; /* taken back, or not understood: as good as never told */
    }
    s->has_registry = true;
    s->out->is_stale = known->said_ms + stale_ms < s->asked->picture->at_ms;
    if (known->status.len == 0) {
        reason_add(s, known, "REGISTRY_STATUS_UNKNOWN");
    } else {
        reason_add_of(s, known, "REGISTRY", known->status);
    }
    name_reason(s, known);
}

/* From when a record counts by its own word. */
static bool has_begun(const struct screening *s, const struct gw_known *known)
{
    int64_t from_ms = known->from_ms;
    if (s->asked->picture->is_dated && from_ms == 0 &&
        !lf__date_start(known->decided_at, 0, 0, &from_ms)) {
        from_ms = known->said_ms;
    }
    return from_ms <= s->asked->picture->at_ms;
}

/* While an appeal is open others look for themselves, unless an authority has decided. */
static bool is_softened(const struct screening *s, const struct gw_known *known)
{
    return gw_known_is_appealed(known) && known->certainty < CERTAINTY_ADMIN_DECISION &&
           !lf__bytes_eq(known->issuer, s->reader->member);
}

static void event_in_force(struct screening *s, const struct gw_known *known)
{
    bool is_established = known->certainty >= CERTAINTY_ESTABLISHED;
    reason_add(s, known,
               known->is_notice        ? "INFORMATION_ONLY"
               : !known->is_closing    ? "ENFORCEMENT_EVENT"
               : is_softened(s, known) ? "UNDER_APPEAL"
               : is_established        ? "LIVE_REMOVAL"
                                       : "SUSPECTED_REMOVAL");
}

/* What waits or was refused is seen by its issuer and regulators alone. */
static void event_reason(struct screening *s, const struct gw_known *known)
{
    switch (state_told(s, known)) {
    case GW_EVENT_PENDING_RELAY:
        reason_add(s, known, "PENDING_RELAY");
        break;
    case GW_EVENT_QUARANTINED:
        reason_add(s, known, known->is_burst ? "BURST" : "QUARANTINED");
        break;
    case GW_EVENT_REFUSED:
        reason_add(s, known, "RELAY_REFUSED");
        break;
    case GW_EVENT_EXPIRED:
        reason_add(s, known, "EXPIRED_EVENT");
        break;
    case GW_EVENT_ACTIVE:
    case GW_EVENT_UNDER_APPEAL:
        event_in_force(s, known);
        break;
    case GW_EVENT_NONE:
    case GW_EVENT_CORRECTED:
    case GW_EVENT_WITHDRAWN:
    case GW_EVENT_LIFTED:
    case GW_EVENT_ERASED:
        break;
    }
}

static void listing_reason(struct screening *s, const struct gw_known *known)
{
    enum gw_event_state state = state_told(s, known);
    if (state == GW_EVENT_ACTIVE || state == GW_EVENT_UNDER_APPEAL) {
        reason_add_of(s, known, "LIST", known->status);
    } else if (state == GW_EVENT_EXPIRED) {
        reason_add(s, known, "EXPIRED_LISTING");
    }
}

/* A platform's own decision acts for itself alone. */
static void ban_reason(struct screening *s, const struct gw_known *known)
{
    if (lf__bytes_eq(known->issuer, s->reader->member) && state_told(s, known) == GW_EVENT_ACTIVE) {
        reason_add(s, known, "ENTRY_BAN");
    }
}

static bool is_told(void *user, const struct gw_known *known)
{
    struct screening *s = user;
    return gw_may_read_known(s->exchange, s->txn, s->reader, known);
}

static bool screen_one(void *user, const struct gw_known *known)
{
    struct screening *s = user;
    if (!is_told(s, known)) {
        return true;
    }
    if (known->kind == PX_KIND_REGISTRY_ENTRY) {
        registry_reason(s, known); /* the newest that had begun */
    } else if (!has_begun(s, known)) {
        return true;
    } else if (known->kind == PX_KIND_ENFORCEMENT_EVENT) {
        event_reason(s, known);
    } else if (known->kind == PX_KIND_CREDIT_LIST_ENTRY) {
        listing_reason(s, known);
    } else if (known->kind == PX_KIND_ENTRY_BAN) {
        ban_reason(s, known);
    }
    return true;
}

bool gw_tells_issuer(const struct gw_reader *reader, const struct gw_reason *reason)
{
    return reader->role == PX_ROLE_REGULATOR || reason->level > 0 ||
           lf__bytes_eq_str(reader->member, reason->issuer);
}

lf_status gw_screen(struct gw_exchange *exchange, struct st_txn *txn,
                    const struct gw_reader *reader, const struct gw_asked *asked,
                    struct gw_screened *out, lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc code = LF_USCC_INIT;
    *out = (struct gw_screened){.advice = GW_ADVICE_NONE};
    options.allow_test_division = gw_roster_is_test(exchange->roster);
    if (lf_uscc_check((const char *)asked->uscc.ptr, asked->uscc.len, &options, &code,
                      &out->error) != LF_OK) {
        return LF_OK;
    }
    (void)lf__copy_str(out->uscc, sizeof out->uscc, lf__bytes_str(code.code));
    struct screening s = {exchange, txn, reader, asked, false, out};
    const struct gw_picture *picture = asked->picture;
    struct gw_when when = {picture->size, picture->is_dated ? picture->at_ms : 0, is_told};
    out->advice = GW_ADVICE_ALLOW;
    lf_status rc = gw_known_each(txn, lf__bytes_str(code.code), &when, screen_one, &s, err);
    if (rc == LF_OK && !s.has_registry) {
        reason_add(&s, NULL, "REGISTRY_UNKNOWN");
    }
    return rc;
}
