/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotate-log-key: a log gets a new key, announced in the ledger by a record that the old and the new one sign. The gateway is
 * stopped meanwhile. Killed at any point, it is run again and goes on from what the disk shows:
 *
 *   FILE.new made -> announced in the ledger -> the head after it, signed by the old key, kept -> FILE also named FILE.old
 *   -> FILE.new renamed to FILE
 *
 * While FILE.old is there every head is signed by both, so that who knows the old key alone goes on.
 */
#include "gateway/daemon/care.h"
#include "gateway/daemon/log_key.h"

#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "gateway/exchange/exchange.h"
#include "gateway/exchange/succession.h"
#include "gateway/exchange/tables.h"
#include "storage/check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROTATE_SEED = 32, ROTATE_ARENA = 4 << 20 };

static const char usage[] =
    "usage: lianfangd rotate-log-key --config FILE [--access] [--compromised-since SIZE]\n"
    "       lianfangd rotate-log-key --config FILE [--access] --end-overlap\n"
    "announces a new key for the ledger (--access: for the access log) and takes it; the gateway "
    "is "
    "stopped meanwhile.\nUntil --end-overlap, which removes the old key, heads are signed by "
    "both\n--compromised-since: others may have the old key since the log had so many entries (0: "
    "ever);\nwhoever learns of the new key then refuses longer heads that the old one alone has "
    "signed\n";

struct rotating {
    struct gw_config config;
    char data[LF_PATH_MAX];
    char path[LF_PATH_MAX]; /* of the key's file */
    char fresh[LF_PATH_MAX];
    char old[LF_PATH_MAX];
    enum gw_own_key which;
    bool is_compromised;
    uint64_t since_size;
    struct gw_policy *policy;
    struct lf__secret *ledger_seed; /* the ledger signs, whichever log's key changes */
    struct lf__secret *ledger_old;
    struct lf__secret *seed;
    struct lf__secret *next;
    struct gw_exchange *exchange;
    struct gw_log_keys keys;
    struct lf__arena arena;
};

