/* SPDX-License-Identifier: Apache-2.0 */
/* serve: open the ledger, start the server, wait for a signal, and end in the fixed order. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/services/services.h"

#include <signal.h>

enum {
    SERVE_GRACE_MS = 5000,  /* for unary calls under way when the end begins */
    SERVE_FINISH_MS = 1000, /* for the last answers to reach their clients */
    SERVE_SEED = 32,
    SERVE_PEM_MAX = 65536
};

struct serving {
    struct gw_config config;
    struct lf__secret *seed;
    struct gw_policy *policy;
    struct gw_exchange *exchange;
    struct gw_services services;
    struct gw_method methods[GW_METHODS_MAX];
    struct gw_server *server;
};

static lf_status stores_open(struct serving *s, lf_error *err)
{
    char path[GW_PATH_MAX];
    lf_status rc = gw_path(s->config.dir, "ledger.key", path, err);
    rc = rc == LF_OK ? lf__secret_load(path, SERVE_SEED, &s->seed, err) : rc;
    rc = rc == LF_OK ? gw_policy_load_default(&s->policy, err) : rc;
    rc = rc == LF_OK ? gw_path(s->config.dir, "data", path, err) : rc;
    struct gw_exchange_options options = {.path = path,
                                          .name = s->config.name,
                                          .map_bytes = s->config.map_bytes,
                                          .seed = s->seed,
                                          .policy = s->policy};
    rc = rc == LF_OK ? gw_exchange_open(&options, NULL, &s->exchange, err) : rc;
    return rc == LF_OK ? gw_services_open(&s->services, s->exchange, s->config.name, err) : rc;
}

/* The pair as it lies on the disk now; the key is the caller's to wipe. */
static lf_status tls_read(const struct serving *s, struct lf__buf *key, struct lf__buf *cert,
                          lf_error *err)
{
    char path[GW_PATH_MAX];
    lf_status rc = gw_path(s->config.dir, "tls.key", path, err);
    rc = rc == LF_OK ? gw_file_read(path, key, err) : rc;
    rc = rc == LF_OK ? gw_path(s->config.dir, "tls.crt", path, err) : rc;
    return rc == LF_OK ? gw_file_read(path, cert, err) : rc;
}

static void wipe(const struct lf__buf *key)
{
    if (key->ptr != NULL) {
        lf__secret_wipe(key->ptr, key->len);
    }
}

static lf_status server_start(struct serving *s, lf_error *err)
{
    LF_BUF key;
    LF_BUF cert;
    lf__buf_init(&key, SERVE_PEM_MAX);
    lf__buf_init(&cert, SERVE_PEM_MAX);
    lf_status rc = tls_read(s, &key, &cert, err);
    struct gw_server_options options = {.address = s->config.listen,
                                        .key_pem = lf__buf_bytes(&key),
                                        .cert_pem = lf__buf_bytes(&cert),
                                        .methods = s->methods,
                                        .method_count =
                                            gw_services_methods(&s->services, s->methods),
                                        .admit_peer = gw_services_admit_peer,
                                        .user = &s->services};
    rc = rc == LF_OK ? gw_server_start(&options, &s->server, err) : rc;
    wipe(&key);
    return rc;
}

/* SIGHUP: a new certificate for new connections; a bad one changes nothing. */
static void serve_reload(struct serving *s)
{
    LF_BUF key;
    LF_BUF cert;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&key, SERVE_PEM_MAX);
    lf__buf_init(&cert, SERVE_PEM_MAX);
    lf_status rc = tls_read(s, &key, &cert, &err);
    rc = rc == LF_OK ? gw_server_reload(s->server, lf__buf_bytes(&key), lf__buf_bytes(&cert), &err)
                     : rc;
    wipe(&key);
    if (rc == LF_OK) {
        gw_log("info", "certificate-reloaded", "gateway=%s", s->config.name);
    } else {
        gw_log("warn", "certificate-kept", "status=%s message=\"%s, keeping the old one\"",
               lf_status_name(rc), err.message);
    }
}

static void grpc_log(const char *level, const char *event, const char *text)
{
    gw_log(level, event, "%s", text);
}

/* The order of the end (architecture section 9): nobody is sent here any more; what is under way ends;
 * streams are told; nothing new enters the ledger and all that is in it is answered; the rest is cut. */
static void serve_end(struct serving *s)
{
    if (s->server != NULL) {
        gw_services_drain(&s->services);
        gw_server_drain(s->server, SERVE_GRACE_MS);
        gw_exchange_drain(s->exchange);
        gw_server_stop(s->server, SERVE_FINISH_MS);
        gw_server_free(s->server);
    }
    gw_services_close(&s->services);
    gw_exchange_close(s->exchange);
    gw_policy_free(s->policy);
    lf__secret_free(s->seed);
}

int gw_command_serve(const char *config)
{
    struct serving s = {.seed = NULL};
    lf_error err = LF_ERROR_INIT;
    sigset_t signals;
    int caught = 0;
    (void)sigemptyset(
        &signals); /* blocked before any thread exists, so that only sigwait sees them */
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    gw_server_log(grpc_log);
    lf_status rc = gw_config_load(config, &s.config, &err);
    rc = rc == LF_OK ? stores_open(&s, &err) : rc;
    rc = rc == LF_OK ? server_start(&s, &err) : rc;
    if (rc != LF_OK) {
        gw_log("err", "start-failed", "status=%s message=\"%s\"", lf_status_name(rc), err.message);
        serve_end(&s);
        return rc == LF_E_UNAVAILABLE ? GW_EXIT_UNREACHABLE : GW_EXIT_NO;
    }
    struct lf__merkle_head head = st_ledger_head(gw_exchange_ledger(s.exchange), NULL);
    gw_services_set_serving(&s.services, true);
    gw_log("info", "serving", "gateway=%s listen=%s port=%d entries=%llu", s.config.name,
           s.config.listen, gw_server_port(s.server), (unsigned long long)head.size);
    while (sigwait(&signals, &caught) == 0 && caught == SIGHUP) {
        serve_reload(&s);
    }
    gw_log("info", "stopping", "signal=%d", caught);
    serve_end(&s);
    gw_log("info", "stopped", "gateway=%s", s.config.name);
    return GW_EXIT_OK;
}
