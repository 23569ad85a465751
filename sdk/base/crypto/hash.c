/* SPDX-License-Identifier: Apache-2.0 */
/* A fetched digest and a context per thread: EVP's lookups would cost more than short inputs. */
#include "base/crypto/hash.h"

#include "base/status.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static EVP_MD *hash_sha256_md;
static pthread_key_t hash_key;
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void hash_context_free(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

static void hash_setup(void)
{
    LF_BUG_IF(sodium_init() < 0);
    LF_BUG_IF(pthread_key_create(&hash_key, hash_context_free) != 0);
    hash_sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
    LF_BUG_IF(hash_sha256_md == NULL);
}

static EVP_MD_CTX *hash_context(void)
{
    (void)pthread_once(&hash_once, hash_setup);
    EVP_MD_CTX *ctx = pthread_getspecific(hash_key);
    if (ctx == NULL) {
        ctx = EVP_MD_CTX_new();
        LF_BUG_IF(ctx == NULL || pthread_setspecific(hash_key, ctx) != 0);
    }
    return ctx;
}

struct lf__hash lf__sha256_parts(const lf_bytes *pieces, size_t count)
{
    struct lf__hash out;
    EVP_MD_CTX *ctx = hash_context();
    int ok = EVP_DigestInit_ex2(ctx, hash_sha256_md, NULL);
    for (size_t i = 0; i < count; i++) {
        ok &= EVP_DigestUpdate(ctx, pieces[i].ptr, pieces[i].len);
    }
    ok &= EVP_DigestFinal_ex(ctx, out.bytes, NULL);
    LF_BUG_IF(ok != 1);
    return out;
}

struct lf__hash lf__sha256(lf_bytes data)
{
    return lf__sha256_parts(&data, 1);
}

struct lf__hash lf__hmac_sha256(lf_bytes key, lf_bytes data)
{
    struct lf__hash out;
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key.ptr, key.len);
    (void)crypto_auth_hmacsha256_update(&state, data.ptr, data.len);
    (void)crypto_auth_hmacsha256_final(&state, out.bytes);
    sodium_memzero(&state, sizeof state);
    return out;
}

void lf__random(void *out, size_t len)
{
    (void)pthread_once(&hash_once, hash_setup);
    randombytes_buf(out, len);
}

lf_bytes lf__hash_bytes(const struct lf__hash *hash)
{
    return (lf_bytes){hash->bytes, LF_HASH_BYTES};
}

int lf__hash_eq(const struct lf__hash *a, const struct lf__hash *b)
{
    return memcmp(a->bytes, b->bytes, LF_HASH_BYTES) == 0;
}
