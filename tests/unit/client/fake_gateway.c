/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_gateway.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/dsse.h"
#include "core/memtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static struct fake_gateway *fake_current;

static struct fake_gateway *fake_of(struct lf__wire *wire)
{
    return LF_CONTAINER_OF(wire, struct fake_gateway, wire);
}

static int64_t fake_now(void)
{
    return fake_current->now_ns;
}

static void fake_start(struct lf__wire *wire, struct lf__call *call, const char *method,
                       lf_bytes request, int64_t timeout_ms)
{
    struct fake_gateway *g = fake_of(wire);
    assert_string_equal(method, LF_METHOD_SUBMIT_BATCH);
    assert_true(timeout_ms > 0);
    assert_true(g->call_count < FAKE_CALLS && !g->is_closed);
    g->calls[g->call_count] = call;
    g->cancelled[g->call_count] = false;
    lf__buf_init(&g->requests[g->call_count], PX_MESSAGE_MAX);
    assert_true(lf__buf_append(&g->requests[g->call_count], request));
    g->call_count++;
}

static void fake_cancel(struct lf__wire *wire, struct lf__call *call)
{
    struct fake_gateway *g = fake_of(wire);
    for (size_t i = 0; i < g->call_count; i++) {
        g->cancelled[i] = g->cancelled[i] || g->calls[i] == call;
    }
}

static void fake_wake(struct lf__wire *wire)
{
    fake_of(wire)->wakes++;
}

bool fake_has(const struct fake_gateway *g, const struct lf__hash *digest)
{
    for (size_t i = 0; i < g->size; i++) {
        if (lf__hash_eq(&g->digests[i], digest)) {
            return true;
        }
    }
    return false;
}

static void signature_check(const struct fake_gateway *g, const lf_bytes *envelopes, size_t count,
                            const struct px_signature *s)
{
    LF_BUF pae;
    LF_MEMTREE tree = {0, NULL};
    struct lf__hash leaves[BUNDLE_RECORDS_MAX];
    struct lf__signature signature;
    uint8_t body[4 + LF_HASH_BYTES];
    static const uint8_t tag = 0;
    lf__buf_init(&pae, 256);
    for (size_t i = 0; i < count; i++) {
        lf_bytes record;
        assert_true(px_envelope_record(envelopes[i], &record));
        leaves[i] = lf__dsse_hash((lf_bytes){&tag, 1}, LF_TYPE_RECORD, record);
    }
    assert_int_equal(lf__memtree_init(&tree, leaves, count, NULL), LF_OK);
    struct lf__hash root = lf__memtree_root(&tree);
    assert_true(lf__hash_eq(&root, &s->batch_root));
    lf__put_u32be(body, (uint32_t)count);
    lf__copy(body + 4, root.bytes, LF_HASH_BYTES);
    assert_true(lf__dsse_pae(&pae, LF_TYPE_BATCH, LF_BYTES_ARRAY(body)));
    assert_int_equal(s->signature.len, sizeof signature.bytes);
    lf__copy(signature.bytes, s->signature.ptr, sizeof signature.bytes);
    assert_int_equal(lf__verify(&g->member_key, lf__buf_bytes(&pae), &signature, NULL), LF_OK);
}

static enum px_outcome entry_add(struct fake_gateway *g, lf_bytes envelope,
                                 const struct px_signature *s, size_t *index)
{
    LF_BUF block;
    lf_bytes record;
    struct lf__hash members = {{0}};
    struct lf__block_signature one = {(uint8_t)s->alg, s->key_id, s->batch_size, &s->batch_root,
                                      s->signature};
    lf__buf_init(&block, 4096);
    assert_true(px_envelope_record(envelope, &record));
    struct lf__hash digest = px_record_digest(record);
    for (*index = 0; *index < g->size; (*index)++) {
        if (lf__hash_eq(&g->digests[*index], &digest)) {
            return PX_OUTCOME_DUPLICATE;
        }
    }
    assert_true(g->size < FAKE_ENTRIES);
    assert_true(lf__signature_block(&block, &one, 1));
    g->digests[g->size] = digest;
    digest.bytes[0] ^= g->lies ? 1 : 0;
    lf__ledger_leaf((uint64_t)g->size, &members, &digest, lf__buf_bytes(&block),
                    g->leaves[g->size]);
    g->size++;
    return PX_OUTCOME_ACCEPTED;
}

static void answer_write(struct fake_gateway *g, struct px_result *results,
                         struct lf__proof *proofs, size_t count, struct lf__buf *answer)
{
    LF_BUF note;
    LF_MEMTREE tree = {0, NULL};
    struct lf__hash *hashes = calloc(g->size, sizeof *hashes);
    for (size_t i = 0; i < g->size; i++) {
        hashes[i] = lf__merkle_leaf(LF_BYTES_ARRAY(g->leaves[i]));
    }
    assert_int_equal(lf__memtree_init(&tree, hashes, g->size, NULL), LF_OK);
    struct lf__tree view = lf__memtree_view(&tree);
    struct lf__merkle_head head = {g->size, lf__memtree_root(&tree)};
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lf__merkle_prove_inclusion(&view, results[i].index, &proofs[i], NULL),
                         LF_OK);
        results[i].path = proofs[i].hashes;
        results[i].path_count = proofs[i].count;
    }
    lf__buf_init(&note, 4096);
    assert_true(lf__checkpoint_sign(&head, &g->key, g->seed, &note));
    assert_true(px_results_encode(results, count, lf__buf_bytes(&note), answer));
    free(hashes);
}

