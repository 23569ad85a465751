/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry changes of a mirror. Statements (events, registry entries, listings, our own bans) make a row of their code; what
 * later entries do to one is kept beside it, so that its row can be made anew at any time: also of a statement that comes
 * late, because it was withheld until a regulator released it. The rules are those of the gateway's standing, without its past.
 */
#include "client/mirror_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdio.h>

enum { DAY_MS = 86400000, MONTHS_A_YEAR = 12, EFFECT_BYTES = 10, RUN_MAX = 10000 };

static bool is_statement(enum px_kind kind)
{
    return kind == PX_KIND_ENFORCEMENT_EVENT || kind == PX_KIND_REGISTRY_ENTRY ||
           kind == PX_KIND_CREDIT_LIST_ENTRY || kind == PX_KIND_ENTRY_BAN;
}

static int64_t day_ms(lf_bytes date, int64_t otherwise)
{
    int64_t at_ms = otherwise;
    (void)lf__date_start(date, 0, 0, &at_ms);
    return at_ms;
}

/* ---- a statement's row ---- */

struct deriving {
    const lf_mirror *mirror;
    struct lf__arena *arena;
    const struct px_envelope *envelope;
    struct mirror_row row;
    lf_bytes code;
};

static bool has_measure(const struct lf__rules *rules, const struct px_event *event)
{
    bool closes = false;
    for (size_t i = 0; !closes && i < event->measure_count; i++) {
        closes = lf__rules_knows(rules, "closing", event->measures[i]);
    }
    return closes;
}

static bool is_lift(const struct px_event *event)
{
    bool lifts = false;
    for (size_t i = 0; !lifts && i < event->measure_count; i++) {
        lifts = lf__bytes_eq_str(event->measures[i], "LIFT");
    }
    return lifts;
}

static lf_bytes violation_at(const struct px_event *event, size_t i)
{
    return i == 0 ? event->violation : event->more_violations[i - 1];
}

/* All of it only informs, and it acts as long as the violation that acts longest. */
static void event_terms(const struct lf__rules *rules, const struct px_event *event,
                        struct mirror_row *row)
{
    uint64_t otherwise = lf__rules_number(rules, "term_days", "DEFAULT", 365);
    uint64_t longest = 0;
    bool informs = true;
    for (size_t i = 0; i <= event->more_count; i++) {
        char code[64];
        bool fits = lf__copy_str(code, sizeof code, violation_at(event, i));
        uint64_t days = fits ? lf__rules_number(rules, "term_days", code, otherwise) : otherwise;
        longest = days > longest ? days : longest;
        informs = informs && lf__rules_knows(rules, "inform", violation_at(event, i));
    }
    row->flags |= informs ? MIRROR_IS_NOTICE : has_measure(rules, event) ? MIRROR_IS_CLOSING : 0;
    if (row->until_ms == 0) {
        row->until_ms = row->said_ms + (int64_t)longest * DAY_MS;
    }
}

