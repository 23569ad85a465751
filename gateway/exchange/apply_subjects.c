/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry changes of the standing of subjects. Statements (events, registry entries, listings, bans, identities) make a
 * row; words about them (relays, corrections, removals, appeals) change one. What an erased entry did is
 * read from what was kept of it, so that rebuilding makes the same.
 */
#include "gateway/exchange/exchange_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/campaigns_internal.h"
#include "protos/codec/words.h"

static bool is_forgotten(const struct gw_submission *s)
{
    return s->remains != NULL && gw_stored_is_forgotten(s->remains);
}

static bool waits_for_relay(const struct gw_exchange *exchange, const struct gw_submission *s)
{
    return lf__accusation_waits(exchange->rules, s->issuer.role, s->decoded.header.certainty,
                                atomic_load(&exchange->relay_below));
}

static lf_status event_effect(struct st_txn *txn, uint64_t index, const struct px_event *event,
                              struct gw_effect *out, lf_error *err)
{
    bool is_automatic = false;
    if (lf__event_lifts(event)) {
        out->decision |= GW_EFFECT_LIFTS;
        out->until_ms = lf__day_ms(event->decided_at, 0);
    }
    lf_status rc = gw__campaign_is_automatic(txn, event->campaign, index, &is_automatic, err);
    out->decision |= is_automatic ? GW_EFFECT_AUTOMATIC : 0;
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
        struct lf__word word;
        rc = rc == LF_OK ? lf__word_read(arena, envelope, &word, err) : rc;
        *out = rc == LF_OK ? (struct gw_effect){word.decision,
                                                word.last != 0 ? (int64_t)word.last : word.until_ms}
                           : *out;
        return rc;
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

/* What a new version leaves of the one before. */
static lf_status supersede(const struct applying *a, const struct gw_known *before, lf_error *err)
{
    struct lf__life life = gw_known_life(before);
    bool is_lift = (a->effect.decision & GW_EFFECT_LIFTS) != 0;
    struct lf__word word = {
        .kind = a->s->decoded.header.kind, .decision = is_lift ? 1 : 0, .until_ms = lifted_ms(a)};
    if (before->kind == PX_KIND_NONE || (a->effect.decision & GW_EFFECT_NOT_UNDERSTOOD) != 0) {
        return LF_OK;
    }
    lf__life_change(a->exchange->rules, &word, &life);
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
        known->state = LF__STATE_QUARANTINED;
        known->is_held = is_event;
        a->s->is_pending_relay = known->is_burst;
    } else if ((a->effect.decision & GW_EFFECT_LIFTS) != 0) {
        known->state = LF__STATE_LIFTED;
        known->is_held = before->kind != PX_KIND_NONE && before->is_held;
    } else if (is_event && (a->effect.decision & GW_EFFECT_AUTOMATIC) == 0 &&
               waits_for_relay(a->exchange, a->s)) {
        known->state = LF__STATE_PENDING_RELAY;
        known->is_held = true;
        a->s->is_pending_relay = true;
    } else {
        known->state = LF__STATE_ACTIVE;
    }
}

static lf_status row_fill(struct applying *a, struct gw_known *known, lf_bytes *uscc, lf_error *err)
{
    struct lf__statement st;
    struct lf__said said = {&a->s->decoded, a->event, (int64_t)a->at->accepted_at_ms};
    lf_status rc = lf__statement_read(a->exchange->rules, a->arena, &said, &st, err);
    if (rc != LF_OK) {
        return rc;
    }
    if ((a->effect.decision & GW_EFFECT_LIFTS) != 0) { /* also where its words are erased */
        st.from_ms = lifted_ms(a);
        st.until_ms = st.from_ms;
    }
    known->certainty = st.certainty;
    known->is_notice = st.is_notice;
    known->is_closing = st.is_closing;
    known->said_ms = st.said_ms;
    known->from_ms = st.from_ms;
    known->until_ms = st.until_ms;
    known->violation = st.violation;
    known->decided_at = st.decided_at;
    known->status = st.status;
    known->region = st.region;
    known->name = st.name;
    *uscc = st.uscc;
    return LF_OK;
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
    rc = is_forgotten(s) ? LF_OK : row_fill(&a, &known, &uscc, err);
    rc = rc == LF_OK ? supersede(&a, &before, err) : rc;
    return rc == LF_OK ? gw_known_put(txn, uscc, &known, err) : rc;
}

static lf_status known_word(void *user, const struct gw_known *known, lf_error *err)
{
    const struct applying *a = user;
    struct lf__life life = gw_known_life(known);
    struct lf__word word = {.kind = a->s->decoded.header.kind,
                            .decision = a->effect.decision,
                            .until_ms = a->effect.until_ms};
    lf__life_change(a->exchange->rules, &word, &life);
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
    struct lf__life life = gw_known_life(&known);
    bool is_open = lf__life_is_appealed(&life);
    bool is_live = known.state == LF__STATE_ACTIVE || known.state == LF__STATE_PENDING_RELAY ||
                   known.state == LF__STATE_QUARANTINED;
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
