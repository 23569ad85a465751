/* SPDX-License-Identifier: Apache-2.0 */
/* Each known record gives a reason, each reason an advice, and the strongest advice is the answer. */
#include "gateway/exchange/screen.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/may_read.h"

#include <lianfang/uscc.h>
#include <stdio.h>

enum { CERTAINTY_ESTABLISHED = 3 };

struct screening {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    const struct gw_reader *reader;
    int64_t now_ms;
    bool has_registry;
    struct gw_screened *out;
};

static void reason_add(struct screening *s, const struct gw_known *known, const char *code,
                       enum gw_advice advice)
{
    s->out->advice = advice > s->out->advice ? advice : s->out->advice;
    if (advice == GW_ADVICE_ALLOW || s->out->count == GW_REASONS_MAX) {
        return;
    }
    struct gw_reason *reason = &s->out->reasons[s->out->count++];
    *reason = (struct gw_reason){.advice = advice};
    (void)snprintf(reason->code, sizeof reason->code, "%s", code);
    if (known != NULL) {
        (void)lf__copy_str(reason->violation, sizeof reason->violation, known->violation);
        (void)lf__copy_str(reason->decided_at, sizeof reason->decided_at, known->decided_at);
        reason->certainty = known->certainty;
        reason->state =
            known->until_ms != 0 && known->until_ms <= s->now_ms && known->state == GW_EVENT_ACTIVE
                ? GW_EVENT_EXPIRED
                : known->state;
        reason->until_ms = known->until_ms;
        reason->index = known->index;
    }
}

static void registry_reason(struct screening *s, const struct gw_known *known)
{
    char code[40];
    char status[24];
    const struct gw_policy *policy = s->exchange->policy;
    if (known->state != GW_EVENT_ACTIVE) {
        return; /* taken back: as good as never told */
    }
    s->has_registry = true;
    if (known->status.len == 0 || !lf__copy_str(status, sizeof status, known->status)) {
        reason_add(s, known, "REGISTRY_STATUS_UNKNOWN", GW_ADVICE_REVIEW);
        return;
    }
    (void)snprintf(code, sizeof code, "REGISTRY_%s", status);
    enum gw_advice advice = gw_policy_knows(policy, "deny", known->status)    ? GW_ADVICE_DENY
                            : gw_policy_knows(policy, "allow", known->status) ? GW_ADVICE_ALLOW
                            : gw_policy_knows(policy, "warn", known->status)  ? GW_ADVICE_WARN
                                                                              : GW_ADVICE_REVIEW;
    reason_add(s, known, code, advice);
}

static void event_reason(struct screening *s, const struct gw_known *known)
{
    bool is_live = known->until_ms == 0 || known->until_ms > s->now_ms;
    if (known->state == GW_EVENT_PENDING_RELAY) {
        reason_add(s, known, "PENDING_RELAY", GW_ADVICE_WARN);
    } else if (known->state == GW_EVENT_REFUSED) {
        reason_add(s, known, "RELAY_REFUSED", GW_ADVICE_WARN);
    } else if (known->state == GW_EVENT_ACTIVE && !is_live) {
        reason_add(s, known, "EXPIRED_EVENT", GW_ADVICE_WARN);
    } else if (known->state == GW_EVENT_ACTIVE && known->is_closing) {
        bool is_established = known->certainty >= CERTAINTY_ESTABLISHED;
        reason_add(s, known, is_established ? "LIVE_REMOVAL" : "SUSPECTED_REMOVAL",
                   is_established ? GW_ADVICE_DENY : GW_ADVICE_REVIEW);
    } else if (known->state == GW_EVENT_ACTIVE) {
        reason_add(s, known, "ENFORCEMENT_EVENT", GW_ADVICE_WARN);
    }
}

/* Some are named: then the record itself is asked who. */
static unsigned audience_classes(struct screening *s, const struct gw_known *known)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    return gw__entry_read(s->exchange, s->txn, &arena, known->index, &envelope, NULL) == LF_OK
               ? gw_may_read(s->exchange->policy, s->reader, &envelope.header, known->is_held)
               : 0;
}

static bool is_visible(struct screening *s, const struct gw_known *known)
{
    struct px_header header = {.issuer = known->issuer, .kind = known->kind};
    unsigned classes = known->has_audience
                           ? audience_classes(s, known)
                           : gw_may_read(s->exchange->policy, s->reader, &header, known->is_held);
    return (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0;
}

static bool screen_one(void *user, const struct gw_known *known)
{
    struct screening *s = user;
    if (!known->is_restricted && is_visible(s, known)) {
        if (known->kind == PX_KIND_REGISTRY_ENTRY) {
            registry_reason(s, known);
        } else {
            event_reason(s, known);
        }
    }
    return true;
}

static void reasons_sort(struct gw_screened *out)
{
    for (size_t i = 1; i < out->count; i++) { /* few, and in ledger order where equal */
        struct gw_reason reason = out->reasons[i];
        size_t k = i;
        for (; k > 0 && out->reasons[k - 1].advice < reason.advice; k--) {
            out->reasons[k] = out->reasons[k - 1];
        }
        out->reasons[k] = reason;
    }
}

lf_status gw_screen(struct gw_exchange *exchange, struct st_txn *txn,
                    const struct gw_reader *reader, lf_bytes uscc, struct gw_screened *out,
                    lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc code = LF_USCC_INIT;
    *out = (struct gw_screened){.advice = GW_ADVICE_NONE};
    options.allow_test_division = gw_roster_is_test(exchange->roster);
    if (lf_uscc_check((const char *)uscc.ptr, uscc.len, &options, &code, &out->error) != LF_OK) {
        return LF_OK;
    }
    (void)lf__copy_str(out->uscc, sizeof out->uscc, lf__bytes_str(code.code));
    struct screening s = {exchange, txn, reader, lf__clock_utc_ms(), false, out};
    out->advice = GW_ADVICE_ALLOW;
    lf_status rc = gw_known_each(txn, lf__bytes_str(code.code), screen_one, &s, err);
    if (rc == LF_OK && !s.has_registry) {
        reason_add(&s, NULL, "REGISTRY_UNKNOWN", GW_ADVICE_REVIEW);
    }
    reasons_sort(out);
    return rc;
}
