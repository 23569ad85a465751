/* SPDX-License-Identifier: Apache-2.0 */
/* A spreadsheet is made CSV by xlsx2csv in a process of its own, with limits, since the file is from outside. */
#include "cli/rows_in.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127 };
#define SHEET_BYTES_MAX   ((rlim_t)4 << 30)
#define SHEET_MEMORY_MAX  ((rlim_t)4 << 30)
#define SHEET_SECONDS_MAX 1800

/* The first sheet; dates in one form, ends of line in cells written as \n, so that a line is a row. */
static void child_run(int to, char *path)
{
    static char command[] = "xlsx2csv";
    static char escape[] = "-e";
    static char dates[] = "-f";
    static char form[] = "%Y-%m-%d";
    char *argv[] = {command, escape, dates, form, path, NULL};
    const struct rlimit bytes = {SHEET_BYTES_MAX, SHEET_BYTES_MAX};
    const struct rlimit memory = {SHEET_MEMORY_MAX, SHEET_MEMORY_MAX};
    const struct rlimit seconds = {SHEET_SECONDS_MAX, SHEET_SECONDS_MAX};
    (void)setrlimit(RLIMIT_FSIZE, &bytes);
    (void)setrlimit(RLIMIT_AS, &memory);
    (void)setrlimit(RLIMIT_CPU, &seconds);
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC); /* what is wrong with the file, we say */
    if (dup2(to, STDOUT_FILENO) >= 0 && quiet >= 0 && dup2(quiet, STDERR_FILENO) >= 0) {
        (void)execvp(command, argv);
    }
    _exit(errno == ENOENT ? NOT_FOUND : 1);
}

static bool child_wait(pid_t child, const char *path)
{
    int state = 0;
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
        return true;
    }
    (void)fprintf(stderr, "lianfang: %s: %s\n", path,
                  WIFEXITED(state) && WEXITSTATUS(state) == NOT_FOUND
                      ? "a spreadsheet needs the program xlsx2csv, which is not installed"
                      : "xlsx2csv does not read it as a spreadsheet");
    return false;
}

/* Called before the client is opened: no other thread is there yet. */
FILE *rows_sheet_open(const char *path)
{
    char whole[PATH_MAX]; /* begins with '/', and so is no option */
    FILE *out = tmpfile();
    if (out == NULL || realpath(path, whole) == NULL) {
        (void)cli_fail_file(path);
        if (out != NULL) {
            (void)fclose(out);
        }
        return NULL;
    }
    pid_t child = fork();
    if (child == 0) {
        child_run(fileno(out), whole);
    }
    if (child < 0 || !child_wait(child, path)) {
        if (child < 0) {
            (void)cli_fail_file(path);
        }
        (void)fclose(out);
        return NULL;
    }
    return out;
}
