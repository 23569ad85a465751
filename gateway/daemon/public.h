/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/daemon/public.h - what the gateway shows over HTTP: its two logs, its witness, health; and metrics on a
 * listener of their own. Threads: start and stop from one.
 */
#ifndef GW_DAEMON_PUBLIC_H
#define GW_DAEMON_PUBLIC_H

#include "gateway/daemon/daemon.h"
#include "gateway/ops/routes.h"

struct gw_exchange;
struct gw_public_options {
    const struct gw_public_config *config;
    const char *dir;              /* file names in the configuration are relative to it */
    const char *name;             /* the gateway's */
    unsigned number;              /* of its logs, in their origins */
    struct gw_exchange *exchange; /* whose LogKey records are told to witnesses */
    struct st_engine *engine;
    struct st_ledger *ledger;
    struct st_ledger *access;
    atomic_bool *is_serving;
    const struct lf__rules *rules;
};
struct gw_public;
/* A tlog-policy file that the configuration names; "" leaves *out NULL. *out is owned: lf__witness_policy_free(). */
LF_MUST_USE lf_status gw_public_policy(const char *dir, const char *file,
                                       struct lf__witness_policy **out, lf_error *err);
/* Everything in the options is borrowed until stop. */
LF_MUST_USE lf_status gw_public_start(const struct gw_public_options *options,
                                      struct gw_public **out, lf_error *err);
int gw_public_port(const struct gw_public *public); /* 0 when nothing is served */
int gw_public_metrics_port(const struct gw_public *public);
/* The published ledger head with its cosignatures. */
struct gw_publisher *gw_public_ledger(struct gw_public *public);
struct gw_publisher *gw_public_access(struct gw_public *public);
const struct lf__note_key *
gw_public_witness_key(const struct gw_public *public); /* NULL: no witness */
void gw_public_stop(struct gw_public *public);         /* NULL allowed */

#endif
