/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log's key changes by a record that the old and the new one sign. It counts from its place in the ledger on; the head right
 * after it, which the old key signed, is kept: with it anybody who knows the old key gets to the new one.
 */
#include "gateway/exchange/log_keys.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/hash.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "core/checkpoint.h"
#include "core/dsse.h"
#include "core/origin.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/log_keys_internal.h"
#include "gateway/exchange/tables.h"
#include "protos/codec/services.h"

#include <string.h>

enum { ROW_BYTES = 1 + LF_ED25519_PUBLIC + 8, LOG_KEYS_ARENA = 4 << 20 };

static lf_status bad(const char *field, const char *why, lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "LOG_KEY_BAD", field, "log key: %s", why);
}

static enum gw_own_key which_of(const struct px_log_key *key)
{
    return key->log == PX_LOG_ACCESS ? GW_OWN_ACCESS : GW_OWN_LEDGER;
}

/* ---- what is stored ---- */

static void row_make(const struct px_log_key *key, uint8_t row[static ROW_BYTES])
{
    row[0] = (uint8_t)key->log;
    lf__copy(row + 1, key->new_key.bytes, LF_ED25519_PUBLIC);
    lf__put_u64be(row + 1 + LF_ED25519_PUBLIC, key->from_size);
}

static lf_status row_take(const struct st_pair *pair, enum gw_own_key *which,
                          struct gw_log_key *out, lf_error *err)
{
    if (pair->key.len != 8 || pair->value.len != ROW_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "log keys: a row is damaged");
    }
    *which = pair->value.ptr[0] == PX_LOG_ACCESS ? GW_OWN_ACCESS : GW_OWN_LEDGER;
    *out = (struct gw_log_key){.key.alg = LF_ALG_ED25519, .index = lf__get_u64be(pair->key.ptr)};
    lf__copy(out->key.bytes, pair->value.ptr + 1, LF_ED25519_PUBLIC);
    out->from_size = lf__get_u64be(pair->value.ptr + 1 + LF_ED25519_PUBLIC);
    return LF_OK;
}

