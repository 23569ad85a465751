/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a data directory from a backup. Its logs may go on only when nobody has seen more of them than
 * the backup holds: signing on from an older state would make two histories. So whoever restores hands over
 * the newest heads that were seen. When one is longer, only new logs can begin (succeed.c).
 */
#include "gateway/daemon/restore.h"

#include "base/bytes.h"
#include "base/status.h"
#include "core/origin.h"
#include "gateway/access/access.h"
#include "gateway/exchange/replay.h"
#include "gateway/exchange/roster/genesis.h"
#include "gateway/exchange/succession.h"
#include "gateway/exchange/tables.h"
#include "storage/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: lianfangd restore BACKUP --config FILE (--key FILE | --passphrase-file FILE)\n"
    "                         [--witnessed CHECKPOINT]... [--without-witness NAME]...\n"
    "                         [--log-keys FILE]\n"
    "                         [--genesis FILE [--redactions FILE] [--orders-complete]]\n"
    "asks the configured witnesses for the newest checkpoint that each saw of the logs; one that\n"
    "cannot answer is named by --without-witness. --witnessed (or --newer-head): a checkpoint "
    "that\n"
    "somebody else saw; one for each log that no witness saw. Longer than the backup, they need a\n"
    "genesis of new logs\n"
    "that names them, and what export-redactions wrote of the old ledger. --log-keys: how the "
    "logs'\nkeys changed since the backup, when no witness keeps it: the .keys file in the state "
    "directory of a\nmember\n";

static lf_status places_check(struct restoring *r, lf_error *err)
{
    if (access(r->data, F_OK) == 0) {
        return lf__fail(err, LF_E_EXISTS, "%s: is there already; move it away first", r->data);
    }
    if (access(r->fresh, F_OK) == 0) {
        return lf__fail(err, LF_E_EXISTS, "%s: is left of a restore that did not end; remove it",
                        r->fresh);
    }
    return LF_OK;
}

static lf_status rows_restore(struct restoring *r, lf_error *err)
{
    struct st_backup_head head;
    LF_SECRET *key = NULL;
    int fd = open(r->options->operand, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return lf__fail_cause(err, LF_E_NOT_FOUND, errno, "%s: cannot be opened: %s",
                              r->options->operand, strerror(errno));
    }
    struct st_options store = {.path = r->fresh, .map_bytes = r->config.map_gib << 30};
    lf_status rc = st_backup_head_read(fd, &head, err);
    rc = rc == LF_OK ? gw_backup_key(&r->options->key, &head, &key, err) : rc;
    rc = rc == LF_OK ? st_engine_open(&store, &r->engine, err) : rc;
    rc = rc == LF_OK ? st_backup_read(fd, &head, key, r->engine, &r->rows, err) : rc;
    (void)close(fd);
    return rc;
}

static void damage_tell(void *user, const struct st_damage *damage)
{
    (void)user;
    (void)fprintf(stderr, "lianfangd: restore: %s: %s\n", damage->table, damage->what);
}

/* The whole check: a backup of a damaged store is no backup. */
static lf_status store_check(struct restoring *r, lf_error *err)
{
    struct gw_check_options ledger = {.engine = r->engine,
                                      .scratch = r->fresh,
                                      .policy = r->policy,
                                      .has_signatures = true,
                                      .damage = damage_tell};
    struct gw_access_check questions = {
        .engine = r->engine, .first_table = GW_TABLE_ACCESS, .damage = damage_tell};
    lf_status rc = gw_check(&ledger, &r->logs[0].report, err);
    return rc == LF_OK ? gw_access_check(&questions, &r->logs[1].report, err) : rc;
}

static lf_status longer_take(struct restoring *r, struct restored_log *log,
                             const struct lf__merkle_head *seen, const char *who, lf_error *err)
{
    if (r->options->genesis == NULL) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s: %" PRIu64 " entries were witnessed, the backup ends at %" PRIu64
                        "; signing on would make two histories (--genesis begins a new log); "
                        "seen by %.100s",
                        log->key.name, seen->size, log->report.head.size, who);
    }
    log->seen = log->is_longer && log->seen.size > seen->size ? log->seen : *seen;
    log->is_longer = true;
    log->is_witnessed = true;
    return LF_OK;
}

lf_status gw_restore_seen(struct restoring *r, struct restored_log *log,
                          const struct lf__merkle_head *seen, const char *who, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__hash root;
    if (seen->size > log->report.head.size) {
        return longer_take(r, log, seen, who, err);
    }
    lf_status rc = st_txn_begin(r->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_check_root(txn, log->first_table, seen->size, &root, err) : rc;
    if (rc == LF_OK && !lf__hash_eq(&root, &seen->root)) {
        return lf__fail(
            err, LF_E_PRECONDITION,
            "%s: another history was witnessed; keep both heads as evidence; seen by %.100s",
            log->key.name, who);
    }
    if (rc == LF_OK && !log->is_longer && (!log->is_witnessed || seen->size > log->seen.size)) {
        log->seen = *seen;
    }
    log->is_witnessed = log->is_witnessed || rc == LF_OK;
    return rc;
}

/* The first line of a checkpoint says which log it is of; the signature must be that log's own. */
static lf_status witnessed_take(struct restoring *r, const char *file, lf_error *err)
{
    LF_BUF note;
    struct lf__merkle_head seen;
    bool is_ours = false;
    lf__buf_init(&note, RESTORE_NOTE_MAX);
    lf_status rc = lf__file_read(file, &note, err);
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        lf_error why = LF_ERROR_INIT;
        if (gw_log_keys_open(&r->logs[i].keys, r->logs[i].key.name, lf__buf_bytes(&note), &seen,
                             &why) == LF_OK) {
            return gw_restore_seen(r, &r->logs[i], &seen, file, err);
        }
        is_ours =
            is_ours || (strcmp(why.reason, "SIGNATURE_MISSING") == 0 &&
                        lf__bytes_eq_str(lf__origin_of(lf__buf_bytes(&note)), r->logs[i].key.name));
    }
    if (rc != LF_OK) {
        return rc;
    }
    return is_ours ? lf__fail(err, LF_E_SIGNATURE, "%.70s: " GW_RESTORE_NO_KEY, file)
                   : lf__fail(err, LF_E_SIGNATURE,
                              "%s: not a checkpoint of a log whose key is here", file);
}

