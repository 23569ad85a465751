/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/ops/routes.h - what is served over HTTP. Each filler writes its routes and returns how many. Threads: any. */
#ifndef GW_ROUTES_H
#define GW_ROUTES_H

#include "gateway/federation/publisher.h"
#include "gateway/federation/witness.h"
#include "gateway/ops/http.h"
#include "rules/rules.h"

#include <stdatomic.h>

/* One log's public face under /PREFIX/: checkpoint, hash tiles and bundles of leaves (C2SP tlog-tiles). */
struct gw_public_log {
    const char
        *prefix; /* "/ledger/" or "/access/"; borrowed, as the others are, until the server stops */
    struct st_ledger *ledger;
    struct gw_publisher *publisher;
};
size_t gw_public_log_routes(struct gw_public_log *log, struct gw_http_route *out);

/* POST /witness/add-checkpoint and GET /witness/<hex SHA-256(origin)>/checkpoint; and, with the origin of a ledger, POST and GET
 * .../log-keys: an answer of Ledger.GetLogKeys, by which a log's witness gets to its newest key. */
size_t gw_witness_routes(struct gw_witness *witness, struct gw_http_route *out);

/* GET /healthz: the process answers. GET /readyz: it takes work, else 503. */
size_t gw_health_routes(atomic_bool *is_serving, struct gw_http_route *out);

/* GET /metrics, in the text format that Prometheus reads. */
struct gw_metrics {
    struct st_ledger *ledger;
    struct gw_publisher *ledger_public;
    struct st_ledger *access;
    struct gw_publisher *access_public;
    atomic_bool *is_serving;
    const struct lf__rules *rules; /* their calendar */
    struct st_engine *engine;
};
void gw_metrics_route(struct gw_metrics *metrics, struct gw_http_route *out);

#endif
