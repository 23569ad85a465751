/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes while the ledger writes. What reached the kernel was recorded with its flushes; a
 * disk after a cut holds everything that a completed flush covered, and of the rest any sectors of
 * 512 bytes in any order. From each such disk the ledger must open with all that was acknowledged.
 * With MDB_NOSYNC the same cuts must lose something, or this test could not fail.
 *
 * usage: powercut_test CUTS [SEED]
 */
#include "base/bytes.h"
#include "tests/crash/shim.h"
#include "tests/support/simple_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CUT_SECTOR = 512,
    CUT_DISK = 1 << 23, /* bytes; the recorded file is smaller */
    CUT_GROUPS = 60,
    CUT_NOSYNC = 0x10000, /* MDB_NOSYNC */
    CUT_PATIENCE_S = 20
};

static uint64_t cut_random_state;
static uint64_t cut_random(void) /* xorshift: the same cuts for the same seed */
{
    cut_random_state ^= cut_random_state << 13;
    cut_random_state ^= cut_random_state >> 7;
    cut_random_state ^= cut_random_state << 17;
    return cut_random_state;
}

static void die(const char *what)
{
    (void)fprintf(stderr, "powercut_test: %s\n", what);
    exit(2);
}

struct acknowledged {
    char id[SIMPLE_ID];
    struct simple_answer answer;
};

struct recording {
    const struct shim_event *events;
    size_t count;
    struct acknowledged *list;
    size_t used;
};

/* Groups of different sizes, so that commits touch a page, several pages and overflow into new ones. */
static void record(const char *path, struct recording *out)
{
    struct simple simple;
    lf_error err = LF_ERROR_INIT;
    uint64_t next = 0;
    out->list = calloc((size_t)CUT_GROUPS * SIMPLE_GROUP, sizeof *out->list);
    shim_record(true);
    if (out->list == NULL || simple_open(&simple, path, &err) != LF_OK) {
        die(err.message);
    }
    for (int g = 0; g < CUT_GROUPS; g++) {
        char ids[SIMPLE_GROUP][SIMPLE_ID];
        struct simple_answer answers[SIMPLE_GROUP];
        size_t n = g % 3 == 0 ? 1 : 1 + cut_random() % SIMPLE_GROUP;
        for (size_t i = 0; i < n; i++) {
            (void)snprintf(ids[i], SIMPLE_ID, "%llu-%llu", (unsigned long long)(cut_random() % 997),
                           (unsigned long long)next++);
        }
        if (simple_submit(&simple, ids, n, answers, &err) != LF_OK) {
            die(err.message);
        }
        for (size_t i = 0; i < n; i++) {
            lf__copy(out->list[out->used].id, ids[i], SIMPLE_ID);
            out->list[out->used++].answer = answers[i];
        }
        shim_mark(out->used);
    }
    simple_close(&simple);
    shim_record(false);
    out->events = shim_events(&out->count);
}

struct disk {
    uint8_t *bytes;
    size_t len;
    bool has_name; /* the file was given its name: before that a restart begins anew */
};

static void disk_put(struct disk *disk, off_t offset, const uint8_t *bytes, size_t len)
{
    size_t end = (size_t)offset + len;
    if (end > CUT_DISK) {
        die("the recorded file is larger than the simulated disk");
    }
    memcpy(disk->bytes + offset, bytes, len);
    disk->len = end > disk->len ? end : disk->len;
}

/* Each sector of a write that no flush covers is there or not, by itself. */
static void disk_put_some(struct disk *disk, const struct shim_event *e, unsigned keep_of_256)
{
    size_t done = 0;
    while (done < e->len) {
        size_t at = (size_t)e->offset + done;
        size_t n = CUT_SECTOR - at % CUT_SECTOR;
        n = n < e->len - done ? n : e->len - done;
        if (cut_random() % 256 < keep_of_256) {
            disk_put(disk, (off_t)at, e->bytes + done, n);
        }
        done += n;
    }
}

