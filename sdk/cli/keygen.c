/* SPDX-License-Identifier: Apache-2.0 */
/* keygen: the directory of a new member, with all that it needs but the gateway's answer. */
#include "cli/cli.h"

#include <lianfang/members.h>
#include <lianfang/token.h>

/* What regulators give to platforms, each of them the same. */
static int token_key_make(const struct cli *cli)
{
    lf_error err = LF_ERROR_INIT;
    if (cli->operand_count != 0) {
        return cli_usage("keygen --token-key FILE makes that file alone");
    }
    if (lf_token_key_make(cli->token_key, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:s}", "token_key", cli->token_key));
    } else {
        (void)printf("made %s: the key for tokens of persons; for platforms alone\n",
                     cli->token_key);
    }
    return CLI_OK;
}

int cli_keygen(const struct cli *cli)
{
    lf_error err = LF_ERROR_INIT;
    lf_keygen options = {.size = sizeof options,
                         .member = cli->member,
                         .address = cli->address,
                         .server_name = cli->server_name,
                         .certificate = cli->certificate,
                         .ledger = cli->ledger,
                         .access = cli->access,
                         .witness = cli->witness};
    if (cli->token_key != NULL) {
        return token_key_make(cli);
    }
    if (cli->operand_count != 1 || cli->member == NULL) {
        return cli_usage("keygen needs a directory to make, and --member");
    }
    options.dir = cli->operands[0];
    if (lf_keys_make(&options, &err) != LF_OK) {
        return cli_fail(&err);
    }
    if (cli->json) {
        cli_json(json_pack("{s:s, s:s, s:s+}", "member", options.member, "dir", options.dir,
                           "profile", options.dir, "/profile.conf"));
    } else {
        (void)printf("made %s: keys, TLS certificate and profile of %s\n", options.dir,
                     options.member);
    }
    return CLI_OK;
}
