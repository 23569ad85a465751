/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/roster.h - the members, as of the last entry: their keys, pins, roles and status.
 *
 * Threads: readers any, through snapshots by value; one writer, the sequencer. The generation moves
 * with every change, so that what was checked before can be seen to be old.
 */
#ifndef GW_ROSTER_H
#define GW_ROSTER_H

#include "core/roster.h"
#include "protos/codec/kinds.h"

enum { GW_MEMBERS_MAX = 4096 };

struct gw_roster;

/* What the roster says of one member or key, copied out. */
struct gw_standing {
    char member[41];
    enum px_role role;
    unsigned level;
    enum px_member_status status;
    bool is_authority;
};

lf_status gw_roster_new(struct gw_roster **out, lf_error *err);
void gw_roster_free(struct gw_roster *roster); /* NULL allowed */

/* The sequencer's. `index` is the entry that says it. */
lf_status gw_roster_genesis(struct gw_roster *roster, const struct px_genesis *genesis,
                            lf_error *err);
lf_status gw_roster_apply(struct gw_roster *roster, const struct px_member *member, uint64_t index,
                          lf_error *err);

uint64_t gw_roster_generation(struct gw_roster *roster);
struct lf__hash gw_roster_root(struct gw_roster *roster); /* members_root before the next entry */
unsigned gw_roster_threshold(struct gw_roster *roster);
bool gw_roster_is_test(struct gw_roster *roster);

/* E_UNAUTHENTICATED (CERTIFICATE_UNKNOWN). */
lf_status gw_roster_by_pin(struct gw_roster *roster, const struct lf__hash *spki, int64_t now_ms,
                           struct gw_standing *out, lf_error *err);
/* E_REJECTED (KEY_UNKNOWN, KEY_RETIRED). A key that signs records, within its dates. */
lf_status gw_roster_by_key(struct gw_roster *roster, const struct lf__hash *key_id, int64_t now_ms,
                           struct gw_standing *out, struct lf__public_key *key, lf_error *err);
/* E_NOT_FOUND (MEMBER_UNKNOWN). */
lf_status gw_roster_by_name(struct gw_roster *roster, lf_bytes member, struct gw_standing *out,
                            lf_error *err);

#endif
