/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CrossCheck of the whole ledger, on a thread of its own and in turns, so that neither calls nor records wait for it. It goes through the
 * codes twice in one read transaction: first for what the access log must have before anything leaves (how many, who, what), then,
 * when that is durable, for the client, a message whenever there is room. So memory holds one message, however many there are.
 */
#include "gateway/services/crosscheck_internal.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/frontier.h"
#include "protos/codec/wire.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    BULK_MAX = 16,       /* under way, of all members */
    BULK_MEMBER_MAX = 2, /* of one */
    BULK_CODES_A_TURN = 2048
};
#define BULK_NS_IN_S     INT64_C(1000000000)
#define BULK_PATIENCE_NS (30 * BULK_NS_IN_S) /* for one message to be taken */
#define BULK_WHOLE_NS                                                                              \
    (600 * BULK_NS_IN_S) /* for all: its transaction keeps old pages in the file */

enum bulk_state {
    BULK_COUNTING, /* the first time through */
    BULK_NOTED,    /* waits for the access log */
    BULK_TELLING,  /* the second time through */
    BULK_OVER
};

struct cross_bulk {
    struct cross_bulk *next;
    struct gw_call *call; /* held */
    struct crosser *crosser;
    /* under the lock */
    enum bulk_state state;
    bool is_gone;  /* the stream has ended */
    unsigned room; /* messages that may be sent now */
    lf_status noted;
    lf_error note_error;
    int64_t begun_ns;
    int64_t moved_ns; /* when there was room last */
    /* the thread's own */
    struct st_txn *txn;
    struct gw_cross_walk *walk;
    struct lf__buf reply; /* the message that is being made */
    struct lf__buf checkpoint;
    uint64_t size; /* of the ledger */
    size_t rows;   /* in the reply */
    uint64_t told;
    uint64_t totals[PX_FINDINGS];
    struct lf__frontier subjects;
    struct lf__frontier messages;
    struct gw_access_want want; /* what was taken from the quota */
    struct gw_access_note note;
};

struct gw_crosses {
    struct gw_services *services;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct cross_bulk *first; /* in turn */
    bool is_closing;
};

/* ---- one time through ---- */

static lf_status bulk_rewind(struct cross_bulk *bulk, lf_error *err)
{
    struct gw_cross_ask ask = {bulk->crosser->services->exchange, bulk->txn, &bulk->crosser->reader,
                               bulk->crosser->at_ms};
    gw_cross_close(bulk->walk);
    bulk->walk = NULL;
    for (size_t i = 0; i < PX_FINDINGS; i++) {
        bulk->totals[i] = 0;
    }
    lf__buf_clear(&bulk->reply);
    bulk->rows = 0;
    return gw_cross_open(&ask, &bulk->walk, err);
}

static lf_status bulk_begin(struct cross_bulk *bulk, lf_error *err)
{
    struct gw_exchange *exchange = bulk->crosser->services->exchange;
    lf_status rc = st_txn_begin(gw_exchange_engine(exchange), ST_READ, &bulk->txn, err);
    rc = rc == LF_OK ? gw_size_at(exchange, bulk->txn, INT64_MAX, &bulk->size, err) : rc;
    (void)st_ledger_head(gw_exchange_ledger(exchange), &bulk->checkpoint);
    return rc == LF_OK ? bulk_rewind(bulk, err) : rc;
}

static void token_count(struct cross_bulk *bulk, const struct gw_cross_row *row)
{
    struct px_token token =
        gw_access_token(bulk->crosser->services->access, lf__bytes_str(row->uscc));
    struct lf__hash leaf = lf__merkle_leaf(LF_BYTES_ARRAY(token.bytes));
    lf__frontier_add(&bulk->subjects, &leaf);
    bulk->told++;
}

/* Goes on for one turn. *is_whole when the reply is a message, *is_last when it is the last one. */
static lf_status bulk_fill(struct cross_bulk *bulk, bool counts, bool *is_whole, bool *is_last,
                           lf_error *err)
{
    struct gw_cross_row row;
    lf_status rc = LF_OK;
    for (unsigned i = 0; rc == LF_OK && i < BULK_CODES_A_TURN && bulk->rows < PX_CROSS_ROWS_MAX;
         i++) {
        rc = gw_cross_next(bulk->walk, &row, err);
        if (rc == LF_OK && gw__cross_put(&row, bulk->crosser->omit, bulk->totals, &bulk->reply)) {
            bulk->rows++;
            if (counts) {
                token_count(bulk, &row);
            }
        }
    }
    *is_last = rc == LF_E_NOT_FOUND;
    *is_whole = *is_last || (rc == LF_OK && bulk->rows == PX_CROSS_ROWS_MAX);
    if (*is_whole) {
        const uint64_t *totals = *is_last ? bulk->totals : NULL;
        lf_bytes note = lf__buf_bytes(&bulk->checkpoint);
        bulk->reply.failed = !px_cross_reply_end(totals, note, &bulk->reply) || bulk->reply.failed;
        rc = lf__buf_status(&bulk->reply, err);
    }
    return rc;
}

