/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/standing.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/words.h"

enum { DAY_MS = 86400000, MONTHS_A_YEAR = 12, TERM_DAYS = 365 };

bool lf__life_is_appealed(const struct lf__life *life)
{
    return life->appeal != PX_APPEAL_NONE && life->appeal < PX_APPEAL_UPHELD;
}

enum lf__state lf__life_told(const struct lf__life *life, int64_t at_ms)
{
    bool is_over = life->until_ms != 0 && life->until_ms <= at_ms;
    if (life->state != LF__STATE_ACTIVE && life->state != LF__STATE_LIFTED) {
        return life->state;
    }
    return is_over ? life->state == LF__STATE_LIFTED ? LF__STATE_LIFTED : LF__STATE_EXPIRED
           : lf__life_is_appealed(life) ? LF__STATE_UNDER_APPEAL
                                        : LF__STATE_ACTIVE;
}

/* ---- statements ---- */

bool lf__is_statement(enum px_kind kind)
{
    return kind == PX_KIND_ENFORCEMENT_EVENT || kind == PX_KIND_REGISTRY_ENTRY ||
           kind == PX_KIND_CREDIT_LIST_ENTRY || kind == PX_KIND_ENTRY_BAN ||
           kind == PX_KIND_MERCHANT_IDENTITY;
}

int64_t lf__day_ms(lf_bytes date, int64_t otherwise)
{
    int64_t at_ms = otherwise;
    (void)lf__date_start(date, 0, 0, &at_ms);
    return at_ms;
}

bool lf__event_lifts(const struct px_event *event)
{
    bool lifts = false;
    for (size_t i = 0; !lifts && i < event->measure_count; i++) {
        lifts = lf__bytes_eq_str(event->measures[i], "LIFT");
    }
    return lifts;
}

static bool event_closes(const struct lf__rules *rules, const struct px_event *event)
{
    bool closes = false;
    for (size_t i = 0; !closes && i < event->measure_count; i++) {
        closes = lf__rules_knows(rules, "closing", event->measures[i]);
    }
    return closes;
}

static lf_bytes violation_at(const struct px_event *event, size_t i)
{
    return i == 0 ? event->violation : event->more_violations[i - 1];
}

/* All that it is of only informs. */
static bool event_informs(const struct lf__rules *rules, const struct px_event *event)
{
    bool informs = true;
    for (size_t i = 0; informs && i <= event->more_count; i++) {
        informs = lf__rules_knows(rules, "inform", violation_at(event, i));
    }
    return informs;
}

/* By the violation that holds longest. */
static int64_t event_term_ms(const struct lf__rules *rules, const struct px_event *event)
{
    uint64_t otherwise = lf__rules_number(rules, "term_days", "DEFAULT", TERM_DAYS);
    uint64_t term = 0;
    for (size_t i = 0; i <= event->more_count; i++) {
        char code[64];
        bool fits = lf__copy_str(code, sizeof code, violation_at(event, i));
        uint64_t own = fits ? lf__rules_number(rules, "term_days", code, otherwise) : otherwise;
        term = own > term ? own : term;
    }
    return (int64_t)term * DAY_MS;
}

/* A lifting counts at no time itself. */
static lf_status event_read(const struct lf__rules *rules, struct lf__arena *arena,
                            const struct lf__said *said, struct lf__statement *out, lf_error *err)
{
    const struct px_event *event = said->event;
    if (event == NULL) {
        struct px_event *read = lf__arena_alloc(arena, sizeof *read);
        lf_status rc = read == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                    : px_event_decode(arena, said->envelope, read, err);
        if (rc != LF_OK) {
            return rc;
        }
        event = read;
    }
    out->certainty = said->envelope->header.certainty;
    out->is_notice = event_informs(rules, event);
    out->is_closing = !out->is_notice && event_closes(rules, event);
    out->is_lift = lf__event_lifts(event);
    if (out->is_lift) {
        out->from_ms = lf__day_ms(event->decided_at, out->said_ms);
        out->until_ms = out->from_ms;
    } else if (out->until_ms == 0) {
        out->until_ms = out->said_ms + event_term_ms(rules, event);
    }
    out->violation = event->violation;
    out->name = event->name;
    out->decided_at = event->decided_at;
    out->uscc = event->uscc;
    return LF_OK;
}

static lf_status registry_read(struct lf__arena *arena, const struct lf__said *said,
                               struct lf__statement *out, lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(arena, said->envelope, &entry, err);
    if (rc == LF_OK) {
        out->status = entry.status;
        out->decided_at = entry.established;
        out->name = entry.name;
        out->uscc = entry.uscc;
    }
    return rc;
}

