/* SPDX-License-Identifier: Apache-2.0 */
/* Each row gives a reason, the policy's table gives each reason an advice, and the strongest advice is the answer. */
#include "client/mirror_screen.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

enum { ESTABLISHED = 3, ADMIN_DECISION = 5, REASONS_MAX = 16 };

/* One reason, borrowed from the row. */
struct reason {
    enum lf__advice advice;
    char code[LF__REASON_MAX];
    lf_bytes word;
    uint64_t index;
};
struct reasons {
    const struct lf__rules *rules;
    int64_t now_ms;
    struct lf__verdict *verdict;
    struct reason list[REASONS_MAX]; /* strongest first */
    size_t count;
};

const char *lf__advice_name(enum lf__advice advice)
{
    static const char *const names[] = {"", "ALLOW", "ALLOW_WITH_WARNING", "MANUAL_REVIEW", "DENY"};
    return names[advice];
}

/* A reason that no table has is for a person. */
static enum lf__advice advice_of(const struct lf__rules *rules, const char *code)
{
    static const enum lf__advice order[] = {LF__ADVICE_DENY, LF__ADVICE_REVIEW, LF__ADVICE_WARN,
                                            LF__ADVICE_ALLOW};
    for (size_t i = 0; i < LF_COUNT(order); i++) {
        char table[32];
        (void)snprintf(table, sizeof table, "advise_%s", lf__advice_name(order[i]));
        if (lf__rules_knows(rules, table, lf__bytes_str(code))) {
            return order[i];
        }
    }
    return LF__ADVICE_REVIEW;
}

/* The last place is written over when there are more codes than there is room for. */
static enum lf__advice advice_known(struct reasons *r, const char *code)
{
    struct lf__verdict *v = r->verdict;
    for (size_t i = 0; i < v->advised_count; i++) {
        if (strcmp(v->advised[i].code, code) == 0) {
            return v->advised[i].advice;
        }
    }
    v->advised_count += v->advised_count < LF__ADVISED_MAX ? 1 : 0;
    struct lf__advised *made = &v->advised[v->advised_count - 1];
    (void)lf__copy_str(made->code, sizeof made->code, lf__bytes_str(code));
    made->advice = advice_of(r->rules, code);
    return made->advice;
}

/* Of too many the weakest is not told. */
static void reason_add(struct reasons *r, const struct mirror_row *row, const char *code,
                       lf_bytes word)
{
    struct reason reason = {.advice = advice_known(r, code), .word = word, .index = row->index};
    size_t at = r->count < REASONS_MAX ? r->count : REASONS_MAX - 1;
    if (reason.advice == LF__ADVICE_ALLOW ||
        (r->count == REASONS_MAX && r->list[at].advice >= reason.advice)) {
        return;
    }
    (void)lf__copy_str(reason.code, sizeof reason.code, lf__bytes_str(code));
    for (; at > 0 && r->list[at - 1].advice < reason.advice; at--) {
        r->list[at] = r->list[at - 1];
    }
    r->list[at] = reason;
    r->count += r->count < REASONS_MAX ? 1 : 0;
}

static void reason_add_of(struct reasons *r, const struct mirror_row *row, const char *prefix)
{
    char code[LF__REASON_MAX];
    (void)snprintf(code, sizeof code, "%s_%.*s", prefix, (int)row->word.len,
                   (const char *)row->word.ptr);
    reason_add(r, row, code, LF_BYTES_NONE);
}

static bool is_over(const struct reasons *r, const struct mirror_row *row)
{
    return row->until_ms != 0 && row->until_ms <= r->now_ms;
}

static bool is_appealed(const struct mirror_row *row)
{
    return row->appeal != PX_APPEAL_NONE && row->appeal < PX_APPEAL_UPHELD;
}

/* While an appeal is open others look for themselves, unless an authority has decided. */
static bool is_softened(const struct mirror_row *row)
{
    return is_appealed(row) && row->certainty < ADMIN_DECISION && (row->flags & MIRROR_IS_OWN) == 0;
}

