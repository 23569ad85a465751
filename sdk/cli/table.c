/* SPDX-License-Identifier: Apache-2.0 */
/* CSV through libcsv, JSON Lines through jansson, a JSON array and a spreadsheet row by row; all end as the same rows. */
#include "cli/table.h"

#include "cli/cli.h"
#include "cli/rows_in.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

/* Makes the strings live as long as the table: they are never freed one by one. */
static char *keep(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

size_t table_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (strcmp(table->names[i], name) == 0) {
            return i;
        }
    }
    return TABLE_COLUMNS_MAX;
}

const char *table_cell(const struct table *table, const struct table_row *row, const char *name)
{
    size_t column = table_column(table, name);
    return column == TABLE_COLUMNS_MAX || row->cells[column] == NULL ? "" : row->cells[column];
}

static struct table_row *row_add(struct table *table, unsigned line)
{
    if ((table->count & (table->count - 1)) == 0) {
        struct table_row *grown =
            realloc(table->rows, (table->count == 0 ? 1 : table->count * 2) * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        table->rows = grown;
    }
    struct table_row *row = &table->rows[table->count++];
    *row = (struct table_row){.line = line};
    return row;
}

struct csv_state {
    struct table *table;
    struct table_row row;
    size_t column;
    unsigned line; /* in which the row began */
    bool has_header;
    bool is_open; /* the row goes on in the next line */
    bool failed;
};

static void on_cell(void *bytes, size_t len, void *user)
{
    struct csv_state *s = user;
    if (s->column < TABLE_COLUMNS_MAX) {
        s->row.cells[s->column] = keep(bytes == NULL ? "" : bytes, len);
    }
    s->column++;
}

static void header_take(struct csv_state *s)
{
    s->failed = s->column > TABLE_COLUMNS_MAX;
    s->table->columns = s->failed ? 0 : s->column;
    memcpy(s->table->names, s->row.cells, sizeof s->row.cells);
}

static void on_row(int end, void *user)
{
    struct csv_state *s = user;
    (void)end;
    if (!s->has_header) {
        header_take(s);
        s->has_header = true;
    } else {
        struct table_row *row = row_add(s->table, s->line);
        s->failed = s->failed || row == NULL;
        if (row != NULL) {
            *row = s->row;
            row->line = s->line;
            row->error = s->column != s->table->columns
                             ? "has another number of fields than the header"
                             : NULL;
        }
    }
    s->row = (struct table_row){.line = 0};
    s->column = 0;
    s->is_open = false;
}

/* Up to and with the end of the line, which is LF, CR LF or, as libcsv has it, a lone CR. */
static size_t line_length(const char *text)
{
    size_t len = strcspn(text, "\r\n");
    len += text[len] == '\r' ? 1 : 0;
    return len + (text[len] == '\n' ? 1 : 0);
}

/* Line by line, for rows are told by the line of the file in which they begin: libcsv skips blank
 * lines, and a quoted field may hold several. */
static bool csv_lines(struct csv_parser *parser, const char *text, struct csv_state *state)
{
    for (unsigned line = 1; *text != '\0'; line++) {
        size_t len = line_length(text);
        state->line = state->is_open ? state->line : line;
        state->is_open = state->is_open || strspn(text, " \t\r\n") < len;
        if (csv_parse(parser, text, len, on_cell, on_row, state) != len) {
            return false;
        }
        text += len;
    }
    return csv_fini(parser, on_cell, on_row, state) == 0;
}

/* Strict: a stray quote would otherwise take the rows that follow into one field. */
static bool csv_read(struct table *table, const char *path, const char *text)
{
    struct csv_parser parser;
    struct csv_state state = {.table = table};
    if (csv_init(&parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return false;
    }
    bool good = csv_lines(&parser, text, &state);
    if (!good && csv_error(&parser) == CSV_EPARSE) {
        (void)fprintf(stderr,
                      "lianfang: %s: line %u: a quote is not closed, or stands in a field\n", path,
                      state.line);
    } else if (!good || state.failed || table->columns == 0) {
        (void)fprintf(stderr,
                      "lianfang: %s: is not a CSV file with a header of at most %d columns\n", path,
                      TABLE_COLUMNS_MAX);
        good = false;
    }
    for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++) {
        free(state.row.cells[c]); /* of the row that was not whole */
    }
    csv_free(&parser);
    return good;
}

static char *json_text(const json_t *value)
{
    char number[32];
    if (json_is_array(value)) {
        return rows_json_list(value);
    }
    if (json_is_string(value)) {
        return keep(json_string_value(value), strlen(json_string_value(value)));
    }
    (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    return json_is_integer(value) ? keep(number, strlen(number)) : NULL;
}

static void json_row(struct table *table, struct table_row *row, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        size_t column = table_column(table, name);
        if (column == TABLE_COLUMNS_MAX && table->columns < TABLE_COLUMNS_MAX) {
            column = table->columns++;
            table->names[column] = keep(name, strlen(name));
        }
        if (column == TABLE_COLUMNS_MAX) {
            continue; /* among so many names are some that the header's check refuses */
        }
        row->cells[column] = json_text(value);
        row->lists |= (uint64_t)json_is_array(value) << column;
        if (row->cells[column] == NULL && !json_is_null(value)) {
            row->error = "has a field that is neither text, a whole number nor a list of texts";
            row->of_column = column + 1;
        }
    }
}

static bool jsonl_read(struct table *table, const char *text)
{
    for (unsigned line = 1; *text != '\0'; line++) {
        size_t len = strcspn(text, "\n");
        struct table_row *row = len == 0 ? NULL : row_add(table, line);
        json_t *object = row == NULL ? NULL : json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
        if (row != NULL && !json_is_object(object)) {
            row->error = "is not a JSON object";
        } else if (row != NULL) {
            json_row(table, row, object);
        }
        json_decref(object);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return true;
}

/* One "theirs=ours" line; `theirs` is looked for among the names that the file has. */
static bool name_map(struct table *table, const struct table *before, char *line, const char *map)
{
    char *ours = strchr(line, '=');
    if (ours == NULL) {
        (void)fprintf(stderr, "lianfang: %s: '%s' is not THEIRS=OURS\n", map, cli_shown(line));
        return false;
    }
    *ours++ = '\0';
    size_t column = table_column(before, line);
    if (column == TABLE_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: '%s' is no column of the file\n", map,
                      cli_shown(line));
        return false;
    }
    if (table->names[column] != before->names[column]) {
        free(table->names[column]); /* renamed once more */
    }
    table->names[column] = keep(ours, strlen(ours));
    return true;
}

static bool names_map(struct table *table, const char *map)
{
    char *text = cli_read_text(map);
    char *save = NULL;
    struct table before = *table;
    bool good = text != NULL;
    for (char *line = good ? strtok_r(text, "\r\n", &save) : NULL; good && line != NULL;
         line = strtok_r(NULL, "\r\n", &save)) {
        good = name_map(table, &before, line, map);
    }
    for (size_t c = 0; c < table->columns; c++) {
        if (table->names[c] != before.names[c]) {
            free(before.names[c]);
        }
    }
    free(text);
    return good;
}

static const char *fault_text(enum row_fault fault)
{
    switch (fault) {
    case ROW_GOOD:
        return NULL;
    case ROW_BROKEN_CHARACTER:
        return "has a character that is none of the file's encoding";
    case ROW_QUOTE:
        return "has a quote in a field, which is not doubled in a quoted one";
    case ROW_FIELDS:
        return "has another number of fields than the header";
    case ROW_NOT_OBJECT:
        return "is not a JSON object";
    case ROW_NOT_TEXT:
        return "has a field that is neither text, a number nor a list of texts";
    case ROW_COLUMNS:
        return "has too many columns";
    }
    return NULL;
}

_Static_assert((int)TABLE_COLUMNS_MAX <= (int)ROWS_COLUMNS_MAX, "a table is no wider than a row");

static bool row_copy(const struct row_in *from, void *user)
{
    struct table *table = user;
    struct table_row *row = row_add(table, from->line);
    if (row == NULL) {
        return false;
    }
    row->error = fault_text(from->fault);
    row->of_column = from->fault == ROW_NOT_TEXT ? from->column + 1 : 0;
    row->lists = from->lists;
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++) {
        row->cells[i] =
            from->cells[i] == NULL ? NULL : keep(from->cells[i], strlen(from->cells[i]));
    }
    return true;
}

