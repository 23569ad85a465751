/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/report.h - a table on its way to the terminal, to a script, or to a page for people. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

#include <lianfang/reports.h>

/* By --out, --json, --csv, or as a table on standard output; what came of it in `code`. */
struct cli_reporting {
    const struct cli *cli;
    int code;
};
void cli_report_tell(const lf_report *report, void *reporting);
/* Writes the file: a page in Chinese. Returns an exit code, after saying why. */
int report_page_write(const char *path, const lf_report *r);

#endif
