/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd behind http.h. */
#include "gateway/ops/http.h"

#include "base/bytes.h"
#include "base/status.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct gw_http {
    struct MHD_Daemon *daemon;
    const struct gw_http_route *routes;
    size_t count;
};

/* One request on its way in. */
struct http_call {
    const struct gw_http_route *route;
    struct lf__buf body;
};

static bool route_fits(const struct gw_http_route *route, const char *path)
{
    size_t len = strlen(route->path);
    bool is_prefix = route->path[len - 1] == '/';
    return is_prefix ? strncmp(path, route->path, len) == 0 && path[len] != '\0'
                     : strcmp(path, route->path) == 0;
}

/* 404 when no route has the path, 405 when one has but not with this method. */
static unsigned route_find(const struct gw_http *http, const char *method, const char *path,
                           const struct gw_http_route **out)
{
    unsigned status = 404;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < http->count; i++) {
        if (route_fits(&http->routes[i], path)) {
            status = 405;
            if (strcmp(http->routes[i].method, wanted) == 0) {
                *out = &http->routes[i];
                return 200;
            }
        }
    }
    return status;
}

static enum MHD_Result reply(struct MHD_Connection *connection, struct gw_http_answer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body.len, answer->body.ptr, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type", answer->content_type);
    (void)MHD_add_response_header(response, "Cache-Control", answer->cache_control);
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result queued = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result reply_bare(struct MHD_Connection *connection, unsigned status)
{
    struct gw_http_answer answer = {status, "text/plain; charset=utf-8", "no-store", {.max = 0}};
    return reply(connection, &answer);
}

static enum MHD_Result answer_make(struct MHD_Connection *connection, const struct http_call *call,
                                   const char *path)
{
    LF_BUF body;
    struct gw_http_request request = {path, "", lf__buf_bytes(&call->body)};
    size_t len = strlen(call->route->path);
    request.rest = call->route->path[len - 1] == '/' ? path + len : "";
    lf__buf_init(&body, GW_HTTP_ANSWER_MAX);
    struct gw_http_answer answer = {404, "text/plain; charset=utf-8", "no-store", body};
    call->route->handle(call->route->user, &request, &answer);
    body = answer.body; /* it may have grown elsewhere */
    answer.status = body.failed ? 500 : answer.status;
    return reply(connection, &answer);
}

/* Called once with the headers, then for each piece of the body, then with none. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct gw_http *http = user;
    struct http_call *call = *state;
    (void)version;
    if (call == NULL) {
        const struct gw_http_route *route = NULL;
        unsigned status = route_find(http, method, path, &route);
        call = status == 200 ? calloc(1, sizeof *call) : NULL;
        if (call == NULL) {
            return reply_bare(connection, status == 200 ? 500 : status);
        }
        call->route = route;
        lf__buf_init(&call->body, route->body_max);
        *state = call;
        return MHD_YES;
    }
    if (*upload_size > 0) { /* past the limit it is only counted, so that the client hears why */
        (void)lf__buf_append(&call->body, (lf_bytes){(const uint8_t *)upload, *upload_size});
        *upload_size = 0;
        return MHD_YES;
    }
    return call->body.failed ? reply_bare(connection, 413) : answer_make(connection, call, path);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct http_call *call = *state;
    (void)user;
    (void)connection;
    (void)code;
    if (call != NULL) {
        lf__buf_done(&call->body);
        free(call);
        *state = NULL;
    }
}

static lf_status address_find(const char *address, struct addrinfo **out, lf_error *err)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - address);
    bool is_six = len > 2 && address[0] == '[' && address[len - 1] == ']';
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    lf_bytes name = {(const uint8_t *)address + (is_six ? 1 : 0), is_six ? len - 2 : len};
    if (len == 0 || !lf__copy_str(host, sizeof host, name) ||
        getaddrinfo(host, colon + 1, &hints, out) != 0) {
        return lf__fail(err, LF_E_ARG, "http: %s is not HOST:PORT", address);
    }
    return LF_OK;
}

static void on_library_log(void *user, const char *format, va_list args)
{
    (void)user;
    (void)format;
    (void)args; /* aborted connections and the like: nobody can act on them */
}

lf_status gw_http_start(const char *address, const struct gw_http_route *routes, size_t count,
                        struct gw_http **out, lf_error *err)
{
    struct addrinfo *found = NULL;
    lf_status rc = address_find(address, &found, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct gw_http *http = calloc(1, sizeof *http);
    LF_BUG_IF(http == NULL || count > GW_HTTP_ROUTES_MAX);
    http->routes = routes;
    http->count = count;
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG;
    flags |= found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_SOCK_ADDR, found->ai_addr, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)GW_HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)GW_HTTP_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)GW_HTTP_TIMEOUT_S, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_END);
    freeaddrinfo(found);
    if (http->daemon == NULL) {
        free(http);
        return lf__fail(err, LF_E_UNAVAILABLE, "http: %s cannot be bound", address);
    }
    *out = http;
    return LF_OK;
}

int gw_http_port(const struct gw_http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void gw_http_stop(struct gw_http *http)
{
    if (http != NULL) {
        MHD_stop_daemon(http->daemon);
        free(http);
    }
}
