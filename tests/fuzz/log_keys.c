/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Covers px_log_key_proofs_decode, px_log_key_proof_decode, px_log_key_decode, px_log_keys_request_decode and what a client learns
 * from them. Input: an answer of GetLogKeys. Accepted: put again it reads the same. Nothing is learned but by the key of the seeds.
 */
#include "fuzz/fuzz.h"
#include "support/announce.h"

#include "client/log_keys.h"

static void one_try(struct lf__arena *arena, lf_bytes bytes)
{
    LF_BUF once;
    struct px_log_key_proof proof = {.index = 7777};
    struct px_envelope envelope;
    struct px_log_key key = {.from_size = 7777};
    lf__buf_init(&once, PX_MESSAGE_MAX);
    if (px_log_key_proof_decode(arena, bytes, &proof, NULL) == LF_OK) {
        FUZZ_REQUIRE(proof.leaf.len == LF_LEDGER_LEAF_BYTES);
        FUZZ_REQUIRE(px_log_key_proof_put(1, &proof, &once));
    }
    if (px_envelope_decode(arena, bytes, &envelope, NULL) == LF_OK &&
        px_log_key_decode(arena, &envelope, &key, NULL) != LF_OK) {
        FUZZ_REQUIRE(key.from_size == 7777);
    }
    (void)px_log_keys_request_decode(arena, bytes, NULL);
}

static void learn_try(const struct px_log_key_proof *list, size_t count)
{
    static struct lf__secret *seed;
    static struct lf__key_chain chains[LF__CHAINS];
    size_t learned = 7777;
    seed = seed != NULL ? seed : announce_seed(1);
    struct lf__note_key key = announce_key("test.example/ledger", seed);
    lf__key_chain_begin(&chains[0], &key);
    lf__key_chain_begin(&chains[1], &(struct lf__note_key){.name = ""});
    lf_error err = LF_ERROR_INIT;
    lf_status rc = lf__key_chains_learn(chains, list, count, &learned, &err);
    FUZZ_REQUIRE(learned <= count && (rc == LF_OK || err.message[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LF_ARENA arena;
    LF_BUF once;
    lf_bytes bytes = {data, size};
    struct px_log_key_proof *list = NULL;
    struct px_log_key_proof *again = NULL;
    size_t count = 7777;
    size_t count_again = 0;
    lf__arena_init(&arena, FUZZ_ARENA_BYTES);
    lf__buf_init(&once, PX_MESSAGE_MAX);
    one_try(&arena, bytes);
    if (px_log_key_proofs_decode(&arena, bytes, &list, &count, NULL) != LF_OK) {
        FUZZ_REQUIRE(count == 7777);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        one_try(&arena, list[i].envelope);
        FUZZ_REQUIRE(px_log_key_proof_put(1, &list[i], &once));
    }
    FUZZ_REQUIRE(px_log_key_proofs_decode(&arena, lf__buf_bytes(&once), &again, &count_again,
                                          NULL) == LF_OK);
    FUZZ_REQUIRE(count == count_again);
    learn_try(list, count);
    return 0;
}
