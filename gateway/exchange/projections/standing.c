/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key: 18 characters of code, u8 kind, u64be index (0 for the registry: one entry a code).
 * Value: u8 state, u8 certainty, u8 flags, u64be until, u64be index, then four texts of u8 length each.
 */
#include "gateway/exchange/projections/standing.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

enum {
    KNOWN_CODE = 18,
    KNOWN_KEY = KNOWN_CODE + 1 + 8,
    KNOWN_VALUE_MAX = 19 + 4 * 256,
    KNOWN_CLOSING = 1,
    KNOWN_AUDIENCE = 2,
    KNOWN_HELD = 4
};

static void key_make(lf_bytes uscc, enum px_kind kind, uint64_t index,
                     uint8_t out[static KNOWN_KEY])
{
    LF_BUG_IF(uscc.len != KNOWN_CODE); /* validated before it got here */
    lf__copy(out, uscc.ptr, KNOWN_CODE);
    out[KNOWN_CODE] = (uint8_t)kind;
    lf__put_u64be(out + KNOWN_CODE + 1, index);
}

static void text_put(struct lf__buf *out, lf_bytes text)
{
    lf_bytes cut = lf__bytes_slice(text, 0, 255);
    (void)lf__buf_u8(out, (uint8_t)cut.len);
    (void)lf__buf_append(out, cut);
}

