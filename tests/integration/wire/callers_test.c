/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls, and how much at once: certificates, callers that are not the issuer, batches and messages
 * over their limits. Started by wire.sh with LIANFANG_FED and LIANFANG_PORT.
 */
#include "integration/wire/world.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"
#include "gateway/services/walks.h"
#include "protos/codec/reports.h"
#include "protos/codec/tasks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16,
    ASKED_AT_ONCE = 50,
    ASK_MS = 120000
};

static struct wire w;
static const char batch_path[] = "/lianfang.v1.Exchange/SubmitBatch";

static void record_make(struct wire_record *r)
{
    wire_record_init(&w, r);
    wire_bodies(r);
    wire_encode(r);
    wire_sign(r);
    wire_pack(r);
}

/* TLS wants a certificate, whichever: without one the handshake fails and nothing is heard. */
static void no_certificate(void **state)
{
    (void)state;
    struct wire_record r;
    struct wire_told told;
    uint64_t before = wire_size(&w);
    struct test_client *nobody = test_client_open(w.port, &w.server, NULL);
    record_make(&r);
    wire_submit_through(nobody, &r, &told);
    assert_int_equal(told.code, GRPC_UNAVAILABLE);
    assert_string_equal(told.reason, "");
    assert_int_equal(wire_size(&w), before);
    test_client_close(nobody);
    wire_record_done(&r);
}

/* A good handshake with a key that no member has pinned, for every call that is a member's. */
static void unpinned_certificate(void **state)
{
    (void)state;
    static const char *const paths[] = {"/lianfang.v1.Exchange/Submit",
                                        "/lianfang.v1.Exchange/SubmitBatch",
                                        "/lianfang.v1.Screening/Screen",
                                        "/lianfang.v1.Ledger/GetCheckpoint",
                                        "/lianfang.v1.Ledger/GetEntries",
                                        "/lianfang.v1.Ledger/ProveInclusion",
                                        "/lianfang.v1.Ledger/ProveConsistency",
                                        "/lianfang.v1.Ledger/GetEvidence",
                                        "/lianfang.v1.Members/List",
                                        "/lianfang.v1.Members/Get",
                                        "/lianfang.v1.Members/Propose",
                                        "/lianfang.v1.Members/Approve"};
    struct test_identity stranger;
    uint64_t before = wire_size(&w);
    test_identity_make(&stranger, "platform-01"); /* names in certificates are nobody's proof */
    struct test_client *client = test_client_open(w.port, &w.server, &stranger);
    for (size_t i = 0; i < LF_COUNT(paths); i++) {
        struct wire_told told;
        wire_call(client, paths[i], LF_BYTES_NONE, &told);
        assert_int_equal(told.code, GRPC_UNAUTHENTICATED);
        assert_string_equal(told.reason, "CERTIFICATE_UNKNOWN");
    }
    assert_int_equal(wire_size(&w), before);
    test_client_close(client);
    test_identity_done(&stranger);
}

/* `count` small records as one batch, signed; `bend` changes what is sent. */
struct batch {
    struct lf__buf request;
    struct px_signature signature;
    uint8_t bytes[LF_ED25519_SIGNATURE];
};

static void batch_sign(struct batch *b, struct lf__memtree *tree, size_t count)
{
    LF_BUF pae;
    uint8_t body[4 + LF_HASH_BYTES];
    const struct wire_member *signer = &w.members[WIRE_PLATFORM];
    struct lf__hash root = lf__memtree_root(tree);
    lf__buf_init(&pae, 1024);
    lf__put_u32be(body, (uint32_t)count);
    lf__copy(body + 4, root.bytes, sizeof root.bytes);
    LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body)));
    struct lf__signature signature = lf__sign(signer->sign, lf__buf_bytes(&pae));
    lf__copy(b->bytes, signature.bytes, sizeof b->bytes);
    b->signature = (struct px_signature){.alg = LF_ALG_ED25519,
                                         .key_id = lf__key_id(&signer->key),
                                         .signature = LF_BYTES_ARRAY(b->bytes),
                                         .batch_size = (uint32_t)count,
                                         .batch_root = root};
}

