/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports.Get: for those who may read what members answer; statistics for everybody; of one subject all for those who answer it.
 * A report goes through the ledger: it is made on a thread of the walks, never on one that takes calls.
 */
#include "gateway/exchange/reports/reports.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/frontier.h"
#include "gateway/services/question.h"
#include "gateway/services/walks.h"

#include <lianfang/uscc.h>

#include <stdlib.h>
#include <string.h>

enum { REPORT_MEMORY = 64 << 20 };

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

/* Whoever may say what is waited for. */
static lf_status may_relay(const struct gw_policy *policy, const struct gw_reader *reader,
                           lf_error *err)
{
    return gw_policy_may(policy, reader->role, reader->level, PX_KIND_RELAY, GW_MAY_ISSUE)
               ? LF_OK
               : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                            "relay-queue: what waits for a relay is for regulators to see");
}

static bool is_of_subject(const struct px_report_request *request)
{
    return lf__bytes_eq_str(request->name, "subject");
}

static lf_status may_ask(struct gw_services *services, const struct gw_reader *reader,
                         const struct px_report_request *request, lf_error *err)
{
    const struct gw_policy *policy = gw_exchange_policy(services->exchange);
    bool is_open =
        lf__bytes_eq_str(request->name, "statistics") ||
        gw_policy_opens(policy, reader->role, request->name) ||
        gw_policy_may(policy, reader->role, reader->level, PX_KIND_DISPOSITION, GW_MAY_READ);
    if (is_of_subject(request)) { /* of one merchant everything: not for whoever reads figures */
        return reader->role == PX_ROLE_REGULATOR || reader->role == PX_ROLE_PLATFORM
                   ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                                "subject: for regulators, and for platforms on behalf of the "
                                "merchant");
    }
    if (lf__bytes_eq_str(request->name, "relay-queue")) {
        return may_relay(policy, reader, err);
    }
    return is_open ? LF_OK
                   : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                                "report: not open to this role");
}

/* A question about one merchant: with its purpose, its token in the access log, and its place in the quota. */
struct subject_ask {
    struct px_token token;
    struct gw_access_want want;
    uint32_t granted;
};

/* The purpose of who asks at the merchant's own request. */
static const char own_request[] = "SUBJECT_REQUEST";

static lf_status subject_purpose(struct gw_services *services, struct gw_reader *reader,
                                 const struct px_report_request *request, lf_error *err)
{
    struct gw_purpose purpose = {request->purpose, request->case_number, request->legal_basis};
    lf_status rc = gw_purpose_check(services, &purpose, reader, err);
    bool is_own = lf__bytes_eq_str(request->purpose, own_request);
    return rc == LF_OK && reader->role == PX_ROLE_PLATFORM && !is_own
               ? lf__refuse(err, LF_E_ARG, "PURPOSE_REQUIRED", "purpose",
                            "purpose: a platform exports at the merchant's request: %s",
                            own_request)
               : rc;
}

