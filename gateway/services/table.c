/* SPDX-License-Identifier: Apache-2.0 */
/* Which path goes to which handler. */
#include "gateway/services/services.h"

#include "base/status.h"

size_t gw_services_methods(struct gw_services *services,
                           struct gw_method methods[static GW_SERVICE_METHODS])
{
    const struct gw_method rows[GW_SERVICE_METHODS] = {
        {"/lianfang.v1.Exchange/Submit", PX_MESSAGE_MAX, true, gw_handle_submit, services, NULL},
        {"/lianfang.v1.Exchange/SubmitBatch", PX_MESSAGE_MAX, true, gw_handle_submit_batch,
         services, NULL},
        {"/lianfang.v1.Screening/Screen", PX_MESSAGE_MAX, true, gw_handle_screen, services, NULL},
        {"/lianfang.v1.Ledger/GetCheckpoint", 1024, true, gw_handle_checkpoint, services, NULL},
        {"/lianfang.v1.Ledger/GetEntries", 1024, true, gw_handle_entries, services, NULL},
        {"/lianfang.v1.Ledger/ProveInclusion", 1024, true, gw_handle_inclusion, services, NULL},
        {"/lianfang.v1.Ledger/ProveConsistency", 1024, true, gw_handle_consistency, services, NULL},
        {"/grpc.health.v1.Health/Check", 1024, false, gw_handle_health, services, NULL},
    };
    for (size_t i = 0; i < GW_SERVICE_METHODS; i++) {
        methods[i] = rows[i];
    }
    return GW_SERVICE_METHODS;
}
