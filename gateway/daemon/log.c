/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on standard error, one an event: key=value or, with log = json, one JSON object. A line is
 * one write, and whatever a peer may have put into it stays inside its value.
 */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A value in full is as long as the longest message of an lf_error. */
enum { LOG_TEXT = 1024, LOG_LINE = 4096, LOG_PEER_MAX = sizeof((lf_error *)NULL)->message };

static atomic_bool log_is_json;

void gw_log_json(bool is_json)
{
    atomic_store(&log_is_json, is_json);
}

const char *gw_log_value(const char *text, char out[static GW_LOG_VALUE_MAX])
{
    size_t n = 0;
    size_t i = 0;
    for (; text[i] != '\0' && i < LOG_PEER_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            out[n++] = '\\';
            out[n++] = (char)c;
        } else {
            out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
        }
    }
    out[n] = '\0';
    while (n > 0 && !lf__text_is_utf8((lf_bytes){(const uint8_t *)out, n})) {
        out[--n] = '\0'; /* cut within a character, or never was text */
    }
    if (text[i] != '\0') {
        (void)snprintf(out + n, GW_LOG_VALUE_MAX - n, "...");
    }
    return out;
}

/* What a caller forgot to escape must not start a line of its own. */
static void line_tame(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        *text = c < 0x20 || c == 0x7f ? '?' : *text;
    }
}

/* One key=value, the value quoted or not; returns what is left. */
static const char *pair_take(const char *at, lf_bytes *key, lf_bytes *value)
{
    at += strspn(at, " ");
    size_t len = strcspn(at, "= ");
    *key = (lf_bytes){(const uint8_t *)at, len};
    *value = LF_BYTES_NONE;
    at += len;
    if (*at != '=') {
        return at;
    }
    bool quoted = *++at == '"';
    const char *start = at += quoted ? 1 : 0;
    while (*at != '\0' && (quoted ? *at != '"' : *at != ' ')) {
        at += quoted && *at == '\\' && at[1] != '\0' ? 2 : 1;
    }
    *value = (lf_bytes){(const uint8_t *)start, (size_t)(at - start)};
    return quoted && *at == '"' ? at + 1 : at;
}

/* The text is escaped as JSON strings are already; only a value without quotes may hold a raw one. */
static void json_put(struct lf__buf *out, lf_bytes text)
{
    (void)lf__buf_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len &&
            (text.ptr[i + 1] == '"' || text.ptr[i + 1] == '\\')) {
            (void)lf__buf_append(out, lf__bytes_slice(text, i++, 2));
        } else if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            (void)lf__buf_u8(out, '\\');
            (void)lf__buf_u8(out, text.ptr[i]);
        } else {
            (void)lf__buf_u8(out, text.ptr[i]);
        }
    }
    (void)lf__buf_u8(out, '"');
}

static void json_line(struct lf__buf *out, const char *level, const char *event, const char *text)
{
    (void)lf__buf_printf(out, "{\"time\":%lld,\"level\":\"%s\",\"event\":\"%s\"",
                         (long long)lf__clock_utc_ms(), level, event);
    while (*text != '\0') {
        lf_bytes key;
        lf_bytes value;
        text = pair_take(text, &key, &value);
        if (key.len > 0) {
            (void)lf__buf_u8(out, ',');
            json_put(out, key);
            (void)lf__buf_u8(out, ':');
            json_put(out, value);
        }
    }
    (void)lf__buf_str(out, "}\n");
}

void gw_log(const char *level, const char *event, const char *format, ...)
{
    char text[LOG_TEXT];
    LF_BUF line;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_tame(text);
    lf__buf_init(&line, LOG_LINE);
    if (atomic_load(&log_is_json)) {
        json_line(&line, level, event, text);
    } else {
        (void)lf__buf_printf(&line, "time=%lld level=%s event=%s %s\n",
                             (long long)lf__clock_utc_ms(), level, event, text);
    }
    if (!line.failed && write(STDERR_FILENO, line.ptr, line.len) < 0) {
        return; /* nobody listens, and there is nobody to tell */
    }
}