/* When a listing stops to count by itself; 0: when it is taken off. */
static int64_t listing_until_ms(const struct lf__rules *rules, const struct px_listing *listing)
{
    struct lf__term term;
    int64_t until_ms = 0;
    if (!lf__rules_list_term(rules, listing->list, listing->reason, listing->listed_on, &term)) {
        return 0;
    }
    unsigned number = (unsigned)term.number;
    unsigned months = term.unit == LF__UNIT_YEARS    ? number * MONTHS_A_YEAR
                      : term.unit == LF__UNIT_MONTHS ? number
                                                     : 0;
    unsigned days = term.unit == LF__UNIT_DAYS ? number : 0;
    (void)lf__date_start(listing->listed_on, months, days, &until_ms);
    return until_ms;
}

/* One that is told before its first day waits for that; 0: it counts as soon as it is told. */
static int64_t listing_from_ms(const struct lf__said *said, const struct px_listing *listing)
{
    int64_t first_ms = lf__day_ms(listing->listed_on, 0);
    return first_ms > said->at_ms ? first_ms : 0;
}

static lf_status listing_read(const struct lf__rules *rules, struct lf__arena *arena,
                              const struct lf__said *said, struct lf__statement *out, lf_error *err)
{
    struct px_listing listing;
    lf_status rc = px_listing_decode(arena, said->envelope, &listing, err);
    if (rc == LF_OK) {
        out->status = listing.list;
        out->violation = listing.reason.len > 0 ? listing.reason : listing.violation;
        out->decided_at = listing.listed_on;
        out->from_ms = out->from_ms != 0 ? out->from_ms : listing_from_ms(said, &listing);
        out->region = listing.region;
        out->name = listing.name;
        out->until_ms = out->until_ms != 0 ? out->until_ms : listing_until_ms(rules, &listing);
        out->uscc = listing.uscc;
    }
    return rc;
}

static lf_status ban_read(struct lf__arena *arena, const struct lf__said *said,
                          struct lf__statement *out, lf_error *err)
{
    struct px_ban ban;
    lf_status rc = px_ban_decode(arena, said->envelope, &ban, err);
    if (rc == LF_OK) {
        out->decided_at = ban.from;
        out->from_ms = lf__day_ms(ban.from, out->from_ms);
        out->until_ms = lf__day_ms(ban.until, out->until_ms);
        out->uscc = ban.uscc;
    }
    return rc;
}

/* Its shops are in a part that may be erased alone: who wants them reads the record. */
static lf_status identity_read(struct lf__arena *arena, const struct lf__said *said,
                               struct lf__statement *out, lf_error *err)
{
    struct px_identity identity;
    lf_status rc = px_identity_decode(arena, said->envelope, &identity, err);
    if (rc == LF_OK) {
        out->name = identity.name;
        out->uscc = identity.uscc;
    }
    return rc;
}

lf_status lf__statement_read(const struct lf__rules *rules, struct lf__arena *arena,
                             const struct lf__said *said, struct lf__statement *out, lf_error *err)
{
    const struct px_header *h = &said->envelope->header;
    *out = (struct lf__statement){.kind = h->kind,
                                  .said_ms = said->at_ms,
                                  .from_ms = h->effective_from_ms,
                                  .until_ms = h->effective_until_ms};
    return h->kind == PX_KIND_ENFORCEMENT_EVENT   ? event_read(rules, arena, said, out, err)
           : h->kind == PX_KIND_REGISTRY_ENTRY    ? registry_read(arena, said, out, err)
           : h->kind == PX_KIND_CREDIT_LIST_ENTRY ? listing_read(rules, arena, said, out, err)
           : h->kind == PX_KIND_MERCHANT_IDENTITY ? identity_read(arena, said, out, err)
                                                  : ban_read(arena, said, out, err);
}

bool lf__accusation_waits(const struct lf__rules *rules, enum px_role issuer, unsigned certainty,
                          unsigned below)
{
    return lf__rules_waits(rules, issuer) && certainty < below;
}

/* ---- words ---- */

bool lf__audiences_agree(const struct px_header *a, const struct px_header *b)
{
    bool same = a->audience_count == b->audience_count;
    for (size_t i = 0; same && i < a->audience_count; i++) {
        same = lf__bytes_eq(a->audience[i], b->audience[i]);
    }
    return same;
}

