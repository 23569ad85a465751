/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this record stand here? Runs on the sequencer, inside the transaction: what depends on the log's
 * order is decided here and nowhere else.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/validate.h"
#include "protos/codec/signed.h"

lf_bytes gw__identity(lf_bytes issuer, lf_bytes record_id, uint8_t out[static 64])
{
    LF_BUG_IF(issuer.len + 1 + record_id.len > 64);
    lf__copy(out, issuer.ptr, issuer.len);
    out[issuer.len] = 0;
    lf__copy(out + issuer.len + 1, record_id.ptr, record_id.len);
    return (lf_bytes){out, issuer.len + 1 + record_id.len};
}

lf_status gw__stored_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          uint64_t index, struct gw_stored *out, lf_error *err)
{
    struct st_stored stored;
    lf_status rc = st_ledger_read(exchange->ledger, txn, index, &stored, err);
    if (rc != LF_OK) {
        return rc;
    }
    lf_bytes kept = lf__arena_copy(arena, stored.body);
    if (kept.ptr == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    return gw_stored_decode(arena, kept, out, err);
}

lf_status gw__entry_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                         uint64_t index, struct px_envelope *out, lf_error *err)
{
    struct gw_stored stored;
    lf_status rc = gw__stored_read(exchange, txn, arena, index, &stored, err);
    if (rc == LF_OK) {
        *out = stored.envelope;
    }
    return rc;
}

/* A membership change was sequenced between the checks and here: log position decides. */
static lf_status recheck(struct gw_exchange *exchange, struct gw_submission *s,
                         const struct st_position *at, lf_error *err)
{
    if (gw_roster_generation(exchange->roster) == s->generation) {
        return LF_OK;
    }
    lf_status rc = gw_verify_envelope(exchange->roster, &s->decoded, (int64_t)at->accepted_at_ms,
                                      s->group->batch, &s->issuer, err);
    return rc == LF_OK ? gw_validate_role(exchange->policy, &s->decoded.header, &s->issuer, err)
                       : rc;
}

static lf_status record_find(struct gw_exchange *exchange, struct st_txn *txn, lf_bytes issuer,
                             lf_bytes record_id, uint64_t *index, lf_error *err)
{
    uint8_t id[64];
    if (issuer.len > 41) {
        return lf__fail(err, LF_E_NOT_FOUND, "record: not known");
    }
    return st_ledger_find(exchange->ledger, txn, gw__identity(issuer, record_id, id), index, err);
}

/* Version 2 and up replaces the issuer's own record of the same kind. */
static lf_status admit_predecessor(struct gw_exchange *exchange, struct st_txn *txn,
                                   struct lf__arena *arena, const struct px_header *header,
                                   lf_error *err)
{
    struct px_envelope before;
    uint64_t index;
    if (header->version == 1) {
        return LF_OK;
    }
    lf_status rc = record_find(exchange, txn, header->issuer, header->predecessor, &index, err);
    rc = rc == LF_OK ? gw__entry_read(exchange, txn, arena, index, &before, err) : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && (before.header.kind != header->kind ||
                                                 before.header.version + 1 != header->version))) {
        return lf__refuse(err, LF_E_REJECTED, "PREDECESSOR_UNKNOWN", "header.predecessor",
                          "record: its predecessor is not the version before of this kind");
    }
    return rc;
}

bool gw__speaks_of_another(enum px_kind kind)
{
    return kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION || kind == PX_KIND_REDACTION;
}

lf_status gw__target_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          const struct gw_stored *speaker, struct gw_stored *about, uint64_t *index,
                          lf_error *err)
{
    struct px_target target = {.decision = 0};
    struct px_redaction redaction;
    const struct px_envelope *envelope = &speaker->envelope;
    lf_status rc;
    if (speaker->has_effect) {
        *index = speaker->target;
        return gw__stored_read(exchange, txn, arena, *index, about, err);
    }
    if (envelope->header.kind == PX_KIND_REDACTION) {
        rc = px_redaction_decode(arena, envelope, &redaction, err);
        target.issuer = rc == LF_OK ? redaction.issuer : LF_BYTES_NONE;
        target.record_id = rc == LF_OK ? redaction.record_id : LF_BYTES_NONE;
    } else {
        rc = px_target_decode(arena, envelope, &target, err);
    }
    rc = rc == LF_OK ? record_find(exchange, txn, target.issuer, target.record_id, index, err) : rc;
    return rc == LF_OK ? gw__stored_read(exchange, txn, arena, *index, about, err) : rc;
}

