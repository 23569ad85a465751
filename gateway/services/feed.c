/* SPDX-License-Identifier: Apache-2.0 */
/* The Feed service: Subscribe and its twin Poll enter the feed's readers here, Acknowledge keeps a member's cursor. */
#include "gateway/services/feed_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/feed.h"

#include <stdlib.h>
#include <time.h>

#define NS_IN_MS 1000000

/* Where to begin; nothing past the head exists yet. */
static lf_status start_find(struct gw_feed *feed, const struct px_feed_request *request,
                            const struct gw_standing *member, uint64_t *cursor, lf_error *err)
{
    struct gw_exchange *exchange = feed->services->exchange;
    uint64_t size = st_ledger_head(gw_exchange_ledger(exchange), NULL).size;
    uint64_t start = request->cursor;
    lf_status rc = request->resume
                       ? gw_cursor_of(exchange, lf__bytes_str(member->member), &start, err)
                       : LF_OK;
    if (rc == LF_OK && start > size) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_AHEAD", "cursor",
                          "cursor: %llu is past the end of a log of %llu",
                          (unsigned long long)start, (unsigned long long)size);
    }
    if (rc == LF_OK) {
        *cursor = start;
    }
    return rc;
}

/* From here the thread serves it. */
static lf_status reader_enter(struct gw_feed *feed, struct feed_reader *reader,
                              const struct px_feed_request *request, lf_error *err)
{
    struct gw_standing member;
    lf_status rc = gw__feed_member(feed, reader->call, &member, err);
    rc = rc == LF_OK ? start_find(feed, request, &member, &reader->cursor, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    reader->seen = reader->cursor;
    reader->kinds = request->kinds;
    (void)pthread_mutex_lock(&feed->lock);
    if (feed->is_draining) {
        rc = lf__refuse(err, LF_E_UNAVAILABLE, "DRAINING", "",
                        "feed: the gateway is shutting down; go on from cursor %llu",
                        (unsigned long long)reader->cursor);
    } else if (!gw__feed_attach(feed, reader, &member)) {
        rc = lf__fail(err, LF_E_NOMEM, "feed: out of memory");
    } else {
        reader->is_attached = true;
        gw__feed_link(&feed->all, reader, FEED_LINK(all));
        gw__feed_queue(feed, reader);
    }
    (void)pthread_mutex_unlock(&feed->lock);
    return rc;
}

static struct feed_reader *reader_new(struct gw_feed *feed, struct gw_call *call)
{
    struct feed_reader *reader = lf__arena_alloc(gw_call_arena(call), sizeof *reader);
    if (reader != NULL) {
        *reader = (struct feed_reader){
            .feed = feed, .call = call, .max_entries = PX_FEED_ENTRIES_MAX, .state = FEED_OVER};
    }
    return reader;
}

void gw_handle_poll(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct px_feed_request request;
    lf_error err = LF_ERROR_INIT;
    struct feed_reader *reader = reader_new(services->feed, call);
    lf_status rc = reader == NULL
                       ? lf__fail(&err, LF_E_NOMEM, "feed: out of memory")
                       : px_poll_request_decode(gw_call_arena(call), bytes, &request, &err);
    if (rc == LF_OK) {
        reader->is_poll = true;
        reader->max_entries = request.max_entries;
        reader->until_ns = lf__clock_monotonic_ns() + (int64_t)request.wait_ms * NS_IN_MS;
        rc = reader_enter(services->feed, reader, &request, &err);
    }
    if (rc != LF_OK) {
        err.status = rc;
        gw_refuse(call, &err);
    }
}

static lf_status subscribe_open(void *user, struct gw_call *call, lf_error *err)
{
    struct gw_services *services = user;
    struct feed_reader *reader = reader_new(services->feed, call);
    gw_stream_set_context(call, reader);
    return reader == NULL ? lf__fail(err, LF_E_NOMEM, "feed: out of memory")
                          : gw_call_charge(call, FEED_STREAM_UNITS - 1, err);
}

static void subscribe_message(void *user, struct gw_call *call, lf_bytes message)
{
    struct gw_services *services = user;
    struct px_feed_request request;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = px_subscribe_request_decode(gw_call_arena(call), message, &request, &err);
    rc = rc == LF_OK ? reader_enter(services->feed, gw_stream_context(call), &request, &err) : rc;
    if (rc != LF_OK) {
        err.status = rc;
        gw_tell_refused(call, 0, &err);
        gw_stream_end(call, &err);
    }
}

static void subscribe_sent(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    struct gw_feed *feed = services->feed;
    struct feed_reader *reader = gw_stream_context(call);
    (void)pthread_mutex_lock(&feed->lock);
    if (reader->state == FEED_SENT) {
        gw__feed_unlink(reader, FEED_LINK(timer));
        if (reader->has_more) {
            gw__feed_queue(feed, reader);
        } else {
            gw__feed_rest(feed, reader);
        }
    }
    (void)pthread_mutex_unlock(&feed->lock);
}

static void subscribe_ended(void *user, struct gw_call *call)
{
    struct gw_services *services = user;
    struct gw_feed *feed = services->feed;
    struct feed_reader *reader = gw_stream_context(call);
    (void)pthread_mutex_lock(&feed->lock);
    if (reader->is_attached) {
        gw__feed_detach(feed, reader);
    }
    (void)pthread_mutex_unlock(&feed->lock);
}

const struct gw_stream_handler gw_stream_subscribe = {.window = 0,
                                                      .open = subscribe_open,
                                                      .message = subscribe_message,
                                                      .sent = subscribe_sent,
                                                      .ended = subscribe_ended};

/* ---- cursors ---- */

struct acknowledging {
    struct gw_call *call;
    struct gw_cursor_job job;
};

static void acknowledged(struct gw_cursor_job *job, const lf_error *err)
{
    struct acknowledging *a = job->user;
    LF_BUF reply;
    lf__buf_init(&reply, 64);
    (void)px_acknowledge_encode(job->cursor, &reply);
    gw_answer(a->call, err->status, err, &reply);
}

void gw_handle_acknowledge(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct gw_standing member = {.member = ""};
    lf_error err = LF_ERROR_INIT;
    struct acknowledging *a = lf__arena_alloc(gw_call_arena(call), sizeof *a);
    lf_status rc = a == NULL ? lf__fail(&err, LF_E_NOMEM, "feed: out of memory")
                             : gw__feed_member(services->feed, call, &member, &err);
    if (rc == LF_OK) {
        *a = (struct acknowledging){.call = call, .job = {.user = a, .done = acknowledged}};
        (void)lf__copy_str(a->job.member, sizeof a->job.member, lf__bytes_str(member.member));
        rc = px_acknowledge_decode(bytes, &a->job.cursor, &err);
    }
    rc = rc == LF_OK ? gw_cursor_keep(services->feed->cursors, &a->job, &err) : rc;
    if (rc != LF_OK) {
        err.status = rc;
        gw_refuse(call, &err);
    }
}

/* ---- life ---- */

void gw_feed_settled(struct gw_feed *feed, bool is_roster)
{
    if (!is_roster && atomic_exchange(&feed->is_called, true)) {
        return; /* called already, and not yet looked */
    }
    (void)pthread_mutex_lock(&feed->lock);
    feed->is_roster = feed->is_roster || is_roster;
    atomic_store(&feed->is_called, true);
    (void)pthread_cond_signal(&feed->wake);
    (void)pthread_mutex_unlock(&feed->lock);
}

void gw_feed_pace(struct gw_feed *feed, int64_t heartbeat_ms, int64_t patience_ms)
{
    (void)pthread_mutex_lock(&feed->lock);
    feed->heartbeat_ns = heartbeat_ms * NS_IN_MS;
    feed->patience_ns = patience_ms * NS_IN_MS;
    (void)pthread_mutex_unlock(&feed->lock);
}

/* The first end counts, so the server's own, which knows no cursor, comes too late. */
void gw_feed_drain(struct gw_feed *feed)
{
    (void)pthread_mutex_lock(&feed->lock);
    feed->is_draining = true;
    struct feed_reader *reader = feed->all.first;
    while (reader != NULL) {
        lf_error err = LF_ERROR_INIT;
        if (!gw__feed_may_end(reader)) {
            reader = reader->all.next;
            continue;
        }
        (void)lf__refuse(&err, LF_E_UNAVAILABLE, "DRAINING", "",
                         "feed: the gateway is shutting down; go on from cursor %llu",
                         (unsigned long long)reader->cursor);
        gw__feed_end(feed, reader, &err);
        reader = feed->all.first; /* the list was let go of */
    }
    (void)pthread_mutex_unlock(&feed->lock);
}

static lf_status feed_start(struct gw_feed *feed, lf_error *err)
{
    lf_status rc = gw_cursors_new(feed->services->exchange, &feed->cursors, err);
    if (rc == LF_OK && pthread_create(&feed->thread, NULL, gw__feed_main, feed) != 0) {
        gw_cursors_free(feed->cursors);
        rc = lf__fail(err, LF_E_NOMEM, "feed: no thread");
    }
    return rc;
}

lf_status gw_feed_new(struct gw_services *services, struct gw_feed **out, lf_error *err)
{
    pthread_condattr_t attributes;
    struct gw_feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        return lf__fail(err, LF_E_NOMEM, "feed: out of memory");
    }
    feed->services = services;
    feed->look_ns = INT64_MAX;
    feed->heartbeat_ns = (int64_t)FEED_HEARTBEAT_MS * NS_IN_MS;
    feed->patience_ns = (int64_t)FEED_PATIENCE_MS * NS_IN_MS;
    (void)pthread_mutex_init(&feed->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&feed->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    lf_status rc = feed_start(feed, err);
    if (rc != LF_OK) {
        free(feed);
        return rc;
    }
    *out = feed;
    return LF_OK;
}

void gw_feed_free(struct gw_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&feed->lock);
    feed->is_closing = true;
    (void)pthread_cond_signal(&feed->wake);
    (void)pthread_mutex_unlock(&feed->lock);
    (void)pthread_join(feed->thread, NULL);
    gw_cursors_free(feed->cursors);
    LF_BUG_IF(feed->views != NULL);
    (void)pthread_cond_destroy(&feed->wake);
    (void)pthread_mutex_destroy(&feed->lock);
    free(feed);
}