/* The last flush before `cut`: what stands before it is on the disk. */
static size_t epoch_start(const struct recording *r, size_t cut)
{
    size_t start = 0;
    for (size_t i = 0; i < cut; i++) {
        start = r->events[i].what == SHIM_FLUSH ? i : start;
    }
    return start;
}

/* Reordering: the writes of the open epoch land in a random order. */
static void shuffle(size_t *list, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = cut_random() % i;
        size_t kept = list[i - 1];
        list[i - 1] = list[j];
        list[j] = kept;
    }
}

enum cut_mode { CUT_PREFIX, CUT_DROP, CUT_REORDER, CUT_MODES };

/* The disk after a cut just before event `cut`; returns how much had been acknowledged. */
static uint64_t disk_after(const struct recording *r, size_t cut, enum cut_mode mode,
                           struct disk *disk)
{
    uint64_t acknowledged = 0;
    size_t start = epoch_start(r, cut);
    static size_t open[1 << 16];
    size_t n = 0;
    static const unsigned keeps[] = {0, 16, 128, 240};
    unsigned keep = keeps[cut_random() % 4];
    memset(disk->bytes, 0, disk->len);
    disk->len = 0;
    disk->has_name = false;
    for (size_t i = 0; i < cut; i++) {
        const struct shim_event *e = &r->events[i];
        acknowledged = e->what == SHIM_MARK ? e->mark : acknowledged;
        disk->has_name = disk->has_name || e->what == SHIM_RENAME;
        if (e->what == SHIM_WRITE && (i < start || e->is_durable || mode == CUT_PREFIX)) {
            disk_put(disk, e->offset, e->bytes, e->len);
        } else if (e->what == SHIM_WRITE && n < sizeof open / sizeof open[0]) {
            open[n++] = i;
        }
    }
    if (mode == CUT_REORDER) {
        shuffle(open, n);
    }
    for (size_t i = 0; i < n; i++) {
        disk_put_some(disk, &r->events[open[i]], keep);
    }
    /* A write that was under way when the power went may be torn, also one that flushes itself. */
    if (mode != CUT_PREFIX && cut < r->count && r->events[cut].what == SHIM_WRITE) {
        disk_put_some(disk, &r->events[cut], 128);
    }
    return acknowledged;
}

static void disk_save(const struct disk *disk, const char *dir)
{
    char name[128];
    (void)mkdir(dir, 0700);
    (void)snprintf(name, sizeof name, "%s/lock.mdb", dir);
    (void)unlink(name);
    (void)snprintf(name, sizeof name, "%s/data.mdb", dir);
    (void)unlink(name);
    (void)snprintf(name, sizeof name, "%s/data.mdb%s", dir, disk->has_name ? "" : ".new");
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, disk->bytes, disk->len) != (ssize_t)disk->len || close(fd) != 0) {
        die("the disk cannot be saved");
    }
}

enum cut_end { CUT_GOOD, CUT_DOES_NOT_OPEN, CUT_LOST, CUT_DAMAGED, CUT_CRASHED, CUT_ENDS };

/* In a child: a broken disk may crash the engine. */
static enum cut_end disk_judge(const struct recording *r, const char *dir, uint64_t acknowledged)
{
    struct simple simple;
    struct simple_report report = {.damage = NULL};
    ST_TXN *txn = NULL;
    lf_error err = LF_ERROR_INIT;
    if (simple_open(&simple, dir, &err) != LF_OK) {
        return CUT_DOES_NOT_OPEN;
    }
    if (st_txn_begin(simple.engine, ST_READ, &txn, &err) != LF_OK ||
        simple_check(txn, 0, &report, &err) != LF_OK) {
        return CUT_DAMAGED;
    }
    for (uint64_t i = 0; i < acknowledged; i++) {
        if (!simple_holds(&simple, r->list[i].id, &r->list[i].answer)) {
            return CUT_LOST;
        }
    }
    return acknowledged == 0 || simple_extends(&simple, &r->list[acknowledged - 1].answer.head)
               ? CUT_GOOD
               : CUT_LOST;
}

