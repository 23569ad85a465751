/* SPDX-License-Identifier: Apache-2.0 */
/* Exchange: Submit and SubmitBatch. The reply comes from the sequencer once all is durable. */
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "gateway/services/services.h"

/* One call's records. Lives in the call's arena. */
struct submit_job {
    struct gw_services *services;
    struct gw_call *call;
    struct gw_group group;
    struct gw_standing caller;
    struct gw_batch_proof batch;
    lf_error batch_error;
};

void gw_result_of(const struct gw_services *services, const struct gw_submission *s,
                  struct px_result *out)
{
    *out = (struct px_result){.record_id = s->decoded.header.record_id}; /* empty if unread */
    if (s->status == LF_OK) {
        out->outcome = s->is_duplicate ? PX_OUTCOME_DUPLICATE : PX_OUTCOME_ACCEPTED;
        out->origin = lf__bytes_str(services->origin);
        out->index = s->index;
        out->leaf = LF_BYTES_ARRAY(s->leaf);
        out->path = s->path;
        out->path_count = s->path_count;
        out->is_pending_relay = s->is_pending_relay && !s->is_duplicate;
        return;
    }
    out->outcome = PX_OUTCOME_REFUSED;
    out->error = s->error;
    out->grpc_code = gw_grpc_code(s->status);
    out->retry_ms = s->status == LF_E_BUSY ? GW_RETRY_MS : 0;
}

/* A full queue, a drain or a broken disk is the whole call's trouble, not one record's. */
static const struct gw_submission *whole_failure(const struct gw_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        lf_kind kind = lf_status_kind(group->list[i].status);
        if (kind == LF_KIND_BUSY || kind == LF_KIND_LOCAL || kind == LF_KIND_BUG) {
            return &group->list[i];
        }
    }
    return NULL;
}

/* One line a call, however many records: a bad file must not fill the disk. */
static void tell_refusals(const struct submit_job *job)
{
    const struct gw_submission *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < job->group.count; i++) {
        bool is_refused = job->group.list[i].status != LF_OK;
        first = is_refused && first == NULL ? &job->group.list[i] : first;
        count += is_refused ? 1 : 0;
    }
    if (first != NULL) {
        lf_error why = first->error;
        why.status = first->status;
        gw_tell_refused(job->call, count, &why);
    }
}

static void submit_done(struct gw_group *group)
{
    struct submit_job *job = group->user;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    const struct gw_submission *failed = whole_failure(group);
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    struct px_result *results = lf__arena_array(group->arena, group->count, sizeof *results);
    lf_status rc = results == NULL ? lf__fail(&err, LF_E_NOMEM, "answer: out of memory") : LF_OK;
    if (rc == LF_OK && failed != NULL) {
        rc = failed->status;
        err = failed->error;
        err.status = rc;
    }
    for (size_t i = 0; rc == LF_OK && i < group->count; i++) {
        gw_result_of(job->services, &group->list[i], &results[i]);
    }
    if (rc == LF_OK) {
        tell_refusals(job);
        lf_bytes note = {group->checkpoint, group->checkpoint_len};
        (void)px_results_encode(results, group->count, note, &reply);
    }
    gw_answer(job->call, rc, &err, &reply);
}

static struct submit_job *job_new(struct gw_services *services, struct gw_call *call, size_t count)
{
    struct lf__arena *arena = gw_call_arena(call);
    struct submit_job *job = lf__arena_alloc(arena, sizeof *job);
    struct gw_submission *list = lf__arena_array(arena, count, sizeof *list);
    if (job == NULL || list == NULL) {
        return NULL;
    }
    *job = (struct submit_job){.services = services, .call = call};
    job->group = (struct gw_group){
        .arena = arena, .list = list, .count = count, .user = job, .done = submit_done};
    return job;
}

static lf_status no_memory(lf_error *err)
{
    return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "", "request: over the memory of one call");
}

/* Suspended members and those who left pass: admit lets them correct their own, and nothing else. */
static lf_status job_caller(struct submit_job *job, lf_error *err)
{
    job->group.caller = &job->caller;
    return gw_roster_by_pin(gw_exchange_roster(job->services->exchange),
                            &gw_call_peer(job->call)->spki, lf__clock_utc_ms(), &job->caller, err);
}

void gw_handle_submit(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    lf_error err = LF_ERROR_INIT;
    lf_bytes envelope;
    lf_status rc = px_submit_request_decode(request, &envelope, &err);
    struct submit_job *job = rc == LF_OK ? job_new(services, call, 1) : NULL;
    rc = rc == LF_OK && job == NULL ? no_memory(&err) : rc;
    rc = rc == LF_OK ? job_caller(job, &err) : rc;
    if (rc != LF_OK) {
        gw_refuse(call, &err);
        return;
    }
    job->group.list[0].envelope = envelope;
    gw_exchange_submit(services->exchange, &job->group);
}

/* Decodes every record. One that cannot be read is refused alone; its signed bytes still count for
 * the root, as long as they can be found at all. */
