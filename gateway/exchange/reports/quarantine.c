/* SPDX-License-Identifier: Apache-2.0 */
/* Whose accusations were too many at once, and what a regulator made of them. */
#include "gateway/exchange/reports/reports_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/projections/standing.h"

enum { ISSUERS_MAX = 1024 };

struct sender {
    lf_bytes issuer;
    unsigned total;
    unsigned waiting;
    unsigned released;
    unsigned refused;
    uint64_t first; /* that still waits */
    uint64_t last;
};
struct senders {
    struct gw_report *report;
    struct sender *list;
    size_t count;
};

static struct sender *sender_of(struct senders *s, lf_bytes issuer)
{
    for (size_t i = 0; i < s->count; i++) {
        if (lf__bytes_eq(s->list[i].issuer, issuer)) {
            return &s->list[i];
        }
    }
    lf_bytes kept =
        s->count < ISSUERS_MAX ? lf__arena_copy(s->report->arena, issuer) : LF_BYTES_NONE;
    if (kept.ptr == NULL) {
        return NULL;
    }
    s->list[s->count] = (struct sender){.issuer = kept};
    return &s->list[s->count++];
}

static lf_status on_event(void *user, const struct gw_said *said, lf_error *err)
{
    struct senders *s = user;
    struct gw_known known;
    lf_status rc = gw_known_get(s->report->txn, said->index, &known, err);
    if (rc != LF_OK || !known.is_burst || !gw__instant_in_period(s->report, said->at_ms)) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    struct sender *sender = sender_of(s, said->stored->envelope.header.issuer);
    if (sender == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    bool waits = known.state == LF__STATE_QUARANTINED;
    sender->total++;
    sender->waiting += waits ? 1 : 0;
    sender->released += known.is_held ? 0 : 1;
    sender->refused += known.state == LF__STATE_REFUSED ? 1 : 0;
    sender->first = waits && sender->first == 0 ? said->index : sender->first;
    sender->last = waits ? said->index : sender->last;
    return LF_OK;
}

lf_status gw__report_quarantine(struct gw_report *report, lf_error *err)
{
    struct senders s = {.report = report,
                        .list = lf__arena_array(report->arena, ISSUERS_MAX, sizeof *s.list)};
    if (s.list == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    lf_status rc = gw__said_each(report, LF_BIT(PX_KIND_ENFORCEMENT_EVENT), on_event, &s, err);
    for (size_t i = 0; rc == LF_OK && i < s.count; i++) {
        const struct sender *sender = &s.list[i];
        gw__cell_text(report, sender->issuer);
        gw__cell(report, "%u", sender->total);
        gw__cell(report, "%u", sender->waiting);
        gw__cell(report, "%u", sender->released);
        gw__cell(report, "%u", sender->refused);
        gw__cell_index(report, sender->first);
        gw__cell_index(report, sender->last);
    }
    return rc;
}
