/* SPDX-License-Identifier: Apache-2.0 */
/* A report as a page for people: in Chinese, with a bar behind each amount; one file that fetches nothing, for screen and paper. */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void report_text(const char *text, FILE *to)
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

/* ---- amounts ---- */

double report_amount(const char *text)
{
    char *end = NULL;
    char *whole_end = NULL;
    double value = strtod(text, &end);
    if (end == text || (*end != '\0' && *end != '/')) {
        return -1;
    }
    if (*end == '\0') {
        return value;
    }
    double whole = strtod(end + 1, &whole_end);
    return *whole_end != '\0' || whole_end == end + 1 ? -1 : whole > 0 ? 100.0 * value / whole : 0;
}

bool report_is_sum(const lf_report *r, size_t row)
{
    const char *first = r->cells[row * r->columns];
    return row + 1 == r->rows && strcmp(first, "TOTAL") == 0;
}

double report_most(const lf_report *r, size_t column)
{
    double most = 0;
    for (size_t row = 0; row < r->rows; row++) {
        const char *text = r->cells[row * r->columns + column];
        double value = report_is_sum(r, row) ? 0 : report_amount(text);
        most = value > most ? value : most;
        most = strchr(text, '/') != NULL && value >= 0 ? 100 : most; /* of a whole */
    }
    return most;
}

/* ---- columns ---- */

static bool is_among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Places, ranks and codes are digits, too; none is more than another. */
static bool is_amount(const char *head)
{
    static const char *const others[] = {"index",       "rank",        "table",  "subject",
                                         "target",      "told_index",  "linked", "province",
                                         "provisional", "answer_index"};
    return !is_among(head, others, sizeof others / sizeof others[0]);
}

/* Sentences and names, which take several lines; everything else stands in one. */
static bool is_long(const char *head)
{
    static const char *const list[] = {
        "why",          "detail",         "name",          "shop",  "linked_name", "evidence",
        "open_members", "violation_text", "measures_text", "basis", "lag"};
    return is_among(head, list, sizeof list / sizeof list[0]);
}

/* Right-aligned, the head like what is below it. */
static bool is_numeric(const lf_report *r, size_t column)
{
    bool has = false;
    for (size_t row = 0; row < r->rows; row++) {
        const char *text = r->cells[row * r->columns + column];
        if (text[0] != '\0' && text[0] != '<' && report_amount(text) < 0) {
            return false;
        }
        has = has || text[0] != '\0';
    }
    return has && column > 0;
}

/* What a column is like, looked at once. */
struct column {
    bool is_left_out;       /* a code, with its words beside it */
    const char *class_name; /* an attribute, or nothing */
    double most;            /* 0: its cells have no bars */
};

static const char *class_of(const lf_report *r, size_t column)
{
    return is_long(r->heads[column]) ? " class=\"w\"" : is_numeric(r, column) ? " class=\"n\"" : "";
}

/* ---- cells ---- */

/* Codes that have a word, wherever they stand in a cell: between blanks, brackets, semicolons and equal signs. */
static void cell_words(const char *text, FILE *to)
{
    char word[64];
    while (*text != '\0') {
        size_t len = strcspn(text, " ();=:");
        if (len >= sizeof word) { /* no code is as long */
            report_text(text, to);
            return;
        }
        (void)snprintf(word, sizeof word, "%.*s", (int)len, text);
        report_text(report_word_cell(word), to);
        text += len;
        if (*text != '\0') {
            (void)fputc(*text++, to);
        }
    }
}

/* 2026-01-31T08:00:00+08:00 as people write it; the page says whose time it is. */
static bool instant_put(const char *text, FILE *to)
{
    bool is_instant = strlen(text) == 25 && text[10] == 'T' && strcmp(text + 19, "+08:00") == 0;
    if (is_instant) {
        (void)fprintf(to, "%.10s %.8s", text, text + 11);
    }
    return is_instant;
}

static void cell_text(const char *head, const char *text, FILE *to)
{
    static const char *const as_they_are[] = {"subject", "name", "shop", "linked_name", "linked"};
    if (is_among(head, as_they_are, sizeof as_they_are / sizeof as_they_are[0])) {
        report_text(text, to);
    } else if (!instant_put(text, to)) {
        cell_words(text, to);
    }
}

/* A bar behind each amount, as long as it is large in its column; of a part, as long as the part is. */
static void html_cell(const lf_report *r, size_t row, size_t at, const struct column *column,
                      FILE *to)
{
    const char *text = r->cells[row * r->columns + at];
    double value = report_amount(text);
    (void)fprintf(to, "<td%s>", column->class_name);
    if (value >= 0 && column->most > 0 && !report_is_sum(r, row)) {
        (void)fprintf(to, "<s><i style=\"width:%.1f%%\"></i></s>", 100.0 * value / column->most);
    }
    (void)fputs("<b>", to);
    cell_text(r->heads[at], text, to);
    (void)fputs("</b></td>", to);
}

/* ---- the page ---- */

