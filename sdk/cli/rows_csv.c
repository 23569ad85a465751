/* SPDX-License-Identifier: Apache-2.0 */
/* CSV through libcsv, line by line, so that rows are told by the line in which they begin. */
#include "cli/rows_in.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct csv_reading {
    struct rows_in *rows;
    rows_in_cb *each; /* NULL in the first reading */
    void *user;
    struct row_in row;
    char *bytes; /* of the row's cells, one after another */
    size_t used;
    size_t offsets[ROWS_COLUMNS_MAX];
    size_t column;
    size_t weight; /* bytes of the file since the row began */
    unsigned line;
    unsigned char parting; /* between fields */
    bool has_header;
    bool is_open; /* the row goes on in the next line */
    bool is_stopped;
};

static void on_cell(void *bytes, size_t len, void *user)
{
    struct csv_reading *r = user;
    if (r->column < ROWS_COLUMNS_MAX && r->used + len + 1 <= ROWS_BYTES_MAX + ROWS_COLUMNS_MAX) {
        r->offsets[r->column] = r->used;
        memcpy(r->bytes + r->used, bytes == NULL ? "" : bytes, bytes == NULL ? 0 : len);
        r->bytes[r->used + len] = '\0';
        r->used += len + 1;
    }
    r->column++;
}

static void header_take(struct csv_reading *r)
{
    struct rows_in *rows = r->rows;
    if (r->each != NULL) {
        return;
    }
    for (size_t i = 0; i < r->column && rows->problem[0] == '\0'; i++) {
        const char *name = i < ROWS_COLUMNS_MAX ? r->bytes + r->offsets[i] : "";
        size_t before = rows->columns;
        char blank[32];
        (void)snprintf(blank, sizeof blank, "(column %zu)", i + 1);
        if (strlen(name) >= ROWS_NAME_MAX) {
            rows_in_problem(rows, "column %zu has a name of more than %d bytes", i + 1,
                            ROWS_NAME_MAX - 1);
        } else if (rows_in_column(rows, name[0] == '\0' ? blank : name) != before) {
            rows_in_problem(rows,
                            before == ROWS_COLUMNS_MAX ? "has more than %.0s%d columns"
                                                       : "column '%.80s' is there twice",
                            name, ROWS_COLUMNS_MAX);
        }
    }
    r->is_stopped = rows->problem[0] != '\0';
}

static void row_take(struct csv_reading *r)
{
    struct rows_in *rows = r->rows;
    if (r->each == NULL) {
        rows->count++;
        return;
    }
    r->row.fault = r->column == rows->columns ? ROW_GOOD : ROW_FIELDS;
    for (size_t i = 0; i < rows->columns; i++) {
        r->row.cells[i] = i < r->column ? r->bytes + r->offsets[i] : NULL;
    }
    row_in_check(&r->row, rows->columns);
    r->is_stopped = !r->each(&r->row, r->user);
}

static void on_row(int end, void *user)
{
    struct csv_reading *r = user;
    (void)end;
    if (!r->is_stopped && !r->has_header) {
        header_take(r);
    } else if (!r->is_stopped) {
        row_take(r);
    }
    r->has_header = true;
    r->used = 0;
    r->column = 0;
    r->weight = 0;
    r->is_open = false;
}

/* Up to and with the line feed; `len` when it goes on in the next piece. */
static size_t line_length(const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);
    return end == NULL ? len : (size_t)(end - text) + 1;
}

/* A quote that is wrong costs its row, where it is plain that the row ends with this line: it began here, and no carriage return
 * parts rows within it. A field that was opened in an earlier line may have taken rows in, and the file is refused. */
static bool is_one_row(const struct csv_reading *r, const char *rest, size_t len)
{
    size_t end = len > 1 && rest[len - 2] == '\r' ? len - 2 : len - 1;
    return r->has_header && r->row.line == r->line && rest[len - 1] == '\n' &&
           memchr(rest, '\r', end) == NULL;
}