static lf_status event_row(struct deriving *d, lf_error *err)
{
    struct px_event *event = lf__arena_alloc(d->arena, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                 : px_event_decode(d->arena, d->envelope, event, err);
    if (rc != LF_OK) {
        return rc;
    }
    event_terms(d->mirror->rules, event, &d->row);
    if (is_lift(event)) {
        d->row.state = MIRROR_LIFTED;
        d->row.from_ms = day_ms(event->decided_at, d->row.said_ms);
        d->row.until_ms = d->row.from_ms;
    }
    d->row.certainty = (uint8_t)d->envelope->header.certainty;
    d->row.word = event->violation;
    d->code = event->uscc;
    return LF_OK;
}

static lf_status registry_row(struct deriving *d, lf_error *err)
{
    struct px_registry entry;
    lf_status rc = px_registry_decode(d->arena, d->envelope, &entry, err);
    if (rc == LF_OK) {
        d->row.word = entry.status;
        d->code = entry.uscc;
    }
    return rc;
}

static int64_t listing_until_ms(const struct lf__rules *rules, const struct px_listing *listing)
{
    struct lf__term term;
    int64_t until_ms = 0;
    if (lf__rules_list_term(rules, listing->list, listing->reason, listing->listed_on, &term)) {
        unsigned number = (unsigned)term.number;
        unsigned months = term.unit == LF__UNIT_YEARS    ? number * MONTHS_A_YEAR
                          : term.unit == LF__UNIT_MONTHS ? number
                                                         : 0;
        (void)lf__date_start(listing->listed_on, months, term.unit == LF__UNIT_DAYS ? number : 0,
                             &until_ms);
    }
    return until_ms;
}

static lf_status listing_row(struct deriving *d, lf_error *err)
{
    struct px_listing listing;
    lf_status rc = px_listing_decode(d->arena, d->envelope, &listing, err);
    if (rc == LF_OK) {
        d->row.word = listing.list;
        d->row.until_ms =
            d->row.until_ms != 0 ? d->row.until_ms : listing_until_ms(d->mirror->rules, &listing);
        d->code = listing.uscc;
    }
    return rc;
}

/* A platform's own decision acts for itself alone. */
static lf_status ban_row(struct deriving *d, lf_error *err)
{
    struct px_ban ban;
    if ((d->row.flags & MIRROR_IS_OWN) == 0) {
        return LF_OK;
    }
    lf_status rc = px_ban_decode(d->arena, d->envelope, &ban, err);
    if (rc == LF_OK) {
        d->row.from_ms = day_ms(ban.from, d->row.from_ms);
        d->row.until_ms = day_ms(ban.until, d->row.until_ms);
        d->code = ban.uscc;
    }
    return rc;
}

static lf_status row_begin(struct deriving *d, uint64_t index, lf_bytes leaf, lf_error *err)
{
    const struct px_header *h = &d->envelope->header;
    bool is_own = lf__bytes_eq_str(h->issuer, d->mirror->member);
    d->row = (struct mirror_row){.index = index,
                                 .said_ms = (int64_t)lf__get_u64be(leaf.ptr + 1),
                                 .from_ms = h->effective_from_ms,
                                 .until_ms = h->effective_until_ms,
                                 .kind = (uint8_t)h->kind,
                                 .state = MIRROR_ACTIVE,
                                 .flags = is_own ? MIRROR_IS_OWN : 0};
    lf_status rc = h->kind == PX_KIND_ENFORCEMENT_EVENT   ? event_row(d, err)
                   : h->kind == PX_KIND_REGISTRY_ENTRY    ? registry_row(d, err)
                   : h->kind == PX_KIND_CREDIT_LIST_ENTRY ? listing_row(d, err)
                                                          : ban_row(d, err);
    if (rc == LF_OK && d->envelope->is_not_understood) {
        d->row.state = MIRROR_QUARANTINED;
    }
    return rc;
}

/* ---- what later entries do to it ---- */

struct effect {
    enum px_kind kind; /* of the entry that does it */
    unsigned decision; /* as that kind has it; of a new version whether it lifts */
    int64_t until_ms;
    uint64_t first; /* of a relay of a run, not stored; 0: of its target alone */
    uint64_t last;
};

static void relay_change(const struct lf__rules *rules, unsigned decision, struct mirror_row *row)
{
    bool is_final = lf__rules_number(rules, "relay", "REFUSED_IS_FINAL", 1) != 0;
    bool waits = row->state == MIRROR_PENDING || row->state == MIRROR_QUARANTINED ||
                 (row->state == MIRROR_REFUSED && !is_final);
    if (waits && decision == PX_RELAY_RELEASED) {
        row->state = MIRROR_ACTIVE;
    } else if (waits && decision == PX_RELAY_REFUSED) {
        row->state = MIRROR_REFUSED;
    }
}

static void lift(struct mirror_row *row, int64_t until_ms)
{
    row->until_ms = row->until_ms == 0 || until_ms < row->until_ms ? until_ms : row->until_ms;
    row->state = MIRROR_LIFTED;
}

static void removal_change(const struct effect *effect, struct mirror_row *row)
{
    bool is_listed = row->state == MIRROR_ACTIVE || row->state == MIRROR_LIFTED;
    if (is_listed && effect->decision == PX_GROUND_REVOKED) {
        row->state = MIRROR_CORRECTED; /* it never was right */
    } else if (is_listed && effect->decision != PX_GROUND_NONE) {
        lift(row, effect->until_ms);
    }
}

static void version_change(const struct effect *effect, struct mirror_row *row)
{
    if (effect->decision != 0 && row->state == MIRROR_ACTIVE) {
        lift(row, effect->until_ms);
    } else {
        row->state = MIRROR_CORRECTED;
    }
}

static void effect_do(const struct lf__rules *rules, const struct effect *effect,
                      struct mirror_row *row)
{
    unsigned decision = effect->decision;
    if (effect->kind == PX_KIND_NONE) { /* how it began, by the policy of then */
        row->state = row->state == MIRROR_ACTIVE ? (uint8_t)decision : row->state;
        row->flags |= decision == MIRROR_QUARANTINED ? MIRROR_IS_BURST : 0;
    } else if (effect->kind == PX_KIND_RELAY) {
        relay_change(rules, decision, row);
    } else if (effect->kind == PX_KIND_CORRECTION) {
        row->state = decision == PX_CORRECTION_NONE        ? row->state
                     : decision == PX_CORRECTION_WITHDRAWN ? MIRROR_WITHDRAWN
                                                           : MIRROR_CORRECTED;
    } else if (effect->kind == PX_KIND_LIST_REMOVAL) {
        removal_change(effect, row);
    } else if (effect->kind == PX_KIND_APPEAL) {
        row->appeal = decision != PX_APPEAL_NONE ? (uint8_t)decision : row->appeal;
        row->state = decision == PX_APPEAL_OVERTURNED ? MIRROR_CORRECTED : row->state;
    } else {
        version_change(effect, row);
    }
}

static bool effect_each(const struct st_pair *pair, void *user)
{
    struct deriving *d = user;
    if (pair->value.len == EFFECT_BYTES) {
        struct effect effect = {.kind = pair->value.ptr[0],
                                .decision = pair->value.ptr[1],
                                .until_ms = (int64_t)lf__get_u64be(pair->value.ptr + 2)};
        effect_do(d->mirror->rules, &effect, &d->row);
    }
    return true;
}

static lf_status record_put(struct st_txn *txn, const struct px_header *h, uint64_t index,
                            lf_bytes code, lf_error *err)
{
    uint8_t value[8 + MIRROR_CODE_BYTES];
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    bool has_code = code.len == MIRROR_CODE_BYTES;
    lf__put_u64be(value, index);
    lf__copy(value + 8, code.ptr, has_code ? code.len : 0);
    return st_put(txn, MIRROR_RECORDS, mirror_key(&key),
                  (lf_bytes){value, has_code ? sizeof value : 8}, err);
}

static lf_status is_restricted(struct st_txn *txn, uint64_t index, bool *out, lf_error *err)
{
    lf_bytes none;
    struct mirror_key key = lf__mirror_number(index);
    return lf__mirror_find(txn, MIRROR_RESTRICTED, mirror_key(&key), &none, out, err);
}

/* What follows from the statement and from all that was said of it. */
static lf_status row_finish(struct deriving *d, struct st_txn *txn, bool *is_hidden, lf_error *err)
{
    const struct px_header *h = &d->envelope->header;
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    lf_status rc = lf__mirror_each(txn, MIRROR_EFFECTS, mirror_key(&key), effect_each, d, err);
    return rc == LF_OK ? is_restricted(txn, d->row.index, is_hidden, err) : rc;
}

static lf_status statement_put(struct deriving *d, struct st_txn *txn, lf_error *err)
{
    bool is_hidden = false;
    lf_status rc = row_finish(d, txn, &is_hidden, err);
    if (rc != LF_OK || d->code.len != MIRROR_CODE_BYTES) {
        return rc;
    }
    return lf__mirror_row_put(txn, d->code, d->row.index, is_hidden ? NULL : &d->row, err);
}

/* An entry's statement into *d; false in *is for what is none, or was erased. */
static lf_status statement_read(struct deriving *d, struct st_txn *txn, uint64_t index, bool *is,
                                lf_error *err)
{
    lf_bytes leaf = LF_BYTES_NONE;
    lf_bytes bytes = LF_BYTES_NONE;
    struct px_envelope *envelope = lf__arena_alloc(d->arena, sizeof *envelope);
    lf_status rc = envelope == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                    : lf__mirror_entry_get(txn, index, &leaf, &bytes, err);
    *is = false;
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    bytes = lf__arena_copy(d->arena, bytes);
    leaf = lf__arena_copy(d->arena, leaf);
    rc = lf__arena_status(d->arena, err);
    rc = rc == LF_OK ? px_envelope_decode(d->arena, bytes, envelope, err) : rc;
    if (rc != LF_OK || !is_statement(envelope->header.kind)) {
        return rc;
    }
    d->envelope = envelope;
    *is = true;
    return row_begin(d, index, leaf, err);
}

lf_status lf__mirror_derive(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                            uint64_t index, lf_error *err)
{
    bool is = false;
    struct deriving d = {.mirror = mirror, .arena = arena};
    lf_status rc = statement_read(&d, txn, index, &is, err);
    return rc == LF_OK && is ? statement_put(&d, txn, err) : rc;
}

lf_status lf__mirror_derived(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                             uint64_t index, struct lf__mirror_derived *out, lf_error *err)
{
    bool is = false;
    bool is_hidden = false;
    struct deriving d = {.mirror = mirror, .arena = arena};
    lf_status rc = statement_read(&d, txn, index, &is, err);
    rc = rc == LF_OK && is ? row_finish(&d, txn, &is_hidden, err) : rc;
    if (rc == LF_OK) {
        *out = (struct lf__mirror_derived){
            .row = d.row, .code = d.code, .stands = is && !is_hidden && d.code.len > 0};
    }
    return rc;
}

/* ---- entries ---- */

static lf_status effect_read(struct lf__arena *arena, const struct px_envelope *envelope,
                             struct effect *out, lf_error *err)
{
    struct px_removal removal;
    struct px_appeal appeal;
    struct px_target target;
    lf_status rc;
    *out = (struct effect){.kind = envelope->header.kind};
    if (envelope->is_not_understood) {
        return LF_OK;
    }
    if (out->kind == PX_KIND_LIST_REMOVAL) {
        rc = px_removal_decode(arena, envelope, &removal, err);
        out->decision = rc == LF_OK ? removal.ground : 0;
        out->until_ms = rc == LF_OK ? day_ms(removal.removed_on, 0) : 0;
    } else if (out->kind == PX_KIND_APPEAL) {
        rc = px_appeal_decode(arena, envelope, &appeal, err);
        out->decision = rc == LF_OK ? appeal.step : 0;
    } else {
        rc = px_target_decode(arena, envelope, &target, err);
        out->decision = rc == LF_OK ? target.decision : 0;
        out->first = rc == LF_OK ? target.first_index : 0;
        out->last = rc == LF_OK ? target.last_index : 0;
    }
    return rc;
}

static lf_status effect_put(struct st_txn *txn, const struct mirror_key *target, uint64_t index,
                            const struct effect *effect, lf_error *err)
{
    uint8_t value[EFFECT_BYTES];
    struct mirror_key key = lf__mirror_at(mirror_key(target), index);
    value[0] = (uint8_t)effect->kind;
    value[1] = (uint8_t)effect->decision;
    lf__put_u64be(value + 2, (uint64_t)effect->until_ms);
    return st_put(txn, MIRROR_EFFECTS, mirror_key(&key), LF_BYTES_ARRAY(value), err);
}

/* The target's row is made anew; what we were not let see until now is to be fetched. */
static lf_status target_change(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                               const struct mirror_key *target, const struct effect *effect,
                               lf_error *err)
{
    lf_bytes row = LF_BYTES_NONE;
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_RECORDS, mirror_key(target), &row, &found, err);
    if (rc == LF_OK && !found) {
        bool shows = effect->kind == PX_KIND_RELAY && effect->decision == PX_RELAY_RELEASED;
        return shows ? st_put(txn, MIRROR_WANTED, mirror_key(target), LF_BYTES_NONE, err) : LF_OK;
    }
    uint64_t index = rc == LF_OK && row.len >= 8 ? lf__get_u64be(row.ptr) : UINT64_MAX;
    return rc == LF_OK ? lf__mirror_derive(mirror, txn, arena, index, err) : rc;
}

