/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_limits SIDE SECONDS DIR: what this machine can do at all, one thing at a time, and what a receipt
 * costs beside its bare signature. One line of JSON. Files are made in DIR.
 */
#include "bench/receipts.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { APPEND_ROWS = 512, ROW_BYTES = 512 };

static double seconds_now(void)
{
    return (double)lf__clock_monotonic_ns() / 1e9;
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "lf_limits: %s\n", what);
    return 1;
}

static bool path_in(const char *dir, const char *name, char out[static 4096])
{
    int n = snprintf(out, 4096, "%s/%s", dir, name);
    return n > 0 && n < 4096;
}

/* A row of the table, rows done so far; negative when it failed. */
struct limit {
    const char *row;
    const char *side;
    bool (*open)(const char *dir);
    int64_t (*some)(void); /* does a little and says how many */
};

static int fsync_fd = -1;
static bool fsync_open(const char *dir)
{
    char path[4096];
    fsync_fd =
        path_in(dir, "fsync.bin", path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    return fsync_fd >= 0;
}

/* As a log grows: one page more, flushed. */
static int64_t fsync_some(void)
{
    static uint8_t page[4096];
    page[0]++;
    return write(fsync_fd, page, sizeof page) == (ssize_t)sizeof page && fdatasync(fsync_fd) == 0
               ? 1
               : -1;
}

static MDB_env *append_env;
static MDB_dbi append_table;
static uint64_t append_next;
static bool append_open(const char *dir)
{
    char path[4096];
    MDB_txn *txn = NULL;
    return path_in(dir, "append.mdb", path) && mdb_env_create(&append_env) == 0 &&
           mdb_env_set_mapsize(append_env, (size_t)1 << 36) == 0 &&
           mdb_env_open(append_env, path, MDB_NOSUBDIR, 0600) == 0 &&
           mdb_txn_begin(append_env, NULL, 0, &txn) == 0 &&
           mdb_dbi_open(txn, NULL, 0, &append_table) == 0 && mdb_txn_commit(txn) == 0;
}

static int64_t append_some(void)
{
    static uint8_t row[ROW_BYTES];
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(append_env, NULL, 0, &txn);
    for (int i = 0; rc == 0 && i < APPEND_ROWS; i++) {
        uint8_t key[8];
        lf__put_u64be(key, append_next++);
        MDB_val k = {sizeof key, key};
        MDB_val v = {sizeof row, row};
        rc = mdb_put(txn, append_table, &k, &v, MDB_APPEND);
    }
    rc = rc == 0 ? mdb_txn_commit(txn) : rc;
    return rc == 0 ? APPEND_ROWS : -1;
}

static const struct limit limits[] = {
    {"receipts", "receipts", bench_receipts_open, bench_receipts_some},
    {"receipts", "signatures", bench_receipts_open, bench_signatures_some},
    {"machine", "verify", bench_receipts_open, bench_signatures_some},
    {"machine", "fsync", fsync_open, fsync_some},
    {"machine", "append", append_open, append_some},
};

static int limit_run(const struct limit *limit, double seconds, const char *dir)
{
    if (!limit->open(dir)) {
        return fail("the side cannot be made ready");
    }
    uint64_t done = 0;
    double from = seconds_now();
    double now = from;
    while (now - from < seconds) {
        int64_t some = limit->some();
        if (some < 0) {
            return fail("the side failed");
        }
        done += (uint64_t)some;
        now = seconds_now();
    }
    double rate = (double)done / (now - from);
    (void)printf(
        "{\"row\":\"%s\",\"side\":\"%s\",\"rate\":%.1f,\"p50_us\":null,\"p99_us\":null,"
        "\"records\":%llu,\"calls\":0,\"calls_per_record\":0,\"seconds\":%.3f,\"failed\":0,"
        "\"answer_bytes\":0}\n",
        limit->row, limit->side, rate, (unsigned long long)done, now - from);
    return 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 4 && i < LF_COUNT(limits); i++) {
        if (strcmp(argv[1], limits[i].side) == 0) {
            return limit_run(&limits[i], strtod(argv[2], NULL), argv[3]);
        }
    }
    (void)fprintf(stderr, "usage: lf_limits receipts|signatures|verify|fsync|append SECONDS DIR\n");
    return 2;
}