static lf_status subject_take(struct gw_services *services, struct gw_reader *reader,
                              const struct px_report_request *request, struct subject_ask *out,
                              lf_error *err)
{
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    lf_uscc code = LF_USCC_INIT;
    lf_status rc = subject_purpose(services, reader, request, err);
    options.allow_test_division = gw_roster_is_test(gw_exchange_roster(services->exchange));
    rc = rc == LF_OK ? lf_uscc_check((const char *)request->about.ptr, request->about.len, &options,
                                     &code, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    out->token = gw_access_token(services->access, lf__bytes_str(code.code));
    out->want = gw_quota_want(services, reader->member, request->purpose, 1);
    rc = gw_access_take(services->access, &out->want, &out->granted, err);
    return rc == LF_OK && out->granted == 0
               ? lf__refuse(err, LF_E_BUSY, "QUOTA_EXCEEDED", "",
                            "subject: the day's quota for this purpose is used up")
               : rc;
}

static void subject_give_back(struct gw_services *services, const struct subject_ask *ask)
{
    if (ask->granted > 0 && ask->want.limit != UINT64_MAX) {
        gw_access_give_back(services->access, &ask->want, ask->granted);
    }
}

/* One call; in its arena. */
struct report_call {
    struct gw_walk walk;
    struct gw_services *services;
    struct gw_call *call;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_report_request request; /* borrows from the call */
    struct subject_ask subject;
    struct px_access what; /* for the access log: lacks the result's digest */
};

static bool is_awaited(void *user)
{
    struct report_call *r = user;
    return !gw_call_is_cancelled(r->call);
}

/* ---- whom a table names, for the access log ---- */

enum { CODE_LEN = 18 };

static int by_code(const void *a, const void *b)
{
    return memcmp(a, b, CODE_LEN);
}

/* Each code once, in order, of the columns that hold codes. */
static lf_status codes_gather(const struct px_report *report, struct lf__buf *out, lf_error *err)
{
    lf__buf_init(out, 2 * report->rows * CODE_LEN);
    for (size_t c = 0; c < report->columns; c++) {
        bool holds_codes = lf__bytes_eq_str(report->heads[c], "subject") ||
                           lf__bytes_eq_str(report->heads[c], "linked");
        for (size_t row = 0; holds_codes && row < report->rows; row++) {
            lf_bytes cell = report->cells[row * report->columns + c];
            (void)(cell.len == CODE_LEN && lf__buf_append(out, cell));
        }
    }
    size_t count = out->len / CODE_LEN;
    size_t kept = 0;
    if (count > 0) {
        qsort(out->ptr, count, CODE_LEN, by_code);
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = out->ptr + i * CODE_LEN;
        if (kept == 0 || by_code(out->ptr + (kept - 1) * CODE_LEN, at) != 0) {
            lf__copy(out->ptr + kept++ * CODE_LEN, at, CODE_LEN);
        }
    }
    out->len = kept * CODE_LEN;
    return lf__buf_status(out, err);
}

/* By their tokens as far as an entry holds them, else by how many they are and the root over all tokens. */
static lf_status subjects_note(struct report_call *r, struct lf__arena *arena,
                               const struct px_report *report, lf_error *err)
{
    LF_BUF codes = {.max = 0}; /* the callee begins it */
    struct lf__frontier all = {.count = 0};
    lf_status rc = codes_gather(report, &codes, err);
    size_t count = codes.len / CODE_LEN;
    struct px_token *tokens = lf__arena_array(arena, count + 1, sizeof *tokens);
    struct lf__hash *root = lf__arena_alloc(arena, sizeof *root);
    if (rc != LF_OK || tokens == NULL || root == NULL) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        tokens[i] = gw_access_token(r->services->access,
                                    lf__bytes_slice(lf__buf_bytes(&codes), i * CODE_LEN, CODE_LEN));
        struct lf__hash leaf = lf__merkle_leaf(LF_BYTES_ARRAY(tokens[i].bytes));
        lf__frontier_add(&all, &leaf);
    }
    bool fits = count <= PX_SUBJECTS_MAX;
    *root = lf__frontier_root(&all);
    r->what.tokens = tokens;
    r->what.token_count = fits ? count : 0;
    r->what.subjects = (uint32_t)count;
    r->what.subject_root = fits ? LF_BYTES_NONE : lf__hash_bytes(root);
    if (!fits) {
        r->what.next = st_ledger_head(gw_exchange_ledger(r->services->exchange), NULL).size;
        r->what.told = count;
    }
    r->what.classes = count > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
    return LF_OK;
}

/* ---- one call ---- */

/* Of days that were checked. */
static struct gw_report_ask ask_of(struct report_call *r)
{
    const struct px_report_request *request = &r->request;
    bool has_as_of = request->as_of.len > 0;
    return (struct gw_report_ask){.reader = &r->reader,
                                  .name = request->name,
                                  .from = request->from,
                                  .until = request->until,
                                  .has_as_of = has_as_of,
                                  .as_of_ms =
                                      has_as_of ? day_end(request->as_of) : lf__clock_utc_ms(),
                                  .about = request->about,
                                  .max = request->max,
                                  .after = request->after,
                                  .access = r->services->access,
                                  .goes_on = is_awaited,
                                  .user = r};
}

