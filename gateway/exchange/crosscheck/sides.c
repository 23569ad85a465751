/* SPDX-License-Identifier: Apache-2.0 */
/* What counts on each side. A removal counts while it is in force; so does what an authority listed or decided. */
#include "gateway/exchange/crosscheck/crosscheck_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/may_read.h"
#include "protos/codec/words.h"
#include "uscc/name.h"

#include <stdarg.h>
#include <stdio.h>

enum { CERTAINTY_ADMIN_DECISION = 5 };

static void index_add(struct crossing *c, uint64_t index)
{
    struct gw_cross_row *row = c->row;
    if (row->index_count < GW_CROSS_INDEXES_MAX) {
        row->indexes[row->index_count++] = index;
    }
}

/* One more; it is only counted when it does not fit. */
__attribute__((format(printf, 2, 3))) static void words_add(struct cross_words *words,
                                                            const char *format, ...)
{
    size_t len = strlen(words->text);
    size_t room = sizeof words->text - len;
    char *to = words->text + len;
    int sep = words->count > 0 ? snprintf(to, room, "; ") : 0;
    va_list args;
    va_start(args, format);
    int n = (size_t)sep < room ? vsnprintf(to + sep, room - (size_t)sep, format, args) : -1;
    va_end(args);
    if (n < 0 || (size_t)sep + (size_t)n >= room) {
        *to = '\0';
    }
    words->count++;
}

static void name_take(struct crossing *c, lf_bytes name)
{
    if (name.len == 0) {
        return;
    }
    if (c->name.len == 0) {
        c->name = name;
    } else if (c->other_name.len == 0 && !lf__bytes_eq(c->name, name) &&
               !lf__name_is_same(c->name, name)) {
        c->other_name = name;
    }
}

static int64_t day_ms(lf_bytes date, int64_t otherwise)
{
    int64_t at_ms = otherwise;
    (void)lf__date_start(date, 0, 0, &at_ms);
    return at_ms;
}

static void said_add(struct cross_said *list, size_t *count, const struct cross_said *one)
{
    if (*count < CROSS_KEPT) {
        list[(*count)++] = *one;
    }
}

/* Rivals are not named to whom they are not told. */
static void issuer_words(const struct crossing *c, const struct gw_known *known,
                         char out[static 48])
{
    bool is_told = c->ask->reader->role == PX_ROLE_REGULATOR;
    (void)snprintf(out, 48, "%.*s", is_told ? (int)known->issuer.len : 10,
                   is_told ? (const char *)known->issuer.ptr : "a platform");
}

static void registry_take(struct crossing *c, const struct gw_known *known)
{
    if (known->state != LF__STATE_ACTIVE) {
        return; /* taken back, or not understood: as good as never told */
    }
    name_take(c, known->name);
    c->registry = known->index;
    if (lf__rules_knows(c->ask->exchange->rules, "gone", known->status)) {
        c->gone = known->status;
    }
}

static void platform_event_take(struct crossing *c, const struct gw_known *known,
                                enum lf__state state)
{
    char issuer[48];
    int64_t decided_ms = day_ms(known->decided_at, known->said_ms);
    issuer_words(c, known, issuer);
    if (state == LF__STATE_LIFTED) {
        c->lifted_ms = known->until_ms > c->lifted_ms ? known->until_ms : c->lifted_ms;
        words_add(&c->past_words, "%s lifted what it did", issuer);
    } else if (state == LF__STATE_EXPIRED) {
        c->has_expired = true;
        words_add(&c->past_words,
                  "%s removed it for %.*s on %.*s, which has ended and is not lifted", issuer,
                  (int)known->violation.len, (const char *)known->violation.ptr,
                  (int)known->decided_at.len, (const char *)known->decided_at.ptr);
    } else {
        struct cross_said removal = {known->index, known->violation, true};
        said_add(c->removals, &c->removal_count, &removal);
        c->removed_ms = decided_ms > c->removed_ms ? decided_ms : c->removed_ms;
        words_add(&c->platform_words, "removed for %.*s by %s on %.*s", (int)known->violation.len,
                  (const char *)known->violation.ptr, issuer, (int)known->decided_at.len,
                  (const char *)known->decided_at.ptr);
    }
    name_take(c, known->name);
    index_add(c, known->index);
}

static void gov_take(struct crossing *c, const struct gw_known *known)
{
    int64_t listed_ms = day_ms(known->decided_at, known->said_ms);
    c->gov_said_ms = known->said_ms > c->gov_said_ms ? known->said_ms : c->gov_said_ms;
    c->listed_ms = c->gov_count == 0 || listed_ms < c->listed_ms ? listed_ms : c->listed_ms;
    c->gov_count++;
    name_take(c, known->name);
    index_add(c, known->index);
}