/* Everything that must be so before a log goes on. An order to erase is an entry: a backup that lacks one
 * ends before the head that was witnessed with it, and is refused; one that has it has what it left. */
static lf_status may_continue(struct restoring *r, lf_error *err)
{
    lf_status rc = gw_restore_keys(r, err);
    rc = rc == LF_OK ? gw_restore_ask(r, err) : rc;
    for (size_t i = 0; rc == LF_OK && i < r->options->witnessed_count; i++) {
        rc = witnessed_take(r, r->options->witnessed[i], err);
    }
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        const struct restored_log *log = &r->logs[i];
        if (log->report.head.size > 0 && !log->is_witnessed) {
            rc =
                lf__fail(err, LF_E_PRECONDITION,
                         "%s: no witness has seen it; needs --witnessed with the newest checkpoint "
                         "that anybody saw",
                         log->key.name);
        }
    }
    if (rc == LF_OK && r->options->genesis != NULL && !r->logs[0].is_longer &&
        !r->logs[1].is_longer) {
        rc = lf__fail(err, LF_E_PRECONDITION,
                      "--genesis: nobody has seen more than the backup has, so its logs go on");
    }
    return rc;
}

static void fresh_remove(const struct restoring *r)
{
    static const char *const names[] = {"data.mdb", "data.mdb.new", "lock.mdb", "LOCK", "COPY"};
    char path[LF_PATH_MAX];
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (lf__path(r->fresh, names[i], path, NULL) == LF_OK) {
            (void)unlink(path);
        }
    }
    (void)rmdir(r->fresh);
}

static lf_status restore_run(struct restoring *r, lf_error *err)
{
    lf_status rc = rows_restore(r, err);
    rc = rc == LF_OK ? store_check(r, err) : rc;
    rc = rc == LF_OK ? may_continue(r, err) : rc;
    rc = rc == LF_OK && r->options->genesis != NULL ? gw_restore_succeed(r, err) : rc;
    st_engine_close(r->engine);
    r->engine = NULL;
    if (rc == LF_OK && rename(r->fresh, r->data) != 0) {
        rc = lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be named: %s", r->data,
                            strerror(errno));
    }
    if (rc != LF_OK) {
        fresh_remove(r);
    }
    return rc;
}

static lf_status result_tell(const struct restoring *r, lf_error *err)
{
    bool goes_on = r->options->genesis == NULL;
    (void)printf("restored: %" PRIu64 " rows, ledger of %" PRIu64 " entries, access log of %" PRIu64
                 "%s\n",
                 r->rows, r->logs[0].report.head.size, r->logs[1].report.head.size,
                 goes_on ? "; nobody has seen more" : "");
    return goes_on ? LF_OK : gw_restore_tell_keys(r, err);
}

int gw_command_restore(int argc, char **argv)
{
    struct gw_backup_options options;
    lf_error err = LF_ERROR_INIT;
    struct restoring r = {.options = &options,
                          .logs = {{.name = "ledger", .first_table = GW_TABLE_LEDGER},
                                   {.name = "access", .first_table = GW_TABLE_ACCESS}}};
    if (!gw_backup_options(argc, argv, &options) ||
        (options.genesis == NULL && (options.redactions != NULL || options.is_orders_complete))) {
        return gw_care_usage(usage);
    }
    r.data[0] = '\0';
    r.logs[0].setting = r.config.ledger_key;
    r.logs[1].setting = r.config.access_key;
    lf__arena_init(&r.arena, PX_MESSAGE_MAX);
    lf_status rc = gw_care_load(options.config, &r.config, r.data, &err);
    int n = snprintf(r.fresh, sizeof r.fresh, "%s.restoring", r.data);
    if (rc == LF_OK && (n < 0 || (size_t)n >= sizeof r.fresh)) {
        rc = lf__fail(&err, LF_E_ARG, "data: path is too long");
    }
    rc = rc == LF_OK ? places_check(&r, &err) : rc;
    rc = rc == LF_OK ? gw_policy_load_default(&r.policy, &err) : rc;
    rc = rc == LF_OK ? restore_run(&r, &err) : rc;
    rc = rc == LF_OK ? result_tell(&r, &err) : rc;
    gw_policy_free(r.policy);
    lf__arena_done(&r.arena);
    return rc == LF_OK ? GW_EXIT_OK : gw_care_failed("restore", &err);
}
