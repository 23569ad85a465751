/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/text_in.h - a text file of any length as UTF-8, a piece at a time. What is no character of its
 * encoding becomes U+FFFD in its place, so that one broken character costs one row and not the file.
 */
#ifndef CLI_TEXT_IN_H
#define CLI_TEXT_IN_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_BROKEN "\xef\xbf\xbd"
enum { TEXT_PIECE = 65536 };

struct text_in {
    FILE *file; /* borrowed; can be rewound */
    bool is_gb18030;
    iconv_t converter;
    size_t carried; /* of `raw`: the beginning of a character */
    bool is_at_end;
    unsigned char raw[TEXT_PIECE];
    char text[3 * TEXT_PIECE];
};

/* Reads the file once to see which encoding leaves the fewest broken characters; UTF-8 when both do as well.
 * NULL, or why it is no such text. Then stands at its beginning. */
const char *text_in_open(FILE *file, struct text_in *out);
void text_in_close(struct text_in *in);
/* To the beginning, after a byte-order mark. False when the file cannot be rewound. */
bool text_in_rewind(struct text_in *in);
/* The next piece, borrowed until the next call; never ends within a character. 0 at the end; then ferror tells
 * whether the file was read. */
size_t text_in_read(struct text_in *in, const char **out);

#endif