static void batch_take(struct fake_gateway *g, lf_bytes request, struct lf__buf *answer)
{
    LF_ARENA arena;
    lf_bytes *envelopes = NULL;
    size_t count = 0;
    struct px_signature signature;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    assert_int_equal(px_batch_request_decode(&arena, request, &envelopes, &count, &signature, NULL),
                     LF_OK);
    signature_check(g, envelopes, count, &signature);
    struct px_result *results = calloc(count, sizeof *results);
    struct lf__proof *proofs = calloc(count, sizeof *proofs);
    for (size_t i = 0; i < count; i++) {
        size_t index = 0;
        results[i].outcome = entry_add(g, envelopes[i], &signature, &index);
        results[i].index = index;
        results[i].leaf = LF_BYTES_ARRAY(g->leaves[index]);
        results[i].origin = lf__bytes_str("test.example/ledger");
    }
    answer_write(g, results, proofs, count, answer);
    free(results);
    free(proofs);
}

static void batch_note(struct fake_gateway *g, lf_bytes request)
{
    assert_true(g->batch_count < FAKE_BATCHES);
    LF_ARENA arena;
    lf_bytes *envelopes = NULL;
    struct px_signature signature;
    lf__arena_init(&arena, CLIENT_ARENA_MAX);
    assert_int_equal(px_batch_request_decode(&arena, request, &envelopes,
                                             &g->batches[g->batch_count], &signature, NULL),
                     LF_OK);
    g->sums[g->batch_count++] = lf__sha256(request);
}

void fake_land(struct fake_gateway *g, size_t at)
{
    assert_true(at < g->call_count);
    struct lf__call *call = g->calls[at];
    struct lf__buf request = g->requests[at];
    bool is_cancelled = g->cancelled[at];
    g->call_count--;
    for (size_t i = at; i < g->call_count; i++) {
        g->calls[i] = g->calls[i + 1];
        g->requests[i] = g->requests[i + 1];
        g->cancelled[i] = g->cancelled[i + 1];
    }
    call->status = LF_OK;
    call->retry_ms = 0;
    batch_note(g, lf__buf_bytes(&request));
    if (is_cancelled) {
        call->status = lf__fail(&call->error, LF_E_CANCELED, "call: canceled");
    } else if (g->fail_count > 0) {
        call->error = g->fails[0];
        call->status = call->error.status;
        call->retry_ms = g->fail_retry_ms;
        g->fail_count--;
        for (size_t i = 0; i < g->fail_count; i++) {
            g->fails[i] = g->fails[i + 1];
        }
    } else {
        batch_take(g, lf__buf_bytes(&request), &call->answer);
    }
    lf__buf_done(&request);
    call->done(call);
}

static size_t landing(const struct fake_gateway *g)
{
    for (size_t i = 0; i < g->call_count; i++) {
        if (g->cancelled[i] || !g->holds) {
            return i;
        }
    }
    return g->call_count;
}

static void fake_wait(struct lf__wire *wire, int64_t until_ns)
{
    struct fake_gateway *g = fake_of(wire);
    size_t at = landing(g);
    if (g->wakes > 0) {
        g->wakes = 0;
    } else if (at < g->call_count) {
        fake_land(g, at);
    } else if (!g->is_still && until_ns != INT64_MAX && until_ns > g->now_ns) {
        g->now_ns = until_ns;
    }
}

static void fake_shut(struct lf__wire *wire)
{
    struct fake_gateway *g = fake_of(wire);
    assert_int_equal(g->call_count, 0);
    g->is_closed = true;
}

static const struct lf__wire_ops fake_ops = {fake_start, fake_cancel, fake_wake, fake_wait,
                                             fake_shut};

lf_client *fake_open(struct fake_gateway *g)
{
    lf_client *client = calloc(1, sizeof *client);
    struct lf__public_key key;
    *g = (struct fake_gateway){.wire = {&fake_ops}, .now_ns = 1000000000};
    fake_current = g;
    g->seed = lf__secret_new(LF_ED25519_SEED);
    lf__random(lf__secret_bytes(g->seed), LF_ED25519_SEED);
    key = lf__sign_public(g->seed);
    assert_int_equal(lf__note_key_make("test.example/ledger", &key, &g->key, NULL), LF_OK);
    lf__client_init(client);
    client->options = (lf_client_options){
        .linger_us = 1000, .batch_records = BUNDLE_RECORDS_MAX, .batches = 4, .pending = 1000};
    (void)snprintf(client->profile.member, sizeof client->profile.member, "platform-01");
    client->profile.ledger = g->key;
    client->profile.sign = lf__secret_new(CLIENT_SECRET_BYTES);
    client->profile.push = lf__secret_new(CLIENT_SECRET_BYTES);
    lf__random(lf__secret_bytes(client->profile.sign), CLIENT_SECRET_BYTES);
    g->member_key = lf__sign_public(client->profile.sign);
    client->profile.sign_key_id = lf__key_id(&g->member_key);
    client->driver.now = fake_now;
    client->driver.wire = &g->wire;
    atomic_store(&client->is_driven, true);
    return client;
}

void fake_close(struct fake_gateway *g, lf_client *client)
{
    lf_client_close(client);
    assert_true(g->is_closed);
    lf__secret_free(g->seed);
}
