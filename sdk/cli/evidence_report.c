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

/* Codes of the contract in the words of the field; what is not listed stands as it is. */
static const struct {
    const char *code;
    const char *chinese;
} words[] = {
    {"PUBLIC", "公开"},
    {"MEMBERS", "成员可见"},
    {"REGULATOR", "监管可见"},
    {"PERSONAL", "个人信息"},
    {"ACTIVE", "有效"},
    {"SUSPENDED", "暂停"},
    {"RETIRED", "已退出"},
    {"PLATFORM", "平台"},
    {"POLICE", "公安"},
    {"COMMERCE", "商务"},
    {"ASSOCIATION", "协会"},
    {"LAB", "检测机构"},
    {"BRAND", "权利人"},
    {"LICENCE_ISSUER", "执照签发机关"},
    {"OBSERVER", "观察员"},
    {"AUDITOR", "审计"},
    {"Genesis", "创世记录"},
    {"Member", "成员登记"},
    {"Policy", "规则"},
    {"RegistryEntry", "登记信息"},
    {"EnforcementEvent", "处置事件"},
    {"Relay", "监管转发"},
    {"Correction", "更正"},
    {"Redaction", "依法删除"},
    {"CreditListEntry", "名录列入"},
    {"ListRemoval", "名录移出"},
    {"Appeal", "申诉"},
    {"Notice", "监管通知"},
    {"Disposition", "处置反馈"},
    {"EntryBan", "限制入驻"},
    {"Override", "未采纳建议"},
    {"Campaign", "专项行动"},
    {"Attestation", "自证合规"},
    {"Bulletin", "通报"},
    {"MerchantIdentity", "经营者身份"},
    {"Acknowledgement", "接收确认"},
    {"REMOVED", "移出／清退"},
    {"REVOKED", "撤销"},
    {"TERM", "期满"},
    {"FILED", "已提出"},
    {"ACCEPTED", "已受理"},
    {"HUMAN_REVIEW", "人工复核"},
    {"UPHELD", "维持"},
    {"OVERTURNED", "推翻"},
    {"REMINDED", "催办"},
    {"ESCALATED", "升级督办"},
    {"NO_SHOP", "无店铺"},
    {"ACTIVE_SHOP", "有店铺"},
    {"RESTRICTED", "已限制"},
    {"KEPT", "未处置（附理由）"},
    {"INVESTIGATING", "核查中"},
    {"DISPUTED", "有异议"},
    {"UNDONE", "已恢复"},
    {"NOT_USED", "未曾使用"},
    {"ERASED", "已删除"},
    {"COORDINATION", "会商"},
    {"BULLETIN", "通报"},
    {"PUBLICATION", "公告"},
    {"ABNORMAL", "经营异常名录"},
    {"ABNORMAL_MARK", "个体工商户经营异常状态标记"},
    {"SERIOUS", "严重违法失信名单"},
    {"LOCAL_SERIOUS", "地方严重违法主体库"},
    {"PENALTY", "行政处罚"},
    {"ENTRY", "入驻"},
    {"OPERATION", "运营"},
    {"AFTER_SALE", "售后"},
    {"SUPERVISION", "监管"},
    {"ERASE", "删除"},
    {"RESTRICT", "停止除存储以外的处理"},
    {"LIFT_RESTRICTION", "恢复"},
    {"true", "是"},
    {"WITHDRAWN", "撤回"},
    {"WRONG_SUBJECT", "主体错误"},
    {"IDENTITY_STOLEN", "身份被冒用"},
    {"FACT_WRONG", "事实错误"},
    {"APPEAL_UPHELD", "申诉成立"},
    {"REPAIRED", "信用修复"},
    {"RELEASED", "准予扩散"},
    {"REFUSED", "不予扩散"},
    {"SUSPECTED", "涉嫌"},
    {"TEST_ABNORMAL", "检测异常"},
    {"ESTABLISHED_BY_PLATFORM", "平台认定"},
    {"ESTABLISHED_BY_BRAND", "权利人认定"},
    {"ADMIN_DECISION", "行政决定"},
    {"COURT", "司法裁判"},
    {"uscc", "统一社会信用代码"},
    {"violation", "违法行为代码"},
    {"measures", "处置措施"},
    {"decided_at", "认定日期"},
    {"shop_id", "店铺"},
    {"rule", "规则条款"},
    {"amount_fen", "金额（分）"},
    {"points", "扣分"},
    {"evidence_sha256", "证据文件 SHA-256"},
    {"note", "说明"},
    {"name", "名称"},
    {"established", "成立日期"},
    {"province", "省份代码"},
    {"status", "登记状态"},
    {"full_name", "完整名称"},
    {"target_issuer", "所指记录的提交方"},
    {"target_record_id", "所指记录编号"},
    {"reason", "理由"},
    {"decision", "决定"},
    {"more_violations", "其他违法行为代码"},
    {"campaign", "专项行动"},
    {"stage", "环节"},
    {"brand_issuer", "权利人"},
    {"brand_record_id", "权利人记录编号"},
    {"measure_until", "措施截止日期"},
    {"old_number", "原注册号"},
    {"replacement_record_id", "更正后记录编号"},
    {"list", "名录"},
    {"reason_text", "公示原因"},
    {"listed_on", "列入日期"},
    {"authority", "作出决定机关"},
    {"document", "文号"},
    {"region", "行政区划"},
    {"list_id", "名录编号"},
    {"ground", "移出事由"},
    {"removed_on", "移出日期"},
    {"step", "步骤"},
    {"stepped_on", "步骤日期"},
    {"statement_sha256", "申诉材料 SHA-256"},
    {"members", "通知对象"},
    {"text", "正文"},
    {"title", "标题"},
    {"public_title", "公告标题"},
    {"public_text", "公告正文"},
    {"channel", "发布渠道"},
    {"answer", "反馈"},
    {"shops", "店铺（户次）"},
    {"acted_on", "处置日期"},
    {"from", "起始日期"},
    {"until", "截止日期"},
    {"advice", "系统建议"},
    {"access_index", "访问日志位置"},
    {"officer", "经办人编号"},
    {"violations", "违法行为代码"},
    {"is_automatic", "自动生效"},
    {"period", "期间"},
    {"statement", "声明"},
    {"document_sha256", "文件 SHA-256"},
    {"legal_rep_token", "法定代表人标识"},
    {"account_token", "结算账户标识"},
    {"phone_token", "电话标识"},
    {"cursor", "位置"},
    {"root", "账本根"},
    {"classes", "部分"},
    {"mode", "方式"},
    {"order_authority", "决定机关"},
    {"order_number", "决定文号"},
};

