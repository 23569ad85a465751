/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: heads and proofs of both logs, for every member. Contents are the matter of entries.c. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/log_keys.h"
#include "gateway/services/services.h"

struct st_ledger *gw_log_of(struct gw_services *services, const struct px_range *range)
{
    return range->log == PX_LOG_ACCESS ? gw_access_ledger(services->access)
                                       : gw_exchange_ledger(services->exchange);
}

void gw_handle_checkpoint(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct px_range range;
    LF_BUF note;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&note, GW_PUBLISHED_MAX);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = px_range_decode(request, &range, &err);
    if (rc == LF_OK) {
        struct gw_publisher *published = services->published[range.log == PX_LOG_ACCESS ? 1 : 0];
        if (range.a != 0 && published != NULL) {
            (void)gw_publisher_note(published, &note);
        } else {
            (void)st_ledger_head(gw_log_of(services, &range), &note);
        }
        struct px_head head = {lf__buf_bytes(&note), lf__clock_utc_ms(),
                               lf__bytes_str(lf_version())};
        (void)px_head_encode(&head, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

/* A size of 0 means the newest head's, and nothing past that exists yet. `least` is the smallest first
 * number (an old size begins at 1), `gap` how far it stays below the size. */
static lf_status range_within(struct st_ledger *ledger, struct px_range *range, uint64_t least,
                              uint64_t gap, lf_error *err)
{
    uint64_t head = st_ledger_head(ledger, NULL).size;
    range->b = range->b == 0 ? head : range->b;
    return range->b <= head && range->a >= least && range->a < range->b + 1 - gap
               ? LF_OK
               : lf__refuse(err, LF_E_ARG, "INDEX_RANGE", "",
                            "range: %llu and %llu are not within a log of size %llu",
                            (unsigned long long)range->a, (unsigned long long)range->b,
                            (unsigned long long)head);
}

void gw_handle_inclusion(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct st_ledger *ledger = NULL;
    struct px_range range;
    struct lf__proof proof;
    struct st_stored stored;
    ST_TXN *txn = NULL;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = px_range_decode(request, &range, &err);
    if (rc == LF_OK) {
        ledger = gw_log_of(services, &range);
        rc = range_within(ledger, &range, 0, 1, &err);
    }
    rc = rc == LF_OK ? st_ledger_prove(ledger, range.a, range.b, &proof, &err) : rc;
    rc = rc == LF_OK ? st_txn_begin(gw_exchange_engine(services->exchange), ST_READ, &txn, &err)
                     : rc;
    rc = rc == LF_OK ? st_ledger_read(ledger, txn, range.a, &stored, &err) : rc;
    if (rc == LF_OK) {
        struct lf__hash leaf = lf__merkle_leaf(stored.leaf);
        (void)px_proof_encode(&leaf, &proof, range.b, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

void gw_handle_consistency(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct px_range range;
    struct lf__proof proof;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = px_range_decode(request, &range, &err);
    rc = rc == LF_OK ? range_within(gw_log_of(services, &range), &range, 1, 0, &err) : rc;
    rc = rc == LF_OK ? st_ledger_prove_consistency(gw_log_of(services, &range), range.a, range.b,
                                                   &proof, &err)
                     : rc;
    if (rc == LF_OK) {
        (void)px_proof_encode(NULL, &proof, range.b, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

void gw_handle_log_keys(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    LF_ARENA arena;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = px_log_keys_request_decode(&arena, request, &err);
    rc = rc == LF_OK ? gw_log_keys_answer(services->exchange, &reply, &err) : rc;
    gw_answer(call, rc, &err, &reply);
}
