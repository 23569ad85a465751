/* SPDX-License-Identifier: Apache-2.0 */
/* meter: subjects asked (户次) by Shanghai day, member and purpose. Reads beside a running gateway, as backup does. */
#include "gateway/daemon/care.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/access/access.h"
#include "gateway/exchange/tables.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: lianfangd meter --config FILE [--day YYYY-MM-DD] [--member ID] [--json]\n";

struct metering {
    const char *config;
    const char *day;    /* NULL: all */
    const char *member; /* likewise */
    bool is_json;
    bool is_any; /* something was counted */
};

/* A purpose of its own line; the line without one is the member's sum of the day. */
static void on_count(void *user, const struct gw_access_count *count)
{
    struct metering *m = user;
    if ((m->day != NULL && strcmp(m->day, count->day) != 0) ||
        (m->member != NULL && strcmp(m->member, count->member) != 0)) {
        return;
    }
    m->is_any = true;
    if (m->is_json) {
        (void)printf("{\"day\":\"%s\",\"member\":\"%s\",\"purpose\":\"%s\",\"subjects\":%" PRIu64
                     "}\n",
                     count->day, count->member, count->purpose, count->subjects);
    } else {
        (void)printf("%s\t%s\t%s\t%" PRIu64 "\n", count->day, count->member,
                     count->purpose[0] == '\0' ? "(all)" : count->purpose, count->subjects);
    }
}

static lf_status meter_read(struct metering *m, lf_error *err)
{
    struct gw_config config;
    char data[LF_PATH_MAX];
    struct st_engine *engine = NULL;
    lf_status rc = gw_care_load(m->config, &config, data, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = gw_care_open(&config, data, true, &engine, err);
    rc = rc == LF_OK ? gw_access_meter_each(engine, GW_TABLE_METER, on_count, m, err) : rc;
    st_engine_close(engine);
    return rc;
}

int gw_command_meter(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"day", required_argument, NULL, 'd'},
                                            {"member", required_argument, NULL, 'm'},
                                            {"json", no_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct metering m = {.config = NULL};
    lf_error err = LF_ERROR_INIT;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        m.config = option == 'c' ? optarg : m.config;
        m.day = option == 'd' ? optarg : m.day;
        m.member = option == 'm' ? optarg : m.member;
        m.is_json = m.is_json || option == 'j';
        if (option == '?') {
            return gw_care_usage(usage);
        }
    }
    if (m.config == NULL || optind != argc) {
        return gw_care_usage(usage);
    }
    if (m.day != NULL && !lf__date_is_valid(lf__bytes_str(m.day))) {
        (void)fputs("lianfangd: meter: --day: is no date YYYY-MM-DD\n", stderr);
        return GW_EXIT_USAGE;
    }
    if (meter_read(&m, &err) != LF_OK) {
        return gw_care_failed("meter", &err);
    }
    if (!m.is_any) {
        (void)fputs("lianfangd: meter: nothing was counted\n", stderr);
    }
    return GW_EXIT_OK;
}