static lf_status target_unknown(lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "TARGET_UNKNOWN", "target_record_id",
                      "record: what it speaks of is not in the ledger");
}

/* Whom a record does not reach, it does not tell that it exists. */
static lf_status target_visible(struct gw_exchange *exchange, struct st_txn *txn,
                                const struct gw_submission *s, const struct gw_stored *about,
                                uint64_t index, lf_error *err)
{
    struct gw_reader reader = {.member = lf__bytes_str(s->issuer.member),
                               .role = s->issuer.role,
                               .level = s->issuer.level};
    unsigned classes = 0;
    if (s->issuer.is_authority) {
        return LF_OK;
    }
    lf_status rc = gw_may_read_entry(exchange, txn, &reader, about, index, &classes, err);
    return rc == LF_OK && classes == 0 ? target_unknown(err) : rc;
}

/* Relays release events; corrections take back what was said about a subject, and nothing twice
 * removed; redactions erase whatever speaks of a subject, but never what the roster stands on. */
static lf_status target_kind(enum px_kind kind, enum px_kind about, lf_error *err)
{
    bool is_statement = about == PX_KIND_ENFORCEMENT_EVENT || about == PX_KIND_REGISTRY_ENTRY;
    bool good = kind == PX_KIND_RELAY ? about == PX_KIND_ENFORCEMENT_EVENT
                : kind == PX_KIND_CORRECTION
                    ? is_statement
                    : is_statement || about == PX_KIND_RELAY || about == PX_KIND_CORRECTION;
    return good ? LF_OK
                : lf__refuse(err, LF_E_REJECTED, "TARGET_KIND", "target_record_id",
                             "record: may not speak of a record of that kind");
}

static lf_status may_correct(const struct gw_exchange *exchange, const struct gw_submission *s,
                             const struct px_header *target, lf_error *err)
{
    const struct gw_standing *who = &s->issuer;
    bool is_own = lf__bytes_eq(s->decoded.header.issuer, target->issuer);
    if (who->status != PX_MEMBER_ACTIVE && !is_own) {
        bool has_left = who->status == PX_MEMBER_RETIRED;
        return lf__refuse(err, LF_E_DENIED, has_left ? "MEMBER_RETIRED" : "MEMBER_SUSPENDED",
                          "header.issuer", "member: may only correct its own records");
    }
    return is_own || who->is_authority ||
                   gw_policy_may(exchange->policy, who->role, who->level, target->kind,
                                 GW_MAY_CORRECT)
               ? LF_OK
               : lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "target_issuer",
                            "record: may not speak of that record");
}

static bool holds_text(lf_bytes text, lf_bytes part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
        if (lf__bytes_eq(lf__bytes_slice(text, i, part.len), part)) {
            return true;
        }
    }
    return false;
}

/* What is to be forgotten must not live on in the order that says so. */
static lf_status redaction_names_nobody(struct lf__arena *arena, const struct gw_submission *s,
                                        const struct px_redaction *redaction,
                                        const struct px_envelope *about, lf_error *err)
{
    struct px_event event = {.amount_fen = 0};
    struct px_registry entry = {.uscc = LF_BYTES_NONE};
    if (about->header.kind == PX_KIND_ENFORCEMENT_EVENT) {
        (void)px_event_decode(arena, about, &event, NULL);
    } else if (about->header.kind == PX_KIND_REGISTRY_ENTRY) {
        (void)px_registry_decode(arena, about, &entry, NULL);
    }
    lf_bytes names[] = {event.uscc, entry.uscc, entry.name, entry.full_name};
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (holds_text(redaction->order_number, names[i]) ||
            holds_text(redaction->order_authority, names[i]) ||
            holds_text(s->decoded.header.ref, names[i])) {
            return lf__refuse(err, LF_E_REJECTED, "SUBJECT_IN_TEXT", "order_number",
                              "redaction: repeats the subject that it is to erase");
        }
    }
    return LF_OK;
}

