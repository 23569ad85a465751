/* SPDX-License-Identifier: Apache-2.0 */
/* lift: a measure ends, or a line leaves its list. */
#include "cli/fields.h"

#include <lianfang/lift.h>

#include <errno.h>
#include <stdlib.h>

struct lifted {
    const struct cli *cli;
    int code;
};

static void on_result(const lf_result *result, void *user)
{
    struct lifted *lifted = user;
    lifted->code = cli_result_tell(lifted->cli, result);
}

static bool index_read(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

int cli_lift(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_lift lift = LF_LIFT_INIT;
    struct lifted lifted = {.cli = cli, .code = CLI_OK};
    if (cli->profile == NULL || cli->operand_count != (cli->ref == NULL ? 1 : 0)) {
        return cli_usage("lift needs --profile, and the entry's INDEX or --ref");
    }
    if (cli->ref == NULL && !index_read(cli->operands[0], &lift.index)) {
        return cli_usage("lift takes the INDEX of an entry");
    }
    lift.ref = cli->ref;
    lift.lifted_on = cli->from;
    lift.ground = cli->reason;
    lift.note = cli->note;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_lift_say(client, &lift, on_result, &lifted, &err);
    return cli_close(client, rc == LF_OK ? lifted.code : cli_fail(&err));
}
