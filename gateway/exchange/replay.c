/* SPDX-License-Identifier: Apache-2.0 */
/* An entry again: decoded, signed by whom the members of then say, and applied as it was then. */
#include "gateway/exchange/replay.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/log_keys_internal.h"
#include "gateway/exchange/tables.h"
#include "protos/codec/signed.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPLAY_QUEUE_MS = 60000, /* a record was verified at most this long before its entry's time */
    LEAF_MEMBERS_AT = 9      /* where a leaf has its members_root: architecture section 4 */
};

/* What an entry says by itself, and the memory for it until its turn is over. */
struct replay_room {
    struct lf__arena arena;
    struct lf__buf block; /* of signatures, under the leaf */
    struct gw_stored stored;
    lf_bytes body;
    struct px_event *event; /* NULL: of another kind, or for the applying to see to */
    lf_status path_status;  /* do the paths of its signatures lead to their batches? */
    lf_error path_error;
    uint8_t id[64];
    uint8_t leaf[LF_LEDGER_LEAF_BYTES]; /* when the stored one is as long */
};

struct gw_replay {
    struct gw_replay_options options;
    struct gw_exchange exchange; /* as far as apply and verify know it */
    struct replay_room *rooms;
    struct replay_room *room; /* of the entry whose turn it is */
    struct gw_submission s;
    struct gw_batch_proof batch; /* the last one that verified: neighbours share it */
    uint8_t batch_signature[PX_SIGNATURE_BYTES_MAX];
};

lf_status gw_replay_new(const struct gw_replay_options *options, struct gw_replay **out,
                        lf_error *err)
{
    struct gw_replay *replay = calloc(1, sizeof *replay);
    struct replay_room *rooms = calloc(ST_CHECK_ROOMS, sizeof *rooms);
    if (replay == NULL || rooms == NULL) {
        free(replay);
        free(rooms);
        return lf__fail(err, LF_E_NOMEM, "replay: out of memory");
    }
    replay->rooms = rooms;
    for (size_t i = 0; i < ST_CHECK_ROOMS; i++) {
        lf__arena_init(&rooms[i].arena, EXCHANGE_ARENA_MAX);
        lf__buf_init(&rooms[i].block, PX_SIGNATURES_MAX * (PX_SIGNATURE_BYTES_MAX + 128));
    }
    replay->options = *options;
    replay->exchange.policy = options->policy;
    replay->exchange.rules = gw_policy_rules(options->policy);
    replay->exchange.engine = options->engine;
    atomic_store(&replay->exchange.relay_below, EXCHANGE_RELAY_BELOW_DEFAULT);
    replay->exchange.burst = gw_burst_limit(replay->exchange.rules, &(struct px_burst){.floor = 0});
    replay->exchange.entries = options->is_apart ? options->stored : NULL;
    lf__arena_init(&replay->exchange.applying, EXCHANGE_ARENA_MAX);
    lf_status rc = gw_roster_new(&replay->exchange.roster, err);
    rc = rc == LF_OK
             ? st_ledger_open_view(options->engine, GW_TABLE_LEDGER, &replay->exchange.ledger, err)
             : rc;
    if (rc != LF_OK) {
        gw_replay_free(replay);
        return rc;
    }
    *out = replay;
    return LF_OK;
}

void gw_replay_free(struct gw_replay *replay)
{
    if (replay != NULL) {
        st_ledger_close(replay->exchange.ledger);
        gw_roster_free(replay->exchange.roster);
        lf__arena_done(&replay->exchange.applying);
        for (size_t i = 0; i < ST_CHECK_ROOMS; i++) {
            lf__arena_done(&replay->rooms[i].arena);
            lf__buf_done(&replay->rooms[i].block);
        }
        free(replay->rooms);
        free(replay);
    }
}

/* The time is the leaf's own; that it is the right one the tree says. */
static lf_status leaf_complete(struct gw_replay *r, lf_bytes stored, struct st_facts *facts,
                               lf_error *err)
{
    if (stored.len != LF_LEDGER_LEAF_BYTES) {
        return lf__fail(err, LF_E_CORRUPT, "leaf has %zu bytes, %d are right", stored.len,
                        LF_LEDGER_LEAF_BYTES);
    }
    if (r->options.is_from_start) {
        struct lf__hash root = gw_roster_root(r->exchange.roster);
        lf__copy(r->room->leaf + LEAF_MEMBERS_AT, root.bytes, LF_HASH_BYTES);
    }
    facts->leaf = LF_BYTES_ARRAY(r->room->leaf);
    return LF_OK;
}

