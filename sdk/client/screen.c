/* SPDX-License-Identifier: Apache-2.0 */
/* Asking about merchants. The head that an answer names is verified before the answer is told. */
#include "client/client_internal.h"
#include "client/papers.h"
#include "client/transport/stream.h"

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "base/text.h"
#include "protos/codec/words.h"

#include <stdlib.h>

enum {
    SCREEN_TIMEOUT_MS = 30000,
    SCREEN_REASONS_MAX = 64,
    SCREEN_CODE_MAX =
        256, /* bytes; what is longer is no code, whatever blanks are taken out of it */
    SCREEN_BEGINNING = 64
};

/* What all subjects of one answer share. */
struct answer {
    uint64_t size; /* of the ledger */
    uint64_t access_index;
    struct px_screen_answer told;
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
        const char *kind = px_kind_name((enum px_kind)r->kind);
        reasons[i] = (lf_screen_reason){.code = lf__told(arena, r->code),
                                        .violation = lf__told(arena, r->violation),
                                        .certainty = lf__word_certainty(r->certainty),
                                        .state = lf__word_state(r->state),
                                        .decided_at = lf__told(arena, r->decided_at),
                                        .until_ms = r->until_ms,
                                        .origin = lf__told(arena, r->origin),
                                        .index = r->index,
                                        .kind = kind == NULL ? "" : kind,
                                        .list = lf__told(arena, r->list),
                                        .region = lf__told(arena, r->region),
                                        .level = lf__word_level(r->level),
                                        .contact = lf__told(arena, r->contact)};
    }
    lf_screened told = {.subject = lf__told(arena, in->uscc),
                        .advice = lf__word_advice(in->advice),
                        .error = lf__told(arena, in->error_name),
                        .reasons = reasons,
                        .reason_count = count,
                        .checkpoint_size = answer->size,
                        .access_index = answer->access_index,
                        .answer_sha256 = answer->digest,
                        .human_review = lf__told(arena, in->human_review),
                        .is_stale = in->is_stale,
                        .known_size = answer->told.known_size,
                        .in_force_ms = answer->told.in_force_ms,
                        .advice_version = answer->told.advice_version};
    each(&told, user);
}

/* One that a message cannot carry would take the others with it. Its beginning goes in its place, with a character
 * that no code has, and is answered as malformed. */
static lf_bytes carried(struct lf__arena *arena, const char *given_code)
{
    lf_bytes code = lf__bytes_str(given_code);
    if (code.len <= SCREEN_CODE_MAX && lf__text_is_utf8(code)) {
        return code;
    }
    size_t len = code.len < SCREEN_BEGINNING ? code.len : SCREEN_BEGINNING;
    uint8_t *out = lf__arena_alloc(arena, len + 1);
    for (size_t i = 0; out != NULL && i < len; i++) {
        out[i] = code.ptr[i] >= ' ' && code.ptr[i] < 0x7f ? code.ptr[i] : '?';
    }
    if (out != NULL) {
        out[len] = '?';
    }
    return (lf_bytes){out, out == NULL ? 0 : len + 1};
}

static lf_status request_make(struct lf__arena *arena, const lf_question *question,
                              struct lf__buf *out, lf_error *err)
{
    struct px_asked *subjects = lf__arena_array(arena, question->count, sizeof *subjects);
    if (subjects == NULL || question->count == 0 || question->count > PX_SUBJECTS_MAX) {
        return lf__refuse(err, LF_E_ARG, "TOO_BIG", "codes", "codes: 1 to %d at once",
                          PX_SUBJECTS_MAX);
    }
    for (size_t i = 0; i < question->count; i++) {
        const char *name = question->names == NULL ? NULL : question->names[i];
        subjects[i] = (struct px_asked){carried(arena, question->codes[i]), lf__given(name)};
    }
    struct px_screen_request request = {.purpose = lf__given(question->purpose),
                                        .case_number = lf__given(question->case_number),
                                        .legal_basis = 1,
                                        .subjects = subjects,
                                        .count = question->count,
                                        .as_known_size = question->as_known_size,
                                        .as_known_ms = question->as_known_ms,
                                        .in_force = lf__given(question->in_force)};
    (void)px_screen_request_encode(&request, out);
    return lf__buf_status(out, err);
}

