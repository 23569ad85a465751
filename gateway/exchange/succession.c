/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/succession.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/roster/genesis.h"
#include "gateway/exchange/tables.h"
#include "protos/codec/signed.h"
#include "storage/refound.h"

#include <string.h>

enum { SUCCESSION_ARENA_MAX = EXCHANGE_ARENA_MAX };

static lf_status genesis_decode(struct lf__arena *arena, lf_bytes body, struct px_genesis *out,
                                lf_error *err)
{
    struct gw_stored *stored = lf__arena_alloc(arena, sizeof *stored);
    lf_bytes kept = lf__arena_copy(arena, body);
    if (stored == NULL || kept.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "genesis: out of memory");
    }
    lf_status rc = gw_stored_decode(arena, kept, stored, err);
    return rc == LF_OK ? px_genesis_decode(arena, &stored->envelope, out, err) : rc;
}

lf_status gw_genesis_read(struct st_engine *engine, struct lf__arena *arena, struct px_genesis *out,
                          lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct st_ledger *view = NULL;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, err) : rc;
    rc = rc == LF_OK ? st_ledger_read(view, txn, 0, &stored, err) : rc;
    rc = rc == LF_OK ? genesis_decode(arena, stored.body, out, err) : rc;
    st_ledger_close(view);
    return rc;
}

/* ---- a new genesis ---- */

static bool is_same_authority(const struct px_genesis *a, const struct px_genesis *b)
{
    bool is_same = a->threshold == b->threshold && a->key_count == b->key_count &&
                   a->is_test == b->is_test && lf__bytes_eq(a->gateway, b->gateway);
    for (size_t i = 0; is_same && i < a->key_count; i++) {
        is_same = a->keys[i].key.alg == b->keys[i].key.alg &&
                  lf__bytes_eq(LF_BYTES_ARRAY(a->keys[i].key.bytes),
                               LF_BYTES_ARRAY(b->keys[i].key.bytes));
    }
    return is_same;
}

/* Every member was enrolled under the first one's rules, and every leaf says so. */
static lf_status genesis_fits(const struct px_genesis *old, const struct px_genesis *fresh,
                              lf_error *err)
{
    if (!is_same_authority(old, fresh)) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "authority_keys",
                          "genesis: gateway, authority keys in their order, threshold and test "
                          "must be those of the old one");
    }
    return gw_genesis_follows(old, fresh, err);
}

static lf_status genesis_verify(const struct px_envelope *envelope,
                                const struct px_genesis *genesis, lf_error *err)
{
    struct gw_standing issuer;
    struct gw_roster *roster = NULL;
    bool is_one = envelope->header.kind == PX_KIND_GENESIS &&
                  lf__bytes_eq_str(envelope->header.issuer, GW_AUTHORITY_ID);
    if (!is_one) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "genesis: is not a Genesis record of the authority");
    }
    lf_status rc = gw_roster_new(&roster, err);
    rc = rc == LF_OK ? gw_roster_genesis(roster, genesis, err) : rc;
    rc = rc == LF_OK ? gw_verify_envelope(roster, envelope, lf__clock_utc_ms(), NULL, &issuer, err)
                     : rc;
    gw_roster_free(roster);
    return rc;
}

/* It takes the time of the old one's leaf too, since the others follow it; when it was signed its header says. */
static lf_status first_make(const struct px_envelope *fresh, lf_bytes old_leaf,
                            struct st_entry *out, lf_error *err)
{
    LF_BUF block;
    struct lf__hash root;
    lf__buf_init(&block, PX_SIGNATURES_MAX * (PX_SIGNATURE_BYTES_MAX + 128));
    if (old_leaf.len != LF_LEDGER_LEAF_BYTES || !px_signature_block(fresh, &block)) {
        return lf__fail(err, LF_E_CORRUPT, "genesis: the old leaf is damaged");
    }
    lf__copy(root.bytes, old_leaf.ptr + 9, LF_HASH_BYTES);
    out->digest = px_record_digest(fresh->record);
    lf__ledger_leaf(lf__get_u64be(old_leaf.ptr + 1), &root, &out->digest, lf__buf_bytes(&block),
                    out->leaf);
    out->leaf_len = LF_LEDGER_LEAF_BYTES;
    return LF_OK;
}

struct succeeding {
    struct lf__arena *arena;
    struct px_envelope old;
    struct px_envelope fresh;
    lf_bytes old_leaf;
    uint8_t old_id[64];
    uint8_t id[64];
};

static lf_status old_read(struct succeeding *s, struct st_engine *engine, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct st_stored stored;
    struct st_ledger *view = NULL;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_ledger_open_view(engine, GW_TABLE_LEDGER, &view, err) : rc;
    rc = rc == LF_OK ? st_ledger_read(view, txn, 0, &stored, err) : rc;
    lf_bytes body = rc == LF_OK ? lf__arena_copy(s->arena, stored.body) : LF_BYTES_NONE;
    s->old_leaf = rc == LF_OK ? lf__arena_copy(s->arena, stored.leaf) : LF_BYTES_NONE;
    st_ledger_close(view);
    return rc == LF_OK ? px_envelope_decode(s->arena, body, &s->old, err) : rc;
}

