/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/report.h - a report as a page. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

#include <lianfang/reports.h>

/* Writes the file. Returns an exit code, after saying why. */
int report_page_write(const char *path, const lf_report *r);

#endif
