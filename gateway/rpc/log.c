/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gRPC prints for itself, reduced to what an operator can use: handshakes that failed, which is
 * the only trace of a client without a certificate, and the last words before it aborts.
 */
#include "gateway/rpc/server.h"

#include "base/clock.h"
#include "base/status.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_LINE_NS = 1000000000 };

static void (*log_out)(const char *level, const char *event, const char *text);
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t log_last_ns;
static unsigned log_dropped;

/* Strangers can fail as fast as they can connect: a line a second, which says how many it stands for. */
static bool is_due(unsigned *more)
{
    int64_t now = lf__clock_monotonic_ns();
    (void)pthread_mutex_lock(&log_lock);
    bool due = log_last_ns == 0 || now - log_last_ns >= LOG_LINE_NS;
    *more = log_dropped;
    log_last_ns = due ? now : log_last_ns;
    log_dropped = due ? 0 : log_dropped + 1;
    (void)pthread_mutex_unlock(&log_lock);
    return due;
}

/* gRPC's text ends with the library's words: "...:SSL routines::peer did not return a certificate." */
static void handshake_log(const char *message)
{
    char text[256];
    unsigned more = 0;
    if (!is_due(&more)) {
        return;
    }
    const char *why = message;
    for (const char *at = strchr(message, ':'); at != NULL; at = strchr(at, ':')) {
        at++;
        why = *at == '\0' ? why : at;
    }
    int len = (int)strcspn(why, ".\n\"");
    (void)snprintf(text, sizeof text, "reason=\"%.*s\" more=%u", len > 120 ? 120 : len, why, more);
    log_out("warn", "handshake-failed", text);
}

static void log_take(gpr_log_func_args *args)
{
    if (log_out == NULL) {
        return;
    }
    if (strncmp(args->message, "Handshake failed", 16) == 0) {
        handshake_log(args->message);
    } else if (strncmp(args->message, "assertion failed", 16) == 0) {
        log_out("err", "grpc-bug", args->message);
    }
}

void gw_server_log(void (*log)(const char *level, const char *event, const char *text))
{
    log_out = log;
    if (getenv("GRPC_VERBOSITY") == NULL) { /* who sets it wants to read gRPC's own */
        gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
        gpr_set_log_function(log_take);
    }
}
