/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feed's thread. A commit costs one look a view, which stops at the first position that the view would be told; who then has
 * something to hear is served in turn, one view after the other, and whoever stands at the same place with the same eyes
 * gets the same bytes. A reader that asks for everything waits for its turn like all others.
 */
#include "gateway/services/feed_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "protos/codec/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_IN_S 1000000000

lf_status gw__feed_member(struct gw_feed *feed, struct gw_call *call, struct gw_standing *out,
                          lf_error *err)
{
    lf_status rc = gw_roster_by_pin(gw_exchange_roster(feed->services->exchange),
                                    &gw_call_peer(call)->spki, lf__clock_utc_ms(), out, err);
    if (rc == LF_OK && out->status == PX_MEMBER_RETIRED) {
        return lf__refuse(err, LF_E_DENIED, "MEMBER_RETIRED", "",
                          "member: has left, and receives nothing any more");
    }
    return rc;
}

/* The suspended hear only what takes back or erases. */
static struct gw_feed_ask ask_of(const struct feed_view *view)
{
    const uint64_t last = UINT64_C(1) << PX_KIND_CORRECTION | UINT64_C(1) << PX_KIND_REDACTION |
                          UINT64_C(1) << PX_KIND_LIST_REMOVAL | UINT64_C(1) << PX_KIND_APPEAL;
    bool is_active = view->member.status == PX_MEMBER_ACTIVE;
    uint64_t kinds = is_active ? view->kinds : view->kinds == 0 ? last : view->kinds & last;
    return (struct gw_feed_ask){.reader = {.member = lf__bytes_str(view->member.member),
                                           .role = view->member.role,
                                           .level = view->member.level},
                                .kinds = kinds,
                                .is_none = !is_active && kinds == 0,
                                .max_bytes = GW_FEED_ENTRY_BYTES_MAX};
}

/* ---- looking for news ---- */

/* Queues whoever is behind; gives how far the first of the others has seen. */
static uint64_t behind_queue(struct gw_feed *feed, struct feed_view *view, bool *any)
{
    uint64_t lowest = UINT64_MAX;
    struct feed_reader *reader = view->idle.first;
    while (reader != NULL) {
        struct feed_reader *next = reader->place.next;
        if (reader->seen < view->told_until) {
            gw__feed_queue(feed, reader);
            *any = true;
        } else {
            lowest = reader->seen < lowest ? reader->seen : lowest;
        }
        reader = next;
    }
    return lowest;
}

/* The lock is held, and let go for the reading. Past what the view has scanned, positions that everybody has seen are left out:
 * who comes to rest having seen less is taken to be behind. */
static void view_seek(struct gw_feed *feed, struct feed_view *view, uint64_t lowest)
{
    struct gw_feed_ask ask = ask_of(view);
    uint64_t at = lowest > view->scanned ? lowest : view->scanned;
    bool found = false;
    if (at > view->scanned) {
        view->told_until = at > view->told_until ? at : view->told_until;
    }
    (void)pthread_mutex_unlock(&feed->lock);
    uint64_t size = st_ledger_head(gw_exchange_ledger(feed->services->exchange), NULL).size;
    lf_status rc = gw_feed_seek(feed->services->exchange, &ask, &at, &found, NULL);
    (void)pthread_mutex_lock(&feed->lock);
    if (rc != LF_OK) {
        return; /* whoever reads next is told why */
    }
    at += found ? 1 : 0;
    view->told_until = found && at > view->told_until ? at : view->told_until;
    view->scanned = at > view->scanned ? at : view->scanned;
    view->is_stale = view->is_stale || (!found && at < size);
}

static void view_look(struct gw_feed *feed, struct feed_view *view, int64_t now_ns)
{
    bool any = false;
    if (!view->is_stale || view->idle.first == NULL) {
        return;
    }
    if (now_ns < view->pause_until_ns) {
        feed->look_ns = view->pause_until_ns < feed->look_ns ? view->pause_until_ns : feed->look_ns;
        return;
    }
    uint64_t lowest = behind_queue(feed, view, &any);
    if (lowest != UINT64_MAX) { /* otherwise whoever comes to rest first has it looked at */
        view->is_stale = false;
        view_seek(feed, view, lowest);
        (void)behind_queue(feed, view, &any);
    }
    if (any) {
        view->pause_until_ns = now_ns + FEED_PAUSE_NS;
    }
    if (view->is_stale && view->idle.first != NULL && view->pause_until_ns < feed->look_ns) {
        feed->look_ns = view->pause_until_ns;
    }
}

