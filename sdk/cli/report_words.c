/* SPDX-License-Identifier: Apache-2.0 */
/* What a page calls reports, columns and what stands in them. A word that is not here stands for itself. */
#include "cli/report.h"
#include "cli/words.h"

#include <string.h>

static const char *const reports[][2] = {
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
    {"corrections", "更正送达情况"},
    {"links", "关联主体"},
    {"quarantine", "集中报送隔离"},
    {"relay-queue", "待转发队列"},
    {"subject", "经营者信息查阅"},
};

static const char *const heads[][2] = {
    {"index", "账本位置"},
    {"subject", "统一社会信用代码"},
    {"shop", "店铺（经营者）"},
    {"violation", "违法违规行为"},
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
    {"silent", "未报送"},
    {"members", "成员数"},
    {"reporters", "报送成员数"},
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
    {"since", "最早时间"},
    {"waiting", "待处理"},
    {"released", "已放行"},
    {"refused", "已退回"},
    {"first", "最早"},
    {"last", "最近"},
    {"coverage", "覆盖率"},
    {"violation_name", "违法违规行为"},
    {"province_name", "省份"},
    {"overrides", "未采纳次数"},
};

/* Beside what cli_chinese() has, which is for fields of records. */
static const char *const cells[][2] = {
    {"TOTAL", "合计"},
    {"PENDING_RELAY", "待监管转发"},
    {"UNDER_APPEAL", "申诉中"},
    {"CORRECTED", "已更正"},
    {"EXPIRED", "已到期"},
    {"LIFTED", "已解除"},
    {"QUARANTINED", "隔离中"},
    {"OPEN", "未答复"},
    {"CLOSED", "已办结"},
    {"MOOT", "已不需答复"},
    {"FILED", "已提交"},
    {"ATTESTATION_MISSING", "未提交自证"},
    {"IN_TIME", "及时"},
    {"LATE", "逾期"},
    {"OVERDUE", "超期未公示"},
    {"WAITING", "待公示"},
    {"PROVISIONAL", "暂定（节假日未公布）"},
    {"SILENT", "未报送"},
    {"REGULATOR", "监管部门"},
    {"RECORD", "记录"},
    {"APPEAL", "申诉渠道"},
    {"ACCESS", "查询"},
    {"RECIPIENT", "已告知"},
    {"ISSUER", "记录作出方"},
    {"ACTED", "已处置平台"},
    {"DELIVERED", "已送达"},
    {"ACKNOWLEDGED", "已确认接收"},
    {"ANSWERED", "已答复"},
    {"SCREEN", "筛查"},
    {"READ_ENTRIES", "读取记录"},
    {"READ_EVIDENCE", "调取证据"},
    {"CROSS_CHECK", "比对"},
    {"ONBOARDING", "入驻审核"},
    {"RESCREENING", "存量复查"},
    {"INVESTIGATION", "调查"},
    {"ENFORCEMENT", "执法"},
    {"AUDIT", "审计"},
    {"SUBJECT_REQUEST", "经营者查阅"},
    {"STATUTORY_DUTY", "法定职责"},
    {"PUBLIC_DISCLOSED", "依法公开"},
    {"CONSENT", "同意"},
    {"CONTRACT", "合同"},
    {"STRONG", "强"},
    {"MEDIUM", "中"},
    {"WEAK", "弱"},
    {"SHARED", "已共享"},
    {"AGE", "距今"},
    {"days", "天"},
    {"OPEN_TASK", "未答复任务"},
    {"WORKDAYS", "个工作日"},
    {"DAYS", "天"},
    {"measure", "处置措施"},
    {"certainty", "确定程度"},
    {"about", "所指记录"},
    {"subjects", "户次"},
    {"case", "案号"},
    {"decide_within", "决定期限"},
    {"ledger", "账本"},
    {"access", "访问日志"},
    {"violation", "违法违规行为"},
    {"until", "截止"},
    {"decision-to-report", "决定至报送"},
    {"decision-to-share", "决定至共享"},
    {"share-to-answer", "共享至反馈"},
};

#define FIND(table, word) find((table), sizeof(table) / sizeof((table)[0]), (word))
static const char *find(const char *const (*table)[2], size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i][0], word) == 0) {
            return table[i][1];
        }
    }
    return NULL;
}

const char *report_word_name(const char *name)
{
    const char *word = FIND(reports, name);
    return word != NULL ? word : name;
}

const char *report_word_head(const char *head)
{
    const char *word = FIND(heads, head);
    return word != NULL ? word : head;
}

/* What the rules call a code, in whichever of these tables it is. */
static const char *of_rules(const char *code)
{
    static const char *const tables[] = {"violation",
                                         "measure",
                                         "status",
                                         "advise_DENY",
                                         "advise_MANUAL_REVIEW",
                                         "advise_ALLOW_WITH_WARNING"};
    static char name[WORDS_NAME_MAX];
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (words_name(tables[i], code, name)[0] != '\0') {
            return name;
        }
    }
    return code;
}

const char *report_word_cell(const char *text)
{
    const char *word = FIND(cells, text);
    word = word != NULL ? word : cli_chinese(text);
    return word != text ? word : of_rules(text);
}
