/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer about subjects waits here until its access entry is durable. What it said is in the entry as a digest of
 * the answer's bytes; where the entry stands is added to the answer after them.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/services/services.h"
#include "protos/codec/wire.h"

/* In the call's arena; the reply's bytes are its own. */
struct told {
    struct gw_access_note note;
    struct gw_call *call;
    uint32_t index_field; /* of the answer's message; 0: it has none */
    lf_status status;
    lf_error error;
    struct lf__buf reply;
};

static void told_done(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct told *told = LF_CONTAINER_OF(note, struct told, note);
    struct lf__buf reply = told->reply;
    lf_status rc = status != LF_OK ? status : told->status;
    lf_error why = status != LF_OK ? *err : told->error;
    if (rc == LF_OK && told->index_field != 0) {
        (void)px_wire_u64(&reply, told->index_field, note->index);
    }
    why.status = rc;
    gw_answer(told->call, rc, &why, &reply); /* the arena, and `told` in it, may be gone now */
    lf__buf_done(&reply);
}

struct px_access gw_access_by(const struct gw_reader *reader, enum px_access_act act)
{
    return (struct px_access){
        .member = reader->member, .role = reader->role, .level = reader->level, .act = act};
}

static bool is_an_answer(lf_status rc)
{
    return rc == LF_OK || rc == LF_E_NOT_FOUND; /* that nothing is there is told too */
}

void gw_answer_told(struct gw_services *services, struct gw_call *call,
                    const struct gw_outcome *outcome, struct px_access *what, uint32_t index_field)
{
    struct told *told = lf__arena_alloc(gw_call_arena(call), sizeof *told);
    struct lf__buf *reply = outcome->reply;
    lf_error err = *outcome->err;
    lf_status rc = outcome->rc;
    if (rc == LF_OK && told == NULL) {
        rc = lf__refuse(&err, LF_E_TOO_BIG, "TOO_BIG", "", "request: over the memory of one call");
    }
    if (told == NULL || !is_an_answer(rc) || reply->failed) {
        gw_answer(call, rc, &err, reply);
        return;
    }
    *told = (struct told){.note.done = told_done,
                          .call = call,
                          .index_field = index_field,
                          .status = rc,
                          .error = err,
                          .reply = *reply};
    lf__buf_init(reply, 0); /* its bytes belong to `told` now */
    what->result = lf__sha256(rc == LF_OK ? lf__buf_bytes(&told->reply) : LF_BYTES_NONE);
    gw_access_record(services->access, what, &told->note);
}
