/* SPDX-License-Identifier: Apache-2.0 */
/* May this record speak of that one? Of what speaks of another record: who may say it, of which kinds, and in which order. */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/may_read.h"
#include "gateway/exchange/tasks_internal.h"
#include "gateway/exchange/validate/validate.h"
#include "protos/codec/words.h"
#include "uscc/name.h"

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

/* What is to be forgotten must not live on in the order that says so, in whatever spelling. */
static lf_status redaction_names_nobody(struct lf__arena *arena, const struct gw_submission *s,
                                        const struct px_redaction *redaction,
                                        const struct px_envelope *about, lf_error *err)
{
    struct px_subject subject = {.uscc = LF_BYTES_NONE};
    (void)px_subject_decode(arena, about, &subject, NULL);
    const lf_bytes names[] = {subject.uscc, subject.name, subject.full_name};
    const struct {
        const char *field;
        lf_bytes text;
    } said[] = {{"order_number", redaction->order_number},
                {"order_authority", redaction->order_authority},
                {"header.ref", s->decoded.header.ref}};
    for (size_t i = 0; i < LF_COUNT(said) * LF_COUNT(names); i++) {
        const char *field = said[i / LF_COUNT(names)].field;
        if (lf__text_holds(said[i / LF_COUNT(names)].text, names[i % LF_COUNT(names)])) {
            return lf__refuse(err, LF_E_REJECTED, "SUBJECT_IN_TEXT", field,
                              "%s: repeats the subject that it is to erase", field);
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

/* Whether anything that a relay speaks of waits for one. */
struct waiting {
    const struct lf__rules *rules;
    bool any;
};

static lf_status waiting_look(void *user, const struct gw_known *known, lf_error *err)
{
    struct waiting *w = user;
    struct lf__life life = gw_known_life(known);
    (void)err;
    w->any = w->any || lf__life_waits(w->rules, &life);
    return LF_OK;
}

/* A word that changes nothing would read as if it had: who gives it does not know how the accusation stands. */
static lf_status relay_is_due(struct gw_exchange *exchange, struct st_txn *txn,
                              const struct px_target *relay, const struct px_header *about,
                              uint64_t index, lf_error *err)
{
    struct gw_known known;
    struct waiting w = {.rules = exchange->rules};
    struct gw_run run = {exchange, txn, about, waiting_look, &w};
    lf_status rc = LF_OK;
    if (relay->last_index != 0) {
        rc = gw__run_each(&run, index, relay->last_index, err);
    } else {
        rc = gw_known_get(txn, index, &known, err);
        rc = rc == LF_OK ? waiting_look(&w, &known, err) : rc;
    }
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    return rc == LF_OK && !w.any
               ? lf__refuse(err, LF_E_PRECONDITION, "RELAY_NOT_WAITING", "target_record_id",
                            "relay: what it speaks of does not wait for one")
               : rc;
}

static lf_status admit_relay(struct gw_exchange *exchange, struct st_txn *txn,
                             struct lf__arena *arena, const struct gw_submission *s,
                             const struct px_header *about, uint64_t index, lf_error *err)
{
    struct px_target relay;
    lf_status rc = px_target_decode(arena, &s->decoded, &relay, err);
    rc = rc == LF_OK ? gw__run_admit(&relay, &s->decoded.header, about, index, err) : rc;
    return rc == LF_OK ? relay_is_due(exchange, txn, &relay, about, index, err) : rc;
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
           : kind == PX_KIND_RELAY
               ? admit_relay(exchange, txn, arena, s, &target->header, index, err)
           : kind == PX_KIND_NOTICE || kind == PX_KIND_DISPOSITION
               ? gw__task_admit(exchange, txn, arena, s, index, err)
               : LF_OK;
}

lf_status gw__admit_target(struct gw_exchange *exchange, struct st_txn *txn,
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
