/* SPDX-License-Identifier: Apache-2.0 */
/* upgrade: an older data directory to the format of this program, and only when it is asked for. */
#include "gateway/daemon/care.h"

#include "base/status.h"
#include "storage/upgrade.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char usage[] = "usage: lianfangd upgrade --config FILE [--check]\n";

struct upgrade_options {
    const char *config;
    bool is_check;
};

static bool options_take(int argc, char **argv, struct upgrade_options *out)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    int option;
    *out = (struct upgrade_options){.config = NULL};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'c' && option != 'n') {
            return false;
        }
        out->config = option == 'c' ? optarg : out->config;
        out->is_check = out->is_check || option == 'n';
    }
    return optind == argc && out->config != NULL;
}

/* What is to be done is a negative answer to "is it of this format?". */
static int plan_tell(const struct st_upgrade *plan, bool is_done)
{
    if (plan->count == 0) {
        (void)printf("format %" PRIu32 ", which is this program's: nothing to do\n", plan->found);
        return GW_EXIT_OK;
    }
    (void)printf("format %" PRIu32 ", this program's is %" PRIu32 "; %s:\n", plan->found,
                 plan->found + (uint32_t)plan->count, is_done ? "done" : "to be done");
    for (size_t i = 0; i < plan->count; i++) {
        (void)printf("  %" PRIu32 " to %" PRIu32 ": %s\n", plan->steps[i].from,
                     plan->steps[i].from + 1, plan->steps[i].what);
    }
    return is_done ? GW_EXIT_OK : GW_EXIT_NO;
}

int gw_command_upgrade(int argc, char **argv)
{
    struct upgrade_options options;
    struct gw_config config;
    struct st_upgrade plan;
    char path[LF_PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    if (!options_take(argc, argv, &options)) {
        return gw_care_usage(usage);
    }
    lf_status rc = gw_care_load(options.config, &config, path, &err);
    struct st_options store = {.path = path, .map_bytes = config.map_gib << 30};
    if (rc == LF_OK) {
        rc = (options.is_check ? st_upgrade_check : st_upgrade_run)(&store, st_formats_known(),
                                                                    &plan, &err);
    }
    return rc == LF_OK ? plan_tell(&plan, !options.is_check) : gw_care_failed("upgrade", &err);
}
