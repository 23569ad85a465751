/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/crypto/hash.h - SHA-256 and HMAC-SHA-256 through OpenSSL (libsodium's are portable C, several
 * times slower), random bytes through libsodium.
 * Threads: any; each hash call uses a context of its own thread.
 */
#ifndef LF__HASH_H
#define LF__HASH_H

#include <lianfang/base.h>

enum { LF_HASH_BYTES = 32 };

struct lf__hash {
    uint8_t bytes[LF_HASH_BYTES];
};

/* SHA-256 of one piece, or of the pieces in order. Never fails: where OpenSSL has no
 * memory, libsodium does it. */
struct lf__hash lf__sha256(lf_bytes data);
struct lf__hash lf__sha256_parts(const lf_bytes *pieces, size_t count);
struct lf__hash lf__hmac_sha256(lf_bytes key, lf_bytes data);
void lf__random(void *out, size_t len);
/* Borrowed as long as `hash` lives. */
lf_bytes lf__hash_bytes(const struct lf__hash *hash);
int lf__hash_eq(const struct lf__hash *a, const struct lf__hash *b); /* 1 equal, 0 not */

#endif
