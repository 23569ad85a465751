/* SPDX-License-Identifier: Apache-2.0 */
/* Work ahead of its owner: every place once, given back in order, with any number of helpers and with none. */
#include "storage/ahead.h"

#include "base/status.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <cmocka.h>

enum { PLACES = 4, ITEMS = 20000 };

struct world {
    uint64_t in[PLACES];
    uint64_t out[PLACES];
    atomic_uint worked;
    pthread_t owner;
    bool is_owners; /* every work so far was done by the owner */
};

static uint64_t worked_out(uint64_t in)
{
    for (unsigned i = 0; i < in % 64; i++) { /* some take longer than others */
        in = in * 6364136223846793005u + 1442695040888963407u;
    }
    return in;
}

static void work(void *user, unsigned place)
{
    struct world *w = user;
    w->out[place] = worked_out(w->in[place]);
    (void)atomic_fetch_add(&w->worked, 1);
}

static void run(unsigned helpers, unsigned places)
{
    struct world w = {.in = {0}};
    struct st_ahead *ahead = NULL;
    struct st_ahead_options options = {places, helpers, work, &w};
    assert_int_equal(st_ahead_open(&options, &ahead, NULL), LF_OK);
    uint64_t given = 0;
    for (uint64_t taken = 0; taken < ITEMS; taken++) {
        for (; given < ITEMS && given - taken < places; given++) {
            w.in[given % places] = given;
            st_ahead_give(ahead);
        }
        unsigned place = st_ahead_take(ahead);
        assert_int_equal(place, taken % places);
        assert_int_equal(w.in[place], taken);
        assert_int_equal(w.out[place], worked_out(taken));
    }
    st_ahead_close(ahead);
    assert_int_equal(atomic_load(&w.worked), ITEMS);
}

static void every_place_once_and_in_order(void **state)
{
    (void)state;
    for (unsigned helpers = 0; helpers <= ST_AHEAD_HELPERS_MAX; helpers++) {
        run(helpers, 1);
        run(helpers, PLACES);
    }
    assert_true(st_ahead_helpers() <= ST_AHEAD_HELPERS_MAX);
}

static void owners_work(void *user, unsigned place)
{
    struct world *w = user;
    w->is_owners = w->is_owners && pthread_equal(w->owner, pthread_self()) != 0;
    work(user, place);
}

static void without_helpers_the_owner_works(void **state)
{
    struct world w = {.owner = pthread_self(), .is_owners = true};
    struct st_ahead *ahead = NULL;
    struct st_ahead_options options = {PLACES, 0, owners_work, &w};
    (void)state;
    assert_int_equal(st_ahead_open(&options, &ahead, NULL), LF_OK);
    st_ahead_give(ahead);
    st_ahead_give(ahead);
    assert_int_equal(atomic_load(&w.worked), 0); /* not before it is needed */
    assert_int_equal(st_ahead_take(ahead), 0);
    assert_int_equal(atomic_load(&w.worked), 1);
    st_ahead_close(ahead); /* the other one is dropped */
    assert_int_equal(atomic_load(&w.worked), 1);
    assert_true(w.is_owners);
    st_ahead_close(NULL);
}

struct meeting {
    sem_t second;
    atomic_uint worked;
};

/* The first place's work ends only when somebody has begun the second's. */
static void meet(void *user, unsigned place)
{
    struct meeting *m = user;
    if (place == 0) {
        while (sem_wait(&m->second) != 0) {
        }
    } else {
        (void)sem_post(&m->second);
    }
    (void)atomic_fetch_add(&m->worked, 1);
}

static void an_owner_that_would_wait_works_along(void **state)
{
    struct meeting m = {.worked = 0};
    struct st_ahead *ahead = NULL;
    struct st_ahead_options options = {2, 1, meet, &m};
    (void)state;
    assert_int_equal(sem_init(&m.second, 0, 0), 0);
    assert_int_equal(st_ahead_open(&options, &ahead, NULL), LF_OK);
    for (unsigned i = 0; i < 200; i++) {
        st_ahead_give(ahead);
        st_ahead_give(ahead);
        assert_int_equal(st_ahead_take(ahead), 0);
        assert_int_equal(st_ahead_take(ahead), 1);
    }
    st_ahead_close(ahead);
    assert_int_equal(atomic_load(&m.worked), 400);
    (void)sem_destroy(&m.second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_once_and_in_order),
        cmocka_unit_test(without_helpers_the_owner_works),
        cmocka_unit_test(an_owner_that_would_wait_works_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