static void views_look(struct gw_feed *feed, int64_t now_ns)
{
    struct feed_view *view = feed->views;
    feed->look_ns = INT64_MAX;
    feed->round_ns = now_ns + FEED_ROUND_NS;
    while (view != NULL) {
        view->refs++; /* so that it has a next one afterwards */
        view_look(feed, view, now_ns);
        struct feed_view *next = view->next;
        gw__feed_view_release(feed, view);
        view = next;
    }
}

/* ---- serving ---- */

static lf_status batch_read(struct gw_feed *feed, const struct gw_feed_ask *ask,
                            struct feed_batch **out, lf_error *err)
{
    struct feed_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return lf__fail(err, LF_E_NOMEM, "feed: out of memory");
    }
    atomic_store(&batch->refs, 1);
    lf__buf_init(&batch->bytes, PX_MESSAGE_MAX);
    batch->cursor = ask->cursor;
    lf_status rc = gw_feed_read(feed->services->exchange, ask, &batch->bytes, &batch->page, err);
    if (rc != LF_OK) {
        gw__feed_batch_drop(batch);
        return rc;
    }
    batch->digest = lf__sha256(lf__buf_bytes(&batch->bytes));
    *out = batch;
    return LF_OK;
}

/* The view's own, if it says all that there is by now; an erasure is a commit, too. */
static bool is_fresh(const struct gw_feed *feed, const struct feed_batch *batch,
                     const struct gw_feed_ask *ask)
{
    uint64_t size = st_ledger_head(gw_exchange_ledger(feed->services->exchange), NULL).size;
    return batch != NULL && batch->cursor == ask->cursor && batch->page.size == size &&
           batch->page.told <= ask->max_entries;
}

static lf_status batch_get(struct gw_feed *feed, struct feed_view *view,
                           const struct gw_feed_ask *ask, struct feed_batch **out, lf_error *err)
{
    if (!is_fresh(feed, view->batch, ask)) {
        gw__feed_batch_drop(view->batch);
        view->batch = NULL;
        lf_status rc = batch_read(feed, ask, &view->batch, err);
        if (rc != LF_OK) {
            return rc;
        }
    }
    (void)atomic_fetch_add(&view->batch->refs, 1);
    *out = view->batch;
    return LF_OK;
}

static void view_scanned(struct feed_view *view, const struct feed_batch *batch)
{
    const struct gw_feed_page *page = &batch->page;
    if (batch->cursor <= view->scanned && page->next > view->scanned) {
        view->scanned = page->next;
        view->told_until =
            page->told_until > view->told_until ? page->told_until : view->told_until;
    }
}

/* Hands the batch over. Not under the lock, and the reader may be gone afterwards. */
static void batch_send(struct gw_feed *feed, struct feed_reader *reader)
{
    struct gw_call *call = reader->call;
    struct feed_batch *batch = reader->batch;
    bool is_poll = reader->is_poll;
    (void)pthread_mutex_lock(&feed->lock);
    bool is_over = reader->state == FEED_OVER;
    reader->batch = NULL;
    if (!is_over) {
        reader->cursor = batch->page.next;
        reader->seen = reader->cursor;
        reader->taken = batch->cursor;
        reader->has_more = batch->page.is_cut;
        reader->state = FEED_SENT;
        if (is_poll) {
            gw__feed_detach(feed, reader);
        } else {
            gw__feed_arm(&feed->slow, reader, lf__clock_monotonic_ns() + feed->patience_ns);
        }
    }
    (void)pthread_mutex_unlock(&feed->lock);
    if (is_poll) {
        gw_call_reply(call, lf__buf_bytes(&batch->bytes));
    } else {
        if (!is_over) {
            (void)gw_stream_send(call, lf__buf_bytes(&batch->bytes), NULL); /* ended: so be it */
        }
        gw_stream_release(call);
    }
    gw__feed_batch_drop(batch);
}

/* Tells the call why it gets nothing more. Not under the lock. */
static void reader_fail(struct gw_feed *feed, struct feed_reader *reader, const lf_error *err)
{
    struct gw_call *call = reader->call;
    bool is_poll = reader->is_poll;
    gw__feed_batch_drop(reader->batch);
    reader->batch = NULL;
    (void)pthread_mutex_lock(&feed->lock);
    if (is_poll) {
        gw__feed_detach(feed, reader);
    }
    (void)pthread_mutex_unlock(&feed->lock);
    if (is_poll) {
        gw_refuse(call, err);
    } else {
        gw_stream_end(call, err);
        gw_stream_release(call);
    }
}