/* In the order of the log. `each` ends it with another status than OK. */
static lf_status rows_each(struct st_txn *txn,
                           lf_status (*each)(void *user, enum gw_own_key which,
                                             const struct gw_log_key *key, lf_error *err),
                           void *user, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    struct gw_log_key key;
    enum gw_own_key which = GW_OWN_LEDGER;
    lf_status rc = st_cursor_open(txn, GW_TABLE_LOG_KEYS, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err);
    while (rc == LF_OK) {
        rc = row_take(&pair, &which, &key, err);
        rc = rc == LF_OK ? each(user, which, &key, err) : rc;
        rc = rc == LF_OK ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

struct gathering {
    enum gw_own_key which;
    struct gw_log_keys *keys;
};

static lf_status on_gather(void *user, enum gw_own_key which, const struct gw_log_key *key,
                           lf_error *err)
{
    struct gathering *g = user;
    if (which != g->which) {
        return LF_OK;
    }
    if (g->keys->count == LF_COUNT(g->keys->list)) {
        return lf__fail(err, LF_E_CORRUPT, "log keys: more than %d", PX_LOG_KEYS_MAX);
    }
    g->keys->list[g->keys->count++] = *key;
    return LF_OK;
}

lf_status gw_log_keys_read(struct st_txn *txn, const struct px_genesis *genesis,
                           enum gw_own_key which, struct gw_log_keys *out, lf_error *err)
{
    struct gathering g = {which, out};
    const struct lf__hash *first =
        which == GW_OWN_ACCESS ? &genesis->access_key : &genesis->ledger_key;
    *out = (struct gw_log_keys){.list = {{.key.alg = LF_ALG_ED25519}}, .count = 1};
    lf__copy(out->list[0].key.bytes, first->bytes, LF_ED25519_PUBLIC);
    return rows_each(txn, on_gather, &g, err);
}

lf_status gw_log_keys_open(const struct gw_log_keys *keys, const char *origin, lf_bytes note,
                           struct lf__merkle_head *head, lf_error *err)
{
    lf_status rc = LF_E_SIGNATURE;
    lf_error why = LF_ERROR_INIT;
    for (size_t i = keys->count; rc != LF_OK && i > 0; i--) {
        struct lf__note_key key;
        struct lf__merkle_head found;
        rc = lf__note_key_make(origin, &keys->list[i - 1].key, &key, &why);
        rc = rc == LF_OK ? lf__checkpoint_open(note, &key, &found, &why) : rc;
        if (rc == LF_OK && i < keys->count && found.size > keys->list[i].from_size) {
            return lf__refuse(err, LF_E_SIGNATURE, "LOG_KEY_RETIRED", "checkpoint",
                              "checkpoint: signed by a key of %s that was replaced at size %llu",
                              origin, (unsigned long long)keys->list[i].from_size);
        }
        if (rc == LF_OK) {
            *head = found;
        } else if (strcmp(why.reason, "SIGNATURE_MISSING") != 0) {
            break;
        }
    }
    if (rc != LF_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

/* ---- the way into the log ---- */

/* Of the log before a succession it tells only history: the genesis named the keys anew. */
static bool is_history(const struct gw_roster *roster, const struct px_log_key *key)
{
    char origin[LF_NOTE_NAME_MAX + 1];
    const char *here = gw_roster_own_origin(roster, which_of(key));
    return lf__copy_str(origin, sizeof origin, key->origin) &&
           lf__origin_succeeds(lf__bytes_str(here), origin);
}

lf_status gw__log_key_check(struct gw_roster *roster, struct lf__arena *arena,
                            const struct px_envelope *envelope, uint64_t index, bool is_replayed,
                            lf_error *err)
{
    struct px_log_key key;
    lf_status rc = px_log_key_decode(arena, envelope, &key, err);
    rc = rc == LF_OK ? px_log_key_signed(envelope, &key, err) : rc;
    if (rc != LF_OK || (is_replayed && is_history(roster, &key))) {
        return rc;
    }
    struct lf__hash old = lf__key_id(&key.old_key);
    struct lf__hash named = gw_roster_own_key(roster, which_of(&key));
    if (!lf__bytes_eq_str(key.origin, gw_roster_own_origin(roster, which_of(&key)))) {
        return bad("origin", "is of another log", err);
    }
    if (!lf__hash_eq(&old, &named)) {
        return bad("old_key", "is not the key in force", err);
    }
    return key.log == PX_LOG_LEDGER && key.from_size != index + 1
               ? bad("from_size", "is not the size of the ledger with this entry", err)
               : LF_OK;
}

/* A key that anybody ever had here would make old signatures change hands, or bring back what was replaced. */
static lf_status never_used(struct gw_exchange *exchange, struct st_txn *txn,
                            const struct lf__public_key *key, int64_t at_ms, lf_error *err)
{
    struct gw_standing owner;
    struct lf__public_key found;
    lf_bytes row;
    struct lf__hash id = lf__key_id(key);
    struct lf__hash ledger = gw_roster_own_key(exchange->roster, GW_OWN_LEDGER);
    struct lf__hash access = gw_roster_own_key(exchange->roster, GW_OWN_ACCESS);
    lf_status rc = st_get(txn, GW_TABLE_KEYS, lf__hash_bytes(&id), &row, NULL);
    if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
        return lf__fail(err, rc, "log key: the keys of old cannot be read");
    }
    bool is_used = rc == LF_OK || lf__hash_eq(&id, &ledger) || lf__hash_eq(&id, &access) ||
                   gw_roster_by_key(exchange->roster, &id, at_ms, &owner, &found, NULL) == LF_OK;
    return is_used ? lf__refuse(err, LF_E_REJECTED, "KEY_IN_USE", "new_key",
                                "log key: the new key is or was somebody's")
                   : LF_OK;
}

static lf_status room_left(struct st_txn *txn, lf_error *err)
{
    struct px_genesis none = {.threshold = 0};
    struct gw_log_keys keys;
    lf_status rc = gw_log_keys_read(txn, &none, GW_OWN_LEDGER, &keys, err);
    size_t count = keys.count - 1;
    rc = rc == LF_OK ? gw_log_keys_read(txn, &none, GW_OWN_ACCESS, &keys, err) : rc;
    count += keys.count - 1;
    return rc == LF_OK && count >= PX_LOG_KEYS_MAX
               ? lf__refuse(err, LF_E_REJECTED, "TOO_BIG", "new_key",
                            "log key: %d changes are as many as there can be", PX_LOG_KEYS_MAX)
               : rc;
}

lf_status gw__log_key_admit(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct gw_submission *s,
                            const struct st_position *at, lf_error *err)
{
    struct px_log_key key;
    lf_status rc = gw__log_key_check(exchange->roster, arena, &s->decoded, at->index, false, err);
    rc = rc == LF_OK ? px_log_key_decode(arena, &s->decoded, &key, err) : rc;
    rc = rc == LF_OK ? room_left(txn, err) : rc;
    return rc == LF_OK ? never_used(exchange, txn, &key.new_key, (int64_t)at->accepted_at_ms, err)
                       : rc;
}

static lf_status key_taken(struct st_txn *txn, const struct lf__public_key *key, lf_error *err)
{
    struct lf__hash id = lf__key_id(key);
    return st_put(txn, GW_TABLE_KEYS, lf__hash_bytes(&id), lf__bytes_str(PX_GATEWAY_ID), err);
}

lf_status gw__log_key_apply(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct px_envelope *envelope,
                            uint64_t index, lf_error *err)
{
    uint8_t at[8];
    uint8_t row[ROW_BYTES];
    struct px_log_key key;
    lf__put_u64be(at, index);
    lf_status rc = px_log_key_decode(arena, envelope, &key, err);
    rc = rc == LF_OK ? key_taken(txn, &key.old_key, err) : rc;
    rc = rc == LF_OK ? key_taken(txn, &key.new_key, err) : rc;
    if (rc != LF_OK || is_history(exchange->roster, &key)) {
        return rc;
    }
    row_make(&key, row);
    gw_roster_own_change(exchange->roster, which_of(&key), &key.new_key);
    return st_put(txn, GW_TABLE_LOG_KEYS, LF_BYTES_ARRAY(at), LF_BYTES_ARRAY(row), err);
}

static lf_status on_reload(void *user, enum gw_own_key which, const struct gw_log_key *key,
                           lf_error *err)
{
    struct gw_exchange *exchange = user;
    (void)err;
    gw_roster_own_change(exchange->roster, which, &key->key);
    return LF_OK;
}

lf_status gw__log_keys_reload(struct gw_exchange *exchange, struct st_txn *txn, lf_error *err)
{
    return rows_each(txn, on_reload, exchange, err);
}

/* ---- making one ---- */

static bool signed_put(const struct gw_log_key_change *change, lf_bytes record,
                       const struct px_part *parts, size_t count, struct lf__buf *out)
{
    LF_BUF pae;
    const struct lf__secret *seeds[PX_LOG_KEY_SIGNATURES] = {change->old_seed, change->new_seed};
    lf__buf_init(&pae, 2 * PX_RECORD_MAX);
    bool good =
        lf__dsse_pae(&pae, LF_TYPE_RECORD, record) && px_envelope_begin(record, parts, count, out);
    for (size_t i = 0; good && i < LF_COUNT(seeds); i++) {
        struct lf__public_key key = lf__sign_public(seeds[i]);
        struct lf__signature signature = lf__sign(seeds[i], lf__buf_bytes(&pae));
        struct px_signature s = {.alg = LF_ALG_ED25519,
                                 .key_id = lf__key_id(&key),
                                 .signature = LF_BYTES_ARRAY(signature.bytes)};
        good = px_signature_append(&s, out);
    }
    return good;
}

lf_status gw_log_key_make(const struct gw_log_key_change *change, struct lf__buf *out,
                          lf_error *err)
{
    LF_ARENA arena;
    LF_BUF record;
    uint8_t id[PX_ID_BYTES];
    struct px_part parts[PX_PARTS_MAX];
    size_t count = 0;
    struct px_log_key key = {.log = change->which == GW_OWN_ACCESS ? PX_LOG_ACCESS : PX_LOG_LEDGER,
                             .origin = lf__bytes_str(change->origin),
                             .old_key = lf__sign_public(change->old_seed),
                             .new_key = lf__sign_public(change->new_seed),
                             .from_size = change->from_size,
                             .reason = change->is_compromised ? PX_LOG_KEY_COMPROMISED
                                                              : PX_LOG_KEY_ROUTINE,
                             .since_size = change->since_size};
    lf__arena_init(&arena, LOG_KEYS_ARENA);
    lf__buf_init(&record, PX_RECORD_MAX);
    lf__random(id, sizeof id);
    struct px_header header = {.issuer = lf__bytes_str(PX_GATEWAY_ID),
                               .record_id = LF_BYTES_ARRAY(id),
                               .kind = PX_KIND_LOG_KEY,
                               .version = 1,
                               .issued_at_ms = lf__clock_utc_ms()};
    lf_status rc = px_log_key_encode(&arena, &key, parts, &count, err);
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        lf__random(parts[i].salt, sizeof parts[i].salt);
    }
    return rc == LF_OK && (!px_record_encode(&header, parts, count, &record) ||
                           !signed_put(change, lf__buf_bytes(&record), parts, count, out))
               ? lf__fail(err, LF_E_NOMEM, "log key: out of memory")
               : rc;
}

/* ---- handing them out ---- */

lf_status gw_log_key_keep(struct gw_exchange *exchange, uint64_t index, lf_error *err)
{
    LF_BUF note;
    uint8_t at[8];
    struct st_txn *txn = NULL;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf__put_u64be(at, index);
    (void)st_ledger_head(exchange->ledger, &note);
    lf_status rc = st_txn_begin(exchange->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK
             ? st_put(txn, GW_TABLE_LOG_HEADS, LF_BYTES_ARRAY(at), lf__buf_bytes(&note), err)
             : rc;
    if (rc != LF_OK) {
        st_txn_abort(txn);
        return rc;
    }
    return st_txn_commit(txn, err);
}

bool gw_log_key_is_kept(struct gw_exchange *exchange, uint64_t index)
{
    ST_TXN *txn = NULL;
    uint8_t at[8];
    lf_bytes note;
    lf__put_u64be(at, index);
    return st_txn_begin(exchange->engine, ST_READ, &txn, NULL) == LF_OK &&
           st_get(txn, GW_TABLE_LOG_HEADS, LF_BYTES_ARRAY(at), &note, NULL) == LF_OK;
}

struct answering {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena arena;
    struct lf__buf *out;
};

/* The size that a head of ours is of: its second line. */
static bool size_of(lf_bytes note, uint64_t *size)
{
    struct lf__reader lines = {note};
    lf_bytes line;
    bool has_origin = lf__read_line(&lines, &line);
    return has_origin && lf__read_line(&lines, &line) && lf__text_u64(line, size);
}

/* One without a head was never announced to anybody: its rotation did not end. */
static lf_status on_answer(void *user, enum gw_own_key which, const struct gw_log_key *key,
                           lf_error *err)
{
    struct answering *a = user;
    uint8_t at[8];
    uint64_t size = 0;
    struct lf__proof path;
    struct st_stored stored;
    struct gw_stored said;
    (void)which;
    lf__put_u64be(at, key->index);
    struct px_log_key_proof proof = {.index = key->index};
    lf_status rc = st_get(a->txn, GW_TABLE_LOG_HEADS, LF_BYTES_ARRAY(at), &proof.checkpoint, NULL);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    proof.checkpoint = rc == LF_OK ? lf__arena_copy(&a->arena, proof.checkpoint) : LF_BYTES_NONE;
    if (rc == LF_OK && !size_of(proof.checkpoint, &size)) {
        rc = lf__fail(err, LF_E_CORRUPT, "log keys: a kept head is damaged");
    }
    rc = rc == LF_OK ? st_ledger_read(a->exchange->ledger, a->txn, key->index, &stored, err) : rc;
    rc = rc == LF_OK ? gw_stored_decode(&a->arena, stored.body, &said, err) : rc;
    rc = rc == LF_OK ? st_ledger_prove(a->exchange->ledger, key->index, size, &path, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    proof.leaf = stored.leaf;
    proof.envelope = stored.body;
    proof.path = path.hashes;
    proof.path_count = path.count;
    return px_log_key_proof_put(1, &proof, a->out) ? LF_OK : lf__buf_status(a->out, err);
}

lf_status gw_log_keys_answer(struct gw_exchange *exchange, struct lf__buf *out, lf_error *err)
{
    struct answering a = {.exchange = exchange, .out = out};
    lf__arena_init(&a.arena, LOG_KEYS_ARENA);
    lf_status rc = st_txn_begin(exchange->engine, ST_READ, &a.txn, err);
    rc = rc == LF_OK ? rows_each(a.txn, on_answer, &a, err) : rc;
    st_txn_abort(a.txn);
    lf__arena_done(&a.arena);
    return rc;
}
