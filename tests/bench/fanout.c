/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_fanout READERS IDLE EVENTS [PAUSE_MS RESTARTS]: one event after the other to so many subscribers, while so many idle streams are
 * open, and one subscriber never reads, one goes away every second, and one asks for everything from 0, again and again. Each reader must
 * have every event once and in order; a line of JSON says how long after its sending, and how often the others were cut off, went away
 * and had everything. PAUSE_MS lies between two events. RESTARTS times, spread over the run and the moment an event was
 * acknowledged, it says "restart" and goes on when a line comes: the gateway is another then, and every stream goes on where it was.
 * Wants LIANFANG_FED and LIANFANG_PORT.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "integration/wire/world.h"
#include "protos/codec/feed.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FAN_CHANNEL_STREAMS = 200, /* the gateway lets 256 in on one connection */
    FAN_EVENTS_MAX = 1000,
    FAN_PATIENCE_MS = 60000,
    FAN_LEAVES_MS = 1000, /* how often one goes away */
    FAN_RETRY_MS = 50,
    FAN_DEAF_MS =
        4000 /* how long one does not read, at least, before it looks what became of its stream */
};
#define NS_IN_MS 1000000L

enum temper { FAN_READS, FAN_IDLE, FAN_NEVER_READS, FAN_LEAVES, FAN_GREEDY };
enum fan_op { FAN_BEGIN, FAN_STATUS, FAN_MESSAGE, FAN_OPS };

struct fan_tag {
    struct fan_stream *stream;
    enum fan_op op;
};

struct fan_stream {
    enum temper temper;
    grpc_channel *channel;
    grpc_call *call;
    struct fan_tag tags[FAN_OPS];
    unsigned pending;
    uint64_t cursor;
    uint64_t events; /* told */
    bool is_met;     /* the first batch of this call came */
    grpc_byte_buffer *request;
    grpc_byte_buffer *message;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code code;
    grpc_slice text;
};

static struct fan {
    struct wire w;
    grpc_completion_queue *queue;
    struct fan_stream *streams;
    size_t count;
    size_t readers;
    uint64_t first; /* position of the first event */
    atomic_bool is_ending;
    atomic_bool is_looking;  /* the one that never reads does now */
    _Atomic int64_t deaf_ns; /* since when it does not */
    _Atomic int64_t sent_ns[FAN_EVENTS_MAX];
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    size_t met;      /* readers and idle ones that have had something of their present call */
    size_t reopened; /* of their calls, since the last restart began */
    size_t told;     /* events, over all readers */
    size_t timed;    /* of those: all but what was said into a restart */
    uint64_t *latencies_us;
    bool is_restarting;
    uint64_t restarted; /* the event that was said into one */
    size_t cut_off;     /* the one that never reads */
    size_t left;        /* the one that goes away */
    size_t passes;      /* of the one that asks for everything */
} fan = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

_Noreturn static void broken(const char *what)
{
    (void)fprintf(stderr, "wire_fanout: %s\n", what);
    abort();
}

/* `grows` false: its window stays as small as HTTP/2 begins with, so who reads nothing takes next to nothing. */
static grpc_channel *channel_open(enum wire_who who, bool grows)
{
    static char name_key[] = GRPC_SSL_TARGET_NAME_OVERRIDE_ARG;
    static char pool_key[] = GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL;
    static char backoff_key[] = GRPC_ARG_MAX_RECONNECT_BACKOFF_MS;
    static char probe_key[] = GRPC_ARG_HTTP2_BDP_PROBE;
    static char first_key[] = GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS;
    static char name[] = "gateway";
    char target[64];
    const struct test_identity *tls = &fan.w.members[who].tls;
    grpc_ssl_pem_key_cert_pair pair = {(const char *)tls->key.ptr, (const char *)tls->cert.ptr};
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create_ex((const char *)fan.w.server.cert.ptr, &pair, NULL, NULL);
    grpc_arg args[5] = {{.type = GRPC_ARG_STRING, .key = name_key},
                        {.type = GRPC_ARG_INTEGER, .key = pool_key},
                        {.type = GRPC_ARG_INTEGER, .key = first_key},
                        {.type = GRPC_ARG_INTEGER, .key = backoff_key},
                        {.type = GRPC_ARG_INTEGER, .key = probe_key}};
    args[0].value.string = name;
    args[1].value.integer = 1;
    args[2].value.integer = 4 * FAN_RETRY_MS;
    args[3].value.integer = 10 * FAN_RETRY_MS;
    args[4].value.integer = grows ? 1 : 0;
    grpc_channel_args list = {5, args};
    (void)snprintf(target, sizeof target, "127.0.0.1:%d", fan.w.port);
    grpc_channel *channel = grpc_channel_create(target, credentials, &list);
    grpc_channel_credentials_release(credentials);
    return channel;
}

