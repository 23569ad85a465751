/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBJECTS: an index of SHA-256(code), tagged with the kind, to the log positions of what was said of it.
 * KNOWN: u64be index -> u8 kind, life, u8 certainty, u8 flags, u64be said, u64be from, then six texts of u8
 * length each. So new records are written at the end of a table, and a change of state finds its row.
 * CHANGES: u64be index || u64be index of the entry that changed it -> the life that this ended.
 * A life is u8 state, u8 appeal, u8 held, u64be until.
 */
#include "gateway/exchange/projections/standing.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "gateway/exchange/projections/codes.h"
#include "gateway/exchange/tables.h"
#include "storage/index.h"

enum {
    KNOWN_CODE = 18,
    KNOWN_PLACES_MAX = 1 << 20, /* statements about one code */
    KNOWN_VALUE_MAX = 32 + 6 * 256,
    KNOWN_LIFE_MAX = 11,
    KNOWN_CLOSING = 1,
    KNOWN_AUDIENCE = 2,
    KNOWN_NOTICE = 4,
    KNOWN_RESTRICTED = 8,
    KNOWN_CHANGED = 16,
    KNOWN_BURST = 32
};

struct lf__life gw_known_life(const struct gw_known *known)
{
    return (struct lf__life){known->state, known->appeal, known->is_held, known->until_ms};
}

enum lf__state gw_known_told(const struct gw_known *known, int64_t at_ms)
{
    struct lf__life life = gw_known_life(known);
    return lf__life_told(&life, at_ms);
}

static void text_put(struct lf__buf *out, lf_bytes text)
{
    lf_bytes cut = lf__bytes_slice(text, 0, 255);
    (void)lf__buf_u8(out, (uint8_t)cut.len);
    (void)lf__buf_append(out, cut);
}

static void life_put(const struct lf__life *life, struct lf__buf *out)
{
    (void)lf__buf_u8(out, (uint8_t)life->state);
    (void)lf__buf_u8(out, (uint8_t)life->appeal);
    (void)lf__buf_u8(out, life->is_held ? 1 : 0);
    (void)lf__buf_u64be(out, (uint64_t)life->until_ms);
}

static void value_make(const struct gw_known *known, struct lf__buf *out)
{
    struct lf__life life = gw_known_life(known);
    lf__buf_init(out, KNOWN_VALUE_MAX);
    (void)lf__buf_u8(out, (uint8_t)known->kind);
    life_put(&life, out);
    (void)lf__buf_u8(out, (uint8_t)known->certainty);
    (void)lf__buf_u8(out, (uint8_t)((known->is_closing ? KNOWN_CLOSING : 0) |
                                    (known->has_audience ? KNOWN_AUDIENCE : 0) |
                                    (known->is_notice ? KNOWN_NOTICE : 0) |
                                    (known->is_restricted ? KNOWN_RESTRICTED : 0) |
                                    (known->has_changed ? KNOWN_CHANGED : 0) |
                                    (known->is_burst ? KNOWN_BURST : 0)));
    (void)lf__buf_u64be(out, (uint64_t)known->said_ms);
    (void)lf__buf_u64be(out, (uint64_t)known->from_ms);
    lf_bytes texts[] = {known->issuer, known->violation, known->decided_at,
                        known->status, known->region,    known->name};
    for (size_t i = 0; i < LF_COUNT(texts); i++) {
        text_put(out, texts[i]);
    }
    LF_BUG_IF(out->failed);
}

static bool text_get(struct lf__reader *r, lf_bytes *out)
{
    uint8_t len;
    return lf__read_u8(r, &len) && lf__read_bytes(r, len, out);
}

static bool life_get(struct lf__reader *r, struct gw_known *out)
{
    uint8_t state;
    uint8_t appeal;
    uint8_t held;
    uint64_t until;
    if (!lf__read_u8(r, &state) || !lf__read_u8(r, &appeal) || !lf__read_u8(r, &held) ||
        !lf__read_u64be(r, &until)) {
        return false;
    }
    out->state = (enum lf__state)state;
    out->appeal = appeal;
    out->is_held = held != 0;
    out->until_ms = (int64_t)until;
    return true;
}

