/* SPDX-License-Identifier: Apache-2.0 */
/* Files, configuration and log lines. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_SECRET = 32, FILES_INTERVAL_MAX_MS = 3600000 };

lf_status gw_path(const char *dir, const char *name, char out[static GW_PATH_MAX], lf_error *err)
{
    int n = snprintf(out, GW_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < GW_PATH_MAX ? LF_OK : lf__fail(err, LF_E_ARG, "%s: path is too long", name);
}

lf_status gw_file_read(const char *path, struct lf__buf *out, lf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return lf__fail_cause(err, errno == ENOENT ? LF_E_NOT_FOUND : LF_E_IO, errno,
                              "%s: cannot be opened: %s", path, strerror(errno));
    }
    uint8_t chunk[4096];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        (void)lf__buf_append(out, (lf_bytes){chunk, (size_t)n});
    }
    int cause = errno;
    (void)close(fd);
    return n == 0 ? lf__buf_status(out, err)
                  : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be read", path);
}

lf_status gw_file_write(const char *path, lf_bytes bytes, unsigned mode, lf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return lf__fail_cause(err, errno == EEXIST ? LF_E_EXISTS : LF_E_IO, errno,
                              "%s: cannot be made: %s", path, strerror(errno));
    }
    bool good = write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len && fsync(fd) == 0;
    int cause = errno;
    good = close(fd) == 0 && good;
    return good ? LF_OK
                : lf__fail_cause(err, cause == ENOSPC ? LF_E_FULL : LF_E_IO, cause,
                                 "%s: cannot be written: %s", path, strerror(cause));
}

lf_status gw_dir_make(const char *path, lf_error *err)
{
    return mkdir(path, 0700) == 0
               ? LF_OK
               : lf__fail_cause(err, errno == EEXIST ? LF_E_EXISTS : LF_E_IO, errno,
                                "%s: cannot be made: %s", path, strerror(errno));
}

lf_status gw_secret_load_or_make(const char *dir, const char *name, struct lf__secret **out,
                                 lf_error *err)
{
    char path[GW_PATH_MAX];
    lf_status rc = gw_path(dir, name, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, FILES_SECRET, out, err) : rc;
    if (rc != LF_E_NOT_FOUND) {
        return rc;
    }
    LF_SECRET *made = lf__secret_new(FILES_SECRET);
    if (made == NULL) {
        return lf__fail(err, LF_E_NOMEM, "%s: out of memory", name);
    }
    lf__random(lf__secret_bytes(made), FILES_SECRET);
    rc = lf__secret_save(path, made, err);
    if (rc == LF_OK) {
        *out = made;
        made = NULL;
    }
    return rc;
}

struct config_reader {
    struct gw_config *config;
    lf_error *err;
    bool failed;
};

static bool config_set(struct gw_config *config, const char *key, const char *value)
{
    uint64_t number = 0;
    bool is_number = lf__text_u64(lf__bytes_str(value), &number) && number >= 1;
    if (strcmp(key, "name") == 0) {
        return value[0] != '\0' &&
               lf__copy_str(config->name, sizeof config->name, lf__bytes_str(value));
    }
    if (strcmp(key, "listen") == 0) {
        return strchr(value, ':') != NULL &&
               lf__copy_str(config->listen, sizeof config->listen, lf__bytes_str(value));
    }
    if (strcmp(key, "map_gib") == 0 && is_number && number <= 65536) {
        config->map_bytes = number << 30;
        return true;
    }
    if (strcmp(key, "queue") == 0 && is_number && number <= 1048576) {
        config->queue_max = (size_t)number;
        return true;
    }
    return false;
}

static bool http_config_set(struct gw_public_config *config, const char *key, const char *value)
{
    const struct {
        const char *key;
        char *to;
    } texts[] = {{"listen", config->listen},
                 {"metrics", config->metrics},
                 {"witnesses", config->witnesses},
                 {"witness_for", config->witness_for}};
    for (size_t i = 0; i < LF_COUNT(texts); i++) {
        if (strcmp(key, texts[i].key) == 0) {
            return value[0] != '\0' &&
                   lf__copy_str(texts[i].to, sizeof config->listen, lf__bytes_str(value));
        }
    }
    return strcmp(key, "publish_interval_ms") == 0 &&
           lf__text_u64(lf__bytes_str(value), &config->interval_ms) && config->interval_ms > 0 &&
           config->interval_ms <= FILES_INTERVAL_MAX_MS;
}

static int config_take(void *user, const char *section, const char *key, const char *value)
{
    struct config_reader *reader = user;
    if (strcmp(section, "gateway") == 0 && config_set(reader->config, key, value)) {
        return 1;
    }
    if (strcmp(section, "http") == 0 && http_config_set(&reader->config->http, key, value)) {
        return 1;
    }
    if (!reader->failed) {
        reader->failed = true;
        (void)lf__refuse(reader->err, LF_E_ARG, "", key,
                         "configuration: [%s] %s = %s is not known or not valid (keys: [gateway] "
                         "name, listen HOST:PORT, map_gib 1-65536, queue 1-1048576; [http] listen, "
                         "metrics, witnesses, "
                         "witness_for, publish_interval_ms)",
                         section, key, value);
    }
    return 0;
}

lf_status gw_config_load(const char *path, struct gw_config *out, lf_error *err)
{
    char copy[GW_PATH_MAX];
    struct gw_config config = {.map_bytes = 0};
    struct config_reader reader = {&config, err, false};
    int line = ini_parse(path, config_take, &reader);
    if (line < 0) {
        return lf__fail(err, LF_E_NOT_FOUND, "%s: cannot be opened", path);
    }
    if (reader.failed) {
        return LF_E_ARG;
    }
    if (line > 0) {
        return lf__fail(err, LF_E_FORMAT, "%s: line %d is not understood", path, line);
    }
    if (config.name[0] == '\0' || config.listen[0] == '\0') {
        return lf__fail(err, LF_E_ARG, "%s: [gateway] needs %s", path,
                        config.name[0] == '\0' ? "name" : "listen");
    }
    if (!lf__copy_str(copy, sizeof copy, lf__bytes_str(path)) ||
        !lf__copy_str(config.dir, sizeof config.dir, lf__bytes_str(dirname(copy)))) {
        return lf__fail(err, LF_E_ARG, "%s: path is too long", path);
    }
    *out = config;
    return LF_OK;
}

void gw_log(const char *level, const char *event, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)fprintf(stderr, "time=%lld level=%s event=%s %s\n", (long long)lf__clock_utc_ms(), level,
                  event, text);
}
