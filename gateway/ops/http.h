/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway/ops/http.h - a small HTTP/1.1 server: routes as values, no library type in sight.
 *
 * Threads: handlers run on the server's own threads, several at once; start and stop from one.
 */
#ifndef GW_HTTP_H
#define GW_HTTP_H

#include "base/buf.h"

enum {
    GW_HTTP_THREADS = 2,
    GW_HTTP_CONNECTIONS = 256,
    GW_HTTP_TIMEOUT_S = 15, /* of an idle connection */
    GW_HTTP_ROUTES_MAX = 32,
    GW_HTTP_ANSWER_MAX = 32 << 20 /* bytes: a bundle of 256 full leaves is far below */
};

struct gw_http_request {
    const char *path; /* decoded; borrowed for the call */
    const char *rest; /* of the path, after the route's prefix */
    lf_bytes body;
};

/* A handler sets status and appends the body; what it leaves alone stays as shown. */
struct gw_http_answer {
    unsigned status;           /* 404 */
    const char *content_type;  /* static; "text/plain; charset=utf-8" */
    const char *cache_control; /* static; "no-store" */
    struct lf__buf body;
};

struct gw_http_route {
    const char *method; /* "GET" (which serves HEAD too) or "POST" */
    const char *path;   /* exact; or, ending in '/', everything below it */
    size_t body_max;    /* bytes of a POST: more is answered 413 */
    void (*handle)(void *user, const struct gw_http_request *request,
                   struct gw_http_answer *answer);
    void *user; /* borrowed until stop */
};

struct gw_http;
/* Binds HOST:PORT (IPv4 or [IPv6]; port 0 takes a free one). `routes` is borrowed until stop. E_ARG, E_UNAVAILABLE. */
LF_MUST_USE lf_status gw_http_start(const char *address, const struct gw_http_route *routes,
                                    size_t count, struct gw_http **out, lf_error *err);
int gw_http_port(const struct gw_http *http);
void gw_http_stop(struct gw_http *http); /* waits for handlers; NULL allowed */

#endif
