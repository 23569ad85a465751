/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk/cli/rows_in.h - the rows of a CSV, JSON or XLSX file, one at a time: however long the file, one row is in
 * memory. The file is read twice: rows_in_open() looks whether it is whole before anything is done with a row,
 * for of a list that broke off the rest would seem to have left it.
 */
#ifndef CLI_ROWS_IN_H
#define CLI_ROWS_IN_H

#include "cli/text_in.h"

#include <stdint.h>

enum { ROWS_COLUMNS_MAX = 96, ROWS_NAME_MAX = 96, ROWS_BYTES_MAX = 1 << 20 };

enum rows_form { ROWS_CSV, ROWS_JSON };

/* Why a row is none. */
enum row_fault {
    ROW_GOOD,
    ROW_BROKEN_CHARACTER, /* column and character say where */
    ROW_QUOTE,            /* column: a quote stands in it and does not begin it */
    ROW_FIELDS,           /* another number of fields than the header */
    ROW_NOT_OBJECT,
    ROW_NOT_TEXT, /* column: neither text nor a number, nor (where lists are taken) a list of texts */
    ROW_COLUMNS   /* more columns than are read */
};

struct row_in {
    unsigned line; /* in which it begins, from 1; of a spreadsheet, its row */
    enum row_fault fault;
    size_t column;    /* of the fault */
    size_t character; /* of the fault, in the column, from 1 */
    uint64_t
        lists; /* a bit for each of the first 64 cells that was a list, its items parted by ';' */
    const char *cells[ROWS_COLUMNS_MAX]; /* borrowed for the call; NULL when missing */
};

struct rows_in {
    const char *path;
    FILE *file;
    struct text_in *text;
    enum rows_form form;
    bool is_sheet;    /* lines are its rows */
    bool is_lines;    /* JSON Lines: an object a line */
    bool takes_lists; /* of JSON, as texts; set by the caller once it is open */
    char names[ROWS_COLUMNS_MAX][ROWS_NAME_MAX];
    size_t columns; /* of JSON, grows as keys are met */
    uint64_t count; /* rows that the file has */
    char problem[192];
};

/* False stops the reading. */
typedef bool rows_in_cb(const struct row_in *row, void *user);

/* Says why on standard error when false. rows_in_close() in any case. */
bool rows_in_open(const char *path, struct rows_in *out);
/* Every row in turn. False when it could not be read to its end; `problem` says why. */
bool rows_in_each(struct rows_in *rows, rows_in_cb *each, void *user);
void rows_in_close(struct rows_in *rows);

/* ---- for the forms: rows_csv.c, rows_json.c, rows_sheet.c ---- */

/* One reading: the first (`each` NULL) checks and counts, and takes the names. */
bool rows_csv_read(struct rows_in *rows, rows_in_cb *each, void *user);
bool rows_json_read(struct rows_in *rows, rows_in_cb *each, void *user);
/* A list of texts as it would stand in a cell of CSV; the caller frees it. NULL when an item is no text, or holds the ';'. */
struct json_t;
char *rows_json_list(const struct json_t *list);
/* A spreadsheet as CSV in a file without a name; NULL after saying why. */
FILE *rows_sheet_open(const char *path);
/* The column of this name; a new one where there is room, else ROWS_COLUMNS_MAX. */
size_t rows_in_column(struct rows_in *rows, const char *name);
/* Finds the first broken character of the row's cells. */
void row_in_check(struct row_in *row, size_t columns);
void rows_in_problem(struct rows_in *rows, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
