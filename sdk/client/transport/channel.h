/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/transport/channel.h - one connection to a gateway: blocking unary calls, and a wire for
 * calls that are waited for elsewhere. The only client code that includes <grpc/...>.
 * Threads: a channel may be shared.
 */
#ifndef LF__CHANNEL_H
#define LF__CHANNEL_H

#include "client/wire.h"

struct lf__channel;
struct lf__channel_options {
    const char *address;     /* HOST:PORT */
    const char *server_name; /* that the gateway's certificate names */
    const char *server_cert; /* PEM: the one certificate that is trusted */
    const char *key;         /* PEM */
    const char *cert;
};
lf_status lf__channel_open(const struct lf__channel_options *options, struct lf__channel **out,
                           lf_error *err);
void lf__channel_close(struct lf__channel *channel); /* NULL allowed; after its wires */

/* Appends the answer. The status and details of a refusal come as our error; the deadline travels. */
lf_status lf__channel_call(struct lf__channel *channel, const char *method, lf_bytes request,
                           int64_t timeout_ms, struct lf__buf *answer, uint32_t *retry_ms,
                           lf_error *err);
/* Waits until the monotonic instant, or until a connection that is down is up. A mere sleep would not do: gRPC
 * goes on connecting only while somebody waits for something on the channel. */
void lf__channel_pause(struct lf__channel *channel, int64_t until_ns);
/* Owned: release with its `close`. The channel outlives it. E_NOMEM. */
lf_status lf__channel_wire(struct lf__channel *channel, struct lf__wire **out, lf_error *err);

#endif
