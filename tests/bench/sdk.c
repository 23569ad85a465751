/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_sdk DIR SECONDS WARM CONNECTIONS IN_FLIGHT: submits through the SDK as a member's program does, one
 * record at a time and asynchronously, each callback handing in the next. Everything the SDK does is
 * measured with it: making records, signing batches, verifying every receipt. One line of JSON.
 */
#include "bench/histogram.h"
#include "bench/records.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <lianfang/submit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SDK_CLIENTS_MAX = 64, SDK_NOTE_MAX = 400, SDK_SAMPLE = 32, SDK_LINGER_US = 1000 };

struct sdk_client {
    lf_client *client;
    struct bench_histogram latency; /* touched by the client's own thread alone */
    uint64_t taken;
    uint64_t failed;
    uint64_t answers;
    double calls; /* of the sampled records: 1 / batch size */
    uint64_t sampled;
};

struct sdk_slot {
    struct sdk_client *owner;
    double started;
};

static double from_s;
static double until_s;
static uint64_t run_number;
static atomic_ullong next_serial;
static atomic_uint live;
static size_t note_pad =
    140; /* long enough that its length takes two bytes, as the right one will */

static double now_s(void)
{
    return (double)lf__clock_monotonic_ns() / 1e9;
}

static void sdk_told(const lf_result *result, void *user);

/* The event's texts; an event borrows them. */
struct sdk_texts {
    char code[BENCH_CODE_BYTES + 1];
    char ref[40];
    char note[SDK_NOTE_MAX + 1];
};

static lf_event event_make(struct sdk_texts *texts)
{
    static const char *const measures[] = {"REMOVAL", NULL};
    unsigned long long serial = atomic_fetch_add(&next_serial, 1);
    bench_code(serial, texts->code);
    (void)snprintf(texts->ref, sizeof texts->ref, "%08llx-%08llu", (unsigned long long)run_number,
                   serial);
    memset(texts->note, 'n', note_pad);
    texts->note[note_pad] = '\0';
    lf_event event = LF_EVENT_INIT;
    event.ref = texts->ref;
    event.uscc = texts->code;
    event.violation = "COUNTERFEIT";
    event.certainty = "ESTABLISHED_BY_PLATFORM";
    event.measures = measures;
    event.decided_at = "2026-03-01";
    event.note = texts->note;
    return event;
}

static bool sdk_start(struct sdk_slot *slot)
{
    struct sdk_texts texts;
    lf_event event = event_make(&texts);
    lf_submit_request request = LF_SUBMIT_REQUEST_INIT;
    request.record.event = &event;
    request.done = sdk_told;
    request.user = slot;
    slot->started = now_s();
    return lf_submit_start(slot->owner->client, &request, NULL, NULL) == LF_OK;
}

/* Size of the record without signature, and how many share its batch. */
static bool envelope_look(lf_bytes envelope, size_t *bare, uint32_t *batch)
{
    LF_ARENA arena;
    LF_BUF wire;
    struct px_envelope e;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (px_envelope_decode(&arena, envelope, &e, NULL) != LF_OK || e.signature_count == 0) {
        return false;
    }
    *batch = e.signatures[0].batch_size > 0 ? e.signatures[0].batch_size : 1;
    e.signature_count = 0;
    bool good = px_envelope_encode(&e, &wire);
    *bare = wire.len;
    return good;
}

static void sdk_count(struct sdk_slot *slot, const lf_result *result, double now)
{
    struct sdk_client *owner = slot->owner;
    size_t bare = 0;
    uint32_t batch = 1;
    if (result->outcome != LF_ACCEPTED) {
        owner->failed++;
        return;
    }
    if (now >= from_s && now < until_s) {
        owner->taken++;
        bench_histogram_add(&owner->latency, (uint64_t)((now - slot->started) * 1e6), 1);
    }
    if (owner->answers++ % SDK_SAMPLE == 0 && envelope_look(result->envelope, &bare, &batch)) {
        owner->calls += 1.0 / batch;
        owner->sampled++;
    }
}

static void sdk_told(const lf_result *result, void *user)
{
    struct sdk_slot *slot = user;
    double now = now_s();
    sdk_count(slot, result, now);
    if (now >= until_s || !sdk_start(slot)) {
        (void)atomic_fetch_sub(&live, 1);
    }
}

struct measured {
    size_t bare;
};

static void pad_told(const lf_result *result, void *user)
{
    struct measured *m = user;
    uint32_t batch;
    if (result->outcome != LF_ACCEPTED || !envelope_look(result->envelope, &m->bare, &batch)) {
        (void)fprintf(stderr, "lf_sdk: %s %s\n", result->error.reason, result->error.message);
        m->bare = 0;
    }
}

