/* SPDX-License-Identifier: Apache-2.0 */
/* client/transport/transport_internal.h - one unary call, whoever waits for it. */
#ifndef LF__TRANSPORT_INTERNAL_H
#define LF__TRANSPORT_INTERNAL_H

#include "client/transport/channel.h"

#include <grpc/grpc.h>

struct lf__channel {
    grpc_channel *channel;
};

/* Everything that one call holds; all of it released in lf__unary_done(). */
struct lf__unary {
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_byte_buffer *reply;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code code;
    grpc_slice text;
    bool is_given_up; /* cancelled by us */
};
struct lf__unary_request {
    const char *method; /* static */
    lf_bytes body;      /* copied */
    int64_t timeout_ms;
};

/* Starts the one batch of the call; its completion comes to `queue` under `tag`. */
void lf__unary_start(struct lf__unary *u, const struct lf__channel *channel,
                     const struct lf__unary_request *request, grpc_completion_queue *queue,
                     void *tag);
/* After the completion: the answer appended, or the refusal as our error. */
lf_status lf__unary_read(const struct lf__unary *u, struct lf__buf *answer, uint32_t *retry_ms,
                         lf_error *err);
/* Appends the message's bytes. E_FORMAT for none. */
lf_status lf__reply_read(grpc_byte_buffer *reply, struct lf__buf *answer, lf_error *err);
void lf__unary_done(struct lf__unary *u);

#endif
