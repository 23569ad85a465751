/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: why does it not work? A line a check, with what to do. */
#include "cli/cli.h"

#include <lianfang/doctor.h>

static void on_check(const lf_check *check, void *user)
{
    const struct cli *cli = user;
    if (cli->json) {
        cli_json(json_pack("{s:s, s:b, s:s, s:s}", "check", check->name, "ok", check->is_ok,
                           "found", check->found, "advice", check->advice));
        return;
    }
    (void)printf("%-5s %-12s %s\n", check->is_ok ? "ok" : "FAIL", check->name,
                 cli_shown(check->found));
    if (!check->is_ok) {
        (void)printf("%-18s -> %s\n", "", check->advice);
    }
}

int cli_doctor(const struct cli *cli)
{
    struct cli given = *cli;
    lf_error err = LF_ERROR_INIT;
    if (cli->profile == NULL || cli->operand_count > 0) {
        return cli_usage("doctor needs --profile, and nothing else");
    }
    lf_client_options options = LF_CLIENT_OPTIONS_INIT;
    options.timeout_ms = cli_timeout(cli);
    if (options.timeout_ms == 0) {
        return CLI_USAGE;
    }
    lf_status rc = lf_doctor_with(cli->profile, &options, on_check, &given, &err);
    if (rc == LF_E_UNAUTHENTICATED || rc == LF_E_DENIED) {
        return CLI_NOT_ALLOWED;
    }
    return rc == LF_OK ? CLI_OK : rc == LF_E_UNAVAILABLE ? CLI_UNREACHABLE : CLI_NO;
}