static void bulk_next_message(struct cross_bulk *bulk)
{
    lf__buf_clear(&bulk->reply);
    bulk->rows = 0;
}

/* ---- counting, and the note ---- */

static void bulk_noted(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct cross_bulk *bulk = LF_CONTAINER_OF(note, struct cross_bulk, note);
    struct gw_crosses *crosses = bulk->crosser->services->crosses;
    (void)pthread_mutex_lock(&crosses->lock);
    bulk->noted = status;
    if (status != LF_OK) {
        bulk->note_error = *err;
    }
    bulk->state = BULK_TELLING;
    bulk->moved_ns = lf__clock_monotonic_ns();
    (void)pthread_cond_signal(&crosses->wake);
    (void)pthread_mutex_unlock(&crosses->lock);
}

/* All of it, or nothing: what is past the quota is not told in part. */
static lf_status quota_take(struct cross_bulk *bulk, lf_error *err)
{
    struct crosser *crosser = bulk->crosser;
    uint32_t granted = 0;
    uint32_t subjects = bulk->told < UINT32_MAX ? (uint32_t)bulk->told : UINT32_MAX;
    bulk->want = gw_quota_want(crosser->services, crosser->reader.member, crosser->purpose.purpose,
                               subjects);
    lf_status rc = gw_access_take(crosser->services->access, &bulk->want, &granted, err);
    if (rc == LF_OK && granted < subjects) {
        gw_access_give_back(crosser->services->access, &bulk->want, granted);
        return lf__refuse(err, LF_E_BUSY, "QUOTA_EXCEEDED", "",
                          "crosscheck: tells of %llu subjects, and the quota has %u left",
                          (unsigned long long)bulk->told, granted);
    }
    return rc;
}

