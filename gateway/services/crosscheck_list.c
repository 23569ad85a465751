/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of one request, code by code, compared with what the ledger knows of it. Nothing of them is kept. */
#include "gateway/services/crosscheck_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/uscc.h>

/* How many lines from `at` on are of one code. */
static size_t group_of(const struct px_cross_request *request, size_t at)
{
    size_t n = 1;
    while (at + n < request->count &&
           lf__bytes_eq(request->listed[at + n].uscc, request->listed[at].uscc)) {
        n++;
    }
    return n;
}

/* Codes ascend over all requests; counts them. */
static lf_status order_check(struct crosser *crosser, const struct px_cross_request *request,
                             uint32_t *subjects, lf_error *err)
{
    lf_bytes last = lf__bytes_str(crosser->last_code);
    *subjects = 0;
    for (size_t at = 0; at < request->count; at += group_of(request, at)) {
        lf_bytes code = request->listed[at].uscc;
        if (code.len >= sizeof crosser->last_code || lf__bytes_cmp(last, code) >= 0) {
            return lf__refuse(err, LF_E_ARG, "NOT_ASCENDING", "listed",
                              "listed[%zu].uscc: codes ascend, and lines of one stand together",
                              at);
        }
        last = code;
        (*subjects)++;
    }
    (void)lf__copy_str(crosser->last_code, sizeof crosser->last_code, last);
    return LF_OK;
}

static bool is_date(lf_bytes day)
{
    return day.len == 0 || lf__date_is_valid(day);
}

static lf_status line_check(const struct lf__rules *rules, const struct px_listed *line,
                            lf_error *fault)
{
    bool is_known = line->violation.len == 0 ||
                    lf__rules_knows(rules, "violation", line->violation) ||
                    lf__rules_knows_reason(rules, line->list, line->violation);
    if (line->list.len > 0 && !lf__rules_knows(rules, "list", line->list)) {
        return lf__refuse(fault, LF_E_REJECTED, "LIST_UNKNOWN", "list", "list: unknown");
    }
    if (!is_known) {
        return lf__refuse(fault, LF_E_REJECTED, "VIOLATION_UNKNOWN", "violation",
                          "violation: unknown");
    }
    return is_date(line->listed_on) && is_date(line->removed_on)
               ? LF_OK
               : lf__refuse(fault, LF_E_REJECTED, "DATE_INVALID", "listed_on",
                            "listed_on: not a date of the form 2026-01-31");
}

/* Lines of one code. */
struct group {
    const struct px_listed *lines;
    size_t count;
    lf_uscc code;
};

/* As they are compared; not OK with the fault of the first that is none. */
static lf_status group_take(const struct cross_list *list, struct group *group,
                            struct gw_cross_listed *out, lf_error *fault)
{
    struct gw_exchange *exchange = list->crosser->services->exchange;
    lf_bytes uscc = group->lines->uscc;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    options.allow_test_division = gw_roster_is_test(gw_exchange_roster(exchange));
    lf_status rc = lf_uscc_check((const char *)uscc.ptr, uscc.len, &options, &group->code, fault);
    for (size_t i = 0; rc == LF_OK && i < group->count; i++) {
        const struct px_listed *line = &group->lines[i];
        rc = line_check(gw_exchange_rules(exchange), line, fault);
        out[i] = (struct gw_cross_listed){lf__bytes_str(group->code.code),
                                          line->name,
                                          line->list,
                                          line->violation,
                                          line->listed_on,
                                          line->removed_on};
    }
    return rc;
}

static void fault_put(lf_bytes uscc, const char *reason, struct lf__buf *reply)
{
    struct px_cross_row row = {.uscc = uscc, .error_name = lf__bytes_str(reason)};
    reply->failed = !px_cross_row_encode(&row, reply) || reply->failed;
}

/* Appends its row, if it has one, and gives the token by which the access log knows it. */
static lf_status group_answer(const struct cross_list *list, const struct gw_cross_ask *ask,
                              struct group *group, struct px_token *token, lf_error *err)
{
    struct crosser *crosser = list->crosser;
    struct gw_cross_row row;
    lf_error fault = LF_ERROR_INIT;
    lf_bytes code = group->lines->uscc;
    struct gw_cross_listed *own = lf__arena_array(list->arena, group->count, sizeof *own);
    if (own == NULL) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "", "request: over the memory of one call");
    }
    lf_status rc = group_take(list, group, own, &fault);
    if (rc != LF_OK) {
        fault_put(code, fault.reason, list->reply);
        *token = gw_access_token(crosser->services->access, code);
        return LF_OK;
    }
    code = lf__bytes_str(group->code.code);
    *token = gw_access_token(crosser->services->access, code);
    rc = gw_cross_subject(ask, code, own, group->count, &row, err);
    if (rc == LF_OK && gw__cross_put(&row, crosser->omit, crosser->totals, list->reply)) {
        list->what->classes |= LF_BIT(PX_CLASS_MEMBERS);
    }
    return rc;
}

static lf_status groups_answer(const struct cross_list *list, uint32_t granted,
                               struct px_token *tokens, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct crosser *crosser = list->crosser;
    const struct px_cross_request *request = list->request;
    struct gw_exchange *exchange = crosser->services->exchange;
    uint32_t done = 0;
    lf_status rc = st_txn_begin(gw_exchange_engine(exchange), ST_READ, &txn, err);
    struct gw_cross_ask ask = {exchange, txn, &crosser->reader, crosser->at_ms};
    for (size_t at = 0; rc == LF_OK && at < request->count; done++) {
        struct group group = {&request->listed[at], group_of(request, at), LF_USCC_INIT};
        if (done < granted) {
            rc = group_answer(list, &ask, &group, &tokens[done], err);
        } else {
            fault_put(group.lines->uscc, "QUOTA_EXCEEDED", list->reply);
        }
        at += group.count;
    }
    gw__cross_end_put(crosser, NULL, list->reply);
    return rc == LF_OK ? lf__buf_status(list->reply, err) : rc;
}

lf_status gw__cross_list(const struct cross_list *list, lf_error *err)
{
    struct crosser *crosser = list->crosser;
    struct gw_access *access = crosser->services->access;
    uint32_t subjects = 0;
    uint32_t granted = 0;
    lf_status rc = order_check(crosser, list->request, &subjects, err);
    struct px_token *tokens = lf__arena_array(list->arena, subjects, sizeof *tokens);
    if (rc != LF_OK || tokens == NULL) {
        return rc != LF_OK ? rc : lf__fail(err, LF_E_NOMEM, "stream: out of memory");
    }
    struct gw_access_want want = gw_quota_want(crosser->services, crosser->reader.member,
                                               crosser->purpose.purpose, subjects);
    rc = gw_access_take(access, &want, &granted, err);
    if (rc != LF_OK) {
        return rc;
    }
    *list->what = gw_access_by(&crosser->reader, PX_ACCESS_CROSS_CHECK);
    list->what->purpose = crosser->purpose.purpose;
    list->what->legal_basis = crosser->purpose.legal_basis;
    list->what->case_number = crosser->purpose.case_number;
    list->what->tokens = tokens;
    list->what->token_count = granted;
    list->what->subjects = granted;
    rc = groups_answer(list, granted, tokens, err);
    if (rc != LF_OK && granted > 0 && want.limit != UINT64_MAX) {
        gw_access_give_back(access, &want, granted);
    }
    return rc;
}