lf_status lf__word_read(struct lf__arena *arena, const struct px_envelope *envelope,
                        struct lf__word *out, lf_error *err)
{
    struct px_target target;
    struct px_removal removal;
    struct px_appeal appeal;
    struct px_disposition said;
    struct px_notice notice;
    lf_status rc;
    *out = (struct lf__word){.kind = envelope->header.kind};
    if (envelope->is_not_understood) {
        return LF_OK;
    }
    if (out->kind == PX_KIND_LIST_REMOVAL) {
        rc = px_removal_decode(arena, envelope, &removal, err);
        out->decision = rc == LF_OK ? removal.ground : 0;
        out->until_ms = rc == LF_OK ? lf__day_ms(removal.removed_on, 0) : 0;
    } else if (out->kind == PX_KIND_APPEAL) {
        rc = px_appeal_decode(arena, envelope, &appeal, err);
        out->decision = rc == LF_OK ? appeal.step : 0;
    } else if (out->kind == PX_KIND_DISPOSITION) {
        rc = px_disposition_decode(arena, envelope, &said, err);
        out->decision = rc == LF_OK ? said.answer : 0;
    } else if (out->kind == PX_KIND_NOTICE) {
        rc = px_notice_decode(arena, envelope, &notice, err);
        out->decision = rc == LF_OK ? notice.step : 0;
    } else {
        rc = px_target_decode(arena, envelope, &target, err);
        out->decision = rc == LF_OK ? target.decision : 0;
        out->first = rc == LF_OK ? target.first_index : 0;
        out->last = rc == LF_OK ? target.last_index : 0;
    }
    return rc;
}

/* It was right until then. */
static void lift(struct lf__life *life, int64_t until_ms)
{
    bool is_sooner = life->until_ms == 0 || until_ms < life->until_ms;
    life->state = LF__STATE_LIFTED;
    life->until_ms = is_sooner ? until_ms : life->until_ms;
}

/* What was withdrawn or corrected stays so. */
bool lf__life_waits(const struct lf__rules *rules, const struct lf__life *life)
{
    bool is_final = lf__rules_number(rules, "relay", "REFUSED_IS_FINAL", 1) != 0;
    return life->state == LF__STATE_PENDING_RELAY || life->state == LF__STATE_QUARANTINED ||
           (life->state == LF__STATE_REFUSED && !is_final);
}

/* A relay wakes only what waits. */
static void relay_change(const struct lf__rules *rules, unsigned decision, struct lf__life *life)
{
    bool waits = lf__life_waits(rules, life);
    if (waits && decision == PX_RELAY_RELEASED) {
        life->state = LF__STATE_ACTIVE;
        life->is_held = false;
    } else if (waits && decision == PX_RELAY_REFUSED) {
        life->state = LF__STATE_REFUSED;
    }
}

static void correction_change(unsigned decision, struct lf__life *life)
{
    if (decision != PX_CORRECTION_NONE) {
        life->state =
            decision == PX_CORRECTION_WITHDRAWN ? LF__STATE_WITHDRAWN : LF__STATE_CORRECTED;
    }
}

static void removal_change(const struct lf__word *word, struct lf__life *life)
{
    bool is_listed = life->state == LF__STATE_ACTIVE || life->state == LF__STATE_LIFTED;
    if (is_listed && word->decision == PX_GROUND_REVOKED) {
        life->state = LF__STATE_CORRECTED; /* it never was right */
    } else if (is_listed && word->decision != PX_GROUND_NONE) {
        lift(life, word->until_ms);
    }
}

static void appeal_change(unsigned step, struct lf__life *life)
{
    if (step != PX_APPEAL_NONE) {
        life->appeal = step;
    }
    if (step == PX_APPEAL_OVERTURNED) {
        life->state = LF__STATE_CORRECTED;
    }
}

/* What a new version leaves of the one before: a lifted measure was right until then, anything else is replaced. */
static void version_change(const struct lf__word *word, struct lf__life *life)
{
    if (word->decision != 0 && life->state == LF__STATE_ACTIVE) {
        lift(life, word->until_ms);
    } else {
        life->state = LF__STATE_CORRECTED;
    }
    life->appeal = lf__life_is_appealed(life) ? PX_APPEAL_NONE : life->appeal;
}

void lf__life_change(const struct lf__rules *rules, const struct lf__word *word,
                     struct lf__life *life)
{
    if (word->kind == PX_KIND_RELAY) {
        relay_change(rules, word->decision, life);
    } else if (word->kind == PX_KIND_CORRECTION) {
        correction_change(word->decision, life);
    } else if (word->kind == PX_KIND_LIST_REMOVAL) {
        removal_change(word, life);
    } else if (word->kind == PX_KIND_APPEAL) {
        appeal_change(word->decision, life);
    } else if (lf__is_statement(word->kind)) {
        version_change(word, life);
    }
}
