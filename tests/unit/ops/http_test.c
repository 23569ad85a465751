/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, methods, limits: what any client may throw at the small server. */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/ops/http.h"
#include "gateway/ops/routes.h"
#include "web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void on_echo(void *user, const struct gw_http_request *request,
                    struct gw_http_answer *answer)
{
    (void)user;
    answer->status = 200;
    (void)lf__buf_printf(&answer->body, "%s|%s|%zu", request->path, request->rest,
                         request->body.len);
}

static const struct gw_http_route echo_routes[] = {{"GET", "/exact", 0, on_echo, NULL},
                                                   {"GET", "/below/", 0, on_echo, NULL},
                                                   {"POST", "/post", 100000, on_echo, NULL}};

static void expect(int port, const char *request, size_t body_len, unsigned status,
                   const char *told)
{
    static uint8_t body[300000];
    struct web_answer answer;
    web_ask(port, request, (lf_bytes){body, body_len}, &answer);
    assert_int_equal(answer.status, status);
    if (told != NULL) {
        assert_true(lf__bytes_eq_str(lf__buf_bytes(&answer.body), told));
    }
    lf__buf_done(&answer.body);
}

static void routes(void **state)
{
    (void)state;
    struct gw_http *http = NULL;
    assert_int_equal(gw_http_start("127.0.0.1:0", echo_routes, LF_COUNT(echo_routes), &http, NULL),
                     LF_OK);
    int port = gw_http_port(http);
    assert_true(port > 0);
    expect(port, "GET /exact", 0, 200, "/exact||0");
    expect(port, "HEAD /exact", 0, 200, "");
    expect(port, "GET /exact/", 0, 404, NULL);
    expect(port, "GET /exac", 0, 404, NULL);
    expect(port, "GET /below/", 0, 404, NULL);
    expect(port, "GET /below/a/b", 0, 200, "/below/a/b|a/b|0");
    expect(port, "GET /below/../exact", 0, 200,
           "/below/../exact|../exact|0"); /* no file system here */
    expect(port, "POST /exact", 0, 405, NULL);
    expect(port, "DELETE /post", 0, 405, NULL);
    expect(port, "GET /post", 0, 405, NULL);
    expect(port, "POST /post", 100000, 200, "/post||100000");
    expect(port, "POST /post", 100001, 413, NULL);
    expect(port, "POST /post", 299999, 413, NULL);
    expect(port, "GET /", 0, 404, NULL);
    gw_http_stop(http);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",       "7000",           "127.0.0.1",
                                        ":7000x", "127.0.0.1:port", "nowhere.invalid.:1"};
    struct gw_http *http = NULL;
    for (size_t i = 0; i < LF_COUNT(wrong); i++) {
        assert_int_equal(gw_http_start(wrong[i], echo_routes, 1, &http, NULL), LF_E_ARG);
    }
    assert_int_equal(gw_http_start("127.0.0.1:0", echo_routes, 1, &http, NULL), LF_OK);
    char taken[32];
    struct gw_http *second = NULL;
    lf_error err = LF_ERROR_INIT;
    (void)snprintf(taken, sizeof taken, "127.0.0.1:%d", gw_http_port(http));
    assert_int_equal(gw_http_start(taken, echo_routes, 1, &second, &err), LF_E_UNAVAILABLE);
    assert_non_null(strstr(err.message, taken));
    gw_http_stop(http);
    gw_http_stop(NULL);
}

static void health(void **state)
{
    (void)state;
    atomic_bool is_serving = false;
    struct gw_http_route routes_of[2];
    struct gw_http *http = NULL;
    assert_int_equal(gw_health_routes(&is_serving, routes_of), 2);
    assert_int_equal(gw_http_start("127.0.0.1:0", routes_of, 2, &http, NULL), LF_OK);
    expect(gw_http_port(http), "GET /healthz", 0, 200, "ok\n");
    expect(gw_http_port(http), "GET /readyz", 0, 503, "not serving\n");
    atomic_store(&is_serving, true);
    expect(gw_http_port(http), "GET /readyz", 0, 200, "ready\n");
    gw_http_stop(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(routes), cmocka_unit_test(addresses),
                                       cmocka_unit_test(health)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
