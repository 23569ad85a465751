/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that writes or flushes fails in turn, in every way: EIO (nothing done, done all the
 * same, from then on), ENOSPC, half done, and SIGKILL before and after it. A child runs one fixed day
 * of a ledger and reports every signed head it was given; afterwards the ledger must open, pass its
 * check, hold what was acknowledged, and extend every head that anybody saw.
 */
#include "base/bytes.h"
#include "tests/crash/shim.h"
#include "tests/support/simple_ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAULT_GROUPS = 10, FAULT_PATIENCE_S = 30 };

enum { CHILD_DONE, CHILD_STOPPED, CHILD_WRONG };

static void die(const char *what)
{
    (void)fprintf(stderr, "fault_test: %s\n", what);
    exit(2);
}

/* One acknowledged entry, through the pipe. Small enough to be written in one piece. */
struct report {
    char id[SIMPLE_ID];
    struct simple_answer answer;
};

/* A failed commit must be the last word of this process: nothing may be taken after it. */
static int day_refused(struct simple *simple)
{
    char id[1][SIMPLE_ID] = {"too late"};
    struct simple_answer answer = {.status = LF_E_IO};
    lf_status rc = simple_submit(simple, id, 1, &answer, NULL);
    return rc == LF_OK && answer.status == LF_OK ? CHILD_WRONG : CHILD_STOPPED;
}

/* Groups of 1, 7, 13, ... entries. */
static int day_run(const char *path, int out)
{
    struct simple simple;
    lf_error err = LF_ERROR_INIT;
    if (simple_open(&simple, path, &err) != LF_OK) {
        return CHILD_STOPPED;
    }
    for (int g = 0; g < FAULT_GROUPS; g++) {
        char ids[SIMPLE_GROUP][SIMPLE_ID];
        struct simple_answer answers[SIMPLE_GROUP];
        size_t n = 1 + 6 * (size_t)g;
        for (size_t i = 0; i < n; i++) {
            (void)snprintf(ids[i], SIMPLE_ID, "%d-%zu", g, i);
        }
        if (simple_submit(&simple, ids, n, answers, &err) != LF_OK || answers[0].status != LF_OK) {
            return day_refused(&simple);
        }
        for (size_t i = 0; i < n; i++) {
            struct report report = {.answer = answers[i]};
            lf__copy(report.id, ids[i], SIMPLE_ID);
            if (!answers[i].proof_holds ||
                write(out, &report, sizeof report) != (ssize_t)sizeof report) {
                return CHILD_WRONG;
            }
        }
    }
    simple_close(&simple);
    return CHILD_DONE;
}

struct day {
    struct report *reports;
    size_t count;
    int status; /* of waitpid */
};

static void day_child(const char *path, enum shim_fault fault, unsigned at, struct day *day)
{
    static struct report reports[FAULT_GROUPS * SIMPLE_GROUP];
    int ends[2];
    if (pipe(ends) != 0) {
        die("no pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        (void)alarm(FAULT_PATIENCE_S);
        shim_fail(fault, at);
        _exit(day_run(path, ends[1]));
    }
    (void)close(ends[1]);
    *day = (struct day){.reports = reports};
    while (child > 0 && day->count < FAULT_GROUPS * SIMPLE_GROUP &&
           read(ends[0], &reports[day->count], sizeof *reports) == (ssize_t)sizeof *reports) {
        day->count++;
    }
    (void)close(ends[0]);
    if (child < 0 || waitpid(child, &day->status, 0) != child) {
        die("no child");
    }
}

static bool day_judge(const char *path, const struct day *day, char *why, size_t size)
{
    struct simple simple;
    struct simple_report report = {.damage = NULL};
    lf_error err = LF_ERROR_INIT;
    struct st_txn *txn = NULL;
    bool good = false;
    if (simple_open(&simple, path, &err) != LF_OK) {
        (void)snprintf(why, size, "does not open: %s", err.message);
        return false;
    }
    if (st_txn_begin(simple.engine, ST_READ, &txn, &err) != LF_OK ||
        simple_check(txn, 0, &report, &err) != LF_OK) {
        (void)snprintf(why, size, "damaged: %s", report.first);
    } else {
        good = true;
        for (size_t i = 0; good && i < day->count; i++) {
            good = simple_holds(&simple, day->reports[i].id, &day->reports[i].answer) &&
                   simple_extends(&simple, &day->reports[i].answer.head);
            (void)snprintf(why, size, "acknowledged entry %zu is lost, or its head is another's",
                           i);
        }
    }
    st_txn_abort(txn);
    simple_close(&simple);
    return good;
}

/* What ended the child is what the fault can cause, and nothing worse. */
static bool end_fits(enum shim_fault fault, int status)
{
    bool is_kill = fault == SHIM_KILL_BEFORE || fault == SHIM_KILL_AFTER;
    if (is_kill) {
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    return WIFEXITED(status) &&
           (WEXITSTATUS(status) == CHILD_DONE || WEXITSTATUS(status) == CHILD_STOPPED);
}

static void wipe(const char *path)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", path);
    if (system(command) != 0) {
        die("cannot clean up");
    }
}

/* Calls of an undisturbed day. */
static unsigned calls_count(const char *path)
{
    int ends[2];
    unsigned calls = 0;
    if (pipe(ends) != 0) {
        die("no pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        shim_fail(SHIM_NONE, 0);
        int end = day_run(path, ends[1]);
        unsigned n = shim_count();
        struct report last = {.id = "count", .answer = {.index = n}};
        _exit(end == CHILD_DONE && write(ends[1], &last, sizeof last) > 0 ? 0 : 1);
    }
    (void)close(ends[1]);
    struct report report;
    while (read(ends[0], &report, sizeof report) == (ssize_t)sizeof report) {
        calls = strcmp(report.id, "count") == 0 ? (unsigned)report.answer.index : calls;
    }
    (void)close(ends[0]);
    (void)waitpid(child, NULL, 0);
    return calls;
}

int main(void)
{
    const char *const *names = shim_fault_names;
    char base[] = "/dev/shm/lf-fault-XXXXXX";
    char path[64];
    unsigned failed = 0;
    unsigned runs = 0;
    if (mkdtemp(base) == NULL) {
        die("no directory");
    }
    (void)snprintf(path, sizeof path, "%s/day", base);
    unsigned calls = calls_count(path);
    wipe(path);
    for (unsigned fault = SHIM_EIO; fault < SHIM_FAULTS; fault++) {
        unsigned stopped = 0;
        for (unsigned at = 1; at <= calls; at++, runs++) {
            struct day day;
            char why[256] = "the child ended in another way";
            day_child(path, (enum shim_fault)fault, at, &day);
            stopped += WIFEXITED(day.status) && WEXITSTATUS(day.status) == CHILD_STOPPED;
            if (!end_fits((enum shim_fault)fault, day.status) ||
                !day_judge(path, &day, why, sizeof why)) {
                (void)fprintf(stderr, "%s at call %u: %s\n", names[fault], at, why);
                failed++;
            }
            wipe(path);
        }
        (void)printf("%s: at each of %u calls, %u times the ledger stopped\n", names[fault], calls,
                     stopped);
    }
    wipe(base);
    (void)printf("%u runs, %u failed\n", runs, failed);
    return failed == 0 && calls > 3 * FAULT_GROUPS ? 0 : 1;
}
