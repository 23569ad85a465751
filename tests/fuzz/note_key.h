/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/note_key.h - the fixed key under which seeds are signed and the targets verify. */
#ifndef TEST_FUZZ_NOTE_KEY_H
#define TEST_FUZZ_NOTE_KEY_H

#include "core/note.h"
#include "fuzz/fuzz.h"

/* What the seeds' receipt claims of its record. */
static const uint8_t data_block[] = {1, 2, 3, 4};

static inline struct lf__public_key fuzz_keys(struct lf__secret **seed)
{
    struct lf__secret *secret = lf__secret_new(LF_ED25519_SEED);
    FUZZ_REQUIRE(secret != NULL);
    lf__secret_bytes(secret)[0] = 42;
    struct lf__public_key public_key = lf__sign_public(secret);
    if (seed != NULL) {
        *seed = secret;
    } else {
        lf__secret_free(secret);
    }
    return public_key;
}

/* The log's key. *seed is owned by the caller; NULL when only the public half is wanted. */
static inline void fuzz_note_key(struct lf__note_key *key, struct lf__secret **seed)
{
    struct lf__public_key public_key = fuzz_keys(seed);
    FUZZ_REQUIRE(lf__note_key_make("fuzz.example/ledger", &public_key, key, NULL) == LF_OK);
}

/* The same as a witness. */
static inline void fuzz_cosigner_key(struct lf__note_key *key, struct lf__secret **seed)
{
    struct lf__public_key public_key = fuzz_keys(seed);
    FUZZ_REQUIRE(lf__note_key_make_cosigner("witness.example", &public_key, key, NULL) == LF_OK);
}

#endif
