/* SPDX-License-Identifier: Apache-2.0 */
/* The Ledger service, both ways: ranges, checkpoints, entries, proofs. */
#include "protos/codec/services_internal.h"

#include "base/bytes.h"
#include "base/status.h"

bool px_range_encode(const struct px_range *range, struct lf__buf *out)
{
    return px_wire_u64(out, 1, range->log) && px_wire_u64(out, 2, range->a) &&
           px_wire_u64(out, 3, range->b);
}

bool px_entries_request_encode(const struct px_range *range, bool leaves_only, struct lf__buf *out)
{
    return px_range_encode(range, out) && px_wire_u64(out, 4, leaves_only ? 1 : 0);
}

enum { RANGE_FIELDS = 3, ENTRIES_FIELDS = 4 };

/* Values by the numbers of their fields, 1 to `fields`. */
static lf_status numbers_decode(lf_bytes bytes, unsigned fields,
                                uint64_t values[static ENTRIES_FIELDS + 1], lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    unsigned seen = 0;
    while (px_wire_next(&r, &wire)) {
        if (wire.type != PX_WIRE_VARINT || wire.number > fields ||
            (seen & LF_BIT(wire.number)) != 0) {
            return px_malformed(err, "request");
        }
        seen |= LF_BIT(wire.number);
        values[wire.number] = wire.varint;
    }
    return lf__read_finished(&r) && values[1] != 0 && values[1] <= 2 ? LF_OK
                                                                     : px_malformed(err, "log");
}

lf_status px_range_decode(lf_bytes bytes, struct px_range *out, lf_error *err)
{
    uint64_t values[ENTRIES_FIELDS + 1] = {0};
    lf_status rc = numbers_decode(bytes, RANGE_FIELDS, values, err);
    if (rc == LF_OK) {
        *out = (struct px_range){(unsigned)values[1], values[2], values[3]};
    }
    return rc;
}

lf_status px_entries_request_decode(lf_bytes bytes, struct px_range *out, bool *leaves_only,
                                    lf_error *err)
{
    uint64_t values[ENTRIES_FIELDS + 1] = {0};
    lf_status rc = numbers_decode(bytes, ENTRIES_FIELDS, values, err);
    if (rc == LF_OK && values[4] > 1) {
        rc = px_malformed(err, "leaves_only");
    }
    if (rc == LF_OK) {
        *out = (struct px_range){(unsigned)values[1], values[2], values[3]};
        *leaves_only = values[4] == 1;
    }
    return rc;
}

bool px_checkpoint_encode(lf_bytes note, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, note);
}

bool px_head_encode(const struct px_head *head, struct lf__buf *out)
{
    return px_checkpoint_encode(head->note, out) && px_wire_u64(out, 2, (uint64_t)head->time_ms) &&
           px_wire_bytes(out, 3, head->version);
}

lf_status px_head_decode(lf_bytes bytes, struct px_head *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_head head = {.time_ms = 0};
    unsigned seen = 0;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        good = wire.number <= 3 && (seen & LF_BIT(wire.number)) == 0 &&
               wire.type == (unsigned)(wire.number == 2 ? PX_WIRE_VARINT : PX_WIRE_BYTES);
        seen |= good ? LF_BIT(wire.number) : 0;
        head.note = good && wire.number == 1 ? wire.value : head.note;
        head.time_ms = good && wire.number == 2 ? (int64_t)wire.varint : head.time_ms;
        head.version = good && wire.number == 3 ? wire.value : head.version;
    }
    if (!good || !lf__read_finished(&r) || (seen & LF_BIT(1)) == 0) {
        return px_malformed(err, "checkpoint");
    }
    *out = head;
    return LF_OK;
}

lf_status px_checkpoint_decode(lf_bytes bytes, lf_bytes *note, lf_error *err)
{
    struct px_head head;
    lf_status rc = px_head_decode(bytes, &head, err);
    if (rc == LF_OK) {
        *note = head.note;
    }
    return rc;
}

static size_t varint_size(uint64_t v)
{
    size_t n = 1;
    for (; v > 0x7f; v >>= 7) {
        n++;
    }
    return n;
}

