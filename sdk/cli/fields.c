/* SPDX-License-Identifier: Apache-2.0 */
/* dispose, appeal, override, ban, attest, bulletin, campaign: one record, said field by field. */
#include "cli/fields.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void cli_field(struct cli_fields *out, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0' && out->count < CLI_FIELDS_MAX) {
        out->list[out->count++] = (lf_field){name, value};
    }
}

/* Whether --set says it. */
static bool is_set(const struct cli *cli, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < cli->set.count; i++) {
        if (strncmp(cli->set.items[i], name, len) == 0 && cli->set.items[i][len] == '=') {
            return true;
        }
    }
    return false;
}

/* NAME=VALUE, as often as --set is given. */
static int set_take(const struct cli *cli, struct cli_fields *out)
{
    for (size_t i = 0; i < cli->set.count; i++) {
        const char *given = cli->set.items[i];
        const char *sign = strchr(given, '=');
        size_t len = sign == NULL ? 0 : (size_t)(sign - given);
        if (len == 0 || len >= CLI_FIELD_NAME_MAX) {
            return cli_usage("--set takes NAME=VALUE, NAME being a field of the contract");
        }
        (void)memcpy(out->names[i], given, len);
        out->names[i][len] = '\0';
        cli_field(out, out->names[i], sign + 1);
    }
    return CLI_OK;
}

int cli_result_tell(const struct cli *cli, const lf_result *result)
{
    if (result->outcome == LF_REFUSED) {
        bool is_denied = result->error.status == LF_E_DENIED;
        (void)cli_fail(&result->error);
        return is_denied ? CLI_NOT_ALLOWED : CLI_SOME_REJECTED;
    }
    const char *status = result->outcome == LF_ACCEPTED ? "accepted" : "duplicate";
    if (cli->json) {
        cli_json(json_pack("{s:s, s:I}", "status", status, "index", (json_int_t)result->index));
    } else {
        (void)printf("%s as entry %llu\n", status, (unsigned long long)result->index);
    }
    return CLI_OK;
}

static void on_result(const lf_result *result, void *user)
{
    struct cli_fields *said = user;
    said->code = cli_result_tell(said->cli, result);
}

static int fields_send(const struct cli *cli, lf_client *client, const char *kind,
                       struct cli_fields *said)
{
    lf_error err = LF_ERROR_INIT;
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    fields.kind = kind;
    fields.ref = cli->ref;
    fields.audience = cli->audience;
    fields.fields = said->list;
    fields.count = said->count;
    record.fields = &fields;
    lf_status rc = lf_submit_wait(client, &record, 0, on_result, said, &err);
    return rc == LF_OK ? said->code : cli_fail(&err);
}

int cli_fields_say(const struct cli *cli, const char *kind, struct cli_fields *said)
{
    lf_client *client = NULL;
    said->cli = cli;
    int code = set_take(cli, said);
    code = code == CLI_OK ? cli_open(cli, &client) : code;
    return code == CLI_OK ? cli_close(client, fields_send(cli, client, kind, said)) : code;
}

/* INDEX of an entry that we may read, or --issuer and --record. */
static int target_take(const struct cli *cli, lf_client *client, const char *index,
                       struct cli_fields *said)
{
    lf_error err = LF_ERROR_INIT;
    char *end = NULL;
    if (cli->record_id != NULL) {
        cli_field(said, "target_issuer",
                  cli->issuer != NULL ? cli->issuer : lf_client_member(client));
        cli_field(said, "target_record_id", cli->record_id);
        return CLI_OK;
    }
    unsigned long long at = index == NULL ? 0 : strtoull(index, &end, 10);
    if (index == NULL || end == index || *end != '\0' || index[0] == '-') {
        return cli_usage("the record is named by its entry's INDEX, or by --issuer and --record");
    }
    lf_status rc = lf_log_prove(client, at, &said->about, &err);
    if (rc != LF_OK) {
        return cli_fail(&err);
    }
    if (said->about.issuer[0] == '\0') {
        return cli_usage("that entry is not ours to read");
    }
    cli_field(said, "target_issuer", said->about.issuer);
    cli_field(said, "target_record_id", said->about.record_id);
    return CLI_OK;
}

int cli_fields_say_about(const struct cli *cli, const char *kind, const char *index,
                         struct cli_fields *said)
{
    lf_client *client = NULL;
    said->cli = cli;
    int code = set_take(cli, said);
    code = code == CLI_OK ? cli_open(cli, &client) : code;
    if (code != CLI_OK) {
        return code;
    }
    code = target_take(cli, client, index, said);
    return cli_close(client, code == CLI_OK ? fields_send(cli, client, kind, said) : code);
}

