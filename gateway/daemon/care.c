/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/daemon/care.h"

#include "base/status.h"

#include <stdio.h>

int gw_care_usage(const char *usage)
{
    (void)fputs(usage, stderr);
    return GW_EXIT_USAGE;
}

lf_status gw_care_load(const char *config, struct gw_config *out, char data[static GW_PATH_MAX],
                       lf_error *err)
{
    lf_status rc = gw_config_load(config, out, err);
    return rc == LF_OK ? gw_config_path(out, out->data, data, err) : rc;
}

int gw_care_failed(const char *command, const lf_error *err)
{
    (void)fprintf(stderr, "lianfangd: %s: %s\n", command, err->message);
    return GW_EXIT_NO;
}
