/* SPDX-License-Identifier: Apache-2.0 */
/* Clear values stay in this process, and not for long: a token takes the place of each, whatever it is. */
#include "cli/tokens.h"

#include "cli/cli.h"

#include <lianfang/token.h>
#include <stdlib.h>
#include <string.h>

static const struct clear_column {
    const char *name;
    const char *token;
    lf_token_of of;
    const char *refusal;
} columns[] = {
    {"legal_rep_id", "legal_rep_token", LF_TOKEN_LEGAL_REP,
     "is not the number of an identity document"},
    {"account", "account_token", LF_TOKEN_ACCOUNT, "is not the number of an account"},
    {"phone", "phone_token", LF_TOKEN_PHONE, "is not a telephone number"},
};

/* False out of memory. */
static bool cell_take(const lf_token_key *key, const struct clear_column *column,
                      struct table_row *row, char **cell)
{
    lf_error err = LF_ERROR_INIT;
    char *clear = *cell;
    if (clear == NULL || clear[0] == '\0') {
        return true; /* not known: no token */
    }
    char *token = calloc(1, LF_TOKEN_HEX_LEN + 1);
    if (token == NULL) {
        return false;
    }
    if (lf_token_make(key, column->of, clear, strlen(clear), token, &err) != LF_OK) {
        row->error = column->refusal;
        row->reason = "TOKEN_VALUE";
        row->field = column->name;
    }
    free(clear);
    *cell = token;
    return true;
}

static bool column_take(const lf_token_key *key, const struct clear_column *column,
                        struct table *table)
{
    size_t at = table_column(table, column->name);
    bool good = true;
    for (size_t i = 0; good && at < table->columns && i < table->count; i++) {
        good = cell_take(key, column, &table->rows[i], &table->rows[i].cells[at]);
    }
    if (good && at < table->columns) {
        char *name = strdup(column->token);
        good = name != NULL;
        if (good) {
            free(table->names[at]);
            table->names[at] = name;
        }
    }
    return good;
}

bool tokens_take(struct table *table, const char *key_path)
{
    lf_error err = LF_ERROR_INIT;
    lf_token_key *key = NULL;
    bool good = true;
    if (lf_token_key_load(key_path, &key, &err) != LF_OK) {
        (void)cli_fail(&err);
        return false;
    }
    for (size_t i = 0; good && i < sizeof columns / sizeof columns[0]; i++) {
        good = column_take(key, &columns[i], table);
    }
    lf_token_key_free(key);
    if (!good) {
        (void)fprintf(stderr, "lianfang: push: out of memory\n");
    }
    return good;
}
