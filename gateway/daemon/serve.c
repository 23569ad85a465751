/* SPDX-License-Identifier: Apache-2.0 */
/* serve: open the ledger, start the server, wait for a signal, and end in the fixed order. */
#include "gateway/daemon/daemon.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/daemon/log_key.h"
#include "gateway/daemon/public.h"
#include "gateway/exchange/succession.h"
#include "gateway/exchange/tables.h"
#include "gateway/services/services.h"
#include "rules/calendar.h"

#include <pthread.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SERVE_FINISH_MS = 1000, /* for the last answers to reach their clients */
    SERVE_SEED = 32,
    SERVE_RESERVE_PART = 8, /* of the floor, kept allocated for the access log */
    SERVE_PEM_MAX = 65536
};

struct serving {
    struct gw_config config;
    struct lf__secret *seed;
    struct lf__secret *old_seed; /* NULL but for an overlap, as the access log's */
    struct gw_policy *policy;
    struct gw_exchange *exchange;
    struct lf__secret *access_seed;
    struct lf__secret *access_old;
    struct lf__secret *access_token;
    struct gw_access *access;
    atomic_bool is_serving; /* what HTTP says */
    atomic_bool is_broken;  /* a commit failed */
    struct gw_public *public;
    struct gw_services services;
    struct gw_method methods[GW_METHODS_MAX];
    struct gw_server *server;
};

/* What the disk holds is unknown now. The end comes in its order, so that every caller hears of it. */
static void on_broken(void *user, const lf_error *err)
{
    struct serving *s = user;
    gw_log("err", "commit-failed", "status=%s message=\"%s\"", lf_status_name(err->status),
           err->message);
    atomic_store(&s->is_broken, true);
    (void)kill(getpid(), SIGTERM);
}

/* Below the floor no record is taken, but questions still are, and what we keep allocated on the disk is
 * for their entries. */
static struct st_ledger_care care_of(struct serving *s, bool is_access)
{
    uint64_t floor = s->config.disk_floor_mib << 20;
    return (struct st_ledger_care){.floor = is_access ? 0 : floor,
                                   .reserve = floor / SERVE_RESERVE_PART,
                                   .broken = on_broken,
                                   .user = s};
}

/* The key of one of the logs, and while it is changed the one before; both as the ledger says. */
static lf_status own_key_check(const struct serving *s, enum gw_own_key which, const char *path,
                               const struct lf__secret *seed, const struct lf__secret *old,
                               lf_error *err)
{
    LF_ARENA arena;
    struct px_genesis genesis;
    struct gw_log_keys keys;
    lf__arena_init(&arena, PX_MESSAGE_MAX);
    lf_status rc = gw_log_key_check(gw_exchange_roster(s->exchange), which, path, seed, err);
    rc = rc == LF_OK ? gw_genesis_read(gw_exchange_engine(s->exchange), &arena, &genesis, err) : rc;
    rc = rc == LF_OK ? gw_log_keys_of(gw_exchange_engine(s->exchange), &genesis, which, &keys, err)
                     : rc;
    return rc == LF_OK ? gw_log_key_old_check(&keys, path, old, err) : rc;
}

static lf_status access_open(struct serving *s, lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = gw_config_path(&s->config, s->config.access_key, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, SERVE_SEED, &s->access_seed, err) : rc;
    rc = rc == LF_OK ? gw_log_key_old(path, &s->access_old, err) : rc;
    rc = rc == LF_OK ? own_key_check(s, GW_OWN_ACCESS, path, s->access_seed, s->access_old, err)
                     : rc;
    rc = rc == LF_OK ? gw_secret_load_or_make(s->config.dir, "access.token", &s->access_token, err)
                     : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct gw_access_options options = {.engine = gw_exchange_engine(s->exchange),
                                        .first_table = GW_TABLE_ACCESS,
                                        .meter_table = GW_TABLE_METER,
                                        .name = s->config.name,
                                        .number = gw_exchange_number(s->exchange),
                                        .seed = s->access_seed,
                                        .old_seed = s->access_old,
                                        .token_key = s->access_token,
                                        .care = care_of(s, true)};
    return gw_access_open(&options, &s->access, err);
}

