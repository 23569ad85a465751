/* SPDX-License-Identifier: Apache-2.0 */
/* Reports. The head that an answer names is verified before the answer is told. */
#include "protos/codec/reports.h"

#include "base/bytes.h"
#include "base/status.h"
#include "client/client_internal.h"

#include <lianfang/reports.h>

enum { REPORT_TIMEOUT_MS = 60000 };

static const char **texts_of(struct lf__arena *arena, const lf_bytes *list, size_t count)
{
    const char **out = lf__arena_array(arena, count, sizeof *out);
    for (size_t i = 0; out != NULL && i < count; i++) {
        out[i] = lf__told(arena, list[i]);
    }
    return out;
}

static lf_status report_tell(struct lf__arena *arena, const lf_report_query *query,
                             const struct px_report *in, uint64_t size, lf_report_cb each,
                             void *user, lf_error *err)
{
    lf_report report = {.name = query->name,
                        .heads = texts_of(arena, in->heads, in->columns),
                        .columns = in->columns,
                        .cells = texts_of(arena, in->cells, in->rows * in->columns),
                        .rows = in->rows,
                        .checkpoint_size = size};
    if (report.heads == NULL || report.cells == NULL) {
        return lf__fail(err, LF_E_NOMEM, "report: out of memory");
    }
    each(&report, user);
    return LF_OK;
}

static void request_put(const lf_report_query *query, struct lf__buf *out)
{
    struct px_report_request request = {.name = lf__given(query->name),
                                        .from = lf__given(query->from),
                                        .until = lf__given(query->until),
                                        .as_of = lf__given(query->as_of),
                                        .about = lf__given(query->about),
                                        .purpose = lf__given(query->purpose),
                                        .case_number = lf__given(query->case_number),
                                        .legal_basis = 1,
                                        .max = query->max,
                                        .after = lf__given(query->after)};
    (void)px_report_request_encode(&request, out);
}

lf_status lf_report_get(lf_client *client, const lf_report_query *given_query, lf_report_cb each,
                        void *user, lf_error *err)
{
    LF_BUF wire;
    LF_BUF answer;
    LF_ARENA arena;
    lf_report_query query;
    struct px_report report;
    struct lf__merkle_head head;
    uint64_t floor = lf__heads_floor(&client->heads, PX_LOG_LEDGER);
    lf__buf_init(&wire, 4096);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__struct_take(&query, sizeof query, given_query, "query", err);
    if (rc != LF_OK) {
        return rc;
    }
    request_put(&query, &wire);
    rc = lf__buf_status(&wire, err);
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Reports/Get", lf__buf_bytes(&wire),
                                       query.timeout_ms > 0 ? query.timeout_ms : REPORT_TIMEOUT_MS,
                                       &answer, err)
                     : rc;
    rc = rc == LF_OK ? px_report_decode(&arena, lf__buf_bytes(&answer), &report, err) : rc;
    rc = rc == LF_OK ? lf__head_open(client, PX_LOG_LEDGER, report.checkpoint, &head, err) : rc;
    rc = rc == LF_OK
             ? lf__heads_saw(&client->heads, PX_LOG_LEDGER, report.checkpoint, &head, floor, err)
             : rc;
    return rc == LF_OK ? report_tell(&arena, &query, &report, head.size, each, user, err) : rc;
}

lf_status lf_subject_export(lf_client *client, const lf_subject_query *given_query,
                            lf_report_cb each, void *user, lf_error *err)
{
    lf_subject_query query;
    lf_report_query report = LF_REPORT_QUERY_INIT;
    lf_status rc = lf__struct_take(&query, sizeof query, given_query, "query", err);
    if (rc != LF_OK) {
        return rc;
    }
    report.name = "subject";
    report.about = query.uscc;
    report.purpose = query.purpose;
    report.case_number = query.case_number;
    report.from = query.from;
    report.until = query.until;
    report.timeout_ms = query.timeout_ms;
    return lf_report_get(client, &report, each, user, err);
}
