/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the access log has of one subject: the questions that named it, by its token, and the answers that told of its records, by
 * their positions. Regulators see everybody's; a platform its own, as with Ledger.GetEntries.
 */
#include "gateway/exchange/reports/export.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/access.h"
#include "rules/words.h"

enum { ENTRY_ARENA_MAX = 1 << 20 };

struct reading {
    struct gw_export *x;
    struct st_ledger *log;
    struct px_token token;
    struct px_access said;
    uint64_t index;
    int64_t at_ms;
};

static lf_status instant_of(const struct reading *r, uint64_t index, int64_t *out, lf_error *err)
{
    struct st_stored there;
    lf_status rc = st_ledger_read(r->log, r->x->report->txn, index, &there, err);
    *out = rc == LF_OK ? (int64_t)lf__get_u64be(there.leaf.ptr + 1) : 0;
    return rc;
}

/* The first entry of the period: times do not go back in a log. */
static lf_status first_of_period(struct reading *r, uint64_t size, uint64_t *out, lf_error *err)
{
    uint64_t low = 0;
    uint64_t high = size;
    int64_t from_ms = gw__day_ms(r->x->report->ask->from);
    while (from_ms != 0 && low < high) {
        uint64_t middle = low + (high - low) / 2;
        int64_t at_ms = 0;
        lf_status rc = instant_of(r, middle, &at_ms, err);
        if (rc != LF_OK) {
            return rc;
        }
        low = at_ms < from_ms ? middle + 1 : low;
        high = at_ms < from_ms ? high : middle;
    }
    *out = low;
    return LF_OK;
}

static bool names_subject(const struct reading *r)
{
    bool names = false;
    for (size_t i = 0; i < r->said.token_count && !names; i++) {
        names =
            lf__bytes_eq(LF_BYTES_ARRAY(r->said.tokens[i].bytes), LF_BYTES_ARRAY(r->token.bytes));
    }
    return names;
}

static bool may_see(const struct reading *r)
{
    const struct gw_reader *reader = r->x->report->ask->reader;
    return reader->role == PX_ROLE_REGULATOR || lf__bytes_eq(reader->member, r->said.member);
}

static void question_row(const struct reading *r)
{
    struct gw_report *report = r->x->report;
    const char *basis = lf__word_basis(r->said.legal_basis);
    gw__cell(report, "ACCESS");
    gw__cell(report, "%llu", (unsigned long long)r->index);
    gw__cell_instant(report, r->at_ms);
    gw__export_member(r->x, r->said.member);
    gw__cell(report, "%s", lf__word_act(r->said.act));
    gw__cell_text(report, LF_BYTES_NONE);
    gw__cell(report, "%.*s%s%s", (int)r->said.purpose.len, (const char *)r->said.purpose.ptr,
             r->said.purpose.len > 0 && basis[0] != '\0' ? " " : "", basis);
    gw__cell(report, "access:%llu", (unsigned long long)r->index);
    gw__cell(report, "%s%.*s%ssubjects=%llu%s%.*s", r->said.note.len > 0 ? "note=" : "",
             (int)r->said.note.len, (const char *)r->said.note.ptr,
             r->said.note.len > 0 ? "; " : "", (unsigned long long)r->said.subjects,
             r->said.case_number.len > 0 ? "; case=" : "", (int)r->said.case_number.len,
             (const char *)r->said.case_number.ptr);
}

/* Answers in positions of the ledger that have contents: not those of the access log, and not lists of tasks or figures. */
static bool delivers(const struct px_access *said)
{
    return said->next > said->first && said->told > 0 && said->note.len == 0 &&
           (said->act == PX_ACCESS_FEED || said->act == PX_ACCESS_READ_ENTRIES ||
            said->act == PX_ACCESS_READ_EVIDENCE);
}

static void delivery_note(const struct reading *r)
{
    size_t count = 0;
    size_t holder = 0;
    const struct gw_export *x = r->x;
    const struct gw_exported *list = gw__exported(x, &count);
    while (holder < x->holders.count &&
           !lf__bytes_eq_str(r->said.member, x->holders.list[holder].id)) {
        holder++;
    }
    for (size_t i = 0; i < count && holder < x->holders.count; i++) {
        bool is_early = x->holders.list[holder].role != PX_ROLE_REGULATOR &&
                        (list[i].shown_by == UINT64_MAX || r->at_ms < list[i].shown_ms);
        struct gw_delivered *one = &x->delivered[i * x->holders.count + holder];
        if (one->entry == UINT64_MAX && !is_early && r->said.first <= list[i].index &&
            list[i].index < r->said.next) {
            *one = (struct gw_delivered){r->at_ms, r->index};
        }
    }
}

static lf_status entry_look(struct reading *r, struct lf__arena *arena, bool *is_past,
                            lf_error *err)
{
    struct st_stored there;
    const struct gw_report_ask *ask = r->x->report->ask;
    lf_status rc = st_ledger_read(r->log, r->x->report->txn, r->index, &there, err);
    if (rc != LF_OK) {
        return rc;
    }
    r->at_ms = (int64_t)lf__get_u64be(there.leaf.ptr + 1);
    *is_past = r->at_ms > ask->as_of_ms;
    rc = px_access_decode(arena, lf__bytes_slice(there.body, LF_SALT_BYTES, there.body.len),
                          &r->said, err);
    if (rc != LF_OK || *is_past) {
        return rc;
    }
    if (names_subject(r) && may_see(r) && gw__instant_in_period(r->x->report, r->at_ms)) {
        question_row(r);
    }
    if (delivers(&r->said)) {
        delivery_note(r);
    }
    return LF_OK;
}

lf_status gw__export_access(struct gw_export *x, lf_error *err)
{
    LF_ARENA arena;
    bool is_past = false;
    struct gw_access *access = x->report->ask->access;
    struct reading r = {
        .x = x, .log = gw_access_ledger(access), .token = gw_access_token(access, x->uscc)};
    uint64_t size = st_ledger_head(r.log, NULL).size;
    lf__arena_init(&arena, ENTRY_ARENA_MAX);
    lf_status rc = first_of_period(&r, size, &r.index, err);
    for (; rc == LF_OK && !is_past && r.index < size; r.index++) {
        lf__arena_reset(&arena);
        rc = entry_look(&r, &arena, &is_past, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc; /* entered after this transaction began */
}