static lf_status bulk_note(struct gw_crosses *crosses, struct cross_bulk *bulk, lf_error *err)
{
    const struct crosser *crosser = bulk->crosser;
    lf_status rc = quota_take(bulk, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash root = lf__frontier_root(&bulk->subjects);
    struct px_access what = gw_access_by(&crosser->reader, PX_ACCESS_CROSS_CHECK);
    what.purpose = crosser->purpose.purpose;
    what.legal_basis = crosser->purpose.legal_basis;
    what.case_number = crosser->purpose.case_number;
    what.subjects = bulk->want.subjects;
    what.next = bulk->size;
    what.told = bulk->told;
    what.classes = bulk->told > 0 ? LF_BIT(PX_CLASS_MEMBERS) : 0;
    what.subject_root = lf__hash_bytes(&root);
    what.result = lf__frontier_root(&bulk->messages);
    (void)pthread_mutex_lock(&crosses->lock);
    bulk->state = BULK_NOTED;
    bulk->note.done = bulk_noted;
    (void)pthread_mutex_unlock(&crosses->lock);
    gw_access_record(crosser->services->access, &what, &bulk->note);
    return LF_OK;
}

static lf_status bulk_count(struct gw_crosses *crosses, struct cross_bulk *bulk, lf_error *err)
{
    bool is_whole = false;
    bool is_last = false;
    lf_status rc = bulk->txn == NULL ? bulk_begin(bulk, err) : LF_OK;
    rc = rc == LF_OK ? bulk_fill(bulk, true, &is_whole, &is_last, err) : rc;
    if (rc != LF_OK || !is_whole) {
        return rc;
    }
    struct lf__hash leaf = lf__merkle_leaf(lf__buf_bytes(&bulk->reply));
    lf__frontier_add(&bulk->messages, &leaf);
    bulk_next_message(bulk);
    rc = is_last ? bulk_rewind(bulk, err) : LF_OK;
    return rc == LF_OK && is_last ? bulk_note(crosses, bulk, err) : rc;
}

/* ---- telling ---- */

static lf_status bulk_send(struct gw_crosses *crosses, struct cross_bulk *bulk, bool is_last,
                           lf_error *err)
{
    if (is_last) {
        (void)px_wire_u64(&bulk->reply, PX_CROSS_ACCESS_INDEX, bulk->note.index);
    }
    lf_status rc = lf__buf_status(&bulk->reply, err);
    if (rc != LF_OK) {
        return rc;
    }
    (void)pthread_mutex_lock(&crosses->lock);
    bulk->room--;
    bulk->state = is_last ? BULK_OVER : BULK_TELLING;
    (void)pthread_mutex_unlock(&crosses->lock);
    if (!is_last) {
        gw_stream_owe(bulk->call);
    }
    (void)gw_stream_send(bulk->call, lf__buf_bytes(&bulk->reply),
                         NULL); /* ended: `ended` says so */
    bulk_next_message(bulk);
    return LF_OK;
}

static lf_status bulk_tell(struct gw_crosses *crosses, struct cross_bulk *bulk, lf_error *err)
{
    bool is_whole = false;
    bool is_last = false;
    lf_status rc = bulk->noted;
    if (rc != LF_OK) {
        *err = bulk->note_error;
        return rc;
    }
    rc = bulk_fill(bulk, false, &is_whole, &is_last, err);
    return rc == LF_OK && is_whole ? bulk_send(crosses, bulk, is_last, err) : rc;
}

/* ---- the thread ---- */

static void bulk_free(struct cross_bulk *bulk)
{
    gw_cross_close(bulk->walk);
    st_txn_abort(bulk->txn);
    lf__buf_done(&bulk->reply);
    lf__buf_done(&bulk->checkpoint);
    gw_stream_release(bulk->call);
    free(bulk);
}

/* The lock is held. */
static bool is_runnable(const struct cross_bulk *bulk)
{
    return bulk->state != BULK_NOTED && (bulk->is_gone || bulk->state == BULK_OVER ||
                                         bulk->state == BULK_COUNTING || bulk->room > 0);
}

static void bulk_unlink(struct gw_crosses *crosses, struct cross_bulk *bulk)
{
    struct cross_bulk **at = &crosses->first;
    while (*at != bulk) {
        at = &(*at)->next;
    }
    *at = bulk->next;
}

/* To the end of the list, so that the others come first. */
static void bulk_requeue(struct gw_crosses *crosses, struct cross_bulk *bulk)
{
    struct cross_bulk **at = &crosses->first;
    bulk_unlink(crosses, bulk);
    while (*at != NULL) {
        at = &(*at)->next;
    }
    bulk->next = NULL;
    *at = bulk;
}

/* The lock is held, and let go for the work. */
static void bulk_turn(struct gw_crosses *crosses, struct cross_bulk *bulk)
{
    lf_error err = LF_ERROR_INIT;
    lf_status rc = LF_OK;
    bulk_requeue(crosses, bulk);
    if (!bulk->is_gone && bulk->state != BULK_OVER) {
        bool is_counting = bulk->state == BULK_COUNTING;
        (void)pthread_mutex_unlock(&crosses->lock);
        rc = is_counting ? bulk_count(crosses, bulk, &err) : bulk_tell(crosses, bulk, &err);
        (void)pthread_mutex_lock(&crosses->lock);
    }
    bool is_over = rc != LF_OK || bulk->is_gone || bulk->state == BULK_OVER;
    if (!is_over || bulk->state == BULK_NOTED) {
        return;
    }
    bulk_unlink(crosses, bulk);
    bulk->crosser->bulk = NULL;
    (void)pthread_mutex_unlock(&crosses->lock);
    if (rc != LF_OK) {
        gw__cross_fail(bulk->call, rc, &err);
    }
    bulk_free(bulk);
    (void)pthread_mutex_lock(&crosses->lock);
}

/* Whoever does not take what it asked for keeps old pages of the store alive. The lock is held. */
static int64_t bulk_due(const struct cross_bulk *bulk)
{
    int64_t message = bulk->state == BULK_TELLING && bulk->room == 0
                          ? bulk->moved_ns + BULK_PATIENCE_NS
                          : INT64_MAX;
    int64_t whole = bulk->begun_ns + BULK_WHOLE_NS;
    return message < whole ? message : whole;
}

static void nap(struct gw_crosses *crosses)
{
    int64_t until = INT64_MAX;
    for (const struct cross_bulk *b = crosses->first; b != NULL; b = b->next) {
        int64_t due = b->state == BULK_NOTED ? INT64_MAX : bulk_due(b);
        until = due < until ? due : until;
    }
    if (until == INT64_MAX) {
        (void)pthread_cond_wait(&crosses->wake, &crosses->lock);
        return;
    }
    struct timespec at = {(time_t)(until / BULK_NS_IN_S), (long)(until % BULK_NS_IN_S)};
    (void)pthread_cond_timedwait(&crosses->wake, &crosses->lock, &at);
}

/* Cuts off whose time is up: `ended` comes of it, and then its turn. The lock is held, and let go. */
static void slow_cut(struct gw_crosses *crosses)
{
    int64_t now_ns = lf__clock_monotonic_ns();
    for (struct cross_bulk *b = crosses->first; b != NULL; b = b->next) {
        if (b->state != BULK_NOTED && !b->is_gone && bulk_due(b) <= now_ns) {
            struct gw_call *call = b->call;
            b->is_gone = true;
            gw_stream_hold(call);
            (void)pthread_mutex_unlock(&crosses->lock);
            gw_stream_cut(call, "SLOW_READER: crosscheck: its reader does not keep up");
            gw_stream_release(call);
            (void)pthread_mutex_lock(&crosses->lock);
            return; /* the list may be another now */
        }
    }
}

static void *crosses_main(void *user)
{
    struct gw_crosses *crosses = user;
    (void)pthread_mutex_lock(&crosses->lock);
    while (!crosses->is_closing || crosses->first != NULL) {
        slow_cut(crosses);
        struct cross_bulk *bulk = crosses->first;
        while (bulk != NULL && !is_runnable(bulk)) {
            bulk = bulk->next;
        }
        if (bulk != NULL) {
            bulk_turn(crosses, bulk);
        } else if (!crosses->is_closing || crosses->first != NULL) {
            nap(crosses);
        }
    }
    (void)pthread_mutex_unlock(&crosses->lock);
    return NULL;
}

/* ---- from the calls ---- */

/* The lock is held. */
static lf_status room_check(const struct gw_crosses *crosses, const struct crosser *crosser,
                            lf_error *err)
{
    unsigned all = 0;
    unsigned own = 0;
    for (const struct cross_bulk *b = crosses->first; b != NULL; b = b->next) {
        all++;
        own += lf__bytes_eq(b->crosser->reader.member, crosser->reader.member) ? 1 : 0;
    }
    return all < BULK_MAX && own < BULK_MEMBER_MAX
               ? LF_OK
               : lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "",
                            "crosscheck: %u of the whole ledger are under way, %u of them of this "
                            "member",
                            all, own);
}

