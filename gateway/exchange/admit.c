/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this record stand here? Runs on the sequencer, inside the transaction: what depends on the log's
 * order is decided here and nowhere else.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/campaigns_internal.h"
#include "gateway/exchange/log_keys_internal.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/validate/validate.h"
#include "protos/codec/signed.h"
#include "protos/codec/words.h"

/* A membership change was sequenced between the checks and here: log position decides. */
static lf_status recheck(struct gw_exchange *exchange, struct gw_submission *s,
                         const struct st_position *at, lf_error *err)
{
    if (gw_roster_generation(exchange->roster) == s->generation) {
        return LF_OK;
    }
    lf_status rc = gw_verify_envelope(exchange->roster, &s->decoded, (int64_t)at->accepted_at_ms,
                                      s->group->batch, &s->issuer, err);
    return rc == LF_OK ? gw_validate_role(exchange->policy, &s->decoded, &s->issuer, err) : rc;
}

static bool headers_agree(const struct px_header *a, const struct px_header *b)
{
    bool good = lf__bytes_eq(a->ref, b->ref) && a->certainty == b->certainty &&
                a->legal_basis == b->legal_basis && a->issued_at_ms == b->issued_at_ms &&
                a->effective_from_ms == b->effective_from_ms &&
                a->effective_until_ms == b->effective_until_ms &&
                a->audience_count == b->audience_count;
    for (size_t i = 0; good && i < a->audience_count; i++) {
        good = lf__bytes_eq(a->audience[i], b->audience[i]);
    }
    return good;
}

/* Salts differ from version to version, so bodies are compared; of what was erased nobody knows. */
static bool says_the_same(const struct px_envelope *a, const struct px_envelope *b)
{
    bool good = a->part_count == b->part_count && headers_agree(&a->header, &b->header);
    for (unsigned i = PX_CLASS_NONE; good && i < PX_CLASS_COUNT; i++) {
        good =
            a->has_hash[i] == b->has_hash[i] && lf__bytes_eq(px_envelope_body(a, (enum px_class)i),
                                                             px_envelope_body(b, (enum px_class)i));
    }
    return good;
}

/* Members and policies are the authority's, which may say anew what is in force. */
static bool must_change(enum px_kind kind)
{
    return kind != PX_KIND_MEMBER && kind != PX_KIND_POLICY;
}

/* Version 2 and up replaces the issuer's own record of the same kind, and says something else: so a member that has
 * only its file learns by its own next version whether the one it knows is the newest. */
static lf_status admit_predecessor(struct gw_exchange *exchange, struct st_txn *txn,
                                   struct lf__arena *arena, const struct px_envelope *envelope,
                                   lf_error *err)
{
    struct px_envelope before;
    uint64_t index;
    const struct px_header *header = &envelope->header;
    if (header->version == 1) {
        return LF_OK;
    }
    lf_status rc = gw__record_find(exchange, txn, header->issuer, header->predecessor, &index, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &before, err) : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && (before.header.kind != header->kind ||
                                                 before.header.version + 1 != header->version))) {
        return lf__refuse(err, LF_E_REJECTED, "PREDECESSOR_UNKNOWN", "header.predecessor",
                          "record: its predecessor is not the version before of this kind");
    }
    return rc == LF_OK && must_change(header->kind) && says_the_same(envelope, &before)
               ? lf__refuse(err, LF_E_REJECTED, "UNCHANGED", "header.version",
                            "record: says what the version before says")
               : rc;
}

static lf_status unsigned_by_brand(lf_error *err)
{
    return lf__refuse(err, LF_E_PRECONDITION, "DETERMINATION_UNSIGNED", "brand_record_id",
                      "brand_record_id: no signed record of a brand about this code");
}

/* The issuer is among those whom the record is for, though it may still wait for a relay. */
static bool is_for(const struct gw_exchange *exchange, const struct gw_submission *s,
                   const struct px_header *header)
{
    struct gw_reader reader = {.member = lf__bytes_str(s->issuer.member),
                               .role = s->issuer.role,
                               .level = s->issuer.level};
    return (gw_may_read(exchange->policy, &reader, header, false) & LF_BIT(PX_CLASS_MEMBERS)) != 0;
}

/* Who points at a brand's determination points at the brand's own record about the same code. */
static lf_status admit_brand(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct gw_submission *s,
                             const struct px_event *event, lf_error *err)
{
    struct px_event theirs;
    struct px_envelope about;
    struct gw_standing brand;
    uint64_t index = 0;
    if (event->brand_issuer.len == 0) {
        return LF_OK;
    }
    if (gw_roster_by_name(exchange->roster, event->brand_issuer, &brand, NULL) != LF_OK ||
        brand.role != PX_ROLE_BRAND) {
        return unsigned_by_brand(err);
    }
    lf_status rc =
        gw__record_find(exchange, txn, event->brand_issuer, event->brand_record_id, &index, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &about, err) : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && (about.header.kind != PX_KIND_ENFORCEMENT_EVENT ||
                                                 !is_for(exchange, s, &about.header)))) {
        return unsigned_by_brand(err);
    }
    return rc != LF_OK                                              ? rc
           : px_event_decode(arena, &about, &theirs, NULL) != LF_OK ? unsigned_by_brand(err)
           : lf__bytes_eq(theirs.uscc, event->uscc)                 ? LF_OK
                                                                    : unsigned_by_brand(err);
}

