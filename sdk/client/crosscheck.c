/* SPDX-License-Identifier: Apache-2.0 */
/* CrossCheck from the client's side: a sorted list goes out a request at a time, a few ahead of the answers; each head is verified before its
 * rows are told. */
#include "client/client_internal.h"
#include "client/transport/stream.h"
#include "protos/codec/crosscheck.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <lianfang/crosscheck.h>
#include <lianfang/uscc.h>
#include <stdlib.h>
#include <string.h>

enum { CROSS_TIMEOUT_MS = 120000, CROSS_AHEAD = 3, CROSS_INDEXES_MAX = 64 };

static const char *const findings[PX_FINDINGS] = {
    "",         "CONFIRMED_BOTH",    "BOTH_UNRELATED", "PLATFORM_ONLY",
    "GOV_ONLY", "CONFLICT_IDENTITY", "STALE_GOV",      "STALE_PLATFORM"};

static const char *finding_word(unsigned finding)
{
    return finding < PX_FINDINGS ? findings[finding] : "";
}

/* A line with the normal form of its code. */
struct line {
    const char *code;
    const lf_listed *said;
};

struct crossing {
    lf_client *client;
    lf_crosscheck query;
    lf_crosscheck_cb each;
    void *user;
    struct lf__arena lines_arena;
    struct line *lines; /* sorted */
    size_t count;
    size_t sent; /* lines */
    struct lf__stream *stream;
    unsigned omit;
    unsigned waiting; /* requests without their answer */
    uint64_t floor;   /* no head may be behind this */
    lf_crosscheck_totals totals;
    bool is_whole; /* the totals are here */
};

static lf_status omit_take(struct crossing *c, lf_error *err)
{
    for (size_t i = 0; i < c->query.omit_count; i++) {
        unsigned finding = 1;
        while (finding < PX_FINDINGS && strcmp(findings[finding], c->query.omit[i]) != 0) {
            finding++;
        }
        if (finding == PX_FINDINGS) {
            return lf__fail(err, LF_E_ARG, "omit: there is no such finding");
        }
        c->omit |= LF_BIT(finding);
    }
    return LF_OK;
}

/* ---- the list ---- */

static void fault_tell(struct crossing *c, const char *code, const char *reason)
{
    lf_crosscheck_row row = {.subject = code,
                             .finding = "",
                             .name = "",
                             .explanation = "",
                             .indexes = NULL,
                             .error = reason};
    c->each(&row, c->user);
}

static int by_code(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    int order = strcmp(x->code, y->code);
    return order != 0 ? order : x->said < y->said ? -1 : x->said > y->said;
}

/* Whether the gateway may decide it: what is no code at all is told here. */
static bool line_take(struct crossing *c, const lf_listed *said, struct line *out)
{
    lf_uscc code = LF_USCC_INIT;
    lf_error fault = LF_ERROR_INIT;
    lf_uscc_options options = LF_USCC_OPTIONS_INIT;
    const char *given = said->uscc == NULL ? "" : said->uscc;
    options.allow_test_division = true; /* the gateway knows whether it is a test */
    if (lf_uscc_check(given, strlen(given), &options, &code, &fault) != LF_OK) {
        fault_tell(c, given, fault.reason);
        return false;
    }
    *out = (struct line){lf__told(&c->lines_arena, lf__bytes_str(code.code)), said};
    return true;
}

static lf_status lines_take(struct crossing *c, lf_error *err)
{
    if (c->query.listed == NULL) {
        return LF_OK;
    }
    c->lines = calloc(c->query.listed_count + 1, sizeof *c->lines);
    if (c->lines == NULL) {
        return lf__fail(err, LF_E_NOMEM, "crosscheck: out of memory");
    }
    for (size_t i = 0; i < c->query.listed_count; i++) {
        struct line line;
        if (line_take(c, &c->query.listed[i], &line)) {
            if (line.code[0] == '\0') {
                return lf__fail(err, LF_E_NOMEM, "crosscheck: out of memory");
            }
            c->lines[c->count++] = line;
        }
    }
    qsort(c->lines, c->count, sizeof *c->lines, by_code);
    return LF_OK;
}

/* How many lines the next request has: all of each code. */
static size_t lines_fit(const struct crossing *c, size_t from)
{
    size_t n = c->count - from;
    if (n <= PX_LISTED_MAX) {
        return n;
    }
    n = PX_LISTED_MAX;
    while (n > 0 && strcmp(c->lines[from + n - 1].code, c->lines[from + n].code) == 0) {
        n--;
    }
    return n;
}

static struct px_listed listed_of(const struct line *line)
{
    const lf_listed *said = line->said;
    return (struct px_listed){lf__bytes_str(line->code),  lf__given(said->name),
                              lf__given(said->list),      lf__given(said->violation),
                              lf__given(said->listed_on), lf__given(said->removed_on)};
}

static int64_t timeout_ms(const struct crossing *c)
{
    return c->query.timeout_ms > 0 ? c->query.timeout_ms : CROSS_TIMEOUT_MS;
}

/* ---- asking ---- */

