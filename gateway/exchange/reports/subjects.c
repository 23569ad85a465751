/* SPDX-License-Identifier: Apache-2.0 */
/* The subjects that reports go through, and what their reader is told of one. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/projections/standing.h"

#include <stdlib.h>
#include <string.h>

enum { SUBJECTS_MAX = 1 << 21 }; /* 40 MiB of them, and as many statements between two sortings */
_Static_assert(sizeof(struct gw_spoken_of) == 20, "no room between two of them");

struct gathering {
    struct gw_report *report;
    struct lf__buf *out;
    struct lf__arena arena; /* of one entry */
    lf_status rc;
    lf_error *err;
};

static int by_code(const void *a, const void *b)
{
    return memcmp(a, b, GW_CODE_LEN);
}

/* Each once, in order. */
static void gathered_sort(struct lf__buf *out)
{
    struct gw_spoken_of *list = (void *)out->ptr;
    size_t count = out->len / sizeof *list;
    size_t kept = 0;
    if (count > 0) {
        qsort(list, count, sizeof *list, by_code);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_code(&list[kept - 1], &list[i]) != 0) {
            list[kept++] = list[i];
        }
    }
    out->len = kept * sizeof *list;
}

static lf_status gathered_add(struct gathering *g, lf_bytes uscc)
{
    struct gw_spoken_of one = {.waiting = 0};
    if (uscc.len != sizeof one.uscc) {
        return LF_OK;
    }
    if (g->out->len == SUBJECTS_MAX * sizeof one) {
        gathered_sort(g->out); /* many are spoken of more than once */
        if (g->out->len > SUBJECTS_MAX / 2 * sizeof one) {
            return lf__refuse(g->err, LF_E_TOO_BIG, "TOO_BIG", "name",
                              "report: more than %d subjects", SUBJECTS_MAX / 2);
        }
    }
    lf__copy((uint8_t *)one.uscc, uscc.ptr, sizeof one.uscc);
    (void)lf__buf_append(g->out, (lf_bytes){(const uint8_t *)&one, sizeof one});
    return lf__buf_status(g->out, g->err);
}

/* A row does not name its subject: the record does. */
static bool on_known(void *user, const struct gw_known *known)
{
    struct gathering *g = user;
    struct px_envelope envelope;
    struct px_subject subject;
    bool is_meant =
        known->kind == PX_KIND_ENFORCEMENT_EVENT || known->kind == PX_KIND_CREDIT_LIST_ENTRY;
    if (!is_meant || known->state == LF__STATE_ERASED || known->is_restricted) {
        return true;
    }
    lf__arena_reset(&g->arena);
    g->rc = gw__goes_on(g->report, g->err);
    g->rc = g->rc == LF_OK ? gw__entry_read(g->report->exchange, g->report->txn, &g->arena,
                                            known->index, &envelope, g->err)
                           : g->rc;
    if (g->rc == LF_OK && px_subject_decode(&g->arena, &envelope, &subject, NULL) == LF_OK) {
        g->rc = gathered_add(g, subject.uscc);
    }
    return g->rc == LF_OK;
}

