/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/stored.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "protos/codec/signed.h"

enum { STORED_MARK = 0, STORED_VERSION = 1 };

bool gw_stored_is_touched(lf_bytes body)
{
    return body.len > 0 && body.ptr[0] == STORED_MARK;
}

bool gw_stored_is_gone(const struct gw_stored *stored)
{
    return (stored->erased & GW_ERASED_ALL) != 0;
}

bool gw_stored_is_forgotten(const struct gw_stored *stored)
{
    return (stored->erased & (GW_ERASED_ALL | LF_BIT(PX_CLASS_MEMBERS))) != 0;
}

bool gw_stored_has_order(const struct gw_stored *stored, uint64_t index)
{
    for (size_t i = 0; i < stored->order_count; i++) {
        if (stored->orders[i] == index) {
            return true;
        }
    }
    return false;
}

unsigned gw_erasure_of(const struct px_redaction *redaction)
{
    unsigned what = 0;
    for (size_t i = 0; i < redaction->class_count; i++) {
        what |= LF_BIT((unsigned)redaction->classes[i]);
    }
    return what != 0 ? what : GW_ERASED_ALL;
}

static void text_put(struct lf__buf *out, lf_bytes text)
{
    LF_BUG_IF(text.len > UINT8_MAX); /* ids, and record ids */
    (void)lf__buf_u8(out, (uint8_t)text.len);
    (void)lf__buf_append(out, text);
}

static bool text_get(struct lf__reader *r, lf_bytes *out)
{
    uint8_t len;
    return lf__read_u8(r, &len) && lf__read_bytes(r, len, out);
}

static void remains_put(const struct gw_stored *stored, struct lf__buf *out)
{
    const struct px_header *h = &stored->envelope.header;
    text_put(out, h->issuer);
    text_put(out, h->record_id);
    (void)lf__buf_u8(out, (uint8_t)h->kind);
    (void)lf__buf_u32be(out, h->version);
    text_put(out, h->predecessor);
    (void)lf__buf_u8(out, (uint8_t)h->certainty);
    (void)lf__buf_u16be(out, (uint16_t)h->audience_count);
    for (size_t i = 0; i < h->audience_count; i++) {
        text_put(out, h->audience[i]);
    }
    (void)lf__buf_u16be(out, (uint16_t)stored->block.len);
    (void)lf__buf_append(out, stored->block);
}

static bool audience_get(struct lf__reader *r, struct lf__arena *arena, struct px_header *h)
{
    uint16_t count;
    if (!lf__read_u16be(r, &count) || count > PX_AUDIENCE_MAX) {
        return false;
    }
    lf_bytes *list = lf__arena_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        if (list == NULL || !text_get(r, &list[i])) {
            return false;
        }
    }
    h->audience = list;
    h->audience_count = count;
    return true;
}

static bool remains_get(struct lf__reader *r, struct lf__arena *arena, struct gw_stored *out)
{
    uint8_t kind;
    uint8_t certainty;
    uint16_t block;
    struct px_header *h = &out->envelope.header;
    if (!text_get(r, &h->issuer) || !text_get(r, &h->record_id) || !lf__read_u8(r, &kind) ||
        !lf__read_u32be(r, &h->version) || !text_get(r, &h->predecessor) ||
        !lf__read_u8(r, &certainty) || !audience_get(r, arena, h) || !lf__read_u16be(r, &block) ||
        !lf__read_bytes(r, block, &out->block)) {
        return false;
    }
    h->kind = (enum px_kind)kind;
    h->certainty = certainty;
    return lf__read_finished(r) && h->record_id.len == PX_ID_BYTES && h->issuer.len <= 41 &&
           kind < PX_KIND_COUNT;
}

bool gw_stored_encode(const struct gw_stored *stored, struct lf__buf *out)
{
    size_t from = out->len;
    (void)lf__buf_u8(out, STORED_MARK);
    (void)lf__buf_u8(out, STORED_VERSION);
    (void)lf__buf_u8(out, (uint8_t)stored->erased);
    (void)lf__buf_u8(out, (uint8_t)stored->order_count);
    for (size_t i = 0; i < stored->order_count; i++) {
        (void)lf__buf_u64be(out, stored->orders[i]);
    }
    (void)lf__buf_u8(out, !stored->has_effect ? 0 : stored->until_ms == 0 ? 1 : 2);
    if (stored->has_effect) {
        (void)lf__buf_u64be(out, stored->target);
        (void)lf__buf_u8(out, (uint8_t)stored->decision);
    }
    if (stored->has_effect && stored->until_ms != 0) {
        (void)lf__buf_u64be(out, (uint64_t)stored->until_ms);
    }
    if (gw_stored_is_gone(stored)) {
        remains_put(stored, out);
    } else {
        (void)px_envelope_encode(&stored->envelope, out);
    }
    if (out->failed) {
        return false;
    }
    struct lf__hash sum = lf__sha256(lf__bytes_slice(lf__buf_bytes(out), from, out->len - from));
    return lf__buf_append(out, lf__hash_bytes(&sum));
}

static bool orders_get(struct lf__reader *r, struct gw_stored *out)
{
    uint8_t erased;
    uint8_t count;
    if (!lf__read_u8(r, &erased) || !lf__read_u8(r, &count) || count == 0 ||
        count > GW_ORDERS_MAX || erased == 0 || erased >= LF_BIT(PX_CLASS_COUNT)) {
        return false;
    }
    out->erased = erased;
    out->order_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!lf__read_u64be(r, &out->orders[i]) ||
            (i > 0 && out->orders[i] <= out->orders[i - 1])) {
            return false;
        }
    }
    return true;
}

