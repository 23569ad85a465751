/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry changes of the standing of subjects. Statements (events, registry entries, listings, bans, identities) make a
 * row; words about them (relays, corrections, removals, appeals) change one. What an erased entry did is
 * read from what was kept of it, so that rebuilding makes the same.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/campaigns_internal.h"
#include "protos/codec/words.h"

enum { DAY_MS = 86400000, MONTHS_A_YEAR = 12 };

static bool is_forgotten(const struct gw_submission *s)
{
    return s->remains != NULL && gw_stored_is_forgotten(s->remains);
}

static bool waits_for_relay(const struct gw_exchange *exchange, const struct gw_submission *s)
{
    return lf__rules_waits(exchange->rules, s->issuer.role) &&
           s->decoded.header.certainty < atomic_load(&exchange->relay_below);
}

/* The first instant of a day, or `otherwise` where none is named. */
static int64_t day_ms(lf_bytes date, int64_t otherwise)
{
    int64_t at_ms = otherwise;
    (void)lf__date_start(date, 0, 0, &at_ms);
    return at_ms;
}

bool gw__event_lifts(const struct px_event *event)
{
    for (size_t i = 0; i < event->measure_count; i++) {
        if (lf__bytes_eq_str(event->measures[i], "LIFT")) {
            return true;
        }
    }
    return false;
}

static lf_status event_effect(struct st_txn *txn, uint64_t index, const struct px_event *event,
                              struct gw_effect *out, lf_error *err)
{
    bool is_automatic = false;
    if (gw__event_lifts(event)) {
        out->decision |= GW_EFFECT_LIFTS;
        out->until_ms = day_ms(event->decided_at, 0);
    }
    lf_status rc = gw__campaign_is_automatic(txn, event->campaign, index, &is_automatic, err);
    out->decision |= is_automatic ? GW_EFFECT_AUTOMATIC : 0;
    return rc;
}

static lf_status target_effect(struct lf__arena *arena, const struct px_envelope *envelope,
                               struct gw_effect *out, lf_error *err)
{
    struct px_target target;
    struct px_removal removal;
    struct px_appeal appeal;
    struct px_disposition said;
    struct px_notice notice;
    lf_status rc;
    enum px_kind kind = envelope->header.kind;
    if (kind == PX_KIND_LIST_REMOVAL) {
        rc = px_removal_decode(arena, envelope, &removal, err);
        out->decision = rc == LF_OK ? removal.ground : 0;
        out->until_ms = rc == LF_OK ? day_ms(removal.removed_on, 0) : 0;
    } else if (kind == PX_KIND_APPEAL) {
        rc = px_appeal_decode(arena, envelope, &appeal, err);
        out->decision = rc == LF_OK ? appeal.step : 0;
    } else if (kind == PX_KIND_DISPOSITION) {
        rc = px_disposition_decode(arena, envelope, &said, err);
        out->decision = rc == LF_OK ? said.answer : 0;
    } else if (kind == PX_KIND_NOTICE) {
        rc = px_notice_decode(arena, envelope, &notice, err);
        out->decision = rc == LF_OK ? notice.step : 0;
    } else {
        rc = px_target_decode(arena, envelope, &target, err);
        out->decision = rc == LF_OK ? target.decision : 0;
        out->until_ms = rc == LF_OK ? (int64_t)target.last_index : 0;
    }
    return rc;
}

