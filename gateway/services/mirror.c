/* SPDX-License-Identifier: Apache-2.0 */
/* Feed.ReportMirror: a member's own signed count of what its mirror answered goes into the access log as it was signed. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "gateway/services/services.h"
#include "protos/codec/feed.h"

enum { SIGNED_MAX = 2048 };

/* By a key of the member who calls, which is also the one that it names. */
static lf_status signer_check(struct gw_services *services, const struct px_mirror_report *report,
                              const struct px_mirror_count *count, lf_bytes member, lf_error *err)
{
    LF_BUF signed_bytes;
    struct gw_standing signer;
    struct lf__public_key key;
    lf__buf_init(&signed_bytes, SIGNED_MAX);
    lf_status rc = gw_roster_by_key(gw_exchange_roster(services->exchange), &report->key_id,
                                    lf__clock_utc_ms(), &signer, &key, err);
    if (rc == LF_OK &&
        (!lf__bytes_eq_str(member, signer.member) || !lf__bytes_eq(member, count->member))) {
        rc = lf__refuse(err, LF_E_DENIED, "KEY_OF_OTHER_MEMBER", "count.member",
                        "count: is of another member than the caller");
    }
    (void)lf__dsse_pae(&signed_bytes, PX_MIRROR_COUNT_TYPE, report->count);
    rc = rc == LF_OK ? lf__buf_status(&signed_bytes, err) : rc;
    return rc == LF_OK ? lf__verify(&key, lf__buf_bytes(&signed_bytes), &report->signature, err)
                       : rc;
}

static lf_status day_check(lf_bytes day, lf_error *err)
{
    int64_t begins_ms = 0;
    if (!lf__date_start(day, 0, 0, &begins_ms) || begins_ms > lf__clock_utc_ms()) {
        return lf__refuse(err, LF_E_ARG, "DATE_INVALID", "count.day",
                          "day: is none that has begun in Shanghai");
    }
    return LF_OK;
}

void gw_handle_report_mirror(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_mirror_report report;
    struct px_mirror_count count = {.number = 0};
    struct px_access what = {.act = PX_ACCESS_MIRROR_COUNT};
    LF_BUF note;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&note, PX_ACCESS_NOTE_MAX);
    lf__buf_init(&reply, 64);
    lf_status rc = gw_caller(user, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_mirror_report_decode(request, &report, &err) : rc;
    rc = rc == LF_OK ? px_mirror_count_decode(report.count, &count, &err) : rc;
    rc = rc == LF_OK ? day_check(count.day, &err) : rc;
    rc = rc == LF_OK ? signer_check(user, &report, &count, reader.member, &err) : rc;
    if (rc == LF_OK) {
        what = gw_access_by(&reader, PX_ACCESS_MIRROR_COUNT);
        what.purpose = lf__bytes_str("MIRROR");
        what.subjects = count.subjects;
        what.mirror_report = request;
        (void)lf__buf_printf(&note, "report %llu of %.*s", (unsigned long long)count.number,
                             (int)count.day.len, (const char *)count.day.ptr);
        what.note = lf__buf_bytes(&note);
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(user, call, &outcome, &what, PX_REPORT_ACCESS_INDEX);
}
