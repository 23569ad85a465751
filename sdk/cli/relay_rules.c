/* SPDX-License-Identifier: Apache-2.0 */
/* relay --auto: a regulator's rules of which accusations go through without a person. What no rule lets through waits for one. */
#define _GNU_SOURCE /* strptime() */
#include "cli/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, SHANGHAI_MS = 8 * 3600 * 1000, NUMBER_MAX = 1000000, USED_STEP = 64 };

/* ---- the file ---- */

static bool word_is_good(const char *word)
{
    size_t len = strlen(word);
    return len > 0 && len < RELAY_WORD_MAX &&
           strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static const char *word_take(char **rest)
{
    return strtok_r(NULL, " \t\r", rest);
}

/* "" for good ones; the rest of the line. */
static const char *words_take(struct relay_words *out, char **rest)
{
    const char *word;
    while ((word = word_take(rest)) != NULL) {
        if (!word_is_good(word) || out->count == RELAY_WORDS_MAX) {
            return "too many words, or one that is none";
        }
        (void)snprintf(out->list[out->count++], RELAY_WORD_MAX, "%s", word);
    }
    return out->count == 0 ? "needs a word behind it" : "";
}

static const char *number_take(unsigned *out, char **rest)
{
    char *end = NULL;
    const char *word = word_take(rest);
    errno = 0;
    unsigned long value = word == NULL || word[0] == '-' ? 0 : strtoul(word, &end, 10);
    if (errno != 0 || end == NULL || end == word || *end != '\0' || value == 0 ||
        value > NUMBER_MAX || word_take(rest) != NULL) {
        return "needs one number, 1 to 1000000";
    }
    *out = (unsigned)value;
    return "";
}

static const char *name_take(char out[static RELAY_WORD_MAX], char **rest)
{
    const char *word = word_take(rest);
    if (word == NULL || !word_is_good(word) || word_take(rest) != NULL) {
        return "needs one word of letters, digits, '.', '_' and '-'";
    }
    (void)snprintf(out, RELAY_WORD_MAX, "%s", word);
    return "";
}

/* Of the rule that stands last. */
static const char *condition_take(struct relay_rule *rule, const char *key, char **rest)
{
    if (strcmp(key, "issuer") == 0) {
        return words_take(&rule->issuers, rest);
    }
    if (strcmp(key, "violation") == 0) {
        return words_take(&rule->violations, rest);
    }
    if (strcmp(key, "certainty") == 0) {
        return words_take(&rule->certainties, rest);
    }
    if (strcmp(key, "evidence") == 0) {
        return number_take(&rule->evidence, rest);
    }
    if (strcmp(key, "max_age_days") == 0) {
        return number_take(&rule->max_age_days, rest);
    }
    if (strcmp(key, "daily_cap") == 0) {
        return number_take(&rule->daily_cap, rest);
    }
    if (strcmp(key, "undisputed") == 0) {
        rule->is_undisputed = true;
        return word_take(rest) == NULL ? "" : "takes nothing behind it";
    }
    return "is no condition that there is";
}

static const char *rule_begin(struct relay_rules *rules, char **rest)
{
    char name[RELAY_WORD_MAX];
    const char *why = name_take(name, rest);
    for (size_t i = 0; why[0] == '\0' && i < rules->count; i++) {
        why = strcmp(rules->list[i].name, name) == 0 ? "stands twice" : "";
    }
    if (why[0] == '\0' && rules->count == RELAY_RULES_MAX) {
        why = "is one too many";
    }
    if (why[0] == '\0') {
        struct relay_rule *rule = &rules->list[rules->count++];
        (void)snprintf(rule->name, sizeof rule->name, "%s", name);
    }
    return why;
}

static const char *line_take(struct relay_rules *rules, char *line)
{
    char *rest = NULL;
    const char *key = strtok_r(line, " \t\r", &rest);
    if (key == NULL || key[0] == '#') {
        return "";
    }
    if (strcmp(key, "version") == 0) {
        return rules->version[0] == '\0' ? name_take(rules->version, &rest) : "stands twice";
    }
    if (strcmp(key, "rule") == 0) {
        return rule_begin(rules, &rest);
    }
    return rules->count == 0 ? "stands before the first rule"
                             : condition_take(&rules->list[rules->count - 1], key, &rest);
}

/* What would let everything through is a mistake. */
static bool rules_are_whole(const struct relay_rules *rules, const char *path)
{
    const char *lacks = rules->version[0] == '\0' ? "version" : rules->count == 0 ? "rule" : NULL;
    const char *name = "";
    for (size_t i = 0; lacks == NULL && i < rules->count; i++) {
        const struct relay_rule *rule = &rules->list[i];
        name = rule->name;
        lacks = rule->violations.count == 0    ? "violation"
                : rule->certainties.count == 0 ? "certainty"
                : rule->daily_cap == 0         ? "daily_cap"
                                               : NULL;
    }
    if (lacks != NULL) {
        (void)fprintf(stderr, "lianfang: %s: %s%s%s has no line '%s'\n", cli_shown(path),
                      name[0] == '\0' ? "" : "rule ", name, name[0] == '\0' ? "the file" : "",
                      lacks);
    }
    return lacks == NULL;
}

bool relay_rules_load(const char *path, struct relay_rules *out)
{
    struct relay_rules rules = {.list = calloc(RELAY_RULES_MAX, sizeof *rules.list)};
    char *text = rules.list == NULL ? NULL : cli_read_text(path);
    char *rest = text;
    unsigned number = 0;
    const char *why = "";
    while (why[0] == '\0' && rest != NULL) {
        char *line = strsep(&rest, "\n");
        number++;
        why = line_take(&rules, line);
    }
    if (text != NULL && why[0] != '\0') {
        (void)fprintf(stderr, "lianfang: %s: line %u: %s\n", cli_shown(path), number, why);
    }
    bool good = text != NULL && why[0] == '\0' && rules_are_whole(&rules, path);
    free(text);
    if (!good) {
        relay_rules_free(&rules);
        return false;
    }
    *out = rules;
    return true;
}

void relay_rules_free(struct relay_rules *rules)
{
    for (size_t i = 0; rules->list != NULL && i < rules->count; i++) {
        free(rules->list[i].used);
    }
    free(rules->list);
    rules->list = NULL;
}

/* ---- what was let through today ---- */

void relay_rules_begin(struct relay_rules *rules, int64_t now_ms)
{
    int64_t start_ms = now_ms - (now_ms + SHANGHAI_MS) % (DAY_S * 1000LL);
    char instant[CLI_INSTANT_SIZE];
    (void)snprintf(rules->day, sizeof rules->day, "%.10s", cli_instant(now_ms, instant));
    for (size_t i = 0; i < rules->count; i++) {
        struct relay_rule *rule = &rules->list[i];
        size_t kept = 0;
        for (size_t j = 0; j < rule->used_count; j++) {
            if (rule->used[j].at_ms >= start_ms) {
                rule->used[kept++] = rule->used[j];
            }
        }
        rule->used_count = kept;
        rule->planned = 0;
    }
    rules->day_start_ms = start_ms;
}

void relay_rules_note(const struct relay_rules *rules, const struct relay_rule *rule,
                      char out[static RELAY_NOTE_MAX])
{
    (void)snprintf(out, RELAY_NOTE_MAX, "auto %s of %s", rule->name, rules->version);
}

/* By the rule's name alone: another version of the rules does not open the day anew. */
static struct relay_rule *rule_of(struct relay_rules *rules, const char *note)
{
    for (size_t i = 0; i < rules->count; i++) {
        size_t len = strlen(rules->list[i].name);
        if (strncmp(note, "auto ", 5) == 0 && strncmp(note + 5, rules->list[i].name, len) == 0 &&
            note[5 + len] == ' ') {
            return &rules->list[i];
        }
    }
    return NULL;
}

static bool used_add(struct relay_rule *rule, struct relay_used used)
{
    size_t at = rule->used_count;
    while (at > 0 && rule->used[at - 1].index >= used.index) {
        if (rule->used[--at].index == used.index) {
            return true;
        }
    }
    if (rule->used_count == rule->used_room) {
        size_t room = rule->used_room + USED_STEP;
        struct relay_used *more = realloc(rule->used, room * sizeof *more);
        if (more == NULL) {
            return false;
        }
        rule->used = more;
        rule->used_room = room;
    }
    (void)memmove(rule->used + at + 1, rule->used + at, (rule->used_count - at) * sizeof used);
    rule->used[at] = used;
    rule->used_count++;
    return true;
}

bool relay_rules_count(struct relay_rules *rules, const char *note, uint64_t index, int64_t at_ms)
{
    struct relay_rule *rule = rule_of(rules, note);
    return rule == NULL || at_ms < rules->day_start_ms ||
           used_add(rule, (struct relay_used){index, at_ms});
}

/* ---- whether one goes through ---- */

static bool has_word(const struct relay_words *words, const char *word, size_t len)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strlen(words->list[i]) == len && strncmp(words->list[i], word, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_all(const struct relay_words *words, const char *list)
{
    bool has = *list != '\0';
    while (has && *list != '\0') {
        size_t len = strcspn(list, ";");
        has = has_word(words, list, len);
        list += len + (list[len] == ';' ? 1 : 0);
    }
    return has;
}

/* Days since 1970 of a date of the form 2026-01-31; negative for what is none. */
static long day_number(const char *date)
{
    struct tm tm = {.tm_year = 0};
    const char *end = strptime(date, "%Y-%m-%d", &tm);
    if (strlen(date) != 10 || end == NULL || *end != '\0') {
        return -1;
    }
    return (long)(timegm(&tm) / DAY_S);
}

static bool is_too_old(const struct relay_rules *rules, const struct relay_rule *rule,
                       const struct relay_event *event)
{
    long then = day_number(event->decided_at);
    long age = day_number(rules->day) - then;
    return rule->max_age_days > 0 && (then < 0 || age < 0 || age > (long)rule->max_age_days);
}

/* What stands in the way; NULL: nothing. */
static const char *rule_refuses(const struct relay_rules *rules, const struct relay_rule *rule,
                                const struct relay_event *event)
{
    if (rule->issuers.count > 0 && !has_all(&rule->issuers, event->issuer)) {
        return "issuer";
    }
    if (!has_all(&rule->violations, event->violations)) {
        return "violation";
    }
    if (!has_all(&rule->certainties, event->certainty)) {
        return "certainty";
    }
    if (event->evidence < rule->evidence) {
        return "evidence";
    }
    if (is_too_old(rules, rule, event)) {
        return "max_age_days";
    }
    if (rule->is_undisputed && event->is_disputed) {
        return "undisputed";
    }
    return rule->used_count + rule->planned >= rule->daily_cap ? "daily_cap" : NULL;
}

struct relay_rule *relay_rules_find(struct relay_rules *rules, const struct relay_event *event,
                                    char *why, size_t why_size)
{
    size_t used = 0;
    why[0] = '\0';
    for (size_t i = 0; i < rules->count; i++) {
        const char *refused = rule_refuses(rules, &rules->list[i], event);
        if (refused == NULL) {
            rules->list[i].planned++;
            return &rules->list[i];
        }
        int n = snprintf(why + used, why_size - used, "%s%s:%s", i == 0 ? "" : " ",
                         rules->list[i].name, refused);
        used = n < 0 || (size_t)n >= why_size - used ? used : used + (size_t)n;
    }
    return NULL;
}