lf_status gw__effect_of(struct st_txn *txn, uint64_t index, struct lf__arena *arena,
                        const struct px_envelope *envelope, struct gw_effect *out, lf_error *err)
{
    enum px_kind kind = envelope->header.kind;
    struct px_event *event = lf__arena_alloc(arena, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory") : LF_OK;
    *out = (struct gw_effect){.decision = 0};
    if (gw__speaks_of_another(kind) && kind != PX_KIND_REDACTION) {
        return rc == LF_OK && !envelope->is_not_understood
                   ? target_effect(arena, envelope, out, err)
                   : rc;
    }
    out->decision = envelope->is_not_understood ? GW_EFFECT_NOT_UNDERSTOOD : 0;
    if (rc == LF_OK && kind == PX_KIND_ENFORCEMENT_EVENT) {
        rc = px_event_decode(arena, envelope, event, err);
        rc = rc == LF_OK ? event_effect(txn, index, event, out, err) : rc;
    }
    return rc;
}

/* An entry on its way into the standing. */
struct applying {
    struct gw_exchange *exchange;
    struct st_txn *txn;
    struct lf__arena *arena;
    struct gw_submission *s;
    const struct st_position *at;
    const struct px_event *event; /* of an event that is not forgotten */
    struct gw_effect effect;
    uint64_t target; /* of a word */
};

static lf_status event_find(struct applying *a, lf_error *err)
{
    a->event = a->s->event;
    if (a->event != NULL || a->s->decoded.header.kind != PX_KIND_ENFORCEMENT_EVENT ||
        is_forgotten(a->s)) {
        return LF_OK;
    }
    struct px_event *event = lf__arena_alloc(a->arena, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                 : px_event_decode(a->arena, &a->s->decoded, event, err);
    a->event = event; /* replayed from the log, where nothing was checked */
    return rc;
}

/* What it does; of what was erased from, what it did. */
static lf_status effect_find(struct applying *a, lf_error *err)
{
    const struct gw_stored *remains = a->s->remains;
    lf_status rc = event_find(a, err);
    if (rc != LF_OK) {
        return rc;
    }
    if (remains != NULL && (remains->has_effect || is_forgotten(a->s))) {
        a->effect = (struct gw_effect){remains->decision, remains->until_ms};
        return LF_OK;
    }
    if (a->event == NULL) {
        return gw__effect_of(a->txn, a->at->index, a->arena, &a->s->decoded, &a->effect, err);
    }
    a->effect.decision = a->s->decoded.is_not_understood ? GW_EFFECT_NOT_UNDERSTOOD : 0;
    return event_effect(a->txn, a->at->index, a->event, &a->effect, err);
}

/* The version before of a statement. *before has no issuer when there is none. */
static lf_status predecessor_find(const struct applying *a, struct gw_known *before, lf_error *err)
{
    uint8_t id[64];
    uint64_t index;
    const struct px_header *h = &a->s->decoded.header;
    *before = (struct gw_known){.kind = PX_KIND_NONE};
    if (h->version == 1 || h->kind == PX_KIND_REGISTRY_ENTRY) {
        return LF_OK; /* of registry entries the newest counts, whoever tells of it */
    }
    lf_status rc = st_ledger_find(a->exchange->ledger, gw__entries(a->exchange, a->txn),
                                  gw__identity(h->issuer, h->predecessor, id), &index, err);
    rc = rc == LF_OK ? gw_known_get(a->txn, index, before, err) : rc;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static int64_t lifted_ms(const struct applying *a)
{
    return a->effect.until_ms != 0 ? a->effect.until_ms : (int64_t)a->at->accepted_at_ms;
}

/* What a new version leaves of the one before: a lifted measure was right until then, anything else is
 * replaced. What was taken back already stays so. */
static lf_status supersede(const struct applying *a, const struct gw_known *before, lf_error *err)
{
    struct gw_life life = gw_known_life(before);
    bool is_lift = (a->effect.decision & GW_EFFECT_LIFTS) != 0;
    if (before->kind == PX_KIND_NONE || (a->effect.decision & GW_EFFECT_NOT_UNDERSTOOD) != 0) {
        return LF_OK;
    }
    if (is_lift && life.state == GW_EVENT_ACTIVE) {
        int64_t until_ms = lifted_ms(a);
        life.state = GW_EVENT_LIFTED;
        life.until_ms = life.until_ms == 0 || until_ms < life.until_ms ? until_ms : life.until_ms;
    } else {
        life.state = GW_EVENT_CORRECTED;
    }
    life.appeal = gw_known_is_appealed(before) ? PX_APPEAL_NONE : life.appeal;
    return gw_known_change(a->txn, before->index, a->at->index, &life, err);
}

/* Whether it is one accusation too many of its issuer now. It counts also when its words were erased since. */
static lf_status burst_find(struct applying *a, struct gw_known *known, lf_error *err)
{
    bool counts = a->s->decoded.header.kind == PX_KIND_ENFORCEMENT_EVENT &&
                  (a->effect.decision & GW_EFFECT_LIFTS) == 0 &&
                  lf__rules_waits(a->exchange->rules, a->s->issuer.role);
    return counts ? gw_burst_take(a->txn, a->s->decoded.header.issuer, &a->exchange->burst,
                                  (int64_t)a->at->accepted_at_ms, &known->is_burst, err)
                  : LF_OK;
}

/* In which state a statement begins. A lifting accuses nobody and waits for nobody, but tells others no more of
 * the accusation than they knew. */
static void state_begin(struct applying *a, const struct gw_known *before, struct gw_known *known)
{
    bool is_event = a->s->decoded.header.kind == PX_KIND_ENFORCEMENT_EVENT;
    if ((a->effect.decision & GW_EFFECT_NOT_UNDERSTOOD) != 0 || known->is_burst) {
        known->state = GW_EVENT_QUARANTINED;
        known->is_held = is_event;
        a->s->is_pending_relay = known->is_burst;
    } else if ((a->effect.decision & GW_EFFECT_LIFTS) != 0) {
        known->state = GW_EVENT_LIFTED;
        known->is_held = before->kind != PX_KIND_NONE && before->is_held;
    } else if (is_event && (a->effect.decision & GW_EFFECT_AUTOMATIC) == 0 &&
               waits_for_relay(a->exchange, a->s)) {
        known->state = GW_EVENT_PENDING_RELAY;
        known->is_held = true;
        a->s->is_pending_relay = true;
    } else {
        known->state = GW_EVENT_ACTIVE;
    }
}

static bool event_closes(const struct gw_exchange *exchange, const struct px_event *event)
{
    for (size_t i = 0; i < event->measure_count; i++) {
        if (lf__rules_knows(exchange->rules, "closing", event->measures[i])) {
            return true;
        }
    }
    return false;
}

/* All that it is of only informs. */
static bool event_informs(const struct gw_exchange *exchange, const struct px_event *event)
{
    bool informs = lf__rules_knows(exchange->rules, "inform", event->violation);
    for (size_t i = 0; i < event->more_count; i++) {
        informs = informs && lf__rules_knows(exchange->rules, "inform", event->more_violations[i]);
    }
    return informs;
}

/* By the violation that holds longest. */
static int64_t event_term_ms(const struct gw_exchange *exchange, const struct px_event *event)
{
    const struct lf__rules *rules = exchange->rules;
    uint64_t otherwise = lf__rules_number(rules, "term_days", "DEFAULT", 365);
    uint64_t term = 0;
    for (size_t i = 0; i <= event->more_count; i++) {
        char code[64];
        lf_bytes violation = i == 0 ? event->violation : event->more_violations[i - 1];
        bool fits = lf__copy_str(code, sizeof code, violation);
        uint64_t own = fits ? lf__rules_number(rules, "term_days", code, otherwise) : otherwise;
        term = own > term ? own : term;
    }
    return (int64_t)term * DAY_MS;
}

static lf_status event_row(struct applying *a, struct gw_known *known, lf_bytes *uscc)
{
    const struct px_event *event = a->event;
    known->certainty = a->s->decoded.header.certainty;
    known->is_notice = event_informs(a->exchange, event);
    known->is_closing = !known->is_notice && event_closes(a->exchange, event);
    if (known->until_ms == 0) {
        known->until_ms = (int64_t)a->at->accepted_at_ms + event_term_ms(a->exchange, event);
    }
    if ((a->effect.decision & GW_EFFECT_LIFTS) != 0) { /* counts at no time itself */
        known->from_ms = lifted_ms(a);
        known->until_ms = known->from_ms;
    }
    known->violation = event->violation;
    known->name = event->name;
    known->decided_at = event->decided_at;
    *uscc = event->uscc;
    return LF_OK;
}

static lf_status registry_row(struct applying *a, struct gw_known *known, lf_bytes *uscc,
                              lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(a->arena, &a->s->decoded, &entry, err);
    if (rc == LF_OK) {
        known->status = entry.status;
        known->decided_at = entry.established;
        known->name = entry.name;
        *uscc = entry.uscc;
    }
    return rc;
}

/* When a listing stops to count by itself; 0: when it is taken off. */
static int64_t listing_until_ms(const struct gw_exchange *exchange,
                                const struct px_listing *listing)
{
    struct lf__term term;
    int64_t until_ms = 0;
    if (!lf__rules_list_term(exchange->rules, listing->list, listing->reason, listing->listed_on,
                             &term)) {
        return 0;
    }
    unsigned months = term.unit == LF__UNIT_YEARS    ? (unsigned)term.number * MONTHS_A_YEAR
                      : term.unit == LF__UNIT_MONTHS ? (unsigned)term.number
                                                     : 0;
    unsigned days = term.unit == LF__UNIT_DAYS ? (unsigned)term.number : 0;
    (void)lf__date_start(listing->listed_on, months, days, &until_ms);
    return until_ms;
}

static lf_status listing_row(struct applying *a, struct gw_known *known, lf_bytes *uscc,
                             lf_error *err)
{
    struct px_listing listing;
    lf_status rc = px_listing_decode(a->arena, &a->s->decoded, &listing, err);
    if (rc == LF_OK) {
        known->status = listing.list;
        known->violation = listing.reason.len > 0 ? listing.reason : listing.violation;
        known->decided_at = listing.listed_on;
        known->region = listing.region;
        known->name = listing.name;
        known->until_ms =
            known->until_ms != 0 ? known->until_ms : listing_until_ms(a->exchange, &listing);
        *uscc = listing.uscc;
    }
    return rc;
}

static lf_status ban_row(struct applying *a, struct gw_known *known, lf_bytes *uscc, lf_error *err)
{
    struct px_ban ban;
    lf_status rc = px_ban_decode(a->arena, &a->s->decoded, &ban, err);
    if (rc == LF_OK) {
        known->decided_at = ban.from;
        known->from_ms = day_ms(ban.from, known->from_ms);
        known->until_ms = day_ms(ban.until, known->until_ms);
        *uscc = ban.uscc;
    }
    return rc;
}

/* A merchant of a platform. Its shops are in a part that may be erased alone: who wants them reads the record. */
static lf_status identity_row(struct applying *a, struct gw_known *known, lf_bytes *uscc,
                              lf_error *err)
{
    struct px_identity identity;
    lf_status rc = px_identity_decode(a->arena, &a->s->decoded, &identity, err);
    if (rc == LF_OK) {
        known->name = identity.name;
        *uscc = identity.uscc;
    }
    return rc;
}

static lf_status row_make(struct applying *a, struct gw_known *known, lf_bytes *uscc, lf_error *err)
{
    enum px_kind kind = a->s->decoded.header.kind;
    return kind == PX_KIND_ENFORCEMENT_EVENT   ? event_row(a, known, uscc)
           : kind == PX_KIND_REGISTRY_ENTRY    ? registry_row(a, known, uscc, err)
           : kind == PX_KIND_CREDIT_LIST_ENTRY ? listing_row(a, known, uscc, err)
           : kind == PX_KIND_MERCHANT_IDENTITY ? identity_row(a, known, uscc, err)
                                               : ban_row(a, known, uscc, err);
}

/* Replayed after its contents were erased it stood once, too: what came after it finds its row. */
lf_status gw__apply_statement(struct gw_exchange *exchange, struct st_txn *txn,
                              struct gw_submission *s, const struct st_position *at, lf_error *err)
{
    struct gw_known before;
    lf_bytes uscc = LF_BYTES_NONE;
    const struct px_header *h = &s->decoded.header;
    struct applying a = {
        .exchange = exchange, .txn = txn, .arena = &exchange->applying, .s = s, .at = at};
    struct gw_known known = {
        .index = at->index, .kind = h->kind, .has_audience = h->audience_count > 0};
    lf_status rc = effect_find(&a, err);
    rc = rc == LF_OK ? predecessor_find(&a, &before, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    rc = burst_find(&a, &known, err);
    if (rc != LF_OK) {
        return rc;
    }
    state_begin(&a, &before, &known);
    known.issuer = h->issuer; /* also of what is forgotten: a relay of a run before that finds it */
    if (!is_forgotten(s)) {
        known.said_ms = (int64_t)at->accepted_at_ms;
        known.from_ms = h->effective_from_ms;
        known.until_ms = h->effective_until_ms;
        rc = row_make(&a, &known, &uscc, err);
    }
    rc = rc == LF_OK ? supersede(&a, &before, err) : rc;
    return rc == LF_OK ? gw_known_put(txn, uscc, &known, err) : rc;
}

/* A relay wakes only what waits, and what a regulator refused only where the policy lets it: what was withdrawn
 * or corrected stays so. */
static void relay_change(const struct gw_exchange *exchange, unsigned decision,
                         struct gw_life *life)
{
    bool is_final = lf__rules_number(exchange->rules, "relay", "REFUSED_IS_FINAL", 1) != 0;
    bool waits = life->state == GW_EVENT_PENDING_RELAY || life->state == GW_EVENT_QUARANTINED ||
                 (life->state == GW_EVENT_REFUSED && !is_final);
    if (waits && decision == PX_RELAY_RELEASED) {
        life->state = GW_EVENT_ACTIVE;
        life->is_held = false;
    } else if (waits && decision == PX_RELAY_REFUSED) {
        life->state = GW_EVENT_REFUSED;
    }
}

static void correction_change(unsigned decision, struct gw_life *life)
{
    if (decision != 0) {
        life->state = decision == PX_CORRECTION_WITHDRAWN ? GW_EVENT_WITHDRAWN : GW_EVENT_CORRECTED;
    }
}

static void removal_change(const struct gw_effect *effect, struct gw_life *life)
{
    bool is_listed = life->state == GW_EVENT_ACTIVE || life->state == GW_EVENT_LIFTED;
    if (!is_listed || effect->decision == PX_GROUND_NONE) {
        return;
    }
    if (effect->decision == PX_GROUND_REVOKED) {
        life->state = GW_EVENT_CORRECTED; /* it never was right */
        return;
    }
    bool is_sooner = life->until_ms == 0 || effect->until_ms < life->until_ms;
    life->state = GW_EVENT_LIFTED;
    life->until_ms = is_sooner ? effect->until_ms : life->until_ms;
}

static void appeal_change(unsigned step, struct gw_life *life)
{
    if (step != PX_APPEAL_NONE) {
        life->appeal = step;
    }
    if (step == PX_APPEAL_OVERTURNED) {
        life->state = GW_EVENT_CORRECTED;
    }
}

static struct gw_life life_after(const struct applying *a, const struct gw_known *known)
{
    struct gw_life life = gw_known_life(known);
    enum px_kind kind = a->s->decoded.header.kind;
    if (kind == PX_KIND_RELAY) {
        relay_change(a->exchange, a->effect.decision, &life);
    } else if (kind == PX_KIND_CORRECTION) {
        correction_change(a->effect.decision, &life);
    } else if (kind == PX_KIND_LIST_REMOVAL) {
        removal_change(&a->effect, &life);
    } else {
        appeal_change(a->effect.decision, &life);
    }
    return life;
}

static lf_status known_word(void *user, const struct gw_known *known, lf_error *err)
{
    const struct applying *a = user;
    struct gw_life life = life_after(a, known);
    return gw_known_change(a->txn, known->index, a->at->index, &life, err);
}

/* What it is about: the target, or all of a run. */
static lf_status targets_change(struct applying *a, const struct px_header *target, lf_error *err)
{
    struct gw_known known;
    uint64_t last = (uint64_t)a->effect.until_ms;
    bool is_run = a->s->decoded.header.kind == PX_KIND_RELAY && last != 0;
    struct gw_run run = {a->exchange, a->txn, target, known_word, a};
    if (is_run) {
        return gw__run_each(&run, a->target, last < a->at->index ? last : a->at->index - 1, err);
    }
    lf_status rc = gw_known_get(a->txn, a->target, &known, err);
    return rc == LF_OK ? known_word(a, &known, err) : rc;
}

lf_status gw__apply_word(struct gw_exchange *exchange, struct st_txn *txn, struct gw_submission *s,
                         const struct st_position *at, lf_error *err)
{
    struct applying a = {
        .exchange = exchange, .txn = txn, .arena = &exchange->applying, .s = s, .at = at};
    struct gw_stored *list = lf__arena_array(&exchange->applying, 2, sizeof *list);
    lf_status rc =
        list == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory") : effect_find(&a, err);
    if (rc != LF_OK) {
        return rc;
    }
    list[0] = s->remains != NULL ? *s->remains : (struct gw_stored){.envelope = s->decoded};
    rc = gw__target_read(exchange, txn, &exchange->applying, &list[0], &list[1], &a.target, err);
    if (rc == LF_OK && a.effect.decision != 0) { /* only corrections speak of identities */
        rc = gw__links_forget(txn, &exchange->applying, &list[1], a.target, err);
    }
    rc = rc == LF_OK ? targets_change(&a, &list[1].envelope.header, err) : rc;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status wrong_step(const char *why, lf_error *err)
{
    return lf__refuse(err, LF_E_PRECONDITION, "APPEAL_STEP", "step", "step: %s", why);
}

lf_status gw__appeal_admit(struct st_txn *txn, uint64_t target, unsigned step, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, target, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? wrong_step("nothing is in force that could be appealed", err)
                                    : rc;
    }
    bool is_open = gw_known_is_appealed(&known);
    bool is_live = known.state == GW_EVENT_ACTIVE || known.state == GW_EVENT_PENDING_RELAY ||
                   known.state == GW_EVENT_QUARANTINED;
    if (!is_live) {
        return wrong_step("the record is not in force any more", err);
    }
    if (step == PX_APPEAL_FILED) {
        return is_open ? wrong_step("an appeal is open already", err) : LF_OK;
    }
    if (!is_open) {
        return wrong_step("no appeal is open", err);
    }
    return step > known.appeal ? LF_OK : wrong_step("an appeal only goes forward", err);
}
