/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: heads and proofs for every member; contents through the one may-read function. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/evidence.h"
#include "gateway/exchange/may_read.h"
#include "gateway/services/services.h"

enum { ENTRIES_DEFAULT = 100, ENTRIES_BYTES_MAX = PX_MESSAGE_MAX - 65536 };

static lf_status range_take(lf_bytes request, struct px_range *range, lf_error *err)
{
    lf_status rc = px_range_decode(request, range, err);
    if (rc == LF_OK && range->log != 1) {
        rc = lf__fail(err, LF_E_UNIMPLEMENTED, "log: only the ledger is kept here");
    }
    return rc;
}

void gw_handle_checkpoint(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct px_range range;
    LF_BUF note;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = range_take(request, &range, &err);
    if (rc == LF_OK) {
        (void)st_ledger_head(gw_exchange_ledger(services->exchange), &note);
        struct px_head head = {lf__buf_bytes(&note), lf__clock_utc_ms(),
                               lf__bytes_str(lf_version())};
        (void)px_head_encode(&head, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

void gw_handle_inclusion(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct st_ledger *ledger = gw_exchange_ledger(services->exchange);
    struct px_range range;
    struct lf__proof proof;
    struct st_stored stored;
    ST_TXN *txn = NULL;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = range_take(request, &range, &err);
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
    lf_status rc = range_take(request, &range, &err);
    rc = rc == LF_OK ? st_ledger_prove_consistency(gw_exchange_ledger(services->exchange), range.a,
                                                   range.b, &proof, &err)
                     : rc;
    if (rc == LF_OK) {
        (void)px_proof_encode(NULL, &proof, range.b, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

static lf_status entry_put(struct gw_services *services, const struct gw_reader *reader,
                           struct st_txn *txn, uint64_t index, struct lf__buf *reply, lf_error *err)
{
    struct st_stored stored;
    LF_BUF envelope;
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    lf_status rc = st_ledger_read(gw_exchange_ledger(services->exchange), txn, index, &stored, err);
    rc = rc == LF_OK
             ? gw_entry_view(services->exchange, txn, reader, stored.body, index, &envelope, err)
             : rc;
    if (rc == LF_OK) {
        struct px_entry entry = {index, stored.leaf, lf__buf_bytes(&envelope)};
        (void)px_entry_encode(&entry, reply);
    }
    return rc;
}

static lf_status entries_put(struct gw_services *services, const struct gw_reader *reader,
                             const struct px_range *range, struct lf__buf *reply, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF note;
    lf__buf_init(&note, ST_CHECKPOINT_MAX);
    uint64_t size = st_ledger_head(gw_exchange_ledger(services->exchange), &note).size;
    uint64_t limit = range->b == 0 ? ENTRIES_DEFAULT : range->b;
    uint64_t at = range->a;
    if (at > size || limit > PX_ENTRIES_MAX) {
        return lf__fail(err, LF_E_ARG, "entries: from %llu past the end, or more than %d",
                        (unsigned long long)at, PX_ENTRIES_MAX);
    }
    lf_status rc = st_txn_begin(gw_exchange_engine(services->exchange), ST_READ, &txn, err);
    for (; rc == LF_OK && at < size && at - range->a < limit && reply->len < ENTRIES_BYTES_MAX / 2;
         at++) {
        rc = entry_put(services, reader, txn, at, reply, err);
    }
    (void)px_entries_end(at, lf__buf_bytes(&note), reply);
    return rc;
}

void gw_handle_entries(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_range range;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_caller(services, call, &standing, &reader, &err);
    rc = rc == LF_OK ? range_take(request, &range, &err) : rc;
    rc = rc == LF_OK ? entries_put(services, &reader, &range, &reply, &err) : rc;
    gw_answer(call, rc, &err, &reply);
}

void gw_handle_evidence(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_evidence evidence;
    lf_bytes issuer;
    lf_bytes record_id;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    struct lf__arena *arena = gw_call_arena(call);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_caller(services, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_evidence_request_decode(arena, request, &issuer, &record_id, &err) : rc;
    rc = rc == LF_OK
             ? gw_evidence(services->exchange, arena, &reader, issuer, record_id, &evidence, &err)
             : rc;
    if (rc == LF_OK) {
        evidence.origin = lf__bytes_str(services->origin);
        (void)px_evidence_encode(&evidence, &reply);
    }
    gw_answer(call, rc, &err, &reply);
}
