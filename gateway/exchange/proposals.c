/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange/proposals.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/exchange_internal.h"
#include "gateway/exchange/tables.h"
#include "gateway/exchange/validate/validate.h"

#include <pthread.h>
#include <stdlib.h>

enum { PROPOSAL_DAY_MS = 86400000 };

struct gw_proposals {
    struct gw_exchange *exchange;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct gw_proposal_job *head;
    struct gw_proposal_job **tail;
    size_t waiting;
    bool is_closing;
};

/* The record on its way through one request. */
struct proposal {
    struct gw_exchange *exchange;
    struct lf__arena *arena;
    struct px_envelope envelope;
    struct lf__hash id;
    int64_t expires_at_ms;
};

/* Value: u64be expiry || envelope. E_NOT_FOUND also when its time is over. */
static lf_status proposal_load(struct proposal *p, struct st_txn *txn, lf_error *err)
{
    lf_bytes value;
    lf_status rc = st_get(txn, GW_TABLE_PROPOSALS, lf__hash_bytes(&p->id), &value, err);
    if (rc == LF_OK && value.len < 8) {
        return lf__fail(err, LF_E_CORRUPT, "proposal: a row is damaged");
    }
    if (rc != LF_OK) {
        return rc;
    }
    p->expires_at_ms = (int64_t)lf__get_u64be(value.ptr);
    if (p->expires_at_ms <= lf__clock_utc_ms()) {
        return LF_E_NOT_FOUND;
    }
    lf_bytes kept = lf__arena_copy(p->arena, lf__bytes_slice(value, 8, value.len));
    return kept.ptr == NULL ? lf__fail(err, LF_E_NOMEM, "proposal: out of memory")
                            : px_envelope_decode(p->arena, kept, &p->envelope, err);
}

static bool has_key(const struct px_envelope *envelope, const struct lf__hash *key_id)
{
    for (size_t i = 0; i < envelope->signature_count; i++) {
        if (lf__hash_eq(&envelope->signatures[i].key_id, key_id)) {
            return true;
        }
    }
    return false;
}

static void signature_add(struct px_envelope *to, const struct px_signature *signature)
{
    if (!has_key(to, &signature->key_id) && to->signature_count < PX_SIGNATURES_MAX) {
        to->signatures[to->signature_count++] = *signature;
    }
}

/* Signatures of earlier requests join those of this one. */
static lf_status proposal_merge(struct proposal *p, struct st_txn *txn, lf_error *err)
{
    struct proposal before = {.exchange = p->exchange, .arena = p->arena, .id = p->id};
    p->expires_at_ms = lf__clock_utc_ms() + (int64_t)GW_PROPOSAL_DAYS * PROPOSAL_DAY_MS;
    lf_status rc = proposal_load(&before, txn, err);
    if (rc != LF_OK) {
        return rc == LF_E_NOT_FOUND ? LF_OK : rc;
    }
    p->expires_at_ms = before.expires_at_ms;
    for (size_t i = 0; i < before.envelope.signature_count; i++) {
        signature_add(&p->envelope, &before.envelope.signatures[i]);
    }
    return LF_OK;
}

/* Whether it could stand if it had all its signatures: what is refused now is not collected for. */
static lf_status proposal_check(struct proposal *p, struct st_txn *txn, lf_error *err)
{
    struct gw_standing issuer;
    struct gw_validate rules = {.policy = p->exchange->policy,
                                .is_test = gw_roster_is_test(p->exchange->roster),
                                .now_ms = lf__clock_utc_ms()};
    lf_status rc =
        gw_verify_proposal(p->exchange->roster, &p->envelope, rules.now_ms, &issuer, err);
    rc = rc == LF_OK ? gw_validate(&rules, &p->envelope, &issuer, err) : rc;
    return rc == LF_OK && p->envelope.header.kind == PX_KIND_MEMBER
               ? gw__member_check(p->exchange, txn, p->arena, &p->envelope, err)
               : rc;
}

/* OK and *index when the very record stands in the ledger already. */
static lf_status proposal_stands(struct proposal *p, struct st_txn *txn, uint64_t *index,
                                 lf_error *err)
{
    uint8_t id[64];
    struct px_envelope there;
    const struct px_header *header = &p->envelope.header;
    lf_status rc = st_ledger_find(p->exchange->ledger, txn,
                                  gw__identity(header->issuer, header->record_id, id), index, err);
    rc = rc == LF_OK ? gw__entry_read(p->exchange, txn, p->arena, *index, &there, err) : rc;
    if (rc == LF_OK && !lf__bytes_eq(there.record, p->envelope.record)) {
        return lf__refuse(err, LF_E_EXISTS, "CHANGED", "header.record_id",
                          "record: the same id was taken with other bytes");
    }
    return rc;
}

