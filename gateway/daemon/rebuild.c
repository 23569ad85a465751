/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild: what is derived, again from the entries; all of it or none. The gateway must not run. */
#include "gateway/daemon/care.h"

#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/replay.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char usage[] = "usage: lianfangd rebuild --config FILE\n";

static const char *config_take(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};
    const char *file = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'c') {
            return NULL;
        }
        file = optarg;
    }
    return optind == argc ? file : NULL;
}

int gw_command_rebuild(int argc, char **argv)
{
    struct gw_config config;
    char path[LF_PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    struct gw_policy *policy = NULL;
    struct st_engine *engine = NULL;
    uint64_t entries = 0;
    const char *file = config_take(argc, argv);
    if (file == NULL) {
        return gw_care_usage(usage);
    }
    int64_t start = lf__clock_monotonic_ns();
    lf_status rc = gw_care_load(file, &config, path, &err);
    rc = rc == LF_OK ? gw_policy_load_default(&policy, &err) : rc;
    rc = rc == LF_OK ? gw_care_open(&config, path, false, &engine, &err) : rc;
    rc = rc == LF_OK ? gw_rebuild(engine, policy, &entries, &err) : rc;
    st_engine_close(engine);
    gw_policy_free(policy);
    if (rc != LF_OK) {
        return gw_care_failed("rebuild", &err);
    }
    (void)printf("rebuilt from %" PRIu64 " entries in %" PRId64 " ms\n", entries,
                 (lf__clock_monotonic_ns() - start) / 1000000);
    return GW_EXIT_OK;
}

/* compact: the same rows in a new file, so that what was deleted is gone from the disk. */
int gw_command_compact(int argc, char **argv)
{
    struct gw_config config;
    char path[LF_PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    struct st_engine *engine = NULL;
    struct st_space before = {.file = 0};
    struct st_space after = {.file = 0};
    const char *file = config_take(argc, argv);
    if (file == NULL) {
        return gw_care_usage("usage: lianfangd compact --config FILE\n");
    }
    lf_status rc = gw_care_load(file, &config, path, &err);
    struct st_options options = {.path = path, .map_bytes = config.map_gib << 30};
    rc = rc == LF_OK ? gw_care_open(&config, path, false, &engine, &err) : rc;
    rc = rc == LF_OK ? st_engine_tend(engine, 0, &before, &err) : rc;
    st_engine_close(engine);
    engine = NULL;
    rc = rc == LF_OK ? st_compact(&options, &err) : rc;
    rc = rc == LF_OK ? st_engine_open(&options, &engine, &err) : rc;
    rc = rc == LF_OK ? st_engine_tend(engine, 0, &after, &err) : rc;
    st_engine_close(engine);
    if (rc != LF_OK) {
        return gw_care_failed("compact", &err);
    }
    (void)printf("compacted: %" PRIu64 " bytes, %" PRIu64 " before\n", after.file, before.file);
    return GW_EXIT_OK;
}
