/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: the store in one sealed file, beside a gateway that runs or does not. A second process reads
 * through LMDB's own reader table, so that the gateway spends nothing on it and cannot be hurt by it.
 * Keys are not in it: ledger.key and its kind are kept apart from what they sign.
 */
#include "gateway/daemon/care.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "gateway/exchange/tables.h"
#include "storage/backup.h"
#include "storage/check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: lianfangd backup DIR --config FILE (--key FILE | --passphrase-file FILE)\n";

lf_status gw_backup_key(const struct gw_backup_key *from, const struct st_backup_head *head,
                        struct lf__secret **out, lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, 4096);
    if ((head->kind == ST_BACKUP_KEY_PASSPHRASE) != (from->passphrase_file != NULL)) {
        return lf__fail(err, LF_E_ARG, "backup: it was sealed with a %s",
                        head->kind == ST_BACKUP_KEY_PASSPHRASE ? "passphrase" : "key file");
    }
    if (from->passphrase_file == NULL) {
        return lf__secret_load(from->key_file, LF_SEAL_KEY, out, err);
    }
    lf_status rc = lf__file_read(from->passphrase_file, &text, err);
    lf_bytes words = lf__buf_bytes(&text);
    while (words.len > 0 &&
           (words.ptr[words.len - 1] == '\n' || words.ptr[words.len - 1] == '\r')) {
        words.len--;
    }
    if (rc == LF_OK && words.len < GW_PASSPHRASE_MIN) {
        rc = lf__fail(err, LF_E_ARG, "%s: a passphrase has at least %d bytes",
                      from->passphrase_file, GW_PASSPHRASE_MIN);
    }
    rc = rc == LF_OK ? lf__seal_key(words, head->salt, out, err) : rc;
    if (text.ptr != NULL) {
        lf__secret_wipe(text.ptr, text.len);
    }
    return rc;
}

struct backing_up {
    const char *dir;
    struct gw_backup_key key_from;
    struct gw_config config;
    struct lf__merkle_head heads[2]; /* of the ledger and of the access log */
    uint64_t rows;
};

static lf_status file_fill(struct backing_up *b, struct st_txn *txn, int fd, lf_error *err)
{
    struct st_backup_head head = {.kind = b->key_from.passphrase_file != NULL
                                              ? ST_BACKUP_KEY_PASSPHRASE
                                              : ST_BACKUP_KEY_FILE};
    LF_SECRET *key = NULL;
    lf__random(head.salt, sizeof head.salt);
    lf_status rc = gw_backup_key(&b->key_from, &head, &key, err);
    rc = rc == LF_OK ? st_check_head(txn, GW_TABLE_LEDGER, &b->heads[0], err) : rc;
    rc = rc == LF_OK ? st_check_head(txn, GW_TABLE_ACCESS, &b->heads[1], err) : rc;
    rc = rc == LF_OK ? st_backup_write(txn, fd, &head, key, &b->rows, err) : rc;
    return rc == LF_OK && fsync(fd) != 0
               ? lf__fail_cause(err, LF_E_IO, errno, "backup: cannot be flushed: %s",
                                strerror(errno))
               : rc;
}

/* Under another name until it is whole. */
static lf_status file_make(struct backing_up *b, struct st_txn *txn, char name[static LF_PATH_MAX],
                           lf_error *err)
{
    char part[LF_PATH_MAX];
    char leaf[64];
    lf_status rc = lf__path(b->dir, "backup.part", part, err);
    int fd = rc == LF_OK ? open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (rc == LF_OK && fd < 0) {
        return lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be made: %s", part, strerror(errno));
    }
    rc = rc == LF_OK ? file_fill(b, txn, fd, err) : rc;
    if (fd >= 0 && close(fd) != 0 && rc == LF_OK) {
        rc = lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be closed", part);
    }
    (void)snprintf(leaf, sizeof leaf, "backup-%" PRIu64 "-%" PRIu64 ".sealed", b->heads[0].size,
                   b->heads[1].size);
    rc = rc == LF_OK ? lf__path(b->dir, leaf, name, err) : rc;
    if (rc == LF_OK && rename(part, name) != 0) {
        rc = lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be named: %s", name, strerror(errno));
    }
    if (rc != LF_OK) {
        (void)unlink(part);
    }
    return rc == LF_OK ? st_dir_flush(b->dir, err) : rc;
}

