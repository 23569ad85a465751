/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/list_line.h - one row of a published list as a listing and, when it has ended, its removal. */
#ifndef CLI_LIST_LINE_H
#define CLI_LIST_LINE_H

#include "cli/layout.h"
#include "cli/values.h"
#include "cli/words.h"

#include <lianfang/lists.h>
#include <lianfang/uscc.h>

enum { LIST_WARNINGS_MAX = 4, LIST_TEXT_MAX = 4096 /* bytes, as in a record */ };

/* What the whole file says, and the command line. */
struct list_source {
    const struct rows_in *rows;
    struct layout_map map;
    const char *list;   /* --list: stands above what the rows say; or NULL */
    const char *region; /* --region, or NULL */
};

/* Text is borrowed from the row, or "". */
struct list_line {
    unsigned line;
    lf_uscc uscc;
    char list[WORDS_CODE_MAX];
    char reason[WORDS_CODE_MAX]; /* "" when the text fits none */
    char violation[WORDS_CODE_MAX];
    char listed_on[VALUE_DATE_SIZE];
    char removed_on[VALUE_DATE_SIZE]; /* "" while it is listed */
    bool has_undated_end;             /* said to have ended, and not when: for a person */
    const char *name;
    const char *reason_text;
    const char *authority;
    const char *document;
    const char *region;
    const char *list_id;
    const char *removal_text;
    const char *removal_authority;
    const char *removal_document;
    int64_t amount_fen;
    char ref[LF_LIST_REF_SIZE];
    const char *warnings[LIST_WARNINGS_MAX];
    size_t warning_count;
    const char *outcome; /* why it is rejected, in one word; NULL when it is not */
    lf_error error;
};

/* How the rows of a file are read: by --layout (NULL: auto), --list and --region as they were given. Says on standard error why not
 * when false. */
bool list_source_take(const struct rows_in *rows, const char *layout, struct list_source *out);
/* JSON shows its keys as they come: before each row. */
void list_source_renew(struct list_source *source);
/* False when the row is rejected: `outcome` and `error` say why. */
bool list_line_read(const struct list_source *source, const struct row_in *row,
                    struct list_line *out);
void list_line_warn(struct list_line *line, const char *warning);

#endif