static void batch_noted(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct feed_reader *reader = LF_CONTAINER_OF(note, struct feed_reader, note);
    if (status == LF_OK) {
        batch_send(reader->feed, reader);
        return;
    }
    lf_error why = *err;
    why.status = status;
    reader_fail(reader->feed, reader, &why);
}

/* What tells nobody anything of a record is no access: hashes are public. */
static void batch_tell(struct gw_feed *feed, struct feed_reader *reader,
                       const struct gw_feed_ask *ask)
{
    const struct feed_batch *batch = reader->batch;
    if (batch->page.told == 0) {
        batch_send(feed, reader);
        return;
    }
    struct px_access what = gw_access_by(&ask->reader, PX_ACCESS_FEED);
    what.first = batch->cursor;
    what.next = batch->page.next;
    what.told = batch->page.told;
    what.classes = batch->page.classes;
    what.result = batch->digest;
    reader->note = (struct gw_access_note){.done = batch_noted};
    gw_access_record(feed->services->access, &what, &reader->note);
}

/* Nothing for a poll that has time left: it waits. The lock is held. */
static bool poll_waits(const struct feed_reader *reader, const struct feed_batch *batch)
{
    return reader->is_poll && !reader->is_due && batch->page.told == 0 && !batch->page.is_cut &&
           reader->until_ns > lf__clock_monotonic_ns();
}

/* The lock is held, and let go for the reading. */
static void reader_serve(struct gw_feed *feed, struct feed_view *view, struct feed_reader *reader)
{
    struct gw_feed_ask ask = ask_of(view);
    struct feed_batch *batch = NULL;
    lf_error err = LF_ERROR_INIT;
    ask.cursor = reader->cursor;
    ask.max_entries = reader->max_entries;
    reader->state = FEED_READING;
    if (!reader->is_poll) {
        gw_stream_hold(reader->call);
    }
    (void)pthread_mutex_unlock(&feed->lock);
    lf_status rc = batch_get(feed, view, &ask, &batch, &err);
    (void)pthread_mutex_lock(&feed->lock);
    if (rc == LF_OK) {
        view_scanned(view, batch);
    }
    if (reader->state == FEED_OVER) { /* a stream that ended meanwhile */
        (void)pthread_mutex_unlock(&feed->lock);
        gw__feed_batch_drop(batch);
        gw_stream_release(reader->call);
        (void)pthread_mutex_lock(&feed->lock);
        return;
    }
    if (rc == LF_OK && poll_waits(reader, batch)) {
        reader->seen = batch->page.next;
        gw__feed_batch_drop(batch);
        gw__feed_rest(feed, reader);
        return;
    }
    reader->batch = batch;
    reader->state = FEED_NOTED;
    (void)pthread_mutex_unlock(&feed->lock);
    if (rc == LF_OK) {
        batch_tell(feed, reader, &ask);
    } else {
        err.status = rc;
        reader_fail(feed, reader, &err);
    }
    (void)pthread_mutex_lock(&feed->lock);
}

/* The first of the first view; a view with more of them goes to the end. */
static void ready_serve(struct gw_feed *feed)
{
    struct feed_view *view = feed->ready;
    struct feed_reader *reader = view->queued.first;
    feed->ready = view->ready_next;
    feed->ready_last = feed->ready == NULL ? NULL : feed->ready_last;
    view->is_ready = false;
    if (reader == NULL) {
        return;
    }
    gw__feed_unlink(reader, FEED_LINK(place));
    if (view->queued.first != NULL) {
        gw__feed_ready(feed, view);
    }
    view->refs++;
    reader_serve(feed, view, reader);
    gw__feed_view_release(feed, view);
}

/* ---- time ---- */

static void due_queue(struct gw_feed *feed, struct feed_list *timers, int64_t now_ns)
{
    while (timers->first != NULL && timers->first->due_ns <= now_ns) {
        timers->first->is_due = true;
        gw__feed_queue(feed, timers->first);
    }
}

/* The lock is held, and let go for each that is cut off. */
static void slow_cut(struct gw_feed *feed, int64_t now_ns)
{
    while (feed->slow.first != NULL && feed->slow.first->due_ns <= now_ns) {
        struct feed_reader *reader = feed->slow.first;
        struct gw_call *call = reader->call;
        char text[128];
        gw__feed_unlink(reader, FEED_LINK(timer));
        (void)snprintf(text, sizeof text,
                       "SLOW_READER: feed: its reader does not keep up; go on from cursor %llu",
                       (unsigned long long)reader->taken);
        gw_stream_hold(call);
        (void)pthread_mutex_unlock(&feed->lock);
        gw_stream_cut(call, text);
        gw_stream_release(call);
        (void)pthread_mutex_lock(&feed->lock);
    }
}

