/* SPDX-License-Identifier: Apache-2.0 */
/* Single submits: who travels with whom, and that everybody is told exactly once, whatever happens. */
#include "fake_gateway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { TOLD_MAX = 600 };

struct world {
    struct fake_gateway gateway;
    lf_client *client;
    char ledger[512];
    unsigned told[TOLD_MAX]; /* how often each record was */
    size_t order[TOLD_MAX];
    size_t count;
    lf_outcome outcome[TOLD_MAX];
    lf_status status[TOLD_MAX];
    int64_t at_ns[TOLD_MAX];
    bool is_proven[TOLD_MAX];
    bool resubmits;
};
struct told {
    struct world *world;
    size_t i;
};
static struct told slots[TOLD_MAX];

static void start_one(struct world *w, size_t i, lf_submit **out);

static void on_result(const lf_result *result, void *user)
{
    struct told *slot = user;
    struct world *w = slot->world;
    lf_error err = LF_ERROR_INIT;
    uint64_t index = 0;
    assert_ptr_equal(result->user, user);
    w->told[slot->i]++;
    w->outcome[slot->i] = result->outcome;
    w->status[slot->i] = result->error.status;
    w->order[w->count++] = slot->i;
    w->at_ns[slot->i] = w->gateway.now_ns;
    w->is_proven[slot->i] =
        result->envelope.len > 0 &&
        lf_receipt_verify(result->receipt, result->envelope, w->ledger, &index, &err) == LF_OK &&
        index == result->index;
    if (w->resubmits && slot->i + 10 < 50) {
        start_one(w, slot->i + 10, NULL);
    }
}

static lf_status start_as(struct world *w, size_t i, const char *ref, uint32_t timeout_ms,
                          lf_submit **out)
{
    lf_error err = LF_ERROR_INIT;
    lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
    lf_event event = LF_EVENT_INIT;
    event.ref = ref;
    event.uscc = "91999999MA00000154";
    event.violation = "COUNTERFEIT";
    slots[i] = (struct told){w, i};
    request.record.event = &event;
    request.timeout_ms = timeout_ms;
    request.done = on_result;
    request.user = &slots[i];
    unsigned before = w->told[i];
    lf_status rc = lf_submit_start(w->client, &request, out, &err);
    assert_int_equal(w->told[i], before); /* never from inside */
    assert_int_equal(err.status, rc);
    return rc;
}

static void start_one(struct world *w, size_t i, lf_submit **out)
{
    char ref[32];
    (void)snprintf(ref, sizeof ref, "case-%zu", i);
    assert_int_equal(start_as(w, i, ref, 0, out), LF_OK);
}

static void world_open(struct world *w)
{
    LF_BUF vkey;
    *w = (struct world){.count = 0};
    w->client = fake_open(&w->gateway);
    lf__buf_init(&vkey, sizeof w->ledger);
    assert_true(lf__note_key_format(&w->gateway.key, &vkey) && lf__buf_u8(&vkey, 0));
    (void)snprintf(w->ledger, sizeof w->ledger, "%s", (const char *)vkey.ptr);
}

static void run(struct world *w, size_t until_told)
{
    for (unsigned i = 0; i < 1000 && w->count < until_told; i++) {
        assert_true(lf__driver_step(&w->client->driver));
    }
    assert_int_equal(w->count, until_told);
}

static void steps(struct world *w, unsigned n)
{
    while (n-- > 0) {
        assert_true(lf__driver_step(&w->client->driver));
    }
}

static void all_told_once(const struct world *w, size_t n, lf_outcome outcome)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(w->told[i], 1);
        assert_int_equal(w->outcome[i], outcome);
    }
}

/* The first goes alone at once; those that come meanwhile go together when the linger is over, in order. */
static void test_linger(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.gateway.holds = true;
    w.gateway.is_still = true;
    start_one(&w, 0, NULL);
    steps(&w, 1);
    assert_int_equal(w.gateway.call_count, 1);
    w.gateway.is_still = false;
    int64_t since = w.gateway.now_ns;
    for (size_t i = 1; i < 20; i++) {
        start_one(&w, i, NULL);
    }
    steps(&w, 2); /* a wake, and the end of the linger */
    assert_int_equal(w.gateway.now_ns - since, 1000000);
    assert_int_equal(w.gateway.call_count, 1);
    w.gateway.is_still = true;
    steps(&w, 1);
    assert_int_equal(w.gateway.call_count, 2);
    w.gateway.holds = false;
    run(&w, 20);
    assert_int_equal(w.gateway.batch_count, 2);
    assert_int_equal(w.gateway.batches[0], 1);
    assert_int_equal(w.gateway.batches[1], 19);
    all_told_once(&w, 20, LF_ACCEPTED);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(w.order[i], i);
        assert_true(w.is_proven[i]); /* alone, with its own receipt and envelope */
    }
    fake_close(&w.gateway, w.client);
}