static const char style[] =
    "body{font:15px/1.5 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",\"PingFang "
    "SC\",sans-serif;margin:2em;color:#222}\n"
    "h1{font-size:1.6em;margin:0 0 .4em}\n"
    ".note{color:#555;margin:.2em 0}\n"
    "figure{margin:1em 0;max-width:860px}figcaption{font-weight:bold;margin-bottom:.4em}\n"
    "svg{max-width:100%;height:auto;font-size:13px}rect{fill:#7fb2dd}text{fill:#222}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;margin-top:1em}\n"
    "th,td{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:left;vertical-align:top;"
    "position:relative;white-space:nowrap}\n"
    "th{background:#f3f3f3;position:sticky;top:0}\n"
    "td.w,th.w{white-space:normal;min-width:7em;max-width:26em;overflow-wrap:anywhere}\n"
    "td.n,th.n{text-align:right}td.n{min-width:5em}\n"
    "td s{position:absolute;left:.4em;right:.4em;top:.3em;height:1.5em}\n"
    "td i{display:block;height:100%;background:#cfe3f5}\n"
    "td b{position:relative;font-weight:normal}small{color:#777}\n"
    "tr.sum td{font-weight:bold;border-top:2px solid #999}tr.sum td b{font-weight:bold}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media print{body{margin:0;font-size:9pt}.wide{overflow:visible}th{position:static}\n"
    "th{white-space:normal}th,td{padding:.2em .4em}td.w,th.w{min-width:6em}td.n{min-width:0}\n"
    "thead{display:table-header-group}tr,figure{break-inside:avoid}\n"
    "td i,rect,th{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

/* What was asked. */
static void asked_put(const struct cli_reporting *asked, FILE *to)
{
    const struct cli *cli = asked->cli;
    if (asked->about != NULL) {
        (void)fputs("<p class=\"note\">查询对象：", to);
        report_text(asked->about, to);
        (void)fputs("</p>\n", to);
    }
    if (cli->from != NULL || cli->until != NULL || cli->as_of != NULL) {
        (void)fputs("<p class=\"note\">期间：", to);
        report_text(cli->from != NULL ? cli->from : "不限", to);
        (void)fputs(" 至 ", to);
        report_text(cli->until != NULL ? cli->until : "不限", to);
        report_text(cli->as_of != NULL ? "；截至 " : "", to);
        report_text(cli->as_of != NULL ? cli->as_of : "", to);
        (void)fputs("</p>\n", to);
    }
}

static void html_begin(const lf_report *r, const struct column *columns, FILE *to)
{
    char day[CLI_INSTANT_SIZE];
    bool has_bars = false;
    for (size_t c = 0; c < r->columns; c++) {
        has_bars = has_bars || (columns[c].most > 0 && !columns[c].is_left_out);
    }
    (void)fputs("<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                "name=\"viewport\" content=\"width=device-width\">\n<title>",
                to);
    report_text(report_word_name(r->name), to);
    (void)fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
    report_text(report_word_name(r->name), to);
    (void)fprintf(
        to, "</h1>\n<p class=\"note\">账本大小 %llu，共 %zu 行；时间均为北京时间，本页生成于 ",
        (unsigned long long)r->checkpoint_size, r->rows);
    (void)instant_put(cli_instant((int64_t)time(NULL) * 1000, day), to);
    (void)fputs("</p>\n", to);
    if (has_bars) {
        (void)fputs(
            "<p class=\"note\">数字后的条形：占本列最大值的比例；“3/4”形式的为所占比例。</p>\n",
            to);
    }
}

static bool has_words_beside(const lf_report *r, size_t column)
{
    char head[64];
    (void)snprintf(head, sizeof head, "%s_text", r->heads[column]);
    return is_among(head, r->heads, r->columns);
}

static struct column *columns_look(const lf_report *r)
{
    struct column *columns = calloc(r->columns + 1, sizeof *columns);
    for (size_t c = 0; columns != NULL && c < r->columns; c++) {
        columns[c].is_left_out = has_words_beside(r, c);
        columns[c].class_name = class_of(r, c);
        columns[c].most = is_amount(r->heads[c]) ? report_most(r, c) : 0;
    }
    return columns;
}

static void html_table(const lf_report *r, const struct column *columns, FILE *to)
{
    (void)fputs("<div class=\"wide\"><table>\n<thead><tr>", to);
    for (size_t c = 0; c < r->columns; c++) {
        if (!columns[c].is_left_out) {
            (void)fprintf(to, "<th%s>", columns[c].class_name);
            report_text(report_word_head(r->heads[c]), to);
            (void)fputs("</th>", to);
        }
    }
    (void)fputs("</tr></thead>\n<tbody>\n", to);
    for (size_t row = 0; row < r->rows; row++) {
        (void)fputs(report_is_sum(r, row) ? "<tr class=\"sum\">" : "<tr>", to);
        for (size_t c = 0; c < r->columns; c++) {
            if (!columns[c].is_left_out) {
                html_cell(r, row, c, &columns[c], to);
            }
        }
        (void)fputs("</tr>\n", to);
    }
    (void)fputs("</tbody></table></div>\n", to);
    if (r->rows == 0) {
        (void)fputs("<p>没有符合条件的内容。</p>\n", to);
    }
}

int report_page_write(const struct cli_reporting *reporting, const lf_report *r)
{
    const char *path = reporting->cli->out;
    struct column *columns = columns_look(r);
    FILE *file = columns == NULL ? NULL : fopen(path, "we");
    if (file == NULL) {
        free(columns);
        return cli_fail_file(path);
    }
    html_begin(r, columns, file);
    asked_put(reporting, file);
    report_chart(r, file);
    html_table(r, columns, file);
    free(columns);
    (void)fputs("</body>\n</html>\n", file);
    bool is_written = fflush(file) == 0 && ferror(file) == 0;
    is_written = fclose(file) == 0 && is_written;
    return is_written ? CLI_OK : cli_fail_file(path);
}