static bool effect_get(struct lf__reader *r, struct gw_stored *out)
{
    uint8_t has;
    uint8_t decision = 0;
    uint64_t until = 0;
    if (!lf__read_u8(r, &has) || has > 2 ||
        (has > 0 && (!lf__read_u64be(r, &out->target) || !lf__read_u8(r, &decision))) ||
        (has == 2 && (!lf__read_u64be(r, &until) || until == 0))) {
        return false;
    }
    out->has_effect = has > 0;
    out->decision = decision;
    out->until_ms = (int64_t)until;
    return true;
}

static lf_status damaged(lf_error *err)
{
    return lf__fail(err, LF_E_CORRUPT, "what is left of an erased entry is damaged");
}

static lf_status erased_decode(struct lf__arena *arena, lf_bytes body, struct gw_stored *out,
                               lf_error *err)
{
    uint8_t mark;
    uint8_t version;
    size_t len = body.len < LF_HASH_BYTES ? 0 : body.len - LF_HASH_BYTES;
    struct lf__reader r = {lf__bytes_slice(body, 0, len)};
    struct lf__hash sum = lf__sha256(r.rest);
    if (!lf__bytes_eq(lf__hash_bytes(&sum), lf__bytes_slice(body, len, body.len - len)) ||
        !lf__read_u8(&r, &mark) || !lf__read_u8(&r, &version) || version != STORED_VERSION ||
        !orders_get(&r, out) || !effect_get(&r, out)) {
        return damaged(err);
    }
    if (gw_stored_is_gone(out)) {
        return remains_get(&r, arena, out) ? LF_OK : damaged(err);
    }
    return px_envelope_decode(arena, r.rest, &out->envelope, err);
}

static lf_status touched_decode(struct lf__arena *arena, lf_bytes body, struct gw_stored *out,
                                lf_error *err)
{
    struct gw_stored *stored = lf__arena_alloc(arena, sizeof *stored);
    if (stored == NULL) {
        return lf__fail(err, LF_E_NOMEM, "entry: out of memory");
    }
    lf_status rc = erased_decode(arena, body, stored, err);
    if (rc == LF_OK) {
        *out = *stored;
    }
    return rc;
}

/* Nearly always nothing was erased, and then the envelope is decoded where it is wanted. */
lf_status gw_stored_decode(struct lf__arena *arena, lf_bytes body, struct gw_stored *out,
                           lf_error *err)
{
    if (gw_stored_is_touched(body)) {
        return touched_decode(arena, body, out, err);
    }
    lf_status rc = px_envelope_decode(arena, body, &out->envelope, err);
    if (rc == LF_OK) {
        out->erased = 0;
        out->order_count = 0;
        out->has_effect = false;
        out->target = 0;
        out->decision = 0;
        out->block = LF_BYTES_NONE;
    }
    return rc;
}

static void parts_cut(struct px_envelope *envelope, unsigned what)
{
    size_t kept = 0;
    for (size_t i = 0; i < envelope->part_count; i++) {
        if ((what & LF_BIT((unsigned)envelope->parts[i].part_class)) == 0) {
            envelope->parts[kept++] = envelope->parts[i];
        }
    }
    envelope->part_count = kept;
}

static void record_cut(struct gw_stored *stored)
{
    const struct px_header *h = &stored->envelope.header;
    stored->envelope = (struct px_envelope){.header = {.issuer = h->issuer,
                                                       .record_id = h->record_id,
                                                       .kind = h->kind,
                                                       .version = h->version,
                                                       .predecessor = h->predecessor,
                                                       .audience = h->audience,
                                                       .audience_count = h->audience_count,
                                                       .certainty = h->certainty}};
}

/* The block is what the leaf commits to beside the record's digest: with both the leaf is still provable. */
static lf_status block_keep(struct gw_stored *stored, struct lf__arena *arena, lf_error *err)
{
    LF_BUF block;
    lf__buf_init(&block, UINT16_MAX);
    (void)px_signature_block(&stored->envelope, &block);
    lf_status rc = lf__buf_status(&block, err);
    stored->block = rc == LF_OK ? lf__arena_copy(arena, lf__buf_bytes(&block)) : LF_BYTES_NONE;
    return rc == LF_OK && stored->block.ptr == NULL
               ? lf__fail(err, LF_E_NOMEM, "entry: out of memory")
               : rc;
}

lf_status gw_stored_erase(struct gw_stored *stored, struct lf__arena *arena, unsigned what,
                          uint64_t index, lf_error *err)
{
    bool is_full = stored->order_count == GW_ORDERS_MAX;
    if (is_full || gw_stored_is_gone(stored)) {
        return lf__fail(err, LF_E_CORRUPT, "an erased entry is to be erased again");
    }
    lf_status rc = (what & GW_ERASED_ALL) != 0 ? block_keep(stored, arena, err) : LF_OK;
    if (rc != LF_OK) {
        return rc;
    }
    stored->erased |= what;
    stored->orders[stored->order_count++] = index;
    if (gw_stored_is_gone(stored)) {
        record_cut(stored);
    } else {
        parts_cut(&stored->envelope, what);
    }
    return LF_OK;
}
