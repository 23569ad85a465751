/* SPDX-License-Identifier: Apache-2.0 */
/* Walks: a member has one under way at most, the others come in turn, and what is too much is refused. */
#include "gateway/services/walks.h"

#include "base/status.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TRIALS = GW_WALKS_MAX + GW_WALKS_MEMBER_MAX + 8 };

struct trial {
    struct gw_walk walk;
    char name[24];
    sem_t *gate; /* waited for while it runs; NULL: nothing to wait for */
};
static struct trial trials[TRIALS];
static size_t trial_count;
static struct gw_walks *walks;
static sem_t begun; /* posted by each that begins */
static sem_t ended;

static struct {
    pthread_mutex_t lock;
    char text[256];
} order = {PTHREAD_MUTEX_INITIALIZER, ""};

static void trial_run(struct gw_walk *walk)
{
    struct trial *trial = LF_CONTAINER_OF(walk, struct trial, walk);
    (void)pthread_mutex_lock(&order.lock);
    size_t len = strlen(order.text);
    (void)snprintf(order.text + len, sizeof order.text - len, "%s ", trial->name);
    (void)pthread_mutex_unlock(&order.lock);
    (void)sem_post(&begun);
    while (trial->gate != NULL && sem_wait(trial->gate) != 0) {
    }
    (void)sem_post(&ended);
}

static lf_status add(const char *member, const char *name, sem_t *gate, lf_error *err)
{
    struct trial *trial = &trials[trial_count++];
    *trial =
        (struct trial){.walk = {.member = lf__bytes_str(member), .run = trial_run}, .gate = gate};
    (void)snprintf(trial->name, sizeof trial->name, "%s", name);
    return gw_walks_add(walks, &trial->walk, err);
}

static void await(sem_t *what, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        while (sem_wait(what) != 0) {
        }
    }
}

static int open_all(void **state)
{
    (void)state;
    trial_count = 0;
    order.text[0] = '\0';
    (void)sem_init(&begun, 0, 0);
    (void)sem_init(&ended, 0, 0);
    return gw_walks_new("report", &walks, NULL) == LF_OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    gw_walks_free(walks);
    (void)sem_destroy(&begun);
    (void)sem_destroy(&ended);
    return 0;
}

/* However many one member has, and however long they take: another's begins at once. */
static void one_thread_a_member(void **state)
{
    sem_t gate;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    (void)sem_init(&gate, 0, 0);
    for (size_t i = 0; i < GW_WALKS_MEMBER_MAX; i++) {
        assert_int_equal(add("greedy", "g", &gate, NULL), LF_OK);
    }
    assert_int_equal(add("greedy", "g", &gate, &err), LF_E_BUSY);
    assert_string_equal(err.reason, "QUEUE_FULL");
    await(&begun, 1); /* its first, which does not end */
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(add("other", "o", NULL, NULL), LF_OK);
        await(&begun, 1);
        await(&ended, 1);
    }
    assert_int_equal(strncmp(order.text, "g o o o ", 8), 0);
    for (size_t i = 0; i < GW_WALKS_MEMBER_MAX; i++) {
        (void)sem_post(&gate);
    }
    await(&ended, GW_WALKS_MEMBER_MAX);
    assert_int_equal(add("greedy", "g", NULL, NULL), LF_OK); /* there is room again */
    (void)sem_destroy(&gate);
}

/* Two that never end keep both threads; when one does, whoever has waited longest without a turn is next. */
static void members_in_turn(void **state)
{
    sem_t first;
    sem_t second;
    (void)state;
    (void)sem_init(&first, 0, 0);
    (void)sem_init(&second, 0, 0);
    assert_int_equal(add("a", "a1", &first, NULL), LF_OK);
    await(&begun, 1);
    assert_int_equal(add("b", "b1", &second, NULL), LF_OK);
    await(&begun, 1);
    assert_int_equal(add("a", "a2", NULL, NULL), LF_OK);
    assert_int_equal(add("a", "a3", NULL, NULL), LF_OK);
    assert_int_equal(add("c", "c1", NULL, NULL), LF_OK);
    assert_int_equal(add("d", "d1", NULL, NULL), LF_OK);
    (void)sem_post(&second);
    await(&ended, 3); /* b1, then c1 and d1: a's first is still under way */
    assert_string_equal(order.text, "a1 b1 c1 d1 ");
    (void)sem_post(&first);
    await(&ended, 3);
    assert_string_equal(order.text, "a1 b1 c1 d1 a2 a3 ");
    (void)sem_destroy(&first);
    (void)sem_destroy(&second);
}

/* All together have so many, and what waits when the end comes is run. */
static void all_together(void **state)
{
    static char members[GW_WALKS_MAX][24];
    sem_t gate;
    lf_error err = LF_ERROR_INIT;
    (void)state;
    (void)sem_init(&gate, 0, 0);
    for (size_t i = 0; i < GW_WALKS_MAX; i++) {
        (void)snprintf(members[i], sizeof members[i], "member-%03zu", i);
        assert_int_equal(add(members[i], "", &gate, NULL), LF_OK);
    }
    assert_int_equal(add("one-more", "", &gate, &err), LF_E_BUSY);
    assert_string_equal(err.reason, "QUEUE_FULL");
    for (size_t i = 0; i < GW_WALKS_MAX; i++) {
        (void)sem_post(&gate);
    }
    gw_walks_free(walks);
    walks = NULL;
    await(&ended, GW_WALKS_MAX);
    (void)sem_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_thread_a_member, open_all, close_all),
        cmocka_unit_test_setup_teardown(members_in_turn, open_all, close_all),
        cmocka_unit_test_setup_teardown(all_together, open_all, close_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
