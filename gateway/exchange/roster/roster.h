/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/exchange/roster/roster.h - the members, as of the last entry: their keys, pins, roles and status.
 *
 * Threads: readers any, through snapshots by value; one writer, the sequencer. The generation moves
 * with every change, so that what was checked before can be seen to be old.
 */
#ifndef GW_ROSTER_H
#define GW_ROSTER_H

#include "core/roster.h"
#include "protos/codec/kinds.h"

#define GW_AUTHORITY_ID "authority" /* the issuer of what the authority says; no member's id */
enum { GW_MEMBERS_MAX = 4096, GW_MEMBER_NAME_MAX = 256 };

struct gw_roster;

/* What the roster says of one member or key, copied out. */
struct gw_standing {
    char member[41];
    enum px_role role;
    unsigned level;
    enum px_member_status status;
    bool is_authority;
};

/* One member in full. */
struct gw_member {
    char id[41];
    char name[GW_MEMBER_NAME_MAX + 1];
    char division[7];
    enum px_role role;
    unsigned level;
    enum px_member_status status;
    struct px_member_key keys[PX_KEYS_MAX];
    struct lf__hash key_ids[PX_KEYS_MAX];
    size_t key_count;
    struct px_pin pins[PX_PINS_MAX];
    size_t pin_count;
    /* the record that says so */
    uint64_t since_index;
    uint8_t record_id[PX_ID_BYTES];
    uint32_t version;
};

lf_status gw_roster_new(struct gw_roster **out, lf_error *err);
void gw_roster_free(struct gw_roster *roster); /* NULL allowed */

/* The sequencer's. `header` and `index` are of the entry that says it. */
lf_status gw_roster_genesis(struct gw_roster *roster, const struct px_genesis *genesis,
                            lf_error *err);
lf_status gw_roster_apply(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, uint64_t index, lf_error *err);
/* As apply, for many in a row before there are readers: nothing is found until the seal. */
lf_status gw_roster_stage(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, uint64_t index, lf_error *err);
lf_status gw_roster_seal(struct gw_roster *roster, lf_error *err);

/* Whether this record may follow what stands: made from the state in force, nobody else's key or pin,
 * role unchanged, not retired. E_REJECTED or E_PRECONDITION with the reason. */
lf_status gw_roster_check(struct gw_roster *roster, const struct px_member *member,
                          const struct px_header *header, lf_error *err);

uint64_t gw_roster_generation(struct gw_roster *roster);
struct lf__hash gw_roster_root(struct gw_roster *roster); /* members_root before the next entry */
unsigned gw_roster_threshold(struct gw_roster *roster);
bool gw_roster_is_test(struct gw_roster *roster);
/* The ids of the gateway's own keys in force: those that the genesis names, until a LogKey record names others. */
enum gw_own_key { GW_OWN_LEDGER, GW_OWN_ACCESS, GW_OWN_KEYS };
struct lf__hash gw_roster_own_key(struct gw_roster *roster, enum gw_own_key which);
/* The origin of that key's log. */
const char *gw_roster_own_origin(const struct gw_roster *roster, enum gw_own_key which);
/* The sequencer's: a LogKey record replaces it. */
void gw_roster_own_change(struct gw_roster *roster, enum gw_own_key which,
                          const struct lf__public_key *key);

/* E_UNAUTHENTICATED (CERTIFICATE_UNKNOWN). */
lf_status gw_roster_by_pin(struct gw_roster *roster, const struct lf__hash *spki, int64_t now_ms,
                           struct gw_standing *out, lf_error *err);
/* E_REJECTED (KEY_UNKNOWN, KEY_RETIRED). A key that signs records, within its dates. */
lf_status gw_roster_by_key(struct gw_roster *roster, const struct lf__hash *key_id, int64_t now_ms,
                           struct gw_standing *out, struct lf__public_key *key, lf_error *err);
/* E_NOT_FOUND (MEMBER_UNKNOWN). */
lf_status gw_roster_by_name(struct gw_roster *roster, lf_bytes member, struct gw_standing *out,
                            lf_error *err);
lf_status gw_roster_get(struct gw_roster *roster, lf_bytes member, struct gw_member *out,
                        lf_error *err);
/* At most `max` members whose id sorts after `after`, of one role or (NONE) of all; *more when there
 * would be others. Returns how many. */
size_t gw_roster_list(struct gw_roster *roster, enum px_role role, lf_bytes after,
                      struct gw_member *out, size_t max, bool *more);
/* All of one role or (NONE) all, in order of their ids, until `each` fails. The roster may change meanwhile. */
lf_status gw_roster_each(struct gw_roster *roster, enum px_role role,
                         lf_status (*each)(void *user, const struct gw_member *member,
                                           lf_error *err),
                         void *user, lf_error *err);
/* One row of the table under members_root, with its path. E_NOT_FOUND (KEY_UNKNOWN). */
struct gw_key_proof {
    struct lf__roster_row row;
    struct lf__public_key key;
    uint64_t at;
    uint64_t rows;
    struct lf__proof path;
};
lf_status gw_roster_prove(struct gw_roster *roster, const struct lf__hash *key_id,
                          struct gw_key_proof *out, lf_error *err);
/* When and why a key was revoked; 0 for one that was not, or is not known. */
void gw_roster_revocation(struct gw_roster *roster, const struct lf__hash *key_id, int64_t *at_ms,
                          unsigned *reason);

#endif
