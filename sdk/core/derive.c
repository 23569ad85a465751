/* SPDX-License-Identifier: Apache-2.0 */
#include "core/derive.h"

#include "base/bytes.h"
#include "base/status.h"

#include <string.h>

static struct lf__hash row_hmac(lf_bytes secret, const char *purpose, const struct lf__row *row)
{
    LF_BUF text;
    lf__buf_init(&text, 256);
    LF_BUG_IF(row->ref.len > LF_DERIVE_REF_MAX);
    (void)lf__buf_append(&text, (lf_bytes){(const uint8_t *)purpose, strlen(purpose) + 1});
    (void)lf__buf_u32be(&text, row->kind);
    (void)lf__buf_append(&text, row->ref);
    (void)lf__buf_u8(&text, 0);
    (void)lf__buf_u32be(&text, row->version);
    LF_BUG_IF(text.failed);
    return lf__hmac_sha256(secret, lf__buf_bytes(&text));
}

void lf__derive_record_id(lf_bytes secret, const struct lf__row *row,
                          uint8_t out[static LF_RECORD_ID_BYTES])
{
    struct lf__hash hash = row_hmac(secret, "lianfang/v1 record id", row);
    lf__copy(out, hash.bytes, LF_RECORD_ID_BYTES);
}

void lf__derive_salt(lf_bytes secret, const struct lf__row *row, uint8_t part_class, lf_bytes body,
                     uint8_t out[static LF_SALT_BYTES])
{
    struct lf__hash base = row_hmac(secret, "lianfang/v1 salt", row);
    struct lf__hash of_body = lf__sha256(body);
    lf_bytes pieces[] = {lf__hash_bytes(&base), {&part_class, 1}, lf__hash_bytes(&of_body)};
    struct lf__hash salt = lf__sha256_parts(pieces, LF_COUNT(pieces));
    lf__copy(out, salt.bytes, LF_SALT_BYTES);
}
