/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/services/walks.h"

#include "base/status.h"

#include <pthread.h>
#include <stdlib.h>

struct walker {
    struct gw_walks *walks;
    pthread_t thread;
    char member[41]; /* whose walk it is on; "": none */
};

struct gw_walks {
    const char *what;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct gw_walk *first; /* that wait, in turn */
    struct walker walkers[GW_WALK_THREADS];
    size_t started;
    bool is_closing;
};

/* The lock is held, as in all of these. */
static bool is_under_way(const struct gw_walks *walks, lf_bytes member)
{
    for (size_t i = 0; i < GW_WALK_THREADS; i++) {
        if (lf__bytes_eq_str(member, walks->walkers[i].member)) {
            return true;
        }
    }
    return false;
}

/* Its others come after everybody else's. */
static void others_defer(struct gw_walks *walks, lf_bytes member)
{
    struct gw_walk *deferred = NULL;
    struct gw_walk **last = &deferred;
    struct gw_walk **at = &walks->first;
    while (*at != NULL) {
        if (lf__bytes_eq((*at)->member, member)) {
            *last = *at;
            *at = (*at)->next;
            last = &(*last)->next;
        } else {
            at = &(*at)->next;
        }
    }
    *last = NULL;
    *at = deferred;
}

/* The first of a member that has none under way; NULL: there is none. */
static struct gw_walk *walk_take(struct gw_walks *walks, struct walker *walker)
{
    struct gw_walk **at = &walks->first;
    while (*at != NULL && is_under_way(walks, (*at)->member)) {
        at = &(*at)->next;
    }
    struct gw_walk *walk = *at;
    if (walk != NULL) {
        *at = walk->next;
        bool fits = lf__copy_str(walker->member, sizeof walker->member, walk->member);
        LF_BUG_IF(!fits); /* a member's id */
        others_defer(walks, walk->member);
    }
    return walk;
}

static void *walker_main(void *user)
{
    struct walker *walker = user;
    struct gw_walks *walks = walker->walks;
    (void)pthread_mutex_lock(&walks->lock);
    while (!walks->is_closing || walks->first != NULL) {
        struct gw_walk *walk = walk_take(walks, walker);
        if (walk == NULL) {
            (void)pthread_cond_wait(&walks->changed, &walks->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&walks->lock);
        walk->run(walk); /* it is gone now */
        (void)pthread_mutex_lock(&walks->lock);
        walker->member[0] = '\0';
        (void)pthread_cond_broadcast(&walks->changed);
    }
    (void)pthread_mutex_unlock(&walks->lock);
    return NULL;
}

static lf_status room_check(const struct gw_walks *walks, lf_bytes member, lf_error *err)
{
    unsigned all = 0;
    unsigned own = is_under_way(walks, member) ? 1 : 0;
    for (size_t i = 0; i < GW_WALK_THREADS; i++) {
        all += walks->walkers[i].member[0] != '\0' ? 1 : 0;
    }
    for (const struct gw_walk *w = walks->first; w != NULL; w = w->next) {
        all++;
        own += lf__bytes_eq(w->member, member) ? 1 : 0;
    }
    return all < GW_WALKS_MAX && own < GW_WALKS_MEMBER_MAX
               ? LF_OK
               : lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "",
                            "%s: %u are under way or wait, %u of them of this member", walks->what,
                            all, own);
}

lf_status gw_walks_add(struct gw_walks *walks, struct gw_walk *walk, lf_error *err)
{
    (void)pthread_mutex_lock(&walks->lock);
    lf_status rc = room_check(walks, walk->member, err);
    if (rc == LF_OK) {
        struct gw_walk **at = &walks->first;
        while (*at != NULL) {
            at = &(*at)->next;
        }
        walk->next = NULL;
        *at = walk;
        (void)pthread_cond_signal(&walks->changed);
    }
    (void)pthread_mutex_unlock(&walks->lock);
    return rc;
}

lf_status gw_walks_new(const char *what, struct gw_walks **out, lf_error *err)
{
    struct gw_walks *walks = calloc(1, sizeof *walks);
    if (walks == NULL) {
        return lf__fail(err, LF_E_NOMEM, "%s: out of memory", what);
    }
    walks->what = what;
    (void)pthread_mutex_init(&walks->lock, NULL);
    (void)pthread_cond_init(&walks->changed, NULL);
    for (; walks->started < GW_WALK_THREADS; walks->started++) {
        struct walker *walker = &walks->walkers[walks->started];
        walker->walks = walks;
        if (pthread_create(&walker->thread, NULL, walker_main, walker) != 0) {
            gw_walks_free(walks);
            return lf__fail(err, LF_E_NOMEM, "%s: no thread", what);
        }
    }
    *out = walks;
    return LF_OK;
}

void gw_walks_free(struct gw_walks *walks)
{
    if (walks == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&walks->lock);
    walks->is_closing = true;
    (void)pthread_cond_broadcast(&walks->changed);
    (void)pthread_mutex_unlock(&walks->lock);
    for (size_t i = 0; i < walks->started; i++) {
        (void)pthread_join(walks->walkers[i].thread, NULL);
    }
    (void)pthread_cond_destroy(&walks->changed);
    (void)pthread_mutex_destroy(&walks->lock);
    free(walks);
}
