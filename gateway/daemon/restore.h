/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/daemon/restore.h - shared by restore.c, which brings a store back, and succeed.c, which begins new logs with it. */
#ifndef GW_RESTORE_H
#define GW_RESTORE_H

#include "core/checkpoint.h"
#include "gateway/daemon/care.h"
#include "gateway/daemon/log_key.h"
#include "gateway/policy/policy.h"
#include "protos/codec/kinds.h"
#include "storage/check.h"

enum { RESTORE_SEED = 32, RESTORE_LOGS = 2, RESTORE_NOTE_MAX = 65536 };

/* Of a head by a key that nothing leads to. */
#define GW_RESTORE_NO_KEY                                                                          \
    "by no key that backup or witness tells; needs --log-keys (a member's .keys file)"

struct restored_log {
    const char *name;    /* in the origin */
    const char *setting; /* the key's file, of the configuration */
    unsigned first_table;
    struct lf__note_key key; /* that its checkpoints are signed with */
    struct gw_log_keys keys; /* and were before */
    struct st_check_report report;
    bool is_witnessed;
    struct lf__merkle_head seen; /* the longest that anybody saw */
    bool is_longer;              /* than what the backup has */
};

struct restoring {
    const struct gw_backup_options *options;
    struct gw_config config;
    char data[LF_PATH_MAX];
    char fresh[LF_PATH_MAX]; /* becomes data */
    struct gw_policy *policy;
    struct st_engine *engine;
    struct restored_log logs[RESTORE_LOGS]; /* ledger, access log */
    struct lf__arena arena;
    struct px_genesis genesis; /* of the backup; in the arena */
    unsigned number;           /* of its logs */
    uint64_t rows;
};

/* Somebody, `who`, saw this head of the log: is it a beginning of what was restored, or longer? E_PRECONDITION when the logs may not
 * go on. */
lf_status gw_restore_seen(struct restoring *r, struct restored_log *log,
                          const struct lf__merkle_head *seen, const char *who, lf_error *err);
/* The origins of the logs, and all keys that they ever had as far as the backup, --log-keys, the witnesses and the key files tell. */
lf_status gw_restore_keys(struct restoring *r, lf_error *err);
/* Named by --without-witness. */
bool gw_restore_is_absent(const struct restoring *r, const char *name);
/* Asks every witness of the configuration what it saw of each log. E_UNAVAILABLE names one that does not answer and is not
 * --without-witness; E_SIGNATURE one whose answer is no checkpoint of ours with its line. */
lf_status gw_restore_ask(struct restoring *r, lf_error *err);
/* New logs on what was restored: genesis, orders, compaction. Ends with the engine closed. */
lf_status gw_restore_succeed(struct restoring *r, lf_error *err);
/* What members and witnesses must be told of them, on standard output. */
lf_status gw_restore_tell_keys(const struct restoring *r, lf_error *err);

#endif