/* What the backup ends with, in clear beside it: nothing here tells of anybody. */
static void head_tell(const struct backing_up *b, const char *file)
{
    char roots[2][LF_HEX_SIZE(LF_HASH_BYTES)];
    for (int i = 0; i < 2; i++) {
        (void)lf__hex(lf__hash_bytes(&b->heads[i].root), roots[i], sizeof roots[i]);
    }
    (void)printf("{\"backup\":\"%s\",\"gateway\":\"%s\",\"time_ms\":%" PRId64 ",\"rows\":%" PRIu64
                 ",\"ledger\":{\"size\":%" PRIu64 ",\"root\":\"%s\"},\"access\":{\"size\":%" PRIu64
                 ",\"root\":\"%s\"}}\n",
                 file, b->config.name, lf__clock_utc_ms(), b->rows, b->heads[0].size, roots[0],
                 b->heads[1].size, roots[1]);
}

static lf_status backup_run(struct backing_up *b, const char *data, char name[static LF_PATH_MAX],
                            lf_error *err)
{
    struct st_engine *engine = NULL;
    struct st_txn *txn = NULL;
    lf_status rc = gw_care_open(&b->config, data, true, &engine, err);
    if (rc == LF_OK && mkdir(b->dir, 0700) != 0 && errno != EEXIST) {
        rc = lf__fail_cause(err, LF_E_IO, errno, "%s: cannot be made: %s", b->dir, strerror(errno));
    }
    rc = rc == LF_OK ? st_txn_begin(engine, ST_READ, &txn, err) : rc;
    rc = rc == LF_OK ? file_make(b, txn, name, err) : rc;
    st_txn_abort(txn);
    st_engine_close(engine);
    return rc;
}

bool gw_backup_options(int argc, char **argv, struct gw_backup_options *out)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"passphrase-file", required_argument, NULL, 'p'},
                                            {"witnessed", required_argument, NULL, 'w'},
                                            {"newer-head", required_argument, NULL, 'w'},
                                            {"without-witness", required_argument, NULL, 'x'},
                                            {"log-keys", required_argument, NULL, 'l'},
                                            {"genesis", required_argument, NULL, 'g'},
                                            {"redactions", required_argument, NULL, 'r'},
                                            {"orders-complete", no_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    int option;
    *out = (struct gw_backup_options){.config = NULL};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?' || (option == 'w' && out->witnessed_count == GW_WITNESSED_MAX) ||
            (option == 'x' && out->absent_count == GW_WITNESSED_MAX)) {
            return false;
        }
        out->config = option == 'c' ? optarg : out->config;
        out->key.key_file = option == 'k' ? optarg : out->key.key_file;
        out->key.passphrase_file = option == 'p' ? optarg : out->key.passphrase_file;
        out->log_keys = option == 'l' ? optarg : out->log_keys;
        out->genesis = option == 'g' ? optarg : out->genesis;
        out->redactions = option == 'r' ? optarg : out->redactions;
        out->is_orders_complete = out->is_orders_complete || option == 'o';
        if (option == 'w') {
            out->witnessed[out->witnessed_count++] = optarg;
        }
        if (option == 'x') {
            out->absent[out->absent_count++] = optarg;
        }
    }
    out->operand = optind + 1 == argc ? argv[optind] : NULL;
    return out->config != NULL && out->operand != NULL &&
           (out->key.key_file == NULL) != (out->key.passphrase_file == NULL);
}

int gw_command_backup(int argc, char **argv)
{
    struct gw_backup_options options;
    char data[LF_PATH_MAX];
    char name[LF_PATH_MAX];
    lf_error err = LF_ERROR_INIT;
    if (!gw_backup_options(argc, argv, &options) || options.witnessed_count > 0 ||
        options.absent_count > 0 || options.genesis != NULL || options.redactions != NULL ||
        options.is_orders_complete) {
        return gw_care_usage(usage);
    }
    struct backing_up b = {.dir = options.operand, .key_from = options.key};
    lf_status rc = gw_care_load(options.config, &b.config, data, &err);
    rc = rc == LF_OK ? backup_run(&b, data, name, &err) : rc;
    if (rc != LF_OK) {
        return gw_care_failed("backup", &err);
    }
    head_tell(&b, name);
    return GW_EXIT_OK;
}
