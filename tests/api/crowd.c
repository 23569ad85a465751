/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd PROFILE: many threads on one client against a real gateway. Each record is told exactly once: those
 * waited for, those cancelled at any moment, and those open when the client closes.
 */
#include <lianfang/submit.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 8, EACH = 200, ALL = THREADS * EACH };

static lf_client *client;
static atomic_uint told[ALL];
static atomic_uint wrong;
static atomic_uint proven;

static const lf_registry_entry plain_entry = LF_REGISTRY_ENTRY_INIT;

static void on_told(const lf_result *result, void *user)
{
    uint64_t index = 0;
    size_t slot = (size_t)((atomic_uint *)user - told);
    if (atomic_fetch_add(&told[slot], 1) != 0) {
        atomic_fetch_add(&wrong, 1);
    }
    if (result->envelope.len > 0 &&
        lf_receipt_verify(result->receipt, result->envelope, lf_client_ledger_key(client), &index,
                          NULL) == LF_OK) {
        atomic_fetch_add(&proven, 1);
    }
}

/* Waits for its own records, one after the other. */
static void *wait_each(void *user)
{
    size_t first = *(const size_t *)user;
    for (size_t i = first; i < first + EACH; i++) {
        char ref[32];
        lf_error err = LF_ERROR_INIT;
        lf_registry_entry entry = plain_entry;
        lf_record record = LF_RECORD_INIT;
        (void)snprintf(ref, sizeof ref, "wait-%zu", i);
        entry.ref = ref;
        entry.uscc = "91999999MA00000154";
        record.registry_entry = &entry;
        if (lf_submit_wait(client, &record, 0, on_told, &told[i], &err) != LF_OK) {
            (void)fprintf(stderr, "%zu: %s\n", i, err.message);
            atomic_fetch_add(&wrong, 1);
        }
    }
    return NULL;
}

/* Starts its records and cancels every second one, at once. */
static void *start_each(void *user)
{
    size_t first = *(const size_t *)user;
    for (size_t i = first; i < first + EACH; i++) {
        char ref[32];
        lf_submit *submit = NULL;
        lf_registry_entry entry = plain_entry;
        lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
        (void)snprintf(ref, sizeof ref, "start-%zu", i);
        entry.ref = ref;
        entry.uscc = "91999999MA00000154";
        request.record.registry_entry = &entry;
        request.done = on_told;
        request.user = &told[i];
        if (lf_submit_start(client, &request, &submit, NULL) != LF_OK) {
            atomic_fetch_add(&wrong, 1);
            continue;
        }
        if (i % 2 == 0) {
            lf_submit_cancel(submit);
        }
        lf_submit_unref(submit);
    }
    return NULL;
}

static unsigned round_run(const char *profile, void *(*work)(void *))
{
    pthread_t threads[THREADS];
    size_t firsts[THREADS];
    lf_error err = LF_ERROR_INIT;
    memset((void *)told, 0, sizeof told);
    atomic_store(&proven, 0);
    if (lf_client_open(profile, &client, &err) != LF_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return ALL;
    }
    for (size_t i = 0; i < THREADS; i++) {
        firsts[i] = i * EACH;
        (void)pthread_create(&threads[i], NULL, work, &firsts[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    lf_client_close(client);
    unsigned missed = 0;
    for (size_t i = 0; i < ALL; i++) {
        missed += atomic_load(&told[i]) == 1 ? 0 : 1;
    }
    return missed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    unsigned missed = round_run(argv[1], wait_each);
    unsigned held = atomic_load(&proven);
    missed += round_run(argv[1], start_each);
    (void)printf("%u missed, %u wrong, %u of %d proven\n", missed, atomic_load(&wrong), held, ALL);
    return missed == 0 && atomic_load(&wrong) == 0 && held == ALL ? 0 : 1;
}
