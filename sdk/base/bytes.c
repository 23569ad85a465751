/* SPDX-License-Identifier: Apache-2.0 */
/* Views, copies, fixed-size integers and the text forms of bytes. Never allocates. */
#include "base/bytes.h"

#include "base/status.h"

#include <sodium.h>
#include <string.h>

lf_bytes lf__bytes_str(const char *text)
{
    return (lf_bytes){(const uint8_t *)text, strlen(text)};
}

bool lf__bytes_eq(lf_bytes a, lf_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int lf__bytes_cmp(lf_bytes a, lf_bytes b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    if (order != 0) {
        return order;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

bool lf__bytes_eq_str(lf_bytes a, const char *text)
{
    return lf__bytes_eq(a, lf__bytes_str(text));
}

lf_bytes lf__bytes_slice(lf_bytes b, size_t from, size_t len)
{
    if (from >= b.len) {
        return LF_BYTES_NONE;
    }
    size_t rest = b.len - from;
    return (lf_bytes){b.ptr + from, len < rest ? len : rest};
}

bool lf__copy_str(char *to, size_t size, lf_bytes from)
{
    to[0] = '\0';
    if (from.len >= size || (from.len > 0 && memchr(from.ptr, 0, from.len) != NULL)) {
        return false;
    }
    lf__copy(to, from.ptr, from.len);
    to[from.len] = '\0';
    return true;
}

void lf__put_u16be(uint8_t out[static 2], uint16_t v)
{
    out[0] = (uint8_t)(v >> 8);
    out[1] = (uint8_t)v;
}

void lf__put_u32be(uint8_t out[static 4], uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

void lf__put_u64be(uint8_t out[static 8], uint64_t v)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(v >> (56 - 8 * i));
    }
}

size_t lf__hex(lf_bytes in, char *out, size_t size)
{
    if (size < LF_HEX_SIZE(in.len)) {
        return 0;
    }
    (void)sodium_bin2hex(out, size, in.ptr, in.len);
    return 2 * in.len;
}

bool lf__unhex(lf_bytes text, uint8_t *out, size_t max, size_t *out_len)
{
    if (text.len % 2 != 0 || text.len / 2 > max) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    size_t len = 0;
    if (sodium_hex2bin(out, max, (const char *)text.ptr, text.len, NULL, &len, NULL) != 0) {
        return false;
    }
    *out_len = len;
    return true;
}

size_t lf__base64(lf_bytes in, char *out, size_t size)
{
    if (size < LF_BASE64_SIZE(in.len)) {
        return 0;
    }
    (void)sodium_bin2base64(out, size, in.ptr, in.len, sodium_base64_VARIANT_ORIGINAL);
    return LF_BASE64_SIZE(in.len) - 1;
}

/* 64 for what is no base64 character. A receipt is two kilobytes of it, all public: no need for
 * libsodium's constant time, which costs as much as half a signature. */
static unsigned base64_value(uint8_t c)
{
    if (c >= 'a') {
        return c <= 'z' ? c - 'a' + 26u : 64;
    }
    if (c >= 'A') {
        return c <= 'Z' ? c - 'A' + 0u : 64;
    }
    if (c >= '0') {
        return c <= '9' ? c - '0' + 52u : 64;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Whole groups, padding at the end only, and no bits behind the padding: the one text of its bytes. */
static bool base64_is_canonical(lf_bytes text, size_t *len)
{
    size_t letters = text.len;
    while (letters > 0 && text.len - letters < 2 && text.ptr[letters - 1] == '=') {
        letters--;
    }
    size_t padding = text.len - letters;
    if (text.len % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < letters; i++) {
        if (base64_value(text.ptr[i]) == 64) {
            return false;
        }
    }
    *len = text.len / 4 * 3 - padding;
    return padding == 0 || (base64_value(text.ptr[letters - 1]) & (padding == 1 ? 3u : 15u)) == 0;
}

/* All is checked before, so that a refusal leaves `out` alone. */
bool lf__unbase64(lf_bytes text, uint8_t *out, size_t max, size_t *out_len)
{
    size_t len = 0;
    if (!base64_is_canonical(text, &len) || len > max) {
        return false;
    }
    for (size_t from = 0, to = 0; to < len; from += 4) {
        uint32_t group = 0;
        for (size_t i = 0; i < 4; i++) {
            group = group << 6 | (base64_value(text.ptr[from + i]) & 63); /* padding counts 0 */
        }
        for (unsigned shift = 16; to < len && shift <= 16; shift -= 8) {
            out[to++] = (uint8_t)(group >> shift);
        }
    }
    *out_len = len;
    return true;
}
