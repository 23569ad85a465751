/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry changes, kind by kind. Total: by now the entry stands, so only the engine can fail. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/tasks_internal.h"

enum { DAY_MS = 86400000 };

bool gw__waits_for_relay(const struct gw_exchange *exchange, const struct gw_submission *s)
{
    return s->decoded.header.kind == PX_KIND_ENFORCEMENT_EVENT &&
           gw_policy_waits(exchange->policy, s->issuer.role) &&
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
    lf_status rc =
        st_ledger_find(exchange->ledger, gw__entries(exchange, txn),
                       gw__identity(header->issuer, header->predecessor, id), &index, err);
    return rc == LF_OK ? gw_known_set_state(txn, index, GW_EVENT_CORRECTED, err) : rc;
}

static bool is_forgotten(const struct gw_submission *s)
{
    return s->remains != NULL && gw_stored_is_forgotten(s->remains);
}

/* Replayed after its contents were erased: it stood once, so what came after it finds its row. */
static lf_status apply_remains(struct gw_exchange *exchange, struct st_txn *txn,
                               const struct gw_submission *s, uint64_t index, lf_error *err)
{
    const struct px_header *h = &s->decoded.header;
    struct gw_known known = {
        .index = index,
        .state = s->is_pending_relay ? GW_EVENT_PENDING_RELAY : GW_EVENT_ACTIVE,
        .is_held = s->is_pending_relay,
        .has_audience = h->kind == PX_KIND_ENFORCEMENT_EVENT && h->audience_count > 0};
    lf_status rc = h->kind == PX_KIND_ENFORCEMENT_EVENT ? supersede(exchange, txn, h, err) : LF_OK;
    return rc == LF_OK ? gw_known_put_remains(txn, h->kind, &known, err) : rc;
}

