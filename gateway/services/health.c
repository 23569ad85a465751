/* SPDX-License-Identifier: Apache-2.0 */
/* grpc.health.v1.Health.Check, for the whole server and for each service that it offers. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/services/services.h"
#include "protos/codec/wire.h"

enum { HEALTH_SERVING = 1, HEALTH_NOT_SERVING = 2 };

static bool is_offered(lf_bytes service)
{
    static const char *const names[] = {"", "lianfang.v1.Exchange", "lianfang.v1.Screening",
                                        "lianfang.v1.Ledger", "grpc.health.v1.Health"};
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (lf__bytes_eq_str(service, names[i])) {
            return true;
        }
    }
    return false;
}

void gw_handle_health(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct lf__reader r = {request};
    struct px_wire wire;
    lf_bytes service = LF_BYTES_NONE;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, 64);
    while (px_wire_next(&r, &wire)) {
        service = wire.number == 1 ? wire.value : service;
    }
    lf_status rc =
        is_offered(service) ? LF_OK : lf__fail(&err, LF_E_NOT_FOUND, "health: no such service");
    (void)px_wire_u64(&reply, 1,
                      atomic_load(&services->is_serving) ? HEALTH_SERVING : HEALTH_NOT_SERVING);
    gw_answer(call, rc, &err, &reply);
}
