/* SPDX-License-Identifier: Apache-2.0 */
/* For what watches processes: alive, and ready. */
#include "gateway/ops/routes.h"

static void on_healthz(void *user, const struct gw_http_request *request,
                       struct gw_http_answer *answer)
{
    (void)user;
    (void)request;
    answer->status = 200;
    (void)lf__buf_str(&answer->body, "ok\n");
}

static void on_readyz(void *user, const struct gw_http_request *request,
                      struct gw_http_answer *answer)
{
    atomic_bool *is_serving = user;
    (void)request;
    bool is_ready = atomic_load(is_serving);
    answer->status = is_ready ? 200 : 503;
    (void)lf__buf_str(&answer->body, is_ready ? "ready\n" : "not serving\n");
}

size_t gw_health_routes(atomic_bool *is_serving, struct gw_http_route *out)
{
    out[0] = (struct gw_http_route){"GET", "/healthz", 0, on_healthz, NULL};
    out[1] = (struct gw_http_route){"GET", "/readyz", 0, on_readyz, is_serving};
    return 2;
}
