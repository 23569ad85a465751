/* SPDX-License-Identifier: Apache-2.0 */
/* Reports.Get, both ways. */
#include "protos/codec/reports.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/scan.h"
#include "protos/codec/services_internal.h"

#include <lianfang/v1/tasks.pb-c.h>

enum { REPORT_ROW_BYTES_MAX = 65536, REPORT_BASIS = 8, REPORT_MAX = 9, REPORT_AFTER = 10 };

static lf_bytes *request_text(struct px_report_request *r, uint32_t number)
{
    lf_bytes *texts[] = {NULL,        &r->name,        &r->from, &r->until, &r->as_of, &r->about,
                         &r->purpose, &r->case_number, NULL,     NULL,      &r->after};
    return number < LF_COUNT(texts) ? texts[number] : NULL;
}

bool px_report_request_encode(const struct px_report_request *request, struct lf__buf *out)
{
    struct px_report_request copy = *request;
    for (uint32_t number = 1; number < REPORT_BASIS; number++) {
        (void)px_wire_bytes(out, number, *request_text(&copy, number));
    }
    (void)px_wire_u64(out, REPORT_BASIS, request->legal_basis);
    (void)px_wire_u64(out, REPORT_MAX, request->max);
    return px_wire_bytes(out, REPORT_AFTER, request->after);
}

static bool number_take(const struct px_wire *wire, struct px_report_request *r)
{
    if (px_is(wire, REPORT_BASIS, PX_WIRE_VARINT)) {
        r->legal_basis = (unsigned)wire->varint;
        return true;
    }
    bool good = px_is(wire, REPORT_MAX, PX_WIRE_VARINT) && wire->varint <= UINT32_MAX;
    r->max = good ? (uint32_t)wire->varint : 0;
    return good;
}

lf_status px_report_request_decode(lf_bytes bytes, struct px_report_request *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_report_request request = {.legal_basis = 0};
    bool good = true;
    lf_status rc =
        px_scan(bytes, &lianfang__v1__report_request__descriptor, PX_UNKNOWN_REFUSE, err);
    if (rc != LF_OK) {
        return rc;
    }
    while (good && px_wire_next(&r, &wire)) {
        lf_bytes *text = request_text(&request, wire.number);
        if (text != NULL) {
            good = px_take_text(&wire, text);
        } else {
            good = number_take(&wire, &request);
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_malformed(err, "request");
    }
    *out = request;
    return LF_OK;
}

/* An empty cell is a cell: it is written, unlike other empty texts. */
static void cell_put(struct lf__buf *out, uint32_t number, lf_bytes text)
{
    (void)px_wire_varint(out, number << 3 | PX_WIRE_BYTES);
    (void)px_wire_varint(out, text.len);
    (void)lf__buf_append(out, text);
}

bool px_report_encode(const struct px_report *report, struct lf__buf *out)
{
    LF_BUF row;
    lf__buf_init(&row, REPORT_ROW_BYTES_MAX);
    (void)px_wire_bytes(out, 1, report->name);
    for (size_t c = 0; c < report->columns; c++) {
        cell_put(out, 2, report->heads[c]);
    }
    for (size_t r = 0; r < report->rows && !row.failed; r++) {
        lf__buf_clear(&row);
        for (size_t c = 0; c < report->columns; c++) {
            cell_put(&row, 1, report->cells[r * report->columns + c]);
        }
        cell_put(out, 3, lf__buf_bytes(&row));
    }
    lf__buf_clear(&row);
    return px_checkpoint_encode(report->checkpoint, &row) &&
           px_wire_bytes(out, 4, lf__buf_bytes(&row));
}

static bool row_decode(lf_bytes bytes, lf_bytes *cells, size_t columns)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t n = 0;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        good = n < columns && wire.number == 1 && px_take_text(&wire, &cells[n]);
        n++;
    }
    return good && n == columns && lf__read_finished(&r);
}

lf_status px_report_decode(struct lf__arena *arena, lf_bytes bytes, struct px_report *out,
                           lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_report report = {.columns = px_count(bytes, 2)};
    size_t rows = px_count(bytes, 3);
    size_t heads = 0;
    bool good = report.columns <= PX_REPORT_COLUMNS_MAX && rows <= PX_REPORT_ROWS_MAX;
    lf_bytes *names = good ? lf__arena_array(arena, report.columns, sizeof *names) : NULL;
    lf_bytes *cells = good ? lf__arena_array(arena, rows * report.columns, sizeof *cells) : NULL;
    good = good && names != NULL && cells != NULL;
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number == 1) {
            good = px_take_text(&wire, &report.name);
        } else if (wire.number == 2) {
            good = heads < report.columns && px_take_text(&wire, &names[heads]);
            heads++;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = row_decode(wire.value, cells + report.rows++ * report.columns, report.columns);
        } else if (px_is(&wire, 4, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &report.checkpoint, err) == LF_OK;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    report.heads = names;
    report.cells = cells;
    *out = report;
    return LF_OK;
}
