/* SPDX-License-Identifier: Apache-2.0 */
/* report: figures that follow from the ledger, for the terminal, for scripts, and as a page for people. */
#include "cli/report.h"

#include <stdlib.h>

static bool rows_take(const char *text, uint32_t *out)
{
    char *end = NULL;
    unsigned long rows = strtoul(text, &end, 10);
    *out = (uint32_t)rows;
    return *text >= '1' && *text <= '9' && *end == '\0' && rows <= UINT32_MAX;
}

/* What the gateway refuses of a request is a wrong command, not a negative answer. */
int cli_report_fail(const lf_error *err)
{
    int code = cli_fail(err);
    return err->status == LF_E_REJECTED ? CLI_USAGE : code;
}

int cli_report(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    struct cli_reporting reporting = {.cli = cli, .about = cli->about, .code = CLI_OK};
    lf_report_query query = LF_REPORT_QUERY_INIT;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("report needs --profile and the name of a report; 'lianfang help report' "
                         "lists them");
    }
    if (cli->csv + cli->json + (cli->out != NULL) > 1) {
        return cli_usage("--json, --csv and --out exclude each other");
    }
    if (cli->max != NULL && !rows_take(cli->max, &query.max)) {
        return cli_usage("report --max takes a number of rows");
    }
    query.after = cli->after;
    query.name = cli->operands[0];
    query.from = cli->from;
    query.until = cli->until;
    query.as_of = cli->as_of;
    query.about = cli->about;
    query.case_number = cli->case_number;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_report_get(client, &query, cli_report_tell, &reporting, &err);
    return cli_close(client, rc == LF_OK ? reporting.code : cli_report_fail(&err));
}