static void rotating_done(struct rotating *r)
{
    gw_exchange_close(r->exchange);
    gw_policy_free(r->policy);
    lf__secret_free(r->ledger_seed);
    lf__secret_free(r->ledger_old);
    lf__secret_free(r->seed);
    lf__secret_free(r->next);
    lf__arena_done(&r->arena);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static lf_status paths_make(struct rotating *r, lf_error *err)
{
    const char *file = r->which == GW_OWN_ACCESS ? r->config.access_key : r->config.ledger_key;
    lf_status rc = gw_config_path(&r->config, file, r->path, err);
    rc = rc == LF_OK ? gw_log_key_path(r->path, GW_KEY_NEW, r->fresh, err) : rc;
    return rc == LF_OK ? gw_log_key_path(r->path, GW_KEY_OLD, r->old, err) : rc;
}

static lf_status seeds_load(struct rotating *r, lf_error *err)
{
    char ledger[LF_PATH_MAX];
    lf_status rc = gw_config_path(&r->config, r->config.ledger_key, ledger, err);
    rc = rc == LF_OK ? lf__secret_load(ledger, ROTATE_SEED, &r->ledger_seed, err) : rc;
    if (rc == LF_OK &&
        r->which == GW_OWN_ACCESS) { /* its announcement is for clients of the overlap */
        rc = gw_log_key_old(ledger, &r->ledger_old, err);
    }
    return rc == LF_OK ? lf__secret_load(r->path, ROTATE_SEED, &r->seed, err) : rc;
}

/* The other log's key must be in order. The ledger's signs what follows, so a key in the middle of its change may not. A change
 * of the access log's that was announced and not ended has no head kept for it yet: one that a later key of the ledger signs
 * would stand before the record that leads to that key, and nobody who knows the first key alone would get past it. */
static lf_status other_check(struct rotating *r, lf_error *err)
{
    char path[LF_PATH_MAX];
    LF_SECRET *seed = NULL;
    bool is_access = r->which == GW_OWN_LEDGER;
    const char *file = is_access ? r->config.access_key : r->config.ledger_key;
    lf_status rc = gw_config_path(&r->config, file, path, err);
    rc = rc == LF_OK ? lf__secret_load(path, ROTATE_SEED, &seed, err) : rc;
    return rc == LF_OK
               ? gw_log_key_check(gw_exchange_roster(r->exchange),
                                  is_access ? GW_OWN_ACCESS : GW_OWN_LEDGER, path, seed, err)
               : rc;
}

static lf_status store_open(struct rotating *r, lf_error *err)
{
    struct px_genesis genesis;
    lf_status rc = gw_policy_load_default(&r->policy, err);
    struct gw_exchange_options open = {.path = r->data,
                                       .name = r->config.name,
                                       .map_bytes = r->config.map_gib << 30,
                                       .seed = r->ledger_seed,
                                       .old_seed = r->ledger_old,
                                       .policy = r->policy};
    rc = rc == LF_OK ? gw_exchange_open(&open, NULL, &r->exchange, err) : rc;
    rc = rc == LF_OK ? other_check(r, err) : rc;
    rc = rc == LF_OK ? gw_genesis_read(gw_exchange_engine(r->exchange), &r->arena, &genesis, err)
                     : rc;
    return rc == LF_OK
               ? gw_log_keys_of(gw_exchange_engine(r->exchange), &genesis, r->which, &r->keys, err)
               : rc;
}

static bool is_key(const struct lf__secret *seed, const struct lf__public_key *key)
{
    struct lf__public_key here = lf__sign_public(seed);
    return lf__bytes_eq(LF_BYTES_ARRAY(here.bytes), LF_BYTES_ARRAY(key->bytes));
}

static const struct gw_log_key *newest(const struct rotating *r)
{
    return &r->keys.list[r->keys.count - 1];
}

static lf_status file_failed(const char *path, const char *what, lf_error *err)
{
    int cause = errno;
    return lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be %s: %s", path, what, strerror(cause));
}

static lf_status dir_sync(const char *path, lf_error *err)
{
    char copy[LF_PATH_MAX];
    (void)lf__copy_str(copy, sizeof copy, lf__bytes_str(path));
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    int cause = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? LF_OK
                : lf__fail_cause(err, LF_E_IO, cause, "%s: cannot be written: %s", path,
                                 strerror(cause));
}

/* Announced, it is the key in FILE.new and no other. Before that nobody knows it: what an earlier run left may be half written, or
 * not be on the disk in spite of what can be read, so it is made anew. */
static lf_status next_make(struct rotating *r, lf_error *err)
{
    char copy[LF_PATH_MAX];
    char name[LF_PATH_MAX];
    if (!is_key(r->seed, &newest(r)->key)) {
        return lf__secret_load(r->fresh, ROTATE_SEED, &r->next, err);
    }
    if (unlink(r->fresh) != 0 && errno != ENOENT) {
        return file_failed(r->fresh, "removed", err);
    }
    (void)lf__copy_str(copy, sizeof copy, lf__bytes_str(r->fresh));
    (void)lf__copy_str(name, sizeof name, lf__bytes_str(r->fresh));
    lf_status rc = gw_secret_make(dirname(copy), basename(name), &r->next, err);
    return rc == LF_OK ? dir_sync(r->fresh, err) : rc; /* an announced key must not get lost */
}

static lf_status announce(struct rotating *r, lf_error *err)
{
    LF_BUF envelope;
    struct lf__merkle_head head = {.size = 0};
    uint64_t index = 0;
    struct gw_log_key_change change = {
        .which = r->which,
        .origin = gw_roster_own_origin(gw_exchange_roster(r->exchange), r->which),
        .old_seed = r->seed,
        .new_seed = r->next,
        .is_compromised = r->is_compromised,
        .since_size = r->since_size};
    ST_TXN *txn = NULL;
    lf__buf_init(&envelope, PX_MESSAGE_MAX);
    if (r->keys.count == LF_COUNT(r->keys.list)) {
        return lf__fail(err, LF_E_PRECONDITION, "%s: changed as often as can be", r->path);
    }
    lf_status rc = st_txn_begin(gw_exchange_engine(r->exchange), ST_READ, &txn, err);
    rc = rc == LF_OK
             ? st_check_head(txn, r->which == GW_OWN_ACCESS ? GW_TABLE_ACCESS : GW_TABLE_LEDGER,
                             &head, err)
             : rc;
    st_txn_abort(txn);
    txn = NULL;
    change.from_size = head.size + (r->which == GW_OWN_ACCESS ? 0 : 1);
    if (rc == LF_OK && r->since_size > head.size) {
        return lf__fail(err, LF_E_ARG,
                        "--compromised-since %" PRIu64 ": the log has %" PRIu64 " entries",
                        r->since_size, head.size);
    }
    rc = rc == LF_OK ? gw_log_key_make(&change, &envelope, err) : rc;
    rc = rc == LF_OK ? gw_exchange_say(r->exchange, lf__buf_bytes(&envelope), &index, err) : rc;
    if (rc == LF_OK) {
        r->keys.list[r->keys.count++] =
            (struct gw_log_key){lf__sign_public(r->next), index, change.from_size};
    }
    return rc;
}

/* From here on the old key must not sign alone: nothing but this program has opened the store since. */
static lf_status announced_keep(struct rotating *r, lf_error *err)
{
    lf_status rc = is_key(r->seed, &newest(r)->key) ? announce(r, err) : LF_OK;
    if (rc == LF_OK && !is_key(r->next, &newest(r)->key)) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s: the newest LogKey record names neither this key nor %s", r->path,
                        r->fresh);
    }
    return rc == LF_OK && !gw_log_key_is_kept(r->exchange, newest(r)->index)
               ? gw_log_key_keep(r->exchange, newest(r)->index, err)
               : rc;
}