static lf_status stores_open(struct serving *s, lf_error *err)
{
    char key[LF_PATH_MAX];
    char path[LF_PATH_MAX];
    lf_status rc = gw_config_path(&s->config, s->config.ledger_key, key, err);
    rc = rc == LF_OK ? lf__secret_load(key, SERVE_SEED, &s->seed, err) : rc;
    rc = rc == LF_OK ? gw_log_key_old(key, &s->old_seed, err) : rc;
    rc = rc == LF_OK ? gw_policy_load_default(&s->policy, err) : rc;
    rc = rc == LF_OK ? gw_config_path(&s->config, s->config.data, path, err) : rc;
    struct gw_exchange_options options = {.path = path,
                                          .name = s->config.name,
                                          .map_bytes = s->config.map_gib << 30,
                                          .queue_max = (size_t)s->config.queue,
                                          .seed = s->seed,
                                          .old_seed = s->old_seed,
                                          .policy = s->policy,
                                          .care = care_of(s, false)};
    rc = rc == LF_OK ? gw_exchange_open(&options, NULL, &s->exchange, err) : rc;
    rc = rc == LF_OK ? own_key_check(s, GW_OWN_LEDGER, key, s->seed, s->old_seed, err) : rc;
    rc = rc == LF_OK ? access_open(s, err) : rc;
    rc = rc == LF_OK ? gw_services_open(&s->services, s->exchange, s->access, s->config.name, err)
                     : rc;
    if (rc == LF_OK) {
        s->services.quotas = s->config.quotas;
        gw_feed_pace(s->services.feed, (int64_t)s->config.heartbeat_ms,
                     (int64_t)s->config.patience_ms);
    }
    return rc;
}

static lf_status public_start(struct serving *s, lf_error *err)
{
    struct gw_public_options options = {.config = &s->config.http,
                                        .dir = s->config.dir,
                                        .name = s->config.name,
                                        .number = gw_exchange_number(s->exchange),
                                        .exchange = s->exchange,
                                        .engine = gw_exchange_engine(s->exchange),
                                        .ledger = gw_exchange_ledger(s->exchange),
                                        .access = gw_access_ledger(s->access),
                                        .is_serving = &s->is_serving,
                                        .rules = gw_policy_rules(s->policy)};
    lf_status rc = gw_public_start(&options, &s->public, err);
    if (rc == LF_OK) {
        s->services.published[0] = gw_public_ledger(s->public);
        s->services.published[1] = gw_public_access(s->public);
    }
    return rc;
}