/* Records of `note_len` bytes of text each. */
static void batch_send(size_t count, size_t note_len, void (*bend)(struct batch *),
                       struct wire_told *told)
{
    LF_ARENA arena;
    LF_MEMTREE tree = {0, NULL};
    struct batch b = {.signature.alg = 0};
    char *note = calloc(1, note_len + 1);
    LF_BUG_IF(note == NULL);
    memset(note, 'n', note_len);
    lf__arena_init(&arena, (size_t)64 << 20);
    lf__buf_init(&b.request, (size_t)16 << 20);
    lf_bytes *envelopes = lf__arena_array(&arena, count, sizeof *envelopes);
    struct lf__hash *leaves = lf__arena_array(&arena, count, sizeof *leaves);
    LF_BUG_IF(envelopes == NULL || leaves == NULL);
    for (size_t i = 0; i < count; i++) {
        struct wire_record r;
        LF_BUF pae;
        lf__buf_init(&pae, PX_MESSAGE_MAX);
        wire_record_init(&w, &r);
        r.event.note = lf__bytes_str(note);
        wire_bodies(&r);
        wire_encode(&r);
        wire_sign(&r);
        r.envelope.signature_count = 0;
        wire_pack(&r);
        LF_BUG_IF(!lf__dsse_pae(&pae, LF_TYPE_RECORD, lf__buf_bytes(&r.record)));
        leaves[i] = lf__batch_leaf(lf__buf_bytes(&pae));
        envelopes[i] = lf__arena_copy(&arena, lf__buf_bytes(&r.wire));
        wire_record_done(&r);
    }
    LF_BUG_IF(lf__memtree_init(&tree, leaves, count, NULL) != LF_OK);
    batch_sign(&b, &tree, count);
    if (bend != NULL) {
        bend(&b);
    }
    LF_BUG_IF(!px_batch_request_encode(envelopes, count, &b.signature, &b.request));
    wire_call(w.members[WIRE_PLATFORM].client, batch_path, lf__buf_bytes(&b.request), told);
    lf__buf_done(&b.request);
    free(note);
}

static void flip_root(struct batch *b)
{
    b->signature.batch_root.bytes[7] ^= 0x04;
}
static void flip_signature(struct batch *b)
{
    b->bytes[7] ^= 0x04;
}
static void flip_key(struct batch *b)
{
    b->signature.key_id.bytes[7] ^= 0x04;
}
static void alg_other(struct batch *b)
{
    b->signature.alg = 2;
}

static void batches(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        size_t note_len;
        void (*bend)(struct batch *);
        const char *reason;
    } rows[] = {
        {3, 10, flip_root, "BATCH_PATH"},       {3, 10, flip_signature, "SIGNATURE_BAD"},
        {3, 10, flip_key, "KEY_UNKNOWN"},       {3, 10, alg_other, "KEY_ALGORITHM"},
        {PX_BATCH_MAX + 1, 0, NULL, "TOO_BIG"}, {300, 4000, NULL, "TOO_BIG"}, /* over 1 MiB */
    };
    uint64_t before = wire_size(&w);
    struct wire_told told;
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        batch_send(rows[i].count, rows[i].note_len, rows[i].bend, &told);
        assert_string_equal(told.reason, rows[i].reason);
        assert_int_equal(wire_size(&w), before);
    }
    batch_send(PX_BATCH_MAX, PX_TEXT_MAX, NULL, &told); /* a message over 4 MiB */
    assert_true(told.code != 0);
    assert_string_equal(told.reason, "TOO_BIG");
    assert_int_equal(wire_size(&w), before);
    batch_send(PX_BATCH_MAX, 0, NULL, &told);
    assert_string_equal(told.reason, "");
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    assert_int_equal(wire_size(&w), before + PX_BATCH_MAX);
}

/* One record of a batch is refused alone, the others go in. */
static void one_of_a_batch(void **state)
{
    (void)state;
    struct wire_told told;
    uint64_t before = wire_size(&w);
    batch_send(4, PX_TEXT_MAX + 1, NULL, &told);
    assert_int_equal(told.code, 0);
    assert_string_equal(told.reason, "TOO_BIG");
    assert_int_equal(wire_size(&w), before);
}