/* The note makes up for what a first record lacks; where lengths grow too, the next try is exact. */
static bool pad_find(lf_client *client)
{
    for (int tries = 0; tries < 6; tries++) {
        struct sdk_texts texts;
        struct measured m = {0};
        lf_event event = event_make(&texts);
        lf_record record = LF_RECORD_INIT;
        record.event = &event;
        lf_error err = LF_ERROR_INIT;
        if (lf_submit_wait(client, &record, 0, pad_told, &m, &err) != LF_OK || m.bare == 0) {
            (void)fprintf(stderr, "lf_sdk: %zu bytes; %s\n", m.bare, err.message);
            return false;
        }
        if (m.bare == BENCH_RECORD_BYTES) {
            return true;
        }
        note_pad += BENCH_RECORD_BYTES - m.bare;
        if (note_pad > SDK_NOTE_MAX) {
            return false;
        }
    }
    return true; /* a byte beside */
}

static void sdk_print(const struct sdk_client *clients, unsigned count)
{
    static struct bench_histogram latency;
    uint64_t taken = 0;
    uint64_t failed = 0;
    uint64_t sampled = 0;
    double calls = 0;
    for (unsigned i = 0; i < count; i++) {
        bench_histogram_merge(&latency, &clients[i].latency);
        taken += clients[i].taken;
        failed += clients[i].failed;
        sampled += clients[i].sampled;
        calls += clients[i].calls;
    }
    double share = sampled > 0 ? calls / (double)sampled : 0;
    (void)printf(
        "{\"row\":\"submit\",\"side\":\"sdk\",\"rate\":%.1f,\"p50_us\":%llu,\"p99_us\":%llu,"
        "\"records\":%llu,\"calls\":%.0f,\"calls_per_record\":%.5f,\"seconds\":%.3f,"
        "\"failed\":%llu,\"answer_bytes\":0,\"stored_bytes\":0}\n",
        (double)taken / (until_s - from_s), (unsigned long long)bench_histogram_at(&latency, 0.5),
        (unsigned long long)bench_histogram_at(&latency, 0.99), (unsigned long long)taken,
        share * (double)taken, share, until_s - from_s, (unsigned long long)failed);
}

static bool clients_open(struct sdk_client *clients, unsigned count, const char *dir)
{
    char profile[4096];
    lf_error err = LF_ERROR_INIT;
    lf_client_options options = LF_CLIENT_OPTIONS_INIT;
    options.linger_us = SDK_LINGER_US;
    int n = snprintf(profile, sizeof profile, "%s/members/platform-01/profile.conf", dir);
    for (unsigned i = 0; i < count; i++) {
        if (n < 0 || (size_t)n >= sizeof profile ||
            lf_client_open_with(profile, &options, &clients[i].client, &err) != LF_OK) {
            (void)fprintf(stderr, "lf_sdk: %s\n", err.message);
            return false;
        }
    }
    return pad_find(clients[0].client);
}

int main(int argc, char **argv)
{
    static struct sdk_client clients[SDK_CLIENTS_MAX];
    if (argc != 6) {
        (void)fprintf(stderr, "usage: lf_sdk DIR SECONDS WARM CONNECTIONS IN_FLIGHT\n");
        return 2;
    }
    unsigned count = (unsigned)strtoul(argv[4], NULL, 10);
    unsigned in_flight = (unsigned)strtoul(argv[5], NULL, 10);
    lf__random(&run_number, 4);
    atomic_store(&next_serial, run_number % 90000000);
    struct sdk_slot *slots = calloc(in_flight, sizeof *slots);
    if (slots == NULL || count == 0 || count > SDK_CLIENTS_MAX ||
        !clients_open(clients, count, argv[1])) {
        (void)fprintf(stderr, "lf_sdk: the clients cannot be opened\n");
        return 1;
    }
    from_s = now_s() + strtod(argv[3], NULL);
    until_s = from_s + strtod(argv[2], NULL);
    atomic_store(&live, in_flight);
    for (unsigned i = 0; i < in_flight; i++) {
        slots[i].owner = &clients[i % count];
        if (!sdk_start(&slots[i])) {
            (void)atomic_fetch_sub(&live, 1);
        }
    }
    while (atomic_load(&live) > 0 && now_s() < until_s + 30) {
        (void)usleep(2000);
    }
    sdk_print(clients, count);
    for (unsigned i = 0; i < count; i++) {
        lf_client_close(clients[i].client);
    }
    free(slots);
    return 0;
}
