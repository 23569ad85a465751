/* SPDX-License-Identifier: Apache-2.0 */
/* Each row gives a reason and each reason an advice (rules/advice.h); the strongest advice is the answer. */
#include "client/mirror/screen.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

enum { REASONS_MAX = 16 };

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
    made->advice = lf__advice_of(r->rules, code);
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

/* A word that is not in the code (a violation, the list that a listing was on) stands behind it. */
static void row_reason(struct reasons *r, const struct mirror_row *row)
{
    char code[LF__REASON_MAX];
    struct lf__reason reason;
    bool has_begun = row->kind == PX_KIND_REGISTRY_ENTRY || row->from_ms <= r->now_ms;
    struct lf__fact fact = {.kind = row->kind,
                            .life = {.state = (enum lf__state)row->state,
                                     .appeal = row->appeal,
                                     .until_ms = row->until_ms},
                            .certainty = row->certainty,
                            .is_closing = (row->flags & MIRROR_IS_CLOSING) != 0,
                            .is_notice = (row->flags & MIRROR_IS_NOTICE) != 0,
                            .is_burst = (row->flags & MIRROR_IS_BURST) != 0,
                            .is_own = (row->flags & MIRROR_IS_OWN) != 0,
                            .word = row->word};
    if (has_begun && lf__fact_reason(&fact, r->now_ms, &reason)) {
        lf__reason_code(&reason, code);
        reason_add(r, row, code, reason.word.len == 0 ? row->word : LF_BYTES_NONE);
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
