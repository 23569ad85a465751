/* SPDX-License-Identifier: Apache-2.0 */
/* sdk/cli/table.h - a CSV, JSON or XLSX file as rows of named text fields. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_COLUMNS_MAX = 64 };

struct table_row {
    unsigned line;      /* in the file, from 1 */
    const char *error;  /* why this line is no row, or NULL */
    const char *reason; /* code of that; NULL: WIRE_MALFORMED */
    const char *field;  /* that it is of, or NULL */
    size_t of_column;   /* before the columns are renamed: the same, from 1; 0: none */
    uint64_t lists;     /* a bit for each cell that was a JSON list, its items parted by ';' */
    char *cells[TABLE_COLUMNS_MAX]; /* "" when empty or missing */
};
struct table {
    char *names[TABLE_COLUMNS_MAX];
    size_t columns;
    struct table_row *rows;
    size_t count;
    char *text;
};

/* Says why on standard error and returns false when the file cannot be read at all. `map` (NULL
 * allowed) names a file of "theirs=ours" lines that rename columns; each names one that is there. */
bool table_load(const char *path, const char *map, struct table *out);
void table_free(struct table *table);
/* TABLE_COLUMNS_MAX when there is no such column. */
size_t table_column(const struct table *table, const char *name);
const char *table_cell(const struct table *table, const struct table_row *row, const char *name);

#endif
