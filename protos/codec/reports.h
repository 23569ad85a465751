/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/reports.h - Reports.Get, both ways; see lianfang/v1/tasks.proto.
 * Decoded values are borrowed from the arena or the input. Threads: any.
 */
#ifndef PX_REPORTS_H
#define PX_REPORTS_H

#include "base/arena.h"
#include "base/buf.h"

enum { PX_REPORT_COLUMNS_MAX = 16, PX_REPORT_ROWS_MAX = 20000 };

struct px_report_request {
    lf_bytes name;
    lf_bytes from; /* days, both inclusive; none: without limit */
    lf_bytes until;
    lf_bytes as_of; /* none: today */
    lf_bytes about;
    lf_bytes purpose;
    lf_bytes case_number;
    unsigned legal_basis;
    uint32_t max;   /* rows; 0: as many as a page has */
    lf_bytes after; /* the row behind which to go on */
};
bool px_report_request_encode(const struct px_report_request *request, struct lf__buf *out);
lf_status px_report_request_decode(lf_bytes bytes, struct px_report_request *out, lf_error *err);

/* A table: `rows` times `columns` cells, row by row. */
struct px_report {
    lf_bytes name;
    const lf_bytes *heads;
    size_t columns;
    const lf_bytes *cells;
    size_t rows;
    lf_bytes checkpoint;
};
enum {
    PX_REPORTS_ACCESS_INDEX = 5
}; /* the field that follows, once the access log has the question */
bool px_report_encode(const struct px_report *report, struct lf__buf *out);
/* E_FORMAT also for a row that has not as many cells as there are columns. */
lf_status px_report_decode(struct lf__arena *arena, lf_bytes bytes, struct px_report *out,
                           lf_error *err);

#endif
