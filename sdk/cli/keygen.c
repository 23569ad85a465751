/* SPDX-License-Identifier: Apache-2.0 */
/* keygen: the directory of a new member, with all that it needs but the gateway's answer. */
#include "cli/cli.h"

#include <lianfang/members.h>

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