lf_status gw__subjects(struct gw_report *report, struct lf__buf *out, lf_error *err)
{
    struct gathering g = {.report = report, .out = out, .rc = LF_OK, .err = err};
    lf__buf_init(out, SUBJECTS_MAX * sizeof(struct gw_spoken_of));
    if (report->ask->about.len > 0) {
        struct gw_screened screened;
        lf_status found = gw__subject_screen(report, report->ask->about, &screened, err);
        return found == LF_OK ? gathered_add(&g, lf__bytes_str(screened.uscc)) : found;
    }
    lf__arena_init(&g.arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_known_walk(report->txn, on_known, &g, err);
    lf__arena_done(&g.arena);
    gathered_sort(out);
    return rc == LF_OK ? g.rc : rc;
}

struct gw_spoken_of *gw__subject_find(const struct lf__buf *subjects, lf_bytes uscc)
{
    size_t size = sizeof(struct gw_spoken_of);
    return uscc.len != GW_CODE_LEN || subjects->len == 0
               ? NULL
               : bsearch(uscc.ptr, subjects->ptr, subjects->len / size, size, by_code);
}

lf_status gw__subject_screen(struct gw_report *report, lf_bytes uscc, struct gw_screened *out,
                             lf_error *err)
{
    struct gw_picture picture = {.size = UINT64_MAX, .at_ms = report->ask->as_of_ms};
    struct gw_asked asked = {.uscc = uscc, .picture = &picture};
    lf_status rc = gw__goes_on(report, err);
    rc = rc == LF_OK
             ? gw_screen(report->exchange, report->txn, report->ask->reader, &asked, out, err)
             : rc;
    if (rc == LF_OK && out->error.status != LF_OK) {
        return lf__refuse(err, LF_E_ARG, out->error.reason, "about", "%s", out->error.message);
    }
    return rc;
}

lf_status gw__page_rows(const struct gw_report *report, size_t *out, lf_error *err)
{
    uint32_t max = report->ask->max;
    if (max > GW_PAGE_ROWS_MAX) {
        return lf__refuse(err, LF_E_ARG, "PAGE_INVALID", "max", "max: a page has at most %d rows",
                          GW_PAGE_ROWS_MAX);
    }
    *out = max == 0 ? GW_PAGE_ROWS : max;
    return LF_OK;
}

struct was {
    uint64_t index;
    bool is_held;
};

static bool was_find(void *user, const struct gw_known *known)
{
    struct was *was = user;
    was->is_held = was->is_held || (known->index == was->index && known->is_held);
    return true;
}

lf_status gw__was_held(struct gw_report *report, lf_bytes uscc, uint64_t index, bool *out,
                       lf_error *err)
{
    struct was was = {.index = index};
    struct gw_when then = {.size = index + 1};
    lf_status rc = gw_known_each(report->txn, uscc, &then, was_find, &was, err);
    *out = rc == LF_OK && was.is_held;
    return rc;
}

/* An entry that everybody may see: a newer one for some only must not be noticed by its absence. */
static bool is_shown(void *user, const struct gw_known *known)
{
    (void)user;
    return known->state == LF__STATE_ACTIVE && !known->is_restricted && !known->has_audience;
}

struct naming {
    struct lf__arena *arena;
    lf_bytes name;
};

/* A listing that everybody may see; one that is over has named the subject, too. */
static bool is_naming(const struct gw_known *known)
{
    bool stands = known->state == LF__STATE_ACTIVE || known->state == LF__STATE_LIFTED ||
                  known->state == LF__STATE_EXPIRED;
    return known->kind == PX_KIND_CREDIT_LIST_ENTRY && stands && !known->is_restricted &&
           !known->has_audience && known->name.len > 0;
}

/* The registry's comes first, and is the one; else the name that the newest listing has. */
static bool name_find(void *user, const struct gw_known *known)
{
    struct naming *naming = user;
    bool is_registered = known->kind == PX_KIND_REGISTRY_ENTRY && known->name.len > 0;
    if (is_registered || is_naming(known)) {
        naming->name = lf__arena_copy(naming->arena, known->name);
    }
    return !is_registered;
}

lf_status gw__subject_name(struct gw_report *report, lf_bytes uscc, lf_bytes *out, lf_error *err)
{
    static const struct gw_when now = {UINT64_MAX, 0, is_shown};
    struct naming naming = {.arena = report->arena};
    lf_status rc = gw_known_each(report->txn, uscc, &now, name_find, &naming, err);
    *out = rc == LF_OK ? naming.name : *out;
    return rc;
}

lf_status gw__name_cell(struct gw_report *report, lf_bytes uscc, lf_error *err)
{
    lf_bytes name = LF_BYTES_NONE;
    lf_status rc = gw__subject_name(report, uscc, &name, err);
    gw__cell_text(report, name);
    return rc;
}
