/* SPDX-License-Identifier: Apache-2.0 */
/* lianfangd: a table of commands. */
#include "gateway/daemon/care.h"

#include "base/status.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: lianfangd init DIR --name NAME (--genesis FILE [RECORD]... | --dev) "
    "[--listen HOST:PORT] [--http HOST:PORT]\n"
    "       lianfangd keygen DIR --name NAME\n"
    "       lianfangd serve --config FILE\n"
    "       lianfangd check-config --config FILE\n"
    "       lianfangd fsck --config FILE [--json] [--quick] [--no-signatures]\n"
    "       lianfangd rebuild|compact --config FILE\n"
    "       lianfangd backup DIR --config FILE (--key FILE | --passphrase-file FILE)\n"
    "       lianfangd restore BACKUP --config FILE (--key FILE | --passphrase-file FILE) "
    "[--witnessed FILE]... [--newer-head FILE]... [--without-witness NAME]... [--log-keys FILE] "
    "[--genesis FILE] "
    "[--redactions FILE] "
    "[--orders-complete]\n"
    "       lianfangd export-redactions FILE --config FILE [--from INDEX]\n"
    "       lianfangd meter --config FILE [--day YYYY-MM-DD] [--member ID] [--json]\n"
    "       lianfangd rotate-log-key --config FILE [--access] [--compromised-since SIZE | "
    "--end-overlap]\n"
    "       lianfangd upgrade --config FILE [--check]\n"
    "       lianfangd version\n"
    "       lianfangd help\n";

static int usage_error(const char *what)
{
    (void)fprintf(stderr, "lianfangd: %s\n%s", what, usage);
    return GW_EXIT_USAGE;
}

struct arguments {
    const char *name;
    const char *listen;
    const char *http;
    const char *config;
    const char *genesis;
    bool is_dev;
    const char *operand;
    char **more; /* operands after the first; ends with NULL */
};

static bool arguments_take(int argc, char **argv, struct arguments *out)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {"listen", required_argument, NULL, 'l'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"genesis", required_argument, NULL, 'g'},
                                            {"http", required_argument, NULL, 'h'},
                                            {"dev", no_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    int option;
    *out = (struct arguments){.listen = "127.0.0.1:7443"};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'n':
            out->name = optarg;
            break;
        case 'l':
            out->listen = optarg;
            break;
        case 'c':
            out->config = optarg;
            break;
        case 'g':
            out->genesis = optarg;
            break;
        case 'h':
            out->http = optarg;
            break;
        case 'd':
            out->is_dev = true;
            break;
        default:
            return false;
        }
    }
    out->operand = optind < argc ? argv[optind++] : NULL;
    out->more = argv + optind;
    return true;
}

static int command_init(const struct arguments *a)
{
    lf_error err = LF_ERROR_INIT;
    if (a->operand == NULL || a->name == NULL || a->is_dev == (a->genesis != NULL)) {
        return usage_error("init needs DIR, --name and either --genesis or --dev");
    }
    struct gw_init_options options = {a->operand, a->name, a->listen, a->http};
    if (gw_init_check(&options, &err) != LF_OK) {
        return usage_error(err.message);
    }
    if (a->is_dev) {
        return gw_command_init_dev(&options);
    }
    char **files = a->more - 1; /* DIR's place, which is known by now, is the genesis's */
    files[0] = (char *)(uintptr_t)a->genesis;
    return gw_command_init_genesis(&options, files);
}

static int command_keygen(const struct arguments *a)
{
    lf_error err = LF_ERROR_INIT;
    if (a->operand == NULL || a->name == NULL) {
        return usage_error("keygen needs DIR and --name");
    }
    struct gw_init_options options = {a->operand, a->name, a->listen, a->http};
    return gw_init_check(&options, &err) == LF_OK ? gw_command_keygen(&options)
                                                  : usage_error(err.message);
}

static int command_serve(const struct arguments *a)
{
    return a->config == NULL ? usage_error("serve needs --config") : gw_command_serve(a->config);
}

static int command_check_config(const struct arguments *a)
{
    struct gw_config config;
    lf_error err = LF_ERROR_INIT;
    if (a->config == NULL) {
        return usage_error("check-config needs --config");
    }
    if (gw_config_load(a->config, &config, &err) != LF_OK) {
        (void)fprintf(stderr, "lianfangd: %s\n", err.message);
        return GW_EXIT_NO;
    }
    gw_config_print(&config);
    return GW_EXIT_OK;
}

static int command_help(const struct arguments *a)
{
    (void)a;
    (void)fputs(usage, stdout);
    return GW_EXIT_OK;
}

static int command_version(const struct arguments *a)
{
    (void)a;
    (void)printf("lianfangd %s\n", lf_version());
    return GW_EXIT_OK;
}

static bool operands_fit(const struct arguments *a, int most)
{
    return a->operand == NULL || (most == 1 && (a->more[0] == NULL || a->genesis != NULL));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct arguments *);
        int operands; /* how many it takes; with a genesis, any number of records more */
    } commands[] = {{"init", command_init, 1},      {"keygen", command_keygen, 1},
                    {"serve", command_serve, 0},    {"check-config", command_check_config, 0},
                    {"help", command_help, 0},      {"--help", command_help, 0},
                    {"version", command_version, 0}};
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } care[] = {{"fsck", gw_command_fsck},
                {"rebuild", gw_command_rebuild},
                {"compact", gw_command_compact},
                {"backup", gw_command_backup},
                {"meter", gw_command_meter},
                {"restore", gw_command_restore},
                {"upgrade", gw_command_upgrade},
                {"export-redactions", gw_command_export_redactions},
                {"rotate-log-key", gw_command_rotate_log_key}};
    struct arguments arguments;
    if (argc < 2) {
        return usage_error("a command is needed");
    }
    for (size_t i = 0; i < LF_COUNT(care); i++) {
        if (strcmp(argv[1], care[i].name) == 0) {
            return care[i].run(argc - 1, argv + 1);
        }
    }
    for (size_t i = 0; i < LF_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            if (!arguments_take(argc - 1, argv + 1, &arguments)) {
                return usage_error("an option is not understood");
            }
            return operands_fit(&arguments, commands[i].operands)
                       ? commands[i].run(&arguments)
                       : usage_error("an operand too many");
        }
    }
    return usage_error("no such command");
}