static const char *chinese(const char *code)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].code, code) == 0) {
            return words[i].chinese;
        }
    }
    return code;
}

/* A role's word is that of a part's class elsewhere. */
static const char *role_chinese(const char *role)
{
    return role[0] == '\0'                  ? "主管机关"
           : strcmp(role, "REGULATOR") == 0 ? "监管部门"
                                            : chinese(role);
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
        row(page, "当时状态", chinese(s->status));
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
        row(page, chinese(part->part_class), line);
    }
}

enum { FIELD_TEXT_MAX = WORDS_NAME_MAX + 128 };

/* A code with what people call it; anything else as it is. */
static const char *field_text(const lf_evidence_field *f, char out[static FIELD_TEXT_MAX])
{
    char name[WORDS_NAME_MAX] = "";
    const char *table = words_table(f->name);
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
                   chinese(r->kind));
    heading(page, line);
    row(page, "提交方", r->issuer);
    row(page, "记录编号", r->record_id);
    row(page, "案件编号", r->ref);
    row_number(page, "版本", r->version);
    row(page, "确定程度", chinese(r->certainty));
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
        row(page, chinese(r->fields[i].name), field_text(&r->fields[i], text));
    }
    for (size_t i = 0; i < r->later_count; i++) {
        const lf_evidence_later *l = &r->later[i];
        (void)snprintf(line, sizeof line, "条目 %llu：%s %s，提交方 %s",
                       (unsigned long long)l->index, chinese(l->kind), chinese(l->decision),
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
        row(page, "文件", a->name);
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
