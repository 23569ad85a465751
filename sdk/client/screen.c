/* SPDX-License-Identifier: Apache-2.0 */
/* Asking about merchants. The head that an answer names is verified before the answer is told. */
#include "client/client_internal.h"

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/status.h"

enum { SCREEN_TIMEOUT_MS = 30000, SCREEN_REASONS_MAX = 64 };

static const char *text_of(struct lf__arena *arena, lf_bytes bytes)
{
    lf_bytes copy = lf__arena_copy(arena, bytes);
    return copy.ptr == NULL ? "" : (const char *)copy.ptr;
}

/* What all subjects of one answer share. */
struct answer {
    uint64_t size; /* of the ledger */
    uint64_t access_index;
    char digest[LF_HEX_SIZE(LF_HASH_BYTES)];
};

static lf_status answer_read(lf_bytes bytes, struct answer *out, lf_error *err)
{
    lf_bytes told;
    lf_status rc = px_screen_reply_told(bytes, &told, &out->access_index, err);
    if (rc == LF_OK) {
        struct lf__hash hash = lf__sha256(told);
        (void)lf__hex(lf__hash_bytes(&hash), out->digest, sizeof out->digest);
    }
    return rc;
}

static void screened_tell(struct lf__arena *arena, const struct px_screened *in,
                          const struct answer *answer, lf_screened_cb each, void *user)
{
    lf_screen_reason reasons[SCREEN_REASONS_MAX];
    size_t count = in->reason_count < SCREEN_REASONS_MAX ? in->reason_count : SCREEN_REASONS_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct px_reason *r = &in->reasons[i];
        reasons[i] =
            (lf_screen_reason){text_of(arena, r->code),          text_of(arena, r->violation),
                               lf__word_certainty(r->certainty), lf__word_state(r->state),
                               text_of(arena, r->decided_at),    r->until_ms,
                               text_of(arena, r->origin),        r->index};
    }
    lf_screened told = {text_of(arena, in->uscc),
                        lf__word_advice(in->advice),
                        text_of(arena, in->error_name),
                        reasons,
                        count,
                        answer->size,
                        answer->access_index,
                        answer->digest};
    each(&told, user);
}

static lf_status request_make(struct lf__arena *arena, const lf_question *question,
                              struct lf__buf *out, lf_error *err)
{
    lf_bytes *subjects = lf__arena_array(arena, question->count, sizeof *subjects);
    if (subjects == NULL || question->count == 0 || question->count > PX_SUBJECTS_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "codes", "codes: 1 to %d at once",
                          PX_SUBJECTS_MAX);
    }
    for (size_t i = 0; i < question->count; i++) {
        subjects[i] = lf__bytes_str(question->codes[i]);
    }
    struct px_screen_request request = {
        .purpose = lf__bytes_str(question->purpose == NULL ? "" : question->purpose),
        .case_number = lf__bytes_str(question->case_number == NULL ? "" : question->case_number),
        .legal_basis = 1,
        .subjects = subjects,
        .count = question->count};
    (void)px_screen_request_encode(&request, out);
    return lf__buf_status(out, err);
}

lf_status lf_screen(lf_client *client, const lf_question *given, lf_screened_cb each, void *user,
                    lf_error *err)
{
    lf_question question;
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    struct px_screened *list = NULL;
    struct lf__merkle_head head;
    struct answer shared = {.size = 0};
    size_t count = 0;
    lf_bytes note;
    uint64_t floor = lf__heads_floor(&client->heads, PX_LOG_LEDGER);
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__struct_take(&question, sizeof question, given, "question", err);
    rc = rc == LF_OK ? request_make(&arena, &question, &request, err) : rc;
    int64_t timeout_ms =
        rc == LF_OK && question.timeout_ms > 0 ? question.timeout_ms : SCREEN_TIMEOUT_MS;
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Screening/Screen",
                                       lf__buf_bytes(&request), timeout_ms, &answer, err)
                     : rc;
    rc = rc == LF_OK
             ? px_screen_reply_decode(&arena, lf__buf_bytes(&answer), &list, &count, &note, err)
             : rc;
    rc = rc == LF_OK ? lf__checkpoint_open(note, &client->profile.ledger, &head, err) : rc;
    rc = rc == LF_OK ? lf__heads_saw(&client->heads, PX_LOG_LEDGER, note, &head, floor, err) : rc;
    rc = rc == LF_OK ? answer_read(lf__buf_bytes(&answer), &shared, err) : rc;
    shared.size = rc == LF_OK ? head.size : 0;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        screened_tell(&arena, &list[i], &shared, each, user);
    }
    return rc;
}
