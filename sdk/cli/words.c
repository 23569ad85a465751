/* SPDX-License-Identifier: Apache-2.0 */
/* The tables are data (data/words.txt, the rules' codes.txt), built in. */
#include "cli/words.h"

#include "cli/fold.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PART_MAX = 128, TEXT_MAX = 4097 };

extern const unsigned char cli_words[];
extern const size_t cli_words_size;
extern const unsigned char cli_codes[];
extern const size_t cli_codes_size;

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

static int is_part(const char *at, size_t len, const char *folded)
{
    char word[PART_MAX];
    char as_compared[PART_MAX];
    (void)snprintf(word, sizeof word, "%.*s", (int)len, at);
    return strstr(folded, fold_text(word, as_compared, sizeof as_compared)) != NULL;
}

typedef int fits(const char *at, size_t len, const char *want);

/* True when the line is of this table and one of its words fits; `code` is then its code. */
static int line_has(const char *line, const char *end, const char *table, const char *word,
                    fits *fit, char code[static WORDS_CODE_MAX])
{
    size_t len = 0;
    size_t code_len = 0;
    const char *first = word_next(&line, end, &len);
    if (!is_word(first, len, table)) {
        return 0;
    }
    const char *name = word_next(&line, end, &code_len);
    for (const char *at = name; at != NULL; at = word_next(&line, end, &len)) {
        if (at != name && fit(at, len, word)) {
            (void)snprintf(code, WORDS_CODE_MAX, "%.*s", (int)code_len, name);
            return 1;
        }
    }
    return 0;
}

static int table_has(const char *table, const char *word, fits *fit,
                     char code[static WORDS_CODE_MAX])
{
    const char *at = (const char *)cli_words;
    const char *end = at + cli_words_size;
    while (word[0] != '\0' && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (line_has(at, line_end, table, word, fit, code)) {
            return 1;
        }
        at = line_end + (line_end < end ? 1 : 0);
    }
    return 0;
}

const char *words_code(const char *table, const char *word, char out[static WORDS_CODE_MAX])
{
    return table_has(table, word, is_word, out) ? out : word;
}

const char *words_part(const char *table, const char *text, char out[static WORDS_CODE_MAX])
{
    char folded[TEXT_MAX];
    (void)fold_text(text, folded, sizeof folded);
    return table_has(table, folded, is_part, out) ? out : "";
}

const char *words_name(const char *table, const char *code, char out[static WORDS_NAME_MAX])
{
    const char *end = (const char *)cli_codes + cli_codes_size;
    out[0] = '\0';
    for (const char *at = (const char *)cli_codes; at < end && code[0] != '\0';) {
        size_t len = 0;
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        const char *word = word_next(&at, line_end, &len);
        bool is_it = is_word(word, len, table);
        word = word_next(&at, line_end, &len);
        if (is_it && is_word(word, len, code)) {
            word = word_next(&at, line_end, &len);
            (void)snprintf(out, WORDS_NAME_MAX, "%.*s", (int)len, word == NULL ? "" : word);
            return out;
        }
        at = line_end + 1;
    }
    return out;
}

const char *words_table(const char *kind, const char *field)
{
    static const struct {
        const char *kind; /* NULL: any */
        const char *field;
        const char *table;
    } tables[] = {{NULL, "violation", "violation"},
                  {NULL, "more_violations", "violation"},
                  {NULL, "violations", "violation"},
                  {NULL, "measures", "measure"},
                  {"RegistryEntry", "status", "status"} /* a Member has one, too */};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (strcmp(tables[i].field, field) == 0 &&
            (tables[i].kind == NULL || strcmp(tables[i].kind, kind) == 0)) {
            return tables[i].table;
        }
    }
    return NULL;
}