static void penalty_take(struct crossing *c, const struct gw_known *known)
{
    struct cross_said penalty = {known->index, known->violation,
                                 known->kind == PX_KIND_ENFORCEMENT_EVENT};
    said_add(c->penalties, &c->penalty_count, &penalty);
}

/* A decision of an authority is a penalty, whatever it is called. */
static void gov_event_take(struct crossing *c, const struct gw_known *known)
{
    gov_take(c, known);
    penalty_take(c, known);
    words_add(&c->gov_words, "decision of an authority for %.*s of %.*s", (int)known->violation.len,
              (const char *)known->violation.ptr, (int)known->decided_at.len,
              (const char *)known->decided_at.ptr);
}

static void event_take(struct crossing *c, const struct gw_known *known)
{
    struct gw_standing issuer;
    enum lf__state state = gw_known_told(known, c->ask->at_ms);
    bool is_in_force = state == LF__STATE_ACTIVE || state == LF__STATE_UNDER_APPEAL;
    if (gw_roster_by_name(c->ask->exchange->roster, known->issuer, &issuer, NULL) != LF_OK) {
        return;
    }
    if (issuer.role == PX_ROLE_PLATFORM) {
        bool is_told = is_in_force || state == LF__STATE_EXPIRED || state == LF__STATE_LIFTED;
        if (is_told && known->is_closing) {
            platform_event_take(c, known, state);
        }
    } else if (is_in_force && known->certainty >= CERTAINTY_ADMIN_DECISION) {
        gov_event_take(c, known);
    }
}

static void list_words(struct crossing *c, const struct gw_known *known, bool is_own)
{
    words_add(&c->gov_words, "%s%.*s%s%.*s%s%s%.*s%s%.*s", is_own ? "on the given list as " : "on ",
              (int)known->status.len, (const char *)known->status.ptr,
              known->region.len > 0 ? "(" : "", (int)known->region.len,
              known->region.len > 0 ? (const char *)known->region.ptr : "",
              known->region.len > 0 ? ")" : "", known->violation.len > 0 ? " for " : "",
              (int)known->violation.len,
              known->violation.len > 0 ? (const char *)known->violation.ptr : "",
              known->decided_at.len > 0 ? " since " : "", (int)known->decided_at.len,
              known->decided_at.len > 0 ? (const char *)known->decided_at.ptr : "");
}

static void listing_take(struct crossing *c, const struct gw_known *known)
{
    enum lf__state state = gw_known_told(known, c->ask->at_ms);
    if (state != LF__STATE_ACTIVE && state != LF__STATE_UNDER_APPEAL) {
        return;
    }
    gov_take(c, known);
    c->is_serious = c->is_serious || lf__bytes_eq_str(known->status, "SERIOUS");
    if (lf__bytes_eq_str(known->status, "PENALTY")) {
        penalty_take(c, known);
    }
    list_words(c, known, false);
}

static void identity_take(struct crossing *c, const struct gw_known *known)
{
    if (known->state == LF__STATE_ACTIVE) {
        name_take(c, known->name);
        if (c->identity_count < CROSS_KEPT) {
            c->identities[c->identity_count++] = known->index;
        }
    }
}

static bool known_take(void *user, const struct gw_known *known)
{
    struct crossing *c = user;
    const struct gw_cross_ask *ask = c->ask;
    if (!gw_may_read_known(ask->exchange, ask->txn, ask->reader, known)) {
        return true;
    }
    if (known->kind == PX_KIND_REGISTRY_ENTRY) {
        registry_take(c, known);
    } else if (known->from_ms > ask->at_ms) {
        return true; /* has not begun, by its own word */
    } else if (known->kind == PX_KIND_ENFORCEMENT_EVENT) {
        event_take(c, known);
    } else if (known->kind == PX_KIND_CREDIT_LIST_ENTRY) {
        listing_take(c, known);
    } else if (known->kind == PX_KIND_MERCHANT_IDENTITY) {
        identity_take(c, known);
    }
    return true;
}

lf_status gw__cross_take(struct crossing *c, lf_bytes uscc, lf_error *err)
{
    return gw_known_each(c->ask->txn, uscc, NULL, known_take, c, err);
}

