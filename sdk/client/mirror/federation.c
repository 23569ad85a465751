/* SPDX-License-Identifier: Apache-2.0 */
/* What a mirror keeps of the federation: kinds of members, policy, campaigns; and what follows from it, whether an accusation waits. */
#include "client/mirror/mirror_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <stdio.h>

static lf_status member_apply(const struct mirror_entry *e, lf_error *err)
{
    struct px_member *member = lf__arena_alloc(e->arena, sizeof *member);
    lf_status rc = member == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                  : px_member_decode(e->arena, e->envelope, member, err);
    uint8_t role[1] = {rc == LF_OK ? (uint8_t)member->role : 0};
    rc = rc == LF_OK ? st_put(e->txn, MIRROR_ROLES, member->member, LF_BYTES_ARRAY(role), err) : rc;
    if (rc != LF_OK || !lf__bytes_eq_str(member->member, e->mirror->member)) {
        return rc;
    }
    e->mirror->role = member->role;
    e->mirror->is_admitted = member->status == PX_MEMBER_ACTIVE;
    return lf__mirror_meta_put(e->txn, "role", LF_BYTES_ARRAY(role), err);
}

/* Of what replaces what was before, one that comes late replaces nothing. */
static lf_status is_newest(const struct mirror_entry *e, const char *name, bool *out, lf_error *err)
{
    uint8_t value[8];
    *out = e->index >= lf__mirror_meta_number(e->txn, name);
    lf__put_u64be(value, e->index);
    return *out ? lf__mirror_meta_put(e->txn, name, LF_BYTES_ARRAY(value), err) : LF_OK;
}

static lf_status policy_apply(const struct mirror_entry *e, lf_error *err)
{
    struct px_policy policy;
    bool newest = false;
    lf_status rc = px_policy_decode(e->arena, e->envelope, &policy, err);
    rc = rc == LF_OK ? is_newest(e, "policy_at", &newest, err) : rc;
    if (rc != LF_OK || !newest) {
        return rc;
    }
    uint8_t below[1] = {(uint8_t)policy.relay_below};
    e->mirror->waits_below = policy.relay_below;
    return lf__mirror_meta_put(e->txn, "waits_below", LF_BYTES_ARRAY(below), err);
}

static lf_status genesis_apply(const struct mirror_entry *e, lf_error *err)
{
    struct px_genesis *genesis = lf__arena_alloc(e->arena, sizeof *genesis);
    lf_status rc = genesis == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                   : px_genesis_decode(e->arena, e->envelope, genesis, err);
    if (rc != LF_OK) {
        return rc;
    }
    uint8_t is_test[1] = {genesis->is_test ? 1 : 0};
    e->mirror->is_test = genesis->is_test;
    return lf__mirror_meta_put(e->txn, "is_test", LF_BYTES_ARRAY(is_test), err);
}

/* "campaign NAME" among what the store says of itself: 01 if the newest Campaign of the name needs no relay. */
static void campaign_name(lf_bytes campaign, char out[static MIRROR_KEY_MAX])
{
    (void)snprintf(out, MIRROR_KEY_MAX, "campaign %.*s", (int)campaign.len,
                   (const char *)campaign.ptr);
}

static lf_status campaign_apply(const struct mirror_entry *e, lf_error *err)
{
    struct px_campaign campaign;
    char name[MIRROR_KEY_MAX];
    char at[MIRROR_KEY_MAX];
    bool newest = false;
    if (e->envelope->is_not_understood) {
        return LF_OK;
    }
    lf_status rc = px_campaign_decode(e->arena, e->envelope, &campaign, err);
    if (rc != LF_OK) {
        return rc;
    }
    uint8_t is_automatic[1] = {campaign.is_automatic ? 1 : 0};
    campaign_name(campaign.campaign, name);
    (void)snprintf(at, sizeof at, "at %.*s", (int)campaign.campaign.len,
                   (const char *)campaign.campaign.ptr);
    rc = is_newest(e, at, &newest, err);
    return rc == LF_OK && newest
               ? lf__mirror_meta_put(e->txn, name, LF_BYTES_ARRAY(is_automatic), err)
               : rc;
}

lf_status lf__mirror_federation_apply(const struct mirror_entry *e, lf_error *err)
{
    enum px_kind kind = e->envelope->header.kind;
    return kind == PX_KIND_MEMBER     ? member_apply(e, err)
           : kind == PX_KIND_POLICY   ? policy_apply(e, err)
           : kind == PX_KIND_CAMPAIGN ? campaign_apply(e, err)
           : kind == PX_KIND_GENESIS  ? genesis_apply(e, err)
                                      : LF_OK;
}

static lf_status role_of(const struct mirror_entry *e, lf_bytes member, enum px_role *out,
                         lf_error *err)
{
    lf_bytes role;
    bool found = false;
    lf_status rc = lf__mirror_find(e->txn, MIRROR_ROLES, member, &role, &found, err);
    *out = rc == LF_OK && found && role.len == 1 ? (enum px_role)role.ptr[0] : PX_ROLE_NONE;
    return rc;
}

/* Of a campaign whose events need no relay. */
static lf_status is_automatic(const struct mirror_entry *e, bool *out, lf_error *err)
{
    char name[MIRROR_KEY_MAX];
    lf_bytes value;
    bool found = false;
    struct px_event *event = lf__arena_alloc(e->arena, sizeof *event);
    *out = false;
    if (event == NULL) {
        return lf__arena_status(e->arena, err);
    }
    if (px_event_decode(e->arena, e->envelope, event, NULL) != LF_OK || event->campaign.len == 0) {
        return LF_OK;
    }
    campaign_name(event->campaign, name);
    lf_status rc = lf__mirror_find(e->txn, MIRROR_META, lf__bytes_str(name), &value, &found, err);
    *out = rc == LF_OK && found && value.len == 1 && value.ptr[0] != 0;
    return rc;
}

lf_status lf__mirror_waits(const struct mirror_entry *e, const struct mirror_statement *st,
                           bool *out, lf_error *err)
{
    const struct px_header *h = &e->envelope->header;
    enum px_role role = PX_ROLE_NONE;
    bool goes = false;
    bool sees_waiting =
        (st->row.flags & MIRROR_IS_OWN) != 0 || e->mirror->role == PX_ROLE_REGULATOR;
    *out = false;
    if (!sees_waiting || h->kind != PX_KIND_ENFORCEMENT_EVENT ||
        st->life.state != LF__STATE_ACTIVE) {
        return LF_OK;
    }
    lf_status rc = role_of(e, h->issuer, &role, err);
    if (rc != LF_OK ||
        !lf__accusation_waits(e->mirror->rules, role, h->certainty, e->mirror->waits_below)) {
        return rc;
    }
    rc = is_automatic(e, &goes, err);
    *out = rc == LF_OK && !goes;
    return rc;
}
