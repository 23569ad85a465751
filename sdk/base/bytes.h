/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/bytes.h - small helpers over borrowed bytes. Threads: any. No allocation.
 */
#ifndef LF__BYTES_H
#define LF__BYTES_H

#include <lianfang/base.h>
#include <stdbool.h>
#include <string.h>

/* A view of an array, of a C string (without its NUL), or of nothing. */
#define LF_BYTES_ARRAY(a) ((lf_bytes){(a), sizeof(a)})
#define LF_BYTES_NONE     ((lf_bytes){NULL, 0})
lf_bytes lf__bytes_str(const char *text);

bool lf__bytes_eq(lf_bytes a, lf_bytes b); /* not constant time: public data only */
int lf__bytes_cmp(lf_bytes a, lf_bytes b); /* memcmp order, shorter first */
bool lf__bytes_eq_str(lf_bytes a, const char *text);
lf_bytes lf__bytes_slice(lf_bytes b, size_t from, size_t len); /* clamped, never past the end */

/* memcpy that accepts len 0 with NULL, and the only one outside this directory. */
static inline void lf__copy(void *to, const void *from, size_t len)
{
    if (len > 0) {
        memcpy(to, from, len);
    }
}
/* `to` always ends with NUL; false when `from` did not fit or held a NUL (to is then ""). */
bool lf__copy_str(char *to, size_t size, lf_bytes from);

void lf__put_u16be(uint8_t out[static 2], uint16_t v);
void lf__put_u32be(uint8_t out[static 4], uint32_t v);
void lf__put_u64be(uint8_t out[static 8], uint64_t v);
/* Here, because every field that is read and every key that is compared goes through them. */
static inline uint32_t lf__get_u32be(const uint8_t in[static 4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}
static inline uint64_t lf__get_u64be(const uint8_t in[static 8])
{
    return (uint64_t)lf__get_u32be(in) << 32 | lf__get_u32be(in + 4);
}

/* Text forms. Encoders write a NUL and return the text's length, 0 when `size` is too small;
 * decoders are strict (no blanks, canonical padding) and return false without touching `out`
 * unless exactly well formed and at most `max` bytes. */
#define LF_HEX_SIZE(n)    (2 * (n) + 1)
#define LF_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
size_t lf__hex(lf_bytes in, char *out, size_t size);
bool lf__unhex(lf_bytes text, uint8_t *out, size_t max, size_t *out_len);
size_t lf__base64(lf_bytes in, char *out, size_t size);
bool lf__unbase64(lf_bytes text, uint8_t *out, size_t max, size_t *out_len);

#endif
