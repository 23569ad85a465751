/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_mirror SIDE COUNT DIR KNOWN: COUNT codes against the mirror in DIR, every other of them one of the KNOWN that the ledger has a
 * record of, in no order. SIDE screen: as a program screens its merchants. SIDE gets: bare LMDB, the same keys in the same table.
 * One line of JSON: codes a second, and a second of this process's own processor time.
 */
#include "bench/records.h"

#include "base/clock.h"

#include <lianfang/mirror.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { AT_ONCE = 65536, UNKNOWN_FROM = 50000000, SPREAD = 104729, STANDING = 3 };

struct codes {
    char *text; /* BENCH_CODE_BYTES each */
    size_t count;
    uint64_t hits;
};

static bool codes_make(struct codes *codes, uint64_t known)
{
    codes->text = malloc(codes->count * BENCH_CODE_BYTES + 1);
    for (size_t i = 0; codes->text != NULL && i < codes->count; i++) {
        char code[BENCH_CODE_BYTES + 1];
        uint64_t serial = (uint64_t)i * SPREAD % known;
        bench_code(i % 2 == 0 ? serial : UNKNOWN_FROM + serial, code);
        memcpy(codes->text + i * BENCH_CODE_BYTES, code, BENCH_CODE_BYTES);
    }
    return codes->text != NULL;
}

static double processor_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_match(const lf_mirror_match *match, void *user)
{
    struct codes *codes = user;
    codes->hits += match->match == LF_MATCH_CODE ? 1 : 0;
}

static bool screen_all(lf_mirror *mirror, struct codes *codes)
{
    static lf_mirror_asked asked[AT_ONCE];
    lf_status rc = LF_OK;
    for (size_t at = 0; rc == LF_OK && at < codes->count; at += AT_ONCE) {
        size_t n = codes->count - at < AT_ONCE ? codes->count - at : AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            const char *code = codes->text + (at + i) * BENCH_CODE_BYTES;
            asked[i].code = (lf_bytes){(const uint8_t *)code, BENCH_CODE_BYTES};
        }
        rc = lf_mirror_screen(mirror, asked, n, on_match, codes, NULL);
    }
    return rc == LF_OK;
}

static bool gets_all(MDB_txn *txn, MDB_dbi table, struct codes *codes)
{
    int rc = 0;
    for (size_t i = 0; (rc == 0 || rc == MDB_NOTFOUND) && i < codes->count; i++) {
        MDB_val key = {BENCH_CODE_BYTES, codes->text + i * BENCH_CODE_BYTES};
        MDB_val value;
        rc = mdb_get(txn, table, &key, &value);
        codes->hits += rc == 0 ? 1 : 0;
    }
    return rc == 0 || rc == MDB_NOTFOUND;
}

static void result_print(const char *side, const struct codes *codes, double seconds, double spent)
{
    (void)printf(
        "{\"row\":\"mirror-screen\",\"side\":\"%s\",\"rate\":%.1f,\"a_core\":%.1f,\"failed\":%d}\n",
        side, (double)codes->count / seconds, (double)codes->count / spent,
        codes->hits == (codes->count + 1) / 2 ? 0 : 1);
}

static bool screen_run(const char *dir, struct codes *codes)
{
    lf_mirror *mirror = NULL;
    lf_error err = LF_ERROR_INIT;
    if (lf_mirror_open(dir, &mirror, &err) != LF_OK) {
        (void)fprintf(stderr, "lf_mirror: %s\n", err.message);
        return false;
    }
    bool good = screen_all(mirror, codes);
    lf_mirror_close(mirror);
    return good;
}

static bool gets_run(const char *dir, struct codes *codes)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi table = 0;
    char name[8];
    (void)snprintf(name, sizeof name, "t%02u", STANDING);
    bool good = mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, 64) == 0 &&
                mdb_env_set_mapsize(env, (size_t)1 << 40) == 0 &&
                mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK, 0600) == 0 &&
                mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0 &&
                mdb_dbi_open(txn, name, 0, &table) == 0 && gets_all(txn, table, codes);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return good;
}

int main(int argc, char **argv)
{
    struct codes codes = {.count = argc == 5 ? (size_t)strtoull(argv[2], NULL, 10) : 0};
    bool is_screen = argc == 5 && strcmp(argv[1], "screen") == 0;
    if (codes.count == 0 || !codes_make(&codes, strtoull(argv[4], NULL, 10))) {
        (void)fprintf(stderr, "usage: lf_mirror screen|gets COUNT DIR KNOWN\n");
        return 2;
    }
    double spent = processor_seconds();
    int64_t from = lf__clock_monotonic_ns();
    bool good = is_screen ? screen_run(argv[3], &codes) : gets_run(argv[3], &codes);
    double seconds = (double)(lf__clock_monotonic_ns() - from) / 1e9;
    if (good) {
        result_print(argv[1], &codes, seconds, processor_seconds() - spent);
    }
    free(codes.text);
    return good ? 0 : 1;
}
