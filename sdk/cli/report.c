/* SPDX-License-Identifier: Apache-2.0 */
/* report: figures that follow from the ledger, for the terminal, for scripts, and as a page for people. */
#include "cli/cli.h"

#include <lianfang/reports.h>
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

static void html_text(const char *text, FILE *to)
{
    for (; *text != '\0'; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity != NULL) {
            (void)fputs(entity, to);
        } else {
            (void)fputc(*text, to);
        }
    }
}

/* The page is for people: what it is about, and the columns, in Chinese. A word that is not here stands for itself. */
static const char *chinese(const char *word)
{
    static const char *const words[][2] = {
        {"open-loops", "未闭环事项"},
        {"coverage", "接续处置覆盖率"},
        {"lags", "时滞"},
        {"late", "逾期"},
        {"participation", "参与情况"},
        {"overrides", "未采纳建议"},
        {"attestations", "季度自证"},
        {"ranking", "风险排序"},
        {"statistics", "统计"},
        {"publicity", "平台处置措施公示"},
        {"index", "账本位置"},
        {"subject", "统一社会信用代码"},
        {"shop", "店铺（经营者）"},
        {"violation", "违法违规代码"},
        {"violation_text", "违法违规行为"},
        {"measures", "措施代码"},
        {"measures_text", "处置措施"},
        {"decided_at", "决定日期"},
        {"due", "公示期限"},
        {"published", "公示日期"},
        {"until", "公示至"},
        {"state", "状态"},
        {"timing", "是否及时"},
        {"issuer", "作出平台"},
        {"member", "成员"},
        {"overdue", "超期"},
        {"month", "月份"},
        {"province", "省份"},
        {"events", "件数"},
        {"platforms", "平台数"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i][0], word) == 0) {
            return words[i][1];
        }
    }
    return word;
}

/* The number that a cell begins with; negative for one that is none. */
static double cell_number(const char *text)
{
    char *end = NULL;
    double value = strtod(text, &end);
    return end == text || (*end != '\0' && *end != '/') ? -1 : value;
}

static double column_most(const lf_report *r, size_t column)
{
    double most = 0;
    for (size_t row = 0; row < r->rows; row++) {
        double value = cell_number(r->cells[row * r->columns + column]);
        most = value > most ? value : most;
    }
    return most;
}

/* A bar behind each number, as long as it is large in its column. */
static void html_cell(const lf_report *r, size_t row, size_t column, double most, FILE *to)
{
    const char *text = r->cells[row * r->columns + column];
    double value = cell_number(text);
    bool is_total = row + 1 == r->rows && strstr(r->cells[row * r->columns], "TOTAL") != NULL;
    bool is_code = strcmp(r->heads[column], "subject") == 0; /* some are all digits */
    bool has_bar = column > 0 && value >= 0 && most > 0 && !is_total && !is_code;
    (void)fprintf(to, "<td%s>", value >= 0 && column > 0 ? " class=\"n\"" : "");
    if (has_bar) {
        (void)fprintf(to, "<i style=\"width:%.1f%%\"></i>", 100.0 * value / most);
    }
    (void)fputs("<b>", to);
    html_text(text, to);
    (void)fputs("</b></td>", to);
}

static void html_write(const lf_report *r, FILE *to)
{
    (void)fputs("<!doctype html>\n<html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>", to);
    html_text(chinese(r->name), to);
    (void)fputs(
        "</title>\n<style>\nbody{font:15px/1.5 sans-serif;margin:2em;color:#222}\n"
        "table{border-collapse:collapse}\nth,td{padding:.3em .8em;border-bottom:1px solid "
        "#ddd;text-align:left;position:relative}\nth{background:#f3f3f3}\n"
        "td.n{text-align:right;min-width:7em}\ntd i{position:absolute;left:0;top:15%;height:"
        "70%;background:#cfe3f5}\ntd b{position:relative;font-weight:normal}\n"
        "@media print{td i{print-color-adjust:exact}}\n</style>\n<h1>",
        to);
    html_text(chinese(r->name), to);
    (void)fprintf(to, "</h1>\n<p>ledger size %llu, %zu rows</p>\n<table>\n<tr>",
                  (unsigned long long)r->checkpoint_size, r->rows);
    for (size_t c = 0; c < r->columns; c++) {
        (void)fputs("<th>", to);
        html_text(chinese(r->heads[c]), to);
        (void)fputs("</th>", to);
    }
    (void)fputs("</tr>\n", to);
    for (size_t row = 0; row < r->rows; row++) {
        (void)fputs("<tr>", to);
        for (size_t c = 0; c < r->columns; c++) {
            html_cell(r, row, c, column_most(r, c), to);
        }
        (void)fputs("</tr>\n", to);
    }
    (void)fputs("</table>\n</html>\n", to);
}

static int page_write(const char *path, const lf_report *r)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return cli_fail_file(path);
    }
    html_write(r, file);
    bool is_written = fflush(file) == 0 && ferror(file) == 0;
    is_written = fclose(file) == 0 && is_written;
    return is_written ? CLI_OK : cli_fail_file(path);
}

static void on_report(const lf_report *r, void *user)
{
    struct reporting *reporting = user;
    if (reporting->cli->out != NULL) {
        reporting->code = page_write(reporting->cli->out, r);
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
