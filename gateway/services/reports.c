/* SPDX-License-Identifier: Apache-2.0 */
/* Reports.Get: for those who may read what members answer; statistics for everybody. */
#include "gateway/exchange/reports.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/services/services.h"

static lf_status day_check(lf_bytes day, const char *field, lf_error *err)
{
    return day.len == 0 || lf__date_is_valid(day)
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "DATE_INVALID", field,
                            "%s: not a date of the form 2026-01-31", field);
}

/* The last instant of a day that was checked. */
static int64_t day_end(lf_bytes day)
{
    int64_t next = 0;
    LF_BUG_IF(!lf__date_start(day, 0, 1, &next));
    return next - 1;
}

static lf_status may_ask(struct gw_services *services, const struct gw_reader *reader,
                         const struct px_report_request *request, lf_error *err)
{
    const struct gw_policy *policy = gw_exchange_policy(services->exchange);
    bool is_open =
        lf__bytes_eq_str(request->name, "statistics") ||
        gw_policy_opens(policy, reader->role, request->name) ||
        gw_policy_may(policy, reader->role, reader->level, PX_KIND_DISPOSITION, GW_MAY_READ);
    return is_open ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                                "report: not open to this role");
}

static lf_status report_make(struct gw_services *services, const struct gw_reader *reader,
                             const struct px_report_request *request, struct lf__arena *arena,
                             struct lf__buf *reply, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF note;
    struct px_report report;
    int64_t now_ms = lf__clock_utc_ms();
    struct gw_report_ask ask = {.reader = reader,
                                .name = request->name,
                                .from = request->from,
                                .until = request->until,
                                .as_of_ms =
                                    request->as_of.len == 0 ? now_ms : day_end(request->as_of),
                                .about = request->about,
                                .max = request->max,
                                .after = request->after};
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf_status rc = st_txn_begin(gw_exchange_engine(services->exchange), ST_READ, &txn, err);
    (void)st_ledger_head(gw_exchange_ledger(services->exchange), &note);
    rc = rc == LF_OK ? gw_report_make(services->exchange, txn, arena, &ask, &report, err) : rc;
    if (rc == LF_OK) {
        report.checkpoint = lf__buf_bytes(&note);
        (void)px_report_encode(&report, reply);
    }
    return rc;
}

void gw_handle_report(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct px_report_request request;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_access what = {.act = PX_ACCESS_READ_ENTRIES};
    LF_BUF reply;
    LF_ARENA arena; /* a table may be larger than a call's memory */
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf__arena_init(&arena, 64 << 20);
    lf_status rc = gw_caller(user, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_report_request_decode(bytes, &request, &err) : rc;
    rc = rc == LF_OK ? may_ask(user, &reader, &request, &err) : rc;
    rc = rc == LF_OK ? day_check(request.from, "from", &err) : rc;
    rc = rc == LF_OK ? day_check(request.until, "until", &err) : rc;
    rc = rc == LF_OK ? day_check(request.as_of, "as_of", &err) : rc;
    if (rc == LF_OK) {
        what = gw_access_by(&reader, PX_ACCESS_READ_ENTRIES);
        what.purpose = request.purpose;
        what.case_number = request.case_number;
        what.legal_basis = request.legal_basis;
        what.note = request.name;
        rc = report_make(user, &reader, &request, &arena, &reply, &err);
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(user, call, &outcome, &what, PX_REPORTS_ACCESS_INDEX);
}