/* ---- a relay of a run ---- */

/* Whether the row began quarantined as one of too many: by the first thing that is known of it. */
static bool burst_each(const struct st_pair *pair, void *user)
{
    bool *is = user;
    *is = pair->value.len == EFFECT_BYTES && pair->value.ptr[0] == PX_KIND_NONE &&
          pair->value.ptr[1] == MIRROR_QUARANTINED;
    return !*is;
}

static bool audiences_agree(const struct px_header *a, const struct px_header *b)
{
    bool same = a->audience_count == b->audience_count;
    for (size_t i = 0; same && i < a->audience_count; i++) {
        same = lf__bytes_eq(a->audience[i], b->audience[i]);
    }
    return same;
}

struct run {
    lf_mirror *mirror;
    struct st_txn *txn;
    const struct px_header *relay; /* for whom it is, as all of the run */
    lf_bytes issuer;               /* of the run */
    uint64_t index;                /* of the relay */
    const struct effect *effect;
};

/* One position of the run that we have. */
static lf_status run_one(const struct run *run, uint64_t at, lf_error *err)
{
    LF_ARENA arena;
    bool is = false;
    struct deriving d = {.mirror = run->mirror, .arena = &arena};
    lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
    lf_status rc = statement_read(&d, run->txn, at, &is, err);
    const struct px_header *h = is ? &d.envelope->header : NULL;
    if (rc != LF_OK || !is || h->kind != PX_KIND_ENFORCEMENT_EVENT ||
        !lf__bytes_eq(h->issuer, run->issuer) || !audiences_agree(h, run->relay)) {
        return rc;
    }
    bool is_burst = false;
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    rc = lf__mirror_each(run->txn, MIRROR_EFFECTS, mirror_key(&key), burst_each, &is_burst, err);
    if (rc != LF_OK || !is_burst) {
        return rc;
    }
    rc = effect_put(run->txn, &key, run->index, run->effect, err);
    return rc == LF_OK ? lf__mirror_derive(run->mirror, run->txn, &arena, at, err) : rc;
}