void gw__cross_take_own(struct crossing *c, const struct gw_cross_listed *own)
{
    int64_t now_ms = c->ask->at_ms;
    struct gw_known line = {.status = own->list,
                            .violation = own->violation,
                            .decided_at = own->listed_on,
                            .said_ms = now_ms};
    bool is_on = own->list.len > 0 && day_ms(own->listed_on, 0) <= now_ms &&
                 now_ms < day_ms(own->removed_on, INT64_MAX);
    name_take(c, own->name);
    if (!is_on) {
        return;
    }
    int64_t listed_ms = day_ms(own->listed_on, now_ms);
    c->listed_ms = c->gov_count == 0 || listed_ms < c->listed_ms ? listed_ms : c->listed_ms;
    c->gov_said_ms = now_ms;
    c->gov_count++;
    c->is_serious = c->is_serious || lf__bytes_eq_str(own->list, "SERIOUS");
    if (lf__bytes_eq_str(own->list, "PENALTY")) {
        struct cross_said penalty = {CROSS_OWN, own->violation, false};
        said_add(c->penalties, &c->penalty_count, &penalty);
    }
    list_words(c, &line, true);
}

/* ---- what only the records themselves say ---- */

/* The classes of one that was said: those of an event, or reason and violation of a listing. */
struct classes {
    lf_bytes list[PX_MORE_VIOLATIONS_MAX + 1];
    size_t count;
};

static void class_add(struct classes *out, lf_bytes code)
{
    if (code.len > 0 && out->count < LF_COUNT(out->list)) {
        out->list[out->count++] = code;
    }
}

static lf_status event_classes(struct lf__arena *arena, const struct px_envelope *envelope,
                               struct classes *out, lf_error *err)
{
    struct px_event *event = lf__arena_alloc(arena, sizeof *event);
    lf_status rc = event == NULL ? lf__fail(err, LF_E_NOMEM, "record: out of memory")
                                 : px_event_decode(arena, envelope, event, err);
    for (size_t i = 0; rc == LF_OK && i <= event->more_count; i++) {
        class_add(out, i == 0 ? event->violation : event->more_violations[i - 1]);
    }
    return rc;
}

static lf_status classes_of(const struct crossing *c, struct lf__arena *arena,
                            const struct cross_said *said, struct classes *out, lf_error *err)
{
    struct px_envelope envelope;
    struct px_listing listing;
    out->count = 0;
    class_add(out, said->violation);
    if (said->index == CROSS_OWN) {
        return LF_OK;
    }
    lf_status rc =
        gw__entry_read(c->ask->exchange, c->ask->txn, arena, said->index, &envelope, err);
    if (rc == LF_OK && said->is_event) {
        out->count = 0;
        rc = event_classes(arena, &envelope, out, err);
    } else if (rc == LF_OK) {
        rc = px_listing_decode(arena, &envelope, &listing, err);
        class_add(out, rc == LF_OK ? listing.violation : LF_BYTES_NONE);
    }
    return rc;
}

static bool is_of_kind(const struct lf__rules *rules, const struct classes *removal,
                       const struct classes *penalty)
{
    for (size_t i = 0; i < removal->count; i++) {
        for (size_t k = 0; k < penalty->count; k++) {
            if (lf__rules_maps(rules, removal->list[i], penalty->list[k])) {
                return true;
            }
        }
    }
    return false;
}

lf_status gw__cross_is_mapped(const struct crossing *c, bool *out, lf_error *err)
{
    LF_ARENA arena;
    lf_status rc = LF_OK;
    lf__arena_init(&arena, 2 * CROSS_KEPT * EXCHANGE_ARENA_MAX);
    *out = false;
    for (size_t i = 0; rc == LF_OK && !*out && i < c->removal_count; i++) {
        struct classes removal;
        rc = classes_of(c, &arena, &c->removals[i], &removal, err);
        for (size_t k = 0; rc == LF_OK && !*out && k < c->penalty_count; k++) {
            struct classes penalty;
            rc = classes_of(c, &arena, &c->penalties[k], &penalty, err);
            *out = rc == LF_OK && is_of_kind(c->ask->exchange->rules, &removal, &penalty);
        }
    }
    return rc;
}

lf_status gw__cross_find_trading(struct crossing *c, lf_error *err)
{
    LF_ARENA arena;
    struct px_envelope envelope;
    struct px_identity identity;
    lf_status rc = LF_OK;
    lf__arena_init(&arena, EXCHANGE_ARENA_MAX);
    for (size_t i = 0; rc == LF_OK && c->trading == 0 && i < c->identity_count; i++) {
        lf__arena_reset(&arena);
        rc =
            gw__entry_read(c->ask->exchange, c->ask->txn, &arena, c->identities[i], &envelope, err);
        rc = rc == LF_OK ? px_identity_decode(&arena, &envelope, &identity, err) : rc;
        if (rc == LF_OK && identity.shops.count > 0) {
            char issuer[48];
            struct gw_known known = {.issuer = envelope.header.issuer};
            issuer_words(c, &known, issuer);
            words_add(&c->platform_words, "%s names %zu of its shops", issuer,
                      identity.shops.count);
            c->trading = c->identities[i];
            index_add(c, c->trading);
        }
    }
    return rc;
}