static void batch_start(struct fan_stream *s, enum fan_op op, const grpc_op *ops, size_t count)
{
    s->tags[op] = (struct fan_tag){s, op};
    s->pending++;
    if (grpc_call_start_batch(s->call, ops, count, &s->tags[op], NULL) != GRPC_CALL_OK) {
        broken("a batch was refused");
    }
}

static void message_want(struct fan_stream *s)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &s->message;
    batch_start(s, FAN_MESSAGE, &op, 1);
}

static grpc_byte_buffer *request_make(const struct fan_stream *s)
{
    LF_BUF bytes;
    struct px_feed_request request = {.cursor = s->cursor};
    if (s->temper == FAN_IDLE) {
        request.kinds = UINT64_C(1) << PX_KIND_POLICY; /* which nobody says meanwhile */
    }
    lf__buf_init(&bytes, 256);
    LF_BUG_IF(!px_feed_request_encode(&request, &bytes));
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes.ptr, bytes.len);
    grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return message;
}

static void stream_open(struct fan_stream *s)
{
    grpc_op begin[4] = {{.op = GRPC_OP_SEND_INITIAL_METADATA,
                         .flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY |
                                  GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET},
                        {.op = GRPC_OP_SEND_MESSAGE},
                        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
                        {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    grpc_op end = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    bool asks_for_all = s->temper == FAN_GREEDY || s->temper == FAN_NEVER_READS;
    s->cursor = asks_for_all ? 0 : s->cursor;
    s->is_met = false;
    if (s->temper == FAN_NEVER_READS) {
        atomic_store(&fan.deaf_ns, lf__clock_monotonic_ns());
    }
    s->request = request_make(s);
    grpc_metadata_array_init(&s->initial);
    grpc_metadata_array_init(&s->trailing);
    s->text = grpc_empty_slice();
    s->call = grpc_channel_create_call(s->channel, NULL, GRPC_PROPAGATE_DEFAULTS, fan.queue,
                                       grpc_slice_from_static_string("/lianfang.v1.Feed/Subscribe"),
                                       NULL, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    begin[1].data.send_message.send_message = s->request;
    begin[3].data.recv_initial_metadata.recv_initial_metadata = &s->initial;
    end.data.recv_status_on_client.trailing_metadata = &s->trailing;
    end.data.recv_status_on_client.status = &s->code;
    end.data.recv_status_on_client.status_details = &s->text;
    batch_start(s, FAN_BEGIN, begin, 4);
    batch_start(s, FAN_STATUS, &end, 1);
    if (s->temper != FAN_NEVER_READS) {
        message_want(s);
    }
}

static void stream_done(struct fan_stream *s)
{
    grpc_byte_buffer_destroy(s->request);
    grpc_metadata_array_destroy(&s->initial);
    grpc_metadata_array_destroy(&s->trailing);
    grpc_slice_unref(s->text);
    grpc_call_unref(s->call);
    s->call = NULL;
}

static bool is_counted(const struct fan_stream *s)
{
    return s->temper == FAN_READS || s->temper == FAN_IDLE;
}

static void count(size_t *what, size_t more)
{
    (void)pthread_mutex_lock(&fan.lock);
    *what += more;
    (void)pthread_cond_signal(&fan.changed);
    (void)pthread_mutex_unlock(&fan.lock);
}

static void met(struct fan_stream *s)
{
    if (!s->is_met && is_counted(s)) {
        count(&fan.met, 1);
    }
    s->is_met = true;
}

/* Only events are said from `first` on, one a position. */
static void event_tell(struct fan_stream *s, uint64_t index)
{
    if (s->temper != FAN_READS || index < fan.first) {
        return;
    }
    if (index - fan.first != s->events) {
        broken("a reader was told an event twice, or out of order");
    }
    int64_t us = (lf__clock_monotonic_ns() - atomic_load(&fan.sent_ns[s->events])) / 1000;
    (void)pthread_mutex_lock(&fan.lock);
    fan.told++;
    if (s->events != fan.restarted) {
        fan.latencies_us[fan.timed++] = (uint64_t)us;
    }
    s->events++;
    (void)pthread_cond_signal(&fan.changed);
    (void)pthread_mutex_unlock(&fan.lock);
}

static void batch_take(struct fan_stream *s, lf_bytes bytes)
{
    LF_ARENA arena;
    struct px_feed_batch batch;
    lf__arena_init(&arena, (size_t)8 * PX_MESSAGE_MAX);
    if (px_feed_batch_decode(&arena, bytes, &batch, NULL) != LF_OK || batch.cursor != s->cursor) {
        broken("a batch does not go on where the last one ended");
    }
    for (size_t i = 0; i < batch.entry_count; i++) {
        event_tell(s, batch.entries[i].index);
    }
    s->cursor = batch.next_cursor;
    met(s);
    if (s->temper == FAN_GREEDY && batch.next_cursor >= fan.first) {
        count(&fan.passes, 1);
        (void)grpc_call_cancel(s->call, NULL);
    }
}

static void message_take(struct fan_stream *s)
{
    LF_BUF bytes;
    grpc_byte_buffer_reader reader;
    lf__buf_init(&bytes, (size_t)2 * PX_MESSAGE_MAX);
    if (s->message == NULL) {
        return; /* the status says why */
    }
    (void)grpc_byte_buffer_reader_init(&reader, s->message);
    grpc_slice whole = grpc_byte_buffer_reader_readall(&reader);
    LF_BUG_IF(
        !lf__buf_append(&bytes, (lf_bytes){GRPC_SLICE_START_PTR(whole), GRPC_SLICE_LENGTH(whole)}));
    grpc_slice_unref(whole);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(s->message);
    s->message = NULL;
    if (s->temper != FAN_NEVER_READS) {
        batch_take(s, lf__buf_bytes(&bytes));
    }
    message_want(s);
}

static void over(struct fan_stream *s)
{
    if (atomic_load(&fan.is_ending)) {
        stream_done(s);
        return;
    }
    (void)pthread_mutex_lock(&fan.lock);
    bool is_expected = !is_counted(s) || fan.is_restarting;
    fan.met -= s->is_met && is_counted(s) ? 1 : 0;
    fan.reopened += is_counted(s) ? 1 : 0;
    fan.cut_off += s->temper == FAN_NEVER_READS && s->code == GRPC_STATUS_ABORTED ? 1 : 0;
    (void)pthread_cond_signal(&fan.changed);
    (void)pthread_mutex_unlock(&fan.lock);
    stream_done(s);
    if (!is_expected) {
        broken("a reader's stream has ended");
    }
    stream_open(s);
}

/* Each second one goes away, whatever it is just told, and comes back at once; and at the end the one that never reads looks. */
static void second_passed(void)
{
    bool looks = atomic_exchange(&fan.is_looking, false);
    for (size_t i = 0; i < fan.count; i++) {
        struct fan_stream *s = &fan.streams[i];
        if (s->temper == FAN_LEAVES && s->call != NULL) {
            (void)grpc_call_cancel(s->call, NULL);
            count(&fan.left, 1);
        }
        if (s->temper == FAN_NEVER_READS && looks && s->call != NULL) {
            message_want(s);
        }
    }
}

static void *fan_run(void *user)
{
    gpr_timespec second = gpr_time_from_millis(FAN_LEAVES_MS, GPR_TIMESPAN);
    gpr_timespec due = gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), second);
    (void)user;
    for (;;) {
        grpc_event event = grpc_completion_queue_next(fan.queue, due, NULL);
        if (gpr_time_cmp(gpr_now(GPR_CLOCK_REALTIME), due) >= 0) {
            second_passed();
            due = gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), second);
        }
        if (event.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        if (event.type == GRPC_QUEUE_TIMEOUT) {
            continue;
        }
        struct fan_tag *tag = event.tag;
        tag->stream->pending--;
        if (tag->op == FAN_MESSAGE) {
            message_take(tag->stream);
        }
        if (tag->stream->pending == 0) {
            over(tag->stream);
        }
    }
}

