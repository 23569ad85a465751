/* SPDX-License-Identifier: Apache-2.0 */
/* Submit and SubmitBatch. Envelopes are handed on as the bytes they came as. */
#include "protos/codec/services_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/reason.h"

enum { REFUSAL_DENIED = 7 }; /* PERMISSION_DENIED */

lf_status px_malformed(lf_error *err, const char *what)
{
    return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", what,
                      "%s: not the message that this call takes", what);
}

lf_status px_unread(const struct lf__arena *arena, const char *what, lf_error *err)
{
    lf_status rc = lf__arena_status(arena, err);
    return rc != LF_OK ? rc : px_malformed(err, what);
}

bool px_is(const struct px_wire *wire, uint32_t number, enum px_wire_type type)
{
    return wire->number == number && wire->type == (unsigned)type;
}

size_t px_count(lf_bytes message, uint32_t number)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    size_t count = 0;
    while (px_wire_next(&r, &wire)) {
        count += px_is(&wire, number, PX_WIRE_BYTES) ? 1 : 0;
    }
    return count;
}

bool px_take_text(const struct px_wire *wire, lf_bytes *out)
{
    *out = wire->value;
    return wire->type == PX_WIRE_BYTES && lf__text_is_utf8(wire->value);
}

bool px_submit_request_encode(lf_bytes envelope, struct lf__buf *out)
{
    return px_wire_bytes(out, 1, envelope);
}

lf_status px_submit_request_decode(lf_bytes bytes, lf_bytes *envelope, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    if (!px_wire_next(&r, &wire) || !px_is(&wire, 1, PX_WIRE_BYTES) || !lf__read_finished(&r)) {
        return px_malformed(err, "request");
    }
    *envelope = wire.value;
    return LF_OK;
}

bool px_batch_request_encode(const lf_bytes *envelopes, size_t count,
                             const struct px_signature *signature, struct lf__buf *out)
{
    LF_BUF inner;
    lf__buf_init(&inner, PX_SIGNATURE_BYTES_MAX + 256);
    for (size_t i = 0; i < count; i++) {
        (void)px_wire_bytes(out, 1, envelopes[i]);
    }
    return px_wire_u64(&inner, 1, signature->alg) &&
           px_wire_bytes(&inner, 2, lf__hash_bytes(&signature->key_id)) &&
           px_wire_bytes(&inner, 3, signature->signature) &&
           px_wire_bytes(&inner, 4, lf__hash_bytes(&signature->batch_root)) &&
           px_wire_bytes(out, 2, lf__buf_bytes(&inner));
}

static bool hash_take(const struct px_wire *wire, struct lf__hash *out)
{
    if (wire->type != PX_WIRE_BYTES || wire->value.len != LF_HASH_BYTES) {
        return false;
    }
    lf__copy(out->bytes, wire->value.ptr, LF_HASH_BYTES);
    return true;
}

static bool batch_signature_decode(lf_bytes bytes, struct px_signature *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    unsigned seen = 0;
    *out = (struct px_signature){.alg = 0};
    while (px_wire_next(&r, &wire)) {
        bool good = wire.number <= 4 && (seen & LF_BIT(wire.number)) == 0;
        seen |= LF_BIT(wire.number & 31);
        if (wire.number == 1) {
            good = good && wire.type == PX_WIRE_VARINT && wire.varint > 0 && wire.varint < 256;
            out->alg = (unsigned)wire.varint;
        } else if (wire.number == 3) {
            good = good && wire.type == PX_WIRE_BYTES && wire.value.len <= PX_SIGNATURE_BYTES_MAX;
            out->signature = wire.value;
        } else {
            good = good && hash_take(&wire, wire.number == 2 ? &out->key_id : &out->batch_root);
        }
        if (!good) {
            return false;
        }
    }
    return lf__read_finished(&r) && seen == (LF_BIT(1) | LF_BIT(2) | LF_BIT(3) | LF_BIT(4));
}

lf_status px_batch_request_decode(struct lf__arena *arena, lf_bytes bytes, lf_bytes **envelopes,
                                  size_t *count, struct px_signature *signature, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t total = px_count(bytes, 1);
    size_t n = 0;
    struct px_signature decoded = {.alg = 0};
    bool has_signature = false;
    bool good = true;
    if (total == 0 || total > PX_BATCH_MAX || bytes.len > PX_BATCH_BYTES_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "envelopes",
                          "batch: 1 to %d records, together at most %d bytes", PX_BATCH_MAX,
                          PX_BATCH_BYTES_MAX);
    }
    lf_bytes *list = lf__arena_array(arena, total, sizeof *list);
    if (list == NULL) {
        return lf__arena_status(arena, err);
    }
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            list[n++] = wire.value;
        } else {
            good = px_is(&wire, 2, PX_WIRE_BYTES) && !has_signature &&
                   batch_signature_decode(wire.value, &decoded);
            has_signature = good;
        }
    }
    if (!good || !lf__read_finished(&r) || !has_signature) {
        return px_malformed(err, "signature");
    }
    decoded.batch_size = (uint32_t)n;
    *signature = decoded;
    *envelopes = list;
    *count = n;
    return LF_OK;
}