static lf_status damaged(lf_error *err)
{
    return lf__fail(err, LF_E_CORRUPT, "standing: a row is damaged");
}

static lf_status value_read(uint64_t index, lf_bytes value, struct gw_known *out, lf_error *err)
{
    struct lf__reader r = {value};
    struct gw_known known = {.index = index};
    uint8_t kind;
    uint8_t certainty;
    uint8_t flags;
    uint64_t said;
    uint64_t from;
    if (!lf__read_u8(&r, &kind) || !life_get(&r, &known) || !lf__read_u8(&r, &certainty) ||
        !lf__read_u8(&r, &flags) || !lf__read_u64be(&r, &said) || !lf__read_u64be(&r, &from) ||
        !text_get(&r, &known.issuer) || !text_get(&r, &known.violation) ||
        !text_get(&r, &known.decided_at) || !text_get(&r, &known.status) ||
        !text_get(&r, &known.region) || !text_get(&r, &known.name)) {
        return damaged(err);
    }
    known.kind = (enum px_kind)kind;
    known.certainty = certainty;
    known.is_closing = (flags & KNOWN_CLOSING) != 0;
    known.has_audience = (flags & KNOWN_AUDIENCE) != 0;
    known.is_notice = (flags & KNOWN_NOTICE) != 0;
    known.is_restricted = (flags & KNOWN_RESTRICTED) != 0;
    known.has_changed = (flags & KNOWN_CHANGED) != 0;
    known.is_burst = (flags & KNOWN_BURST) != 0;
    known.said_ms = (int64_t)said;
    known.from_ms = (int64_t)from;
    *out = known;
    return LF_OK;
}

static lf_status known_put(struct st_txn *txn, const struct gw_known *known, lf_error *err)
{
    uint8_t key[8];
    LF_BUF value;
    lf__put_u64be(key, known->index);
    value_make(known, &value);
    return st_put(txn, GW_TABLE_KNOWN, LF_BYTES_ARRAY(key), lf__buf_bytes(&value), err);
}

lf_status gw_known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err)
{
    uint8_t key[8];
    lf_bytes value;
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, GW_TABLE_KNOWN, LF_BYTES_ARRAY(key), &value, err);
    return rc == LF_OK ? value_read(index, value, out, err) : rc;
}

lf_status gw_known_begin(struct st_txn *txn, uint64_t index, lf_error *err)
{
    lf_status rc = st_index_fold(txn, GW_TABLE_SUBJECTS, index, err);
    return rc == LF_OK ? gw_codes_begin(txn, index, err) : rc;
}

lf_status gw_known_put(struct st_txn *txn, lf_bytes uscc, const struct gw_known *known,
                       lf_error *err)
{
    LF_BUG_IF(uscc.len != 0 && uscc.len != KNOWN_CODE); /* validated before it got here */
    struct lf__hash key = lf__sha256(uscc);
    struct st_place place = {known->index, (uint8_t)known->kind};
    lf_status rc = known_put(txn, known, err);
    if (rc != LF_OK || uscc.len == 0) {
        return rc;
    }
    rc = st_index_put(txn, GW_TABLE_SUBJECTS, &key, place, err);
    return rc == LF_OK && gw_codes_has_kind(known->kind) ? gw_codes_put(txn, uscc, place, err) : rc;
}

static void change_key(uint64_t index, uint64_t by, uint8_t out[static 16])
{
    lf__put_u64be(out, index);
    lf__put_u64be(out + 8, by);
}

/* Keeps how a row stands before the entry at `by` changes it. */
static lf_status change_keep(struct st_txn *txn, const struct gw_known *known, uint64_t by,
                             lf_error *err)
{
    uint8_t key[16];
    LF_BUF value;
    struct lf__life life = gw_known_life(known);
    change_key(known->index, by, key);
    lf__buf_init(&value, KNOWN_LIFE_MAX);
    life_put(&life, &value);
    return st_put(txn, GW_TABLE_CHANGES, LF_BYTES_ARRAY(key), lf__buf_bytes(&value), err);
}

