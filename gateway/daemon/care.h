/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/daemon/care.h - the commands that look after a data directory, one file each. */
#ifndef GW_DAEMON_CARE_H
#define GW_DAEMON_CARE_H

#include "gateway/daemon/daemon.h"
#include "storage/backup.h"
#include "storage/engine.h"

/* argv[0] is the command's name. */
int gw_command_fsck(int argc, char **argv);
int gw_command_rebuild(int argc, char **argv);
int gw_command_compact(int argc, char **argv);
int gw_command_backup(int argc, char **argv);
int gw_command_meter(int argc, char **argv);
int gw_command_restore(int argc, char **argv);
int gw_command_upgrade(int argc, char **argv);
int gw_command_export_redactions(int argc, char **argv);
int gw_command_rotate_log_key(int argc, char **argv);

enum { GW_PASSPHRASE_MIN = 12, GW_WITNESSED_MAX = 8 };
struct gw_backup_key {
    const char *key_file; /* one of the two */
    const char *passphrase_file;
};
/* The key that this head asks for. */
lf_status gw_backup_key(const struct gw_backup_key *from, const struct st_backup_head *head,
                        struct lf__secret **out, lf_error *err);
struct gw_backup_options {
    const char *operand;
    const char *config;
    struct gw_backup_key key;
    const char *witnessed[GW_WITNESSED_MAX];
    size_t witnessed_count;
    const char *absent[GW_WITNESSED_MAX]; /* witnesses that need not answer */
    size_t absent_count;
    const char *genesis;     /* of the logs that succeed these; NULL: they must go on */
    const char *log_keys;    /* an answer of GetLogKeys; NULL: none */
    const char *redactions;  /* what export-redactions wrote; NULL: none */
    bool is_orders_complete; /* the authority says that it is all of them */
};
/* False when the usage should be told. */
bool gw_backup_options(int argc, char **argv, struct gw_backup_options *out);

/* The usage line on standard error. */
int gw_care_usage(const char *usage);
/* The configuration, and the data directory that belongs to it. */
lf_status gw_care_load(const char *config, struct gw_config *out, char data[static LF_PATH_MAX],
                       lf_error *err);
/* Opens a store that holds a ledger. E_PRECONDITION for one that is not there or is empty, as when its volume is not mounted: it is
 * left as it is. */
lf_status gw_care_open(const struct gw_config *config, const char *data, bool is_reader,
                       struct st_engine **out, lf_error *err);
/* The error on standard error; GW_EXIT_NO. */
int gw_care_failed(const char *command, const lf_error *err);

#endif
