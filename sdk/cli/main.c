/* SPDX-License-Identifier: Apache-2.0 */
/* lianfang: a table of commands, one file each. */
#include "cli/cli.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct cli *cli);
    const char *line;
} commands[] = {
    {"push", cli_push,
     "push --kind enforcement-event|registry-entry FILE.csv|FILE.jsonl [--receipts FILE] "
     "[--update] [--map FILE]"},
    {"screen", cli_screen, "screen --purpose P [--case NO] CODE... | --file F --column C --out O"},
    {"withdraw", cli_withdraw, "withdraw --ref REF [--note TEXT]"},
    {"correct", cli_correct,
     "correct --reason WRONG_SUBJECT|IDENTITY_STOLEN|FACT_WRONG|APPEAL_UPHELD|REPAIRED (--ref REF "
     "| --issuer M --record ID)"},
    {"relay", cli_relay, "relay --issuer M --record ID --reason RELEASED|REFUSED [--note TEXT]"},
    {"receipt", cli_receipt, "receipt verify FILE [--key VKEY]"},
    {"log", cli_log, "log checkpoint | audit | keys"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

int cli_usage(const char *what)
{
    (void)fprintf(stderr, "lianfang: %s\n", what);
    return CLI_USAGE;
}

static int help(FILE *to, int code)
{
    (void)fprintf(to, "usage: lianfang [--profile FILE] [--json] COMMAND\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(to, "  %s\n", commands[i].line);
    }
    return code;
}

static int command_run(const struct cli *given)
{
    struct cli cli = *given;
    const char *name = cli.operands[0];
    cli.operands++;
    cli.operand_count--;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run(&cli);
        }
    }
    if (strcmp(name, "version") == 0) {
        (void)printf("lianfang %s\n", lf_version());
        return CLI_OK;
    }
    return strcmp(name, "help") == 0 ? help(stdout, CLI_OK)
                                     : cli_usage("no such command; 'lianfang help' lists them");
}

int main(int argc, char **argv)
{
    struct cli cli;
    if (!cli_parse(argc, argv, &cli)) {
        return CLI_USAGE; /* getopt has said what is wrong */
    }
    return cli.operand_count == 0 ? help(stderr, CLI_USAGE) : command_run(&cli);
}