static lf_status batch_leaves(struct submit_job *job, const lf_bytes *envelopes,
                              struct lf__hash *leaves, lf_error *err)
{
    static const uint8_t leaf_tag = 0;
    for (size_t i = 0; i < job->group.count; i++) {
        struct gw_submission *s = &job->group.list[i];
        lf_bytes record;
        if (!px_envelope_record(envelopes[i], &record)) {
            return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "envelopes",
                              "batch: record %zu has no bytes to sign, so the root is unknown", i);
        }
        lf_status rc = px_envelope_decode(job->group.arena, envelopes[i], &s->decoded, &s->error);
        if (rc == LF_OK && s->decoded.signature_count > 0) {
            rc = lf__refuse(&s->error, LF_E_REJECTED, "BATCH_PATH", "signatures",
                            "record: is signed with its batch, and has no signature of its own");
        }
        s->is_unreadable = rc != LF_OK;
        s->error.status = rc;
        s->envelope = envelopes[i];
        leaves[i] = lf__dsse_hash((lf_bytes){&leaf_tag, 1}, LF_TYPE_RECORD, record);
    }
    return LF_OK;
}

/* Each record gets the batch's signature with its own path, so that it can stand alone for ever. */
static lf_status batch_spread(struct submit_job *job, struct lf__memtree *tree,
                              const struct px_signature *signature, lf_error *err)
{
    struct lf__tree view = lf__memtree_view(tree);
    LF_BUF envelope;
    lf_status rc = LF_OK;
    lf__buf_init(&envelope, PX_BATCH_BYTES_MAX + 65536);
    for (size_t i = 0; rc == LF_OK && i < job->group.count; i++) {
        struct gw_submission *s = &job->group.list[i];
        struct lf__proof proof;
        if (s->is_unreadable) {
            continue;
        }
        rc = lf__merkle_prove_inclusion(&view, i, &proof, err);
        lf_bytes path =
            lf__arena_copy(job->group.arena,
                           (lf_bytes){proof.hashes[0].bytes, proof.count * sizeof proof.hashes[0]});
        s->decoded.signature_count = 1;
        s->decoded.signatures[0] = *signature;
        s->decoded.signatures[0].batch_index = (uint32_t)i;
        s->decoded.signatures[0].batch_path = (const struct lf__hash *)(const void *)path.ptr;
        s->decoded.signatures[0].batch_path_count = proof.count;
        lf__buf_clear(&envelope);
        (void)lf__buf_append(&envelope, s->envelope);
        (void)px_signature_append(&s->decoded.signatures[0], &envelope);
        s->envelope = lf__arena_copy(job->group.arena, lf__buf_bytes(&envelope));
        rc = rc == LF_OK && (path.ptr == NULL || envelope.failed || s->envelope.ptr == NULL)
                 ? no_memory(err)
                 : rc;
    }
    return rc;
}

/* A root that is not the records' own refuses the call: nobody signed these. A signature that is not
 * good (unknown key, another's key, wrong bits) refuses each record, so that every row has its answer. */
static lf_status batch_prepare(struct submit_job *job, const lf_bytes *envelopes,
                               const struct px_signature *signature, lf_error *err)
{
    LF_MEMTREE tree = {0, NULL};
    struct lf__hash *leaves = lf__arena_array(job->group.arena, job->group.count, sizeof *leaves);
    lf_status rc = leaves == NULL ? no_memory(err) : batch_leaves(job, envelopes, leaves, err);
    rc = rc == LF_OK ? lf__memtree_init(&tree, leaves, job->group.count, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash root = lf__memtree_root(&tree);
    if (!lf__hash_eq(&root, &signature->batch_root)) {
        return lf__refuse(err, LF_E_SIGNATURE, "BATCH_PATH", "signature.root",
                          "batch: the records do not have this root");
    }
    rc = gw_verify_batch(gw_exchange_roster(job->services->exchange), signature, lf__clock_utc_ms(),
                         &job->batch, &job->batch_error);
    if (rc != LF_OK) {
        job->batch_error.status = rc;
        job->group.batch_error = &job->batch_error;
        return LF_OK;
    }
    job->group.batch = &job->batch;
    return batch_spread(job, &tree, signature, err);
}

void gw_handle_submit_batch(void *user, struct gw_call *call, lf_bytes request)
{
    struct gw_services *services = user;
    struct px_signature signature;
    lf_bytes *envelopes = NULL;
    size_t count = 0;
    lf_error err = LF_ERROR_INIT;
    lf_status rc =
        px_batch_request_decode(gw_call_arena(call), request, &envelopes, &count, &signature, &err);
    struct submit_job *job = rc == LF_OK ? job_new(services, call, count) : NULL;
    rc = rc == LF_OK && job == NULL ? no_memory(&err) : rc;
    rc = rc == LF_OK ? job_caller(job, &err) : rc;
    rc = rc == LF_OK ? gw_call_charge(call, (unsigned)count - 1, &err) : rc;
    rc = rc == LF_OK ? batch_prepare(job, envelopes, &signature, &err) : rc;
    if (rc != LF_OK) {
        gw_refuse(call, &err);
        return;
    }
    gw_exchange_submit(services->exchange, &job->group);
}
