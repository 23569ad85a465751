/* SPDX-License-Identifier: Apache-2.0 */
/* A child that ends, one that dies, one that stands still: each is told apart, and what it wrote is kept. */
#include "base/status.h"
#include "storage/guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 400, LONG_MS = 60000 };

static int ends(void *user, struct st_guard *guard)
{
    atomic_store(&guard->done, *(const uint64_t *)user);
    return 5;
}

static int dies(void *user, struct st_guard *guard)
{
    (void)user;
    atomic_store(&guard->done, 9);
    (void)kill(getpid(), SIGKILL);
    return 0;
}

static int stands_still(void *user, struct st_guard *guard)
{
    (void)user;
    atomic_store(&guard->damages, 3);
    while (pause() == -1) { /* a signal that is caught ends one pause, not the standing */
    }
    return 0;
}

static void told_apart(void **state)
{
    (void)state;
    struct st_guard_end end;
    uint64_t seven = 7;
    assert_int_equal(st_guard_run(ends, &seven, LONG_MS, &end, NULL), LF_OK);
    assert_true(end.how == ST_GUARD_ENDED && end.code == 5 && atomic_load(&end.guard.done) == 7);
    assert_int_equal(st_guard_run(dies, NULL, LONG_MS, &end, NULL), LF_OK);
    assert_true(end.how == ST_GUARD_CRASHED && end.code == SIGKILL &&
                atomic_load(&end.guard.done) == 9);
    assert_int_equal(st_guard_run(stands_still, NULL, PATIENCE_MS, &end, NULL), LF_OK);
    assert_true(end.how == ST_GUARD_STALLED && atomic_load(&end.guard.damages) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
