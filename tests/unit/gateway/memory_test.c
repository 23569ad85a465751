/* SPDX-License-Identifier: Apache-2.0 */
/* A record for which there is no memory on the sequencer is refused alone, and the ledger goes on. */
#include "tests/unit/gateway/world.h"

#include <pthread.h>

static pthread_t test_thread;
static lf_status fails_with; /* on the sequencer's thread; set while nothing waits there */

void *__wrap_lf__arena_array(struct lf__arena *arena, size_t count, size_t size);
void *__real_lf__arena_array(struct lf__arena *arena, size_t count, size_t size);

void *__wrap_lf__arena_array(struct lf__arena *arena, size_t count, size_t size)
{
    if (fails_with != LF_OK && pthread_equal(pthread_self(), test_thread) == 0) {
        arena->failure = fails_with;
        return NULL;
    }
    return __real_lf__arena_array(arena, count, size);
}

static void refused_alone(void **state)
{
    static const lf_status failures[] = {LF_E_TOO_BIG, LF_E_NOMEM};
    static const lf_status want[] = {LF_E_TOO_BIG, LF_E_BUSY};
    (void)state;
    test_thread = pthread_self();
    assert_int_equal(say_event(PLATFORM, m1, 3, "REMOVAL")->s.status, LF_OK);
    uint8_t id = w.next_id;
    uint64_t size = st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size;
    for (size_t i = 0; i < 2; i++) {
        fails_with = failures[i];
        struct told *told =
            say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN);
        fails_with = LF_OK;
        assert_int_equal(told->s.status, want[i]);
        assert_true(told->s.error.message[0] != '\0');
        assert_int_equal(st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size, size);
    }
    assert_int_equal(
        say_target(PLATFORM, PX_KIND_CORRECTION, "platform-01", id, PX_CORRECTION_WITHDRAWN)
            ->s.status,
        LF_OK);
    assert_int_equal(st_ledger_head(gw_exchange_ledger(w.exchange), NULL).size, size + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refused_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
