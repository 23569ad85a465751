/* SPDX-License-Identifier: Apache-2.0 */
/* The table is data (data/words.txt), built in. */
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

extern const unsigned char cli_words[];
extern const size_t cli_words_size;

/* The next word of the line, or NULL at its end. */
static const char *word_next(const char **at, const char *end, size_t *len)
{
    while (*at < end && **at == ' ') {
        (*at)++;
    }
    const char *word = *at;
    while (*at < end && **at != ' ') {
        (*at)++;
    }
    *len = (size_t)(*at - word);
    return *len == 0 ? NULL : word;
}

static int is_word(const char *at, size_t len, const char *want)
{
    return at != NULL && len == strlen(want) && memcmp(at, want, len) == 0;
}

/* True when the line is of this table and has the word; `code` is then its code. */
static int line_has(const char *line, const char *end, const char *table, const char *word,
                    char code[static WORDS_CODE_MAX])
{
    size_t len = 0;
    size_t code_len = 0;
    const char *first = word_next(&line, end, &len);
    if (!is_word(first, len, table)) {
        return 0;
    }
    const char *name = word_next(&line, end, &code_len);
    for (const char *at = name; at != NULL; at = word_next(&line, end, &len)) {
        if (at != name && is_word(at, len, word)) {
            (void)snprintf(code, WORDS_CODE_MAX, "%.*s", (int)code_len, name);
            return 1;
        }
    }
    return 0;
}

const char *words_code(const char *table, const char *word, char out[static WORDS_CODE_MAX])
{
    const char *at = (const char *)cli_words;
    const char *end = at + cli_words_size;
    while (word[0] != '\0' && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (line_has(at, line_end, table, word, out)) {
            return out;
        }
        at = line_end + (line_end < end ? 1 : 0);
    }
    return word;
}
