/* SPDX-License-Identifier: Apache-2.0 */
/* A report as a page for people: in Chinese, with a bar behind each amount; one file that fetches nothing. */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

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

/* The page is for people: what it is about, and the columns, in Chinese. */
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
    {"corrections", "更正送达情况"},
    {"links", "关联主体"},
    {"quarantine", "集中报送隔离"},
    {"part", "部分"},
    {"at", "时间"},
    {"role", "角色"},
    {"what", "事项"},
    {"basis", "依据"},
    {"entry", "凭证"},
    {"detail", "内容"},
    {"name", "名称"},
    {"linked", "关联主体代码"},
    {"linked_name", "关联主体名称"},
    {"link", "关联强度"},
    {"tokens", "共同标识"},
    {"evidence", "证据（账本位置）"},
    {"cause", "起因"},
    {"linked_advice", "对关联主体的建议"},
    {"table", "规则表版本"},
    {"rank", "名次"},
    {"points", "风险分"},
    {"open_tasks", "未答复任务"},
    {"age_days", "距最近决定天数"},
    {"why", "得分理由"},
    {"asked", "应答数"},
    {"answered", "已答复"},
    {"no_shop", "无店铺"},
    {"closed", "已办结"},
    {"open_members", "未答复成员"},
    {"matched", "命中"},
    {"followed_up", "已接续处置"},
    {"kept", "保留"},
    {"undecided", "未决定"},
    {"shops", "户次"},
    {"removals", "下架数"},
    {"lag", "环节"},
    {"records", "记录数"},
    {"median_hours", "中位数（小时）"},
    {"p95_hours", "95分位（小时）"},
    {"shared", "共享时间"},
    {"provisional", "暂定"},
    {"contributed", "报送数"},
    {"overturned", "被推翻"},
    {"silent", "未参与"},
    {"of_deny", "其中未采纳禁入"},
    {"rate_per_1000", "每千次"},
    {"period", "期间"},
    {"target", "被更正记录"},
    {"told", "已告知"},
    {"told_by", "告知方式"},
    {"told_index", "告知位置"},
    {"answer", "答复"},
    {"answer_index", "答复位置"},
    {"quarantined", "被隔离"},
    {"waiting", "待处理"},
    {"released", "已放行"},
    {"refused", "已退回"},
    {"first", "最早"},
    {"last", "最近"},
};

/* A word that is not there stands for itself. */
static const char *chinese(const char *word)
{
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

/* Places, ranks and codes are digits, too; none is more than another. */
static bool is_amount(const char *head)
{
    static const char *const others[] = {"index",  "rank",       "table",        "subject",
                                         "target", "told_index", "answer_index", "linked"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(head, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* A bar behind each number, as long as it is large in its column. */
static void html_cell(const lf_report *r, size_t row, size_t column, double most, FILE *to)
{
    const char *text = r->cells[row * r->columns + column];
    double value = cell_number(text);
    bool is_total = row + 1 == r->rows && strstr(r->cells[row * r->columns], "TOTAL") != NULL;
    bool has_bar = value >= 0 && most > 0 && !is_total && is_amount(r->heads[column]);
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
    (void)fprintf(to, "</h1>\n<p>账本大小 %llu，共 %zu 行</p>\n<table>\n<tr>",
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

int report_page_write(const char *path, const lf_report *r)
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
