/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/daemon/care.h"

#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "storage/check.h"

#include <stdio.h>

int gw_care_usage(const char *usage)
{
    (void)fputs(usage, stderr);
    return GW_EXIT_USAGE;
}

lf_status gw_care_load(const char *config, struct gw_config *out, char data[static LF_PATH_MAX],
                       lf_error *err)
{
    lf_status rc = gw_config_load(config, out, err);
    return rc == LF_OK ? gw_config_path(out, out->data, data, err) : rc;
}

static lf_status no_ledger(const char *data, lf_error *err)
{
    return lf__fail(err, LF_E_PRECONDITION, "%s: holds no ledger; is its volume there?", data);
}

static lf_status ledger_there(struct st_engine *engine, const char *data, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__merkle_head head = {.size = 0};
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_check_head(txn, GW_TABLE_LEDGER, &head, err) : rc;
    return rc == LF_OK && head.size == 0 ? no_ledger(data, err) : rc;
}

lf_status gw_care_open(const struct gw_config *config, const char *data, bool is_reader,
                       struct st_engine **out, lf_error *err)
{
    struct st_engine *engine = NULL;
    struct st_options options = {.path = data,
                                 .map_bytes = config->map_gib << 30,
                                 .is_reader = is_reader,
                                 .must_exist = true};
    lf_status rc = st_engine_open(&options, &engine, err);
    if (rc == LF_E_NOT_FOUND) {
        return no_ledger(data, err);
    }
    rc = rc == LF_OK ? ledger_there(engine, data, err) : rc;
    if (rc != LF_OK) {
        st_engine_close(engine);
        return rc;
    }
    *out = engine;
    return LF_OK;
}

int gw_care_failed(const char *command, const lf_error *err)
{
    (void)fprintf(stderr, "lianfangd: %s: %s\n", command, err->message);
    return GW_EXIT_NO;
}
