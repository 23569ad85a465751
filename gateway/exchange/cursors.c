/* SPDX-License-Identifier: Apache-2.0 */
/* All that waits goes into one commit. Key: the member's id; value: u64be. */
#include "gateway/exchange/cursors.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"

#include <pthread.h>
#include <stdlib.h>

struct gw_cursors {
    struct gw_exchange *exchange;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t wake;
    struct gw_cursor_job *head;
    struct gw_cursor_job **tail;
    size_t waiting;
    bool is_closing;
    pthread_t thread;
};

static lf_status cursor_read(struct st_txn *txn, lf_bytes member, uint64_t *out, lf_error *err)
{
    lf_bytes value;
    lf_status rc = st_get(txn, GW_TABLE_CURSORS, member, &value, err);
    if (rc == LF_OK && value.len != 8) {
        return lf__fail(err, LF_E_CORRUPT, "cursor: the one that is kept is damaged");
    }
    *out = rc == LF_OK ? lf__get_u64be(value.ptr) : 0;
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

lf_status gw_cursor_of(struct gw_exchange *exchange, lf_bytes member, uint64_t *out, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(gw_exchange_engine(exchange), ST_READ, &txn, err);
    return rc == LF_OK ? cursor_read(txn, member, out, err) : rc;
}

static lf_status cursor_move(struct gw_exchange *exchange, struct st_txn *txn,
                             const struct gw_cursor_job *job, lf_error *err)
{
    uint8_t value[8];
    uint64_t kept = 0;
    uint64_t size = st_ledger_head(gw_exchange_ledger(exchange), NULL).size;
    lf_bytes member = lf__bytes_str(job->member);
    if (job->cursor > size) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_AHEAD", "cursor",
                          "cursor: %llu is past the end of a log of %llu",
                          (unsigned long long)job->cursor, (unsigned long long)size);
    }
    lf_status rc = cursor_read(txn, member, &kept, err);
    if (rc == LF_OK && job->cursor < kept) {
        return lf__refuse(err, LF_E_ARG, "CURSOR_BEHIND", "cursor",
                          "cursor: %llu was acknowledged already", (unsigned long long)kept);
    }
    lf__put_u64be(value, job->cursor);
    return rc == LF_OK && job->cursor > kept
               ? st_put(txn, GW_TABLE_CURSORS, member, LF_BYTES_ARRAY(value), err)
               : rc;
}

/* What is refused is refused alone; an engine's error is everybody's. */
static lf_status jobs_store(struct gw_exchange *exchange, struct gw_cursor_job *jobs, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(gw_exchange_engine(exchange), ST_WRITE, &txn, err);
    for (struct gw_cursor_job *job = jobs; rc == LF_OK && job != NULL; job = job->next) {
        job->error = (lf_error)LF_ERROR_INIT;
        job->error.status = cursor_move(exchange, txn, job, &job->error);
        rc = job->error.status == LF_E_ARG ? LF_OK : job->error.status;
        if (rc != LF_OK) {
            *err = job->error;
        }
    }
    if (rc == LF_OK) {
        struct st_txn *last = txn;
        txn = NULL;
        rc = st_txn_commit(last, err);
    }
    return rc;
}

static struct gw_cursor_job *jobs_take(struct gw_cursors *cursors)
{
    (void)pthread_mutex_lock(&cursors->lock);
    while (cursors->head == NULL && !cursors->is_closing) {
        (void)pthread_cond_wait(&cursors->wake, &cursors->lock);
    }
    struct gw_cursor_job *jobs = cursors->head;
    cursors->head = NULL;
    cursors->tail = &cursors->head;
    cursors->waiting = 0;
    (void)pthread_mutex_unlock(&cursors->lock);
    return jobs;
}

static void *cursors_main(void *user)
{
    struct gw_cursors *cursors = user;
    for (struct gw_cursor_job *jobs = jobs_take(cursors); jobs != NULL; jobs = jobs_take(cursors)) {
        lf_error err = LF_ERROR_INIT;
        lf_status rc = jobs_store(cursors->exchange, jobs, &err);
        err.status = rc;
        while (jobs != NULL) {
            struct gw_cursor_job *next = jobs->next; /* `done` may free the job */
            lf_error told = rc == LF_OK ? jobs->error : err;
            jobs->done(jobs, &told);
            jobs = next;
        }
    }
    return NULL;
}

lf_status gw_cursors_new(struct gw_exchange *exchange, struct gw_cursors **out, lf_error *err)
{
    struct gw_cursors *cursors = calloc(1, sizeof *cursors);
    if (cursors == NULL) {
        return lf__fail(err, LF_E_NOMEM, "cursors: out of memory");
    }
    cursors->exchange = exchange;
    cursors->tail = &cursors->head;
    (void)pthread_mutex_init(&cursors->lock, NULL);
    (void)pthread_cond_init(&cursors->wake, NULL);
    if (pthread_create(&cursors->thread, NULL, cursors_main, cursors) != 0) {
        free(cursors);
        return lf__fail(err, LF_E_NOMEM, "cursors: no thread");
    }
    *out = cursors;
    return LF_OK;
}

void gw_cursors_free(struct gw_cursors *cursors)
{
    if (cursors == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&cursors->lock);
    cursors->is_closing = true;
    (void)pthread_cond_signal(&cursors->wake);
    (void)pthread_mutex_unlock(&cursors->lock);
    (void)pthread_join(cursors->thread, NULL);
    (void)pthread_mutex_destroy(&cursors->lock);
    (void)pthread_cond_destroy(&cursors->wake);
    free(cursors);
}

lf_status gw_cursor_keep(struct gw_cursors *cursors, struct gw_cursor_job *job, lf_error *err)
{
    job->next = NULL;
    (void)pthread_mutex_lock(&cursors->lock);
    bool has_room = cursors->waiting < GW_CURSOR_JOBS_MAX && !cursors->is_closing;
    if (has_room) {
        *cursors->tail = job;
        cursors->tail = &job->next;
        cursors->waiting++;
        (void)pthread_cond_signal(&cursors->wake);
    }
    (void)pthread_mutex_unlock(&cursors->lock);
    return has_room ? LF_OK
                    : lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "", "cursors: too many wait");
}