/* An earlier run may have made it; what else is there is somebody's key all the same, and FILE's would be lost. */
static lf_status old_make(const struct rotating *r, lf_error *err)
{
    LF_SECRET *old = NULL;
    struct lf__public_key key = lf__sign_public(r->seed);
    if (link(r->path, r->old) == 0) {
        return LF_OK;
    }
    if (errno != EEXIST) {
        return file_failed(r->old, "made", err);
    }
    lf_status rc = lf__secret_load(r->old, ROTATE_SEED, &old, err);
    return rc == LF_OK && !is_key(old, &key)
               ? lf__fail(err, LF_E_PRECONDITION, "%s: is there, and is not the key in %s", r->old,
                          r->path)
               : rc;
}

/* At each moment FILE is a whole key. */
static lf_status files_move(const struct rotating *r, lf_error *err)
{
    lf_status rc = old_make(r, err);
    rc = rc == LF_OK ? dir_sync(r->path, err) : rc;
    if (rc == LF_OK && rename(r->fresh, r->path) != 0) {
        rc = file_failed(r->path, "named", err);
    }
    return rc == LF_OK ? dir_sync(r->path, err) : rc;
}

/* The last run may have ended before the disk had the new names. */
static lf_status overlap_check(const struct rotating *r, lf_error *err)
{
    if (!is_there(r->old) || is_there(r->fresh)) {
        return LF_OK;
    }
    lf_status rc = dir_sync(r->path, err);
    return rc == LF_OK ? lf__fail(err, LF_E_PRECONDITION,
                                  "%s: the overlap of the last change goes on; end it first "
                                  "(--end-overlap)",
                                  r->old)
                       : rc;
}

static lf_status result_tell(const struct rotating *r, lf_error *err)
{
    LF_BUF text;
    lf__buf_init(&text, 1024);
    const char *log = r->which == GW_OWN_ACCESS ? "access" : "ledger";
    struct gw_log_name name = {r->config.name, log, gw_exchange_number(r->exchange)};
    lf_status rc = gw_vkey_put_numbered(&text, &name, r->next, err);
    if (rc == LF_OK) {
        (void)printf(
            "announced as entry %" PRIu64 " of the ledger; heads of more than %" PRIu64
            " entries need the new key, and have both until --end-overlap:\n%.*s"
            "witnesses that know this log put it beside the old one, as one more 'log' line of "
            "their policy\n",
            newest(r)->index, newest(r)->from_size, (int)text.len, (const char *)text.ptr);
    }
    return rc;
}