/* ---- ends ---- */

bool gw__feed_may_end(const struct feed_reader *reader)
{
    return !reader->is_poll || reader->state == FEED_IDLE || reader->state == FEED_QUEUED;
}

void gw__feed_end(struct gw_feed *feed, struct feed_reader *reader, const lf_error *err)
{
    struct gw_call *call = reader->call;
    bool is_poll = reader->is_poll;
    if (is_poll) {
        gw__feed_detach(feed, reader);
    } else {
        gw__feed_unlink(reader, FEED_LINK(all));
        gw_stream_hold(call);
    }
    (void)pthread_mutex_unlock(&feed->lock);
    if (is_poll) {
        gw_refuse(call, err);
    } else {
        gw_stream_end(call, err);
        gw_stream_release(call);
    }
    (void)pthread_mutex_lock(&feed->lock);
}

static lf_status reader_recheck(struct gw_feed *feed, struct feed_reader *reader, lf_error *err)
{
    struct gw_standing member;
    lf_status rc = gw__feed_member(feed, reader->call, &member, err);
    return rc == LF_OK && !gw__feed_move(feed, reader, &member)
               ? lf__fail(err, LF_E_NOMEM, "feed: out of memory")
               : rc;
}

/* Whoever may not read any more is ended; the others become what their members are now. */
static void roster_see(struct gw_feed *feed)
{
    struct feed_list before = {NULL, NULL};
    feed->is_roster = false;
    while (feed->all.first != NULL) {
        struct feed_reader *reader = feed->all.first;
        gw__feed_unlink(reader, FEED_LINK(all));
        gw__feed_link(&before, reader, FEED_LINK(all));
    }
    while (before.first != NULL) {
        struct feed_reader *reader = before.first;
        lf_error err = LF_ERROR_INIT;
        lf_status rc = reader_recheck(feed, reader, &err);
        gw__feed_unlink(reader, FEED_LINK(all));
        gw__feed_link(&feed->all, reader, FEED_LINK(all));
        if (rc != LF_OK && gw__feed_may_end(reader)) {
            err.status = rc;
            gw__feed_end(feed, reader, &err);
        }
    }
}

/* ---- the thread ---- */

static void calls_take(struct gw_feed *feed)
{
    if (!atomic_exchange(&feed->is_called, false)) {
        return;
    }
    for (struct feed_view *view = feed->views; view != NULL; view = view->next) {
        view->is_stale = true;
    }
    feed->look_ns = 0;
}

static int64_t sooner(int64_t a, const struct feed_list *timers)
{
    return timers->first != NULL && timers->first->due_ns < a ? timers->first->due_ns : a;
}

static void nap(struct gw_feed *feed)
{
    int64_t until = feed->look_ns;
    if (until != INT64_MAX && until < feed->round_ns) {
        until = feed->round_ns;
    }
    until = sooner(until, &feed->beats);
    until = sooner(until, &feed->slow);
    until = sooner(until, &feed->polls);
    if (until == INT64_MAX) {
        (void)pthread_cond_wait(&feed->wake, &feed->lock);
        return;
    }
    struct timespec at = {(time_t)(until / NS_IN_S), (long)(until % NS_IN_S)};
    (void)pthread_cond_timedwait(&feed->wake, &feed->lock, &at);
}

void *gw__feed_main(void *user)
{
    struct gw_feed *feed = user;
    (void)pthread_mutex_lock(&feed->lock);
    while (!feed->is_closing) {
        int64_t now_ns = lf__clock_monotonic_ns();
        calls_take(feed);
        if (feed->is_roster) {
            roster_see(feed);
        }
        due_queue(feed, &feed->beats, now_ns);
        due_queue(feed, &feed->polls, now_ns);
        slow_cut(feed, now_ns);
        if (feed->look_ns <= now_ns && feed->round_ns <= now_ns) {
            views_look(feed, now_ns);
        }
        if (feed->ready != NULL) {
            ready_serve(feed);
        } else if (!atomic_load(&feed->is_called) && !feed->is_roster && !feed->is_closing) {
            nap(feed);
        }
    }
    (void)pthread_mutex_unlock(&feed->lock);
    return NULL;
}
