/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry changes, kind by kind. Total: by now the entry stands, so only the engine can fail. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

enum { DAY_MS = 86400000 };

bool gw__waits_for_relay(const struct gw_exchange *exchange, const struct gw_submission *s)
{
    return s->decoded.header.kind == PX_KIND_ENFORCEMENT_EVENT &&
           s->issuer.role == PX_ROLE_PLATFORM &&
           s->decoded.header.certainty < atomic_load(&exchange->relay_below);
}

static bool is_closing(const struct gw_exchange *exchange, const struct px_event *event)
{
    if (gw_policy_knows(exchange->policy, "inform", event->violation)) {
        return false;
    }
    for (size_t i = 0; i < event->measure_count; i++) {
        if (gw_policy_knows(exchange->policy, "closing", event->measures[i])) {
            return true;
        }
    }
    return false;
}

static lf_status supersede(struct gw_exchange *exchange, struct st_txn *txn,
                           const struct px_header *header, lf_error *err)
{
    uint8_t id[64];
    uint64_t index;
    if (header->version == 1) {
        return LF_OK;
    }
    lf_status rc = st_ledger_find(
        exchange->ledger, txn, gw__identity(header->issuer, header->predecessor, id), &index, err);
    return rc == LF_OK ? gw_known_set_state(txn, index, GW_EVENT_CORRECTED, err) : rc;
}

static lf_status apply_event(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct gw_submission *s,
                             const struct st_position *at, lf_error *err)
{
    struct px_event event;
    const struct px_header *h = &s->decoded.header;
    lf_status rc = px_event_decode(arena, &s->decoded, &event, err);
    if (rc != LF_OK) {
        return rc;
    }
    int64_t term_ms =
        (int64_t)gw_policy_number(exchange->policy, "term_days", "DEFAULT", 365) * DAY_MS;
    struct gw_known known = {
        .index = at->index,
        .state = gw__waits_for_relay(exchange, s) ? GW_EVENT_PENDING_RELAY : GW_EVENT_ACTIVE,
        .certainty = h->certainty,
        .is_closing = is_closing(exchange, &event),
        .has_audience = h->audience_count > 0,
        .until_ms = h->effective_until_ms != 0 ? h->effective_until_ms
                                               : (int64_t)at->accepted_at_ms + term_ms,
        .issuer = h->issuer,
        .violation = event.violation,
        .decided_at = event.decided_at};
    rc = supersede(exchange, txn, h, err);
    return rc == LF_OK ? gw_known_put_event(txn, &event, &known, err) : rc;
}

