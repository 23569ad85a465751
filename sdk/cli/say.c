/* SPDX-License-Identifier: Apache-2.0 */
/* withdraw, correct, relay: one signed statement about another record. */
#include "cli/fields.h"

#include <string.h>

enum { SAY_VERSIONS_MAX = 1000 };

struct saying {
    const struct cli *cli;
    uint32_t version; /* that is spoken of now */
    bool is_over;     /* no such version, though the one before was there */
    int code;
};

static void on_result(const lf_result *result, void *user)
{
    struct saying *saying = user;
    saying->is_over = result->outcome == LF_REFUSED && saying->version > 1 &&
                      strcmp(result->error.reason, "TARGET_UNKNOWN") == 0;
    if (saying->is_over) {
        return;
    }
    saying->code = cli_result_tell(saying->cli, result);
}

/* A ref names a case, and each version of it is a record: what is said of the case is said of all, or a
 * withdrawal would leave the version that replaced the first in force. */
static lf_status say_all(struct saying *saying, lf_batch *batch, lf_statement *statement,
                         lf_error *err)
{
    lf_status rc = LF_OK;
    lf_record record = LF_RECORD_INIT;
    record.statement = statement;
    uint32_t last = statement->ref == NULL ? 1 : SAY_VERSIONS_MAX;
    for (uint32_t v = 1; rc == LF_OK && v <= last && !saying->is_over && saying->code == CLI_OK;
         v++) {
        statement->version = v;
        saying->version = v;
        rc = lf_batch_add(batch, &record, NULL, err);
        rc = rc == LF_OK ? lf_batch_send(batch, 0, on_result, saying, err) : rc;
    }
    return rc;
}

static int say(const struct cli *cli, bool is_relay, const char *decision)
{
    lf_client *client = NULL;
    lf_batch *batch = NULL;
    lf_error err = LF_ERROR_INIT;
    struct saying saying = {.cli = cli, .code = CLI_OK};
    lf_statement statement = LF_STATEMENT_INIT;
    bool is_of_registry = cli->kind != NULL && strcmp(cli->kind, "registry-entry") == 0;
    if (cli->profile == NULL || (cli->ref == NULL) == (cli->record_id == NULL)) {
        return cli_usage("needs --profile, and either --ref or --record (with --issuer)");
    }
    if (cli->operand_count > 0) {
        return cli_usage("takes no operands: the record is named by --ref or --record");
    }
    if (cli->kind != NULL && !is_of_registry && strcmp(cli->kind, "enforcement-event") != 0) {
        return cli_usage("--kind is enforcement-event or registry-entry");
    }
    statement.is_relay = is_relay;
    statement.issuer = cli->issuer;
    statement.record_id = cli->record_id;
    statement.ref = cli->ref;
    statement.decision = decision;
    statement.note = cli->note;
    statement.is_of_registry = is_of_registry;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_batch_new(client, &batch, &err);
    rc = rc == LF_OK ? say_all(&saying, batch, &statement, &err) : rc;
    lf_batch_free(batch);
    return cli_close(client, rc == LF_OK ? saying.code : cli_fail(&err));
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

int cli_say_relay(const struct cli *cli, const char *decision)
{
    return say(cli, true, decision);
}

int cli_relay(const struct cli *cli)
{
    if (cli->operand_count > 0 || cli->auto_rules != NULL) {
        return cli_relay_queue(cli);
    }
    return is_among(cli->reason, relays, sizeof relays / sizeof relays[0])
               ? say(cli, true, cli->reason)
               : cli_usage("relay needs --reason RELEASED or REFUSED");
}
