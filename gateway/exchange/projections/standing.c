/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBJECTS: an index of SHA-256(code), tagged with the kind, to the log positions of what was said of it.
 * KNOWN: u64be index -> u8 kind, u8 state, u8 certainty, u8 flags, u64be until, then four texts of u8
 * length each. So new records are written at the end of a table, and a change of state finds its row.
 */
#include "gateway/exchange/projections/standing.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "storage/index.h"

enum {
    KNOWN_CODE = 18,
    KNOWN_PLACES_MAX = 1 << 20, /* events of one code */
    KNOWN_VALUE_MAX = 12 + 4 * 256,
    KNOWN_CLOSING = 1,
    KNOWN_AUDIENCE = 2,
    KNOWN_HELD = 4,
    KNOWN_RESTRICTED = 8
};

static void text_put(struct lf__buf *out, lf_bytes text)
{
    lf_bytes cut = lf__bytes_slice(text, 0, 255);
    (void)lf__buf_u8(out, (uint8_t)cut.len);
    (void)lf__buf_append(out, cut);
}

static void value_make(const struct gw_known *known, struct lf__buf *out)
{
    lf__buf_init(out, KNOWN_VALUE_MAX);
    (void)lf__buf_u8(out, (uint8_t)known->kind);
    (void)lf__buf_u8(out, (uint8_t)known->state);
    (void)lf__buf_u8(out, (uint8_t)known->certainty);
    (void)lf__buf_u8(out, (uint8_t)((known->is_closing ? KNOWN_CLOSING : 0) |
                                    (known->has_audience ? KNOWN_AUDIENCE : 0) |
                                    (known->is_held ? KNOWN_HELD : 0) |
                                    (known->is_restricted ? KNOWN_RESTRICTED : 0)));
    (void)lf__buf_u64be(out, (uint64_t)known->until_ms);
    text_put(out, known->issuer);
    text_put(out, known->violation);
    text_put(out, known->decided_at);
    text_put(out, known->status);
    LF_BUG_IF(out->failed);
}

static bool text_get(struct lf__reader *r, lf_bytes *out)
{
    uint8_t len;
    return lf__read_u8(r, &len) && lf__read_bytes(r, len, out);
}

static lf_status value_read(uint64_t index, lf_bytes value, struct gw_known *out, lf_error *err)
{
    struct lf__reader r = {value};
    struct gw_known known = {.index = index};
    uint8_t kind;
    uint8_t state;
    uint8_t certainty;
    uint8_t flags;
    uint64_t until;
    if (!lf__read_u8(&r, &kind) || !lf__read_u8(&r, &state) || !lf__read_u8(&r, &certainty) ||
        !lf__read_u8(&r, &flags) || !lf__read_u64be(&r, &until) || !text_get(&r, &known.issuer) ||
        !text_get(&r, &known.violation) || !text_get(&r, &known.decided_at) ||
        !text_get(&r, &known.status)) {
        return lf__fail(err, LF_E_CORRUPT, "standing: a row is damaged");
    }
    known.kind = (enum px_kind)kind;
    known.state = (enum gw_event_state)state;
    known.certainty = certainty;
    known.is_closing = (flags & KNOWN_CLOSING) != 0;
    known.has_audience = (flags & KNOWN_AUDIENCE) != 0;
    known.is_held = (flags & KNOWN_HELD) != 0;
    known.is_restricted = (flags & KNOWN_RESTRICTED) != 0;
    known.until_ms = (int64_t)until;
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

static lf_status known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err)
{
    uint8_t key[8];
    lf_bytes value;
    lf__put_u64be(key, index);
    lf_status rc = st_get(txn, GW_TABLE_KNOWN, LF_BYTES_ARRAY(key), &value, err);
    return rc == LF_OK ? value_read(index, value, out, err) : rc;
}

static lf_status known_add(struct st_txn *txn, lf_bytes uscc, struct gw_known known,
                           enum px_kind kind, lf_error *err)
{
    LF_BUG_IF(uscc.len != KNOWN_CODE); /* validated before it got here */
    struct lf__hash key = lf__sha256(uscc);
    struct st_place place = {known.index, (uint8_t)kind};
    known.kind = kind;
    lf_status rc = known_put(txn, &known, err);
    return rc == LF_OK ? st_index_put(txn, GW_TABLE_SUBJECTS, &key, place, err) : rc;
}

lf_status gw_known_begin(struct st_txn *txn, uint64_t index, lf_error *err)
{
    return st_index_fold(txn, GW_TABLE_SUBJECTS, index, err);
}

lf_status gw_known_put_event(struct st_txn *txn, const struct px_event *event,
                             const struct gw_known *known, lf_error *err)
{
    return known_add(txn, event->uscc, *known, PX_KIND_ENFORCEMENT_EVENT, err);
}

lf_status gw_known_put_registry(struct st_txn *txn, const struct px_registry *entry,
                                const struct gw_known *known, lf_error *err)
{
    return known_add(txn, entry->uscc, *known, PX_KIND_REGISTRY_ENTRY, err);
}

