/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/services/feed_internal.h - who reads the feed and where each one stands; shared by feed.c (calls),
 * feed_turns.c (the thread that reads for them) and feed_readers.c (lists and timers).
 *
 * Everything here is under the feed's lock, which is never held while the ledger is read or a call is spoken to.
 */
#ifndef GW_FEED_INTERNAL_H
#define GW_FEED_INTERNAL_H

#include "gateway/exchange/cursors.h"
#include "gateway/exchange/feed.h"
#include "gateway/services/services.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    FEED_STREAM_UNITS = 4, /* of a member's share: so 512 streams at most */
    FEED_HEARTBEAT_MS = 10000,
    FEED_PATIENCE_MS = 30000
};
/* Commits that come faster are looked at together, and a view that was told something is told again only after its pause:
 * each batch makes an entry of the access log. */
#define FEED_ROUND_NS INT64_C(10000000)
#define FEED_PAUSE_NS INT64_C(100000000)

enum feed_state {
    FEED_IDLE,    /* has what there is: waits for a commit, or for its timer */
    FEED_QUEUED,  /* waits for its turn */
    FEED_READING, /* the thread reads for it */
    FEED_NOTED,   /* its batch waits for the access log */
    FEED_SENT,    /* its batch is with gRPC until the reader takes it */
    FEED_OVER     /* in no list */
};

/* One batch, for all who stand at the same place with the same eyes. */
struct feed_batch {
    atomic_uint refs;
    struct lf__buf bytes;
    struct lf__hash digest;
    struct gw_feed_page page;
    uint64_t cursor;
};

struct feed_reader;
struct feed_list {
    struct feed_reader *first;
    struct feed_reader *last;
};
struct feed_link {
    struct feed_list *list; /* NULL: in none */
    struct feed_reader *next;
    struct feed_reader *prev;
};

/* Those of one member who want the same kinds: what one of them may see, all may. */
struct feed_view {
    struct feed_view *next;
    struct feed_view *prev;
    unsigned refs; /* readers, and the thread while it works */
    struct gw_standing member;
    uint64_t kinds; /* as asked */
    /* Looked at up to here; all that is told below it stands below the next, and who has not seen that far is behind. */
    uint64_t scanned;
    uint64_t told_until;
    bool is_stale; /* to be looked at */
    int64_t pause_until_ns;
    struct feed_list idle;
    struct feed_list queued;
    struct feed_view *ready_next; /* in the ring of views with somebody queued */
    bool is_ready;
    struct feed_batch *batch; /* the last one read; the thread's alone */
};

/* A stream's lives as long as its call, a poll's until its answer. */
struct feed_reader {
    struct gw_feed *feed;
    struct gw_call *call;
    bool is_poll;
    bool is_due;   /* its time is over: whatever there is, is told now */
    bool has_more; /* the last batch ended at a limit */
    bool is_attached;
    enum feed_state state;
    struct feed_view *view;
    uint64_t kinds;
    uint64_t cursor;
    uint64_t taken; /* where the batch on the wire begins */
    uint64_t seen;  /* at or past the cursor: nothing is told of what lies between */
    uint32_t max_entries;
    int64_t until_ns; /* of a poll */
    struct feed_link all;
    struct feed_link place; /* idle or queued, in its view */
    struct feed_link timer;
    int64_t due_ns;
    struct feed_batch *batch; /* on its way */
    struct gw_access_note note;
};

struct gw_feed {
    struct gw_services *services;
    struct gw_cursors *cursors;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t wake;
    pthread_t thread;
    struct feed_view *views;
    struct feed_view *ready; /* first of the ring */
    struct feed_view *ready_last;
    struct feed_list all;
    struct feed_list beats; /* three lists of timers, soonest first */
    struct feed_list slow;
    struct feed_list polls;
    int64_t heartbeat_ns;
    int64_t patience_ns;
    int64_t round_ns; /* no look before */
    int64_t look_ns;  /* when a view that waits is to be looked at; INT64_MAX: none does */
    bool is_roster;   /* a member may have changed */
    bool is_draining;
    bool is_closing;
    atomic_bool is_called; /* so that a commit of many records calls once */
};

/* feed_readers.c */
void gw__feed_link(struct feed_list *list, struct feed_reader *reader, size_t link);
void gw__feed_unlink(struct feed_reader *reader, size_t link);
#define FEED_LINK(member) offsetof(struct feed_reader, member)
/* Puts the reader into the list of timers by its time. */
void gw__feed_arm(struct feed_list *timers, struct feed_reader *reader, int64_t due_ns);
void gw__feed_batch_drop(struct feed_batch *batch); /* NULL allowed */
/* Finds or makes the view; false when out of memory. */
bool gw__feed_attach(struct gw_feed *feed, struct feed_reader *reader,
                     const struct gw_standing *member);
/* Out of every list; the view may go with its last reader. */
void gw__feed_detach(struct gw_feed *feed, struct feed_reader *reader);
/* Waits as the member that it is now, wherever it waited. */
bool gw__feed_move(struct gw_feed *feed, struct feed_reader *reader,
                   const struct gw_standing *member);
void gw__feed_view_release(struct gw_feed *feed, struct feed_view *view);
void gw__feed_queue(struct gw_feed *feed, struct feed_reader *reader);
void gw__feed_ready(struct gw_feed *feed, struct feed_view *view); /* into the ring */
void gw__feed_rest(struct gw_feed *feed, struct feed_reader *reader);

/* feed_turns.c: the thread */
void *gw__feed_main(void *feed);
/* Not a poll whose answer is on its way already. */
bool gw__feed_may_end(const struct feed_reader *reader);
/* Tells it why; the lock is let go for that, and the reader may be gone afterwards. */
void gw__feed_end(struct gw_feed *feed, struct feed_reader *reader, const lf_error *err);
/* Whether the member of this call may still read, and who it is now: suspended ones may, retired ones may not. */
lf_status gw__feed_member(struct gw_feed *feed, struct gw_call *call, struct gw_standing *out,
                          lf_error *err);

#endif