/* The pair as it lies on the disk now; the key is the caller's to wipe. */
static lf_status tls_read(const struct serving *s, struct lf__buf *key, struct lf__buf *cert,
                          lf_error *err)
{
    char path[LF_PATH_MAX];
    lf_status rc = gw_config_path(&s->config, s->config.tls_key, path, err);
    rc = rc == LF_OK ? lf__file_read(path, key, err) : rc;
    rc = rc == LF_OK ? gw_config_path(&s->config, s->config.tls_cert, path, err) : rc;
    return rc == LF_OK ? lf__file_read(path, cert, err) : rc;
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

/* The waiting of one entry, for a thread that has nothing else to do. */
struct awaited {
    struct gw_access_note note;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    lf_status status;
    lf_error error;
};

static void on_noted(struct gw_access_note *note, lf_status status, const lf_error *err)
{
    struct awaited *awaited = LF_CONTAINER_OF(note, struct awaited, note);
    (void)pthread_mutex_lock(&awaited->lock);
    awaited->is_done = true;
    awaited->status = status;
    awaited->error = status != LF_OK ? *err : awaited->error;
    (void)pthread_cond_signal(&awaited->done);
    (void)pthread_mutex_unlock(&awaited->lock);
}

/* With which configuration the gateway ran, and since when, is in the access log before it serves. */
static lf_status start_note(struct serving *s, const char *config, lf_error *err)
{
    LF_BUF text;
    char note[PX_ACCESS_NOTE_MAX];
    char hex[LF_HEX_SIZE(LF_HASH_BYTES)];
    struct awaited awaited = {
        .note.done = on_noted, .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    lf__buf_init(&text, SERVE_PEM_MAX);
    lf_status rc = lf__file_read(config, &text, err);
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__hash hash = lf__sha256(lf__buf_bytes(&text));
    (void)lf__hex(lf__hash_bytes(&hash), hex, sizeof hex);
    (void)snprintf(note, sizeof note, "started version %s with configuration sha256 %s",
                   lf_version(), hex);
    struct px_access what = {.act = PX_ACCESS_START, .note = lf__bytes_str(note), .result = hash};
    gw_access_record(s->access, &what, &awaited.note);
    (void)pthread_mutex_lock(&awaited.lock);
    while (!awaited.is_done) {
        (void)pthread_cond_wait(&awaited.done, &awaited.lock);
    }
    (void)pthread_mutex_unlock(&awaited.lock);
    if (awaited.status != LF_OK && err != NULL) {
        *err = awaited.error;
    }
    return awaited.status;
}

/* We serve all the same: what a key that others could read has signed is for people to judge. */
static void secrets_warn(const struct serving *s)
{
    const char *files[] = {s->config.ledger_key, s->config.access_key, s->config.tls_key,
                           "access.token", "witness.key"};
    for (size_t i = 0; i < LF_COUNT(files); i++) {
        char path[LF_PATH_MAX];
        char shown[GW_LOG_VALUE_MAX];
        if (gw_config_path(&s->config, files[i], path, NULL) == LF_OK && gw_file_is_open(path)) {
            gw_log("warn", "secret-readable",
                   "file=\"%s\" message=\"others than its owner have "
                   "rights to it: chmod 600\"",
                   gw_log_value(path, shown));
        }
    }
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

static void refusal_log(const char *event, const char *text)
{
    gw_log("info", event, "%s", text);
}

/* The order of the end (architecture section 9): nobody is sent here any more; what is under way ends;
 * streams are told; nothing new enters the ledger and all that is in it is answered; the rest is cut. */
static void serve_end(struct serving *s)
{
    if (s->server != NULL) {
        atomic_store(&s->is_serving, false);
        gw_services_drain(&s->services);
        gw_server_drain(s->server, (int64_t)s->config.grace_ms);
        gw_exchange_drain(s->exchange);
        gw_server_stop(s->server, SERVE_FINISH_MS);
        gw_server_free(s->server);
    }
    gw_public_stop(s->public);
    gw_services_close(&s->services);
    gw_access_close(s->access); /* only now: the last answers waited for it */
    gw_exchange_close(s->exchange);
    gw_policy_free(s->policy);
    lf__secret_free(s->access_token);
    lf__secret_free(s->access_seed);
    lf__secret_free(s->access_old);
    lf__secret_free(s->old_seed);
    lf__secret_free(s->seed);
}

/* A batch's memory is a megabyte that comes and goes a hundred times a second: kept by the allocator
 * instead of being given back to the system and cleared by it each time. */
static void memory_keep(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

/* Holidays are announced a year at a time; metrics say the same at any moment. */
static void calendar_tell(const struct serving *s)
{
    char last[11];
    const struct lf__rules *rules = gw_policy_rules(s->policy);
    if (!lf__rules_limits_are_known(rules, lf__clock_utc_ms())) {
        lf__date_shanghai(lf__calendar_end(lf__rules_calendar(rules)) - 1, last);
        gw_log("warn", "calendar-provisional",
               "last_day=%s message=\"limits run beyond the working "
               "days that are known: due times are provisional\"",
               last);
    }
}

int gw_command_serve(const char *config)
{
    struct serving s = {.seed = NULL};
    lf_error err = LF_ERROR_INIT;
    sigset_t signals;
    int caught = 0;
    memory_keep();
    (void)sigemptyset(
        &signals); /* blocked before any thread exists, so that only sigwait sees them */
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    gw_server_log(grpc_log);
    lf_status rc = gw_config_load(config, &s.config, &err);
    gw_log_json(rc == LF_OK && s.config.log_json);
    if (rc == LF_OK) {
        secrets_warn(&s);
        rc = stores_open(&s, &err);
    }
    s.services.tell = refusal_log;
    rc = rc == LF_OK ? public_start(&s, &err) : rc;
    rc = rc == LF_OK ? start_note(&s, config, &err) : rc;
    rc = rc == LF_OK ? server_start(&s, &err) : rc;
    if (rc != LF_OK) {
        char why[GW_LOG_VALUE_MAX];
        gw_log("err", "start-failed", "status=%s message=\"%s\"", lf_status_name(rc),
               gw_log_value(err.message, why));
        serve_end(&s);
        return rc == LF_E_UNAVAILABLE ? GW_EXIT_UNREACHABLE : GW_EXIT_NO;
    }
    struct lf__merkle_head head = st_ledger_head(gw_exchange_ledger(s.exchange), NULL);
    gw_services_set_serving(&s.services, true);
    atomic_store(&s.is_serving, true);
    gw_log("info", "serving", "gateway=%s listen=%s port=%d http=%d metrics=%d entries=%llu",
           s.config.name, s.config.listen, gw_server_port(s.server), gw_public_port(s.public),
           gw_public_metrics_port(s.public), (unsigned long long)head.size);
    calendar_tell(&s);
    while (sigwait(&signals, &caught) == 0 && caught == SIGHUP) {
        serve_reload(&s);
    }
    gw_log("info", "stopping", "signal=%d", caught);
    serve_end(&s);
    gw_log("info", "stopped", "gateway=%s", s.config.name);
    return atomic_load(&s.is_broken) ? GW_EXIT_NO : GW_EXIT_OK;
}