static void value_make(const struct gw_known *known, struct lf__buf *out)
{
    lf__buf_init(out, KNOWN_VALUE_MAX);
    (void)lf__buf_u8(out, (uint8_t)known->state);
    (void)lf__buf_u8(out, (uint8_t)known->certainty);
    (void)lf__buf_u8(out, (uint8_t)((known->is_closing ? KNOWN_CLOSING : 0) |
                                    (known->has_audience ? KNOWN_AUDIENCE : 0) |
                                    (known->is_held ? KNOWN_HELD : 0)));
    (void)lf__buf_u64be(out, (uint64_t)known->until_ms);
    (void)lf__buf_u64be(out, known->index);
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

static lf_status value_read(lf_bytes key, lf_bytes value, struct gw_known *out, lf_error *err)
{
    struct lf__reader r = {value};
    struct gw_known known = {.kind = key.len == KNOWN_KEY ? (enum px_kind)key.ptr[KNOWN_CODE]
                                                          : PX_KIND_NONE};
    uint8_t state;
    uint8_t certainty;
    uint8_t flags;
    uint64_t until;
    if (key.len != KNOWN_KEY || !lf__read_u8(&r, &state) || !lf__read_u8(&r, &certainty) ||
        !lf__read_u8(&r, &flags) || !lf__read_u64be(&r, &until) ||
        !lf__read_u64be(&r, &known.index) || !text_get(&r, &known.issuer) ||
        !text_get(&r, &known.violation) || !text_get(&r, &known.decided_at) ||
        !text_get(&r, &known.status)) {
        return lf__fail(err, LF_E_CORRUPT, "standing: a row is damaged");
    }
    known.state = (enum gw_event_state)state;
    known.certainty = certainty;
    known.is_closing = (flags & KNOWN_CLOSING) != 0;
    known.has_audience = (flags & KNOWN_AUDIENCE) != 0;
    known.is_held = (flags & KNOWN_HELD) != 0;
    known.until_ms = (int64_t)until;
    *out = known;
    return LF_OK;
}

static lf_status known_put(struct st_txn *txn, lf_bytes key, const struct gw_known *known,
                           lf_error *err)
{
    LF_BUF value;
    value_make(known, &value);
    return st_put(txn, GW_TABLE_SUBJECTS, key, lf__buf_bytes(&value), err);
}

lf_status gw_known_put_event(struct st_txn *txn, const struct px_event *event,
                             const struct gw_known *known, lf_error *err)
{
    uint8_t key[KNOWN_KEY];
    uint8_t place[8];
    key_make(event->uscc, PX_KIND_ENFORCEMENT_EVENT, known->index, key);
    lf__put_u64be(place, known->index);
    lf_status rc = known_put(txn, LF_BYTES_ARRAY(key), known, err);
    return rc == LF_OK
               ? st_put(txn, GW_TABLE_PLACES, LF_BYTES_ARRAY(place), LF_BYTES_ARRAY(key), err)
               : rc;
}

lf_status gw_known_put_registry(struct st_txn *txn, const struct px_registry *entry,
                                const struct gw_known *known, lf_error *err)
{
    uint8_t key[KNOWN_KEY];
    key_make(entry->uscc, PX_KIND_REGISTRY_ENTRY, 0, key);
    return known_put(txn, LF_BYTES_ARRAY(key), known, err);
}

static lf_status place_find(struct st_txn *txn, uint64_t index, uint8_t key[static KNOWN_KEY],
                            lf_error *err)
{
    uint8_t place[8];
    lf_bytes found;
    lf__put_u64be(place, index);
    lf_status rc = st_get(txn, GW_TABLE_PLACES, LF_BYTES_ARRAY(place), &found, err);
    if (rc == LF_OK && found.len != KNOWN_KEY) {
        return lf__fail(err, LF_E_CORRUPT, "standing: a place is damaged");
    }
    lf__copy(key, found.ptr, rc == LF_OK ? KNOWN_KEY : 0);
    return rc;
}

lf_status gw_known_get(struct st_txn *txn, uint64_t index, struct gw_known *out, lf_error *err)
{
    uint8_t key[KNOWN_KEY];
    lf_bytes value;
    lf_status rc = place_find(txn, index, key, err);
    rc = rc == LF_OK ? st_get(txn, GW_TABLE_SUBJECTS, LF_BYTES_ARRAY(key), &value, err) : rc;
    return rc == LF_OK ? value_read(LF_BYTES_ARRAY(key), value, out, err) : rc;
}

lf_status gw_known_set_state(struct st_txn *txn, uint64_t index, enum gw_event_state state,
                             lf_error *err)
{
    uint8_t key[KNOWN_KEY];
    struct gw_known known;
    lf_status rc = place_find(txn, index, key, err);
    if (rc == LF_E_NOT_FOUND) {
        return LF_OK;
    }
    rc = rc == LF_OK ? gw_known_get(txn, index, &known, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    known.state = state;
    known.is_held = known.is_held && state != GW_EVENT_ACTIVE;
    return known_put(txn, LF_BYTES_ARRAY(key), &known, err);
}

lf_status gw_known_set_registry(struct st_txn *txn, lf_bytes uscc, uint64_t index,
                                enum gw_event_state state, lf_error *err)
{
    uint8_t key[KNOWN_KEY];
    struct gw_known known;
    lf_bytes value;
    key_make(uscc, PX_KIND_REGISTRY_ENTRY, 0, key);
    lf_status rc = st_get(txn, GW_TABLE_SUBJECTS, LF_BYTES_ARRAY(key), &value, err);
    rc = rc == LF_OK ? value_read(LF_BYTES_ARRAY(key), value, &known, err) : rc;
    if (rc == LF_E_NOT_FOUND || (rc == LF_OK && known.index != index)) {
        return LF_OK;
    }
    known.state = state;
    return rc == LF_OK ? known_put(txn, LF_BYTES_ARRAY(key), &known, err) : rc;
}

lf_status gw_known_each(struct st_txn *txn, lf_bytes uscc,
                        bool (*each)(void *user, const struct gw_known *known), void *user,
                        lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    bool goes_on = true;
    lf_status rc = st_cursor_open(txn, GW_TABLE_SUBJECTS, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = st_cursor_seek(cursor, uscc, &pair, err);
    while (rc == LF_OK && goes_on && lf__bytes_eq(lf__bytes_slice(pair.key, 0, KNOWN_CODE), uscc)) {
        struct gw_known known;
        rc = value_read(pair.key, pair.value, &known, err);
        if (rc == LF_OK) {
            goes_on = each(user, &known);
            rc = st_cursor_next(cursor, &pair, err);
        }
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}