/* How many operands, of which the first names a record unless --record does. */
static bool operands_fit(const struct cli *cli, int count)
{
    return cli->profile != NULL && cli->operand_count == count - (cli->record_id != NULL ? 1 : 0);
}

static const char *operand(const struct cli *cli, int at)
{
    int shift = cli->record_id != NULL ? 1 : 0;
    return at < shift ? NULL : cli->operands[at - shift];
}

int cli_dispose(const struct cli *cli)
{
    struct cli_fields said = {.count = 0};
    if (cli->file != NULL) {
        return cli_dispose_file(cli);
    }
    if (!operands_fit(cli, 2)) {
        return cli_usage(
            "dispose needs --profile, the entry's INDEX (or --issuer and --record) and "
            "the ANSWER");
    }
    cli_field(&said, "answer", operand(cli, 1));
    cli_field(&said, "rule", cli->rule);
    cli_field(&said, "measures", cli->measures);
    cli_field(&said, "reason", cli->reason);
    cli_field(&said, "note", cli->note);
    return cli_fields_say_about(cli, "disposition", operand(cli, 0), &said);
}

/* Today in Shanghai, where these dates are meant. */
static void today(char out[static 16])
{
    time_t now = time(NULL) + 8 * 3600;
    struct tm day;
    (void)gmtime_r(&now, &day);
    (void)strftime(out, 16, "%Y-%m-%d", &day);
}

int cli_appeal(const struct cli *cli)
{
    char day[16];
    struct cli_fields said = {.count = 0};
    if (!operands_fit(cli, 2)) {
        return cli_usage("appeal needs --profile, the entry's INDEX (or --issuer and --record) and "
                         "the STEP");
    }
    today(day);
    cli_field(&said, "step", operand(cli, 1));
    cli_field(&said, "stepped_on", is_set(cli, "stepped_on") ? NULL : day);
    cli_field(&said, "reason", cli->reason);
    cli_field(&said, "note", cli->note);
    return cli_fields_say_about(cli, "appeal", operand(cli, 0), &said);
}

/* What the gateway advises about a subject now. */
struct advised {
    char advice[32];
    char error[64];
};

static void on_advised(const lf_screened *screened, void *user)
{
    struct advised *advised = user;
    (void)snprintf(advised->advice, sizeof advised->advice, "%s", screened->advice);
    (void)snprintf(advised->error, sizeof advised->error, "%s", screened->error);
}

/* Whoever decides otherwise must have read what holds: asked anew, as a question of its own. */
static int advice_check(const struct cli *cli, lf_client *client)
{
    struct advised advised = {.advice = ""};
    lf_error err = LF_ERROR_INIT;
    const char *codes[] = {cli->operands[0]};
    const char *advice = cli->operands[1];
    lf_question question = LF_QUESTION_INIT;
    question.purpose = cli->purpose != NULL ? cli->purpose : "RESCREENING";
    question.case_number = cli->case_number;
    question.codes = codes;
    question.count = 1;
    if (lf_screen(client, &question, on_advised, &advised, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (advised.error[0] != '\0') {
        (void)fprintf(stderr, "lianfang: nothing is advised about this code (%s)\n",
                      cli_shown(advised.error));
        return CLI_SOME_REJECTED;
    }
    if (strcmp(advised.advice, advice) != 0) {
        (void)fprintf(stderr,
                      "lianfang: advice: is %s now, not %s: only what holds is overridden\n",
                      cli_shown(advised.advice), cli_shown(advice));
        return CLI_SOME_REJECTED;
    }
    return CLI_OK;
}

static int override_say(const struct cli *cli, struct cli_fields *said)
{
    lf_client *client = NULL;
    said->cli = cli;
    int code = set_take(cli, said);
    code = code == CLI_OK ? cli_open(cli, &client) : code;
    if (code != CLI_OK) {
        return code;
    }
    code = advice_check(cli, client);
    return cli_close(client, code == CLI_OK ? fields_send(cli, client, "override", said) : code);
}

int cli_override(const struct cli *cli)
{
    struct cli_fields said = {.count = 0};
    if (cli->profile == NULL || cli->operand_count != 3 || cli->reason == NULL ||
        cli->officer == NULL) {
        return cli_usage("override needs --profile, CODE, the ADVICE given, the DECISION taken, "
                         "--reason and --officer");
    }
    cli_field(&said, "uscc", cli->operands[0]);
    cli_field(&said, "advice", cli->operands[1]);
    cli_field(&said, "decision", cli->operands[2]);
    cli_field(&said, "reason", cli->reason);
    cli_field(&said, "officer", cli->officer);
    return override_say(cli, &said);
}
