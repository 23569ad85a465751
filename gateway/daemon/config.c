/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: a table of keys, each with its rule; the first error names file, line and rule. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"

#include <ini.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

enum config_type { CONFIG_NAME, CONFIG_ADDRESS, CONFIG_PATH, CONFIG_NUMBER, CONFIG_LOG };

#define TEXT(member)  offsetof(struct gw_config, member), sizeof(((struct gw_config *)NULL)->member)
#define PLAIN(member) offsetof(struct gw_config, member), 0

/* Where a key's value goes, what it may be, and what it is when it is not there. */
static const struct config_row {
    const char *section;
    const char *key;
    enum config_type type;
    size_t offset;
    size_t size; /* of a text */
    uint64_t min;
    uint64_t max;
    const char *otherwise; /* NULL: required; "": may be left out */
} config_rows[] = {
    {"gateway", "name", CONFIG_NAME, TEXT(name), 0, 0, NULL},
    {"gateway", "listen", CONFIG_ADDRESS, TEXT(listen), 0, 0, NULL},
    {"gateway", "data", CONFIG_PATH, TEXT(data), 0, 0, "data"},
    {"gateway", "ledger_key", CONFIG_PATH, TEXT(ledger_key), 0, 0, "ledger.key"},
    {"gateway", "access_key", CONFIG_PATH, TEXT(access_key), 0, 0, "access.key"},
    {"gateway", "tls_key", CONFIG_PATH, TEXT(tls_key), 0, 0, "tls.key"},
    {"gateway", "tls_cert", CONFIG_PATH, TEXT(tls_cert), 0, 0, "tls.crt"},
    {"gateway", "map_gib", CONFIG_NUMBER, PLAIN(map_gib), 1, 65536, "1024"},
    {"gateway", "queue", CONFIG_NUMBER, PLAIN(queue), 1, 1048576, "8192"},
    {"gateway", "disk_floor_mib", CONFIG_NUMBER, PLAIN(disk_floor_mib), 1, 1 << 30, "256"},
    {"gateway", "grace_ms", CONFIG_NUMBER, PLAIN(grace_ms), 0, 600000, "5000"},
    {"gateway", "heartbeat_ms", CONFIG_NUMBER, PLAIN(heartbeat_ms), 100, 3600000, "10000"},
    {"gateway", "patience_ms", CONFIG_NUMBER, PLAIN(patience_ms), 100, 3600000, "30000"},
    {"gateway", "log", CONFIG_LOG, PLAIN(log_json), 0, 0, "text"},
    {"http", "listen", CONFIG_ADDRESS, TEXT(http.listen), 0, 0, ""},
    {"http", "metrics", CONFIG_ADDRESS, TEXT(http.metrics), 0, 0, ""},
    {"http", "witnesses", CONFIG_PATH, TEXT(http.witnesses), 0, 0, ""},
    {"http", "witness_for", CONFIG_PATH, TEXT(http.witness_for), 0, 0, ""},
    {"http", "publish_interval_ms", CONFIG_NUMBER, PLAIN(http.interval_ms), 1, 3600000, "1000"},
    {"quota", "onboarding", CONFIG_NUMBER, PLAIN(quotas.onboarding), 0, UINT32_MAX, "0"},
    {"quota", "onboarding_reserve", CONFIG_NUMBER, PLAIN(quotas.onboarding_reserve), 0, UINT32_MAX,
     "0"},
    {"quota", "rescreening", CONFIG_NUMBER, PLAIN(quotas.rescreening), 0, UINT32_MAX, "0"},
    {"quota", "investigation", CONFIG_NUMBER, PLAIN(quotas.investigation), 0, UINT32_MAX, "0"},
    {"quota", "enforcement", CONFIG_NUMBER, PLAIN(quotas.enforcement), 0, UINT32_MAX, "0"},
    {"quota", "audit", CONFIG_NUMBER, PLAIN(quotas.audit), 0, UINT32_MAX, "0"},
    {"quota", "subject_request", CONFIG_NUMBER, PLAIN(quotas.subject_request), 0, UINT32_MAX, "0"},
};
enum { CONFIG_ROWS = sizeof config_rows / sizeof config_rows[0], CONFIG_RULE = 96 };

