/* SPDX-License-Identifier: Apache-2.0 */
/* A fetched digest and a context per thread: EVP's lookups would cost more than short inputs. */
#include "base/crypto/hash.h"

#include "base/bytes.h"
#include "base/status.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
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

/* NULL out of memory. */
static EVP_MD_CTX *hash_context(void)
{
    (void)pthread_once(&hash_once, hash_setup);
    EVP_MD_CTX *ctx = pthread_getspecific(hash_key);
    if (ctx == NULL) {
        ctx = EVP_MD_CTX_new();
        if (ctx != NULL && pthread_setspecific(hash_key, ctx) != 0) {
            EVP_MD_CTX_free(ctx);
            ctx = NULL;
        }
    }
    return ctx;
}

static bool hash_fast(const lf_bytes *pieces, size_t count, struct lf__hash *out)
{
    EVP_MD_CTX *ctx = hash_context();
    bool good = ctx != NULL && EVP_DigestInit_ex2(ctx, hash_sha256_md, NULL) == 1;
    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(ctx, pieces[i].ptr, pieces[i].len) == 1;
    }
    return good && EVP_DigestFinal_ex(ctx, out->bytes, NULL) == 1;
}

/* Needs no memory, so that hashing cannot fail. */
static struct lf__hash hash_portable(const lf_bytes *pieces, size_t count)
{
    struct lf__hash out;
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++) {
        (void)crypto_hash_sha256_update(&state, pieces[i].ptr, pieces[i].len);
    }
    (void)crypto_hash_sha256_final(&state, out.bytes);
    return out;
}

struct lf__hash lf__sha256_parts(const lf_bytes *pieces, size_t count)
{
    struct lf__hash out;
    return hash_fast(pieces, count, &out) ? out : hash_portable(pieces, count);
}

struct lf__hash lf__sha256(lf_bytes data)
{
    return lf__sha256_parts(&data, 1);
}

/* RFC 2104: H(key ^ opad || H(key ^ ipad || data)), the key padded to one block. */
struct lf__hash lf__hmac_sha256(lf_bytes key, lf_bytes data)
{
    enum { BLOCK = 64, INNER = 0x36, OUTER = 0x5c };
    uint8_t pad[BLOCK] = {0};
    struct lf__hash short_key;
    if (key.len > BLOCK) {
        short_key = lf__sha256(key);
        key = lf__hash_bytes(&short_key);
    }
    lf__copy(pad, key.ptr, key.len);
    for (size_t i = 0; i < BLOCK; i++) {
        pad[i] ^= INNER;
    }
    lf_bytes inner[] = {LF_BYTES_ARRAY(pad), data};
    struct lf__hash out = lf__sha256_parts(inner, LF_COUNT(inner));
    for (size_t i = 0; i < BLOCK; i++) {
        pad[i] ^= INNER ^ OUTER;
    }
    lf_bytes outer[] = {LF_BYTES_ARRAY(pad), lf__hash_bytes(&out)};
    out = lf__sha256_parts(outer, LF_COUNT(outer));
    sodium_memzero(pad, sizeof pad);
    sodium_memzero(&short_key, sizeof short_key);
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