/* A record comes over the connection of its issuer, and of nobody else's. */
static void another_caller(void **state)
{
    (void)state;
    struct wire_record r;
    struct wire_told told;
    uint64_t before = wire_size(&w);
    record_make(&r);
    r.caller = WIRE_OTHER;
    wire_submit(&r, &told);
    assert_int_equal(wire_size(&w), before);
    assert_string_equal(told.reason, "SUBMITTER_NOT_ALLOWED");
    r.caller = WIRE_PLATFORM;
    wire_submit(&r, &told);
    assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    wire_record_done(&r);
}

/* A question that is sent and not waited for. */
static struct test_stream *ask_ahead(enum wire_who who, const char *path, lf_bytes request)
{
    struct test_stream *stream = test_stream_open(w.members[who].client, path, ASK_MS);
    assert_true(test_stream_send(stream, request));
    test_stream_half_close(stream);
    return stream;
}

static void answer_await(struct test_stream *stream, struct test_answer *answer)
{
    LF_BUF reply;
    lf__buf_init(&reply, 0);
    (void)test_stream_receive(stream, &reply);
    test_stream_finish(stream, answer);
}

static void platform_screens(void)
{
    LF_BUF request;
    struct wire_told told;
    struct px_asked subject = {.uscc = lf__bytes_str("91999999MA00000154")};
    struct px_screen_request question = {
        .purpose = lf__bytes_str("ONBOARDING"), .legal_basis = 1, .subjects = &subject, .count = 1};
    lf__buf_init(&request, PX_MESSAGE_MAX);
    assert_true(px_screen_request_encode(&question, &request));
    wire_call(w.members[WIRE_OTHER].client, "/lianfang.v1.Screening/Screen",
              lf__buf_bytes(&request), &told);
    assert_int_equal(told.code, 0);
}

/*
 * One member asks for far more at once than it may: a few are made one after the other, the rest is told to come back, and meanwhile
 * another member's question is answered. Each walks the whole ledger, which takes longer than it takes to ask for all of them.
 */
static void greedy(const char *path, lf_bytes request)
{
    struct test_stream *streams[ASKED_AT_ONCE];
    size_t made = 0;
    size_t refused = 0;
    for (size_t i = 0; i < ASKED_AT_ONCE; i++) {
        streams[i] = ask_ahead(WIRE_REGULATOR, path, request);
    }
    platform_screens();
    for (size_t i = 0; i < ASKED_AT_ONCE; i++) {
        struct test_answer answer;
        answer_await(streams[i], &answer);
        made += answer.code == 0 ? 1 : 0;
        if (answer.code != 0) {
            assert_int_equal(answer.code, GRPC_RESOURCE_EXHAUSTED);
            assert_string_equal(answer.error.reason, "QUEUE_FULL");
            assert_true(answer.retry_ms > 0);
            refused++;
        }
    }
    assert_true(made >= GW_WALKS_MEMBER_MAX && refused > 0 && made + refused == ASKED_AT_ONCE);
}

static void more_reports_than_one_may_have(void **state)
{
    (void)state;
    LF_BUF request;
    struct wire_told told;
    struct px_report_request report = {.name = lf__bytes_str("participation")};
    struct px_tasks_request tasks = {.max = 1000, .overdue_only = true}; /* which none is */
    for (size_t i = 0; i < 5; i++) {
        batch_send(PX_BATCH_MAX, 0, NULL, &told);
        assert_int_equal(told.outcome, PX_OUTCOME_ACCEPTED);
    }
    lf__buf_init(&request, 1024);
    assert_true(px_report_request_encode(&report, &request));
    greedy("/lianfang.v1.Reports/Get", lf__buf_bytes(&request));
    lf__buf_clear(&request);
    assert_true(px_tasks_request_encode(&tasks, &request));
    greedy("/lianfang.v1.Tasks/List", lf__buf_bytes(&request));
}

static int setup(void **state)
{
    (void)state;
    return wire_open_env(&w) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    wire_close(&w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_certificate), cmocka_unit_test(unpinned_certificate),
        cmocka_unit_test(batches),        cmocka_unit_test(one_of_a_batch),
        cmocka_unit_test(another_caller), cmocka_unit_test(more_reports_than_one_may_have)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
