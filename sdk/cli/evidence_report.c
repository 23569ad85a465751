/* SPDX-License-Identifier: Apache-2.0 */
/* The report for a court: one list of headings and rows, written as text or as a page to print. */
#include "cli/evidence.h"
#include "cli/words.h"

#include <string.h>
#include <time.h>

struct page {
    FILE *to;
    bool html;
    bool in_table;
};

static void escaped(const struct page *page, const char *text)
{
    for (text = cli_shown(text); *text != '\0'; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (page->html && entity != NULL) {
            (void)fputs(entity, page->to);
        } else {
            (void)fputc(*text, page->to);
        }
    }
}

static void table_end(struct page *page)
{
    if (page->html && page->in_table) {
        (void)fputs("</table>\n", page->to);
    }
    page->in_table = false;
}

static void heading(struct page *page, const char *text)
{
    table_end(page);
    (void)fputs(page->html ? "<h2>" : "\n", page->to);
    escaped(page, text);
    (void)fputs(page->html ? "</h2>\n" : "\n", page->to);
}

static void row(struct page *page, const char *name, const char *value)
{
    if (page->html && !page->in_table) {
        (void)fputs("<table>\n", page->to);
    }
    page->in_table = true;
    (void)fputs(page->html ? "<tr><th>" : "  ", page->to);
    escaped(page, name);
    (void)fputs(page->html ? "</th><td>" : "：", page->to);
    escaped(page, value);
    (void)fputs(page->html ? "</td></tr>\n" : "\n", page->to);
}

static void row_number(struct page *page, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    row(page, name, text);
}

static void row_instant(struct page *page, const char *name, int64_t at_ms)
{
    char text[CLI_INSTANT_SIZE];
    char line[CLI_INSTANT_SIZE + 32];
    (void)snprintf(line, sizeof line, "%s（北京时间）", cli_instant(at_ms, text));
    row(page, name, line);
}

static void item(struct page *page, const char *text)
{
    table_end(page);
    (void)fputs(page->html ? "<p>· " : "  · ", page->to);
    escaped(page, text);
    (void)fputs(page->html ? "</p>\n" : "\n", page->to);
}

/* A role's word is that of a part's class elsewhere. */
static const char *role_chinese(const char *role)
{
    return role[0] == '\0'                  ? "主管机关"
           : strcmp(role, "REGULATOR") == 0 ? "监管部门"
                                            : cli_chinese(role);
}

static void begin(struct page *page, const char *title)
{
    if (page->html) {
        (void)fputs(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
            page->to);
        escaped(page, title);
        (void)fputs(
            "</title>\n<style>\n"
            "body{font-family:\"Noto Serif CJK SC\",\"SimSun\",serif;margin:2cm;font-size:11pt}\n"
            "h1{text-align:center;font-size:18pt}h2{font-size:13pt;margin-top:1.2em}\n"
            "table{border-collapse:collapse;width:100%;page-break-inside:auto}\n"
            "th,td{border:1px solid #555;padding:3px 6px;text-align:left;vertical-align:top;"
            "word-break:break-all}\n"
            "th{width:12em;font-weight:normal;background:#eee}tr{page-break-inside:avoid}\n"
            "</style>\n</head>\n<body>\n<h1>",
            page->to);
        escaped(page, title);
        (void)fputs("</h1>\n", page->to);
    } else {
        (void)fprintf(page->to, "%s\n", title);
    }
}

static void end(struct page *page)
{
    table_end(page);
    if (page->html) {
        (void)fputs("</body>\n</html>\n", page->to);
    }
}

