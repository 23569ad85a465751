/* SPDX-License-Identifier: Apache-2.0 */
/* screen --policy: what a member makes of a reason, where it is stricter than the federation. */
#include "cli/cli.h"
#include "cli/screen.h"

#include <stdlib.h>
#include <string.h>

enum { POLICY_ROWS_MAX = 256, POLICY_WORD = 48 };

static const char *const advices[] = {"", "ALLOW", "ALLOW_WITH_WARNING", "MANUAL_REVIEW", "DENY"};

struct screen_policy {
    struct {
        char reason[POLICY_WORD];
        size_t advice; /* its place among the advices: higher is stricter */
    } rows[POLICY_ROWS_MAX];
    size_t count;
};

/* 0 when it is none. */
static size_t advice_rank(const char *word)
{
    size_t rank = sizeof advices / sizeof advices[0] - 1;
    while (rank > 0 && strcmp(advices[rank], word) != 0) {
        rank--;
    }
    return rank;
}

/* "" for a good line. */
static const char *line_take(struct screen_policy *policy, char *line)
{
    char *rest = NULL;
    const char *reason = strtok_r(line, " \t\r", &rest);
    const char *advice = reason == NULL ? NULL : strtok_r(NULL, " \t\r", &rest);
    if (reason == NULL || reason[0] == '#') {
        return "";
    }
    if (advice == NULL || strtok_r(NULL, " \t\r", &rest) != NULL || advice_rank(advice) == 0) {
        return "not of the form REASON ADVICE";
    }
    if (policy->count == POLICY_ROWS_MAX || strlen(reason) >= POLICY_WORD) {
        return "too many lines, or too long a reason";
    }
    (void)snprintf(policy->rows[policy->count].reason, POLICY_WORD, "%s", reason);
    policy->rows[policy->count++].advice = advice_rank(advice);
    return "";
}

struct screen_policy *screen_policy_load(const char *path)
{
    struct screen_policy *policy = calloc(1, sizeof *policy);
    char *text = policy == NULL ? NULL : cli_read_text(path);
    char *rest = text;
    unsigned number = 0;
    const char *why = "";
    for (char *line; why[0] == '\0' && rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        number++;
        why = line_take(policy, line);
    }
    if (text == NULL || why[0] != '\0') {
        if (text != NULL) {
            (void)fprintf(stderr, "lianfang: %s: line %u: %s\n", path, number, why);
        }
        free(policy);
        policy = NULL;
    }
    free(text);
    return policy;
}

void screen_policy_free(struct screen_policy *policy)
{
    free(policy);
}

static size_t reason_rank(const struct screen_policy *policy, const char *reason)
{
    size_t rank = 0;
    for (size_t i = 0; i < policy->count; i++) {
        if (strcmp(policy->rows[i].reason, reason) == 0 && policy->rows[i].advice > rank) {
            rank = policy->rows[i].advice;
        }
    }
    return rank;
}

const char *screen_policy_apply(const struct screen_policy *policy, const lf_screened *screened,
                                const char **by)
{
    size_t rank = advice_rank(screened->advice);
    const char *raised_by = NULL;
    for (size_t i = 0; policy != NULL && rank > 0 && i < screened->reason_count; i++) {
        size_t own = reason_rank(policy, screened->reasons[i].code);
        if (own > rank) {
            rank = own;
            raised_by = screened->reasons[i].code;
        }
    }
    if (by != NULL) {
        *by = raised_by;
    }
    return raised_by == NULL ? screened->advice : advices[rank];
}
