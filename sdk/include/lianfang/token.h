/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lianfang/token.h - tokens of persons, accounts and telephones for MerchantIdentity records: equal values give equal
 * tokens under one key, and nobody without the key can tell what they are of. The key comes from the regulators
 * and stays with those whom they gave it to; the values never leave the program.
 *
 * A token is HMAC-SHA-256(key, "lianfang/v1 token" || 00 || u8 of || normal form), the normal form being the text after NFKC, in
 * upper case, without blanks and hyphens (protos/vectors/tokens.json).
 * Threads: any; a key may be shared. Errors never repeat a value.
 */
#ifndef LF_TOKEN_H
#define LF_TOKEN_H

#include <lianfang/base.h>

LF_BEGIN_DECLS

typedef enum lf_token_of {
    /* The number of an identity document: 18 characters with their check digit, the older 15 digits of the same person, or
     * 5 to 32 letters and digits of another document. A name is none. */
    LF_TOKEN_LEGAL_REP = 1,
    LF_TOKEN_ACCOUNT = 2, /* 4 to 64 letters, digits, or of @ . _ */
    LF_TOKEN_PHONE = 3    /* 7 to 15 digits; 0086, 86 or + in front of a mobile number goes */
} lf_token_of;

typedef struct lf_token_key lf_token_key;

/* 64 hex digits and a line feed. *out is owned: lf_token_key_free(). Reads the disk. E_FORMAT, E_IO, E_NOMEM. */
LF_API LF_MUST_USE lf_status lf_token_key_load(const char *path, lf_token_key **out, lf_error *err);
/* A new key in a new file that only its owner can read. E_EXISTS, E_IO. */
LF_API LF_MUST_USE lf_status lf_token_key_make(const char *path, lf_error *err);
LF_API void lf_token_key_free(lf_token_key *key); /* wipes; NULL is allowed */

#define LF_TOKEN_HEX_LEN 64

/* `clear` is overwritten, whatever comes of it. `out` gets lower-case hex and a NUL. E_REJECTED (TOKEN_VALUE). */
LF_API LF_MUST_USE lf_status lf_token_make(const lf_token_key *key, lf_token_of of, char *clear,
                                           size_t len, char out[LF_TOKEN_HEX_LEN + 1],
                                           lf_error *err);

LF_END_DECLS
#endif
