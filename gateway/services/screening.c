/* SPDX-License-Identifier: Apache-2.0 */
/* Screening.Screen: purpose first, then one read transaction for all subjects of a question. */
#include "gateway/services/question.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/validate/validate.h"

#include <lianfang/uscc.h>

enum { CASE_NUMBER_MAX = 128, LEGAL_BASES = 5 };

lf_status gw_case_check(lf_bytes case_number, lf_error *err)
{
    if (case_number.len > CASE_NUMBER_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "case_number",
                          "case_number: more than %d bytes", CASE_NUMBER_MAX);
    }
    return lf_text_has_id_number((const char *)case_number.ptr, case_number.len)
               ? lf__refuse(err, LF_E_ARG, "ID_NUMBER_IN_TEXT", "case_number",
                            "case_number: holds a personal ID number")
               : LF_OK;
}

lf_status gw_purpose_check(const struct gw_services *services, const struct gw_purpose *request,
                           struct gw_reader *reader, lf_error *err)
{
    const struct lf__rules *rules = gw_exchange_rules(services->exchange);
    if (!lf__rules_knows(rules, "purpose", request->purpose)) {
        return lf__refuse(err, LF_E_ARG, "PURPOSE_REQUIRED", "purpose",
                          "purpose: is missing or unknown");
    }
    bool is_authority = reader->role == PX_ROLE_REGULATOR || reader->role == PX_ROLE_POLICE;
    if (request->case_number.len == 0 &&
        (is_authority || lf__rules_knows(rules, "case_purpose", request->purpose))) {
        return lf__refuse(err, LF_E_ARG, "CASE_REQUIRED", "case_number",
                          "case_number: is required for this role or purpose");
    }
    lf_status rc = gw_case_check(request->case_number, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (request->legal_basis == 0 || request->legal_basis >= LEGAL_BASES) {
        return lf__refuse(err, LF_E_ARG, "LEGAL_BASIS_REQUIRED", "legal_basis",
                          "legal_basis: is missing or unknown");
    }
    reader->has_case = request->case_number.len > 0;
    return LF_OK;
}

static lf_status caller_check(struct gw_services *services, const struct gw_reader *reader,
                              lf_error *err)
{
    const struct gw_policy *policy = gw_exchange_policy(services->exchange);
    if (!gw_policy_may(policy, reader->role, reader->level, PX_KIND_ENFORCEMENT_EVENT,
                       GW_MAY_READ)) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "",
                          "screening: not open to this role");
    }
    return LF_OK;
}

/* Whom to ask; a rival by its pseudonym. */
static lf_bytes contact_of(const struct gw_question *q, const struct gw_reason *reason)
{
    char text[GW_PSEUDONYM_SIZE];
    if (reason->issuer[0] == '\0') {
        return LF_BYTES_NONE;
    }
    if (gw_tells_issuer(&q->reader, reason)) {
        return lf__arena_copy(q->arena, lf__bytes_str(reason->issuer));
    }
    gw_access_pseudonym(q->services->access, q->reader.member, lf__bytes_str(reason->issuer), text);
    return lf__arena_copy(q->arena, lf__bytes_str(text));
}

static void screened_put(const struct gw_question *q, lf_bytes uscc, const struct gw_screened *in)
{
    struct px_reason reasons[GW_REASONS_MAX];
    for (size_t i = 0; i < in->count; i++) {
        const struct gw_reason *r = &in->reasons[i];
        reasons[i] = (struct px_reason){.code = lf__bytes_str(r->code),
                                        .violation = lf__bytes_str(r->violation),
                                        .certainty = r->certainty,
                                        .state = (unsigned)r->state,
                                        .decided_at = lf__bytes_str(r->decided_at),
                                        .until_ms = r->until_ms,
                                        .origin = lf__bytes_str(q->services->origin),
                                        .index = r->index,
                                        .kind = (unsigned)r->kind,
                                        .list = lf__bytes_str(r->list),
                                        .region = lf__bytes_str(r->region),
                                        .level = r->level,
                                        .contact = contact_of(q, r)};
    }
    bool is_denied = in->advice == LF__ADVICE_DENY;
    struct px_screened one = {
        .uscc = uscc,
        .advice = (unsigned)in->advice,
        .reasons = reasons,
        .reason_count = in->count,
        .error_name = lf__bytes_str(in->error.reason),
        .human_review = is_denied
                            ? lf__bytes_str("the platform or regulator that issued the record")
                            : LF_BYTES_NONE,
        .is_stale = in->is_stale};
    (void)px_screened_encode(&one, q->reply);
}

/* What the access log says of it, but for tokens, classes and result. */
static lf_status question_note(struct gw_question *q, lf_error *err)
{
    q->tokens = lf__arena_array(q->arena, q->request.count, sizeof *q->tokens);
    q->what = gw_access_by(&q->reader, PX_ACCESS_SCREEN);
    q->what.purpose = q->request.purpose;
    q->what.legal_basis = q->request.legal_basis;
    q->what.case_number = q->request.case_number;
    q->what.tokens = q->tokens;
    q->what.token_count = q->granted;
    q->what.subjects = q->granted;
    return q->tokens != NULL ? LF_OK
                             : lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "",
                                          "request: over the memory of one call");
}