static lf_status apply_event(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct gw_submission *s,
                             const struct st_position *at, lf_error *err)
{
    struct px_event decoded;
    const struct px_event *event = s->event;
    const struct px_header *h = &s->decoded.header;
    lf_status rc = LF_OK;
    if (event == NULL) { /* replayed from the log, where nothing was checked */
        rc = px_event_decode(arena, &s->decoded, &decoded, err);
        event = &decoded;
    }
    if (rc != LF_OK) {
        return rc;
    }
    int64_t term_ms =
        (int64_t)gw_policy_number(exchange->policy, "term_days", "DEFAULT", 365) * DAY_MS;
    struct gw_known known = {
        .index = at->index,
        .state = s->is_pending_relay ? GW_EVENT_PENDING_RELAY : GW_EVENT_ACTIVE,
        .is_held = s->is_pending_relay,
        .certainty = h->certainty,
        .is_closing = is_closing(exchange, event),
        .has_audience = h->audience_count > 0,
        .until_ms = h->effective_until_ms != 0 ? h->effective_until_ms
                                               : (int64_t)at->accepted_at_ms + term_ms,
        .issuer = h->issuer,
        .violation = event->violation,
        .decided_at = event->decided_at};
    rc = supersede(exchange, txn, h, err);
    return rc == LF_OK ? gw_known_put_event(txn, event, &known, err) : rc;
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

/* The state that a statement leaves an event in. A relay wakes only what waits, and what a regulator
 * refused only where the policy lets it: what was withdrawn or corrected stays so. */
static enum gw_event_state state_after(const struct gw_exchange *exchange, enum px_kind kind,
                                       unsigned decision, enum gw_event_state before)
{
    if (kind == PX_KIND_CORRECTION) {
        return decision == PX_CORRECTION_WITHDRAWN ? GW_EVENT_WITHDRAWN : GW_EVENT_CORRECTED;
    }
    bool is_final = gw_policy_number(exchange->policy, "relay", "REFUSED_IS_FINAL", 1) != 0;
    if (before != GW_EVENT_PENDING_RELAY && (before != GW_EVENT_REFUSED || is_final)) {
        return before;
    }
    return decision == PX_RELAY_RELEASED ? GW_EVENT_ACTIVE : GW_EVENT_REFUSED;
}

static lf_status apply_to_event(struct gw_exchange *exchange, struct st_txn *txn, uint64_t index,
                                enum px_kind kind, unsigned decision, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    enum gw_event_state after = state_after(exchange, kind, decision, known.state);
    return after == known.state ? LF_OK : gw_known_set_state(txn, index, after, err);
}

static lf_status apply_target(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    struct px_target target = {.decision = 0};
    uint64_t index = 0;
    struct gw_stored *list = lf__arena_array(arena, 2, sizeof *list);
    if (list == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    struct gw_stored *about = &list[1];
    list[0] = s->remains != NULL ? *s->remains : (struct gw_stored){.envelope = s->decoded};
    target.decision = list[0].decision;
    lf_status rc = list[0].has_effect ? LF_OK : px_target_decode(arena, &s->decoded, &target, err);
    rc = rc == LF_OK ? gw__target_read(exchange, txn, arena, &list[0], about, &index, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    return about->envelope.header.kind == PX_KIND_REGISTRY_ENTRY
               ? gw_known_set_registry(txn, index, GW_EVENT_CORRECTED, err)
               : apply_to_event(exchange, txn, index, s->decoded.header.kind, target.decision, err);
}

/* Who it is now, when it changed, and which keys it ever had. */
static lf_status member_tables(struct st_txn *txn, const struct px_member *member, uint64_t index,
                               lf_error *err)
{
    uint8_t at[8];
    lf__put_u64be(at, index);
    lf_status rc = st_put(txn, GW_TABLE_MEMBERS, member->member, LF_BYTES_ARRAY(at), err);
    rc = rc == LF_OK ? st_put(txn, GW_TABLE_HISTORY, LF_BYTES_ARRAY(at), member->member, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < member->key_count; i++) {
        uint8_t value[64];
        bool is_revoked = member->keys[i].revoked_at_ms != 0;
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        lf__copy(value, member->member.ptr, member->member.len);
        value[member->member.len] = 0;
        rc = st_put(txn, GW_TABLE_KEYS, lf__hash_bytes(&id),
                    (lf_bytes){value, member->member.len + (is_revoked ? 1 : 0)}, err);
    }
    return rc;
}

static lf_status apply_member(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct px_envelope *envelope,
                              uint64_t index, lf_error *err)
{
    struct px_member member;
    lf_status rc = px_member_decode(arena, envelope, &member, err);
    rc = rc == LF_OK ? member_tables(txn, &member, index, err) : rc;
    return rc == LF_OK ? gw_roster_apply(exchange->roster, &member, &envelope->header, index, err)
                       : rc;
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

static lf_status apply_kind(struct gw_exchange *exchange, struct st_txn *txn,
                            const struct gw_submission *s, const struct st_position *at,
                            lf_error *err)
{
    struct lf__arena *arena = &exchange->applying;
    lf__arena_reset(arena);
    switch (s->decoded.header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
        return is_forgotten(s) ? apply_remains(exchange, txn, s, at->index, err)
                               : apply_event(exchange, txn, arena, s, at, err);
    case PX_KIND_REGISTRY_ENTRY:
        return is_forgotten(s) ? apply_remains(exchange, txn, s, at->index, err)
                               : apply_registry(txn, arena, s, at, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
        return apply_target(exchange, txn, arena, s, err);
    case PX_KIND_MEMBER:
        return apply_member(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_POLICY:
        return apply_policy(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_REDACTION:
        return gw__redact(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_CREDIT_LIST_ENTRY:
    case PX_KIND_LIST_REMOVAL:
    case PX_KIND_APPEAL:
    case PX_KIND_NOTICE:
    case PX_KIND_DISPOSITION:
    case PX_KIND_ENTRY_BAN:
    case PX_KIND_OVERRIDE:
    case PX_KIND_CAMPAIGN:
    case PX_KIND_ATTESTATION:
    case PX_KIND_BULLETIN:
    case PX_KIND_MERCHANT_IDENTITY:
    case PX_KIND_ACKNOWLEDGEMENT:
    case PX_KIND_GENESIS:
    case PX_KIND_NONE:
    case PX_KIND_COUNT:
        return LF_OK;
    }
    return LF_OK;
}

lf_status gw__apply(void *user, struct st_txn *txn, const struct st_entry *entry,
                    const struct st_position *at, lf_error *err)
{
    struct gw_exchange *exchange = user;
    struct gw_submission *s = entry->user;
    s->is_pending_relay = gw__waits_for_relay(exchange, s);
    lf_status rc = gw_known_begin(txn, at->index, err);
    rc = rc == LF_OK ? apply_kind(exchange, txn, s, at, err) : rc;
    return rc == LF_OK ? gw__task_apply(exchange, txn, s, at, err) : rc;
}

lf_status gw__roster_stage(struct gw_exchange *exchange, struct st_txn *txn,
                           struct gw_roster *roster, uint64_t index, lf_error *err)
{
    struct px_envelope envelope;
    struct px_member member;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = gw__entry_read(exchange, txn, &arena, index, &envelope, err);
    rc = rc == LF_OK ? px_member_decode(&arena, &envelope, &member, err) : rc;
    return rc == LF_OK ? gw_roster_stage(roster, &member, &envelope.header, index, err) : rc;
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
        rc = pair.value.len == 8 ? gw__roster_stage(exchange, txn, exchange->roster,
                                                    lf__get_u64be(pair.value.ptr), err)
                                 : lf__fail(err, LF_E_CORRUPT, "members: a row is damaged");
        rc = rc == LF_OK ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? gw_roster_seal(exchange->roster, err) : rc;
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

lf_status gw__reload(struct gw_exchange *exchange, const char *name, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_ARENA arena;
    struct px_envelope first;
    struct px_genesis genesis;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = st_txn_begin(exchange->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, &arena, 0, &first, err) : rc;
    rc = rc == LF_OK ? px_genesis_decode(&arena, &first, &genesis, err) : rc;
    if (rc == LF_OK && !lf__bytes_eq_str(genesis.gateway, name)) {
        return lf__refuse(err, LF_E_PRECONDITION, "", "name",
                          "name: the ledger is of gateway %.*s, not %s", (int)genesis.gateway.len,
                          (const char *)genesis.gateway.ptr, name);
    }
    rc = rc == LF_OK ? gw_roster_genesis(exchange->roster, &genesis, err) : rc;
    rc = rc == LF_OK ? reload_members(exchange, txn, err) : rc;
    return rc == LF_OK ? reload_policy(exchange, txn, &arena, err) : rc;
}
