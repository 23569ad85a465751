/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/integration/wire/feed.h - a reader of the feed that believes nothing: each batch must go on where the one before
 * ended, have every position once, and lead to the root of the head that comes with it. Aborts when one does not.
 */
#ifndef WIRE_FEED_H
#define WIRE_FEED_H

#include "core/frontier.h"
#include "integration/wire/world.h"
#include "protos/codec/feed.h"
#include "protos/codec/signed.h"

enum { WIRE_LONG_MS = 60000 };

struct wire_feed {
    struct wire *w;
    enum wire_who who;
    struct test_client *client; /* borrowed */
    struct test_stream *stream;
    struct px_feed_request request; /* its cursor is the next position */
    struct lf__frontier frontier;   /* of all positions before the cursor, from 0 */
    struct lf__merkle_head head;    /* of the last batch */
    struct px_feed_batch batch;     /* the last one, borrowed from: */
    struct lf__buf bytes;
    struct lf__arena arena;
};
void wire_feed_init(struct wire *w, struct wire_feed *f, enum wire_who who);
void wire_feed_done(struct wire_feed *f);
/* Asks for what comes from the cursor on. */
void wire_feed_subscribe(struct wire_feed *f);
/* The next batch of the stream, checked; false at its end. */
bool wire_feed_next(struct wire_feed *f);
/* The next batch with an entry in it. */
bool wire_feed_news(struct wire_feed *f);
/* Until the cursor is there; entries told are counted. False when the stream ended before. */
bool wire_feed_until(struct wire_feed *f, uint64_t cursor, size_t *entries);
/* Ends the stream from this side. */
void wire_feed_leave(struct wire_feed *f);
/* The gateway's end of the stream. */
void wire_feed_end(struct wire_feed *f, struct test_answer *answer);
/* One Poll; the gRPC code. */
int wire_feed_poll(struct wire_feed *f, struct wire_told *told);

/* A good event of the member; its index. `only`: whom but issuer and regulators it reaches; NULL: all. `id` may be NULL. */
uint64_t wire_event(struct wire *w, enum wire_who who, const char *only, uint8_t id[PX_ID_BYTES]);

#endif
