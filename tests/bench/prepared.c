/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads, every other request each. */
#include "bench/prepared.h"

#include "protos/codec/limits.h"

#include <pthread.h>
#include <stdlib.h>

enum { PREPARE_THREADS = 2 };

struct preparing {
    struct bench_prepared *to;
    bool (*make)(void *user, uint64_t n, struct lf__buf *out);
    void *user;
    uint64_t first;
    bool good;
};

static void *prepare_some(void *user)
{
    struct preparing *p = user;
    LF_BUF request;
    lf__buf_init(&request, PX_MESSAGE_MAX);
    for (uint64_t n = p->first; n < p->to->count; n += PREPARE_THREADS) {
        lf__buf_clear(&request);
        p->good = p->good && p->make(p->user, n, &request);
        p->to->list[n] = grpc_slice_from_copied_buffer((const char *)request.ptr, request.len);
    }
    return NULL;
}

bool bench_prepare(uint64_t count, bool (*make)(void *user, uint64_t n, struct lf__buf *out),
                   void *user, struct bench_prepared *out)
{
    pthread_t threads[PREPARE_THREADS];
    struct preparing parts[PREPARE_THREADS];
    unsigned started = 0;
    *out = (struct bench_prepared){.list = calloc(count, sizeof *out->list), .count = count};
    bool good = out->list != NULL;
    for (; good && started < PREPARE_THREADS; started++) {
        parts[started] = (struct preparing){out, make, user, started, true};
        good = pthread_create(&threads[started], NULL, prepare_some, &parts[started]) == 0;
    }
    for (unsigned i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
        good = good && parts[i].good;
    }
    return good;
}

bool bench_prepared_take(void *prepared, uint64_t n, grpc_slice *out)
{
    struct bench_prepared *p = prepared;
    if (n >= p->count && !p->repeats) {
        return false;
    }
    *out = grpc_slice_ref(p->list[n % p->count]);
    return true;
}

void bench_prepared_free(struct bench_prepared *prepared)
{
    for (uint64_t i = 0; prepared->list != NULL && i < prepared->count; i++) {
        grpc_slice_unref(prepared->list[i]);
    }
    free(prepared->list);
}
