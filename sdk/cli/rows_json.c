/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows are the objects of the first array that holds objects, wherever it stands ({"data": [...]}), or the
 * lines of JSON Lines. They are cut out here one by one, and jansson reads each.
 */
#include "cli/rows_in.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_FROM = 1000 }; /* rows of which the first reading takes the names */

enum json_state {
    JSON_LOOK,    /* for the array of rows */
    JSON_FIRST,   /* after a '[': is it the one? */
    JSON_ROW,     /* within a row */
    JSON_BETWEEN, /* a row has ended: ',' or ']' */
    JSON_NEXT,    /* after ',' */
    JSON_AFTER    /* the array has ended */
};

struct json_reading {
    struct rows_in *rows;
    rows_in_cb *each; /* NULL in the first reading */
    void *user;
    enum json_state state;
    char *bytes;
    size_t len;
    unsigned line;
    unsigned row_line;
    unsigned depth;
    bool is_in_string;
    bool is_escaped;
    bool has_array;
    bool is_stopped;
    char numbers[ROWS_COLUMNS_MAX][32];
    char *texts[ROWS_COLUMNS_MAX]; /* of lists */
};

char *rows_json_list(const struct json_t *list)
{
    size_t len = 0;
    size_t at;
    json_t *item;
    json_array_foreach(list, at, item)
    {
        if (!json_is_string(item) || strchr(json_string_value(item), ';') != NULL) {
            return NULL;
        }
        len += json_string_length(item) + 1;
    }
    char *out = malloc(len + 1);
    char *end = out;
    json_array_foreach(list, at, item)
    {
        if (out != NULL) {
            end = stpcpy(at == 0 ? end : stpcpy(end, ";"), json_string_value(item));
        }
    }
    if (out != NULL) {
        *end = '\0';
    }
    return out;
}

/* A value as text; NULL when it is neither text nor a number. */
static const char *value_text(const json_t *value, char number[static 32])
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        (void)snprintf(number, 32, "%lld", (long long)json_integer_value(value));
        return number;
    case JSON_REAL:
        (void)snprintf(number, 32, "%.15g", json_real_value(value));
        return number;
    case JSON_TRUE:
        return "1";
    case JSON_FALSE:
        return "0";
    case JSON_NULL:
        return "";
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return NULL;
}

/* A list as text, kept until the row is told. */
static const char *list_text(struct json_reading *r, const json_t *value, size_t column)
{
    if (!r->rows->takes_lists) {
        return NULL;
    }
    r->texts[column] = rows_json_list(value);
    return r->texts[column];
}

static void texts_free(struct json_reading *r)
{
    for (size_t i = 0; i < ROWS_COLUMNS_MAX; i++) {
        free(r->texts[i]);
        r->texts[i] = NULL;
    }
}

static void members_take(struct json_reading *r, struct row_in *row, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        size_t column = rows_in_column(r->rows, name);
        if (column == ROWS_COLUMNS_MAX) {
            row->fault = ROW_COLUMNS;
            return;
        }
        bool is_list = json_is_array(value);
        row->lists |= is_list && column < 64 ? UINT64_C(1) << column : 0;
        row->cells[column] =
            is_list ? list_text(r, value, column) : value_text(value, r->numbers[column]);
        if (row->cells[column] == NULL && row->fault == ROW_GOOD) {
            row->fault = ROW_NOT_TEXT;
            row->column = column;
        }
    }
}

static void row_take(struct json_reading *r)
{
    struct row_in row = {.line = r->row_line};
    bool is_first_reading = r->each == NULL;
    r->rows->count += is_first_reading ? 1 : 0;
    if (is_first_reading && r->rows->count > NAMES_FROM) {
        return;
    }
    json_t *object = json_loadb(r->bytes, r->len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object)) {
        members_take(r, &row, object);
        row_in_check(&row, r->rows->columns);
    } else {
        row.fault = ROW_NOT_OBJECT;
    }
    if (!is_first_reading) {
        r->is_stopped = !r->each(&row, r->user);
    }
    texts_free(r);
    json_decref(object);
}

static bool byte_keep(struct json_reading *r, char c)
{
    if (r->len == ROWS_BYTES_MAX) {
        rows_in_problem(r->rows, "line %u: a row of more than %d bytes", r->row_line,
                        ROWS_BYTES_MAX);
        return false;
    }
    r->bytes[r->len++] = c;
    return true;
}

static void row_begin(struct json_reading *r)
{
    r->state = JSON_ROW;
    r->len = 0;
    r->depth = 0;
    r->row_line = r->line;
    r->has_array = true;
}

/* Keeps track of strings; true for a byte that is structure. */
static bool is_structure(struct json_reading *r, char c)
{
    if (r->is_in_string) {
        r->is_in_string = r->is_escaped || c != '"';
        r->is_escaped = !r->is_escaped && c == '\\';
        return false;
    }
    r->is_in_string = c == '"';
    return !r->is_in_string;
}

