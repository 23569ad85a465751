/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/crypto/sign.h - Ed25519 with the strict checks of released libsodium (RFC 8032, cofactorless,
 * canonical S, no small-order points). The algorithm is a value, so that SM2 can join.
 * Threads: any.
 */
#ifndef LF__SIGN_H
#define LF__SIGN_H

#include "base/crypto/hash.h"
#include "base/secret.h"

enum { LF_ED25519_SEED = 32, LF_ED25519_PUBLIC = 32, LF_ED25519_SIGNATURE = 64 };

/* The numbers of lianfang.v1.Algorithm; part of every key id. */
enum lf__alg { LF_ALG_NONE = 0, LF_ALG_ED25519 = 1 };

struct lf__public_key {
    enum lf__alg alg;
    uint8_t bytes[LF_ED25519_PUBLIC];
};

struct lf__signature {
    uint8_t bytes[LF_ED25519_SIGNATURE];
};

/* E_ARG unless 32 bytes of a point in the prime-order subgroup: anything else would let the key's
 * owner make signatures on which verifiers disagree. */
lf_status lf__public_key_check(const struct lf__public_key *key, lf_error *err);
/* SHA-256(u8 alg || public key). */
struct lf__hash lf__key_id(const struct lf__public_key *key);
/* `seed` is 32 bytes. */
struct lf__public_key lf__sign_public(const struct lf__secret *seed);
struct lf__signature lf__sign(const struct lf__secret *seed, lf_bytes message);
/* OK or E_SIGNATURE. */
lf_status lf__verify(const struct lf__public_key *key, lf_bytes message,
                     const struct lf__signature *signature, lf_error *err);

#endif