static bool receipt_encode(const struct px_result *result, struct lf__buf *out)
{
    (void)px_wire_bytes(out, 1, result->origin);
    (void)px_wire_u64(out, 2, result->index);
    (void)px_wire_bytes(out, 3, result->leaf);
    for (size_t i = 0; i < result->path_count; i++) {
        (void)px_wire_bytes(out, 4, lf__hash_bytes(&result->path[i]));
    }
    return !out->failed;
}

static bool refusal_encode(const struct px_result *result, struct lf__buf *out)
{
    const lf_error *error = &result->error;
    const struct px_reason_row *row = px_reason_find(error->reason);
    bool has_code = row != NULL && row->grpc_code != 0;
    return px_wire_u64(out, 1, row == NULL ? 0 : row->id) &&
           px_wire_bytes(out, 2, lf__bytes_str(error->reason)) &&
           px_wire_bytes(out, 3, lf__bytes_str(error->field)) &&
           px_wire_bytes(out, 4, lf__bytes_str(error->message)) &&
           px_wire_u64(out, 5, (uint64_t)(has_code ? row->grpc_code : result->grpc_code)) &&
           px_wire_u64(out, 6, result->retry_ms);
}

static bool result_encode(const struct px_result *result, struct lf__buf *inner,
                          struct lf__buf *out)
{
    bool is_refused = result->outcome == PX_OUTCOME_REFUSED;
    lf__buf_clear(inner);
    (void)(is_refused ? refusal_encode(result, inner) : receipt_encode(result, inner));
    (void)px_wire_bytes(out, 1, result->record_id);
    (void)px_wire_u64(out, 2, (uint64_t)result->outcome);
    (void)px_wire_bytes(out, is_refused ? 4 : 3, lf__buf_bytes(inner));
    return px_wire_u64(out, 5, result->is_pending_relay ? 1 : 0) && !inner->failed;
}

bool px_results_encode(const struct px_result *results, size_t count, lf_bytes checkpoint,
                       struct lf__buf *out)
{
    LF_BUF inner;
    LF_BUF one;
    bool good = true;
    lf__buf_init(&inner, 16384);
    lf__buf_init(&one, 32768);
    for (size_t i = 0; good && i < count; i++) {
        lf__buf_clear(&one);
        good =
            result_encode(&results[i], &inner, &one) && px_wire_bytes(out, 1, lf__buf_bytes(&one));
    }
    lf__buf_clear(&one);
    return good && (checkpoint.len == 0 || (px_checkpoint_encode(checkpoint, &one) &&
                                            px_wire_bytes(out, 2, lf__buf_bytes(&one))));
}

static bool receipt_decode(struct lf__arena *arena, lf_bytes bytes, struct px_result *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t total = px_count(bytes, 4);
    struct lf__hash *path = lf__arena_array(arena, total, sizeof *path);
    bool good = path != NULL && total <= LF_MERKLE_PROOF_MAX;
    while (good && px_wire_next(&r, &wire)) {
        switch (wire.number) {
        case 1:
            good = px_take_text(&wire, &out->origin);
            break;
        case 2:
            good = wire.type == PX_WIRE_VARINT;
            out->index = wire.varint;
            break;
        case 3:
            good = wire.type == PX_WIRE_BYTES;
            out->leaf = wire.value;
            break;
        case 4:
            good = hash_take(&wire, &path[out->path_count++]);
            break;
        default:
            break;
        }
    }
    out->path = path;
    return good && lf__read_finished(&r);
}

static bool refusal_decode(lf_bytes bytes, struct px_result *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    out->error.status = LF_E_REJECTED;
    while (good && px_wire_next(&r, &wire)) {
        if (wire.number == 2) {
            good = lf__copy_str(out->error.reason, sizeof out->error.reason, wire.value);
        } else if (wire.number == 3) {
            good = lf__copy_str(out->error.field, sizeof out->error.field, wire.value);
        } else if (wire.number == 4) {
            good = lf__copy_str(out->error.message, sizeof out->error.message,
                                lf__bytes_slice(wire.value, 0, sizeof out->error.message - 1));
        } else if (wire.type == PX_WIRE_VARINT) {
            out->grpc_code = wire.number == 5 ? (int)wire.varint : out->grpc_code;
            out->retry_ms = wire.number == 6 ? (uint32_t)wire.varint : out->retry_ms;
        }
    }
    if (out->grpc_code == REFUSAL_DENIED) {
        out->error.status = LF_E_DENIED;
    }
    return good && lf__read_finished(&r);
}

/* False when one of fields 1 to 5 comes a second time. */
static bool result_once(const struct px_wire *wire, unsigned *seen)
{
    unsigned bit = wire->number <= 5 ? LF_BIT(wire->number) : 0;
    bool is_first = (*seen & bit) == 0;
    *seen |= bit;
    return is_first;
}

