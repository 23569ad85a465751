/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 through libsodium; expanded keys live in wiped locals only. */
#include "base/crypto/sign.h"

#include "base/bytes.h"
#include "base/status.h"

#include <sodium.h>

lf_status lf__public_key_check(const struct lf__public_key *key, lf_error *err)
{
    if (key->alg != LF_ALG_ED25519) {
        return lf__refuse(err, LF_E_ARG, "KEY_ALGORITHM", "alg", "key: unknown algorithm %d",
                          (int)key->alg);
    }
    if (crypto_core_ed25519_is_valid_point(key->bytes) != 1) {
        return lf__refuse(err, LF_E_ARG, "KEY_WEAK", "public_key",
                          "key: not a point of the prime-order group");
    }
    return LF_OK;
}

struct lf__hash lf__key_id(const struct lf__public_key *key)
{
    uint8_t alg = (uint8_t)key->alg;
    lf_bytes pieces[] = {{&alg, 1}, LF_BYTES_ARRAY(key->bytes)};
    return lf__sha256_parts(pieces, LF_COUNT(pieces));
}

struct lf__public_key lf__sign_public(const struct lf__secret *seed)
{
    struct lf__public_key key = {.alg = LF_ALG_ED25519};
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(key.bytes, expanded, lf__secret_view(seed));
    sodium_memzero(expanded, sizeof expanded);
    return key;
}

struct lf__signature lf__sign(const struct lf__secret *seed, lf_bytes message)
{
    struct lf__signature out;
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(public_key, expanded, lf__secret_view(seed));
    (void)crypto_sign_detached(out.bytes, NULL, message.ptr, message.len, expanded);
    sodium_memzero(expanded, sizeof expanded);
    return out;
}

lf_status lf__verify(const struct lf__public_key *key, lf_bytes message,
                     const struct lf__signature *signature, lf_error *err)
{
    if (key->alg == LF_ALG_ED25519 &&
        crypto_sign_verify_detached(signature->bytes, message.ptr, message.len, key->bytes) == 0) {
        return LF_OK;
    }
    return lf__refuse(err, LF_E_SIGNATURE, "SIGNATURE_BAD", "signatures",
                      "signature: does not verify");
}
