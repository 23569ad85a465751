/* SPDX-License-Identifier: Apache-2.0 */
/* withdraw, correct, relay: one signed statement about another record. */
#include "cli/cli.h"

struct saying {
    const struct cli *cli;
    int code;
};

static void on_result(const lf_result *result, void *user)
{
    struct saying *saying = user;
    if (result->outcome == LF_REFUSED) {
        saying->code = cli_fail(&result->error);
        return;
    }
    const char *status = result->outcome == LF_ACCEPTED ? "accepted" : "duplicate";
    if (saying->cli->json) {
        cli_json(json_pack("{s:s, s:I}", "status", status, "index", (json_int_t)result->index));
    } else {
        (void)printf("%s as entry %llu\n", status, (unsigned long long)result->index);
    }
}

static int say(const struct cli *cli, bool is_relay, const char *decision)
{
    lf_client *client = NULL;
    lf_batch *batch = NULL;
    lf_error err = LF_ERROR_INIT;
    struct saying saying = {cli, CLI_OK};
    if (cli->profile == NULL || (cli->ref == NULL && cli->record_id == NULL)) {
        return cli_usage("needs --profile and --ref, or --issuer and --record");
    }
    lf_statement statement = {.size = sizeof statement,
                              .is_relay = is_relay,
                              .issuer = cli->issuer,
                              .record_id = cli->record_id,
                              .ref = cli->ref,
                              .decision = decision,
                              .note = cli->note};
    lf_status rc = lf_client_open(cli->profile, &client, &err);
    rc = rc == LF_OK ? lf_batch_new(client, &batch, &err) : rc;
    rc = rc == LF_OK ? lf_batch_add_statement(batch, &statement, NULL, &err) : rc;
    rc = rc == LF_OK ? lf_batch_send(batch, 0, on_result, &saying, &err) : rc;
    lf_batch_free(batch);
    lf_client_close(client);
    return rc == LF_OK ? saying.code : cli_fail(&err);
}

int cli_withdraw(const struct cli *cli)
{
    return say(cli, false, "WITHDRAWN");
}

int cli_correct(const struct cli *cli)
{
    return cli->reason == NULL ? cli_usage("correct needs --reason") : say(cli, false, cli->reason);
}

int cli_relay(const struct cli *cli)
{
    return cli->reason == NULL ? cli_usage("relay needs --reason RELEASED or REFUSED")
                               : say(cli, true, cli->reason);
}
