/* SPDX-License-Identifier: Apache-2.0 */
/* subject: all that is known of one merchant, who was told, who asked, and where to appeal. */
#include "cli/report.h"

static int subject_export(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    struct cli_reporting reporting = {.cli = cli, .code = CLI_OK};
    lf_subject_query query = LF_SUBJECT_QUERY_INIT;
    if (cli->profile == NULL || cli->operand_count != 1 || cli->purpose == NULL) {
        return cli_usage("subject export needs --profile, --purpose and one CODE");
    }
    if (cli->csv + cli->json + (cli->out != NULL) > 1) {
        return cli_usage("--json, --csv and --out exclude each other");
    }
    query.uscc = cli->operands[0];
    reporting.about = query.uscc;
    query.purpose = cli->purpose;
    query.case_number = cli->case_number;
    query.from = cli->from;
    query.until = cli->until;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_subject_export(client, &query, cli_report_tell, &reporting, &err);
    return cli_close(client, rc == LF_OK ? reporting.code : cli_report_fail(&err));
}

int cli_subject(const struct cli *cli)
{
    static const struct cli_act acts[] = {{"export", subject_export}, {NULL, NULL}};
    return cli_act(cli, "subject", acts);
}