static bool result_decode(struct lf__arena *arena, lf_bytes bytes, struct px_result *out)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    bool good = true;
    unsigned seen = 0; /* a receipt given twice would fill the path of the first */
    *out = (struct px_result){.outcome = PX_OUTCOME_NONE};
    while (good && px_wire_next(&r, &wire)) {
        if (!result_once(&wire, &seen)) {
            good = false;
        } else if (wire.number == 1) {
            out->record_id = wire.value;
        } else if (px_is(&wire, 2, PX_WIRE_VARINT)) {
            out->outcome =
                wire.varint <= PX_OUTCOME_REFUSED ? (enum px_outcome)wire.varint : PX_OUTCOME_NONE;
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = receipt_decode(arena, wire.value, out);
        } else if (px_is(&wire, 4, PX_WIRE_BYTES)) {
            good = refusal_decode(wire.value, out);
        } else if (px_is(&wire, 5, PX_WIRE_VARINT)) {
            out->is_pending_relay = wire.varint != 0;
        }
    }
    return good && lf__read_finished(&r) && out->outcome != PX_OUTCOME_NONE;
}

lf_status px_results_decode(struct lf__arena *arena, lf_bytes bytes, struct px_result **results,
                            size_t *count, lf_bytes *checkpoint, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    size_t total = px_count(bytes, 1);
    size_t n = 0;
    struct px_result *list = lf__arena_array(arena, total, sizeof *list);
    bool good = list != NULL;
    lf_bytes note = LF_BYTES_NONE;
    while (good && px_wire_next(&r, &wire)) {
        if (px_is(&wire, 1, PX_WIRE_BYTES)) {
            good = result_decode(arena, wire.value, &list[n++]);
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &note, err) == LF_OK;
        }
    }
    if (!good || !lf__read_finished(&r)) {
        return px_unread(arena, "answer", err);
    }
    *results = list;
    *count = n;
    *checkpoint = note;
    return LF_OK;
}

bool px_stream_request_encode(uint64_t tag, lf_bytes envelope, struct lf__buf *out)
{
    return px_wire_u64(out, 1, tag) && px_wire_bytes(out, 2, envelope);
}

lf_status px_stream_request_decode(lf_bytes bytes, uint64_t *tag, lf_bytes *envelope, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    unsigned seen = 0;
    uint64_t number = 0;
    lf_bytes value = LF_BYTES_NONE;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        bool is_tag = px_is(&wire, 1, PX_WIRE_VARINT);
        good = (is_tag || px_is(&wire, 2, PX_WIRE_BYTES)) && (seen & LF_BIT(wire.number)) == 0;
        seen |= good ? LF_BIT(wire.number) : 0;
        number = good && is_tag ? wire.varint : number;
        value = good && !is_tag ? wire.value : value;
    }
    if (!good || !lf__read_finished(&r) || (seen & LF_BIT(2)) == 0) {
        return px_malformed(err, "request");
    }
    *tag = number;
    *envelope = value;
    return LF_OK;
}

bool px_stream_answer_encode(uint64_t tag, const struct px_result *result, lf_bytes checkpoint,
                             struct lf__buf *out)
{
    LF_BUF inner;
    LF_BUF one;
    lf__buf_init(&inner, 16384);
    lf__buf_init(&one, 32768);
    bool good = px_wire_u64(out, 1, tag) && result_encode(result, &inner, &one) &&
                px_wire_bytes(out, 2, lf__buf_bytes(&one));
    lf__buf_clear(&one);
    return good && (checkpoint.len == 0 || (px_checkpoint_encode(checkpoint, &one) &&
                                            px_wire_bytes(out, 3, lf__buf_bytes(&one))));
}

lf_status px_stream_answer_decode(struct lf__arena *arena, lf_bytes bytes, uint64_t *tag,
                                  struct px_result *result, lf_bytes *checkpoint, lf_error *err)
{
    struct lf__reader r = {bytes};
    struct px_wire wire;
    struct px_result one = {.outcome = PX_OUTCOME_NONE};
    lf_bytes note = LF_BYTES_NONE;
    uint64_t number = 0;
    unsigned seen = 0;
    bool good = true;
    while (good && px_wire_next(&r, &wire)) {
        if (!result_once(&wire, &seen)) {
            good = false;
        } else if (px_is(&wire, 1, PX_WIRE_VARINT)) {
            number = wire.varint;
        } else if (px_is(&wire, 2, PX_WIRE_BYTES)) {
            good = result_decode(arena, wire.value, &one);
        } else if (px_is(&wire, 3, PX_WIRE_BYTES)) {
            good = px_checkpoint_decode(wire.value, &note, err) == LF_OK;
        }
    }
    if (!good || !lf__read_finished(&r) || one.outcome == PX_OUTCOME_NONE) {
        return px_malformed(err, "answer");
    }
    *tag = number;
    *result = one;
    *checkpoint = note;
    return LF_OK;
}
