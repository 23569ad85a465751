/* SPDX-License-Identifier: Apache-2.0 */
/* Text rules that every entrance shares. */
#include "base/text.h"

static size_t utf8_length(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 2;
    }
    if ((lead & 0xf0) == 0xe0) {
        return 3;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* The second byte carries the limits: no overlong form, no surrogate, nothing past U+10FFFF. */
static bool utf8_second_is_valid(uint8_t lead, uint8_t second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second <= 0x9f;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second <= 0x8f;
    default:
        return true;
    }
}

bool lf__text_is_utf8(lf_bytes text)
{
    for (size_t i = 0; i < text.len;) {
        uint8_t lead = text.ptr[i];
        if (lead < 0x80 && lead != 0) {
            i++;
            continue;
        }
        size_t n = utf8_length(lead);
        if (lead == 0 || n == 0 || n > text.len - i) {
            return false;
        }
        for (size_t k = 1; k < n; k++) {
            if ((text.ptr[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        if (n > 1 && !utf8_second_is_valid(lead, text.ptr[i + 1])) {
            return false;
        }
        i += n;
    }
    return true;
}

bool lf__text_is_member_id(lf_bytes text)
{
    if (text.len < 3 || text.len > 40) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

bool lf__text_is_officer_id(lf_bytes text)
{
    bool has_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool is_digit = c >= '0' && c <= '9';
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_digit && !is_letter && c != '.' && c != '_' && c != '-') {
            return false;
        }
        has_digit = has_digit || is_digit;
    }
    return has_digit && text.len <= 40;
}

bool lf__text_u64(lf_bytes text, uint64_t *out)
{
    uint64_t v = 0;
    if (text.len == 0 || text.len > 20 || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c < '0' || c > '9' || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v)) {
            return false;
        }
    }
    *out = v;
    return true;
}
