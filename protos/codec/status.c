/* SPDX-License-Identifier: Apache-2.0 */
/* google.rpc.Status: three kinds of detail, each an Any of a known type. */
#include "protos/codec/status.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/codec_internal.h"

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>

static char status_type_info[] = "type.googleapis.com/google.rpc.ErrorInfo";
static char status_type_bad[] = "type.googleapis.com/google.rpc.BadRequest";
static char status_type_retry[] = "type.googleapis.com/google.rpc.RetryInfo";

struct details {
    Google__Protobuf__Any any[3];
    Google__Protobuf__Any *list[3];
    size_t count;
    struct lf__buf bytes[3];
};

static bool details_add(struct details *details, char *type, const ProtobufCMessage *message)
{
    size_t i = details->count++;
    google__protobuf__any__init(&details->any[i]);
    lf__buf_init(&details->bytes[i], PX_STATUS_BYTES_MAX);
    bool good = px_pack(message, &details->bytes[i]);
    details->any[i].type_url = type;
    details->any[i].value = px_data(lf__buf_bytes(&details->bytes[i]));
    details->list[i] = &details->any[i];
    return good;
}

static bool details_fill(struct details *details, lf_error *error, uint32_t retry_ms)
{
    static char domain[] = PX_ERROR_DOMAIN;
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__BadRequest__FieldViolation violation =
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    info.reason = error->reason;
    info.domain = domain;
    violation.field = error->field;
    violation.description = error->message;
    bad.field_violations = violations;
    bad.n_field_violations = 1;
    delay.seconds = retry_ms / 1000;
    delay.nanos = (int32_t)(retry_ms % 1000) * 1000000;
    retry.retry_delay = &delay;
    return (error->reason[0] == '\0' || details_add(details, status_type_info, &info.base)) &&
           (error->field[0] == '\0' || details_add(details, status_type_bad, &bad.base)) &&
           (retry_ms == 0 || details_add(details, status_type_retry, &retry.base));
}

bool px_status_encode(const lf_error *error, int32_t grpc_code, uint32_t retry_ms,
                      struct lf__buf *out)
{
    lf_error copy = *error; /* protobuf-c wants char *, and never writes through it */
    struct details details = {.count = 0};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    bool good = details_fill(&details, &copy, retry_ms);
    status.code = grpc_code;
    status.message = copy.message;
    status.details = details.list;
    status.n_details = details.count;
    good = good && px_pack(&status.base, out);
    for (size_t i = 0; i < details.count; i++) {
        lf__buf_done(&details.bytes[i]);
    }
    return good;
}

static lf_status detail_decode(struct lf__arena *arena, const Google__Protobuf__Any *any,
                               lf_error *out, uint32_t *retry_ms, lf_error *err)
{
    lf_bytes type = lf__bytes_str(any->type_url);
    ProtobufCMessage *message = NULL;
    lf_status rc = LF_OK;
    if (lf__bytes_eq_str(type, status_type_info)) {
        rc = px_unpack(arena, px_bytes(any->value), &google__rpc__error_info__descriptor,
                       PX_UNKNOWN_CARRY, &message, err);
        if (rc == LF_OK) {
            (void)lf__copy_str(out->reason, sizeof out->reason,
                               lf__bytes_str(((Google__Rpc__ErrorInfo *)(void *)message)->reason));
        }
    } else if (lf__bytes_eq_str(type, status_type_bad)) {
        rc = px_unpack(arena, px_bytes(any->value), &google__rpc__bad_request__descriptor,
                       PX_UNKNOWN_CARRY, &message, err);
        const Google__Rpc__BadRequest *bad = (const void *)message;
        if (rc == LF_OK && bad->n_field_violations > 0) {
            (void)lf__copy_str(out->field, sizeof out->field,
                               lf__bytes_str(bad->field_violations[0]->field));
        }
    } else if (lf__bytes_eq_str(type, status_type_retry)) {
        rc = px_unpack(arena, px_bytes(any->value), &google__rpc__retry_info__descriptor,
                       PX_UNKNOWN_CARRY, &message, err);
        const Google__Rpc__RetryInfo *retry = (const void *)message;
        if (rc == LF_OK && retry->retry_delay != NULL && retry->retry_delay->seconds >= 0 &&
            retry->retry_delay->seconds < 86400 && retry->retry_delay->nanos >= 0) {
            *retry_ms = (uint32_t)(retry->retry_delay->seconds * 1000 +
                                   retry->retry_delay->nanos / 1000000);
        }
    }
    return rc;
}

lf_status px_status_decode(lf_bytes bytes, lf_error *out, uint32_t *retry_ms, lf_error *err)
{
    LF_ARENA arena;
    ProtobufCMessage *message = NULL;
    lf_error decoded = LF_ERROR_INIT;
    uint32_t delay_ms = 0;
    lf__arena_init(&arena, (size_t)16 * PX_STATUS_BYTES_MAX);
    lf_status rc =
        px_unpack(&arena, bytes, &google__rpc__status__descriptor, PX_UNKNOWN_CARRY, &message, err);
    const Google__Rpc__Status *status = (const void *)message;
    for (size_t i = 0; rc == LF_OK && i < status->n_details; i++) {
        rc = detail_decode(&arena, status->details[i], &decoded, &delay_ms, err);
    }
    if (rc == LF_OK) {
        lf_bytes text = lf__bytes_str(status->message);
        (void)lf__copy_str(decoded.message, sizeof decoded.message,
                           lf__bytes_slice(text, 0, sizeof decoded.message - 1));
        *out = decoded;
        *retry_ms = delay_ms;
    }
    return rc;
}
