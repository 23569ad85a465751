/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody's greed costs another his turn: each member has a share of open work, counted in units. Past
 * it the member is told to come back, and the others do not notice.
 */
#include "gateway/rpc/call_internal.h"

#include "base/status.h"

#include <stdlib.h>

struct gw_meter *gw__meter_of(struct gw_server *server, const struct lf__hash *spki)
{
    struct gw_meter **head = &server->meters[spki->bytes[0] % GW_METER_BUCKETS];
    (void)pthread_mutex_lock(&server->meters_lock);
    struct gw_meter *meter = *head;
    while (meter != NULL && !lf__hash_eq(&meter->spki, spki)) {
        meter = meter->next;
    }
    if (meter == NULL) {
        meter = calloc(1, sizeof *meter);
        LF_BUG_IF(meter == NULL);
        meter->spki = *spki;
        meter->next = *head;
        *head = meter;
    }
    (void)pthread_mutex_unlock(&server->meters_lock);
    return meter;
}

lf_status gw__meter_take(struct gw_call *call, unsigned units, lf_error *err)
{
    unsigned before = atomic_fetch_add(&call->meter->units, units);
    if (before + units > GW_PEER_UNITS_MAX) {
        (void)atomic_fetch_sub(&call->meter->units, units);
        return lf__refuse(err, LF_E_BUSY, "QUOTA_EXCEEDED", "",
                          "member: has %u units of work open, %u more are over its share of %d",
                          before, units, GW_PEER_UNITS_MAX);
    }
    call->units += units;
    return LF_OK;
}

void gw__meter_give(struct gw_call *call)
{
    if (call->meter != NULL) {
        (void)atomic_fetch_sub(&call->meter->units, call->units);
        call->units = 0;
    }
}

void gw__meters_free(struct gw_server *server)
{
    for (size_t i = 0; i < GW_METER_BUCKETS; i++) {
        while (server->meters[i] != NULL) {
            struct gw_meter *next = server->meters[i]->next;
            free(server->meters[i]);
            server->meters[i] = next;
        }
    }
}