/* What we had no sight of until now is to be fetched. */
static lf_status run_want(struct st_txn *txn, uint64_t first, uint64_t last, lf_error *err)
{
    uint8_t key[MIRROR_RUN_BYTES];
    lf__put_u64be(key, first);
    lf__put_u64be(key + 8, last);
    return st_put(txn, MIRROR_WANTED, LF_BYTES_ARRAY(key), LF_BYTES_NONE, err);
}

static lf_status run_apply(const struct run *run, lf_error *err)
{
    const struct effect *e = run->effect;
    lf_status rc = LF_OK;
    uint64_t last = e->last < run->index ? e->last : run->index - 1;
    bool sees_waiting = run->mirror->role == PX_ROLE_REGULATOR ||
                        lf__bytes_eq_str(run->issuer, run->mirror->member);
    if (last < e->first || last - e->first >= RUN_MAX) {
        return LF_OK; /* no gateway takes such a one */
    }
    if (!sees_waiting) {
        return e->decision == PX_RELAY_RELEASED ? run_want(run->txn, e->first, last, err) : LF_OK;
    }
    for (uint64_t at = e->first; rc == LF_OK && at <= last; at++) {
        rc = run_one(run, at, err);
    }
    return rc;
}

static lf_status word_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                            const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    struct px_about about;
    struct effect effect;
    lf_status rc = px_about_decode(arena, envelope, &about, err);
    rc = rc == LF_OK ? effect_read(arena, envelope, &effect, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (effect.last != 0) {
        struct run run = {mirror, txn, &envelope->header, about.issuer, index, &effect};
        return run_apply(&run, err);
    }
    struct mirror_key target = lf__mirror_record(about.issuer, about.record_id);
    rc = effect_put(txn, &target, index, &effect, err);
    return rc == LF_OK ? target_change(mirror, txn, arena, &target, &effect, err) : rc;
}

