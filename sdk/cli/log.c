/* SPDX-License-Identifier: Apache-2.0 */
/* log: the signed head, the whole log recomputed from genesis, and the key to check it with. */
#include "cli/cli.h"

#include <string.h>

enum { LOG_NOTE_MAX = 65536 };

static int log_checkpoint(const struct cli *cli, lf_client *client)
{
    static char note[LOG_NOTE_MAX];
    uint64_t size = 0;
    lf_error err = LF_ERROR_INIT;
    if (lf_checkpoint(client, &size, note, sizeof note, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:s}", "size", (json_int_t)size, "checkpoint", note));
    } else {
        (void)fputs(note, stdout);
    }
    return CLI_OK;
}

static void on_progress(uint64_t done, uint64_t size, void *user)
{
    (void)user;
    cli_progress("audit", done, size);
}

static int log_audit(const struct cli *cli, lf_client *client)
{
    lf_audit audit = {.size = 0};
    lf_error err = LF_ERROR_INIT;
    if (lf_log_audit(client, on_progress, NULL, &audit, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:I, s:I, s:s}", "size", (json_int_t)audit.size, "readable",
                           (json_int_t)audit.readable, "root", audit.root));
    } else {
        (void)printf("the log is whole: %llu entries, %llu of them readable and checked, root %s\n",
                     (unsigned long long)audit.size, (unsigned long long)audit.readable,
                     audit.root);
    }
    return CLI_OK;
}

static int log_keys(const struct cli *cli, lf_client *client)
{
    if (cli->json) {
        cli_json(json_pack("{s:s}", "ledger", lf_client_ledger_key(client)));
    } else {
        (void)puts(lf_client_ledger_key(client));
    }
    return CLI_OK;
}

int cli_log(const struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(const struct cli *cli, lf_client *client);
    } acts[] = {{"checkpoint", log_checkpoint}, {"audit", log_audit}, {"keys", log_keys}};
    lf_client *client = NULL;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("log needs --profile and checkpoint, audit or keys");
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(cli->operands[0], acts[i].name) == 0) {
            int code = cli_open(cli, &client);
            code = code == CLI_OK ? acts[i].run(cli, client) : code;
            lf_client_close(client);
            return code;
        }
    }
    return cli_usage("log knows checkpoint, audit and keys");
}