/* What is told by its first bytes: a spreadsheet, or an array of rows wherever it stands. */
static bool rows_load(struct table *table, const char *path)
{
    struct rows_in rows;
    bool good = rows_in_open(path, &rows);
    rows.takes_lists = true;
    if (good && !rows_in_each(&rows, row_copy, table)) {
        (void)fprintf(stderr, "lianfang: %s: %s\n", path, cli_shown(rows.problem));
        good = false;
    }
    if (good && rows.columns > TABLE_COLUMNS_MAX) {
        (void)fprintf(stderr, "lianfang: %s: has more than %d columns\n", path, TABLE_COLUMNS_MAX);
        good = false;
    }
    for (size_t i = 0; good && i < rows.columns; i++) {
        table->names[table->columns++] = keep(rows.names[i], strlen(rows.names[i]));
    }
    rows_in_close(&rows);
    return good;
}

/* A spreadsheet, or JSON that is not a line a row; standard input can only be a table. */
static bool is_told_by_bytes(const char *path)
{
    enum { MAGIC = 4 };
    char bytes[5] = "";
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rbe");
    size_t len = file == NULL ? 0 : fread(bytes, 1, MAGIC, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    size_t blanks = len == 0 ? 0 : strspn(bytes, " \t\r\n");
    return (len == MAGIC && memcmp(bytes, "PK\3\4", len) == 0) ||
           (blanks < len && (bytes[blanks] == '[' || bytes[blanks] == '{'));
}

/* By the names that the columns have in the end. */
static bool fields_name(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct table_row *row = &table->rows[i];
        if (row->of_column > 0 && row->of_column <= table->columns) {
            row->field = table->names[row->of_column - 1];
        }
    }
    return true;
}

bool table_load(const char *path, const char *map, struct table *out)
{
    size_t len = strlen(path);
    bool is_jsonl = len > 6 && strcmp(path + len - 6, ".jsonl") == 0;
    *out = (struct table){.text = NULL};
    if (!is_jsonl && is_told_by_bytes(path)) {
        return rows_load(out, path) && (map == NULL || names_map(out, map)) && fields_name(out);
    }
    out->text = cli_read_text(path);
    if (out->text == NULL) {
        return false;
    }
    if (!(is_jsonl ? jsonl_read(out, out->text) : csv_read(out, path, out->text))) {
        return false;
    }
    return (map == NULL || names_map(out, map)) && fields_name(out);
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++) {
            free(table->rows[i].cells[c]);
        }
    }
    for (size_t c = 0; c < table->columns; c++) {
        free(table->names[c]);
    }
    free(table->rows);
    free(table->text);
}
