/* SPDX-License-Identifier: Apache-2.0 */
/* Whose accusations wait for a regulator's relay, how many, and since when. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/projections/standing.h"

enum { ISSUERS_MAX = 1024 };

struct issuer {
    lf_bytes member;
    unsigned pending;
    unsigned quarantined;
    uint64_t first; /* that waits */
    int64_t since_ms;
};
struct queue {
    struct gw_report *report;
    struct issuer *list;
    size_t count;
    bool is_full; /* of memory */
};

static struct issuer *issuer_of(struct queue *q, lf_bytes member)
{
    for (size_t i = 0; i < q->count; i++) {
        if (lf__bytes_eq(q->list[i].member, member)) {
            return &q->list[i];
        }
    }
    lf_bytes kept =
        q->count < ISSUERS_MAX ? lf__arena_copy(q->report->arena, member) : LF_BYTES_NONE;
    if (kept.ptr == NULL) {
        return NULL;
    }
    q->list[q->count] = (struct issuer){.member = kept};
    return &q->list[q->count++];
}

static bool on_known(void *user, const struct gw_known *known)
{
    struct queue *q = user;
    struct gw_report *report = q->report;
    bool waits = known->kind == PX_KIND_ENFORCEMENT_EVENT &&
                 (known->state == LF__STATE_PENDING_RELAY || known->state == LF__STATE_QUARANTINED);
    if (!waits || !gw__instant_in_period(report, known->said_ms) ||
        !gw_may_read_known(report->exchange, report->txn, report->ask->reader, known)) {
        return true;
    }
    struct issuer *issuer = issuer_of(q, known->issuer);
    if (issuer == NULL) {
        q->is_full = true;
        return false;
    }
    if (issuer->pending + issuer->quarantined == 0) {
        issuer->first = known->index;
        issuer->since_ms = known->said_ms;
    }
    issuer->pending += known->state == LF__STATE_PENDING_RELAY ? 1 : 0;
    issuer->quarantined += known->state == LF__STATE_QUARANTINED ? 1 : 0;
    return true;
}

lf_status gw__report_relay_queue(struct gw_report *report, lf_error *err)
{
    struct queue q = {.report = report,
                      .list = lf__arena_array(report->arena, ISSUERS_MAX, sizeof *q.list)};
    lf_status rc = q.list == NULL ? LF_OK : gw_known_walk(report->txn, on_known, &q, err);
    if (q.list == NULL || q.is_full) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    for (size_t i = 0; rc == LF_OK && i < q.count; i++) {
        const struct issuer *issuer = &q.list[i];
        gw__cell_text(report, issuer->member);
        gw__cell(report, "%u", issuer->pending + issuer->quarantined);
        gw__cell(report, "%u", issuer->quarantined);
        gw__cell(report, "%llu", (unsigned long long)issuer->first);
        gw__cell_instant(report, issuer->since_ms);
    }
    return rc;
}
