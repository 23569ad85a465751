/* SPDX-License-Identifier: Apache-2.0 */
/* CrossCheck, both ways. */
#include "protos/codec/crosscheck.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/scan.h"
#include "protos/codec/services_internal.h"

#include <lianfang/v1/screening.pb-c.h>

enum { CROSS_ROW_BYTES_MAX = 16384 };

static lf_bytes *listed_text(struct px_listed *listed, uint32_t number)
{
    lf_bytes *texts[] = {NULL,
                         &listed->uscc,
                         &listed->name,
                         &listed->list,
                         &listed->violation,
                         &listed->listed_on,
                         &listed->removed_on};
    return number < LF_COUNT(texts) ? texts[number] : NULL;
}

bool px_cross_request_encode(const struct px_cross_request *request, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX);
    (void)px_wire_bytes(out, 1, request->purpose);
    (void)px_wire_bytes(out, 2, request->case_number);
    (void)px_wire_u64(out, 3, request->legal_basis);
    for (size_t i = 0; i < request->count && !inner.failed; i++) {
        struct px_listed copy = request->listed[i];
        lf__buf_clear(&inner);
        for (uint32_t number = 1; listed_text(&copy, number) != NULL; number++) {
            (void)px_wire_bytes(&inner, number, *listed_text(&copy, number));
        }
        (void)px_wire_bytes(out, 4, lf__buf_bytes(&inner));
    }
    if (inner.failed) {
        return false;
    }
    lf__buf_clear(&inner);
    for (unsigned finding = 1; finding < PX_FINDINGS; finding++) {
        if ((request->omit & LF_BIT(finding)) != 0) {
            (void)px_wire_varint(&inner, finding); /* proto3 packs repeated enumerations */
        }
    }
    if (inner.len > 0) {
        (void)px_wire_bytes(out, 5, lf__buf_bytes(&inner));
    }
    return !inner.failed && !out->failed;
}

static bool listed_decode(lf_bytes bytes, struct px_listed *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    *out = (struct px_listed){.uscc = LF_BYTES_NONE};
    while (good && px_wire_next(&r, &wire)) {
        lf_bytes *text = listed_text(out, wire.number);
        good = text != NULL && px_take_text(&wire, text);
    }
    return good && lf__read_finished(&r);
}

static bool finding_add(uint64_t finding, unsigned *omit)
{
    if (finding > 0 && finding < PX_FINDINGS) {
        *omit |= LF_BIT((unsigned)finding);
    }
    return finding > 0 && finding < PX_FINDINGS;
}

/* Packed as proto3 writes it, or one by one. */
static bool omit_take(const struct px_wire *wire, unsigned *omit)
{
    struct lf__reader r = {wire->value};
    uint8_t finding;
    bool good = true;
    if (wire->type == PX_WIRE_VARINT) {
        return finding_add(wire->varint, omit);
    }
    while (good && lf__read_u8(&r, &finding)) { /* all are below 128 */
        good = finding_add(finding, omit);
    }
    return good && wire->type == PX_WIRE_BYTES;
}

static bool request_take(struct px_cross_request *request, struct px_listed *listed,
                         const struct px_wire *wire)
{
    switch (wire->number) {
    case 1:
        return px_take_text(wire, &request->purpose);
    case 2:
        return px_take_text(wire, &request->case_number);
    case 3:
        request->legal_basis = (unsigned)wire->varint;
        return wire->type == PX_WIRE_VARINT;
    case 4:
        return wire->type == PX_WIRE_BYTES && listed_decode(wire->value, &listed[request->count++]);
    default:
        return omit_take(wire, &request->omit);
    }
}

lf_status px_cross_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                  struct px_cross_request *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_cross_request request = {.legal_basis = 0};
    lf_status rc =
        px_scan(bytes, &lianfang__v1__cross_check_request__descriptor, PX_UNKNOWN_REFUSE, err);
    if (rc != LF_OK) {
        return rc;
    }
    size_t total = px_count(bytes, 4);
    if (total > PX_LISTED_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "listed", "listed: at most %d",
                          PX_LISTED_MAX);
    }
    struct px_listed *listed = lf__arena_array(arena, total, sizeof *listed);
    bool good = listed != NULL;
    while (good && px_wire_next(&r, &wire)) {
        good = request_take(&request, listed, &wire);
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "request", err);
    }
    request.listed = listed;
    *out = request;
    return LF_OK;
}