/* With its tag, which is of one byte; nothing when it is empty. */
static size_t bytes_size(lf_bytes value)
{
    return value.len == 0 ? 0 : 1 + varint_size(value.len) + value.len;
}

static void bytes_put(struct lf__buf *out, uint32_t number, lf_bytes value)
{
    if (value.len > 0) {
        (void)px_wire_bytes(out, number, value);
    }
}

/* Its length first, so that what is long is copied once. */
bool px_entry_encode(const struct px_entry *entry, struct lf__buf *reply)
{
    size_t size = (entry->index == 0 ? 0 : 1 + varint_size(entry->index)) +
                  bytes_size(entry->leaf) + bytes_size(entry->envelope) + bytes_size(entry->access);
    (void)px_wire_varint(reply, 1u << 3 | PX_WIRE_BYTES);
    (void)px_wire_varint(reply, size);
    (void)px_wire_u64(reply, 1, entry->index);
    bytes_put(reply, 2, entry->leaf);
    bytes_put(reply, 3, entry->envelope);
    bytes_put(reply, 4, entry->access);
    return !reply->failed;
}

bool px_entries_end(uint64_t next, lf_bytes checkpoint, struct lf__buf *reply)
{
    LF_BUF inner;
    lf__buf_init(&inner, 4096);
    return px_wire_u64(reply, 2, next) && px_checkpoint_encode(checkpoint, &inner) &&
           px_wire_bytes(reply, 3, lf__buf_bytes(&inner));
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
            out->leaf = wire.value;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            out->envelope = wire.value;
        } else if (px_is(&wire, 4, PX_WIRE_BYTES)) {
            out->access = wire.value;
        }
    }
    return lf__read_finished(&r);
}

lf_status px_entries_decode(struct lf__arena *arena, lf_bytes bytes, struct px_entry **list,
                            size_t *count, uint64_t *next, lf_bytes *checkpoint, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_entry *entries = lf__arena_array(arena, px_count(bytes, 1), sizeof *entries);
    size_t n = 0;
    bool good = entries != NULL;
    uint64_t after = 0;
    lf_bytes note = LF_BYTES_NONE;
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            good = entry_decode(wire.value, &entries[n++]);
        } else if (px_is(&wire, 2, PX_WIRE_VARINT)) {
            after = wire.varint;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &note, err) == LF_OK;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    *list = entries;
    *count = n;
    *next = after;
    *checkpoint = note;
    return LF_OK;
}

/* ProveInclusion numbers its fields leaf 1, path 2, size 3; ProveConsistency path 1, size 2. */
bool px_proof_encode(const struct lf__hash *leaf, const struct lf__proof *proof, uint64_t size,
                     struct lf__buf *out)
{
    uint32_t path = leaf != NULL ? 2 : 1;
    if (leaf != NULL) {
        (void)px_wire_bytes(out, 1, lf__hash_bytes(leaf));
    }
    for (size_t i = 0; i < proof->count; i++) {
        (void)px_wire_bytes(out, path, lf__hash_bytes(&proof->hashes[i]));
    }
    return px_wire_u64(out, path + 1, size);
}

lf_status px_proof_decode(lf_bytes bytes, bool has_leaf, struct lf__hash *leaf,
                          struct lf__proof *proof, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct lf__proof decoded = {.count = 0};
    struct lf__hash hash = {{0}};
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        struct lf__hash *to = has_leaf && wire.number == 1 ? &hash : &decoded.hashes[decoded.count];
        bool is_hash = px_is(&wire, wire.number, PX_WIRE_BYTES);
        good = is_hash ? wire.value.len == LF_HASH_BYTES && decoded.count < LF_MERKLE_PROOF_MAX
                       : wire.type == PX_WIRE_VARINT;
        lf__copy(to->bytes, wire.value.ptr, good && is_hash ? LF_HASH_BYTES : 0);
        decoded.count += good && is_hash && to != &hash ? 1 : 0;
    }
    if (!good || !lf__read_finished(&r)) {
        return px_malformed(err, "answer");
    }
    *leaf = hash;
    *proof = decoded;
    return LF_OK;
}