static lf_status rotate(struct rotating *r, lf_error *err)
{
    lf_status rc = paths_make(r, err);
    rc = rc == LF_OK ? overlap_check(r, err) : rc;
    rc = rc == LF_OK ? seeds_load(r, err) : rc;
    rc = rc == LF_OK ? store_open(r, err) : rc;
    rc = rc == LF_OK ? next_make(r, err) : rc;
    rc = rc == LF_OK ? announced_keep(r, err) : rc;
    rc = rc == LF_OK ? files_move(r, err) : rc;
    return rc == LF_OK ? result_tell(r, err) : rc;
}

/* Only when what leads from the old key to the new one can be handed out. */
static lf_status overlap_end(struct rotating *r, lf_error *err)
{
    LF_SECRET *old = NULL;
    lf_status rc = paths_make(r, err);
    if (rc == LF_OK && !is_there(r->old)) {
        return lf__fail(err, LF_E_PRECONDITION, "%s: is not there, so no overlap goes on", r->old);
    }
    if (rc == LF_OK && is_there(r->fresh)) {
        return lf__fail(err, LF_E_PRECONDITION,
                        "%s: is there, so the change has not ended: run rotate-log-key again",
                        r->fresh);
    }
    rc = rc == LF_OK ? seeds_load(r, err) : rc;
    rc = rc == LF_OK ? store_open(r, err) : rc;
    rc = rc == LF_OK
             ? gw_log_key_check(gw_exchange_roster(r->exchange), r->which, r->path, r->seed, err)
             : rc;
    rc = rc == LF_OK ? gw_log_key_old(r->path, &old, err) : rc;
    rc = rc == LF_OK ? gw_log_key_old_check(&r->keys, r->path, old, err) : rc;
    if (rc == LF_OK && !gw_log_key_is_kept(r->exchange, newest(r)->index)) {
        return lf__fail(
            err, LF_E_PRECONDITION,
            "the head that proves the new key is not kept; the old one is still needed");
    }
    rc = rc == LF_OK ? dir_sync(r->path, err) : rc; /* the new key has its name on the disk too */
    if (rc == LF_OK && unlink(r->old) != 0) {
        return file_failed(r->old, "removed", err);
    }
    rc = rc == LF_OK ? dir_sync(r->path, err) : rc;
    if (rc == LF_OK) {
        (void)printf("the old key is removed: from the next start only the new one signs\n");
    }
    return rc;
}

int gw_command_rotate_log_key(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"access", no_argument, NULL, 'a'},
                                            {"end-overlap", no_argument, NULL, 'e'},
                                            {"compromised-since", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    struct rotating r = {.which = GW_OWN_LEDGER};
    const char *config = NULL;
    bool ends = false;
    int option;
    lf_error err = LF_ERROR_INIT;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?' ||
            (option == 's' && !lf__text_u64(lf__bytes_str(optarg), &r.since_size))) {
            return gw_care_usage(usage);
        }
        r.is_compromised = r.is_compromised || option == 's';
        config = option == 'c' ? optarg : config;
        r.which = option == 'a' ? GW_OWN_ACCESS : r.which;
        ends = ends || option == 'e';
    }
    if (config == NULL || optind != argc || (ends && r.is_compromised)) {
        return gw_care_usage(usage);
    }
    lf__arena_init(&r.arena, ROTATE_ARENA);
    lf_status rc = gw_care_load(config, &r.config, r.data, &err);
    rc = rc == LF_OK ? (ends ? overlap_end : rotate)(&r, &err) : rc;
    rotating_done(&r);
    return rc == LF_OK ? GW_EXIT_OK : gw_care_failed("rotate-log-key", &err);
}