static void event_reason(struct reasons *r, const struct mirror_row *row)
{
    const char *code = "";
    if (row->state == MIRROR_PENDING) {
        code = "PENDING_RELAY";
    } else if (row->state == MIRROR_QUARANTINED) {
        code = (row->flags & MIRROR_IS_BURST) != 0 ? "BURST" : "QUARANTINED";
    } else if (row->state == MIRROR_REFUSED) {
        code = "RELAY_REFUSED";
    } else if (row->state != MIRROR_ACTIVE) {
        return; /* taken back, or lifted */
    } else if (is_over(r, row)) {
        code = "EXPIRED_EVENT";
    } else if ((row->flags & MIRROR_IS_NOTICE) != 0) {
        code = "INFORMATION_ONLY";
    } else if ((row->flags & MIRROR_IS_CLOSING) == 0) {
        code = "ENFORCEMENT_EVENT";
    } else if (is_softened(row)) {
        code = "UNDER_APPEAL";
    } else {
        code = row->certainty >= ESTABLISHED ? "LIVE_REMOVAL" : "SUSPECTED_REMOVAL";
    }
    reason_add(r, row, code, row->word);
}

/* A listing with a day of removal still to come counts until then. */
static void listing_reason(struct reasons *r, const struct mirror_row *row)
{
    bool over = is_over(r, row);
    if (row->state == MIRROR_ACTIVE && over) {
        reason_add(r, row, "EXPIRED_LISTING", row->word);
    } else if ((row->state == MIRROR_ACTIVE || row->state == MIRROR_LIFTED) && !over) {
        reason_add_of(r, row, "LIST");
    }
}

static void row_reason(struct reasons *r, const struct mirror_row *row)
{
    bool has_begun = row->from_ms <= r->now_ms;
    if (row->kind == PX_KIND_REGISTRY_ENTRY && row->state == MIRROR_ACTIVE) {
        if (row->word.len == 0) {
            reason_add(r, row, "REGISTRY_STATUS_UNKNOWN", LF_BYTES_NONE);
        } else if (!lf__bytes_eq_str(row->word, "ACTIVE")) {
            reason_add_of(r, row, "REGISTRY");
        }
    } else if (!has_begun) {
        return;
    } else if (row->kind == PX_KIND_ENFORCEMENT_EVENT) {
        event_reason(r, row);
    } else if (row->kind == PX_KIND_CREDIT_LIST_ENTRY) {
        listing_reason(r, row);
    } else if (row->kind == PX_KIND_ENTRY_BAN && row->state == MIRROR_ACTIVE && !is_over(r, row)) {
        reason_add(r, row, "ENTRY_BAN", LF_BYTES_NONE);
    }
}

static void reasons_write(const struct reasons *r, struct lf__buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct reason *reason = &r->list[i];
        (void)lf__buf_str(out, i > 0 ? ";" : "");
        (void)lf__buf_str(out, reason->code);
        (void)lf__buf_str(out, reason->word.len > 0 ? ":" : "");
        (void)lf__buf_append(out, reason->word);
    }
}

lf_status lf__verdict_make(const struct lf__rules *rules, lf_bytes rows, int64_t now_ms,
                           struct lf__verdict *out, lf_error *err)
{
    struct mirror_row row;
    struct reasons r;
    r.rules = rules;
    r.now_ms = now_ms;
    r.verdict = out;
    r.count = 0;
    while (rows.len > 0) {
        if (!lf__mirror_row_read(&rows, &row)) {
            return lf__fail(err, LF_E_CORRUPT, "mirror: a row of the standing is damaged");
        }
        row_reason(&r, &row);
    }
    lf__buf_clear(&out->reasons);
    out->is_known = true;
    out->advice = r.count == 0 ? LF__ADVICE_NONE : r.list[0].advice;
    out->index = r.count == 0 ? 0 : r.list[0].index;
    reasons_write(&r, &out->reasons);
    return lf__buf_status(&out->reasons, err);
}
