/* SPDX-License-Identifier: Apache-2.0 */
/* https://c2sp.org/tlog-policy: one statement a line, names before use, exactly one quorum. */
#include "core/witness_policy.h"

#include "base/bytes.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/text.h"
#include "core/cosign.h"

#include <stdlib.h>
#include <string.h>

struct policy_reader {
    struct lf__witness_policy *policy;
    bool has_quorum;
    bool is_used[LF_POLICY_ITEMS_MAX]; /* is already a member of a group */
    lf_error *err;
    unsigned line;
};

static lf_status bad(const struct policy_reader *r, const char *why)
{
    return lf__refuse(r->err, LF_E_FORMAT, "POLICY_BAD", "policy", "policy: line %u: %s", r->line,
                      why);
}

static lf_bytes word_take(lf_bytes *line)
{
    size_t start = 0;
    while (start < line->len && (line->ptr[start] == ' ' || line->ptr[start] == '\t')) {
        start++;
    }
    size_t end = start;
    while (end < line->len && line->ptr[end] != ' ' && line->ptr[end] != '\t') {
        end++;
    }
    lf_bytes word = lf__bytes_slice(*line, start, end - start);
    *line = lf__bytes_slice(*line, end, line->len);
    return word;
}

static int item_find(const struct lf__witness_policy *policy, lf_bytes name)
{
    for (unsigned i = 0; i < policy->item_count; i++) {
        if (lf__bytes_eq_str(name, policy->items[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

/* One key may stand once, whatever its name and type. */
static bool key_is_known(const struct lf__witness_policy *policy, const struct lf__note_key *key)
{
    for (unsigned i = 0; i < policy->log_count; i++) {
        if (memcmp(policy->logs[i].key.key.bytes, key->key.bytes, LF_ED25519_PUBLIC) == 0) {
            return true;
        }
    }
    for (unsigned i = 0; i < policy->item_count; i++) {
        if (!policy->items[i].is_group &&
            memcmp(policy->items[i].key.key.bytes, key->key.bytes, LF_ED25519_PUBLIC) == 0) {
            return true;
        }
    }
    return false;
}

static lf_status log_take(struct policy_reader *r, lf_bytes line)
{
    struct lf__witness_policy *policy = r->policy;
    struct lf__policy_log log = {.url = ""};
    if (policy->log_count == LF_POLICY_LOGS_MAX) {
        return bad(r, "too many logs");
    }
    if (lf__note_key_parse(word_take(&line), &log.key, NULL) != LF_OK) {
        return bad(r, "the log's key is not a vkey of an Ed25519 log");
    }
    if (!lf__copy_str(log.url, sizeof log.url, word_take(&line)) || word_take(&line).len > 0) {
        return bad(r, "log VKEY [URL] is the form");
    }
    if (key_is_known(policy, &log.key)) {
        return bad(r, "the same key stands twice");
    }
    policy->logs[policy->log_count++] = log;
    return LF_OK;
}

static lf_status name_take(struct policy_reader *r, lf_bytes name, struct lf__policy_item *item)
{
    if (r->policy->item_count == LF_POLICY_ITEMS_MAX) {
        return bad(r, "too many witnesses and groups");
    }
    if (name.len == 0 || lf__bytes_eq_str(name, "none") ||
        !lf__copy_str(item->name, sizeof item->name, name)) {
        return bad(r, "the name is missing, too long, or 'none'");
    }
    return item_find(r->policy, name) < 0 ? LF_OK : bad(r, "the name stands twice");
}

static lf_status witness_take(struct policy_reader *r, lf_bytes line)
{
    struct lf__witness_policy *policy = r->policy;
    struct lf__policy_item item = {.is_group = false};
    lf_status rc = name_take(r, word_take(&line), &item);
    if (rc != LF_OK) {
        return rc;
    }
    if (lf__note_key_parse_cosigner(word_take(&line), &item.key, NULL) != LF_OK) {
        return bad(r, "the witness's key is not a vkey of a cosigner (type 04)");
    }
    if (!lf__copy_str(item.url, sizeof item.url, word_take(&line)) || word_take(&line).len > 0) {
        return bad(r, "witness NAME VKEY [URL] is the form");
    }
    if (key_is_known(policy, &item.key)) {
        return bad(r, "the same key stands twice");
    }
    policy->items[policy->item_count++] = item;
    return LF_OK;
}

static lf_status members_take(struct policy_reader *r, lf_bytes line, struct lf__policy_item *item)
{
    for (lf_bytes name = word_take(&line); name.len > 0; name = word_take(&line)) {
        int at = item_find(r->policy, name);
        if (at < 0) {
            return bad(r, "a member is not named before");
        }
        if (r->is_used[at]) {
            return bad(r, "a member stands in a group already");
        }
        if (item->member_count == LF_POLICY_MEMBERS_MAX) {
            return bad(r, "too many members");
        }
        r->is_used[at] = true;
        item->members[item->member_count++] = (uint8_t)at;
    }
    return item->member_count > 0 ? LF_OK : bad(r, "the group has no members");
}

static lf_status group_take(struct policy_reader *r, lf_bytes line)
{
    struct lf__policy_item item = {.is_group = true};
    uint64_t need = 0;
    lf_status rc = name_take(r, word_take(&line), &item);
    lf_bytes count = word_take(&line);
    rc = rc == LF_OK ? members_take(r, line, &item) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    if (lf__bytes_eq_str(count, "any")) {
        need = 1;
    } else if (lf__bytes_eq_str(count, "all")) {
        need = item.member_count;
    } else if (!lf__text_u64(count, &need)) {
        return bad(r, "group NAME any|all|K MEMBER... is the form");
    }
    if (need == 0 || need > item.member_count) {
        return bad(r, "a group needs 1 to as many as it has");
    }
    item.need = (unsigned)need;
    r->policy->items[r->policy->item_count++] = item;
    return LF_OK;
}

static lf_status quorum_take(struct policy_reader *r, lf_bytes line)
{
    lf_bytes name = word_take(&line);
    if (r->has_quorum || word_take(&line).len > 0) {
        return bad(r, "exactly one quorum NAME|none is the form");
    }
    r->has_quorum = true;
    r->policy->quorum = item_find(r->policy, name);
    return r->policy->quorum >= 0 || lf__bytes_eq_str(name, "none")
               ? LF_OK
               : bad(r, "the quorum is not named before");
}

static bool line_is_clean(lf_bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.ptr[i];
        if (!(c == '\t' || (c >= 0x20 && c <= 0x7e) || c >= 0x80)) {
            return false;
        }
    }
    return true;
}

static lf_status line_take(struct policy_reader *r, lf_bytes line)
{
    static const struct {
        const char *word;
        lf_status (*take)(struct policy_reader *r, lf_bytes line);
    } statements[] = {{"log", log_take},
                      {"witness", witness_take},
                      {"group", group_take},
                      {"quorum", quorum_take}};
    if (!line_is_clean(line)) {
        return bad(r, "holds a control character");
    }
    lf_bytes word = word_take(&line);
    if (word.len == 0 || word.ptr[0] == '#') {
        return LF_OK;
    }
    for (size_t i = 0; i < LF_COUNT(statements); i++) {
        if (lf__bytes_eq_str(word, statements[i].word)) {
            return statements[i].take(r, line);
        }
    }
    return bad(r, "begins with neither log, witness, group nor quorum");
}

lf_status lf__witness_policy_parse(lf_bytes text, struct lf__witness_policy **out, lf_error *err)
{
    struct lf__witness_policy *policy = calloc(1, sizeof *policy);
    struct policy_reader r = {.policy = policy, .err = err, .line = 1};
    struct lf__reader lines = {text};
    lf_bytes line;
    lf_status rc = LF_OK;
    if (policy == NULL) {
        return lf__fail(err, LF_E_NOMEM, "policy: out of memory");
    }
    if (text.len > LF_POLICY_TEXT_MAX) {
        free(policy);
        return lf__fail(err, LF_E_TOO_BIG, "policy: over %d bytes", LF_POLICY_TEXT_MAX);
    }
    policy->quorum = -1;
    for (; rc == LF_OK && lf__read_line(&lines, &line); r.line++) {
        rc = line_take(&r, line);
    }
    rc = rc == LF_OK && lines.rest.len > 0 ? line_take(&r, lines.rest) : rc;
    rc = rc == LF_OK && !r.has_quorum ? bad(&r, "there is no quorum statement") : rc;
    if (rc != LF_OK) {
        free(policy);
        return rc;
    }
    *out = policy;
    return LF_OK;
}

void lf__witness_policy_free(struct lf__witness_policy *policy)
{
    free(policy);
}

const struct lf__policy_log *lf__witness_policy_log(const struct lf__witness_policy *policy,
                                                    lf_bytes origin)
{
    for (unsigned i = 0; i < policy->log_count; i++) {
        if (lf__bytes_eq_str(origin, policy->logs[i].key.name)) {
            return &policy->logs[i];
        }
    }
    return NULL;
}

/* Items stand after all that they name, so one pass from the first to the last decides. */
static lf_status items_judge(const struct lf__witness_policy *policy, lf_bytes note,
                             bool met[static LF_POLICY_ITEMS_MAX], int64_t *oldest_s, lf_error *err)
{
    for (unsigned i = 0; i < policy->item_count; i++) {
        const struct lf__policy_item *item = &policy->items[i];
        unsigned have = 0;
        for (unsigned m = 0; m < item->member_count; m++) {
            have += met[item->members[m]] ? 1 : 0;
        }
        met[i] = item->is_group && have >= item->need;
        if (item->is_group) {
            continue;
        }
        int64_t time_s = 0;
        lf_error why = LF_ERROR_INIT; /* a witness that is missing is no error */
        lf_status rc = lf__cosign_verify(note, &item->key, &time_s, &why);
        if (rc != LF_OK && rc != LF_E_NOT_FOUND) {
            return lf__refuse(err, rc, why.reason, why.field, "%s", why.message);
        }
        met[i] = rc == LF_OK;
        *oldest_s = met[i] && (*oldest_s == 0 || time_s < *oldest_s) ? time_s : *oldest_s;
    }
    return LF_OK;
}

lf_status lf__witness_policy_check(const struct lf__witness_policy *policy, lf_bytes note,
                                   int64_t *oldest_s, lf_error *err)
{
    bool met[LF_POLICY_ITEMS_MAX] = {false};
    int64_t oldest = 0;
    lf_status rc = items_judge(policy, note, met, &oldest, err);
    if (rc == LF_OK && policy->quorum >= 0 && !met[policy->quorum]) {
        return lf__refuse(err, LF_E_SIGNATURE, "QUORUM_MISSING", "note",
                          "checkpoint: too few witnesses have cosigned it for '%s'",
                          policy->items[policy->quorum].name);
    }
    if (rc == LF_OK && oldest_s != NULL) {
        *oldest_s = oldest;
    }
    return rc;
}
