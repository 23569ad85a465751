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
#include "gateway/exchange/tasks_internal.h"
#include "gateway/exchange/validate.h"
#include "protos/codec/signed.h"
#include "protos/codec/words.h"

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
    lf_status rc =
        st_ledger_read(exchange->ledger, gw__entries(exchange, txn), index, &stored, err);
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
    return st_ledger_find(exchange->ledger, gw__entries(exchange, txn),
                          gw__identity(issuer, record_id, id), index, err);
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
    lf_status rc = record_find(exchange, txn, header->issuer, header->predecessor, &index, err);
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

bool gw__speaks_of_another(enum px_kind kind)
{
    return px_speaks_of_another(kind);
}

lf_status gw__target_read(struct gw_exchange *exchange, struct st_txn *txn, struct lf__arena *arena,
                          const struct gw_stored *speaker, struct gw_stored *about, uint64_t *index,
                          lf_error *err)
{
    struct px_about target;
    if (speaker->has_effect) {
        *index = speaker->target;
        return gw__stored_read(exchange, txn, arena, *index, about, err);
    }
    lf_status rc = px_about_decode(arena, &speaker->envelope, &target, err);
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

/* A Campaign and its like name no merchant, and others' records were taken by what they say. */
static lf_status not_erasable(enum px_kind about, lf_error *err)
{
    return lf__refuse(err, LF_E_REJECTED, "NOT_ERASABLE", "target_record_id",
                      "redaction: a %s names no merchant, and is neither erased nor restricted",
                      px_kind_name(about));
}

/* Relays release events; corrections take back what was said about a subject or who it is, and nothing twice removed;
 * answers go to what opens a task; redactions erase whatever speaks of a subject, but never what the
 * roster stands on. */
static lf_status target_kind(enum px_kind kind, enum px_kind about, lf_error *err)
{
    static const uint32_t event = LF_BIT(PX_KIND_ENFORCEMENT_EVENT);
    static const uint32_t identity = LF_BIT(PX_KIND_MERCHANT_IDENTITY);
    static const uint32_t listing = LF_BIT(PX_KIND_CREDIT_LIST_ENTRY);
    static const uint32_t statements =
        LF_BIT(PX_KIND_ENFORCEMENT_EVENT) | LF_BIT(PX_KIND_REGISTRY_ENTRY) |
        LF_BIT(PX_KIND_CREDIT_LIST_ENTRY) | LF_BIT(PX_KIND_ENTRY_BAN);
    static const uint32_t tasks = LF_BIT(PX_KIND_ENFORCEMENT_EVENT) | LF_BIT(PX_KIND_CORRECTION) |
                                  LF_BIT(PX_KIND_LIST_REMOVAL) | LF_BIT(PX_KIND_APPEAL) |
                                  LF_BIT(PX_KIND_REDACTION);
    static const uint32_t erasable = LF_BIT(PX_KIND_RELAY) | LF_BIT(PX_KIND_CORRECTION) |
                                     LF_BIT(PX_KIND_LIST_REMOVAL) | LF_BIT(PX_KIND_APPEAL) |
                                     LF_BIT(PX_KIND_NOTICE) | LF_BIT(PX_KIND_DISPOSITION) |
                                     LF_BIT(PX_KIND_OVERRIDE) | LF_BIT(PX_KIND_MERCHANT_IDENTITY);
    uint32_t may = kind == PX_KIND_RELAY                                   ? event
                   : kind == PX_KIND_LIST_REMOVAL                          ? listing
                   : kind == PX_KIND_APPEAL                                ? event | listing
                   : kind == PX_KIND_CORRECTION                            ? statements | identity
                   : kind == PX_KIND_NOTICE || kind == PX_KIND_DISPOSITION ? tasks
                                                                           : statements | erasable;
    if ((may & LF_BIT((unsigned)about)) != 0) {
        return LF_OK;
    }
    return kind == PX_KIND_REDACTION
               ? not_erasable(about, err)
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
    struct px_subject subject = {.uscc = LF_BYTES_NONE};
    (void)px_subject_decode(arena, about, &subject, NULL);
    lf_bytes names[] = {subject.uscc, subject.name, subject.full_name};
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

/* What is listed from a day on was not taken off before. */
static lf_status admit_removal(struct gw_exchange *exchange, struct lf__arena *arena,
                               const struct gw_submission *s, const struct px_envelope *about,
                               lf_error *err)
{
    struct px_removal removal;
    struct px_listing listing;
    lf_status rc = may_correct(exchange, s, &about->header, err);
    rc = rc == LF_OK ? px_removal_decode(arena, &s->decoded, &removal, err) : rc;
    rc = rc == LF_OK ? px_listing_decode(arena, about, &listing, err) : rc;
    return rc == LF_OK && lf__bytes_cmp(removal.removed_on, listing.listed_on) < 0
               ? lf__refuse(err, LF_E_REJECTED, "DATE_INVALID", "removed_on",
                            "removed_on: is before the day of listing")
               : rc;
}

/* A merchant goes to whoever acted on the record: the one who said it, or closed its shop because of it. */
static lf_status may_file(struct st_txn *txn, const struct gw_submission *s, uint64_t index,
                          lf_error *err)
{
    bool acted = false;
    lf_status rc = gw__has_acted(txn, index, s->decoded.header.issuer, &acted, err);
    return rc == LF_OK && !acted
               ? lf__refuse(err, LF_E_DENIED, "APPEAL_CHANNEL", "step",
                            "appeal: is filed through a platform that acted on the record, or a "
                            "regulator")
               : rc;
}

static lf_status admit_appeal(struct st_txn *txn, struct lf__arena *arena,
                              const struct gw_submission *s, const struct px_header *about,
                              uint64_t index, lf_error *err)
{
    struct px_appeal appeal;
    bool answers = s->issuer.role == PX_ROLE_REGULATOR ||
                   lf__bytes_eq(s->decoded.header.issuer, about->issuer);
    lf_status rc = px_appeal_decode(arena, &s->decoded, &appeal, err);
    if (rc == LF_OK && appeal.step != PX_APPEAL_FILED && !answers) {
        return lf__refuse(err, LF_E_DENIED, "KIND_NOT_ALLOWED", "step",
                          "appeal: this step is for the record's issuer or a regulator");
    }
    rc = rc == LF_OK && !answers ? may_file(txn, s, index, err) : rc;
    return rc == LF_OK ? gw__appeal_admit(txn, index, appeal.step, err) : rc;
}

static lf_status admit_relay(struct lf__arena *arena, const struct gw_submission *s,
                             const struct px_header *about, uint64_t index, lf_error *err)
{
    struct px_target relay;
    lf_status rc = px_target_decode(arena, &s->decoded, &relay, err);
    return rc == LF_OK ? gw__run_admit(&relay, &s->decoded.header, about, index, err) : rc;
}

/* What goes with this pair of kinds, once both may stand together. */
static lf_status admit_pair(struct gw_exchange *exchange, struct st_txn *txn,
                            struct lf__arena *arena, const struct gw_submission *s,
                            const struct gw_stored *about, uint64_t index, lf_error *err)
{
    const struct px_envelope *target = &about->envelope;
    enum px_kind kind = s->decoded.header.kind;
    return kind == PX_KIND_CORRECTION     ? may_correct(exchange, s, &target->header, err)
           : kind == PX_KIND_REDACTION    ? admit_redaction(txn, arena, s, about, index, err)
           : kind == PX_KIND_LIST_REMOVAL ? admit_removal(exchange, arena, s, target, err)
           : kind == PX_KIND_APPEAL       ? admit_appeal(txn, arena, s, &target->header, index, err)
           : kind == PX_KIND_RELAY        ? admit_relay(arena, s, &target->header, index, err)
           : kind == PX_KIND_NOTICE || kind == PX_KIND_DISPOSITION
               ? gw__task_admit(exchange, txn, arena, s, index, err)
               : LF_OK;
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
    return rc == LF_OK ? admit_pair(exchange, txn, arena, s, about, index, err) : rc;
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
        record_find(exchange, txn, event->brand_issuer, event->brand_record_id, &index, err);
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
    rc = rc == LF_OK ? admit_target(exchange, txn, &arena, s, err) : rc;
    rc = rc == LF_OK ? admit_kind(exchange, txn, &arena, s, err) : rc;
    if (rc != LF_OK && arena.failure != LF_OK) {
        return out_of_memory(&arena, err);
    }
    if (rc == LF_OK) {
        LF_BUG_IF(!leaf_make(exchange, s, at, leaf));
    }
    return rc;
}
