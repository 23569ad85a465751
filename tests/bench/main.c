/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_load SIDE [--option value]...: one side of one round against a server that is running, and a line of
 * JSON with what came of it. ci/bench.sh puts the rounds together.
 */
#include "bench/load.h"
#include "bench/prepared.h"
#include "bench/records.h"

#include "base/bytes.h"
#include "base/status.h"
#include "protos/codec/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *side;
    const char *address;
    const char *dir; /* of the gateway: its certificate and its members */
    const char *member;
    const char *row;  /* carried into the JSON line */
    const char *name; /* of the side in the table */
    double seconds;
    double warm;
    uint64_t connections;
    uint64_t in_flight; /* records */
    uint64_t batch;     /* records in one call */
    uint64_t records;   /* to prepare */
    uint64_t from;      /* first serial */
    uint64_t subjects;  /* of screen: serials below this are in the ledger */
    uint64_t repeat;    /* not 0: begin again with the first request */
    uint64_t ask;       /* of echo: bytes of the request and of the answer */
    uint64_t answer;
};

static bool text_option(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"--address", &o->address},
                 {"--dir", &o->dir},
                 {"--member", &o->member},
                 {"--row", &o->row},
                 {"--name", &o->name}};
    for (size_t i = 0; i < LF_COUNT(texts); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].to = value;
            return true;
        }
    }
    return false;
}

static bool number_option(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        uint64_t *to;
    } numbers[] = {{"--connections", &o->connections},
                   {"--in-flight", &o->in_flight},
                   {"--batch", &o->batch},
                   {"--records", &o->records},
                   {"--from", &o->from},
                   {"--subjects", &o->subjects},
                   {"--repeat", &o->repeat},
                   {"--ask", &o->ask},
                   {"--answer", &o->answer}};
    for (size_t i = 0; i < LF_COUNT(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].to = strtoull(value, NULL, 10);
            return true;
        }
    }
    return false;
}

static bool options_take(struct options *o, int argc, char **argv)
{
    *o = (struct options){.member = "platform-01",
                          .row = "",
                          .seconds = 10,
                          .warm = 1,
                          .connections = 8,
                          .in_flight = 400,
                          .batch = 1,
                          .records = 100000};
    o->side = argc > 1 ? argv[1] : "";
    o->name = o->side;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0) {
            o->seconds = strtod(argv[i + 1], NULL);
        } else if (strcmp(argv[i], "--warm") == 0) {
            o->warm = strtod(argv[i + 1], NULL);
        } else if (!text_option(o, argv[i], argv[i + 1]) &&
                   !number_option(o, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "lf_load: %s is no option\n", argv[i]);
            return false;
        }
    }
    return argc % 2 == 0 && o->address != NULL && o->connections > 0 && o->batch > 0;
}

/* What a side asks, how it prepares it, and what is a good answer. */
struct side {
    const char *name;
    const char *method;
    bool has_tls;
    bool repeats;
    bool (*make)(void *options, uint64_t n, struct lf__buf *out);
    bool (*check)(void *user, lf_bytes answer);
};

static struct bench_maker maker;
static struct options options;

static bool make_put(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    uint8_t key[24] = "record-";
    uint8_t value[BENCH_RECORD_BYTES];
    lf__put_u64be(key + 8, o->from);
    lf__put_u64be(key + 16, n);
    for (size_t i = 0; i < sizeof value; i++) {
        value[i] = (uint8_t)(n * 31 + i * 7);
    }
    return px_wire_bytes(out, 1, LF_BYTES_ARRAY(key)) &&
           px_wire_bytes(out, 2, LF_BYTES_ARRAY(value)); /* etcdserverpb.PutRequest */
}

static bool make_submit(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    return bench_submit_request(&maker, o->from + n, out);
}

static bool make_batch(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    return bench_batch_request(&maker, o->from + n * o->batch, o->batch, out);
}

/* Every other question is about a subject that the ledger knows; both kinds are spread over their range. */
static bool make_screen(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    uint64_t serial = (n / 2 * 2654435761u) % o->subjects;
    return bench_screen_request(n % 2 == 0 ? serial : 50000000 + serial, out);
}

static bool make_echo(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    uint8_t bytes[4096] = {(uint8_t)n};
    size_t head = o->ask < 130 ? 2 : 3; /* tag and length */
    return o->ask > head && o->ask < sizeof bytes &&
           px_wire_bytes(out, 1, (lf_bytes){bytes, o->ask - head});
}

/* That an entry is in the tree: another one each time, under one head. */
static bool make_prove(void *user, uint64_t n, struct lf__buf *out)
{
    const struct options *o = user;
    struct px_range range = {PX_LOG_LEDGER, n * 2654435761u % o->subjects, o->subjects};
    return px_range_encode(&range, out);
}

