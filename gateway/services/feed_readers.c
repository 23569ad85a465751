/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, timers and views of the feed's readers. The feed's lock is held. */
#include "gateway/services/feed_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

static struct feed_link *link_at(struct feed_reader *reader, size_t link)
{
    return (struct feed_link *)(void *)((char *)reader + link);
}

/* After `prev`; NULL: at the beginning. */
static void link_after(struct feed_list *list, struct feed_reader *prev, struct feed_reader *reader,
                       size_t link)
{
    struct feed_link *at = link_at(reader, link);
    LF_BUG_IF(at->list != NULL);
    at->list = list;
    at->prev = prev;
    at->next = prev == NULL ? list->first : link_at(prev, link)->next;
    if (prev == NULL) {
        list->first = reader;
    } else {
        link_at(prev, link)->next = reader;
    }
    if (at->next == NULL) {
        list->last = reader;
    } else {
        link_at(at->next, link)->prev = reader;
    }
}

void gw__feed_link(struct feed_list *list, struct feed_reader *reader, size_t link)
{
    link_after(list, list->last, reader, link);
}

void gw__feed_unlink(struct feed_reader *reader, size_t link)
{
    struct feed_link *at = link_at(reader, link);
    if (at->list == NULL) {
        return;
    }
    if (at->prev == NULL) {
        at->list->first = at->next;
    } else {
        link_at(at->prev, link)->next = at->next;
    }
    if (at->next == NULL) {
        at->list->last = at->prev;
    } else {
        link_at(at->next, link)->prev = at->prev;
    }
    *at = (struct feed_link){.list = NULL};
}

/* From the end: the waits of one list are mostly equally long, so the last to come is the last to go. */
void gw__feed_arm(struct feed_list *timers, struct feed_reader *reader, int64_t due_ns)
{
    struct feed_reader *prev = timers->last;
    while (prev != NULL && prev->due_ns > due_ns) {
        prev = prev->timer.prev;
    }
    reader->due_ns = due_ns;
    link_after(timers, prev, reader, FEED_LINK(timer));
}

void gw__feed_batch_drop(struct feed_batch *batch)
{
    if (batch != NULL && atomic_fetch_sub(&batch->refs, 1) == 1) {
        lf__buf_done(&batch->bytes);
        free(batch);
    }
}

static bool is_of(const struct feed_view *view, const struct gw_standing *member, uint64_t kinds)
{
    return view->kinds == kinds && strcmp(view->member.member, member->member) == 0 &&
           view->member.role == member->role && view->member.level == member->level &&
           view->member.status == member->status;
}

static struct feed_view *view_new(struct gw_feed *feed, const struct gw_standing *member,
                                  uint64_t kinds)
{
    struct feed_view *view = calloc(1, sizeof *view);
    if (view == NULL) {
        return NULL;
    }
    view->member = *member;
    view->kinds = kinds;
    view->scanned = st_ledger_head(gw_exchange_ledger(feed->services->exchange), NULL).size;
    view->next = feed->views;
    if (view->next != NULL) {
        view->next->prev = view;
    }
    feed->views = view;
    return view;
}

bool gw__feed_attach(struct gw_feed *feed, struct feed_reader *reader,
                     const struct gw_standing *member)
{
    struct feed_view *view = feed->views;
    while (view != NULL && !is_of(view, member, reader->kinds)) {
        view = view->next;
    }
    view = view != NULL ? view : view_new(feed, member, reader->kinds);
    if (view == NULL) {
        return false;
    }
    view->refs++;
    reader->view = view;
    return true;
}

static void ring_leave(struct gw_feed *feed, const struct feed_view *view)
{
    struct feed_view *before = NULL;
    struct feed_view **at = &feed->ready;
    while (*at != NULL && *at != view) {
        before = *at;
        at = &(*at)->ready_next;
    }
    if (*at != NULL) {
        *at = view->ready_next;
        feed->ready_last = view->ready_next == NULL ? before : feed->ready_last;
    }
}

void gw__feed_view_release(struct gw_feed *feed, struct feed_view *view)
{
    view->refs--;
    if (view->refs > 0) {
        return;
    }
    ring_leave(feed, view);
    if (view->prev == NULL) {
        feed->views = view->next;
    } else {
        view->prev->next = view->next;
    }
    if (view->next != NULL) {
        view->next->prev = view->prev;
    }
    gw__feed_batch_drop(view->batch);
    free(view);
}

void gw__feed_detach(struct gw_feed *feed, struct feed_reader *reader)
{
    gw__feed_unlink(reader, FEED_LINK(timer));
    gw__feed_unlink(reader, FEED_LINK(place));
    gw__feed_unlink(reader, FEED_LINK(all));
    reader->state = FEED_OVER;
    gw__feed_view_release(feed, reader->view);
}

void gw__feed_ready(struct gw_feed *feed, struct feed_view *view)
{
    if (view->is_ready) {
        return;
    }
    view->is_ready = true;
    view->ready_next = NULL;
    if (feed->ready == NULL) {
        feed->ready = view;
    } else {
        feed->ready_last->ready_next = view;
    }
    feed->ready_last = view;
    (void)pthread_cond_signal(&feed->wake);
}

void gw__feed_queue(struct gw_feed *feed, struct feed_reader *reader)
{
    gw__feed_unlink(reader, FEED_LINK(timer));
    gw__feed_unlink(reader, FEED_LINK(place));
    reader->state = FEED_QUEUED;
    gw__feed_link(&reader->view->queued, reader, FEED_LINK(place));
    gw__feed_ready(feed, reader->view);
}

/* What came while nobody of the view was at rest, or what this one alone has missed, is looked at in time. */
void gw__feed_rest(struct gw_feed *feed, struct feed_reader *reader)
{
    struct feed_view *view = reader->view;
    reader->state = FEED_IDLE;
    gw__feed_link(&view->idle, reader, FEED_LINK(place));
    if (reader->is_poll) {
        gw__feed_arm(&feed->polls, reader, reader->until_ns);
    } else {
        gw__feed_arm(&feed->beats, reader, lf__clock_monotonic_ns() + feed->heartbeat_ns);
    }
    view->is_stale = view->is_stale || reader->seen < view->told_until;
    if (view->is_stale && view->pause_until_ns < feed->look_ns) {
        feed->look_ns = view->pause_until_ns;
    }
    (void)pthread_cond_signal(&feed->wake);
}

bool gw__feed_move(struct gw_feed *feed, struct feed_reader *reader,
                   const struct gw_standing *member)
{
    struct feed_view *before = reader->view;
    if (is_of(before, member, reader->kinds)) {
        return true;
    }
    if (!gw__feed_attach(feed, reader, member)) {
        return false;
    }
    if (reader->state == FEED_IDLE || reader->state == FEED_QUEUED) {
        gw__feed_queue(feed, reader); /* what it may see is another matter now */
    }
    gw__feed_view_release(feed, before);
    return true;
}
