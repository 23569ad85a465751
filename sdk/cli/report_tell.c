/* SPDX-License-Identifier: Apache-2.0 */
/* A report as a table, as JSON Lines, as CSV, or as the file of --out. */
#include "cli/report.h"

#include <stdlib.h>

/* Columns as wide as they need; a Chinese character takes two. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        width += byte < 0x80 ? 1 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    }
    return width;
}

static size_t column_width(const lf_report *r, size_t column)
{
    size_t most = width_of(r->heads[column]);
    for (size_t row = 0; row < r->rows; row++) {
        size_t width = width_of(cli_shown(r->cells[row * r->columns + column]));
        most = width > most ? width : most;
    }
    return most;
}

static void line_print(const char *const *cells, const size_t *widths, size_t columns)
{
    for (size_t c = 0; c < columns; c++) {
        const char *text = cli_shown(cells[c]);
        int pad = c + 1 == columns ? 0 : (int)(widths[c] - width_of(text)) + 2;
        (void)printf("%s%*s", text, pad, "");
    }
    (void)printf("\n");
}

static void table_print(const lf_report *r)
{
    size_t *widths = calloc(r->columns + 1, sizeof *widths);
    if (widths == NULL) {
        return;
    }
    for (size_t c = 0; c < r->columns; c++) {
        widths[c] = column_width(r, c);
    }
    line_print(r->heads, widths, r->columns);
    for (size_t row = 0; row < r->rows; row++) {
        line_print(r->cells + row * r->columns, widths, r->columns);
    }
    free(widths);
}

static void rows_json(const lf_report *r)
{
    for (size_t row = 0; row < r->rows; row++) {
        json_t *line = json_object();
        for (size_t c = 0; c < r->columns; c++) {
            (void)json_object_set_new(line, r->heads[c],
                                      json_string(r->cells[row * r->columns + c]));
        }
        cli_json(line);
    }
}

static void rows_csv(const lf_report *r)
{
    for (size_t c = 0; c < r->columns; c++) {
        cli_csv_cell(r->heads[c], c + 1 < r->columns ? "," : "\n", stdout);
    }
    for (size_t i = 0; i < r->rows * r->columns; i++) {
        cli_csv_cell(r->cells[i], (i + 1) % r->columns != 0 ? "," : "\n", stdout);
    }
}

void cli_report_tell(const lf_report *r, void *user)
{
    struct cli_reporting *reporting = user;
    if (reporting->cli->out != NULL) {
        reporting->code = report_page_write(reporting, r);
    } else if (reporting->cli->json) {
        rows_json(r);
    } else if (reporting->cli->csv) {
        rows_csv(r);
    } else {
        table_print(r);
    }
}
