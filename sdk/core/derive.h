/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core/derive.h - record ids and salts from a member's push secret and its own name for a thing, so that
 * the same row always makes the same bytes and nobody else can guess them. Threads: any.
 */
#ifndef LF__DERIVE_H
#define LF__DERIVE_H

#include "base/crypto/hash.h"
#include "core/leaf.h"

enum { LF_RECORD_ID_BYTES = 16, LF_DERIVE_REF_MAX = 128 };

/* One state of one thing. */
struct lf__row {
    uint32_t kind; /* lianfang.v1.Kind */
    uint32_t version;
    lf_bytes ref; /* borrowed for the call; at most LF_DERIVE_REF_MAX bytes, or derivation aborts */
};

/* The first 16 bytes of HMAC-SHA-256(secret, "lianfang/v1 record id" || 00 || u32be kind || ref || 00 ||
 * u32be version). */
void lf__derive_record_id(lf_bytes secret, const struct lf__row *row,
                          uint8_t out[static LF_RECORD_ID_BYTES]);
/* The first 16 bytes of SHA-256(HMAC-SHA-256(secret, the same with "lianfang/v1 salt") || u8 class ||
 * SHA-256(body)): another body under the same ref must not share its salt. */
void lf__derive_salt(lf_bytes secret, const struct lf__row *row, uint8_t part_class, lf_bytes body,
                     uint8_t out[static LF_SALT_BYTES]);

#endif