static lf_status request_send(struct crossing *c, lf_error *err)
{
    LF_BUF wire;
    size_t n = lines_fit(c, c->sent);
    struct px_listed *listed = calloc(n + 1, sizeof *listed);
    lf__buf_init(&wire, PX_MESSAGE_MAX);
    if (listed == NULL || (n == 0 && c->sent < c->count)) {
        free(listed);
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "listed",
                          "listed: more than %d lines of one code", PX_LISTED_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        listed[i] = listed_of(&c->lines[c->sent + i]);
    }
    bool is_first = c->sent == 0;
    struct px_cross_request request = {
        .purpose = is_first ? lf__given(c->query.purpose) : LF_BYTES_NONE,
        .case_number = is_first ? lf__given(c->query.case_number) : LF_BYTES_NONE,
        .legal_basis = is_first ? 1 : 0,
        .listed = listed,
        .count = n,
        .omit = is_first ? c->omit : 0};
    (void)px_cross_request_encode(&request, &wire);
    free(listed);
    lf_status rc = lf__buf_status(&wire, err);
    rc = rc == LF_OK ? lf__stream_send(c->stream, lf__buf_bytes(&wire), timeout_ms(c), err) : rc;
    c->sent += n;
    c->waiting++;
    return rc;
}

/* ---- telling ---- */

static void row_tell(struct crossing *c, struct lf__arena *arena, const struct px_cross_row *in)
{
    lf_crosscheck_row row = {.subject = lf__told(arena, in->uscc),
                             .finding = finding_word(in->finding),
                             .name = lf__told(arena, in->name),
                             .explanation = lf__told(arena, in->explanation),
                             .indexes = in->indexes,
                             .index_count = in->index_count < CROSS_INDEXES_MAX ? in->index_count
                                                                                : CROSS_INDEXES_MAX,
                             .error = lf__told(arena, in->error_name)};
    c->each(&row, c->user);
}

static void totals_take(struct crossing *c, const struct px_cross_answer *answer)
{
    for (unsigned finding = 1; finding < PX_FINDINGS; finding++) {
        c->totals.finding[finding - 1] = findings[finding];
        c->totals.subjects[finding - 1] = answer->totals[finding];
    }
    c->totals.access_index = answer->access_index;
    c->is_whole = true;
}

static lf_status head_take(struct crossing *c, const struct px_cross_answer *answer, lf_error *err)
{
    struct lf__merkle_head head;
    struct lf__heads *heads = &c->client->heads;
    lf_status rc = lf__head_open(c->client, PX_LOG_LEDGER, answer->checkpoint, &head, err);
    rc = rc == LF_OK ? lf__heads_saw(heads, PX_LOG_LEDGER, answer->checkpoint, &head, c->floor, err)
                     : rc;
    if (rc == LF_OK) {
        c->totals.checkpoint_size = head.size;
    }
    return rc;
}

/* Reads one answer. E_CLOSED when there is none any more. */
static lf_status answer_tell(struct crossing *c, lf_error *err)
{
    LF_BUF bytes;
    LF_ARENA arena;
    struct px_cross_answer answer;
    uint32_t retry_ms = 0;
    lf__buf_init(&bytes, CLIENT_ANSWER_MAX);
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    lf_status rc = lf__stream_next(c->stream, timeout_ms(c), &bytes, &retry_ms, err);
    rc = rc == LF_OK ? px_cross_answer_decode(&arena, lf__buf_bytes(&bytes), &answer, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    bool is_empty = answer.count == 0 && !answer.is_last;
    rc = is_empty && answer.checkpoint.len == 0 ? LF_OK : head_take(c, &answer, err);
    for (size_t i = 0; rc == LF_OK && i < answer.count; i++) {
        row_tell(c, &arena, &answer.rows[i]);
    }
    if (rc == LF_OK && answer.is_last) {
        totals_take(c, &answer);
    }
    c->waiting -= c->waiting > 0 ? 1 : 0;
    return rc;
}

static lf_status all_tell(struct crossing *c, lf_error *err)
{
    lf_status rc = request_send(c, err);
    while (rc == LF_OK && c->sent < c->count) {
        rc = c->waiting < CROSS_AHEAD ? request_send(c, err) : answer_tell(c, err);
    }
    if (rc == LF_OK) {
        lf__stream_finish(c->stream);
    }
    while (rc == LF_OK) {
        rc = answer_tell(c, err);
    }
    return rc == LF_E_CLOSED && c->is_whole ? LF_OK
           : rc == LF_E_CLOSED
               ? lf__fail(err, LF_E_UNAVAILABLE, "gateway: ended the stream before its totals")
               : rc;
}

/* A list of which no line is a code asks nothing. */
static lf_status cross_ask(struct crossing *c, lf_error *err)
{
    if (c->query.listed != NULL && c->count == 0) {
        struct px_cross_answer nothing = {.is_last = true};
        totals_take(c, &nothing);
        return LF_OK;
    }
    lf_status rc = lf__heads_check(&c->client->heads, err);
    rc = rc == LF_OK ? lf__stream_begin(c->client->channel, "/lianfang.v1.Screening/CrossCheck",
                                        &c->stream, err)
                     : rc;
    rc = rc == LF_OK ? all_tell(c, err) : rc;
    lf__stream_close(c->stream);
    return rc;
}

lf_status lf_crosscheck_run(lf_client *client, const lf_crosscheck *query, lf_crosscheck_cb each,
                            void *user, lf_crosscheck_totals *out, lf_error *err)
{
    struct crossing c = {.client = client, .each = each, .user = user};
    lf_status rc = lf__struct_take(&c.query, sizeof c.query, query, "query", err);
    lf__arena_init(&c.lines_arena, SIZE_MAX / 2);
    c.floor = lf__heads_floor(&client->heads, PX_LOG_LEDGER);
    rc = rc == LF_OK ? omit_take(&c, err) : rc;
    rc = rc == LF_OK ? lines_take(&c, err) : rc;
    rc = rc == LF_OK ? cross_ask(&c, err) : rc;
    if (rc == LF_OK && out != NULL) {
        *out = c.totals;
    }
    lf__arena_done(&c.lines_arena);
    free(c.lines);
    return rc;
}
