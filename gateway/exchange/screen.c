/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each known record that the asker may see gives a reason and each reason an advice (rules/advice.h); the strongest advice is
 * the answer.
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
    struct gw_reason reason = {.advice = lf__advice_of(s->exchange->rules, code)};
    s->out->advice = reason.advice > s->out->advice ? reason.advice : s->out->advice;
    if (reason.advice == LF__ADVICE_ALLOW) {
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
        reason.state = gw_known_told(known, s->asked->picture->at_ms);
        reason.until_ms = known->until_ms;
        reason.index = known->index;
    }
    reason_insert(s->out, &reason);
}

static void fact_reason(struct screening *s, const struct gw_known *known)
{
    char code[LF__REASON_MAX];
    struct lf__reason reason;
    struct lf__fact fact = {.kind = known->kind,
                            .life = gw_known_life(known),
                            .certainty = known->certainty,
                            .is_closing = known->is_closing,
                            .is_notice = known->is_notice,
                            .is_burst = known->is_burst,
                            .is_own = lf__bytes_eq(known->issuer, s->reader->member),
                            .word = known->status};
    if (lf__fact_reason(&fact, s->asked->picture->at_ms, &reason)) {
        lf__reason_code(&reason, code);
        reason_add(s, known, code);
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
    if (known->state != LF__STATE_ACTIVE) {
        return; /* taken back, or not understood: as good as never told */
    }
    s->has_registry = true;
    s->out->is_stale = known->said_ms + stale_ms < s->asked->picture->at_ms;
    fact_reason(s, known);
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
    } else if (has_begun(s, known)) {
        fact_reason(s, known);
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
    *out = (struct gw_screened){.advice = LF__ADVICE_NONE};
    options.allow_test_division = gw_roster_is_test(exchange->roster);
    if (lf_uscc_check((const char *)asked->uscc.ptr, asked->uscc.len, &options, &code,
                      &out->error) != LF_OK) {
        return LF_OK;
    }
    (void)lf__copy_str(out->uscc, sizeof out->uscc, lf__bytes_str(code.code));
    struct screening s = {exchange, txn, reader, asked, false, out};
    const struct gw_picture *picture = asked->picture;
    struct gw_when when = {picture->size, picture->is_dated ? picture->at_ms : 0, is_told};
    out->advice = LF__ADVICE_ALLOW;
    lf_status rc = gw_known_each(txn, lf__bytes_str(code.code), &when, screen_one, &s, err);
    if (rc == LF_OK && !s.has_registry) {
        reason_add(&s, NULL, "REGISTRY_UNKNOWN");
    }
    return rc;
}