/* What a new version does to the one before. */
static lf_status version_apply(struct deriving *d, struct st_txn *txn, uint64_t index,
                               lf_error *err)
{
    const struct px_header *h = &d->envelope->header;
    struct effect effect = {.kind = h->kind,
                            .decision = d->row.state == MIRROR_LIFTED,
                            .until_ms = d->row.from_ms != 0 ? d->row.from_ms : d->row.said_ms};
    if (h->version <= 1 || h->kind == PX_KIND_REGISTRY_ENTRY || d->envelope->is_not_understood) {
        return LF_OK;
    }
    struct mirror_key target = lf__mirror_record(h->issuer, h->predecessor);
    lf_status rc = effect_put(txn, &target, index, &effect, err);
    return rc == LF_OK ? target_change((lf_mirror *)(uintptr_t)d->mirror, txn, d->arena, &target,
                                       &effect, err)
                       : rc;
}

static lf_status role_of(struct st_txn *txn, lf_bytes member, enum px_role *out, lf_error *err)
{
    lf_bytes role;
    bool found = false;
    lf_status rc = lf__mirror_find(txn, MIRROR_ROLES, member, &role, &found, err);
    *out = rc == LF_OK && found && role.len == 1 ? (enum px_role)role.ptr[0] : PX_ROLE_NONE;
    return rc;
}