static lf_status report_make(struct report_call *r, struct lf__arena *arena, struct lf__buf *reply,
                             lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF note;
    struct px_report report;
    struct gw_exchange *exchange = r->services->exchange;
    struct gw_report_ask ask = ask_of(r);
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf_status rc = st_txn_begin(gw_exchange_engine(exchange), ST_READ, &txn, err);
    (void)st_ledger_head(gw_exchange_ledger(exchange), &note);
    rc = rc == LF_OK ? gw_report_make(exchange, txn, arena, &ask, &report, err) : rc;
    rc = rc == LF_OK && !is_of_subject(&r->request) ? subjects_note(r, arena, &report, err) : rc;
    if (rc == LF_OK) {
        report.checkpoint = lf__buf_bytes(&note);
        (void)px_report_encode(&report, reply);
    }
    return rc;
}

static lf_status days_check(const struct px_report_request *request, lf_error *err)
{
    lf_status rc = day_check(request->from, "from", err);
    rc = rc == LF_OK ? day_check(request->until, "until", err) : rc;
    rc = rc == LF_OK ? day_check(request->as_of, "as_of", err) : rc;
    /* Days of one form are in the order of their text. */
    return rc == LF_OK && request->from.len > 0 && request->until.len > 0 &&
                   lf__bytes_cmp(request->until, request->from) < 0
               ? lf__refuse(err, LF_E_ARG, "DATE_INVALID", "until",
                            "until: is before the first day")
               : rc;
}

/* Everything that is refused before anything is looked up. */
static lf_status request_check(struct report_call *r, lf_error *err)
{
    const struct px_report_request *request = &r->request;
    lf_status rc = may_ask(r->services, &r->reader, request, err);
    rc = rc == LF_OK ? days_check(request, err) : rc;
    rc = rc == LF_OK ? gw_case_check(request->case_number, err) : rc;
    if (rc == LF_OK && request->purpose.len > 0 &&
        !lf__rules_knows(gw_exchange_rules(r->services->exchange), "purpose", request->purpose)) {
        return lf__refuse(err, LF_E_ARG, "PURPOSE_REQUIRED", "purpose", "purpose: is unknown");
    }
    if (rc == LF_OK) {
        struct gw_report_ask ask = ask_of(r);
        rc = gw_report_check(&ask, err);
    }
    return rc;
}

static void note_make(struct report_call *r)
{
    r->what = gw_access_by(&r->reader, PX_ACCESS_READ_ENTRIES);
    r->what.purpose = r->request.purpose;
    r->what.case_number = r->request.case_number;
    r->what.legal_basis = r->request.legal_basis;
    r->what.note = r->request.name;
    r->what.tokens = &r->subject.token;
    r->what.token_count = r->subject.granted;
    r->what.subjects = r->subject.granted;
    r->what.classes = r->subject.granted > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
}

/* On its thread. Who calls is asked again: it may have been suspended meanwhile. */
static void report_run(struct gw_walk *walk)
{
    struct report_call *r = LF_CONTAINER_OF(walk, struct report_call, walk);
    struct gw_services *services = r->services;
    LF_BUF reply;
    LF_ARENA arena; /* a table may be larger than a call's memory */
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf__arena_init(&arena, REPORT_MEMORY);
    lf_status rc = gw_caller(services, r->call, &r->standing, &r->reader, &err);
    bool names_one = rc == LF_OK && is_of_subject(&r->request);
    rc = names_one ? subject_take(services, &r->reader, &r->request, &r->subject, &err) : rc;
    if (rc == LF_OK) {
        note_make(r);
        rc = report_make(r, &arena, &reply, &err);
    }
    if (rc != LF_OK) {
        subject_give_back(services, &r->subject);
    }
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(services, r->call, &outcome, &r->what, PX_REPORTS_ACCESS_INDEX);
}

void gw_handle_report(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct report_call *r = lf__arena_alloc(gw_call_arena(call), sizeof *r);
    lf_error err = LF_ERROR_INIT;
    lf_status rc = LF_OK;
    if (r == NULL) {
        rc = lf__fail(&err, LF_E_NOMEM, "call: out of memory");
    } else {
        *r = (struct report_call){.walk.run = report_run, .services = services, .call = call};
        rc = gw_caller(services, call, &r->standing, &r->reader, &err);
        rc = rc == LF_OK ? px_report_request_decode(bytes, &r->request, &err) : rc;
        rc = rc == LF_OK ? request_check(r, &err) : rc;
        r->walk.member = r->reader.member;
        rc = rc == LF_OK ? gw_walks_add(services->reports, &r->walk, &err) : rc;
    }
    if (rc != LF_OK) {
        err.status = rc;
        gw_refuse(call, &err);
    }
}
