/* SPDX-License-Identifier: Apache-2.0 */
/* Which report is which, and what all of them are made with. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/projections/standing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CELL_MAX = 512, DAY_MS = 86400000, SHANGHAI_MS = 28800000, STEPS = 128 };

/* What a report heeds of what it is asked with. */
enum takes {
    PERIOD = 1,      /* from, until */
    ABOUT = 1 << 1,  /* a code, a period, a word */
    MEMBER = 1 << 2, /* about: a member */
    AS_OF = 1 << 3,  /* any day */
    AHEAD = 1 << 4,  /* as_of: today or later, for it tells what stands now */
    PAGES = 1 << 5,  /* max, after */
    ALONE = 1 << 6   /* it has a call of its own, and is not told of among the others */
};

static const struct report_row {
    const char *name;
    unsigned takes;
    const char *heads; /* with blanks between */
    lf_status (*make)(struct gw_report *report, lf_error *err);
} reports[] = {
    {"open-loops", PERIOD | MEMBER | AHEAD,
     "index issuer subject asked no_shop closed state overdue open_members", gw__report_open_loops},
    {"coverage", PERIOD | MEMBER,
     "member matched followed_up kept undecided shops coverage removals", gw__report_coverage},
    {"lags", PERIOD | MEMBER | AHEAD, "lag records median_hours p95_hours late", gw__report_lags},
    {"late", PERIOD | MEMBER, "index issuer subject decided_at shared due provisional",
     gw__report_late},
    {"participation", PERIOD,
     "member contributed overturned asked answered median_hours silent members reporters",
     gw__report_participation},
    {"overrides", PERIOD, "member overrides of_deny asked rate_per_1000", gw__report_overrides},
    {"attestations", ABOUT | AS_OF, "member period state index", gw__report_attestations},
    {"corrections", PERIOD | MEMBER,
     "index target subject member told told_by told_index state answer answer_index",
     gw__report_corrections},
    {"links", ABOUT | PAGES,
     "subject linked link tokens evidence cause linked_advice table name linked_name",
     gw__report_links},
    {"quarantine", PERIOD, "member quarantined waiting released refused first last",
     gw__report_quarantine},
    {"relay-queue", PERIOD, "member waiting quarantined first since", gw__report_relay_queue},
    {"ranking", PERIOD | ABOUT | PAGES,
     "rank subject points platforms open_tasks age_days why table name", gw__report_ranking},
    {"publicity", PERIOD | ABOUT | AS_OF,
     "index subject shop violation violation_text measures measures_text decided_at due published "
     "until state timing issuer",
     gw__report_publicity},
    {"subject", PERIOD | ABOUT | ALONE, "part index at member role what state basis entry detail",
     gw__report_subject},
    {"statistics", PERIOD, "month violation province events platforms", gw__report_statistics},
};

/* ---- what is asked ---- */

static const struct report_row *row_of(lf_bytes name)
{
    size_t i = 0;
    while (i < LF_COUNT(reports) && !lf__bytes_eq_str(name, reports[i].name)) {
        i++;
    }
    return i < LF_COUNT(reports) ? &reports[i] : NULL;
}

static lf_status none_of(lf_error *err)
{
    char names[160] = "";
    size_t len = 0;
    for (size_t i = 0; i < LF_COUNT(reports) && len < sizeof names; i++) {
        const char *name = (reports[i].takes & ALONE) != 0 ? "" : reports[i].name;
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", *name != '\0' ? " " : "",
                                name);
    }
    return lf__refuse(err, LF_E_ARG, "REPORT_UNKNOWN", "name", "name: is none of%s", names);
}

static lf_status takes_no(const struct report_row *row, const char *field, lf_error *err)
{
    static const struct {
        unsigned takes;
        const char *words;
    } options[] = {{PERIOD, " from until"},
                   {ABOUT | MEMBER, " about"},
                   {AS_OF | AHEAD, " as_of"},
                   {PAGES, " max after"}};
    char words[64] = "";
    size_t len = 0;
    for (size_t i = 0; i < LF_COUNT(options); i++) {
        const char *taken = (row->takes & options[i].takes) != 0 ? options[i].words : "";
        len += (size_t)snprintf(words + len, sizeof words - len, "%s", taken);
    }
    return lf__refuse(err, LF_E_ARG, "REPORT_OPTION", field, "%s: %s heeds only%s", field,
                      row->name, words);
}

