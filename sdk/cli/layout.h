/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/layout.h - which column of a published list holds what. Layouts are data (data/layouts.txt), built in.
 */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include "cli/rows_in.h"

enum layout_field {
    FIELD_USCC,
    FIELD_NAME,
    FIELD_LIST_WORD,
    FIELD_LIST_CLASS,
    FIELD_REASON_TEXT,
    FIELD_MEASURE_TEXT,
    FIELD_LISTED_ON,
    FIELD_AUTHORITY,
    FIELD_DOCUMENT,
    FIELD_REGION,
    FIELD_LIST_ID,
    FIELD_AMOUNT_WAN,
    FIELD_AMOUNT_FEN,
    FIELD_RECOVERED,
    FIELD_REMOVED_ON,
    FIELD_REMOVAL_TEXT,
    FIELD_REMOVAL_AUTHORITY,
    FIELD_REMOVAL_DOCUMENT,
    FIELD_IGNORED,
    FIELDS
};

enum { LAYOUT_FROM_MAX = 4, LAYOUT_NONE = -1 };

/* How the columns of one file are read. */
struct layout_map {
    int layout;
    size_t columns; /* of the file, when this was made */
    size_t from[FIELDS][LAYOUT_FROM_MAX];
    size_t from_count[FIELDS];
};

const char *layout_field_name(enum layout_field field);
const char *layout_name(int layout);
const char *layout_title(int layout);
/* The list that all of such a file is of; "" when its rows say, or nobody. */
const char *layout_list(int layout);
/* Names of all layouts, separated by ", ". */
void layout_names(char *out, size_t size);

/* `wanted` is "auto", a layout, or the first part of its name. Says on standard error which it is and why, or why
 * none; LAYOUT_NONE then. */
int layout_find(const struct rows_in *rows, const char *wanted);
void layout_map(int layout, const struct rows_in *rows, struct layout_map *out);
/* The first cell of the field that says something; NULL when there is none. */
const char *layout_cell(const struct layout_map *map, const struct row_in *row,
                        enum layout_field field);

#endif
