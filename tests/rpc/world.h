/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/rpc/world.h - a server with methods of every kind over real mutual TLS, two members, and a count
 * of all that happens, to be waited for.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "gateway/rpc/server.h"
#include "rpc/client.h"

#include <pthread.h>
#include <semaphore.h>

enum {
    OK = 0,
    CANCELLED = 1,
    INVALID_ARGUMENT = 3,
    DEADLINE_EXCEEDED = 4,
    NOT_FOUND = 5,
    PERMISSION_DENIED = 7,
    RESOURCE_EXHAUSTED = 8,
    ABORTED = 10,
    UNIMPLEMENTED = 12,
    UNAVAILABLE = 14,
    UNAUTHENTICATED = 16
};
enum {
    WORLD_WINDOW = 4,         /* of Chat */
    WORLD_WIDE_WINDOW = 1000, /* of Wide: two of them are nearly a member's share */
    WORLD_SMALL_MAX = 16,     /* bytes of a request of Open and Chat's messages' limit */
    WORLD_CHAT_MAX = 64,
    WORLD_BIG = 3000000, /* bytes of an answer; a few of them fit no window of HTTP/2 */
    WORLD_HELD_MAX = 64
};

/* What has happened so far; under the lock. */
enum counted { OPENED, ENDED, TAKEN, HANDLED, CALLS_DONE, SENT, COUNTED };

struct world {
    struct gw_server *server;
    struct test_identity gateway;
    struct test_identity member[2];
    struct lf__hash pinned[2];
    struct test_client *client; /* of member 0 */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned counts[COUNTED];
    struct gw_call *held[WORLD_HELD_MAX]; /* an answer is owed, or may be pushed; held */
    unsigned held_count;
    char last_request[64]; /* of Echo */

    sem_t parked; /* a call of Later waits for `release` */
    sem_t release;
    pthread_t later;
    struct gw_call *call;

    bool has_gate; /* admitting a peer waits for `gate` */
    sem_t gate;

    const char *stop_path; /* a call of it that enters `stop_state` waits there for `go`, once */
    const char *stop_state;
    bool was_stopped;
    sem_t stopped;
    sem_t go;
};

/* cmocka's setup and teardown; `stopped` for a test that has stopped the server itself. */
int world_setup(void **state);
int world_teardown(void **state);
int world_teardown_stopped(void **state);
/* Waits until the count is reached; fails the test after long. */
void world_await(struct world *world, enum counted what, unsigned count);
unsigned world_count(struct world *world, enum counted what);
/* Waits until so many are held, and takes the first of them. */
struct gw_call *world_take_held(struct world *world, unsigned count);

struct test_answer world_ask(struct test_client *client, const char *path, lf_bytes request);
struct test_client *world_connect(struct world *world, const struct test_identity *identity);
/* Receives one message and compares it. */
void world_expect(struct test_stream *stream, const char *text);
/* Finishes the stream and compares status and reason ("" for none). */
void world_expect_end(struct test_stream *stream, int code, const char *reason);

#endif