/* Is there something left for this order to do? */
static lf_status redaction_has_object(struct st_txn *txn, const struct px_redaction *redaction,
                                      const struct gw_stored *about, uint64_t index, lf_error *err)
{
    bool is_restricted = false;
    unsigned what = gw_erasure_of(redaction);
    if (gw_stored_is_gone(about) ||
        (redaction->mode == PX_REDACTION_ERASE && (about->erased & what) == what)) {
        return lf__refuse(err, LF_E_PRECONDITION, "ERASED", "target_record_id",
                          "redaction: what it speaks of was erased already");
    }
    for (size_t i = 0; i < redaction->class_count; i++) {
        if (!about->envelope.has_hash[redaction->classes[i]]) {
            return lf__refuse(err, LF_E_REJECTED, "PART_CLASS", "classes",
                              "classes: the record has no part of class %d",
                              (int)redaction->classes[i]);
        }
    }
    lf_status rc = gw__is_restricted(txn, index, &is_restricted, err);
    return rc == LF_OK && redaction->mode == PX_REDACTION_LIFT && !is_restricted
               ? lf__refuse(err, LF_E_REJECTED, "TARGET_UNKNOWN", "target_record_id",
                            "redaction: what it speaks of is not restricted")
               : rc;
}

static lf_status admit_redaction(struct st_txn *txn, struct lf__arena *arena,
                                 const struct gw_submission *s, const struct gw_stored *about,
                                 uint64_t index, lf_error *err)
{
    struct px_redaction redaction;
    lf_status rc = px_redaction_decode(arena, &s->decoded, &redaction, err);
    rc = rc == LF_OK ? redaction_has_object(txn, &redaction, about, index, err) : rc;
    return rc == LF_OK ? redaction_names_nobody(arena, s, &redaction, &about->envelope, err) : rc;
}

static lf_status admit_target(struct gw_exchange *exchange, struct st_txn *txn,
                              struct lf__arena *arena, const struct gw_submission *s, lf_error *err)
{
    uint64_t index = 0;
    enum px_kind kind = s->decoded.header.kind;
    if (!gw__speaks_of_another(kind)) {
        return LF_OK;
    }
    struct gw_stored *list = lf__arena_array(arena, 2, sizeof *list);
    if (list == NULL) {
        return lf__fail(err, LF_E_NOMEM, "record: out of memory");
    }
    struct gw_stored *about = &list[1];
    list[0] = (struct gw_stored){.envelope = s->decoded};
    lf_status rc = gw__target_read(exchange, txn, arena, &list[0], about, &index, err);
    if (rc == LF_E_NOT_FOUND ||
        (rc == LF_OK && kind != PX_KIND_REDACTION && gw_stored_is_forgotten(about))) {
        return target_unknown(err);
    }
    rc = rc == LF_OK ? target_visible(exchange, txn, s, about, index, err) : rc;
    rc = rc == LF_OK ? target_kind(kind, about->envelope.header.kind, err) : rc;
    if (rc != LF_OK || kind == PX_KIND_RELAY) {
        return rc;
    }
    return kind == PX_KIND_CORRECTION ? may_correct(exchange, s, &about->envelope.header, err)
                                      : admit_redaction(txn, arena, s, about, index, err);
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

lf_status gw__admit(void *user, struct st_txn *txn, struct st_entry *entry,
                    const struct st_position *at, struct lf__buf *leaf, lf_error *err)
{
    struct gw_exchange *exchange = user;
    struct gw_submission *s = entry->user;
    LF_ARENA arena;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    lf_status rc = s->decoded.header.kind == PX_KIND_GENESIS ? admit_genesis(exchange, s, at, err)
                                                             : recheck(exchange, s, at, err);
    rc = rc == LF_OK && s->decoded.header.kind == PX_KIND_MEMBER
             ? gw__member_check(exchange, txn, &arena, &s->decoded, err)
             : rc;
    rc = rc == LF_OK ? admit_predecessor(exchange, txn, &arena, &s->decoded.header, err) : rc;
    rc = rc == LF_OK ? admit_target(exchange, txn, &arena, s, err) : rc;
    if (rc == LF_OK) {
        LF_BUG_IF(!leaf_make(exchange, s, at, leaf));
    }
    return rc;
}