struct config_reader {
    struct gw_config *config;
    unsigned seen; /* a bit a row */
    bool failed;
    char key[64];
    char why[CONFIG_RULE];
};

static void *place_of(struct gw_config *config, const struct config_row *row)
{
    return (char *)config + row->offset;
}

/* It begins the names of our logs, which signed notes want without these. */
static bool is_name(const char *value)
{
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == '+' || *at == 0x7f) {
            return false;
        }
    }
    return value[0] != '\0' && lf__text_is_utf8(lf__bytes_str(value));
}

static bool is_address(const char *value)
{
    uint64_t port = 0;
    const char *colon = strrchr(value, ':');
    return colon != NULL && colon != value && value[strcspn(value, " \t\r\n")] == '\0' &&
           lf__text_u64(lf__bytes_str(colon + 1), &port) && port <= 65535;
}

/* False with the rule that the value breaks. */
static bool value_take(struct gw_config *config, const struct config_row *row, const char *value,
                       char rule[static CONFIG_RULE])
{
    uint64_t number = 0;
    switch (row->type) {
    case CONFIG_NAME:
        (void)snprintf(rule, CONFIG_RULE, "1 to %zu bytes without blanks and '+'", row->size - 1);
        return is_name(value) &&
               lf__copy_str(place_of(config, row), row->size, lf__bytes_str(value));
    case CONFIG_PATH:
        (void)snprintf(rule, CONFIG_RULE, "1 to %zu bytes", row->size - 1);
        return value[0] != '\0' &&
               lf__copy_str(place_of(config, row), row->size, lf__bytes_str(value));
    case CONFIG_ADDRESS:
        (void)snprintf(rule, CONFIG_RULE, "HOST:PORT, at most %zu bytes", row->size - 1);
        return is_address(value) &&
               lf__copy_str(place_of(config, row), row->size, lf__bytes_str(value));
    case CONFIG_NUMBER:
        (void)snprintf(rule, CONFIG_RULE, "a number from %llu to %llu",
                       (unsigned long long)row->min, (unsigned long long)row->max);
        if (!lf__text_u64(lf__bytes_str(value), &number) || number < row->min ||
            number > row->max) {
            return false;
        }
        *(uint64_t *)place_of(config, row) = number;
        return true;
    case CONFIG_LOG:
        (void)snprintf(rule, CONFIG_RULE, "text or json");
        *(bool *)place_of(config, row) = strcmp(value, "json") == 0;
        return strcmp(value, "json") == 0 || strcmp(value, "text") == 0;
    }
    return false;
}

/* inih counts the line; we keep the first rule that is broken. */
static int config_fail(struct config_reader *reader, const char *key, const char *why)
{
    if (!reader->failed) {
        reader->failed = true;
        (void)snprintf(reader->key, sizeof reader->key, "%s", key);
        (void)snprintf(reader->why, sizeof reader->why, "%s", why);
    }
    return 0;
}

static int config_take(void *user, const char *section, const char *key, const char *value)
{
    struct config_reader *reader = user;
    char rule[CONFIG_RULE];
    bool is_section = false;
    for (unsigned i = 0; i < CONFIG_ROWS; i++) {
        bool is_here = strcmp(section, config_rows[i].section) == 0;
        is_section = is_section || is_here;
        if (is_here && strcmp(key, config_rows[i].key) == 0) {
            if ((reader->seen & LF_BIT(i)) != 0) {
                return config_fail(reader, key, "stands twice");
            }
            reader->seen |= LF_BIT(i);
            return value_take(reader->config, &config_rows[i], value, rule)
                       ? 1
                       : config_fail(reader, key, rule);
        }
    }
    (void)snprintf(rule, sizeof rule, is_section ? "is no key of [%.40s]" : "no section [%.40s]",
                   section);
    return config_fail(reader, key, rule);
}

