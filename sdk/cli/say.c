/* SPDX-License-Identifier: Apache-2.0 */
/* withdraw, correct, relay: one signed statement about another record. */
#include "cli/cli.h"

#include <string.h>

struct saying {
    const struct cli *cli;
    int code;
};

static void on_result(const lf_result *result, void *user)
{
    struct saying *saying = user;
    if (result->outcome == LF_REFUSED) {
        bool is_denied = result->error.status == LF_E_DENIED;
        (void)cli_fail(&result->error);
        saying->code = is_denied ? CLI_NOT_ALLOWED : CLI_SOME_REJECTED;
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
    if (cli->profile == NULL || (cli->ref == NULL) == (cli->record_id == NULL)) {
        return cli_usage("needs --profile, and either --ref or --record (with --issuer)");
    }
    if (cli->operand_count > 0) {
        return cli_usage("takes no operands: the record is named by --ref or --record");
    }
    lf_statement statement = {.size = sizeof statement,
                              .is_relay = is_relay,
                              .issuer = cli->issuer,
                              .record_id = cli->record_id,
                              .ref = cli->ref,
                              .decision = decision,
                              .note = cli->note};
    lf_record record = LF_RECORD_INIT;
    record.statement = &statement;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_batch_new(client, &batch, &err);
    rc = rc == LF_OK ? lf_batch_add(batch, &record, NULL, &err) : rc;
    rc = rc == LF_OK ? lf_batch_send(batch, 0, on_result, &saying, &err) : rc;
    lf_batch_free(batch);
    lf_client_close(client);
    return rc == LF_OK ? saying.code : cli_fail(&err);
}

static const char *const corrections[] = {"WRONG_SUBJECT", "IDENTITY_STOLEN", "FACT_WRONG",
                                          "APPEAL_UPHELD", "REPAIRED",        "WITHDRAWN"};
static const char *const relays[] = {"RELEASED", "REFUSED"};

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; word != NULL && i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

int cli_withdraw(const struct cli *cli)
{
    return say(cli, false, "WITHDRAWN");
}

int cli_correct(const struct cli *cli)
{
    return is_among(cli->reason, corrections, sizeof corrections / sizeof corrections[0])
               ? say(cli, false, cli->reason)
               : cli_usage("correct needs --reason WRONG_SUBJECT, IDENTITY_STOLEN, FACT_WRONG, "
                           "APPEAL_UPHELD, REPAIRED or WITHDRAWN");
}

int cli_relay(const struct cli *cli)
{
    return is_among(cli->reason, relays, sizeof relays / sizeof relays[0])
               ? say(cli, true, cli->reason)
               : cli_usage("relay needs --reason RELEASED or REFUSED");
}
