/* SPDX-License-Identifier: Apache-2.0 */
/* Three counters that only rise: taken <= begun <= given. Place n % places is the n-th. */
#include "storage/ahead.h"

#include "base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct st_ahead {
    struct st_ahead_options options;
    pthread_t threads[ST_AHEAD_HELPERS_MAX];
    unsigned thread_count;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* of the helpers: something was given, or it is over */
    pthread_cond_t ended; /* of the owner: some work is done */
    uint64_t given;
    uint64_t begun;
    uint64_t taken;
    bool is_done[ST_AHEAD_PLACES_MAX];
    bool is_waited; /* the owner sleeps */
    bool is_closing;
};

unsigned st_ahead_helpers(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long beside = processors > 1 ? processors - 1 : 0;
    return beside < ST_AHEAD_HELPERS_MAX ? (unsigned)beside : ST_AHEAD_HELPERS_MAX;
}

/* Locked before and after; the work itself is done unlocked. */
static void work_next(struct st_ahead *ahead)
{
    unsigned place = (unsigned)(ahead->begun++ % ahead->options.places);
    (void)pthread_mutex_unlock(&ahead->lock);
    ahead->options.work(ahead->options.user, place);
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->is_done[place] = true;
}

static void *helper_main(void *user)
{
    struct st_ahead *ahead = user;
    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->is_closing) {
        if (ahead->begun == ahead->given) {
            (void)pthread_cond_wait(&ahead->wake, &ahead->lock);
            continue;
        }
        work_next(ahead);
        if (ahead->is_waited) {
            (void)pthread_cond_signal(&ahead->ended);
        }
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

lf_status st_ahead_open(const struct st_ahead_options *options, struct st_ahead **out,
                        lf_error *err)
{
    LF_BUG_IF(options->places == 0 || options->places > ST_AHEAD_PLACES_MAX ||
              options->helpers > ST_AHEAD_HELPERS_MAX);
    struct st_ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL) {
        return lf__fail(err, LF_E_NOMEM, "check: out of memory");
    }
    ahead->options = *options;
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_cond_init(&ahead->wake, NULL);
    (void)pthread_cond_init(&ahead->ended, NULL);
    while (ahead->thread_count < options->helpers &&
           pthread_create(&ahead->threads[ahead->thread_count], NULL, helper_main, ahead) == 0) {
        ahead->thread_count++;
    }
    *out = ahead;
    return LF_OK;
}

void st_ahead_give(struct st_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    LF_BUG_IF(ahead->given - ahead->taken >= ahead->options.places);
    ahead->is_done[ahead->given++ % ahead->options.places] = false;
    bool is_much = 2 * (ahead->given - ahead->begun) >= ahead->options.places;
    (void)pthread_mutex_unlock(&ahead->lock);
    if (is_much) { /* waking costs; what nobody wakes for, the owner does itself */
        (void)pthread_cond_signal(&ahead->wake);
    }
}

unsigned st_ahead_take(struct st_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    LF_BUG_IF(ahead->taken == ahead->given);
    unsigned place = (unsigned)(ahead->taken % ahead->options.places);
    while (!ahead->is_done[place]) {
        if (ahead->begun < ahead->given) {
            work_next(ahead);
        } else {
            ahead->is_waited = true;
            (void)pthread_cond_wait(&ahead->ended, &ahead->lock);
            ahead->is_waited = false;
        }
    }
    ahead->taken++;
    (void)pthread_mutex_unlock(&ahead->lock);
    return place;
}

void st_ahead_close(struct st_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->is_closing = true;
    (void)pthread_cond_broadcast(&ahead->wake);
    (void)pthread_mutex_unlock(&ahead->lock);
    for (unsigned i = 0; i < ahead->thread_count; i++) {
        (void)pthread_join(ahead->threads[i], NULL);
    }
    (void)pthread_cond_destroy(&ahead->ended);
    (void)pthread_cond_destroy(&ahead->wake);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}