lf_status gw_known_change(struct st_txn *txn, uint64_t index, uint64_t by,
                          const struct lf__life *to, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, index, &known, err);
    if (rc != LF_OK || known.state == LF__STATE_ERASED) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    if (known.state == to->state && known.appeal == to->appeal && known.is_held == to->is_held &&
        known.until_ms == to->until_ms) {
        return LF_OK;
    }
    LF_BUF copy; /* the row's texts end with the next change of the store */
    value_make(&known, &copy);
    rc = change_keep(txn, &known, by, err);
    rc = rc == LF_OK ? value_read(index, lf__buf_bytes(&copy), &known, err) : rc;
    known.state = to->state;
    known.appeal = to->appeal;
    known.is_held = to->is_held;
    known.until_ms = to->until_ms;
    known.has_changed = true;
    return rc == LF_OK ? known_put(txn, &known, err) : rc;
}

/* The first change at or after `by`; `out` is left alone when there is none. */
static lf_status change_find(struct st_txn *txn, uint64_t index, uint64_t by, struct st_pair *out,
                             lf_error *err)
{
    uint8_t key[16];
    struct st_cursor *cursor = NULL;
    struct st_pair pair = {LF_BYTES_NONE, LF_BYTES_NONE};
    change_key(index, by, key);
    lf_status rc = st_cursor_open(txn, GW_TABLE_CHANGES, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_ARRAY(key), &pair, err) : rc;
    st_cursor_close(cursor);
    if (rc == LF_OK && lf__bytes_eq(lf__bytes_slice(pair.key, 0, 8), (lf_bytes){key, 8})) {
        *out = pair;
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

/* As the ledger held it at that size: the first change after it says what it ended. */
static lf_status known_then(struct st_txn *txn, uint64_t size, struct gw_known *known,
                            lf_error *err)
{
    struct st_pair pair = {LF_BYTES_NONE, LF_BYTES_NONE};
    if (!known->has_changed || size == UINT64_MAX) {
        return LF_OK;
    }
    lf_status rc = change_find(txn, known->index, size, &pair, err);
    if (rc != LF_OK || pair.key.len == 0) {
        return rc;
    }
    struct lf__reader r = {pair.value};
    return life_get(&r, known) ? LF_OK : damaged(err);
}

static lf_status changes_forget(struct st_txn *txn, uint64_t index, lf_error *err)
{
    lf_status rc;
    for (;;) {
        uint8_t key[16];
        struct st_pair pair = {LF_BYTES_NONE, LF_BYTES_NONE};
        rc = change_find(txn, index, 0, &pair, err);
        if (rc != LF_OK || pair.key.len != sizeof key) {
            return rc;
        }
        lf__copy(key, pair.key.ptr, sizeof key);
        rc = st_delete(txn, GW_TABLE_CHANGES, LF_BYTES_ARRAY(key), err);
        if (rc != LF_OK) {
            return rc;
        }
    }
}

static lf_status place_remove(struct st_txn *txn, lf_bytes uscc, const struct gw_known *known,
                              lf_error *err)
{
    struct lf__hash key = lf__sha256(uscc);
    struct st_place place = {known->index, (uint8_t)known->kind};
    lf_status rc =
        uscc.len == 0 ? LF_E_NOT_FOUND : st_index_remove(txn, GW_TABLE_SUBJECTS, &key, place, err);
    if (rc == LF_OK && gw_codes_has_kind(known->kind)) {
        rc = gw_codes_remove(txn, uscc, place, err);
    }
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_known_erase(struct st_txn *txn, lf_bytes uscc, uint64_t index, lf_error *err)
{
    struct gw_known known = {.index = 0};
    lf_status rc = gw_known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    struct gw_known remains = {.index = index,
                               .kind = known.kind,
                               .state = LF__STATE_ERASED,
                               .is_held = known.is_held,
                               .has_audience = known.has_audience,
                               .is_restricted = known.is_restricted};
    rc = known_put(txn, &remains, err);
    rc = rc == LF_OK ? changes_forget(txn, index, err) : rc;
    return rc == LF_OK ? place_remove(txn, uscc, &remains, err) : rc;
}

lf_status gw_known_restrict(struct st_txn *txn, uint64_t index, bool is_restricted, lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    known.is_restricted = is_restricted;
    return known_put(txn, &known, err);
}

/* Everything said of a code below a size, as found: packed places. */
struct known_places {
    struct lf__buf list; /* of struct st_place */
    uint64_t size;
};

static bool place_take(void *user, struct st_place place)
{
    struct known_places *places = user;
    return place.position < places->size &&
           lf__buf_append(&places->list, (lf_bytes){(const uint8_t *)&place, sizeof place});
}

static lf_status places_find(struct st_txn *txn, lf_bytes uscc, struct known_places *out,
                             lf_error *err)
{
    struct lf__hash key = lf__sha256(uscc);
    lf__buf_init(&out->list, KNOWN_PLACES_MAX * sizeof(struct st_place));
    lf_status rc = st_index_each(txn, GW_TABLE_SUBJECTS, &key, place_take, out, err);
    return rc == LF_OK ? lf__buf_status(&out->list, err) : rc;
}

static lf_status known_read(struct st_txn *txn, uint64_t index, uint64_t size, struct gw_known *out,
                            lf_error *err)
{
    lf_status rc = gw_known_get(txn, index, out, err);
    return rc == LF_OK ? known_then(txn, size, out, err) : rc;
}

static bool has_begun(const struct gw_known *known, int64_t at_ms)
{
    return (known->from_ms != 0 ? known->from_ms : known->said_ms) <= at_ms;
}

struct known_visit {
    bool (*each)(void *user, const struct gw_known *known);
    void *user;
};

/* The registry entry that counts. E_NOT_FOUND when there is none. */
static lf_status registry_find(struct st_txn *txn, const struct known_places *places,
                               const struct gw_when *when, const struct known_visit *visit,
                               struct gw_known *out, lf_error *err)
{
    const struct st_place *list = (const void *)places->list.ptr;
    for (size_t i = places->list.len / sizeof *list; i > 0; i--) {
        if (list[i - 1].tag != PX_KIND_REGISTRY_ENTRY) {
            continue;
        }
        lf_status rc = known_read(txn, list[i - 1].position, when->size, out, err);
        if (rc != LF_OK || ((when->at_ms == 0 || has_begun(out, when->at_ms)) &&
                            (when->counts == NULL || when->counts(visit->user, out)))) {
            return rc;
        }
    }
    return LF_E_NOT_FOUND;
}

static lf_status places_each(struct st_txn *txn, const struct known_places *places,
                             const struct gw_when *when, const struct known_visit *visit,
                             lf_error *err)
{
    struct gw_known known;
    const struct st_place *list = (const void *)places->list.ptr;
    size_t count = places->list.len / sizeof *list;
    lf_status rc = registry_find(txn, places, when, visit, &known, err);
    bool goes_on = rc != LF_OK || visit->each(visit->user, &known);
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    for (size_t i = 0; rc == LF_OK && goes_on && i < count; i++) {
        if (list[i].tag != PX_KIND_REGISTRY_ENTRY) {
            rc = known_read(txn, list[i].position, when->size, &known, err);
            goes_on = rc == LF_OK && visit->each(visit->user, &known);
        }
    }
    return rc;
}

lf_status gw_known_each(struct st_txn *txn, lf_bytes uscc, const struct gw_when *when,
                        bool (*each)(void *user, const struct gw_known *known), void *user,
                        lf_error *err)
{
    static const struct gw_when now = {UINT64_MAX, 0, NULL};
    const struct gw_when *then = when == NULL ? &now : when;
    struct known_places places = {.size = then->size};
    struct known_visit visit = {each, user};
    lf_status rc = places_find(txn, uscc, &places, err);
    rc = rc == LF_OK ? places_each(txn, &places, then, &visit, err) : rc;
    lf__buf_done(&places.list);
    return rc;
}

lf_status gw_known_walk(struct st_txn *txn, bool (*each)(void *user, const struct gw_known *known),
                        void *user, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    struct gw_known known;
    bool goes_on = true;
    lf_status rc = st_cursor_open(txn, GW_TABLE_KNOWN, &cursor, err);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err) : rc;
    while (rc == LF_OK && goes_on) {
        rc = pair.key.len == 8 ? value_read(lf__get_u64be(pair.key.ptr), pair.value, &known, err)
                               : damaged(err);
        goes_on = rc == LF_OK && each(user, &known);
        rc = goes_on ? st_cursor_next(cursor, &pair, err) : rc;
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}