lf_status gw__cross_bulk_begin(struct gw_call *call, struct crosser *crosser, lf_error *err)
{
    struct gw_crosses *crosses = crosser->services->crosses;
    struct cross_bulk *bulk = calloc(1, sizeof *bulk);
    if (bulk == NULL) {
        return lf__fail(err, LF_E_NOMEM, "crosscheck: out of memory");
    }
    bulk->call = call;
    bulk->crosser = crosser;
    bulk->room = GW_CROSS_WINDOW - 1; /* the first answer may be on its way */
    bulk->begun_ns = lf__clock_monotonic_ns();
    lf__buf_init(&bulk->reply, PX_MESSAGE_MAX);
    lf__buf_init(&bulk->checkpoint, ST_CHECKPOINT_MAX);
    (void)pthread_mutex_lock(&crosses->lock);
    lf_status rc = room_check(crosses, crosser, err);
    if (rc == LF_OK) {
        gw_stream_hold(call);
        bulk->next = crosses->first;
        crosses->first = bulk;
        crosser->bulk = bulk;
        (void)pthread_cond_signal(&crosses->wake);
    }
    (void)pthread_mutex_unlock(&crosses->lock);
    if (rc != LF_OK) {
        free(bulk);
    }
    return rc;
}

void gw__cross_bulk_sent(struct gw_crosses *crosses, struct crosser *crosser)
{
    (void)pthread_mutex_lock(&crosses->lock);
    if (crosser->bulk != NULL) {
        crosser->bulk->room += crosser->bulk->room < GW_CROSS_WINDOW ? 1 : 0;
        crosser->bulk->moved_ns = lf__clock_monotonic_ns();
        (void)pthread_cond_signal(&crosses->wake);
    }
    (void)pthread_mutex_unlock(&crosses->lock);
}

void gw__cross_bulk_ended(struct gw_crosses *crosses, struct crosser *crosser)
{
    (void)pthread_mutex_lock(&crosses->lock);
    if (crosser->bulk != NULL) {
        crosser->bulk->is_gone = true;
        (void)pthread_cond_signal(&crosses->wake);
    }
    (void)pthread_mutex_unlock(&crosses->lock);
}

lf_status gw_crosses_new(struct gw_services *services, struct gw_crosses **out, lf_error *err)
{
    pthread_condattr_t attributes;
    struct gw_crosses *crosses = calloc(1, sizeof *crosses);
    if (crosses == NULL) {
        return lf__fail(err, LF_E_NOMEM, "crosscheck: out of memory");
    }
    crosses->services = services;
    (void)pthread_mutex_init(&crosses->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&crosses->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    int failed = pthread_create(&crosses->thread, NULL, crosses_main, crosses);
    if (failed != 0) {
        free(crosses);
        return lf__fail(err, LF_E_NOMEM, "crosscheck: no thread");
    }
    *out = crosses;
    return LF_OK;
}

void gw_crosses_free(struct gw_crosses *crosses)
{
    if (crosses == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&crosses->lock);
    crosses->is_closing = true;
    (void)pthread_cond_signal(&crosses->wake);
    (void)pthread_mutex_unlock(&crosses->lock);
    (void)pthread_join(crosses->thread, NULL);
    (void)pthread_cond_destroy(&crosses->wake);
    (void)pthread_mutex_destroy(&crosses->lock);
    free(crosses);
}