/* The new genesis names the keys in force: how they changed in the old log is history. */
static lf_status tables_clear(struct st_engine *engine, lf_error *err)
{
    struct st_txn *txn = NULL;
    lf_status rc = st_txn_begin(engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? st_clear(txn, GW_TABLE_LOG_KEYS, err) : rc;
    rc = rc == LF_OK ? st_clear(txn, GW_TABLE_LOG_HEADS, err) : rc;
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    return st_txn_commit(txn, err);
}

lf_status gw_succeed(struct st_engine *engine, lf_bytes envelope, lf_error *err)
{
    LF_ARENA arena;
    struct px_genesis old;
    struct px_genesis fresh;
    struct st_refound refound = {.first_table = GW_TABLE_LEDGER, .first.body = envelope};
    lf__arena_init(&arena, SUCCESSION_ARENA_MAX);
    struct succeeding *s = lf__arena_alloc(&arena, sizeof *s);
    if (s == NULL) {
        return lf__fail(err, LF_E_NOMEM, "genesis: out of memory");
    }
    s->arena = &arena;
    lf_status rc = old_read(s, engine, err);
    rc = rc == LF_OK ? px_genesis_decode(&arena, &s->old, &old, err) : rc;
    rc = rc == LF_OK ? px_envelope_decode(&arena, envelope, &s->fresh, err) : rc;
    rc = rc == LF_OK ? px_genesis_decode(&arena, &s->fresh, &fresh, err) : rc;
    rc = rc == LF_OK ? genesis_fits(&old, &fresh, err) : rc;
    rc = rc == LF_OK ? genesis_verify(&s->fresh, &fresh, err) : rc;
    rc = rc == LF_OK ? first_make(&s->fresh, s->old_leaf, &refound.first, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = tables_clear(engine, err);
    if (rc != LF_OK) {
        return rc;
    }
    refound.old_id = gw__identity(s->old.header.issuer, s->old.header.record_id, s->old_id);
    refound.first.id = gw__identity(s->fresh.header.issuer, s->fresh.header.record_id, s->id);
    return st_ledger_refound(engine, &refound, err);
}

/* ---- orders of an old log ---- */

/* What only restricted may be lifted again; what erased stays. */
static bool is_restriction(struct st_txn *txn, const struct lf__hash *key, struct lf__arena *arena)
{
    lf_bytes there;
    struct px_envelope envelope;
    struct px_redaction order;
    return st_get(txn, GW_TABLE_FORBIDDEN, lf__hash_bytes(key), &there, NULL) == LF_OK &&
           px_envelope_decode(arena, there, &envelope, NULL) == LF_OK &&
           px_redaction_decode(arena, &envelope, &order, NULL) == LF_OK &&
           order.mode == PX_REDACTION_RESTRICT;
}

static lf_status forbid_in(struct st_txn *txn, const struct px_redaction *order, lf_bytes envelope,
                           struct lf__arena *arena, lf_error *err)
{
    uint8_t id[64];
    struct lf__hash key = lf__sha256(gw__identity(order->issuer, order->record_id, id));
    if (order->mode != PX_REDACTION_LIFT) {
        return st_put(txn, GW_TABLE_FORBIDDEN, lf__hash_bytes(&key), envelope, err);
    }
    return is_restriction(txn, &key, arena)
               ? st_delete(txn, GW_TABLE_FORBIDDEN, lf__hash_bytes(&key), err)
               : LF_OK;
}

static lf_status forbid(struct gw_exchange *exchange, const struct px_redaction *order,
                        lf_bytes envelope, struct lf__arena *arena, lf_error *err)
{
    struct st_txn *txn = NULL;
    if (order->issuer.len > 41 || order->record_id.len != PX_ID_BYTES) {
        return lf__fail(err, LF_E_FORMAT, "redaction: names no record");
    }
    lf_status rc = st_txn_begin(exchange->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? forbid_in(txn, order, envelope, arena, err) : rc;
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    return st_txn_commit(txn, err);
}

lf_status gw_exchange_order(struct gw_exchange *exchange, lf_bytes envelope, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope decoded;
    struct px_redaction order;
    struct gw_standing issuer;
    lf_error why = LF_ERROR_INIT;
    lf__arena_init(&arena, SUCCESSION_ARENA_MAX);
    lf_status rc = px_envelope_decode(&arena, envelope, &decoded, err);
    rc = rc == LF_OK ? px_redaction_decode(&arena, &decoded, &order, err) : rc;
    if (rc == LF_OK && decoded.header.kind != PX_KIND_REDACTION) {
        return lf__refuse(err, LF_E_REJECTED, "KIND_NOT_ALLOWED", "header.kind",
                          "redaction: the file holds another record");
    }
    rc = rc == LF_OK ? gw_verify_envelope(exchange->roster, &decoded, lf__clock_utc_ms(), NULL,
                                          &issuer, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = gw_exchange_say(exchange, envelope, NULL, &why);
    if (rc != LF_OK && strcmp(why.reason, "TARGET_UNKNOWN") == 0) {
        return forbid(exchange, &order, envelope, &arena, err);
    }
    if (rc != LF_OK && strcmp(why.reason, "ERASED") != 0 && err != NULL) {
        *err = why;
    }
    return strcmp(why.reason, "ERASED") == 0 ? LF_OK : rc;
}

lf_status gw__forbidden_check(struct st_txn *txn, const struct lf__hash *identity, lf_error *err)
{
    lf_bytes order;
    lf_status rc = st_get(txn, GW_TABLE_FORBIDDEN, lf__hash_bytes(identity), &order, NULL);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    return rc == LF_OK
               ? lf__refuse(err, LF_E_PRECONDITION, "ERASED", "header.record_id",
                            "record: the log before this one had an order to erase or restrict it")
               : lf__fail(err, rc, "orders of the log before this one cannot be read");
}
