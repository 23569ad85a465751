/* SPDX-License-Identifier: Apache-2.0 */
/* Members: who takes part, and how the authority changes that. Any active member may bring what the
 * authority has signed: the signatures count, not the bearer. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/proposals.h"
#include "gateway/services/services.h"

static struct px_member_entry entry_of(const struct gw_member *member)
{
    struct px_member_entry entry = {.member = {.member = lf__bytes_str(member->id),
                                               .name = lf__bytes_str(member->name),
                                               .role = member->role,
                                               .level = member->level,
                                               .division = lf__bytes_str(member->division),
                                               .status = member->status,
                                               .key_count = member->key_count,
                                               .pin_count = member->pin_count},
                                    .since_index = member->since_index,
                                    .record_id = LF_BYTES_ARRAY(member->record_id),
                                    .version = member->version};
    lf__copy(entry.member.keys, member->keys, member->key_count * sizeof *member->keys);
    lf__copy(entry.member.pins, member->pins, member->pin_count * sizeof *member->pins);
    return entry;
}

static uint64_t size_now(struct gw_services *services)
{
    return st_ledger_head(gw_exchange_ledger(services->exchange), NULL).size;
}

static lf_status list_put(struct gw_services *services, struct lf__arena *arena,
                          const struct px_list_request *request, struct lf__buf *reply,
                          lf_error *err)
{
    struct gw_member *members = lf__arena_array(arena, request->limit, sizeof *members);
    bool more = false;
    if (members == NULL) {
        return lf__fail(err, LF_E_NOMEM, "answer: out of memory");
    }
    size_t count = gw_roster_list(gw_exchange_roster(services->exchange), request->role,
                                  request->after, members, request->limit, &more);
    for (size_t i = 0; i < count; i++) {
        struct px_member_entry entry = entry_of(&members[i]);
        (void)px_list_entry_encode(&entry, reply);
    }
    (void)px_list_end(more ? lf__bytes_str(members[count - 1].id) : LF_BYTES_NONE,
                      size_now(services), reply);
    return LF_OK;
}

void gw_handle_list_members(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_list_request request;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_caller(services, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_list_request_decode(gw_call_arena(call), bytes, &request, &err) : rc;
    rc = rc == LF_OK ? list_put(services, gw_call_arena(call), &request, &reply, &err) : rc;
    gw_answer(call, rc, &err, &reply);
}

void gw_handle_get_member(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct gw_standing standing;
    struct gw_reader reader;
    struct gw_member member;
    lf_bytes id;
    LF_BUF reply;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&reply, PX_MESSAGE_MAX);
    lf_status rc = gw_caller(services, call, &standing, &reader, &err);
    rc = rc == LF_OK ? px_get_member_request_decode(gw_call_arena(call), bytes, &id, &err) : rc;
    rc =
        rc == LF_OK ? gw_roster_get(gw_exchange_roster(services->exchange), id, &member, &err) : rc;
    if (rc == LF_OK) {
        struct px_member_entry entry = entry_of(&member);
        (void)px_get_member_encode(&entry, size_now(services), &reply);
    }
    gw_answer(call, rc, &err, &reply);
}

/* One Propose or Approve; lives in the call's arena. */
struct members_job {
    struct gw_services *services;
    struct gw_call *call;
    struct gw_standing standing;
    struct gw_reader reader;
    struct px_signature signature;
    struct gw_proposal_job job;
};

static void members_done(struct gw_proposal_job *job, lf_status rc, const struct px_proposal *out,
                         const lf_error *err)
{
    struct members_job *m = job->user;
    struct px_access what = gw_access_by(&m->reader, PX_ACCESS_ADMINISTER);
    LF_BUF reply;
    LF_BUF note;
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    lf__buf_init(&reply, 1024);
    lf__buf_init(&note, PX_ACCESS_NOTE_MAX);
    if (rc == LF_OK) {
        (void)px_proposal_encode(out, &reply);
        (void)lf__hex(lf__hash_bytes(&out->id), hex, sizeof hex);
        (void)lf__buf_printf(&note, "%s %s", job->signature == NULL ? "propose" : "approve", hex);
        what.note = lf__buf_bytes(&note);
    }
    struct gw_outcome outcome = {rc, err, &reply};
    gw_answer_told(m->services, m->call, &outcome, &what, 0);
}

static lf_status members_begin(struct gw_services *services, struct gw_call *call,
                               struct members_job **out, lf_error *err)
{
    struct members_job *m = lf__arena_alloc(gw_call_arena(call), sizeof *m);
    if (m == NULL) {
        return lf__fail(err, LF_E_NOMEM, "call: out of memory");
    }
    *m = (struct members_job){
        .services = services, .call = call, .job = {.user = m, .done = members_done}};
    lf_status rc = gw_caller(services, call, &m->standing, &m->reader, err);
    if (rc == LF_OK) {
        *out = m;
    }
    return rc;
}

void gw_handle_propose(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct members_job *m = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = members_begin(services, call, &m, &err);
    rc = rc == LF_OK ? px_submit_request_decode(bytes, &m->job.envelope, &err) : rc;
    rc = rc == LF_OK ? gw_propose(services->exchange, &m->job, &err) : rc;
    if (rc != LF_OK) {
        gw_refuse(call, &err);
    }
}

void gw_handle_approve(void *user, struct gw_call *call, lf_bytes bytes)
{
    struct gw_services *services = user;
    struct members_job *m = NULL;
    lf_error err = LF_ERROR_INIT;
    lf_status rc = members_begin(services, call, &m, &err);
    rc = rc == LF_OK ? px_approve_request_decode(gw_call_arena(call), bytes, &m->job.id,
                                                 &m->signature, &err)
                     : rc;
    if (rc == LF_OK) {
        m->job.signature = &m->signature;
        rc = gw_propose(services->exchange, &m->job, &err);
    }
    if (rc != LF_OK) {
        gw_refuse(call, &err);
    }
}
