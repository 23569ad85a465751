/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/report.h - a table on its way to the terminal, to a script, or to a page for people. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

#include <lianfang/reports.h>

/* By --out, --json, --csv, or as a table on standard output; what came of it in `code`. */
struct cli_reporting {
    const struct cli *cli;
    const char *about; /* whom a page names below its title; NULL: nobody */
    int code;
};
void cli_report_tell(const lf_report *report, void *reporting);
/* As cli_fail(), for a request for a table. */
int cli_report_fail(const lf_error *err);

/* Writes the file --out: a page in Chinese. Returns an exit code, after saying why. */
int report_page_write(const struct cli_reporting *reporting, const lf_report *r);

/* ---- for the page ---- */

/* What people call a report, a column, and what stands in it. */
const char *report_word_name(const char *name);
const char *report_word_head(const char *head);
const char *report_word_cell(const char *text); /* until the next call */
void report_text(const char *text, FILE *to);   /* escaped */

/* How large a cell is beside others of its column: a number as it is, a part of a whole (3/4) as per cent; negative for none. */
double report_amount(const char *text);
/* Of all rows but that of sums. */
double report_most(const lf_report *r, size_t column);
bool report_is_sum(const lf_report *r, size_t row);
/* The report's main figure as bars, for those reports that have one. */
void report_chart(const lf_report *r, FILE *to);

#endif
