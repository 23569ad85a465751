/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fsck: everything recomputed, in a child process because damaged pages can crash the engine. Works
 * beside a running gateway too. Damage leaves a mark, and a marked directory signs nothing.
 */
#include "gateway/daemon/care.h"

#include "base/bytes.h"
#include "base/status.h"
#include "gateway/access/access.h"
#include "gateway/exchange/replay.h"
#include "gateway/exchange/tables.h"
#include "storage/guard.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    FSCK_PATIENCE_MS = 60000,
    FSCK_TOLD_MAX = 1000, /* damages told one by one */
    FSCK_LAST = 1024,     /* entries with --quick */
    FSCK_KEY_MAX = 64     /* bytes of a key shown */
};

static const char usage[] =
    "usage: lianfangd fsck --config FILE [--json] [--quick] [--no-signatures]\n";

struct fsck {
    const char *path;
    uint64_t map_bytes;
    bool is_json;
    bool is_quick;
    bool has_signatures;
    /* in the child */
    struct st_guard *guard;
    struct gw_policy *policy;
    struct st_engine *engine;
    const char *log; /* under examination */
    struct lf__buf told;
};

static void line_json(const struct fsck *f, const struct st_damage *d, const char *key,
                      struct lf__buf *out)
{
    (void)lf__buf_printf(out, "{\"log\":\"%s\",\"table\":\"%s\",\"key\":\"%s\"", f->log, d->table,
                         key);
    if (d->index != ST_NO_INDEX) {
        (void)lf__buf_printf(out, ",\"index\":%" PRIu64, d->index);
    }
    (void)lf__buf_printf(out, ",\"what\":\"%s\"}\n", d->what);
}

static void line_text(const struct fsck *f, const struct st_damage *d, const char *key,
                      struct lf__buf *out)
{
    (void)lf__buf_printf(out, "damaged: %s, %s", f->log, d->table);
    if (d->index != ST_NO_INDEX) {
        (void)lf__buf_printf(out, ", entry %" PRIu64, d->index);
    }
    (void)lf__buf_printf(out, "%s%s: %s\n", key[0] == '\0' ? "" : ", key ", key, d->what);
}

/* Keys are shown in hex: they may hold anything, but never more than codes and ids. */
static void on_damage(void *user, const struct st_damage *damage)
{
    struct fsck *f = user;
    char key[LF_HEX_SIZE(FSCK_KEY_MAX)];
    LF_BUF line;
    lf__buf_init(&line, 4096);
    (void)lf__hex(lf__bytes_slice(damage->key, 0, FSCK_KEY_MAX), key, sizeof key);
    uint64_t number = atomic_fetch_add(&f->guard->damages, 1);
    if (number >= FSCK_TOLD_MAX) {
        return;
    }
    (f->is_json ? line_json : line_text)(f, damage, key, &line);
    (void)fwrite(line.ptr, 1, line.len, stdout);
    (void)lf__buf_append(&f->told, lf__buf_bytes(&line));
}

static void on_progress(void *user, uint64_t done, uint64_t size)
{
    struct fsck *f = user;
    atomic_store(&f->guard->done, done);
    atomic_store(&f->guard->size, size);
    atomic_fetch_add(&f->guard->ticks, 1);
}

static lf_status ledgers_check(struct fsck *f, lf_error *err)
{
    struct st_check_report ledger;
    struct st_check_report access;
    uint64_t last = f->is_quick ? FSCK_LAST : 0;
    struct gw_check_options options = {.engine = f->engine,
                                       .scratch = f->is_quick ? NULL : f->path,
                                       .policy = f->policy,
                                       .last = last,
                                       .has_signatures = f->has_signatures,
                                       .damage = on_damage,
                                       .progress = on_progress,
                                       .user = f};
    struct gw_access_check questions = {.engine = f->engine,
                                        .first_table = GW_TABLE_ACCESS,
                                        .last = last,
                                        .damage = on_damage,
                                        .progress = on_progress,
                                        .user = f};
    f->log = "ledger";
    lf_status rc = gw_check(&options, &ledger, err);
    if (rc != LF_OK && rc != LF_E_CORRUPT) {
        return rc;
    }
    if (rc == LF_OK &&
        ledger.head.size == 0) { /* nothing was found wrong, because nothing is there */
        struct st_damage damage = {"store", LF_BYTES_NONE, ST_NO_INDEX,
                                   "holds no ledger, not even its genesis"};
        on_damage(f, &damage);
        rc = LF_E_CORRUPT;
    }
    f->log = "access";
    lf_status second = gw_access_check(&questions, &access, rc == LF_OK ? err : NULL);
    atomic_store(&f->guard->done, ledger.examined);
    atomic_store(&f->guard->size, ledger.head.size);
    lf__copy(f->guard->root, ledger.head.root.bytes, LF_HASH_BYTES);
    return rc == LF_OK ? second : rc;
}

static void mark(const struct fsck *f)
{
    lf_error err = LF_ERROR_INIT;
    if (st_mark_damaged(f->path, lf__buf_bytes(&f->told), &err) != LF_OK) {
        (void)fprintf(stderr, "lianfangd: fsck: the damage cannot be marked: %s\n", err.message);
    }
}