/* A full bundle does not linger; the house holds two, and the rest waits its turn. */
static void test_bounds(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.client->options.batch_records = 4;
    w.client->options.batches = 2;
    w.gateway.holds = true;
    w.gateway.is_still = true;
    start_one(&w, 0, NULL);
    steps(&w, 1);
    int64_t since = w.gateway.now_ns;
    for (size_t i = 1; i <= 10; i++) {
        start_one(&w, i, NULL);
    }
    steps(&w, 2);
    assert_int_equal(w.gateway.now_ns, since);
    assert_int_equal(w.gateway.call_count, 2);
    steps(&w, 5);
    assert_int_equal(w.gateway.call_count, 2);
    w.gateway.holds = false;
    w.gateway.is_still = false;
    run(&w, 11);
    all_told_once(&w, 11, LF_ACCEPTED);
    assert_int_equal(w.gateway.batches[1], 4);
    assert_int_equal(w.gateway.batches[2], 4);
    assert_int_equal(w.gateway.batches[3], 2);
    fake_close(&w.gateway, w.client);
}

/* Past `pending` a start is refused, and its callback never comes. */
static void test_busy(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.client->options.pending = 3;
    for (size_t i = 0; i < 3; i++) {
        start_one(&w, i, NULL);
    }
    assert_int_equal(start_as(&w, 3, "case-3", 0, NULL), LF_E_BUSY);
    run(&w, 3);
    steps(&w, 3);
    assert_int_equal(w.told[3], 0);
    start_one(&w, 3, NULL);
    run(&w, 4);
    all_told_once(&w, 4, LF_ACCEPTED);
    fake_close(&w.gateway, w.client);
}

/* Cancelled while it waits, while it is in flight, when it is over: told once, never from inside. */
static void test_cancel(void **state)
{
    struct world w;
    lf_submit *submits[3];
    (void)state;
    world_open(&w);
    w.gateway.holds = true;
    start_one(&w, 0, &submits[0]);
    steps(&w, 1);
    start_one(&w, 1, &submits[1]);
    start_one(&w, 2, &submits[2]);
    lf_submit_cancel(submits[0]);
    lf_submit_cancel(submits[1]);
    assert_int_equal(w.count, 0);
    steps(&w, 2);
    assert_int_equal(w.told[0] + w.told[1], 2);
    assert_int_equal(w.status[0], LF_E_CANCELED);
    assert_int_equal(w.status[1], LF_E_CANCELED);
    w.gateway.holds = false;
    run(&w, 3);
    steps(&w, 3);
    assert_int_equal(w.outcome[2], LF_ACCEPTED);
    for (size_t i = 0; i < 3; i++) {
        lf_submit_cancel(submits[i]);
        lf_submit_unref(submits[i]);
        assert_int_equal(w.told[i], 1);
    }
    assert_int_equal(w.gateway.size, 2); /* the waiting one was never sent */
    fake_close(&w.gateway, w.client);
}

static void test_deadline(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.gateway.holds = true;
    int64_t since = w.gateway.now_ns;
    assert_int_equal(start_as(&w, 0, "a", 200, NULL), LF_OK);
    assert_int_equal(start_as(&w, 1, "b", 5000, NULL), LF_OK);
    steps(&w, 2); /* a wake, and the first one's time */
    w.gateway.is_still = true;
    run(&w, 1);
    assert_int_equal(w.status[0], LF_E_DEADLINE);
    assert_int_equal(w.at_ns[0] - since, 200 * INT64_C(1000000));
    w.gateway.holds = false;
    run(&w, 2);
    assert_int_equal(w.outcome[1], LF_ACCEPTED);
    assert_int_equal(w.told[0], 1);
    fake_close(&w.gateway, w.client);
}

/* Close tells everybody, in whatever state: waiting, in flight, between two tries. */
static void test_close(void **state)
{
    (void)state;
    for (unsigned stage = 0; stage < 4; stage++) {
        struct world w;
        world_open(&w);
        w.client->options.batches = 1;
        w.gateway.holds = true;
        w.gateway.fails[0] = (lf_error){.status = LF_E_UNAVAILABLE};
        w.gateway.fail_count = stage == 3 ? 1 : 0;
        for (size_t i = 0; i < 3; i++) {
            start_one(&w, i, NULL);
            steps(&w, stage > 0 ? 1 : 0);
        }
        if (stage >= 2) {
            fake_land(&w.gateway, 0);
        }
        size_t answered = w.count;
        assert_int_equal(answered, stage == 2 ? 1 : 0);
        fake_close(&w.gateway, w.client);
        assert_int_equal(w.count, 3);
        for (size_t i = answered; i < 3; i++) {
            assert_int_equal(w.told[i], 1);
            assert_int_equal(w.outcome[i], LF_UNANSWERED);
            assert_int_equal(w.status[i], LF_E_CLOSED);
        }
    }
}

