/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/daemon/daemon.h - the commands of lianfangd and the files that they share. */
#ifndef GW_DAEMON_H
#define GW_DAEMON_H

#include "base/file.h"
#include "base/buf.h"
#include "base/secret.h"
#include "gateway/services/quotas.h"

#include <stdbool.h>

enum {
    GW_EXIT_OK = 0,
    GW_EXIT_NO = 1,
    GW_EXIT_USAGE = 2,
    GW_EXIT_UNREACHABLE = 4,
    GW_EXIT_BUG = 70,
    GW_LOG_VALUE_MAX = 2 * sizeof((lf_error *)NULL)->message + sizeof "..." /* all of it escaped */
};

struct gw_init_options {
    const char *dir;
    const char *name;
    const char *listen; /* HOST:PORT */
    const char *http;   /* HOST:PORT of the public face; NULL: none */
};
/* Makes DIR with keys, certificate, configuration, a test genesis signed at once, and 25 members. */
int gw_command_init_dev(const struct gw_init_options *options);
/* The gateway's own keys in a new DIR, and gateway.pub for the authority. */
int gw_command_keygen(const struct gw_init_options *options);
/* Begins the ledger in DIR, which keygen made, with a genesis that the authority has signed, and after it
 * the records (the first members, a policy) that it signed too. `files` ends with NULL. */
int gw_command_init_genesis(const struct gw_init_options *options, char *const *files);
/* Serves until SIGTERM or SIGINT. */
int gw_command_serve(const char *config);

/* Section [http] of the configuration; everything may be left out. */
struct gw_public_config {
    char listen[256];      /* HOST:PORT; "" serves no HTTP */
    char metrics[256];     /* HOST:PORT, loopback; "" serves no metrics */
    char witnesses[256];   /* a tlog-policy file: who cosigns our checkpoints; "" nobody */
    char witness_for[256]; /* a tlog-policy file: whose checkpoints we cosign; "" nobody's */
    uint64_t interval_ms;  /* between published checkpoints; 0: a second */
};
/* [gateway] of the configuration file; paths start from where it stands. */
struct gw_config {
    char dir[LF_PATH_MAX]; /* where the configuration file stands */
    char name[128];
    char listen[256];
    char data[LF_PATH_MAX];
    char ledger_key[LF_PATH_MAX];
    char access_key[LF_PATH_MAX];
    char tls_key[LF_PATH_MAX];
    char tls_cert[LF_PATH_MAX];
    uint64_t map_gib;      /* address space of the store */
    uint64_t queue;        /* records that may wait for the sequencer */
    uint64_t grace_ms;     /* for calls under way when the end begins */
    uint64_t heartbeat_ms; /* that a feed is silent before it says so */
    uint64_t patience_ms;  /* with a reader of the feed that does not take its batch */
    bool log_json;
    uint64_t disk_floor_mib; /* free disk below which no new records are taken */
    struct gw_public_config http;
    struct gw_quotas quotas;
};
/* The first error names file, line, key and rule. */
lf_status gw_config_load(const char *path, struct gw_config *out, lf_error *err);
/* What is to stand in gateway.conf, by its rules, before anything is made. */
lf_status gw_init_check(const struct gw_init_options *options, lf_error *err);
/* Every key with the value in force, defaults too, in the file's own form. */
void gw_config_print(const struct gw_config *config);
lf_status gw_config_path(const struct gw_config *config, const char *value,
                         char out[static LF_PATH_MAX], lf_error *err);
/* gateway.conf of a new directory. */
lf_status gw_config_write(const struct gw_init_options *options, lf_error *err);

/* "LOG = VKEY" for the gateway's ledger, access or witness, as profiles and gateway.pub have it. */
lf_status gw_vkey_put(struct lf__buf *out, const char *name, const char *log,
                      const struct lf__secret *seed, lf_error *err);
/* The same for the second and later logs of a gateway. */
struct gw_log_name {
    const char *gateway;
    const char *log;
    unsigned number;
};
lf_status gw_vkey_put_numbered(struct lf__buf *out, const struct gw_log_name *of,
                               const struct lf__secret *seed, lf_error *err);
/* DIR/NAME with 32 fresh secret bytes, 0600. *out is owned. */
lf_status gw_secret_make(const char *dir, const char *name, struct lf__secret **out, lf_error *err);
/* tls.key and tls.crt in DIR; the certificate's text is appended to `cert`. */
lf_status gw_tls_make(const char *dir, const char *name, struct lf__buf *cert, lf_error *err);

lf_status gw_dir_make(const char *path, lf_error *err);
/* All that a command made in a directory that it made, so that the same command does when there is room. */
void gw_dir_unmake(const char *path);
/* A 32-byte secret of DIR/name; made at random when the file is not there yet. */
lf_status gw_secret_load_or_make(const char *dir, const char *name, struct lf__secret **out,
                                 lf_error *err);
/* Whether group or others have any right to it; not when it is not there. */
bool gw_file_is_open(const char *path);
/* One line on standard error: level, event, then key=value pairs as given; values of more than a word
 * in double quotes. What a peer sent goes through gw_log_value() first. Any thread. */
void gw_log(const char *level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* JSON Lines instead of key=value from here on. */
void gw_log_json(bool is_json);
/* Escaped for double quotes, without control characters, and cut. Returns `out`. */
const char *gw_log_value(const char *text, char out[static GW_LOG_VALUE_MAX]);

#endif
