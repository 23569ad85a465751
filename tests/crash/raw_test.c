/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits of the data file itself, pages and all, flipped in turn; the check runs in a child. It names
 * damage, or the store still gives every row as it was: never a wrong answer, never a hang.
 *
 * usage: raw_test DATA STEP
 */
#include "base/bytes.h"
#include "base/status.h"
#include "gateway/exchange/replay.h"
#include "storage/guard.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RAW_PATIENCE_MS = 20000 };
enum raw_end { RAW_SOUND, RAW_NAMED, RAW_WRONG, RAW_ELSE };

static void die(const char *what)
{
    (void)fprintf(stderr, "raw_test: %s\n", what);
    exit(2);
}

struct world {
    char path[64];
    struct gw_policy *policy;
    struct lf__hash rows; /* of the undamaged store */
    struct st_guard *guard;
};

static void on_damage(void *user, const struct st_damage *damage)
{
    struct world *w = user;
    (void)damage;
    (void)atomic_fetch_add(&w->guard->damages, 1);
}

static void on_progress(void *user, uint64_t done, uint64_t size)
{
    struct world *w = user;
    (void)done;
    (void)size;
    (void)atomic_fetch_add(&w->guard->ticks, 1);
}

/* Every row that the check vouches for. */
static lf_status table_hash(struct st_txn *txn, unsigned table, struct lf__hash *hash)
{
    struct st_cursor *cursor = NULL;
    struct st_pair row;
    lf_status rc = st_cursor_open(txn, table, &cursor, NULL);
    rc = rc == LF_OK ? st_cursor_seek(cursor, LF_BYTES_NONE, &row, NULL) : rc;
    while (rc == LF_OK) {
        uint8_t number = (uint8_t)table;
        lf_bytes pieces[] = {lf__hash_bytes(hash), {&number, 1}, row.key, row.value};
        *hash = lf__sha256_parts(pieces, LF_COUNT(pieces));
        rc = st_cursor_next(cursor, &row, NULL);
    }
    st_cursor_close(cursor);
    return rc == LF_E_NOT_FOUND ? LF_OK : rc;
}

static lf_status rows_hash(struct st_engine *engine, struct lf__hash *out)
{
    ST_TXN *txn = NULL;
    const struct gw_derived_table *derived;
    lf_status rc = st_txn_begin(engine, ST_READ, &txn, NULL);
    *out = lf__sha256(LF_BYTES_NONE);
    for (unsigned i = 0; rc == LF_OK && i < ST_LEDGER_TABLES; i++) {
        rc = table_hash(txn, i, out);
    }
    for (size_t i = 0; rc == LF_OK && (derived = gw_derived_table(i)) != NULL; i++) {
        rc = table_hash(txn, derived->table, out);
    }
    return rc;
}

static int child(void *user, struct st_guard *guard)
{
    struct world *w = user;
    struct st_engine *engine = NULL;
    struct st_check_report report;
    struct lf__hash rows;
    struct st_options store = {.path = w->path, .is_reader = true};
    FILE *quiet = freopen("/dev/null", "w", stderr); /* the engine's last words */
    w->guard = guard;
    if (quiet == NULL) {
        return RAW_ELSE;
    }
    if (st_engine_open(&store, &engine, NULL) != LF_OK) {
        return RAW_NAMED;
    }
    struct gw_check_options options = {.engine = engine,
                                       .scratch = w->path,
                                       .policy = w->policy,
                                       .has_signatures = true,
                                       .damage = on_damage,
                                       .progress = on_progress,
                                       .user = w};
    if (gw_check(&options, &report, NULL) != LF_OK) {
        return RAW_NAMED;
    }
    return rows_hash(engine, &rows) == LF_OK && lf__hash_eq(&rows, &w->rows) ? RAW_SOUND
                                                                             : RAW_WRONG;
}

static uint8_t *file_read(const char *dir, size_t *len)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%s/data.mdb", dir);
    int fd = open(name, O_RDONLY);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    uint8_t *bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (bytes == NULL || pread(fd, bytes, (size_t)size, 0) != size) {
        die("the data file cannot be read");
    }
    (void)close(fd);
    *len = (size_t)size;
    return bytes;
}

static void byte_write(const struct world *w, size_t at, uint8_t byte)
{
    char name[128];
    (void)snprintf(name, sizeof name, "%s/data.mdb", w->path);
    int fd = open(name, O_WRONLY);
    if (fd < 0 || pwrite(fd, &byte, 1, (off_t)at) != 1 || close(fd) != 0) {
        die("the data file cannot be written");
    }
}

static void world_make(struct world *w, const uint8_t *bytes, size_t len)
{
    char name[128];
    struct st_engine *engine = NULL;
    (void)snprintf(w->path, sizeof w->path, "/dev/shm/lf-raw-XXXXXX");
    if (mkdtemp(w->path) == NULL || gw_policy_load_default(&w->policy, NULL) != LF_OK) {
        die("no directory");
    }
    (void)snprintf(name, sizeof name, "%s/data.mdb", w->path);
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0) {
        die("no copy");
    }
    struct st_options options = {.path = w->path, .is_reader = true};
    if (st_engine_open(&options, &engine, NULL) != LF_OK || rows_hash(engine, &w->rows) != LF_OK) {
        die("the store does not open");
    }
    st_engine_close(engine);
}

int main(int argc, char **argv)
{
    struct world w = {.path = ""};
    size_t len = 0;
    unsigned ends[4] = {0};
    unsigned crashed = 0;
    unsigned stalled = 0;
    size_t step = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (step == 0) {
        die("usage: raw_test DATA STEP");
    }
    uint8_t *bytes = file_read(argv[1], &len);
    world_make(&w, bytes, len);
    for (size_t bit = 0; bit < 8 * len; bit += step) {
        struct st_guard_end end;
        byte_write(&w, bit / 8, (uint8_t)(bytes[bit / 8] ^ (1u << bit % 8)));
        if (st_guard_run(child, &w, RAW_PATIENCE_MS, &end, NULL) != LF_OK) {
            die("no child");
        }
        byte_write(&w, bit / 8, bytes[bit / 8]);
        crashed += end.how == ST_GUARD_CRASHED;
        stalled += end.how == ST_GUARD_STALLED;
        ends[end.how == ST_GUARD_ENDED ? end.code & 3 : RAW_NAMED]++;
        if (end.how == ST_GUARD_ENDED && end.code >= RAW_WRONG) {
            (void)fprintf(stderr, "byte %zu bit %zu: a wrong answer\n", bit / 8, bit % 8);
        }
    }
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s", w.path);
    int rc = system(command);
    (void)printf(
        "%zu bytes, every %zu. bit: %u named (of these %u by a crash and %u by a standstill "
        "of the child), %u with every row intact, %u wrong\n",
        len, step, ends[RAW_NAMED], crashed, stalled, ends[RAW_SOUND],
        ends[RAW_WRONG] + ends[RAW_ELSE]);
    free(bytes);
    gw_policy_free(w.policy);
    return rc == 0 && ends[RAW_WRONG] + ends[RAW_ELSE] == 0 && ends[RAW_NAMED] > 0 ? 0 : 1;
}