lf_status gw_report_check(const struct gw_report_ask *ask, lf_error *err)
{
    const struct report_row *row = row_of(ask->name);
    const struct {
        const char *field;
        bool is_given;
        unsigned takes;
    } given[] = {{"from", ask->from.len > 0, PERIOD},
                 {"until", ask->until.len > 0, PERIOD},
                 {"as_of", ask->has_as_of, AS_OF | AHEAD},
                 {"about", ask->about.len > 0, ABOUT | MEMBER},
                 {"max", ask->max != 0, PAGES},
                 {"after", ask->after.len > 0, PAGES}};
    if (row == NULL) {
        return none_of(err);
    }
    for (size_t i = 0; i < LF_COUNT(given); i++) {
        if (given[i].is_given && (row->takes & given[i].takes) == 0) {
            return takes_no(row, given[i].field, err);
        }
    }
    return (row->takes & AHEAD) != 0 && ask->has_as_of && ask->as_of_ms < lf__clock_utc_ms()
               ? lf__refuse(err, LF_E_ARG, "REPORT_OPTION", "as_of",
                            "as_of: %s tells what stands now, and takes no day that is over",
                            row->name)
               : LF_OK;
}

/* A name that is none would be answered as by a member about whom there is nothing. */
static lf_status member_check(const struct gw_report *report, const struct report_row *row,
                              lf_error *err)
{
    struct gw_standing standing;
    lf_bytes about = report->ask->about;
    bool is_asked = (row->takes & MEMBER) != 0 && about.len > 0;
    lf_status rc =
        is_asked ? gw_roster_by_name(report->exchange->roster, about, &standing, NULL) : LF_OK;
    return rc == LF_E_NOT_FOUND ? lf__refuse(err, LF_E_ARG, "REPORT_OPTION", "about",
                                             "about: no member of that name, here or ever")
                                : rc;
}

lf_status gw__goes_on(struct gw_report *report, lf_error *err)
{
    const struct gw_report_ask *ask = report->ask;
    bool is_due = ++report->steps % STEPS == 0 && ask->goes_on != NULL;
    return is_due && !ask->goes_on(ask->user)
               ? lf__fail(err, LF_E_CANCELED, "report: nobody waits for it any more")
               : LF_OK;
}

void gw__cell_text(struct gw_report *report, lf_bytes text)
{
    lf_bytes kept = lf__arena_copy(report->arena, text);
    report->failed =
        report->failed || kept.ptr == NULL ||
        !lf__buf_append(&report->cells, (lf_bytes){(const uint8_t *)&kept, sizeof kept});
}

