/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that may be published: counts by month, violation and province, none of which points at a merchant. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_CELL = 5, GROUPS_MAX = 1 << 20, WORD_MAX = 48 };

/* One event, as far as it is counted. */
struct counted {
    char month[8];
    char violation[WORD_MAX];
    char province[3];
    char issuer[41];
};
struct counting {
    struct gw_report *report;
    struct lf__buf list; /* of struct counted */
};

/* It says that another is over: no case of its own. */
static bool lifts(const struct px_event *event)
{
    bool does = false;
    for (size_t i = 0; !does && i < event->measure_count; i++) {
        does = lf__bytes_eq_str(event->measures[i], "LIFT");
    }
    return does;
}

static lf_status on_event(void *user, const struct gw_said *said, lf_error *err)
{
    struct counting *c = user;
    struct px_event event;
    struct counted one = {.month = ""};
    const struct px_header *header = &said->stored->envelope.header;
    lf_status rc = px_event_decode(said->arena, &said->stored->envelope, &event, err);
    if (rc != LF_OK || event.decided_at.len == 0 || header->audience_count > 0 || lifts(&event) ||
        !gw__in_period(c->report, event.decided_at) || !gw__holds(c->report, said->index)) {
        return rc; /* a campaign's are its own; each case counts once, as long as it holds */
    }
    (void)lf__copy_str(one.month, sizeof one.month, lf__bytes_slice(event.decided_at, 0, 7));
    (void)lf__copy_str(one.violation, sizeof one.violation, event.violation);
    (void)lf__copy_str(one.province, sizeof one.province, lf__bytes_slice(event.uscc, 2, 2));
    (void)lf__copy_str(one.issuer, sizeof one.issuer, header->issuer);
    (void)lf__buf_append(&c->list, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return lf__buf_status(&c->list, err);
}

static int by_group(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct counted)); /* month, violation, province, issuer in a row */
}

static bool is_same_group(const struct counted *a, const struct counted *b)
{
    return memcmp(a, b, offsetof(struct counted, issuer)) == 0;
}

/* A small count would point at somebody: it is said to be small, and so is how many platforms it is of. */
static void group_row(struct gw_report *report, const struct counted *first, size_t count,
                      size_t platforms)
{
    gw__cell(report, "%s", first->month);
    gw__cell(report, "%s", first->violation);
    gw__cell(report, "%s", first->province);
    if (count < SMALL_CELL) {
        gw__cell(report, "<%d", SMALL_CELL);
        gw__cell(report, "%s", "");
    } else {
        gw__cell(report, "%zu", count);
        gw__cell(report, "%zu", platforms);
    }
}

lf_status gw__report_statistics(struct gw_report *report, lf_error *err)
{
    struct counting c = {.report = report};
    lf__buf_init(&c.list, GROUPS_MAX * sizeof(struct counted));
    lf_status rc = gw__said_each(report, LF_BIT(PX_KIND_ENFORCEMENT_EVENT), on_event, &c, err);
    struct counted *list = (void *)c.list.ptr;
    size_t count = rc == LF_OK ? c.list.len / sizeof *list : 0;
    if (count > 0) {
        qsort(list, count, sizeof *list, by_group);
    }
    for (size_t from = 0; from < count;) {
        size_t to = from;
        size_t platforms = 0;
        for (; to < count && is_same_group(&list[from], &list[to]); to++) {
            platforms += to == from || strcmp(list[to].issuer, list[to - 1].issuer) != 0 ? 1 : 0;
        }
        group_row(report, &list[from], to - from, platforms);
        from = to;
    }
    lf__buf_done(&c.list);
    return rc;
}
