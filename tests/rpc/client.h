/* SPDX-License-Identifier: Apache-2.0 */
/* tests/rpc/client.h - a client with nothing in it but one unary call, to test the server with. */
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
void test_client_close(struct test_client *client);

struct test_answer {
    int code; /* gRPC's number */
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

#endif