void gw__cell(struct gw_report *report, const char *format, ...)
{
    char text[CELL_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gw__cell_text(report, lf__bytes_str(text));
}

void gw__cell_index(struct gw_report *report, uint64_t index)
{
    if (index == 0) {
        gw__cell_text(report, LF_BYTES_NONE);
    } else {
        gw__cell(report, "%llu", (unsigned long long)index);
    }
}

void gw__cell_instant(struct gw_report *report, int64_t at_ms)
{
    char day[11];
    unsigned second = (unsigned)((at_ms + SHANGHAI_MS) % DAY_MS / 1000);
    lf__date_shanghai(at_ms, day);
    gw__cell(report, "%sT%02u:%02u:%02u+08:00", day, second / 3600, second / 60 % 60, second % 60);
}

bool gw__in_period(const struct gw_report *report, lf_bytes day)
{
    const struct gw_report_ask *ask = report->ask;
    if (day.len == 0) {
        return ask->from.len == 0 && ask->until.len == 0;
    }
    return (ask->from.len == 0 || lf__bytes_cmp(day, ask->from) >= 0) &&
           (ask->until.len == 0 || lf__bytes_cmp(day, ask->until) <= 0);
}

int64_t gw__day_ms(lf_bytes day)
{
    int64_t start = 0;
    return lf__date_start(day, 0, 0, &start) ? start : 0;
}

bool gw__instant_in_period(const struct gw_report *report, int64_t at_ms)
{
    char day[11];
    lf__date_shanghai(at_ms, day);
    return gw__in_period(report, lf__bytes_str(day));
}

/* The reader's, of these kinds, and still whole: what it may not see is in no figure that it gets. */
static lf_status is_told(struct gw_report *report, const struct gw_stored *stored, uint32_t kinds,
                         uint64_t index, bool *out, lf_error *err)
{
    unsigned classes = 0;
    *out = (kinds & LF_BIT((unsigned)stored->envelope.header.kind)) != 0 &&
           !gw_stored_is_forgotten(stored);
    if (!*out) {
        return LF_OK;
    }
    lf_status rc = gw_may_read_entry(report->exchange, report->txn, report->ask->reader, stored,
                                     index, &classes, err);
    *out = rc == LF_OK && (classes & LF_BIT(PX_CLASS_MEMBERS)) != 0;
    return rc;
}

lf_status gw__said_each(struct gw_report *report, uint32_t kinds,
                        lf_status (*each)(void *user, const struct gw_said *said, lf_error *err),
                        void *user, lf_error *err)
{
    LF_ARENA arena;
    lf_status rc = LF_OK;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    for (uint64_t index = 0; rc == LF_OK; index++) {
        struct st_stored there;
        bool told = false;
        lf__arena_reset(&arena);
        struct gw_stored *stored = lf__arena_alloc(&arena, sizeof *stored);
        if (stored == NULL) {
            return lf__fail(err, LF_E_NOMEM, "report: out of memory");
        }
        rc = gw__goes_on(report, err);
        rc = rc == LF_OK ? st_ledger_read(report->exchange->ledger, report->txn, index, &there, err)
                         : rc;
        rc = rc == LF_OK ? gw_stored_decode(&arena, there.body, stored, err) : rc;
        rc = rc == LF_OK ? is_told(report, stored, kinds, index, &told, err) : rc;
        if (rc == LF_OK && told) {
            struct gw_said said = {index, (int64_t)lf__get_u64be(there.leaf.ptr + 1), stored,
                                   &arena};
            rc = each(user, &said, err);
        }
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

bool gw__holds(struct gw_report *report, uint64_t index)
{
    struct gw_known known;
    return gw_known_get(report->txn, index, &known, NULL) == LF_OK &&
           known.state != LF__STATE_CORRECTED && known.state != LF__STATE_WITHDRAWN &&
           known.state != LF__STATE_REFUSED && known.state != LF__STATE_ERASED;
}

static lf_status platform_add(void *user, const struct gw_member *member, lf_error *err)
{
    struct gw_platforms *out = user;
    (void)err;
    if (out->count < GW_MEMBERS_MAX) {
        out->have_left[out->count] = member->status == PX_MEMBER_RETIRED;
        (void)lf__copy_str(out->ids[out->count++], sizeof *out->ids, lf__bytes_str(member->id));
    }
    return LF_OK;
}

lf_status gw__platforms(struct gw_report *report, struct gw_platforms *out, lf_error *err)
{
    out->ids = lf__arena_array(report->arena, GW_MEMBERS_MAX, sizeof *out->ids);
    out->have_left = lf__arena_array(report->arena, GW_MEMBERS_MAX, sizeof *out->have_left);
    out->count = 0;
    return out->ids == NULL || out->have_left == NULL
               ? lf__fail(err, LF_E_NOMEM, "report: out of memory")
               : gw_roster_each(report->exchange->roster, PX_ROLE_PLATFORM, platform_add, out, err);
}

size_t gw__platform_at(const struct gw_platforms *platforms, lf_bytes id)
{
    for (size_t i = 0; i < platforms->count; i++) {
        if (lf__bytes_eq_str(id, platforms->ids[i])) {
            return i;
        }
    }
    return SIZE_MAX;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

void gw__median(int64_t *values, size_t count, int64_t *median, int64_t *p95)
{
    if (count > 0) {
        qsort(values, count, sizeof *values, by_value);
    }
    *median = count == 0 ? 0 : values[(count - 1) / 2];
    *p95 = count == 0 ? 0 : values[(count * 95 + 99) / 100 - 1];
}

static size_t heads_take(const char *heads, lf_bytes *out)
{
    size_t count = 0;
    lf_bytes rest = lf__bytes_str(heads);
    while (rest.len > 0) {
        size_t len = 0;
        while (len < rest.len && rest.ptr[len] != ' ') {
            len++;
        }
        out[count++] = lf__bytes_slice(rest, 0, len);
        rest = lf__bytes_slice(rest, len + 1, rest.len);
    }
    return count;
}

lf_status gw_report_make(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         const struct gw_report_ask *ask, struct px_report *out, lf_error *err)
{
    const struct report_row *row = row_of(ask->name);
    lf_status rc = gw_report_check(ask, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes *heads = lf__arena_array(arena, PX_REPORT_COLUMNS_MAX, sizeof *heads);
    if (heads == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    struct gw_report report = {.exchange = exchange, .txn = txn, .arena = arena, .ask = ask};
    report.columns = heads_take(row->heads, heads);
    lf__buf_init(&report.cells, PX_REPORT_ROWS_MAX * report.columns * sizeof(lf_bytes));
    rc = member_check(&report, row, err);
    rc = rc == LF_OK ? row->make(&report, err) : rc;
    if (rc == LF_OK && report.failed) {
        rc = lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "name",
                        "report: more than %d rows; name a shorter period", PX_REPORT_ROWS_MAX);
    }
    lf_bytes cells =
        rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&report.cells)) : LF_BYTES_NONE;
    lf__buf_done(&report.cells);
    if (rc == LF_OK) {
        *out = (struct px_report){.name = ask->name,
                                  .heads = heads,
                                  .columns = report.columns,
                                  .cells = (const void *)cells.ptr,
                                  .rows = cells.len / sizeof(lf_bytes) / report.columns};
    }
    return rc;
}