static bool check_proof(void *user, lf_bytes answer)
{
    struct lf__hash leaf;
    struct lf__proof proof;
    (void)user;
    return px_proof_decode(answer, true, &leaf, &proof, NULL) == LF_OK && proof.count > 0;
}

static bool check_accepted(void *user, lf_bytes answer)
{
    (void)user;
    return bench_accepted(answer) == options.batch;
}

static bool check_screen(void *user, lf_bytes answer)
{
    (void)user;
    return answer.len > 100; /* a result and a checkpoint */
}

static bool check_echo(void *user, lf_bytes answer)
{
    (void)user;
    return answer.len == options.answer;
}

static const struct side sides[] = {
    {"etcd", "/etcdserverpb.KV/Put", false, false, make_put, NULL},
    {"submit", "/lianfang.v1.Exchange/Submit", true, false, make_submit, check_accepted},
    {"batch", "/lianfang.v1.Exchange/SubmitBatch", true, false, make_batch, check_accepted},
    {"screen", BENCH_SCREEN_METHOD, true, true, make_screen, check_screen},
    {"prove", "/lianfang.v1.Ledger/ProveInclusion", true, true, make_prove, check_proof},
    {"echo", "/bench.Echo/Ask", true, true, make_echo, check_echo},
};

static void result_print(const struct load_result *r)
{
    double rate = r->seconds > 0 ? (double)r->records / r->seconds : 0;
    (void)printf("{\"row\":\"%s\",\"side\":\"%s\",\"rate\":%.1f,\"p50_us\":%" PRIu64
                 ",\"p99_us\":%" PRIu64 ",\"records\":%" PRIu64 ",\"calls\":%" PRIu64
                 ",\"calls_per_record\":%.5f,\"seconds\":%.3f,\"failed\":%" PRIu64
                 ",\"answer_bytes\":%" PRIu64 ",\"stored_bytes\":%" PRIu64 "}\n",
                 options.row, options.name, rate, bench_histogram_at(&r->latency, 0.5),
                 bench_histogram_at(&r->latency, 0.99), r->records, r->calls,
                 r->records > 0 ? (double)r->calls / (double)r->records : 0, r->seconds, r->failed,
                 r->answer_bytes,
                 maker.seed != NULL ? bench_stored_bytes(&maker, options.batch) : 0);
    if (r->failed > 0) {
        (void)fprintf(stderr, "lf_load: %" PRIu64 " calls failed, the first with: %s\n", r->failed,
                      r->first_error);
    }
}

static const struct side *side_find(const char *name)
{
    for (size_t i = 0; i < LF_COUNT(sides); i++) {
        if (strcmp(sides[i].name, name) == 0) {
            return &sides[i];
        }
    }
    return NULL;
}

static int round_run(const struct side *side, const struct load_pems *pems)
{
    static struct load_result result;
    struct bench_prepared prepared;
    uint64_t calls = options.records / options.batch;
    uint64_t in_flight = options.in_flight / options.batch;
    struct load_target target = {.address = options.address,
                                 .method = side->method,
                                 .connections = (unsigned)options.connections,
                                 .in_flight = (unsigned)(in_flight > 0 ? in_flight : 1)};
    if (side->has_tls) {
        target.tls = load_pems_tls(pems);
    }
    if (!bench_prepare(calls, side->make, &options, &prepared)) {
        (void)fprintf(stderr, "lf_load: the requests could not be made\n");
        return 1;
    }
    prepared.repeats = side->repeats || options.repeat != 0;
    struct load_work work = {bench_prepared_take, side->check, &prepared, options.batch};
    bool good = load_run(&target, &work, options.warm, options.seconds, &result);
    bench_prepared_free(&prepared);
    if (!good) {
        (void)fprintf(stderr, "lf_load: %s cannot be reached\n", options.address);
        return 1;
    }
    result_print(&result);
    return result.failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct load_pems pems = {.root = {.ptr = NULL}};
    lf_error err = LF_ERROR_INIT;
    bool good = options_take(&options, argc, argv);
    const struct side *side = side_find(options.side);
    if (!good || side == NULL) {
        (void)fprintf(stderr,
                      "usage: lf_load etcd|submit|batch|screen|prove|echo --address HOST:PORT "
                      "[--dir DIR] [--option value]...\n");
        return 2;
    }
    bool needs_keys = side->make == make_submit || side->make == make_batch;
    if (side->has_tls &&
        (options.dir == NULL || !load_pems_read(options.dir, options.member, &pems))) {
        (void)fprintf(stderr, "lf_load: --dir has no certificates for %s\n", options.member);
        return 2;
    }
    if (needs_keys && bench_maker_open(&maker, options.dir, options.member, &err) != LF_OK) {
        (void)fprintf(stderr, "lf_load: %s\n", err.message);
        return 2;
    }
    int rc = round_run(side, &pems);
    bench_maker_close(&maker);
    load_pems_done(&pems);
    return rc;
}
