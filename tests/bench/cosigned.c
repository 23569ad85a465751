/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_cosigned DIR POLICY SECONDS: submits fifty records a second, and asks for each how long it takes from handing it in
 * until its receipt proves it under a published head that the policy's quorum of witnesses has cosigned. One line of JSON.
 */
#include "bench/histogram.h"
#include "bench/records.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/submit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PENDING_MAX = 1024, POLICY_MAX = 65536, EACH_MS = 20, PATIENCE_S = 20 };

struct pending {
    double started;
    char *receipt;
    lf_bytes envelope; /* owned */
};

static struct pending pending[PENDING_MAX];
static size_t pending_count;
static char policy[POLICY_MAX];
static struct bench_histogram latency;
static uint64_t failed;

static double now_s(void)
{
    return (double)lf__clock_monotonic_ns() / 1e9;
}

static void pending_free(struct pending *p)
{
    free(p->receipt);
    free((void *)(uintptr_t)p->envelope.ptr);
}

static void on_answer(const lf_result *result, void *user)
{
    struct pending *p = &pending[pending_count];
    uint8_t *copy = malloc(result->envelope.len + 1);
    p->started = *(double *)user;
    p->receipt = strdup(result->receipt);
    if (result->outcome != LF_ACCEPTED || copy == NULL || p->receipt == NULL) {
        failed++;
        free(copy);
        free(p->receipt);
        return;
    }
    lf__copy(copy, result->envelope.ptr, result->envelope.len);
    p->envelope = (lf_bytes){copy, result->envelope.len};
    pending_count++;
}

static void record_submit(lf_client *client, uint64_t run, uint64_t serial)
{
    char code[BENCH_CODE_BYTES + 1];
    char ref[40];
    static const char *const measures[] = {"REMOVAL", NULL};
    lf_event event = LF_EVENT_INIT;
    lf_record record = LF_RECORD_INIT;
    double started = now_s();
    bench_code(serial, code);
    (void)snprintf(ref, sizeof ref, "%08llx-%llu", (unsigned long long)run,
                   (unsigned long long)serial);
    event.ref = ref;
    event.uscc = code;
    event.violation = "COUNTERFEIT";
    event.certainty = "ESTABLISHED_BY_PLATFORM";
    event.measures = measures;
    event.decided_at = "2026-03-01";
    record.event = &event;
    if (pending_count == PENDING_MAX ||
        lf_submit_wait(client, &record, 0, on_answer, &started, NULL) != LF_OK) {
        failed++;
    }
}

/* One that is cosigned has done its time, and gives its receipt up. */
static void on_refreshed(size_t index, const char *receipt, const lf_error *err, void *user)
{
    struct pending *p = &pending[index];
    uint64_t at;
    (void)err;
    (void)user;
    if (receipt != NULL &&
        lf_receipt_verify_witnessed(receipt, p->envelope, policy, &at, NULL, NULL) == LF_OK) {
        bench_histogram_add(&latency, (uint64_t)((now_s() - p->started) * 1e6), 1);
        pending_free(p);
        p->receipt = NULL;
    }
}

static bool pending_look(lf_client *client)
{
    const char *receipts[PENDING_MAX];
    size_t kept = 0;
    for (size_t i = 0; i < pending_count; i++) {
        receipts[i] = pending[i].receipt;
    }
    lf_error err = LF_ERROR_INIT;
    if (lf_receipt_refresh(client, receipts, pending_count, on_refreshed, NULL, &err) != LF_OK) {
        (void)fprintf(stderr, "lf_cosigned: %s\n", err.message);
        return false;
    }
    for (size_t i = 0; i < pending_count; i++) {
        if (pending[i].receipt != NULL) {
            pending[kept++] = pending[i];
        }
    }
    pending_count = kept;
    return true;
}

static bool run(lf_client *client, double seconds)
{
    static const struct timespec pause = {0, 2000000};
    uint64_t run_number = 0;
    uint64_t serial = 0;
    double from = now_s();
    bool good = true;
    lf__random(&run_number, 4);
    while (good && (now_s() - from < seconds || pending_count > 0)) {
        double now = now_s();
        if (now - from < seconds && now - from >= (double)serial * EACH_MS / 1000) {
            record_submit(client, run_number, serial++);
        }
        good = pending_look(client) && now - from < seconds + PATIENCE_S;
        (void)nanosleep(&pause, NULL);
    }
    failed += pending_count;
    (void)printf(
        "{\"row\":\"latency\",\"side\":\"cosigned\",\"rate\":%.1f,\"p50_us\":%llu,\"p99_us\":%llu,"
        "\"records\":%llu,\"failed\":%llu}\n",
        (double)latency.total / seconds, (unsigned long long)bench_histogram_at(&latency, 0.5),
        (unsigned long long)bench_histogram_at(&latency, 0.99), (unsigned long long)latency.total,
        (unsigned long long)failed);
    return good && failed == 0 && latency.total > 0;
}

static bool policy_read(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t n = file == NULL ? 0 : fread(policy, 1, sizeof policy - 1, file);
    policy[n] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return n > 0;
}

int main(int argc, char **argv)
{
    char profile[4096];
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    int n = argc == 4
                ? snprintf(profile, sizeof profile, "%s/members/platform-01/profile.conf", argv[1])
                : -1;
    if (n < 0 || (size_t)n >= sizeof profile || !policy_read(argv[2])) {
        (void)fprintf(stderr, "usage: lf_cosigned DIR POLICY SECONDS\n");
        return 2;
    }
    if (lf_client_open(profile, &client, &err) != LF_OK) {
        (void)fprintf(stderr, "lf_cosigned: %s\n", err.message);
        return 1;
    }
    bool good = run(client, strtod(argv[3], NULL));
    lf_client_close(client);
    return good ? 0 : 1;
}
