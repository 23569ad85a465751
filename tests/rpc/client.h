/* SPDX-License-Identifier: Apache-2.0 */
/* tests/rpc/client.h - a client that does what it is told, one call or stream at a time. Threads: one,
 * but for test_stream_cancel(). */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include "base/buf.h"

struct test_client;
struct test_identity {
    struct lf__buf key;
    struct lf__buf cert;
};
void test_identity_make(struct test_identity *identity, const char *name);
void test_identity_done(struct test_identity *identity);

/* `identity` NULL: no client certificate. `server` is the only certificate that is trusted. */
struct test_client *test_client_open(int port, const struct test_identity *server,
                                     const struct test_identity *identity);
/* Its unary calls carry this header from now on; both are borrowed. */
void test_client_set_header(struct test_client *client, const char *key, lf_bytes value);
/* As above, but it pings so often while it has a call. */
struct test_client *test_client_open_pinging(int port, const struct test_identity *server,
                                             const struct test_identity *identity, int every_ms);
void test_client_close(struct test_client *client);

enum { TEST_DETAILS_MAX = 8192 };
struct test_answer {
    int code;                          /* gRPC's number */
    uint8_t details[TEST_DETAILS_MAX]; /* as they came */
    size_t details_len;
    struct lf__buf reply;
    lf_error error; /* from the details */
    uint32_t retry_ms;
};
/* `cancel_after_ms` below 0: never. */
struct test_ask {
    const char *path;
    lf_bytes request;
    int64_t timeout_ms;
    int64_t cancel_after_ms;
};
void test_client_call(struct test_client *client, const struct test_ask *ask,
                      struct test_answer *answer);
void test_answer_done(struct test_answer *answer);

struct test_stream;
struct test_stream *test_stream_open(struct test_client *client, const char *path,
                                     int64_t timeout_ms);
/* False when the call is over. */
bool test_stream_send(struct test_stream *stream, lf_bytes message);
void test_stream_half_close(struct test_stream *stream);
/* Replaces what is in `out`; false when no more comes. */
bool test_stream_receive(struct test_stream *stream, struct lf__buf *out);
void test_stream_cancel(struct test_stream *stream); /* any thread */
/* Waits for the status and frees the stream; `reply` of the answer stays empty. */
void test_stream_finish(struct test_stream *stream, struct test_answer *answer);

#endif
