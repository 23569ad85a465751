/* SPDX-License-Identifier: Apache-2.0 */
/* Each slot is one call at a time: answered, counted, started again by the thread that saw the answer. */
#include "bench/load.h"

#include "base/bytes.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOAD_MESSAGE_MAX = 8 << 20 };

struct load_run;
struct load_thread {
    struct load_run *run;
    pthread_t id;
    grpc_completion_queue *queue;
    unsigned live; /* slots with a call in flight */
    struct load_slot *slots;
    unsigned slot_count;
    struct load_result result;
};

struct load_slot {
    struct load_thread *thread;
    grpc_channel *channel;
    void *method;
    grpc_call *call;
    double started;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *request;
    grpc_byte_buffer *answer;
    grpc_status_code status;
    grpc_slice text;
};

struct load_run {
    const struct load_target *target;
    const struct load_work *work;
    double counts_from;
    double counts_until;
    atomic_ullong next;
    grpc_channel *channels[LOAD_CONNECTIONS_MAX];
    void *methods[LOAD_CONNECTIONS_MAX];
    struct load_thread threads[LOAD_THREADS];
};

double bench_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Without a pool of its own each channel would share the first one's connection. */
static grpc_channel *channel_open(const struct load_target *target)
{
    grpc_arg args[] = {
        {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL},
        {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH},
        {.type = GRPC_ARG_STRING, .key = (char *)(uintptr_t)GRPC_SSL_TARGET_NAME_OVERRIDE_ARG}};
    args[0].value.integer = 1;
    args[1].value.integer = LOAD_MESSAGE_MAX;
    args[2].value.string = (char *)(uintptr_t) "gateway";
    grpc_channel_args list = {3, args};
    grpc_ssl_pem_key_cert_pair pair = {target->tls.key, target->tls.cert};
    grpc_channel_credentials *credentials =
        target->tls.root == NULL
            ? grpc_insecure_credentials_create()
            : grpc_ssl_credentials_create_ex(target->tls.root, &pair, NULL, NULL);
    grpc_channel *channel = grpc_channel_create(target->address, credentials, &list);
    grpc_channel_credentials_release(credentials);
    return channel;
}

static void slot_clear(struct load_slot *slot)
{
    grpc_metadata_array_destroy(&slot->initial);
    grpc_metadata_array_destroy(&slot->trailing);
    grpc_byte_buffer_destroy(slot->request);
    grpc_byte_buffer_destroy(slot->answer);
    grpc_slice_unref(slot->text);
    grpc_call_unref(slot->call);
    slot->call = NULL;
}