static lf_status expired_drop(struct st_txn *txn, size_t *left, lf_error *err)
{
    struct st_cursor *cursor = NULL;
    struct st_pair pair;
    struct lf__hash old[GW_PROPOSALS_MAX];
    size_t count = 0;
    *left = 0;
    lf_status rc = st_cursor_open(txn, GW_TABLE_PROPOSALS, &cursor, err);
    if (rc != LF_OK) {
        return rc;
    }
    for (rc = st_cursor_seek(cursor, LF_BYTES_NONE, &pair, err); rc == LF_OK;
         rc = st_cursor_next(cursor, &pair, err)) {
        bool is_old =
            pair.value.len < 8 || (int64_t)lf__get_u64be(pair.value.ptr) <= lf__clock_utc_ms();
        if (is_old && count < GW_PROPOSALS_MAX && pair.key.len == LF_HASH_BYTES) {
            lf__copy(old[count++].bytes, pair.key.ptr, LF_HASH_BYTES);
        } else {
            (*left)++;
        }
    }
    st_cursor_close(cursor);
    rc = rc == LF_E_NOT_FOUND ? LF_OK : rc;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        rc = st_delete(txn, GW_TABLE_PROPOSALS, lf__hash_bytes(&old[i]), err);
    }
    return rc;
}

static lf_status commit(struct st_txn **txn, lf_error *err)
{
    struct st_txn *last = *txn;
    *txn = NULL;
    return st_txn_commit(last, err);
}

static lf_status proposal_store(struct proposal *p, lf_error *err)
{
    ST_TXN *txn = NULL;
    LF_BUF value;
    size_t left = 0;
    lf__buf_init(&value, PX_MESSAGE_MAX);
    (void)lf__buf_u64be(&value, (uint64_t)p->expires_at_ms);
    if (!px_envelope_encode(&p->envelope, &value)) {
        return lf__buf_status(&value, err);
    }
    lf_status rc = st_txn_begin(p->exchange->engine, ST_WRITE, &txn, err);
    rc = rc == LF_OK ? expired_drop(txn, &left, err) : rc;
    if (rc == LF_OK && left >= GW_PROPOSALS_MAX) {
        rc = lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "", "proposals: %d wait for signatures",
                        GW_PROPOSALS_MAX);
    }
    rc = rc == LF_OK
             ? st_put(txn, GW_TABLE_PROPOSALS, lf__hash_bytes(&p->id), lf__buf_bytes(&value), err)
             : rc;
    return rc == LF_OK ? commit(&txn, err) : rc;
}

static void proposal_drop(struct proposal *p)
{
    ST_TXN *txn = NULL;
    if (st_txn_begin(p->exchange->engine, ST_WRITE, &txn, NULL) == LF_OK &&
        st_delete(txn, GW_TABLE_PROPOSALS, lf__hash_bytes(&p->id), NULL) == LF_OK) {
        (void)commit(&txn, NULL); /* one that stays is dropped when its time is over */
    }
}

static lf_status proposal_sequence(struct proposal *p, uint64_t *index, lf_error *err)
{
    LF_BUF wire;
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (!px_envelope_encode(&p->envelope, &wire)) {
        return lf__buf_status(&wire, err);
    }
    lf_status rc = gw_exchange_say(p->exchange, lf__buf_bytes(&wire), index, err);
    if (rc == LF_OK || lf_status_kind(rc) == LF_KIND_PEER || lf_status_kind(rc) == LF_KIND_CALLER) {
        proposal_drop(p); /* taken, or never to be taken */
    }
    return rc;
}

/* The record and what is known of it; *stands when it is in the ledger. */
static lf_status proposal_prepare(struct proposal *p, const struct gw_proposal_job *job,
                                  bool *stands, uint64_t *index, lf_error *err)
{
    ST_TXN *txn = NULL;
    lf_status rc = st_txn_begin(p->exchange->engine, ST_READ, &txn, err);
    if (rc == LF_OK && job->envelope.len > 0) {
        rc = px_envelope_decode(p->arena, job->envelope, &p->envelope, err);
        p->id = rc == LF_OK ? px_record_digest(p->envelope.record) : p->id;
        rc = rc == LF_OK ? proposal_merge(p, txn, err) : rc;
    } else if (rc == LF_OK) {
        p->id = job->id;
        rc = proposal_load(p, txn, err);
        if (rc == LF_E_NOT_FOUND) {
            return lf__refuse(err, LF_E_NOT_FOUND, "TARGET_UNKNOWN", "proposal_id",
                              "proposal: none with this id waits for signatures");
        }
        signature_add(&p->envelope, job->signature);
    }
    rc = rc == LF_OK ? proposal_stands(p, txn, index, err) : rc;
    *stands = rc == LF_OK;
    return rc == LF_E_NOT_FOUND ? proposal_check(p, txn, err) : rc;
}