/* Defaults, and the directory that every relative path starts from. */
static lf_status config_finish(const char *path, struct config_reader *reader, lf_error *err)
{
    char copy[LF_PATH_MAX];
    char rule[CONFIG_RULE];
    for (unsigned i = 0; i < CONFIG_ROWS; i++) {
        const struct config_row *row = &config_rows[i];
        if ((reader->seen & LF_BIT(i)) != 0) {
            continue;
        }
        if (row->otherwise == NULL) {
            return lf__refuse(err, LF_E_ARG, "", row->key, "%s: [%s] needs %s", path, row->section,
                              row->key);
        }
        LF_BUG_IF(row->otherwise[0] != '\0' &&
                  !value_take(reader->config, row, row->otherwise, rule));
    }
    if (!lf__copy_str(copy, sizeof copy, lf__bytes_str(path)) ||
        !lf__copy_str(reader->config->dir, sizeof reader->config->dir,
                      lf__bytes_str(dirname(copy)))) {
        return lf__fail(err, LF_E_ARG, "%s: path is too long", path);
    }
    return LF_OK;
}

lf_status gw_config_load(const char *path, struct gw_config *out, lf_error *err)
{
    struct gw_config config = {.map_gib = 0};
    struct config_reader reader = {.config = &config};
    int line = ini_parse(path, config_take, &reader);
    if (line < 0) {
        return lf__fail(err, LF_E_NOT_FOUND, "%s: cannot be opened", path);
    }
    if (line > 0) {
        return reader.failed ? lf__refuse(err, LF_E_ARG, "", reader.key, "%s:%d: %s: %s", path,
                                          line, reader.key, reader.why)
                             : lf__fail(err, LF_E_FORMAT,
                                        "%s:%d: neither [section] nor key = value", path, line);
    }
    lf_status rc = config_finish(path, &reader, err);
    if (rc == LF_OK) {
        *out = config;
    }
    return rc;
}

lf_status gw_init_check(const struct gw_init_options *options, lf_error *err)
{
    const struct {
        size_t offset;
        const char *option;
        const char *value;
    } given[] = {{offsetof(struct gw_config, name), "name", options->name},
                 {offsetof(struct gw_config, listen), "listen", options->listen},
                 {offsetof(struct gw_config, http.listen), "http", options->http}};
    struct gw_config config;
    char rule[CONFIG_RULE];
    for (size_t i = 0; i < LF_COUNT(given) * CONFIG_ROWS; i++) {
        const struct config_row *row = &config_rows[i % CONFIG_ROWS];
        const char *value = given[i / CONFIG_ROWS].value;
        if (row->offset == given[i / CONFIG_ROWS].offset && value != NULL &&
            !value_take(&config, row, value, rule)) {
            const char *option = given[i / CONFIG_ROWS].option;
            return lf__refuse(err, LF_E_ARG, "", option, "--%s: %s", option, rule);
        }
    }
    return LF_OK;
}

void gw_config_print(const struct gw_config *config)
{
    for (unsigned i = 0; i < CONFIG_ROWS; i++) {
        const struct config_row *row = &config_rows[i];
        if (i == 0 || strcmp(row->section, config_rows[i - 1].section) != 0) {
            (void)printf("%s[%s]\n", i == 0 ? "" : "\n", row->section);
        }
        const void *place = (const char *)config + row->offset;
        if (row->type == CONFIG_NUMBER) {
            (void)printf("%s = %llu\n", row->key, (unsigned long long)*(const uint64_t *)place);
        } else if (row->type == CONFIG_LOG) {
            (void)printf("%s = %s\n", row->key, *(const bool *)place ? "json" : "text");
        } else if (*(const char *)place != '\0') {
            (void)printf("%s = %s\n", row->key, (const char *)place);
        }
    }
}

lf_status gw_config_path(const struct gw_config *config, const char *value,
                         char out[static LF_PATH_MAX], lf_error *err)
{
    if (value[0] == '/') {
        return lf__copy_str(out, LF_PATH_MAX, lf__bytes_str(value))
                   ? LF_OK
                   : lf__fail(err, LF_E_ARG, "%s: path is too long", value);
    }
    return lf__path(config->dir, value, out, err);
}
