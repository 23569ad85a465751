/* SPDX-License-Identifier: Apache-2.0 */
/* The Feed service, both ways. Batches are written field by field, as they may be large and are written often. */
#include "protos/codec/feed.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/codec_internal.h"
#include "protos/codec/services_internal.h"

#include <lianfang/v1/feed.pb-c.h>

bool px_feed_request_encode(const struct px_feed_request *request, struct lf__buf *out)
{
    LF_BUF kinds;
    lf__buf_init(&kinds, 256);
    for (unsigned kind = 1; kind < PX_KIND_COUNT; kind++) {
        if ((request->kinds >> kind & 1) != 0) {
            (void)px_wire_varint(&kinds, kind);
        }
    }
    return px_wire_u64(out, 1, request->cursor) && px_wire_u64(out, 2, request->resume ? 1 : 0) &&
           (kinds.len == 0 || px_wire_bytes(out, 3, lf__buf_bytes(&kinds))) &&
           px_wire_u64(out, 4, request->max_entries) && px_wire_u64(out, 5, request->wait_ms);
}

static lf_status kinds_take(const Lianfang__V1__Kind *kinds, size_t count, uint64_t *out,
                            lf_error *err)
{
    _Static_assert(PX_KIND_COUNT <= 64, "a bit for each kind");
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] == 0 || (unsigned)kinds[i] >= PX_KIND_COUNT) {
            return lf__refuse(err, LF_E_ARG, "KIND_UNKNOWN", "kinds",
                              "kinds: %d is no kind of record here", (int)kinds[i]);
        }
        *out |= UINT64_C(1) << kinds[i];
    }
    return LF_OK;
}

lf_status px_subscribe_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                      struct px_feed_request *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    uint64_t kinds = 0;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__subscribe_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    const Lianfang__V1__SubscribeRequest *in = (const void *)message;
    rc = rc == LF_OK ? kinds_take(in->kinds, in->n_kinds, &kinds, err) : rc;
    if (rc == LF_OK) {
        *out = (struct px_feed_request){
            .cursor = in->cursor, .resume = in->resume != 0, .kinds = kinds};
    }
    return rc;
}

lf_status px_poll_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_feed_request *out, lf_error *err)
{
    ProtobufCMessage *message = NULL;
    uint64_t kinds = 0;
    lf_status rc = px_unpack(arena, bytes, &lianfang__v1__poll_request__descriptor,
                             PX_UNKNOWN_REFUSE, &message, err);
    const Lianfang__V1__PollRequest *in = (const void *)message;
    rc = rc == LF_OK ? kinds_take(in->kinds, in->n_kinds, &kinds, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (in->max_entries > PX_FEED_ENTRIES_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "max_entries", "max_entries: more than %d",
                          PX_FEED_ENTRIES_MAX);
    }
    if (in->wait_ms > PX_FEED_WAIT_MAX_MS) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "wait_ms", "wait_ms: more than %d",
                          PX_FEED_WAIT_MAX_MS);
    }
    *out = (struct px_feed_request){.cursor = in->cursor,
                                    .resume = in->resume != 0,
                                    .kinds = kinds,
                                    .max_entries = in->max_entries == 0 ? PX_FEED_ENTRIES_MAX
                                                                        : in->max_entries,
                                    .wait_ms = in->wait_ms};
    return LF_OK;
}

bool px_feed_entry_encode(const struct px_entry *entry, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    return px_wire_u64(&inner, 1, entry->index) && px_wire_bytes(&inner, 2, entry->envelope) &&
           px_wire_bytes(&inner, 3, entry->leaf) &&
           (!entry->is_burst || px_wire_u64(&inner, 4, 1)) &&
           px_wire_bytes(out, 3, lf__buf_bytes(&inner));
}

bool px_feed_skipped_encode(const struct px_skipped *skipped, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    return px_wire_u64(&inner, 1, skipped->from) &&
           px_wire_bytes(&inner, 2, skipped->leaf_hashes) &&
           px_wire_bytes(out, 4, lf__buf_bytes(&inner));
}

bool px_feed_batch_end(const struct px_feed_batch *batch, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, 65536);
    return px_wire_u64(out, 1, batch->cursor) && px_wire_u64(out, 2, batch->next_cursor) &&
           px_checkpoint_encode(batch->checkpoint, &inner) &&
           px_wire_bytes(out, 5, lf__buf_bytes(&inner)) &&
           px_wire_u64(out, 6, batch->is_heartbeat ? 1 : 0);
}

static bool entry_decode(lf_bytes bytes, struct px_entry *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    *out = (struct px_entry){.index = 0};
    while (px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_VARINT)) {
            out->index = wire.varint;
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            out->envelope = wire.value;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            out->leaf = wire.value;
        } else if (px_is(&wire, 4, PX_WIRE_VARINT)) {
            out->is_burst = wire.varint != 0;
        }
    }
    return lf__read_finished(&r);
}

static bool skipped_decode(lf_bytes bytes, struct px_skipped *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    *out = (struct px_skipped){.from = 0};
    while (px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_VARINT)) {
            out->from = wire.varint;
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            out->leaf_hashes = wire.value;
        }
    }
    return lf__read_finished(&r) && out->leaf_hashes.len > 0 &&
           out->leaf_hashes.len % LF_HASH_BYTES == 0;
}