static void verdict_part(struct page *page, const struct cli_verdict *verdict)
{
    const lf_evidence *e = verdict->evidence;
    heading(page, "一、核验结论");
    row(page, "结论", e != NULL ? "成立：下列各项均已证明" : "不成立");
    row(page, "证据文件", verdict->file);
    row(page, "信任文件", verdict->trust);
    row_instant(page, "核验时间", (int64_t)time(NULL) * 1000);
    row(page, "核验程序", lf_version());
    if (e != NULL) {
        row(page, "证据文件 SHA-256", e->sha256);
    } else {
        row(page, "原因代码", verdict->why.reason);
        row(page, "所在位置", verdict->why.field);
        row(page, "程序说明", verdict->why.message);
        item(page, "证据文件中的任何内容均未得到证明，不得采信。");
    }
}

static void ledger_part(struct page *page, const lf_evidence *e)
{
    heading(page, "二、台账与检查点");
    row(page, "台账", e->origin);
    row(page, "创世条目哈希", e->genesis);
    row(page, "台账公钥", e->log_key);
    row_number(page, "检查点条目数", e->size);
    row(page, "检查点根哈希", e->root);
    row(page, "见证门槛", e->quorum[0] != '\0' ? e->quorum : "信任文件未要求见证");
    for (size_t i = 0; i < e->witness_count; i++) {
        row(page, "见证人", e->witnesses[i].name);
        row_instant(page, "见证时间", e->witnesses[i].time_ms);
    }
}

static void signatures_part(struct page *page, const lf_evidence_record *r)
{
    for (size_t i = 0; i < r->signature_count; i++) {
        const lf_evidence_signature *s = &r->signatures[i];
        row(page, "签名密钥", s->key_id);
        row(page, "签名算法", s->algorithm);
        row(page, "当时身份", role_chinese(s->role));
        row(page, "当时状态", cli_chinese(s->status));
        row_number(page, "该状态起于条目", s->since_index);
        if (s->batch_size > 0) {
            row_number(page, "同批签名记录数", s->batch_size);
        }
    }
}

static void parts_part(struct page *page, const lf_evidence_record *r)
{
    char line[128];
    for (size_t i = 0; i < r->part_count; i++) {
        const lf_evidence_part *part = &r->parts[i];
        (void)snprintf(line, sizeof line, "%s；SHA-256 %s",
                       part->is_shown ? "已出示，与签名哈希一致" : "未出示（隐藏或已依法删除）",
                       part->sha256);
        row(page, cli_chinese(part->part_class), line);
    }
}

enum { FIELD_TEXT_MAX = WORDS_NAME_MAX + 128 };

/* A code with what people call it; anything else as it is. */
static const char *field_text(const char *kind, const lf_evidence_field *f,
                              char out[static FIELD_TEXT_MAX])
{
    char name[WORDS_NAME_MAX] = "";
    const char *table = words_table(kind, f->name);
    if (table == NULL || words_name(table, f->value, name)[0] == '\0') {
        return f->value;
    }
    (void)snprintf(out, FIELD_TEXT_MAX, "%s（%.100s）", name, f->value);
    return out;
}

static void record_part(struct page *page, const lf_evidence_record *r)
{
    char line[160];
    char text[FIELD_TEXT_MAX];
    (void)snprintf(line, sizeof line, "条目 %llu：%s", (unsigned long long)r->index,
                   cli_chinese(r->kind));
    heading(page, line);
    row(page, "提交方", r->issuer);
    row(page, "记录编号", r->record_id);
    row(page, "案件编号", r->ref);
    row_number(page, "版本", r->version);
    row(page, "确定程度", cli_chinese(r->certainty));
    row_instant(page, "受理时间（网关）", r->accepted_at_ms);
    if (r->issued_at_ms != 0) {
        row_instant(page, "签发时间（自称）", r->issued_at_ms);
    }
    row(page, "记录 SHA-256", r->record_sha256);
    row(page, "叶哈希", r->leaf);
    row(page, "当时成员表根哈希", r->members_root);
    signatures_part(page, r);
    parts_part(page, r);
    for (size_t i = 0; i < r->field_count; i++) {
        row(page, cli_chinese(r->fields[i].name), field_text(r->kind, &r->fields[i], text));
    }
    for (size_t i = 0; i < r->later_count; i++) {
        const lf_evidence_later *l = &r->later[i];
        (void)snprintf(line, sizeof line, "条目 %llu：%s %s，提交方 %s",
                       (unsigned long long)l->index, cli_chinese(l->kind), cli_chinese(l->decision),
                       l->issuer);
        row(page, "后续记录", line);
    }
}