bool px_cross_row_encode(const struct px_cross_row *row, struct lf__buf *reply)
{
    LF_BUF inner;
    LF_BUF packed;
    lf__buf_init(&inner, CROSS_ROW_BYTES_MAX);
    lf__buf_init(&packed, CROSS_ROW_BYTES_MAX / 2);
    for (size_t i = 0; i < row->index_count; i++) {
        (void)px_wire_varint(&packed, row->indexes[i]);
    }
    (void)px_wire_bytes(&inner, 1, row->uscc);
    (void)px_wire_u64(&inner, 2, row->finding);
    (void)px_wire_bytes(&inner, 3, row->explanation);
    (void)px_wire_bytes(&inner, 4, lf__buf_bytes(&packed));
    (void)px_wire_bytes(&inner, 5, row->name);
    (void)px_wire_bytes(&inner, 6, row->error_name);
    return !inner.failed && !packed.failed && px_wire_bytes(reply, 1, lf__buf_bytes(&inner));
}

bool px_cross_reply_end(const uint64_t totals[PX_FINDINGS], lf_bytes checkpoint,
                        struct lf__buf *reply)
{
    LF_BUF inner;
    lf__buf_init(&inner, 4096);
    for (unsigned finding = 1; totals != NULL && finding < PX_FINDINGS; finding++) {
        if (inner.failed) {
            return false;
        }
        lf__buf_clear(&inner);
        (void)px_wire_u64(&inner, 1, finding);
        (void)px_wire_u64(&inner, 2, totals[finding]);
        (void)px_wire_bytes(reply, 2, lf__buf_bytes(&inner));
    }
    if (inner.failed) {
        return false;
    }
    lf__buf_clear(&inner);
    return px_checkpoint_encode(checkpoint, &inner) &&
           px_wire_bytes(reply, 3, lf__buf_bytes(&inner));
}

/* Packed, or one by one. */
static bool indexes_take(const struct px_wire *wire, uint64_t *list, size_t *count)
{
    struct lf__reader r = {wire->value};
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    if (wire->type == PX_WIRE_VARINT) {
        list[(*count)++] = wire->varint;
        return true;
    }
    while (wire->type == PX_WIRE_BYTES && lf__read_u8(&r, &byte)) {
        if (shift > 63) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if ((byte & 0x80) == 0) {
            list[(*count)++] = value;
            value = 0;
            shift = 0;
        }
    }
    return wire->type == PX_WIRE_BYTES && shift == 0;
}

/* At least as many as there are numbers: each has a byte. */
static size_t indexes_bound(lf_bytes bytes)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t bound = 0;
    while (px_wire_next(&r, &wire)) {
        bound += wire.number != 4 ? 0 : wire.type == PX_WIRE_BYTES ? wire.value.len : 1;
    }
    return bound;
}

static bool row_decode(struct lf__arena *arena, lf_bytes bytes, struct px_cross_row *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    uint64_t *indexes = lf__arena_array(arena, indexes_bound(bytes), sizeof *indexes);
    lf_bytes *texts[] = {NULL,       &out->uscc,      NULL, &out->explanation, NULL,
                         &out->name, &out->error_name};
    bool good = indexes != NULL;
    *out = (struct px_cross_row){.indexes = indexes};
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number < LF_COUNT(texts) && texts[wire.number] != NULL) {
            good = px_take_text(&wire, texts[wire.number]);
        } else if (px_is(&wire, 2, PX_WIRE_VARINT)) {
            out->finding = (unsigned)wire.varint;
        } else if (wire.number == 4) {
            good = indexes_take(&wire, indexes, &out->index_count);
        }
    }
    return good && lf__read_finished(&r);
}

/* A finding that a later gateway knows is carried by nobody here. */
static bool total_take(lf_bytes bytes, struct px_cross_answer *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    uint64_t finding = 0;
    uint64_t subjects = 0;
    while (px_wire_next(&r, &wire)) {
        finding = px_is(&wire, 1, PX_WIRE_VARINT) ? wire.varint : finding;
        subjects = px_is(&wire, 2, PX_WIRE_VARINT) ? wire.varint : subjects;
    }
    if (finding < PX_FINDINGS) {
        out->totals[finding] = subjects;
    }
    return lf__read_finished(&r);
}

lf_status px_cross_answer_decode(struct lf__arena *arena, lf_bytes bytes,
                                 struct px_cross_answer *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_cross_answer answer = {.count = 0};
    size_t total = px_count(bytes, 1);
    struct px_cross_row *rows =
        total <= PX_CROSS_ROWS_MAX ? lf__arena_array(arena, total, sizeof *rows) : NULL;
    bool good = rows != NULL;
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            good = row_decode(arena, wire.value, &rows[answer.count++]);
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            good = total_take(wire.value, &answer);
            answer.is_last = true;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &answer.checkpoint, err) == LF_OK;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    lf_status rc = px_told(bytes, PX_CROSS_ACCESS_INDEX, &answer.told, &answer.access_index, err);
    if (rc == LF_OK) {
        answer.rows = rows;
        *out = answer;
    }
    return rc;
}