static void batch_keep(struct gw_replay *r)
{
    const struct px_signature *s = &r->s.decoded.signatures[0];
    if (r->s.decoded.signature_count == 1 && s->batch_size > 0 &&
        s->signature.len <= sizeof r->batch_signature) {
        lf__copy(r->batch_signature, s->signature.ptr, s->signature.len);
        r->batch = (struct gw_batch_proof){.root = s->batch_root,
                                           .key_id = s->key_id,
                                           .signature = {r->batch_signature, s->signature.len},
                                           .size = s->batch_size};
    }
}

/* Dates of keys were compared when the record came in, a moment before its entry's time. */
static lf_status signatures_check(struct gw_replay *r, int64_t at_ms, lf_error *err)
{
    const struct gw_batch_proof *known = r->batch.size > 0 ? &r->batch : NULL;
    if (r->room->path_status != LF_OK) {
        return lf__refuse(err, r->room->path_status, r->room->path_error.reason,
                          r->room->path_error.field, "%s", r->room->path_error.message);
    }
    lf_status rc =
        gw_verify_envelope(r->exchange.roster, &r->s.decoded, at_ms, known, &r->s.issuer, err);
    if (rc != LF_OK && err != NULL && strcmp(err->reason, "KEY_RETIRED") == 0) {
        rc = gw_verify_envelope(r->exchange.roster, &r->s.decoded, at_ms - REPLAY_QUEUE_MS, known,
                                &r->s.issuer, err);
    }
    if (rc == LF_OK) {
        batch_keep(r);
    }
    return rc;
}

/* Of a record that is gone there is nothing left that a signature could be of. */
static lf_status issuer_find(struct gw_replay *r, uint64_t index, const struct st_facts *facts,
                             lf_error *err)
{
    if (r->s.decoded.header.kind == PX_KIND_LOG_KEY) { /* signed by keys of logs */
        r->s.issuer = (struct gw_standing){.is_authority = false};
        return r->options.has_signatures && r->options.txn != NULL
                   ? gw__log_key_check(r->exchange.roster, &r->room->arena, &r->s.decoded, index,
                                       true, err)
                   : LF_OK;
    }
    if (r->options.has_signatures && !gw_stored_is_gone(&r->room->stored)) {
        return signatures_check(r, (int64_t)facts->accepted_at_ms, err);
    }
    r->s.issuer = (struct gw_standing){.is_authority = true};
    return lf__bytes_eq_str(r->s.decoded.header.issuer, "authority")
               ? LF_OK
               : gw_roster_by_name(r->exchange.roster, r->s.decoded.header.issuer, &r->s.issuer,
                                   err);
}

/* Entry 0 vouches for itself; no other entry may be one. */
static lf_status genesis_take(struct gw_replay *r, uint64_t index, lf_error *err)
{
    struct px_genesis genesis;
    bool is_genesis = r->s.decoded.header.kind == PX_KIND_GENESIS;
    if (is_genesis != (index == 0)) {
        return lf__fail(err, LF_E_CORRUPT, "genesis must stand at entry 0, and only there");
    }
    lf_status rc =
        is_genesis ? px_genesis_decode(&r->room->arena, &r->s.decoded, &genesis, err) : LF_OK;
    return rc == LF_OK && is_genesis ? gw_roster_genesis(r->exchange.roster, &genesis, err) : rc;
}

static lf_status entry_apply(struct gw_replay *r, uint64_t index, lf_bytes leaf,
                             const struct st_facts *facts, lf_error *err)
{
    struct st_position at = {index, facts->accepted_at_ms};
    struct st_entry *entry = &r->s.entry;
    *entry = (struct st_entry){.id = facts->id,
                               .digest = facts->digest,
                               .body = r->s.envelope,
                               .user = &r->s,
                               .index = index,
                               .leaf_len = leaf.len};
    lf__copy(entry->leaf, leaf.ptr, leaf.len);
    return gw__apply(&r->exchange, r->options.txn, entry, &at, err);
}

static lf_status entry_replay(struct gw_replay *r, uint64_t index, lf_bytes leaf,
                              struct st_facts *out, lf_error *err)
{
    lf_status rc = r->options.is_from_start ? genesis_take(r, index, err) : LF_OK;
    rc = rc == LF_OK ? leaf_complete(r, leaf, out, err) : rc;
    rc = rc == LF_OK && r->options.is_from_start ? issuer_find(r, index, out, err) : rc;
    return rc == LF_OK && r->options.txn != NULL ? entry_apply(r, index, leaf, out, err) : rc;
}