/* False when the time is up or nothing is left to ask. */
static bool slot_start(struct load_slot *slot)
{
    struct load_run *run = slot->thread->run;
    grpc_slice request;
    double now = bench_now();
    if (now >= run->counts_until ||
        !run->work->request(run->work->user, atomic_fetch_add(&run->next, 1), &request)) {
        return false;
    }
    slot->started = now;
    slot->answer = NULL;
    slot->text = grpc_empty_slice();
    grpc_metadata_array_init(&slot->initial);
    grpc_metadata_array_init(&slot->trailing);
    slot->request = grpc_raw_byte_buffer_create(&request, 1);
    grpc_slice_unref(request);
    slot->call = grpc_channel_create_registered_call(slot->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                                     slot->thread->queue, slot->method,
                                                     gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    grpc_op ops[6] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_MESSAGE},           {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    ops[1].data.send_message.send_message = slot->request;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &slot->initial;
    ops[4].data.recv_message.recv_message = &slot->answer;
    ops[5].data.recv_status_on_client.trailing_metadata = &slot->trailing;
    ops[5].data.recv_status_on_client.status = &slot->status;
    ops[5].data.recv_status_on_client.status_details = &slot->text;
    if (grpc_call_start_batch(slot->call, ops, 6, slot, NULL) != GRPC_CALL_OK) {
        abort();
    }
    return true;
}

static bool answer_check(struct load_slot *slot)
{
    const struct load_work *work = slot->thread->run->work;
    grpc_byte_buffer_reader reader;
    if (slot->status != GRPC_STATUS_OK || slot->answer == NULL ||
        grpc_byte_buffer_reader_init(&reader, slot->answer) != 1) {
        return false;
    }
    grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
    slot->thread->result.answer_bytes = GRPC_SLICE_LENGTH(all);
    bool good = work->check == NULL || work->check(work->user, (lf_bytes){GRPC_SLICE_START_PTR(all),
                                                                          GRPC_SLICE_LENGTH(all)});
    grpc_slice_unref(all);
    grpc_byte_buffer_reader_destroy(&reader);
    return good;
}

static void slot_count(struct load_slot *slot)
{
    struct load_run *run = slot->thread->run;
    struct load_result *result = &slot->thread->result;
    double now = bench_now();
    if (!answer_check(slot)) {
        if (result->failed++ == 0) {
            char *text = grpc_slice_to_c_string(slot->text);
            (void)snprintf(result->first_error, sizeof result->first_error, "%d %s",
                           (int)slot->status, text);
            gpr_free(text);
        }
        return;
    }
    if (now >= run->counts_from && now < run->counts_until) {
        result->calls++;
        bench_histogram_add(&result->latency, (uint64_t)((now - slot->started) * 1e6), 1);
    }
    result->seconds = now; /* of the last answer, for a run that ends early */
}

static void *thread_run(void *user)
{
    struct load_thread *thread = user;
    for (unsigned i = 0; i < thread->slot_count; i++) {
        thread->live += slot_start(&thread->slots[i]) ? 1 : 0;
    }
    while (thread->live > 0) {
        grpc_event event =
            grpc_completion_queue_next(thread->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        struct load_slot *slot = event.tag;
        slot_count(slot);
        slot_clear(slot);
        thread->live -= slot_start(slot) ? 0 : 1;
    }
    return NULL;
}

/* Slot s uses connection s % connections, and connection c belongs to thread c % LOAD_THREADS. */
static void thread_fill(struct load_run *run, unsigned number)
{
    struct load_thread *thread = &run->threads[number];
    const struct load_target *target = run->target;
    thread->run = run;
    thread->queue = grpc_completion_queue_create_for_next(NULL);
    thread->slots = calloc(target->in_flight, sizeof *thread->slots);
    for (unsigned s = 0; thread->slots != NULL && s < target->in_flight; s++) {
        unsigned connection = s % target->connections;
        if (connection % LOAD_THREADS == number) {
            thread->slots[thread->slot_count++] =
                (struct load_slot){.thread = thread,
                                   .channel = run->channels[connection],
                                   .method = run->methods[connection]};
        }
    }
}

/* The first call must not pay for the handshake of its connection. */
static bool channel_wait(grpc_channel *channel)
{
    grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
    gpr_timespec until =
        gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(10, GPR_TIMESPAN));
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel, 1);
    while (state != GRPC_CHANNEL_READY) {
        grpc_channel_watch_connectivity_state(channel, state, until, queue, NULL);
        grpc_event event = grpc_completion_queue_next(queue, until, NULL);
        if (event.type != GRPC_OP_COMPLETE || event.success == 0) {
            break;
        }
        state = grpc_channel_check_connectivity_state(channel, 1);
    }
    grpc_completion_queue_shutdown(queue);
    while (grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(queue);
    return state == GRPC_CHANNEL_READY;
}

static void thread_end(struct load_thread *thread, struct load_result *out)
{
    const struct load_result *from = &thread->result;
    grpc_completion_queue_shutdown(thread->queue);
    while (
        grpc_completion_queue_next(thread->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL).type !=
        GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(thread->queue);
    free(thread->slots);
    out->calls += from->calls;
    out->failed += from->failed;
    out->answer_bytes = from->answer_bytes > 0 ? from->answer_bytes : out->answer_bytes;
    out->seconds = from->seconds > out->seconds ? from->seconds : out->seconds;
    bench_histogram_merge(&out->latency, &from->latency);
    if (from->first_error[0] != '\0') {
        (void)snprintf(out->first_error, sizeof out->first_error, "%s", from->first_error);
    }
}

static bool channels_open(struct load_run *run)
{
    bool good = true;
    for (unsigned c = 0; c < run->target->connections; c++) {
        run->channels[c] = channel_open(run->target);
        run->methods[c] =
            grpc_channel_register_call(run->channels[c], run->target->method, NULL, NULL);
        good = channel_wait(run->channels[c]) && good;
    }
    return good;
}

bool load_run(const struct load_target *target, const struct load_work *work, double warm,
              double seconds, struct load_result *out)
{
    struct load_run *run = calloc(1, sizeof *run);
    if (run == NULL || target->connections > LOAD_CONNECTIONS_MAX) {
        free(run);
        return false;
    }
    memset(out, 0, sizeof *out);
    grpc_init();
    run->target = target;
    run->work = work;
    bool good = channels_open(run);
    run->counts_from = bench_now() + warm;
    run->counts_until = run->counts_from + seconds;
    for (unsigned t = 0; t < LOAD_THREADS; t++) {
        thread_fill(run, t);
        good = good && run->threads[t].slots != NULL;
    }
    for (unsigned t = 0; good && t < LOAD_THREADS; t++) {
        good = pthread_create(&run->threads[t].id, NULL, thread_run, &run->threads[t]) == 0;
    }
    for (unsigned t = 0; t < LOAD_THREADS; t++) {
        if (good) {
            (void)pthread_join(run->threads[t].id, NULL);
        }
        thread_end(&run->threads[t], out);
    }
    for (unsigned c = 0; c < target->connections; c++) {
        grpc_channel_destroy(run->channels[c]);
    }
    double ended = out->seconds < run->counts_until ? out->seconds : run->counts_until;
    out->seconds = ended > run->counts_from ? ended - run->counts_from : 0;
    out->records = out->calls * work->records;
    grpc_shutdown();
    free(run);
    return good;
}
