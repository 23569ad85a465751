/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/services/services.h - one file a gRPC service: decode, act, reply. No gRPC types.
 * Threads: handlers run on the server's pollers; replies come from there or from the sequencer.
 */
#ifndef GW_SERVICES_H
#define GW_SERVICES_H

#include "gateway/exchange/exchange.h"
#include "gateway/rpc/server.h"
#include "protos/codec/services.h"

#include <stdatomic.h>

struct gw_services {
    struct gw_exchange *exchange; /* borrowed until the server has stopped */
    char origin[256];             /* of the ledger */
    atomic_bool is_serving;       /* what health says */
};

enum { GW_SERVICE_METHODS = 8 };
/* Fills the table of methods; it borrows `services`. */
size_t gw_services_methods(struct gw_services *services,
                           struct gw_method methods[static GW_SERVICE_METHODS]);
/* For the server: who may come in. */
lf_status gw_services_admit_peer(void *services, const struct gw_peer *peer, lf_error *err);

/* Shared by the services of this directory: */
void gw_handle_submit(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_submit_batch(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_screen(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_checkpoint(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_entries(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_inclusion(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_consistency(void *services, struct gw_call *call, lf_bytes request);
void gw_handle_health(void *services, struct gw_call *call, lf_bytes request);

/* The member who calls. Borrows the name from `standing`. */
lf_status gw_caller(struct gw_services *services, struct gw_call *call,
                    struct gw_standing *standing, struct gw_reader *reader, lf_error *err);
/* Replies with `reply`, or fails the call when building it failed. */
void gw_answer(struct gw_call *call, lf_status rc, const lf_error *err, struct lf__buf *reply);

#endif
