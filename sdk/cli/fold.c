/* SPDX-License-Identifier: Apache-2.0 */
/* Only what occurs in headers, dates and reasons of lists; codes go through lf_uscc_check. */
#include "cli/fold.h"

#include <stdbool.h>
#include <string.h>

static size_t character_length(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

enum { NOTHING = 1 }; /* the ASCII of what is dropped */

static bool is_blank(const char *p, size_t len)
{
    return (len == 1 && *p <= ' ') || (len == 2 && memcmp(p, "\xc2\xa0", len) == 0) ||
           (len == 3 && memcmp(p, "\xe3\x80\x80", len) == 0);
}

/* Zero-width space, joiner, non-joiner, byte-order mark. */
static bool is_unseen(const char *p, size_t len)
{
    return len == 3 && ((memcmp(p, "\xe2\x80", 2) == 0 && p[2] >= '\x8b' && p[2] <= '\x8d') ||
                        memcmp(p, "\xef\xbb\xbf", len) == 0);
}

/* The ASCII that a character is compared as, or 0 for one that stays. */
static char ascii_of(const char *p, size_t len)
{
    const unsigned char *u = (const unsigned char *)p;
    if (is_blank(p, len)) {
        return ' ';
    }
    if (is_unseen(p, len)) {
        return NOTHING;
    }
    char c = len == 1 ? *p : 0;
    if (len == 3 && u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd)) { /* U+FF01 to U+FF5E */
        unsigned low = (u[1] == 0xbc ? 0 : 64u) + (u[2] - 0x80u);
        c = low >= 1 && low <= 0x5e ? (char)(low + 0x20) : 0;
    }
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char *fold(const char *text, char *out, size_t size, bool keeps_blanks)
{
    size_t used = 0;
    bool is_after_blank = false;
    for (size_t len = 0; *text != '\0'; text += len) {
        len = character_length((unsigned char)*text);
        len = len == 1 ? 1 : strnlen(text, len);
        char c = ascii_of(text, len);
        if (c == ' ' || c == NOTHING) {
            is_after_blank = is_after_blank || c == ' ';
            continue;
        }
        size_t room = (c != 0 ? 1 : len) + 1;
        if (used + room >= size) {
            break;
        }
        if (keeps_blanks && is_after_blank && used > 0) {
            out[used++] = ' ';
        }
        is_after_blank = false;
        memcpy(out + used, c != 0 ? &c : text, c != 0 ? 1 : len);
        used += c != 0 ? 1 : len;
    }
    out[used] = '\0';
    return out;
}

char *fold_text(const char *text, char *out, size_t size)
{
    return fold(text, out, size, false);
}

char *fold_words(const char *text, char *out, size_t size)
{
    return fold(text, out, size, true);
}