static enum cut_end disk_try(const struct recording *r, const char *dir, uint64_t acknowledged)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(CUT_PATIENCE_S);
        FILE *quiet = freopen("/dev/null", "w", stderr); /* the engine's last words */
        _exit(quiet == NULL ? CUT_ENDS : (int)disk_judge(r, dir, acknowledged));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        die("no child");
    }
    return WIFEXITED(status) && WEXITSTATUS(status) < CUT_ENDS ? (enum cut_end)WEXITSTATUS(status)
                                                               : CUT_CRASHED;
}

/* Anywhere; one in eight while the store is being made. */
static size_t cut_at(const struct recording *r)
{
    return cut_random() % (cut_random() % 8 == 0 && r->count > 32 ? 32 : r->count + 1);
}

/* A world of its own for each way of opening: recorded, then cut `cuts` times. */
static void run(const char *base, const char *name, unsigned flags, unsigned cuts,
                unsigned ends[static CUT_ENDS])
{
    struct recording r = {.used = 0};
    struct disk disk = {calloc(1, CUT_DISK), 0, false};
    char live[96];
    char dir[96];
    (void)snprintf(live, sizeof live, "%s/%s-live", base, name);
    (void)snprintf(dir, sizeof dir, "%s/%s-cut", base, name);
    if (disk.bytes == NULL) {
        die("out of memory");
    }
    shim_env_flags(flags);
    record(live, &r);
    shim_env_flags(0); /* a restart is always a safe one */
    for (unsigned i = 0; i < cuts; i++) {
        bool is_prefix = i % 4 == 0; /* every prefix once, when there are cuts enough */
        size_t cut = is_prefix ? i / 4 * r.count / (cuts / 4 + 1) : cut_at(&r);
        enum cut_mode mode = is_prefix ? CUT_PREFIX : CUT_DROP + cut_random() % 2;
        uint64_t acknowledged = disk_after(&r, cut, mode, &disk);
        disk_save(&disk, dir);
        enum cut_end end = disk_try(&r, dir, acknowledged);
        if (end != CUT_GOOD && flags == 0) {
            (void)fprintf(stderr, "cut %u before event %zu of %zu, mode %d: end %d\n", i, cut,
                          r.count, (int)mode, (int)end);
        }
        ends[end]++;
    }
    (void)printf("%s: %u cuts in %zu events of %zu entries: %u good, %u lost, %u damaged, %u did "
                 "not open, %u crashed\n",
                 name, cuts, r.count, r.used, ends[CUT_GOOD], ends[CUT_LOST], ends[CUT_DAMAGED],
                 ends[CUT_DOES_NOT_OPEN], ends[CUT_CRASHED]);
    shim_forget();
    free(r.list);
    free(disk.bytes);
}

int main(int argc, char **argv)
{
    unsigned cuts = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 500;
    unsigned safe[CUT_ENDS] = {0};
    unsigned unsafe[CUT_ENDS] = {0};
    cut_random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261125;
    char base[] = "/dev/shm/lf-cut-XXXXXX";
    char command[64];
    if (mkdtemp(base) == NULL) {
        die("no directory");
    }
    run(base, "sync", 0, cuts, safe);
    run(base, "nosync", CUT_NOSYNC, cuts / 5 + 100, unsafe);
    (void)snprintf(command, sizeof command, "rm -rf %s", base);
    int rc = system(command);
    bool holds = safe[CUT_GOOD] == cuts;
    bool can_fail =
        unsafe[CUT_LOST] + unsafe[CUT_DAMAGED] + unsafe[CUT_DOES_NOT_OPEN] + unsafe[CUT_CRASHED] >
        0;
    return rc == 0 && holds && can_fail ? 0 : 1;
}
