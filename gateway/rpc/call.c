/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a call: made, moved by one setter, freed in one place when nothing is pending. */
#include "gateway/rpc/call_internal.h"

#include "base/bytes.h"
#include "base/status.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <stdlib.h>

static const unsigned call_next[] = {
    [CALL_WAIT_CALL] = LF_BIT(CALL_WAIT_REQUEST) | LF_BIT(CALL_WAIT_SENT) | LF_BIT(CALL_DONE),
    [CALL_WAIT_REQUEST] = LF_BIT(CALL_WAIT_HANDLER) | LF_BIT(CALL_WAIT_SENT) | LF_BIT(CALL_DONE),
    [CALL_WAIT_HANDLER] = LF_BIT(CALL_WAIT_SENT),
    [CALL_WAIT_SENT] = LF_BIT(CALL_DONE),
    [CALL_DONE] = LF_BIT(CALL_DONE),
};

struct gw_call *gw__call_new(struct gw_server *server)
{
    struct gw_call *call = calloc(1, sizeof *call);
    LF_BUG_IF(call == NULL); /* gRPC aborts on exhausted memory as well */
    call->server = server;
    (void)pthread_mutex_init(&call->lock, NULL);
    grpc_call_details_init(&call->details);
    grpc_metadata_array_init(&call->metadata);
    call->status_text = grpc_empty_slice();
    call->status_details.key = grpc_empty_slice();
    call->status_details.value = grpc_empty_slice();
    lf__arena_init(&call->arena, GW_CALL_MEMORY_MAX);
    (void)pthread_mutex_lock(&server->lock);
    server->live++;
    (void)pthread_mutex_unlock(&server->lock);
    return call;
}

static void call_free(struct gw_call *call)
{
    struct gw_server *server = call->server;
    grpc_slice_unref(call->status_text);
    grpc_slice_unref(call->status_details.key);
    grpc_slice_unref(call->status_details.value);
    grpc_byte_buffer_destroy(call->request);
    grpc_byte_buffer_destroy(call->reply);
    grpc_metadata_array_destroy(&call->metadata);
    grpc_call_details_destroy(&call->details);
    if (call->call != NULL) {
        grpc_call_unref(call->call);
    }
    lf__arena_done(&call->arena);
    (void)pthread_mutex_destroy(&call->lock);
    free(call);
    (void)pthread_mutex_lock(&server->lock);
    server->live--;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
}

void gw__call_enter(struct gw_call *call, enum call_state next)
{
    LF_BUG_IF((call_next[call->state] & LF_BIT(next)) == 0);
    call->state = next;
}

void gw__call_start(struct gw_call *call, struct gw_tag *tag, const grpc_op *ops, size_t count)
{
    call->pending++;
    grpc_call_error refused = grpc_call_start_batch(call->call, ops, count, tag, NULL);
    LF_BUG_IF(refused != GRPC_CALL_OK);
}

void gw__call_unlock(struct gw_call *call)
{
    bool is_over = call->state == CALL_DONE && call->pending == 0;
    (void)pthread_mutex_unlock(&call->lock);
    if (is_over) {
        call_free(call);
    }
}

/* One slice is read in place; several are joined in the arena. */
lf_status gw__call_read_request(struct gw_call *call, lf_bytes *out, lf_error *err)
{
    grpc_byte_buffer_reader reader;
    size_t len = grpc_byte_buffer_length(call->request);
    if (len > call->method->request_max) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "", "request: %zu bytes, %zu are allowed",
                          len, call->method->request_max);
    }
    uint8_t *bytes = lf__arena_alloc(&call->arena, len);
    if (bytes == NULL || grpc_byte_buffer_reader_init(&reader, call->request) != 1) {
        return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "", "request: cannot be read");
    }
    size_t at = 0;
    grpc_slice *slice = NULL;
    while (grpc_byte_buffer_reader_peek(&reader, &slice) != 0 &&
           GRPC_SLICE_LENGTH(*slice) <= len - at) {
        lf__copy(bytes + at, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
        at += GRPC_SLICE_LENGTH(*slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    *out = (lf_bytes){bytes, at};
    return LF_OK;
}

const struct gw_peer *gw_call_peer(const struct gw_call *call)
{
    return &call->peer;
}

struct lf__arena *gw_call_arena(struct gw_call *call)
{
    return &call->arena;
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
    return is_cancelled;
}
