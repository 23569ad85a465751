/* SPDX-License-Identifier: Apache-2.0 */
/* What all calls share: made, moved by one setter, admitted, ended, and over when nothing is in flight. */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/status.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/support/time.h>

void gw__call_init(struct gw_call *call, struct gw_server *server, const struct gw_method *method,
                   const struct gw_machine *machine)
{
    call->server = server;
    call->method = method;
    call->machine = machine;
    (void)pthread_mutex_init(&call->lock, NULL);
    grpc_metadata_array_init(&call->metadata);
    call->status_text = grpc_empty_slice();
    call->status_details.key = grpc_empty_slice();
    call->status_details.value = grpc_empty_slice();
    lf__arena_init(&call->arena, GW_CALL_MEMORY_MAX);
    (void)atomic_fetch_add(&server->live, 1);
}

/* The caller frees the memory first and counts the server's `live` down last. */
void gw__call_done(struct gw_call *call)
{
    gw__meter_give(call);
    grpc_slice_unref(call->status_text);
    grpc_slice_unref(call->status_details.key);
    grpc_slice_unref(call->status_details.value);
    grpc_metadata_array_destroy(&call->metadata);
    if (call->call != NULL) {
        grpc_call_unref(call->call);
    }
    lf__arena_done(&call->arena);
    (void)pthread_mutex_destroy(&call->lock);
}

void gw__call_enter(struct gw_call *call, unsigned next)
{
    LF_BUG_IF((call->machine->next[call->state] & LF_BIT(next)) == 0);
    call->state = next;
    if (call->server->trace != NULL) {
        call->server->trace(call->server->user, call->method == NULL ? "" : call->method->path,
                            call->machine->names[next]);
    }
}

void gw__call_start(struct gw_call *call, struct gw_tag *tag, const grpc_op *ops, size_t count)
{
    call->pending++;
    grpc_call_error refused = grpc_call_start_batch(call->call, ops, count, tag, NULL);
    LF_BUG_IF(refused != GRPC_CALL_OK);
}

void gw__call_unlock(struct gw_call *call)
{
    bool is_over = call->state == call->machine->done && call->pending == 0 && !call->is_over;
    call->is_over = call->is_over || is_over;
    (void)pthread_mutex_unlock(&call->lock);
    if (is_over) {
        call->machine->over(call);
    }
}

static bool is_late(const struct gw_call *call)
{
    return gpr_time_cmp(gpr_now(call->deadline.clock_type), call->deadline) >= 0;
}

/* A member pays for what it does from its own share, for health and reflection too. */
static lf_status peer_admit(struct gw_call *call, lf_error *err)
{
    struct gw_server *server = call->server;
    lf_status rc = gw__peer_of(call->call, &call->peer, err);
    if (rc != LF_OK) {
        return rc;
    }
    rc = server->admit_peer == NULL ? LF_OK : server->admit_peer(server->user, &call->peer, err);
    call->meter = rc == LF_OK && server->admit_peer != NULL ? gw__meter_of(server, &call->peer.spki)
                                                            : &server->guests;
    return call->method->needs_member ? rc : LF_OK;
}

lf_status gw__call_admit(struct gw_call *call, unsigned units, lf_error *err)
{
    grpc_op closing = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    closing.data.recv_close_on_server.cancelled = &call->cancelled;
    gw__call_start(call, &call->closed, &closing, 1);
    if (call->method == NULL) {
        return lf__fail(err, LF_E_UNIMPLEMENTED, "method: not offered by this server");
    }
    lf_status rc = peer_admit(call, err);
    rc = rc == LF_OK ? gw__meter_take(call, units, err) : rc;
    if (rc == LF_OK && is_late(call)) {
        rc = lf__fail(err, LF_E_DEADLINE, "call: its deadline is over");
    }
    return rc;
}

void gw__call_set_status(struct gw_call *call, const lf_error *error)
{
    LF_BUF details;
    lf_status status = error->status == LF_OK ? LF_E_BUG : error->status;
    uint32_t retry_ms = status == LF_E_BUSY ? GW_RETRY_MS : 0;
    call->code = gw__status_code(status);
    call->status_text = grpc_slice_from_copied_string(error->message);
    lf__buf_init(&details, PX_STATUS_BYTES_MAX);
    if (px_status_encode(error, (int32_t)call->code, retry_ms, &details)) {
        call->status_details.key = grpc_slice_from_static_string("grpc-status-details-bin");
        call->status_details.value =
            grpc_slice_from_copied_buffer((const char *)details.ptr, details.len);
        call->details_count = 1;
    }
}

grpc_op gw__call_status_op(struct gw_call *call)
{
    grpc_op op = {.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    op.data.send_status_from_server.status = call->code;
    op.data.send_status_from_server.status_details = &call->status_text;
    op.data.send_status_from_server.trailing_metadata_count = call->details_count;
    op.data.send_status_from_server.trailing_metadata = &call->status_details;
    return op;
}

static lf_status message_join(struct lf__arena *arena, grpc_byte_buffer *message, size_t len,
                              lf_bytes *out, lf_error *err)
{
    grpc_byte_buffer_reader reader;
    grpc_slice *slice = NULL;
    size_t at = 0;
    uint8_t *bytes = lf__arena_alloc(arena, len);
    if (bytes == NULL || grpc_byte_buffer_reader_init(&reader, message) != 1) {
        return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "", "request: cannot be read");
    }
    while (grpc_byte_buffer_reader_peek(&reader, &slice) != 0 &&
           GRPC_SLICE_LENGTH(*slice) <= len - at) {
        lf__copy(bytes + at, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
        at += GRPC_SLICE_LENGTH(*slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    *out = (lf_bytes){bytes, at};
    return LF_OK;
}

/* One slice, the usual case, is read where it lies; several are joined in the arena. */
lf_status gw__message_read(struct lf__arena *arena, grpc_byte_buffer *message, size_t max,
                           lf_bytes *out, lf_error *err)
{
    size_t len = grpc_byte_buffer_length(message);
    if (len > max) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "", "request: %zu bytes, %zu are allowed",
                          len, max);
    }
    grpc_slice_buffer *slices = &message->data.raw.slice_buffer;
    if (slices->count == 1) {
        *out = (lf_bytes){GRPC_SLICE_START_PTR(slices->slices[0]), len};
        return LF_OK;
    }
    return message_join(arena, message, len, out, err);
}

grpc_byte_buffer *gw__message_new(lf_bytes bytes)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes.ptr, bytes.len);
    grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return message;
}

const struct gw_peer *gw_call_peer(const struct gw_call *call)
{
    return &call->peer;
}

struct lf__arena *gw_call_arena(struct gw_call *call)
{
    return &call->arena;
}

const char *gw_call_path(const struct gw_call *call)
{
    return call->method->path;
}

void *gw_call_service(const struct gw_call *call)
{
    return call->method->service;
}

bool gw_call_is_cancelled(struct gw_call *call)
{
    (void)pthread_mutex_lock(&call->lock);
    bool is_cancelled = call->is_cancelled;
    (void)pthread_mutex_unlock(&call->lock);
    return is_cancelled || is_late(call);
}

lf_status gw_call_charge(struct gw_call *call, unsigned units, lf_error *err)
{
    return gw__meter_take(call, units, err);
}