/* What of an event depends on other records. */
static lf_status admit_event(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    struct px_event decoded;
    const struct px_event *event = s->event;
    lf_status rc = LF_OK;
    if (event == NULL) {
        rc = px_event_decode(arena, &s->decoded, &decoded, err);
        event = &decoded;
    }
    rc = rc == LF_OK ? admit_brand(exchange, txn, arena, s, event, err) : rc;
    return rc == LF_OK
               ? gw__campaign_admit_event(exchange, txn, arena, &s->decoded.header, event, err)
               : rc;
}

/* What depends on this kind alone. */
static lf_status admit_kind(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    enum px_kind kind = s->decoded.header.kind;
    return kind == PX_KIND_ENFORCEMENT_EVENT ? admit_event(exchange, txn, arena, s, err)
           : kind == PX_KIND_CAMPAIGN ? gw__campaign_admit(exchange, txn, arena, &s->decoded, err)
                                      : LF_OK;
}

/* A key once given away stays with its member for ever, or old signatures would change hands; and one that
 * was revoked stays revoked. */
static lf_status keys_never_moved(struct st_txn *txn, const struct px_member *member, lf_error *err)
{
    for (size_t i = 0; i < member->key_count; i++) {
        struct lf__hash id = lf__key_id(&member->keys[i].key);
        lf_bytes owner = LF_BYTES_NONE;
        lf_status rc = st_get(txn, GW_TABLE_KEYS, lf__hash_bytes(&id), &owner, err);
        bool was_revoked = rc == LF_OK && owner.len > 0 && owner.ptr[owner.len - 1] == 0;
        if (was_revoked && member->keys[i].revoked_at_ms == 0) {
            return lf__refuse(err, LF_E_REJECTED, "KEY_RETIRED", "keys",
                              "keys: key %zu was revoked, and stays so", i + 1);
        }
        owner.len -= was_revoked ? 1 : 0;
        if (rc == LF_OK && !lf__bytes_eq(owner, member->member)) {
            return lf__refuse(err, LF_E_REJECTED, "KEY_IN_USE", "keys",
                              "keys: key %zu was another member's", i + 1);
        }
        if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
            return rc;
        }
    }
    return LF_OK;
}

lf_status gw__member_check(struct gw_exchange *exchange, struct st_txn *txn,
                           struct lf__arena *arena, const struct px_envelope *envelope,
                           lf_error *err)
{
    struct px_member member;
    lf_status rc = px_member_decode(arena, envelope, &member, err);
    rc = rc == LF_OK ? gw_roster_check(exchange->roster, &member, &envelope->header, err) : rc;
    return rc == LF_OK ? keys_never_moved(txn, &member, err) : rc;
}

/* Entry 0 vouches for itself: its own keys sign it. */
static lf_status admit_genesis(struct gw_exchange *exchange, const struct gw_submission *s,
                               const struct st_position *at, lf_error *err)
{
    if (at->index != 0) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "header.kind",
                          "genesis: this ledger has begun already");
    }
    struct gw_standing issuer;
    return gw_verify_envelope(exchange->roster, &s->decoded, (int64_t)at->accepted_at_ms, NULL,
                              &issuer, err);
}

static bool leaf_make(struct gw_exchange *exchange, const struct gw_submission *s,
                      const struct st_position *at, struct lf__buf *leaf)
{
    LF_BUF block;
    uint8_t bytes[LF_LEDGER_LEAF_BYTES];
    struct lf__hash root = gw_roster_root(exchange->roster);
    lf__buf_init(&block, PX_SIGNATURES_MAX * (PX_SIGNATURE_BYTES_MAX + 128));
    LF_BUG_IF(!px_signature_block(&s->decoded, &block));
    lf__ledger_leaf(at->accepted_at_ms, &root, &s->entry.digest, lf__buf_bytes(&block), bytes);
    return lf__buf_append(leaf, LF_BYTES_ARRAY(bytes));
}

/* A record that asks for more memory than one may have, or than there is now, is refused alone: to the sequencer
 * E_NOMEM is the engine's, and the end. */
static lf_status out_of_memory(const struct lf__arena *arena, lf_error *err)
{
    return arena->failure == LF_E_TOO_BIG
               ? lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "",
                            "record: needs more than %d bytes of memory", (int)EXCHANGE_ARENA_MAX)
               : lf__fail(err, LF_E_BUSY, "record: no memory for it now");
}

lf_status gw__admit(void *user, struct st_txn *txn, struct st_entry *entry,
                    const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    struct gw_exchange *exchange = user;
    struct gw_submission *s = entry->user;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    enum px_kind kind = s->decoded.header.kind;
    lf_status rc = kind == PX_KIND_GENESIS   ? admit_genesis(exchange, s, at, err)
                   : kind == PX_KIND_LOG_KEY ? gw__log_key_admit(exchange, txn, &arena, s, at, err)
                                             : recheck(exchange, s, at, err);
    rc = rc == LF_OK ? gw__forbidden_check(txn, &entry->key, err) : rc;
    rc = rc == LF_OK && kind == PX_KIND_MEMBER
             ? gw__member_check(exchange, txn, &arena, &s->decoded, err)
             : rc;
    rc = rc == LF_OK ? admit_predecessor(exchange, txn, &arena, &s->decoded, err) : rc;
    rc = rc == LF_OK ? gw__admit_target(exchange, txn, &arena, s, err) : rc;
    rc = rc == LF_OK ? admit_kind(exchange, txn, &arena, s, err) : rc;
    if (rc != LF_OK && arena.failure != LF_OK) {
        return out_of_memory(&arena, err);
    }
    if (rc == LF_OK) {
        LF_BUG_IF(!leaf_make(exchange, s, at, leaf));
    }
    return rc;
}
