/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry changes, kind by kind: of members and policy here, of subjects in apply_subjects.c. Total: by now
 * the entry stands, so only the engine can fail. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/campaigns_internal.h"
#include "gateway/exchange/log_keys_internal.h"
#include "gateway/exchange/projections/links.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/tasks_internal.h"

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
        exchange->burst = gw_burst_limit(exchange->rules, &policy.burst);
    }
    return rc;
}

static lf_status apply_kind(struct gw_exchange *exchange, struct st_txn *txn,
                            struct gw_submission *s, const struct st_position *at, lf_error *err)
{
    lf_status rc;
    struct lf__arena *arena = &exchange->applying;
    lf__arena_reset(arena);
    switch (s->decoded.header.kind) {
    case PX_KIND_ENFORCEMENT_EVENT:
    case PX_KIND_REGISTRY_ENTRY:
    case PX_KIND_CREDIT_LIST_ENTRY:
    case PX_KIND_ENTRY_BAN:
        return gw__apply_statement(exchange, txn, s, at, err);
    case PX_KIND_RELAY:
    case PX_KIND_CORRECTION:
    case PX_KIND_LIST_REMOVAL:
    case PX_KIND_APPEAL:
        return gw__apply_word(exchange, txn, s, at, err);
    case PX_KIND_MEMBER:
        return apply_member(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_POLICY:
        return apply_policy(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_REDACTION:
        return gw__redact(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_CAMPAIGN:
        return gw__campaign_apply(txn, arena, &s->decoded, at->index, err);
    case PX_KIND_MERCHANT_IDENTITY:
        rc = gw__apply_statement(exchange, txn, s, at, err);
        return rc == LF_OK ? gw__apply_identity(exchange, txn, s, at->index, err) : rc;
    case PX_KIND_LOG_KEY:
        return gw__log_key_apply(exchange, txn, arena, &s->decoded, at->index, err);
    case PX_KIND_NOTICE:
    case PX_KIND_DISPOSITION:
    case PX_KIND_OVERRIDE:
    case PX_KIND_ATTESTATION:
    case PX_KIND_BULLETIN:
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
    s->is_pending_relay = false;
    lf_status rc = gw_known_begin(txn, at->index, err);
    rc = rc == LF_OK ? gw_links_begin(txn, at->index, err) : rc;
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
    rc = rc == LF_OK ? reload_policy(exchange, txn, &arena, err) : rc;
    return rc == LF_OK ? gw__log_keys_reload(exchange, txn, err) : rc;
}
