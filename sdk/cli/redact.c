/* SPDX-License-Identifier: Apache-2.0 */
/* redact: a lawful order to erase a record, signed by k of the authority's keys one after the other. */
#include "cli/cli.h"

#include <string.h>

/* Signs, keeps and brings the paper, in the order that 'member approve' does. */
static int bring(const struct cli *cli, lf_paper *paper)
{
    lf_client *client = NULL;
    int code = cli_open(cli, &client);
    return code == CLI_OK ? cli_close(client, cli_paper_bring(cli, client, paper)) : code;
}

static int redact_propose(const struct cli *cli)
{
    lf_paper *paper = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count != 0 || cli->authority_key == NULL ||
        cli->issuer == NULL || cli->record_id == NULL || cli->order_authority == NULL ||
        cli->order_number == NULL) {
        return cli_usage("redact propose needs --profile, --issuer, --record, --order-authority, "
                         "--order-number and --authority-key");
    }
    lf_redaction redaction = {.size = sizeof redaction,
                              .issuer = cli->issuer,
                              .record_id = cli->record_id,
                              .mode = cli->mode,
                              .classes = cli->classes,
                              .order_authority = cli->order_authority,
                              .order_number = cli->order_number};
    lf_status rc = lf_paper_redaction(&redaction, &paper, &err);
    int code = rc == LF_OK ? bring(cli, paper) : cli_fail(&err);
    lf_paper_free(paper);
    return code;
}

static int redact_approve(const struct cli *cli)
{
    lf_paper *paper = NULL;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("redact approve needs --profile, the file of an order, and "
                         "--authority-key unless it is signed already");
    }
    if (lf_paper_read(cli->operands[0], &paper, &err) != LF_OK) {
        return cli_fail(&err);
    }
    int code = strcmp(lf_paper_kind(paper), "Redaction") == 0
                   ? bring(cli, paper)
                   : cli_usage("redact approve takes a Redaction; see 'lianfang authority show'");
    lf_paper_free(paper);
    return code;
}

int cli_redact(const struct cli *cli)
{
    return cli_act(cli, "redact",
                   (const struct cli_act[]){
                       {"propose", redact_propose}, {"approve", redact_approve}, {NULL, NULL}});
}