/* Of what replaces what was before, one that comes late replaces nothing. */
static lf_status is_newest(struct st_txn *txn, const char *name, uint64_t index, bool *out,
                           lf_error *err)
{
    uint8_t value[8];
    *out = index >= lf__mirror_meta_number(txn, name);
    lf__put_u64be(value, index);
    return *out ? lf__mirror_meta_put(txn, name, LF_BYTES_ARRAY(value), err) : LF_OK;
}

/* "campaign NAME" among what the store says of itself: 01 if the newest Campaign of the name needs no relay. */
static void campaign_name(lf_bytes campaign, char out[static MIRROR_KEY_MAX])
{
    (void)snprintf(out, MIRROR_KEY_MAX, "campaign %.*s", (int)campaign.len,
                   (const char *)campaign.ptr);
}

static lf_status campaign_apply(struct st_txn *txn, struct lf__arena *arena,
                                const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    struct px_campaign campaign;
    char name[MIRROR_KEY_MAX];
    char at[MIRROR_KEY_MAX];
    bool newest = false;
    if (envelope->is_not_understood) {
        return LF_OK;
    }
    lf_status rc = px_campaign_decode(arena, envelope, &campaign, err);
    if (rc != LF_OK) {
        return rc;
    }
    uint8_t is_automatic[1] = {campaign.is_automatic ? 1 : 0};
    campaign_name(campaign.campaign, name);
    (void)snprintf(at, sizeof at, "at %.*s", (int)campaign.campaign.len,
                   (const char *)campaign.campaign.ptr);
    rc = is_newest(txn, at, index, &newest, err);
    return rc == LF_OK && newest ? lf__mirror_meta_put(txn, name, LF_BYTES_ARRAY(is_automatic), err)
                                 : rc;
}

