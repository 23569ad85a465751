/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/transport/stream.h - requests, and answers read one at a time: what is not read stays with the network, and slows the
 * other side down. Threads: one, but for cancel.
 */
#ifndef LF__STREAM_H
#define LF__STREAM_H

#include "client/transport/channel.h"

struct lf__stream;
/* One request. Owned: lf__stream_close(). The channel outlives it. E_NOMEM. */
lf_status lf__stream_open(struct lf__channel *channel, const char *method, lf_bytes request,
                          struct lf__stream **out, lf_error *err);
/* Many requests: the first goes out with lf__stream_send(). */
lf_status lf__stream_begin(struct lf__channel *channel, const char *method, struct lf__stream **out,
                           lf_error *err);
/* Copies the request; blocks until the one before is on its way, or nothing moved for so long (E_DEADLINE). When the stream has
 * ended meanwhile lf__stream_next() says why. */
lf_status lf__stream_send(struct lf__stream *stream, lf_bytes request, int64_t silence_ms,
                          lf_error *err);
void lf__stream_finish(struct lf__stream *stream); /* no request follows; once, after the first */
/* Blocks; `message` is replaced. At the end of the stream why it ended: E_CLOSED when it ended well, E_DEADLINE when nothing came for so
 * long, or the refusal as our error. Nothing comes after that. */
lf_status lf__stream_next(struct lf__stream *stream, int64_t silence_ms, struct lf__buf *message,
                          uint32_t *retry_ms, lf_error *err);
void lf__stream_cancel(struct lf__stream *stream); /* any thread, before the close */
void lf__stream_close(struct lf__stream *stream);  /* NULL allowed */

#endif