static void on_log(lf_log_level level, const char *event, const char *detail, void *user)
{
    unsigned *retries = user;
    assert_true(level == LF_LOG_INFO || level == LF_LOG_WARN);
    assert_true(detail[0] != '\0');
    *retries += strcmp(event, "submit.retry") == 0 ? 1 : 0;
}

/* The same bytes again, after what was asked, and nobody notices but the clock. */
static void test_retry(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.gateway.fails[0] = (lf_error){.status = LF_E_UNAVAILABLE};
    w.gateway.fails[1] = (lf_error){.status = LF_E_BUSY};
    w.gateway.fail_count = 2;
    w.gateway.fail_retry_ms = 300;
    unsigned retries = 0;
    w.client->options.log = on_log;
    w.client->options.log_user = &retries;
    w.client->options.log_level = LF_LOG_INFO;
    int64_t since = w.gateway.now_ns;
    for (size_t i = 0; i < 5; i++) {
        start_one(&w, i, NULL);
    }
    run(&w, 5);
    assert_int_equal(retries, 2);
    all_told_once(&w, 5, LF_ACCEPTED);
    assert_int_equal(w.gateway.batch_count, 3);
    assert_memory_equal(&w.gateway.sums[0], &w.gateway.sums[1], sizeof w.gateway.sums[0]);
    assert_memory_equal(&w.gateway.sums[0], &w.gateway.sums[2], sizeof w.gateway.sums[0]);
    assert_true(w.gateway.now_ns - since >= 600 * INT64_C(1000000));
    fake_close(&w.gateway, w.client);
}

/* A refusal of the whole is everybody's; an answer that proves nothing is no answer. */
static void test_failures(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.gateway.fails[0] = (lf_error){.status = LF_E_DENIED, .reason = "MEMBER_SUSPENDED"};
    w.gateway.fail_count = 1;
    for (size_t i = 0; i < 3; i++) {
        start_one(&w, i, NULL);
    }
    run(&w, 3);
    all_told_once(&w, 3, LF_REFUSED);
    assert_int_equal(w.gateway.size, 0);
    w.gateway.lies = true;
    start_one(&w, 3, NULL);
    run(&w, 4);
    assert_int_equal(w.outcome[3], LF_UNANSWERED);
    assert_int_equal(w.status[3], LF_E_SIGNATURE);
    fake_close(&w.gateway, w.client);
}

/* The same record in other company is a duplicate whose envelope we do not have; in the same, we do. */
static void test_duplicates(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    assert_int_equal(start_as(&w, 0, "same", 0, NULL), LF_OK);
    run(&w, 1);
    assert_int_equal(start_as(&w, 1, "same", 0, NULL), LF_OK);
    run(&w, 2);
    assert_int_equal(w.outcome[1], LF_DUPLICATE);
    assert_true(w.is_proven[1]);
    assert_int_equal(start_as(&w, 2, "other", 0, NULL), LF_OK);
    assert_int_equal(start_as(&w, 3, "same", 0, NULL), LF_OK);
    run(&w, 4);
    assert_int_equal(w.outcome[3], LF_DUPLICATE);
    assert_false(w.is_proven[3]);
    assert_int_equal(w.gateway.size, 2);
    fake_close(&w.gateway, w.client);
}

static void test_from_callback(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    w.resubmits = true;
    for (size_t i = 0; i < 10; i++) {
        start_one(&w, i, NULL);
    }
    run(&w, 50);
    all_told_once(&w, 50, LF_ACCEPTED);
    assert_int_equal(w.gateway.batch_count, 5); /* each generation together */
    fake_close(&w.gateway, w.client);
}

static void test_bad_input(void **state)
{
    struct world w;
    lf_error err = LF_ERROR_INIT;
    lf_event event = LF_EVENT_INIT;
    lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
    (void)state;
    world_open(&w);
    request.done = on_result;
    assert_int_equal(lf_submit_start(w.client, &request, NULL, &err), LF_E_ARG);
    request.record.event = &event;
    assert_int_equal(lf_submit_start(w.client, &request, NULL, &err), LF_E_ARG);
    assert_string_equal(err.field, "ref");
    event.ref = "\xff";
    assert_int_equal(lf_submit_start(w.client, &request, NULL, &err), LF_E_ARG);
    assert_string_equal(err.reason, "BAD_UTF8");
    event.size = 0;
    assert_int_equal(lf_submit_start(w.client, &request, NULL, &err), LF_E_ARG);
    event.size = sizeof event;
    event.ref = "good";
    event.uscc = "91999999MA00000154";
    request.done = NULL;
    assert_int_equal(lf_submit_start(w.client, &request, NULL, &err), LF_E_ARG);
    steps(&w, 2);
    assert_int_equal(w.gateway.batch_count, 0);
    fake_close(&w.gateway, w.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linger),     cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_busy),       cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_deadline),   cmocka_unit_test(test_close),
        cmocka_unit_test(test_retry),      cmocka_unit_test(test_failures),
        cmocka_unit_test(test_duplicates), cmocka_unit_test(test_from_callback),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