/* What is not there must have been erased, and what was erased must not be there. */
static lf_status parts_check(const struct gw_stored *stored, lf_error *err)
{
    const struct px_envelope *e = &stored->envelope;
    bool is_there[PX_CLASS_COUNT] = {false};
    for (size_t i = 0; i < e->part_count; i++) {
        is_there[e->parts[i].part_class] = true;
    }
    for (unsigned c = PX_CLASS_NONE + 1; c < PX_CLASS_COUNT; c++) {
        bool is_erased = (stored->erased & LF_BIT(c)) != 0;
        if (!gw_stored_is_gone(stored) && e->has_hash[c] != (is_there[c] || is_erased)) {
            return lf__fail(err, LF_E_CORRUPT, "its part of class %u is missing", c);
        }
        if (is_there[c] && is_erased) {
            return lf__fail(err, LF_E_CORRUPT, "its part of class %u was erased, and is there", c);
        }
    }
    return LF_OK;
}

/* Does the entry at `at` order to erase this record? Then `what` has what it orders. */
static lf_status order_check(struct gw_replay *r, uint64_t index, uint64_t at, unsigned *what,
                             lf_error *err)
{
    struct px_redaction order = {.mode = PX_REDACTION_NONE};
    struct gw_stored *said = lf__arena_alloc(&r->room->arena, sizeof *said);
    const struct px_header *h = &r->room->stored.envelope.header;
    if (said == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    lf_status rc =
        r->options.stored == NULL || at <= index
            ? LF_E_NOT_FOUND
            : gw__stored_read(&r->exchange, r->options.stored, &r->room->arena, at, said, NULL);
    if (rc == LF_E_NOMEM || rc == LF_E_IO) {
        return lf__fail(err, rc, "entry %llu: cannot be read", (unsigned long long)at);
    }
    bool is_order = rc == LF_OK && said->envelope.header.kind == PX_KIND_REDACTION &&
                    lf__bytes_eq_str(said->envelope.header.issuer, GW_AUTHORITY_ID) &&
                    px_redaction_decode(&r->room->arena, &said->envelope, &order, NULL) == LF_OK;
    if (!is_order || order.mode != PX_REDACTION_ERASE || !lf__bytes_eq(order.issuer, h->issuer) ||
        !lf__bytes_eq(order.record_id, h->record_id)) {
        return lf__fail(err, LF_E_CORRUPT, "was erased, and entry %llu does not order that",
                        (unsigned long long)at);
    }
    *what |= gw_erasure_of(&order);
    return LF_OK;
}

static lf_status erasure_check(struct gw_replay *r, uint64_t index, lf_error *err)
{
    unsigned what = 0;
    lf_status rc = parts_check(&r->room->stored, err);
    for (size_t i = 0; rc == LF_OK && i < r->room->stored.order_count; i++) {
        rc = order_check(r, index, r->room->stored.orders[i], &what, err);
    }
    return rc == LF_OK && what != r->room->stored.erased
               ? lf__fail(err, LF_E_CORRUPT, "what was erased is not what was ordered")
               : rc;
}

/* An order that stands must have been carried out. */
static lf_status carried_out_check(struct gw_replay *r, uint64_t index, lf_error *err)
{
    struct px_redaction order;
    uint64_t target = 0;
    struct gw_stored *about = lf__arena_alloc(&r->room->arena, sizeof *about);
    if (r->options.stored == NULL || r->room->stored.envelope.header.kind != PX_KIND_REDACTION) {
        return LF_OK;
    }
    lf_status rc = about == NULL ? lf__fail(err, LF_E_NOMEM, "entry: out of memory")
                                 : px_redaction_decode(&r->room->arena, &r->room->stored.envelope,
                                                       &order, err);
    if (rc != LF_OK || order.mode != PX_REDACTION_ERASE) {
        return rc;
    }
    rc = gw__target_read(&r->exchange, r->options.stored, &r->room->arena, &r->room->stored, about,
                         &target, err);
    return rc == LF_OK && !gw_stored_has_order(about, index)
               ? lf__fail(err, LF_E_CORRUPT, "entry %llu should be erased by its order",
                          (unsigned long long)target)
           : rc == LF_E_NOT_FOUND ? lf__fail(err, LF_E_CORRUPT, "orders to erase what is not there")
                                  : rc;
}

/* All of a leaf but what the members of then decide: that is as the stored one has it. */
static lf_status leaf_prepare(struct replay_room *room, lf_bytes stored, struct st_facts *out,
                              lf_error *err)
{
    struct lf__hash root;
    struct lf__buf *block = &room->block;
    if (stored.len != LF_LEDGER_LEAF_BYTES) {
        return LF_OK; /* told when its turn comes */
    }
    out->accepted_at_ms = lf__get_u64be(stored.ptr + 1);
    lf__copy(root.bytes, stored.ptr + LEAF_MEMBERS_AT, LF_HASH_BYTES);
    lf__buf_clear(block);
    bool is_gone = gw_stored_is_gone(&room->stored);
    if (!is_gone && !px_signature_block(&room->stored.envelope, block)) {
        return lf__fail(err, LF_E_NOMEM, "leaf: out of memory");
    }
    lf__ledger_leaf(out->accepted_at_ms, &root, &out->digest,
                    is_gone ? room->stored.block : lf__buf_bytes(block), room->leaf);
    return LF_OK;
}

/* What is decoded here the applying need not decode again. What cannot be, or was erased from, it sees to in its turn. */
static void event_prepare(struct replay_room *room)
{
    room->event = NULL;
    if (room->stored.envelope.header.kind != PX_KIND_ENFORCEMENT_EVENT ||
        room->stored.erased != 0) {
        return;
    }
    struct px_event *event = lf__arena_alloc(&room->arena, sizeof *event);
    if (event != NULL &&
        px_event_decode(&room->arena, &room->stored.envelope, event, NULL) == LF_OK) {
        room->event = event;
    }
}

static void paths_prepare(struct replay_room *room)
{
    const struct px_envelope *e = &room->stored.envelope;
    room->path_status = LF_OK;
    room->path_error = (lf_error)LF_ERROR_INIT;
    for (size_t i = 0; room->path_status == LF_OK && i < e->signature_count; i++) {
        room->path_status = px_batch_path_check(&e->signatures[i], e->record, &room->path_error);
    }
}

lf_status gw_replay_prepare(struct gw_replay *r, const struct st_check_entry *entry,
                            struct st_facts *out, lf_error *err)
{
    struct replay_room *room = &r->rooms[entry->room];
    lf__arena_reset(&room->arena);
    room->body = entry->stored->body;
    if (!r->options.is_apart) { /* applying may move what the store lent */
        room->body = lf__arena_copy(&room->arena, room->body);
    }
    if (room->body.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    lf_status rc = gw_stored_decode(&room->arena, room->body, &room->stored, err);
    if (rc != LF_OK) {
        return rc;
    }
    const struct px_envelope *e = &room->stored.envelope;
    bool is_gone = gw_stored_is_gone(&room->stored);
    *out =
        (struct st_facts){.id = gw__identity(e->header.issuer, e->header.record_id, room->id),
                          .digest = is_gone ? entry->stored->digest : px_record_digest(e->record)};
    if (r->options.has_signatures && !is_gone) {
        paths_prepare(room);
    }
    if (r->options.txn != NULL) {
        event_prepare(room);
    }
    return leaf_prepare(room, entry->stored->leaf, out, err);
}

/* Without the signatures that are not there: most of an envelope, and mostly in another processor's cache. */
static void envelope_take(struct px_envelope *to, const struct px_envelope *from)
{
    lf__copy(to, from, offsetof(struct px_envelope, signatures));
    lf__copy(to->signatures, from->signatures, from->signature_count * sizeof from->signatures[0]);
    to->signature_count = from->signature_count;
}

lf_status gw_replay_entry(struct gw_replay *r, const struct st_check_entry *entry,
                          struct st_facts *facts, lf_error *err)
{
    struct replay_room *room = &r->rooms[entry->room];
    r->room = room;
    lf_status rc = erasure_check(r, entry->index, err);
    rc = rc == LF_OK ? carried_out_check(r, entry->index, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    r->s.envelope =
        room->body; /* field by field: the whole has kilobytes, and comes once an entry */
    envelope_take(&r->s.decoded, &room->stored.envelope);
    r->s.remains = room->stored.erased != 0 ? &room->stored : NULL;
    r->s.event = room->event;
    r->s.is_pending_relay = false;
    return entry_replay(r, entry->index, entry->stored->leaf, facts, err);
}
