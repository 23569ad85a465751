/* SPDX-License-Identifier: Apache-2.0 */
/* The main figure of a report as bars, drawn in the page itself. */
#include "cli/report.h"

#include <string.h>

/* Of which report, what each bar stands for, and how long it is. */
static const struct chart {
    const char *report;
    const char *label;
    const char *before; /* and this, where the report has it */
    const char *value;
    const char *unit;
} charts[] = {
    {"coverage", "member", NULL, "coverage", "%"},
    {"participation", "member", NULL, "contributed", "件"},
    {"lags", "lag", NULL, "median_hours", "小时"},
    {"overrides", "member", NULL, "rate_per_1000", "‰"},
    {"quarantine", "member", NULL, "quarantined", "件"},
    {"relay-queue", "member", NULL, "waiting", "件"},
    {"ranking", "name", "rank", "points", "分"},
    {"statistics", "violation", "month", "events", "件"},
};
enum { BARS_MAX = 20, BAR_HEIGHT = 26, PLOT_WIDTH = 480, ROOM = 80 };

static size_t column_of(const lf_report *r, const char *head)
{
    size_t column = 0;
    while (column < r->columns && strcmp(r->heads[column], head) != 0) {
        column++;
    }
    return column;
}

static const char *cell_of(const lf_report *r, size_t row, size_t column)
{
    return column < r->columns ? r->cells[row * r->columns + column] : "";
}

enum {
    LABEL_ROOM = 38,
    LABEL_SIZE = 256,
    LETTER = 7
}; /* Latin letters; a Chinese character takes two */

/* As much of a text as has room beside the bars; returns how wide it is. */
static size_t label_cut(const char *text, char out[static LABEL_SIZE])
{
    size_t width = 0;
    size_t len = 0;
    while (text[len] != '\0' && len + 8 < LABEL_SIZE && width < LABEL_ROOM) {
        width += (unsigned char)text[len] >= 0xe0 ? 2 : 1;
        len++;
        while (((unsigned char)text[len] & 0xc0) == 0x80) {
            len++;
        }
    }
    (void)snprintf(out, LABEL_SIZE, "%.*s%s", (int)len, text, text[len] != '\0' ? "…" : "");
    return width + (text[len] != '\0' ? 2 : 0);
}

static size_t label_make(const lf_report *r, const struct chart *chart, size_t row,
                         char out[static LABEL_SIZE])
{
    char whole[2 * LABEL_SIZE];
    const char *before = chart->before == NULL ? "" : cell_of(r, row, column_of(r, chart->before));
    const char *name = report_word_cell(cell_of(r, row, column_of(r, chart->label)));
    (void)snprintf(whole, sizeof whole, "%s%s%s", before, before[0] != '\0' ? " " : "", name);
    return label_cut(whole, out);
}

/* One bar at a row of the picture: its label to the left of `from`, its value to the right of its end. */
static void bar_put(const char *label, const char *value, double length, size_t from, FILE *to)
{
    (void)fprintf(to, "<text x=\"%zu\" y=\"17\" text-anchor=\"end\">", from - LETTER);
    report_text(label, to);
    (void)fprintf(to,
                  "</text><rect x=\"%zu\" y=\"3\" width=\"%.1f\" height=\"%d\"/>"
                  "<text x=\"%.1f\" y=\"17\">",
                  from, length, BAR_HEIGHT - 6, (double)from + length + LETTER);
    report_text(value, to);
    (void)fputs("</text></g>\n", to);
}

static size_t bars_of(const lf_report *r, size_t value, size_t rows[static BARS_MAX], size_t *left)
{
    size_t count = 0;
    *left = 0;
    for (size_t row = 0; row < r->rows; row++) {
        if (report_is_sum(r, row) || report_amount(cell_of(r, row, value)) < 0) {
            continue;
        }
        if (count < BARS_MAX) {
            rows[count++] = row;
        } else {
            (*left)++;
        }
    }
    return count;
}

static void chart_put(const lf_report *r, const struct chart *chart, FILE *to)
{
    size_t rows[BARS_MAX];
    size_t left = 0;
    size_t value = column_of(r, chart->value);
    size_t widest = 0;
    char label[LABEL_SIZE];
    size_t count = value < r->columns ? bars_of(r, value, rows, &left) : 0;
    bool is_share = strcmp(chart->unit, "%") == 0;
    double most = is_share ? 100 : count > 0 ? report_most(r, value) : 0;
    if (most <= 0) {
        return; /* nothing to compare */
    }
    for (size_t i = 0; i < count; i++) {
        size_t width = label_make(r, chart, rows[i], label);
        widest = width > widest ? width : widest;
    }
    size_t from = (widest + 2) * LETTER;
    (void)fprintf(to, "<figure><figcaption>%s（%s）</figcaption>\n", report_word_head(chart->value),
                  chart->unit);
    (void)fprintf(to, "<svg viewBox=\"0 0 %zu %zu\" width=\"%zu\" role=\"img\">\n",
                  from + PLOT_WIDTH + ROOM, count * BAR_HEIGHT, from + PLOT_WIDTH + ROOM);
    for (size_t i = 0; i < count; i++) {
        const char *text = cell_of(r, rows[i], value);
        (void)label_make(r, chart, rows[i], label);
        (void)fprintf(to, "<g transform=\"translate(0 %zu)\">", i * BAR_HEIGHT);
        bar_put(label, text, PLOT_WIDTH * report_amount(text) / most, from, to);
    }
    (void)fputs("</svg>", to);
    if (left > 0) {
        (void)fprintf(to, "<p class=\"note\">图中为前 %zu 行，其余 %zu 行见下表。</p>", count,
                      left);
    }
    (void)fputs("</figure>\n", to);
}

void report_chart(const lf_report *r, FILE *to)
{
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        if (strcmp(charts[i].report, r->name) == 0) {
            chart_put(r, &charts[i], to);
        }
    }
}
