/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/reports/reports_internal.h - a report being made, and what its rows are read from. */
#ifndef GW_REPORTS_INTERNAL_H
#define GW_REPORTS_INTERNAL_H

#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/reports/reports.h"
#include "gateway/exchange/screen.h"
#include "gateway/exchange/tasks.h"
#include "protos/codec/words.h"

struct gw_report {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    const struct gw_report_ask *ask;
    struct lf__buf cells; /* of lf_bytes */
    size_t columns;
    bool failed; /* no room for a cell */
    unsigned steps;
};
/* Asked at each step of something long. E_CANCELED when nobody waits for it any more. */
lf_status gw__goes_on(struct gw_report *report, lf_error *err);
/* One cell; printf-like. */
void gw__cell(struct gw_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gw__cell_text(struct gw_report *report, lf_bytes text);
/* An entry; 0 is the genesis, and stands for none. */
void gw__cell_index(struct gw_report *report, uint64_t index);
/* In Shanghai, to the second. */
void gw__cell_instant(struct gw_report *report, int64_t at_ms);
/* Whether a day lies in what was asked; a day that is not known does only where nothing was asked. */
bool gw__in_period(const struct gw_report *report, lf_bytes day);
/* When a valid day begins in Shanghai; 0 of none. */
int64_t gw__day_ms(lf_bytes day);
bool gw__instant_in_period(const struct gw_report *report, int64_t at_ms);

/* An entry that can be read whole. */
struct gw_said {
    uint64_t index;
    int64_t at_ms;
    const struct gw_stored *stored;
    struct lf__arena *arena; /* of this entry */
};
/* Each entry of these kinds (LF_BIT) that the reader may see and that is not erased, in order. */
lf_status gw__said_each(struct gw_report *report, uint32_t kinds,
                        lf_status (*each)(void *user, const struct gw_said *said, lf_error *err),
                        void *user, lf_error *err);
/* The platforms in order of their ids; `index` of one, or SIZE_MAX. */
struct gw_platforms {
    char (*ids)[41];
    bool *have_left; /* likewise */
    size_t count;
};
lf_status gw__platforms(struct gw_report *report, struct gw_platforms *out, lf_error *err);
size_t gw__platform_at(const struct gw_platforms *platforms, lf_bytes id);
/* Whether what an event said was not taken back: corrected, withdrawn, replaced or refused. */
bool gw__holds(struct gw_report *report, uint64_t index);
/* The middle and the 95th of a hundred, of values that it sorts; 0 of none. */
void gw__median(int64_t *values, size_t count, int64_t *median, int64_t *p95);

/* A member says at `index` that it has all below `cursor`. */
struct gw_ack {
    uint64_t cursor;
    uint64_t index;
    int64_t at_ms;
};
/* A member, and what it has acknowledged: each further than the one before. */
struct gw_holder {
    char id[41];
    enum px_role role;
    unsigned level;
    uint64_t enrolled;
    uint64_t left;       /* the entry with which it left; UINT64_MAX: it has not */
    struct lf__buf acks; /* of struct gw_ack */
};
struct gw_holders {
    struct gw_report *report;
    lf_bytes only;          /* whom it is about; none: all */
    struct gw_holder *list; /* in order of their ids; who has left may have it all the same */
    size_t count;
};
/* `only` names one, or nobody: all. Whether it fails or not, gw__holders_done() ends it. */
lf_status gw__holders_read(struct gw_report *report, lf_bytes only, struct gw_holders *out,
                           lf_error *err);
void gw__holders_done(struct gw_holders *holders);
/* Its first that is past the entry; NULL when there is none. */
const struct gw_ack *gw__ack_of(const struct gw_holder *holder, uint64_t index);

/* Whether the event at `index`, about this code, was held back when it came. */
lf_status gw__was_held(struct gw_report *report, lf_bytes uscc, uint64_t index, bool *out,
                       lf_error *err);

/* Whether a task in this state still needs an answer. */
bool gw__task_is_waiting(enum gw_task_state state);

/* A subject, and how many answers about it are outstanding. */
enum { GW_CODE_LEN = 18, GW_PAGE_ROWS = 100, GW_PAGE_ROWS_MAX = 1000 };
struct gw_spoken_of {
    char uscc[GW_CODE_LEN];
    uint16_t waiting;
};
/* Every subject of an event or listing, each once, in order of the codes, whether the reader may see it or not: ask
 * gw_screen(). `about` names one: only that. `out` has struct gw_spoken_of, and is the caller's to drop. E_TOO_BIG. */
lf_status gw__subjects(struct gw_report *report, struct lf__buf *out, lf_error *err);
struct gw_spoken_of *gw__subject_find(const struct lf__buf *subjects, lf_bytes uscc);
/* What the reader is told of it, by the time that was asked for. */
lf_status gw__subject_screen(struct gw_report *report, lf_bytes uscc, struct gw_screened *out,
                             lf_error *err);
/* What the registry calls it, or where it has no entry a list, as everybody may see it; empty where neither does. For a person beside
 * a code. */
lf_status gw__subject_name(struct gw_report *report, lf_bytes uscc, lf_bytes *out, lf_error *err);
lf_status gw__name_cell(struct gw_report *report, lf_bytes uscc, lf_error *err);
/* How many rows were asked for. E_ARG (PAGE_INVALID). */
lf_status gw__page_rows(const struct gw_report *report, size_t *out, lf_error *err);

lf_status gw__report_open_loops(struct gw_report *report, lf_error *err);
lf_status gw__report_coverage(struct gw_report *report, lf_error *err);
lf_status gw__report_lags(struct gw_report *report, lf_error *err);
lf_status gw__report_late(struct gw_report *report, lf_error *err);
lf_status gw__report_participation(struct gw_report *report, lf_error *err);
lf_status gw__report_overrides(struct gw_report *report, lf_error *err);
lf_status gw__report_attestations(struct gw_report *report, lf_error *err);
lf_status gw__report_links(struct gw_report *report, lf_error *err);
lf_status gw__report_quarantine(struct gw_report *report, lf_error *err);
lf_status gw__report_relay_queue(struct gw_report *report, lf_error *err);
lf_status gw__report_ranking(struct gw_report *report, lf_error *err);
lf_status gw__report_corrections(struct gw_report *report, lf_error *err);
lf_status gw__report_publicity(struct gw_report *report, lf_error *err);
lf_status gw__report_subject(struct gw_report *report, lf_error *err);
lf_status gw__report_statistics(struct gw_report *report, lf_error *err);

#endif