static void attachments_part(struct page *page, const lf_evidence *e)
{
    if (e->attachment_count == 0) {
        return;
    }
    heading(page, "附件");
    for (size_t i = 0; i < e->attachment_count; i++) {
        const lf_evidence_attachment *a = &e->attachments[i];
        row(page, "文件（名称未证明）", a->name);
        row(page, "SHA-256", a->sha256);
        row_number(page, "字节数", a->size);
        row_number(page, "载明其哈希的条目", a->index);
        row(page, "核对", a->is_checked ? "内容与哈希一致" : "未核对：文件未随附");
    }
}

static void proven_part(struct page *page, const lf_evidence *e)
{
    heading(page, "已证明的事项");
    item(page, "每条记录由其提交方签名；签名逐条验证通过。");
    item(page, "签名密钥在记录受理之时列于成员表，状态如上所列。");
    item(page, "每条记录位于上述台账的所列条目，台账此后未被改动、抽换。");
    item(page, "检查点由信任文件所列台账公钥签名，台账自信任文件所列创世条目开始。");
    if (e->quorum[0] != '\0') {
        item(page, "检查点已由信任文件所要求数目的见证人在上述时间联署。");
    }
    item(page, "已出示的各组内容与签名时的哈希一致；未出示的各组仅证明其存在与哈希。");
}

static const struct {
    const char *code;
    const char *chinese;
} unproven[] = {
    {"CONTENT", "记录内容本身是否属实：仅证明提交方作出过该陈述。"},
    {"LATER", "除本文件所列之外，此后有无更正、撤回或新版本。"},
    {"KEY_DATES", "签名密钥自身的有效期与用途。"},
    {"THRESHOLD", "主管机关签名是否达到规定数目。"},
    {"WITNESSED", "除台账自身签名外，有无他人见证该检查点。"},
    {"KEY_IN_FORCE", "检查点是否形成于其所称之时：本文件表明签署该检查点的密钥此后已被更换，"
                     "取得旧密钥者可以倒签；应当重新出具证据。"},
    {"ATTACHMENT_NAMES", "附件的文件名，以及未核对附件的字节数：记录仅载明其哈希。"},
};

static void unproven_part(struct page *page, const lf_evidence *e)
{
    heading(page, "未证明的事项");
    for (size_t i = 0; i < e->unproven_count; i++) {
        for (size_t k = 0; k < sizeof unproven / sizeof unproven[0]; k++) {
            if (strcmp(unproven[k].code, e->unproven[i]) == 0) {
                item(page, unproven[k].chinese);
            }
        }
    }
    heading(page, "方法");
    item(page, "本核验不联网，只信任信任文件。算法均公开：SHA-256、Ed25519（RFC 8032）、RFC 6962 "
               "默克尔树、"
               "C2SP 检查点与联署，任何人可用其他程序复核。");
}

void cli_evidence_report(FILE *to, bool html, const struct cli_verdict *verdict)
{
    struct page page = {to, html, false};
    const lf_evidence *e = verdict->evidence;
    begin(&page, "联防台账电子证据核验报告");
    verdict_part(&page, verdict);
    if (e != NULL) {
        ledger_part(&page, e);
        heading(&page, "三、记录");
        for (size_t i = 0; i < e->record_count; i++) {
            record_part(&page, &e->records[i]);
        }
        attachments_part(&page, e);
        proven_part(&page, e);
        unproven_part(&page, e);
    }
    end(&page);
}
