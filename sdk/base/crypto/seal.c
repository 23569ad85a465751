/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto/seal.h"

#include "base/status.h"

#include <sodium.h>

_Static_assert(LF_SEAL_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");
_Static_assert(LF_SEAL_HEADER == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header");
_Static_assert(LF_SEAL_EXTRA == crypto_secretstream_xchacha20poly1305_ABYTES, "extra");
_Static_assert(LF_SEAL_SALT == crypto_pwhash_SALTBYTES, "salt");

struct lf__seal {
    crypto_secretstream_xchacha20poly1305_state state;
};

lf_status lf__seal_key(lf_bytes passphrase, const uint8_t salt[static LF_SEAL_SALT],
                       struct lf__secret **out, lf_error *err)
{
    struct lf__secret *key = lf__secret_new(LF_SEAL_KEY);
    if (key == NULL ||
        crypto_pwhash(lf__secret_bytes(key), LF_SEAL_KEY, (const char *)passphrase.ptr,
                      passphrase.len, salt, crypto_pwhash_OPSLIMIT_MODERATE,
                      crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        lf__secret_free(key);
        return lf__fail(err, LF_E_NOMEM, "passphrase: out of memory");
    }
    *out = key;
    return LF_OK;
}

/* sodium_malloc: the state is as secret as the key. */
static struct lf__seal *seal_new(const struct lf__secret *key, lf_error *err)
{
    LF_BUG_IF(lf__secret_len(key) != LF_SEAL_KEY);
    struct lf__seal *seal = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *seal);
    if (seal == NULL) {
        (void)lf__fail(err, LF_E_NOMEM, "seal: out of memory");
    }
    return seal;
}

lf_status lf__seal_begin(const struct lf__secret *key, uint8_t header[static LF_SEAL_HEADER],
                         struct lf__seal **out, lf_error *err)
{
    struct lf__seal *seal = seal_new(key, err);
    if (seal == NULL) {
        return LF_E_NOMEM;
    }
    (void)crypto_secretstream_xchacha20poly1305_init_push(&seal->state, header,
                                                          lf__secret_view(key));
    *out = seal;
    return LF_OK;
}

lf_status lf__seal_open(const struct lf__secret *key, const uint8_t header[static LF_SEAL_HEADER],
                        struct lf__seal **out, lf_error *err)
{
    struct lf__seal *seal = seal_new(key, err);
    if (seal == NULL) {
        return LF_E_NOMEM;
    }
    if (crypto_secretstream_xchacha20poly1305_init_pull(&seal->state, header,
                                                        lf__secret_view(key)) != 0) {
        lf__seal_free(seal);
        return lf__fail(err, LF_E_FORMAT, "seal: not the head of a stream");
    }
    *out = seal;
    return LF_OK;
}

void lf__seal_free(struct lf__seal *seal)
{
    sodium_free(seal);
}

void lf__seal_push(struct lf__seal *seal, lf_bytes plain, lf_bytes beside, bool is_last,
                   uint8_t *out)
{
    (void)crypto_secretstream_xchacha20poly1305_push(
        &seal->state, out, NULL, plain.ptr, plain.len, beside.ptr, beside.len,
        is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
}

lf_status lf__seal_pull(struct lf__seal *seal, lf_bytes sealed, lf_bytes beside, uint8_t *out,
                        bool *is_last, lf_error *err)
{
    unsigned char tag = 0;
    if (sealed.len < LF_SEAL_EXTRA ||
        crypto_secretstream_xchacha20poly1305_pull(&seal->state, out, NULL, &tag, sealed.ptr,
                                                   sealed.len, beside.ptr, beside.len) != 0) {
        return lf__fail(err, LF_E_SIGNATURE, "seal: another key's, or changed");
    }
    *is_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return LF_OK;
}