/* ---- the other side ---- */

struct plan {
    size_t events;
    long pause_ms; /* between two of them */
    size_t restarts;
};

static uint64_t event_say(uint64_t n)
{
    struct wire_record r;
    struct wire_told told;
    wire_record_init(&fan.w, &r);
    wire_record_by(&r, WIRE_REGULATOR);
    r.header.certainty = 5;
    wire_bodies(&r);
    wire_encode(&r);
    wire_sign(&r);
    wire_pack(&r);
    atomic_store(&fan.sent_ns[n], lf__clock_monotonic_ns());
    wire_submit(&r, &told);
    wire_record_done(&r);
    if (told.outcome != PX_OUTCOME_ACCEPTED || told.index != fan.first + n) {
        broken("an event was not taken, or somebody else speaks");
    }
    return told.index;
}

static void await(const size_t *count, size_t want, const char *what)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FAN_PATIENCE_MS / 1000;
    (void)pthread_mutex_lock(&fan.lock);
    while (*count < want) {
        if (pthread_cond_timedwait(&fan.changed, &fan.lock, &until) != 0) {
            (void)fprintf(stderr, "%zu of %zu\n", *count, want);
            broken(what);
        }
    }
    (void)pthread_mutex_unlock(&fan.lock);
}

/* Over the members that may read, on connections of their own. */
static void streams_make(size_t readers, size_t idle)
{
    static const enum temper troubles[] = {FAN_NEVER_READS, FAN_LEAVES, FAN_GREEDY};
    static const enum wire_who members[] = {WIRE_PLATFORM, WIRE_OTHER, WIRE_SUSPECT};
    grpc_channel *channel = NULL;
    fan.count = readers + idle + LF_COUNT(troubles);
    fan.readers = readers;
    fan.streams = calloc(fan.count, sizeof *fan.streams);
    LF_BUG_IF(fan.streams == NULL);
    for (size_t i = 0; i < fan.count; i++) {
        struct fan_stream *s = &fan.streams[i];
        bool is_trouble = i < LF_COUNT(troubles);
        if (is_trouble || i % FAN_CHANNEL_STREAMS == LF_COUNT(troubles) || channel == NULL) {
            channel = channel_open(members[i % LF_COUNT(members)],
                                   !is_trouble || troubles[i] != FAN_NEVER_READS);
        }
        s->channel = channel; /* the process ends soon: never closed */
        s->temper = is_trouble                         ? troubles[i]
                    : i - LF_COUNT(troubles) < readers ? FAN_READS
                                                       : FAN_IDLE;
        s->cursor = fan.first;
        stream_open(s);
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void pause_ms(long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * NS_IN_MS};
    (void)nanosleep(&pause, NULL);
}

/* Until the gateway answers this connection again. */
static void answers_await(void)
{
    static const uint8_t ledger[] = {0x08, 0x01};
    struct test_answer answer = {.code = -1};
    for (int tries = FAN_PATIENCE_MS / FAN_RETRY_MS; answer.code != 0; tries--) {
        struct test_ask ask = {"/lianfang.v1.Ledger/GetCheckpoint", LF_BYTES_ARRAY(ledger),
                               FAN_PATIENCE_MS, -1};
        if (tries == 0) {
            broken("the gateway does not answer any more");
        }
        test_client_call(fan.w.members[WIRE_REGULATOR].client, &ask, &answer);
        test_answer_done(&answer);
        if (answer.code != 0) {
            pause_ms(FAN_RETRY_MS);
        }
    }
}

/* The event is durable, and hardly anybody has heard of it: now somebody makes the gateway another. */
static void restart(size_t streams)
{
    char go[16];
    (void)pthread_mutex_lock(&fan.lock);
    fan.is_restarting = true;
    fan.reopened = 0;
    (void)pthread_mutex_unlock(&fan.lock);
    (void)printf("restart\n");
    (void)fflush(stdout);
    if (fgets(go, sizeof go, stdin) == NULL) {
        broken("nobody restarts the gateway");
    }
    await(&fan.reopened, streams, "a stream has not noticed that the gateway went away");
    await(&fan.met, streams, "a stream did not come back");
    (void)pthread_mutex_lock(&fan.lock);
    fan.is_restarting = false;
    (void)pthread_mutex_unlock(&fan.lock);
    answers_await();
}

static void events_run(size_t readers, size_t idle, const struct plan *plan)
{
    size_t done = 0;
    for (size_t n = 0; n < plan->events; n++) {
        bool restarts =
            done < plan->restarts && n == (done + 1) * plan->events / (plan->restarts + 1);
        (void)pthread_mutex_lock(&fan.lock);
        fan.restarted = restarts ? n : UINT64_MAX;
        (void)pthread_mutex_unlock(&fan.lock);
        (void)event_say(n);
        if (restarts) {
            restart(readers + idle);
            done++;
        }
        await(&fan.told, readers * (n + 1), "an event did not reach every reader");
        pause_ms(plan->pause_ms);
    }
}

/* It finds its stream cut off, or (with a patient gateway) going on. */
static void look(void)
{
    struct timespec until;
    int64_t deaf_ms = (lf__clock_monotonic_ns() - atomic_load(&fan.deaf_ns)) / NS_IN_MS;
    if (deaf_ms < FAN_DEAF_MS) {
        pause_ms(FAN_DEAF_MS - deaf_ms);
    }
    atomic_store(&fan.is_looking, true);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 2 * FAN_DEAF_MS / 1000;
    (void)pthread_mutex_lock(&fan.lock);
    while (fan.cut_off == 0 && pthread_cond_timedwait(&fan.changed, &fan.lock, &until) == 0) {
    }
    (void)pthread_mutex_unlock(&fan.lock);
}

static void tell(size_t readers, size_t idle)
{
    size_t n = fan.timed;
    qsort(fan.latencies_us, n, sizeof *fan.latencies_us, by_size);
    (void)printf(
        "{\"row\":\"fanout\",\"side\":\"%zu-of-%zu\",\"rate\":%zu,\"p50_us\":%llu,\"p99_us\":%llu,"
        "\"max_us\":%llu,\"cut_off\":%zu,\"left\":%zu,\"passes\":%zu}\n",
        readers, readers + idle, n, (unsigned long long)fan.latencies_us[n / 2],
        (unsigned long long)fan.latencies_us[n * 99 / 100],
        (unsigned long long)fan.latencies_us[n - 1], fan.cut_off, fan.left, fan.passes);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    bool is_good = argc == 4 || argc == 6;
    size_t readers = is_good ? strtoul(argv[1], NULL, 10) : 0;
    size_t idle = is_good ? strtoul(argv[2], NULL, 10) : 0;
    struct plan plan = {.events = is_good ? strtoul(argv[3], NULL, 10) : 0};
    if (argc == 6) {
        plan.pause_ms = strtol(argv[4], NULL, 10);
        plan.restarts = strtoul(argv[5], NULL, 10);
    }
    if (readers == 0 || plan.events == 0 || plan.events > FAN_EVENTS_MAX ||
        !wire_open_env(&fan.w)) {
        (void)fprintf(stderr, "usage: wire_fanout READERS IDLE EVENTS [PAUSE_MS RESTARTS]\n");
        return 2;
    }
    fan.restarted = UINT64_MAX;
    fan.latencies_us = calloc(readers * plan.events, sizeof *fan.latencies_us);
    fan.queue = grpc_completion_queue_create_for_next(NULL);
    fan.first = wire_size(&fan.w);
    streams_make(readers, idle);
    LF_BUG_IF(pthread_create(&thread, NULL, fan_run, NULL) != 0);
    await(&fan.met, readers + idle, "not every stream was opened");
    events_run(readers, idle, &plan);
    if (argc == 6) {
        look();
    }
    tell(readers, idle);
    atomic_store(&fan.is_ending, true);
    (void)fflush(stdout);
    _Exit(0); /* a thousand streams are the gateway's to clear away */
}