lf_status gw_known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err)
{
    struct gw_known known;
    lf_status rc = known_get(txn, index, &known, err);
    if (rc == LF_OK && known.kind != PX_KIND_ENFORCEMENT_EVENT) {
        rc = lf__fail(err, LF_E_NOT_FOUND, "standing: entry %llu is no event",
                      (unsigned long long)index);
    }
    if (rc == LF_OK) {
        *out = known;
    }
    return rc;
}

lf_status gw_known_set_state(struct st_txn *txn, uint64_t index, enum gw_event_state state,
                             lf_error *err)
{
    struct gw_known known;
    lf_status rc = gw_known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    if (known.state == GW_EVENT_ERASED) {
        return LF_OK;
    }
    known.state = state;
    known.is_held = known.is_held && state != GW_EVENT_ACTIVE;
    return known_put(txn, &known, err);
}

/* Everything said of a code, as found: packed places, and which registry entry is in force. */
struct known_places {
    struct lf__buf list; /* of struct st_place */
    uint64_t registry;   /* position of the newest, or UINT64_MAX */
};

static bool place_take(void *user, struct st_place place)
{
    struct known_places *places = user;
    if (place.tag == PX_KIND_REGISTRY_ENTRY) {
        places->registry = place.position;
        return true;
    }
    return lf__buf_append(&places->list, (lf_bytes){(const uint8_t *)&place, sizeof place});
}

static lf_status places_find(struct st_txn *txn, lf_bytes uscc, struct known_places *out,
                             lf_error *err)
{
    struct lf__hash key = lf__sha256(uscc);
    out->registry = UINT64_MAX;
    lf__buf_init(&out->list, KNOWN_PLACES_MAX * sizeof(struct st_place));
    lf_status rc = st_index_each(txn, GW_TABLE_SUBJECTS, &key, place_take, out, err);
    return rc == LF_OK ? lf__buf_status(&out->list, err) : rc;
}

/* Whether it is in force is decided on reading, so that it does not matter which other entries are left. */
lf_status gw_known_set_registry(struct st_txn *txn, uint64_t index, enum gw_event_state state,
                                lf_error *err)
{
    struct gw_known known;
    lf_status rc = known_get(txn, index, &known, err);
    if (rc != LF_OK || known.kind != PX_KIND_REGISTRY_ENTRY || known.state == GW_EVENT_ERASED) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    known.state = state;
    return known_put(txn, &known, err);
}

lf_status gw_known_put_remains(struct st_txn *txn, enum px_kind kind, const struct gw_known *known,
                               lf_error *err)
{
    struct gw_known remains = *known;
    remains.kind = kind;
    return known_put(txn, &remains, err);
}

static lf_status place_remove(struct st_txn *txn, lf_bytes uscc, const struct gw_known *known,
                              lf_error *err)
{
    struct lf__hash key = lf__sha256(uscc);
    struct st_place place = {known->index, (uint8_t)known->kind};
    lf_status rc =
        uscc.len == 0 ? LF_E_NOT_FOUND : st_index_remove(txn, GW_TABLE_SUBJECTS, &key, place, err);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_known_erase(struct st_txn *txn, lf_bytes uscc, uint64_t index, lf_error *err)
{
    struct gw_known known = {.index = 0};
    lf_status rc = known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    struct gw_known remains = {.index = index,
                               .kind = known.kind,
                               .state = GW_EVENT_ERASED,
                               .is_held = known.is_held,
                               .has_audience = known.has_audience,
                               .is_restricted = known.is_restricted};
    rc = known_put(txn, &remains, err);
    return rc == LF_OK ? place_remove(txn, uscc, &remains, err) : rc;
}

lf_status gw_known_restrict(struct st_txn *txn, uint64_t index, bool is_restricted, lf_error *err)
{
    struct gw_known known;
    lf_status rc = known_get(txn, index, &known, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    known.is_restricted = is_restricted;
    return known_put(txn, &known, err);
}

static lf_status places_each(struct st_txn *txn, const struct known_places *places,
                             bool (*each)(void *user, const struct gw_known *known), void *user,
                             lf_error *err)
{
    struct gw_known known;
    const struct st_place *list = (const void *)places->list.ptr;
    size_t count = places->list.len / sizeof *list;
    bool goes_on = true;
    lf_status rc = LF_OK;
    if (places->registry != UINT64_MAX) {
        rc = known_get(txn, places->registry, &known, err);
        goes_on = rc == LF_OK && each(user, &known);
    }
    for (size_t i = 0; rc == LF_OK && goes_on && i < count; i++) {
        rc = known_get(txn, list[i].position, &known, err);
        goes_on = rc == LF_OK && each(user, &known);
    }
    return rc;
}

lf_status gw_known_each(struct st_txn *txn, lf_bytes uscc,
                        bool (*each)(void *user, const struct gw_known *known), void *user,
                        lf_error *err)
{
    struct known_places places;
    lf_status rc = places_find(txn, uscc, &places, err);
    rc = rc == LF_OK ? places_each(txn, &places, each, user, err) : rc;
    lf__buf_done(&places.list);
    return rc;
}
