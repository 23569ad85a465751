/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is, is told by its first bytes: its name may say anything. */
#include "cli/rows_in.h"

#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void rows_in_problem(struct rows_in *rows, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(rows->problem, sizeof rows->problem, format, args);
    va_end(args);
}

size_t rows_in_column(struct rows_in *rows, const char *name)
{
    for (size_t i = 0; i < rows->columns; i++) {
        if (strcmp(rows->names[i], name) == 0) {
            return i;
        }
    }
    if (rows->columns == ROWS_COLUMNS_MAX || strlen(name) >= ROWS_NAME_MAX) {
        return ROWS_COLUMNS_MAX;
    }
    memcpy(rows->names[rows->columns], name, strlen(name) + 1);
    return rows->columns++;
}

static size_t characters(const char *from, const char *to)
{
    size_t count = 0;
    for (; from < to; from++) {
        count += ((unsigned char)*from & 0xc0) != 0x80 ? 1 : 0;
    }
    return count;
}

void row_in_check(struct row_in *row, size_t columns)
{
    for (size_t i = 0; row->fault == ROW_GOOD && i < columns; i++) {
        const char *broken = row->cells[i] == NULL ? NULL : strstr(row->cells[i], TEXT_BROKEN);
        if (broken != NULL) {
            row->fault = ROW_BROKEN_CHARACTER;
            row->column = i;
            row->character = characters(row->cells[i], broken) + 1;
        }
    }
}

/* The first byte that is no blank; EOF when there is none. */
static int first_byte(struct rows_in *rows)
{
    const char *text = NULL;
    size_t len = text_in_read(rows->text, &text);
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", text[at]) != NULL) {
        at++;
    }
    return at < len ? (unsigned char)text[at] : EOF;
}

static bool file_open(struct rows_in *rows)
{
    char magic[4] = "";
    struct stat info;
    rows->file = fopen(rows->path, "rbe");
    if (rows->file == NULL || fstat(fileno(rows->file), &info) != 0) {
        (void)cli_fail_file(rows->path);
        return false;
    }
    if (!S_ISREG(info.st_mode)) {
        rows_in_problem(rows, "is not a file: it is read twice");
        return false;
    }
    rows->is_sheet = fread(magic, 1, sizeof magic, rows->file) == sizeof magic &&
                     memcmp(magic, "PK\3\4", sizeof magic) == 0;
    if (rows->is_sheet) {
        (void)fclose(rows->file);
        rows->file = rows_sheet_open(rows->path);
    }
    return rows->file != NULL;
}

static bool form_find(struct rows_in *rows)
{
    const char *why = text_in_open(rows->file, rows->text);
    if (why != NULL) {
        rows_in_problem(rows, "%s", why);
        return false;
    }
    int first = first_byte(rows);
    if (first == EOF) {
        rows_in_problem(rows, "is empty");
        return false;
    }
    rows->form = !rows->is_sheet && (first == '{' || first == '[') ? ROWS_JSON : ROWS_CSV;
    return true;
}

bool rows_in_open(const char *path, struct rows_in *out)
{
    *out = (struct rows_in){.path = path, .text = malloc(sizeof *out->text)};
    if (out->text == NULL) {
        errno = ENOMEM;
        (void)cli_fail_file(path);
        return false;
    }
    out->text->converter = (iconv_t)-1;
    bool good = file_open(out) && form_find(out) && rows_in_each(out, NULL, NULL);
    if (good && out->count == 0) {
        rows_in_problem(out, "has no rows");
        good = false;
    }
    if (!good && out->problem[0] != '\0') {
        (void)fprintf(stderr, "lianfang: %s: %s\n", path, cli_shown(out->problem));
    }
    return good;
}

bool rows_in_each(struct rows_in *rows, rows_in_cb *each, void *user)
{
    if (!text_in_rewind(rows->text)) {
        rows_in_problem(rows, "%s", strerror(errno));
        return false;
    }
    bool good = rows->form == ROWS_JSON ? rows_json_read(rows, each, user)
                                        : rows_csv_read(rows, each, user);
    if (good && ferror(rows->file) != 0) {
        rows_in_problem(rows, "%s", strerror(EIO));
    }
    return good && ferror(rows->file) == 0;
}

void rows_in_close(struct rows_in *rows)
{
    if (rows->text != NULL) {
        text_in_close(rows->text);
    }
    if (rows->file != NULL) {
        (void)fclose(rows->file);
    }
    free(rows->text);
    *rows = (struct rows_in){.path = NULL};
}
