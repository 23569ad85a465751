/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's first error, its defaults, and log lines that nobody can forge. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/status.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/lf-daemon-XXXXXX";
static char conf[64];
static char log_file[64];

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(conf, sizeof conf, "%s/gateway.conf", dir);
    (void)snprintf(log_file, sizeof log_file, "%s/log", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(conf);
    (void)unlink(log_file);
    return rmdir(dir);
}

static lf_status load(const char *text, struct gw_config *out, lf_error *err)
{
    FILE *file = fopen(conf, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
    return gw_config_load(conf, out, err);
}

static void defaults(void **state)
{
    (void)state;
    struct gw_config config;
    char path[LF_PATH_MAX];
    assert_int_equal(load("[gateway]\nname = x\nlisten = [::1]:7443\n", &config, NULL), LF_OK);
    assert_string_equal(config.name, "x");
    assert_string_equal(config.dir, dir);
    assert_string_equal(config.tls_key, "tls.key");
    assert_true(config.map_gib == 1024 && config.queue == 8192 && config.grace_ms == 5000 &&
                !config.log_json && config.http.listen[0] == '\0' &&
                config.http.interval_ms == 1000);
    assert_int_equal(gw_config_path(&config, "/etc/key", path, NULL), LF_OK);
    assert_string_equal(path, "/etc/key");
    assert_int_equal(gw_config_path(&config, "key", path, NULL), LF_OK);
    assert_true(strncmp(path, dir, strlen(dir)) == 0);
    assert_int_equal(load("[gateway]\nname = x\nlisten = h:0\nlog = json\nqueue = 1024\n"
                          "[http]\nlisten = 0.0.0.0:80\n",
                          &config, NULL),
                     LF_OK);
    assert_true(config.log_json && config.queue == 1024);
    assert_string_equal(config.http.listen, "0.0.0.0:80");
}

/* File, line, key and rule, of the first fault only. */
static void first_error(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *end; /* of the message, after the file's name */
    } rows[] = {
        {"[gateway]\nname = x\nlisten = nowhere\n", ":3: listen: HOST:PORT, at most 255 bytes"},
        {"[gateway]\nlisten = h:65536\n", ":2: listen: HOST:PORT, at most 255 bytes"},
        {"[gateway]\nlisten = :1\n", ":2: listen: HOST:PORT, at most 255 bytes"},
        {"[gateway]\nname =\n", ":2: name: 1 to 127 bytes without blanks and '+'"},
        {"[gateway]\nmap_gib = 65537\n", ":2: map_gib: a number from 1 to 65536"},
        {"[gateway]\nmap_gib = 1x\n", ":2: map_gib: a number from 1 to 65536"},
        {"[gateway]\nqueue = 0\nlog = xml\n", ":2: queue: a number from 1 to 1048576"},
        {"[gateway]\nlog = xml\n", ":2: log: text or json"},
        {"[gateway]\nname = a\nname = a\n", ":3: name: stands twice"},
        {"[gateway]\ncolour = blue\n", ":2: colour: is no key of [gateway]"},
        {"[http]\nname = x\n", ":2: name: is no key of [http]"},
        {"[paint]\ncolour = blue\n", ":2: colour: no section [paint]"},
        {"[gateway]\nnonsense\n", ":2: neither [section] nor key = value"},
        {"[gateway]\nname = x\n", ": [gateway] needs listen"},
        {"", ": [gateway] needs name"},
    };
    for (size_t i = 0; i < LF_COUNT(rows); i++) {
        struct gw_config config = {.name = "untouched"};
        lf_error err = LF_ERROR_INIT;
        char want[256];
        (void)snprintf(want, sizeof want, "%s%s", conf, rows[i].end);
        assert_int_not_equal(load(rows[i].text, &config, &err), LF_OK);
        assert_string_equal(err.message, want);
        assert_string_equal(config.name, "untouched");
    }
}

static void values(void **state)
{
    (void)state;
    char out[GW_LOG_VALUE_MAX];
    char longer[400];
    assert_string_equal(gw_log_value("plain 中文", out), "plain 中文");
    assert_string_equal(gw_log_value("a\"b\\c\nd\te\x7f", out), "a\\\"b\\\\c?d?e?");
    assert_string_equal(gw_log_value("cut \xe4\xb8", out), "cut ");
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(strlen(gw_log_value(longer, out)), 163);
    memset(longer, '"', sizeof longer - 1);
    assert_int_equal(strlen(gw_log_value(longer, out)), 323);
}

/* What one event writes. */
static void captured(const char *format, const char *value, char *out, size_t size)
{
    int kept = dup(STDERR_FILENO);
    int fd = open(log_file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    if (format[0] == 'q') {
        gw_log("info", "test", "message=\"%s\" count=%d", value, 3);
    } else {
        gw_log("info", "test", "message=%s", value);
    }
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    ssize_t n = pread(fd, out, size - 1, 0);
    assert_true(n > 0);
    out[n] = '\0';
    (void)close(fd);
}

static void lines(void **state)
{
    (void)state;
    char line[1024];
    char value[GW_LOG_VALUE_MAX];
    gw_log_json(false);
    captured("raw", "two\nlines", line, sizeof line);
    assert_non_null(strstr(line, " level=info event=test message=two?lines\n"));
    gw_log_json(true);
    captured("quoted", gw_log_value("a \"b\" level=err \\", value), line, sizeof line);
    assert_non_null(strstr(line, "\"level\":\"info\",\"event\":\"test\",\"message\":\"a \\\"b\\\" "
                                 "level=err \\\\\",\"count\":\"3\"}\n"));
    captured("raw", "x\"y", line, sizeof line);
    assert_non_null(strstr(line, "\"message\":\"x\\\"y\"}\n"));
    gw_log_json(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(defaults), cmocka_unit_test(first_error),
                                       cmocka_unit_test(values), cmocka_unit_test(lines)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