static lf_status job_run(struct gw_exchange *exchange, const struct gw_proposal_job *job,
                         struct px_proposal *out, lf_error *err)
{
    LF_ARENA arena;
    struct proposal p = {.exchange = exchange, .arena = &arena};
    unsigned threshold = gw_roster_threshold(exchange->roster);
    bool stands = false;
    uint64_t index = 0;
    lf__arena_init(&arena, 4 * EXCHANGE_ARENA_MAX);
    lf_status rc = proposal_prepare(&p, job, &stands, &index, err);
    bool is_ready = p.envelope.signature_count >= threshold;
    if (rc == LF_OK && !stands) {
        rc = is_ready ? proposal_sequence(&p, &index, err) : proposal_store(&p, err);
    }
    if (rc == LF_OK) {
        *out = (struct px_proposal){.id = p.id,
                                    .signatures = (uint32_t)p.envelope.signature_count,
                                    .threshold = threshold,
                                    .accepted = stands || is_ready,
                                    .index = index,
                                    .expires_at_ms = stands || is_ready ? 0 : p.expires_at_ms};
    }
    return rc;
}

static struct gw_proposal_job *job_take(struct gw_proposals *proposals)
{
    (void)pthread_mutex_lock(&proposals->lock);
    while (proposals->head == NULL && !proposals->is_closing) {
        (void)pthread_cond_wait(&proposals->wake, &proposals->lock);
    }
    struct gw_proposal_job *job = proposals->head;
    if (job != NULL) {
        proposals->head = job->next;
        proposals->tail = job->next == NULL ? &proposals->head : proposals->tail;
        proposals->waiting--;
    }
    (void)pthread_mutex_unlock(&proposals->lock);
    return job;
}

static void *proposals_main(void *user)
{
    struct gw_proposals *proposals = user;
    for (struct gw_proposal_job *job = job_take(proposals); job != NULL;
         job = job_take(proposals)) {
        struct px_proposal out = {.index = 0};
        lf_error err = LF_ERROR_INIT;
        lf_status rc = job_run(proposals->exchange, job, &out, &err);
        err.status = rc;
        job->done(job, rc, &out, &err);
    }
    return NULL;
}

lf_status gw__proposals_new(struct gw_exchange *exchange, struct gw_proposals **out, lf_error *err)
{
    struct gw_proposals *proposals = calloc(1, sizeof *proposals);
    if (proposals == NULL) {
        return lf__fail(err, LF_E_NOMEM, "proposals: out of memory");
    }
    proposals->exchange = exchange;
    proposals->tail = &proposals->head;
    (void)pthread_mutex_init(&proposals->lock, NULL);
    (void)pthread_cond_init(&proposals->wake, NULL);
    if (pthread_create(&proposals->thread, NULL, proposals_main, proposals) != 0) {
        free(proposals);
        return lf__fail(err, LF_E_NOMEM, "proposals: no thread");
    }
    *out = proposals;
    return LF_OK;
}

void gw__proposals_free(struct gw_proposals *proposals)
{
    if (proposals == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&proposals->lock);
    proposals->is_closing = true;
    (void)pthread_cond_signal(&proposals->wake);
    (void)pthread_mutex_unlock(&proposals->lock);
    (void)pthread_join(proposals->thread, NULL);
    (void)pthread_mutex_destroy(&proposals->lock);
    (void)pthread_cond_destroy(&proposals->wake);
    free(proposals);
}

lf_status gw_propose(struct gw_exchange *exchange, struct gw_proposal_job *job, lf_error *err)
{
    struct gw_proposals *proposals = exchange->proposals;
    job->next = NULL;
    (void)pthread_mutex_lock(&proposals->lock);
    bool has_room = proposals->waiting < GW_PROPOSAL_JOBS_MAX && !proposals->is_closing;
    if (has_room) {
        *proposals->tail = job;
        proposals->tail = &job->next;
        proposals->waiting++;
        (void)pthread_cond_signal(&proposals->wake);
    }
    (void)pthread_mutex_unlock(&proposals->lock);
    return has_room ? LF_OK
                    : lf__refuse(err, LF_E_BUSY, "QUEUE_FULL", "", "proposals: too many under way");
}