/* Reads one answer; its head is believed first. */
static lf_status answer_tell(lf_client *client, lf_bytes bytes, uint64_t floor, lf_screened_cb each,
                             void *user, lf_error *err)
{
    LF_ARENA arena;
    struct px_screened *list = NULL;
    struct lf__merkle_head head;
    struct answer shared = {.size = 0};
    size_t count = 0;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = px_screen_reply_decode(&arena, bytes, &list, &count, &shared.told, err);
    lf_bytes note = shared.told.checkpoint;
    rc = rc == LF_OK ? lf__head_open(client, PX_LOG_LEDGER, note, &head, err) : rc;
    rc = rc == LF_OK ? lf__heads_saw(&client->heads, PX_LOG_LEDGER, note, &head, floor, err) : rc;
    rc = rc == LF_OK ? answer_read(bytes, &shared, err) : rc;
    shared.size = rc == LF_OK ? head.size : 0;
    for (size_t i = 0; rc == LF_OK && i < count; i++) {
        screened_tell(&arena, &list[i], &shared, each, user);
    }
    return rc;
}

lf_status lf_screen(lf_client *client, const lf_question *given_question, lf_screened_cb each,
                    void *user, lf_error *err)
{
    lf_question question;
    LF_BUF request;
    LF_BUF answer;
    LF_ARENA arena;
    uint64_t floor = lf__heads_floor(&client->heads, PX_LOG_LEDGER);
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__struct_take(&question, sizeof question, given_question, "question", err);
    rc = rc == LF_OK ? request_make(&arena, &question, &request, err) : rc;
    int64_t timeout_ms =
        rc == LF_OK && question.timeout_ms > 0 ? question.timeout_ms : SCREEN_TIMEOUT_MS;
    rc = rc == LF_OK ? lf__client_call(client, "/lianfang.v1.Screening/Screen",
                                       lf__buf_bytes(&request), timeout_ms, &answer, err)
                     : rc;
    return rc == LF_OK ? answer_tell(client, lf__buf_bytes(&answer), floor, each, user, err) : rc;
}

struct lf_screen_stream {
    lf_client *client;
    struct lf__stream *stream;
    uint64_t floors[LF_SCREEN_UNTOLD_MAX]; /* heads that no answer may fall behind, oldest first */
    size_t untold;
    int64_t timeout_ms;
};

lf_status lf_screen_stream_open(lf_client *client, lf_screen_stream **out, lf_error *err)
{
    lf_screen_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return lf__fail(err, LF_E_NOMEM, "client: out of memory");
    }
    stream->client = client;
    lf_status rc = lf__heads_check(&client->heads, err);
    rc = rc == LF_OK ? lf__stream_begin(client->channel, "/lianfang.v1.Screening/ScreenStream",
                                        &stream->stream, err)
                     : rc;
    if (rc != LF_OK) {
        free(stream);
        return rc;
    }
    *out = stream;
    return LF_OK;
}

lf_status lf_screen_stream_ask(lf_screen_stream *stream, const lf_question *asked, lf_error *err)
{
    lf_question question;
    LF_BUF request;
    LF_ARENA arena;
    lf__buf_init(&request, PX_MESSAGE_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    if (stream->untold == LF_SCREEN_UNTOLD_MAX) {
        return lf__fail(err, LF_E_ARG, "screen: %d questions wait for their answers",
                        LF_SCREEN_UNTOLD_MAX);
    }
    lf_status rc = lf__struct_take(&question, sizeof question, asked, "question", err);
    rc = rc == LF_OK ? request_make(&arena, &question, &request, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    stream->timeout_ms = question.timeout_ms > 0 ? question.timeout_ms : SCREEN_TIMEOUT_MS;
    stream->floors[stream->untold] = lf__heads_floor(&stream->client->heads, PX_LOG_LEDGER);
    rc = lf__stream_send(stream->stream, lf__buf_bytes(&request), stream->timeout_ms, err);
    stream->untold += rc == LF_OK ? 1 : 0;
    return rc;
}

lf_status lf_screen_stream_tell(lf_screen_stream *stream, lf_screened_cb each, void *user,
                                lf_error *err)
{
    LF_BUF answer;
    uint32_t retry_ms = 0;
    lf__buf_init(&answer, CLIENT_ANSWER_MAX);
    if (stream->untold == 0) {
        return lf__fail(err, LF_E_ARG, "screen: nothing was asked");
    }
    uint64_t floor = stream->floors[0];
    lf_status rc = lf__stream_next(stream->stream, stream->timeout_ms, &answer, &retry_ms, err);
    if (rc != LF_OK) {
        return rc == LF_E_CLOSED ? lf__fail(err, LF_E_UNAVAILABLE, "gateway: ended the stream")
                                 : rc;
    }
    stream->untold--;
    for (size_t i = 0; i < stream->untold; i++) {
        stream->floors[i] = stream->floors[i + 1];
    }
    return answer_tell(stream->client, lf__buf_bytes(&answer), floor, each, user, err);
}

void lf_screen_stream_close(lf_screen_stream *stream)
{
    if (stream != NULL) {
        lf__stream_close(stream->stream);
        free(stream);
    }
}