/* Of a campaign whose events need no relay. */
static lf_status is_automatic(const struct deriving *d, struct st_txn *txn, bool *out,
                              lf_error *err)
{
    char name[MIRROR_KEY_MAX];
    lf_bytes value;
    bool found = false;
    struct px_event *event = lf__arena_alloc(d->arena, sizeof *event);
    *out = false;
    if (event == NULL) {
        return lf__arena_status(d->arena, err);
    }
    if (px_event_decode(d->arena, d->envelope, event, NULL) != LF_OK || event->campaign.len == 0) {
        return LF_OK;
    }
    campaign_name(event->campaign, name);
    lf_status rc = lf__mirror_find(txn, MIRROR_META, lf__bytes_str(name), &value, &found, err);
    *out = rc == LF_OK && found && value.len == 1 && value.ptr[0] != 0;
    return rc;
}

/* Whether an accusation waits for a relay. Only the issuer and regulators see what does, so to anybody else it is released. */
static lf_status is_waiting(const struct deriving *d, struct st_txn *txn, bool *out, lf_error *err)
{
    const struct px_header *h = &d->envelope->header;
    enum px_role role = PX_ROLE_NONE;
    bool goes = false;
    bool sees_waiting = (d->row.flags & MIRROR_IS_OWN) != 0 || d->mirror->role == PX_ROLE_REGULATOR;
    *out = false;
    if (!sees_waiting || h->kind != PX_KIND_ENFORCEMENT_EVENT || d->row.state != MIRROR_ACTIVE) {
        return LF_OK;
    }
    lf_status rc = role_of(txn, h->issuer, &role, err);
    if (rc != LF_OK || !lf__rules_waits(d->mirror->rules, role) ||
        h->certainty >= d->mirror->waits_below) {
        return rc;
    }
    rc = is_automatic(d, txn, &goes, err);
    *out = rc == LF_OK && !goes;
    return rc;
}

static lf_status waiting_put(const struct deriving *d, struct st_txn *txn, bool is_burst,
                             lf_error *err)
{
    const struct px_header *h = &d->envelope->header;
    struct mirror_key key = lf__mirror_record(h->issuer, h->record_id);
    struct effect effect = {.kind = PX_KIND_NONE, .decision = MIRROR_PENDING};
    bool waits = is_burst;
    lf_status rc = is_burst ? LF_OK : is_waiting(d, txn, &waits, err);
    effect.decision = is_burst ? MIRROR_QUARANTINED : MIRROR_PENDING;
    return rc == LF_OK && waits ? effect_put(txn, &key, d->row.index, &effect, err) : rc;
}

static lf_status statement_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                                 const struct px_envelope *envelope, const struct px_entry *entry,
                                 lf_error *err)
{
    uint64_t index = entry->index;
    struct deriving d = {.mirror = mirror, .arena = arena, .envelope = envelope};
    lf_status rc = row_begin(&d, index, entry->leaf, err);
    bool lifts = rc == LF_OK && d.row.state == MIRROR_LIFTED;
    rc = rc == LF_OK ? record_put(txn, &envelope->header, index, d.code, err) : rc;
    rc = rc == LF_OK ? waiting_put(&d, txn, entry->is_burst, err) : rc;
    rc = rc == LF_OK ? statement_put(&d, txn, err) : rc;
    d.row.state = lifts ? MIRROR_LIFTED : MIRROR_ACTIVE;
    return rc == LF_OK ? version_apply(&d, txn, index, err) : rc;
}