static lf_status subject_screen(struct gw_question *q, struct st_txn *txn, size_t i, lf_error *err)
{
    struct gw_screened screened;
    const struct px_asked *subject = &q->request.subjects[i];
    struct gw_asked asked = {subject->uscc, subject->name, &q->picture};
    lf_status rc = gw_screen(q->services->exchange, txn, &q->reader, &asked, &screened, err);
    if (rc == LF_OK) {
        lf_bytes code = screened.uscc[0] != '\0' ? lf__bytes_str(screened.uscc) : subject->uscc;
        q->tokens[i] = gw_access_token(q->services->access, code);
        q->what.classes |= screened.count > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
        screened_put(q, subject->uscc, &screened);
    }
    return rc;
}

/* Nothing was looked at: no advice, and certainly no ALLOW. */
static void exceeded_put(const struct gw_question *q, lf_bytes uscc)
{
    struct px_screened one = {.uscc = uscc, .error_name = lf__bytes_str("QUOTA_EXCEEDED")};
    (void)px_screened_encode(&one, q->reply);
}

/* The end of a Shanghai day is the last instant of it. */
static lf_status picture_date(struct gw_question *q, lf_error *err)
{
    int64_t next_ms;
    if (q->request.in_force.len == 0) {
        return LF_OK;
    }
    if (!lf__date_start(q->request.in_force, 0, 1, &next_ms)) {
        return lf__refuse(err, LF_E_ARG, "DATE_INVALID", "in_force",
                          "in_force: not a date of the form 2026-01-31");
    }
    q->picture.at_ms = next_ms - 1;
    q->picture.is_dated = true;
    return LF_OK;
}

static lf_status picture_size(struct gw_question *q, struct st_txn *txn, lf_error *err)
{
    struct gw_exchange *exchange = q->services->exchange;
    uint64_t size = q->request.as_known_size;
    lf_status rc = LF_OK;
    if (size != 0 && q->request.as_known_ms != 0) {
        return lf__refuse(err, LF_E_ARG, "DUPLICATE_FIELD", "as_known_ms",
                          "as_known_ms: as_known_size is given, too");
    }
    if (q->request.as_known_ms > lf__clock_utc_ms() + GW_CLOCK_SKEW_MS) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_AHEAD", "as_known_ms",
                          "as_known_ms: has not come yet, and nobody knows what the ledger will "
                          "hold then");
    }
    if (q->request.as_known_ms != 0) {
        return gw_size_at(exchange, txn, q->request.as_known_ms, &q->picture.size, err);
    }
    rc = gw_size_at(exchange, txn, INT64_MAX, &q->picture.size, err);
    if (rc == LF_OK && size > q->picture.size) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_AHEAD", "as_known_size",
                          "as_known_size: the ledger has %llu entries",
                          (unsigned long long)q->picture.size);
    }
    q->picture.size = size != 0 ? size : q->picture.size;
    return rc;
}

static void answer_end(struct gw_question *q)
{
    LF_BUF checkpoint;
    lf__buf_init(&checkpoint, ST_CHECKPOINT_MAX);
    (void)st_ledger_head(gw_exchange_ledger(q->services->exchange), &checkpoint);
    const struct lf__rules *rules = gw_exchange_rules(q->services->exchange);
    struct px_screen_answer answer = {
        .checkpoint = lf__buf_bytes(&checkpoint),
        .known_size = q->picture.size,
        .in_force_ms = q->picture.at_ms,
        .advice_version = (uint32_t)lf__rules_number(rules, "advise", "VERSION", 0)};
    (void)px_screen_reply_end(&answer, q->reply);
}

static lf_status screen_all(struct gw_question *q, lf_error *err)
{
    ST_TXN *txn = NULL;
    q->picture = gw_picture_now();
    lf_status rc = st_txn_begin(gw_exchange_engine(q->services->exchange), ST_READ, &txn, err);
    rc = rc == LF_OK ? picture_date(q, err) : rc;
    rc = rc == LF_OK ? picture_size(q, txn, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < q->granted; i++) {
        rc = subject_screen(q, txn, i, err);
    }
    for (size_t i = q->granted; rc == LF_OK && i < q->request.count; i++) {
        exceeded_put(q, q->request.subjects[i].uscc);
    }
    answer_end(q);
    return rc;
}

lf_status gw_question_answer(struct gw_question *q, struct gw_call *call, lf_bytes request,
                             const struct gw_purpose *before, lf_error *err)
{
    lf_status rc = gw_caller(q->services, call, &q->standing, &q->reader, err);
    rc = rc == LF_OK ? caller_check(q->services, &q->reader, err) : rc;
    rc = rc == LF_OK ? px_screen_request_decode(q->arena, request, &q->request, err) : rc;
    if (rc == LF_OK && before != NULL && q->request.purpose.len == 0) {
        q->request.purpose = before->purpose;
        q->request.case_number = before->case_number;
        q->request.legal_basis = before->legal_basis;
    }
    struct gw_purpose purpose = {q->request.purpose, q->request.case_number,
                                 q->request.legal_basis};
    rc = rc == LF_OK ? gw_purpose_check(q->services, &purpose, &q->reader, err) : rc;
    rc = rc == LF_OK ? gw_question_take(q, err) : rc;
    rc = rc == LF_OK ? question_note(q, err) : rc;
    rc = rc == LF_OK ? screen_all(q, err) : rc;
    if (rc != LF_OK) {
        gw_question_give_back(q);
    }
    return rc;
}

void gw_handle_screen(void *user, struct gw_call *call, lf_bytes bytes)
{
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    struct gw_question q = {.services = user, .arena = gw_call_arena(call), .reply = &reply};
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_question_answer(&q, call, bytes, NULL, &err);
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(user, call, &outcome, &q.what, PX_SCREEN_ACCESS_INDEX);
}
