/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/evidence.h - what a verification found, and the three forms in which it is told. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "cli/cli.h"

#include <lianfang/evidence.h>

struct cli_verdict {
    const char *file;
    const char *trust;
    const lf_evidence *evidence; /* NULL: not proven, and `why` says why */
    lf_error why;
};

void cli_evidence_text(const struct cli_verdict *verdict);
json_t *cli_evidence_json(const struct cli_verdict *verdict);
/* For a court: in Chinese, as text or as a page to print. */
void cli_evidence_report(FILE *to, bool html, const struct cli_verdict *verdict);

#endif
