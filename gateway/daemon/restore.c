/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a data directory from a backup, if the logs in it may go on. A log may go on only when
 * nobody has seen more of it than the backup holds: whoever restores hands over the newest head that
 * was witnessed, and an older backup is refused, because signing on from it would make two histories.
 */
#include "gateway/daemon/care.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/access/access.h"
#include "gateway/exchange/replay.h"
#include "gateway/exchange/tables.h"
#include "storage/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: lianfangd restore BACKUP --config FILE (--key FILE | --passphrase-file FILE)\n"
    "                         --witnessed CHECKPOINT [--witnessed CHECKPOINT]\n"
    "one signed checkpoint for each log that has entries: the newest that anybody has seen\n";

enum { RESTORE_SEED = 32, RESTORE_LOGS = 2, RESTORE_NOTE_MAX = 65536 };

struct restored_log {
    const char *suffix; /* of the origin */
    size_t key_file;    /* where the configuration names it */
    unsigned first_table;
    struct st_check_report report;
    bool is_witnessed;
};

struct restoring {
    const struct gw_backup_options *options;
    struct gw_config config;
    char data[GW_PATH_MAX];
    char fresh[GW_PATH_MAX]; /* becomes data */
    struct gw_policy *policy;
    struct st_engine *engine;
    struct restored_log logs[RESTORE_LOGS];
    uint64_t rows;
};

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

static lf_status log_key(const struct restoring *r, const struct restored_log *log,
                         struct lf__note_key *out, lf_error *err)
{
    char path[GW_PATH_MAX];
    char origin[LF_NOTE_NAME_MAX + 1];
    LF_SECRET *seed = NULL;
    const char *file = (const char *)&r->config + log->key_file;
    lf_status rc = gw_config_path(&r->config, file, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, RESTORE_SEED, &seed, err) : rc;
    if (rc != LF_OK) {
        return rc;
    }
    struct lf__public_key key = lf__sign_public(seed);
    (void)snprintf(origin, sizeof origin, "%s/%s", r->config.name, log->suffix);
    return lf__note_key_make(origin, &key, out, err);
}

/* Is what was seen a beginning of what was restored? */
static lf_status head_compare(struct restoring *r, struct restored_log *log,
                              const struct lf__merkle_head *seen, lf_error *err)
{
    ST_TXN *txn = NULL;
    struct lf__hash root;
    if (seen->size > log->report.head.size) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s/%s: %" PRIu64 " entries were witnessed, the backup ends at %" PRIu64
                        "; signing on would make two histories",
                        r->config.name, log->suffix, seen->size, log->report.head.size);
    }
    lf_status rc = st_txn_begin(r->engine, ST_READ, &txn, err);
    rc = rc == LF_OK ? st_check_root(txn, log->first_table, seen->size, &root, err) : rc;
    if (rc == LF_OK && !lf__hash_eq(&root, &seen->root)) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s/%s: another history was witnessed; keep both heads as evidence",
                        r->config.name, log->suffix);
    }
    log->is_witnessed = rc == LF_OK;
    return rc;
}

/* The first line of a checkpoint says which log it is of; the signature must be that log's own. */
static lf_status witnessed_take(struct restoring *r, const char *file, lf_error *err)
{
    LF_BUF note;
    struct lf__merkle_head seen;
    lf__buf_init(&note, RESTORE_NOTE_MAX);
    lf_status rc = gw_file_read(file, &note, err);
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        struct lf__note_key key;
        lf_status known = log_key(r, &r->logs[i], &key, err);
        if (known != LF_OK) {
            return known;
        }
        if (lf__checkpoint_open(lf__buf_bytes(&note), &key, &seen, NULL) == LF_OK) {
            return head_compare(r, &r->logs[i], &seen, err);
        }
    }
    return rc == LF_OK ? lf__fail(err, LF_E_SIGNATURE,
                                  "%s: not a checkpoint of a log whose key is here", file)
                       : rc;
}

/* Everything that must be so before a log goes on. An order to erase is an entry: a backup that lacks one
 * ends before the head that was witnessed with it, and is refused; one that has it has what it left. */
static lf_status may_continue(struct restoring *r, lf_error *err)
{
    lf_status rc = LF_OK;
    for (size_t i = 0; rc == LF_OK && i < r->options->witnessed_count; i++) {
        rc = witnessed_take(r, r->options->witnessed[i], err);
    }
    for (int i = 0; rc == LF_OK && i < RESTORE_LOGS; i++) {
        const struct restored_log *log = &r->logs[i];
        if (log->report.head.size > 0 && !log->is_witnessed) {
            rc = lf__fail(err, LF_E_PRECONDITION,
                          "%s/%s: needs --witnessed with the newest checkpoint that anybody saw",
                          r->config.name, log->suffix);
        }
    }
    return rc;
}

static void fresh_remove(const struct restoring *r)
{
    static const char *const names[] = {"data.mdb", "data.mdb.new", "lock.mdb", "LOCK", "COPY"};
    char path[GW_PATH_MAX];
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (gw_path(r->fresh, names[i], path, NULL) == LF_OK) {
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

int gw_command_restore(int argc, char **argv)
{
    struct gw_backup_options options;
    lf_error err = LF_ERROR_INIT;
    struct restoring r = {.options = &options,
                          .logs = {{"ledger",
                                    offsetof(struct gw_config, ledger_key),
                                    GW_TABLE_LEDGER,
                                    {.damages = 0},
                                    false},
                                   {"access",
                                    offsetof(struct gw_config, access_key),
                                    GW_TABLE_ACCESS,
                                    {.damages = 0},
                                    false}}};
    if (!gw_backup_options(argc, argv, &options)) {
        return gw_care_usage(usage);
    }
    r.data[0] = '\0';
    lf_status rc = gw_care_load(options.config, &r.config, r.data, &err);
    int n = snprintf(r.fresh, sizeof r.fresh, "%s.restoring", r.data);
    if (rc == LF_OK && (n < 0 || (size_t)n >= sizeof r.fresh)) {
        rc = lf__fail(&err, LF_E_ARG, "data: path is too long");
    }
    rc = rc == LF_OK ? places_check(&r, &err) : rc;
    rc = rc == LF_OK ? gw_policy_load_default(&r.policy, &err) : rc;
    rc = rc == LF_OK ? restore_run(&r, &err) : rc;
    gw_policy_free(r.policy);
    if (rc != LF_OK) {
        return gw_care_failed("restore", &err);
    }
    (void)printf("restored: %" PRIu64 " rows, ledger of %" PRIu64 " entries, access log of %" PRIu64
                 "; nobody has seen more\n",
                 r.rows, r.logs[0].report.head.size, r.logs[1].report.head.size);
    return GW_EXIT_OK;
}
