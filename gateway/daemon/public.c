/* SPDX-License-Identifier: Apache-2.0 */
/* Publishers first, then the witness, then the listeners that show them; and backwards at the end. */
#include "gateway/daemon/public.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/exchange/log_keys.h"
#include "gateway/exchange/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLIC_ROUTES = 12 };

struct gw_public {
    struct gw_public_options options;
    char ledger_origin[256];
    char access_origin[256];
    char witness_name[256];
    struct lf__witness_policy *witnesses;
    struct lf__witness_policy *witness_for;
    struct lf__secret *witness_seed;
    struct gw_witness *witness;
    struct gw_publisher *ledger;
    struct gw_publisher *access;
    struct gw_public_log logs[2];
    struct gw_http_route routes[PUBLIC_ROUTES];
    size_t route_count;
    struct gw_http *http;
    struct gw_metrics metrics;
    struct gw_http_route metrics_route;
    struct gw_http *metrics_http;
};

static void on_late(void *user, const char *origin, bool is_late, const lf_error *err)
{
    (void)user;
    if (is_late) {
        gw_log("warn", "witness-late", "origin=%s message=\"%s, publishing without\"", origin,
               err->message);
    } else {
        gw_log("info", "witness-back", "origin=%s", origin);
    }
}

static lf_status on_log_keys(void *user, struct lf__buf *out, lf_error *err)
{
    return gw_log_keys_answer(user, out, err);
}

lf_status gw_public_policy(const char *dir, const char *file, struct lf__witness_policy **out,
                           lf_error *err)
{
    char path[LF_PATH_MAX];
    if (file[0] == '\0') {
        return LF_OK;
    }
    LF_BUF text;
    lf__buf_init(&text, LF_POLICY_TEXT_MAX);
    lf_status rc = file[0] == '/' ? LF_OK : lf__path(dir, file, path, err);
    rc = rc == LF_OK ? lf__file_read(file[0] == '/' ? file : path, &text, err) : rc;
    rc = rc == LF_OK ? lf__witness_policy_parse(lf__buf_bytes(&text), out, err) : rc;
    if (rc == LF_E_FORMAT && err != NULL) {
        lf_error why = *err;
        (void)lf__refuse(err, rc, why.reason, "http", "%.60s: %.90s", file, why.message);
    }
    return rc;
}

static lf_status witness_start(struct gw_public *p, lf_error *err)
{
    if (p->witness_for == NULL) {
        return LF_OK;
    }
    lf_status rc = gw_secret_load_or_make(p->options.dir, "witness.key", &p->witness_seed, err);
    struct gw_witness_options options = {.engine = p->options.engine,
                                         .table = GW_TABLE_WITNESS,
                                         .name = p->witness_name,
                                         .seed = p->witness_seed,
                                         .logs = p->witness_for};
    rc = rc == LF_OK ? gw_witness_open(&options, &p->witness, err) : rc;
    if (rc == LF_OK) {
        p->route_count += gw_witness_routes(p->witness, p->routes + p->route_count);
    }
    return rc;
}

static lf_status log_start(struct gw_public *p, size_t i, struct gw_publisher **publisher,
                           lf_error *err)
{
    struct gw_publisher_options options = {.ledger = i == 0 ? p->options.ledger : p->options.access,
                                           .origin = i == 0 ? p->ledger_origin : p->access_origin,
                                           .witnesses = p->witnesses,
                                           .interval_ms = (unsigned)p->options.config->interval_ms,
                                           .on_late = on_late,
                                           .log_keys = on_log_keys,
                                           .ledger_origin = p->ledger_origin,
                                           .user = p->options.exchange};
    lf_status rc = gw_publisher_start(&options, publisher, err);
    if (rc == LF_OK) {
        p->logs[i] =
            (struct gw_public_log){i == 0 ? "/ledger/" : "/access/", options.ledger, *publisher};
        p->route_count += gw_public_log_routes(&p->logs[i], p->routes + p->route_count);
    }
    return rc;
}

static lf_status listeners_start(struct gw_public *p, lf_error *err)
{
    const struct gw_public_config *config = p->options.config;
    p->route_count += gw_health_routes(p->options.is_serving, p->routes + p->route_count);
    LF_BUG_IF(p->route_count > PUBLIC_ROUTES);
    lf_status rc = config->listen[0] == '\0'
                       ? LF_OK
                       : gw_http_start(config->listen, p->routes, p->route_count, &p->http, err);
    p->metrics =
        (struct gw_metrics){p->options.ledger,     p->ledger,        p->options.access, p->access,
                            p->options.is_serving, p->options.rules, p->options.engine};
    gw_metrics_route(&p->metrics, &p->metrics_route);
    return rc == LF_OK && config->metrics[0] != '\0'
               ? gw_http_start(config->metrics, &p->metrics_route, 1, &p->metrics_http, err)
               : rc;
}

static bool origins_make(struct gw_public *p)
{
    const char *name = p->options.name;
    unsigned number = p->options.number;
    return lf__origin_make(name, "ledger", number, p->ledger_origin, NULL) == LF_OK &&
           lf__origin_make(name, "access", number, p->access_origin, NULL) == LF_OK &&
           lf__origin_make(name, "witness", 1, p->witness_name, NULL) == LF_OK;
}

lf_status gw_public_start(const struct gw_public_options *options, struct gw_public **out,
                          lf_error *err)
{
    struct gw_public *p = calloc(1, sizeof *p);
    LF_BUG_IF(p == NULL);
    p->options = *options;
    lf_status rc = origins_make(p) ? LF_OK : lf__fail(err, LF_E_ARG, "gateway: name is too long");
    rc = rc == LF_OK
             ? gw_public_policy(options->dir, options->config->witnesses, &p->witnesses, err)
             : rc;
    rc = rc == LF_OK
             ? gw_public_policy(options->dir, options->config->witness_for, &p->witness_for, err)
             : rc;
    rc = rc == LF_OK ? log_start(p, 0, &p->ledger, err) : rc;
    rc = rc == LF_OK ? log_start(p, 1, &p->access, err) : rc;
    rc = rc == LF_OK ? witness_start(p, err) : rc;
    rc = rc == LF_OK ? listeners_start(p, err) : rc;
    if (rc != LF_OK) {
        gw_public_stop(p);
        return rc;
    }
    *out = p;
    return LF_OK;
}

int gw_public_port(const struct gw_public *p)
{
    return p->http == NULL ? 0 : gw_http_port(p->http);
}

int gw_public_metrics_port(const struct gw_public *p)
{
    return p->metrics_http == NULL ? 0 : gw_http_port(p->metrics_http);
}

struct gw_publisher *gw_public_ledger(struct gw_public *p)
{
    return p->ledger;
}

struct gw_publisher *gw_public_access(struct gw_public *p)
{
    return p->access;
}

const struct lf__note_key *gw_public_witness_key(const struct gw_public *p)
{
    return p->witness == NULL ? NULL : gw_witness_key(p->witness);
}

void gw_public_stop(struct gw_public *p)
{
    if (p == NULL) {
        return;
    }
    gw_http_stop(p->metrics_http);
    gw_http_stop(p->http);
    gw_publisher_stop(p->access);
    gw_publisher_stop(p->ledger);
    gw_witness_close(p->witness);
    lf__secret_free(p->witness_seed);
    lf__witness_policy_free(p->witnesses);
    lf__witness_policy_free(p->witness_for);
    free(p);
}