/* A store that cannot be opened is damaged, unless the machine is to blame. */
static lf_status store_open(struct fsck *f, lf_error *err)
{
    struct st_options options = {
        .path = f->path, .map_bytes = f->map_bytes, .is_reader = true, .must_exist = true};
    lf_status rc = st_engine_open(&options, &f->engine, err);
    if (rc == LF_E_CORRUPT || rc == LF_E_VERSION || rc == LF_E_NOT_FOUND) {
        struct st_damage damage = {"store", LF_BYTES_NONE, ST_NO_INDEX, err->message};
        on_damage(f, &damage);
        return LF_E_CORRUPT;
    }
    return rc;
}

static int fsck_child(void *user, struct st_guard *guard)
{
    struct fsck *f = user;
    lf_error err = LF_ERROR_INIT;
    f->guard = guard;
    f->log = "ledger";
    lf__buf_init(&f->told, 1 << 20);
    lf_status rc = gw_policy_load_default(&f->policy, &err);
    rc = rc == LF_OK ? store_open(f, &err) : rc;
    rc = rc == LF_OK ? ledgers_check(f, &err) : rc;
    if (rc == LF_E_CORRUPT && atomic_load(&guard->damages) == 0) {
        struct st_damage damage = {"store", LF_BYTES_NONE, ST_NO_INDEX, err.message};
        on_damage(f, &damage);
    }
    if (rc != LF_OK && rc != LF_E_CORRUPT) {
        (void)fprintf(stderr, "lianfangd: fsck: %s\n", err.message);
    }
    st_engine_close(f->engine);
    gw_policy_free(f->policy);
    if (atomic_load(&guard->damages) > 0) {
        mark(f);
    }
    lf__buf_done(&f->told);
    return rc == LF_OK ? GW_EXIT_OK : rc == LF_E_CORRUPT ? GW_EXIT_NO : GW_EXIT_UNREACHABLE;
}

/* The engine died on a page: where, is known by how far it had come. */
static void crash_tell(struct fsck *f, struct st_guard_end *end)
{
    char what[128];
    f->guard = &end->guard;
    f->log = "ledger";
    lf__buf_init(&f->told, 4096);
    (void)snprintf(what, sizeof what, "a page is damaged: reading %s near entry %" PRIu64,
                   end->how == ST_GUARD_STALLED ? "did not end" : "crashed", end->guard.done);
    struct st_damage damage = {"store", LF_BYTES_NONE, ST_NO_INDEX, what};
    on_damage(f, &damage);
    mark(f);
    lf__buf_done(&f->told);
}

static int summary_tell(const struct fsck *f, const struct st_guard_end *end, bool is_sound)
{
    char root[LF_HEX_SIZE(LF_HASH_BYTES)];
    (void)lf__hex(LF_BYTES_ARRAY(end->guard.root), root, sizeof root);
    if (f->is_json) {
        (void)printf("{\"sound\":%s,\"size\":%" PRIu64 ",\"examined\":%" PRIu64
                     ",\"damages\":%" PRIu64 ",\"root\":\"%s\"}\n",
                     is_sound ? "true" : "false", end->guard.size, end->guard.done,
                     end->guard.damages, root);
    } else if (is_sound) {
        (void)printf("sound: %" PRIu64 " entries, %" PRIu64 " examined, root %s\n", end->guard.size,
                     end->guard.done, root);
    } else {
        (void)printf("%" PRIu64 " damages; nothing is signed before a clean fsck\n",
                     end->guard.damages);
    }
    return is_sound ? GW_EXIT_OK : GW_EXIT_NO;
}

static int fsck_run(struct fsck *f)
{
    struct st_guard_end end;
    lf_error err = LF_ERROR_INIT;
    if (st_guard_run(fsck_child, f, FSCK_PATIENCE_MS, &end, &err) != LF_OK) {
        return gw_care_failed("fsck", &err);
    }
    if (end.how == ST_GUARD_ENDED && end.code == GW_EXIT_UNREACHABLE) {
        return GW_EXIT_UNREACHABLE;
    }
    if (end.how != ST_GUARD_ENDED) {
        crash_tell(f, &end);
    }
    bool is_sound = end.how == ST_GUARD_ENDED && end.code == GW_EXIT_OK;
    /* Only the whole check takes the mark away. */
    if (is_sound && !f->is_quick && f->has_signatures && st_clear_damaged(f->path, &err) != LF_OK) {
        return gw_care_failed("fsck", &err);
    }
    return summary_tell(f, &end, is_sound);
}

int gw_command_fsck(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"quick", no_argument, NULL, 'q'},
                                            {"no-signatures", no_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    struct fsck f = {.has_signatures = true};
    struct gw_config config;
    char path[LF_PATH_MAX];
    const char *file = NULL;
    lf_error err = LF_ERROR_INIT;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        file = option == 'c' ? optarg : file;
        f.is_json = f.is_json || option == 'j';
        f.is_quick = f.is_quick || option == 'q';
        f.has_signatures = f.has_signatures && option != 's';
        if (option == '?') {
            return gw_care_usage(usage);
        }
    }
    if (file == NULL || optind != argc) {
        return gw_care_usage(usage);
    }
    if (gw_care_load(file, &config, path, &err) != LF_OK) {
        return gw_care_failed("fsck", &err);
    }
    f.path = path;
    f.map_bytes = config.map_gib << 30;
    return fsck_run(&f);
}