/* The lists are written as they are found; `to` has room for all of them. */
struct batch_lists {
    struct px_entry *entries;
    struct px_skipped *skipped;
};

static bool batch_field(const struct px_wire *wire, const struct batch_lists *lists,
                        struct px_feed_batch *out)
{
    if (px_is(wire, 1, PX_WIRE_VARINT)) {
        out->cursor = wire->varint;
    } else if (px_is(wire, 2, PX_WIRE_VARINT)) {
        out->next_cursor = wire->varint;
    } else if (px_is(wire, 3, PX_WIRE_BYTES)) {
        return entry_decode(wire->value, &lists->entries[out->entry_count++]);
    } else if (px_is(wire, 4, PX_WIRE_BYTES)) {
        return skipped_decode(wire->value, &lists->skipped[out->skipped_count++]);
    } else if (px_is(wire, 5, PX_WIRE_BYTES)) {
        return px_checkpoint_decode(wire->value, &out->checkpoint, NULL) == LF_OK;
    } else if (px_is(wire, 6, PX_WIRE_VARINT)) {
        out->is_heartbeat = wire->varint != 0;
    }
    return true;
}

lf_status px_feed_batch_decode(struct lf__arena *arena, lf_bytes bytes, struct px_feed_batch *out,
                               lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_feed_batch batch = {.cursor = 0};
    struct batch_lists lists = {
        lf__arena_array(arena, px_count(bytes, 3), sizeof *lists.entries),
        lf__arena_array(arena, px_count(bytes, 4), sizeof *lists.skipped),
    };
    bool good = lists.entries != NULL && lists.skipped != NULL;
    while (good && px_wire_next(&r, &wire)) {
        good = batch_field(&wire, &lists, &batch);
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    batch.entries = lists.entries;
    batch.skipped = lists.skipped;
    *out = batch;
    return LF_OK;
}

bool px_acknowledge_encode(uint64_t cursor, struct lf__buf *out)
{
    return px_wire_u64(out, 1, cursor);
}

lf_status px_acknowledge_decode(lf_bytes bytes, uint64_t *cursor, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire = {.varint = 0};
    bool has = px_wire_next(&r, &wire);
    if (!lf__read_finished(&r) || (has && !px_is(&wire, 1, PX_WIRE_VARINT))) {
        return px_malformed(err, "cursor");
    }
    *cursor = wire.varint;
    return LF_OK;
}

bool px_mirror_count_encode(const struct px_mirror_count *count, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, count->member) && px_wire_bytes(out, 2, count->day) &&
           px_wire_u64(out, 3, count->number) && px_wire_u64(out, 4, count->subjects) &&
           px_wire_bytes(out, 5, lf__hash_bytes(&count->digest));
}

static bool fixed_take(const struct px_wire *wire, uint8_t *to, size_t len)
{
    bool fits = wire->type == PX_WIRE_BYTES && wire->value.len == len;
    lf__copy(to, wire->value.ptr, fits ? len : 0);
    return fits;
}

static bool count_field(const struct px_wire *wire, struct px_mirror_count *out)
{
    switch (wire->number) {
    case 1:
        return px_take_text(wire, &out->member);
    case 2:
        return px_take_text(wire, &out->day);
    case 3:
        out->number = wire->varint;
        return wire->type == PX_WIRE_VARINT;
    case 4:
        out->subjects = (uint32_t)wire->varint;
        return wire->type == PX_WIRE_VARINT && wire->varint <= UINT32_MAX;
    case 5:
        return fixed_take(wire, out->digest.bytes, LF_HASH_BYTES);
    default:
        return false;
    }
}

/* Each field once, in ascending order: what is signed has one form. */
lf_status px_mirror_count_decode(lf_bytes bytes, struct px_mirror_count *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_mirror_count count = {.number = 0};
    uint32_t last = 0;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        good = wire.number > last && count_field(&wire, &count);
        last = wire.number;
    }
    if (!good || !lf__read_finished(&r) || last != 5 || count.subjects == 0) {
        return px_malformed(err, "count");
    }
    *out = count;
    return LF_OK;
}

bool px_mirror_report_encode(const struct px_mirror_report *report, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, report->count) &&
           px_wire_bytes(out, 2, lf__hash_bytes(&report->key_id)) &&
           px_wire_bytes(out, 3, LF_BYTES_ARRAY(report->signature.bytes));
}

static bool report_field(const struct px_wire *wire, struct px_mirror_report *out)
{
    if (wire->number == 1) {
        out->count = wire->value;
        return wire->type == PX_WIRE_BYTES;
    }
    return wire->number == 2   ? fixed_take(wire, out->key_id.bytes, LF_HASH_BYTES)
           : wire->number == 3 ? fixed_take(wire, out->signature.bytes, LF_ED25519_SIGNATURE)
                               : false;
}

lf_status px_mirror_report_decode(lf_bytes bytes, struct px_mirror_report *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_mirror_report report = {.count = LF_BYTES_NONE};
    uint32_t last = 0;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        good = wire.number == last + 1 && report_field(&wire, &report);
        last = wire.number;
    }
    if (!good || !lf__read_finished(&r) || last != 3) {
        return px_malformed(err, "report");
    }
    *out = report;
    return LF_OK;
}
