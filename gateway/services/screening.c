/* SPDX-License-Identifier: Apache-2.0 */
/* Screening.Screen: purpose first, then one read transaction for all subjects of a question. */
#include "gateway/exchange/screen.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/services/services.h"

#include <lianfang/uscc.h>

enum { CASE_NUMBER_MAX = 128, LEGAL_BASES = 5 };

static lf_status purpose_check(struct gw_services *services,
                               const struct px_screen_request *request, struct gw_reader *reader,
                               lf_error *err)
{
    const struct gw_policy *policy = gw_exchange_policy(services->exchange);
    if (!gw_policy_knows(policy, "purpose", request->purpose)) {
        return lf__refuse(err, LF_E_ARG, "PURPOSE_REQUIRED", "purpose",
                          "purpose: is missing or unknown");
    }
    bool is_authority = reader->role == PX_ROLE_REGULATOR || reader->role == PX_ROLE_POLICE;
    if (request->case_number.len == 0 &&
        (is_authority || gw_policy_knows(policy, "case_purpose", request->purpose))) {
        return lf__refuse(err, LF_E_ARG, "CASE_REQUIRED", "case_number",
                          "case_number: is required for this role or purpose");
    }
    if (request->case_number.len > CASE_NUMBER_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "case_number",
                          "case_number: more than %d bytes", CASE_NUMBER_MAX);
    }
    if (request->case_number.len > 0 && /* the access log keeps it for ever */
        lf_text_has_id_number((const char *)request->case_number.ptr, request->case_number.len)) {
        return lf__refuse(err, LF_E_ARG, "ID_NUMBER_IN_TEXT", "case_number",
                          "case_number: holds a personal ID number");
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

static void screened_put(const struct gw_services *services, lf_bytes uscc,
                         const struct gw_screened *in, struct lf__buf *reply)
{
    struct px_reason reasons[GW_REASONS_MAX];
    for (size_t i = 0; i < in->count; i++) {
        const struct gw_reason *r = &in->reasons[i];
        reasons[i] = (struct px_reason){lf__bytes_str(r->code),
                                        lf__bytes_str(r->violation),
                                        r->certainty,
                                        (unsigned)r->state,
                                        lf__bytes_str(r->decided_at),
                                        r->until_ms,
                                        lf__bytes_str(services->origin),
                                        r->index};
    }
    bool is_denied = in->advice == GW_ADVICE_DENY;
    struct px_screened one = {
        .uscc = uscc,
        .advice = (unsigned)in->advice,
        .reasons = reasons,
        .reason_count = in->count,
        .error_name = lf__bytes_str(in->error.reason),
        .human_review = is_denied
                            ? lf__bytes_str("the platform or regulator that issued the record")
                            : LF_BYTES_NONE};
    (void)px_screened_encode(&one, reply);
}

/* One question on its way. */
struct question {
    struct gw_services *services;
    struct px_screen_request request;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_access what;
    struct px_token *tokens;
    struct lf__buf *reply;
};

/* What the access log says of it, but for tokens, classes and result. */
static lf_status question_note(struct question *q, struct gw_call *call, lf_error *err)
{
    q->tokens = lf__arena_array(gw_call_arena(call), q->request.count, sizeof *q->tokens);
    q->what = gw_access_by(&q->reader, PX_ACCESS_SCREEN);
    q->what.purpose = q->request.purpose;
    q->what.legal_basis = q->request.legal_basis;
    q->what.case_number = q->request.case_number;
    q->what.tokens = q->tokens;
    q->what.token_count = q->request.count;
    q->what.subjects = (uint32_t)q->request.count;
    return q->tokens != NULL ? LF_OK
                             : lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "",
                                          "request: over the memory of one call");
}

static lf_status subject_screen(struct question *q, struct st_txn *txn, size_t i, lf_error *err)
{
    struct gw_screened screened;
    lf_bytes asked = q->request.subjects[i];
    lf_status rc = gw_screen(q->services->exchange, txn, &q->reader, asked, &screened, err);
    if (rc == LF_OK) {
        lf_bytes code = screened.uscc[0] != '\0' ? lf__bytes_str(screened.uscc) : asked;
        q->tokens[i] = gw_access_token(q->services->access, code);
        q->what.classes |= screened.count > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
        screened_put(q->services, asked, &screened, q->reply);
    }
    return rc;
}

static lf_status screen_all(struct question *q, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF checkpoint;
    lf__buf_init(&checkpoint, ST_CHECKPOINT_MAX);
    lf_status rc = st_txn_begin(gw_exchange_engine(q->services->exchange), ST_READ, &txn, err);
    for (size_t i = 0; rc == LF_OK && i < q->request.count; i++) {
        rc = subject_screen(q, txn, i, err);
    }
    (void)st_ledger_head(gw_exchange_ledger(q->services->exchange), &checkpoint);
    (void)px_screen_reply_end(lf__buf_bytes(&checkpoint), q->reply);
    return rc;
}

void gw_handle_screen(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct question q = {.services = user};
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    q.reply = &reply;
    lf_status rc = gw_caller(user, call, &q.standing, &q.reader, &err);
    rc = rc == LF_OK ? caller_check(user, &q.reader, &err) : rc;
    rc = rc == LF_OK ? px_screen_request_decode(gw_call_arena(call), bytes, &q.request, &err) : rc;
    rc = rc == LF_OK ? purpose_check(user, &q.request, &q.reader, &err) : rc;
    rc = rc == LF_OK ? question_note(&q, call, &err) : rc;
    rc = rc == LF_OK ? screen_all(&q, &err) : rc;
    struct gw_outcome outcome = {rc, &err, &reply};
    gw_answer_told(user, call, &outcome, &q.what, PX_SCREEN_ACCESS_INDEX);
}