static lf_status member_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                              const struct px_envelope *envelope, lf_error *err)
{
    struct px_member *member = lf__arena_alloc(arena, sizeof *member);
    lf_status rc = member == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                  : px_member_decode(arena, envelope, member, err);
    uint8_t role[1] = {rc == LF_OK ? (uint8_t)member->role : 0};
    rc = rc == LF_OK ? st_put(txn, MIRROR_ROLES, member->member, LF_BYTES_ARRAY(role), err) : rc;
    if (rc != LF_OK || !lf__bytes_eq_str(member->member, mirror->member)) {
        return rc;
    }
    mirror->role = member->role;
    mirror->is_admitted = member->status == PX_MEMBER_ACTIVE;
    return lf__mirror_meta_put(txn, "role", LF_BYTES_ARRAY(role), err);
}

static lf_status policy_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                              const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    struct px_policy policy;
    bool newest = false;
    lf_status rc = px_policy_decode(arena, envelope, &policy, err);
    rc = rc == LF_OK ? is_newest(txn, "policy_at", index, &newest, err) : rc;
    if (rc != LF_OK || !newest) {
        return rc;
    }
    uint8_t below[1] = {(uint8_t)policy.relay_below};
    mirror->waits_below = policy.relay_below;
    return lf__mirror_meta_put(txn, "waits_below", LF_BYTES_ARRAY(below), err);
}

static lf_status genesis_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                               const struct px_envelope *envelope, lf_error *err)
{
    struct px_genesis *genesis = lf__arena_alloc(arena, sizeof *genesis);
    lf_status rc = genesis == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                   : px_genesis_decode(arena, envelope, genesis, err);
    if (rc != LF_OK) {
        return rc;
    }
    uint8_t is_test[1] = {genesis->is_test ? 1 : 0};
    mirror->is_test = genesis->is_test;
    return lf__mirror_meta_put(txn, "is_test", LF_BYTES_ARRAY(is_test), err);
}

static lf_status kind_apply(lf_mirror *mirror, struct st_txn *txn, struct lf__arena *arena,
                            const struct px_envelope *envelope, uint64_t index, lf_error *err)
{
    enum px_kind kind = envelope->header.kind;
    return kind == PX_KIND_RELAY || kind == PX_KIND_CORRECTION || kind == PX_KIND_LIST_REMOVAL ||
                   kind == PX_KIND_APPEAL
               ? word_apply(mirror, txn, arena, envelope, index, err)
           : kind == PX_KIND_MEMBER    ? member_apply(mirror, txn, arena, envelope, err)
           : kind == PX_KIND_POLICY    ? policy_apply(mirror, txn, arena, envelope, index, err)
           : kind == PX_KIND_CAMPAIGN  ? campaign_apply(txn, arena, envelope, index, err)
           : kind == PX_KIND_GENESIS   ? genesis_apply(mirror, txn, arena, envelope, err)
           : kind == PX_KIND_REDACTION ? lf__mirror_redact(mirror, txn, arena, envelope, err)
                                       : LF_OK;
}

lf_status lf__mirror_apply(lf_mirror *mirror, struct st_txn *txn, const struct px_entry *entry,
                           lf_error *err)
{
    uint64_t index = entry->index;
    LF_ARENA arena;
    lf__arena_init(&arena, 4 * PX_PARTS_BYTES_MAX);
    struct px_envelope *envelope = lf__arena_alloc(&arena, sizeof *envelope);
    lf_status rc = envelope == NULL ? lf__fail(err, LF_E_NOMEM, "mirror: out of memory")
                                    : px_envelope_decode(&arena, entry->envelope, envelope, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = lf__mirror_lead(mirror, txn, &arena, envelope, index, true, err);
    if (rc == LF_OK && is_statement(envelope->header.kind)) {
        return statement_apply(mirror, txn, &arena, envelope, entry, err);
    }
    rc = rc == LF_OK ? record_put(txn, &envelope->header, index, LF_BYTES_NONE, err) : rc;
    return rc == LF_OK ? kind_apply(mirror, txn, &arena, envelope, index, err) : rc;
}
