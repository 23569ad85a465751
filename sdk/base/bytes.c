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

/* The digits of base64, each one more than its value: 0 is what is no digit. A receipt is two kilobytes
 * of base64, all public: no need for libsodium's constant time, which costs as much as half a signature;
 * comparisons in place of a table would cost a fifth of one. */
static const uint8_t base64_digits[UINT8_MAX + 1] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64};

/* Whole groups, padding at the end only, and no bits behind the padding: the one text of its bytes. */
static bool base64_is_canonical(lf_bytes text, size_t *len)
{
    size_t letters = text.len;
    bool all = text.len % 4 == 0;
    while (letters > 0 && text.len - letters < 2 && text.ptr[letters - 1] == '=') {
        letters--;
    }
    for (size_t i = 0; i < letters; i++) {
        all &= base64_digits[text.ptr[i]] != 0;
    }
    size_t padding = text.len - letters;
    *len = text.len / 4 * 3 - padding;
    return all && (padding == 0 ||
                   ((base64_digits[text.ptr[letters - 1]] - 1u) & (padding == 1 ? 3u : 15u)) == 0);
}

/* Padding yields bits that nobody takes. */
static uint32_t base64_group(const uint8_t text[static 4])
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        group = group << 6 | ((base64_digits[text[i]] - 1u) & 63);
    }
    return group;
}

/* All is checked before, so that a refusal leaves `out` alone. */
bool lf__unbase64(lf_bytes text, uint8_t *out, size_t max, size_t *out_len)
{
    size_t len = 0;
    if (!base64_is_canonical(text, &len) || len > max) {
        return false;
    }
    for (size_t to = 0; to < len; to += 3) {
        uint32_t group = base64_group(text.ptr + to / 3 * 4);
        for (unsigned i = 0; i < 3 && to + i < len; i++) {
            out[to + i] = (uint8_t)(group >> (16 - 8 * i));
        }
    }
    *out_len = len;
    return true;
}
