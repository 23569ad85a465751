/* SPDX-License-Identifier: Apache-2.0 */
/* Screen and ScreenStream, both ways. */
#include "protos/codec/services_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/reason.h"
#include "protos/codec/scan.h"

#include <lianfang/v1/screening.pb-c.h>

bool px_screen_request_encode(const struct px_screen_request *request, struct lf__buf *out)
{
    LF_BUF subject;
    lf__buf_init(&subject, PX_MESSAGE_MAX);
    (void)px_wire_bytes(out, 1, request->purpose);
    (void)px_wire_bytes(out, 2, request->case_number);
    (void)px_wire_u64(out, 3, request->legal_basis);
    for (size_t i = 0; i < request->count && !subject.failed; i++) {
        lf__buf_clear(&subject);
        (void)px_wire_bytes(&subject, 1, request->subjects[i].uscc);
        (void)px_wire_bytes(&subject, 2, request->subjects[i].name);
        (void)px_wire_bytes(out, 4, lf__buf_bytes(&subject));
    }
    (void)px_wire_u64(out, 5, request->as_known_size);
    (void)px_wire_u64(out, 6, (uint64_t)request->as_known_ms);
    (void)px_wire_bytes(out, 7, request->in_force);
    return !out->failed && !subject.failed;
}

static bool subject_decode(lf_bytes bytes, struct px_asked *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    *out = (struct px_asked){LF_BYTES_NONE, LF_BYTES_NONE};
    while (good && px_wire_next(&r, &wire)) {
        lf_bytes text;
        good = px_take_text(&wire, &text) && wire.number <= 2;
        out->uscc = good && wire.number == 1 ? text : out->uscc;
        out->name = good && wire.number == 2 ? text : out->name;
    }
    return good && lf__read_finished(&r);
}

lf_status px_screen_request_decode(struct lf__arena *arena, lf_bytes bytes,
                                   struct px_screen_request *out, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_screen_request request = {.legal_basis = 0};
    lf_status rc =
        px_scan(bytes, &lianfang__v1__screen_request__descriptor, PX_UNKNOWN_REFUSE, err);
    if (rc != LF_OK) {
        return rc;
    }
    size_t total = px_count(bytes, 4);
    if (total == 0 || total > PX_SUBJECTS_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "subjects", "subjects: 1 to %d",
                          PX_SUBJECTS_MAX);
    }
    struct px_asked *subjects = lf__arena_array(arena, total, sizeof *subjects);
    bool good = subjects != NULL;
    lf_bytes *texts[] = {NULL, &request.purpose, &request.case_number, NULL, NULL, NULL,
                         NULL, &request.in_force};
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number < LF_COUNT(texts) && texts[wire.number] != NULL) {
            good = px_take_text(&wire, texts[wire.number]);
        } else if (px_is(&wire, 3, PX_WIRE_VARINT)) {
            request.legal_basis = (unsigned)wire.varint;
        } else if (px_is(&wire, 5, PX_WIRE_VARINT)) {
            request.as_known_size = wire.varint;
        } else if (px_is(&wire, 6, PX_WIRE_VARINT)) {
            request.as_known_ms = (int64_t)wire.varint;
        } else {
            good = px_is(&wire, 4, PX_WIRE_BYTES) &&
                   subject_decode(wire.value, &subjects[request.count++]);
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "request", err);
    }
    request.subjects = subjects;
    *out = request;
    return LF_OK;
}

static void reason_encode(const struct px_reason *reason, struct lf__buf *out)
{
    (void)px_wire_bytes(out, 1, reason->code);
    (void)px_wire_bytes(out, 2, reason->violation);
    (void)px_wire_u64(out, 3, reason->certainty);
    (void)px_wire_u64(out, 4, reason->state);
    (void)px_wire_bytes(out, 5, reason->decided_at);
    (void)px_wire_u64(out, 6, (uint64_t)reason->until_ms);
    (void)px_wire_bytes(out, 7, reason->origin);
    (void)px_wire_u64(out, 8, reason->index);
    (void)px_wire_u64(out, 9, reason->kind);
    (void)px_wire_bytes(out, 10, reason->list);
    (void)px_wire_bytes(out, 11, reason->region);
    (void)px_wire_u64(out, 12, reason->level);
    (void)px_wire_bytes(out, 13, reason->contact);
}

static unsigned reason_id(lf_bytes name)
{
    char text[sizeof((lf_error *)NULL)->reason];
    const struct px_reason_row *row =
        lf__copy_str(text, sizeof text, name) ? px_reason_find(text) : NULL;
    return row == NULL ? 0 : row->id;
}

