/* SPDX-License-Identifier: Apache-2.0 */
/* report: figures that follow from the ledger, for the terminal and for scripts. */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

struct reporting {
    const struct cli *cli;
    int code;
};

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
        size_t width = width_of(r->cells[row * r->columns + column]);
        most = width > most ? width : most;
    }
    return most;
}

static void line_print(const char *const *cells, const size_t *widths, size_t columns)
{
    for (size_t c = 0; c < columns; c++) {
        const char *text = cells[c];
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

static void on_report(const lf_report *r, void *user)
{
    struct reporting *reporting = user;
    if (reporting->cli->out != NULL) {
        reporting->code = report_page_write(reporting->cli->out, r);
    } else if (reporting->cli->json) {
        rows_json(r);
    } else {
        table_print(r);
    }
}

static bool rows_take(const char *text, uint32_t *out)
{
    char *end = NULL;
    unsigned long rows = strtoul(text, &end, 10);
    *out = (uint32_t)rows;
    return *text >= '1' && *text <= '9' && *end == '\0' && rows <= UINT32_MAX;
}

int cli_report(const struct cli *cli)
{
    lf_client *client = NULL;
    lf_error err = LF_ERROR_INIT;
    struct reporting reporting = {.cli = cli, .code = CLI_OK};
    lf_report_query query = LF_REPORT_QUERY_INIT;
    if (cli->profile == NULL || cli->operand_count != 1) {
        return cli_usage("report needs --profile and the name of a report; 'lianfang help report' "
                         "lists them");
    }
    if (cli->max != NULL && !rows_take(cli->max, &query.max)) {
        return cli_usage("report --max takes a number of rows");
    }
    query.after = cli->after;
    query.name = cli->operands[0];
    query.from = cli->from;
    query.until = cli->until;
    query.as_of = cli->as_of;
    query.about = cli->about;
    query.case_number = cli->case_number;
    int code = cli_open(cli, &client);
    if (code != CLI_OK) {
        return code;
    }
    lf_status rc = lf_report_get(client, &query, on_report, &reporting, &err);
    return cli_close(client, rc == LF_OK ? reporting.code : cli_fail(&err));
}