static bool parser_begin(struct csv_parser *parser, const struct csv_reading *r)
{
    bool good = csv_init(parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
    if (good) {
        csv_set_delim(parser, r->parting);
    }
    return good;
}

/* A header without a comma is parted by what spreadsheets write instead: tabs, else semicolons. */
static void parting_find(struct csv_parser *parser, struct csv_reading *r, const char *text,
                         size_t len)
{
    if (memchr(text, ',', len) == NULL) {
        r->parting = memchr(text, '\t', len) != NULL  ? '\t'
                     : memchr(text, ';', len) != NULL ? ';'
                                                      : ',';
        csv_set_delim(parser, r->parting);
    }
}

static bool quote_take(struct csv_parser *parser, struct csv_reading *r)
{
    r->row.fault = ROW_QUOTE;
    r->row.column = r->column;
    for (size_t i = 0; i < r->rows->columns; i++) {
        r->row.cells[i] = NULL;
    }
    r->rows->count += r->each == NULL ? 1 : 0;
    r->is_stopped = r->each != NULL && !r->each(&r->row, r->user);
    r->used = 0;
    r->column = 0;
    r->weight = 0;
    r->is_open = false;
    csv_free(parser);
    return parser_begin(parser, r);
}

static bool line_take(struct csv_parser *parser, struct csv_reading *r, const char *text,
                      size_t len)
{
    bool is_blank = true;
    for (size_t i = 0; is_blank && i < len; i++) {
        is_blank = strchr(" \t\r\n", text[i]) != NULL;
    }
    if (!r->is_open && !is_blank) {
        r->is_open = true;
        if (!r->has_header) {
            parting_find(parser, r, text, len);
        }
        r->row.line = r->line;
    }
    r->weight += len;
    if (r->weight > ROWS_BYTES_MAX) {
        rows_in_problem(r->rows, "line %u: a row of more than %d bytes", r->row.line,
                        ROWS_BYTES_MAX);
        return false;
    }
    size_t taken = csv_parse(parser, text, len, on_cell, on_row, r);
    if (taken != len && !(is_one_row(r, text + taken, len - taken) && quote_take(parser, r))) {
        rows_in_problem(r->rows, "line %u: a quote is not closed, or stands in a field",
                        r->row.line);
        return false;
    }
    r->line += text[len - 1] == '\n' ? 1 : 0;
    r->weight = r->is_open ? r->weight : 0;
    return !r->is_stopped;
}

static bool lines_take(struct csv_parser *parser, struct csv_reading *r)
{
    const char *text = NULL;
    for (size_t len = text_in_read(r->rows->text, &text); len > 0;
         len = text_in_read(r->rows->text, &text)) {
        for (size_t line = 0; len > 0; text += line, len -= line) {
            line = line_length(text, len);
            if (!line_take(parser, r, text, line)) {
                return false;
            }
        }
    }
    if (csv_fini(parser, on_cell, on_row, r) != 0) {
        rows_in_problem(r->rows, "line %u: a quote is not closed", r->row.line);
        return false;
    }
    return true;
}

/* Strict: a stray quote would otherwise take the rows that follow into one field. */
bool rows_csv_read(struct rows_in *rows, rows_in_cb *each, void *user)
{
    struct csv_parser parser;
    struct csv_reading r = {.rows = rows, .each = each, .user = user, .line = 1, .parting = ','};
    r.bytes = malloc(ROWS_BYTES_MAX + ROWS_COLUMNS_MAX);
    if (r.bytes == NULL || !parser_begin(&parser, &r)) {
        rows_in_problem(rows, "out of memory");
        free(r.bytes);
        return false;
    }
    bool good = lines_take(&parser, &r);
    csv_free(&parser);
    free(r.bytes);
    return good || (r.is_stopped && rows->problem[0] == '\0');
}