static lf_status apply_registry(struct st_txn *txn, struct lf__arena *arena,
                                const struct gw_submission *s, const struct st_position *at,
                                lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(arena, &s->decoded, &entry, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct gw_known known = {.index = at->index,
                             .state = GW_EVENT_ACTIVE,
                             .issuer = s->decoded.header.issuer,
                             .status = entry.status,
                             .decided_at = entry.established};
    return gw_known_put_registry(txn, &entry, &known, err);
}

static enum gw_event_state state_after(const struct gw_submission *s,
                                       const struct px_target *target)
{
    if (s->decoded.header.kind == PX_KIND_RELAY) {
        return target->decision == PX_RELAY_RELEASED ? GW_EVENT_ACTIVE : GW_EVENT_PENDING_RELAY;
    }
    return target->decision == PX_CORRECTION_WITHDRAWN ? GW_EVENT_WITHDRAWN : GW_EVENT_CORRECTED;
}

/* A relay wakes only what waits: what was withdrawn or corrected stays so. */
static lf_status apply_target(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    struct px_target target;
    struct gw_known known;
    uint8_t id[64];
    uint64_t index;
    lf_status rc = px_target_decode(arena, &s->decoded, &target, err);
    rc = rc == LF_OK
             ? st_ledger_find(exchange->ledger, txn,
                              gw__identity(target.issuer, target.record_id, id), &index, err)
             : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = gw_known_get(txn, index, &known, err);
    bool is_event = rc == LF_OK;
    if (rc == LF_E_NOT_FOUND || (is_event && s->decoded.header.kind == PX_KIND_RELAY &&
                                 known.state != GW_EVENT_PENDING_RELAY)) {
        return LF_OK;
    }
    return is_event ? gw_known_set_state(txn, index, state_after(s, &target), err) : rc;
}

static lf_status apply_member(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct px_envelope *envelope,
                              uint64_t index, lf_error *err)
{
    struct px_member member;
    uint8_t at[8];
    lf__put_u64be(at, index);
    lf_status rc = px_member_decode(arena, envelope, &member, err);
    rc = rc == LF_OK && txn != NULL
             ? st_put(txn, GW_TABLE_MEMBERS, member.member, LF_BYTES_ARRAY(at), err)
             : rc;
    return rc == LF_OK ? gw_roster_apply(exchange->roster, &member, index, err) : rc;
}

static lf_status apply_policy(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct px_envelope *envelope,
                              uint64_t index, lf_error *err)
{
    struct px_policy policy;
    uint8_t at[8];
    lf__put_u64be(at, index);
    lf_status rc = px_policy_decode(arena, envelope, &policy, err);
    rc = rc == LF_OK && txn != NULL
             ? st_put(txn, GW_TABLE_POLICY, lf__bytes_str("relay"), LF_BYTES_ARRAY(at), err)
             : rc;
    if (rc == LF_OK) {
        atomic_store(&exchange->relay_below, policy.relay_below);
    }
    return rc;
}

lf_status gw__apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                    const struct st_position *at, lf_error *err)
{
    struct gw_exchange *exchange = user;
    struct gw_submission *s = entry->user;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    s->is_pending_relay = gw__waits_for_relay(exchange, s);
    switch (s->decoded.header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return apply_event(exchange, txn, &arena, s, at, err);
    case PX_KIND_REGISTRY_ENTRY:
        return apply_registry(txn, &arena, s, at, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return apply_target(exchange, txn, &arena, s, err);
    case PX_KIND_MEMBER:
        return apply_member(exchange, txn, &arena, &s->decoded, at->index, err);
    case PX_KIND_POLICY:
        return apply_policy(exchange, txn, &arena, &s->decoded, at->index, err);
    case PX_KIND_GENESIS:
    case PX_KIND_REDACTION:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        return LF_OK;
    }
    return LF_OK;
}

static lf_status reload_member(struct gw_exchange *exchange, struct st_txn *txn, uint64_t index,
                               lf_error *err)
{
    struct px_envelope envelope;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw__entry_read(exchange, txn, &arena, index, &envelope, err);
    return rc == LF_OK ? apply_member(exchange, NULL, &arena, &envelope, index, err) : rc;
}

static lf_status reload_members(struct gw_exchange *exchange, struct st_txn *txn, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    lf_status rc = st_cursor_open(txn, GW_TABLE_MEMBERS, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err);
    while (rc == LF_OK) {
        rc = pair.value.len == 8 ? reload_member(exchange, txn, lf__get_u64be(pair.value.ptr), err)
                                 : lf__fail(err, LF_E_CORRUPT, "members: a row is damaged");
        rc = rc == LF_OK ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status reload_policy(struct gw_exchange *exchange, struct st_txn *txn,
                               struct lf__arena *arena, lf_error *err)
{
    lf_bytes at;
    struct px_envelope envelope;
    lf_status rc = st_get(txn, GW_TABLE_POLICY, lf__bytes_str("relay"), &at, err);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    uint64_t index = rc == LF_OK && at.len == 8 ? lf__get_u64be(at.ptr) : UINT64_MAX;
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &envelope, err) : rc;
    return rc == LF_OK ? apply_policy(exchange, NULL, arena, &envelope, index, err) : rc;
}

lf_status gw__reload(struct gw_exchange *exchange, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_ARENA arena;
    struct px_envelope first;
    struct px_genesis genesis;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = st_txn_begin(exchange->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, &arena, 0, &first, err) : rc;
    rc = rc == LF_OK ? px_genesis_decode(&arena, &first, &genesis, err) : rc;
    rc = rc == LF_OK ? gw_roster_genesis(exchange->roster, &genesis, err) : rc;
    rc = rc == LF_OK ? reload_members(exchange, txn, err) : rc;
    return rc == LF_OK ? reload_policy(exchange, txn, &arena, err) : rc;
}