/* A row that is no object ends before the ',' or ']' after it. */
static bool in_row(struct json_reading *r, char c)
{
    bool structure = is_structure(r, c);
    bool opens = structure && (c == '{' || c == '[');
    bool closes = structure && (c == '}' || c == ']');
    if (structure && r->depth == 0 && (c == ',' || closes)) {
        row_take(r);
        r->state = c == ',' ? JSON_NEXT : JSON_AFTER;
        return true;
    }
    r->depth += opens ? 1 : 0;
    r->depth -= closes ? 1 : 0;
    if (!byte_keep(r, c)) {
        return false;
    }
    if (closes && r->depth == 0) {
        row_take(r);
        r->state = JSON_BETWEEN;
    }
    return true;
}

static bool misplaced(struct json_reading *r, char c)
{
    rows_in_problem(r->rows, "line %u: '%c' between two rows", r->line, c);
    return false;
}

static bool byte_take(struct json_reading *r, char c)
{
    bool is_blank = strchr(" \t\r\n", c) != NULL;
    switch (r->state) {
    case JSON_LOOK:
        r->state = is_structure(r, c) && c == '[' ? JSON_FIRST : JSON_LOOK;
        return true;
    case JSON_FIRST:
        if (c == '{') {
            row_begin(r);
            return in_row(r, c);
        }
        r->has_array = r->has_array || c == ']';
        r->state = is_blank || (is_structure(r, c) && c == '[') ? JSON_FIRST : JSON_LOOK;
        return true;
    case JSON_ROW:
        return in_row(r, c);
    case JSON_BETWEEN:
        r->state = c == ',' ? JSON_NEXT : c == ']' ? JSON_AFTER : JSON_BETWEEN;
        return is_blank || r->state != JSON_BETWEEN || misplaced(r, c);
    case JSON_NEXT:
        if (is_blank) {
            return true;
        }
        row_begin(r);
        return c == ',' || c == ']' ? misplaced(r, c) : in_row(r, c);
    case JSON_AFTER:
        return true;
    }
    return true;
}

static bool line_byte(struct json_reading *r, char c)
{
    if (c != '\n') {
        r->row_line = r->line;
        return byte_keep(r, c);
    }
    r->bytes[r->len] = '\0';
    if (strspn(r->bytes, " \t\r") < r->len) {
        row_take(r);
    }
    r->len = 0;
    return true;
}

static bool bytes_take(struct json_reading *r)
{
    const char *text = NULL;
    for (size_t len = text_in_read(r->rows->text, &text); len > 0;
         len = text_in_read(r->rows->text, &text)) {
        for (size_t i = 0; i < len; i++) {
            if (!(r->rows->is_lines ? line_byte(r, text[i]) : byte_take(r, text[i])) ||
                r->is_stopped) {
                return false;
            }
            r->line += text[i] == '\n' ? 1 : 0;
        }
    }
    if (r->rows->is_lines) {
        return line_byte(r, '\n');
    }
    if (r->state != JSON_AFTER && !(r->state == JSON_LOOK && r->has_array)) {
        rows_in_problem(r->rows,
                        r->has_array ? "breaks off in line %u" : "has no array of rows (line %u)",
                        r->line);
        return false;
    }
    return true;
}

/* An empty list may be one of rows. */
static bool is_list_of_texts(const json_t *value)
{
    size_t at;
    json_t *item;
    bool good = json_array_size(value) > 0;
    json_array_foreach(value, at, item)
    {
        good = good && json_is_string(item);
    }
    return good;
}

static bool is_flat(json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (json_is_object(value) || (json_is_array(value) && !is_list_of_texts(value))) {
            return false;
        }
    }
    return json_is_object(object);
}

/* JSON Lines when the first line is an object of its own, with nothing in it that could hold rows. */
static bool lines_find(struct json_reading *r)
{
    const char *text = NULL;
    size_t len = text_in_read(r->rows->text, &text);
    while (len > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        len--;
    }
    const char *end = len == 0 ? NULL : memchr(text, '\n', len);
    json_t *first = json_loadb(text, end == NULL ? len : (size_t)(end - text), 0, NULL);
    r->rows->is_lines = is_flat(first);
    json_decref(first);
    return text_in_rewind(r->rows->text);
}

bool rows_json_read(struct rows_in *rows, rows_in_cb *each, void *user)
{
    struct json_reading *r = calloc(1, sizeof *r);
    char *bytes = calloc(1, ROWS_BYTES_MAX + 1);
    bool good = r != NULL && bytes != NULL;
    if (good) {
        *r = (struct json_reading){
            .rows = rows, .each = each, .user = user, .bytes = bytes, .line = 1};
        good = (each != NULL || lines_find(r)) && bytes_take(r);
        good = good || (r->is_stopped && rows->problem[0] == '\0');
    } else {
        rows_in_problem(rows, "out of memory");
    }
    free(bytes);
    free(r);
    return good;
}
