/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/records.h - requests as a member would make them: events on the reserved division, each
 * with an id and a subject of its own, of one size. Threads: a maker may be shared once it is open.
 */
#ifndef BENCH_RECORDS_H
#define BENCH_RECORDS_H

#include "base/buf.h"
#include "base/crypto/sign.h"
#include "protos/codec/services.h"

#define BENCH_SCREEN_METHOD "/lianfang.v1.Screening/Screen"
enum { BENCH_RECORD_BYTES = 512, BENCH_CODE_BYTES = 18, BENCH_RUN_BYTES = 8 };

struct bench_maker {
    char member[41];
    struct lf__secret *seed;
    struct lf__hash key_id;
    uint8_t run[BENCH_RUN_BYTES]; /* random: no run repeats another's record ids */
    size_t pad;                   /* bytes of note that make a record BENCH_RECORD_BYTES long */
};

/* Takes over `seed`, also when it fails. */
lf_status bench_maker_init(struct bench_maker *maker, const char *member, struct lf__secret *seed,
                           lf_error *err);
/* Reads DIR/members/MEMBER/sign.key. */
lf_status bench_maker_open(struct bench_maker *maker, const char *dir, const char *member,
                           lf_error *err);
void bench_maker_close(struct bench_maker *maker);

/* A valid code for each serial below 10^8. */
void bench_code(uint64_t serial, char out[static BENCH_CODE_BYTES + 1]);
/* Record and part without signature: BENCH_RECORD_BYTES long. `e` borrows from `arena`. */
bool bench_record(const struct bench_maker *maker, struct lf__arena *arena, uint64_t serial,
                  struct px_envelope *e, struct lf__buf *out);
/* A SubmitRequest whose record has a signature of its own. */
bool bench_submit_request(const struct bench_maker *maker, uint64_t serial, struct lf__buf *out);
/* A SubmitBatchRequest of records serial .. serial + count - 1. */
bool bench_batch_request(const struct bench_maker *maker, uint64_t serial, size_t count,
                         struct lf__buf *out);
/* How long one of them is in the ledger: with its signature, and in a batch with its path. */
uint64_t bench_stored_bytes(const struct bench_maker *maker, uint64_t batch);
/* A ScreenRequest for one code. */
bool bench_screen_request(uint64_t serial, struct lf__buf *out);
/* How many results of a submit's answer say ACCEPTED. */
uint64_t bench_accepted(lf_bytes answer);

#endif