bool px_screened_encode(const struct px_screened *one, struct lf__buf *reply)
{
    LF_BUF result;
    LF_BUF reason;
    lf__buf_init(&result, 65536);
    lf__buf_init(&reason, 2048);
    (void)px_wire_bytes(&result, 1, one->uscc);
    (void)px_wire_u64(&result, 2, one->advice);
    for (size_t i = 0; i < one->reason_count && !reason.failed; i++) {
        lf__buf_clear(&reason);
        reason_encode(&one->reasons[i], &reason);
        (void)px_wire_bytes(&result, 3, lf__buf_bytes(&reason));
    }
    (void)px_wire_u64(&result, 4, reason_id(one->error_name));
    (void)px_wire_bytes(&result, 5, one->error_name);
    (void)px_wire_bytes(&result, 6, one->human_review);
    (void)px_wire_u64(&result, 7, one->is_stale ? 1 : 0);
    return !reason.failed && !result.failed && px_wire_bytes(reply, 1, lf__buf_bytes(&result));
}

bool px_screen_reply_end(const struct px_screen_answer *answer, struct lf__buf *reply)
{
    LF_BUF inner;
    lf__buf_init(&inner, 4096);
    return px_checkpoint_encode(answer->checkpoint, &inner) &&
           px_wire_bytes(reply, 2, lf__buf_bytes(&inner)) &&
           px_wire_u64(reply, 4, answer->known_size) &&
           px_wire_u64(reply, 5, (uint64_t)answer->in_force_ms) &&
           px_wire_u64(reply, 6, answer->advice_version);
}

static bool reason_decode(lf_bytes bytes, struct px_reason *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    *out = (struct px_reason){.index = 0};
    lf_bytes *texts[] = {
        NULL, &out->code, &out->violation, NULL,         NULL, &out->decided_at, NULL, &out->origin,
        NULL, NULL,       &out->list,      &out->region, NULL, &out->contact};
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number < LF_COUNT(texts) && texts[wire.number] != NULL) {
            good = px_take_text(&wire, texts[wire.number]);
        } else if (wire.type == PX_WIRE_VARINT) {
            out->certainty = wire.number == 3 ? (unsigned)wire.varint : out->certainty;
            out->state = wire.number == 4 ? (unsigned)wire.varint : out->state;
            out->until_ms = wire.number == 6 ? (int64_t)wire.varint : out->until_ms;
            out->index = wire.number == 8 ? wire.varint : out->index;
            out->kind = wire.number == 9 ? (unsigned)wire.varint : out->kind;
            out->level = wire.number == 12 ? (unsigned)wire.varint : out->level;
        }
    }
    return good && lf__read_finished(&r);
}

static bool screened_decode(struct lf__arena *arena, lf_bytes bytes, struct px_screened *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_reason *reasons = lf__arena_array(arena, px_count(bytes, 3), sizeof *reasons);
    bool good = reasons != NULL;
    *out = (struct px_screened){.reasons = reasons};
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number == 1) {
            good = px_take_text(&wire, &out->uscc);
        } else if (px_is(&wire, 2, PX_WIRE_VARINT)) {
            out->advice = (unsigned)wire.varint;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = reason_decode(wire.value, &reasons[out->reason_count++]);
        } else if (wire.number == 5) {
            good = px_take_text(&wire, &out->error_name);
        } else if (wire.number == 6) {
            good = px_take_text(&wire, &out->human_review);
        } else if (px_is(&wire, 7, PX_WIRE_VARINT)) {
            out->is_stale = wire.varint != 0;
        }
    }
    return good && lf__read_finished(&r);
}

lf_status px_screen_reply_decode(struct lf__arena *arena, lf_bytes bytes, struct px_screened **list,
                                 size_t *count, struct px_screen_answer *answer, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_screened *results = lf__arena_array(arena, px_count(bytes, 1), sizeof *results);
    size_t n = 0;
    bool good = results != NULL;
    struct px_screen_answer told = {.known_size = 0};
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            good = screened_decode(arena, wire.value, &results[n++]);
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &told.checkpoint, err) == LF_OK;
        } else if (px_is(&wire, 4, PX_WIRE_VARINT)) {
            told.known_size = wire.varint;
        } else if (px_is(&wire, 5, PX_WIRE_VARINT)) {
            told.in_force_ms = (int64_t)wire.varint;
        } else if (px_is(&wire, 6, PX_WIRE_VARINT)) {
            told.advice_version = (uint32_t)wire.varint;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    *list = results;
    *count = n;
    *answer = told;
    return LF_OK;
}

lf_status px_screen_reply_told(lf_bytes bytes, lf_bytes *told, uint64_t *access_index,
                               lf_error *err)
{
    return px_told(bytes, PX_SCREEN_ACCESS_INDEX, told, access_index, err);
}

lf_status px_told(lf_bytes bytes, uint32_t number, lf_bytes *told, uint64_t *access_index,
                  lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t len = bytes.len;
    uint64_t index = 0;
    while (len == bytes.len && px_wire_next(&r, &wire)) {
        if (px_is(&wire, number, PX_WIRE_VARINT)) {
            len = bytes.len - r.rest.len - wire.raw.len;
            index = wire.varint;
        }
    }
    if (!lf__read_finished(&r)) {
        return px_malformed(err, "answer");
    }
    *told = lf__bytes_slice(bytes, 0, len);
    *access_index = index;
    return LF_OK;
}
