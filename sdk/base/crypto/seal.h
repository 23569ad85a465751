/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/crypto/seal.h - a stream of chunks that only the key's holder can read, and that nobody can
 * change, reorder, cut or extend unseen: libsodium's secretstream (XChaCha20-Poly1305).
 * Threads: one a stream.
 */
#ifndef LF__SEAL_H
#define LF__SEAL_H

#include "base/secret.h"

enum { LF_SEAL_KEY = 32, LF_SEAL_SALT = 16, LF_SEAL_HEADER = 24, LF_SEAL_EXTRA = 17 };

struct lf__seal;

/* Argon2id, "moderate": about a second and 256 MiB. `salt` is stored beside what is sealed. */
lf_status lf__seal_key(lf_bytes passphrase, const uint8_t salt[static LF_SEAL_SALT],
                       struct lf__secret **out, lf_error *err);
/* A fresh stream; `header` is to be stored in front of its chunks. */
lf_status lf__seal_begin(const struct lf__secret *key, uint8_t header[static LF_SEAL_HEADER],
                         struct lf__seal **out, lf_error *err);
/* The same stream, to be read. */
lf_status lf__seal_open(const struct lf__secret *key, const uint8_t header[static LF_SEAL_HEADER],
                        struct lf__seal **out, lf_error *err);
void lf__seal_free(struct lf__seal *seal); /* wipes; NULL allowed */
static inline void lf__seal_cleanup(struct lf__seal **seal)
{
    lf__seal_free(*seal);
}
#define LF_SEAL __attribute__((cleanup(lf__seal_cleanup))) struct lf__seal

/* Writes plain.len + LF_SEAL_EXTRA bytes. `beside` (may be empty) is vouched for, not carried. */
void lf__seal_push(struct lf__seal *seal, lf_bytes plain, lf_bytes beside, bool is_last,
                   uint8_t *out);
/* Writes sealed.len - LF_SEAL_EXTRA bytes. E_SIGNATURE for a wrong key and for any change. */
lf_status lf__seal_pull(struct lf__seal *seal, lf_bytes sealed, lf_bytes beside, uint8_t *out,
                        bool *is_last, lf_error *err);

#endif
