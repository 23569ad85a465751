/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/words.h - what sources write in their own words, as the contract's codes; and codes as people say them. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stddef.h>

enum { WORDS_CODE_MAX = 32, WORDS_NAME_MAX = 96 };

/* What people call a code of the rules' tables (violation, measure, status, ...), in Chinese; "" of one that is not
 * in them. The field of a kind of record that has such codes leads to its table, or to NULL. */
const char *words_name(const char *table, const char *code, char out[static WORDS_NAME_MAX]);
const char *words_table(const char *kind, const char *field);

/* The code that `table` gives for `word`, in `out`; the word itself when the table has none for it:
 * then it is a code already, or the gateway says that it is neither. */
const char *words_code(const char *table, const char *word, char out[static WORDS_CODE_MAX]);

/* The code of the table's first line that has a word which is part of `text`, both folded; "" when none has. */
const char *words_part(const char *table, const char *text, char out[static WORDS_CODE_MAX]);

/* A code or field of the contract in Chinese; itself where there is no word for it. */
const char *cli_chinese(const char *code);

#endif
